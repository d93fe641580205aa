// Every first view of the page: what can happen on it before the deferred module is there, in visits. Input is held back until
// then, so no visit has any but what shows that it is held. The profile is made of these visits.
import { startDemo } from "./browser.mjs";

const REGION = "cn-hangzhou";
const KINDS = ["CloudDesktopPost", "CloudDesktop"];
const LOCALES = ["zh-CN", "en-US"];

/** The lists of a first view, by the path of their requests; together those of which none waits for another. */
const LISTS = [
  ["DescribeRegions", "DescribeDesktopTypeItems", "prices"],
  ["DescribeDesktopOwner", "DescribeActivityDirectoryUsers", "stock"],
  ["DescribeZones", "DescribeImages"],
  ["DescribeVSwitches", "DescribeAvailableResource"],
];

const problem = (code, more = {}) => ({
  type: "about:blank", title: "", code, outcome: "not_sent", request_id: "r-1", upstream_request_id: "u-1", retry_after: 1, ...more,
});

/** Ways in which a request may go wrong. */
const FAULTS = {
  "an error": (route) => route.fulfill({ status: 503, json: problem("upstream_unavailable") }),
  "no connection": (route) => route.abort(),
  "somebody else's error": (route) => route.fulfill({ status: 502, contentType: "text/html", body: "<h1>Bad Gateway</h1>" }),
  "a session that has ended": (route) => route.fulfill({ status: 401, json: problem("sign_in_required") }),
  "no JSON": (route) => route.fulfill({ status: 200, contentType: "application/json", body: '{"a":[' }),
  "other types": (route) => route.fulfill({ status: 200, json: [1] }),
  "nothing in it": (route) => route.fulfill({ status: 200, json: {} }),
};

/** An answer with all numbers, texts and members of lists turned into something else. */
function spoilt(value, how) {
  if (Array.isArray(value)) return value.map((one) => spoilt(one, how));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, spoilt(one, how)]));
  }
  return how(value);
}

