// `make bench-page`: how long the page takes on a slow machine and a slow line, beside the same by hand in plain HTML
// and script, in the same run. Prints tables; decides nothing.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

import { chromium, startDemo } from "../../tools/browser.mjs";
import { coldLoads } from "./cold-load.mjs";
import { SLOWER } from "./slow.mjs";
import { typing } from "./typing.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const times = Number(process.env.TIMES ?? 5);

/** The plain page with the looks of the page, packed as the page is. */
function plainPage() {
  const folder = mkdtempSync(join(tmpdir(), "deskbuy-plain-"));
  cpSync(fileURLToPath(new URL("plain", import.meta.url)), folder, { recursive: true });
  // Those of the purchase.
  const sheets = readFileSync(`${root}index.html`, "utf8").matchAll(/href="(style\/[^"/]+\.css)"/g);
  const styles = [...sheets].map(([, sheet]) => readFileSync(`${root}${sheet}`, "utf8"));
  writeFileSync(join(folder, "plain.css"), styles.join("\n").replace(/\/\*.*?\*\//gs, "").replace(/\s+/g, " "));
  for (const name of readdirSync(folder)) writeFileSync(join(folder, `${name}.br`), brotliCompressSync(readFileSync(join(folder, name))));
  return folder;
}

function table(head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => String(row[column]).length)));
  for (const row of [head, ...rows]) {
    console.log(row.map((cell, column) => (column === 0 ? String(cell).padEnd(widths[0]) : String(cell).padStart(widths[column] + 3))).join(""));
  }
}

const folder = plainPage();
const many = ["--users", "50000"];
const demos = await Promise.all([startDemo(), startDemo("--page", folder), startDemo(...many), startDemo("--page", folder, ...many)]);
const [page, plain, pageOfMany, plainOfMany] = demos.map((demo) => demo.page);
const browser = await chromium();
try {
  console.log(`Cold load, 1.6 Mbit/s, 150 ms, processor ${SLOWER} times slower, median of ${times}`);
  const loads = await coldLoads(browser, { page, plain }, times);
  const row = (label, member, digits, unit) => {
    const [ours, limit] = [loads.page[member], loads.plain[member]];
    const ratio = limit > 0 ? (ours / limit).toFixed(2) : "";
    return [label, `${ours.toFixed(digits)}${unit}`, `${limit.toFixed(digits)}${unit}`, ratio];
  };
  table(["", "page", "plain", "ratio"], [
    row("first contentful paint", "paint", 0, " ms"),
    row("a type can be chosen", "usable", 0, " ms"),
    row("the last list is there", "complete", 0, " ms"),
    row("bytes received", "bytes", 0, ""),
    row("requests", "requests", 0, ""),
    row("layout shift, all together", "shift", 4, ""),
  ]);
  for (const line of loads.page.moved) console.log(`  moved: ${line}`);

  console.log(`\nTyping in the list of 50,000 users, processor ${SLOWER} times slower, key to paint`);
  const [ours, limit] = [await typing(browser, pageOfMany), await typing(browser, plainOfMany)];
  const ms = (value) => `${value.toFixed(1)} ms`;
  table(["", "page", "plain"], [
    ["median", ms(ours.middle), ms(limit.middle)],
    ["p95", ms(ours.p95), ms(limit.p95)],
    ["longest", ms(ours.most), ms(limit.most)],
    ["nodes of the list", ours.nodes, limit.nodes],
  ]);
} finally {
  await browser.close();
  for (const demo of demos) demo.stop();
  rmSync(folder, { recursive: true, force: true });
}
