// A list of users that is not finished: answers are lost, the page is reloaded, the dialog closed. No user is created twice.
import type { Page } from "@playwright/test";

import { BROKEN_CONNECTION, expect, expectAccessible, expectLoaded, LANGS, option, test } from "../support/fixtures.ts";
import { expectNoOverflow } from "../support/orders.ts";
import { problem } from "../support/problem.ts";
import { expectEachOnce, NAMES, NEW, NEW_LIST, onCreation, openList, parts, zh } from "../support/user-list.ts";

test("a lost answer to a creation is looked up, and the rest goes on", async ({ openBuy, state, tolerate }) => {
  tolerate(BROKEN_CONNECTION);
  const { page } = await openBuy();
  await onCreation(page, 3, async (route) => {
    await route.fetch();
    await route.abort();
  });
  const { dialog, text, button, row } = await openList(page);
  await text.fill(NEW_LIST);
  await button(zh.write(5, 5)).click();
  await expect(dialog.getByText(zh.picked(5, 5, 0))).toBeVisible();
  await expect(row(2)).toContainText(zh.created);
  await expectEachOnce(state);
  expect((await state()).calls["CreateUser"]).toBe(5);
});

for (const lang of LANGS) {
  const names = NAMES[lang];

  test(`what is not known is not written again by itself, ${lang}`, async ({ openBuy, state, tolerate }) => {
    tolerate(BROKEN_CONNECTION);
    const { page, t } = await openBuy({ lang, width: 390 });
    await expectLoaded(page, t);
    // It never arrives.
    await onCreation(page, 2, (route) => route.abort());
    const { text, button, row } = await openList(page, names);
    await text.fill(NEW_LIST);
    await button(names.write(5, 5)).click();
    await expect(row(4)).toContainText(names.created);
    await expect(row(1)).toContainText(names.unknown);
    await expect(button(names.rest(4))).toBeVisible();
    await expectAccessible(page);
    await expectNoOverflow(page);

    // Only looked for.
    await button(names.again).click();
    await expect(button(names.writeAgain(1))).toBeVisible();
    expect((await state()).users_created).toHaveLength(4);

    await button(names.writeAgain(1)).click();
    await expect(button(names.pick(5))).toBeVisible();
    await expect(row(1)).toContainText(names.created);
    await expectEachOnce(state);
    await button(names.pick(5)).click();
    await expect(page.getByText(names.chosen(5), { exact: true })).toBeVisible();
  });

  test(`a reload in the middle goes on where it was, and creates nobody twice, ${lang}`, async ({ openBuy, state }) => {
    const { page, t } = await openBuy({ lang });
    await expectLoaded(page, t);
    let arrived: () => void = () => undefined;
    const third = new Promise<void>((resolve) => (arrived = resolve));
    // Carried out, and the answer is still on its way.
    await onCreation(page, 3, async (route) => {
      await route.fetch();
      arrived();
      await new Promise(() => undefined);
    });
    const before = await openList(page, names);
    await before.text.fill(`${NEW_LIST}\nli.si\nnobody`);
    await before.button(names.write(5, 6)).click();
    await third;
    await page.reload();
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await expect(page.getByText(names.unfinished(6))).toBeVisible();
    await expectAccessible(page);

    await page.getByRole("button", { name: names.goOn, exact: true }).click();
    const { dialog, button, row } = parts(page.getByRole("dialog", { name: names.open }), names);
    for (const index of [0, 1, 2, 5]) await expect(row(index)).toContainText(names.there);
    for (const index of [3, 4]) await expect(row(index)).toContainText(names.creates);
    await button(names.write(2, 6)).click();
    await expect(dialog.getByText(names.picked(6, 2, 0))).toBeVisible();
    await button(names.pick(6)).click();
    await expect(page.getByText(names.chosen(6), { exact: true })).toBeVisible();
    await expectEachOnce(state);
    expect((await state()).calls["CreateUser"]).toBe(5);
    // It is finished.
    await page.reload();
    await expectLoaded(page, t);
    await expect(page.getByText(names.chosen(6), { exact: true })).toBeVisible();
    await expect(page.getByText(names.unfinished(6))).toHaveCount(0);
  });
}

test("a creation that is on its way during a reload is looked for before it is written", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  let arrived: () => void = () => undefined;
  const second = new Promise<void>((resolve) => (arrived = resolve));
  await onCreation(page, 2, async () => {
    arrived();
    await new Promise(() => undefined);
  });
  const before = await openList(page);
  await before.text.fill(NEW_LIST);
  await before.button(zh.write(5, 5)).click();
  await second;
  await page.reload();
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.getByRole("button", { name: zh.goOn, exact: true }).click();
  const { button, row } = parts(page.getByRole("dialog", { name: zh.open }));
  await expect(row(1)).toContainText(zh.unknown);
  // The others are written, and it is not.
  await button(zh.write(3, 4)).click();
  await expect(button(zh.rest(4))).toBeVisible();
  expect((await state()).users_created.map((user) => user.name)).not.toContain(NEW[1]);
  await button(zh.writeAgain(1)).click();
  await expect(button(zh.pick(5))).toBeVisible();
  await expectEachOnce(state);
});

test("a list that was closed is kept, and can be discarded", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  let go: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (go = resolve));
  await onCreation(page, 2, async (route) => {
    await held;
    await route.continue();
  });
  const { dialog, text, button, row } = await openList(page);
  await text.fill(NEW_LIST);
  await button(zh.write(5, 5)).click();
  await expect(row(0)).toContainText(zh.created);
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  go();
  // What was on its way is done, and nothing after it.
  await expect.poll(async () => (await state()).users_created.length).toBe(2);
  await expect(option(page, t.user, NEW[1]!)).toBeVisible();
  expect((await state()).calls["CreateUser"]).toBe(2);
  await page.getByRole("button", { name: zh.discard, exact: true }).click();
  await expect(page.getByText(zh.unfinished(5))).toHaveCount(0);
  await page.reload();
  await expectLoaded(page, t);
  await expect(page.getByText(zh.unfinished(5))).toHaveCount(0);
});

test("where nothing can be stored, users are written and picked all the same", async ({ openBuy, state }) => {
  const forbid = (page: Page) =>
    page.addInitScript(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException("no", "QuotaExceededError");
      };
    });
  const { page } = await openBuy({ before: forbid });
  const { text, button } = await openList(page);
  await text.fill(NEW_LIST);
  await button(zh.write(5, 5)).click();
  await button(zh.pick(5)).click();
  await expect(page.getByText(zh.chosen(5), { exact: true })).toBeVisible();
  await expectEachOnce(state);
});

test("a write whose turn comes after the dialog was closed is not sent", async ({ openBuy, state, tolerate }) => {
  tolerate(/the server responded with a status of 429/);
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  await page.clock.install();
  let creations = 0;
  await page.route("**/api/CreateUser", async (route) => {
    creations += 1;
    await route.fulfill(problem(429, "throttled", { retry_after: 30 }));
  });
  const { dialog, text, button } = await openList(page);
  await text.fill(NEW_LIST);
  await page.clock.runFor(1000);
  const refused = page.waitForResponse("**/api/CreateUser");
  await button(zh.write(5, 5)).click();
  await refused;
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await page.clock.runFor(180_000);
  await expect(page.getByText(zh.unfinished(5))).toBeVisible();
  expect(creations).toBe(1);
  expect((await state()).users_created).toEqual([]);
});
