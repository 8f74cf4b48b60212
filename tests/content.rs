//! The texts: complete, in both languages, and fit to be shown.

use std::collections::{BTreeMap, BTreeSet};

use time_wait_lab::tcp::rule::Rule;

/// The fields of an entry.
type Entry = BTreeMap<String, String>;

/// A rule's sentence is at most so long, with the names of the hosts filled in.
const RULE_EN: usize = 200;
const RULE_ZH: usize = 90;
/// A glossary entry may be a little longer.
const GLOSSARY_EN: usize = 220;
const GLOSSARY_ZH: usize = 110;

/// The words that the lab can't do without.
const WORDS: [&str; 43] = [
    "ack",
    "challenge-ack",
    "close-wait",
    "closed",
    "closing",
    "descriptor",
    "eaddrinuse",
    "eaddrnotavail",
    "econnrefused",
    "econnreset",
    "eof",
    "epipe",
    "established",
    "etimedout",
    "fin",
    "fin-wait-1",
    "fin-wait-2",
    "four-tuple",
    "half-close",
    "incarnation",
    "isn",
    "last-ack",
    "listen",
    "msl",
    "orphan",
    "paws",
    "rcv-nxt",
    "retransmission",
    "rst",
    "rto",
    "seq",
    "snd-nxt",
    "snd-una",
    "so-linger",
    "so-reuseaddr",
    "stray",
    "syn",
    "syn-received",
    "syn-sent",
    "time-wait",
    "timestamps",
    "two-msl",
    "window",
];

fn entries(file: &str, text: &str) -> BTreeMap<String, Entry> {
    let read = toml::from_str(text).map_err(|error| format!("content/{file}: {error}"));
    assert!(read.is_ok(), "{}", read.as_ref().err().map_or("", String::as_str));
    read.unwrap_or_default()
}

fn rules() -> BTreeMap<String, Entry> {
    entries("rules.toml", include_str!("../content/rules.toml"))
}

fn glossary() -> BTreeMap<String, Entry> {
    entries("glossary.toml", include_str!("../content/glossary.toml"))
}

/// Both files, each entry under the name by which a failure calls it.
fn all() -> Vec<(String, Entry)> {
    let named = |file: &'static str, entries: BTreeMap<String, Entry>| {
        entries.into_iter().map(move |(name, entry)| (format!("{file} [{name}]"), entry))
    };
    named("rules.toml", rules()).chain(named("glossary.toml", glossary())).collect()
}

/// A field's text; empty where there is none.
fn text<'a>(entry: &'a Entry, field: &str) -> &'a str {
    entry.get(field).map_or("", String::as_str)
}

/// What stands in braces, or in what a forgotten brace leaves open.
fn placeholders(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some(start) = rest.find(['{', '}']) {
        let from = &rest[start..];
        let end = from.find('}').map_or(from.len(), |end| end + 1);
        found.insert(from[..end].to_string());
        rest = &from[end..];
    }
    found
}

fn filled(text: &str) -> String {
    text.replace("{host}", "HOST1").replace("{peer}", "HOST2")
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}')
}

fn is_full_width_mark(c: char) -> bool {
    "，。；：！？、（）“”‘’《》".contains(c)
}

/// Each pair of neighbours in a text.
fn neighbours(text: &str) -> impl Iterator<Item = (char, char)> + '_ {
    text.chars().zip(text.chars().skip(1))
}

/// Fails with every complaint at once.
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn content_every_rule_has_a_sentence_in_both_languages() {
    let rules = rules();
    let mut complaints = Vec::new();
    for rule in Rule::ALL {
        let name = rule.name();
        match rules.get(name) {
            None => complaints.push(format!("rules.toml [{name}] is missing")),
            Some(entry) => {
                for language in ["en", "zh"] {
                    if text(entry, language).trim().is_empty() {
                        complaints.push(format!("rules.toml [{name}] has no {language}"));
                    }
                }
            }
        }
    }
    none(&complaints);
}

#[test]
fn content_no_sentence_is_for_a_rule_that_does_not_exist() {
    let unknown: Vec<String> = rules()
        .keys()
        .filter(|name| Rule::parse(name).is_none())
        .map(|name| format!("rules.toml [{name}]: no such rule"))
        .collect();
    none(&unknown);
}

#[test]
fn content_the_glossary_is_complete_in_both_languages() {
    let glossary = glossary();
    let mut complaints = Vec::new();
    for word in WORDS {
        if !glossary.contains_key(word) {
            complaints.push(format!("glossary.toml [{word}] is missing"));
        }
    }
    for (name, entry) in &glossary {
        for field in ["term_en", "term_zh", "en", "zh"] {
            if text(entry, field).trim().is_empty() {
                complaints.push(format!("glossary.toml [{name}] has no {field}"));
            }
        }
    }
    none(&complaints);
}

