//! Builds the page into dist/: cargo, wasm-bindgen, wasm-opt, esbuild, and the files put together.

use crate::explorer::{Explorer, explorer};
use crate::html::{Assets, fill_boot, fill_page, hashed_name};
use crate::lessons::lessons;
use crate::opening;
use crate::poster::posters;
use crate::shell::{Done, cargo, fresh_folder, node, read, read_text, root, run, target, write};
use crate::split::{LINK, Split, split};
use crate::texts::{LANGUAGES, Texts};
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

/// Builds dist/ anew and weighs it.
pub(crate) fn build() -> Done {
    let compiled = compile()?;
    let split = split(&compiled, NAME)?;
    let bound = bind(&split.main)?;
    let dist = root().join("dist");
    fresh_folder(&dist)?;
    let explorer = explorer(&bound, &dist)?;
    let first_screen = lay_out(&bound, &split, &explorer, &dist)?;
    weight::weigh(&dist, &first_screen)?;
    println!("later, for the adversary's screens:");
    weight::measure(&dist, &[explorer.worker, explorer.wasm]).map(drop)
}

fn compile() -> Done<PathBuf> {
    let mut cargo =
        cargo(&["rustc", "--release", "--target", TRIPLE, "--package", NAME, "--bin", NAME]);
    cargo.env(opening::PATH, opening::write(&target())?);
    // What lies where, for the split.
    run(cargo.args(["--", "-C", "link-args=--emit-relocs"]))?;
    Ok(target().join(TRIPLE).join("release").join(NAME).with_extension("wasm"))
}

/// Writes the JavaScript that joins the program to the browser. Returns the folder it is in.
fn bind(main: &Path) -> Done<PathBuf> {
    let folder = target().join("site");
    fresh_folder(&folder)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(main).out_name(NAME).typescript(false).remove_producers_section(true);
    // The names by which what comes later finds what it shares.
    bindgen.remove_name_section(true).keep_lld_exports(true).demangle(false);
    let bound = bindgen.web(true).and_then(|bindgen| bindgen.generate(&folder));
    bound.map_err(|why| format!("wasm-bindgen: {why:#}"))?;
    Ok(folder)
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

/// Puts the files into dist/ under names that follow their content; returns what the first screen needs.
fn lay_out(bound: &Path, split: &Split, explorer: &Explorer, dist: &Path) -> Done<FirstScreen> {
    let put = |stem: &str, content: &[u8], extension: &str| {
        let name = hashed_name(stem, content, extension);
        write(&dist.join(&name), content).map(|()| name)
    };
    let wasm = put(NAME, &optimise(&bound.join(format!("{NAME}_bg.wasm")))?, "wasm")?;
    let styled = |stem: &str, folder: &str| {
        let styles = bundle_styles(&root().join(folder))?;
        minified(bound, &format!("{stem}.css"), &styles)
    };
    let style = styled("style", "style")?;
    // What only sheets need comes after the first screen.
    let sheets = put("sheets", styled("sheets", "style/sheets")?.as_bytes(), "css")?;

    let texts = Texts::read(&root().join("content"))?;
    let files = [("WASM", &wasm), ("SHEETS", &sheets)];
    let mut marks: Vec<(String, String)> =
        files.map(|(mark, name)| (mark.to_owned(), name.clone())).into();
    let mut first_texts = Vec::new();
    for language in LANGUAGES {
        let (first, mut panels) = (texts.first(language)?, texts.panels(language)?);
        // Only panels start the worker, so its name comes with their words.
        panels.push_str(&format!("worker\t{}\n", explorer.worker));
        let mark = language.to_uppercase();
        let name = put(&format!("first-{language}"), first.as_bytes(), "txt")?;
        first_texts.push(name.clone());
        marks.push((format!("FIRST_{mark}"), name));
        let name = put(&format!("panels-{language}"), panels.as_bytes(), "txt")?;
        marks.push((format!("PANELS_{mark}"), name));
    }
    // Fetched when somebody opens the lessons.
    let lessons = lessons(&root())?;
    for (name, content) in &lessons.files {
        write(&dist.join(name), content)?;
    }
    marks.push(("LESSONS".to_owned(), lessons.list));

    let boot = fill_boot(&read_text(&root().join("boot.js"))?, &marks)?;
    let script = script(bound, split, dist, &boot)?;
    let assets =
        Assets { wasm: &wasm, style: &style, script: &script, posters: &posters(dist, &script)? };
    let page = read_text(&root().join("index.html"))?;
    write(&dist.join("index.html"), fill_page(&page, &assets)?)?;
    Ok(FirstScreen { files: vec!["index.html".into(), wasm], texts: first_texts })
}

/// The page's script: boot.js, the glue, the link, and what crates bring along, in one. Puts into
/// dist/ what comes later, which the link fetches.
fn script(bound: &Path, split: &Split, dist: &Path, boot: &str) -> Done<String> {
    let mut names = BTreeMap::new();
    for path in &split.later {
        let stem = path.file_stem().unwrap_or_default().display().to_string();
        let octets = optimise(path)?;
        let name = hashed_name(&stem, &octets, "wasm");
        write(&dist.join(&name), octets)?;
        names.insert(format!("{stem}.wasm"), name);
    }
    write(&bound.join(LINK), split.link(&names)?)?;
    // By its name boot.js knows whose an error is.
    Ok(minified(bound, "boot.js", boot)? + &format!("\n//# sourceURL={NAME}.js"))
}

/// The same for a text that is in no file yet.
pub(crate) fn minified(folder: &Path, name: &str, text: &str) -> Done<String> {
    let path = folder.join(name);
    write(&path, text)?;
    minify(&path)
}

/// A script or a style sheet without what only people read.
fn minify(path: &Path) -> Done<String> {
    read(node(&["-e", MINIFY, "--"]).arg(path))
}

/// One file of all style/*.css, the tokens first, the rest in the order of their names.
fn bundle_styles(folder: &Path) -> Done<String> {
    let files = files_in(folder)?;
    let mut sheets: Vec<PathBuf> =
        files.into_iter().filter(|path| path.extension().is_some_and(|end| end == "css")).collect();
    sheets.sort_by_key(|path| (!path.ends_with("tokens.css"), path.clone()));
    if sheets.is_empty() {
        return Err(format!("no .css file in {}", folder.display()));
    }
    sheets.iter().map(|sheet| read_text(sheet)).collect()
}

fn files_in(folder: &Path) -> Done<Vec<PathBuf>> {
    let failed = |why: std::io::Error| format!("cannot list {}: {why}", folder.display());
    let entries = fs::read_dir(folder).map_err(failed)?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
}
