// Deskbuy below a path of a host that has other things too: signing in, buying, lists, links and signing out stay there,
// whether the server in front keeps the path of requests or strips it.
import { Desk } from "../support/desk.ts";
import {
  asked, buyNow, buyPath, expect, expectLoaded, expectPlaced, option, review, test, texts,
} from "../support/fixtures.ts";
import { PathProxy } from "../support/path-proxy.ts";
import { PROVIDERS_PAGE } from "../support/provider.ts";

let front: PathProxy;
let desk: Desk | undefined;
test.afterEach(async ({ closePages }) => {
  await closePages();
  await Promise.all([desk?.stop(), front.stop()]);
  desk = undefined;
});

for (const strips of [false, true]) {
  test(`one signs in, buys and signs out below a path that is ${strips ? "stripped" : "kept"}`, async ({ open, tolerate }) => {
    tolerate(PROVIDERS_PAGE, /the server responded with a status of 401/);
    front = await PathProxy.start("/it/desk", strips);
    desk = await Desk.start([], "127.0.0.1", true, front.address);
    front.behind = desk.origin;
    const { page, t } = await open(`${front.address}${buyPath({ commodityCode: "CloudDesktop" })}`);
    await desk.provider.signIn(page, "ann");
    await expectLoaded(page, t);
    expect(page.url().startsWith(`${front.address}/?`)).toBe(true);
    expect(asked(page)).toMatchObject({ commodityCode: "CloudDesktop", hash: "#/buy" });
    const [cookie] = (await page.context().cookies(`${front.address}/`)).filter(({ name }) => name.startsWith("__"));
    expect(cookie).toMatchObject({ name: "__Secure-deskbuy", secure: true, httpOnly: true, path: "/it/desk/" });
    expect((await page.context().cookies(`${front.origin}/wiki/`)).map(({ name }) => name)).not.toContain("__Secure-deskbuy");

    // The proxy below the path knows the language; what else is on the host does not.
    await page.getByRole("button", { name: t.otherLanguage, exact: true }).click();
    await page.getByRole("button", { name: texts("en").otherLanguage, exact: true }).click();
    await option(page, t.user, "zhang.san").click();
    await buyNow(page, t).click();
    await review(page, t).locator("details.code summary").click();
    await expect(review(page, t).locator("details.code code")).toContainText(`curl '${front.address}/api/orders'`);
    await review(page, t).getByRole("button", { name: t.placeOrder, exact: true }).click();
    await expectPlaced(page, t);
    expect((await desk.installation.state()).desktops).toHaveLength(1);

    // Lists follow by server-sent events.
    const events = page.waitForResponse((response) => response.url() === `${front.address}/api/orders/events`);
    await page.getByRole("link", { name: t.orders, exact: true }).first().click();
    await page.goto(`${front.address}/#/orders/batch/some-batch`);
    expect((await events).status()).toBe(200);

    await page.getByRole("button", { name: t.signOut, exact: true }).click();
    await desk.provider.signOut(page);
    await expect(page.locator("#sign-in").getByRole("button")).toBeVisible();
    expect(page.url().startsWith(`${front.address}/`)).toBe(true);
    const paths = (await page.context().cookies(`${front.address}/`)).map(({ name, path }) => [name, path]);
    expect(paths.filter(([name]) => name!.startsWith("deskbuy")).sort()).toEqual([["deskbuy-language", "/it/desk/"], ["deskbuy.browser", "/it/desk/"]]);
    const keys = await page.evaluate(() => Object.keys(sessionStorage));
    expect(keys).toContain("deskbuy.sign-in/it/desk/");
    expect(keys.filter((key) => !key.endsWith("/it/desk/"))).toEqual([]);
    expect(front.elsewhere.filter((path) => path !== "/favicon.ico")).toEqual([]);
  });
}
