// 担当者のログイン: the button logs in with an officer's card.
import { post } from "./server.js";
import { certificate, connect, onPress, sign } from "./signing.js";

const place = /** @type {HTMLElement} */ (document.getElementById("login"));
const button = /** @type {HTMLButtonElement} */ (place.querySelector("button"));
const { to } = place.dataset;

onPress(button, async (progress, signal) => {
  await connect(signal);
  progress.show("ICカードを確認しています。");
  const { id } = await certificate(progress, signal);
  const request = await post("/officers/api/login/begin", {});
  progress.show("PIN番号入力ダイアログで、PIN番号を入力してください。", request.confirmation);
  const statement = await sign(id, request, signal);
  progress.show("ICカードの署名を確認しています。");
  const { next } = await post("/officers/api/login/finish", { statement, ...(to && { to }) });
  location.assign(next);
});
