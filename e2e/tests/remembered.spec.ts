// With the proxy's memory for answers, as people have it; the demo of the other tests asks each time. What one has done is
// seen at once, and what nothing was done about is not asked for again.
import { buyPath, choice, expect, expectLoaded, expectPlaced, option, order, selected } from "../support/fixtures.ts";
import { test } from "../support/installed.ts";
import { rows } from "../support/orders.ts";

test("after a purchase the lists show what it changed", async ({ open, installation }) => {
  const { page, t } = await open(buyPath());
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  const free = page.getByRole("radiogroup", { name: t.vSwitch, exact: true });
  await expect(choice(page, t.vSwitch, "office")).toBeChecked();
  await expect(free).toContainText("251");
  const before = (await installation.state()).calls;

  await order(page, t);
  await expectPlaced(page, t);
  const navigation = page.getByRole("navigation");
  await navigation.getByRole("link", { name: t.orders, exact: true }).click();
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText("zhang.san");
  await expect(rows(page)).toContainText(t.placed);

  // A page of its own has nothing in memory but what the proxy has.
  const other = await open(buyPath());
  await expectLoaded(other.page, other.t);
  const left = other.page.getByRole("radiogroup", { name: other.t.vSwitch, exact: true });
  await expect(left).toContainText("250");
  await expect(left).not.toContainText("251");
  const after = (await installation.state()).calls;
  for (const action of ["DescribeZones", "DescribeDesktopTypeItems", "DescribeRegions"]) {
    expect(after[action], action).toBe(before[action]);
  }
});

test("a user that was created is there at once, in other windows too", async ({ open, installation }) => {
  const { page, t } = await open(buyPath());
  await expectLoaded(page, t);
  await expect(option(page, t.user, "zhang.san")).toBeVisible();
  await page.getByRole("button", { name: t.newUser, exact: true }).click();
  const dialog = page.getByRole("dialog", { name: t.newUser });
  await dialog.getByRole("textbox", { name: t.userName, exact: true }).fill("a.newcomer");
  await dialog.getByRole("textbox", { name: t.email, exact: true }).fill("newcomer@example.com");
  await dialog.getByRole("button", { name: t.createUser, exact: true }).click();
  await expect(selected(page, t.user)).toContainText("a.newcomer");

  const other = await open(buyPath());
  await expect(option(other.page, other.t.user, "a.newcomer")).toBeVisible();
  // What the proxy was told last of the directory is what it remembers now.
  const asked = (await installation.state()).calls["DescribeActivityDirectoryUsers"];
  const again = await open(buyPath());
  await expect(option(again.page, again.t.user, "a.newcomer")).toBeVisible();
  expect((await installation.state()).calls["DescribeActivityDirectoryUsers"]).toBe(asked);
});
