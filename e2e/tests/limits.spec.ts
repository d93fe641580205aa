// Limits that the proxy sets: what is left is shown before anything is sent, and what is beyond is not sent. And what a page
// asks for by itself keeps no session alive.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Page } from "@playwright/test";

import { Desk } from "../support/desk.ts";
import {
  buyNow, buyPath, choice, expect, expectAccessible, expectLoaded, expectPlaced, LOOKS, option, order, review, test,
} from "../support/fixtures.ts";
import { PROVIDERS_PAGE } from "../support/provider.ts";

const REFUSED = /the server responded with a status of (401|403)/;

const NAMES = {
  zh: {
    several: "为多个用户购买，每人一台", left: (n: number) => `24 小时内你还可用 ${n}（共 2 `, over: /超出限额：24 小时内你还可用/,
    longest: "最长 6 个月", overPeriod: "最长 6 个月", money: "每单 ¥300.00", overMoney: /超出限额：每单 ¥300.00/,
    list: "粘贴或上传用户", tooMany: /还可购买 2 台桌面，名单有 3 人/, tooManyWrites: /还可写入 1 个用户，名单需要写入 2 个/,
    buy: "购买", code: "以代码显示", codeFor: "代码",
  },
  en: {
    several: "Buy for several users, one desktop each", left: (n: number) => `${n} of 2 desktops left for you in 24 hours`,
    over: /more than the limit: \d of 2 desktops left for you/, longest: "longest period in months: 6",
    overPeriod: "longest period in months: 6", money: "CN¥300.00 an order", overMoney: /more than the limit: CN¥300.00 an order/,
    list: "Paste or upload users", tooMany: /allow 2 more desktops, and the list has 3 users/,
    tooManyWrites: /Users that can still be written in 24 hours: 1; to be written in the list: 2/,
    buy: "Buy", code: "Show as code", codeFor: "Code for",
  },
} as const;

function summary(page: Page) {
  return page.locator("aside.summary");
}

let desk: Desk | undefined;
test.afterEach(async ({ closePages }) => {
  await closePages();
  await desk?.stop();
  desk = undefined;
});

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`what is left of a day is shown, and what is beyond is not sent, ${look.lang}`, async ({ open, tolerate }) => {
    tolerate(PROVIDERS_PAGE, REFUSED);
    desk = await Desk.start(["--buyer-daily-limit=2"]);
    const { page, t } = await open(`${desk.origin}${buyPath()}`, look);
    await desk.provider.signIn(page, "ann");
    await expectLoaded(page, t);
    await expect(summary(page)).toContainText(names.left(2));
    await page.getByRole("checkbox", { name: names.several }).check();
    for (const user of ["zhang.san", "li.si", "张伟"]) await option(page, t.user, user).click();
    await expectLoaded(page, t);
    await buyNow(page, t).click();
    await expect(summary(page).getByRole("alert")).toContainText(names.over);
    await expect(review(page, t)).toHaveCount(0);
    await expectAccessible(page);

    await option(page, t.user, "张伟").click();
    await option(page, t.user, "li.si").click();
    await expect(summary(page).getByText(names.over)).toHaveCount(0);
    await buyNow(page, t).click();
    await expect(review(page, t)).toContainText(names.left(2));
    await review(page, t).getByRole("button", { name: t.placeOrder, exact: true }).click();
    await expectPlaced(page, t);

    await page.getByRole("link", { name: names.buy, exact: true }).first().click();
    await expectLoaded(page, t);
    await expect(summary(page)).toContainText(names.left(1));
    expect((await desk.installation.state()).desktops).toHaveLength(1);
  });

  test(`a list of more users than can be bought for says so before any is created, ${look.lang}`, async ({ open, tolerate }) => {
    tolerate(PROVIDERS_PAGE, REFUSED);
    desk = await Desk.start(["--buyer-daily-limit=2", "--user-daily-limit=1"]);
    const { page, t } = await open(`${desk.origin}${buyPath()}`, look);
    await desk.provider.signIn(page, "ann");
    await expectLoaded(page, t);
    await expect(summary(page)).toContainText(names.left(2));
    await page.getByRole("button", { name: names.list, exact: true }).click();
    const dialog = page.getByRole("dialog", { name: names.list });
    const list = dialog.getByRole("textbox");
    await list.fill("new.one,n1@example.com\nzhang.san");
    await expect(dialog.getByRole("table")).toContainText("new.one");
    await expect(dialog.getByText(names.tooMany)).toHaveCount(0);
    await list.fill("new.one,n1@example.com\nnew.two,n2@example.com\nzhang.san");
    await expect(dialog.getByText(names.tooMany)).toBeVisible();
    await expect(dialog.getByText(names.tooManyWrites)).toBeVisible();
    await expectAccessible(page);
  });

  test(`a period and a sum beyond the limit are not sent, ${look.lang}`, async ({ openBuy, startDemo }) => {
    const demo = await startDemo("--longest-period", "6", "--buyer-order-amount", "300");
    const { page, t } = await openBuy({ ...look, of: demo, commodityCode: "CloudDesktop" });
    await option(page, t.user, "zhang.san").click();
    await choice(page, t.type, "desktop.n1.small").check();
    await expectLoaded(page, t);
    await expect(summary(page)).toContainText(names.longest);
    await expect(summary(page)).toContainText(names.money);
    await choice(page, t.duration, t.months(9)).check();
    await buyNow(page, t).click();
    await expect(summary(page).getByRole("alert")).toContainText(names.overPeriod);
    await choice(page, t.duration, t.months(2)).check();
    await buyNow(page, t).click();
    await expect(summary(page).getByRole("alert")).toContainText(names.overMoney);
    await expect(review(page, t)).toHaveCount(0);
    await choice(page, t.duration, t.months(1)).check();
    await order(page, t);
    await expectPlaced(page, t);
    expect((await demo.state()).calls["CreateDesktop"]).toBe(1);
  });
}

