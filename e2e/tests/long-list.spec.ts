// A list of orders or desktops that is longer than a page of it: few rows in the document, all within reach, and neither
// slow nor failed answers nor news take one away from where one is.
import type { Locator, Page } from "@playwright/test";

import type { Demo } from "../support/demo.ts";
import { hold } from "../support/held.ts";
import { ERROR_ANSWER, expect, expectAccessible, LOOKS, test } from "../support/fixtures.ts";
import { expectNoOverflow, expectSettled, place, purchase, rows } from "../support/orders.ts";

const ALL = { zh: "共 1500 条", en: "1500 in all" };
/** The most rows that may be in the document. */
const FEW = 60;

/** That many orders, refused for want of stock: settled at once, and of any number. */
async function many(demo: Demo, hundreds: number): Promise<void> {
  const one = await purchase(demo, "");
  for (let hundred = 0; hundred < hundreds; hundred += 1) {
    const tokens = Array.from({ length: 100 }, (_, index) => `many-${String(hundred * 100 + index + 1).padStart(4, "0")}`);
    await place(demo, ...tokens.map((token) => ({ ...one, ClientToken: token })));
  }
  await expectSettled(demo);
}

function at(page: Page, position: number): Locator {
  return page.getByRole("main").locator(`[role=listitem][aria-posinset='${position}']`);
}

/** Scrolls to the end again and again, until the last of so many rows is there. */
async function scrollTo(page: Page, list: Locator, count: number): Promise<void> {
  const last = async () => {
    await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    return at(page, count).count();
  };
  await expect.poll(last, { timeout: 45_000, message: `row ${count}` }).toBe(1);
  await expect(at(page, count)).toBeInViewport();
}

for (const look of LOOKS) {
  const width = look.lang === "zh" ? 1280 : 390;

  test(`fifteen hundred orders, ${width} pixels wide: few in the document, all within reach`, async ({ open, startDemo }) => {
    test.slow();
    const demo = await startDemo("--scenario", "sold-out");
    await many(demo, 15);
    const { page, t } = await open("/#/orders", { ...look, of: demo, width });
    const list = page.getByRole("list", { name: t.orders, exact: true });
    await expect(at(page, 1).getByRole("link")).toHaveAttribute("href", /many-1500/);
    expect(await rows(page).count()).toBeLessThan(FEW);
    await scrollTo(page, list, 1500);
    await expect(at(page, 1500).getByRole("link")).toHaveAttribute("href", /many-0001/);
    await expect(at(page, 1500)).toHaveAttribute("aria-setsize", "1500");
    await expect(page.getByText(ALL[look.lang])).toBeVisible();
    expect(await rows(page).count()).toBeLessThan(FEW);
    await expectNoOverflow(page);
    await expectAccessible(page);

    // News at the top do not take one away from the end.
    await place(demo, await purchase(demo, "one-more", { UserName: "li.si" }));
    await expect(at(page, 1501).getByRole("link")).toHaveAttribute("href", /many-0001/);
    await at(page, 1500).getByRole("link").click();
    await expect(page.getByRole("region", { name: t.order, exact: true })).toContainText("many-0002");
    await expectNoOverflow(page);
  });
}

test("scrolling on while a page is on its way", async ({ open, startDemo }) => {
  const demo = await startDemo("--scenario", "sold-out");
  await many(demo, 2);
  const { page, t } = await open("/#/orders", { of: demo });
  const list = page.getByRole("list", { name: t.orders, exact: true });
  await expect(at(page, 1)).toBeVisible();
  const answer = await hold(page, "**/api/orders?*cursor=*", { times: 1 });
  const asked = page.waitForRequest("**/api/orders?*cursor=*");
  await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await asked;
  await list.evaluate((element) => element.scrollBy(0, -700));
  await expect(at(page, 80)).toBeInViewport();
  answer();
  await scrollTo(page, list, 200);
});

test("a further page that fails is asked for again, and nothing goes out of sight", async ({ open, startDemo, tolerate }) => {
  tolerate(ERROR_ANSWER);
  const demo = await startDemo("--scenario", "sold-out");
  await many(demo, 2);
  const { page, t } = await open("/#/orders", { of: demo });
  const list = page.getByRole("list", { name: t.orders, exact: true });
  await expect(at(page, 1)).toBeVisible();
  await page.route("**/api/orders?*cursor=*", (route) => route.fulfill({ status: 503, body: "busy" }), { times: 1 });
  const failed = page.waitForResponse((response) => response.status() === 503);
  await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await failed;
  await expect(at(page, 100)).toBeInViewport();
  await scrollTo(page, list, 200);
});

test("news of desktops leave one where one is", async ({ open, startDemo }) => {
  const demo = await startDemo();
  const one = await purchase(demo, "", { VSwitchId: "vsw-bp1desk0000000000001" });
  for (const half of [0, 1]) {
    await place(demo, ...Array.from({ length: 60 }, (_, index) => ({ ...one, ClientToken: `desktop-${half}-${index}` })));
  }
  await expectSettled(demo);
  const { page, t } = await open("/#/orders", { of: demo });
  await page.getByRole("radio", { name: "桌面", exact: true }).check();
  const list = page.getByRole("list", { name: t.orders, exact: true });
  await expect(at(page, 1)).toBeVisible();
  await scrollTo(page, list, 120);
  const id = await at(page, 120).getByRole("link").textContent();
  await place(demo, await purchase(demo, "one-more", { UserName: "li.si" }));
  await expectSettled(demo);
  // The new one is the first, so the last is one further down, and still in sight.
  await expect(at(page, 121).getByRole("link")).toHaveText(id ?? "");
  await expect(rows(page).filter({ hasText: id ?? "" })).toBeInViewport();
});

/** The proxy looks for rows a short time, and answers without any where they are far apart. */
test("rows that are far apart are looked for until they are found", async ({ open, startDemo }) => {
  const demo = await startDemo();
  await place(demo, await purchase(demo, "far-1"));
  await expectSettled(demo);
  const asked: (string | null)[] = [];
  const { page, t } = await open("/#/orders", {
    of: demo,
    before: (page) =>
      page.route("**/api/orders?*", (route) => {
        const url = new URL(route.request().url());
        const cursor = url.searchParams.get("cursor");
        asked.push(cursor);
        if (cursor !== "7") return route.fulfill({ json: { orders: [], next: cursor === null ? "9" : "7" } });
        url.searchParams.delete("cursor");
        return route.continue({ url: url.href });
      }),
  });
  await expect(page.getByRole("list", { name: t.orders, exact: true }).getByRole("link")).toHaveAttribute("href", /far-1/);
  expect(asked.slice(0, 3)).toEqual([null, "9", "7"]);
});