#[test]
fn content_entries_have_no_other_fields() {
    let mut complaints = Vec::new();
    for (name, entry) in all() {
        let glossary = name.starts_with("glossary");
        for field in entry.keys() {
            let known = matches!(field.as_str(), "en" | "zh")
                || glossary && matches!(field.as_str(), "term_en" | "term_zh");
            if !known {
                complaints.push(format!("{name}: unknown field {field}"));
            }
        }
    }
    none(&complaints);
}

#[test]
fn content_placeholders_are_known_and_the_same_in_both_languages() {
    let mut complaints = Vec::new();
    for (name, entry) in all() {
        let (en, zh) = (placeholders(text(&entry, "en")), placeholders(text(&entry, "zh")));
        for placeholder in en.union(&zh) {
            let known = matches!(placeholder.as_str(), "{host}" | "{peer}");
            if !known || name.starts_with("glossary") {
                complaints.push(format!("{name}: {placeholder} is no placeholder here"));
            }
        }
        if en != zh {
            complaints.push(format!("{name}: en has {en:?}, zh has {zh:?}"));
        }
    }
    none(&complaints);
}

/// Events on the wire happen at no host, so there is no name to fill in.
#[test]
fn content_the_sentences_of_the_wire_name_no_host() {
    let mut complaints = Vec::new();
    for (name, entry) in rules() {
        let on_the_wire =
            name.starts_with("wire-") && name != "wire-arrival" || name == "act-no-counterpart";
        if on_the_wire && !placeholders(text(&entry, "en")).is_empty() {
            complaints.push(format!("rules.toml [{name}] names a host, but happens at none"));
        }
    }
    none(&complaints);
}

#[test]
fn content_chinese_has_full_width_marks_and_spaces_around_latin_words() {
    let mut complaints = Vec::new();
    for (name, entry) in all() {
        for field in ["zh", "term_zh"] {
            for (left, right) in neighbours(&filled(text(&entry, field))) {
                let pair = format!("{left}{right}");
                if is_chinese(left) && ",.;:!?()".contains(right) {
                    complaints.push(format!("{name}, {field}: ASCII mark in {pair:?}"));
                }
                let touches = is_chinese(left) && right.is_ascii_alphanumeric()
                    || (left.is_ascii_alphanumeric() || left == ')') && is_chinese(right);
                if touches {
                    complaints.push(format!("{name}, {field}: no space in {pair:?}"));
                }
                let loose = left == ' ' && is_full_width_mark(right)
                    || is_full_width_mark(left) && right == ' ';
                if loose {
                    complaints.push(format!("{name}, {field}: a space too many in {pair:?}"));
                }
            }
        }
    }
    none(&complaints);
}

#[test]
fn content_each_language_keeps_to_its_own_characters() {
    let mut complaints = Vec::new();
    for (name, entry) in all() {
        for field in ["en", "term_en"] {
            if text(&entry, field).chars().any(|c| is_chinese(c) || is_full_width_mark(c)) {
                complaints.push(format!("{name}, {field} has Chinese characters"));
            }
        }
        if !text(&entry, "zh").chars().any(is_chinese) {
            complaints.push(format!("{name}, zh has no Chinese"));
        }
    }
    none(&complaints);
}

#[test]
fn content_sentences_end_and_have_no_loose_spaces() {
    let mut complaints = Vec::new();
    for (name, entry) in all() {
        for (field, end) in [("en", '.'), ("zh", '。')] {
            let text = text(&entry, field);
            if !text.ends_with(end) {
                complaints.push(format!("{name}, {field} does not end with {end}"));
            }
            if text.contains("  ") || text.trim() != text {
                complaints.push(format!("{name}, {field} has loose spaces"));
            }
        }
    }
    none(&complaints);
}

/// The screen writes the states as TIME_WAIT; the RFC's spelling stands in the glossary alone.
#[test]
fn content_rules_write_states_with_underscores() {
    let hyphenated = [
        "TIME-WAIT",
        "FIN-WAIT",
        "CLOSE-WAIT",
        "LAST-ACK",
        "SYN-SENT",
        "SYN-RECEIVED",
        "SYN-RECV",
        "SYN_RECV",
    ];
    let mut complaints = Vec::new();
    for (name, entry) in rules() {
        for field in ["en", "zh"] {
            for spelling in hyphenated {
                if text(&entry, field).contains(spelling) {
                    complaints.push(format!("rules.toml [{name}], {field} writes {spelling}"));
                }
            }
        }
    }
    none(&complaints);
}

#[test]
fn content_sentences_are_short() {
    let mut complaints = Vec::new();
    for (name, entry) in all() {
        let (en, zh) = if name.starts_with("glossary") {
            (GLOSSARY_EN, GLOSSARY_ZH)
        } else {
            (RULE_EN, RULE_ZH)
        };
        for (field, limit) in [("en", en), ("zh", zh)] {
            let length = filled(text(&entry, field)).chars().count();
            if length > limit {
                complaints.push(format!("{name}, {field}: {length} characters, {limit} allowed"));
            }
        }
    }
    none(&complaints);
}
