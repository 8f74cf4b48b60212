//! The inputs: what the project has of each kind, and what generators make, with changes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::check::{Kind, publish};
use crate::dice::Dice;
use crate::generate::{ALL, any_scenario, scenario};
use crate::mutate::{Grammar, Larder, mutated};

const SCENE: Grammar = Grammar { line: '\n', between: &[' '], has_acts: true };
const LINK: Grammar = Grammar { line: ';', between: &['+', '&', '='], has_acts: true };
const TRACE: Grammar = Grammar { line: '\n', between: &[' '], has_acts: false };
const LESSON: Grammar = Grammar { line: '\n', between: &[' ', '"', '='], has_acts: false };
const PAGE: Grammar = Grammar { line: ',', between: &[' ', '"', ':'], has_acts: false };

/// An input, and where it comes from.
pub(crate) struct Input {
    pub(crate) kind: Kind,
    /// What the table calls it: the name of its kind, or `random`.
    pub(crate) from: &'static str,
    pub(crate) text: String,
}

/// What the table has a line for.
pub(crate) const FROM: [&str; 6] = ["scene", "random", "link", "trace", "lesson", "page"];

/// Everything that an input can be made of.
pub(crate) struct Inputs {
    stores: Vec<Store>,
}

/// The texts of a kind, and their words.
struct Store {
    kind: Kind,
    grammar: Grammar,
    texts: Vec<String>,
    words: Vec<String>,
}

impl Inputs {
    /// Reads what the project has.
    pub(crate) fn read(root: &Path) -> Result<Inputs, String> {
        let lessons = texts(&root.join("content/lessons"), "toml")?;
        let pages = lessons.iter().filter_map(|text| {
            let published = publish("x", toml::from_str(text).ok()?);
            serde_json::to_string(&published).ok()
        });
        let links = texts(&root.join("tests/links"), "txt")?;
        let links = links.iter().flat_map(|text| text.lines());
        let links = links.filter(|line| line.starts_with("#t=")).map(str::to_owned);
        let all = [
            (Kind::Scene, SCENE, texts(&root.join("content/scenes"), "scene")?),
            (Kind::Link, LINK, links.collect()),
            (Kind::Trace, TRACE, texts(&root.join("tests/golden"), "trace")?),
            (Kind::Page, PAGE, pages.collect()),
            (Kind::Lesson, LESSON, lessons),
        ];
        let once = texts(&root.join("fuzz/regressions"), "txt")?;
        let stores = all.map(|(kind, grammar, texts)| Store::new(kind, grammar, texts));
        let mut inputs = Inputs { stores: stores.into() };
        if let Some(store) = inputs.stores.first_mut() {
            // What once failed is a good beginning.
            store.texts.extend(once.into_iter().filter(|text| text.starts_with("time-wait-lab")));
        }
        Ok(inputs)
    }

    /// The input of that number: the same for the same seed.
    pub(crate) fn make(&self, seed: u64, number: u64) -> Input {
        let mut dice = Dice::new(seed, number);
        let kind = match dice.below(20) {
            0..=6 => Kind::Scene,
            7..=11 => return self.random(&mut dice),
            12..=14 => Kind::Link,
            15 | 16 => Kind::Trace,
            17 | 18 => Kind::Lesson,
            _ => Kind::Page,
        };
        let Some(store) = self.store(kind) else { return self.random(&mut dice) };
        let text = dice.one(&store.texts).cloned().unwrap_or_default();
        let mut text = mutated(&mut dice, &text, store.grammar, &store.larder());
        if kind == Kind::Trace && !dice.once_in(4) {
            text = numbered(&text);
        }
        Input { kind, from: kind.name(), text }
    }

    fn store(&self, kind: Kind) -> Option<&Store> {
        self.stores.iter().find(|store| store.kind == kind)
    }

    /// A scenario of the property tests' generator, as it is or changed.
    fn random(&self, dice: &mut Dice) -> Input {
        let made =
            if dice.once_in(3) { dice.value(any_scenario()) } else { dice.value(scenario(ALL)) };
        let mut text = made.map(|scenario| scenario.to_string()).unwrap_or_default();
        if let Some(store) = self.store(Kind::Scene).filter(|_| dice.once_in(2)) {
            text = mutated(dice, &text, SCENE, &store.larder());
        }
        Input { kind: Kind::Scene, from: "random", text }
    }
}

impl Store {
    fn new(kind: Kind, grammar: Grammar, texts: Vec<String>) -> Store {
        let lines = texts.iter().flat_map(|text| text.split(grammar.line));
        // A long word is a text; the sentences of lessons decide nothing.
        let words = lines.flat_map(|line| line.split(grammar.between)).filter(|w| w.len() < 40);
        let words: BTreeSet<&str> = words.filter(|word| word.is_ascii()).collect();
        let words = words.into_iter().map(str::to_owned).collect();
        Store { kind, grammar, texts, words }
    }

    fn larder(&self) -> Larder<'_> {
        Larder { others: &self.texts, words: &self.words }
    }
}

/// A trace whose events have the numbers of their places again, so that more than that is looked at.
fn numbered(text: &str) -> String {
    let (scenario, events) = text.split_once("\ntrace ").unwrap_or((text, ""));
    let (end, events) = events.split_once('\n').unwrap_or((events, ""));
    let events = events.lines().enumerate().map(|(place, line)| {
        let rest = line.trim_start().split_once(' ').map_or("", |(_, rest)| rest);
        format!("\n{place} {rest}")
    });
    format!("{scenario}\ntrace {end}{}\n", events.collect::<String>())
}

/// The texts of a folder's files with that ending, in the order of their names.
fn texts(folder: &Path, ending: &str) -> Result<Vec<String>, String> {
    let failed = |why: std::io::Error| format!("cannot read {}: {why}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|own| own == ending) {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).map_err(failed)).collect()
}
