// What can come between the click and the answer other than a dead proxy alone: a reload, a closed or a second window, the
// way back, a batch half done. Whatever it is, nothing is bought twice and the page finds its way by itself.
import type { Page } from "@playwright/test";

import {
  buyNow, buyPath, ERROR_ANSWER, expect, expectAccessible, expectLoaded, expectPlaced, LOOKS, option, order, review,
} from "../support/fixtures.ts";
import { hold } from "../support/held.ts";
import { test } from "../support/installed.ts";
import type { Installation } from "../support/installation.ts";
import { perUser, place, purchase, rows } from "../support/orders.ts";

const SEVERAL = "为多个用户购买，每人一台";

test.use({ serveFlags: ["--attempt-deadline", "3s", "--order-lease", "6s"] });

let installation: Installation;
test.beforeEach(({ installation: started }) => {
  installation = started;
});

async function asked(): Promise<number> {
  return (await installation.state()).calls["CreateDesktop"] ?? 0;
}

/** Lets the next order arrive at the proxy, or not, and never answers the page. */
async function neverAnswer(page: Page, arrives: boolean): Promise<{ body: Promise<string> }> {
  let sent: (body: string) => void;
  const body = new Promise<string>((resolve) => (sent = resolve));
  await page.route("**/api/orders", async (route) => {
    if (arrives) await route.fetch();
    sent(route.request().postData() ?? "");
  }, { times: 1 });
  return { body };
}

function tokenOf(body: string): string | undefined {
  return (JSON.parse(body) as { operations: { ClientToken: string }[] }).operations[0]?.ClientToken;
}

for (const look of LOOKS) {
  test(`killed, reloaded while it is away and back: the order is shown where it stands, ${look.lang}`, async ({ open, tolerate }) => {
    tolerate(/net::ERR_/, ERROR_ANSWER);
    const { page, t } = await open(buyPath(), look);
    await option(page, t.user, "zhang.san").click();
    await expectLoaded(page, t);
    await installation.scenarios("hang:CreateDesktop");
    await order(page, t);
    await expect.poll(asked).toBeGreaterThan(0);
    await installation.kill();
    await expect(page.getByText(t.connectionLost)).toBeVisible();
    await expectAccessible(page);

    await installation.startProxy();
    await page.reload();
    const card = page.getByRole("region", { name: t.order, exact: true });
    await expect(card.getByText(t.working)).toBeVisible();
    await installation.scenarios();
    await expectPlaced(page, t);
    expect((await installation.state()).desktops).toHaveLength(1);
  });
}

test("killed in the middle of a batch: its page catches up, and each has one desktop", async ({ open, tolerate }) => {
  tolerate(/net::ERR_/, ERROR_ANSWER);
  const users = ["zhang.san", "li.si", "张伟"];
  const { page, t } = await open(buyPath());
  await page.getByRole("checkbox", { name: SEVERAL }).check();
  for (const user of users) await option(page, t.user, user).click();
  await expectLoaded(page, t);
  await installation.scenarios("commit-then-hang:CreateDesktop");
  await order(page, t);
  await expect(page.getByText("已处理 0 / 3，成功 0，失败 0")).toBeVisible();
  await expect.poll(asked).toBeGreaterThanOrEqual(users.length);
  await installation.kill();
  await installation.scenarios();
  await installation.startProxy();

  await expect(page.getByText("已处理 3 / 3，成功 3，失败 0")).toBeVisible({ timeout: 30_000 });
  expect(perUser((await installation.state()).desktops)).toEqual({ "zhang.san": 1, "li.si": 1, "张伟": 1 });
});

test("the deferred module cannot be fetched at first: the page comes back by itself, and orders what was asked for meanwhile", async ({ open, tolerate }) => {
  tolerate(/net::ERR_|Failed to fetch/);
  const { page, t } = await open(buyPath(), {
    before: (page) => page.route("**/*_deferred.wasm", (route) => route.abort("connectionreset"), { times: 1 }),
  });
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  await order(page, t);
  await expectPlaced(page, t);
  expect((await installation.state()).desktops).toHaveLength(1);
});

