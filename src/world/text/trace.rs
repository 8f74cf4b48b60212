//! A trace as text: its scenario, why it ended, and one line an event, made to be read as a diff.

use core::fmt;

use crate::world::trace::Trace;

use super::cursor::{lines, missing};
use super::scenario::{Reader, check_size};
use super::{Expected, MOST_TRACE_EVENTS, MOST_TRACE_TEXT, TextError, event, words};

impl fmt::Display for Trace {
    /// The canonical text. [`parse_trace`] reads it back as the same trace.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.scenario)?;
        writeln!(f, "trace {}", words::end(self.end))?;
        for (place, one) in self.events.iter().enumerate() {
            event::write(f, place, one)?;
        }
        Ok(())
    }
}

/// Reads the text form of a trace.
///
/// # Errors
/// Where the text isn't one, is longer than [`MOST_TRACE_TEXT`], or has more than
/// [`MOST_TRACE_EVENTS`].
pub fn parse_trace(text: &str) -> Result<Trace, TextError> {
    check_size(text, MOST_TRACE_TEXT)?;
    let mut lines = lines(text);
    let mut reader = Reader::begin(text, lines.next())?;
    let mut end = None;
    for mut cursor in lines.by_ref() {
        if cursor.eat("trace") {
            end = Some(cursor.choose(&words::ENDS, words::end)?);
            cursor.end()?;
            break;
        }
        reader.line(cursor)?;
    }
    let end = end.ok_or_else(|| missing(text, Expected::Trace))?;
    let mut events = Vec::new();
    for mut cursor in lines {
        if events.len() >= MOST_TRACE_EVENTS {
            return Err(cursor.error(Expected::EventsUpTo(MOST_TRACE_EVENTS)));
        }
        events.push(event::read(&mut cursor, events.len())?);
        cursor.end()?;
    }
    Ok(Trace { scenario: reader.scenario, events, end })
}
