/**
 * Card Bridge client: lets a page ask the person at this computer to sign with their card.
 *
 * It finds the bridge on the loopback address, speaks to it over one WebSocket and turns the browser's silence into
 * a cause that a person can act on. No dependencies; the wire is described in docs/protocol.md.
 *
 * @module card-bridge
 */

/** @typedef {import("./card-bridge.d.ts").Problem} Problem */
/** @typedef {import("./card-bridge.d.ts").Hello} Hello */
/** @typedef {import("./card-bridge.d.ts").Cause} Cause */
/** @typedef {import("./card-bridge.d.ts").Options} Options */
/** @typedef {{done: Promise<Link>, stop: AbortController, waiting: number}} Opening */
/** @typedef {{port: number, answered: Promise<boolean>, state: "open" | "closed" | "silent"}} Probe */

const PORTS = Array.from({ length: 16 }, (_, index) => 22480 + index);
const AT_A_TIME = 4;
const PROBE_MS = 1500;
const OPEN_MS = 8000; // Chromium holds new WebSockets back for up to 5 s after many have failed
const START_MS = 15000; // from a link to a bridge that listens, with the browser's question about the link
const RETRY_MS = 500;
const REMEMBERED = "card-bridge.port";
/** The present name of the permission, and the one before it. */
const PERMISSIONS = ["loopback-network", "local-network-access"];
/** Methods that change nothing: asked again when the socket drops under them. */
const REPEATABLE = new Set(["readers", "certificates", "diagnose"]);
/** Another user's bridge on this computer: ours is further on. */
const NOT_OURS = new Set(["peer_refused", "host_refused"]);

/** @type {Record<Cause, Record<"ja" | "en", [title: string, detail: string, help: string]>>} */
const CAUSES = {
  browser_blocked: {
    ja: [
      "ブラウザがカードブリッジへの接続を止めています",
      "このサイトからこのパソコンのアプリへの接続が、ブラウザの設定で「ブロック」になっています。",
      "アドレスバーの左端のアイコンを押し、「このデバイス上のアプリ」を「許可」に変えて、ページを再読み込みしてください。",
    ],
    en: [
      "The browser is blocking Card Bridge",
      "This site may not connect to apps on this computer: the browser's setting for it is “Block”.",
      "Press the icon at the left of the address bar, set “Apps on device” to “Allow”, then reload the page.",
    ],
  },
  frame_blocked: {
    ja: [
      "この開き方ではカードを使えません",
      "外側のページかサイトの設定が、このパソコンのアプリへの接続を許していません。",
      "このページを新しいタブで開いてください。開けないときは、サイトの窓口に連絡してください。",
    ],
    en: [
      "Cards cannot be used the way this page is opened",
      "The page around this one, or a setting of the site, does not let it connect to apps on this computer.",
      "Open this page in a tab of its own. If you cannot, tell the site's help desk.",
    ],
  },
  browser_asking: {
    ja: [
      "ブラウザが許可を待っています",
      "このサイトがこのパソコンのアプリに接続してよいか、ブラウザが確認しています。",
      "アドレスバーの下に出ている確認で「許可」を押してください。出ていないときは、もう一度お試しください。",
    ],
    en: [
      "The browser is waiting for your permission",
      "The browser asks whether this site may connect to apps on this computer.",
      "Press “Allow” in the question below the address bar. If there is none, try again.",
    ],
  },
  bridge_not_running: {
    ja: [
      "カードブリッジにつながりません",
      "このパソコンでカードブリッジが動いていないか、ブラウザがその証明書をまだ読み込んでいません。",
      "カードブリッジを起動して、もう一度お試しください。起動しているときは、ブラウザの窓をすべて閉じて開き直してください。",
    ],
    en: [
      "Card Bridge cannot be reached",
      "Card Bridge is not running on this computer, or the browser has not loaded its certificate yet.",
      "Start Card Bridge and try again. If it is running, close all browser windows and open the browser again.",
    ],
  },
  bridge_outdated: {
    ja: [
      "カードブリッジが古くなっています",
      "このパソコンのカードブリッジは、このサイトで使うには古い版です。",
      "新しいカードブリッジを入れて、もう一度お試しください。",
    ],
    en: [
      "Card Bridge is out of date",
      "The Card Bridge on this computer is too old for this site.",
      "Install the present Card Bridge and try again.",
    ],
  },
  insecure_page: {
    ja: [
      "このページからはカードを使えません",
      "暗号化されていないページ（http）からは、カードブリッジに接続できません。",
      "アドレスの先頭を https:// にして開き直してください。",
    ],
    en: [
      "Cards cannot be used from this page",
      "A page that is not encrypted (http) cannot connect to Card Bridge.",
      "Open the page again with an address that begins with https://.",
    ],
  },
  aborted: {
    ja: ["中止しました", "カードの操作を中止しました。", "続けるには、もう一度操作してください。"],
    en: ["Stopped", "The card operation was stopped.", "To go on, start it again."],
  },
};

