// Takes the pictures of the README, in both themes: the page, the way from the choice to the placed order, and the orders.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium, startDemo } from "./browser.mjs";

const folder = fileURLToPath(new URL("../docs/pictures/", import.meta.url));
mkdirSync(folder, { recursive: true });
const demo = await startDemo();
const browser = await chromium();

/** Orders a few desktops, so that the list of orders has something to show. */
async function orderSome() {
  const origin = new URL(demo.page).origin;
  const owner = await (await fetch(`${origin}/api/DescribeDesktopOwner?RegionId=cn-hangzhou`)).json();
  const some = [
    ["张伟", "desktop.n1.small", {}],
    ["alice", "desktop.n1.large", { ChargeType: "PREPAY", Period: 12 }],
    ["王芳", "desktop.n1.medium", { ZoneId: "cn-hangzhou-b" }],
    ["li.si", "desktop.n1.small", { ChargeType: "PREPAY", Period: 3 }],
    ["bob", "desktop.n1.large", {}],
  ];
  const operations = some.map(([UserName, TypeItemId, more], index) => ({
    Action: "CreateDesktop", RegionId: "cn-hangzhou", ClientToken: `picture-${index}`, TypeItemId, ChargeType: "POSTPAY",
    VpcId: owner.OwnerVpcId, ZoneId: "cn-hangzhou-b", VSwitchId: "vsw-bp1desk0000000000001", ImageId: "m-bp1sys0000000000000001",
    UserName, UserGroup: "Users", ...more,
  }));
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${origin}/api/orders`, { method: "POST", headers, body: JSON.stringify({ operations }) });
  if (!answer.ok) throw new Error(await answer.text());
}

try {
  await orderSome();
  for (const [theme, language, buy, place] of [
    ["light", "zh-CN", "立即购买", "提交订单"],
    ["dark", "en-US", "Buy now", "Place order"],
  ]) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: language, colorScheme: theme });
    const page = await context.newPage();
    await page.goto(demo.page);
    await page.getByRole("radiogroup", { name: /^(交换机|VSwitch)$/ }).waitFor();
    await page.screenshot({ path: `${folder}purchase-${theme}.png` });
    await page.getByRole("option", { name: /zhang\.san/ }).click();
    await page.locator(".summary").getByText("zhang.san").first().waitFor();
    await page.screenshot({ path: `${folder}choice-${theme}.png` });
    await page.getByRole("button", { name: buy }).click();
    const confirm = page.getByRole("button", { name: place });
    // A review takes activation only after its first moments.
    await page.locator("dialog .primary:not([aria-disabled=true])").waitFor();
    await page.screenshot({ path: `${folder}review-${theme}.png` });
    await confirm.click();
    await page.getByText(/^(购买成功|Bought)$/).last().waitFor();
    await page.screenshot({ path: `${folder}order-${theme}.png` });
    await page.getByRole("navigation").getByRole("link", { name: /^(订单|Orders)$/ }).click();
    await page.getByRole("main").getByRole("listitem").nth(5).waitFor();
    await page.screenshot({ path: `${folder}orders-${theme}.png` });
    await context.close();
  }
} finally {
  await browser.close();
  demo.stop();
}
