// Lists without anything in them, vSwitches that cannot be used, an account that is not set up, lists on their way.
import {
  buyNow, choice, expect, expectAccessible, expectLoaded, expectPlaced, LOOKS, option, order, review, summary, test, type Texts,
} from "../support/fixtures.ts";

const EMPTY: [action: string, text: (t: Texts) => string][] = [
  ["DescribeRegions", (t) => t.regionsEmpty],
  ["DescribeDesktopTypeItems", (t) => t.typesEmpty],
  ["DescribeZones", (t) => t.zonesEmpty],
  ["DescribeVSwitches", (t) => t.vSwitchesEmpty],
  ["DescribeImages", (t) => t.imagesEmptySystem],
  ["DescribeActivityDirectoryUsers", (t) => t.usersEmpty],
];

for (const look of LOOKS) {
  for (const [action, text] of EMPTY) {
    test(`${action} is empty, ${look.lang}: the page says what to do`, async ({ openBuy, scenarios }) => {
      await scenarios(`empty:${action}`);
      const { page, t } = await openBuy({ ...look });
      await expect(page.getByText(text(t))).toBeVisible();
      await expectAccessible(page);
      if (action === "DescribeRegions") return;
      await expectLoaded(page, t);
      await buyNow(page, t).click();
      await expect(summary(page, t).getByText(t.pleaseMend)).toBeVisible();
      await expect(review(page, t)).toHaveCount(0);
      if (action !== "DescribeImages") return;
      await choice(page, t.imageType, t.imageCustom).check();
      await expect(page.getByText(t.imagesEmptyCustom)).toBeVisible();
    });
  }

  for (const [action, text] of EMPTY) {
    test(`an entry of ${action} cannot be read, ${look.lang}: the page says so, and not that there is none`, async ({ openBuy, scenarios }) => {
      await scenarios(`empty:${action}`, `odd-items:${action}`);
      const { page, t } = await openBuy({ ...look });
      await expect(page.getByText(t.oneUnread)).toHaveCount(1);
      await expect(page.getByText(text(t))).toHaveCount(0);
      await expectAccessible(page);
    });
  }

  test(`entries that cannot be read, ${look.lang}: said at each list, and the rest can be bought`, async ({ openBuy, scenarios }) => {
    await scenarios("odd-items", "fractions");
    const { page, t } = await openBuy({ ...look });
    await expect(page.getByText(t.oneUnread)).toHaveCount(6);
    await expect(page.getByText("1.5 GB").first()).toBeVisible();
    await expect(page.getByText("0.5 × ").first()).toBeVisible();
    await option(page, t.user, "zhang.san").click();
    await expectLoaded(page, t);
    await order(page, t);
    await expectPlaced(page, t);
  });

  test(`the account is being set up, ${look.lang}: the page says what is missing, and looks again`, async ({
    openBuy, scenarios, state,
  }) => {
    await scenarios("owner-config");
    const { page, t } = await openBuy({ ...look });
    const notice = page.getByRole("alert").filter({ hasText: t.ownerMissing });
    for (const text of [t.ownerConfiguring, t.noNetwork, t.noDomain]) await expect(notice).toContainText(text);
    await option(page, t.user, "zhang.san").click();
    await expectLoaded(page, t);
    await expectAccessible(page);
    await buyNow(page, t).click();
    await expect(review(page, t)).toHaveCount(0);

    await scenarios();
    await notice.getByRole("button", { name: t.retryPlain }).click();
    await expect(notice).toHaveCount(0);
    await expect(choice(page, t.vSwitch, "office")).toBeChecked();
    await order(page, t);
    await expectPlaced(page, t);
    expect((await state()).desktops).toHaveLength(1);
  });

  test(`a zone without vSwitch, ${look.lang}: said so, with the network that one is needed in`, async ({ openBuy, scenarios }) => {
    await scenarios("no-vswitch");
    const { page, t } = await openBuy({ ...look, request: { zoneId: "cn-hangzhou-e" } });
    await expect(page.getByText(t.vSwitchesEmpty)).toContainText("vpc-bp1desk0000000000001");
    await option(page, t.user, "zhang.san").click();
    await expectLoaded(page, t);
    await expectAccessible(page);
    await buyNow(page, t).click();
    await expect(review(page, t)).toHaveCount(0);
    await expect(summary(page, t).getByRole("link", { name: t.vSwitch })).toBeVisible();

    await page.getByRole("radiogroup", { name: t.zone, exact: true }).getByRole("radio").nth(2).check();
    await expect(choice(page, t.vSwitch, "office-3")).toBeChecked();
    await expectLoaded(page, t);
    await buyNow(page, t).click();
    await expect(review(page, t)).toBeVisible();
  });

  test(`vSwitches that are being made, ${look.lang}: shown, not to be chosen, and why`, async ({ openBuy, scenarios }) => {
    await scenarios("vswitch-pending");
    const { page, t } = await openBuy({ ...look, request: { zoneId: "cn-hangzhou-e" } });
    await expect(page.getByText(t.vSwitchesUnusable)).toBeVisible();
    const vSwitches = page.getByRole("radiogroup", { name: t.vSwitch, exact: true }).getByRole("radio");
    await expect(vSwitches).toHaveCount(4);
    for (const vSwitch of await vSwitches.all()) {
      await expect(vSwitch).toBeDisabled();
      await expect(vSwitch).toHaveAccessibleName(new RegExp(t.vSwitchPending));
    }
    await expectAccessible(page);
  });

  test(`lists that are on their way, ${look.lang}: each says so, and buying gives its reason`, async ({ openBuy }) => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const { page, t } = await openBuy({
      ...look,
      before: (page) =>
        page.route("**/api/Describe*", async (route) => {
          await released;
          await route.continue();
        }),
    });
    for (const list of [t.type, t.zone, t.user]) {
      await expect(page.getByRole("status").filter({ hasText: t.loading(list) })).toBeVisible();
    }
    await expect(buyNow(page, t)).toHaveAttribute("aria-disabled", "true");
    await expect(buyNow(page, t)).toHaveAccessibleDescription(t.waitForLists);
    // Forced: Playwright does not click on a disabled button, a person may.
    await buyNow(page, t).click({ force: true });
    await expect(review(page, t)).toHaveCount(0);
    await expectAccessible(page);
    release();
    await expectLoaded(page, t);
    await expect(buyNow(page, t)).not.toHaveAccessibleDescription(t.waitForLists);
    await expect(choice(page, t.vSwitch, "office")).toBeChecked();
  });
}
