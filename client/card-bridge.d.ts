/** Types of the Card Bridge client. Methods and objects are those of docs/protocol.md. */

export type Language = "ja" | "en";

export interface Options {
  /** The language of this client's own texts; the bridge's texts follow the browser's Accept-Language. Default "ja". */
  language?: Language;
  /** Where to look for the bridge. Default 22480–22495; only for a bridge that was set up with another port. */
  ports?: readonly number[];
  /** Where the person gets the bridge; comes back on the errors that an installation would end. */
  installUrl?: string;
  /** "1.2.0": a bridge before that is `bridge_outdated`. */
  minVersion?: string;
}

export interface Call {
  /** Abort it to cancel the call: the bridge closes its window and spends no try. */
  signal?: AbortSignal;
}

export interface Hello {
  bridge: { name: string; version: string; api: 1 };
  origin: string;
  methods: string[];
}

export interface Tries {
  hint: "many" | "low" | "last" | "locked" | "unknown";
  count: number | null;
  max: number | null;
  source: "card" | "flags" | "ledger" | "profile";
}

export interface Reader {
  name: string;
  hasPinPad: boolean;
  card: { id: string; profile: string; label: string; tries: Tries } | null;
}

export interface Certificate {
  /** SHA-256 of the DER, lower-case hex. */
  id: string;
  reader: string;
  /** RFC 4514. */
  subject: string;
  issuer: string;
  /** Decimal. */
  serial: string;
  notBefore: string;
  notAfter: string;
  /** YYYY/MM/DD in Asia/Tokyo. */
  expiry: string;
  state: "valid" | "expired" | "notYetValid" | "unsuitable";
  daysLeft: number;
  /** Valid, and 60 days or fewer from its expiry. */
  expiresSoon: boolean;
  key: { type: string; bits?: number; curve?: string };
  usages: string[];
  purpose: "sign" | "auth";
  holder: { name?: string; organization?: string; address?: string };
  /** Base64. */
  der: string;
}

/** A certificate that can be read only after the PIN. */
export interface LockedCertificate {
  card: string;
  profile: string;
  locked: true;
}

export interface Statement {
  type: string;
  action: string;
  aud: string;
  nonce: string;
  payload: unknown;
}

export interface SignParams {
  certificate: string;
  pinSession?: string;
  keepPinSession?: boolean;
  statement: Statement;
}

export type Hash = "SHA-256" | "SHA-384" | "SHA-512";

/** `xades` and `pades` are signed inside and come as `result`, as does `cades-attached` beyond 2 MiB. */
export type Format = "cades-detached" | "cades-attached" | "pades" | "xades" | "xades-detached" | "raw";

export type Document =
  | { name: string; format: Format; hash?: Hash; visible?: Visible; /** Base64. */ content: string }
  | { name: string; format: Format; hash?: Hash; visible?: Visible; /** Handle of an upload. */ document: string }
  | { name: string; format: "raw"; hash?: Hash; /** Lower-case hex, as long as its hash. */ digest: string };

/** Of `pades`: where the signature is to be seen. Without it, it is not. */
export interface Visible {
  /** From 1. */
  page: number;
  /** Whole points from the lower left corner of the page as it is shown; at least 60 wide and 24 high. */
  box: [left: number, bottom: number, right: number, top: number];
}

export interface Upload {
  /** Handle, for this site and ten minutes after it was last used. */
  document: string;
  size: number;
  /** Lower-case hex. */
  sha256: string;
}

export interface SignDocumentsParams {
  certificate: string;
  /** The page's own words, shown to the person. */
  action: string;
  pinSession?: string;
  keepPinSession?: boolean;
  /** 1 to 500: one consent, one PIN. */
  documents: Document[];
  /** "B-T": with a time-stamp or not at all. A policy of the computer may give one in any case. */
  level?: "B-B" | "B-T";
}

export interface SignedDocuments {
  /** In the order of the documents. */
  signatures: DocumentSignature[];
  /** With keepPinSession. */
  pinSession?: string;
  expiresAt?: string;
}

export interface DocumentSignature {
  /** Base64 of the CMS or of the `xades-detached` file; of `raw` of the value alone. */
  signature?: string;
  /** Instead of it, where the signature holds the document: to be fetched by `download`. */
  result?: Upload;
  algorithm: "RSASSA-PKCS1-v1_5" | "RSASSA-PSS" | "ECDSA";
  hash: Hash;
  /** Of the document, by that hash. */
  digest: string;
  /** Of the document; not there where a digest was all there was of it. */
  sha256?: string;
  /** Where the signature holds a time-stamp. */
  timestamp?: Timestamp;
  receipt: DocumentReceipt;
}

export interface Timestamp {
  /** RFC 3339, by the authority's clock. */
  time: string;
  /** The authority's name (RFC 4514). */
  authority: string;
  /** Decimal. */
  serial: string;
}

export interface DocumentReceipt {
  v: 1;
  at: string;
  origin: string;
  action: string;
  certificate: string;
  format: string;
  /** SHA-256 of its bytes. */
  document?: string;
  /** Where a digest was all there was of it: "SHA-384:0f…". */
  digest?: string;
  /** SHA-256 of the signature. */
  signature: string;
  hash: string;
}

/** How many of how many documents are signed, and then how many have their time-stamps. */
export type OnProgress = (done: number, total: number, stamped: number, beside: Beside) => void;

