// Keeps input from the app until the deferred module is there, and gives it to the app then, in order. What a browser does by
// itself goes on: scrolling, typing, checking a radio button, unfolding, following a link to elsewhere.

/** What people do that the app listens to. */
const KINDS = ["pointerdown", "click", "keydown", "input", "compositionend", "change", "submit", "focus", "popstate", "storage"];
/** What is held and not awaited. */
const BESIDE = ["focus", "pointerdown", "storage"];
/** What answers a click by itself; the app learns of it by `change`. */
const CHANGES_BY_ITSELF = "summary, label, input, select, textarea";
/** What the loader itself answers. */
const OURS = "[data-sign-in], [data-sign-out], [data-retry]";

/** Whether the browser does all that a click asks for. */
function isNative({ target, button, ctrlKey, metaKey, shiftKey, altKey }) {
  const link = target.closest("a[href]");
  // In another tab or window, or to another document.
  if (link) return button !== 0 || ctrlKey || metaKey || shiftKey || altKey || !link.getAttribute("href").startsWith("#");
  return target.closest(`${CHANGES_BY_ITSELF}, ${OURS}`) !== null;
}

/** Whether what the browser would do with it has to wait for the app as well. */
function waits({ type, target, key }) {
  if (type === "click" || type === "submit") return true;
  if (type !== "keydown" || key === "Tab") return false;
  // Lists move by keys; on the page itself a letter may be a shortcut, which some browsers have one of their own for.
  return target.closest?.("[role=listbox]") != null || (target === document.body && key.length === 1 && key !== " ");
}

/** Whether a later event says all that an earlier one does. */
function replaces(later, earlier) {
  if (later.type !== earlier.type || !["input", "change", "popstate"].includes(later.type)) return false;
  const [one, other] = [later.target, earlier.target];
  return one === other || (one.type === "radio" && other.type === "radio" && one.name === other.name);
}

/** What a row of a list says, which other rows may take the place of. */
const rowText = (target) => target.closest?.("[role=option]")?.textContent;

/** Where a held event goes, if what it was meant for is still there. */
function destination({ event: { type }, target, text }) {
  if (target === window) return target;
  if (type === "keydown" && target === document.body) return document.activeElement;
  const there = target.isConnected ? target : document.getElementById(target.id);
  if (!there || rowText(there) !== text) return undefined;
  const dialog = document.querySelector("dialog[open]");
  if ((dialog && !dialog.contains(there)) || (type === "focus" && document.activeElement !== there)) return undefined;
  // It was drawn anew meanwhile; what was typed stays.
  if (there !== target && type === "input") there.value = target.value;
  return there;
}

/** Does again what was held back. */
function replay(held) {
  const { event } = held;
  const there = destination(held);
  if (!there) return;
  if (event.type === "submit") return there.requestSubmit(event.submitter);
  const goesOn = there.dispatchEvent(new event.constructor(event.type, event));
  // A key that has moved the focus to a field is written there.
  const field = document.activeElement;
  const writes = event.type === "keydown" && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (writes && goesOn && field !== held.target && field.matches("input[type=search], input[type=text], textarea")) {
    field.value += event.key;
    field.dispatchEvent(new InputEvent("input", { bubbles: true, data: event.key }));
  }
}

/** A turn of the browser, in which the app does what follows from an event. */
const turn = () => new Promise((resolve) => setTimeout(resolve));

/**
 * Holds input back from now on; `onHeld` is called whenever some is. Gives the function that has it done, to be called once
 * the app can do everything.
 */
export function holdInput(onHeld) {
  const held = [];
  let replaying = false;

  function hold(event) {
    const { type } = event;
    // A row's parts are drawn anew more often than the row.
    const target = event.target.closest?.("[role=option]") ?? event.target;
    const native = type === "click" && isNative(event);
    // Listeners for a retry come after this one; the session's listener has been called before.
    if (replaying || (native && target.closest("[data-retry]"))) return;
    event.stopImmediatePropagation();
    if (native) return;
    if (waits(event)) event.preventDefault();
    const earlier = held.findIndex((one) => replaces(event, one.event));
    if (earlier >= 0) held.splice(earlier, 1);
    held.push({ event, target, text: rowText(target) });
    // The focus may be moved by the page itself, and what is pressed may be scrolled.
    if (!BESIDE.includes(type)) onHeld();
  }
  for (const kind of KINDS) addEventListener(kind, hold, { capture: true });

  return async () => {
    // The app has yet to draw what it can do now.
    await turn();
    while (held.length > 0) {
      const next = held.shift();
      replaying = true;
      try {
        replay(next);
      } finally {
        replaying = false;
      }
      await turn();
    }
    for (const kind of KINDS) removeEventListener(kind, hold, { capture: true });
  };
}
