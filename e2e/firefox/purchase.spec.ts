// A purchase passes in Firefox as people have it: by mouse and by keyboard, both ways of paying, both languages.
import { expect } from "@playwright/test";

import { LANGS } from "../support/texts.ts";
import { test } from "./browser.ts";

const REGION = encodeURIComponent('{"region":"cn-hangzhou"}');

for (const lang of LANGS) {
  test(`pay as you go with the mouse, ${lang}`, async ({ visit, demo }) => {
    const shown = await visit(`/?commodityCode=CloudDesktopPost&request=${REGION}#/buy`, lang);
    const { page, t } = shown;
    await shown.loaded();
    expect(await page.title()).toBe(`${t.title} · Deskbuy`);
    expect(await page.$eval("html", (root) => root.lang)).toBe(t.lang);

    await (await shown.option(t.user, "zhang.san")).click();
    await shown.says(".summary", "zhang.san@example.com");
    await shown.loaded();
    await shown.press("button", t.buyNow);
    await shown.part("dialog", t.review);
    await shown.press("button", t.placeOrder);

    await shown.says("section.order", t.placed);
    const { desktops } = await demo.state();
    expect(desktops).toEqual([
      expect.objectContaining({ user: "zhang.san", type: "desktop.n1.small", charge_type: "POSTPAY", user_group: "Users" }),
    ]);
    await shown.says("section.order", desktops[0]!.id);
    await page.reload();
    await shown.says("section.order", desktops[0]!.id);
    await shown.press("link", t.orders);
    await shown.says("main [role=list]", "zhang.san");
  });

  test(`a subscription with the keyboard, ${lang}`, async ({ visit, demo }) => {
    const shown = await visit(`/?commodityCode=CloudDesktop&request=${REGION}#/buy`, lang);
    const { page, t } = shown;
    await shown.loaded();
    await (await shown.choice(t.duration, t.months(1))).focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await (await shown.choice(t.userGroup, t.users)).focus();
    await page.keyboard.press("ArrowDown");
    await (await shown.part("searchbox", t.searchUsers)).focus();
    await page.keyboard.type("li.si");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await shown.says(".summary", "li.si");
    await shown.loaded();
    await (await shown.part("button", t.buyNow)).focus();
    await page.keyboard.press("Enter");
    await (await shown.enabled("button", t.placeOrder)).focus();
    await page.keyboard.press("Enter");

    await shown.says("section.order", t.placed);
    expect((await demo.state()).desktops).toEqual([
      expect.objectContaining({ user: "li.si", charge_type: "PREPAY", period: 3, user_group: "Administrators" }),
    ]);
    // As in Chromium, the focus has gone along.
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
  });
}

test("a draft survives a reload, and the chooser of regions works", async ({ visit }) => {
  const shown = await visit("/", "zh");
  const { page, t } = shown;
  await page.locator("::-p-xpath(//button[contains(., 'cn-hangzhou')])").click();
  await shown.loaded();
  await (await shown.choice(t.zone, "杭州 可用区 E")).click();
  await shown.loaded();
  await page.reload();
  await shown.loaded();
  const zone = await shown.choice(t.zone, "杭州 可用区 E");
  expect(await zone.evaluate((radio) => (radio as HTMLInputElement).checked)).toBe(true);
});

test("a Chinese name is found by its pinyin, initials and syllables", async ({ visit }) => {
  const shown = await visit(`/?commodityCode=CloudDesktopPost&request=${REGION}#/buy`, "zh");
  const { page, t } = shown;
  await shown.loaded();
  await (await shown.part("searchbox", t.searchUsers)).focus();
  await page.keyboard.type("oyxw");
  await page.keyboard.press("Enter");
  await shown.says(".summary", "ouyang@example.com");
  // And by whole syllables.
  await (await shown.part("searchbox", t.searchUsers)).focus();
  await page.keyboard.down("Control");
  await page.keyboard.press("a");
  await page.keyboard.up("Control");
  await page.keyboard.type("zhangwei");
  await (await shown.option(t.user, "张伟")).click();
  await shown.says(".summary", "zhang.wei@example.com");
});
