// node shot.mjs out commodity lang theme width [hash] [extra js]
import { chromium } from "playwright-core";
const [out, code = "CloudDesktopPost", lang = "en-US", theme = "light", width = "1280", full = "1", act = ""] = process.argv.slice(2);
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const p = await b.newPage({ locale: lang, colorScheme: theme, viewport: { width: Number(width), height: 900 } });
p.on("console", (m) => m.type() === "error" && console.log("console:", m.text()));
const base = process.env.BASE ?? "http://127.0.0.1:18888";
await p.goto(`${base}/?commodityCode=${code}&request=${encodeURIComponent('{"region":"cn-hangzhou"}')}${process.env.HASH ?? "#/buy"}`);
await p.waitForLoadState("networkidle");
if (act) await new Function("p", `return (async () => {${act}})()`)(p);
await p.waitForTimeout(300);
await p.screenshot({ path: out, fullPage: full === "1" });
await b.close();
