// Slow answers that a newer choice has overtaken: they must never show, not even for a moment.
import type { Page, Request } from "@playwright/test";

import { asked, choice, chosen, beginsWith, expect, expectLoaded, regionSelect, selected, test } from "../support/fixtures.ts";

/** From now on notes whether a text has ever been on the page; `seen` tells which have. */
async function noteTexts(page: Page, texts: string[]): Promise<{ seen: () => Promise<string[]> }> {
  const seen = await page.evaluateHandle((texts) => {
    const seen = new Set<string>();
    const look = (): void => {
      const shown = document.querySelector("main")?.textContent ?? "";
      for (const text of texts) if (shown.includes(text)) seen.add(text);
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
    return seen;
  }, texts);
  return { seen: () => seen.evaluate((seen) => [...seen]) };
}

/** Answers that are held back until they are let go, by when newer ones have come: slower than any machine is. */
class Late {
  readonly #requests: Request[] = [];
  #letGo = (): void => undefined;
  readonly #free = new Promise<void>((resolve) => (this.#letGo = resolve));

  /** Holds the answers to requests whose address is like this. The page cannot give requests up, so that they do arrive. */
  async hold(page: Page, address: RegExp): Promise<void> {
    await page.addInitScript(() => (AbortController.prototype.abort = () => undefined));
    await page.route(address, async (route) => {
      this.#requests.push(route.request());
      await this.#free;
      await route.continue();
    });
  }

  /** Waits until so many are held. */
  async held(number: number): Promise<void> {
    await expect.poll(() => this.#requests.length).toBeGreaterThanOrEqual(number);
  }

  /** Lets them go, and waits until all have arrived. */
  async arrive(): Promise<void> {
    this.#letGo();
    const answers = await Promise.all(this.#requests.map((request) => request.response()));
    for (const answer of answers) expect(answer?.ok(), "the late answer").toBe(true);
  }
}

test("the vSwitches and the stock of a zone that is no longer chosen", async ({ openBuy }) => {
  const late = new Late();
  const { page, t } = await openBuy({
    request: { zoneId: "cn-hangzhou-g" },
    before: (page) => late.hold(page, /ZoneId=cn-hangzhou-b/),
  });
  await expectLoaded(page, t);
  const stale = await noteTexts(page, ["vsw-bp1desk0000000000001", "desktop.n1.small 在 杭州 可用区 B"]);
  await choice(page, t.zone, "杭州 可用区 B").check();
  await late.held(2);
  await choice(page, t.zone, "杭州 可用区 E").check();
  await expect(page.getByText(`desktop.n1.small 在 杭州 可用区 E ${t.inStock}`)).toBeVisible();
  await expect(chosen(page, t.vSwitch)).toHaveAccessibleName(beginsWith("office-2"));

  await late.arrive();
  await expect(page.getByText(`desktop.n1.small 在 杭州 可用区 E ${t.inStock}`)).toBeVisible();
  await expect(chosen(page, t.vSwitch)).toHaveAccessibleName(beginsWith("office-2"));
  await expect(choice(page, t.zone, "杭州 可用区 E")).toBeChecked();
  expect(asked(page).request).toMatchObject({ zoneId: "cn-hangzhou-e" });
  expect(await stale.seen()).toEqual([]);

  // Chosen again and left alone, they do show, and are noted.
  await choice(page, t.zone, "杭州 可用区 B").check();
  await expect.poll(stale.seen).toHaveLength(2);
});

test("going back to the slow zone waits for its answer", async ({ openBuy, scenarios }) => {
  await scenarios("slow-first-zone");
  const { page, t } = await openBuy({ request: { zoneId: "cn-hangzhou-g" } });
  await expectLoaded(page, t);
  for (const zone of ["B", "E", "B"]) await choice(page, t.zone, `杭州 可用区 ${zone}`).check();
  await expect(page.getByText(`desktop.n1.small 在 杭州 可用区 B ${t.inStock}`)).toBeVisible();
  await expect(chosen(page, t.vSwitch)).toHaveAccessibleName(/^office\b.*251/);
});

test("everything of a region that is no longer chosen", async ({ openBuy }) => {
  const late = new Late();
  const { page, t } = await openBuy({ before: (page) => late.hold(page, /RegionId=cn-beijing/) });
  await expectLoaded(page, t);
  const stale = await noteTexts(page, ["北京 可用区", "vsw-2ze", "m-2ze"]);
  await regionSelect(page, t).selectOption("cn-beijing");
  await late.held(4);
  await regionSelect(page, t).selectOption("cn-shanghai");
  await expect(choice(page, t.zone, "上海 可用区 B")).toBeChecked();
  await expectLoaded(page, t);

  await late.arrive();
  await expectLoaded(page, t);
  await expect(choice(page, t.zone, "上海 可用区 B")).toBeChecked();
  await expect(chosen(page, t.vSwitch)).toHaveValue(/^vsw-uf6/);
  expect(await stale.seen()).toEqual([]);
});

test("a new region is not asked for the old one's zone", async ({ openBuy, scenarios }) => {
  const { page, t } = await openBuy({ request: { zoneId: "cn-hangzhou-g" } });
  await expectLoaded(page, t);
  await scenarios("slow:DescribeZones");
  const wrong = await noteTexts(page, [t.failed(t.vSwitch), t.stockUnknown]);
  const questions: string[] = [];
  page.on("request", (request) => questions.push(request.url()));
  await regionSelect(page, t).selectOption("cn-shenzhen");
  await expect(choice(page, t.zone, "深圳 可用区 A")).toBeChecked();
  await expectLoaded(page, t);
  expect(questions.filter((url) => url.includes("cn-shenzhen") && url.includes("ZoneId=cn-hangzhou"))).toEqual([]);
  expect(await wrong.seen()).toEqual([]);
});

test("the images of a type that is no longer chosen", async ({ openBuy }) => {
  const late = new Late();
  const { page, t } = await openBuy({
    before: (page) => late.hold(page, /DescribeImages.*TypeItemId=desktop\.ga1\.8xlarge/),
  });
  await expectLoaded(page, t);
  const stale = await noteTexts(page, ["AMD S7150 driver", "multi-GPU"]);
  await choice(page, t.type, "desktop.ga1.8xlarge").check();
  await late.held(1);
  await choice(page, t.type, "desktop.n1.large").check();
  await expect(selected(page, t.image)).toContainText("Windows Server 2016 数据中心版");

  await late.arrive();
  await expectLoaded(page, t);
  await expect(selected(page, t.image)).toContainText("Windows Server 2016 数据中心版");
  expect(await stale.seen()).toEqual([]);
});
