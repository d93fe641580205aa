// Doing it again: taking a choice back, a link to the configuration, the order as code, and buying the same once more.
import { spawnSync } from "node:child_process";

import {
  beginsWith, buyNow, choice, chosen, expect, expectAccessible, expectLoaded, expectPlaced, LOOKS, option, review, test,
} from "../support/fixtures.ts";
import { place, purchase, told } from "../support/orders.ts";

const NAMES = {
  zh: { undo: "撤销这次更改", link: "复制配置链接", code: "以代码显示", codeFor: "代码", again: "按此配置再买" },
  en: {
    undo: "Undo the change", link: "Copy a link to this configuration", code: "Show as code", codeFor: "Code for",
    again: "Buy the same again",
  },
} as const;

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`a change that made a choice fall away is taken back, ${look.lang}`, async ({ openBuy }) => {
    const { page, t } = await openBuy(look);
    await expectLoaded(page, t);
    const undo = page.getByRole("button", { name: names.undo });
    const zone = await chosen(page, t.zone).inputValue();
    await choice(page, t.vSwitch, "design").check();
    await expect(undo).toHaveCount(0);
    const zones = page.getByRole("radiogroup", { name: t.zone, exact: true }).getByRole("radio");
    await zones.and(page.locator(`:not([value="${zone}"])`)).first().check();
    await expect(chosen(page, t.vSwitch)).not.toHaveAccessibleName(beginsWith("design"));
    await expect(undo).toBeVisible();
    await expectAccessible(page);
    await undo.click();
    await expect(chosen(page, t.zone)).toHaveValue(zone);
    await expect(chosen(page, t.vSwitch)).toHaveAccessibleName(beginsWith("design"));
    await expect(undo).toHaveCount(0);
    expect(page.url()).toContain("vsw-bp1");
  });

  test(`the order as code: a shell places the very order that the page then places, ${look.lang}`, async ({ openBuy, startDemo }) => {
    const demo = await startDemo();
    const { page, t } = await openBuy({ ...look, of: demo });
    await option(page, t.user, "zhang.san").click();
    await expectLoaded(page, t);
    await buyNow(page, t).click();
    await review(page, t).getByText(names.code, { exact: true }).click();
    const code = review(page, t).getByRole("region", { name: names.codeFor });
    for (const [client, has] of [["Alibaba Cloud CLI", "aliyun clouddesktop CreateDesktop"], ["Python", "CommonRequest()"], ["Java", "new CommonRequest()"]] as const) {
      await choice(page, names.codeFor, client).check();
      await expect(code).toContainText(has);
      await expect(code).toContainText("zhang.san");
    }
    await expectAccessible(page);
    await choice(page, names.codeFor, "curl").check();
    await expect(code).toContainText(`curl '${demo.origin}/api/orders'`);
    const copied = await code.innerText();
    const { status, stderr } = spawnSync("sh", ["-c", `curl() { command curl --fail --silent --show-error "$@"; }\n${copied}`], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    await review(page, t).getByRole("button", { name: t.placeOrder, exact: true }).click();
    await expectPlaced(page, t);
    expect(await told(demo)).toHaveLength(1);
    expect((await demo.state()).desktops).toHaveLength(1);
  });

  test(`the same again, with the same configuration and user, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await place(demo, await purchase(demo, "first", {
      ChargeType: "PREPAY", Period: 6, UserName: "li.si", TypeItemId: "desktop.n1.large", ZoneId: "cn-hangzhou-b", UserGroup: "Administrators",
    }));
    const { page, t } = await open("/#/orders/first", { ...look, of: demo });
    await expectPlaced(page, t);
    await page.getByRole("link", { name: names.again }).click();
    await expectLoaded(page, t);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(t.title);
    await expect(chosen(page, t.type)).toHaveValue("desktop.n1.large");
    await expect(chosen(page, t.zone)).toHaveValue("cn-hangzhou-b");
    await expect(chosen(page, t.userGroup)).toHaveAccessibleName(beginsWith(t.administrators));
    await expect(option(page, t.user, "li.si")).toHaveAttribute("aria-selected", "true");
    expect(page.url()).not.toContain("li.si");
    await buyNow(page, t).click();
    await expect(review(page, t)).toContainText(t.months(6));
  });
}

test("a link to the configuration opens it elsewhere", async ({ openBuy, open }) => {
  const { page, t } = await openBuy();
  await choice(page, t.type, "desktop.n1.large").check();
  await expectLoaded(page, t);
  await page.context().grantPermissions(["clipboard-write"]);
  await page.getByRole("button", { name: NAMES.zh.link }).click();
  // The page may not read the clipboard, but a person may paste.
  const field = page.getByRole("searchbox", { name: t.searchUsers });
  await field.focus();
  await page.keyboard.press("Control+V");
  const link = new URL(await field.inputValue());
  const other = await open(`${link.pathname}${link.search}${link.hash}`);
  await expectLoaded(other.page, other.t);
  await expect(chosen(other.page, t.type)).toHaveValue("desktop.n1.large");
});
