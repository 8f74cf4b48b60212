//! The text form of a scenario and of a trace, and of a link: what a person reads, a test compares.
//!
//! One thing a line, words apart by blanks, `#` begins a line that is a comment. Printing is
//! canonical and reading is its inverse. Reading is total and takes time in proportion to the text.

mod act;
mod cursor;
mod difference;
mod event;
mod link;
mod scenario;
mod segment;
mod trace;
mod words;

use core::fmt;

use crate::tcp::profile::{Base, Switch, Value};
use crate::tcp::time::Time;

pub use act::call_word;
pub use cursor::segment_name;
pub use difference::parse_difference;
pub use link::{Fault, Link, LinkError};
pub use scenario::parse_scenario;
pub use trace::parse_trace;

/// The first line of every text: the format's name and version.
pub const VERSION: &str = "time-wait-lab 1";
/// The longest scenario that is read, octets of text.
pub const MOST_SCENARIO_TEXT: usize = 65_536;
/// The longest trace that is read, octets of text.
pub const MOST_TRACE_TEXT: usize = 67_108_864;
/// The most acts of a scenario that is read.
pub const MOST_ACTS: usize = 10_000;
/// The most events of a trace that is read; a run that ends at its limit has a few more than
/// [`MOST_EVENTS`](super::trace::MOST_EVENTS), for its last step is finished.
pub const MOST_TRACE_EVENTS: usize = 200_000;

/// Where a text can't be read, and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError {
    /// The line, from 1.
    pub line: u32,
    /// The character of the line, from 1.
    pub column: u32,
    /// What was expected.
    pub expected: Expected,
}

/// What a reader expected. It is no sentence: the page writes that in the person's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The first line, [`VERSION`].
    Version,
    /// A text of at most so many octets.
    TextUpTo(usize),
    /// At most so many acts.
    ActsUpTo(usize),
    /// At most so many events.
    EventsUpTo(usize),
    /// The beginning of a line: a host, `wire`, `start`, `until`, a fate, or a time.
    Line,
    /// The line `trace` with the reason why the run ended.
    Trace,
    /// One of these words.
    Words(Vec<&'static str>),
    /// The end of the line, or one of these words.
    End(Vec<&'static str>),
    /// Nothing more of this kind: it was said already.
    Once,
    /// A stack's name.
    Base,
    /// A setting of a host: `name=value`.
    Setting,
    /// A value of this switch.
    Value(Switch),
    /// `on` or `off`.
    OnOff,
    /// A length of time, or a moment: `2s`, `300ms`, `7us`.
    Time,
    /// A moment after this one.
    After(Time),
    /// A whole number up to this one.
    Number(u32),
    /// A segment's name: `A3`, `A3.2`, `>B1`.
    Segment,
    /// A segment's flags: `SYN,ACK`, or `none`.
    Flags,
    /// Two sequence numbers with a dash between them.
    Block,
    /// Octets in quotes.
    Quotes,
    /// The quotes' end.
    QuotesEnd,
    /// One of the escapes `\"`, `\\`, `\n`, `\r`, `\t`, `\x00` to `\xff`.
    Escape,
    /// The number that this event has by its place.
    EventNumber(u32),
    /// `<` and an event's number, or `<-`.
    Cause,
    /// A rule's name in brackets.
    Rule,
    /// An error number of the socket API, such as ECONNRESET.
    Errno,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Version => write!(f, "the first line `{VERSION}`"),
            Expected::TextUpTo(octets) => write!(f, "a text of at most {octets} octets"),
            Expected::ActsUpTo(acts) => write!(f, "at most {acts} acts"),
            Expected::EventsUpTo(events) => write!(f, "at most {events} events"),
            Expected::Line => {
                f.write_str("A, B, wire, start, until, drop, delay, duplicate, keep, or a time")
            }
            Expected::Trace => f.write_str("the line `trace` with quiet, horizon or limit"),
            Expected::Words(words) => f.write_str(&words.join(", ")),
            Expected::End(words) if words.is_empty() => f.write_str("the end of the line"),
            Expected::End(words) => write!(f, "the end of the line, {}", words.join(", ")),
            Expected::Once => f.write_str("this only once"),
            Expected::Base => f.write_str(&Base::expected()),
            Expected::Setting => f.write_str("a setting as name=value"),
            Expected::Value(switch) => write!(f, "{}={}", switch.name(), switch.expected()),
            Expected::OnOff => f.write_str("on, off"),
            Expected::Time => f.write_str("a time such as 2s, 300ms or 7us"),
            Expected::After(time) => write!(f, "a time after {time}"),
            Expected::Number(most) => write!(f, "a whole number up to {most}"),
            Expected::Segment => f.write_str("a segment's name such as A3"),
            Expected::Flags => f.write_str("flags such as SYN,ACK, or none"),
            Expected::Block => f.write_str("two numbers such as 100-104"),
            Expected::Quotes => f.write_str("octets in quotes"),
            Expected::QuotesEnd => f.write_str("the quotes' end"),
            Expected::Escape => f.write_str(r#"\", \\, \n, \r, \t, or \x00 to \xff"#),
            Expected::EventNumber(number) => write!(f, "the event's number {number}"),
            Expected::Cause => f.write_str("< and an event's number, or <-"),
            Expected::Rule => f.write_str("a rule's name in brackets"),
            Expected::Errno => f.write_str("an error such as ECONNRESET"),
        }
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: expected {}", self.line, self.column, self.expected)
    }
}

impl core::error::Error for TextError {}

#[cfg(test)]
#[allow(clippy::panic)]
mod tests;