/** Causes that an installation would end. */
const INSTALLS = new Set(["bridge_not_running", "bridge_outdated"]);

/** Causes that trying again does not end: the page itself has to be another. */
const FINAL = new Set(["insecure_page", "frame_blocked"]);

/** Every failure: the bridge's own problem (RFC 9457), or a cause that only the page can know. */
export class BridgeError extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.detail || problem.title || problem.code);
    this.name = "BridgeError";
    this.code = problem.code;
    this.title = problem.title ?? "";
    this.detail = problem.detail ?? "";
    this.help = problem.help ?? "";
    this.status = problem.status ?? 0;
    this.retriable = problem.retriable ?? false;
    this.tries = problem.tries ?? null;
    this.document = problem.document ?? null;
    this.installUrl = problem.installUrl ?? null;
  }
}

/** One open WebSocket and the calls that wait on it. */
class Link {
  #waiting = new Map();
  #last = 0;

  /**
   * @param {WebSocket} socket
   * @param {(message: {event: string}) => void} onEvent
   * @param {() => BridgeError} lost
   */
  constructor(socket, onEvent, lost) {
    this.socket = socket;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data), onEvent);
    this.ended = false; // by the page itself
    socket.addEventListener("close", () => this.#fail(lost()));
  }

  /** @param {BridgeError} error */
  end(error) {
    this.ended = true;
    this.socket.close();
    this.#fail(error);
  }

  /** @param {BridgeError} error */
  #fail(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  get open() {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /**
   * @param {string} method
   * @param {object} params
   * @param {AbortSignal | undefined} signal
   * @param {() => BridgeError} aborted
   * @param {import("./card-bridge.d.ts").OnProgress} [onProgress]
   * @returns {Promise<any>}
   */
  call(method, params, signal, aborted, onProgress) {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return void reject(aborted());
      const cancel = () => {
        this.#waiting.delete(id);
        if (this.open) this.socket.send(JSON.stringify({ id, cancel: true }));
        reject(aborted());
      };
      const settled = () => signal?.removeEventListener("abort", cancel);
      signal?.addEventListener("abort", cancel, { once: true });
      this.#waiting.set(id, {
        onProgress,
        resolve: (/** @type {unknown} */ result) => (settled(), resolve(result)),
        reject: (/** @type {BridgeError} */ error) => (settled(), reject(error)),
      });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** @param {{id: number, done: number, total: number, prepared?: number, stamped?: number, finished?: number}} event */
  #progressed({ id, done, total, prepared = 0, stamped = 0, finished = 0 }) {
    this.#waiting.get(id)?.onProgress?.(done, total, stamped, { prepared, finished });
  }

  /**
   * @param {any} message
   * @param {(message: {event: string}) => void} onEvent
   */
  #receive(message, onEvent) {
    if (message.event === "signProgress") return this.#progressed(message);
    if ("event" in message) return onEvent(message);
    const call = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (!call) return; // the answer to a call that was cancelled meanwhile
    if (message.error) call.reject(new BridgeError(message.error));
    else call.resolve(message.result);
  }
}

/**
 * The bridge on this computer. Its events are those of the bridge (`readerAdded`, `readerRemoved`, `cardInserted`,
 * `cardRemoved`, `triesChanged`, `pinSessionEnded`), `browserAsking` while the browser asks the person, and `closed`.
 */
export class CardBridge extends EventTarget {
  /** @type {"ja" | "en"} */ #language;
  /** @type {readonly number[]} */ #ports;
  /** @type {string | null} */ #installUrl;
  /** @type {string} */ #minVersion;
  /** @type {Link | null} */ #link = null;
  /** @type {Hello | null} */ #hello = null;
  /** @type {Opening | null} */ #opening = null;
  #startingUntil = 0;

  /** @param {Options} [options] */
  constructor({ language = "ja", ports = PORTS, installUrl, minVersion = "0" } = {}) {
    super();
    this.#installUrl = installUrl ?? null;
    this.#minVersion = minVersion;
    this.#language = language === "en" ? "en" : "ja";
    this.#ports = ports;
  }

