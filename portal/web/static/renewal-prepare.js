// ICカード更新, before the hand-over: tells the next page which other cards are in readers already.
import { ProblemNotice, choose } from "./messages.js";
import { bridge, connect, told } from "./signing.js";

const LOOK_MS = 5_000; // a bridge that answers at all answers sooner; without its answer the page goes on

const form = /** @type {HTMLFormElement} */ (document.getElementById("prepare"));
const old = /** @type {HTMLInputElement | null} */ (form.elements.namedItem("old"));
const fresh = /** @type {HTMLInputElement | null} */ (form.elements.namedItem("new"));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  prepare();
});

async function prepare() {
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  button.disabled = true;
  try {
    if (old !== null) await noteExpiredCard(old);
    if (fresh !== null) await noteNewCard(fresh);
    form.submit();
  } catch (error) {
    new ProblemNotice().show(told(error), () => bridge.start() && prepare());
  } finally {
    button.disabled = false;
  }
}

/**
 * The old card has logged in: a second card that could be the new one is named by the hand-over.
 * @param {HTMLInputElement} field
 */
async function noteNewCard(field) {
  const late = new Promise((resolve) => setTimeout(resolve, LOOK_MS, []));
  const certificates = await Promise.race([readable(), late]).catch(() => []);
  const others = certificates.filter(({ state, id }) => state === "valid" && id !== form.dataset.old);
  field.value = others.length === 1 ? others[0].der : "";
}

/**
 * An expired card cannot log in: it is found here.
 * @param {HTMLInputElement} field
 */
async function noteExpiredCard(field) {
  const certificates = await readable();
  const expired = certificates.filter(({ state }) => state === "expired");
  if (expired.length === 0) throw NONE_EXPIRED;
  const chosen = expired.length === 1 ? expired[0] : await choose(expired, new AbortController().signal);
  field.value = chosen.der;
}

/** @returns {Promise<any[]>} */
async function readable() {
  await connect(AbortSignal.timeout(120_000));
  // all: also those that cannot sign, and whichever certificate this site was given before
  const { certificates } = await bridge.certificates({ purpose: "sign", all: true });
  return certificates.filter((each) => "id" in each);
}

const NONE_EXPIRED = {
  title: "有効期限が切れたICカードが見つかりません",
  detail: "リーダーに入っているICカードの中に、有効期限が切れたものはありません。",
  help: "旧ICカードを差し込んで、もう一度「次へ」を押してください。有効期限内のICカードは、利用者登録メニューの「ICカード更新」から進んでください。",
};
