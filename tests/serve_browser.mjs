// Works `begat serve` by keys and clicks in Chromium: node tests/serve_browser.mjs PATH-OF-BEGAT [FOLDER-FOR-SCREENSHOTS]
// (needs `chromium` and Node 22, or 20 with --experimental-websocket; they talk by the DevTools protocol).
import { spawn } from "node:child_process";
import assert from "node:assert/strict";
import { line, open } from "./support/browser.mjs";

const [begat, shots] = process.argv.slice(2);
const server = spawn(begat, ["serve", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
const site = (await line(server.stdout, /http:\/\/\S+/)).replace(/\/$/, "");
const { send, loaded, evaluate, until, go: visit, type, key, shot, close, errors } = await open(shots);
const go = (path) => visit(site + path);

try {
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
  server.kill();
  await close();
}
