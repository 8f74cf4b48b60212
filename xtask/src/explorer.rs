//! The adversary for the page's worker: a small wasm of its own and the script that runs it, fetched
//! when somebody opens one of its screens. Made to be fast, not light.

use crate::html::{hashed_name, replace_once};
use crate::shell::{Done, cargo, read_text, root, run, target, write};
use crate::site::{TRIPLE, minified, wasm_opt};
use std::path::Path;

/// What stands in the script for the name of the wasm.
const MARK: &str = "./EXPLORER";

/// The names of its files in dist/.
pub(crate) struct Explorer {
    /// The script that the page starts as a worker.
    pub(crate) worker: String,
    /// What that fetches.
    pub(crate) wasm: String,
}

/// Builds it and puts it into dist/. `folder` takes what is made on the way.
pub(crate) fn explorer(folder: &Path, dist: &Path) -> Done<Explorer> {
    let name = "explorer";
    run(&mut cargo(&["build", "--profile", name, "--package", name, "--target", TRIPLE]))?;
    let compiled = target().join(TRIPLE).join(name).join(name).with_extension("wasm");
    let octets = wasm_opt(&compiled, &folder.join("explorer.wasm"), &["-O3"])?;
    let wasm = hashed_name(name, &octets, "wasm");
    write(&dist.join(&wasm), octets)?;
    let script = read_text(&root().join("explorer/worker.js"))?;
    let script = replace_once(&script, MARK, &format!("./{wasm}"), "worker.js")?;
    let script = minified(folder, "worker.js", &script)?;
    let worker = hashed_name("worker", script.as_bytes(), "js");
    write(&dist.join(&worker), script)?;
    Ok(Explorer { worker, wasm })
}

/// `cargo xtask theorem [ACTS]`: the table of the theorem, premise by premise, at the terminal.
pub(crate) fn print_theorem(acts: &str) -> Done {
    let package = ["--quiet", "--package", "time-wait-lab", "--no-default-features"];
    let example = ["--profile", "explorer", "--example", "theorem", "--", acts];
    run(cargo(&["run"]).args(package).args(example))
}
