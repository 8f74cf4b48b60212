//! Changes to a text that know what it is made of: lines, words, numbers, and the acts of a scenario.

use time_wait_lab::tcp::profile::{Base, Switch};
use time_wait_lab::world::text::MOST_SCENARIO_TEXT;

use crate::dice::Dice;

/// How a text is cut.
#[derive(Clone, Copy)]
pub(crate) struct Grammar {
    /// What ends a line.
    pub(crate) line: char,
    /// What stands between words.
    pub(crate) between: &'static [char],
    /// Whether its lines are those of a scenario.
    pub(crate) has_acts: bool,
}

/// What is put into a text.
pub(crate) struct Larder<'a> {
    /// Other texts of its kind.
    pub(crate) others: &'a [String],
    /// Their words.
    pub(crate) words: &'a [String],
}

const EDGES: [u64; 23] = [
    0,
    1,
    2,
    3,
    7,
    255,
    256,
    65_535,
    65_536,
    99_999,
    100_000,
    (1 << 31) - 1,
    1 << 31,
    (1 << 31) + 1,
    (1 << 32) - 1,
    1 << 32,
    3_000_000_000,
    (1 << 53) + 1,
    (1 << 63) - 1,
    1 << 63,
    u64::MAX - 1,
    u64::MAX,
    10_000_000_000,
];

const LENGTHS: [&str; 14] = [
    "0us",
    "1us",
    "2us",
    "999us",
    "1ms",
    "50ms",
    "200ms",
    "1s",
    "60s",
    "600s",
    "4294967296us",
    "4294967295s",
    "18446744073709551615us",
    "18446744073709s",
];

const ODDITIES: [&str; 22] = [
    "\u{0}",
    "\u{feff}",
    "\u{2028}",
    "\u{85}",
    "\u{a0}",
    "\u{200b}",
    "\u{202e}",
    "e\u{301}",
    "é",
    "终",
    "😀",
    "👩\u{200d}👩",
    "\r",
    "\r\n",
    "\t",
    "\u{b}",
    "\"",
    "\\",
    "%",
    "%00",
    "%ff",
    "\u{10ffff}",
];

/// A text with one change, or several, or (seldom) very many.
pub(crate) fn mutated(
    dice: &mut Dice,
    text: &str,
    grammar: Grammar,
    larder: &Larder<'_>,
) -> String {
    let mut lines: Vec<String> = text.split(grammar.line).map(str::to_owned).collect();
    let mut rounds = 1;
    while rounds < 12 && dice.once_in(2) {
        rounds += 1;
    }
    for _ in 0..rounds {
        change(dice, &mut lines, grammar, larder);
    }
    // A little more than can be read may stay, to be refused.
    let mut most = 2 * MOST_SCENARIO_TEXT;
    lines.retain(|line| {
        let fits = line.len() < most;
        most = most.saturating_sub(line.len());
        fits
    });
    lines.join(&grammar.line.to_string())
}

