//! What differs in the other world as text, in the words of a host's line: `A time-wait=none`.

use core::fmt;

use crate::tcp::event::HostId;
use crate::tcp::profile::{Base, Switch, Value};
use crate::tcp::seq::Seq;
use crate::world::twin::{Change, Difference};

use super::cursor::{Cursor, lines, missing, number};
use super::scenario::check_size;
use super::{Expected, MOST_SCENARIO_TEXT, TextError, words};

impl fmt::Display for Difference {
    /// The canonical text. [`parse_difference`] reads it back as the same difference.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.host)?;
        match self.change() {
            Change::Switch(switch, value) => write!(f, "{}={value}", switch.name()),
            Change::Base(base) => base.fmt(f),
            Change::Iss(iss) => {
                let numbers: Vec<String> = iss.iter().map(ToString::to_string).collect();
                write!(f, "iss={}", numbers.join(","))
            }
        }
    }
}

/// Reads the text form of a difference.
///
/// # Errors
/// Where the text isn't one.
pub fn parse_difference(text: &str) -> Result<Difference, TextError> {
    check_size(text, MOST_SCENARIO_TEXT)?;
    let mut lines = lines(text);
    let hosts = || Expected::Words(HostId::BOTH.map(words::host).to_vec());
    let mut cursor = lines.next().ok_or_else(|| missing(text, hosts()))?;
    let host = cursor.host()?;
    let difference = read_change(&cursor, host)?;
    cursor.advance();
    cursor.end()?;
    match lines.next() {
        Some(more) => Err(more.error(Expected::End(Vec::new()))),
        None => Ok(difference),
    }
}

/// Reads the word that says what is changed, without taking it.
fn read_change(cursor: &Cursor<'_>, host: HostId) -> Result<Difference, TextError> {
    let word = cursor.word();
    let Some((name, value)) = word.split_once('=') else {
        let expected = if word.is_empty() { Expected::Setting } else { Expected::Base };
        let base = Base::read(word).ok_or_else(|| cursor.error(expected))?;
        return Ok(Difference::with_base(host, base));
    };
    if name == "iss" {
        let iss: Option<Vec<Seq>> = value.split(',').map(|one| number(one).map(Seq)).collect();
        let difference = iss.and_then(|iss| Difference::with_iss(host, iss));
        return difference.ok_or_else(|| cursor.error(Expected::Number(u32::MAX)));
    }
    let switch = Switch::parse(name).ok_or_else(|| cursor.error(Expected::Setting))?;
    Difference::with_switch(host, switch, value)
        .ok_or_else(|| cursor.error(Expected::Value(switch)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::profile::Profile;

    #[test]
    fn a_difference_reads_back_as_it_was_printed() {
        for host in HostId::BOTH {
            for base in Base::ALL {
                let by_base = Difference::with_base(host, *base);
                assert_eq!(parse_difference(&by_base.to_string()), Ok(by_base));
                for switch in Switch::ALL {
                    let value = Profile::new(*base).get(*switch);
                    let difference = Difference::with_switch(host, *switch, &value);
                    let text = difference.as_ref().map(ToString::to_string).unwrap_or_default();
                    assert_eq!(parse_difference(&text).ok(), difference, "{text}");
                }
            }
        }
        for text in ["A time-wait=none", "B timestamps=on", "A linux", "B iss=100,4294967295"] {
            assert_eq!(parse_difference(text).map(|d| d.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn blanks_comments_and_units_are_free_and_the_printed_form_is_one() {
        let loose = parse_difference("# why\r\n\n  A\ttime-wait=60000ms  \n");
        assert_eq!(loose.map(|d| d.to_string()), Ok("A time-wait=60s".to_owned()));
    }

    #[test]
    fn an_error_says_where_and_what() {
        let error = |text: &str| {
            parse_difference(text).map_err(|error| (error.line, error.column, error.expected))
        };
        assert_eq!(error(""), Err((1, 1, Expected::Words(vec!["A", "B"]))));
        assert_eq!(error("C linux"), Err((1, 1, Expected::Words(vec!["A", "B"]))));
        assert_eq!(error("A"), Err((1, 2, Expected::Setting)));
        assert_eq!(error("A windows"), Err((1, 3, Expected::Base)));
        assert_eq!(error("A fast=on"), Err((1, 3, Expected::Setting)));
        assert_eq!(error("A nagle=maybe"), Err((1, 3, Expected::Value(Switch::nagle))));
        assert_eq!(error("A iss=1,"), Err((1, 3, Expected::Number(u32::MAX))));
        assert_eq!(error("A linux nagle=off"), Err((1, 9, Expected::End(Vec::new()))));
        assert_eq!(error("A linux\nB linux"), Err((2, 1, Expected::End(Vec::new()))));
    }
}
