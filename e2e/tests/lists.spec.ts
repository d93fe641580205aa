// The lists with search, of users and of images: by mouse, by search, and with rows that cannot be chosen.
import type { Locator, Page } from "@playwright/test";

import {
  choice, expect, expectAccessible, expectPlaced, line, option, order, press, review, selected, summary, test,
} from "../support/fixtures.ts";

/** All rows of a list that are in the document. */
const rows = (page: Page, list: string): Locator => page.getByRole("listbox", { name: list, exact: true }).getByRole("option");

test("a click chooses a row that one has scrolled to", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  const list = page.getByRole("listbox", { name: t.user, exact: true });
  await list.hover();
  await page.mouse.wheel(0, 300);
  await expect(option(page, t.user, "alice")).toBeInViewport({ ratio: 1 });
  await option(page, t.user, "alice").click();
  await expect(selected(page, t.user)).toContainText("alice");
  await expect(option(page, t.user, "alice")).toBeInViewport({ ratio: 1 });
  await expect(line(summary(page, t), t.user)).toContainText("alice@example.com");
  // And another one from there.
  await page.mouse.wheel(0, 2000);
  await option(page, t.user, "admin").click();
  await expect(selected(page, t.user)).toContainText("admin@example.com");
});

test("names are shown as they are, whatever is in them", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  for (const name of ["Dave O'Neil", "赵 六*~", "欧阳修文"]) {
    await option(page, t.user, name).click();
    await expect(selected(page, t.user)).toContainText(name);
    await expect(line(summary(page, t), t.user)).toContainText(name);
  }
  await choice(page, t.imageType, t.imageCustom).check();
  await option(page, t.image, "training <room 2>").click();
  await expect(line(summary(page, t), t.image)).toContainText("training <room 2>");
  expect((await state()).desktops).toEqual([]);
});

test("a user of the directory whose name is longer than a new one may be can be bought for", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await option(page, t.user, "intern-summer-2018-07").click();
  await order(page, t);
  await expectPlaced(page, t);
  expect((await state()).desktops).toEqual([expect.objectContaining({ user: "intern-summer-2018-07" })]);
});

test("the search looks at names and addresses, in any case, and Enter takes the only one", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  const search = page.getByRole("searchbox", { name: t.searchUsers });
  const check = async (text: string, names: string[]): Promise<void> => {
    await search.fill(text);
    await expect(rows(page, t.user)).toHaveCount(names.length);
    for (const name of names) await expect(option(page, t.user, name)).toBeVisible();
  };
  await check("DAVE", ["Dave O'Neil"]);
  await check("zhang", ["zhang.san", "张伟"]);
  await check("王", ["王芳"]);
  await check("例子", ["赵 六*~"]);
  // By the initials of their pinyin.
  await check("zw", ["张伟"]);
  await check("OYX", ["欧阳修文"]);
  await check("  alice ", ["alice"]);
  await search.press("Enter");
  await expect(selected(page, t.user)).toContainText("alice");

  // With Ctrl it is the page's shortcut.
  await search.press("Control+Enter");
  await expect(review(page, t)).toBeVisible();
  await page.keyboard.press("Escape");

  // What is chosen stays so, also while the search does not show it.
  await search.fill("no such user");
  await expect(page.getByText(t.noMatch("no such user"))).toBeVisible();
  await expectAccessible(page);
  await expect(line(summary(page, t), t.user)).toContainText("alice");
  await search.fill("");
  await expect(rows(page, t.user)).toHaveCount(14);
  await expect(selected(page, t.user)).toContainText("alice");
});

test("the keys move, and only Enter or Space choose", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  const list = page.getByRole("listbox", { name: t.user, exact: true });
  const active = async (): Promise<string | null> => {
    const id = await list.getAttribute("aria-activedescendant");
    return page.locator(`[id="${id}"]`).getAttribute("aria-posinset");
  };
  await page.getByRole("searchbox", { name: t.searchUsers }).focus();
  await press(page, "ArrowDown");
  await expect(list).toBeFocused();
  for (const [key, at] of [
    ["ArrowDown", "2"], ["PageDown", "7"], ["ArrowUp", "6"], ["End", "14"], ["ArrowDown", "14"], ["PageUp", "9"], ["Home", "1"], ["ArrowUp", "1"],
  ] as const) {
    await press(page, key);
    expect(await active(), key).toBe(at);
  }
  await expect(selected(page, t.user)).toHaveCount(0);
  await press(page, "End", "Space");
  await expect(selected(page, t.user)).toContainText("admin");
  await press(page, "Home", "Enter");
  await expect(selected(page, t.user)).toContainText("zhang.san");
});

test("an image that is not ready is shown, and cannot be chosen by mouse or by key", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  await choice(page, t.imageType, t.imageCustom).check();
  await expect(selected(page, t.image)).toContainText("研发环境-2018");
  await option(page, t.image, "office-next").click({ force: true });
  await expect(selected(page, t.image)).toContainText("研发环境-2018");
  await page.getByRole("searchbox", { name: t.searchImages }).fill("office-next");
  await expect(rows(page, t.image)).toHaveCount(1);
  await page.getByRole("searchbox", { name: t.searchImages }).press("Enter");
  await press(page, "ArrowDown", "Enter");
  await expect(option(page, t.image, "office-next")).toHaveAttribute("aria-selected", "false");
  await expect(line(summary(page, t), t.image)).toContainText("研发环境-2018");
});
