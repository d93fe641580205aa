// The width of a phone: nothing sticks out, the bar is at the bottom, and a purchase passes.
import type { Page } from "@playwright/test";

import {
  buyNow, choice, expect, expectAccessible, expectLoaded, expectPlaced, LANGS, LOOKS, option, review, selected, summary,
  test, type Texts,
} from "../support/fixtures.ts";

/** Nothing is wider than the screen, so that nothing has to be scrolled sideways. */
async function expectNoOverflow(page: Page): Promise<void> {
  const overflowing = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width && window.innerWidth <= width) return [];
    const wide = [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > width + 1);
    return [`${document.documentElement.scrollWidth} of ${width} pixels`, ...wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 120))];
  });
  expect(overflowing, "wider than the screen").toEqual([]);
}

/** The bar with the button is at the bottom of the screen, wherever the page is scrolled to. */
async function expectBar(page: Page, t: Texts, height: number): Promise<void> {
  for (const to of [0, 100_000, 600]) {
    await page.evaluate((to) => window.scrollTo(0, to), to);
    const bar = await summary(page, t).boundingBox();
    expect(Math.round(bar!.y + bar!.height)).toBe(height);
    expect(bar!.height).toBeLessThan(height / 3);
    await expect(buyNow(page, t)).toBeInViewport({ ratio: 1 });
  }
}

for (const width of [390, 360]) {
  for (const look of LOOKS) {
    test(`a purchase at ${width} pixels, ${look.lang}`, async ({ openBuy, state }) => {
      const { page, t } = await openBuy({ ...look, width, commodityCode: "CloudDesktop" });
      expect(await page.evaluate(() => window.innerWidth)).toBe(width);
      await expectLoaded(page, t);
      await expectNoOverflow(page);
      await expectBar(page, t, 780);
      await expectAccessible(page);

      await choice(page, t.duration, t.months(12)).check();
      await choice(page, t.type, "desktop.ga1.4xlarge").check();
      await choice(page, t.vSwitch, "call-center").check();
      await choice(page, t.imageType, t.imageCustom).check();
      await option(page, t.image, "training <room 2>").click();
      await expect(selected(page, t.image)).toContainText("training");
      await option(page, t.user, "欧阳修文").click();
      await expect(selected(page, t.user)).toContainText("欧阳修文");
      await expectLoaded(page, t);
      await expectNoOverflow(page);

      // The bar unfolds to the whole configuration.
      await summary(page, t).locator("summary").click();
      await expect(summary(page, t).locator("details dl")).toContainText("ouyang@example.com");
      await expect(buyNow(page, t)).toBeInViewport({ ratio: 1 });
      await expectNoOverflow(page);
      await expectAccessible(page);
      await summary(page, t).locator("summary").click();

      await buyNow(page, t).click();
      const place = review(page, t).getByRole("button", { name: t.placeOrder, exact: true });
      await expect(place).toBeInViewport({ ratio: 1 });
      await expectNoOverflow(page);
      await expectAccessible(page);
      await place.click();
      await expectPlaced(page, t);
      await expectNoOverflow(page);
      await expectAccessible(page);
      expect((await state()).desktops).toEqual([
        expect.objectContaining({ user: "欧阳修文", type: "desktop.ga1.4xlarge", period: 12 }),
      ]);

      await page.getByRole("main").getByRole("link", { name: t.orders, exact: true }).click();
      await expect(page.getByRole("listitem").first()).toContainText(t.placed);
      await expectNoOverflow(page);
      await expectAccessible(page);
    });
  }

  test(`dialogs, errors and the chooser of regions at ${width} pixels`, async ({ openBuy }) => {
    const { page, t } = await openBuy({ width, region: null });
    await page.getByRole("button", { name: /cn-hangzhou/ }).waitFor();
    await expectNoOverflow(page);
    await page.getByRole("button", { name: /cn-hangzhou/ }).click();
    await expectLoaded(page, t);

    await buyNow(page, t).click();
    await expect(summary(page, t).getByText(t.pleaseMend)).toBeInViewport();
    await expectNoOverflow(page);
    await summary(page, t).getByRole("link", { name: t.user, exact: true }).click();
    await expect(page.getByRole("listbox", { name: t.user, exact: true })).toBeInViewport();

    await page.getByRole("button", { name: t.newUser, exact: true }).click();
    const dialog = page.getByRole("dialog", { name: t.newUser });
    await dialog.getByRole("button", { name: t.createUser }).click();
    await expect(dialog.getByRole("textbox", { name: t.userName, exact: true })).toBeFocused();
    await expectNoOverflow(page);
    await expectAccessible(page);
  });
}

for (const lang of LANGS) {
  test(`with text of twice the size nothing is wider than the screen, and “buy now” is in sight, ${lang}`, async ({ openBuy }) => {
    const before = (page: Page) => page.addInitScript(() => {
      addEventListener("DOMContentLoaded", () => (document.documentElement.style.fontSize = "200%"));
    });
    const { page, t } = await openBuy({ lang, width: 390, before });
    await option(page, t.user, "zhang.san").click();
    await expectLoaded(page, t);
    await expectNoOverflow(page);
    await expect(buyNow(page, t)).toBeInViewport({ ratio: 1 });
    await expectAccessible(page);
    for (const hash of ["#/orders", "#/desktops", "#/summary"]) {
      await page.evaluate((hash) => (location.hash = hash), hash);
      await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
      await expect(page.locator(".skeleton")).toHaveCount(0);
      await expectNoOverflow(page);
    }
  });
}

for (const width of [700, 1000, 1280]) {
  test(`types have room for their words at ${width} pixels`, async ({ openBuy }) => {
    const { page, t } = await openBuy({ lang: "en", width, commodityCode: "CloudDesktop" });
    await expectLoaded(page, t);
    // A word that does not fit is broken, letter by letter in the end.
    const lines = await page.locator(".types .fact").evaluateAll((facts) =>
      facts.map((fact) => [...fact.childNodes].map((node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return node instanceof Text ? range.getClientRects().length : 0;
      }).reduce((most, count) => Math.max(most, count), 0)));
    expect(Math.max(...lines), "lines of the fact that has most").toBeLessThanOrEqual(2);
    await expectNoOverflow(page);
  });
}
