// Keeps the rest of a gesture from what its first click has put in its place: a row opens a page, and the second click of a
// double click would press whatever is under the pointer there.

/** What a click does something to. */
const CONTROL = "a, button, input, select, textarea, summary, label, [role=option]";
/** How long and how far apart two taps may be that are one gesture; those of a mouse are counted by the system. */
const MILLISECONDS = 600;
const PIXELS = 40;

let first;

addEventListener("click", (event) => {
  // When it was made, and not when a busy page comes to it.
  const { clientX: x, clientY: y, detail, pointerType, target, timeStamp: at } = event;
  // Those of keys, of labels for their fields, and of script are nowhere.
  if (detail === 0 || !event.isTrusted) return;
  const control = target.closest(CONTROL);
  // Without a first one here, it was in the document before, which it led away from: nobody means what opened less than that ago.
  const isNear = first ? at - first.at < MILLISECONDS && Math.hypot(x - first.x, y - first.y) < PIXELS : at < MILLISECONDS;
  const isStill = () => first && [null, control, document.elementFromPoint(first.x, first.y)?.closest(CONTROL)].includes(first.control);
  if (control && (detail > 1 || (pointerType !== "mouse" && isNear)) && !isStill()) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (first) first.at = at;
    return;
  }
  first = { at, x, y, control };
}, { capture: true });
