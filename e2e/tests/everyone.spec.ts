// People who see, move or read in other ways: twice the size, forced colours, no motion, paper. The width of a phone is
// in `phone.spec.ts`, the keyboard in `keyboard.spec.ts`, what axe finds in `accessible.spec.ts`.
import type { Locator, Page } from "@playwright/test";

import {
  buyNow, choice, expect, expectAccessible, expectFocusSeen, expectLoaded, expectPlaced, LOOKS, option, press, review,
  selected, tabTo, test, type Texts,
} from "../support/fixtures.ts";
import { expectNoOverflow, expectSettled, place, purchase } from "../support/orders.ts";

/** Buys, and looks at each state on the way. */
async function buy(page: Page, t: Texts, look: () => Promise<void>): Promise<void> {
  await expectLoaded(page, t);
  await look();
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  await buyNow(page, t).click();
  // At its top; where there is little height all of it scrolls.
  await expect(review(page, t).getByRole("heading").first()).toBeInViewport();
  await look();
  await review(page, t).getByRole("button", { name: t.placeOrder, exact: true }).click();
  await expectPlaced(page, t);
  await look();
}

for (const look of LOOKS) {
  // What a window of 1280 by 900 holds at these zooms; at 400 % WCAG 1.4.10 asks for no scrolling to the side.
  for (const [zoom, width, height] of [[200, 640, 450], [400, 320, 225]] as const) {
    test(`a purchase at ${zoom} % zoom, ${look.lang}`, async ({ openBuy }) => {
      const more = { viewport: { width, height }, isMobile: false, hasTouch: false, deviceScaleFactor: zoom / 100 };
      const { page, t } = await openBuy({ ...look, more, commodityCode: "CloudDesktop" });
      await buy(page, t, async () => {
        await expectNoOverflow(page);
        await expectAccessible(page);
      });
    });
  }

  test(`the keyboard at 200 % zoom: what has the focus is never under the bar, ${look.lang}`, async ({ openBuy }) => {
    const { page, t } = await openBuy({ ...look, more: { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 } });
    await expectLoaded(page, t);
    await press(page, "Tab");
    await tabTo(page, buyNow(page, t));
    await tabTo(page, page.getByRole("listbox", { name: t.image, exact: true }), "Shift+Tab");
  });

  test(`forced colours: what is chosen, what has the focus and what is disabled can be told, ${look.lang}`, async ({ openBuy }) => {
    const { page, t } = await openBuy({ ...look, more: { forcedColors: "active" } });
    await expectLoaded(page, t);
    const rowOf = (choice: Locator) => choice.locator("xpath=ancestor::label");
    const outline = (part: Locator) => part.evaluate((element) => getComputedStyle(element).outlineStyle);
    // The two zones differ by a line and not by a colour alone, before and after a change.
    const [first, second] = [0, 1].map((index) => page.getByRole("radiogroup", { name: t.zone, exact: true }).getByRole("radio").nth(index));
    expect([await outline(rowOf(first!)), await outline(rowOf(second!))]).toEqual(["solid", "none"]);
    await second!.check();
    await expectLoaded(page, t);
    expect([await outline(rowOf(first!)), await outline(rowOf(second!))]).toEqual(["none", "solid"]);
    await first!.check();
    await expectLoaded(page, t);
    await option(page, t.user, "zhang.san").click();
    expect(await outline(selected(page, t.user))).toBe("solid");

    // A control that has the focus has a line of its own, other than the one of what is chosen.
    await tabTo(page, buyNow(page, t));
    await expectFocusSeen(page);
    // Disabled is a colour of the system's own.
    const colours = await choice(page, t.vSwitch, "full").evaluate((radio) => {
      const probe = document.body.appendChild(document.createElement("span"));
      probe.style.color = "GrayText";
      const [grey, shown] = [probe, radio.closest("label")!].map((element) => getComputedStyle(element).color);
      probe.remove();
      return { grey, shown };
    });
    // Contrast is the system's affair here, and not for axe to measure: it reads colours that are not the ones shown.
    expect(colours.shown).toBe(colours.grey);
  });
}

test("nothing moves for whom motion is too much", async ({ openBuy, scenarios, tolerate }) => {
  // The pages are closed while their first lists are on the way, which no first view of the profile is.
  tolerate(/before that module had arrived/);
  await scenarios("slow");
  const running = (page: Page) => page.evaluate(() => document.getAnimations().length);
  const still = await openBuy({ more: { reducedMotion: "reduce" } });
  await expect(still.page.locator(".bone").first()).toBeVisible();
  expect(await running(still.page)).toBe(0);
  const moving = await openBuy({ more: { reducedMotion: "no-preference" } });
  await expect(moving.page.locator(".bone").first()).toBeVisible();
  expect(await running(moving.page)).toBeGreaterThan(0);
});

for (const look of LOOKS) {
  test(`an order on paper is the order and nothing else, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo("--scenario", "sold-out-at-purchase");
    await place(demo, await purchase(demo, "on-paper", { ChargeType: "PREPAY", Period: 3 }));
    await expectSettled(demo);
    const { page, t } = await open("/#/orders/on-paper", { ...look, of: demo });
    const card = page.getByRole("region", { name: t.order, exact: true });
    await expect(card).toContainText("zhang.san");
    await page.emulateMedia({ media: "print" });
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    for (const text of ["zhang.san", "desktop.n1.small", "cn-hangzhou-b", "on-paper", t.rejected]) {
      await expect(card.getByText(text).first()).toBeVisible();
    }
    for (const role of ["navigation", "button", "link"] as const) {
      for (const part of await page.getByRole(role).all()) await expect(part).toBeHidden();
    }
    // Dark on white in the dark theme too: ink is dear.
    const [ink, paper] = await page.evaluate(() => {
      const light = (colour: string) => (colour.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
      const { color, backgroundColor } = getComputedStyle(document.documentElement);
      return [light(color), light(backgroundColor)];
    });
    expect(ink).toBeLessThan(3 * 60);
    expect(paper).toBe(3 * 255);
    await expectNoOverflow(page);
  });
}
