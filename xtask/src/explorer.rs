//! The adversary for the page's worker: a small wasm of its own and the script that runs it, fetched
//! when somebody opens one of its screens. Made to be fast, not light.

use crate::content::Packing;
use crate::html::{hashed_name, replace_once};
use crate::shell::{Done, cargo, read_text, root, run, target, write};
use crate::site::TRIPLE;
use std::path::Path;

/// The profile that makes it fast.
pub(crate) const PROFILE: &str = "explorer";

/// What stands in the script for the name of the wasm.
const MARK: &str = "./EXPLORER";

/// Builds it and puts it into a folder; returns the names of the script that the page starts as a
/// worker, and of the program that it fetches.
pub(crate) fn explorer(folder: &Path, packing: &Packing) -> Done<[String; 2]> {
    let name = "explorer";
    let profile = packing.explorer;
    run(&mut cargo(&["build", "--profile", profile, "--package", name, "--target", TRIPLE]))?;
    // Cargo's folder for `dev` has another name.
    let place = if profile == "dev" { "debug" } else { profile };
    let octets =
        (packing.wasm)(&target().join(TRIPLE).join(place).join(name).with_extension("wasm"))?;
    let wasm = hashed_name(name, &octets, "wasm");
    write(&folder.join(&wasm), octets)?;
    let script = read_text(&root().join("explorer/worker.js"))?;
    let script = replace_once(&script, MARK, &format!("./{wasm}"), "worker.js")?;
    let script = (packing.text)("worker.js", script)?;
    let worker = hashed_name("worker", script.as_bytes(), "js");
    write(&folder.join(&worker), script)?;
    Ok([worker, wasm])
}

/// `cargo xtask theorem [ACTS]`: the table of the theorem, premise by premise, at the terminal.
pub(crate) fn print_theorem(acts: &str) -> Done {
    let package = ["--quiet", "--package", "time-wait-lab", "--no-default-features"];
    let example = ["--profile", PROFILE, "--example", "theorem", "--", acts];
    run(cargo(&["run"]).args(package).args(example))
}
