//! The words of the lab: links in its sentences, and a sheet to browse them.

use leptos::prelude::*;

use super::draw::{El, button, html, truth};
use super::keys::focus;
use super::lab::Lab;
use super::language::Text;
use super::sheet::Sheet;
use super::texts::{Fetched, Term, ask_for_panels, fetched, panels};

/// The entries in the person's language, as soon as they're here; the first who needs them asks.
fn entries(lab: Lab) -> &'static [Term] {
    let language = lab.language.get();
    if untrack(|| fetched(language)) == Fetched::NotAsked {
        ask_for_panels(language);
    }
    // What is drawn now is drawn anew when they come.
    let _ = fetched(language);
    panels(language).map_or(&[], |panels| panels.terms.as_slice())
}

/// A sentence with its terms as buttons that open the glossary.
pub(super) fn terms(lab: Lab, sentence: &str) -> Vec<El> {
    linked(entries(lab), sentence, None, move |entry| {
        let name = entry.name;
        Box::new(move || lab.sheet.set(Some(Sheet::Term(name.to_owned()))))
    })
}

/// A term with its meaning, beside all terms.
pub(super) fn sheet(lab: Lab, name: &str) -> (String, El) {
    let shown = RwSignal::new(name.to_owned());
    let entry = move || {
        let entries = entries(lab);
        let entry = entries.iter().find(|entry| shown.with(|name| entry.name == name));
        entry.map(|entry| meaning(entries, entry, shown)).unwrap_or_default()
    };
    let list = html("ul", "all-terms").set("aria-labelledby", "all-terms");
    let glossary = html("div", "glossary")
        .add(html("div", "meaning").part(entry))
        .add(html("h3", "unseen").set("id", "all-terms").text(lab.text(Text::AllTerms)))
        .add(list.part(move || entries(lab).iter().map(|entry| item(entry, shown)).collect()));
    (lab.say(Text::Glossary), glossary)
}

fn meaning(entries: &[Term], entry: &Term, shown: RwSignal<String>) -> Vec<El> {
    let follow = |entry: &Term| -> Box<dyn Fn()> {
        let name = entry.name;
        Box::new(move || {
            shown.set(name.to_owned());
            // What was pressed is gone when the other meaning stands there.
            request_animation_frame(|| focus(".meaning h3"));
        })
    };
    let sentence = linked(entries, entry.text, Some(entry.name), follow);
    vec![html("h3", "").set("tabindex", "-1").text(entry.term), html("p", "").adds(sentence)]
}

fn item(entry: &Term, shown: RwSignal<String>) -> El {
    let name = entry.name;
    let go = button("link", move || shown.set(name.to_owned()))
        .follow("aria-current", move || truth(shown.with(|shown| shown == name)))
        .text(entry.term);
    html("li", "").add(go)
}

/// A sentence with the terms in it as buttons, but for the entry that it explains.
fn linked(
    entries: &[Term],
    sentence: &str,
    but: Option<&str>,
    open: impl Fn(&Term) -> Box<dyn Fn()>,
) -> Vec<El> {
    let others = entries.iter().enumerate().filter(|(_, entry)| but != Some(entry.name));
    let words: Vec<(usize, &str)> = others
        .flat_map(|(place, entry)| entry.words.iter().map(move |word| (place, *word)))
        .collect();
    let pieces = split(sentence, &words).into_iter();
    pieces
        .map(|(text, place)| match place.and_then(|place| entries.get(place)) {
            Some(entry) => button("term", open(entry)).set("aria-haspopup", "dialog").text(text),
            None => html("span", "").text(text),
        })
        .collect()
}

