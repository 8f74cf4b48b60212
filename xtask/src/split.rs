//! What the first screen doesn't need becomes a wasm file of its own, which shares memory, table and
//! code with the page's: see the split point in src/app/sheet.rs.

use crate::html::replace_once;
use crate::shell::{Done, fresh_folder, read_text, target};
use std::fs;
use std::path::{Path, PathBuf};
use wasm_split_cli_support::{Options, transform};

/// What stands in the files for the names of the glue and of the link, which name each other.
pub(crate) const GLUE: &str = "./glue.js";
pub(crate) const LINK: &str = "./link.js";

/// What the link does otherwise than it was written.
const CHANGES: [(&str, &str); 2] = [
    // Only a server that knows wasm may stream it, and any may serve this page.
    (
        "WebAssembly.instantiateStreaming(src, imports)",
        "WebAssembly.instantiate(await (await src).arrayBuffer(), imports)",
    ),
    // Who leaves the page while a file comes breaks it off, and that is no error.
    ("console.error(e)", "console.info(e)"),
];

/// The program in two.
pub(crate) struct Split {
    /// What the first screen needs; wasm-bindgen is to read it.
    pub(crate) main: PathBuf,
    /// What comes later.
    pub(crate) later: Vec<PathBuf>,
    /// The JavaScript that fetches what comes later.
    pub(crate) link: String,
}

/// Splits a program that was linked with --emit-relocs.
pub(crate) fn split(compiled: &Path) -> Done<Split> {
    let folder = target().join("split");
    fresh_folder(&folder)?;
    let program =
        fs::read(compiled).map_err(|why| format!("cannot read {}: {why}", compiled.display()))?;
    let main = folder.join("main.wasm");
    let mut options = Options::new(&program);
    options.output_dir = &folder;
    options.main_out_path = &main;
    options.main_module = GLUE;
    options.link_name = LINK;
    let made = transform(options).map_err(|why| format!("wasm-split: {why:#}"))?;
    let link = CHANGES.iter().try_fold(read_text(&folder.join(LINK))?, |link, (from, to)| {
        replace_once(&link, from, to, "the link")
    })?;
    Ok(Split { main: main.clone(), later: made.split_modules, link })
}
