// Works `begat serve` by keys and clicks in Chromium: node tests/serve_browser.mjs PATH-OF-BEGAT [FOLDER-FOR-SCREENSHOTS]
// (needs `chromium` and Node 22, or 20 with --experimental-websocket; they talk by the DevTools protocol).
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";

const [begat, shots] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "begat-browser-"));
const server = spawn(begat, ["serve", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
const line = (stream, pattern) => new Promise((resolve) => {
  let text = "";
  stream.on("data", (bytes) => { text += bytes; const found = text.match(pattern); if (found) resolve(found[0]); });
});
const site = (await line(server.stdout, /http:\/\/\S+/));
const chromium = spawn("chromium", ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
  "--remote-debugging-port=0", `--user-data-dir=${folder}`, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
const browser = await line(chromium.stderr, /ws:\/\/\S+/);
const port = new URL(browser).port;
const targets = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
const socket = new WebSocket(targets.find((target) => target.type === "page").webSocketDebuggerUrl);
await new Promise((resolve) => { socket.onopen = resolve; });
let last = 0;
const waiting = new Map(), listeners = [];
const errors = [];
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (message.id) { waiting.get(message.id)(message); waiting.delete(message.id); }
  if (message.method === "Runtime.exceptionThrown") errors.push(message.params.exceptionDetails.text);
  if (message.method === "Log.entryAdded" && message.params.entry.level === "error") errors.push(message.params.entry.text);
  for (const listener of [...listeners]) listener(message);
};
const send = (method, params = {}) => new Promise((resolve, reject) => {
  const id = ++last;
  waiting.set(id, (message) => message.error ? reject(new Error(method + ": " + message.error.message)) : resolve(message.result));
  socket.send(JSON.stringify({ id, method, params }));
});
const loaded = () => new Promise((resolve) => {
  const listener = (message) => { if (message.method === "Page.loadEventFired") { listeners.splice(listeners.indexOf(listener), 1); resolve(); } };
  listeners.push(listener);
});
const evaluate = async (expression) => (await send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true })).result.value;
const until = async (expression, what) => {
  for (let tries = 0; tries < 200; tries++) {
    if (await evaluate(expression)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("never: " + what);
};
const go = async (path) => { const done = loaded(); await send("Page.navigate", { url: site.replace(/\/$/, "") + path }); await done; };
const type = (text) => send("Input.insertText", { text });
const KEYS = { Enter: 13, Tab: 9, Escape: 27, ArrowDown: 40, ArrowUp: 38 };
const key = async (name) => {
  const base = { key: name, code: name, windowsVirtualKeyCode: KEYS[name] ?? name.toUpperCase().charCodeAt(0) };
  const text = name.length === 1 ? { text: name } : name === "Enter" ? { text: "\r" } : {};
  await send("Input.dispatchKeyEvent", { type: "keyDown", ...base, ...text });
  await send("Input.dispatchKeyEvent", { type: "keyUp", ...base });
};
const shot = async (name) => {
  if (!shots) return;
  const { data } = await send("Page.captureScreenshot", { format: "png" });
  writeFileSync(join(shots, name + ".png"), Buffer.from(data, "base64"));
};

try {
  await send("Page.enable");
  await send("Runtime.enable");
  await send("Log.enable");
  await send("Emulation.setDeviceMetricsOverride", { width: 1100, height: 800, deviceScaleFactor: 1, mobile: false });
  await go("/");
  assert.equal(await evaluate("document.activeElement.id"), "q", "the box has the focus");
  await type("Model uses ML");
  await until("!document.getElementById('offers').hidden", "completions");
  assert.equal(await evaluate("document.querySelector('#offers li span').textContent"), "MLA");
  await shot("completion");
  await key("Tab");
  assert.equal(await evaluate("document.getElementById('q').value"), "Model uses MLA");
  let done = loaded();
  await key("Enter");
  await done;
  assert.equal(await evaluate("location.search"), "?q=Model+uses+MLA");
  const cells = "[...document.querySelectorAll('tbody tr')].map((row) => row.cells[0].textContent).join()";
  assert.equal(await evaluate(cells), "DeepSeek V2,DeepSeek V3");
  await shot("rows");
  await evaluate("document.querySelector('th button').click()");
  await evaluate("document.querySelector('th button').click()");
  assert.equal(await evaluate(cells), "DeepSeek V3,DeepSeek V2", "two clicks turn the order");
  assert.equal(await evaluate("document.querySelector('th').getAttribute('aria-sort')"), "descending");
  done = loaded();
  await evaluate("document.querySelectorAll('a.why')[0].click()");
  await done;
  assert.match(await evaluate("document.querySelector('section.why').textContent"), /DeepSeek V3 uses MLA|DeepSeek V2 uses MLA/);
  await shot("why");
  await evaluate("document.activeElement.blur()");
  await key("/");
  assert.equal(await evaluate("document.activeElement.id"), "q", "a slash leads to the box");
  await go("/?q=" + encodeURIComponent("lineage of DeepSeek R1"));
  assert.equal(await evaluate("document.querySelectorAll('iframe').length"), 1);
  assert.equal(await evaluate("document.querySelector('#history select').options.length"), 3, "two queries are remembered");
  await new Promise((resolve) => setTimeout(resolve, 500));
  await shot("picture");
  await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: "dark" }] });
  await send("Emulation.setDeviceMetricsOverride", { width: 380, height: 700, deviceScaleFactor: 1, mobile: true });
  await go("/?q=" + encodeURIComponent("Model m where m.parameters >= 100B show m, m.parameters, m.date") + "&possibly=1");
  assert.ok(await evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out of a narrow screen");
  await shot("narrow-dark");
  await go("/?q=" + encodeURIComponent("Modle uses MLA"));
  await shot("mistake");
  done = loaded();
  await evaluate("document.querySelector('.fixes a').click()");
  await done;
  assert.equal(await evaluate("location.search"), "?q=Model+uses+MLA");
  assert.deepEqual(errors, []);
  console.log("the page works");
} finally {
  socket.close();
  chromium.kill();
  server.kill();
  await new Promise((resolve) => chromium.once("exit", resolve));
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
