// The keyboard alone: the whole purchase, the dialogs, the lists.
import type { Locator, Page } from "@playwright/test";

import {
  buyNow, choice, chosen, ERROR_ANSWER, expect, expectFocusSeen, expectLoaded, expectPlaced, LANGS, line, option, press,
  regionSelect, review, selected, summary, tabTo, test,
} from "../support/fixtures.ts";

const group = (page: Page, name: string): Locator =>
  page.getByRole("radiogroup", { name, exact: true }).getByRole("radio");

for (const lang of LANGS) {
  test(`a purchase from the address bar to the result, ${lang}`, async ({ openBuy, state }) => {
    const { page, t } = await openBuy({ lang });
    await expectLoaded(page, t);

    await press(page, "Tab");
    await expect(page.getByRole("link", { name: t.skip })).toBeFocused();
    await tabTo(page, group(page, t.billing));
    await press(page, "ArrowDown");
    await expect(choice(page, t.billing, t.prePay)).toBeChecked();
    await tabTo(page, group(page, t.duration));
    await press(page, "ArrowRight", "ArrowRight");
    await expect(choice(page, t.duration, t.months(3))).toBeChecked();

    // What is chosen changes the page around; the focus stays.
    await tabTo(page, regionSelect(page, t));
    await press(page, "ArrowDown");
    await expect(regionSelect(page, t)).toHaveValue("cn-beijing");
    await expectLoaded(page, t);
    await expect(regionSelect(page, t)).toBeFocused();
    await expectFocusSeen(page);

    await tabTo(page, group(page, t.family));
    await press(page, "ArrowRight", "ArrowRight");
    await expect(group(page, t.type)).toHaveCount(4);
    await tabTo(page, group(page, t.type));
    await press(page, "Space");
    await expect(choice(page, t.type, "desktop.ga1.1xlarge")).toBeChecked();
    await press(page, "ArrowDown");
    await expect(choice(page, t.type, "desktop.ga1.2xlarge")).toBeChecked();
    await expectLoaded(page, t);
    await expect(choice(page, t.type, "desktop.ga1.2xlarge")).toBeFocused();

    await tabTo(page, group(page, t.zone));
    await press(page, "ArrowRight", "ArrowRight");
    await expect(group(page, t.zone).nth(2)).toBeChecked();
    await expect(choice(page, t.vSwitch, "office-3")).toBeChecked();
    await expect(group(page, t.zone).nth(2)).toBeFocused();
    await tabTo(page, group(page, t.vSwitch));
    await press(page, "ArrowDown");
    await expect(choice(page, t.vSwitch, "training")).toBeChecked();

    await tabTo(page, group(page, t.imageType));
    await press(page, "ArrowRight");
    await expect(selected(page, t.image)).toContainText("研发环境-2018");
    await expect(choice(page, t.imageType, t.imageCustom)).toBeFocused();
    await tabTo(page, page.getByRole("searchbox", { name: t.searchImages }));
    await page.keyboard.type("设计");
    await expect(page.getByRole("listbox", { name: t.image, exact: true }).getByRole("option")).toHaveCount(1);
    await press(page, "ArrowDown", "Enter");
    await expect(selected(page, t.image)).toContainText("设计部标准镜像");

    await tabTo(page, page.getByRole("listbox", { name: t.user, exact: true }));
    await press(page, "ArrowDown", "ArrowDown", "ArrowUp", "Space");
    await expect(selected(page, t.user)).toContainText("li.si");
    await tabTo(page, group(page, t.userGroup));
    await press(page, "ArrowDown");
    await expect(choice(page, t.userGroup, t.administrators)).toBeChecked();

    await tabTo(page, buyNow(page, t));
    await press(page, "Enter");
    await expect(review(page, t)).toBeVisible();
    await expect(line(review(page, t), t.duration)).toHaveText(t.months(3));
    const placeOrder = review(page, t).getByRole("button", { name: t.placeOrder, exact: true });
    await tabTo(page, placeOrder);
    await expect(placeOrder).not.toHaveAttribute("aria-disabled", "true");
    await page.keyboard.press("Enter");
    await expectPlaced(page, t);
    await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
    await expectFocusSeen(page);
    expect((await state()).desktops).toEqual([
      expect.objectContaining({
        region: "cn-beijing",
        zone: "cn-beijing-e",
        v_switch: "vsw-2zedesk0000000000011",
        type: "desktop.ga1.2xlarge",
        image: "m-2zeown0000000000000002",
        user: "li.si",
        user_group: "Administrators",
        charge_type: "PREPAY",
        period: 3,
      }),
    ]);

    await tabTo(page, page.getByRole("button", { name: t.copy(t.desktopId) }));
    await tabTo(page, page.getByRole("link", { name: t.buyAnother }));
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: t.title })).toBeFocused();
  });
}

test("from the last control back to the first, and no control is a trap", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  await buyNow(page, t).focus();
  await tabTo(page, group(page, t.userGroup), "Shift+Tab");
  await tabTo(page, page.getByRole("searchbox", { name: t.searchUsers }), "Shift+Tab");
  await tabTo(page, chosen(page, t.vSwitch), "Shift+Tab");
  await tabTo(page, chosen(page, t.billing), "Shift+Tab");
  await tabTo(page, page.getByRole("link", { name: t.skip }), "Shift+Tab");
});

