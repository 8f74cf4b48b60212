//! What stands behind `#` in an address: `t=1272ms&lang=en&w=A+time-wait=none&s=time-wait-lab+1;…`,
//! the moment, the language, what differs in the other world, and the scenario; `lesson=close.3` where
//! a lesson is taken, `show=theorem` where something lies over the stage.
//!
//! The texts have `+` for a blank and `;` for the end of a line. A link made today opens in every
//! later version: `tests/links` keeps some. Of one that can't be read as much is shown as can be.

use core::fmt;

use crate::tcp::time::{Span, Time};
use crate::world::scenario::{Act, Scenario, Start};
use crate::world::twin::Difference;

use super::cursor::{Cursor, lines};
use super::scenario::{Reader, check_size};
use super::{Expected, MOST_SCENARIO_TEXT, TextError, VERSION, parse_difference, parse_scenario};

/// So many lines may be unreadable; where there are more, nothing is shown.
const MOST_LEFT_OUT: usize = 100;

/// What a link says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The moment that is shown.
    pub time: Option<Time>,
    /// The tag of the language. The world knows no languages, so it's any text.
    pub language: Option<String>,
    /// The lesson that is taken, by its name, and the stop in it, from 0. The world knows no lessons.
    pub lesson: Option<(String, usize)>,
    /// What lies over the stage, in words of its own. The world doesn't know them.
    pub show: Option<String>,
    /// What differs in the other world; `None`: there is one world.
    pub other: Option<Difference>,
    /// The scenario.
    pub scenario: Option<Scenario>,
}

/// Why a link can't be read, or not all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkError {
    /// What is wrong: of several faults that which concerns most of it.
    pub fault: Fault,
    /// The lines of the scenario that are left out of what is shown, from 1, in order. Empty where no
    /// scenario could be made of the rest, or nothing had to be left out.
    pub left_out: Vec<u32>,
}

/// What is wrong with a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The scenario is of a later version of its format, this one.
    Later(u32),
    /// The scenario can't be read there.
    Scenario(TextError),
    /// What differs in the other world can't be read there.
    Other(TextError),
    /// It isn't a link of ours: a part without `=`, a moment that is none, octets that are no text.
    Address,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.fault {
            Fault::Later(version) => write!(f, "written by version {version} of the format"),
            Fault::Scenario(error) => write!(f, "scenario: {error}"),
            Fault::Other(error) => write!(f, "other world: {error}"),
            Fault::Address => f.write_str("no link of this lab"),
        }
    }
}

impl core::error::Error for LinkError {}

impl fmt::Display for Link {
    /// The canonical text. [`Link::parse`] reads it back as the same link, if it has a scenario:
    /// without one a moment and another world mean nothing and aren't written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scenario = self.scenario.as_ref();
        let parts = [
            ("t", self.time.filter(|_| scenario.is_some()).map(|time| time.to_string())),
            ("lang", self.language.as_deref().map(encode)),
            ("lesson", self.lesson.as_ref().map(|(name, stop)| lesson_text(name, *stop))),
            ("show", self.show.as_deref().map(encode)),
            ("w", self.other.as_ref().filter(|_| scenario.is_some()).map(encoded)),
            ("s", scenario.map(encoded)),
        ];
        let mut between = "";
        for (key, value) in parts {
            let Some(value) = value else { continue };
            write!(f, "{between}{key}={value}")?;
            between = "&";
        }
        Ok(())
    }
}

impl Link {
    /// How many characters its text has, all of them of one octet. An address has those of the page
    /// and `#` besides.
    #[must_use]
    pub fn length(&self) -> usize {
        self.to_string().len()
    }

    /// Reads what stands behind `#`, with it or without. Total, and in time in proportion to the
    /// text: what can't be read is said, and the link is what could be.
    #[must_use]
    pub fn parse(text: &str) -> (Link, Option<LinkError>) {
        let (mut link, mut coded_scenario, mut coded_other) = (Link::default(), None, None);
        let mut faults = Vec::new();
        let text = text.strip_prefix('#').unwrap_or(text);
        for part in text.split('&').filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some(("t", time)) => {
                    link.time = Span::parse(time).map(|span| Time(span.0));
                    faults.extend(link.time.is_none().then_some(Fault::Address));
                }
                Some(("lang", tag)) => match text_of(decode(tag)) {
                    Some(tag) => link.language = Some(tag),
                    None => faults.push(Fault::Address),
                },
                Some(("lesson", coded)) => match lesson_of(coded) {
                    Some(lesson) => link.lesson = Some(lesson),
                    None => faults.push(Fault::Address),
                },
                Some(("show", words)) => match text_of(decode(words)) {
                    Some(words) => link.show = Some(words),
                    None => faults.push(Fault::Address),
                },
                Some(("s", coded)) => coded_scenario = Some(coded),
                Some(("w", coded)) => coded_other = Some(coded),
                // What a later version writes is no error.
                Some((_, _)) => {}
                None => faults.push(Fault::Address),
            }
        }
        let mut left_out = Vec::new();
        if let Some(coded) = coded_scenario {
            let read = read_scenario(coded);
            (link.scenario, left_out) = (read.scenario, read.left_out);
            faults.extend(read.fault);
        }
        if let Some(coded) = coded_other {
            match read_other(coded) {
                Ok(other) => link.other = Some(other),
                Err(fault) => faults.push(fault),
            }
        }
        if link.scenario.is_none() {
            (link.time, link.other) = (None, None);
        }
        let error = gravest(faults).map(|fault| LinkError { fault, left_out });
        (link, error)
    }
}

