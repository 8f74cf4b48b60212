//! Makes the keys of the page's texts, and puts the recording that the page opens with where the
//! program finds it. Without the page it does nothing.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "web")]
    {
        keys::write()?;
        copy_opening()?;
    }
    Ok(())
}

/// `cargo xtask content` has the engine make the recording. Where nobody has called it yet an empty one
/// stands there, so that cargo sees when it changes: the program compiles all the same, and shows nothing.
#[cfg(feature = "web")]
fn copy_opening() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::path::Path::new("target/content/opening.recording");
    println!("cargo::rerun-if-changed={}", path.display());
    if !path.exists() {
        std::fs::create_dir_all("target/content")?;
        std::fs::write(path, [])?;
    }
    let folder = std::path::PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::copy(path, folder.join("opening.recording"))?;
    Ok(())
}

#[cfg(feature = "web")]
#[path = "xtask/src/texts.rs"]
#[allow(unreachable_pub)]
mod texts;

#[cfg(feature = "web")]
mod keys {
    use crate::texts::{Entry, FILES, LANGUAGES, Texts};
    use std::error::Error;
    use std::fmt::Write;
    use std::path::{Path, PathBuf};
    use std::{env, fs};

    type Done = Result<(), Box<dyn Error>>;

    /// Writes `texts.rs` into the build's folder: see src/app/texts.rs.
    pub(super) fn write() -> Done {
        println!("cargo::rerun-if-changed=xtask/src/texts.rs");
        for file in FILES {
            println!("cargo::rerun-if-changed=content/{file}");
        }
        let texts = Texts::read(Path::new("content"))?;
        let mut code = String::new();
        let first = texts.page.len() + texts.first_rules.len();
        let panels = texts.panel.len() + texts.rules.len();
        keys(&mut code, &[("page.toml", 0, &texts.page), ("panels.toml", first, &texts.panel)])?;
        let others = (first + texts.panel.len(), &*texts.rules);
        places(&mut code, &[(texts.page.len(), &texts.first_rules), others])?;
        number(&mut code, "FIRST_TEXTS", "first screen", first)?;
        number(&mut code, "PANEL_TEXTS", "panels", panels)?;
        hash(&mut code, "FIRST_KEY", &texts.first_key())?;
        hash(&mut code, "PANELS_KEY", &texts.panels_key())?;
        let folder = PathBuf::from(env::var("OUT_DIR")?);
        Ok(fs::write(folder.join("texts.rs"), code)?)
    }

    /// An enum of the keys of both files; a key's number is the place of its line, those of the first
    /// screen counted first.
    fn keys(code: &mut String, files: &[(&str, usize, &[Entry])]) -> Done {
        let derive = "#[derive(Clone, Copy, Debug, PartialEq, Eq)]";
        let names = "#[allow(clippy::enum_variant_names)]";
        writeln!(code, "/// A text of the page.\n{derive}\n{names}\npub(super) enum Text {{")?;
        for (file, before, entries) in files {
            for (place, entry) in entries.iter().enumerate() {
                let (text, name) = (entry.text(LANGUAGES[0])?, member(&entry.name));
                writeln!(code, "    /// {file}: {text}\n    {name} = {},", before + place)?;
            }
        }
        Ok(writeln!(code, "}}\n")?)
    }

    fn number(code: &mut String, name: &str, file: &str, count: usize) -> Done {
        Ok(writeln!(code, "/// The lines of the {file}' file.\nconst {name}: usize = {count};\n")?)
    }

    /// The lines of the rules come after those of the page, and of the panels. A rule without a
    /// sentence, or a sentence without a rule, doesn't compile.
    fn places(code: &mut String, files: &[(usize, &[Entry])]) -> Done {
        writeln!(
            code,
            "/// Where the sentence of a rule stands.\nfn rule_place(rule: Rule) -> usize {{"
        )?;
        writeln!(code, "    match rule {{")?;
        for (before, rules) in files {
            for (place, rule) in rules.iter().enumerate() {
                writeln!(code, "        Rule::{} => {},", member(&rule.name), before + place)?;
            }
        }
        Ok(writeln!(code, "    }}\n}}\n")?)
    }

    fn hash(code: &mut String, name: &str, hash: &str) -> Done {
        writeln!(code, "/// What a file with these keys begins with.")?;
        Ok(writeln!(code, "const {name}: &str = {hash:?};\n")?)
    }

    /// `time-wait-over` as a member of an enum: `TimeWaitOver`.
    fn member(name: &str) -> String {
        let capitalised = |word: &str| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        };
        name.split('-').map(capitalised).collect()
    }
}
