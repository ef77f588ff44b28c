// ICカードの差し替え: watches the readers, asks the portal about the card that is in them, and opens the way to it.
import { contactText } from "./messages.js";
import { ServerProblem, post } from "./server.js";
import { bridge, connect } from "./signing.js";

const CARD_EVENTS = ["readerAdded", "readerRemoved", "cardInserted", "cardRemoved"];

const seen = /** @type {HTMLElement} */ (document.getElementById("seen"));
const card = /** @type {HTMLElement} */ (document.getElementById("new-card"));
const go = /** @type {HTMLButtonElement} */ (document.getElementById("go"));
const again = /** @type {HTMLButtonElement} */ (document.getElementById("again"));
const old = seen.dataset.old ?? "";

const NO_READER = ["ICカードリーダーがつながっていません", "ICカードリーダーが見つかりません。", "ICカードリーダーをUSBにつないでください。"];
const EMPTY = ["ICカードが入っていません", "リーダーは空です。", "新しいICカードを差し込んでください。"];
const STILL_OLD = ["旧ICカードのままです", "リーダーに入っているのは、これまでのICカード（旧ICカード）です。", "旧ICカードを抜いて、新しいICカードに差し替えてください。"];
const UNREADABLE = ["ICカードを読み取れません", "ICカードの内容を読み取れませんでした。", "ICカードの向きを確かめて、奥まで差し込み直してください。それでも読み取れないときは、認証局へお問い合わせください。"];
const NO_SIGNER = ["署名に使える証明書がありません", "差し込まれているICカードに、署名用の証明書が見つかりません。", "電子入札用の新しいICカードを差し込んでください。"];
const LOOKING = ["ICカードを確認しています", "このままお待ちください。", ""];
const FOUND = ["新しいICカードを確認しました", "内容を確かめて、「次へ」を押してください。", ""];
/** What the bridge says when no card can be read, in this page's words. @type {Record<string, string[]>} */
const SAID = { no_reader: NO_READER, no_card: EMPTY, card_removed: EMPTY, card_unknown: UNREADABLE, card_failed: UNREADABLE, no_certificate: NO_SIGNER };

/** One look at a time; what happens meanwhile is looked at afterwards. */
let looking = false;
let stale = false;

async function look() {
  stale = true;
  if (looking) return;
  looking = true;
  while (stale) {
    stale = false;
    await lookOnce().catch((error) => tell("problem", error));
  }
  looking = false;
}

async function lookOnce() {
  close();
  tell("progress", said(LOOKING));
  try {
    await connect(AbortSignal.timeout(120_000));
    await judge(await candidates());
  } catch (error) {
    const own = SAID[/** @type {any} */ (error).code];
    if (own === undefined) throw error;
    tell("warning", said(own));
  }
}

/** The certificates of cards in readers that are not the old one's; said is why there are none. */
async function candidates() {
  // all: also those that cannot sign, and whichever certificate this site was given before
  const { certificates } = await bridge.certificates({ purpose: "sign", all: true });
  const readable = /** @type {any[]} */ (certificates.filter((each) => "id" in each));
  return { others: readable.filter(({ id }) => id !== old), why: await reason(readable) };
}

/** @param {any[]} readable */
async function reason(readable) {
  const { readers } = await bridge.readers();
  const filled = readers.filter((reader) => reader.card !== null).map(({ name }) => name);
  if (filled.some((name) => !readable.some(({ reader }) => reader === name))) return UNREADABLE;
  return readable.length === 0 ? NO_SIGNER : STILL_OLD;
}

/** @param {{others: any[], why: string[]}} found */
async function judge({ others, why }) {
  if (others.length === 0) return tell("warning", said(why));
  /** @type {unknown} */
  let refusal = null;
  for (const each of others) {
    try {
      return open(await post("/api/renewal/announce", { certificate: each.der }));
    } catch (error) {
      if (!(error instanceof ServerProblem) || error.code === "unreachable") throw error;
      refusal ??= error; // of two cards that cannot be the new one, the first is told
    }
  }
  tell("problem", refusal);
}

/** @param {{next: string, outlives: boolean, card: Record<string, string>}} accepted */
function open({ next, card: facts }) {
  tell("done", said(FOUND));
  for (const [name, value] of Object.entries(facts))
    /** @type {HTMLElement} */ (card.querySelector(`[data-${name}]`)).textContent = value || "（証明書に記載なし）";
  card.hidden = false;
  go.dataset.href = next;
  go.disabled = false;
  go.focus();
}

function close() {
  card.hidden = true;
  go.disabled = true;
}

/** @param {string[]} words */
const said = ([title, detail, help]) => ({ title, detail, help });

/** @param {"progress" | "warning" | "problem" | "done"} kind @param {any} told */
function tell(kind, told) {
  seen.className = `notice ${kind}`;
  for (const name of ["title", "detail", "help"]) {
    place(name).textContent = told[name] ?? "";
    place(name).hidden = !told[name];
  }
  place("start").hidden = told.code !== "bridge_not_running";
  place("inquiry").hidden = !told.inquiry;
  /** @type {HTMLElement} */ (place("inquiry").querySelector("strong")).textContent = told.inquiry ?? "";
  place("contact").textContent = contactText(told.contact);
  place("contact").hidden = !told.contact;
  const link = /** @type {HTMLAnchorElement} */ (place("next").querySelector("a"));
  place("next").hidden = !told.next;
  if (told.next) [link.href, link.textContent] = [told.next.href, told.next.label];
}

/** @param {string} name @returns {HTMLElement} */
const place = (name) => /** @type {HTMLElement} */ (seen.querySelector(`[data-${name}]`));

bridge.addEventListener("browserAsking", ({ detail }) => tell("progress", detail));
for (const event of [...CARD_EVENTS, "closed"]) bridge.addEventListener(event, look);
go.addEventListener("click", () => location.assign(go.dataset.href ?? "/"));
again.addEventListener("click", look);
place("start").addEventListener("click", () => bridge.start() && look());
look();
