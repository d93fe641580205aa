// `make lighthouse`: what Lighthouse says of the production build, and the audits that are not full marks. Of several runs
// it is the one in the middle, since a mark wanders by several points. Fails below the marks that the page is to have;
// TIMES=N runs.
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

import { startServe } from "../../tools/browser.mjs";

const times = Number(process.env.TIMES ?? 5);
const LEAST = { performance: 0.95, accessibility: 1, "best-practices": 1 };

// Not the demo, whose banner is the largest text of the page and comes with the module.
const proxy = await startServe();
const chromePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const chromeFlags = ["--headless=new", "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"];
const chrome = await launch({ chromePath, chromeFlags });
let short = false;
try {
  for (const formFactor of ["mobile", "desktop"]) {
    const screenEmulation = formFactor === "desktop" ? { mobile: false, width: 1350, height: 940, deviceScaleFactor: 1 } : undefined;
    const config = formFactor === "desktop" ? (await import("lighthouse/core/config/desktop-config.js")).default : undefined;
    const options = { port: chrome.port, onlyCategories: Object.keys(LEAST), formFactor, logLevel: "error", ...(screenEmulation && { screenEmulation }) };
    const runs = [];
    for (let lost = 0; runs.length < times; ) {
      const { lhr } = await lighthouse(proxy.page, options, config);
      if (Object.keys(LEAST).every((name) => lhr.categories[name].score !== null)) runs.push(lhr);
      // Says nothing of the page: the browser has not answered in time, for example.
      else if ((lost += 1) > times) throw new Error(`no marks: ${lhr.runtimeError?.message ?? "an audit failed"}`);
    }
    runs.sort((a, b) => a.categories.performance.score - b.categories.performance.score);
    const lhr = runs[Math.floor((times - 1) / 2)];
    const all = runs.map(({ categories }) => Math.round(categories.performance.score * 100)).join(", ");
    console.log(`Lighthouse ${lhr.lighthouseVersion}, ${formFactor}, performance ${all}`);
    for (const [name, least] of Object.entries(LEAST)) {
      const { title, score, auditRefs } = lhr.categories[name];
      short ||= score < least;
      console.log(`  ${title}: ${Math.round(score * 100)}${score < least ? ` (is to be ${least * 100})` : ""}`);
      for (const { id, weight } of auditRefs) {
        const audit = lhr.audits[id];
        if (audit.score === null || audit.score === 1) continue;
        if (weight === 0 && name === "performance") continue;
        console.log(`    ${id}: ${audit.displayValue ?? Math.round(audit.score * 100)}`);
        for (const { node, source, description } of audit.details?.items?.slice(0, 5) ?? []) {
          if (node ?? description) console.log(`      ${node?.snippet ?? ""} ${source ?? ""} ${description ?? ""}`);
        }
      }
    }
  }
} finally {
  chrome.kill();
  proxy.stop();
}
process.exitCode = short ? 1 : 0;
