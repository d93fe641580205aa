// `make size`: counts the bytes that come over the line, packed, until the first view of the purchase is complete and until an
// order is placed, and compares both with tools/size-budget.json. Exits with 1 above a budget.
import { readFileSync } from "node:fs";
import { chromium, startDemo } from "./browser.mjs";

const budget = JSON.parse(readFileSync(new URL("size-budget.json", import.meta.url), "utf8"));
const demo = await startDemo();
const browser = await chromium();
const rows = [];
let part = "cold load";
try {
  const page = await browser.newPage({ locale: "zh-CN" });
  const counted = [];
  page.on("requestfinished", (request) => {
    const row = { name: new URL(request.url()).pathname.replace(/-[0-9a-f]{16}/, ""), part };
    // It is fetched as soon as the first view is complete, with its style, and no part of that.
    if (/[_/]deferred\.(wasm|css)$/.test(row.name)) row.part = "deferred module";
    rows.push(row);
    counted.push(request.sizes().then(({ responseBodySize }) => (row.bytes = responseBodySize)));
  });
  await page.goto(demo.page);
  // The page is complete when the last of its lists, the vSwitches of the default zone, is there.
  await page.getByRole("radiogroup", { name: "交换机" }).waitFor();
  await page.waitForLoadState("networkidle");
  part = "until the order is placed";
  await page.getByRole("option", { name: "zhang.san" }).click();
  await page.getByRole("button", { name: "立即购买" }).click();
  await page.getByRole("button", { name: "提交订单" }).click();
  await page.locator("section.order .state.good").waitFor();
  await Promise.all(counted);
} finally {
  await browser.close();
  demo.stop();
}

const sum = (rows) => rows.reduce((sum, { bytes }) => sum + bytes, 0);
const line = (name, bytes) => console.log(`${name.padEnd(48)}${String(bytes).padStart(10)}`);
for (const part of new Set(rows.map((row) => row.part))) {
  const those = rows.filter((row) => row.part === part);
  line(part, "bytes");
  for (const { name, bytes } of those.sort((a, b) => b.bytes - a.bytes)) line(`  ${name}`, bytes);
}
const results = [
  ["cold load", sum(rows.filter(({ part }) => part === "cold load")), budget.coldLoadBytes],
  ["all until an order is placed", sum(rows), budget.placedOrderBytes],
];
for (const [name, bytes, most] of results) {
  line(`${name}, of ${most} at most`, bytes);
  if (bytes > most) {
    console.error(`size: ${name}: ${bytes - most} bytes above the budget`);
    process.exitCode = 1;
  }
}
