// 登録完了: 終了 ends the PIN session, then the login.
import { endPinSession } from "./signing.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("end"));

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await endPinSession();
  form.submit();
});
