// A proxy that dies while a purchase is under way: the page comes back by itself, and there is one desktop.
import { Installation } from "../support/installation.ts";
import {
  buyNow, buyPath, expect, expectLoaded, expectPlaced, option, order, review, selected, test,
} from "../support/fixtures.ts";

let installation: Installation;
test.beforeEach(async () => {
  installation = new Installation("--attempt-deadline", "3s", "--order-lease", "6s");
  await installation.start();
});
test.afterEach(async ({ closePages }) => {
  await closePages();
  await installation.stop();
});

/** How many times the cloud was asked to make a desktop. */
async function asked(): Promise<number> {
  return (await installation.state()).calls["CreateDesktop"] ?? 0;
}

for (const [fault, what] of [
  ["hang:CreateDesktop", "before the cloud has answered"],
  ["commit-then-hang:CreateDesktop", "after the cloud has made the desktop and before it has said so"],
] as const) {
  test(`killed ${what}: the page reconnects, and there is one desktop`, async ({ open, tolerate }) => {
    tolerate(/net::ERR_/);
    const { page, t } = await open(`${installation.origin}${buyPath()}`);
    await option(page, t.user, "zhang.san").click();
    await expectLoaded(page, t);
    await installation.scenarios(fault);
    await order(page, t);
    await expect(page.getByText(t.leavePage)).toBeVisible();
    await expect.poll(asked).toBeGreaterThan(0);

    await installation.kill();
    await expect(page.getByText(t.connectionLost)).toBeVisible();
    await installation.scenarios();
    await installation.startProxy();

    await expectPlaced(page, t);
    await expect(page.getByText(t.connectionLost)).toHaveCount(0);
    expect((await installation.state()).desktops).toHaveLength(1);
  });
}

test("killed before the order was answered: placing it again is the same order", async ({ open, tolerate }) => {
  tolerate(/net::ERR_/);
  const { page, t } = await open(`${installation.origin}${buyPath()}`);
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  // The proxy takes the order, and the answer is lost with the proxy.
  const tokens: string[] = [];
  await page.route("**/api/orders", async (route) => {
    const body = route.request().postDataJSON() as { operations: { ClientToken: string }[] };
    tokens.push(...body.operations.map((operation) => operation.ClientToken));
    await route.fetch();
    await installation.kill();
    await route.abort("connectionreset");
  }, { times: 1 });
  await order(page, t);
  await expect(page.getByText(t.placeUnknown)).toBeVisible();
  await installation.startProxy();

  const again = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/api/orders"));
  await page.getByRole("button", { name: t.placeAgain, exact: true }).click();
  expect((await again).postData()).toContain(tokens[0]);
  await expectPlaced(page, t);
  expect((await installation.state()).desktops).toHaveLength(1);
});

test("a window that is closed before the answer: opened again, the order is shown where it stands", async ({
  open, tolerate,
}) => {
  tolerate(/net::ERR_/);
  const { page, t } = await open(`${installation.origin}${buyPath()}`);
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  await page.route("**/api/orders", async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  });
  await order(page, t);
  await expect(page.getByText(t.placeUnknown)).toBeVisible();

  const later = await page.context().newPage();
  await page.close();
  await later.goto(`${installation.origin}${buyPath()}`);
  await expectPlaced(later, t);
  // Which is another window's: here nothing was picked for it.
  expect(await later.evaluate(() => sessionStorage.getItem("deskbuy.placed"))).toBeNull();
  // The order was found, so the next purchase is another one.
  await later.goto(`${installation.origin}${buyPath()}`);
  await option(later, t.user, "zhang.san").click();
  await expect(selected(later, t.user)).toContainText("zhang.san");
  await expectLoaded(later, t);
  await buyNow(later, t).click();
  // The same again within minutes wants a yes.
  await review(later, t).getByRole("checkbox").check();
  await review(later, t).getByRole("button", { name: t.placeOrder, exact: true }).click();
  await expectPlaced(later, t);
  expect((await installation.state()).desktops).toHaveLength(2);
});
