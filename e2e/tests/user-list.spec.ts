// Users from a list that is pasted or uploaded: what each row means, writing those whom the directory lacks, and buying for
// all of them as one batch. Nobody is created twice, whatever is lost or reloaded on the way.
import type { Locator, Page, Route } from "@playwright/test";

import {
  BROKEN_CONNECTION, expect, expectAccessible, expectLoaded, LANGS, LOOKS, option, order, review, buyNow, test,
} from "../support/fixtures.ts";
import { expectNoOverflow, perUser } from "../support/orders.ts";
import { problem } from "../support/problem.ts";

const NAMES = {
  zh: {
    open: "粘贴或上传用户", label: "用户名单", upload: "上传文件", counts: /^共 8 行：已在目录中 1，待写入 3，无法购买 4。$/,
    there: "已在目录中", creates: "将创建", adds: "已在目录中，将添加邮箱", without: "已在目录中，但没有邮箱", invalid: "请输入正确的邮箱地址",
    duplicate: "与第 1 行重复", needs: "不在目录中，需提供邮箱才能创建", write: (n: number, all: number) => `写入 ${n} 人并选中 ${all} 人`,
    pick: (n: number) => `选中 ${n} 人`, rest: (n: number) => `仅选中已在目录中的 ${n} 人`, created: "已创建", added: "已添加邮箱",
    picked: (n: number, created: number, added: number) => `已选中 ${n} 人，其中新建 ${created} 人，添加邮箱 ${added} 人。`,
    tooLong: "名单有 501 行，最多 500 行", openQuote: "第 2 行的引号没有结束", noText: "该文件不是文本", unknown: "结果未知", again: "重新查询目录",
    writeAgain: (n: number) => `核对后重新写入 ${n} 人`, unfinished: (n: number) => `有一份 ${n} 人的用户名单尚未处理完。`, goOn: "继续处理",
    discard: "放弃名单", otherEmail: "目录中的邮箱不同", samePeople: (n: number) => `确认是同一人，包括这 ${n} 人`, chosen: (n: number) => `已选 ${n} 人`, done: (n: number) => `已处理 ${n} / ${n}，成功 ${n}，失败 0`,
  },
  en: {
    open: "Paste or upload users", label: "List of users", upload: "Upload a file",
    counts: /^8 rows: 1 in the directory, 3 to be written, 4 not usable\.$/,
    there: "In the directory", creates: "Will be created", adds: "the e-mail address will be added",
    without: "In the directory, without an e-mail address", invalid: "Enter an e-mail address", duplicate: "Duplicate of row 1",
    needs: "Not in the directory; needs an e-mail address", write: (n: number, all: number) => `Write ${n} and choose ${all}`,
    pick: (n: number) => `Choose ${n}`, rest: (n: number) => `Choose only the ${n} in the directory`, created: "Created",
    added: "E-mail address added",
    picked: (n: number, created: number, added: number) => `${n} chosen: ${created} created, ${added} given an e-mail address.`,
    tooLong: "The list has 501 rows; the maximum is 500", openQuote: "A quotation mark in line 2 is not closed", noText: "This is not a text file", unknown: "Unknown", again: "Check the directory again",
    writeAgain: (n: number) => `Check, then write ${n} again`, unfinished: (n: number) => `A list of ${n} users is not finished.`,
    goOn: "Continue", discard: "Discard the list", otherEmail: "In the directory with another e-mail address",
    samePeople: (n: number) => `They are the same people: include these ${n}`, chosen: (n: number) => `${n} chosen`,
    done: (n: number) => `${n} of ${n} done, ${n} bought, 0 failed`,
  },
} as const;

const zh = NAMES.zh;

/** Opens the dialog and gives its parts. */
async function openList(page: Page, names: (typeof NAMES)[keyof typeof NAMES] = zh) {
  await page.getByRole("button", { name: names.open, exact: true }).click();
  const dialog = page.getByRole("dialog", { name: names.open });
  await expect(dialog).toBeVisible();
  return parts(dialog, names);
}

