// Keeps the page's text nodes in the document. The app writes into the nodes that it made; a translator that puts others in
// their place would leave the old text on the screen for good. The page speaks its languages itself and asks not to be
// translated (`translate="no"`); this is for those that do it all the same.

/** How often a node is put back. A translator that insists wins, so that the two do not loop. */
const OFTEN = 50;

const times = new WeakMap();

function putBack(records) {
  for (const { removedNodes, addedNodes } of records) {
    const [font] = [...addedNodes].filter((node) => node.nodeName === "FONT" && node.isConnected);
    const [text] = [...removedNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    if (!font || !text) continue;
    const count = (times.get(text) ?? 0) + 1;
    times.set(text, count);
    if (count <= OFTEN) font.replaceWith(text);
  }
}

/** To be called before the app is mounted. `changed` is called whenever elements have come or gone. */
export function keepTexts(changed) {
  const { body } = document;
  body.translate = false;
  body.classList.add("notranslate");
  new MutationObserver((records) => {
    putBack(records);
    changed();
  }).observe(body, { childList: true, subtree: true });
}
