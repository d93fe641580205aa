// What a function of a later module is until that module has arrived. The build puts this into the glue of the primary
// module (tools/split-module.mjs). A call means that the profile misses a first view, or that something is called without having
// asked for the on-demand module. The call cannot go on, so the page is loaded once more and starts with all modules (start.js):
// in a first view no input is lost but text that was typed, since input is held then. The error fails every browser test.
function placeholder() {
  const error = new Error("a function of a later module was called before that module had arrived");
  console.error(error);
  try {
    const key = `deskbuy.all-modules${location.pathname.replace(/^\/$/, "")}`;
    if (sessionStorage.getItem(key)) throw error;
    sessionStorage.setItem(key, "1");
    location.reload();
  } catch {
    // Nothing may be kept, so it would come to the same again.
    document.getElementById("fatal").hidden = false;
  }
  throw error;
}
