// Every first view of the page, as a list of visits: what is asked for, what goes wrong, and what is done.
import {
  FAULTS, REGION, belowPath, both, chooseEarly, comesBack, cutOff, deferred, escaped, forbidStorage, handle, holdModule, holdSome,
  kept, late, later, manyPicked, neverDeferred, odd, on, reconnect, scroll, soldOutInPart, spoilt, untilGone,
} from "./acts.mjs";

/** The billing kinds, as addresses name them. */
export const KINDS = ["CloudDesktopPost", "CloudDesktop"];

/** The lists of a first view, by the path of their requests; together those of which none waits for another. */
const LISTS = [
  ["DescribeRegions", "DescribeDesktopTypeItems", "prices"],
  ["DescribeDesktopOwner", "DescribeActivityDirectoryUsers", "stock"],
  ["DescribeZones", "DescribeImages"],
  ["DescribeVSwitches", "DescribeAvailableResource"],
];

/** The address of a purchase. */
export function address({ commodityCode = KINDS[0], request = { region: REGION }, hash = "#/buy" }) {
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

// Its content is JSON in JSON, as the app writes it.
const attempt = (orders) => JSON.stringify([{ token: "t-1", content: '[{"UserName":"张伟","Period":1}]', orders, at: Date.now() }, { token: "t-2", content: "", orders: 2, at: 1.5 }, { token: 7 }, null]);
const refusal = (field, code) => [field, code, `?commodityCode=CloudDesktopPost&request={"region":"${REGION}"}`, ["zhang.san"]];

/** All visits; each is made in every language and for every billing kind, unless it says that `once` is enough. */
export function visits() {
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
    { name: "held input", ...deferred("abort", 0), answered: holdSome, after: untilGone },
    { name: "long after, with news of the stock", after: later },
    { once: true, name: "scrolled", after: scroll, of: "many" },
    { name: "scrolled, with few users", after: scroll },
    { name: "listed", of: "listed" },
    { name: "listed, with choices that fit, and that do not", of: "listed", request: CHOICES },
    { name: "listed, with choices that all fit", of: "listed", request: FITTING },
    { name: "listed, chosen from before the module is there", of: "listed", before: holdModule, early: chooseEarly },
    { name: "listed, held input", of: "listed", ...deferred("abort", 0), answered: holdSome, after: untilGone },
    { name: "listed, scrolled", of: "listed", after: scroll },
    { name: "handled before the module is there", before: neverDeferred, after: handle },
    { once: true, name: "handled before anything can be read", before: neverDeferred, unanswered: handle },
    { once: true, name: "listed, handled before anything can be read", of: "listed", before: neverDeferred, unanswered: handle },
    { name: "nothing can be read for long", clock: true, unanswered: (page) => page.clock.runFor(120_000) },
    { name: "listed, nothing can be read for long", of: "listed", clock: true, unanswered: (page) => page.clock.runFor(120_000) },
    { name: "come back, with a hundred users picked", of: "many", before: manyPicked },
    { name: "the first type sold out, and the second but for one zone", ...on("stock", soldOutInPart) },
    { once: true, name: "handled, with less motion", before: async (page) => { await page.emulateMedia({ reducedMotion: "reduce" }); await neverDeferred(page); }, after: handle },
    ...["DescribeRegions", "DescribeDesktopTypeItems", "DescribeZones", "DescribeVSwitches", "DescribeImages", "DescribeActivityDirectoryUsers"].flatMap(
      (action) => {
        const [empty, unread] = [[`empty:${action}`], [`empty:${action}`, `odd-items:${action}`]];
        return [
          { name: `empty: ${action}`, scenarios: empty },
          { name: `empty, and late: ${action}`, scenarios: empty, ...on(action, late) },
          { name: `an entry that cannot be read: ${action}`, scenarios: unread },
          { once: true, name: `an entry that cannot be read, and late: ${action}`, scenarios: unread, ...on(action, late) },
        ];
      },
    ),
    { name: "below a path", before: belowPath, path: `/it/desk${address({})}` },
    {
      once: true,
      name: "below a path, come back",
      ...both(kept({}, { "deskbuy.users/it/desk/": '["zhang.san"]' }), { before: belowPath }),
      path: `/it/desk${address({ request: CHOICES })}`,
    },
    { once: true, name: "the orders", hash: "#/orders", after: (page) => page.locator(".skeleton").waitFor() },
    ...["sold-out", "sold-out-zone", "owner-config", "no-vswitch", "vswitch-pending", "fail:DescribeAvailableResource", "fail-first-zone", "empty", "odd-items", "fractions", "slow"].map(
      (scenario) => ({ name: scenario, scenarios: [scenario] }),
    ),
    { name: "everything fails", scenarios: ["fail"], once: true },
    { name: "wrong types upstream", scenarios: ["wrong-types"], once: true },
  ];
  const once = [
    ...LISTS.flatMap((lists) => Object.entries(FAULTS).map(([fault, handler]) => ({ name: `${lists}: ${fault}`, ...on(lists, handler) }))),
    ...LISTS.map((lists) => ({ name: `${lists}: late`, ...on(lists, late) })),
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
    { name: "somebody who approves", ...on("session", (route) => route.fulfill({ json: { sign_in: true, user: { name: "Ann", buys: true, approves: true } } })) },
    { name: "somebody who only looks", ...on("session", (route) => route.fulfill({ json: { sign_in: true, user: { name: "Ann", buys: false } } })) },
    { name: "no JSON in the address", request: '{"region":' },
    { name: "odd JSON in the address", request: '{"region":" cn-hangzhou ","period":"6","typeItemId":7,"imageType":"x","more":[1,{"a":null}]}' },
    { name: "percent signs that mean nothing", path: "/?request=%E4%ZZ%&x=%25%e4%ba%91+1#/buy" },
    { name: "a request that is a list", request: "[1]" },
    { name: "two requests", path: `/?request=${encodeURIComponent('{"region":"cn-beijing"}')}&request=${encodeURIComponent(`{"region":"${REGION}"}`)}#/buy` },
    { name: "values that cannot be", request: { region: REGION, period: 10, userGroup: "Root", typeItemId: `<b>'"&`, imageId: `m-${"x".repeat(5000)}` } },
    { name: "members of wrong types", request: { region: REGION, typeItemId: { a: 1, b: { c: [] } }, zoneId: 7, period: "x", imageType: [] } },
    { name: "choices that all fit, and users picked", request: FITTING, ...kept({}, { "deskbuy.users": '["zhang.san","li.si"]' }) },
    { name: "somebody without an address picked", request: FITTING, ...kept({}, { "deskbuy.users": '["wang.wu"]' }) },
    { name: "no billing kind", commodityCode: "Other" },
    ...["clouddesktop", "CloudDesktop。", "CLOUDDESKTOPPOST"].map((commodityCode) => ({ name: `a link with ${commodityCode}`, commodityCode })),
    { name: "curly quotes in the address", request: `{“region”:“${REGION}”，“period”:“10”}` },
    { name: "an address encoded twice", request: encodeURIComponent(JSON.stringify(CHOICES)) },
    { name: "choices that are misspelt", request: { ...CHOICES, userGroup: "administrators", imageType: "Private", period: 10, chargeType: "x" } },
    { name: "signs of another width in the address", path: `/?commodityCode＝CloudDesktop＆request＝{"region":"${REGION}","period":12}#/buy` },
    { name: "an address escaped for HTML twice", path: `/?commodityCode=CloudDesktop&amp;amp;request={"region":"${REGION}","period":12.0}#/buy` },
    { name: "a query behind the hash", path: `/#/buy?commodityCode=CloudDesktop&request={"region":"CN-HANGZHOU","userGroup":"“administrators”"}` },
    { name: "an encoded hash", path: `/?request={"region":"${REGION}"}&commodityCode=CloudDesktop%2520%23/buy` },
    { name: "semicolons in the address", path: `/?commodityCode=CloudDesktop;request={"region":"${REGION}"}#/buy` },
    { name: "a misspelt name alone", path: "/?commodity=CloudDesktop#/buy" },
    { name: "a misspelt request alone", path: `/?commodityCode=CloudDesktop&requests={"region":"${REGION}"}#/buy` },
    { name: "misspelt names, and kinds and durations that contradict", path: `/?commodity=CloudDesktop&x={&commodityCode=CloudDesktop&commodityCode=CloudDesktopPost&request={"region":"${REGION}","period":12.5,"Period":"“1”"}#/buy` },
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
    { name: "a deferred module that fails, awaited", ...deferred("abort", 2), answered: holdSome, after: untilGone },
    { name: "a deferred module that the server cannot give, awaited", ...deferred("error", 1), answered: holdSome, after: untilGone },
    { name: "listed, come back with users picked", of: "listed", ...kept({}, { "deskbuy.users": '["zhang.san"]' }) },
    { name: "listed, no region", of: "listed", request: "" },
    { name: "listed, the orders", of: "listed", hash: "#/orders", after: (page) => page.locator(".skeleton").waitFor() },
    { name: "listed, a field asked for", of: "listed", hash: "#/buy/user" },
    ...LISTS.map((lists) => ({ name: `listed, ${lists}: late`, of: "listed", ...on(lists, late) })),
    { name: "many users and images", of: "many" },
    { name: "many images of the other kind", of: "many", request: { region: REGION, imageType: "private" } },
    { name: "lists in other shapes", of: "mixed" },
  ].map((visit) => ({ ...visit, once: true }));
  return [...all, ...once];
}
