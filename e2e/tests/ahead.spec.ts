// The way to the first view: what the purchase asks first is asked while its module is on the way, and only once.
import type { Page } from "@playwright/test";

import { expect, expectLoaded, LANGS, test } from "../support/fixtures.ts";

const FIRST = ["DescribeRegions", "DescribeDesktopTypeItems", "DescribeDesktopOwner", "DescribeZones"];

/** What is asked of the proxy from now on, by name and with how it is asked. */
function questions(page: Page): string[] {
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.startsWith("/api/")) asked.push(`${pathname.slice("/api/".length)}${search}`);
  });
  return asked;
}

for (const lang of LANGS) {
  test(`first answers are asked for before the module is there, and once, ${lang}`, async ({ openBuy }) => {
    let asked: string[] = [];
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const { page, t } = await openBuy({
      lang,
      before: (page) => {
        asked = questions(page);
        return page.route("**/*.wasm", (route) => arrived.then(() => route.continue()));
      },
    });
    const names = () => asked.map((question) => question.replace(/\?.*/, ""));
    await expect.poll(names).toEqual(expect.arrayContaining(FIRST));
    arrive();
    await expectLoaded(page, t);
    // What the page builds is, to the letter, what was asked ahead: otherwise it would have asked again.
    expect(new Set(asked).size).toBe(asked.length);
    expect(names().filter((name) => FIRST.includes(name)).sort()).toEqual([...FIRST].sort());
  });
}

test("a later question wants a later answer", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  const region = page.getByRole("combobox", { name: t.region, exact: true });
  const asked = questions(page);
  await region.selectOption("cn-beijing");
  await expectLoaded(page, t);
  await region.selectOption("cn-hangzhou");
  await expectLoaded(page, t);
  expect(asked.filter((question) => question.startsWith("DescribeDesktopTypeItems?")).length).toBe(2);
  expect((await state()).desktops).toEqual([]);
});

test("without a region only the regions are asked for", async ({ openBuy }) => {
  let asked: string[] = [];
  const { page } = await openBuy({ region: null, before: async (page) => void (asked = questions(page)) });
  await expect(page.getByRole("button", { name: /cn-hangzhou/ })).toBeVisible();
  expect([...asked].sort()).toEqual(["DescribeRegions", "session"]);
});
