//! The texts of content/, read once and in one order: build.rs makes the keys of it that the program
//! is compiled with, and `cargo xtask build` the files that the page fetches. The first line of such
//! a file is a hash of its keys, so that the program notices one that isn't its own.

use std::fs;
use std::path::Path;

/// The languages of the page, in the order of `Language`.
pub(crate) const LANGUAGES: [&str; 2] = ["en", "zh"];

/// The files of content/. What somebody edits here becomes other texts at the next build.
pub(crate) const FILES: [&str; 5] =
    ["page.toml", "rules.toml", "panels.toml", "switches.toml", "glossary.toml"];

/// An entry of such a file.
pub(crate) struct Entry {
    pub(crate) name: String,
    fields: toml::Table,
}

/// All texts.
pub(crate) struct Texts {
    pub(crate) page: Vec<Entry>,
    /// The rules that the first screen tells, which are marked, and the others.
    pub(crate) first_rules: Vec<Entry>,
    pub(crate) rules: Vec<Entry>,
    pub(crate) panel: Vec<Entry>,
    switches: Vec<Entry>,
    glossary: Vec<Entry>,
}

type Read<T> = Result<T, String>;

impl Texts {
    /// Reads content/; a text that is missing in one language is an error.
    pub(crate) fn read(content: &Path) -> Read<Texts> {
        let [page, rules, panels, switches, glossary] =
            FILES.map(|file| entries(&content.join(file)));
        let (first_rules, rules) = rules?.into_iter().partition(Entry::is_first);
        let texts = Texts {
            page: page?,
            first_rules,
            rules,
            panel: panels?,
            switches: switches?,
            glossary: glossary?,
        };
        for language in LANGUAGES {
            texts.first(language)?;
            texts.panels(language)?;
        }
        Ok(texts)
    }

    /// The hash that a file for the first screen begins with.
    pub(crate) fn first_key(&self) -> String {
        key(&[&self.page, &self.first_rules])
    }

    /// The hash that a file for the panels begins with.
    pub(crate) fn panels_key(&self) -> String {
        key(&[&self.panel, &self.rules])
    }

    /// What the first screen needs: a line for each text of the page, then one for each of its rules.
    pub(crate) fn first(&self, language: &str) -> Read<String> {
        let mut lines = self.first_key() + "\n";
        for entry in self.page.iter().chain(&self.first_rules) {
            line(&mut lines, &[entry.text(language)?]);
        }
        Ok(lines)
    }

    /// What comes later: a line for each text of the panels and for each of the other rules, then the
    /// switches with their groups, then the glossary. The fields of a line are parted by tabs:
    ///
    /// ```text
    /// group   NAME  its name
    /// switch  NAME  its name  its group  what it decides  where that stands
    /// value   WORD  what the switch above does then
    /// term    NAME  the term  what it is  another word for it  another …
    /// ```
    ///
    /// site.rs adds the name of the worker's script, `worker  FILE`.
    pub(crate) fn panels(&self, language: &str) -> Read<String> {
        let mut lines = self.panels_key() + "\n";
        for entry in self.panel.iter().chain(&self.rules) {
            line(&mut lines, &[entry.text(language)?]);
        }
        for entry in &self.switches {
            let name = entry.field(&format!("name_{language}"))?;
            if entry.name.starts_with("group-") {
                line(&mut lines, &["group", &entry.name, name]);
                continue;
            }
            let (group, cite) = (entry.field("group")?, entry.field("cite")?);
            let text = entry.text(language)?;
            line(&mut lines, &["switch", &entry.name, name, group, text, cite]);
            for (word, text) in entry.values(language)? {
                line(&mut lines, &["value", word, text]);
            }
        }
        for entry in &self.glossary {
            let term = entry.field(&format!("term_{language}"))?;
            let head = ["term", &entry.name, term, entry.text(language)?];
            line(&mut lines, &[head.to_vec(), entry.words(language)?].concat());
        }
        Ok(lines)
    }
}

impl Entry {
    /// Its text in a language.
    pub(crate) fn text<'a>(&'a self, language: &str) -> Read<&'a str> {
        self.field(language)
    }

    /// Whether the first screen needs it.
    fn is_first(&self) -> bool {
        self.fields.get("first").and_then(toml::Value::as_bool) == Some(true)
    }

    fn field<'a>(&'a self, field: &str) -> Read<&'a str> {
        let text = self.fields.get(field).and_then(toml::Value::as_str);
        self.one_line(field, text.ok_or_else(|| format!("[{}] has no {field}", self.name))?)
    }

    /// What the values of a switch mean: each with its text.
    fn values<'a>(&'a self, language: &str) -> Read<Vec<(&'a str, &'a str)>> {
        let ending = format!("_{language}");
        let mut values = Vec::new();
        for field in self.fields.keys() {
            let word = field.strip_prefix("value_").and_then(|rest| rest.strip_suffix(&ending));
            if let Some(word) = word {
                values.push((word, self.field(field)?));
            }
        }
        Ok(values)
    }

    /// Other words for a term. An entry may have none.
    fn words<'a>(&'a self, language: &str) -> Read<Vec<&'a str>> {
        let field = format!("words_{language}");
        let wrong = || format!("[{}], {field}: not a list of words", self.name);
        let Some(list) = self.fields.get(&field) else { return Ok(Vec::new()) };
        let word = |value: &'a toml::Value| match value.as_str() {
            Some(word) => self.one_line(&field, word),
            None => Err(wrong()),
        };
        list.as_array().ok_or_else(wrong)?.iter().map(word).collect()
    }

    /// A line of a file can't hold the end of one.
    fn one_line<'a>(&self, field: &str, text: &'a str) -> Read<&'a str> {
        match text.find(['\n', '\t']) {
            None => Ok(text),
            Some(_) => Err(format!("[{}], {field}: the end of a line or a tab in it", self.name)),
        }
    }
}

fn entries(path: &Path) -> Read<Vec<Entry>> {
    let wrong = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let text = fs::read_to_string(path).map_err(|why| wrong(&why))?;
    let table: toml::Table = text.parse().map_err(|why: toml::de::Error| wrong(&why))?;
    let entry = |(name, value): (String, toml::Value)| match value.as_table().cloned() {
        Some(fields) => Ok(Entry { name, fields }),
        None => Err(wrong(&format!("{name} stands in no [entry]"))),
    };
    table.into_iter().map(entry).collect()
}

fn line(lines: &mut String, fields: &[&str]) {
    lines.push_str(&fields.join("\t"));
    lines.push('\n');
}

fn key(parts: &[&Vec<Entry>]) -> String {
    let mut names = String::new();
    for entry in parts.iter().copied().flatten() {
        names.push_str(&entry.name);
        names.push('\n');
    }
    format!("{:016x}", hash(names.as_bytes()))
}

/// FNV-1a, 64 bits.
pub(crate) fn hash(content: &[u8]) -> u64 {
    content.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
