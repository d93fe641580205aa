// The lists of orders and desktops as tables: sorted by any column, printed as a whole, and rows on a phone. And what is copied
// where the browser has no clipboard to write to.
import { choice, expect, expectAccessible, expectLoaded, LOOKS, option, test } from "../support/fixtures.ts";
import { expectNoOverflow, expectSettled, place, purchase, rows } from "../support/orders.ts";

const NAMES = {
  zh: { sort: (column: string) => `按${column}排序`, user: "用户", bought: "提交时间", desktops: "桌面", until: "到期", columns: ["状态", "用户", "桌面规格", "可用区", "提交时间"] },
  en: { sort: (column: string) => `Sort by ${column}`, user: "User", bought: "Bought", desktops: "Desktops", until: "Until", columns: ["State", "User", "Desktop type", "Zone", "Bought"] },
} as const;

for (const look of LOOKS) {
  const names = NAMES[look.lang];

  test(`orders and desktops are sorted by a column, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await place(demo, await purchase(demo, "one", { UserName: "zhang.san" }));
    await place(demo, await purchase(demo, "two", { UserName: "alice", ChargeType: "PREPAY", Period: 12 }));
    await place(demo, await purchase(demo, "three", { UserName: "li.si", ChargeType: "PREPAY", Period: 1 }));
    await expectSettled(demo);
    const { page } = await open("/#/orders", { ...look, of: demo });
    const users = async () => (await rows(page).allTextContents()).map((text) => /zhang\.san|alice|li\.si/.exec(text)?.[0]);
    await expect.poll(users).toEqual(["li.si", "alice", "zhang.san"]);
    const byUser = page.getByRole("button", { name: names.sort(names.user) });
    await byUser.click();
    await expect.poll(users).toEqual(["alice", "li.si", "zhang.san"]);
    await expect(byUser).toHaveAttribute("aria-pressed", "true");
    const column = page.getByRole("columnheader").filter({ has: byUser });
    await expect(column).toHaveAttribute("aria-sort", "ascending");
    await byUser.click();
    await expect.poll(users).toEqual(["zhang.san", "li.si", "alice"]);
    await expect(column).toHaveAttribute("aria-sort", "descending");
    await byUser.click();
    await expect.poll(users).toEqual(["li.si", "alice", "zhang.san"]);
    await expectAccessible(page);

    // The columns of daily work, each of which sorts.
    for (const column of names.columns) await expect(page.getByRole("button", { name: names.sort(column), exact: true })).toBeVisible();
    await page.getByRole("radio", { name: names.desktops, exact: true }).check();
    for (const column of [...names.columns, names.until]) {
      await expect(page.getByRole("button", { name: names.sort(column), exact: true })).toBeVisible();
    }
    const byEnd = page.getByRole("button", { name: names.sort(names.until) });
    await byEnd.focus();
    await page.keyboard.press("Enter");
    await expect.poll(users).toEqual(["li.si", "alice", "zhang.san"]);
    await expectAccessible(page);
  });
}

test("more desktops than are loaded are sorted by the proxy: what ends first of all comes first", async ({ open, startDemo }) => {
  const demo = await startDemo();
  const operation = (index: number) =>
    purchase(demo, `s-${index}`, { ChargeType: "PREPAY", Period: index === 0 ? 1 : 12, UserName: index === 1 ? "alice" : "zhang.san" });
  await place(demo, ...(await Promise.all(Array.from({ length: 130 }, (_, index) => operation(index)))));
  await expectSettled(demo);
  const { page } = await open("/#/desktops", { of: demo });
  await expect(page.getByText("已加载 100 条")).toBeVisible();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).searchParams.get("sort") ?? ""));
  const byEnd = page.getByRole("button", { name: NAMES.zh.sort(NAMES.zh.until) });
  const first = rows(page).first().getByRole("link");
  await byEnd.click();
  await expect(first).toHaveAttribute("href", "#/orders/s-0");
  await expect(page.getByText("已加载 100 条")).toBeVisible();
  await expect(page.getByText("条排序")).toHaveCount(0);
  expect(asked).toContain("valid_until");
  await expectAccessible(page);
  await byEnd.click();
  await expect.poll(() => asked.at(-1)).toBe("-valid_until");
  await expect(first).not.toHaveAttribute("href", "#/orders/s-0");
  await expect(page.getByText("条排序")).toHaveCount(0);
  // Newest first again.
  await byEnd.click();
  await expect.poll(() => asked.at(-1)).toBe("");
  const byPurchase = page.getByRole("button", { name: NAMES.zh.sort(NAMES.zh.bought) });
  await byPurchase.click();
  await byPurchase.click();
  await expect.poll(() => asked.at(-1)).toBe("bought");
  // Other columns, and users as long as all can be loaded, are sorted here.
  const before = asked.length;
  await page.getByRole("button", { name: NAMES.zh.sort(NAMES.zh.user) }).click();
  await expect(first).toHaveAttribute("href", "#/orders/s-1");
  await expect(page.getByText("共 130 条")).toBeVisible();
  expect(asked.slice(before).filter((sort) => sort === "user")).toEqual([]);
});

test("a table in a wide window, rows of two lines on a phone", async ({ open, startDemo }) => {
  const demo = await startDemo();
  await place(demo, await purchase(demo, "one"));
  await expectSettled(demo);
  const { page } = await open("/#/orders", { of: demo });
  const height = async () => (await rows(page).first().boundingBox())!.height;
  await expect.poll(height).toBe(48);
  await page.setViewportSize({ width: 390, height: 780 });
  await expect.poll(height).toBe(76);
  await expect(page.getByRole("button", { name: NAMES.zh.sort("用户") })).toBeHidden();
  await expectNoOverflow(page);
});

for (const look of LOOKS) {
  test(`on a phone every day of a row is in sight, and those of a desktop are named, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await place(demo, await purchase(demo, "one", { UserName: "zhang.san", ChargeType: "PREPAY", Period: 1 }));
    await expectSettled(demo);
    for (const list of ["orders", "desktops"]) {
      const { page } = await open(`/#/${list}`, { ...look, of: demo, width: 390 });
      const row = rows(page).first();
      const days = row.locator(".fact:not(:empty)[data-name]");
      await expect(days).toHaveCount(list === "orders" ? 1 : 2);
      const cut = await days.evaluateAll((all) =>
        all.filter((day) => day.getBoundingClientRect().bottom > day.parentElement!.getBoundingClientRect().bottom + 1).length);
      expect(cut, list).toBe(0);
      const { until, bought } = NAMES[look.lang];
      if (list === "desktops") expect(await row.ariaSnapshot()).toMatch(new RegExp(`${until} .*${bought} `));
    }
  });
}

