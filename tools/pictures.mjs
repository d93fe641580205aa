// Takes the pictures of the README: the page and an order, in both themes.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium, startDemo } from "./browser.mjs";

const folder = fileURLToPath(new URL("../docs/pictures/", import.meta.url));
mkdirSync(folder, { recursive: true });
const demo = await startDemo();
const browser = await chromium();
try {
  for (const [theme, language, buy, place] of [
    ["light", "zh-CN", "立即购买", "提交订单"],
    ["dark", "en-US", "Buy now", "Place order"],
  ]) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: language, colorScheme: theme });
    const page = await context.newPage();
    await page.goto(demo.page);
    await page.getByRole("radiogroup", { name: /^(交换机|VSwitch)$/ }).waitFor();
    await page.screenshot({ path: `${folder}purchase-${theme}.png` });
    await page.getByRole("option", { name: /zhang\.san/ }).click();
    await page.getByRole("button", { name: buy }).click();
    await page.getByRole("button", { name: place }).click();
    await page.getByText(/^(购买成功|Bought)$/).last().waitFor();
    await page.screenshot({ path: `${folder}order-${theme}.png` });
    await context.close();
  }
} finally {
  await browser.close();
  demo.stop();
}
