// 旧ICカードの引継ぎ: the old card signs, with the PIN session of its login.
import { showConfirmation } from "./messages.js";
import { deliver, post } from "./server.js";
import { connect, endPinSession, onPress, sign } from "./signing.js";

const place = /** @type {HTMLElement} */ (document.getElementById("handover"));
const button = /** @type {HTMLButtonElement} */ (place.querySelector("button"));
const { shown, certificate, old, new: fresh, division } = /** @type {Record<string, string>} */ (place.dataset);

onPress(button, async (progress, signal) => {
  await connect(signal);
  const request = await post("/api/renewal/handover/begin", { shown, old, new: fresh, division });
  showConfirmation(request.confirmation);
  progress.show("表示されたダイアログで内容と確認番号を確かめ、OKを押してください。");
  const statement = await sign(certificate, request, signal);
  progress.show("引継ぎの署名を確認しています。この画面のままお待ちください。");
  const { next } = await deliver("/api/renewal/handover/finish", { statement });
  await endPinSession(); // the old card has nothing more to sign
  location.assign(next);
});
