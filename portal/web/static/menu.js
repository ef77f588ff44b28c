// 利用者登録メニュー: each button logs in with the card for its business.
import { post } from "./server.js";
import { certificate, connect, onPress, sign } from "./signing.js";

const { division = "" } = /** @type {HTMLElement} */ (document.getElementById("businesses")).dataset;
const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button[data-purpose]"));

onPress([...buttons], async (progress, signal, { dataset }) => {
  await connect(signal);
  progress.show("ICカードを確認しています。");
  const { id, state } = await certificate(progress, signal);
  if (state === "expired" && dataset.purpose === "renewal") return location.assign(`/renewal/expired${division && `?division=${division}`}`);
  const request = await post(`/api/login/${dataset.purpose}/begin`, { division });
  progress.show("PIN番号入力ダイアログで、PIN番号を入力してください。", request.confirmation);
  const statement = await sign(id, request, signal);
  progress.show("ICカードの署名を確認しています。");
  const { next } = await post(`/api/login/${dataset.purpose}/finish`, { statement });
  location.assign(next);
});