/** Texts and numbers that are written in every way that JSON has. */
const odd = (one) => (typeof one === "string" ? `${one} "\\/\b\f\n\r\t\u0001云😀` : typeof one === "number" ? -1.5e300 : one);
const escaped = (text) => text.replace(/[^\x00-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The address of a purchase. */
function address({ commodityCode = KINDS[0], request = { region: REGION }, hash = "#/buy" }) {
  const query = typeof request === "string" ? request : JSON.stringify(request);
  return `/?commodityCode=${commodityCode}${query ? `&request=${encodeURIComponent(query)}` : ""}${hash}`;
}

const CHOICES = {
  region: REGION, typeItemId: "desktop.n1.medium", zoneId: "cn-hangzhou-e", vSwitchId: "vsw-none", imageType: "private", imageId: "none",
  userGroup: "Administrators", period: 6,
};

/** All of it is there in the demo. */
const FITTING = {
  region: REGION,
  typeItemId: "desktop.ga1.8xlarge",
  zoneId: "cn-hangzhou-e",
  vSwitchId: "vsw-bp1desk0000000000009",
  imageType: "private",
  imageId: "m-bp1own0000000000000002",
  userGroup: "Administrators",
  period: 24,
};

const api = (...names) => (url) => names.some((name) => url.pathname === `/api/${name}`);
const on = (names, handler) => ({ before: (page) => page.route(api(...[names].flat()), handler) });
/** What a browser has kept from an earlier visit. */
const kept = (lasting, ofWindow = {}) => ({
  before: (page) =>
    page.addInitScript(
      ([lasting, ofWindow]) => {
        for (const [name, value] of Object.entries(lasting)) localStorage.setItem(name, value);
        for (const [name, value] of Object.entries(ofWindow)) sessionStorage.setItem(name, value);
      },
      [lasting, ofWindow],
    ),
});

// Its content is JSON in JSON, as the app writes it.
const attempt = (orders) => JSON.stringify([{ token: "t-1", content: '[{"UserName":"张伟","Period":1}]', orders, at: Date.now() }, { token: "t-2", content: "", orders: 2, at: 1.5 }, { token: 7 }, null]);
const refusal = (field, code) => [field, code, `?commodityCode=CloudDesktopPost&request={"region":"${REGION}"}`, ["zhang.san"]];

/** All visits; each is made in every language and for every billing kind, unless it says that `once` is enough. */
function visits() {
  const all = [
    { name: "plain" },
    { name: "with choices that fit, and that do not", request: CHOICES },
    { name: "with choices that all fit", request: FITTING },
    { once: true, name: "with choices of another region", request: { ...CHOICES, region: "cn-beijing" } },
    { once: true, name: "no region", request: "" },
    { once: true, name: "a region that is none", request: { region: "cn-nowhere" } },
    { once: true, name: "come back, with users picked", ...kept({}, { "deskbuy.users": '["zhang.san"]' }) },
    { once: true, name: "come back, with several users, some of them gone", ...kept({}, { "deskbuy.users": '["zhang.san","li.si","nobody",7]' }) },
    {
      once: true,
      name: "come back to what was refused",
      ...kept({}, {
        "deskbuy.users": '["zhang.san"]',
        "deskbuy.refused": JSON.stringify([
          refusal("VSwitchId", "v_switch_unavailable"), refusal(null, "sold_out"), refusal("UserName", "invalid_parameter"),
          refusal("ImageId", "image_unavailable"), refusal("TypeItemId", "invalid_parameter"), refusal("ZoneId", "invalid_parameter"), [7],
        ]),
      }),
    },
    { once: true, name: "a field asked for", hash: "#/buy/user" },
    { once: true, name: "another field asked for", hash: "#/buy/v-switch" },
    { name: "held input", ...deferred("abort", 0), early: holdSome, after: untilGone },
    { name: "long after, with news of the stock", after: later },
    { once: true, name: "scrolled", after: scroll, of: "many" },
    { name: "scrolled, with few users", after: scroll },
    { name: "listed", of: "listed" },
    { name: "listed, with choices that fit, and that do not", of: "listed", request: CHOICES },
    { name: "listed, with choices that all fit", of: "listed", request: FITTING },
    { name: "listed, chosen from before the module is there", of: "listed", before: holdModule, early: chooseEarly },
    { name: "listed, held input", of: "listed", ...deferred("abort", 0), early: holdSome, after: untilGone },
    { name: "listed, scrolled", of: "listed", after: scroll },
    { name: "handled before the module is there", before: neverDeferred, after: handle },
    { name: "come back, with a hundred users picked", of: "many", before: manyPicked },
    { name: "the first type sold out, and the second but for one zone", ...on("stock", soldOutInPart) },
    { once: true, name: "handled, with less motion", before: async (page) => { await page.emulateMedia({ reducedMotion: "reduce" }); await neverDeferred(page); }, after: handle },
    ...["DescribeRegions", "DescribeDesktopTypeItems", "DescribeZones", "DescribeVSwitches", "DescribeImages", "DescribeActivityDirectoryUsers"].map(
      (action) => ({ name: `empty: ${action}`, scenarios: [`empty:${action}`] }),
    ),
    { once: true, name: "the orders", hash: "#/orders", after: (page) => page.locator(".skeleton").waitFor() },
    ...["sold-out", "sold-out-zone", "owner-config", "no-vswitch", "vswitch-pending", "fail:DescribeAvailableResource", "fail-first-zone", "empty", "odd-items", "fractions", "slow"].map(
      (scenario) => ({ name: scenario, scenarios: [scenario] }),
    ),
    { name: "everything fails", scenarios: ["fail"], once: true },
    { name: "wrong types upstream", scenarios: ["wrong-types"], once: true },
  ];
  const once = [
    ...LISTS.flatMap((lists) => Object.entries(FAULTS).map(([fault, handler]) => ({ name: `${lists}: ${fault}`, ...on(lists, handler) }))),
    ...LISTS.map((lists) => ({ name: `${lists}: late`, ...on(lists, (route) => setTimeout(() => route.continue().catch(() => undefined), 700)) })),
    ...LISTS.flatMap((lists) =>
      [["texts for numbers", String], ["numbers for texts", () => 7], ["nothing", () => null], ["odd values", odd], ["empty texts", (one) => (typeof one === "string" ? "" : one)]].map(([what, how]) => ({
        name: `${lists}: ${what}`,
        ...on(lists, async (route) => {
          const answer = await route.fetch();
          await route.fulfill({ response: answer, body: escaped(JSON.stringify(spoilt(await answer.json(), how), null, "\t")) });
        }),
      })),
    ),
    { name: "everything is refused, the session too", before: (page) => page.route("**/api/**", FAULTS["a session that has ended"]) },
    { name: "no connection at all", before: (page) => page.route("**/api/**", (route) => route.abort()) },
    { name: "somebody who buys", ...on("session", (route) => route.fulfill({ json: { sign_in: true, user: { name: "Ann", buys: true } } })) },
    { name: "somebody who only looks", ...on("session", (route) => route.fulfill({ json: { sign_in: true, user: { name: "Ann", buys: false } } })) },
    { name: "no JSON in the address", request: '{"region":' },
    { name: "odd JSON in the address", request: '{"region":" cn-hangzhou ","period":"6","typeItemId":7,"imageType":"x","more":[1,{"a":null}]}' },
    { name: "percent signs that mean nothing", path: "/?request=%E4%ZZ%&x=%25%e4%ba%91+1#/buy" },
    { name: "a request that is a list", request: "[1]" },
    { name: "two requests", path: `/?request=${encodeURIComponent('{"region":"cn-beijing"}')}&request=${encodeURIComponent(`{"region":"${REGION}"}`)}#/buy` },
    { name: "values that cannot be", request: { region: REGION, period: 10, userGroup: "Root", typeItemId: `<b>'"&`, imageId: `m-${"x".repeat(5000)}` } },
    { name: "members of wrong types", request: { region: REGION, typeItemId: { a: 1, b: { c: [] } }, zoneId: 7, period: "x", imageType: [] } },
    { name: "choices that all fit, and users picked", request: FITTING, ...kept({}, { "deskbuy.users": '["zhang.san","li.si"]' }) },
    { name: "no billing kind", commodityCode: "Other" },
    ...["clouddesktop", "CloudDesktop。", "CLOUDDESKTOPPOST"].map((commodityCode) => ({ name: `a link with ${commodityCode}`, commodityCode })),
    { name: "curly quotes in the address", request: `{“region”:“${REGION}”，“period”:“10”}` },
    { name: "an address encoded twice", request: encodeURIComponent(JSON.stringify(CHOICES)) },
    { name: "choices that are misspelt", request: { ...CHOICES, userGroup: "administrators", imageType: "Private", period: 10, chargeType: "x" } },
    { name: "no connection for a while", clock: true, before: cutOff, after: reconnect },
    ...LISTS.map((lists) => ({ name: `${lists}: no connection for a while`, clock: true, ...comesBack(lists), after: (page) => page.clock.runFor(120_000) })),
    { name: "an unknown route", hash: "#/nowhere/at/all" },
    { name: "no route", hash: "" },
    { name: "an order", hash: "#/orders/t-1" },
    { name: "a batch", hash: "#/orders/batch/t-1" },
    { name: "an attempt without an answer, that the proxy knows", ...both(kept({ "deskbuy.unanswered": attempt(1) }), on("orders/t-1", (route) => route.fulfill({ json: {} }))) },
    { name: "an attempt without an answer, that nobody knows", ...kept({ "deskbuy.unanswered": attempt(3) }) },
    { name: "junk kept", ...kept({ "deskbuy.unanswered": "{", "deskbuy.language": "xx", "deskbuy.keys": "off" }, { "deskbuy.users": "7", "deskbuy.refused": "[[1]]" }) },
    { name: "a language kept", ...kept({ "deskbuy.language": "en" }) },
    { name: "nothing may be kept", before: forbidStorage },
    { name: "a deferred module that fails again and again", ...deferred("abort", 2), after: untilGone },
    { name: "a deferred module that fails, awaited", ...deferred("abort", 2), early: holdSome, after: untilGone },
    { name: "a deferred module that the server cannot give, awaited", ...deferred("error", 1), early: holdSome, after: untilGone },
    { name: "listed, come back with users picked", of: "listed", ...kept({}, { "deskbuy.users": '["zhang.san"]' }) },
    { name: "listed, no region", of: "listed", request: "" },
    { name: "listed, the orders", of: "listed", hash: "#/orders", after: (page) => page.locator(".skeleton").waitFor() },
    { name: "listed, a field asked for", of: "listed", hash: "#/buy/user" },
    ...LISTS.map((lists) => ({ name: `listed, ${lists}: late`, of: "listed", ...on(lists, (route) => setTimeout(() => route.continue().catch(() => undefined), 700)) })),
    { name: "many users and images", of: "many" },
    { name: "many images of the other kind", of: "many", request: { region: REGION, imageType: "private" } },
    { name: "lists in other shapes", of: "mixed" },
  ].map((visit) => ({ ...visit, once: true }));
  return [...all, ...once];
}

/** All requests of the API fail until `reconnect`. */
const cutOff = (page) => page.route("**/api/**", (route) => route.abort());

async function reconnect(page) {
  await page.clock.runFor(90_000);
  await page.unroute("**/api/**");
  await page.clock.runFor(90_000);
  await page.waitForLoadState("networkidle");
}

/** Lists whose first two requests each fail. */
function comesBack(names) {
  const failed = {};
  return on(names, (route) => {
    const { pathname } = new URL(route.request().url());
    failed[pathname] = (failed[pathname] ?? 0) + 1;
    return failed[pathname] <= 2 ? route.abort() : route.continue();
  });
}

function both(one, other) {
  return { before: (page) => Promise.all([one.before(page), other.before(page)]) };
}

function forbidStorage(page) {
  return page.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, name, { get: () => { throw new DOMException("forbidden", "SecurityError"); } });
    }
  });
}

