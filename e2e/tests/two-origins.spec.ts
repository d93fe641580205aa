// The page on one origin and the proxy on another of the same site: it signs in, buys and follows the order as one that
// the proxy serves itself, where the proxy lists its origin, and gets nothing where it does not.
import { Desk } from "../support/desk.ts";
import { asked, buyPath, expect, expectLoaded, expectPlaced, option, order, test } from "../support/fixtures.ts";
import { HostedPage } from "../support/hosted-page.ts";
import { PROVIDERS_PAGE } from "../support/provider.ts";

let page_host: HostedPage;
let desk: Desk | undefined;
test.beforeEach(async () => {
  page_host = await HostedPage.start();
});
test.afterEach(async ({ closePages }) => {
  await closePages();
  await Promise.all([desk?.stop(), page_host.stop()]);
  desk = undefined;
});

test("a page that is listed signs in, comes back, buys, and signs out", async ({ open, tolerate }) => {
  tolerate(PROVIDERS_PAGE, /the server responded with a status of 401/);
  // The provider is at localhost too, so that all three are one site.
  desk = await Desk.start(["--page-origins", page_host.origin], "localhost");
  page_host.proxy = `http://localhost:${new URL(desk.origin).port}`;
  const { page, t } = await open(`${page_host.origin}${buyPath({ commodityCode: "CloudDesktop" })}`);
  await desk.provider.signIn(page, "ann");
  await expectLoaded(page, t);
  expect(new URL(page.url()).origin).toBe(page_host.origin);
  expect(asked(page)).toMatchObject({ commodityCode: "CloudDesktop", hash: "#/buy" });
  await option(page, t.user, "zhang.san").click();
  await order(page, t);
  await expectPlaced(page, t);
  expect((await desk.installation.state()).desktops).toHaveLength(1);

  // Lists follow by server-sent events, which need the session too.
  const events = page.waitForResponse((response) => response.url() === `${page_host.proxy}/api/orders/events`);
  await page.getByRole("link", { name: t.orders, exact: true }).first().click();
  await page.goto(`${page_host.origin}/#/orders/batch/some-batch`);
  expect((await events).status()).toBe(200);

  await page.getByRole("button", { name: t.signOut, exact: true }).click();
  await expect(page.locator("#sign-in").getByRole("button")).toBeVisible();
});

test("a page that is not listed reads nothing", async ({ open, tolerate }) => {
  tolerate(/CORS policy|net::ERR_FAILED|status of 4/);
  desk = await Desk.start([], "localhost");
  page_host.proxy = `http://localhost:${new URL(desk.origin).port}`;
  const { page, t } = await open(`${page_host.origin}${buyPath()}`);
  await expect(page.getByText(t.failed(t.type))).toBeVisible();
  const answers = page.context().request;
  const read = await answers.get(`${page_host.proxy}/api/session`, { headers: { origin: page_host.origin } });
  expect(read.headers()["access-control-allow-origin"]).toBeUndefined();
  expect((await desk.installation.state()).calls).toEqual({});
});
