// What comes after a purchase passes in WebKit as well: desktops are sorted, renewed and released, and the page changes its language.
import { expect } from "@playwright/test";

import { expectSettled, place, purchase } from "../support/orders.ts";
import { LANGS } from "../support/texts.ts";
import { test } from "./browser.ts";

const NAMES = {
  zh: { orders: "订单", user: "用户", renew: "续费", renewNow: "确认续费", release: "释放", releaseNow: "确认释放" },
  en: { orders: "Orders", user: "User", renew: "Renew", renewNow: "Renew now", release: "Release", releaseNow: "Release now" },
} as const;

for (const lang of LANGS) {
  const names = NAMES[lang];
  const [other, toOther] = lang === "zh" ? [NAMES.en, "English"] as const : [NAMES.zh, "中文"] as const;

  test(`desktops are sorted, one is renewed and one released, ${lang}`, async ({ visit, demo }) => {
    await place(demo, await purchase(demo, "one", { UserName: "zhang.san" }));
    await place(demo, await purchase(demo, "two", { UserName: "alice", ChargeType: "PREPAY", Period: 1 }));
    await place(demo, await purchase(demo, "three", { UserName: "li.si" }));
    await expectSettled(demo);
    const shown = await visit("/#/desktops", lang);
    const first = ".entry[aria-posinset='1']";
    await shown.says(first, "li.si");
    await shown.press("[role=columnheader] button", names.user);
    await shown.says("[aria-sort=ascending]", names.user);
    await shown.says(first, "alice");

    await shown.press(`${first} button`, names.renew);
    await shown.says("dialog", "alice");
    await shown.press("dialog .primary", names.renewNow);
    await expect.poll(async () => (await demo.state()).calls["RenewDesktop"], { timeout: 60_000 }).toBe(1);
    await expectSettled(demo);

    await shown.command("url", { url: `${demo.origin}/#/desktops` });
    await shown.press("[role=columnheader] button", names.user);
    await shown.press(".entry-buttons button", names.release);
    const id = (await demo.state()).desktops.find((desktop) => desktop.user === "li.si")!.id;
    await shown.type("#confirm-id", id);
    await shown.press("dialog .primary", names.releaseNow);
    const released = async () => (await demo.state()).desktops.filter((desktop) => desktop.released).map((desktop) => desktop.user);
    await expect.poll(released, { timeout: 60_000 }).toEqual(["li.si"]);

    await shown.press(".top button", toOther);
    await shown.says(".top nav", other.orders);
  });
}
