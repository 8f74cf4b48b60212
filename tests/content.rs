//! The texts: complete, in both languages, and fit to be shown.

use std::collections::{BTreeMap, BTreeSet};

use time_wait_lab::picture::Recording;
use time_wait_lab::tcp::profile::{Base, Profile, Switch};
use time_wait_lab::tcp::rule::Rule;
use time_wait_lab::world::scenes::opening;
use toml::Value;

/// The fields of an entry.
type Entry = BTreeMap<String, Value>;

const LANGUAGES: [&str; 2] = ["en", "zh"];

/// What a text is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// The sentence of a rule.
    Rule,
    /// What a term of the glossary means.
    Meaning,
    /// A term of the glossary.
    Term,
    /// The sentence of a switch.
    Switch,
    /// The title of a switch, or of a group of them.
    Name,
    /// What a switch does at one of its values.
    Value,
}

impl Kind {
    /// The most characters in English and in Chinese, with the names of the hosts filled in.
    fn limits(self) -> [usize; 2] {
        match self {
            Kind::Rule | Kind::Switch => [200, 90],
            Kind::Meaning => [220, 110],
            Kind::Term => [50, 25],
            Kind::Name => [40, 20],
            Kind::Value => [70, 32],
        }
    }

    fn is_sentence(self) -> bool {
        matches!(self, Kind::Rule | Kind::Meaning | Kind::Switch)
    }
}

/// A text in one language, under the name by which a failure calls it.
struct Said {
    at: String,
    kind: Kind,
    language: &'static str,
    text: String,
}

/// A citation is at most so long.
const CITATION: usize = 60;
/// A list of the switches has at most so many groups.
const GROUPS: usize = 9;

/// The words that the lab can't do without.
const WORDS: [&str; 46] = [
    "ack",
    "assassination",
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
    "sack",
    "segment",
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

const SWITCHES: &str = include_str!("../content/switches.toml");

fn rules() -> BTreeMap<String, Entry> {
    entries("rules.toml", include_str!("../content/rules.toml"))
}

fn glossary() -> BTreeMap<String, Entry> {
    entries("glossary.toml", include_str!("../content/glossary.toml"))
}

fn page() -> BTreeMap<String, Entry> {
    entries("page.toml", include_str!("../content/page.toml"))
}

/// The entries of the switches, without the groups.
fn switches() -> BTreeMap<String, Entry> {
    entries("switches.toml", SWITCHES)
        .into_iter()
        .filter(|(name, _)| !name.starts_with("group-"))
        .collect()
}

/// The groups of the switches, by the name that a switch gives.
fn groups() -> BTreeMap<String, Entry> {
    entries("switches.toml", SWITCHES)
        .into_iter()
        .filter_map(|(name, entry)| Some((name.strip_prefix("group-")?.to_string(), entry)))
        .collect()
}

/// Every text of the rules, the glossary and the switches.
fn said() -> Vec<Said> {
    let mut said = Vec::new();
    let mut add = |file: &str, entries: &BTreeMap<String, Entry>, kind: fn(&str) -> Kind| {
        for (name, entry) in entries {
            for language in LANGUAGES {
                let ending = format!("_{language}");
                for field in entry.keys().filter(|f| *f == language || f.ends_with(&ending)) {
                    if let Some(text) = entry.get(field).and_then(Value::as_str) {
                        said.push(Said {
                            at: format!("{file} [{name}], {field}"),
                            kind: kind(field),
                            language,
                            text: text.to_string(),
                        });
                    }
                }
            }
        }
    };
    add("rules.toml", &rules(), |_| Kind::Rule);
    add("glossary.toml", &glossary(), |field| {
        if field.starts_with("term_") { Kind::Term } else { Kind::Meaning }
    });
    add("switches.toml", &entries("switches.toml", SWITCHES), |field| {
        if field.starts_with("name_") {
            Kind::Name
        } else if field.starts_with("value_") {
            Kind::Value
        } else {
            Kind::Switch
        }
    });
    said
}

/// A field's text; empty where there is none.
fn text<'a>(entry: &'a Entry, field: &str) -> &'a str {
    entry.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The texts in a field that is a list; empty where it isn't one.
fn list<'a>(entry: &'a Entry, field: &str) -> Vec<&'a str> {
    let list = entry.get(field).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The values of a switch that are words: what it is set to, but for numbers and times.
fn words_of(switch: Switch) -> Vec<String> {
    let expected = switch.expected();
    let words = expected.split(", ").filter(|w| w.starts_with(|c: char| c.is_ascii_lowercase()));
    words.map(str::to_string).collect()
}

