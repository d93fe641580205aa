// What a browser's translator does to a page.

/** Puts other text nodes in place of the page's, as translators do; `asked` minds what is not to be translated. */
export function translate(asked: boolean): void {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) texts.push(node as Text);
  for (const text of texts) {
    if (!text.data.trim() || (asked && text.parentElement?.closest('[translate="no"]'))) continue;
    const inner = document.createElement("font");
    inner.append(text.data);
    const outer = document.createElement("font");
    outer.append(inner);
    text.replaceWith(outer);
  }
}