  /**
   * Finds the bridge; the bridge may ask the person whether this site is allowed.
   * @param {{signal?: AbortSignal, patience?: number}} [options] `patience`: milliseconds to wait for the person's
   *   answer to the browser's own question; without it the call fails with `browser_asking`
   * @returns {Promise<Hello>}
   */
  async connect({ signal, patience = 0 } = {}) {
    for (;;) {
      try {
        await this.#ready(signal, patience);
        return /** @type {Hello} */ (this.#hello);
      } catch (error) {
        const { code } = /** @type {BridgeError} */ (error);
        if (code !== "bridge_not_running" || performance.now() > this.#startingUntil) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /**
   * Asks this computer to start the bridge, by a link that carries nothing; `connect` then waits for it some seconds.
   * @returns {boolean} false when there was no click or key just now: browsers would drop the link without a word
   */
  start() {
    if (navigator.userActivation?.isActive === false) return false;
    // A frame: a failed link must neither replace this page nor ask it whether it may be left.
    const frame = document.createElement("iframe");
    frame.hidden = true;
    frame.src = "card-bridge:";
    document.body.append(frame);
    setTimeout(() => frame.remove(), START_MS);
    this.#startingUntil = performance.now() + START_MS;
    return true;
  }

  /** @param {{signal?: AbortSignal}} [options] */
  readers(options) {
    return this.#call("readers", {}, options);
  }

  /** @param {{purpose?: "sign" | "auth", all?: boolean, signal?: AbortSignal}} [options] */
  certificates({ signal, ...params } = {}) {
    return this.#call("certificates", params, { signal });
  }

  /** @param {{signal?: AbortSignal}} [options] */
  diagnose(options) {
    return this.#call("diagnose", {}, options);
  }

  /**
   * @param {object} params
   * @param {{signal?: AbortSignal}} [options]
   */
  openPin(params, options) {
    return this.#call("pin/open", params, options);
  }

  /**
   * @param {object} params
   * @param {{signal?: AbortSignal}} [options]
   */
  closePin(params, options) {
    return this.#call("pin/close", params, options);
  }

  /**
   * A statement, or documents: one consent, one PIN.
   * @param {object} params
   * @param {{signal?: AbortSignal, onProgress?: import("./card-bridge.d.ts").OnProgress}} [options]
   */
  sign(params, options) {
    return this.#call("sign", params, options);
  }

  /**
   * Hands over one document for `sign`, streamed; its `document` is a handle that this site can use for ten minutes.
   * @param {Blob} content
   * @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<import("./card-bridge.d.ts").Upload>}
   */
  async upload(content, { signal } = {}) {
    const headers = { "Content-Type": "application/octet-stream" };
    return (await this.#fetch("", { method: "POST", headers, body: content, signal })).json();
  }

  /**
   * What a signature inside its document is in: by the handle of its `result`, for ten minutes.
   * @param {string} document
   * @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<Blob>}
   */
  async download(document, { signal } = {}) {
    return (await this.#fetch(`/${encodeURIComponent(document)}`, { signal })).blob();
  }

  /**
   * @param {string} path below `/v1/documents`
   * @param {RequestInit} request
   */
  async #fetch(path, request) {
    const { signal } = request;
    const { socket } = await this.#ready(signal ?? undefined, 0);
    const url = socket.url.replace(/^wss:(.*)ws$/, "https:$1documents") + path;
    const headers = { ...request.headers, "Accept-Language": this.#language };
    const response = await fetch(url, { ...request, headers, cache: "no-store" }).catch(() => {
      throw this.#cause(signal?.aborted ? "aborted" : "bridge_not_running");
    });
    if (!response.ok) throw new BridgeError(await response.json());
    return response;
  }

  /** Ends the connection and every call on it; a later call opens a new one. */
  close() {
    this.#opening?.stop.abort();
    const link = this.#link;
    this.#link = null; // first: what the page closed itself is no `closed` event
    link?.end(this.#cause("aborted"));
  }

  /**
   * @param {string} method
   * @param {object} params
   * @param {{signal?: AbortSignal, onProgress?: import("./card-bridge.d.ts").OnProgress}} [options]
   */
  async #call(method, params, { signal, onProgress } = {}) {
    const link = await this.#ready(signal, 0);
    try {
      return await link.call(method, params, signal, () => this.#cause("aborted"), onProgress);
    } catch (error) {
      if (link.open || link.ended || signal?.aborted || !REPEATABLE.has(method)) throw error;
      const again = await this.#ready(signal, 0);
      return again.call(method, params, signal, () => this.#cause("aborted"));
    }
  }

  /**
   * The open connection. Callers share one attempt, which ends when the last of them has given up.
   * @param {AbortSignal | undefined} signal
   * @param {number} patience
   * @returns {Promise<Link>}
   */
  async #ready(signal, patience) {
    if (signal?.aborted) throw this.#cause("aborted");
    if (this.#link?.open) return this.#link;
    if (!this.#opening || this.#opening.stop.signal.aborted) this.#opening = this.#begin(patience);
    const opening = this.#opening;
    opening.waiting += 1;
    return new Promise((resolve, reject) => {
      const leave = () => {
        opening.waiting -= 1;
        if (opening.waiting === 0) opening.stop.abort();
        reject(this.#cause("aborted"));
      };
      signal?.addEventListener("abort", leave, { once: true });
      opening.done.then(resolve, reject).finally(() => signal?.removeEventListener("abort", leave));
    });
  }

  /**
   * @param {number} patience
   * @returns {Opening}
   */
  #begin(patience) {
    const stop = new AbortController();
    const done = this.#open(stop.signal, patience).finally(() => {
      if (this.#opening === opening) this.#opening = null;
    });
    const opening = { done: done.then((link) => (stop.abort(), link)), stop, waiting: 0 }; // ends probes left waiting
    return opening;
  }

  /**
   * @param {AbortSignal} signal
   * @param {number} patience
   * @returns {Promise<Link>}
   */
  async #open(signal, patience) {
    if (!globalThis.isSecureContext) throw this.#cause("insecure_page");
    /** @type {Probe[]} */
    const silent = [];
    for (const group of inGroups(preferred(this.#ports))) {
      const probes = await Promise.all(group.map((port) => probe(port, signal)));
      for (const { port } of probes.filter(({ state }) => state === "open")) {
        const link = await this.#greet(port, signal);
        if (link) return link;
      }
      silent.push(...probes.filter(({ state }) => state === "silent"));
      if (signal.aborted) throw this.#cause("aborted");
    }
    const link = await this.#late(silent, patience, signal);
    return link || Promise.reject(await this.#diagnose(silent.some(({ state }) => state === "silent")));
  }

  /**
   * Opens the WebSocket and says `connect`. Null when no bridge of this user is there.
   * @param {number} port
   * @param {AbortSignal} signal
   * @returns {Promise<Link | null>}
   */
  async #greet(port, signal) {
    const socket = await openSocket(port, signal);
    if (signal.aborted) throw this.#cause("aborted");
    if (!socket) return null;
    /** @param {{event: string}} message */
    const dispatch = ({ event, ...detail }) => this.dispatchEvent(new CustomEvent(event, { detail }));
    const link = new Link(socket, dispatch, () => this.#cause("bridge_not_running"));
    try {
      this.#hello = /** @type {Hello} */ (await link.call("connect", {}, signal, () => this.#cause("aborted")));
      if (isOlder(this.#hello.bridge.version, this.#minVersion)) throw this.#cause("bridge_outdated");
    } catch (error) {
      socket.close();
      if (NOT_OURS.has(/** @type {BridgeError} */ (error).code)) return null;
      throw error;
    }
    socket.addEventListener("close", () => this.#dropped(link));
    this.#link = link;
    remember(port);
    return link;
  }

  /** @param {Link} link */
  #dropped(link) {
    if (this.#link !== link) return;
    this.#link = null;
    this.dispatchEvent(new CustomEvent("closed", { detail: {} }));
  }

  /**
   * Gives ports that were silent a second chance (a busy computer), and with patience as long as the browser asks.
   * @param {Probe[]} silent
   * @param {number} patience
   * @param {AbortSignal} signal
   * @returns {Promise<Link | null>}
   */
  async #late(silent, patience, signal) {
    if (!silent.length) return null;
    const answer = Promise.any(silent.map(({ port, answered }) => answered.then((open) => (open ? port : Promise.reject()))));
    const first = answer.catch(() => 0);
    let port = await within(PROBE_MS, first, null, signal);
    if (port === null && patience && (await permission()) === "prompt") {
      this.dispatchEvent(new CustomEvent("browserAsking", { detail: this.#cause("browser_asking") }));
      port = await within(patience, first, null, signal);
    }
    if (signal.aborted) throw this.#cause("aborted");
    return port ? this.#greet(port, signal) : null;
  }

  /** @param {boolean} someSilent */
  async #diagnose(someSilent) {
    const state = await permission();
    if (state === "denied") return this.#cause(isFrameBlocked() ? "frame_blocked" : "browser_blocked");
    return this.#cause(someSilent && state !== "granted" ? "browser_asking" : "bridge_not_running");
  }

  /** @param {Cause} code */
  #cause(code) {
    const [title, detail, help] = CAUSES[code][this.#language];
    const installUrl = INSTALLS.has(code) ? this.#installUrl : null;
    return new BridgeError({ code, title, detail, help, retriable: !FINAL.has(code), installUrl });
  }
}

/**
 * Asks with fetch whether a bridge is on a port: failed WebSockets would make Chromium delay the next ones by seconds.
 * `connect` alone tells an unknown origin that a bridge is here; HEAD calls nothing, and any readable answer will do.
 * @param {number} port
 * @param {AbortSignal} signal
 * @returns {Promise<Probe>}
 */
async function probe(port, signal) {
  const request = { method: "HEAD", cache: /** @type {const} */ ("no-store"), signal };
  const answered = fetch(`https://localhost:${port}/v1/connect`, request).then(
    () => true,
    () => false,
  );
  /** @type {Probe} */
  const result = { port, answered, state: "silent" };
  const judged = answered.then((open) => void (result.state = open ? "open" : "closed"));
  await within(PROBE_MS, judged, undefined, signal);
  return result;
}

/**
 * @param {number} port
 * @param {AbortSignal} signal
 * @returns {Promise<WebSocket | null>}
 */
async function openSocket(port, signal) {
  const socket = new WebSocket(`wss://localhost:${port}/v1/ws`);
  const opened = new Promise((resolve) => {
    socket.onopen = () => resolve(true);
    socket.onclose = () => resolve(false);
  });
  if (await within(OPEN_MS, opened, false, signal)) return socket;
  socket.close();
  return null;
}

/**
 * The promise's value, or `instead` after some milliseconds or when the signal says stop.
 * @template T
 * @param {number} milliseconds
 * @param {Promise<T>} promise
 * @param {T} instead
 * @param {AbortSignal} signal
 * @returns {Promise<T>}
 */
function within(milliseconds, promise, instead, signal) {
  return new Promise((resolve) => {
    const give = () => resolve(instead);
    const timer = setTimeout(give, milliseconds);
    signal.addEventListener("abort", give);
    promise.then(resolve).finally(() => (clearTimeout(timer), signal.removeEventListener("abort", give)));
  });
}

/**
 * What the browser says about loopback access: granted, denied, prompt, or unknown where it has no such permission.
 * @returns {Promise<import("./card-bridge.d.ts").Permission>}
 */
export async function permission() {
  for (const name of PERMISSIONS) {
    try {
      return (await navigator.permissions.query({ name: /** @type {PermissionName} */ (name) })).state;
    } catch {
      continue; // this browser does not know the name
    }
  }
  return "unknown";
}

/** Whether the page around this frame (`allow`) or its own Permissions-Policy keeps the permission from it. */
export function isFrameBlocked() {
  const policy = /** @type {any} */ (document).featurePolicy;
  return Boolean(policy) && !PERMISSIONS.some((name) => policy.allowsFeature(name));
}

/**
 * Whether a version comes before another, number by number; what follows the numbers does not count.
 * @param {string} version
 * @param {string} other
 */
function isOlder(version, other) {
  const [numbers, others] = [version, other].map((text) => (text.match(/^\d+(\.\d+)*/)?.[0] ?? "0").split(".").map(Number));
  const at = others.findIndex((number, index) => number !== (numbers[index] ?? 0));
  return at >= 0 && (numbers[at] ?? 0) < others[at];
}

/**
 * @param {readonly number[]} ports
 * @returns {number[]} with the port of the last time first
 */
function preferred(ports) {
  const last = recall();
  return last !== null && ports.includes(last) ? [last, ...ports.filter((port) => port !== last)] : [...ports];
}

/**
 * The first port alone (nearly always the right one, and no failed request in the console), then some at a time.
 * @param {number[]} ports
 */
function* inGroups(ports) {
  yield ports.slice(0, 1);
  for (let start = 1; start < ports.length; start += AT_A_TIME) yield ports.slice(start, start + AT_A_TIME);
}

function recall() {
  try {
    return Number(localStorage.getItem(REMEMBERED)) || null;
  } catch {
    return null; // storage is switched off, or there is none in this frame
  }
}

/** @param {number} port */
function remember(port) {
  try {
    localStorage.setItem(REMEMBERED, String(port));
  } catch {
    return; // only a convenience
  }
}
