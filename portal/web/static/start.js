// 利用者登録処理: the server's clock, and the lines of 動作確認, which follow what happens at this PC without a reload.
import { CardBridge, isFrameBlocked, permission } from "./card-bridge.js";
import { BRIDGE, CARD, CERTIFICATE, CLOCK, PERMISSION, READER, VERSION, good, waiting } from "./check-texts.js";
import { ServerClock } from "./clock.js";
import * as readiness from "./readiness.js";

/** @typedef {import("./check-texts.js").Finding} Finding */

const BROWSER_PATIENCE_MS = 600_000;
const AGAIN_MS = 3_000; // between two looks for a bridge that is not there
const SETTLE_MS = 2_000; // a card that was just inserted may not answer at once
const BUSY = new Set(["busy", "rate_limited"]);
const SETTLING = new Set(["no_card", "card_unknown", "card_failed", "card_removed", "module_failed"]);
const CARD_EVENTS = ["readerAdded", "readerRemoved", "cardInserted", "cardRemoved", "triesChanged"];
const STATES = { waiting: "確認中", good: "正常", warning: "注意", bad: "要対応" };

const element = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const go = /** @type {HTMLButtonElement} */ (element("go"));
const launch = element("launch");
const rules = element("checks").dataset;
const clock = new ServerClock();
const bridge = new CardBridge({ language: "ja" });
let usable = false; // a bridge that is new enough
/** @type {any[]} */
let listed = [];
/** Where the search for a bridge stands. */
const search = { running: false, asked: false, dismissed: false, timer: 0 };
let looks = 0;

// Lines

/** @param {Element} line @param {Finding} finding */
function write(line, { state, value, help = "" }) {
  const parts = { state: STATES[state], value, help };
  line.dataset.state = state;
  for (const [name, text] of Object.entries(parts)) {
    const part = /** @type {HTMLElement} */ (line.querySelector(`.${name}`));
    if (part.textContent !== text) part.textContent = text; // unchanged text is not read out again
    if (name === "help") part.hidden = text === "";
  }
}

/** @param {Record<string, Finding>} findings by name of the line */
function tell(findings) {
  for (const [name, finding] of Object.entries(findings)) write(element(`check-${name}`), finding);
  go.disabled = !(clock.running && usable);
  element("ready-hint").hidden = !go.disabled;
}

// The clocks

const DATE = new Intl.DateTimeFormat("ja-JP", {
  ...{ year: "numeric", month: "long", day: "numeric", weekday: "long" },
  ...{ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: "Asia/Tokyo" },
});

/** 2026年11月24日（火曜日） and 10時02分03秒, neither of which breaks @param {number} time */
function written(time) {
  const parts = Object.fromEntries(DATE.formatToParts(time).map(({ type, value }) => [type, value]));
  const { year, month, day, weekday, hour, minute, second } = parts;
  return [`${year}年${month.replace("月", "")}月${day}日（${weekday}）`, " ", `${hour}時${minute}分${second}秒`];
}

/** @param {string} text */
function unbroken(text) {
  const part = document.createElement("span");
  part.className = "nobreak";
  part.textContent = text;
  return text === " " ? text : part;
}

clock.addEventListener("tick", () => {
  const place = /** @type {HTMLTimeElement} */ (element("clock").querySelector("time"));
  place.replaceChildren(...written(clock.now()).map(unbroken));
  place.dateTime = new Date(clock.now()).toISOString().replace(/\.\d+/, "");
  tell({ "pc-clock": readiness.pcClock(clock.ahead(), Number(rules.clockSeconds)) });
});
clock.addEventListener("running", () => {
  element("clock").removeAttribute("aria-busy");
  element("clock-help").hidden = true;
  if (usable) look(); // by the right clock now, also the bridge's
});
clock.addEventListener("missing", () => {
  /** @type {HTMLElement} */ (element("clock").querySelector("time")).textContent = CLOCK.missing.value;
  element("clock-help").textContent = CLOCK.missing.help ?? "";
  element("clock-help").hidden = false;
});

// The bridge

/** Looks for the bridge, once at a time; what is not there is looked for again. */
async function reach() {
  clearTimeout(search.timer);
  if (search.running) return;
  search.running = true;
  try {
    // Blocked: nothing to try before a person changes that, and each try would only fill the console.
    if ((await permission()) === "denied") throw { code: isFrameBlocked() ? "frame_blocked" : "browser_blocked" };
    found(await bridge.connect({ patience: BROWSER_PATIENCE_MS }));
  } catch (error) {
    await missing(/** @type {any} */ (error));
    if (!search.dismissed) search.timer = setTimeout(reachIfSeen, AGAIN_MS);
  }
  search.running = search.asked = false;
}

function reachIfSeen() {
  if (document.visibilityState === "visible") reach(); // else when the person comes back
}

