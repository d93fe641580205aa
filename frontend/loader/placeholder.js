// What a function of the deferred module is until that module has arrived. The build puts this into the glue of the primary
// module, which imports it (tools/split-module.mjs). A call is a defect, of the profile or of a missing `deferred::arrived`:
// the module cannot be trusted after it, so the page says that it has to be loaded anew.
function placeholder() {
  document.getElementById("fatal").hidden = false;
  const error = new Error("a function of the deferred module was called before that module had arrived");
  console.error(error);
  throw error;
}
