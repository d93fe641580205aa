// The page cannot open: no WebAssembly, a script or module that something blocks. Plain HTML says what helps,
// at once where it is known that nothing will come; and loading it anew loses nothing of the address.
import type { Page } from "@playwright/test";

import type { Demo } from "../support/demo.ts";
import { buyPath, choice, expect, expectAccessible, expectLoaded, type Fixtures, LOOKS, test } from "../support/fixtures.ts";

const NAMES = {
  zh: { help: /请换用较新的浏览器.*拦截脚本和 WebAssembly/, reload: /重新加载/ },
  en: { help: /use a newer browser.*blocks scripts or WebAssembly/, reload: /Reload/ },
} as const;

const withoutWebAssembly = (page: Page) => page.addInitScript(() => Reflect.deleteProperty(globalThis, "WebAssembly"));
const block = (files: string) => (page: Page) => page.route(files, (route) => route.abort("blockedbyclient"));

/** A demo whose proxy knows the list of types, as it does after the first visit. */
async function knowing(startDemo: Fixtures["startDemo"]): Promise<Demo> {
  const demo = await startDemo("--cache", "8");
  await demo.learn("cn-hangzhou");
  return demo;
}

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  // Once the proxy knows the list of types, the document is another one.
  for (const known of [false, true]) {
    const where = `${look.lang}, ${known ? "with" : "without"} the list of types`;

    for (const [what, before] of [
      ["a browser without WebAssembly", withoutWebAssembly],
      ["a module that is blocked", block("**/*_bg.wasm")],
      ["the module's script blocked", block("**/frontend-*.js")],
    ] as const) {
      test(`${what}: the page says at once what helps, ${where}`, async ({ openBuy, startDemo, tolerate }) => {
        tolerate(/WebAssembly|net::ERR_|Failed to fetch|import/);
        const { page, t } = await openBuy({ ...look, before, ...(known && { of: await knowing(startDemo) }) });
        await expect(choice(page, t.type, "desktop.n1.small")).toHaveCount(known ? 1 : 0);
        await expect(page.getByRole("alert").getByRole("link", { name: names.reload })).toBeVisible();
        await expect(page.getByText(names.help)).toBeVisible();
        await expectAccessible(page);
      });
    }

    test(`the page's script blocked: the page says what helps by itself, ${where}`, async ({ openBuy, startDemo, tolerate }) => {
      tolerate(/net::ERR_/);
      const before = block("**/loader-*.js");
      const { page, t } = await openBuy({ ...look, before, ...(known && { of: await knowing(startDemo) }) });
      await expect(choice(page, t.type, "desktop.n1.small")).toHaveCount(known ? 1 : 0);
      const help = page.getByText(names.help);
      await expect(help).toBeAttached();
      await expect(help).toBeHidden();
      // After a while, which the test does not wait for.
      await page.evaluate(() => document.getAnimations().forEach((animation) => Number.isFinite(animation.effect?.getComputedTiming().endTime) && animation.finish()));
      await expect(help).toBeVisible();
      await expectAccessible(page);
    });
  }
}

test("a page that could not open is loaded anew where one was, hash and query included", async ({ open, tolerate }) => {
  tolerate(/net::ERR_|Failed to fetch/);
  const path = buyPath({ request: { zoneId: "cn-hangzhou-e" }, hash: "#/orders/some-order" });
  const { page, t } = await open(path, { before: block("**/*_bg.wasm") });
  const link = page.getByRole("alert").getByRole("link", { name: NAMES.zh.reload });
  await expect(link).toBeVisible();
  const address = page.url();
  expect(new URL(address).hash).toBe("#/orders/some-order");
  await page.unroute("**/*_bg.wasm");
  tolerate(/status of 404/);
  await link.click();
  await expect(page.getByRole("heading", { level: 1, name: t.order })).toBeVisible();
  expect(page.url()).toBe(address);
});

test("the help is gone once the page has opened", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  await expect(page.getByText(NAMES.zh.help)).toHaveCount(0);
});
