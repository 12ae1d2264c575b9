// A page in headless Chromium, talked to by the DevTools protocol (needs `chromium`, and Node 22 or 20 with
// --experimental-websocket).
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/// The first match in what a stream carries.
export const line = (stream, pattern) => new Promise((resolve) => {
  let text = "";
  stream.on("data", (bytes) => { text += bytes; const found = text.match(pattern); if (found) resolve(found[0]); });
});

/// A page; screenshots go into the folder `shots` where there is one.
export async function open(shots) {
  const folder = mkdtempSync(join(tmpdir(), "begat-browser-"));
  const chromium = spawn("chromium", ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
    "--remote-debugging-port=0", `--user-data-dir=${folder}`, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
  const browser = await line(chromium.stderr, /ws:\/\/\S+/);
  const port = new URL(browser).port;
  const targets = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
  const socket = new WebSocket(targets.find((target) => target.type === "page").webSocketDebuggerUrl);
  await new Promise((resolve) => { socket.onopen = resolve; });
  let last = 0;
  const waiting = new Map(), listeners = [], errors = [];
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
  const evaluate = async (expression) => {
    const told = await send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    if (told.exceptionDetails) throw new Error(told.exceptionDetails.exception?.description ?? told.exceptionDetails.text);
    return told.result.value;
  };
  const until = async (expression, what) => {
    for (let tries = 0; tries < 200; tries++) {
      if (await evaluate(expression)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("never: " + what);
  };
  const go = async (url) => { const done = loaded(); await send("Page.navigate", { url }); await done; };
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
  const screen = (width, height, mobile) => send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile });
  const scheme = (value) => send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }] });
  const close = async () => {
    socket.close();
    chromium.kill();
    await new Promise((resolve) => chromium.once("exit", resolve));
    // Its children may still write for a moment; what is left then is left to the system.
    for (let tries = 0; tries < 30; tries++) {
      try {
        rmSync(folder, { recursive: true, force: true });
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };
  for (const domain of ["Page", "Runtime", "Log"]) await send(domain + ".enable");
  await screen(1100, 800, false);
  return { send, loaded, evaluate, until, go, type, key, shot, screen, scheme, close, errors };
}