/** A deferred module that comes to nothing: after some time it fails so often, and then it is gone. */
function deferred(how, times) {
  let tries = 0;
  const fail = { abort: (route) => route.abort(), error: (route) => route.fulfill({ status: 503 }) }[how];
  const answer = (route) => ((tries += 1) <= times ? fail(route) : route.fulfill({ status: 404 })).catch(() => undefined);
  return { before: (page) => page.route("**/*_deferred.wasm", (route) => void setTimeout(answer, 2500, route)) };
}

/** Holds the module back until `chooseEarly` lets it go. */
async function holdModule(page) {
  let arrive;
  const arrives = new Promise((resolve) => (arrive = resolve));
  await page.exposeFunction("arrive", () => arrive());
  await page.route("**/*_bg.wasm", (route) => arrives.then(() => route.continue()));
}

/** Another type is checked in the document's list, which keeps the focus. */
async function chooseEarly(page) {
  await page.locator('input[type=radio][value^="desktop."]').nth(2).check();
  await page.evaluate(() => globalThis.arrive());
}

const untilGone = (page) => page.locator(".deferred a").waitFor();

/** Input that is held, before it is known that there is nothing to come. */
async function holdSome(page) {
  await page.locator("button.buy").click();
  await page.locator("[aria-busy=true]").waitFor();
}

