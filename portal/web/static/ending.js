/**
 * Warns before the visit or the opening hours end, and puts the visit's end off when asked.
 *
 * It never takes the focus from somebody who types: the warning then stands behind that field, one press of Tab away.
 *
 * @module ending
 */

import { get, post } from "./server.js";

/**
 * @typedef {{at: string, clock: string, day: string}} Moment
 * @typedef {{told: string, now: Moment, session: Moment, closing: Moment | null, last: Moment | null,
 *   opens: Moment | null, extension: number, warnSession: number, warnClosing: number}} State
 * @typedef {{kind: string, title: string, text: string, ended?: boolean, extend?: boolean, again?: boolean}} Warning
 */

const LOOK_AGAIN_MS = 20_000; // while a warning stands: another page may have put the end off
const LONGEST_MS = 60 * 60_000; // timers do not run while a computer sleeps

const told = /** @type {HTMLElement} */ (document.getElementById("ending"));
const place = /** @type {HTMLElement} */ (document.getElementById("ends"));
const title = /** @type {HTMLElement} */ (document.getElementById("ends-title"));
const text = /** @type {HTMLElement} */ (document.getElementById("ends-text"));
const extended = /** @type {HTMLElement} */ (document.getElementById("extended"));
const said = /** @type {HTMLElement} */ (document.getElementById("ends-said"));
const button = (/** @type {string} */ name) => /** @type {HTMLElement} */ (place.querySelector(`[data-${name}]`));
const pageTitle = document.title;

/** @type {State} */
let state = JSON.parse(told.dataset.state ?? "");
let received = Date.now();
let timer = 0;
/** Kinds of warning that the person has closed. @type {Set<string>} */
const closed = new Set();
/** Where the focus was before the warning took it. @type {HTMLElement | null} */
let origin = null;

const time = (/** @type {Moment | null} */ moment) => (moment === null ? Infinity : Date.parse(moment.at));
const now = () => time(state.now) + Date.now() - received;

/** @param {State} fresh */
function take(fresh) {
  state = fresh;
  received = Date.now();
  told.textContent = state.told;
}

/** What has to be said at this moment. @returns {Warning | null} */
function due() {
  const [at, session, closing, end] = [now(), time(state.session), time(state.closing), time(state.last ?? state.closing)];
  if (at >= session) return over();
  if (at >= end) return shut();
  if (session < end && session - at <= state.warnSession) return sessionEnds();
  if (end - at <= state.warnSession) return lastCall();
  if (closing - at <= state.warnClosing && state.last !== null) return closes();
  return null;
}

/** @returns {Warning} */
const sessionEnds = () => ({
  kind: `session ${state.session.at}`,
  title: `${state.session.clock}に、この接続が終わります`,
  text: "続けるときは「延長する」を押してください。入力した内容は残ります。",
  extend: true,
});
/** @returns {Warning} */
const closes = () => ({
  kind: "closing",
  title: `本日の利用時間は、${state.closing?.clock}までです`,
  text: `始めた手続は、${state.last?.clock}まで続けられます。`,
});
/** @returns {Warning} */
const lastCall = () => ({
  kind: `last ${(state.last ?? state.closing)?.at}`,
  title: `${(state.last ?? state.closing)?.clock}に、本日の利用を終わります`,
  text: `${more()}入力した内容は残ります。${goesOn()}`,
  extend: state.extension > 0,
});
/** @returns {Warning} */
const shut = () => ({ kind: "shut", ended: true, title: "本日の利用時間が終わりました", text: `入力した内容は残っています。${goesOn()}` });
/** @returns {Warning} */
const over = () => ({
  kind: "over",
  ended: true,
  title: "接続の時間が過ぎました",
  text: "入力した内容は残っています。利用者登録メニューから、もう一度ICカードで確認してください。",
  again: true,
});
const more = () => (state.extension > 0 ? `「延長する」を押すと、一度だけ${state.extension}分延ばせます。` : "");
const goesOn = () => (state.opens === null ? "" : `次は、${state.opens.day}からご利用いただけます。`);

/** Says what is due, takes back what is not, and wakes when that may change. */
function update() {
  const warning = due();
  if (warning === null || closed.has(warning.kind)) hide();
  else if (place.dataset.kind !== warning.kind) show(warning);
  clearTimeout(timer);
  if (!warning?.ended) timer = setTimeout(look, wait());
}

/** Milliseconds until something changes by itself. */
function wait() {
  const end = time(state.last ?? state.closing);
  const moments = [time(state.session), end, time(state.closing)];
  const changes = [...moments, time(state.session) - state.warnSession, end - state.warnSession, time(state.closing) - state.warnClosing];
  const next = Math.min(...changes.map((at) => at - now()).filter((span) => span > 0));
  return Math.min(next, place.hidden ? LONGEST_MS : LOOK_AGAIN_MS);
}

/** Asks the server how things stand: work in this or another page may have put the end off. */
async function look() {
  try {
    take(await get("/api/visit"));
  } catch (error) {
    if (/** @type {any} */ (error).code === "session_ended") take({ ...state, session: { ...state.session, at: state.now.at } });
  }
  update();
}

/** @param {Warning} warning */
function show(warning) {
  if (place.hidden) stand();
  place.dataset.kind = warning.kind;
  title.textContent = warning.title;
  button("extend").hidden = !warning.extend;
  button("again").hidden = !warning.again;
  text.textContent = warning.text;
  place.hidden = false;
  document.title = `【${warning.title}】${pageTitle}`;
  const first = /** @type {HTMLElement} */ (place.querySelector(".button:not([hidden])"));
  if (typing()) {
    said.textContent = `${warning.title}。${warning.text}Tabキーで「${first.textContent}」へ移れます。`;
  } else if (!place.contains(document.activeElement)) {
    origin = /** @type {HTMLElement} */ (document.activeElement);
    first.focus();
  }
}

/** Behind the field that somebody types in, else at the beginning of the page. */
function stand() {
  const field = typing() ? document.activeElement?.closest(".field") : null;
  if (field) field.after(place);
  else told.after(place);
}

function typing() {
  return document.activeElement?.matches("input, textarea, select") ?? false;
}

function hide() {
  if (place.hidden) return;
  const inside = place.contains(document.activeElement);
  const back = origin ?? previousField();
  place.hidden = true;
  delete place.dataset.kind;
  said.textContent = "";
  document.title = pageTitle;
  if (inside) back?.focus();
  origin = null;
}

function previousField() {
  return /** @type {HTMLElement | null} */ (place.previousElementSibling?.querySelector("input, textarea, select") ?? null);
}

button("close").addEventListener("click", () => {
  closed.add(place.dataset.kind ?? "");
  hide();
});
place.addEventListener("keydown", (event) => {
  if (event.key === "Escape") button("close").click();
});
button("extend").addEventListener("click", async () => {
  try {
    const closing = place.dataset.kind?.startsWith("last");
    take(await post(closing ? "/api/visit/closing" : "/api/visit", {}));
    extended.textContent = `延長しました。${state.told}`;
  } catch (error) {
    const { detail, help, inquiry } = /** @type {any} */ (error);
    text.textContent = `${detail}${help}${inquiry ? `（問い合わせ番号 ${inquiry}）` : ""}`;
    return;
  }
  update();
});
// A page that comes back, from another tab or from sleep, has missed its timers.
document.addEventListener("visibilitychange", () => document.hidden || look());
addEventListener("pageshow", (event) => event.persisted && look());
update();
