// What is shown when the page cannot go on.

// A link to nowhere would lose the hash, and with it the order that is shown.
addEventListener(
  "click",
  (event) => {
    if (!event.target.closest?.('a[href=""]')) return;
    event.preventDefault();
    location.reload();
  },
  { capture: true },
);

/** Shows the notice that the page has to be loaded anew. */
export function fail(error) {
  console.error(error);
  document.getElementById("fatal").hidden = false;
}
