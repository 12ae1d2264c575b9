// Looks through the pages of `begat serve` and `begat site` with axe-core in Chromium, light, dark and narrow:
// node tests/accessibility.mjs PATH-OF-BEGAT [FOLDER-FOR-SCREENSHOTS [PAGES]] (needs `chromium`, `npm`, and Node 22, or 20 with
// --experimental-websocket). axe-core is fetched by npm into target/axe; what is missing is said, and ends with status 0.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { line, open } from "./support/browser.mjs";

const [begat, shots, only = ""] = process.argv.slice(2);
const AXE = "target/axe/node_modules/axe-core/axe.min.js";
if (!existsSync(AXE)) spawnSync("npm", ["install", "--silent", "--no-save", "--prefix", "target/axe", "axe-core@4"], { stdio: "inherit" });
if (!existsSync(AXE) || spawnSync("chromium", ["--version"]).status !== 0 || typeof WebSocket === "undefined") {
  console.log("axe-core, Chromium or WebSocket is missing: left out");
  process.exit(0);
}
const axe = readFileSync(AXE, "utf8");

const folder = mkdtempSync(join(tmpdir(), "begat-site-"));
const made = spawnSync(begat, ["site", "-o", join(folder, "s"), "Model m uses MLA show m, m.date", "timeline of Model"], { encoding: "utf8" });
if (made.status !== 0) throw new Error(made.stderr);
const server = spawn(begat, ["serve", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
const served = (await line(server.stdout, /http:\/\/\S+/)).replace(/\/$/, "");
const ask = (query, more = "") => `${served}/?q=${encodeURIComponent(query)}${more}`;
const file = (path) => pathToFileURL(join(folder, "s", path)).href;
const pages = {
  home: served + "/",
  rows: ask("Model m where m.parameters >= 100B show m, m.parameters, m.date", "&possibly=1&why=0"),
  picture: ask("timeline of Model"),
  verdict: ask("DeepSeek V3 uses MLA"),
  mistake: ask("Modle uses MLA"),
  entity: served + "/entity?name=DeepSeek+V3",
  missing: served + "/entity?name=Nobody",
  drawn: served + "/answer.html?q=lineage+of+DeepSeek+R1",
  site: file("index.html"),
  "site-entity": file("entity/deepseek-v3.html"),
  "site-source": file("source/goose.html"),
  "site-query": file("query/model-m-uses-mla-show-m-m-date.html"),
  "site-timeline": file("query/timeline-of-model.html"),
};
const looks = [["light", 1100, 800, false], ["dark", 1100, 800, false], ["light", 380, 700, true]];

// What is in frames is looked at as a page of its own; the page around it has the heading.
const options = (name) => JSON.stringify({ iframes: false, preload: false, rules: { "page-has-heading-one": { enabled: name !== "drawn" } } });
const page = await open(shots);
let found = 0, seen = 0;
try {
  for (const [scheme, width, height, mobile] of looks) {
    await page.scheme(scheme);
    await page.screen(width, height, mobile);
    for (const [name, url] of Object.entries(pages).filter(([name]) => name.startsWith(only))) {
      await page.go(url);
      await page.evaluate(axe);
      const violations = await page.evaluate(`axe.run(document, ${options(name)}).then((told) => told.violations.map((one) =>` +
        " ({ id: one.id, help: one.help, nodes: one.nodes.map((node) => node.html.slice(0, 200) + ' ' + node.failureSummary) })))");
      seen++;
      for (const { id, help, nodes } of violations) {
        found++;
        console.error(`${name}, ${scheme}, ${width} wide: ${id}: ${help}\n  ${nodes.slice(0, 3).join("\n  ")}`);
      }
      if (!(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))) {
        found++;
        console.error(`${name}, ${scheme}, ${width} wide: it sticks out of the screen`);
      }
      await page.shot(`${name}-${mobile ? "narrow" : scheme}`);
    }
  }
} finally {
  server.kill();
  await page.close();
  rmSync(folder, { recursive: true, force: true });
}
// The page of a missing name answers 404, once in each look.
const [lost, others] = [true, false].map((is) => page.errors.filter((error) => error.includes("status of 404") === is));
const errors = others.concat(lost.slice("missing".startsWith(only) ? looks.length : 0));
for (const error of errors) console.error(error);
console.log(`${seen} pages, ${found} violations`);
process.exit(found || errors.length ? 1 : 0);
