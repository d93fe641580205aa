// Which language the page speaks, and what a change of language leaves as it is.
import {
  asked, beginsWith, choice, chosen, expect, expectAccessible, expectLoaded, type Lang, option, review, buyNow, selected,
  test, texts,
} from "../support/fixtures.ts";

const BROWSERS: [locale: string, lang: Lang][] = [
  ["zh-CN", "zh"],
  ["zh-TW", "zh"],
  ["en-GB", "en"],
  ["fr-FR", "en"],
];

for (const [locale, lang] of BROWSERS) {
  test(`a browser that prefers ${locale} gets the page in ${lang}`, async ({ openBuy }) => {
    const { page, t } = await openBuy({ locale, lang });
    await expect(page.getByRole("heading", { level: 1, name: t.title })).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", t.lang);
    await expectLoaded(page, t);
  });
}

for (const [from, to] of [["zh", "en"], ["en", "zh"]] as const) {
  test(`the switch from ${from} to ${to} keeps what was chosen, and is kept`, async ({ openBuy }) => {
    const { page, t } = await openBuy({ lang: from, commodityCode: "CloudDesktop" });
    await choice(page, t.duration, t.months(2)).check();
    await choice(page, t.type, "desktop.ga1.1xlarge").check();
    await page.getByRole("radiogroup", { name: t.zone, exact: true }).getByRole("radio").nth(1).check();
    await choice(page, t.vSwitch, "lab").check();
    await choice(page, t.imageType, t.imageCustom).check();
    await option(page, t.image, "设计部标准镜像").click();
    await option(page, t.user, "li.si").click();
    await choice(page, t.userGroup, t.administrators).check();
    await expectLoaded(page, t);
    const before = asked(page);

    const now = texts(to);
    await page.getByRole("button", { name: t.otherLanguage, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: now.title })).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", now.lang);
    await expect(page).toHaveTitle(`${now.title} · Deskbuy`);
    await expect(page.getByRole("button", { name: now.otherLanguage, exact: true })).toBeFocused();
    await expect(choice(page, now.duration, now.months(2))).toBeChecked();
    await expect(choice(page, now.type, "desktop.ga1.1xlarge")).toBeChecked();
    await expect(chosen(page, now.zone)).toHaveAccessibleName(beginsWith(to === "zh" ? "杭州 可用区 E" : "Hangzhou Zone E"));
    await expect(choice(page, now.vSwitch, "lab")).toBeChecked();
    await expect(selected(page, now.image)).toContainText("设计部标准镜像");
    await expect(selected(page, now.user)).toContainText("li.si");
    await expect(choice(page, now.userGroup, now.administrators)).toBeChecked();
    expect(asked(page)).toEqual(before);
    // Nothing is left in the other language.
    for (const text of [t.title, t.billing, t.summary, t.buyNow, t.newUser]) await expect(page.getByText(text, { exact: true })).toHaveCount(0);

    await page.reload();
    await expect(page.getByRole("heading", { level: 1, name: now.title })).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", now.lang);
    await expectLoaded(page, now);
  });
}

test("the language of the document follows before and after every change, for screen readers", async ({ openBuy }) => {
  const { page } = await openBuy({ lang: "zh" });
  for (const lang of ["en", "zh", "en"] as const) {
    const button = page.getByRole("button", { name: texts(lang === "en" ? "zh" : "en").otherLanguage, exact: true });
    await expect(button).toHaveAttribute("lang", texts(lang).lang);
    await button.click();
    await expect(page.locator("html")).toHaveAttribute("lang", texts(lang).lang);
    await expectLoaded(page, texts(lang));
  }
  await expectAccessible(page);
});

test("a purchase goes on in the language it was changed to", async ({ openBuy }) => {
  const { page, t } = await openBuy({ lang: "en" });
  await option(page, t.user, "zhang.san").click();
  await page.getByRole("button", { name: t.otherLanguage, exact: true }).click();
  const zh = texts("zh");
  await expectLoaded(page, zh);
  await buyNow(page, zh).click();
  await expect(review(page, zh)).toContainText("zhang.san");
});
