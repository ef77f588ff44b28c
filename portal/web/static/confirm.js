// 登録内容確認, 変更内容確認, 新ICカードの確認: the button has the shown content signed and written.
import { showConfirmation } from "./messages.js";
import { ServerProblem, deliver, post } from "./server.js";
import { connect, onPress, sign } from "./signing.js";

const place = /** @type {HTMLElement} */ (document.getElementById("sign"));
const button = /** @type {HTMLButtonElement} */ (place.querySelector("button"));
const { procedure, api = `/api/${procedure}`, asking, doing, shown, certificate } = /** @type {Record<string, string>} */ (place.dataset);
/** Signed, and perhaps not received: sent again before anything new is signed. @type {string | null} */
let unanswered = null;

onPress(button, async (progress, signal) => {
  unanswered ??= await signed(progress, signal);
  progress.show(doing);
  try {
    const { next } = await deliver(`${api}/finish`, { statement: unanswered });
    location.assign(next);
  } catch (error) {
    if (!(error instanceof ServerProblem) || error.code !== "unreachable") unanswered = null;
    throw error;
  }
});

/** @param {import("./messages.js").ProgressNotice} progress @param {AbortSignal} signal */
async function signed(progress, signal) {
  await connect(signal);
  const request = await post(`${api}/begin`, { shown });
  showConfirmation(request.confirmation);
  progress.show(asking ?? "表示されたダイアログで内容と確認番号を確かめ、OKを押してください。");
  return sign(certificate, request, signal);
}
