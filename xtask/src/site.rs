//! Builds the page into dist/: cargo, wasm-split, wasm-bindgen, wasm-opt, esbuild, and the files put
//! together.

use crate::content::{self, NAMES, Names, Packing, content};
use crate::explorer;
use crate::html::{Assets, fill_page, hashed_name};
use crate::opening;
use crate::poster::posters;
use crate::shell::{
    Done, cargo, fresh_folder, node, read, read_text, root, run, target, timed, write,
};
use crate::split::{LINK, Split, split};
use crate::weight::{self, FirstScreen};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

const NAME: &str = "time-wait-lab";

/// What everything for a browser is compiled for.
pub(crate) const TRIPLE: &str = "wasm32-unknown-unknown";

/// What rustc turns on for wasm32. Not --all-features: wasm-opt would then use what browsers refuse.
const WASM_FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-mutable-globals",
];

/// The passes of wasm-opt: 1.5 kB less after brotli than -Oz alone.
const WASM_PASSES: [&str; 6] = [
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--converge",
    "--one-caller-inline-max-function-size=30",
];

/// Prints a file without comments, blanks and long names; a script with all that it imports.
const MINIFY: &str = "
const { buildSync } = require('./end2end/node_modules/esbuild');
const entryPoints = [process.argv[1]];
const script = process.argv[1].endsWith('.js') && { bundle: true, format: 'esm', target: 'esnext' };
const built = buildSync({ entryPoints, minify: true, write: false, ...script });
process.stdout.write(built.outputFiles[0].text.trim());";

/// How the release is packed.
const PACKING: Packing = Packing {
    explorer: explorer::PROFILE,
    wasm: |compiled| wasm_opt(compiled, &folder().join("explorer.wasm"), &["-O3"]),
    text: minified,
};

/// Builds dist/ anew and weighs it.
pub(crate) fn build() -> Done {
    let compiled = timed("compiling the page", compile)?;
    let split = timed("cutting it in two", || split(&compiled, NAME))?;
    timed("joining it to the browser", || bind(&split.main))?;
    let dist = root().join("dist");
    fresh_folder(&dist)?;
    let content = || content(&dist, &PACKING);
    let names = timed("making texts, lessons, styles and the adversary", content)?;
    let first_screen = timed("packing it", || lay_out(&split, &names, &dist))?;
    weight::weigh(&dist, &first_screen)?;
    println!("later, for the adversary's screens:");
    weight::measure(&dist, &names.explorer).map(drop)
}

fn compile() -> Done<PathBuf> {
    opening::write()?;
    let what = ["--release", "--target", TRIPLE, "--package", NAME, "--bin", NAME];
    let mut cargo = cargo(&["rustc", "--features", "split"]);
    // What lies where, for the split.
    run(cargo.args(what).args(["--", "-C", "link-args=--emit-relocs"]))?;
    Ok(target().join(TRIPLE).join("release").join(NAME).with_extension("wasm"))
}

/// Where what is made on the way lies.
fn folder() -> PathBuf {
    target().join("site")
}

/// Writes the JavaScript that joins the program to the browser.
fn bind(main: &Path) -> Done {
    fresh_folder(&folder())?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(main).out_name(NAME).typescript(false).remove_producers_section(true);
    // The names by which what comes later finds what it shares.
    bindgen.remove_name_section(true).keep_lld_exports(true).demangle(false);
    let bound = bindgen.web(true).and_then(|bindgen| bindgen.generate(folder()));
    bound.map_err(|why| format!("wasm-bindgen: {why:#}"))
}

/// Makes a wasm file small; returns it.
fn optimise(before: &Path) -> Done<Vec<u8>> {
    wasm_opt(before, &before.with_extension("opt.wasm"), &WASM_PASSES)
}

/// Passes a wasm file through wasm-opt; returns it.
pub(crate) fn wasm_opt(before: &Path, after: &Path, passes: &[&str]) -> Done<Vec<u8>> {
    let mut wasm_opt = node(&["end2end/node_modules/binaryen/bin/wasm-opt"]);
    run(wasm_opt.args(passes).args(WASM_FEATURES).arg(before).arg("-o").arg(after))?;
    fs::read(after).map_err(|why| format!("cannot read {}: {why}", after.display()))
}

/// Puts the program and the page into dist/; returns what the first screen needs.
fn lay_out(split: &Split, names: &Names, dist: &Path) -> Done<FirstScreen> {
    let octets = optimise(&folder().join(format!("{NAME}_bg.wasm")))?;
    let wasm = hashed_name(NAME, &octets, "wasm");
    write(&dist.join(&wasm), octets)?;
    let style = minified("style.css", content::style()?)?;
    let script = script(split, names, dist, &wasm)?;
    let posters = posters(dist, &script)?;
    let assets = Assets { wasm: &wasm, style: &style, script: &script, posters: &posters };
    let page = read_text(&root().join("index.html"))?;
    write(&dist.join("index.html"), fill_page(&page, &assets)?)?;
    let texts = names.first.values().cloned().collect();
    Ok(FirstScreen { files: vec!["index.html".into(), wasm], texts })
}

/// The page's script, in one: the start that Trunk.toml has for Trunk, boot.js, the names, the glue, the
/// link, and what crates bring along. Puts into dist/ what comes later, which the link fetches.
fn script(split: &Split, names: &Names, dist: &Path, wasm: &str) -> Done<String> {
    let mut later = BTreeMap::new();
    for path in &split.later {
        let stem = path.file_stem().unwrap_or_default().display().to_string();
        let octets = optimise(path)?;
        let name = hashed_name(&stem, &octets, "wasm");
        write(&dist.join(&name), octets)?;
        later.insert(format!("{stem}.wasm"), name);
    }
    write(&folder().join(LINK), split.link(&later)?)?;
    write(&folder().join("boot.js"), read_text(&root().join("boot.js"))?)?;
    write(&folder().join(NAMES), names.script()?)?;
    let start = format!(
        "import program, {{ start }} from './{NAME}.js';
         import {{ boot }} from './boot.js';
         await boot(program, start, '{wasm}');"
    );
    // By its name boot.js knows whose an error is.
    Ok(minified("start.js", start)? + &format!("\n//# sourceURL={NAME}.js"))
}

/// A script with all that it imports, or a style sheet, without what only people read.
fn minified(name: &str, text: String) -> Done<String> {
    let path = folder().join(name);
    write(&path, text)?;
    read(node(&["-e", MINIFY, "--"]).arg(path))
}
