/**
 * What the bridge says of reader, card and certificate, and this PC's clock, judged for 動作確認. Pure.
 *
 * @module readiness
 */

import { CARD, CERTIFICATE, PC_CLOCK, READER, bad, good } from "./check-texts.js";

/** @typedef {import("./check-texts.js").Finding} Finding */
/** @typedef {import("./card-bridge.js").Certificate} Certificate */

const TOKYO_MS = 9 * 3_600_000; // one offset all year
const DAY_MS = 86_400_000;
const SPANS = /** @type {const} */ ([[DAY_MS, "日"], [3_600_000, "時間"], [60_000, "分"], [1_000, "秒"]]);

/** @param {string} version @param {string} lowest both of numbers and dots; what follows a hyphen is before the number */
export function reaches(version, lowest) {
  const [core, early] = version.split("-", 2);
  const own = core.split(".").map(Number);
  for (const [place, wanted] of lowest.split(".").map(Number).entries()) {
    const number = own[place] ?? 0;
    if (number !== wanted) return number > wanted;
  }
  return early === undefined || own.slice(lowest.split(".").length).some((number) => number > 0);
}

/** @param {{name: string}[]} readers @returns {Finding} */
export function reader(readers) {
  return readers.length === 0 ? READER.none : good(readers.map(({ name }) => name).join("、"));
}

/** @param {{card: any}[]} readers @returns {Finding} */
export function card(readers) {
  if (readers.length === 0) return CARD.no_reader;
  const cards = readers.map(({ card }) => card).filter((each) => each !== null);
  if (cards.length === 0) return CARD.no_card;
  const hints = cards.map(({ tries }) => tries?.hint);
  if (hints.every((hint) => hint === "locked")) return CARD.locked;
  if (hints.every((hint) => hint === "last" || hint === "locked")) return CARD.last;
  const label = cards.map(({ label }) => label).filter(Boolean).join("、");
  return label === "" ? CARD.present : good(label);
}

/** @type {Record<string, Finding>} */
const FAILURES = {
  no_reader: CARD.no_reader,
  no_card: CARD.no_card,
  card_unknown: CARD.card_unknown,
  module_missing: CARD.module_missing,
  busy: CARD.busy,
  rate_limited: CARD.busy,
  card_failed: CARD.failed,
  card_removed: CARD.failed,
  module_failed: CARD.failed,
  module_timeout: CARD.failed,
};

/** The card's line when its certificates could not be listed. @param {any} error @returns {Finding} */
export function unread(error) {
  return FAILURES[error.code] ?? told(error);
}

/** A failure that has no words here, in its own: the first sentence of what it says is to be done. @param {any} error */
export function told(error) {
  return bad(error.title, /^[^。]*。/.exec(error.help)?.[0] ?? error.help);
}

/**
 * The best of the certificates, by the server's clock.
 * @param {(Certificate | {locked: true})[]} listed
 * @param {number} now milliseconds
 * @param {number} soonDays
 * @returns {Finding}
 */
export function certificate(listed, now, soonDays) {
  const readable = listed.flatMap((each) => ("locked" in each ? [] : [each]));
  if (readable.length === 0) return listed.length === 0 ? CERTIFICATE.none : CERTIFICATE.locked;
  const found = readable.map((each) => standing(each, now, soonDays));
  const order = ["good", "warning", "bad"];
  return found.reduce((best, each) => (order.indexOf(each.state) < order.indexOf(best.state) ? each : best));
}

/** @param {Certificate} each @param {number} now @param {number} soonDays @returns {Finding} */
function standing(each, now, soonDays) {
  const until = Date.parse(each.notAfter);
  if (each.state === "unsuitable") return CERTIFICATE.unsuitable;
  if (now > until) return CERTIFICATE.expired(each.expiry);
  if (now < Date.parse(each.notBefore)) return CERTIFICATE.early(tokyoDay(Date.parse(each.notBefore)));
  if (each.state !== "valid") return CERTIFICATE.clock; // the bridge judges by this PC's clock
  const left = dayNumber(until) - dayNumber(now);
  if (left <= soonDays) return CERTIFICATE.soon(each.expiry, left);
  const holder = [each.holder.organization, each.holder.name].filter(Boolean).join("　") || each.subject;
  return good(`${holder}（有効期限 ${each.expiry}）`);
}

/** @param {number} ahead milliseconds @param {number} seconds from how many on it is said @returns {Finding} */
export function pcClock(ahead, seconds) {
  const off = Math.abs(ahead);
  if (off < seconds * 1_000) return PC_CLOCK.right;
  const [length, unit] = SPANS.find(([each]) => off >= each) ?? SPANS[3];
  return PC_CLOCK.off(`${Math.round(off / length)}${unit}`, ahead > 0);
}

/** @param {number} time */
const dayNumber = (time) => Math.floor((time + TOKYO_MS) / DAY_MS);

/** @param {number} time */
const tokyoDay = (time) => new Date(time + TOKYO_MS).toISOString().slice(0, 10).replaceAll("-", "/");