for (const look of LOOKS) {
  test(`in a window of 1280 pixels the longest times are whole, ${look.lang}`, async ({ open, startDemo }) => {
    const demo = await startDemo();
    await place(demo, await purchase(demo, "one", { TypeItemId: "desktop.n1.medium", ChargeType: "PREPAY", Period: 12 }));
    await expectSettled(demo);
    for (const list of ["orders", "desktops"]) {
      const { page } = await open(`/#/${list}`, { ...look, of: demo });
      const row = rows(page).first();
      await expect(row).toContainText("desktop.n1.medium");
      const longest = look.lang === "zh" ? "2026/12/30 22:58:58" : "12/30/2026, 12:58:58 AM";
      const cut = await row.evaluate((row, longest) => {
        const facts = [...row.querySelectorAll(".fact")].filter((fact) => fact.textContent !== "");
        const time = facts.findLast((fact) => fact.textContent!.includes(":"))!;
        time.textContent = longest;
        const isCut = (fact: Element) => {
          const words = document.createRange();
          words.selectNodeContents(fact);
          return words.getBoundingClientRect().width > fact.getBoundingClientRect().width;
        };
        return facts.filter(isCut).map((fact) => fact.textContent);
      }, longest);
      expect(cut, list).toEqual([]);
    }
  });
}

test("on paper there are all loaded rows and their number", async ({ open, startDemo }) => {
  const demo = await startDemo();
  const operations = await Promise.all(Array.from({ length: 41 }, (_, index) => purchase(demo, `p-${index}`)));
  await place(demo, ...operations);
  await expectSettled(demo);
  const { page } = await open("/#/orders", { of: demo });
  await expect(page.getByText("共 41 条")).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await expect(rows(page)).toHaveCount(41);
  const boxes = await rows(page).evaluateAll((all) => all.map((row) => row.getBoundingClientRect().top));
  expect(new Set(boxes).size).toBe(41);
  await expect(page.getByText("共 41 条")).toBeVisible();
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await expect.poll(() => rows(page).count()).toBeLessThan(41);
});

for (const works of [true, false]) {
  test(`copying on plain http ${works ? "works the old way" : "says why not"}`, async ({ openBuy }) => {
    const { page, t } = await openBuy({
      before: (page) => page.addInitScript((works) => {
        Object.defineProperty(navigator, "clipboard", { value: undefined });
        if (!works) document.execCommand = () => false;
      }, works),
    });
    await choice(page, t.type, "desktop.n1.large").check();
    await option(page, t.user, "zhang.san").click();
    await expectLoaded(page, t);
    await page.getByRole("button", { name: "复制配置链接" }).click();
    if (!works) {
      await expect(page.getByRole("status").filter({ hasText: "浏览器不允许复制" })).toBeVisible();
      return;
    }
    await expect(page.getByRole("status").filter({ hasText: t.copied })).toHaveCount(1);
    const field = page.getByRole("searchbox", { name: t.searchUsers });
    await field.focus();
    await page.keyboard.press("Control+V");
    expect(await field.inputValue()).toContain("desktop.n1.large");
  });
}
