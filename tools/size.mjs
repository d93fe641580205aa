// Counts the bytes of a cold load, as a browser asks for them and gets them packed, and compares the sum with the
// budget in tools/size-budget.json. Exits with 1 above the budget.
import { readFileSync } from "node:fs";
import { get } from "node:http";
import { brotliDecompressSync } from "node:zlib";
import { chromium, startDemo } from "./browser.mjs";

const budget = JSON.parse(readFileSync(new URL("size-budget.json", import.meta.url), "utf8")).coldLoadBytes;
const demo = await startDemo();
const browser = await chromium();
const asked = [];
try {
  const page = await browser.newPage();
  page.on("request", (request) => {
    if (request.url().startsWith("http")) asked.push(new URL(request.url()));
  });
  await page.goto(demo.page);
  // The page is complete when the last of its lists, the vSwitches of the default zone, is there.
  await page.getByRole("radiogroup", { name: /^(交换机|VSwitch)$/ }).waitFor();
  await page.waitForLoadState("networkidle");
} finally {
  await browser.close();
}

/** What comes over the wire, and what it is once it is unpacked. */
function download(url) {
  const accept = { "accept-encoding": "br" };
  return new Promise((resolve, reject) => {
    get(url, { headers: accept }, async (response) => {
      const packed = Buffer.concat(await response.toArray());
      const raw = response.headers["content-encoding"] === "br" ? brotliDecompressSync(packed) : packed;
      resolve({ raw: raw.length, packed: packed.length });
    }).on("error", reject);
  });
}

const rows = [];
for (const url of asked) {
  const name = url.pathname.replace(/-[0-9a-f]{16}/, "");
  rows.push({ name, ...(await download(url)) });
}
demo.stop();

rows.sort((a, b) => b.packed - a.packed);
const total = rows.reduce((sum, row) => sum + row.packed, 0);
const line = (name, raw, packed) => console.log(`${name.padEnd(48)}${String(raw).padStart(10)}${String(packed).padStart(10)}`);
line("cold load", "raw", "brotli");
for (const row of rows) line(row.name, row.raw, row.packed);
line(`total (${rows.length} requests)`, rows.reduce((sum, row) => sum + row.raw, 0), total);
line("budget", "", budget);
if (total > budget) {
  console.error(`size: ${total - budget} bytes above the budget`);
  process.exit(1);
}