/** A hundred users are kept from an earlier visit. */
async function manyPicked(page, demo) {
  const answer = await fetch(`${new URL(demo.page).origin}/api/DescribeActivityDirectoryUsers?RegionId=${REGION}`);
  const users = (await answer.json()).Users.filter((user) => user.Email !== "").slice(0, 100).map((user) => user.Name);
  await page.addInitScript((users) => sessionStorage.setItem("deskbuy.users", JSON.stringify(users)), users);
}

async function soldOutInPart(route) {
  const answer = await route.fetch();
  const table = await answer.json();
  for (const cell of table.cells) {
    const isFirst = cell.type_item_id === "desktop.n1.small";
    if (isFirst || (cell.type_item_id === "desktop.n1.medium" && cell.zone_id !== "cn-hangzhou-g")) cell.stock = "sold_out";
  }
  await route.fulfill({ response: answer, json: table });
}

/** The deferred module stays away, so that all that follows is done without it. */
const neverDeferred = (page) => page.route("**/*_deferred.wasm", () => undefined);

/** What people and browsers do that the loader does not hold back: pointers, focus, sizes, paper, other tabs, the network. */
async function handle(page) {
  for (const selector of ["[role=option]", "label:has(input[type=radio])", ".summary", "select"]) {
    const part = page.locator(selector).first();
    if (!(await part.isVisible())) continue;
    await part.hover();
    await page.mouse.down();
    await page.mouse.up();
    for (const kind of ["pointerdown", "pointermove", "pointercancel", "touchstart", "touchend", "contextmenu", "dblclick"]) {
      await part.dispatchEvent(kind);
    }
  }
  for (let press = 0; press < 40; press++) await page.keyboard.press("Tab");
  const { width, height } = page.viewportSize();
  for (const size of [{ width: 390, height: 700 }, { width, height }]) await page.setViewportSize(size);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.evaluate(() => {
    try { localStorage.setItem("deskbuy.language", document.documentElement.lang === "en" ? "zh" : "en"); } catch { /* forbidden */ }
  });
  await other.close();
  await page.context().setOffline(true);
  await page.waitForTimeout(300);
  await page.context().setOffline(false);
  await page.evaluate(() => {
    for (const kind of ["beforeprint", "afterprint", "resize", "blur", "pageshow", "pagehide"]) dispatchEvent(new Event(kind));
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await scroll(page);
  await page.waitForTimeout(12_000);
}

async function scroll(page) {
  for (const list of await page.locator("[role=listbox]").all()) {
    for (const to of [400, 4000, 0, 1e6]) {
      await list.evaluate((list, to) => (list.scrollTop = to), to);
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    }
  }
}

/** Time passes: stock is asked for again, gaps in it sooner, and sometimes it cannot be had. */
async function later(page) {
  await page.clock.runFor(70_000);
  await page.waitForLoadState("networkidle");
  let gaps = true;
  await page.route(api("stock"), async (route) => {
    const answer = await route.fetch();
    const table = await answer.json();
    if (gaps) for (const cell of table.cells) cell.stock = "unknown";
    await route.fulfill({ json: table });
  });
  await page.clock.runFor(70_000);
  await page.waitForLoadState("networkidle");
  gaps = false;
  await page.clock.runFor(30_000);
  await page.waitForLoadState("networkidle");
  await page.route(api("stock"), FAULTS["an error"]);
  await page.route(api("DescribeAvailableResource"), FAULTS["no connection"]);
  await page.clock.runFor(140_000);
  await page.waitForLoadState("networkidle");
}

/** Waits until nothing is on its way and all of it is drawn. */
async function settled(page) {
  await page.waitForFunction(() => document.querySelector("#main h1[tabindex], #main .skeleton, #sign-in:not([hidden])"));
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

/** How many visits are made at once: most of a visit is waiting until nothing happens any more. */
const AT_ONCE = 4;

/** Makes every visit to a build of the page, and calls `note` at the end of each. */
export async function visitAll(browser, folder, note) {
  const queue = visits().flatMap((visit, turn) => {
    // Where one language is enough, they take turns.
    const once = [[LOCALES[turn % 2], KINDS[(turn >> 1) % 2]]];
    const ways = visit.once ? once : LOCALES.flatMap((locale) => KINDS.map((kind) => [locale, kind]));
    return ways.map(([locale, commodityCode]) => ({ locale, commodityCode, ...visit }));
  });
  const fresh = ["--cache", "0"];
  const flags = { few: fresh, many: ["--users", "2000", "--images", "250", ...fresh], mixed: ["--shape", "mixed", ...fresh], listed: [] };
  // A demo of its own for each, since scenarios are a demo's.
  const visitSome = async () => {
    const demos = {};
    try {
      for (let visit = queue.shift(); visit; visit = queue.shift()) {
        const of = visit.of ?? "few";
        demos[of] ??= await startDemo("--page", folder, ...flags[of]);
        // What is in the response cache is in the document.
        if (of === "listed") await learn(demos[of]);
        await visitOnce(browser, demos[of], visit, note);
      }
    } finally {
      for (const demo of Object.values(demos)) demo.stop();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, visitSome));
}

/** Has a demo's response cache know what the document carries. */
async function learn({ page }) {
  for (const path of ["DescribeDesktopTypeItems?", "stock?ChargeType=POSTPAY&", "stock?ChargeType=PREPAY&"]) {
    const answer = await fetch(`${new URL(page).origin}/api/${path}RegionId=${REGION}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    await answer.arrayBuffer();
  }
}

async function visitOnce(browser, demo, visit, note) {
  const headers = { "content-type": "application/json" };
  const scenarios = { method: "PUT", headers, body: JSON.stringify(visit.scenarios ?? []) };
  await fetch(`${new URL(demo.simulator).origin}/_simulator/scenarios`, scenarios);
  const context = await browser.newContext({ locale: visit.locale });
  const page = await context.newPage();
  try {
    if (visit.clock || visit.after === later) await page.clock.install();
    await visit.before?.(page, demo);
    await page.goto(`${new URL(demo.page).origin}${visit.path ?? address(visit)}`);
    await visit.early?.(page);
    await settled(page);
    await visit.after?.(page);
    await settled(page);
    await note(`${visit.name}, ${visit.locale}, ${visit.commodityCode}`, page);
  } finally {
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await context.close();
  }
}
