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

/** What the address asks for, and the same with another type. */
function asked() {
  const query = new URLSearchParams(location.search);
  const { region, typeItemId: type, ...rest } = JSON.parse(query.get("request"));
  const kind = query.get("commodityCode") === "CloudDesktop" ? "PREPAY" : "POSTPAY";
  const choose = (typeItemId) => {
    // As in shared/src/link.rs.
    const request = encodeURIComponent(JSON.stringify({ region, typeItemId, ...rest })).replace(/%7B|%7D|%3A|%2C/g, decodeURIComponent);
    const code = query.get("commodityCode") ?? "CloudDesktopPost";
    history.replaceState(history.state, "", `?commodityCode=${encodeURIComponent(code)}&request=${request}${location.hash}`);
  };
  return { kind, type, choose };
}

/** What there is to know of a type; the stock is not known yet. */
function factsOf(t, item, kind, book) {
  const disk = (size, disk) => (size > 0 ? `${size} GB ${t.disks[disk] ?? disk}` : "–");
  const gpu = item.Gpu > 0 ? [item.Gpu, item.GpuSpec].filter(Boolean).join(" × ") : "–";
  const texts = [item.Cpu, `${item.Memory} GB`, gpu, disk(item.SysDiskSize, item.SysDiskType), disk(item.UserDiskSize, item.UserDiskType)];
  const facts = texts.map((text, index) => [t.facts[index], text]);
  facts.push([t.stock, "…"]);
  const prices = book.filter(({ charge_type }) => charge_type === kind);
  if (prices.length > 0) {
    const price = prices.find(({ type_item_id }) => type_item_id === item.TypeItemId);
    const money = ({ currency, amount }) =>
      new Intl.NumberFormat(t.tag, { style: "currency", currency, maximumFractionDigits: 4 }).format(amount);
    facts.push([t.price[kind], price ? money(price) : "–"]);
  }
  return facts;
}

/** Draws the list when it is known, unless the module was quicker. Where something went wrong, the module tells. */
export async function drawEarly(answers) {
  const [types, prices] = (await Promise.all(answers)).map(([answer, text]) => answer.ok && JSON.parse(text));
  const [basics, place] = document.querySelectorAll(".form > .shell");
  if (!types?.DesktopTypeItems?.length || !prices || !place) return;
  const t = words[language()];
  const { kind, type, choose } = asked();
  const rows = types.DesktopTypeItems.map((item) => {
    const facts = factsOf(t, item, kind, prices.prices);
    return { facts, label: choice("type", item.TypeItemId, item.TypeItemId, facts, item.TypeItemId === type) };
  });
  const labels = ["", "", ...rows[0].facts.map(([label]) => label)].map((label) => element("span", {}, label));
  const head = element("div", { class: "rows-head", "aria-hidden": "true" }, ...labels);
  const list = group("type", t.types, "rows types", head, ...rows.map(({ label }) => label));
  list.addEventListener("change", ({ target }) => {
    for (const { label } of rows) label.classList.toggle("chosen", label.contains(target));
    choose(target.value);
  });
  const families = t.families.map((family, index) => choice("family", index, family, [], index === 0));
  // What only the module can do is seen, and cannot be touched.
  const help = element("details", { class: "help", inert: "" }, element("summary", {}, "?"));
  const filter = group("family", "", "segments", ...families);
  filter.inert = true;
  const title = element("h2", { id: "types-title" }, t.types);
  place.replaceWith(
    element(
      "section",
      { class: "card", id: "types", "aria-labelledby": "types-title" },
      title, help, filter, list, element("p", { class: "hint stock-time" }),
    ),
  );
  // By the language goes the font.
  document.documentElement.lang = t.tag;
  // As high as what takes its place, so that the list stays where it is.
  if (kind === "PREPAY") basics.classList.add("long");
  document.querySelector(".purchase").removeAttribute("aria-hidden");
}
