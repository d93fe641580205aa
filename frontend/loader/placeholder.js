// What a function of the deferred module is until that module has arrived. The build puts this into the glue of the primary
// module, which imports it (tools/split-module.mjs). A call means that the profile misses a first view. The call cannot go on, so
// the page is loaded once more and starts with both modules (start.js): input is held until the deferred module is there, so
// no input is lost but text that was typed. The error fails every browser test.
function placeholder() {
  const error = new Error("a function of the deferred module was called before that module had arrived");
  console.error(error);
  try {
    const key = `deskbuy.both-modules${location.pathname.replace(/^\/$/, "")}`;
    if (sessionStorage.getItem(key)) throw error;
    sessionStorage.setItem(key, "1");
    location.reload();
  } catch {
    // Nothing may be kept, so it would come to the same again.
    document.getElementById("fatal").hidden = false;
  }
  throw error;
}
