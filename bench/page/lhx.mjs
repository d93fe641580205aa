import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";
import { startServe } from "../../tools/browser.mjs";
const demo = await startServe();
const chrome = await launch({ chromePath:"/usr/bin/chromium", chromeFlags:["--headless=new", "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"] });
for (let i=0;i<3;i++){
const { lhr } = await lighthouse(demo.page, { port: chrome.port, onlyCategories:["performance"], logLevel:"error" });
const a=lhr.audits;
console.log("score",lhr.categories.performance.score, ["first-contentful-paint","largest-contentful-paint","total-blocking-time","speed-index","cumulative-layout-shift","max-potential-fid"].map(k=>k+" "+a[k].displayValue+" ("+a[k].score+")").join("; "));
if(i==2){
for (const x of a["long-tasks"].details.items) console.log(JSON.stringify(x));
console.log(JSON.stringify(a["largest-contentful-paint-element"]?.details?.items?.map(i=>i.items?.map(x=>x.node?.snippet??x)),null,0));
for (const x of a["mainthread-work-breakdown"].details.items) console.log(x.groupLabel,x.duration);
for (const x of a["bootup-time"].details.items) console.log(x.url,x.total,x.scripting);
console.log(JSON.stringify(a["network-requests"].details.items.map(x=>[x.url.slice(-50),Math.round(x.networkRequestTime),Math.round(x.networkEndTime),x.transferSize])));
console.log(JSON.stringify(a.metrics.details.items[0]));
}}
chrome.kill(); demo.stop();