test("reloaded before the answer came: the order that the proxy has is shown", async ({ open }) => {
  const { page, t } = await open(buyPath());
  await option(page, t.user, "zhang.san").click();
  const sent = await neverAnswer(page, true);
  await order(page, t);
  await sent.body;
  await page.reload();
  await expectPlaced(page, t);
  expect((await installation.state()).desktops).toHaveLength(1);
});

test("reloaded before the order arrived: nothing is shown as bought, and placing it again has the same token", async ({ open, tolerate }) => {
  // The proxy has no such order.
  tolerate(/status of 404/);
  const { page, t } = await open(buyPath());
  await option(page, t.user, "zhang.san").click();
  const sent = await neverAnswer(page, false);
  await order(page, t);
  const token = tokenOf(await sent.body);
  await page.reload();
  await expectLoaded(page, t);
  await expect(page.getByRole("heading", { level: 1, name: t.title })).toBeVisible();
  expect((await installation.state()).desktops).toEqual([]);

  const again = page.waitForRequest((request) => request.method() === "POST");
  await order(page, t);
  expect(tokenOf((await again).postData() ?? "")).toBe(token);
  await expectPlaced(page, t);
  expect((await installation.state()).desktops).toHaveLength(1);
});

test("a batch whose answer was lost is found in a new window, and not bought twice", async ({ open, tolerate }) => {
  tolerate(/net::ERR_/, ERROR_ANSWER);
  const { page, t } = await open(buyPath());
  await page.getByRole("checkbox", { name: SEVERAL }).check();
  for (const user of ["zhang.san", "li.si"]) await option(page, t.user, user).click();
  const sent = await neverAnswer(page, true);
  await order(page, t);
  await sent.body;
  const later = await page.context().newPage();
  await page.close();
  await later.goto(`${installation.origin}${buyPath()}`);
  await expect(later.getByText("已处理 2 / 2，成功 2，失败 0")).toBeVisible();
  expect(perUser((await installation.state()).desktops)).toEqual({ "zhang.san": 1, "li.si": 1 });
});

test("two windows that place the same purchase before either has an answer place one order", async ({ open }) => {
  const first = await open(buyPath());
  const second = { page: await first.page.context().newPage(), t: first.t };
  await second.page.goto(`${installation.origin}${buyPath()}`);
  for (const { page, t } of [first, second]) {
    await option(page, t.user, "zhang.san").click();
    await expectLoaded(page, t);
  }
  const posted = first.page.waitForRequest((request) => request.method() === "POST");
  const release = await hold(first.page, "**/api/orders", { times: 1 });
  await order(first.page, first.t);
  await posted;
  await order(second.page, second.t);
  await expectPlaced(second.page, second.t);
  release();
  await expectPlaced(first.page, first.t);
  expect(new URL(first.page.url()).hash).toBe(new URL(second.page.url()).hash);
  expect((await installation.state()).desktops).toHaveLength(1);
});

test("the browser's way back after an order leads to the form, with no review open, and orders nothing", async ({ open }) => {
  const { page, t } = await open(buyPath());
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  await buyNow(page, t).dblclick();
  await review(page, t).getByRole("button", { name: t.placeOrder, exact: true }).dblclick();
  await expectPlaced(page, t);
  const address = page.url();

  await page.goBack();
  await expect(page.getByRole("heading", { level: 1, name: t.title })).toBeVisible();
  await expectLoaded(page, t);
  await expect(review(page, t)).toHaveCount(0);
  await page.reload();
  await expectLoaded(page, t);
  await page.goForward();
  await expect(page).toHaveURL(address);
  await expectPlaced(page, t);
  expect(await asked()).toBe(1);
});

test("the list of orders, left open over a crash, tells of new orders again", async ({ open, tolerate }) => {
  // While it starts, the proxy answers that it is not ready.
  tolerate(/net::ERR_/, ERROR_ANSWER);
  await place(installation, await purchase(installation, "before"));
  const { page, t } = await open("/#/orders");
  await expect(rows(page)).toHaveCount(1);
  await installation.kill();
  await installation.startProxy();
  await place(installation, await purchase(installation, "after", { UserName: "li.si" }));
  await expect(rows(page)).toHaveCount(2, { timeout: 30_000 });
  await expect(rows(page).first()).toContainText("li.si");
  await expect(rows(page).first()).toContainText(t.placed);
});
