// 新ICカードの確認: the new card signs, and takes the old one's place.
import { showConfirmation } from "./messages.js";
import { ServerProblem, deliver, post } from "./server.js";
import { connect, onPress, sign } from "./signing.js";

const place = /** @type {HTMLElement} */ (document.getElementById("accept"));
const button = /** @type {HTMLButtonElement} */ (place.querySelector("button"));
const { shown, certificate } = /** @type {Record<string, string>} */ (place.dataset);
/** Signed, and perhaps not received: sent again before anything new is signed. @type {string | null} */
let unanswered = null;

onPress(button, async (progress, signal) => {
  unanswered ??= await signed(progress, signal);
  progress.show("ICカードを更新しています。この画面のままお待ちください。");
  try {
    const { next } = await deliver("/api/renewal/acceptance/finish", { statement: unanswered });
    location.assign(next);
  } catch (error) {
    if (!(error instanceof ServerProblem) || error.code !== "unreachable") unanswered = null;
    throw error;
  }
});

/** @param {import("./messages.js").ProgressNotice} progress @param {AbortSignal} signal */
async function signed(progress, signal) {
  await connect(signal);
  const request = await post("/api/renewal/acceptance/begin", { shown });
  showConfirmation(request.confirmation);
  progress.show("表示されたダイアログで内容と確認番号を確かめ、新しいICカードのPIN番号を入力してください。");
  return sign(certificate, request, signal);
}
