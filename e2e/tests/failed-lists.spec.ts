// Each list has its own loading and failed state, and its own way to try again, which leaves the others alone.
import {
  buyNow, choice, ERROR_ANSWER, expect, expectAccessible, expectLoaded, LOOKS, option, regionSelect, review, selected, summary,
  test, type Texts,
} from "../support/fixtures.ts";

/** The lists by their action, and whether a purchase can do without. */
const LISTS: [action: string, name: (t: Texts) => string, needed: boolean][] = [
  ["DescribeRegions", (t) => t.region, false],
  ["DescribeDesktopOwner", (t) => t.setUp, true],
  ["DescribeDesktopTypeItems", (t) => t.type, true],
  ["DescribeZones", (t) => t.zone, true],
  ["DescribeVSwitches", (t) => t.vSwitch, true],
  ["DescribeImages", (t) => t.image, true],
  ["DescribeActivityDirectoryUsers", (t) => t.user, true],
];

for (const look of LOOKS) {
  for (const [action, name, needed] of LISTS) {
    test(`${action} fails, ${look.lang}: the list says so and loads when asked again`, async ({
      openBuy, scenarios, tolerate,
    }) => {
      tolerate(ERROR_ANSWER);
      await scenarios(`fail:${action}`);
      const { page, t } = await openBuy({ ...look });
      const list = name(t);
      const failure = page.getByRole("alert").filter({ hasText: t.failed(list) });
      await expect(failure).toBeVisible();
      await expect(failure).toContainText(t.unavailable);
      // An identifier to give to support.
      await expect(failure).toContainText(/[0-9A-Fa-f-]{20,}/);
      await expectAccessible(page);

      // The other lists are there, whatever happened to this one.
      if (action !== "DescribeDesktopTypeItems") await expect(choice(page, t.type, "desktop.n1.small")).toBeVisible();
      if (action !== "DescribeActivityDirectoryUsers") await expect(option(page, t.user, "zhang.san")).toBeVisible();

      await expectLoaded(page, t);
      if (needed) {
        await buyNow(page, t).click();
        await expect(summary(page, t).getByText(t.pleaseMend)).toBeVisible();
        await expect(review(page, t)).toHaveCount(0);
      }

      await scenarios();
      // What the page asks for itself: the table of stock, whose gaps it fills in its own time, is put together of the same
      // answers.
      const asked: string[] = [];
      page.on("request", (request) => asked.push(new URL(request.url()).pathname.slice("/api/".length)));
      const count = (of: string) => asked.filter((name) => name === of).length;
      await failure.getByRole("button", { name: t.retry(list), exact: true }).click();
      await expect(failure).toHaveCount(0);
      await expect(page.getByText(t.failed(list))).toHaveCount(0);
      await expect(regionSelect(page, t)).toHaveText(/cn-hangzhou/);
      await expect(choice(page, t.vSwitch, "office")).toBeChecked();
      await expect(selected(page, t.image)).toBeVisible();
      await option(page, t.user, "zhang.san").click();
      await expectLoaded(page, t);
      await buyNow(page, t).click();
      await expect(review(page, t)).toBeVisible();

      expect(count(action)).toBe(1);
      // What does not depend on the list was not asked for again.
      const independent = LISTS.map(([other]) => other).filter((other) => other !== action && other !== "DescribeVSwitches");
      if (action !== "DescribeDesktopTypeItems" && action !== "DescribeZones") {
        for (const other of independent) expect(count(other), other).toBe(0);
      }
    });
  }

  test(`DescribeAvailableResource fails, ${look.lang}: stock is unknown until asked again`, async ({
    openBuy, scenarios, tolerate,
  }) => {
    tolerate(ERROR_ANSWER);
    await scenarios("fail:DescribeAvailableResource");
    const { page, t } = await openBuy({ ...look });
    await expect(page.getByText(t.stockUnknown)).toBeVisible();
    await expectLoaded(page, t);
    await expectAccessible(page);
    await scenarios();
    await page.getByRole("button", { name: t.retry(t.stock), exact: true }).click();
    await expect(page.getByText(t.inStock)).toBeVisible();
    await expect(page.getByText(t.stockUnknown)).toHaveCount(0);
  });

  test(`everything fails, ${look.lang}: each list can be tried again for itself`, async ({ openBuy, scenarios, tolerate }) => {
    tolerate(ERROR_ANSWER);
    await scenarios(...LISTS.map(([action]) => `html:${action}`));
    const { page, t } = await openBuy({ ...look });
    const names = LISTS.filter(([action]) => !["DescribeVSwitches", "DescribeImages"].includes(action)).map(([, name]) => name(t));
    for (const list of names) await expect(page.getByText(t.failed(list))).toBeVisible();
    await expectAccessible(page);
    await scenarios();
    for (const list of names) {
      await page.getByRole("button", { name: t.retry(list), exact: true }).click();
      await expect(page.getByText(t.failed(list))).toHaveCount(0);
    }
    await option(page, t.user, "zhang.san").click();
    await expectLoaded(page, t);
    await buyNow(page, t).click();
    await expect(review(page, t)).toBeVisible();
  });
}

test("a list that fails again can be tried again", async ({ openBuy, scenarios, tolerate }) => {
  tolerate(ERROR_ANSWER);
  await scenarios("fail:DescribeImages");
  const { page, t } = await openBuy();
  for (const fault of ["http-200-error:DescribeImages", "cut-off:DescribeImages", "wrong-types:DescribeImages"]) {
    await expect(page.getByText(t.failed(t.image))).toBeVisible();
    await scenarios(fault);
    const answer = page.waitForResponse((response) => response.url().includes("/api/DescribeImages"));
    await page.getByRole("button", { name: t.retry(t.image), exact: true }).click();
    await answer;
  }
  await expect(page.getByText(t.failed(t.image))).toBeVisible();
  await scenarios();
  await page.getByRole("button", { name: t.retry(t.image), exact: true }).click();
  await expect(selected(page, t.image)).toBeVisible();
});

test("a service that cannot be reached is said so, and all is well by itself when it can", async ({ openBuy, tolerate }) => {
  tolerate(/net::ERR_/);
  let reachable = false;
  const { page, t } = await openBuy({
    before: (page) => page.route("**/api/**", (route) => (reachable ? route.continue() : route.abort("connectionrefused"))),
  });
  const names = [t.region, t.setUp, t.type, t.zone, t.user];
  for (const list of names) await expect(page.getByText(t.failed(list))).toBeVisible();
  reachable = true;
  await expect(choice(page, t.vSwitch, "office")).toBeChecked({ timeout: 45_000 });
  await expectLoaded(page, t);
});
