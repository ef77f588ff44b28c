// 登録内容確認: 登録 has the shown content signed and registers it.
import { showConfirmation } from "./messages.js";
import { ServerProblem, post } from "./server.js";
import { connect, onPress, sign } from "./signing.js";

const RESEND_MS = [1_000, 3_000];

const button = /** @type {HTMLButtonElement} */ (document.getElementById("register"));
const { shown, certificate } = /** @type {{shown: string, certificate: string}} */ (
  /** @type {HTMLElement} */ (document.getElementById("register-actions")).dataset
);
/** Signed, and perhaps not received: sent again before anything new is signed. @type {string | null} */
let unanswered = null;

onPress(button, async (progress, signal) => {
  unanswered ??= await signed(progress, signal);
  progress.show("登録しています。この画面のままお待ちください。");
  const { next } = await send(unanswered);
  location.assign(next);
});

/** @param {import("./messages.js").ProgressNotice} progress @param {AbortSignal} signal */
async function signed(progress, signal) {
  await connect(signal);
  const request = await post("/api/registration/begin", { shown });
  showConfirmation(request.confirmation);
  progress.show("表示されたダイアログで内容と確認番号を確かめ、OKを押してください。");
  return sign(certificate, request, signal);
}

/**
 * The identical statement sent again gets the same registration, so a lost answer may be asked for again.
 * @param {string} statement
 */
async function send(statement) {
  for (const wait of [...RESEND_MS, null]) {
    try {
      return await post("/api/registration/finish", { statement });
    } catch (error) {
      const lost = error instanceof ServerProblem && error.code === "unreachable";
      if (!lost) unanswered = null;
      if (!lost || wait === null) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
