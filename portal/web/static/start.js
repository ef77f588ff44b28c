// 利用者登録処理: the server's clock and the bridge; the button opens once both are there.
import { CardBridge } from "./card-bridge.js";
import { get } from "./server.js";

const BROWSER_PATIENCE_MS = 600_000;
const DEVIATION_MS = 5 * 60_000;
const CARD_EVENTS = ["readerAdded", "readerRemoved", "cardInserted", "cardRemoved"];
const NO_CLOCK = {
  title: "日時を表示できません",
  detail: "電子入札システムから日時を受け取れませんでした。",
  help: "通信の状態を確かめて、「もう一度確かめる」を押してください。",
};

const bridge = new CardBridge({ language: "ja" });
const element = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const go = /** @type {HTMLButtonElement} */ (element("go"));
const again = /** @type {HTMLButtonElement} */ (element("again"));
const there = { clock: false, bridge: false };
let ticking = 0;

/** @param {string} name @param {"waiting" | "good" | "missing"} state @param {string} text */
function tell(name, state, text) {
  const line = element(`check-${name}`);
  line.dataset.state = state;
  /** @type {HTMLElement} */ (line.querySelector(".value")).textContent = text;
}

/** @param {{title: string, detail: string, help: string}} cause */
function explain(cause) {
  const place = element("problem");
  for (const name of /** @type {const} */ (["title", "detail", "help"]))
    /** @type {HTMLElement} */ (place.querySelector(`[data-${name}]`)).textContent = cause[name];
  place.hidden = false;
}

function update() {
  go.disabled = !(there.clock && there.bridge);
  element("ready-hint").hidden = !go.disabled;
  if (!go.disabled) element("problem").hidden = true;
}

async function checkClock() {
  try {
    const asked = performance.now();
    const { now } = await get("/api/clock");
    const half = (performance.now() - asked) / 2;
    runClock(Date.parse(now) + half - performance.now());
    warnOfDeviation(Date.now() - Date.parse(now) - half);
    there.clock = true;
    tell("clock", "good", "表示しています");
  } catch {
    there.clock = false;
    tell("clock", "missing", "表示できません");
    explain(NO_CLOCK);
  }
  update();
}

/** @param {number} offset server's time minus performance.now(), milliseconds */
function runClock(offset) {
  const place = /** @type {HTMLElement} */ (document.querySelector("#clock time"));
  const options = /** @type {const} */ ({ dateStyle: "long", timeStyle: "medium", timeZone: "Asia/Tokyo" });
  const format = new Intl.DateTimeFormat("ja-JP", options);
  const show = () => (place.textContent = format.format(offset + performance.now()));
  clearInterval(ticking);
  ticking = setInterval(show, 1000);
  show();
}

/** @param {number} deviation PC's clock minus the server's, milliseconds */
function warnOfDeviation(deviation) {
  const minutes = Math.round(Math.abs(deviation) / 60_000);
  const place = element("deviation");
  place.hidden = Math.abs(deviation) < DEVIATION_MS;
  place.textContent = `このパソコンの時計が約${minutes}分${deviation > 0 ? "進んで" : "遅れて"}います。Windowsの「日付と時刻」の設定で合わせてください。`;
}

async function checkBridge() {
  tell("bridge", "waiting", "確認しています");
  try {
    const hello = await bridge.connect({ patience: BROWSER_PATIENCE_MS });
    there.bridge = true;
    tell("bridge", "good", `つながりました（${hello.bridge.version}）`);
    await showReaders();
  } catch (error) {
    lost();
    explain(/** @type {any} */ (error));
  }
  update();
}

async function showReaders() {
  const { readers } = await bridge.readers();
  const withCard = readers.filter(({ card }) => card !== null);
  if (readers.length === 0) tell("reader", "missing", "つながっていません。USBにつないでください");
  else tell("reader", "good", readers.map(({ name }) => name).join("、"));
  if (withCard.length === 0) tell("card", "missing", "入っていません。差し込んでください");
  else tell("card", "good", "入っています");
}

function lost() {
  there.bridge = false;
  tell("bridge", "missing", "つながっていません");
  for (const name of ["reader", "card"]) tell(name, "waiting", "カードブリッジにつながると分かります");
}

/** Only what is missing is asked for again. */
async function check() {
  element("problem").hidden = true;
  again.disabled = true;
  await Promise.all([there.clock || checkClock(), there.bridge || checkBridge()]);
  again.disabled = false;
}

bridge.addEventListener("browserAsking", ({ detail }) => {
  tell("bridge", "waiting", "ブラウザの確認を待っています");
  explain(detail);
});
bridge.addEventListener("closed", () => {
  lost();
  update();
  check();
});
for (const event of CARD_EVENTS) bridge.addEventListener(event, () => showReaders().catch(() => {})); // closed follows
go.addEventListener("click", () => location.assign(go.dataset.href ?? "/"));
again.addEventListener("click", check);
check();
