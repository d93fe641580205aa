// Starts the page: asks who is there, fetches the app's module meanwhile, and mounts the app when both are known. A file, since
// the content policy forbids inline script; it runs while the document is still being read. README.md has the order of it all.
import { appCanBeTold, deferModule, onDemandModule } from "./deferred.js";
import { fail } from "./fatal.js";
import { forgetFirstAnswers, receiveFirstAnswers, takeFirstAnswer } from "./first-answers.js";
import { keepFocus } from "./focus.js";
import "./gesture.js";
import { fetchPrimary } from "./primary.js";
import { api, mayUse, session } from "./session.js";
import { keepTexts } from "./text.js";

// Named after what is in them, by the build; a development build has no later modules.
const { js, wasm, primary: primaryLength, style: deferredStyle, deferred: deferredAddress, demand: onDemandAddress } = document.querySelector("script[data-js]").dataset;
// They are relative to the document, and an import to the loader's file.
const glueAddress = new URL(js, document.baseURI).href;

const link = (href) => document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));

// A server on the way may set a content policy of its own, which does not know the digest of the style in the document. The file
// it was made of is allowed by any policy under which the page works.
const style = document.querySelector("style[data-file]");
if (style && !style.sheet) link(style.dataset.file);
// A page that is not split draws all of it from the beginning.
if (deferredStyle && !deferredAddress) link(deferredStyle);

const parsed = new Promise((go) => {
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", go, { once: true });
  else go();
});

parsed.then(() => {
  receiveFirstAnswers();
  // The first look at what the browser has kept waits for another process: now, and not while the app is being mounted.
  try {
    localStorage.getItem("");
  } catch {
    // Forbidden, which the app finds out by itself.
  }
});

const [primary, answers] = fetchPrimary(glueAddress, wasm, Number(primaryLength ?? 0));
// What went wrong with them is of interest only to who may see the page.
for (const module of [primary, answers]) module.catch(() => undefined);
const deferred = deferredAddress && deferModule(deferredAddress, primary, answers, deferredStyle);
const onDemand = deferred && onDemandModule(onDemandAddress, primary, answers, deferred);
// The purchase's first view needs nothing more; any other route needs the deferred module. Only a hint: where it is wrong, the app
// asks a moment later.
const firstView = /^(#(\/(buy.*)?)?)?$/.test(location.hash);
const all = startsWithAll();
if (all || !firstView) deferred?.request();
// An order's own page is where a purchase leads to.
if (all || !/^(#(\/(buy.*|orders\/.*)?)?)?$/.test(location.hash)) onDemand?.request();

/** Whether, below this path, the profile was found to miss the first view here (placeholder.js): the app starts when all modules are there. */
function startsWithAll() {
  try {
    return sessionStorage.getItem(`deskbuy.all-modules${location.pathname.replace(/^\/$/, "")}`) !== null;
  } catch {
    return false;
  }
}

async function start() {
  const [who] = await Promise.all([session, parsed]);
  if (!mayUse(who)) return;
  const app = await primary;
  if (all) await Promise.all([answers, deferred?.arrived, onDemand?.arrived]);
  else deferred?.holdInput();
  keepTexts(keepFocus);
  const { name = "", buys, approves } = who.user ?? {};
  const request = (isOnDemand) => {
    // The first view is complete, or left.
    forgetFirstAnswers();
    (isOnDemand ? onDemand : deferred)?.request();
  };
  if (!firstView) forgetFirstAnswers();
  // If it fails, nothing can be read; that it has failed is said below.
  const readable = answers.catch(() => new Promise(() => undefined));
  app.start(api, !!who.demo, name, buys === false, !!approves, !!who.order_fields, takeFirstAnswer, readable, request);
  await answers;
  appCanBeTold();
  if (deferred && !all) return;
  for (const isOnDemand of [false, true]) app.later(isOnDemand, "arrived");
}

start().catch(fail);
