// Orders that were accepted and then refused by the cloud: what is wrong is said at the field of the form that it is about,
// however one comes back to the form, until something else is chosen there.
import type { Page } from "@playwright/test";

import {
  buyNow, choice, chosen, expect, expectAccessible, expectLoaded, expectPlaced, LOOKS, option, order, selected, summary, test,
  type Texts,
} from "../support/fixtures.ts";
import { expectNoOverflow, expectSettled, place, purchase } from "../support/orders.ts";

const NAMES = {
  zh: { mend: (field: string) => `在表单中修改：${field}`, done: "已处理 2 / 2", unmailed: "该用户没有邮箱地址" },
  en: { mend: (field: string) => `Change in the form: ${field}`, done: "2 of 2 done", unmailed: "This user has no e-mail address" },
} as const;

const zones = (page: Page, t: Texts) => page.getByRole("radiogroup", { name: t.zone, exact: true });
const toMend = (page: Page, t: Texts) => summary(page, t).locator(".to-mend");

async function expectRefusedAtZone(page: Page, t: Texts): Promise<void> {
  await expect(zones(page, t)).toHaveAttribute("aria-invalid", "true");
  await expect(zones(page, t)).toHaveAccessibleDescription(new RegExp(t.refusedSoldOut));
  await expect(toMend(page, t).getByRole("listitem")).toHaveText([new RegExp(`${t.zone}.*${t.refusedSoldOut}`)]);
}

async function expectNothingRefused(page: Page, t: Texts): Promise<void> {
  await expectLoaded(page, t);
  await expect(page.locator("[aria-invalid]")).toHaveCount(0);
  await expect(toMend(page, t)).toBeEmpty();
  await expect(page.locator(".field-error:not(:empty)")).toHaveCount(0);
}

async function refuse(page: Page, t: Texts, user = "zhang.san"): Promise<void> {
  await option(page, t.user, user).click();
  await order(page, t);
  await expect(page.getByRole("region", { name: t.order, exact: true }).getByText(t.rejected, { exact: true })).toBeVisible();
}

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`the order's error leads to its field, and another choice there takes it away, ${look.lang}`, async ({ openBuy, scenarios }) => {
    await scenarios("sold-out-at-purchase");
    const { page, t } = await openBuy(look);
    await refuse(page, t);
    await expectAccessible(page);
    await page.getByRole("link", { name: names.mend(t.zone), exact: true }).click();
    await expect(chosen(page, t.zone)).toBeFocused();
    await expectRefusedAtZone(page, t);
    await expectAccessible(page);
    expect(new URL(page.url()).hash).toBe("#/buy");

    // What it does not hang on changes nothing.
    await choice(page, t.userGroup, t.administrators).check();
    await expectRefusedAtZone(page, t);
    await toMend(page, t).getByRole("link", { name: t.zone }).click();
    await expect(chosen(page, t.zone)).toBeFocused();
    await page.keyboard.press("ArrowDown");
    await expectNothingRefused(page, t);

    // It is gone for good, also after a look at the orders, and a further order has no part of it.
    await scenarios();
    await order(page, t);
    await expectPlaced(page, t);
    await page.getByRole("link", { name: t.buyAnother }).click();
    await expectNothingRefused(page, t);
  });

  test(`of a batch, each field once, ${look.lang}`, async ({ openBuy, scenarios }) => {
    await scenarios("sold-out-at-purchase");
    const { page, t } = await openBuy({ ...look, width: 390 });
    await page.getByRole("checkbox").check();
    for (const user of ["zhang.san", "li.si"]) await option(page, t.user, user).click();
    await order(page, t);
    await expect(page.getByText(names.done)).toBeVisible();
    await expectNoOverflow(page);
    await expectAccessible(page);
    await page.getByRole("link", { name: names.mend(t.zone), exact: true }).click();
    await expect(chosen(page, t.zone)).toBeFocused();
    await expectRefusedAtZone(page, t);
    // The bar is higher with the list in it, and still covers neither the field nor what is wrong with it.
    const bar = await summary(page, t).boundingBox();
    const error = await page.locator(".field-error:not(:empty)").boundingBox();
    expect(error!.y + error!.height).toBeLessThanOrEqual(bar!.y);
    expect((await zones(page, t).boundingBox())!.y).toBeGreaterThanOrEqual(0);
    await expect(selected(page, t.user)).toHaveCount(2);
    await expectNoOverflow(page);
  });

  test(`an order of another day brings its form along, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await place(demo, await purchase(demo, "unmailed", { UserName: "wang.wu" }));
    await expectSettled(demo);
    const { page, t } = await open("/#/orders/unmailed", { ...look, of: demo });
    await page.getByRole("link", { name: names.mend(t.user), exact: true }).click();
    const users = page.getByRole("listbox", { name: t.user, exact: true });
    await expect(users).toBeFocused();
    await expect(selected(page, t.user)).toContainText("wang.wu");
    await expect(users).toHaveAttribute("aria-invalid", "true");
    await expect(users).toHaveAccessibleDescription(new RegExp(names.unmailed));
    await expectAccessible(page);

    await page.getByRole("button", { name: t.addEmail, exact: true }).click();
    const dialog = page.getByRole("dialog", { name: t.addEmail });
    await dialog.getByRole("textbox", { name: t.email, exact: true }).fill("wang.wu@example.com");
    await dialog.getByRole("button", { name: t.saveEmail }).click();
    await expectNothingRefused(page, t);
  });
}

test("whichever way one comes back to the form, also after a reload", async ({ openBuy, scenarios }) => {
  await scenarios("sold-out-at-purchase");
  const { page, t } = await openBuy();
  await refuse(page, t);
  await page.goBack();
  await expectLoaded(page, t);
  await expectRefusedAtZone(page, t);
  await page.reload();
  await expectLoaded(page, t);
  await expectRefusedAtZone(page, t);
  await page.getByRole("navigation").getByRole("link", { name: t.orders, exact: true }).click();
  await page.getByRole("navigation").getByRole("link", { name: t.buy, exact: true }).click();
  await expectRefusedAtZone(page, t);
  // The error is shown and does not block a purchase: there may be stock again.
  await scenarios();
  await order(page, t);
  await expectPlaced(page, t);
});

test("what is about no field of the form is said of the order alone", async ({ openBuy, scenarios }) => {
  await scenarios("insufficient-balance");
  const { page, t } = await openBuy();
  await refuse(page, t);
  await expect(page.getByText(t.lowBalance).first()).toBeVisible();
  await expect(page.getByRole("link", { name: NAMES.zh.mend("") })).toHaveCount(0);
  await page.getByRole("link", { name: t.backToForm }).click();
  await expectNothingRefused(page, t);
});

test("what the page finds missing by itself is marked as well", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  await buyNow(page, t).click();
  const users = page.getByRole("listbox", { name: t.user, exact: true });
  await expect(users).toHaveAccessibleDescription(new RegExp(t.pleaseChoose));
  await expect(users).toHaveAttribute("aria-invalid", "true");
  await option(page, t.user, "zhang.san").click();
  await expectNothingRefused(page, t);
});