test("where people sign in, the code shows a token, and a shell places the order with one", async ({ open, tolerate }) => {
  tolerate(PROVIDERS_PAGE);
  const names = NAMES.en;
  const file = join(mkdtempSync(join(tmpdir(), "deskbuy-e2e-tokens-")), "tokens.json");
  const sha256 = createHash("sha256").update("a token").digest("hex");
  writeFileSync(file, JSON.stringify([{ name: "script", sha256, rights: "buy", expires: "2099-01-01T00:00:00Z" }]), { mode: 0o600 });
  desk = await Desk.start(["--api-tokens-file", file]);
  const { page, t } = await open(`${desk.origin}${buyPath()}`, { lang: "en" });
  await desk.provider.signIn(page, "ann");
  await option(page, t.user, "zhang.san").click();
  await expectLoaded(page, t);
  await buyNow(page, t).click();
  await review(page, t).getByText(names.code, { exact: true }).click();
  const code = review(page, t).getByRole("region", { name: names.codeFor });
  await expect(code).toContainText('--header "Authorization: Bearer $DESKBUY_TOKEN"');
  await expect(review(page, t)).toContainText("DESKBUY_TOKEN is an API token");
  const copied = await code.innerText();
  const run = (token: string) =>
    spawnSync("sh", ["-c", `curl() { command curl --silent --show-error "$@"; }\n${copied}`], {
      encoding: "utf8", env: { ...process.env, DESKBUY_TOKEN: token },
    });
  expect(JSON.parse(run("another").stdout)).toMatchObject({ code: "sign_in_required", outcome: "not_sent" });
  expect(JSON.parse(run("a token").stdout)).toMatchObject({ orders: [{ requested_by: "token:script" }] });
  await expect.poll(async () => (await desk!.installation.state()).desktops.length).toBe(1);
});

test("what the page asks for by itself says so, and keeps no session alive", async ({ open, tolerate }) => {
  tolerate(PROVIDERS_PAGE, REFUSED);
  desk = await Desk.start(["--session-idle", "6s"]);
  const { page, t } = await open(`${desk.origin}${buyPath()}`, { lang: "en", before: (page) => page.clock.install() });
  const limits = page.waitForResponse(/\/api\/limits$/);
  await desk.provider.signIn(page, "ann");
  await expectLoaded(page, t);
  // Asked for by the page itself, once the deferred module is there.
  await limits;
  const asked: { path: string; unattended: boolean; status: number }[] = [];
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (!pathname.startsWith("/api/")) return;
    asked.push({ path: pathname, unattended: "deskbuy-unattended" in response.request().headers(), status: response.status() });
  });
  // What a person does is not marked.
  await choice(page, t.type, "desktop.n1.large").check();
  await expect.poll(() => asked.some(({ path }) => path.endsWith("/DescribeImages"))).toBe(true);
  expect(asked.filter(({ unattended }) => unattended)).toEqual([]);
  // Minutes pass on the page's clock, and seconds on the proxy's, without any input.
  asked.length = 0;
  await expect.poll(async () => {
    await page.clock.fastForward(61_000);
    return asked.at(-1)?.status;
  }, { intervals: [500], timeout: 45_000 }).toBe(401);
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter(({ unattended }) => !unattended)).toEqual([]);
});
