// The dialog for lists of users: its texts, its parts, and users whom the directory lacks.
import type { Locator, Page, Route } from "@playwright/test";

import { expect } from "./fixtures.ts";

/** What the page says about lists of users. */
export const NAMES = {
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
    writeAgain: (n: number) => `Check, then write ${n} again`, unfinished: (n: number) => `A list of ${n} ${n === 1 ? "user" : "users"} is not finished.`,
    goOn: "Continue", discard: "Discard the list", otherEmail: "In the directory with another e-mail address",
    samePeople: (n: number) => `Each is the same person: include ${n} more`, chosen: (n: number) => `${n} chosen`,
    done: (n: number) => `${n} of ${n} done, ${n} bought, 0 failed`,
  },
} as const;

/** In the language that most tests are in. */
export const zh = NAMES.zh;

/** Opens the dialog and gives its parts. */
export async function openList(page: Page, names: (typeof NAMES)[keyof typeof NAMES] = zh) {
  await page.getByRole("button", { name: names.open, exact: true }).click();
  const dialog = page.getByRole("dialog", { name: names.open });
  await expect(dialog).toBeVisible();
  return parts(dialog, names);
}

/** The parts of the dialog. */
export function parts(dialog: Locator, names: (typeof NAMES)[keyof typeof NAMES] = zh) {
  return {
    dialog,
    text: dialog.getByRole("textbox", { name: names.label, exact: true }),
    button: (name: string) => dialog.getByRole("button", { name, exact: true }),
    row: (index: number) => dialog.getByRole("table").getByRole("row").nth(index + 1),
  };
}

/** Five users whom the directory lacks. */
export const NEW = ["陈晨", "new.one", "new.two", "new.three", "new.four"];
export const NEW_LIST = NEW.map((name, index) => `${name},n${index}@example.com`).join("\n");

/** Expects that each of them was created, and once. */
export async function expectEachOnce(state: () => Promise<{ users_created: { name: string }[] }>): Promise<void> {
  expect((await state()).users_created.map((user) => user.name).sort()).toEqual([...NEW].sort());
}

/** Answers the n-th creation in another way than the proxy does. */
export async function onCreation(page: Page, which: number, how: (route: Route) => Promise<void>): Promise<void> {
  let count = 0;
  await page.route("**/api/CreateUser", async (route) => {
    count += 1;
    await (count === which ? how(route) : route.continue());
  });
}
