// 終了: whoever pressed it before the page's script was there, or whose bridge was slow, still has a PIN session open.
import { endPinSession } from "./signing.js";

const said = /** @type {HTMLElement} */ (document.getElementById("card"));

if (await endPinSession()) said.textContent = "ICカードでの署名も終了しました。次に署名するときは、PIN番号をもう一度入力します。";
