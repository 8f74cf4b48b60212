// Starts the program. A file of its own, because the page's policy forbids inline scripts.
import init from "./GLUE";

init({ module_or_path: new URL("./WASM", import.meta.url) }).catch((error) => {
  document.getElementById("boot-failed").hidden = false;
  throw error;
});
