// Buying the same twice needs a yes, however one came to it: storage that is forbidden, a duplicated tab, the way back, the
// same again, users left from before. And an answer appears where its attempt is.
import type { Page } from "@playwright/test";

import {
  BROKEN_CONNECTION, buyNow, expect, expectAccessible, expectLoaded, expectPlaced, option, order, review, selected, test, type Texts,
} from "../support/fixtures.ts";
import { hold } from "../support/held.ts";
import { place, purchase } from "../support/orders.ts";

const NAMES = {
  zh: { again: "按此配置再买", ago: /您刚刚已为“zhang\.san”提交过相同配置的订单/, yes: "仍要再买，我确认不是重复提交", view: "查看订单", late: "“zhang.san”的订单已提交。" },
} as const;
const names = NAMES.zh;

function placeButton(page: Page, t: Texts) {
  return review(page, t).getByRole("button", { name: t.placeOrder, exact: true });
}

async function buyAgain(page: Page, t: Texts): Promise<void> {
  await expectLoaded(page, t);
  await buyNow(page, t).click();
  await expect(review(page, t).getByText(names.ago)).toBeVisible();
  await expect(placeButton(page, t)).toBeDisabled();
}

for (const kind of ["forbidden", "full", "cleared"]) {
  test(`an answer is lost while storage is ${kind}: placing again is the same order`, async ({ openBuy, state, tolerate }) => {
    tolerate(BROKEN_CONNECTION);
    const { page, t } = await openBuy({
      before: (page) => page.addInitScript((kind) => {
        if (kind === "forbidden") Object.defineProperty(window, "localStorage", { get: () => { throw new DOMException("no", "SecurityError"); } });
        if (kind === "full") Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
      }, kind),
    });
    await option(page, t.user, "zhang.san").click();
    await page.route("**/api/orders", async (route) => {
      await route.fetch();
      await route.abort("connectionreset");
    }, { times: 1 });
    await order(page, t);
    await expect(review(page, t).getByText(t.safeToRepeat)).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(review(page, t)).toHaveCount(0);
    if (kind === "cleared") await page.evaluate(() => localStorage.clear());
    await order(page, t);
    await expectPlaced(page, t);
    expect((await state()).desktops).toHaveLength(1);
  });
}

test("a browser that may keep nothing asks whatever it is told of: after a lost answer and a reload, the second order waits for a yes", async ({ openBuy, startDemo, tolerate }) => {
  tolerate(BROKEN_CONNECTION);
  // Of its own, since it asks about the orders of other tests too.
  const demo = await startDemo();
  const { page, t } = await openBuy({
    of: demo,
    before: (page) => page.addInitScript(() => {
      for (const name of ["localStorage", "sessionStorage"]) {
        Object.defineProperty(window, name, { get: () => { throw new DOMException("no", "SecurityError"); } });
      }
      Object.defineProperty(Document.prototype, "cookie", { get: () => "", set: () => undefined });
    }),
  });
  await option(page, t.user, "zhang.san").click();
  await page.route("**/api/orders", async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  }, { times: 1 });
  await order(page, t);
  await expect(review(page, t).getByText(t.safeToRepeat)).toBeVisible();
  await page.reload();
  await option(page, t.user, "zhang.san").click();
  await buyAgain(page, t);
  expect((await demo.state()).desktops).toHaveLength(1);
});

test("a duplicated tab with its review open already: the second order waits for a yes", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  const copy = await page.context().newPage();
  await copy.goto(page.url());
  await option(copy, t.user, "zhang.san").click();
  await expectLoaded(copy, t);
  for (const tab of [page, copy]) {
    await buyNow(tab, t).click();
    await expect(placeButton(tab, t)).toBeEnabled();
  }
  await placeButton(page, t).click();
  await expectPlaced(page, t);
  await placeButton(copy, t).click();
  await expect(review(copy, t).getByText(names.ago)).toBeVisible();
  await expect(placeButton(copy, t)).toBeDisabled();
  await expectAccessible(copy);
  expect((await state()).desktops).toHaveLength(1);
  await review(copy, t).getByRole("link", { name: names.view }).click();
  await expectPlaced(copy, t);
  expect(new URL(copy.url()).hash).toBe(new URL(page.url()).hash);
  expect((await state()).desktops).toHaveLength(1);
});

test("the way back after a purchase: nobody is picked any more, and the same again is asked about", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await option(page, t.user, "zhang.san").click();
  await order(page, t);
  await expectPlaced(page, t);
  await page.goBack();
  await expectLoaded(page, t);
  await expect(selected(page, t.user)).toHaveCount(0);
  await option(page, t.user, "zhang.san").click();
  await buyAgain(page, t);
  await review(page, t).getByRole("checkbox", { name: names.yes }).check();
  await placeButton(page, t).click();
  await expectPlaced(page, t);
  expect((await state()).desktops).toHaveLength(2);
});

