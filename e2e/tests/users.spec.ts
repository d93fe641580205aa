// Writing users: a new one, and an e-mail address for one who has none and could not be bought for before.
import type { Page } from "@playwright/test";

import {
  buyNow, ERROR_ANSWER, expect, expectAccessible, expectLoaded, expectPlaced, LANGS, line, option, order, review, selected,
  summary, test, type Texts,
} from "../support/fixtures.ts";

/** Opens the dialog for a new user and gives its parts. */
async function newUser(page: Page, t: Texts) {
  await page.getByRole("button", { name: t.newUser, exact: true }).click();
  const dialog = page.getByRole("dialog", { name: t.newUser });
  await expect(dialog).toBeVisible();
  return {
    dialog,
    name: dialog.getByRole("textbox", { name: t.userName, exact: true }),
    email: dialog.getByRole("textbox", { name: t.email, exact: true }),
    save: dialog.getByRole("button", { name: t.createUser, exact: true }),
  };
}

for (const lang of LANGS) {
  test(`a new user becomes the choice and gets a desktop, ${lang}`, async ({ openBuy, state }) => {
    const { page, t } = await openBuy({ lang });
    const { dialog, name, email, save } = await newUser(page, t);
    await name.fill("newcomer");
    await email.fill("newcomer@example.com");
    await save.click();
    await expect(dialog).toHaveCount(0);
    await expect(page.getByText(t.created("newcomer"))).toBeVisible();
    await expect(selected(page, t.user)).toContainText("newcomer");
    await expect(line(summary(page, t), t.user)).toContainText("newcomer@example.com");

    await order(page, t);
    await expectPlaced(page, t);
    const { desktops, users_created } = await state();
    expect(users_created).toEqual([{ name: "newcomer", email: "newcomer@example.com" }]);
    expect(desktops).toEqual([expect.objectContaining({ user: "newcomer" })]);
  });
}

test("a new user whose answer is lost may be there: the page says so, and reads the list again", async ({ openBuy, state, tolerate }) => {
  tolerate(/net::ERR_/);
  const { page, t } = await openBuy();
  const { dialog, name, email, save } = await newUser(page, t);
  await name.fill("newcomer");
  await email.fill("newcomer@example.com");
  await page.route("**/api/CreateUser", async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  }, { times: 1 });
  await save.click();
  await expect(dialog.getByRole("alert")).toContainText("可能已经保存");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await option(page, t.user, "newcomer").click();
  await expect(selected(page, t.user)).toContainText("newcomer");
  expect((await state()).users_created).toHaveLength(1);
});

test("what is wrong is said at the field, before anything is sent", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  const { dialog, name, email, save } = await newUser(page, t);

  await save.click();
  await expect(name).toHaveAccessibleDescription(new RegExp(t.nameEmpty));
  await expect(name).toHaveAttribute("aria-invalid", "true");
  await expect(email).toHaveAccessibleDescription(new RegExp(t.emailInvalid));
  await expect(name).toBeFocused();
  await expectAccessible(page);

  // Sixteen characters are the most, in any script.
  await name.fill("一二三四五六七八九十一二三四五六七");
  await email.fill("someone@example.com");
  await email.press("Enter");
  await expect(name).toHaveAccessibleDescription(new RegExp(t.nameTooLong));
  await expect(name).toBeFocused();
  await expect(email).not.toHaveAttribute("aria-invalid", "true");

  await name.fill("一二三四五六七八九十一二三四五六");
  for (const wrong of ["someone", "someone@", "@example.com", "a b@example.com"]) {
    await email.fill(wrong);
    await save.click();
    await expect(email).toHaveAccessibleDescription(new RegExp(t.emailInvalid));
    await expect(email).toBeFocused();
    await expect(email).toHaveValue(wrong);
  }
  expect((await state()).calls["CreateUser"]).toBeUndefined();

  await email.fill("someone@example.com");
  await save.click();
  await expect(dialog).toHaveCount(0);
  expect((await state()).users_created).toEqual([
    { name: "一二三四五六七八九十一二三四五六", email: "someone@example.com" },
  ]);
});

const DIRECTORY_FAULTS = [
  ["ad-domain-missing", "directoryNotSet"],
  ["ad-create-failed", "userRefused"],
  ["ad-access-failed", "directoryUnreachable"],
] as const;

