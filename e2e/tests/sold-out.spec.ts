// Sold out: shown before, at the last moment, and by the cloud itself; and other refusals of a purchase.
import type { Page } from "@playwright/test";

import {
  BROKEN_CONNECTION, buyNow, choice, ERROR_ANSWER, expect, expectAccessible, expectLoaded, expectPlaced, LANGS, option, order, review, selected,
  summary, test, type Texts,
} from "../support/fixtures.ts";

/** Chooses something of everything. */
async function chooseAll(page: Page, t: Texts): Promise<void> {
  await choice(page, t.billing, t.prePay).check();
  await choice(page, t.duration, t.months(6)).check();
  await choice(page, t.type, "desktop.n1.medium").check();
  await page.getByRole("radiogroup", { name: t.zone, exact: true }).getByRole("radio").nth(2).check();
  await choice(page, t.vSwitch, "training").check();
  await choice(page, t.imageType, t.imageCustom).check();
  await option(page, t.image, "office-standard").click();
  await option(page, t.user, "li.si").click();
  await choice(page, t.userGroup, t.administrators).check();
}

/** All of that is still chosen. */
async function expectAll(page: Page, t: Texts): Promise<void> {
  await expect(choice(page, t.billing, t.prePay)).toBeChecked();
  await expect(choice(page, t.duration, t.months(6))).toBeChecked();
  await expect(choice(page, t.type, "desktop.n1.medium")).toBeChecked();
  await expect(page.getByRole("radiogroup", { name: t.zone, exact: true }).getByRole("radio").nth(2)).toBeChecked();
  await expect(choice(page, t.vSwitch, "training")).toBeChecked();
  await expect(selected(page, t.image)).toContainText("office-standard");
  await expect(selected(page, t.user)).toContainText("li.si");
  await expect(choice(page, t.userGroup, t.administrators)).toBeChecked();
}

const REFUSALS = [
  ["sold-out-before-purchase", "refusedSoldOut", "the type goes between the look at the stock and the purchase"],
  ["sold-out-at-purchase", "refusedSoldOut", "the cloud says sold out when it is asked to buy"],
  ["insufficient-balance", "lowBalance", "the account has too little money"],
] as const;

for (const lang of LANGS) {
  for (const [fault, text, what] of REFUSALS) {
    test(`${what}: nothing is bought, nothing chosen is lost, ${lang}`, async ({ openBuy, scenarios, state, tolerate }) => {
      const { page, t } = await openBuy({ lang });
      await expectLoaded(page, t);
      // This fault lets one look see the stock; that of the table would be it.
      await page.route("**/api/stock?*", (route) => route.abort());
      tolerate(BROKEN_CONNECTION);
      await scenarios(fault);
      await chooseAll(page, t);
      await order(page, t);

      const card = page.getByRole("region", { name: t.order, exact: true });
      await expect(card.getByText(t.rejected, { exact: true })).toBeVisible();
      // In the notice, and again in the history.
      await expect(card.getByText(t[text]).first()).toBeVisible();
      await expect(card.getByText(t.nothingBought)).toBeVisible();
      await expectAccessible(page);
      const { desktops, calls } = await state();
      expect(desktops).toEqual([]);
      // What is known to be sold out is not even asked for.
      if (fault === "sold-out-before-purchase") expect(calls["CreateDesktop"]).toBeUndefined();

      await page.getByRole("link", { name: t.backToForm }).click();
      await expectAll(page, t);
      await scenarios();
      // The stock is as it was when it was last looked at; another choice looks again.
      await choice(page, t.type, "desktop.n1.large").check();
      await choice(page, t.type, "desktop.n1.medium").check();
      await order(page, t);
      await expectPlaced(page, t);
      expect((await state()).desktops).toEqual([
        expect.objectContaining({ user: "li.si", period: 6, type: "desktop.n1.medium", zone: "cn-hangzhou-g" }),
      ]);
    });
  }

  test(`a zone that is sold out says so before, and nothing can be bought there, ${lang}`, async ({ openBuy, scenarios, state }) => {
    await scenarios("sold-out-zone");
    const { page, t } = await openBuy({ lang });
    const zones = page.getByRole("radiogroup", { name: t.zone, exact: true }).getByRole("radio");
    await expect(page.getByText(t.inStock)).toBeVisible();
    await option(page, t.user, "zhang.san").click();
    await zones.nth(1).check();
    await expect(page.locator("main").getByText(t.soldOut)).toBeVisible();
    await expectLoaded(page, t);
    await expectAccessible(page);

    await buyNow(page, t).click();
    await expect(review(page, t)).toHaveCount(0);
    const missing = summary(page, t).getByRole("alert");
    await expect(missing).toContainText(t.refusedSoldOut);
    await missing.getByRole("link", { name: t.zone }).click();
    await expect(zones.nth(1)).toBeFocused();

    // The next zone, by keyboard, has it.
    await page.keyboard.press("ArrowDown");
    await expect(zones.nth(2)).toBeChecked();
    await expect(page.getByText(t.inStock)).toBeVisible();
    await order(page, t);
    await expectPlaced(page, t);
    expect((await state()).desktops).toEqual([expect.objectContaining({ zone: "cn-hangzhou-g" })]);
  });
}

test("sold out everywhere: the page says so and can still be used", async ({ openBuy, scenarios, state }) => {
  await scenarios("sold-out");
  const { page, t } = await openBuy();
  await option(page, t.user, "zhang.san").click();
  for (const type of ["desktop.n1.small", "desktop.ga1.1xlarge"]) {
    await choice(page, t.type, type).check();
    await expect(page.getByText(new RegExp(`${type}.*${t.soldOut}`))).toBeVisible();
  }
  await expectLoaded(page, t);
  await buyNow(page, t).click();
  await expect(review(page, t)).toHaveCount(0);
  expect((await state()).calls["CreateDesktop"]).toBeUndefined();
});

test("stock that cannot be looked at does not stand in the way of a purchase", async ({ openBuy, scenarios, state, tolerate }) => {
  tolerate(ERROR_ANSWER);
  await scenarios("fail:DescribeAvailableResource");
  const { page, t } = await openBuy();
  await option(page, t.user, "zhang.san").click();
  await expect(page.getByText(t.stockUnknown)).toBeVisible();
  await expectLoaded(page, t);
  await buyNow(page, t).click();
  await expect(review(page, t)).toBeVisible();
  await scenarios();
  await review(page, t).getByRole("button", { name: t.placeOrder, exact: true }).click();
  await expectPlaced(page, t);
  expect((await state()).desktops).toHaveLength(1);
});