fn change(dice: &mut Dice, lines: &mut Vec<String>, grammar: Grammar, larder: &Larder<'_>) {
    let at = dice.below(lines.len());
    let beside = dice.below(lines.len() + 1);
    match dice.below(20) {
        0 => {
            let last = lines.len() - 1;
            lines.swap(at, beside.min(last));
        }
        1 => lines.insert(beside, lines.get(at).cloned().unwrap_or_default()),
        2 if lines.len() > 1 => drop(lines.remove(at)),
        3 | 4 => lines.insert(beside, foreign(dice, grammar, larder)),
        5 => splice(dice, lines, grammar, larder),
        6 if dice.once_in(4) => repeat(dice, lines, at, grammar),
        7 if dice.once_in(3) => lines.truncate(at + 1),
        8..=12 if grammar.has_acts => scenario_line(dice, lines, grammar),
        13..=15 => in_line(dice, lines, at, other_number),
        16 => in_line(dice, lines, at, other_octet),
        _ => in_line(dice, lines, at, |dice, line| other_word(dice, line, grammar, larder)),
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
}

fn in_line(
    dice: &mut Dice,
    lines: &mut [String],
    at: usize,
    change: impl Fn(&mut Dice, &str) -> Option<String>,
) {
    if let Some(line) = lines.get_mut(at)
        && let Some(changed) = change(dice, line)
    {
        *line = changed;
    }
}

/// A line of another text.
fn foreign(dice: &mut Dice, grammar: Grammar, larder: &Larder<'_>) -> String {
    let other = dice.one(larder.others).cloned().unwrap_or_default();
    let lines: Vec<&str> = other.split(grammar.line).collect();
    dice.of(&lines).unwrap_or_default().to_owned()
}

/// The head of this text and the tail of another one.
fn splice(dice: &mut Dice, lines: &mut Vec<String>, grammar: Grammar, larder: &Larder<'_>) {
    let other = dice.one(larder.others).cloned().unwrap_or_default();
    let theirs: Vec<&str> = other.split(grammar.line).collect();
    lines.truncate(dice.below(lines.len()) + 1);
    lines.extend(theirs.iter().skip(dice.below(theirs.len())).map(|line| (*line).to_owned()));
}

/// A line, or what is in it, again and again.
fn repeat(dice: &mut Dice, lines: &mut Vec<String>, at: usize, grammar: Grammar) {
    let Some(line) = lines.get(at).cloned() else { return };
    let most = MOST_SCENARIO_TEXT / (line.len() + 1);
    let times = (1 << dice.below(16)).min(most);
    match dice.below(3) {
        0 => drop(lines.splice(at..at, std::iter::repeat_n(line, times))),
        1 => {
            let between = dice.one(grammar.between).copied().unwrap_or(' ').to_string();
            lines[at] = vec![line; times].join(&between);
        }
        _ => {
            if let Some(char) = line.chars().nth(dice.below(line.chars().count())) {
                lines[at] = line.replacen(char, &char.to_string().repeat(times), 1);
            }
        }
    }
}

/// The places of a line's words.
fn words(line: &str, is_of_word: impl Fn(char) -> bool) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut open = false;
    for (at, char) in line.char_indices() {
        let end = at + char.len_utf8();
        match (is_of_word(char), open, found.last_mut()) {
            (true, true, Some(word)) => word.1 = end,
            (true, _, _) => found.push((at, end)),
            (false, _, _) => {}
        }
        open = is_of_word(char);
    }
    found
}

fn put(line: &str, (from, to): (usize, usize), word: &str) -> String {
    format!("{}{word}{}", line.get(..from).unwrap_or(""), line.get(to..).unwrap_or(""))
}

fn other_word(
    dice: &mut Dice,
    line: &str,
    grammar: Grammar,
    larder: &Larder<'_>,
) -> Option<String> {
    let places = words(line, |char| !grammar.between.contains(&char));
    let place = *dice.one(&places)?;
    let own = line.get(place.0..place.1).unwrap_or("");
    let word = dice.one(larder.words)?;
    let between = dice.one(grammar.between).copied().unwrap_or(' ');
    Some(match dice.below(8) {
        0 => put(line, place, ""),
        1 => put(line, place, &format!("{own}{between}{own}")),
        2 => put(line, place, &format!("{own}{between}{word}")),
        _ => put(line, place, word),
    })
}

fn other_number(dice: &mut Dice, line: &str) -> Option<String> {
    let places = words(line, |char| char.is_ascii_digit());
    let place = *dice.one(&places)?;
    let number: u64 = line.get(place.0..place.1).and_then(|word| word.parse().ok()).unwrap_or(0);
    let edge = dice.one(&EDGES).copied().unwrap_or(0);
    let number = match dice.below(6) {
        0 => number.wrapping_add(1),
        1 => number.wrapping_sub(1),
        2 => number.wrapping_mul(2),
        3 => u64::try_from(dice.below(12)).unwrap_or(0),
        _ => edge,
    };
    Some(put(line, place, &number.to_string()))
}

