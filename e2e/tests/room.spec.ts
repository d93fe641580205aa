// Room for what is shown: text of twice the size, windows of any height, and names of any length or direction.
import type { Locator, Page } from "@playwright/test";

import { buyNow, expect, expectAccessible, expectLoaded, LOOKS, option, review, test } from "../support/fixtures.ts";
import { expectNoOverflow, expectSettled, place, purchase, rows } from "../support/orders.ts";

/** Text as large as browsers show it where people ask for twice the size. */
const twice = (page: Page) => page.addInitScript(() => {
  addEventListener("DOMContentLoaded", () => (document.documentElement.style.fontSize = "200%"));
});

/** Pixels by which the words of these parts stick out of them, above and below, at most. */
async function cut(parts: Locator): Promise<number> {
  return parts.evaluateAll((parts) => Math.max(...parts.map((part) => {
    const words = document.createRange();
    words.selectNodeContents(part);
    const [outer, inner] = [part.getBoundingClientRect(), words.getBoundingClientRect()];
    return Math.max(outer.top - inner.top, inner.bottom - outer.bottom);
  })));
}

/** Pixels by which parts of these rows stick out of them. Facts for which two lines are not enough are left out, whole lines of them. */
async function beyond(rows: Locator): Promise<number> {
  return rows.evaluateAll((rows) => Math.max(...rows.flatMap((row) => {
    const outer = row.getBoundingClientRect();
    return [...row.children].map((part) => {
      const inner = part.getBoundingClientRect();
      return Math.max(outer.top - inner.top, inner.bottom - outer.bottom);
    });
  })));
}

/** Lines of the longest of these texts. */
async function lines(parts: Locator): Promise<number> {
  return parts.evaluateAll((parts) => Math.max(...parts.map((part) => {
    const words = document.createRange();
    words.selectNodeContents(part);
    return new Set([...words.getClientRects()].map((line) => Math.round(line.top))).size;
  })));
}

for (const look of LOOKS) {
  for (const [width, height] of [[1280, 900], [768, 900], [390, 780]] as const) {
    const browse = { ...look, more: { viewport: { width, height } }, before: twice };

    test(`with text of twice the size a purchase can be read at ${width} pixels, ${look.lang}`, async ({ openBuy }) => {
      const { page, t } = await openBuy({ ...browse, commodityCode: "CloudDesktop" });
      await option(page, t.user, "zhang.san").click();
      await expectLoaded(page, t);
      // Words are not broken into letters, and rows of lists hold theirs.
      expect(await lines(page.locator(".types .fact")), "lines of a fact").toBeLessThanOrEqual(4);
      expect(await cut(page.getByRole("option")), "cut off").toBeLessThanOrEqual(0);
      await expectNoOverflow(page);
      await buyNow(page, t).click();
      await expect(review(page, t)).toBeVisible();
      expect(await lines(review(page, t).locator("dd")), "lines of the review").toBeLessThanOrEqual(6);
      await expectAccessible(page);
    });

    test(`with text of twice the size orders and desktops can be read at ${width} pixels, ${look.lang}`, async ({ open, startDemo }) => {
      const demo = await startDemo();
      await place(demo, await purchase(demo, "one"), await purchase(demo, "two", { UserName: "li.si", ChargeType: "PREPAY", Period: 12 }));
      await expectSettled(demo);
      for (const path of ["/#/orders", "/#/desktops"]) {
        const { page } = await open(path, { ...browse, of: demo });
        await expect(rows(page)).toHaveCount(2);
        expect(await beyond(rows(page)), `beyond a row in ${path}`).toBeLessThanOrEqual(0);
        const visible = await rows(page).locator(".entry-facts").evaluateAll((all) => all.map((part) => part.clientHeight / parseFloat(getComputedStyle(part).lineHeight)));
        expect(visible.map((lines) => Math.abs(lines - Math.round(lines)) < 0.1), "whole lines").not.toContain(false);
        // State and user are whole words.
        const short = await rows(page).locator(".state").evaluateAll((all) => all.filter((part) => part.scrollWidth > part.clientWidth + 1).length);
        expect(short, `states that are cut off in ${path}`).toBe(0);
        await expectNoOverflow(page);
        await expectAccessible(page);
      }
    });
  }
}

