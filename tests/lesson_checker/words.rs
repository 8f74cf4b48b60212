//! What is said: texts, citations, and how a recording differs from a run.

use std::collections::BTreeSet;

use time_wait_lab::lesson::{Exchanged, Recorded, exchange, from_first_fin};
use time_wait_lab::tcp::event::HostId;
use time_wait_lab::world::Trace;

const MOST_SENTENCES: usize = 3;

/// How many points the article has.
const POINTS: u32 = 7;

/// What is wrong with a text.
pub(crate) fn wrong(language: &str, text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return Some(format!("an empty text: expected words in \"{language}\""));
    }
    let found = sentences(text);
    if found > MOST_SENTENCES {
        return Some(format!("{found} sentences: expected {MOST_SENTENCES} at most"));
    }
    let has_han = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    if language == "en" && has_han {
        return Some("Chinese characters: expected English".to_owned());
    }
    let is_long = text.split_whitespace().count() > 3;
    let is_plain = language == "zh" && !has_han && is_long;
    is_plain.then(|| "no Chinese character: expected the text in Chinese".to_owned())
}

/// How many sentences a text has. A full stop ends one where a blank or the end follows it, so that
/// "§3.4" has none; what follows the last end counts as one more.
pub(crate) fn sentences(text: &str) -> usize {
    let text = text.trim().replace("e.g.", "eg").replace("i.e.", "ie").replace(" vs.", " vs");
    let mut count = 0;
    let mut open = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let at_blank = chars.peek().is_none_or(|next| !next.is_alphanumeric() && *next != '_');
        let ends = matches!(c, '。' | '！' | '？') || matches!(c, '.' | '!' | '?') && at_blank;
        if ends && open {
            count += 1;
            open = false;
        } else if c.is_alphanumeric() {
            open = true;
        }
    }
    count + usize::from(open)
}

/// Whether a citation is one of tests/sections.txt.
pub(crate) fn is_section(cite: &str) -> bool {
    sections().contains(cite)
}

/// The lines of tests/sections.txt.
pub(crate) fn sections() -> BTreeSet<&'static str> {
    let lines = include_str!("../sections.txt").lines();
    lines.filter(|line| !line.trim().is_empty() && !line.starts_with('#')).collect()
}

/// Whether a citation is a point of the article: `article 2`.
pub(crate) fn is_article(cite: &str) -> bool {
    let point = cite.strip_prefix("article ").and_then(|point| point.parse().ok());
    point.is_some_and(|point: u32| (1..=POINTS).contains(&point))
}

/// Where the closes of a recording and of a run differ first, for each host; a recording without a
/// FIN is compared whole.
pub(crate) fn difference(recorded: &Recorded, run: &Trace) -> String {
    let mut what = format!("`{}` isn't the same as the scene: expected", recorded.name);
    let mut both = [recorded.segments.clone(), exchange(run)];
    if both.iter().all(|all| !from_first_fin(all).is_empty()) {
        both = both.map(|all| from_first_fin(&all));
        what.push_str(" from the first FIN on");
    }
    for host in HostId::BOTH {
        let [want, got] = [0, 1].map(|run| {
            let own = both[run].iter().filter(|sent| sent.sender == host);
            own.map(line).collect::<Vec<String>>()
        });
        for place in 0..want.len().max(got.len()) {
            let [want, got] = [&want, &got].map(|all| all.get(place).map_or("nothing", |l| l));
            if want != got {
                what.push_str(&format!(" {host}'s segment {}: {want}, not {got};", place + 1));
                break;
            }
        }
    }
    what
}

fn line(sent: &Exchanged) -> String {
    let ack = sent.ack.map_or("-".to_owned(), |ack| ack.cast_signed().to_string());
    let lost = if sent.lost { " lost" } else { "" };
    let seq = sent.seq.cast_signed();
    format!("{} SEQ {seq} ACK {ack} of {} octets{lost}", sent.flags, sent.octets)
}