test("the same again from its order, a moment later, is asked about", async ({ open, startDemo }) => {
  const demo = await startDemo();
  await place(demo, await purchase(demo, "first", { ImageType: "default" }));
  const { page, t } = await open("/#/orders/first", { of: demo });
  await expectPlaced(page, t);
  await page.getByRole("link", { name: names.again }).click();
  await buyAgain(page, t);
  expect((await demo.state()).desktops).toHaveLength(1);
});

test("the answer to a closed review closes no other one, and is a notice with a link", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  const sent = page.waitForRequest((request) => request.method() === "POST");
  const answer = await hold(page, "**/api/orders", { times: 1 });
  await order(page, t);
  await sent;
  await page.keyboard.press("Escape");
  await expect(review(page, t)).toHaveCount(0);
  await option(page, t.user, "li.si").click();
  await buyNow(page, t).click();
  await expect(review(page, t)).toContainText("li.si");
  answer();
  const notice = page.getByRole("status").filter({ hasText: names.late });
  await expect(notice).toHaveCount(1);
  await expect(review(page, t)).toBeVisible();
  await expect(selected(page, t.user)).toContainText("li.si");
  await page.keyboard.press("Escape");
  await notice.getByRole("link", { name: names.view }).click();
  await expectPlaced(page, t);
  expect((await state()).desktops.map((desktop) => desktop.user)).toEqual(["zhang.san"]);
});

test("a review that is closed before anything is sent says that nothing was", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  await buyNow(page, t).click();
  await expect(placeButton(page, t)).toBeEnabled();
  const asks = page.waitForRequest(/\/api\/orders\?/);
  const answer = await hold(page, /\/api\/orders\?/);
  await placeButton(page, t).click();
  await asks;
  await page.keyboard.press("Escape");
  await expect(review(page, t)).toHaveCount(0);
  answer();
  await expect(page.getByRole("status").filter({ hasText: "“zhang.san”的订单没有提交" })).toHaveCount(1);
  expect((await state()).calls["CreateDesktop"]).toBeUndefined();
});

test("a lost answer to a closed review is told with a link too", async ({ openBuy, state, tolerate }) => {
  tolerate(BROKEN_CONNECTION);
  const { page, t } = await openBuy();
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  let lose: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (lose = resolve));
  const sent = page.waitForRequest((request) => request.method() === "POST");
  await page.route("**/api/orders", async (route) => {
    await route.fetch();
    await held;
    await route.abort("connectionreset");
  }, { times: 1 });
  await order(page, t);
  await sent;
  await page.keyboard.press("Escape");
  lose();
  const notice = page.getByRole("status").filter({ hasText: "“zhang.san”的订单没有收到答复" });
  await notice.getByRole("link", { name: names.view }).click();
  await expectPlaced(page, t);
  expect((await state()).desktops).toHaveLength(1);
});

test("a lost answer, again, and closed before it is sent again: the notice does not say that nothing was", async ({ openBuy, state, tolerate }) => {
  tolerate(BROKEN_CONNECTION);
  const { page, t } = await openBuy();
  await option(page, t.user, "zhang.san").click();
  await page.route("**/api/orders", async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  }, { times: 1 });
  await order(page, t);
  await expect(review(page, t).getByText(t.safeToRepeat)).toBeVisible();
  const asks = page.waitForRequest(/\/api\/orders\?/);
  const answer = await hold(page, /\/api\/orders\?/);
  await review(page, t).getByRole("button", { name: t.placeAgain }).click();
  await asks;
  await page.keyboard.press("Escape");
  await expect(review(page, t)).toHaveCount(0);
  answer();
  const notice = page.getByRole("status").filter({ hasText: "“zhang.san”的订单没有收到答复" });
  await notice.getByRole("link", { name: names.view }).click();
  await expectPlaced(page, t);
  expect((await state()).desktops).toHaveLength(1);
});

test("a late word of an earlier attempt moves no other purchase", async ({ openBuy, state, tolerate }) => {
  tolerate(BROKEN_CONNECTION);
  const { page, t } = await openBuy();
  await option(page, t.user, "zhang.san").click();
  await page.route("**/api/orders", async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  }, { times: 1 });
  await order(page, t);
  await expect(review(page, t).getByText(t.safeToRepeat)).toBeVisible();

  // Whether the proxy has it is asked after a reload, and told late.
  const asks = page.waitForRequest("**/api/orders/*");
  const tell = await hold(page, "**/api/orders/*", { times: 1 });
  await page.reload();
  const asked = await asks;
  await expect(selected(page, t.user)).toContainText("zhang.san");
  await order(page, t);
  await expectPlaced(page, t);
  await page.getByRole("link", { name: t.buyAnother }).click();
  await option(page, t.user, "li.si").click();
  await expectLoaded(page, t);
  tell();
  await (await asked.response())?.finished();
  await buyNow(page, t).click();
  await expect(review(page, t)).toContainText("li.si");
  await placeButton(page, t).click();
  await expectPlaced(page, t);
  await expect(page.getByRole("status").filter({ hasText: names.late })).toHaveCount(0);
  expect((await state()).desktops.map((desktop) => desktop.user)).toEqual(["zhang.san", "li.si"]);
});
