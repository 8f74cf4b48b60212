//! Turns the texts of content/ into typed tables for the page. Without the page it does nothing.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "web")]
    texts::write()?;
    Ok(())
}

#[cfg(feature = "web")]
mod texts {
    use std::error::Error;
    use std::fmt::Write;
    use std::path::PathBuf;
    use std::{env, fs};

    const LANGUAGES: [&str; 2] = ["en", "zh"];

    /// An entry: its name and its text in each language, in the order of the file.
    struct Entry {
        name: String,
        texts: Vec<String>,
    }

    /// Writes `texts.rs` into the build's folder: see src/app/language.rs.
    pub(super) fn write() -> Result<(), Box<dyn Error>> {
        let page = read("content/page.toml")?;
        let rules = read("content/rules.toml")?;
        let mut code = String::from("/// A text of the page (content/page.toml).\n");
        code += "#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub(super) enum Text {\n";
        for entry in &page {
            let english = entry.texts.first().map_or("", String::as_str);
            writeln!(code, "    /// {english}\n    {},", camel_case(&entry.name))?;
        }
        code += "}\n\n";
        table(&mut code, ("text", "text", "Text"), &page)?;
        // A rule without a sentence, or a sentence without a rule, doesn't compile.
        table(&mut code, ("rule_text", "rule", "Rule"), &rules)?;
        let folder = PathBuf::from(env::var("OUT_DIR")?);
        Ok(fs::write(folder.join("texts.rs"), code)?)
    }

    fn read(path: &str) -> Result<Vec<Entry>, Box<dyn Error>> {
        println!("cargo::rerun-if-changed={path}");
        let text = fs::read_to_string(path).map_err(|why| format!("{path}: {why}"))?;
        let table: toml::Table = text.parse().map_err(|why| format!("{path}: {why}"))?;
        table.into_iter().map(|(name, value)| entry(path, name, &value)).collect()
    }

    fn entry(path: &str, name: String, value: &toml::Value) -> Result<Entry, Box<dyn Error>> {
        let text = |language: &&str| {
            let text = value.get(language).and_then(toml::Value::as_str);
            text.map(str::to_owned).ok_or_else(|| format!("{path}: [{name}] has no {language}"))
        };
        let texts = LANGUAGES.iter().map(text).collect::<Result<_, _>>()?;
        Ok(Entry { name, texts })
    }

    /// A function from a language and a key to a text: a match for each language.
    fn table(
        code: &mut String,
        (function, argument, key): (&str, &str, &str),
        entries: &[Entry],
    ) -> Result<(), Box<dyn Error>> {
        writeln!(code, "/// The text for a [`{key}`], in a language.\n#[must_use]")?;
        writeln!(
            code,
            "pub(super) fn {function}(language: Language, {argument}: {key}) -> &'static str {{"
        )?;
        writeln!(code, "    match language {{")?;
        for (place, language) in LANGUAGES.iter().enumerate() {
            writeln!(code, "        Language::{} => match {argument} {{", camel_case(language))?;
            for entry in entries {
                let text = entry.texts.get(place).map_or("", String::as_str);
                writeln!(code, "            {key}::{} => {text:?},", camel_case(&entry.name))?;
            }
            writeln!(code, "        }},")?;
        }
        writeln!(code, "    }}\n}}\n")?;
        Ok(())
    }

    /// `time-wait-over` as a member of an enum: `TimeWaitOver`.
    fn camel_case(name: &str) -> String {
        let capitalised = |word: &str| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        };
        name.split('-').map(capitalised).collect()
    }
}
