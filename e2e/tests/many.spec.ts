// Fifty thousand users and five thousand images: still found, still few in the document.
import type { Locator, Page } from "@playwright/test";

import { choice, expect, expectAccessible, expectLoaded, expectPlaced, option, order, selected, summary, test } from "../support/fixtures.ts";

test.use({ demoFlags: ["--users", "50000", "--images", "5000"] });

const rows = (page: Page, list: string): Locator => page.getByRole("listbox", { name: list, exact: true }).getByRole("option");

/** The most rows that all lists together may have in the document. */
const FEW = 300;

test("fifty thousand users: few rows in the document, all of them within reach", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await expectLoaded(page, t);
  await expect(rows(page, t.user).first()).toHaveAttribute("aria-setsize", "50000");
  expect(await page.getByRole("option").count()).toBeLessThanOrEqual(FEW);
  await expectAccessible(page);

  // The last one, by a key.
  const list = page.getByRole("listbox", { name: t.user, exact: true });
  await list.press("End");
  const last = rows(page, t.user).and(page.locator("[aria-posinset='50000']"));
  // All of it but what is lost in rounding.
  await expect(last).toBeInViewport({ ratio: 0.99 });
  await expect(list).toHaveAttribute("aria-activedescendant", (await last.getAttribute("id")) ?? "");
  expect(await page.getByRole("option").count()).toBeLessThanOrEqual(FEW);
  await list.press("Enter");
  await expect(selected(page, t.user)).toHaveAttribute("aria-posinset", "50000");

  // And one of them is picked by a search.
  const users = (await (await page.request.get("/api/DescribeActivityDirectoryUsers?RegionId=cn-hangzhou")).json()) as {
    Users: { Name: string; Email: string }[];
  };
  const wanted = users.Users.slice(30_000).find((user) => user.Email)!.Name;
  await page.getByRole("searchbox", { name: t.searchUsers }).fill(wanted);
  await expect(rows(page, t.user)).toHaveCount(1);
  await expect(rows(page, t.user)).toHaveAttribute("aria-setsize", "1");
  await option(page, t.user, wanted).click();
  await order(page, t);
  await expectPlaced(page, t);
  expect((await state()).desktops).toEqual([expect.objectContaining({ user: wanted })]);
});

test("five thousand images: the cloud is searched for those beyond the first page", async ({ openBuy, state }) => {
  const { page, t } = await openBuy();
  await choice(page, t.imageType, t.imageCustom).check();
  await expectLoaded(page, t);
  await expect(selected(page, t.image)).toBeVisible();
  expect(await page.getByRole("option").count()).toBeLessThanOrEqual(FEW);

  const found = (await (
    await page.request.get(
      "/api/DescribeImages?RegionId=cn-hangzhou&ImageType=private&TypeItemId=desktop.n1.small&Page=30&PageSize=100",
    )
  ).json()) as { Images: { ImageId: string; ImageName: string; Status: string }[] };
  const wanted = found.Images.find((image) => image.Status === "Available" && image.ImageName.startsWith("office-standard-"))!;
  await page.getByRole("searchbox", { name: t.searchImages }).fill(wanted.ImageName);
  await expect(option(page, t.image, wanted.ImageName)).toBeVisible();
  await option(page, t.image, wanted.ImageName).click();
  await expect(selected(page, t.image)).toContainText(wanted.ImageName);

  // What was found stays chosen when the search is over, and is what is bought.
  await page.getByRole("searchbox", { name: t.searchImages }).fill("");
  await expect(rows(page, t.image).nth(5)).toBeVisible();
  await option(page, t.user, "zhang.san").click();
  await order(page, t);
  await expectPlaced(page, t);
  expect((await state()).desktops).toEqual([expect.objectContaining({ image: wanted.ImageId })]);
});

test("a search of images that fails is said so, and can be made again", async ({ openBuy, scenarios, tolerate }) => {
  tolerate(/status of 50/);
  const { page, t } = await openBuy({ request: { imageType: "private" } });
  await expectLoaded(page, t);
  await scenarios("fail:DescribeImages");
  await page.getByRole("searchbox", { name: t.searchImages }).fill("office-standard-4");
  await expect(page.getByText(t.failed(t.image))).toBeVisible();
  await expectAccessible(page);
  await scenarios();
  await page.getByRole("button", { name: t.retry(t.image), exact: true }).click();
  await expect(page.getByText(t.failed(t.image))).toHaveCount(0);
  await expect(option(page, t.image, "office-standard-4").or(rows(page, t.image).first())).toBeVisible();
});

test("images beyond the first page come a page at a time, and can be chosen", async ({ openBuy }) => {
  const { page, t } = await openBuy({ lang: "en" });
  await choice(page, t.imageType, t.imageCustom).check();
  await expectLoaded(page, t);
  await expect(rows(page, t.image).first()).toHaveAttribute("aria-setsize", "100");
  const more = page.getByRole("button", { name: "Show more images" });
  await more.click();
  await expect(rows(page, t.image).first()).toHaveAttribute("aria-setsize", "200");
  await more.click();
  await expect(rows(page, t.image).first()).toHaveAttribute("aria-setsize", "300");
  expect(await page.getByRole("option").count()).toBeLessThanOrEqual(FEW);
  const list = page.getByRole("listbox", { name: t.image, exact: true });
  await list.press("End");
  const last = rows(page, t.image).and(page.locator("[aria-posinset='300']"));
  // All of it but what is lost in rounding.
  await expect(last).toBeInViewport({ ratio: 0.99 });
  const wanted = list.locator("[role=option]:not([aria-disabled])").last();
  const name = await wanted.locator(".option-title").innerText();
  await wanted.click();
  await expect(summary(page, t)).toContainText(name);
  // Another search is another list, with its own pages.
  await page.getByRole("searchbox", { name: t.searchImages }).fill("office-standard-");
  await expect(rows(page, t.image).first()).toHaveAttribute("aria-setsize", /^(100|[0-9]{2})$/);
  await expectAccessible(page);
});