function parts(dialog: Locator, names: (typeof NAMES)[keyof typeof NAMES] = zh) {
  return {
    dialog,
    text: dialog.getByRole("textbox", { name: names.label, exact: true }),
    button: (name: string) => dialog.getByRole("button", { name, exact: true }),
    row: (index: number) => dialog.getByRole("table").getByRole("row").nth(index + 1),
  };
}

/** Five users whom the directory lacks. */
const NEW = ["陈晨", "new.one", "new.two", "new.three", "new.four"];
const NEW_LIST = NEW.map((name, index) => `${name},n${index}@example.com`).join("\n");

async function expectEachOnce(state: () => Promise<{ users_created: { name: string }[] }>): Promise<void> {
  expect((await state()).users_created.map((user) => user.name).sort()).toEqual([...NEW].sort());
}

/** Answers the n-th creation in another way than the proxy does. */
async function onCreation(page: Page, which: number, how: (route: Route) => Promise<void>): Promise<void> {
  let count = 0;
  await page.route("**/api/CreateUser", async (route) => {
    count += 1;
    await (count === which ? how(route) : route.continue());
  });
}

for (const look of LOOKS) {
  for (const width of [1280, 390]) {
    const names = NAMES[look.lang];

    test(`what each row means, and all are bought for as one batch, ${look.lang}, ${width}`, async ({ openBuy, state }) => {
      const { page, t } = await openBuy({ ...look, width });
      await expectLoaded(page, t);
      const { dialog, text, button, row } = await openList(page, names);
      await expect(text).toBeFocused();
      await expectAccessible(page);
      await text.fill(
        "ZHANG.SAN\nwang.wu,wang.wu@example.com\n carol \n陈晨，chen@example.com。\nnew.one <n1@example.com>\nnew.two,nobody\n" +
          "zhang.san,z@example.com\nnew.three",
      );
      const rows = [
        ["zhang.san", names.there], ["wang.wu", names.adds], ["carol", names.without], ["陈晨", names.creates],
        ["n1@example.com", names.creates], ["new.two", names.invalid], ["zhang.san", names.duplicate], ["new.three", names.needs],
      ] as const;
      for (const [index, [user, means]] of rows.entries()) {
        await expect(row(index)).toContainText(user);
        await expect(row(index)).toContainText(means);
      }
      await expect(dialog.getByText(names.counts)).toBeVisible();
      await expectAccessible(page);
      await expectNoOverflow(page);
      expect((await state()).calls["CreateUser"]).toBeUndefined();

      await button(names.write(3, 4)).click();
      await expect(row(3)).toContainText(names.created);
      await expect(row(4)).toContainText(names.created);
      await expect(row(1)).toContainText(names.added);
      await expect(dialog.getByText(names.picked(4, 2, 1))).toBeVisible();
      await expectAccessible(page);
      await button(names.pick(4)).click();
      await expect(dialog).toHaveCount(0);
      await expect(page.getByText(names.chosen(4), { exact: true })).toBeVisible();
      await expect(page.getByRole("listbox", { name: t.user }).getByRole("option", { name: /^陈晨/ })).toHaveAttribute("aria-selected", "true");
      await expectNoOverflow(page);

      await order(page, t);
      await expect(page.getByText(names.done(4))).toBeVisible();
      const { desktops, users_created, users_modified } = await state();
      expect(perUser(desktops)).toEqual({ "zhang.san": 1, "wang.wu": 1, "陈晨": 1, "new.one": 1 });
      expect(users_created).toEqual([
        { name: "陈晨", email: "chen@example.com" }, { name: "new.one", email: "n1@example.com" },
      ]);
      expect(users_modified).toEqual([{ name: "wang.wu", email: "wang.wu@example.com" }]);
    });
  }
}

