// 1. Find the bridge and connect
import { BridgeError, CardBridge } from "./card-bridge.js";

const bridge = new CardBridge({ language: document.documentElement.lang });
const show = (id, value) => (document.getElementById(id).textContent = JSON.stringify(value, null, 2));

document.getElementById("sign").addEventListener("click", async () => {
  try {
    show("hello", await bridge.connect({ patience: 60_000 }));

    // 2. Ask which certificates can sign
    const { certificates } = await bridge.certificates({ purpose: "sign" });
    show("certificates", certificates);

    // 3. Get a statement from the backend and have it signed
    const request = await (await fetch("request", { method: "POST" })).json();
    show("request", request);
    const { statement } = await bridge.sign({ certificate: certificates[0].id, statement: request });
    show("statement", statement);

    // 4. Send it back: the backend verifies it and says what it claims
    const reply = await fetch("statement", { method: "POST", body: statement });
    show("reply", await reply.json());

    // 5. Say what went wrong, and what to do next
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    document.getElementById("problem").innerText = [error.title, error.detail, error.help, error.code].join("\n");
    document.getElementById("start").hidden = error.code !== "bridge_not_running";
  }
});

// 6. Start a bridge that does not run
document.getElementById("start").addEventListener("click", () => {
  if (bridge.start()) document.getElementById("sign").click();
});