/** Nobody's place on the page is lost with the button that goes. @param {boolean} possible */
function offerLaunch(possible) {
  const left = document.activeElement === launch && !possible;
  launch.hidden = !possible;
  if (left) (go.disabled ? element("again") : go).focus();
}

/** @param {import("./card-bridge.js").Hello} hello */
function found({ bridge: { version } }) {
  usable = readiness.reaches(version, rules.bridgeVersion ?? "");
  tell({
    permission: PERMISSION.granted,
    bridge: BRIDGE.connected,
    version: usable ? good(version) : VERSION.old(version, rules.bridgeVersion ?? ""),
  });
  offerLaunch(false);
  look();
}

/** @param {any} error */
async function missing(error) {
  usable = false;
  looks += 1; // a look that is under way has lost its bridge
  const state = await permission();
  // Asked, no answer, and the browser would ask again: the person closed its question.
  search.dismissed = search.asked && state === "prompt";
  const { permission: line, bridge: told } = causes(error, state);
  tell({ permission: line, bridge: told, version: VERSION.unknown, reader: READER.unknown, card: CARD.unknown });
  tell({ certificate: CERTIFICATE.unknown });
  offerLaunch(told === BRIDGE.bridge_not_running);
}

/** One cause, one red line. @param {any} error @param {import("./card-bridge.js").Permission} state */
function causes(error, state) {
  if (search.dismissed) return { permission: PERMISSION.dismissed, bridge: BRIDGE.unknown };
  switch (error.code) {
    case "browser_blocked":
    case "frame_blocked":
    case "browser_asking":
    case "insecure_page":
      return { permission: PERMISSION[/** @type {"browser_blocked"} */ (error.code)], bridge: BRIDGE.unknown };
    case "bridge_not_running":
      return { permission: asFarAsKnown(state), bridge: BRIDGE.bridge_not_running };
    case "origin_denied":
      return { permission: PERMISSION.granted, bridge: BRIDGE.origin_denied };
  }
  return { permission: PERMISSION.granted, bridge: readiness.told(error) }; // the bridge itself has answered
}

/** @param {import("./card-bridge.js").Permission} state */
function asFarAsKnown(state) {
  if (state === "granted") return PERMISSION.granted;
  return state === "prompt" ? PERMISSION.after : PERMISSION.unknown;
}

bridge.addEventListener("browserAsking", () => {
  search.asked = true;
  tell({ permission: PERMISSION.browser_asking, bridge: BRIDGE.unknown });
});
bridge.addEventListener("closed", () => {
  missing({ code: "bridge_not_running" });
  search.timer = setTimeout(reach, AGAIN_MS / 3); // a bridge that is being restarted needs a moment
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible") return;
  if (!usable && !search.dismissed) reach();
  clock.ask();
});

// Reader, card, certificate: listed without a window and without a try

/** Only the newest look is told. @param {boolean} [settled] a failure is told as it is, not looked at once more */
async function look(settled = false) {
  const mine = (looks += 1);
  const seen = await inspect().catch(() => null); // the bridge has gone: `closed` tells that
  if (mine !== looks || seen === null) return;
  listed = seen.certificates;
  const code = seen.error?.code;
  const again = BUSY.has(code) || (!settled && SETTLING.has(code));
  tell({ reader: readiness.reader(seen.readers), card: again && !settled ? waiting() : cardLine(seen) });
  judgeCertificate();
  if (again) setTimeout(() => mine === looks && look(true), SETTLE_MS);
}

/** @param {{readers: any[], error: any}} seen @returns {Finding} */
function cardLine({ readers, error }) {
  return error ? readiness.unread(error) : readiness.card(readers);
}

async function inspect() {
  const { readers } = await bridge.readers();
  if (readers.every(({ card }) => card === null)) return { readers, certificates: [], error: null };
  try {
    const { certificates } = await bridge.certificates({ purpose: "sign", all: true });
    return { readers: (await bridge.readers()).readers, certificates, error: null }; // now with tries and labels
  } catch (error) {
    return { readers, certificates: [], error: /** @type {any} */ (error) };
  }
}

function judgeCertificate() {
  const read = ["good", "warning"].includes(element("check-card").dataset.state ?? "");
  const days = Number(rules.expiringDays);
  tell({ certificate: read ? readiness.certificate(listed, clock.now(), days) : CERTIFICATE.unknown });
}

for (const event of CARD_EVENTS) bridge.addEventListener(event, () => look());

// The buttons

go.addEventListener("click", () => location.assign(go.dataset.href ?? "/"));
launch.addEventListener("click", () => {
  if (!bridge.start()) return;
  tell({ bridge: BRIDGE.starting });
  reach();
});
element("again").addEventListener("click", () => {
  search.dismissed = false;
  if (usable) look();
  else if (!search.running) {
    tell({ permission: waiting(), bridge: waiting() });
    reach();
  }
  clock.ask();
});

clock.ask();
reach();