test("with the keyboard alone", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  await page.getByRole("button", { name: t.newUser, exact: true }).focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const { dialog, text, button } = parts(page.getByRole("dialog", { name: zh.open }));
  await expect(text).toBeFocused();
  await page.keyboard.type("li.si\n");
  await page.keyboard.type("new.one,n1@example.com");
  await expect(dialog.getByRole("table").getByRole("row")).toHaveCount(3);
  await page.keyboard.press("Tab");
  await expect(dialog.getByLabel(zh.upload)).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(dialog.getByRole("region")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(button(t.cancel)).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(button(zh.write(1, 2))).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog.getByText(zh.picked(2, 1, 0))).toBeVisible();
  await expect(button(zh.pick(2))).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole("button", { name: zh.open, exact: true })).toBeFocused();
  expect((await state()).users_created).toHaveLength(1);

  // Those who are there are picked without a write, in place of the others.
  await page.keyboard.press("Enter");
  await expect(text).toBeFocused();
  await page.keyboard.type("zhang.san");
  await expect(button(zh.pick(1))).toBeEnabled();
  await button(zh.pick(1)).focus();
  await page.keyboard.press("Enter");
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText(zh.chosen(1), { exact: true })).toBeVisible();
  expect((await state()).calls["CreateUser"]).toBe(1);

  // Escape writes and picks nothing.
  await page.keyboard.press("Enter");
  await expect(text).toBeFocused();
  await page.keyboard.type("li.si\nnew.two,n2@example.com");
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText(zh.chosen(1), { exact: true })).toBeVisible();
  expect((await state()).calls["CreateUser"]).toBe(1);
});

test("a lost answer to a creation is looked up, and the rest goes on", async ({ openBuy, state, tolerate }) => {
  tolerate(BROKEN_CONNECTION);
  const { page } = await openBuy();
  await onCreation(page, 3, async (route) => {
    await route.fetch();
    await route.abort();
  });
  const { dialog, text, button, row } = await openList(page);
  await text.fill(NEW_LIST);
  await button(zh.write(5, 5)).click();
  await expect(dialog.getByText(zh.picked(5, 5, 0))).toBeVisible();
  await expect(row(2)).toContainText(zh.created);
  await expectEachOnce(state);
  expect((await state()).calls["CreateUser"]).toBe(5);
});

for (const lang of LANGS) {
  const names = NAMES[lang];

  test(`what is not known is not written again by itself, ${lang}`, async ({ openBuy, state, tolerate }) => {
    tolerate(BROKEN_CONNECTION);
    const { page, t } = await openBuy({ lang, width: 390 });
    await expectLoaded(page, t);
    // It never arrives.
    await onCreation(page, 2, (route) => route.abort());
    const { text, button, row } = await openList(page, names);
    await text.fill(NEW_LIST);
    await button(names.write(5, 5)).click();
    await expect(row(4)).toContainText(names.created);
    await expect(row(1)).toContainText(names.unknown);
    await expect(button(names.rest(4))).toBeVisible();
    await expectAccessible(page);
    await expectNoOverflow(page);

    // Only looked for.
    await button(names.again).click();
    await expect(button(names.writeAgain(1))).toBeVisible();
    expect((await state()).users_created).toHaveLength(4);

    await button(names.writeAgain(1)).click();
    await expect(button(names.pick(5))).toBeVisible();
    await expect(row(1)).toContainText(names.created);
    await expectEachOnce(state);
    await button(names.pick(5)).click();
    await expect(page.getByText(names.chosen(5), { exact: true })).toBeVisible();
  });

  test(`a reload in the middle goes on where it was, and creates nobody twice, ${lang}`, async ({ openBuy, state }) => {
    const { page, t } = await openBuy({ lang });
    await expectLoaded(page, t);
    let arrived: () => void = () => undefined;
    const third = new Promise<void>((resolve) => (arrived = resolve));
    // Carried out, and the answer is still on its way.
    await onCreation(page, 3, async (route) => {
      await route.fetch();
      arrived();
      await new Promise(() => undefined);
    });
    const before = await openList(page, names);
    await before.text.fill(`${NEW_LIST}\nli.si\nnobody`);
    await before.button(names.write(5, 6)).click();
    await third;
    await page.reload();
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await expect(page.getByText(names.unfinished(6))).toBeVisible();
    await expectAccessible(page);

    await page.getByRole("button", { name: names.goOn, exact: true }).click();
    const { dialog, button, row } = parts(page.getByRole("dialog", { name: names.open }), names);
    for (const index of [0, 1, 2, 5]) await expect(row(index)).toContainText(names.there);
    for (const index of [3, 4]) await expect(row(index)).toContainText(names.creates);
    await button(names.write(2, 6)).click();
    await expect(dialog.getByText(names.picked(6, 2, 0))).toBeVisible();
    await button(names.pick(6)).click();
    await expect(page.getByText(names.chosen(6), { exact: true })).toBeVisible();
    await expectEachOnce(state);
    expect((await state()).calls["CreateUser"]).toBe(5);
    // It is finished.
    await page.reload();
    await expectLoaded(page, t);
    await expect(page.getByText(names.chosen(6), { exact: true })).toBeVisible();
    await expect(page.getByText(names.unfinished(6))).toHaveCount(0);
  });
}

