//! `cargo xtask content`: all that the page has beside its program. The release packs it; Trunk, which
//! runs this before each build, takes it from target/content as it is.

use crate::explorer::{self, explorer};
use crate::html::hashed_name;
use crate::lessons::lessons;
use crate::opening;
use crate::shell::{Done, fresh_folder, read_text, root, write};
use crate::texts::{LANGUAGES, Texts};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The script that tells boot.js the names.
pub(crate) const NAMES: &str = "files.js";

/// How a file is made that goes to the reader.
pub(crate) struct Packing {
    /// The profile that the adversary is compiled with.
    pub(crate) explorer: &'static str,
    /// Makes a wasm file small.
    pub(crate) wasm: fn(&Path) -> Done<Vec<u8>>,
    /// The same for a script or a style of that name.
    pub(crate) text: fn(&str, String) -> Done<String>,
}

/// The names of what boot.js fetches, of some by language.
#[derive(Serialize)]
pub(crate) struct Names {
    pub(crate) first: BTreeMap<&'static str, String>,
    panels: BTreeMap<&'static str, String>,
    lessons: String,
    sheets: String,
    /// Not boot.js's to fetch, but the panels'.
    #[serde(skip)]
    pub(crate) explorer: [String; 2],
}

/// For Trunk, which says how it builds.
pub(crate) fn for_trunk() -> Done {
    let is_release = std::env::var("TRUNK_PROFILE").is_ok_and(|profile| profile == "release");
    let wasm = |path: &Path| {
        fs::read(path).map_err(|why| format!("cannot read {}: {why}", path.display()))
    };
    let explorer = if is_release { explorer::PROFILE } else { "dev" };
    let packing = Packing { explorer, wasm, text: |_, text| Ok(text) };
    let folder = opening::folder();
    let files = folder.join("files");
    fresh_folder(&files)?;
    opening::write()?;
    let names = content(&files, &packing)?;
    write(&files.join(NAMES), names.script()?)?;
    write(&folder.join("style.css"), style()?)
}

/// The style of the first screen.
pub(crate) fn style() -> Done<String> {
    bundle_styles(&root().join("style"))
}

/// Puts the files into a folder, under names that follow their content.
pub(crate) fn content(folder: &Path, packing: &Packing) -> Done<Names> {
    let put = |stem: &str, content: &str, extension: &str| {
        let name = hashed_name(stem, content.as_bytes(), extension);
        write(&folder.join(&name), content).map(|()| name)
    };
    let explorer = explorer(folder, packing)?;
    // What only sheets need comes after the first screen.
    let sheets = (packing.text)("sheets.css", bundle_styles(&root().join("style/sheets"))?)?;
    let sheets = put("sheets", &sheets, "css")?;
    let texts = Texts::read(&root().join("content"))?;
    let (mut first, mut panels) = (BTreeMap::new(), BTreeMap::new());
    for language in LANGUAGES {
        let lines = texts.first(language)?;
        first.insert(language, put(&format!("first-{language}"), &lines, "txt")?);
        // Only panels start the worker, so its name comes with their words.
        let lines = texts.panels(language)? + &format!("worker\t{}\n", explorer[0]);
        panels.insert(language, put(&format!("panels-{language}"), &lines, "txt")?);
    }
    // Fetched when somebody opens the lessons.
    let lessons = lessons(&root())?;
    for (name, content) in &lessons.files {
        write(&folder.join(name), content)?;
    }
    Ok(Names { first, panels, lessons: lessons.list, sheets, explorer })
}

impl Names {
    /// The script that boot.js imports.
    pub(crate) fn script(&self) -> Done<String> {
        let names = serde_json::to_string(self).map_err(|why| format!("{NAMES}: {why}"))?;
        Ok(format!("export default {names};\n"))
    }
}

/// One file of all style/*.css, the tokens first, the rest in the order of their names.
fn bundle_styles(folder: &Path) -> Done<String> {
    let failed = |why: std::io::Error| format!("cannot list {}: {why}", folder.display());
    let entries = fs::read_dir(folder).map_err(failed)?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| entry.map(|e| e.path())).collect();
    let mut sheets = paths.map_err(failed)?;
    sheets.retain(|path| path.extension().is_some_and(|end| end == "css"));
    sheets.sort_by_key(|path| (!path.ends_with("tokens.css"), path.clone()));
    if sheets.is_empty() {
        return Err(format!("no .css file in {}", folder.display()));
    }
    sheets.iter().map(|sheet| read_text(sheet)).collect()
}

#[cfg(test)]
mod tests {
    use super::Names;
    use std::collections::BTreeMap;

    #[test]
    fn the_names_are_a_module() {
        let names = Names {
            first: BTreeMap::from([("en", "first-en-1.txt".to_owned())]),
            panels: BTreeMap::from([("en", "panels-en-2.txt".to_owned())]),
            lessons: "lessons-3.json".to_owned(),
            sheets: "sheets-4.css".to_owned(),
            explorer: ["worker-5.js".to_owned(), "explorer-6.wasm".to_owned()],
        };
        let expected = r#"export default {"first":{"en":"first-en-1.txt"},"panels":{"en":"panels-en-2.txt"},"lessons":"lessons-3.json","sheets":"sheets-4.css"};"#;
        assert_eq!(names.script(), Ok(format!("{expected}\n")));
    }
}
