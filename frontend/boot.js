// Starts the page's module. A file of its own, since the content policy forbids inline script.
// A module script is not `document.currentScript`, so it looks for its own element.
const { js, wasm } = document.querySelector("script[data-js]").dataset;

try {
  const module = await import(js);
  await module.default({ module_or_path: wasm });
} catch (error) {
  console.error(error);
  document.getElementById("fatal").hidden = false;
}