test("a creation that is on its way during a reload is looked for before it is written", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  let arrived: () => void = () => undefined;
  const second = new Promise<void>((resolve) => (arrived = resolve));
  await onCreation(page, 2, async () => {
    arrived();
    await new Promise(() => undefined);
  });
  const before = await openList(page);
  await before.text.fill(NEW_LIST);
  await before.button(zh.write(5, 5)).click();
  await second;
  await page.reload();
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.getByRole("button", { name: zh.goOn, exact: true }).click();
  const { button, row } = parts(page.getByRole("dialog", { name: zh.open }));
  await expect(row(1)).toContainText(zh.unknown);
  // The others are written, and it is not.
  await button(zh.write(3, 4)).click();
  await expect(button(zh.rest(4))).toBeVisible();
  expect((await state()).users_created.map((user) => user.name)).not.toContain(NEW[1]);
  await button(zh.writeAgain(1)).click();
  await expect(button(zh.pick(5))).toBeVisible();
  await expectEachOnce(state);
});

test("a list that was closed is kept, and can be discarded", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  let go: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (go = resolve));
  await onCreation(page, 2, async (route) => {
    await held;
    await route.continue();
  });
  const { dialog, text, button, row } = await openList(page);
  await text.fill(NEW_LIST);
  await button(zh.write(5, 5)).click();
  await expect(row(0)).toContainText(zh.created);
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  go();
  // What was on its way is done, and nothing after it.
  await expect.poll(async () => (await state()).users_created.length).toBe(2);
  await expect(option(page, t.user, NEW[1]!)).toBeVisible();
  expect((await state()).calls["CreateUser"]).toBe(2);
  await page.getByRole("button", { name: zh.discard, exact: true }).click();
  await expect(page.getByText(zh.unfinished(5))).toHaveCount(0);
  await page.reload();
  await expectLoaded(page, t);
  await expect(page.getByText(zh.unfinished(5))).toHaveCount(0);
});

test("where nothing can be stored, users are written and picked all the same", async ({ openBuy, state }) => {
  const forbid = (page: Page) =>
    page.addInitScript(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException("no", "QuotaExceededError");
      };
    });
  const { page } = await openBuy({ before: forbid });
  const { text, button } = await openList(page);
  await text.fill(NEW_LIST);
  await button(zh.write(5, 5)).click();
  await button(zh.pick(5)).click();
  await expect(page.getByText(zh.chosen(5), { exact: true })).toBeVisible();
  await expectEachOnce(state);
});

