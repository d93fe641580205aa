// `make first-view`: looks which functions the purchase's module does without for its first view, for the choice of a type
// and for who comes back, and lists them in frontend/buy.late, by which the build divides the module (tools/split.mjs).
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium, startDemo } from "./browser.mjs";
import { key } from "./split.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = `${root}target/first-view`;
const names = `${folder}/names.json`;
rmSync(folder, { recursive: true, force: true });
execFileSync("trunk", ["build", "--release", "--offline", "--dist", `${folder}/page`], {
  cwd: root,
  env: { ...process.env, RUST_LOG: "error", COUNT_FUNCTIONS_INTO: names },
  stdio: ["ignore", "inherit", "inherit"],
});

const demo = await startDemo("--page", `${folder}/page`);
const browser = await chromium();
const entered = new Set();

async function complete(page) {
  // The last of the first view's lists.
  await page.locator("input[name=v-switch]").first().waitFor();
  await page.waitForLoadState("networkidle");
}

async function note(page) {
  for (const index of await page.evaluate(() => [...globalThis.entered])) entered.add(index);
}

try {
  for (const locale of ["zh-CN", "en-US"]) {
    for (const commodity of ["CloudDesktopPost", "CloudDesktop"]) {
      const page = await browser.newPage({ locale });
      await page.goto(demo.page.replace(/commodityCode=\w+/, `commodityCode=${commodity}`));
      await complete(page);
      await page.locator("input[type=radio][name=type]:not(:checked)").first().click();
      await page.waitForLoadState("networkidle");
      await note(page);
      // Who comes back finds what was chosen.
      await page.locator("#user [role=option]").first().click();
      await page.reload();
      await complete(page);
      await note(page);
      await page.close();
    }
  }
} finally {
  await browser.close();
  demo.stop();
}

const keys = JSON.parse(readFileSync(names, "utf8")).map(key);
const early = new Set([...entered].map((index) => keys[index]));
const late = [...new Set(keys)].filter((one) => !early.has(one)).sort();
writeFileSync(`${root}frontend/buy.late`, `${late.join("\n")}\n`);
console.log(`${early.size} functions are called in the first view, ${late.length} come later`);
