//! What the first screen doesn't need becomes a wasm file of its own, which shares memory, table and
//! code with the page's: see the door in src/app/later.rs.

use crate::shell::{Done, fresh_folder, node, read, target};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use wasm_split_cli_support::{Options, transform};

/// The link's name for the glue that imports it.
pub(crate) const LINK: &str = "./link.js";

/// Prints the link as the page carries it: xtask/part.js says what it does otherwise than it was
/// written. `inject` is how esbuild is told such a thing.
const BUNDLE: &str = "
const { buildSync } = require('./end2end/node_modules/esbuild');
const [link, parts] = process.argv.slice(1);
const built = buildSync({
  entryPoints: [link],
  bundle: true,
  format: 'esm',
  target: 'esnext',
  write: false,
  external: ['./*'],
  inject: ['xtask/part.js'],
  define: { PARTS: JSON.stringify(parts) },
});
process.stdout.write(built.outputFiles[0].text);";

/// The program in two.
pub(crate) struct Split {
    /// What the first screen needs; wasm-bindgen is to read it.
    pub(crate) main: PathBuf,
    /// What comes later.
    pub(crate) later: Vec<PathBuf>,
    /// The JavaScript that fetches what comes later.
    link: PathBuf,
}

/// Splits a program that was linked with --emit-relocs. `name` is the name of its glue.
pub(crate) fn split(compiled: &Path, name: &str) -> Done<Split> {
    let folder = target().join("split");
    fresh_folder(&folder)?;
    let program =
        fs::read(compiled).map_err(|why| format!("cannot read {}: {why}", compiled.display()))?;
    let (main, glue) = (folder.join("main.wasm"), format!("./{name}.js"));
    let mut options = Options::new(&program);
    options.output_dir = &folder;
    options.main_out_path = &main;
    options.main_module = &glue;
    options.link_name = LINK;
    let made = transform(options).map_err(|why| format!("wasm-split: {why:#}"))?;
    Ok(Split { main: main.clone(), later: made.split_modules, link: folder.join(LINK) })
}

impl Split {
    /// The link, given the names that what comes later has in dist/.
    pub(crate) fn link(&self, names: &BTreeMap<String, String>) -> Done<String> {
        let names = serde_json::to_string(names).map_err(|why| format!("the parts: {why}"))?;
        read(node(&["-e", BUNDLE, "--"]).arg(&self.link).arg(names))
    }
}