test("a high window is full of rows, and one that becomes high too", async ({ open, startDemo }) => {
  const demo = await startDemo();
  const operations = await Promise.all(Array.from({ length: 80 }, (_, index) => purchase(demo, `p-${index}`)));
  await place(demo, ...operations);
  await expectSettled(demo);
  const { page } = await open("/#/orders", { of: demo, more: { viewport: { width: 1440, height: 2200 } } });
  /** Pixels of the list without a row. */
  const empty = () => page.locator(".entries").evaluate((list) => {
    const last = Math.max(...[...list.querySelectorAll(".entry")].map((row) => row.getBoundingClientRect().bottom));
    return Math.max(0, list.getBoundingClientRect().bottom - last - 2);
  });
  await expect(rows(page).first()).toBeVisible();
  await expect.poll(empty).toBe(0);
  await page.setViewportSize({ width: 1440, height: 700 });
  await page.setViewportSize({ width: 1440, height: 3000 });
  await expect.poll(empty).toBe(0);
});

test("a tablet that is turned keeps what the list was sorted by", async ({ open, startDemo }) => {
  const demo = await startDemo();
  for (const [token, UserName] of [["one", "zhang.san"], ["two", "alice"], ["three", "li.si"]] as const) {
    await place(demo, await purchase(demo, token, { UserName }));
  }
  await expectSettled(demo);
  const { page } = await open("/#/orders", { of: demo });
  const users = async () => (await rows(page).allTextContents()).map((text) => /zhang\.san|alice|li\.si/.exec(text)?.[0]);
  await expect(rows(page)).toHaveCount(3);
  const heads = page.getByRole("columnheader");
  // Before anything is sorted, each column shows that it can be.
  await expect(heads.filter({ visible: true, hasText: "↕" })).toHaveCount(await heads.filter({ visible: true }).count());
  await page.getByRole("button", { name: "按用户排序" }).click();
  await expect.poll(users).toEqual(["alice", "li.si", "zhang.san"]);
  await expect(heads.filter({ hasText: "↑" })).toHaveText(/用户/);
  await page.setViewportSize({ width: 768, height: 1024 });
  await expect(page.getByRole("button", { name: "按用户排序" })).toBeHidden();
  await page.setViewportSize({ width: 1280, height: 900 });
  await expect(page.getByRole("button", { name: "按用户排序" })).toBeVisible();
  await expect.poll(users).toEqual(["alice", "li.si", "zhang.san"]);
});

test("whatever a name is, the rest of its row reads as it is written, and is in sight", async ({ open, startDemo }) => {
  const demo = await startDemo();
  const names = ["a\u202eb.txt", "مستخدم جديد", "W".repeat(200), "👩‍👩‍👧‍👦".repeat(10), `e${"\u0301\u0302\u0303".repeat(20)}`];
  for (const [index, UserName] of names.entries()) await place(demo, await purchase(demo, `n-${index}`, { UserName }));
  await expectSettled(demo);
  for (const width of [390, 1280]) {
    const { page } = await open("/#/orders", { of: demo, width });
    await expect(rows(page)).toHaveCount(names.length);
    const types = rows(page).getByText("desktop.n1.small", { exact: true });
    const read = await types.evaluateAll((types) => types.map((type) => {
      const at = (index: number) => {
        const letter = document.createRange();
        letter.setStart(type.firstChild!, index);
        letter.setEnd(type.firstChild!, index + 1);
        return letter.getBoundingClientRect().left;
      };
      const row = type.closest(".entry")!.getBoundingClientRect();
      return at(0) < at(6) && at(6) < row.right;
    }));
    expect(read, `${width} pixels`).toEqual(names.map(() => true));
    await expectNoOverflow(page);
  }
});
