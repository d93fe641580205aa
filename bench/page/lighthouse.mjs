// `make lighthouse`: what Lighthouse says of the production build, and the audits that are not full marks. Fails below
// the marks that the page is to have.
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

import { startServe } from "../../tools/browser.mjs";

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
    const { lhr } = await lighthouse(proxy.page, options, config);
    console.log(`Lighthouse ${lhr.lighthouseVersion}, ${formFactor}`);
    if (lhr.runtimeError) console.log(`  ${lhr.runtimeError.code}: ${lhr.runtimeError.message}`);
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
