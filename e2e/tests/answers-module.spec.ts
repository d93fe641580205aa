// The answers module stands behind the primary one in one file, so both come together in a test. A script keeps the page from having the
// second of them (frontend/loader/primary.js).
import type { Page } from "@playwright/test";

import { buyNow, buyPath, choice, chosen, expect, expectLoaded, LANGS, option, test } from "../support/fixtures.ts";

/** The promises that the script below makes. */
declare global {
  var letAnswersModuleCome: () => void;
  var loseAnswersModule: () => void;
}

async function keepBack(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { instantiate } = WebAssembly;
    const kept = new Promise<void>((resolve, reject) => {
      globalThis.letAnswersModuleCome = resolve;
      globalThis.loseAnswersModule = () => reject(new TypeError("network error"));
    });
    let modules = 0;
    WebAssembly.instantiate = (async (...args: Parameters<typeof instantiate>) => {
      modules += 1;
      if (modules === 2) await kept;
      return instantiate(...args);
    }) as typeof instantiate;
  });
}

const arrive = (page: Page) => page.evaluate(() => globalThis.letAnswersModuleCome());

/** The app's heading. The document's own cannot have the focus. */
const mounted = (page: Page) => page.locator("#main h1[tabindex]");

for (const lang of LANGS) {
  test(`the app is mounted before it, and what is pressed then is done when all is there, ${lang}`, async ({ openBuy }) => {
    const { page, t } = await openBuy({ lang, before: keepBack });
    await expect(mounted(page)).toHaveText(t.title);
    await expect(page.locator("#main .skeleton").first()).toBeVisible();
    await expect(choice(page, t.type, "desktop.n1.small")).toHaveCount(0);
    await page.getByRole("button", { name: lang === "zh" ? "English" : "中文" }).click();
    await page.waitForLoadState("networkidle");
    await expect(page.locator("html")).toHaveAttribute("lang", lang === "zh" ? "zh-CN" : "en");
    await arrive(page);
    await expect(page.locator("html")).toHaveAttribute("lang", lang === "zh" ? "en" : "zh-CN");
    await expect(page.locator("#main .skeleton")).toHaveCount(0);
  });

  test(`if it gets lost on its way the page says that it has to be loaded anew, ${lang}`, async ({ openBuy, tolerate }) => {
    tolerate(/network error/);
    const { page } = await openBuy({ lang, before: keepBack });
    await expect(mounted(page)).toBeVisible();
    await page.evaluate(() => globalThis.loseAnswersModule());
    await expect(page.locator("#fatal")).toBeVisible();
  });
}

test("what answers come before it are read when it is there, and a purchase goes on from there", async ({ openBuy }) => {
  const { page, t } = await openBuy({ lang: "zh", before: keepBack });
  await expect(mounted(page)).toBeVisible();
  await page.waitForLoadState("networkidle");
  await arrive(page);
  await expectLoaded(page, t);
  await expect(chosen(page, t.type)).toHaveValue("desktop.n1.small");
  await option(page, t.user, "zhang.san").click();
  await buyNow(page, t).click();
  await expect(page.getByRole("dialog")).toContainText("zhang.san");
});

test("the orders are drawn when it is there", async ({ open }) => {
  const { page, t } = await open(buyPath({ hash: "#/orders" }), { before: keepBack });
  await expect(page.locator("#main .skeleton").first()).toBeVisible();
  await page.waitForLoadState("networkidle");
  await expect(page.getByRole("heading", { level: 1, name: t.orders })).toHaveCount(0);
  await arrive(page);
  await expect(page.getByRole("heading", { level: 1, name: t.orders })).toBeVisible();
});
