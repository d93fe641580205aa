// What people type and paste: names and addresses with invisible characters, input methods, and translators.
import { expect, expectLoaded, line, option, selected, summary, test } from "../support/fixtures.ts";
import { translate } from "../support/translator.ts";

test("a pasted address and name lose what came along", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await page.getByRole("button", { name: t.newUser, exact: true }).click();
  const dialog = page.getByRole("dialog", { name: t.newUser });
  await dialog.getByRole("textbox", { name: t.userName, exact: true }).fill("\u202anew\u200bcomer\u202c。");
  await dialog.getByRole("textbox", { name: t.email, exact: true }).fill("\u200bｎｅｗ＠example.com\u00ad；");
  await dialog.getByRole("button", { name: t.createUser, exact: true }).click();
  await expect(selected(page, t.user)).toContainText("newcomer");
  expect((await state()).users_created).toEqual([{ name: "newcomer", email: "new@example.com" }]);
});

test("a name that nobody can see is empty, one that reads backwards is refused, and closing the dialog loses nothing", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  const open = page.getByRole("button", { name: t.newUser, exact: true });
  await open.click();
  const dialog = page.getByRole("dialog", { name: t.newUser });
  const name = dialog.getByRole("textbox", { name: t.userName, exact: true });
  await name.fill("\u200b\u2060");
  await dialog.getByRole("textbox", { name: t.email, exact: true }).fill("a@example.com");
  await expect(dialog.getByRole("button", { name: t.createUser, exact: true })).toBeEnabled();
  await dialog.getByRole("button", { name: t.createUser, exact: true }).click();
  await expect(name).toHaveAccessibleDescription(new RegExp(t.nameEmpty));
  await name.fill("a\u202eb");
  await dialog.getByRole("button", { name: t.createUser, exact: true }).click();
  await expect(name).toHaveAccessibleDescription(/不能使用的字符/);
  expect((await state()).users_created).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await open.click();
  await expect(dialog.getByRole("textbox", { name: t.email, exact: true })).toHaveValue("a@example.com");
});

test("while an input method composes, Enter and arrows are its own and nothing is searched", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  const search = page.getByRole("searchbox", { name: t.searchUsers });
  const options = page.getByRole("listbox", { name: t.user, exact: true }).getByRole("option");
  const all = await options.count();
  await search.focus();
  const ime = await page.context().newCDPSession(page);
  await ime.send("Input.imeSetComposition", { text: "ouyang", selectionStart: 6, selectionEnd: 6 });
  await expect(search).toHaveValue("ouyang");
  await expect(options).toHaveCount(all);
  await search.evaluate((field) => {
    for (const key of ["Enter", "ArrowDown"]) {
      field.dispatchEvent(new KeyboardEvent("keydown", { key, isComposing: true, bubbles: true, cancelable: true }));
      const plain = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
      Object.defineProperty(plain, "keyCode", { value: 229 });
      field.dispatchEvent(plain);
    }
  });
  await expect(search).toBeFocused();
  await expect(selected(page, t.user)).toHaveCount(0);
  await ime.send("Input.insertText", { text: "欧阳" });
  await expect(search).toHaveValue("欧阳");
  await expect(options).toHaveCount(1);
  await search.press("Enter");
  await expect(selected(page, t.user)).toContainText("欧阳修文");
});

test("a Chinese name is found by whole pinyin, and nothing is fetched for it before", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  const tables: string[] = [];
  page.on("request", (request) => request.url().includes("pinyin") && tables.push(request.url()));
  await expectLoaded(page, t);
  const search = page.getByRole("searchbox", { name: t.searchUsers });
  const options = page.getByRole("listbox", { name: t.user, exact: true }).getByRole("option");
  await search.fill("z");
  await expect(option(page, t.user, "张伟")).toBeVisible();
  expect(tables).toEqual([]);
  for (const [typed, found] of [["zhangwei", "张伟"], ["OuYang", "欧阳修文"], ["ｗａｎｇｆａｎｇ", "王芳"]] as const) {
    await search.fill(typed);
    await expect(options.filter({ hasText: found })).toHaveCount(1);
  }
  await search.fill("zhangsan.nobody");
  await expect(options).toHaveCount(0);
  expect(tables).toHaveLength(1);
});

test("a pasted name is found whatever came along with it", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  const search = page.getByRole("searchbox", { name: t.searchUsers });
  const options = page.getByRole("listbox", { name: t.user, exact: true }).getByRole("option");
  for (const pasted of ["zhang\u200b.san", "\u3000zhang.san。", "\u202azhang.san\u202c", "zhang.san\ufeff；"]) {
    await search.fill(pasted);
    await expect(options).toHaveCount(1);
    await expect(options).toContainText("zhang.san");
  }
});

test("full-width letters find what plain ones find", async ({ openBuy }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  await page.getByRole("searchbox", { name: t.searchUsers }).fill("ＺＨＡＮＧ．ｓａｎ");
  await expect(option(page, t.user, "zhang.san")).toBeVisible();
  await expect(page.getByRole("listbox", { name: t.user, exact: true }).getByRole("option")).toHaveCount(1);
});

for (const asked of [true, false]) {
  test(`under a translator that ${asked ? "asks" : "does not ask"}, a row chooses whom it shows and the summary follows`, async ({ openBuy }) => {
    const { page, t } = await openBuy();
    await expectLoaded(page, t);
    await page.evaluate(translate, asked);
    await page.getByRole("searchbox", { name: t.searchUsers }).fill("li");
    await expect(option(page, t.user, "li.si")).toBeVisible();
    await page.evaluate(translate, asked);
    await page.getByRole("searchbox", { name: t.searchUsers }).fill("");
    const row = page.getByRole("listbox", { name: t.user, exact: true }).getByText("zhang.san", { exact: true });
    await row.click();
    await expect(selected(page, t.user)).toContainText("zhang.san");
    await expect(line(summary(page, t), t.user)).toContainText("zhang.san");
    await page.evaluate(translate, asked);
    await option(page, t.user, "li.si").click();
    await expect(line(summary(page, t), t.user)).toContainText("li.si");
    await expect(page.getByRole("main")).toBeVisible();
  });
}
