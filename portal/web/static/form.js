// Forms: focus on what is to be corrected, offered values, 同じ内容, and keeping what is typed while it is typed.

const KEEP_AFTER_MS = 1_500;

const form = /** @type {HTMLFormElement} */ (document.querySelector("main form"));

document.getElementById("summary")?.focus();

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button[name^='take:']"))) {
  button.addEventListener("click", (event) => {
    event.preventDefault(); // without this script the server takes it
    const field = fieldNamed(button.name.replace("take:", ""));
    set(field, button.value);
    field.focus();
  });
}

for (const offer of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-while-empty]"))) {
  const field = fieldNamed(offer.dataset.whileEmpty ?? "");
  field.addEventListener("input", () => (offer.hidden = field.value.trim() !== ""));
}

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-copy]"))) {
  button.addEventListener("click", (event) => {
    event.preventDefault(); // without this script the server copies
    copy(...(/** @type {[string, string]} */ ((button.dataset.copy ?? "").split(" "))));
  });
}

if (form.dataset.keep) keepWhileTyping(form.dataset.keep);

/** @param {string} source @param {string} target names of two sections */
function copy(source, target) {
  for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll(`input[name^="${source}_"]`)))
    set(fieldNamed(field.name.replace(source, target)), field.value);
  const said = /** @type {HTMLElement} */ (document.getElementById("copied"));
  said.textContent = "代表窓口情報と同じ内容を写しました。";
}

/** @param {string} name */
function fieldNamed(name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

/** @param {HTMLInputElement} field @param {string} value */
function set(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/**
 * Sends the fields to the server shortly after the last key, so that a closed page or an ended visit loses nothing.
 * @param {string} address
 */
function keepWhileTyping(address) {
  let timer = 0;
  let changed = false;
  let sending = new AbortController();
  const passwords = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[type=password]"));
  const keep = (/** @type {boolean} */ leaving) => {
    clearTimeout(timer);
    if (!changed) return;
    changed = false;
    sending.abort(); // the older state must not arrive after the newer one
    sending = new AbortController();
    const body = new URLSearchParams(/** @type {any} */ (new FormData(form)));
    for (const secret of passwords) body.delete(secret.name);
    const options = leaving ? { keepalive: true } : { signal: sending.signal };
    // What could not be kept now is sent with the next change or with the form itself.
    fetch(address, { method: "POST", body, ...options }).catch(() => (changed = true));
  };
  form.addEventListener("input", () => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(() => keep(false), KEEP_AFTER_MS);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    changed = false;
    sending.abort();
  });
  addEventListener("pagehide", () => keep(true));
}
