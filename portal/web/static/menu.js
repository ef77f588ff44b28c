// 利用者登録メニュー: 登録 logs in with the card.
import { post } from "./server.js";
import { certificate, connect, onPress, sign } from "./signing.js";

const button = /** @type {HTMLButtonElement} */ (document.getElementById("register"));

onPress(button, async (progress, signal) => {
  await connect(signal);
  progress.show("ICカードを確認しています。");
  const id = await certificate(signal);
  const request = await post("/api/login/begin", {});
  progress.show("PIN番号入力ダイアログで、PIN番号を入力してください。", request.confirmation);
  const statement = await sign(id, request, signal);
  progress.show("ICカードの署名を確認しています。");
  const { next } = await post("/api/login/finish", { statement });
  location.assign(next);
});
