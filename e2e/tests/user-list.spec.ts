// Users from a list that is pasted or uploaded: what each row means, writing those whom the directory lacks, and buying for
// all of them as one batch.
import {
  buyNow, expect, expectAccessible, expectLoaded, LANGS, LOOKS, order, review, test,
} from "../support/fixtures.ts";
import { expectNoOverflow, perUser } from "../support/orders.ts";
import { NAMES, openList, parts, zh } from "../support/user-list.ts";

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
