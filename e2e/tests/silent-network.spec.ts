// A network that accepts and never answers, breaks, and comes back: every wait has an end and words, and the page goes on by
// itself. Time is the page's own clock, moved by the test.
import type { Page } from "@playwright/test";

import {
  BROKEN_CONNECTION, buyNow, expect, expectAccessible, expectLoaded, expectPlaced, option, order, review, test,
} from "../support/fixtures.ts";
import { place, purchase, rows } from "../support/orders.ts";

const RETRY_NOW = "立即重试";

/** Accepts requests and never answers them, until the function that it gives is called. */
async function silence(page: Page, pattern: string): Promise<() => Promise<void>> {
  await page.route(pattern, () => undefined);
  return () => page.unroute(pattern);
}

test("an order that nobody answers ends in words, and placing it again is the same order", async ({ openBuy, state, tolerate }) => {
  tolerate(/net::ERR_/);
  const { page, t } = await openBuy({ before: (page) => page.clock.install() });
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  await buyNow(page, t).click();
  await page.clock.runFor(1_000);
  const asked = page.waitForRequest((request) => request.method() === "POST");
  const speak = await silence(page, "**/api/orders");
  const button = review(page, t).getByRole("button", { name: t.placeOrder, exact: true });
  await expect(button).toBeEnabled();
  await button.click();
  await asked;
  await page.clock.runFor(31_000);
  await expect(review(page, t).getByText(t.safeToRepeat)).toBeVisible();
  await speak();
  await review(page, t).getByRole("button", { name: t.placeAgain }).click();
  await page.clock.resume();
  await expectPlaced(page, t);
  expect((await state()).desktops).toHaveLength(1);
});

test("lists that nobody answers say so, and load by themselves when the network is back", async ({ openBuy, tolerate }) => {
  tolerate(/net::ERR_/, /nothing came/, /compilation aborted/);
  let speak: () => Promise<void> = async () => undefined;
  const { page, t } = await openBuy({
    before: async (page) => {
      await page.clock.install();
      speak = await silence(page, "**/api/DescribeActivityDirectoryUsers*");
    },
  });
  await expect(page.getByText(t.loading(t.user))).toBeAttached();
  await page.clock.runFor(31_000);
  await expect(page.getByText(t.failed(t.user))).toBeVisible();
  // Each list that waits says so; what else was on its way may wait too.
  await expect(page.getByText(/从 \d\d:\d\d 起没有连接/).first()).toBeVisible();
  await expectAccessible(page);
  await speak();
  await page.clock.runFor(35_000);
  await expect(option(page, t.user, "zhang.san")).toBeVisible();
});

test("“retry now” asks at once, while the page would still wait", async ({ openBuy, scenarios, tolerate }) => {
  tolerate(BROKEN_CONNECTION);
  const { page, t } = await openBuy({ before: (page) => page.clock.install() });
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  await scenarios("hang:CreateDesktop");
  await order(page, t);
  await expect(page.getByRole("region", { name: t.order, exact: true }).getByText(t.working)).toBeVisible();
  await page.route("**/api/orders/*", (route) => route.abort("connectionreset"));
  await expect(page.getByText(t.connectionLost)).toBeVisible();
  // From here on no wait of the page ends by itself.
  await page.clock.pauseAt(Date.now() + 3_600_000);
  await expect(page.getByText(t.connectionLost)).toBeVisible();
  await page.unroute("**/api/orders/*");
  await page.getByRole("button", { name: RETRY_NOW }).click();
  await expect(page.getByText(t.connectionLost)).toHaveCount(0);
  await scenarios();
});

test("a connection that is lost while an order is under way is said so, with a button, and never asks to order again", async ({ openBuy, scenarios, tolerate }) => {
  tolerate(BROKEN_CONNECTION);
  const { page, t } = await openBuy();
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  await scenarios("slow:DescribeAvailableResource");
  await scenarios("hang:CreateDesktop");
  await order(page, t);
  await expect(page.getByRole("region", { name: t.order, exact: true }).getByText(t.working)).toBeVisible();
  await page.route("**/api/orders/*", (route) => route.abort("connectionreset"));
  await expect(page.getByText(t.connectionLost)).toBeVisible();
  await expect(page.getByText(/起没有连接/)).toBeVisible();
  await expect(page.getByText("重新提交")).toHaveCount(0);
  await expectAccessible(page);
  await expect(page.getByRole("button", { name: RETRY_NOW })).toBeVisible();
  await page.unroute("**/api/orders/*");
  await scenarios();
  await expect(page.getByText(t.connectionLost)).toHaveCount(0);
});

test("a session that nobody tells of does not keep the page from opening", async ({ openBuy, tolerate }) => {
  tolerate(/net::ERR_|TimeoutError|aborted/);
  const { page, t } = await openBuy({ before: (page) => silence(page, "**/api/session") });
  await expect(page.getByRole("heading", { level: 1, name: t.title, exact: true })).toBeVisible({ timeout: 30_000 });
  await expectLoaded(page, t);
});

test("eight windows with the orders open: a ninth loads, and each hears of a new order", async ({ open, startDemo }) => {
  const demo = await startDemo();
  await place(demo, await purchase(demo, "first"));
  const { page } = await open("/#/orders", { of: demo });
  await expect(rows(page)).toHaveCount(1);
  const pages = [page];
  for (let count = 1; count < 9; count += 1) {
    const next = await page.context().newPage();
    await next.goto(`${demo.origin}/#/orders`);
    await expect(rows(next)).toHaveCount(1);
    pages.push(next);
  }
  await place(demo, await purchase(demo, "second", { UserName: "li.si" }));
  for (const each of pages) await expect(rows(each)).toHaveCount(2);
  // The tab that held the stream closes; another one takes it over.
  await pages.shift()!.close();
  await place(demo, await purchase(demo, "third", { UserName: "wang.wu" }));
  for (const each of pages) await expect(rows(each)).toHaveCount(3);
});

test("a row that is pressed stays under the pointer when an order arrives", async ({ open, startDemo }) => {
  const demo = await startDemo();
  await place(demo, await purchase(demo, "first"));
  const { page, t } = await open("/#/orders", { of: demo });
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).first()).toContainText(t.placed);
  const link = rows(page).first().getByRole("link");
  const box = (await link.boundingBox())!;
  await page.mouse.move(box.x + 10, box.y + box.height / 2);
  await page.mouse.down();
  const heard = page.context().newPage();
  const other = await heard;
  await other.goto(`${demo.origin}/#/orders`);
  await place(demo, await purchase(demo, "second", { UserName: "li.si" }));
  await expect(rows(other)).toHaveCount(2);
  await expect(rows(other).first()).toContainText(t.placed);
  await page.mouse.up();
  await expect(page).toHaveURL(/#\/orders\/first$/);
});

test("a language that is chosen in one window is that of the other", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByRole("button", { name: t.otherLanguage }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Buy cloud desktops" })).toBeVisible();
});

test("an unknown batch says so", async ({ open }) => {
  const { page } = await open("/#/orders/batch/no-such-batch");
  await expect(page.getByText("没有这个批次的订单")).toBeVisible();
});

test("a browser that knows no light-dark() has dialogs that one cannot see through", async ({ openBuy }) => {
  const { page, t } = await openBuy({
    before: (page) => page.route("**/*.css", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: (await answer.text()).replaceAll("light-dark", "no-such-function") });
    }),
  });
  await page.getByRole("button", { name: t.newUser, exact: true }).click();
  const background = await page.getByRole("dialog").evaluate((dialog) => getComputedStyle(dialog).backgroundColor);
  expect(background).toMatch(/^rgb\(/);
});