for (const [fault, text] of DIRECTORY_FAULTS) {
  test(`${fault}: said in the dialog, where all that was typed still is`, async ({ openBuy, scenarios, state, tolerate }) => {
    tolerate(ERROR_ANSWER);
    const { page, t } = await openBuy();
    const { dialog, name, email, save } = await newUser(page, t);
    await scenarios(fault);
    await name.fill("newcomer");
    await email.fill("newcomer@example.com");
    await save.click();
    await expect(dialog.getByText(t[text])).toBeVisible();
    await expect(name).toHaveValue("newcomer");
    await expect(email).toHaveValue("newcomer@example.com");
    await expectAccessible(page);
    expect((await state()).users_created).toEqual([]);

    await scenarios();
    await save.click();
    await expect(dialog).toHaveCount(0);
    await expect(selected(page, t.user)).toContainText("newcomer");
    expect((await state()).users_created).toEqual([{ name: "newcomer", email: "newcomer@example.com" }]);
  });
}

test("a name that is taken is said at the field of the name", async ({ openBuy, tolerate }) => {
  tolerate(ERROR_ANSWER);
  const { page, t } = await openBuy();
  const { dialog, name, email, save } = await newUser(page, t);
  await name.fill("zhang.san");
  await email.fill("another@example.com");
  await save.click();
  await expect(dialog.getByText(t.userRefused)).toBeVisible();
  await expect(name).toHaveValue("zhang.san");
});

test("cancelling writes nothing and changes no choice", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await option(page, t.user, "zhang.san").click();
  const { dialog, name, email } = await newUser(page, t);
  await name.fill("newcomer");
  await email.fill("newcomer@example.com");
  await dialog.getByRole("button", { name: t.cancel }).click();
  await expect(dialog).toHaveCount(0);
  await expect(selected(page, t.user)).toContainText("zhang.san");
  expect((await state()).users_created).toEqual([]);
});

for (const lang of LANGS) {
  test(`a user without e-mail can be bought for once there is one, ${lang}`, async ({ openBuy, state }) => {
    const { page, t } = await openBuy({ lang });
    await expectLoaded(page, t);
    await expect(option(page, t.user, "wang.wu")).toContainText(t.noEmail);
    await option(page, t.user, "wang.wu").click();
    await expect(page.getByRole("alert").filter({ hasText: "wang.wu" })).toBeVisible();
    await expectAccessible(page);

    // Not before.
    await buyNow(page, t).click();
    await expect(summary(page, t).getByText(t.pleaseMend)).toBeVisible();
    await expect(review(page, t)).toHaveCount(0);

    await page.getByRole("button", { name: t.addEmail, exact: true }).click();
    const dialog = page.getByRole("dialog", { name: t.addEmail });
    await expect(dialog.getByRole("textbox", { name: t.userName, exact: true })).toHaveValue("wang.wu");
    await expect(dialog.getByRole("textbox", { name: t.userName, exact: true })).not.toBeEditable();
    const email = dialog.getByRole("textbox", { name: t.email, exact: true });
    await email.fill("wang.wu");
    await dialog.getByRole("button", { name: t.saveEmail }).click();
    await expect(email).toHaveAccessibleDescription(new RegExp(t.emailInvalid));
    await expectAccessible(page);
    await email.fill("wang.wu@example.com");
    await email.press("Enter");
    await expect(dialog).toHaveCount(0);

    await expect(page.getByText(t.emailAdded("wang.wu"))).toBeVisible();
    await expect(selected(page, t.user)).toContainText("wang.wu@example.com");
    await expect(summary(page, t).getByText(t.pleaseMend)).toHaveCount(0);
    await order(page, t);
    await expectPlaced(page, t);
    const { desktops, users_modified } = await state();
    expect(users_modified).toEqual([{ name: "wang.wu", email: "wang.wu@example.com" }]);
    expect(desktops).toEqual([expect.objectContaining({ user: "wang.wu" })]);
  });
}

test("what is missing is listed, and leads to its field", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  await buyNow(page, t).click();
  await expect(review(page, t)).toHaveCount(0);
  const missing = summary(page, t).getByRole("alert");
  await expect(missing).toContainText(t.pleaseMend);
  await missing.getByRole("link", { name: t.user, exact: true }).click();
  await expect(page.getByRole("listbox", { name: t.user, exact: true })).toBeFocused();
  expect(new URL(page.url()).hash).toBe("#/buy");
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  await expect(selected(page, t.user)).toContainText("zhang.san");
  await expect(summary(page, t).getByText(t.pleaseMend)).toHaveCount(0);
});
