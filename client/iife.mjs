// Writes card-bridge.iife.js, the module for pages without modules: its exports in one global, CardBridgeClient.
// The module has no imports and exports declarations only, so that nothing has to be bundled or renamed.
import { readFile, writeFile } from "node:fs/promises";

const EXPORT = /^export ((?:async )?(?:class|function|const) (\w+))/gm;
const source = await readFile(new URL("card-bridge.js", import.meta.url), "utf8");
const names = [...source.matchAll(EXPORT)].map(([, , name]) => name);
const body = source.replaceAll(EXPORT, "$1");
if (/^(?:import|export)\b/m.test(body)) throw new Error("card-bridge.js imports or exports in a way that is not known here");

const script = `var CardBridgeClient = (() => {\n"use strict";\n${body}\nreturn { ${names.join(", ")} };\n})();\n`;
await writeFile(new URL("card-bridge.iife.js", import.meta.url), script);
