// The list of keyboard shortcuts, fetched when somebody asks for it. What the keys do is in boot.js.
const words = {
  zh: {
    title: "键盘快捷键",
    keys: [
      ["?", "显示本列表"],
      ["/", "跳到搜索框"],
      ["Ctrl + Enter", "查看订单（相当于“立即购买”）"],
      ["↑ ↓ Home End", "在列表中移动；直接输入文字即可搜索"],
      ["Enter", "选中当前行"],
      ["Esc", "关闭对话框"],
    ],
    single: "启用 ? 和 / 快捷键",
    close: "关闭",
  },
  en: {
    title: "Keyboard shortcuts",
    keys: [
      ["?", "Show this list"],
      ["/", "Go to the search field"],
      ["Ctrl + Enter", "Review the order, as “Buy now” does"],
      ["↑ ↓ Home End", "Move in a list; typing searches it"],
      ["Enter", "Choose the row"],
      ["Esc", "Close a dialog"],
    ],
    single: "Shortcuts ? and / are on",
    close: "Close",
  },
};

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Shows the list. `single` says whether keys without Ctrl do something, `keep` takes the answer of the person. */
export function showKeys(single, keep) {
  const text = words[document.documentElement.lang.startsWith("zh") ? "zh" : "en"];
  const row = ([key, meaning]) =>
    element("div", {}, element("dt", {}, element("kbd", {}, key)), element("dd", {}, meaning));
  const box = element("input", { type: "checkbox", checked: single });
  box.addEventListener("change", () => keep(box.checked));
  const close = element("button", { type: "button", className: "primary" }, text.close);
  const dialog = element(
    "dialog",
    { className: "dialog" },
    element("h2", { id: "keys-title" }, text.title),
    element("dl", { className: "lines" }, ...text.keys.map(row)),
    element("label", { className: "check" }, box, ` ${text.single}`),
    element("div", { className: "dialog-buttons" }, close),
  );
  dialog.setAttribute("aria-labelledby", "keys-title");
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
