// What comes after a purchase: the list of desktops, renewing a subscription, releasing pay as you go.
import { Installation } from "../support/installation.ts";
import {
  buyPath, choice, expect, expectAccessible, expectPlaced, LOOKS, option, order, type Opened, test,
} from "../support/fixtures.ts";

const NAMES = {
  zh: {
    desktops: "桌面", renew: /^续费 desk-/, release: /^释放 desk-/, renewNow: "确认续费", releaseNow: "确认释放",
    renewTitle: "续费桌面", releaseTitle: "释放桌面", done: "已完成", released: "已释放", elsewhere: "在别处购买的桌面",
    desktopId: "桌面 ID", plainRelease: "释放", notDone: "未完成", plainRenew: "续费",
  },
  en: {
    desktops: "Desktops", renew: /^Renew desk-/, release: /^Release desk-/, renewNow: "Renew now", releaseNow: "Release now",
    renewTitle: "Renew desktop", releaseTitle: "Release desktop", done: "Done", released: "Released",
    elsewhere: "Desktops bought elsewhere", desktopId: "Desktop ID", plainRelease: "Release", notDone: "Not done",
    plainRenew: "Renew",
  },
} as const;

async function showDesktops({ page, t }: Opened, desktops: string): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name: t.orders, exact: true }).click();
  await page.getByRole("radio", { name: desktops, exact: true }).check();
}

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`a subscription is renewed once, for the months chosen, ${look.lang}`, async ({ openBuy, startDemo }) => {
    const demo = await startDemo();
    const opened = await openBuy({ ...look, of: demo, commodityCode: "CloudDesktop" });
    const { page, t } = opened;
    await option(page, t.user, "zhang.san").click();
    await order(page, t);
    await expectPlaced(page, t);

    await showDesktops(opened, names.desktops);
    const row = page.getByRole("listitem").first();
    await expect(row.getByRole("button", { name: names.release })).toHaveCount(0);
    await expectAccessible(page);
    await row.getByRole("button", { name: names.renew }).click();
    const dialog = page.getByRole("dialog", { name: names.renewTitle });
    await choice(page, t.duration, t.months(12)).check();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: names.renewNow }).dblclick();
    await expect(page.getByText(names.done, { exact: true }).first()).toBeVisible();
    await expectAccessible(page);
    expect((await demo.state()).desktops).toEqual([expect.objectContaining({ renewals: [expect.objectContaining({ period: 12 })], released: false })]);
  });

  test(`pay as you go is released after its name was typed, ${look.lang}`, async ({ openBuy, startDemo }) => {
    const demo = await startDemo();
    const opened = await openBuy({ ...look, of: demo });
    const { page, t } = opened;
    await option(page, t.user, "zhang.san").click();
    await order(page, t);
    await expectPlaced(page, t);
    const [desktop] = (await demo.state()).desktops;

    await showDesktops(opened, names.desktops);
    const row = page.getByRole("listitem").first();
    await expect(row.getByRole("button", { name: names.renew })).toHaveCount(0);
    await row.getByRole("button", { name: names.release }).click();
    const dialog = page.getByRole("dialog", { name: names.releaseTitle });
    const go = dialog.getByRole("button", { name: names.releaseNow });
    await expect(dialog.getByRole("textbox")).toBeFocused();
    await expect(go).toHaveAttribute("aria-disabled", "true");
    await expectAccessible(page);
    await page.keyboard.type(desktop!.id.slice(0, -1));
    // Playwright waits for a disabled button; a person may press it, and nothing happens.
    await go.click({ force: true });
    await expect(dialog).toBeVisible();
    await dialog.getByRole("textbox").fill(desktop!.id);
    await go.click();
    await expect(page.getByText(names.done, { exact: true }).first()).toBeVisible();
    expect((await demo.state()).desktops).toEqual([expect.objectContaining({ id: desktop!.id, released: true })]);

    await showDesktops(opened, names.desktops);
    await expect(row).toContainText(names.released);
    await expect(row.getByRole("button", { name: names.release })).toHaveCount(0);
  });
}

test("a desktop bought elsewhere is released by its name; what the cloud refuses is said", async ({ open }) => {
  const names = NAMES.zh;
  // Bought through another proxy, so this one's journal does not know it.
  const other = new Installation();
  await other.start();
  try {
    const first = await open(`${other.origin}${buyPath()}`);
    await option(first.page, first.t.user, "li.si").click();
    await order(first.page, first.t);
    await expectPlaced(first.page, first.t);
    const [desktop] = (await other.state()).desktops;
    await other.forgetOrders();

    const { page } = await open(`${other.origin}${buyPath({ hash: "#/orders" })}`);
    await page.getByRole("radio", { name: names.desktops, exact: true }).check();
    const section = page.getByRole("region", { name: names.elsewhere });
    await section.getByRole("textbox", { name: names.desktopId }).fill(desktop!.id);
    await section.getByRole("button", { name: names.plainRenew, exact: true }).click();
    await page.getByRole("button", { name: names.renewNow }).click();
    await expect(page.getByText(names.notDone, { exact: true }).first()).toBeVisible();
    await expectAccessible(page);

    await page.goBack();
    await page.getByRole("radio", { name: names.desktops, exact: true }).check();
    await section.getByRole("textbox", { name: names.desktopId }).fill(desktop!.id);
    await section.getByRole("button", { name: names.plainRelease, exact: true }).click();
    await page.getByRole("dialog").getByRole("textbox").fill(desktop!.id);
    await page.getByRole("button", { name: names.releaseNow }).click();
    await expect(page.getByText(names.done, { exact: true }).first()).toBeVisible();
    expect((await other.state()).desktops).toEqual([expect.objectContaining({ released: true })]);
  } finally {
    await other.stop();
  }
});
