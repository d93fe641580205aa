// Draws the list of desktop types while the purchase's module is on the way, from the answers that are asked for ahead, so
// that on a slow line it can be read and chosen from a second earlier. The module takes its place, and knows what was chosen
// from the address. It looks as the module draws it (purchase/desktop_type.rs), to the letter: e2e/tests/early.spec.ts.
import { language } from "./ahead.js";

const words = {
  "zh-cn": {
    tag: "zh-CN",
    types: "桌面规格",
    families: ["全部", "通用型", "GPU 型"],
    facts: ["vCPU", "内存", "GPU", "系统盘", "用户盘"],
    stock: "库存",
    price: { POSTPAY: "价格 / 小时", PREPAY: "价格 / 月" },
    disks: { cloud: "普通云盘", cloud_efficiency: "高效云盘", cloud_ssd: "SSD 云盘", cloud_essd: "ESSD 云盘" },
  },
  "en-us": {
    tag: "en",
    types: "Desktop type",
    families: ["All", "General", "GPU"],
    facts: ["vCPU", "Memory", "GPU", "System disk", "User disk"],
    stock: "Stock",
    price: { POSTPAY: "Price / hour", PREPAY: "Price / month" },
    disks: { cloud: "Basic", cloud_efficiency: "Ultra", cloud_ssd: "SSD", cloud_essd: "ESSD" },
  },
};

function element(name, properties, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A radio button as ui/radio.rs draws it. */
function choice(group, value, title, facts, chosen) {
  const id = `${group}-${value}`;
  const radio = element("input", { type: "radio", id, name: group, value });
  radio.checked = chosen;
  const spans = facts.map(([label, text]) => element("span", { class: "fact" }, element("span", { class: "fact-label" }, label), " ", text));
  const looks = chosen ? "choice chosen" : "choice";
  return element("label", { class: looks, for: id }, radio, element("span", { class: "choice-title" }, title), ...spans);
}

function group(name, label, look, ...children) {
  const id = `${name}-label`;
  const heading = element("div", { class: "field-label visually-hidden", id }, label);
  return element("div", { class: "field" }, heading, element("div", { role: "radiogroup", "aria-labelledby": id, class: look }, ...children));
}

/** Billing kinds by their commodity code. */
const KINDS = { CloudDesktopPost: "POSTPAY", CloudDesktop: "PREPAY" };

/** What the address asks for, and the address of the same with another type. As in shared/src/link.rs. */
function asked() {
  const query = new URLSearchParams(location.search);
  const { region, typeItemId, ...rest } = JSON.parse(query.get("request"));
  const code = query.getAll("commodityCode").findLast((code) => Object.hasOwn(KINDS, code)) ?? "CloudDesktopPost";
  const address = (typeItemId) => {
    const request = encodeURIComponent(JSON.stringify({ region, typeItemId, ...rest })).replace(/%7B|%7D|%3A|%2C/g, decodeURIComponent);
    return `?commodityCode=${code}&request=${request}${location.hash}`;
  };
  return { kind: KINDS[code], type: typeof typeItemId === "string" && typeItemId.trim(), address };
}

/** Currencies with coins finer or coarser than hundredths, as in shared/src/prices/currency.rs. */
const WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
const THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND";

/** Writes sums of money as purchase/price.rs does. */
function moneyOf(t) {
  const formats = {};
  const format = (currency) => {
    const least = WHOLE.includes(currency) ? 0 : THOUSANDTHS.includes(currency) ? 3 : 2;
    return new Intl.NumberFormat(t.tag, { style: "currency", currency, minimumFractionDigits: least, maximumFractionDigits: 4 });
  };
  return ({ currency, amount }) => (formats[currency] ??= format(currency)).format(amount);
}

/** What there is to know of types; the stock is not known yet. */
function factsOf(t, kind, book) {
  const disk = (size, disk) => (size > 0 ? `${size} GB ${t.disks[disk] ?? disk}` : "–");
  const prices = book.filter(({ charge_type }) => charge_type === kind);
  const money = moneyOf(t);
  return (item) => {
    const gpu = item.Gpu > 0 ? [item.Gpu, item.GpuSpec].filter(Boolean).join(" × ") : "–";
    const texts = [item.Cpu, `${item.Memory} GB`, gpu, disk(item.SysDiskSize, item.SysDiskType), disk(item.UserDiskSize, item.UserDiskType)];
    const facts = texts.map((text, index) => [t.facts[index], text]);
    facts.push([t.stock, "…"]);
    const price = prices.find(({ type_item_id }) => type_item_id === item.TypeItemId);
    if (prices.length > 0) facts.push([t.price[kind], price ? money(price) : "–"]);
    return facts;
  };
}

/** How soon a choice is in the address, in milliseconds: browsers refuse to change it too often, as a key held down would. */
const SOON = 200;

/**
 * Draws the list when its answers are there, unless the module was quicker. Where something went wrong, the module tells.
 * Gives what is to be called before the module starts, which brings the address up to date.
 */
export async function drawEarly(answers) {
  const [types, prices] = (await Promise.all(answers)).map(([answer, text]) => answer.ok && JSON.parse(text));
  const [basics, place] = document.querySelectorAll(".form > .shell");
  if (!types?.DesktopTypeItems?.length || !prices || !place) return () => undefined;
  const t = words[language()];
  const { kind, type, address } = asked();
  const facts = factsOf(t, kind, prices.prices);
  const labels = types.DesktopTypeItems.map((item) => choice("type", item.TypeItemId, item.TypeItemId, facts(item), item.TypeItemId === type));
  const names = ["", "", ...facts(types.DesktopTypeItems[0]).map(([name]) => name)];
  const head = element("div", { class: "rows-head", "aria-hidden": "true" }, ...names.map((name) => element("span", {}, name)));
  const list = group("type", t.types, "rows types", head, ...labels);
  let chosen;
  let timer;
  const keep = () => {
    clearTimeout(timer);
    try {
      if (chosen) history.replaceState(history.state, "", address(chosen));
    } catch {
      // Refused all the same: the page starts without it, and shows what is chosen.
    }
    chosen = undefined;
  };
  list.addEventListener("change", ({ target }) => {
    for (const label of labels) label.classList.toggle("chosen", label.contains(target));
    chosen = target.value;
    clearTimeout(timer);
    timer = setTimeout(keep, SOON);
  });
  // What only the module can do is seen, and cannot be touched.
  const help = element("details", { class: "help", inert: "" }, element("summary", {}, "?"));
  const families = t.families.map((family, index) => choice("family", index, family, [], index === 0));
  const filter = group("family", "", "segments", ...families);
  filter.inert = true;
  const title = element("h2", { id: "types-title" }, t.types);
  const time = element("p", { class: "hint stock-time" });
  const section = element("section", { class: "card", id: "types", "aria-labelledby": "types-title" }, title, help, filter, list, time);
  // A mouse that only happens to be there is nobody at the list.
  section.addEventListener("pointermove", () => (section.dataset.at = ""), { once: true });
  place.replaceWith(section);
  // By the language goes the font.
  document.documentElement.lang = t.tag;
  // As high as what takes its place, so that the list stays where it is.
  if (kind === "PREPAY") basics.classList.add("long");
  document.querySelector(".purchase").removeAttribute("aria-hidden");
  return keep;
}
