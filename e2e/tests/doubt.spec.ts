// What nobody can vouch for, beyond a single purchase: a release, the cloud's endless "not now", a person's word that comes
// while one looks on. Nothing offers to do it again.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import {
  expect, expectAccessible, LOOKS, option, order, buyPath, expectLoaded,
} from "../support/fixtures.ts";
import { test } from "../support/installed.ts";
import { expectNoOverflow, expectSettled, place, purchase, rows, told } from "../support/orders.ts";

const binary = fileURLToPath(new URL("../../target/debug/deskbuy", import.meta.url));
const NAMES = {
  zh: { desktops: "桌面", release: "释放", releaseNow: "确认释放", underWay: "处理中", again: "重新提交", gaveUp: "超过时限" },
  en: { desktops: "Desktops", release: "Release", releaseNow: "Release now", underWay: "In progress", again: "Try again", gaveUp: "Time ran out" },
} as const;

test.use({ serveFlags: ["--attempt-deadline", "1s", "--order-deadline", "3s"] });

function operator(database: string, ...words: string[]): string {
  const { status, stdout, stderr } = spawnSync(binary, ["orders", "--database-url", database, ...words]);
  expect(status, stderr.toString()).toBe(0);
  return stdout.toString();
}

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`a release that nobody can vouch for: said so, not offered again, on the operator's list, ${look.lang}`, async ({
    open, installation,
  }) => {
    await place(installation, await purchase(installation, "bought"));
    await expectSettled(installation);
    const id = (await told(installation))[0]!.desktop_id!;
    await installation.scenarios("fail:DeleteDesktop");
    const { page, t } = await open("/#/orders", { ...look, width: 390 });
    await page.getByRole("radio", { name: names.desktops, exact: true }).check();
    await rows(page).getByRole("button", { name: `${names.release} ${id}` }).click();
    await page.getByRole("dialog").getByRole("textbox").fill(id);
    await page.getByRole("button", { name: names.releaseNow }).click();

    const card = page.getByRole("region", { name: t.order, exact: true });
    await expect(card.getByText(t.unresolved, { exact: true })).toBeVisible();
    await expect(card.getByText(t.doNotRepeat)).toBeVisible();
    await expect(card.getByRole("listitem").last()).toContainText(names.gaveUp);
    await expect(page.getByRole("button", { name: names.again })).toHaveCount(0);
    await expectAccessible(page);
    await expectNoOverflow(page);
    const token = decodeURIComponent(page.url().split("#/orders/")[1] ?? "");
    expect(operator(installation.database)).toContain(token);

    // Until a person has looked, the desktop is not offered for anything.
    await page.getByRole("navigation").getByRole("link", { name: t.orders, exact: true }).click();
    await page.getByRole("radio", { name: names.desktops, exact: true }).check();
    await expect(rows(page)).toContainText(names.underWay);
    await expect(rows(page).getByRole("button")).toHaveCount(0);
    await expectNoOverflow(page);
    await expectAccessible(page);
    operator(installation.database, "resolve", token, "--rejected", "--note", "still there");
    // Told by another process, and seen without a reload.
    await expect(rows(page).getByRole("button", { name: `${names.release} ${id}` })).toBeVisible();
    expect((await installation.state()).desktops).toEqual([expect.objectContaining({ id, released: false })]);
  });
}

test("a cloud that says “not now” until the time is up has not refused", async ({ open, installation, tolerate }) => {
  tolerate(/status of 50/);
  const { page, t } = await open(buyPath());
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  await installation.scenarios("fail:CreateDesktop");
  await order(page, t);
  const card = page.getByRole("region", { name: t.order, exact: true });
  await expect(card.getByText(t.unresolved, { exact: true })).toBeVisible();
  await expect(card.getByText(t.nothingBought)).toHaveCount(0);
  await expect(page.getByRole("button", { name: NAMES.zh.again })).toHaveCount(0);

  // The operator's decision appears on each open page of the order.
  const token = decodeURIComponent(page.url().split("#/orders/")[1] ?? "");
  operator(installation.database, "resolve", token, "--rejected", "--note", "not in the console");
  await expect(card.getByText(t.rejected, { exact: true })).toBeVisible();
  await expect(card.getByText("not in the console")).toBeVisible();
});
