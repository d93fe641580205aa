// The page in real hands, in Firefox: a double click, held keys, a lost answer without storage, a translator, odd addresses.
import { expect } from "@playwright/test";

import { translate } from "../support/translator.ts";
import { test, type Visit } from "./browser.ts";

const BUY = `/?commodityCode=CloudDesktopPost&request=${encodeURIComponent('{"region":"cn-hangzhou"}')}#/buy`;

async function pick(shown: Visit, user: string): Promise<void> {
  await shown.loaded();
  await (await shown.option(shown.t.user, user)).click();
  await shown.says(".summary", user);
  await shown.loaded();
}

test("a double click on the way to the review, held Enter and repeated Ctrl + Enter place nothing", async ({ visit, demo }) => {
  const shown = await visit(BUY, "zh");
  const { page, t } = shown;
  await pick(shown, "zhang.san");
  await (await shown.part("button", t.buyNow)).click({ count: 2, delay: 20 });
  await shown.part("dialog", t.review);
  await page.keyboard.down("Enter");
  for (let times = 0; times < 5; times += 1) await page.keyboard.down("Enter");
  await page.keyboard.up("Enter");
  await page.keyboard.down("Control");
  for (let times = 0; times < 5; times += 1) await page.keyboard.down("Enter");
  await page.keyboard.up("Control");
  // By now it would take a press of its own.
  await shown.enabled("button", t.placeOrder);
  expect((await demo.state()).calls["CreateDesktop"] ?? 0).toBe(0);
  expect(await page.evaluate(() => location.hash)).toBe("#/buy");
});

test("an answer is lost while storage is forbidden: placing again is the same order", async ({ visit, demo }) => {
  const shown = await visit(demo.origin, "zh");
  const { page, t } = shown;
  await page.evaluateOnNewDocument(() => {
    Object.defineProperty(window, "localStorage", { get: () => { throw new DOMException("no", "SecurityError"); } });
    const send = window.fetch;
    let lost = false;
    window.fetch = async (...call) => {
      const answer = await send(...call);
      const request = call[0] instanceof Request ? call[0] : undefined;
      if (lost || request?.method !== "POST") return answer;
      lost = true;
      throw new TypeError("lost");
    };
  });
  await page.goto(new URL(BUY, demo.origin).href);
  await pick(shown, "zhang.san");
  await shown.press("button", t.buyNow);
  await shown.press("button", t.placeOrder);
  await shown.says("dialog", t.safeToRepeat);
  await page.keyboard.press("Escape");
  await shown.press("button", t.buyNow);
  await shown.press("button", t.placeOrder);
  await shown.says("section.order", t.placed);
  expect((await demo.state()).desktops).toHaveLength(1);
});

test("under a translator a row chooses whom it shows, and the summary follows", async ({ visit }) => {
  const shown = await visit(BUY, "zh");
  const { page, t } = shown;
  await shown.loaded();
  await page.evaluate(translate, false);
  await (await shown.part("searchbox", t.searchUsers)).focus();
  await page.keyboard.type("li");
  await (await shown.option(t.user, "li.si")).click();
  await shown.says(".summary", "li.si");
  await page.evaluate(translate, false);
  await (await shown.part("button", t.buyNow)).click();
  await shown.says("dialog.review", "li.si");
});

test("addresses as they are pasted from a chat open the orders", async ({ visit, demo }) => {
  for (const hash of ["#/orders。", "#orders", "#//orders", "#/orders?from=wechat"]) {
    const shown = await visit(`${demo.origin}/${hash}`, "zh");
    await shown.says("main h1", shown.t.orders);
  }
});