/// What the page makes of a sentence: the words that become links, in their order. The longest
/// that fits wins, and none begins or ends within an ASCII word.
fn links<'a>(sentence: &str, words: &BTreeSet<&'a str>) -> Vec<&'a str> {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    let fits = |at: usize, word: &str| {
        let (before, from) = sentence.split_at(at);
        from.strip_prefix(word).is_some_and(|after| {
            let cut = |left: &str, right: &str| {
                is_part(left.chars().next_back()) && is_part(right.chars().next())
            };
            !cut(before, word) && !cut(word, after)
        })
    };
    let mut found = Vec::new();
    let mut next = 0;
    for (at, _) in sentence.char_indices() {
        if at < next {
            continue;
        }
        if let Some(word) = words.iter().filter(|w| fits(at, w)).max_by_key(|w| w.len()) {
            found.push(*word);
            next = at + word.len();
        }
    }
    found
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

/// The first screen has only these sentences: one more weighs on everybody, one less is an empty line.
#[test]
fn content_the_rules_that_the_page_opens_with_are_marked_and_no_others() {
    let told = Recording::of(&opening()).rules();
    let told: BTreeSet<&str> = told.into_iter().map(Rule::name).collect();
    let rules = rules();
    let is_marked = |entry: &Entry| entry.get("first") == Some(&Value::Boolean(true));
    let marked = rules.iter().filter(|(_, entry)| is_marked(entry));
    assert_eq!(marked.map(|(name, _)| name.as_str()).collect::<BTreeSet<_>>(), told);
    assert_eq!(rules.values().filter(|entry| entry.contains_key("first")).count(), told.len());
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
    let mut check = |file: &str, entries: BTreeMap<String, Entry>, known: &[&str]| {
        for (name, entry) in entries {
            for field in entry.keys() {
                // Which values there are is a test of its own.
                let value = file == "switches.toml" && field.starts_with("value_");
                if !known.contains(&field.as_str()) && !value {
                    complaints.push(format!("{file} [{name}]: unknown field {field}"));
                }
            }
        }
    };
    check("rules.toml", rules(), &["en", "zh", "first"]);
    let glossary_fields = ["term_en", "term_zh", "words_en", "words_zh", "en", "zh"];
    check("glossary.toml", glossary(), &glossary_fields);
    let switch_fields = ["name_en", "name_zh", "en", "zh", "cite", "group", "main"];
    check("switches.toml", switches(), &switch_fields);
    check("switches.toml groups", groups(), &["name_en", "name_zh"]);
    none(&complaints);
}

