// 登録内容確認, 変更内容確認: the button has the shown content signed and written.
import { showConfirmation } from "./messages.js";
import { ServerProblem, post } from "./server.js";
import { connect, onPress, sign } from "./signing.js";

const RESEND_MS = [1_000, 3_000];

const place = /** @type {HTMLElement} */ (document.getElementById("sign"));
const button = /** @type {HTMLButtonElement} */ (place.querySelector("button"));
const { procedure, doing, shown, certificate } =
  /** @type {{procedure: string, doing: string, shown: string, certificate: string}} */ (place.dataset);
/** Signed, and perhaps not received: sent again before anything new is signed. @type {string | null} */
let unanswered = null;

onPress(button, async (progress, signal) => {
  unanswered ??= await signed(progress, signal);
  progress.show(doing);
  const { next } = await send(unanswered);
  location.assign(next);
});

/** @param {import("./messages.js").ProgressNotice} progress @param {AbortSignal} signal */
async function signed(progress, signal) {
  await connect(signal);
  const request = await post(`/api/${procedure}/begin`, { shown });
  showConfirmation(request.confirmation);
  progress.show("表示されたダイアログで内容と確認番号を確かめ、OKを押してください。");
  return sign(certificate, request, signal);
}

/**
 * The identical statement sent again gets the same answer, so a lost answer may be asked for again.
 * @param {string} statement
 */
async function send(statement) {
  for (const wait of [...RESEND_MS, null]) {
    try {
      return await post(`/api/${procedure}/finish`, { statement });
    } catch (error) {
      const lost = error instanceof ServerProblem && error.code === "unreachable";
      if (!lost) unanswered = null;
      if (!lost || wait === null) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
