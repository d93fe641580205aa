// A purchase passes in WebKit, the engine of Safari: from the choice to the placed order, and nothing is bought by a second
// click on the same spot.
import { expect } from "@playwright/test";

import { LANGS } from "../support/texts.ts";
import { test } from "./browser.ts";

const REGION = encodeURIComponent('{"region":"cn-hangzhou"}');

for (const lang of LANGS) {
  test(`from the choice to the placed order, ${lang}`, async ({ visit, demo }) => {
    const shown = await visit(`/?commodityCode=CloudDesktopPost&request=${REGION}#/buy`, lang);
    const { t } = shown;
    await shown.press("#user [role=option]", "zhang.san");
    await shown.says(".summary", "zhang.san@example.com");
    await shown.press(".buy", t.buyNow);
    await shown.says("dialog.review h2", t.review);
    // The gesture that opened the review does not confirm it.
    await shown.run(() => {
      for (let times = 0; times < 3; times += 1) document.querySelector<HTMLElement>("dialog .primary")?.click();
    });
    expect((await demo.state()).desktops).toEqual([]);
    await shown.press("dialog .primary", t.placeOrder);
    await shown.says("section.order", t.placed);
    expect((await demo.state()).desktops).toEqual([expect.objectContaining({ user: "zhang.san", type: "desktop.n1.small" })]);
  });
}
