// Around first-statement.js: what an earlier run left is taken away, and how this one goes is told.
// It is loaded before that script, so that its listener is called first.

const element = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const sign = /** @type {HTMLButtonElement} */ (element("sign"));
const [status, problem, reply] = ["status", "problem", "reply"].map(element);
const shown = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".shown"));

/** Each place says what will be there, until it is. */
function clear() {
  for (const place of shown) place.textContent = "";
}

/** @param {"finished" | "stopped"} how */
function end(how) {
  sign.disabled = false;
  status.textContent = status.dataset[how] ?? "";
}

sign.addEventListener("click", () => {
  clear();
  element("start").hidden = true;
  sign.disabled = true;
  status.textContent = status.dataset.running ?? "";
});

new MutationObserver(() => {
  if (reply.textContent) end("finished");
}).observe(reply, { childList: true });

new MutationObserver(() => {
  if (!problem.textContent) return;
  end("stopped");
  problem.focus();
}).observe(problem, { childList: true });

// What is no BridgeError the script throws on: here, as in most pages, it belongs to who wrote the page.
addEventListener("unhandledrejection", ({ reason }) => (problem.innerText = `${status.dataset.unexpected}\n${reason}`));
