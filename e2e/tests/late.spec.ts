// What the first view of the purchase does without comes later: at the first sign of use, or when it is called.
import type { Page } from "@playwright/test";

import { buyPath, expect, expectLoaded, LANGS, test } from "../support/fixtures.ts";
import { option } from "../support/form.ts";

const LATE = "**/buy-*_late.wasm";

function lateRequests(page: Page): string[] {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("_late.wasm")) asked.push(request.resourceType());
  });
  return asked;
}

for (const lang of LANGS) {
  test(`the first view does without, and a sign of use fetches it once, ${lang}`, async ({ openBuy }) => {
    let asked: string[] = [];
    const { page, t } = await openBuy({ lang, before: async (page) => void (asked = lateRequests(page)) });
    await expectLoaded(page, t);
    // If it does not any more: `make first-view`.
    expect(asked).toEqual([]);
    await page.mouse.move(200, 200);
    await expect.poll(() => asked).toEqual(["fetch"]);
    await page.mouse.move(300, 300);
    await option(page, t.user, "zhang.san").click();
    await expect(option(page, t.user, "zhang.san")).toHaveAttribute("aria-selected", "true");
    // A click that was quicker than the answer has waited for one of its own.
    expect(asked.filter((kind) => kind === "fetch")).toEqual(["fetch"]);
    expect(asked.length).toBeLessThanOrEqual(2);
  });
}

test("who comes back to what was chosen does without as well", async ({ openBuy }) => {
  let asked: string[] = [];
  const { page, t } = await openBuy({ before: async (page) => void (asked = lateRequests(page)) });
  await expectLoaded(page, t);
  await option(page, t.user, "zhang.san").click();
  await expect(option(page, t.user, "zhang.san")).toHaveAttribute("aria-selected", "true");
  asked.length = 0;
  await page.reload();
  await expectLoaded(page, t);
  await expect(option(page, t.user, "zhang.san")).toHaveAttribute("aria-selected", "true");
  expect(asked).toEqual([]);
});

test("what is called before it has come is waited for", async ({ open, tolerate }) => {
  tolerate(/net::ERR_|Failed to fetch/);
  let asked: string[] = [];
  const { page, t } = await open(buyPath(), {
    before: async (page) => {
      asked = lateRequests(page);
      // The fetch ahead of need fails; the one in need does not.
      await page.route(LATE, (route) => (route.request().resourceType() === "xhr" ? route.continue() : route.abort()));
    },
  });
  await expectLoaded(page, t);
  await option(page, t.user, "zhang.san").click();
  await expect(option(page, t.user, "zhang.san")).toHaveAttribute("aria-selected", "true");
  expect(asked).toContain("xhr");
});

test("when it cannot be had at all, the page says that it must be loaded anew", async ({ open, tolerate }) => {
  tolerate(/net::ERR_|NetworkError|Failed to/);
  const { page, t } = await open(buyPath(), { before: (page) => page.route(LATE, (route) => route.abort()) });
  await expectLoaded(page, t);
  await option(page, t.user, "zhang.san").click();
  await expect(page.locator("#fatal")).toBeVisible();
});