#[test]
fn content_placeholders_are_known_and_the_same_in_both_languages() {
    let mut complaints = Vec::new();
    for Said { at, kind, text, .. } in said() {
        for placeholder in placeholders(&text) {
            let known = matches!(placeholder.as_str(), "{host}" | "{peer}");
            if !known || kind != Kind::Rule {
                complaints.push(format!("{at}: {placeholder} is no placeholder here"));
            }
        }
    }
    for (name, entry) in rules() {
        let [en, zh] = LANGUAGES.map(|language| placeholders(text(&entry, language)));
        if en != zh {
            complaints.push(format!("rules.toml [{name}]: en has {en:?}, zh has {zh:?}"));
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
    for Said { at, text, .. } in said().iter().filter(|said| said.language == "zh") {
        for (left, right) in neighbours(&filled(text)) {
            let pair = format!("{left}{right}");
            if is_chinese(left) && ",.;:!?()".contains(right) {
                complaints.push(format!("{at}: ASCII mark in {pair:?}"));
            }
            let touches = is_chinese(left) && right.is_ascii_alphanumeric()
                || (left.is_ascii_alphanumeric() || left == ')') && is_chinese(right);
            if touches {
                complaints.push(format!("{at}: no space in {pair:?}"));
            }
            let loose = left == ' ' && is_full_width_mark(right)
                || is_full_width_mark(left) && right == ' ';
            if loose {
                complaints.push(format!("{at}: a space too many in {pair:?}"));
            }
        }
    }
    none(&complaints);
}

#[test]
fn content_each_language_keeps_to_its_own_characters() {
    let mut complaints = Vec::new();
    for Said { at, kind, language, text } in said() {
        let foreign = text.chars().any(|c| is_chinese(c) || is_full_width_mark(c));
        if language == "en" && foreign {
            complaints.push(format!("{at} has Chinese characters"));
        }
        // A term can be the same in both languages, as RST is.
        if language == "zh" && kind != Kind::Term && !text.chars().any(is_chinese) {
            complaints.push(format!("{at} has no Chinese"));
        }
    }
    none(&complaints);
}

#[test]
fn content_sentences_end_titles_and_values_do_not_and_no_spaces_are_loose() {
    let mut complaints = Vec::new();
    for Said { at, kind, language, text } in said() {
        let end = if language == "en" { '.' } else { '。' };
        if kind.is_sentence() != text.ends_with(end) {
            complaints.push(format!("{at}: {end} at the end is for sentences, all of them"));
        }
        if text.contains("  ") || text.trim() != text {
            complaints.push(format!("{at} has loose spaces"));
        }
    }
    none(&complaints);
}

/// The screen writes the states as TIME_WAIT; the RFC's spelling stands in the glossary alone.
#[test]
fn content_rules_and_switches_write_states_with_underscores() {
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
    for Said { at, kind, text, .. } in said() {
        let glossary = matches!(kind, Kind::Term | Kind::Meaning);
        for spelling in hyphenated.iter().filter(|spelling| text.contains(**spelling)) {
            if !glossary {
                complaints.push(format!("{at} writes {spelling}"));
            }
        }
    }
    none(&complaints);
}

#[test]
fn content_texts_are_short() {
    let mut complaints = Vec::new();
    for Said { at, kind, language, text } in said() {
        let [en, zh] = kind.limits();
        let limit = if language == "en" { en } else { zh };
        let length = filled(&text).chars().count();
        if length > limit {
            complaints.push(format!("{at}: {length} characters, {limit} allowed"));
        }
    }
    none(&complaints);
}

#[test]
fn content_every_switch_has_its_entry_in_the_order_of_the_profile() {
    let switches = switches();
    let mut complaints = Vec::new();
    for switch in Switch::ALL {
        let name = switch.name();
        let Some(entry) = switches.get(name) else {
            complaints.push(format!("switches.toml [{name}] is missing"));
            continue;
        };
        for field in ["name_en", "name_zh", "en", "zh", "cite", "group"] {
            if text(entry, field).trim().is_empty() {
                complaints.push(format!("switches.toml [{name}] has no {field}"));
            }
        }
    }
    for name in switches.keys().filter(|name| Switch::parse(name).is_none()) {
        complaints.push(format!("switches.toml [{name}]: no such switch"));
    }
    none(&complaints);
    let headings = SWITCHES.lines().filter_map(|l| l.strip_prefix('[')?.strip_suffix(']'));
    let order: Vec<&str> = headings.filter(|name| !name.starts_with("group-")).collect();
    let profile: Vec<&str> = Switch::ALL.iter().map(|switch| switch.name()).collect();
    assert_eq!(order, profile);
}

#[test]
fn content_every_value_of_a_switch_has_its_text_and_no_other_has_one() {
    let switches = switches();
    let mut complaints = Vec::new();
    for switch in Switch::ALL {
        let name = switch.name();
        let Some(entry) = switches.get(name) else { continue };
        let values = words_of(*switch);
        for value in &values {
            assert!(Profile::new(Base::Rfc9293).set(*switch, value), "{name}={value}");
        }
        let mut fields: BTreeSet<String> =
            entry.keys().filter(|field| field.starts_with("value_")).cloned().collect();
        for field in values.iter().flat_map(|v| LANGUAGES.map(|l| format!("value_{v}_{l}"))) {
            if text(entry, &field).trim().is_empty() {
                complaints.push(format!("switches.toml [{name}] has no {field}"));
            }
            fields.remove(&field);
        }
        for field in fields {
            complaints.push(format!("switches.toml [{name}], {field}: no such value"));
        }
    }
    none(&complaints);
}

#[test]
fn content_the_words_among_the_values_of_a_switch_are_found() {
    assert_eq!(words_of(Switch::time_wait), ["none"]);
    assert_eq!(words_of(Switch::tw_reuse), ["off", "on", "loopback"]);
    assert_eq!(words_of(Switch::nagle), ["on", "off"]);
    assert!(words_of(Switch::mss).is_empty());
    assert!(words_of(Switch::rto_min).is_empty());
    assert!(words_of(Switch::ephemeral_ports).is_empty());
}

/// What tells two texts apart: two of a kind with the same words would be one for the reader.
#[test]
fn content_no_two_switches_and_no_two_values_of_one_say_the_same() {
    let mut complaints = Vec::new();
    let mut seen = BTreeMap::new();
    for Said { at, kind, language, text } in said() {
        let of = at.split(']').next().unwrap_or_default();
        let scope = if kind == Kind::Value { of.to_string() } else { format!("{kind:?}") };
        if let Some(other) = seen.insert((scope, language, text), at.clone()) {
            complaints.push(format!("{at} says what {other} says"));
        }
    }
    none(&complaints);
}

#[test]
fn content_the_groups_of_the_switches_are_few_known_and_not_empty() {
    let (groups, switches) = (groups(), switches());
    let used: BTreeSet<&str> = switches.values().map(|entry| text(entry, "group")).collect();
    let mut complaints = Vec::new();
    for (name, entry) in &groups {
        for field in ["name_en", "name_zh"] {
            if text(entry, field).trim().is_empty() {
                complaints.push(format!("switches.toml [group-{name}] has no {field}"));
            }
        }
        if !used.contains(name.as_str()) {
            complaints.push(format!("switches.toml [group-{name}] has no switch"));
        }
    }
    for (name, entry) in &switches {
        let group = text(entry, "group");
        if !groups.contains_key(group) {
            complaints.push(format!("switches.toml [{name}]: no group {group:?}"));
        }
        // What isn't main says nothing.
        if entry.get("main").is_some_and(|main| main.as_bool() != Some(true)) {
            complaints.push(format!("switches.toml [{name}]: main is true, or not there"));
        }
    }
    none(&complaints);
    assert!(groups.len() <= GROUPS, "{} groups", groups.len());
    let main = switches.values().filter(|entry| entry.contains_key("main")).count();
    assert!((8..=16).contains(&main), "{main} switches are main");
}

#[test]
fn content_citations_are_short_and_name_what_can_be_looked_up() {
    let mut complaints = Vec::new();
    for (name, entry) in switches() {
        let cite = text(&entry, "cite");
        let length = cite.chars().count();
        if length > CITATION {
            complaints.push(format!("[{name}]: {length} characters, {CITATION} allowed"));
        }
        if !["RFC ", "Linux ", "FreeBSD ", "smoltcp"].iter().any(|source| cite.contains(source)) {
            complaints.push(format!("[{name}]: {cite:?} names no source"));
        }
        if !cite.chars().all(|c| c.is_ascii() || "§·".contains(c)) || cite.contains("PROTOCOL") {
            complaints.push(format!("[{name}]: {cite:?} is not for a reader"));
        }
    }
    none(&complaints);
}

#[test]
fn content_words_are_found_as_the_page_finds_them() {
    let words = BTreeSet::from(["ACK", "challenge ACK", "MSL", "2MSL", "segment", "窗口"]);
    assert_eq!(links("A challenge ACK, an ACK.", &words), ["challenge ACK", "ACK"]);
    assert_eq!(links("LAST_ACK, ACKs, ack, 2MSL, xMSL", &words), ["2MSL"]);
    assert_eq!(links("SYN,ACK; segments; a segment", &words), ["ACK", "segment"]);
    assert_eq!(links("接收窗口内的ACK", &words), ["窗口", "ACK"]);
    assert!(links("MSL2", &words).is_empty());
}

#[test]
fn content_every_word_of_the_glossary_belongs_to_one_entry_and_is_found() {
    let glossary = glossary();
    let mut complaints = Vec::new();
    for language in LANGUAGES {
        let field = format!("words_{language}");
        let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, entry) in &glossary {
            let words = list(entry, &field);
            if words.is_empty() {
                complaints.push(format!("glossary.toml [{name}] has no {field}"));
            }
            for word in words {
                if word.is_empty() || word.trim() != word {
                    complaints.push(format!("glossary.toml [{name}], {field}: {word:?}"));
                }
                if let Some(other) = owners.insert(word, name) {
                    complaints.push(format!("{word:?} belongs to [{other}] and to [{name}]"));
                }
            }
        }
        let words: BTreeSet<&str> = owners.keys().copied().collect();
        let mut shown: Vec<String> = Vec::new();
        shown.extend(page().values().map(|entry| text(entry, language).to_string()));
        let texts = said().into_iter().filter(|said| said.language == language);
        shown.extend(texts.filter(|said| said.kind != Kind::Term).map(|said| said.text));
        let found: BTreeSet<&str> = shown.iter().flat_map(|text| links(text, &words)).collect();
        for word in words.difference(&found) {
            complaints.push(format!("{word:?} of [{}] is found nowhere", owners[word]));
        }
    }
    none(&complaints);
}