const FILES: [string, Buffer][] = [
  // `邮箱;部门;姓名`, `n1@example.com;"a;b";陈晨` and so on in GB18030.
  [
    "GB18030, another order, semicolons",
    Buffer.concat([
      Buffer.from("d3cacfe43bb2bfc3c53bd0d5c3fb0d0a", "hex"),
      Buffer.from('n1@example.com;"a;b";', "latin1"), Buffer.from("b3c2b3bf0d0a", "hex"),
      Buffer.from(";;zhang.san\r\n", "latin1"),
    ]),
  ],
  ["UTF-8 with a byte order mark", Buffer.from("\u{feff}用户名,邮箱\r\n陈晨,n1@example.com\r\nzhang.san,\r\n")],
  ["UTF-16, tabs", Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("E-mail\tUser name\r\nn1@example.com\t陈晨\r\n\tzhang.san\r\n", "utf16le")])],
];

for (const [what, buffer] of FILES) {
  test(`a file is uploaded: ${what}`, async ({ openBuy, state }) => {
    const { page } = await openBuy();
    const { dialog, button, row } = await openList(page);
    await dialog.getByLabel(zh.upload).setInputFiles({ name: "users.csv", mimeType: "text/csv", buffer });
    await expect(row(0)).toContainText("陈晨");
    await expect(row(0)).toContainText("n1@example.com");
    await expect(row(1)).toContainText("zhang.san");
    await button(zh.write(1, 2)).click();
    await expect(button(zh.pick(2))).toBeVisible();
    expect((await state()).users_created).toEqual([{ name: "陈晨", email: "n1@example.com" }]);
  });
}

test("a file that is no text, a list that is too long, and one whose quote takes its lines are refused", async ({ openBuy, state }) => {
  const { page } = await openBuy();
  const { dialog, text, button } = await openList(page);
  const upload = (buffer: Buffer) => dialog.getByLabel(zh.upload).setInputFiles({ name: "users.xlsx", mimeType: "application/zip", buffer });
  await upload(Buffer.from([0x50, 0x4b, 3, 4, 0x14, 0, 6, 0, 8, 0]));
  await expect(dialog.getByRole("alert").filter({ hasText: zh.noText })).toBeVisible();
  await expectAccessible(page);
  await upload(Buffer.from(Array.from({ length: 501 }, (_, index) => `user${index}`).join("\n")));
  await expect(dialog.getByRole("alert").filter({ hasText: zh.tooLong })).toBeVisible();
  await expect(button(zh.pick(0))).toHaveAttribute("aria-disabled", "true");
  await upload(Buffer.from("zhang.san\nli.si,\"li.si@example.com\nwang.wu,w@example.com\n"));
  await expect(dialog.getByRole("alert").filter({ hasText: zh.openQuote })).toBeVisible();
  await expect(button(zh.pick(0))).toHaveAttribute("aria-disabled", "true");
  await text.fill("zhang.san");
  await expect(dialog.getByRole("alert").filter({ hasText: /./ })).toHaveCount(0);
  await expect(button(zh.pick(1))).toBeEnabled();
  expect((await state()).calls["CreateUser"]).toBeUndefined();
});

for (const lang of LANGS) {
  test(`somebody with another address than the list's is not picked unless one confirms, ${lang}`, async ({ openBuy, state }) => {
    const names = NAMES[lang];
    const { page, t } = await openBuy({ lang, width: 390 });
    await expectLoaded(page, t);
    const { dialog, text, button, row } = await openList(page, names);
    await text.fill("zhang.san,somebody.else@example.com\nli.si");
    await expect(row(0)).toContainText(names.otherEmail);
    await expect(row(0)).toContainText("somebody.else@example.com");
    await expect(button(names.pick(1))).toBeVisible();
    await expectAccessible(page);
    await expectNoOverflow(page);

    await button(names.samePeople(1)).click();
    await expect(button(names.pick(2))).toBeVisible();
    // It is confirmed for this list only.
    await text.fill("zhang.san,nobody\nli.si");
    await expect(button(names.pick(1))).toBeVisible();
    await button(names.pick(1)).click();
    await expect(dialog).toHaveCount(0);
    await expect(page.getByText(names.chosen(1), { exact: true })).toBeVisible();
    expect((await state()).calls["ModifyUser"]).toBeUndefined();
  });
}