test("the link at the top skips to the content and leaves the address alone", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  const address = page.url();
  await press(page, "Tab");
  await expect(page.getByRole("link", { name: t.skip })).toBeInViewport();
  await press(page, "Enter");
  await expect(page.getByRole("heading", { level: 1, name: t.title })).toBeFocused();
  expect(page.url()).toBe(address);
  // The first thing there is help with the section's terms.
  await press(page, "Tab");
  await expect(page.locator("#basics summary")).toBeFocused();
  await press(page, "Tab");
  await expect(chosen(page, t.billing)).toBeFocused();
});

test("the review keeps the focus inside, Escape closes it and gives the focus back", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  await buyNow(page, t).focus();
  for (const close of ["Escape", "Enter"]) {
    await press(page, "Enter");
    const dialog = review(page, t);
    await expect(dialog).toBeVisible();
    for (let step = 0; step < 6; step += 1) {
      await page.keyboard.press("Tab");
      // The browser's own controls may come between; the page behind the dialog never does.
      const outside = await page.evaluate(() => document.activeElement !== document.body && !document.activeElement?.closest("dialog"));
      expect(outside).toBe(false);
    }
    if (close === "Enter") await dialog.getByRole("button", { name: t.backToForm }).focus();
    await page.keyboard.press(close);
    await expect(dialog).toHaveCount(0);
    await expect(buyNow(page, t)).toBeFocused();
    await expectFocusSeen(page);
  }
  expect((await state()).calls["CreateDesktop"]).toBeUndefined();
});

test("the dialogs of users take the focus and give it back, however they are closed", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  await option(page, t.user, "wang.wu").click();
  const openers = [
    [page.getByRole("button", { name: t.newUser, exact: true }), t.newUser, t.userName],
    [page.getByRole("button", { name: t.addEmail, exact: true }), t.addEmail, t.email],
  ] as const;
  for (const [opener, title, first] of openers) {
    const dialog = page.getByRole("dialog", { name: title });
    for (const how of ["Escape", "cancel"]) {
      await opener.focus();
      await press(page, "Enter");
      // Where one has to type.
      await expect(dialog.getByRole("textbox", { name: first, exact: true })).toBeFocused();
      if (how === "cancel") await tabTo(page, dialog.getByRole("button", { name: t.cancel }));
      await page.keyboard.press(how === "cancel" ? "Enter" : "Escape");
      await expect(dialog).toHaveCount(0);
      await expect(opener).toBeFocused();
      await expectFocusSeen(page);
    }
  }
});

test("a dialog that is opened again before the browser has told of its close stays open", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  const opener = page.getByRole("button", { name: t.newUser, exact: true });
  const dialog = page.getByRole("dialog", { name: t.newUser });
  await opener.click();
  await expect(dialog).toBeVisible();
  await opener.evaluate(async (button: HTMLElement) => {
    const open = document.querySelector<HTMLDialogElement>("dialog[open]")!;
    const told = new Promise((resolve) => open.addEventListener("close", resolve, { once: true }));
    open.close();
    button.click();
    await told;
  });
  await expect(dialog.getByRole("textbox", { name: t.userName, exact: true })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
});

test("a new user, and an e-mail address for another, by keyboard; the focus is not lost after saving", async ({
  openBuy, state,
}) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  await buyNow(page, t).focus();
  await tabTo(page, page.getByRole("button", { name: t.newUser, exact: true }), "Shift+Tab");
  await press(page, "Enter");
  await page.keyboard.type("newcomer");
  await press(page, "Tab");
  await page.keyboard.type("newcomer@example.com");
  await page.keyboard.press("Enter");
  await expect(selected(page, t.user)).toContainText("newcomer");
  await expectFocusSeen(page);

  await tabTo(page, page.getByRole("listbox", { name: t.user, exact: true }), "Shift+Tab");
  await press(page, "Home", "ArrowDown", "ArrowDown", "ArrowDown", "Enter");
  await expect(selected(page, t.user)).toContainText("wang.wu");
  await tabTo(page, page.getByRole("button", { name: t.addEmail, exact: true }));
  await press(page, "Enter");
  await page.keyboard.type("wang.wu@example.com");
  await page.keyboard.press("Enter");
  await expect(page.getByText(t.emailAdded("wang.wu"))).toBeVisible();
  await expectFocusSeen(page);
  expect((await state()).users_created).toHaveLength(1);
  expect((await state()).users_modified).toHaveLength(1);
});

test("trying a list again does not lose the focus", async ({ openBuy, scenarios, tolerate }) => {
  tolerate(ERROR_ANSWER);
  await scenarios("fail:DescribeZones");
  const { page, t } = await openBuy();
  await page.getByRole("button", { name: t.retry(t.zone), exact: true }).focus();
  await scenarios();
  await page.keyboard.press("Enter");
  await expect(choice(page, t.zone, "杭州 可用区 B")).toBeChecked();
  await expectFocusSeen(page);
});

test("what is missing leads to the field by keyboard", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  await buyNow(page, t).focus();
  await page.keyboard.press("Enter");
  // The first thing to mend has the focus at once.
  await expect(page.getByRole("listbox", { name: t.user, exact: true })).toBeFocused();
  await expectFocusSeen(page);
  await tabTo(page, summary(page, t).getByRole("link", { name: t.user, exact: true }));
  await press(page, "Enter");
  await expect(page.getByRole("listbox", { name: t.user, exact: true })).toBeFocused();
});

test("a phone's bar does not cover the focus", async ({ openBuy }) => {
  const { page, t } = await openBuy({ width: 390 });
  await expectLoaded(page, t);
  await press(page, "Tab");
  await tabTo(page, buyNow(page, t));
});
