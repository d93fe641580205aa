// Keeps the focus on the page. What has it may be removed, or drawn anew: a button that was pressed, a row that news replace. The
// browser would leave the focus nowhere, and a keyboard or a screen reader would begin at the top again. It goes to the same control
// as that is drawn now, or else to the list or the heading around it.

/** What has the focus and all around it, from the inside out: on the page, and in a dialog, which gives the focus back. */
const places = [[], []];

/** Whether it is a dialog's, as a place in `places`. */
const layer = (element) => +!!element.closest("dialog");

function note(target) {
  const place = [];
  for (let at = target; at; at = at.parentElement) place.push(at);
  place.byKeys = target.matches(":focus-visible");
  places[layer(target)] = place;
}

note(document.activeElement ?? document.body);
addEventListener("focusin", ({ target }) => note(target));
addEventListener("focusout", ({ target }) => {
  queueMicrotask(() => {
    // Somebody has clicked where nothing takes the focus, and it stays there.
    if (target.isConnected && document.activeElement === document.body) places[layer(target)] = [];
  });
});

/** To be called when something has changed. */
export function keepFocus() {
  if (document.activeElement !== document.body) return;
  const place = places[+!!document.querySelector("dialog[open]")];
  const [lost] = place;
  if (!lost || lost.isConnected) return;
  for (const at of place) {
    if (!at.isConnected) continue;
    const same = document.getElementById(lost.id) ?? [...at.querySelectorAll(lost.localName)].find((one) => one.isEqualNode(lost));
    const next = same ?? (at.tabIndex < 0 ? at.querySelector("h1, h2") : at);
    if (!next) continue;
    if (next.tabIndex < 0) next.tabIndex = -1;
    // With a mouse something else may be looked at by now.
    return next.focus({ preventScroll: !place.byKeys });
  }
}