test("an address that somebody else has added meanwhile is not overwritten", async ({ openBuy, state }) => {
  const { page } = await openBuy();
  const { text, button, row } = await openList(page);
  await text.fill("carol,from.the.list@example.com\nli.si");
  await expect(row(0)).toContainText(zh.adds);
  // Between the look at all and the one at her.
  await page.route("**/api/DescribeActivityDirectoryUsers?*UserName=carol*", (route) =>
    route.fulfill({ json: { Users: [{ Name: "carol", Email: "by.the.office@example.com" }] } }));
  await button(zh.write(1, 2)).click();
  await expect(row(0)).toContainText(zh.otherEmail);
  await expect(row(0)).toContainText("by.the.office@example.com");
  expect((await state()).calls["ModifyUser"]).toBeUndefined();
});

test("a write whose turn comes after the dialog was closed is not sent", async ({ openBuy, state, tolerate }) => {
  tolerate(/the server responded with a status of 429/);
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  await page.clock.install();
  let creations = 0;
  await page.route("**/api/CreateUser", async (route) => {
    creations += 1;
    await route.fulfill(problem(429, "throttled", { retry_after: 30 }));
  });
  const { dialog, text, button } = await openList(page);
  await text.fill(NEW_LIST);
  await page.clock.runFor(1000);
  const refused = page.waitForResponse("**/api/CreateUser");
  await button(zh.write(5, 5)).click();
  await refused;
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await page.clock.runFor(180_000);
  await expect(page.getByText(zh.unfinished(5))).toBeVisible();
  expect(creations).toBe(1);
  expect((await state()).users_created).toEqual([]);
});

test("a user whom the directory refuses costs no other", async ({ openBuy, state, tolerate }) => {
  tolerate(/the server responded with a status of 409/);
  const { page, t } = await openBuy();
  const { text, button, row } = await openList(page);
  await text.fill("new.one,n1@example.com\nfail-me,f@example.com\nnew.two,n2@example.com");
  await button(zh.write(3, 3)).click();
  await expect(row(1)).toContainText(t.userRefused);
  await expect(row(2)).toContainText(zh.created);
  await button(zh.rest(2)).click();
  await button(zh.pick(2)).click();
  await expect(page.getByText(zh.chosen(2), { exact: true })).toBeVisible();
  expect((await state()).users_created).toHaveLength(2);
});

test("five hundred users are one batch", async ({ openBuy, startDemo }) => {
  test.slow();
  const demo = await startDemo("--users", "620");
  const answer = await fetch(`${demo.origin}/api/DescribeActivityDirectoryUsers?RegionId=cn-hangzhou`);
  const { Users } = (await answer.json()) as { Users: { Name: string; Email: string }[] };
  const users = Users.filter((user) => user.Email !== "").slice(0, 500).map((user) => user.Name);
  const { page, t } = await openBuy({ of: demo, request: { zoneId: "cn-hangzhou-g" } });
  await expectLoaded(page, t);
  const { text, button } = await openList(page);
  await text.fill(users.join("\n"));
  await button(zh.pick(500)).click();
  await expect(page.getByText(zh.chosen(500), { exact: true })).toBeVisible();
  await expectLoaded(page, t);
  await buyNow(page, t).click();
  await expect(review(page, t)).toContainText(users[499]!);
  const posted = page.waitForRequest((request) => request.method() === "POST");
  await review(page, t).getByRole("button", { name: t.placeOrder, exact: true }).click();
  expect((JSON.parse((await posted).postData() ?? "") as { operations: unknown[] }).operations).toHaveLength(500);
  await expect(page.getByText(zh.done(500))).toBeVisible({ timeout: 90_000 });
  await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(500);
  expect(Object.keys(perUser((await demo.state()).desktops))).toHaveLength(500);
});