/** Of documents that are signed inside (PDF, XML): read before the window opens, and made whole after the card. */
export interface Beside {
  prepared: number;
  finished: number;
}

/** While documents are signed. */
export interface Progress {
  onProgress?: OnProgress;
}

export interface Signed {
  /** Base64 of the CMS. */
  statement: string;
  /** Names the line of the bridge's record that says what was signed: keep it with the signature. */
  receipt: Receipt;
  /** With keepPinSession. */
  pinSession?: string;
  expiresAt?: string;
}

export interface Receipt {
  v: 1;
  at: string;
  origin: string;
  type: string;
  action: string;
  aud: string;
  certificate: string;
  /** SHA-256 of the statement's bytes. */
  statement: string;
  /** SHA-256 of the CMS. */
  cms: string;
  hash: string;
}

export interface PinSession {
  pinSession: string;
  expiresAt: string;
  tries: Tries;
  /** With `card`: what the card showed after its PIN. */
  certificate?: Certificate;
}

export interface Problem {
  code: Code;
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  help?: string;
  retriable?: boolean;
  tries?: Tries | null;
  document?: number | null;
  installUrl?: string | null;
}

/** What the page finds out by itself; every other code comes from the bridge. */
export type Cause =
  | "browser_blocked"
  | "frame_blocked"
  | "browser_asking"
  | "bridge_not_running"
  | "bridge_outdated"
  | "insecure_page"
  | "aborted";

/** The codes of docs/protocol.md. */
export type BridgeCode =
  | "audit_failed"
  | "bad_request"
  | "busy"
  | "card_failed"
  | "card_removed"
  | "card_unknown"
  | "certificate_expired"
  | "certificate_not_yet_valid"
  | "certificate_unsuitable"
  | "consent_cancelled"
  | "document_malformed"
  | "document_not_kept"
  | "document_refused"
  | "document_unknown"
  | "format_refused"
  | "format_unavailable"
  | "host_refused"
  | "internal"
  | "module_failed"
  | "module_missing"
  | "module_timeout"
  | "no_card"
  | "no_certificate"
  | "no_reader"
  | "origin_denied"
  | "peer_refused"
  | "pin_cancelled"
  | "pin_format"
  | "pin_last_try"
  | "pin_locked"
  | "pin_session_ended"
  | "pin_wrong"
  | "rate_limited"
  | "timestamp_clock"
  | "timestamp_invalid"
  | "timestamp_not_configured"
  | "timestamp_refused"
  | "timestamp_unavailable"
  | "timestamp_untrusted"
  | "too_large"
  | "unsupported";

/** A later bridge may know codes that this client does not. */
export type Code = Cause | BridgeCode | (string & {});

export type Permission = "granted" | "denied" | "prompt" | "unknown";

/** What the browser says about access to this computer; "unknown" where it has no such permission. Asks nobody. */
export function permission(): Promise<Permission>;

/** Whether the page around this frame or a Permissions-Policy keeps the permission from it, as far as the browser tells. */
export function isFrameBlocked(): boolean;

export class BridgeError extends Error {
  constructor(problem: Problem);
  /** A cause of this client or a code of the bridge; codes never change. */
  readonly code: Code;
  readonly title: string;
  /** What happened, for the person. */
  readonly detail: string;
  /** What to do next, for the person. */
  readonly help: string;
  /** HTTP status of the bridge's problem; 0 for a cause of this client. */
  readonly status: number;
  readonly retriable: boolean;
  readonly tries: Tries | null;
  /** Which one of a call's documents it is about, from 0; null where it is about all of them. */
  readonly document: number | null;
  /** The page's own, where an installation would help; else null. */
  readonly installUrl: string | null;
}

export type CardEvent = "readerAdded" | "readerRemoved" | "cardInserted" | "cardRemoved" | "triesChanged" | "pinSessionEnded";

export class CardBridge extends EventTarget {
  constructor(options?: Options);
  /** Finds the bridge. With `patience` (milliseconds) it waits for the person's answer to the browser's own question. */
  connect(options?: Call & { patience?: number }): Promise<Hello>;
  /**
   * Asks this computer to start the bridge by a `card-bridge:` link; for some seconds `connect` then waits for it.
   * To be called in the handler of a click or key; false where there was none, and nothing was asked.
   */
  start(): boolean;
  readers(options?: Call): Promise<{ readers: Reader[] }>;
  certificates(options?: Call & { purpose?: "sign" | "auth"; all?: boolean }): Promise<{ certificates: (Certificate | LockedCertificate)[] }>;
  diagnose(options?: Call): Promise<unknown>;
  openPin(params: { certificate: string; action: string } | { card: string; action: string }, options?: Call): Promise<PinSession>;
  closePin(params: { pinSession: string }, options?: Call): Promise<Record<string, never>>;
  sign(params: SignParams, options?: Call): Promise<Signed>;
  sign(params: SignDocumentsParams, options?: Call & Progress): Promise<SignedDocuments>;
  /** Hands over one document, streamed: memory stays flat however long it is. */
  upload(content: Blob, options?: Call): Promise<Upload>;
  /** The bytes of a signed document, by the handle of its `result`: for ten minutes, as often as asked for. */
  download(document: string, options?: Call): Promise<Blob>;
  close(): void;
  addEventListener(type: CardEvent | "closed", listener: (event: CustomEvent<Record<string, unknown>>) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: "browserAsking", listener: (event: CustomEvent<BridgeError>) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
}