/// Of several faults that which concerns most of a link, the first one where there are more.
fn gravest(faults: Vec<Fault>) -> Option<Fault> {
    faults.into_iter().min_by_key(|fault| match fault {
        Fault::Later(_) => 0,
        Fault::Scenario(_) => 1,
        Fault::Other(_) => 2,
        Fault::Address => 3,
    })
}

fn read_other(coded: &str) -> Result<Difference, Fault> {
    let text = text_of(decode(coded)).ok_or(Fault::Address)?;
    parse_difference(&text).map_err(Fault::Other)
}

fn lesson_text(name: &str, stop: usize) -> String {
    format!("{}.{stop}", encode(name))
}

fn lesson_of(coded: &str) -> Option<(String, usize)> {
    let (name, stop) = coded.rsplit_once('.')?;
    Some((text_of(decode(name))?, stop.parse().ok()?))
}

/// What a link's scenario gives.
struct Read {
    scenario: Option<Scenario>,
    fault: Option<Fault>,
    left_out: Vec<u32>,
}

fn read_scenario(coded: &str) -> Read {
    let octets = decode(coded);
    let is_text = core::str::from_utf8(&octets).is_ok();
    let text = String::from_utf8_lossy(&octets);
    let fault = match (parse_scenario(&text), later_version(&text)) {
        (Ok(scenario), _) if is_text => {
            return Read { scenario: Some(scenario), fault: None, left_out: Vec::new() };
        }
        (_, Some(version)) => Fault::Later(version),
        (Err(error), None) if is_text => Fault::Scenario(error),
        (Ok(_) | Err(_), None) => Fault::Address,
    };
    let (scenario, left_out) = nearest(&text).unzip();
    Read { scenario, fault: Some(fault), left_out: left_out.unwrap_or_default() }
}

/// The version that the first line names, where it's later than ours.
fn later_version(text: &str) -> Option<u32> {
    let first = lines(text).next()?;
    let (name, ours) = VERSION.rsplit_once(' ')?;
    let (its_name, version) = first.whole().rsplit_once(' ')?;
    let version = super::cursor::number(version)?;
    (its_name == name && version > super::cursor::number(ours)?).then_some(version)
}

/// The scenario of the lines that can be read, and the numbers of the others. `None` where there are
/// too many of these, or nothing happens in it.
fn nearest(text: &str) -> Option<(Scenario, Vec<u32>)> {
    check_size(text, MOST_SCENARIO_TEXT).ok()?;
    let mut reader = empty()?;
    let mut left_out = Vec::new();
    // A line that fails may have been taken in part, so each is tried alone before.
    for (place, (alone, cursor)) in lines(text).zip(lines(text)).enumerate() {
        if place == 0 && (alone.whole() == VERSION || later_version(text).is_some()) {
            continue;
        }
        if let Err(number) = read_line(&mut reader, alone, cursor) {
            left_out.push(number);
        }
        if left_out.len() > MOST_LEFT_OUT {
            return None;
        }
    }
    let scenario = reader.scenario;
    let begins = scenario.start != Start::Closed
        || scenario.acts.iter().any(|act| matches!(act, Act::Call { .. } | Act::Forge { .. }));
    begins.then_some((scenario, left_out))
}

fn read_line(reader: &mut Reader, alone: Cursor<'_>, cursor: Cursor<'_>) -> Result<(), u32> {
    // Octets that are no text were replaced by this.
    let is_text = !alone.whole().contains(char::REPLACEMENT_CHARACTER);
    let number = alone.error(Expected::Line).line;
    let mut trial = empty().filter(|_| is_text).ok_or(number)?;
    trial.line(alone).map_err(|error| error.line)?;
    reader.line(cursor).map_err(|error| error.line)
}

/// A reader that has read nothing but the version.
fn empty() -> Option<Reader> {
    Reader::begin(VERSION, lines(VERSION).next()).ok()
}

fn encoded(text: &impl ToString) -> String {
    encode(text.to_string().trim_end())
}

fn encode(text: &str) -> String {
    let mut coded = String::with_capacity(text.len());
    for octet in text.bytes() {
        match octet {
            b' ' => coded.push('+'),
            b'\n' => coded.push(';'),
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'-'
            | b'_'
            | b'.'
            | b','
            | b'='
            | b':'
            | b'!'
            | b'*'
            | b'/' => coded.push(char::from(octet)),
            other => {
                coded.push('%');
                for half in [other >> 4, other & 15] {
                    coded.push(char::from_digit(half.into(), 16).unwrap_or('0'));
                }
            }
        }
    }
    coded
}

/// The octets of a coded text; 0xff, which no text has, for `%` without its two digits.
fn decode(coded: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(coded.len());
    let mut rest = coded.as_bytes();
    while let [octet, more @ ..] = rest {
        let (octet, more) = match (octet, more) {
            (b'+', _) => (b' ', more),
            (b';', _) => (b'\n', more),
            (b'%', [high, low, more @ ..]) if let Some(octet) = hexadecimal(*high, *low) => {
                (octet, more)
            }
            (b'%', _) => (0xff, more),
            (other, _) => (*other, more),
        };
        octets.push(octet);
        rest = more;
    }
    octets
}

fn hexadecimal(high: u8, low: u8) -> Option<u8> {
    let digit = |octet: u8| char::from(octet).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

fn text_of(octets: Vec<u8>) -> Option<String> {
    String::from_utf8(octets).ok()
}
