// What comes with the deferred module beside its code: the texts that no first view shows, and the style sheet of what it draws.
import { buyNow, buyPath, chosen, expect, expectLoaded, LANGS, option, review, test } from "../support/fixtures.ts";
import { hold } from "../support/hold.ts";

const STYLE = "**/deferred-*.css";
const WORDS = {
  zh: { term: "专有网络（VPC）在一个可用区内的部分", failed: "未能加载", retry: "重试" },
  en: { term: "The part of your network (VPC) that lies in one zone", failed: "could not be loaded", retry: "Retry" },
} as const;

for (const lang of LANGS) {
  test(`what terms mean comes with it, ${lang}`, async ({ openBuy }) => {
    const held = hold("**/*_deferred.wasm");
    const { page, t } = await openBuy({ lang, before: held.before });
    await expectLoaded(page, t);
    await page.locator("#network details.help > summary").click();
    const meanings = page.locator("#network details.help > dl");
    await expect(meanings).toBeVisible();
    await expect(meanings).toHaveText("");
    held.arrive();
    await expect(meanings).toContainText(WORDS[lang].term);
  });

  test(`its style sheet comes with it, and is awaited as it is, ${lang}`, async ({ openBuy }) => {
    const held = hold(STYLE);
    const { page, t } = await openBuy({ lang, before: held.before });
    await expectLoaded(page, t);
    await option(page, t.user, "zhang.san").click();
    await buyNow(page, t).click();
    await expect(page.getByRole("main")).toHaveAttribute("aria-busy", "true");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    held.arrive();
    await expect(review(page, t).locator(".dialog-buttons").last()).toHaveCSS("display", "flex");
  });

  test(`if the style sheet cannot be had the page says so, and tries again when asked to, ${lang}`, async ({ openBuy, tolerate }) => {
    tolerate(/net::ERR_|Failed to fetch|deferred/);
    const { page, t } = await openBuy({ lang, before: (page) => page.route(STYLE, (route) => route.abort()) });
    await expect(page.getByText(WORDS[lang].failed)).toBeVisible();
    await page.unroute(STYLE);
    await page.locator(".deferred").getByRole("button", { name: WORDS[lang].retry }).click();
    await expect(page.getByText(WORDS[lang].failed)).toHaveCount(0);
    await option(page, t.user, "zhang.san").click();
    await buyNow(page, t).click();
    await expect(review(page, t).locator(".dialog-buttons").last()).toHaveCSS("display", "flex");
  });
}

test("the orders are not drawn before their style is there", async ({ open }) => {
  const held = hold(STYLE);
  const { page, t } = await open(buyPath({ hash: "#/orders" }), { before: held.before });
  await expect(page.locator("main .skeleton")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: t.orders })).toHaveCount(0);
  held.arrive();
  await expect(page.getByRole("heading", { level: 1, name: t.orders })).toBeVisible();
  await expect(page.locator(".filters")).toHaveCSS("display", "flex");
});

test("a number in the address is read as it is meant", async ({ open }) => {
  for (const [written, months] of [["12.0", "12"], ["1.2e1", "12"], ["6", "6"]] as const) {
    const { page, t } = await open(`/?commodityCode=CloudDesktop&request={"region":"cn-hangzhou","period":${written}}#/buy`);
    await expectLoaded(page, t);
    await expect(chosen(page, t.duration)).toHaveValue(months);
  }
});
