// What is shown when the page cannot go on.

/** Shows the notice that the page has to be loaded anew. */
export function fail(error) {
  console.error(error);
  document.getElementById("fatal").hidden = false;
}