fn other_octet(dice: &mut Dice, line: &str) -> Option<String> {
    let places: Vec<(usize, usize)> =
        line.char_indices().map(|(at, char)| (at, at + char.len_utf8())).collect();
    let oddity = dice.of(&ODDITIES).unwrap_or("");
    let Some(place) = dice.one(&places).copied() else { return Some(oddity.to_owned()) };
    Some(match dice.below(3) {
        0 => put(line, place, ""),
        1 => put(line, place, oddity),
        _ => put(line, (place.0, place.0), oddity),
    })
}

/// A line of a scenario, anew: an act for every segment, a setting of a host, the wire, the start.
fn scenario_line(dice: &mut Dice, lines: &mut Vec<String>, grammar: Grammar) {
    let host = ["A", "B"][dice.below(2)];
    match dice.below(8) {
        0..=2 => {
            let at = dice.below(lines.len()) + 1;
            lines.insert(at, encoded(&fate(dice, host), grammar));
        }
        3 => {
            let line = match dice.below(3) {
                0 => format!("until {}", length(dice)),
                1 => format!("wire A {} B {}", length(dice), length(dice)),
                _ => format!("start established {} {}", edge(dice), edge(dice)),
            };
            let first = line.split(' ').next().unwrap_or("").to_owned();
            let line = encoded(&line, grammar);
            match lines.iter_mut().find(|line| line.starts_with(&first)) {
                Some(own) => *own = line,
                None => lines.insert(1.min(lines.len()), line),
            }
        }
        _ => {
            let setting = setting(dice);
            let begins = |line: &&mut String| {
                line.strip_prefix(host).is_some_and(|rest| rest.starts_with(grammar.between))
            };
            let between = grammar.between.first().copied().unwrap_or(' ');
            match lines.iter_mut().find(begins) {
                Some(line) => *line = format!("{line}{between}{setting}"),
                None => lines.insert(
                    1.min(lines.len()),
                    encoded(&format!("{host} rfc9293 {setting}"), grammar),
                ),
            }
        }
    }
}

/// A line as its grammar has it: in a link `+` stands for a blank.
fn encoded(line: &str, grammar: Grammar) -> String {
    if grammar.between.contains(&'+') { line.replace(' ', "+") } else { line.to_owned() }
}

fn edge(dice: &mut Dice) -> u64 {
    dice.one(&EDGES).copied().unwrap_or(0)
}

fn length(dice: &mut Dice) -> &'static str {
    dice.of(&LENGTHS).unwrap_or("1s")
}

/// `duplicate every A seq 5 ack on 1ms`, and the like.
fn fate(dice: &mut Dice, host: &str) -> String {
    let mut line = dice.of(&["drop", "delay", "duplicate", "keep"]).unwrap_or("").to_owned();
    let takes_time = matches!(line.as_str(), "delay" | "duplicate");
    if dice.once_in(3) {
        line = format!("{line} {host}{}", dice.below(12) + 1);
    } else {
        line = format!("{line} every {host}");
        if dice.once_in(3) {
            line = format!("{line} seq {}", edge(dice));
        }
        for bit in ["ack", "rst"] {
            if dice.once_in(3) {
                line = format!("{line} {bit} {}", ["on", "off"][dice.below(2)]);
            }
        }
    }
    if takes_time {
        line = format!("{line}{} {}", ["", " at"][dice.below(2)], length(dice));
    }
    line
}

/// A switch, or a stack, with a value that it takes or one at the edge.
fn setting(dice: &mut Dice) -> String {
    let Some(switch) = dice.one(Switch::ALL).copied() else { return String::new() };
    let expected = switch.expected();
    let values: Vec<&str> = expected.split(", ").collect();
    let value = match dice.below(5) {
        0 => edge(dice).to_string(),
        1 => length(dice).to_owned(),
        _ => dice.of(&values).unwrap_or("").to_owned(),
    };
    match dice.below(8) {
        0 => dice.one(Base::ALL).map_or_else(String::new, Base::to_string),
        1 => format!("iss={}", edge(dice)),
        _ => format!("{}={value}", switch.name()),
    }
}
