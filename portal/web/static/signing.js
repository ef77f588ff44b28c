/**
 * One signature with the card: the bridge's window, the PIN session that stays open between pages, and its end.
 *
 * @module signing
 */

import { CardBridge } from "./card-bridge.js";
import { ProblemNotice, ProgressNotice, choose } from "./messages.js";
import { ServerProblem } from "./server.js";

const PIN_SESSION = "pin-session";
const LOCKED_CARD = "locked-card";
const READING = "署名用電子証明書の読み取り";
const BROWSER_PATIENCE_MS = 120_000; // how long the browser's own question may stay unanswered
const CLOSE_MS = 2_000;

const NO_CERTIFICATE = {
  title: "署名に使える証明書がありません",
  detail: "差し込まれているICカードに、署名用の証明書が見つかりません。",
  help: "電子入札用のICカードを差し込んで、もう一度お試しください。",
};

// The page that logs in names the oldest bridge that will do; those after it must still end what is open.
const door = /** @type {HTMLElement | null} */ (document.querySelector("[data-bridge-version]"));

export const bridge = new CardBridge({ language: "ja", minVersion: door?.dataset.bridgeVersion });

/**
 * Runs `work` for as long as a button's press lasts: buttons off, progress shown, 中止 possible, problems told.
 * @param {HTMLButtonElement | HTMLButtonElement[]} button one, or several of which one at a time is pressed
 * @param {(progress: ProgressNotice, signal: AbortSignal, pressed: HTMLButtonElement) => Promise<void>} work
 */
export function onPress(button, work) {
  const buttons = [button].flat();
  const problem = new ProblemNotice();
  const progress = new ProgressNotice();
  bridge.addEventListener("browserAsking", ({ detail }) => progress.show(`${detail.detail}${detail.help}`));
  const off = (/** @type {boolean} */ disabled) => buttons.forEach((each) => (each.disabled = disabled));
  const run = async (/** @type {HTMLButtonElement} */ pressed) => {
    const stop = new AbortController();
    progress.onStop(() => stop.abort());
    off(true);
    problem.hide();
    progress.show("カードブリッジに接続しています。");
    try {
      await work(progress, stop.signal, pressed);
    } catch (error) {
      problem.show(told(error), () => bridge.start() && run(pressed));
    } finally {
      progress.hide();
      off(false);
    }
  };
  for (const each of buttons) each.addEventListener("click", () => run(each));
  off(false); // the page has them off, so that no press comes before anything can answer it
}

/** @param {AbortSignal} signal */
export function connect(signal) {
  return bridge.connect({ signal, patience: BROWSER_PATIENCE_MS });
}

/**
 * The certificate to sign with: the only usable one, or the person's choice; an unusable one where there is no other.
 * One that its card shows after the PIN alone is read first, by a window of its own.
 * @param {ProgressNotice} progress
 * @param {AbortSignal} signal
 * @returns {Promise<import("./card-bridge.js").Certificate>}
 */
export async function certificate(progress, signal) {
  const { certificates } = await bridge.certificates({ purpose: "sign", signal });
  const usable = /** @type {any[]} */ (certificates.filter((each) => "locked" in each || each.state === "valid"));
  if (certificates.length === 0) throw NO_CERTIFICATE;
  // The bridge says why an unusable one is refused.
  const chosen = usable.length > 1 ? await choose(usable, signal) : (usable[0] ?? certificates[0]);
  if (chosen === null) throw { code: "aborted", title: "中止しました", detail: "証明書を選ぶのを中止しました。", help: "続けるには、もう一度ボタンを押してください。" };
  if (!("locked" in chosen)) return chosen;
  progress.show("PIN番号入力ダイアログで、署名用の暗証番号を入力してください。まず証明書を読み取り、次に署名します。");
  return shown(chosen.card, signal);
}

/**
 * What a card shows after its PIN; the PIN session is kept for the signature.
 * @param {string} card
 * @param {AbortSignal} signal
 * @returns {Promise<any>}
 */