/// Splits a sentence at the words of entries, each with its entry's place. The longest word that
/// fits at a place wins; of each entry only the first word in the sentence counts.
fn split<'a>(sentence: &'a str, words: &[(usize, &str)]) -> Vec<(&'a str, Option<usize>)> {
    let mut pieces = Vec::new();
    let mut found = Vec::new();
    // Where the plain text begins that is not among the pieces yet.
    let mut plain = 0;
    let mut at = 0;
    while let Some(rest) = sentence.get(at..).filter(|rest| !rest.is_empty()) {
        let fitting = words.iter().filter(|(_, word)| stands(sentence, at, word));
        let Some((place, word)) = fitting.max_by_key(|(_, word)| word.len()) else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        if !found.contains(place) {
            found.push(*place);
            pieces
                .extend(sentence.get(plain..at).filter(|text| !text.is_empty()).map(|t| (t, None)));
            pieces.extend(sentence.get(at..at + word.len()).map(|text| (text, Some(*place))));
            plain = at + word.len();
        }
        at += word.len();
    }
    pieces.extend(sentence.get(plain..).filter(|text| !text.is_empty()).map(|text| (text, None)));
    pieces
}

/// Whether a word stands at a place of a sentence, and not within a longer one. Chinese has no sign
/// for where a word ends, ASCII has.
fn stands(sentence: &str, at: usize, word: &str) -> bool {
    let joins = |one: Option<char>| one.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    let (before, rest) = sentence.split_at_checked(at).unwrap_or_default();
    let Some(after) = rest.strip_prefix(word).filter(|_| !word.is_empty()) else { return false };
    let begins_within = joins(word.chars().next()) && joins(before.chars().next_back());
    let ends_within = joins(word.chars().next_back()) && joins(after.chars().next());
    !begins_within && !ends_within
}

#[cfg(test)]
mod tests {
    use super::split;

    const WORDS: [(usize, &str); 8] = [
        (0, "ACK"),
        (1, "challenge ACK"),
        (2, "LAST_ACK"),
        (3, "segment"),
        (3, "segments"),
        (4, "MSL"),
        (5, "2MSL"),
        (6, "报文段"),
    ];

    /// The sentence with its links in brackets.
    fn marked(sentence: &str) -> String {
        let pieces = split(sentence, &WORDS);
        assert_eq!(pieces.iter().map(|(text, _)| *text).collect::<String>(), sentence);
        let mark = |(text, place): &(&str, Option<usize>)| match place {
            Some(place) => format!("[{text}:{place}]"),
            None => (*text).to_owned(),
        };
        pieces.iter().map(mark).collect()
    }

    #[test]
    fn the_longest_word_wins() {
        assert_eq!(
            marked("A challenge ACK, then an ACK."),
            "A [challenge ACK:1], then an [ACK:0]."
        );
        assert_eq!(marked("Old segments die."), "Old [segments:3] die.");
        assert_eq!(marked("2MSL is two MSL"), "[2MSL:5] is two [MSL:4]");
    }

    #[test]
    fn a_word_within_another_is_none() {
        for sentence in ["LAST_ACKS", "ACKs and acks", "3MSL", "MSL2", "ACK_"] {
            assert_eq!(marked(sentence), sentence);
        }
        assert_eq!(marked("LAST_ACK"), "[LAST_ACK:2]");
        assert_eq!(marked("SYN,ACK-or-ACK"), "SYN,[ACK:0]-or-ACK");
    }

    #[test]
    fn only_the_first_is_a_link() {
        assert_eq!(marked("a segment among segments"), "a [segment:3] among segments");
        // The second challenge ACK doesn't become a link to ACK.
        assert_eq!(marked("challenge ACK, challenge ACK"), "[challenge ACK:1], challenge ACK");
    }

    #[test]
    fn chinese_needs_no_blank() {
        assert_eq!(marked("旧报文段到达，ACK丢失。"), "旧[报文段:6]到达，[ACK:0]丢失。");
    }

    #[test]
    fn nothing_is_lost() {
        assert_eq!(marked(""), "");
        assert_eq!(marked("ACK"), "[ACK:0]");
        assert_eq!(split("ACK", &[]), [("ACK", None)]);
        assert_eq!(split("ACK", &[(0, "")]), [("ACK", None)]);
    }
}
