// The same calls and the same lists as the page's first view, by hand and with nothing else: no second language, no
// link, no draft, no retries, no order. What is compared is the way to a list that can be used.
const region = JSON.parse(new URLSearchParams(location.search).get("request")).region;
const ask = async (target) => (await fetch(`/api/${target}`)).json();
const at = (id) => document.getElementById(id);

// Asked for before the document is there.
const session = ask("session");
const regions = ask("DescribeRegions");
const types = ask(`DescribeDesktopTypeItems?RegionId=${region}`);
const owner = ask(`DescribeDesktopOwner?RegionId=${region}`);
const zones = ask(`DescribeZones?AcceptLanguage=zh-cn&RegionId=${region}`);
const users = ask(`DescribeActivityDirectoryUsers?RegionId=${region}`);
if (document.readyState === "loading") await new Promise((go) => addEventListener("DOMContentLoaded", go));

/** Draws a group of radio buttons and calls back with what is chosen. */
function choices(group, items, choose) {
  const rows = items.map(({ value, title, facts = [] }, index) => {
    const row = document.createElement("label");
    row.className = "choice";
    const radio = Object.assign(document.createElement("input"), { type: "radio", name: group, value, checked: index === 0 });
    const name = Object.assign(document.createElement("span"), { className: "choice-title", textContent: title });
    row.append(radio, name, ...facts.map((text) => Object.assign(document.createElement("span"), { className: "fact", textContent: text })));
    return row;
  });
  const box = at(group);
  box.replaceChildren(...rows);
  box.onchange = (event) => {
    choose(event.target.value);
    at("chosen").textContent = [...document.querySelectorAll(":checked")].map((radio) => radio.value).join(" · ");
  };
}

async function stock() {
  const [type, zone] = ["type", "zone"].map((name) => document.querySelector(`[name=${name}]:checked`)?.value);
  if (!type || !zone) return;
  const answer = await ask(`DescribeAvailableResource?ChargeType=POSTPAY&TypeItemId=${type}&ZoneId=${zone}&RegionId=${region}`);
  at("stock").textContent = answer.Available ? "有货" : "已售罄";
}

async function images(type) {
  const answer = await ask(`DescribeImages?ImageType=default&Page=1&PageSize=100&TypeItemId=${type}&RegionId=${region}`);
  choices("image", answer.Images.map((image) => ({ value: image.ImageId, title: image.ImageName, facts: [image.Platform] })), () => undefined);
}

async function switches(zone) {
  const { OwnerVpcId } = await owner;
  const answer = await ask(`DescribeVSwitches?PageSize=50&VpcId=${OwnerVpcId}&ZoneId=${zone}&RegionId=${region}&PageNumber=1`);
  const rows = answer.VSwitches.map((one) => ({
    value: one.VSwitchId,
    title: one.VSwitchName || one.VSwitchId,
    facts: [one.VSwitchId, one.CidrBlock, String(one.AvailableIpAddressCount)],
  }));
  choices("v-switch", rows, () => undefined);
}

session.then(({ demo }) => {
  if (demo) document.querySelector("header").append(Object.assign(document.createElement("p"), { className: "banner", textContent: "演示环境" }));
});
regions.then(({ Regions }) => at("region").append(...Regions.map((one) => new Option(one.LocalName, one.RegionId, false, one.RegionId === region))));
types.then(({ DesktopTypeItems }) => {
  const disk = (size, kind) => `${size} GB ${kind}`;
  const rows = DesktopTypeItems.map((one) => ({
    value: one.TypeItemId,
    title: one.TypeItemId,
    facts: [
      String(one.Cpu), `${one.Memory} GB`, one.Gpu ? `${one.Gpu} × ${one.GpuSpec}` : "–", disk(one.SysDiskSize, one.SysDiskType),
      disk(one.UserDiskSize, one.UserDiskType),
    ],
  }));
  choices("type", rows, (type) => void Promise.all([images(type), stock()]));
  void Promise.all([images(rows[0].value), stock()]);
});
zones.then(({ Zones }) => {
  choices("zone", Zones.map((one) => ({ value: one.ZoneId, title: one.LocalName })), (zone) => void Promise.all([switches(zone), stock()]));
  void Promise.all([switches(Zones[0].ZoneId), stock()]);
});
users.then(({ Users }) => {
  // Of a long list the first rows, as the page draws those in sight.
  const draw = (search) => {
    const hits = Users.filter((user) => user.Name.toLowerCase().includes(search) || user.Email.toLowerCase().includes(search));
    const rows = hits.slice(0, 20).map((user) => {
      const row = Object.assign(document.createElement("div"), { role: "option", textContent: `${user.Name} ${user.Email}` });
      row.setAttribute("aria-setsize", hits.length);
      return row;
    });
    at("user").replaceChildren(...rows);
  };
  draw("");
  document.querySelector("[type=search]").oninput = (event) => draw(event.target.value.trim().toLowerCase());
});
