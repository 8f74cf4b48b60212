//! Builds the page into dist/: cargo, wasm-bindgen, wasm-opt, and the files put together.

use crate::html::{Assets, fill_boot, fill_page, hashed_name};
use crate::shell::{Done, cargo, fresh_folder, node, read_text, root, run, target, write};
use crate::weight;
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

const NAME: &str = "time-wait-lab";

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

/// Builds dist/ anew and weighs it.
pub(crate) fn build() -> Done {
    let compiled = compile()?;
    let bound = bind(&compiled)?;
    let wasm = optimise(&bound)?;
    let dist = root().join("dist");
    fresh_folder(&dist)?;
    let first_screen = lay_out(&bound, &wasm, &dist)?;
    weight::weigh(&dist, &first_screen)
}

fn compile() -> Done<PathBuf> {
    let triple = "wasm32-unknown-unknown";
    run(&mut cargo(&["build", "--release", "--target", triple, "--package", NAME, "--bin", NAME]))?;
    Ok(target().join(triple).join("release").join(NAME).with_extension("wasm"))
}

/// Writes the JavaScript that joins the program to the browser. Returns the folder it is in.
fn bind(compiled: &Path) -> Done<PathBuf> {
    let folder = target().join("site");
    fresh_folder(&folder)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(compiled).typescript(false).remove_producers_section(true);
    bindgen
        .web(true)
        .and_then(|bindgen| bindgen.generate(&folder))
        .map_err(|why| format!("wasm-bindgen: {why:#}"))?;
    Ok(folder)
}

fn optimise(bound: &Path) -> Done<PathBuf> {
    let before = bound.join(format!("{NAME}_bg.wasm"));
    let after = bound.join(format!("{NAME}.opt.wasm"));
    let mut wasm_opt = node(&["end2end/node_modules/binaryen/bin/wasm-opt", "-Oz"]);
    run(wasm_opt.args(WASM_FEATURES).arg(&before).arg("-o").arg(&after))?;
    Ok(after)
}

/// Puts the files into dist/ under names that follow their content; returns what the first screen needs.
fn lay_out(bound: &Path, wasm: &Path, dist: &Path) -> Done<Vec<String>> {
    let octets = fs::read(wasm).map_err(|why| format!("cannot read {}: {why}", wasm.display()))?;
    let glue_text = read_text(&bound.join(format!("{NAME}.js")))?;
    let style_text = bundle_styles(&root().join("style"))?;
    let wasm = hashed_name(NAME, &octets, "wasm");
    let glue = hashed_name(NAME, glue_text.as_bytes(), "js");
    let style = hashed_name("style", style_text.as_bytes(), "css");
    let boot_text = fill_boot(&read_text(&root().join("boot.js"))?, &glue, &wasm)?;
    let boot = hashed_name("boot", boot_text.as_bytes(), "js");
    let assets = Assets { style: &style, glue: &glue, wasm: &wasm, boot: &boot };
    let page = fill_page(&read_text(&root().join("index.html"))?, &assets)?;
    write(&dist.join(&wasm), octets)?;
    write(&dist.join(&glue), glue_text)?;
    write(&dist.join(&style), style_text)?;
    write(&dist.join(&boot), boot_text)?;
    write(&dist.join("index.html"), page)?;
    let snippets = copy_snippets(bound, dist)?;
    Ok([vec!["index.html".into(), style, boot, glue, wasm], snippets].concat())
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

/// JavaScript that crates bring along; wasm-bindgen has the glue import it from snippets/.
fn copy_snippets(bound: &Path, dist: &Path) -> Done<Vec<String>> {
    let mut copied = Vec::new();
    let mut folders = vec![PathBuf::from("snippets")];
    while let Some(folder) = folders.pop() {
        if !bound.join(&folder).is_dir() {
            continue;
        }
        fresh_folder(&dist.join(&folder))?;
        for path in files_in(&bound.join(&folder))? {
            let name = folder.join(path.file_name().unwrap_or_default());
            if path.is_dir() {
                folders.push(name);
            } else {
                write(&dist.join(&name), read_text(&path)?)?;
                copied.push(name.display().to_string());
            }
        }
    }
    copied.sort();
    Ok(copied)
}

fn files_in(folder: &Path) -> Done<Vec<PathBuf>> {
    let failed = |why: std::io::Error| format!("cannot list {}: {why}", folder.display());
    let entries = fs::read_dir(folder).map_err(failed)?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
}
