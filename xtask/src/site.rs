//! Builds the page into dist/: cargo, wasm-bindgen, wasm-opt, esbuild, and the files put together.

use crate::explorer::{Explorer, explorer};
use crate::html::{Assets, fill_boot, fill_page, hashed_name, replace_once};
use crate::lessons::lessons;
use crate::opening;
use crate::poster::posters;
use crate::shell::{Done, cargo, fresh_folder, node, read, read_text, root, run, target, write};
use crate::split::{GLUE, LINK, Split, split};
use crate::texts::{LANGUAGES, Texts};
use crate::weight::{self, FirstScreen};
use std::fs;
use std::path::{Path, PathBuf};
use walrus::{Function, FunctionBuilder, FunctionKind, Module};
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

/// How the program is compiled: with a standard library that is made for size, and with a panic that
/// is a trap and nothing more. Without its words and their formatting the program is a tenth lighter;
/// what failed is told by boot.js, and found again by the scene's address.
const SMALL_STD: [&str; 5] = [
    "-Zbuild-std=std",
    "-Zbuild-std-features=optimize_for_size",
    "-Zpanic-immediate-abort",
    "--config",
    "profile.release.panic='immediate-abort'",
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
    let split = split(&compiled)?;
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
    // A folder of its own: another standard library, and build scripts that see another compiler.
    let folder = target().join("page");
    let mut cargo =
        cargo(&["rustc", "--release", "--target", TRIPLE, "--package", NAME, "--bin", NAME]);
    // Cargo calls these options unstable. The compiler is one certain version: rust-toolchain.toml.
    cargo.env("RUSTC_BOOTSTRAP", "1").args(SMALL_STD).arg("--target-dir").arg(&folder);
    // What lies where, for the split.
    cargo.env(opening::PATH, opening::write(&target())?);
    cargo.args(["--", "-C", "link-args=--emit-relocs"]);
    run(&mut cargo)?;
    Ok(folder.join(TRIPLE).join("release").join(NAME).with_extension("wasm"))
}

/// Writes the JavaScript that joins the program to the browser. Returns the folder it is in.
fn bind(main: &Path) -> Done<PathBuf> {
    let folder = target().join("site");
    fresh_folder(&folder)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(main).out_name(NAME).typescript(false).remove_producers_section(true);
    // The names by which what comes later finds what it shares.
    bindgen.remove_name_section(true).keep_lld_exports(true).demangle(false);
    let output = bindgen.web(true).and_then(Bindgen::generate_output);
    let mut output = output.map_err(|why| format!("wasm-bindgen: {why:#}"))?;
    let mut names = Vec::new();
    for (place, import) in output.wasm_mut().imports.iter_mut().enumerate() {
        // The link is written already.
        if import.module != LINK {
            let short = format!("_{place}");
            names.push((std::mem::replace(&mut import.name, short.clone()), short));
        }
    }
    cut_streams(output.wasm_mut());
    output.emit(&folder).map_err(|why| format!("wasm-bindgen: {why:#}"))?;
    shorten(&folder.join(NAME).with_extension("js"), &names)?;
    Ok(folder)
}

/// Leptos's server functions stream with the crate wasm-streams. The page has none, but what is
/// exported is linked: 4 kB after brotli. So its exports go, and its functions become traps, for
/// tables name them still.
fn cut_streams(wasm: &mut Module) {
    let streams = wasm.exports.iter().filter(|export| export.name.contains("intounderlying"));
    let streams: Vec<_> = streams.map(|export| export.id()).collect();
    streams.into_iter().for_each(|export| wasm.exports.delete(export));
    // At the end of a name stands who asked first for what everybody uses.
    const CRATE: &str = "12wasm_streams";
    // wasm-bindgen adds a word to some names: of the shim that calls every closure of the page too.
    let own = |name: &str| {
        name.split(' ').next().is_some_and(|name| name.trim_end_matches(CRATE).contains(CRATE))
    };
    let named = |function: &Function| function.name.as_deref().is_some_and(own);
    let found = wasm.funcs.iter().filter(|function| named(function)).map(Function::id);
    for id in found.collect::<Vec<_>>() {
        let FunctionKind::Local(local) = &wasm.funcs.get(id).kind else { continue };
        let (args, kind) = (local.args.clone(), local.ty());
        let (params, results) = wasm.types.params_results(kind);
        let (params, results) = (params.to_vec(), results.to_vec());
        let mut trap = FunctionBuilder::new(&mut wasm.types, &params, &results);
        trap.func_body().unreachable();
        wasm.funcs.get_mut(id).kind = FunctionKind::Local(trap.local_func(args));
    }
}

/// Gives what the wasm imports its short names in the glue too. Each of the long ones ends in a hash,
/// which nothing compresses: they weigh 3.5 kB after brotli.
fn shorten(glue: &Path, names: &[(String, String)]) -> Done {
    let text = names.iter().try_fold(read_text(glue)?, |text, (long, short)| {
        replace_once(&text, &format!(" {long}: "), &format!(" {short}: "), "the glue")
    })?;
    write(glue, text)
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
    let mut link = replace_once(&split.link, GLUE, &format!("./{NAME}.js"), "the link")?;
    for path in &split.later {
        let stem = path.file_stem().unwrap_or_default().display().to_string();
        let octets = optimise(path)?;
        let name = hashed_name(&stem, &octets, "wasm");
        link = replace_once(&link, &format!("{stem}.wasm"), &name, "the link")?;
        write(&dist.join(name), octets)?;
    }
    write(&bound.join(LINK), link)?;
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
