// The orders: empty, with what was bought, one by one, over a reload, and without losing the form.
import type { Route } from "@playwright/test";

import {
  choice, ERROR_ANSWER, expect, expectAccessible, expectPlaced, LOOKS, option, order, orderLine, selected, test,
} from "../support/fixtures.ts";

for (const look of LOOKS) {
  test(`from no order to one, ${look.lang}`, async ({ open, startDemo }) => {
    // A demo of its own, in which nothing has been ordered yet.
    const demo = await startDemo();
    const { page, t } = await open("/#/orders", { ...look, of: demo });
    await expect(page).toHaveTitle(`${t.orders} · Deskbuy`);
    await expect(page.getByRole("heading", { level: 1, name: t.orders })).toBeVisible();
    await expect(page.getByText(t.ordersEmpty)).toBeVisible();
    await expectAccessible(page);

    await page.getByRole("main").getByRole("link", { name: t.buy, exact: true }).click();
    await page.getByRole("button", { name: /cn-hangzhou/ }).click();
    await option(page, t.user, "zhang.san").click();
    await order(page, t);
    await expectPlaced(page, t);
    const address = page.url();
    const [desktop] = (await demo.state()).desktops;

    await page.getByRole("navigation").getByRole("link", { name: t.orders, exact: true }).click();
    const row = page.getByRole("main").getByRole("listitem");
    await expect(row).toHaveCount(1);
    for (const text of [t.placed, "desktop.n1.small", "zhang.san", "cn-hangzhou-b"]) await expect(row).toContainText(text);
    await expectAccessible(page);
    await row.getByRole("link").click();
    await expect(page).toHaveURL(address);
    await expectPlaced(page, t);

    await page.reload();
    await expectPlaced(page, t);
    await expect(orderLine(page, t, t.orderId)).toContainText(desktop!.order_id);
    await expect(orderLine(page, t, t.desktopId)).toContainText(desktop!.id);
    await expect(orderLine(page, t, t.user)).toHaveText("zhang.san");
    await expectAccessible(page);
  });
}

test("the newest order is the first", async ({ openBuy, open }) => {
  const { page, t } = await openBuy();
  for (const user of ["zhang.san", "li.si"]) {
    await option(page, t.user, user).click();
    await order(page, t);
    await expectPlaced(page, t);
    await page.getByRole("link", { name: t.buyAnother }).click();
  }
  const orders = (await open("/#/orders")).page.getByRole("main").getByRole("listitem");
  await expect(orders.nth(0)).toContainText("li.si");
  await expect(orders.nth(1)).toContainText("zhang.san");
});

test("an order that does not exist is said so", async ({ open, tolerate }) => {
  tolerate(/status of 404/);
  const { page, t } = await open("/#/orders/no-such-token");
  await expect(page.getByText(t.orderNotFound)).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("main").getByRole("link", { name: t.orders, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: t.orders })).toBeVisible();
});

test("the list of orders fails and can be asked for again", async ({ open, tolerate }) => {
  tolerate(ERROR_ANSWER);
  const { page, t } = await open("/#/orders", {
    before: (page) => page.route("**/api/orders?*", (route) => route.fulfill({ status: 503, body: "busy" }), { times: 1 }),
  });
  await expect(page.getByText(t.failed(t.orders))).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: t.retry(t.orders), exact: true }).click();
  await expect(page.getByText(t.failed(t.orders))).toHaveCount(0);
});

test("desktops fail by their own name, and say so by it where there are none", async ({ open, tolerate }) => {
  tolerate(ERROR_ANSWER);
  let broken = true;
  const answer = (route: Route) => (broken ? route.fulfill({ status: 503, body: "busy" }) : route.fulfill({ json: { desktops: [] } }));
  const { page, t } = await open("/#/orders", { before: (page) => page.route("**/api/desktops?*", answer) });
  await page.getByRole("radio", { name: "桌面", exact: true }).check();
  await expect(page.getByText(t.failed("桌面"))).toBeVisible();
  await expect(page.getByText(t.failed(t.orders))).toHaveCount(0);
  broken = false;
  await page.getByRole("button", { name: t.retry("桌面"), exact: true }).click();
  await expect(page.getByText("还没有桌面")).toBeVisible();
});

test("a connection that breaks while an order goes on comes back by itself", async ({ openBuy, startDemo, tolerate }) => {
  tolerate(/net::ERR_/);
  const demo = await startDemo("--attempt-deadline", "2s", "--scenario", "hang:CreateDesktop");
  const { page, t } = await openBuy({ of: demo });
  await option(page, t.user, "zhang.san").click();
  await order(page, t);
  await expect(page.getByText(t.leavePage)).toBeVisible();
  await page.route("**/api/orders/*", (route) => route.abort("connectionreset"));
  await page.reload();
  await expect(page.getByText(t.connectionLost)).toBeVisible();
  await page.unroute("**/api/orders/*");
  await expect(page.getByText(t.leavePage)).toBeVisible();
  await expect(page.getByText(t.connectionLost)).toHaveCount(0);
  await demo.scenarios();
  await expectPlaced(page, t);
});

test("a look at the orders, and the browser's way back, lose nothing of the form", async ({ openBuy }) => {
  const { page, t } = await openBuy({ commodityCode: "CloudDesktop" });
  await choice(page, t.type, "desktop.n1.large").check();
  await choice(page, t.duration, t.months(7)).check();
  await option(page, t.user, "li.si").click();
  await page.getByRole("navigation").getByRole("link", { name: t.orders, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: t.orders })).toBeFocused();

  await page.goBack();
  await expect(page.getByRole("heading", { level: 1, name: t.title })).toBeFocused();
  await expect(choice(page, t.type, "desktop.n1.large")).toBeChecked();
  await expect(choice(page, t.duration, t.months(7))).toBeChecked();
  await expect(selected(page, t.user)).toContainText("li.si");
  await page.goForward();
  await page.getByRole("navigation").getByRole("link", { name: t.buy, exact: true }).click();
  await expect(selected(page, t.user)).toContainText("li.si");
});
