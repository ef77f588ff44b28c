/**
 * What a page tells about the work at the card: progress, the choice of a certificate, and what went wrong.
 *
 * @module messages
 */

/** @param {Element} place @param {string} name @returns {HTMLElement} */
const part = (place, name) => /** @type {HTMLElement} */ (place.querySelector(`[data-${name}]`));

/** The section that says what went wrong and what to do next. */
export class ProblemNotice {
  #place = /** @type {HTMLElement} */ (document.getElementById("problem"));

  /**
   * @param {any} problem a BridgeError, a ServerProblem, or anything with title, detail and help
   * @param {() => void} start what the button does that is offered where no bridge runs
   */
  show(problem, start) {
    part(this.#place, "title").textContent = problem.title;
    part(this.#place, "detail").textContent = problem.detail;
    part(this.#place, "help").textContent = problem.help;
    this.#optional("tries", triesText(problem.tries));
    this.#optional("contact", contactText(problem.contact));
    this.#start(problem.code === "bridge_not_running" ? start : null);
    this.#inquiry(problem.inquiry ?? null);
    this.#next(problem.next ?? null);
    this.#place.hidden = false;
    this.#place.focus();
    this.#place.scrollIntoView({ block: "nearest" });
  }

  hide() {
    this.#place.hidden = true;
  }

  /** @param {string} name @param {string} text */
  #optional(name, text) {
    const line = part(this.#place, name);
    line.textContent = text;
    line.hidden = text === "";
  }

  /** @param {(() => void) | null} start */
  #start(start) {
    const line = part(this.#place, "start");
    /** @type {HTMLButtonElement} */ (line.querySelector("button")).onclick = start;
    line.hidden = start === null;
  }

  /** @param {string | null} number */
  #inquiry(number) {
    const line = part(this.#place, "inquiry");
    /** @type {HTMLElement} */ (line.querySelector("strong")).textContent = number ?? "";
    line.hidden = number === null;
  }

  /** @param {{href: string, label: string} | null} next */
  #next(next) {
    const line = part(this.#place, "next");
    const link = /** @type {HTMLAnchorElement} */ (line.querySelector("a"));
    if (next !== null) {
      link.href = next.href;
      link.textContent = next.label;
    }
    line.hidden = next === null;
  }
}

/** @param {string} number 確認番号, 8 digits */
const grouped = (number) => `${number.slice(0, 4)} ${number.slice(4)}`;

/**
 * Puts 確認番号 where the page shows it beside what is signed, and says so when it is not the one that stood there.
 * @param {string} number 8 digits
 */
export function showConfirmation(number) {
  const place = /** @type {HTMLElement} */ (document.getElementById("confirmation"));
  const shown = /** @type {HTMLElement} */ (place.querySelector("strong"));
  if (shown.textContent === grouped(number)) return;
  shown.textContent = grouped(number);
  part(place, "renewed").hidden = false;
}

/** The section that says what is being waited for, with 確認番号 and 中止. */
export class ProgressNotice {
  #place = /** @type {HTMLElement} */ (document.getElementById("progress"));

  /** @param {string} text @param {string | null} [confirmation] 8 digits */
  show(text, confirmation = null) {
    part(this.#place, "text").textContent = text;
    const line = part(this.#place, "confirmation");
    line.hidden = confirmation === null;
    if (confirmation !== null) {
      /** @type {HTMLElement} */ (line.querySelector("strong")).textContent = grouped(confirmation);
    }
    if (this.#place.hidden) {
      this.#place.hidden = false;
      this.#place.scrollIntoView({ block: "nearest" });
    }
  }

  hide() {
    this.#place.hidden = true;
  }

  /** @param {() => void} stop what 中止 does */
  onStop(stop) {
    part(this.#place, "stop").onclick = stop;
  }
}

/**
 * Lets the person choose one of several certificates; null when the signal aborts first.
 * @param {any[]} certificates also those that a card shows after its PIN alone
 * @param {AbortSignal} signal
 * @returns {Promise<any>}
 */
export function choose(certificates, signal) {
  const place = /** @type {HTMLElement} */ (document.getElementById("choice"));
  const options = part(place, "options");
  return new Promise((resolve) => {
    const settle = (/** @type {any} */ chosen) => {
      place.hidden = true;
      options.replaceChildren();
      resolve(chosen);
    };
    options.replaceChildren(...certificates.map((certificate) => option(certificate, () => settle(certificate))));
    signal.addEventListener("abort", () => settle(null), { once: true });
    place.hidden = false;
    /** @type {HTMLElement} */ (options.firstElementChild).focus();
  });
}

const HIDDEN = { who: "証明書を暗証番号で守っているICカード", more: "名義人は、暗証番号を入力すると読み取れます" };

/** @param {any} certificate */
function shown({ holder, subject, expiry, reader }) {
  const names = [holder.organization, holder.name].filter(Boolean).join("　");
  return { who: names || subject, more: `有効期限 ${expiry}　${reader}` };
}

/** @param {any} certificate @param {() => void} chosen */
function option(certificate, chosen) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet wide";
  for (const [name, text] of Object.entries("locked" in certificate ? HIDDEN : shown(certificate))) {
    const line = document.createElement("span");
    line.className = name;
    line.textContent = text;
    button.append(line);
  }
  button.addEventListener("click", chosen);
  return button;
}

/**
 * Whom the portal says to call; of the bridge's own problems its help says it.
 * @param {{department: string, telephone: string} | null | undefined} contact
 */
export function contactText(contact) {
  return contact ? `お問い合わせ：${contact.department}　TEL ${contact.telephone}` : "";
}

/** @param {any} tries */
function triesText(tries) {
  if (!tries) return "";
  if (tries.hint === "locked") return "ICカードはロックされています。";
  if (tries.count !== null) return `PIN番号を入力できる残りの回数：${tries.count}回`;
  return "残りの回数は、このカードからは分かりません。確かなPIN番号だけを入力してください。";
}
