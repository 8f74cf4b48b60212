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

/// How the link starts a file: only a server that knows wasm may stream it, and any may serve this page.
const STREAMED: &str = "WebAssembly.instantiateStreaming(src, imports)";
const WHOLE: &str = "WebAssembly.instantiate(await (await src).arrayBuffer(), imports)";

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
    let link = replace_once(&read_text(&folder.join(LINK))?, STREAMED, WHOLE, "the link")?;
    Ok(Split { main: main.clone(), later: made.split_modules, link })
}