async function shown(card, signal) {
  const opened = await bridge.openPin({ card, action: READING }, { signal });
  const certificate = /** @type {any} */ (opened.certificate);
  keep(certificate.id, opened.pinSession);
  sessionStorage.setItem(LOCKED_CARD, JSON.stringify({ certificate: certificate.id, card }));
  return certificate;
}

/**
 * Signs a statement in the bridge's window and keeps the PIN session for the next page.
 * @param {string} id
 * @param {{type: string, action: string, aud: string, nonce: string, payload: unknown}} request
 * @param {AbortSignal} signal
 * @returns {Promise<string>} base64 of the CMS
 */
export async function sign(id, { type, action, aud, nonce, payload }, signal) {
  const statement = { type, action, aud, nonce, payload };
  const params = { certificate: id, keepPinSession: true, statement };
  const signed = await kept(params, signal).catch((error) => afterReading(params, error, signal));
  if (signed.pinSession) keep(id, signed.pinSession);
  return signed.statement;
}

/** @param {any} params @param {AbortSignal} signal */
function kept(params, signal) {
  const handle = recall(params.certificate);
  return handle === null ? bridge.sign(params, { signal }) : again(params, handle, signal);
}

/**
 * A bridge that was idle has forgotten what a card showed after its PIN: the same card shows it again.
 * @param {any} params
 * @param {any} error
 * @param {AbortSignal} signal
 */
async function afterReading(params, error, signal) {
  const known = JSON.parse(sessionStorage.getItem(LOCKED_CARD) ?? "null");
  if (error.code !== "no_certificate" || known?.certificate !== params.certificate) throw error;
  const { certificates } = await bridge.certificates({ purpose: "sign", all: true, signal });
  if (!certificates.some((each) => "locked" in each && each.card === known.card)) throw error;
  await shown(known.card, signal);
  return kept(params, signal);
}

/**
 * With the PIN session of an earlier page; when that has ended, the window asks for the PIN once more.
 * @param {any} params
 * @param {string} pinSession
 * @param {AbortSignal} signal
 */
async function again(params, pinSession, signal) {
  try {
    return await bridge.sign({ ...params, pinSession }, { signal });
  } catch (error) {
    if (/** @type {any} */ (error).code !== "pin_session_ended") throw error;
    forget();
    return bridge.sign(params, { signal });
  }
}

/**
 * Ends the PIN session, if one is open: the card takes no signature without its PIN after this.
 * @returns {Promise<boolean>} false: the bridge has not answered yet, and the session may still be open
 */
export async function endPinSession() {
  const kept = stored();
  sessionStorage.removeItem(LOCKED_CARD);
  if (kept === null) return true;
  const closing = bridge.connect().then(() => bridge.closePin({ pinSession: kept.handle }));
  // A bridge that is gone has ended the session itself; the person need not wait for a slow one.
  const closed = closing.then(() => true, () => true);
  const late = new Promise((resolve) => setTimeout(() => resolve(false), CLOSE_MS));
  const ended = await Promise.race([closed, late]);
  if (ended) forget();
  return ended;
}

/**
 * What to tell of anything that was thrown.
 * @param {any} error
 */
export function told(error) {
  if (typeof error?.title === "string" && error.title !== "") return error;
  console.error(error); // a fault of this page: for whoever is asked to look into it
  return new ServerProblem({
    code: "page",
    title: "この画面で問題が起きました",
    detail: "処理を続けられませんでした。登録は行われていません。",
    help: "画面を読み込み直して、もう一度お試しください。",
  });
}

/** @returns {{certificate: string, handle: string} | null} */
function stored() {
  return JSON.parse(sessionStorage.getItem(PIN_SESSION) ?? "null");
}

/** @param {string} id */
function recall(id) {
  const kept = stored();
  return kept !== null && kept.certificate === id ? kept.handle : null;
}

/** @param {string} id @param {string} handle */
function keep(id, handle) {
  sessionStorage.setItem(PIN_SESSION, JSON.stringify({ certificate: id, handle }));
}

function forget() {
  sessionStorage.removeItem(PIN_SESSION);
}
