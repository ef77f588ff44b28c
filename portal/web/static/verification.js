// 検証機能: verifies without leaving the page, so that the chosen files stay chosen. Without this script the form works.
const MEGABYTE = 1024 * 1024;
const UNREACHABLE = "電子入札システムに接続できません。少し待ってから、もう一度「検証する」を押してください。";

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const pressed = /** @type {HTMLButtonElement | null} */ (event.submitter);
  const large = inputs(form).find(({ files }) => (files?.[0]?.size ?? 0) > Number(form.dataset.limit));
  if (!large && pressed?.hasAttribute("formaction")) return; // a document to be saved: the browser does that
  event.preventDefault();
  if (large) refuse(large, Number(form.dataset.limit));
  else void verify(form, pressed);
});

/** @param {HTMLFormElement} form @param {HTMLButtonElement | null} pressed */
async function verify(form, pressed) {
  say("検証しています。お待ちください。");
  if (pressed) pressed.disabled = true;
  try {
    const response = await fetch(form.action, { method: "POST", body: new FormData(form) });
    show(new DOMParser().parseFromString(await response.text(), "text/html"), inputs(form));
  } catch {
    say(UNREACHABLE);
  } finally {
    if (pressed) pressed.disabled = false;
  }
}

/** @param {Document} answer the server's page @param {HTMLInputElement[]} chosen */
function show(answer, chosen) {
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  main.replaceChildren(.../** @type {HTMLElement} */ (answer.getElementById("main")).childNodes);
  document.title = answer.title;
  for (const { id, files } of chosen) {
    const input = /** @type {HTMLInputElement | null} */ (document.getElementById(id));
    if (input) input.files = files;
  }
  (document.getElementById("summary") ?? document.getElementById("verdict") ?? main).focus();
}

/** @param {HTMLInputElement} input @param {number} limit bytes */
function refuse(input, limit) {
  const field = /** @type {HTMLElement} */ (input.closest(".field"));
  field.querySelector(".message")?.remove();
  const message = document.createElement("p");
  message.className = "message";
  message.id = `${input.id}-problem`;
  message.textContent = `ファイルが大きすぎます。${Number((limit / MEGABYTE).toPrecision(3))}MBまでのファイルを選んでください。`;
  input.before(message);
  field.classList.add("wrong");
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", `${input.id}-hint ${message.id}`);
  input.focus();
}

/** @param {HTMLFormElement} form */
function inputs(form) {
  return /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll('input[type="file"]')]);
}

/** @param {string} text */
function say(text) {
  /** @type {HTMLElement} */ (document.getElementById("working")).textContent = text;
}
