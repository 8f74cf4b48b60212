//! Reading one line, word by word.

use crate::tcp::event::{HostId, SegmentName};
use crate::tcp::segment::Flags;
use crate::tcp::seq::{MOST_WINDOW, Seq};
use crate::tcp::time::{Span, Time};

use super::{Expected, TextError};

/// A line and how far it is read.
pub(super) struct Cursor<'a> {
    number: u32,
    line: &'a str,
    rest: &'a str,
    /// The words that would have been taken here, for the error message.
    tried: Vec<&'static str>,
}

/// The lines that say something, each as a cursor: neither blank nor a comment.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Cursor<'_>> {
    text.lines().enumerate().filter_map(|(place, line)| {
        let rest = line.trim_start();
        let silent = rest.is_empty() || rest.starts_with('#');
        let number = count(place).saturating_add(1);
        (!silent).then_some(Cursor { number, line, rest, tried: Vec::new() })
    })
}

fn count(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Where a text ends: the place of an error that names what is missing there.
pub(super) fn missing(text: &str, expected: Expected) -> TextError {
    TextError { line: count(text.lines().count()).max(1), column: 1, expected }
}

impl<'a> Cursor<'a> {
    /// The error that something else was expected here.
    pub(super) fn error(&self, expected: Expected) -> TextError {
        self.error_before(self.rest, expected)
    }

    fn error_before(&self, rest: &str, expected: Expected) -> TextError {
        let read = self.line.len().saturating_sub(rest.len());
        let column = self.line.char_indices().take_while(|(at, _)| *at < read).count();
        TextError { line: self.number, column: count(column).saturating_add(1), expected }
    }

    /// The next word, without taking it; empty at the end of the line.
    pub(super) fn word(&self) -> &'a str {
        self.rest.split(char::is_whitespace).next().unwrap_or("")
    }

    /// The line as it is written, without blanks around it.
    pub(super) fn whole(&self) -> &'a str {
        self.line.trim()
    }

    /// Takes the next word.
    pub(super) fn advance(&mut self) {
        self.rest = self.rest.get(self.word().len()..).unwrap_or("").trim_start();
        self.tried.clear();
    }

    /// Takes the next word if it's this one.
    pub(super) fn eat(&mut self, word: &'static str) -> bool {
        if self.word() == word {
            self.advance();
            return true;
        }
        self.tried.push(word);
        false
    }

    /// Takes this word; an error if it isn't the next.
    pub(super) fn expect(&mut self, word: &'static str) -> Result<(), TextError> {
        if self.eat(word) { Ok(()) } else { Err(self.neither()) }
    }

    /// The error that none of the words came that would have been taken here.
    pub(super) fn neither(&self) -> TextError {
        self.error(Expected::Words(self.tried.clone()))
    }

    /// Takes one of a set by its word.
    pub(super) fn choose<T: Copy>(
        &mut self,
        all: &[T],
        word: impl Fn(T) -> &'static str,
    ) -> Result<T, TextError> {
        let found = all.iter().copied().find(|one| word(*one) == self.word());
        if found.is_some() {
            self.advance();
        } else {
            self.tried.extend(all.iter().map(|one| word(*one)));
        }
        found.ok_or_else(|| self.neither())
    }

    /// Nothing may follow.
    pub(super) fn end(&self) -> Result<(), TextError> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(self.error(Expected::End(self.tried.clone())))
    }

    /// Whether the line is read.
    pub(super) fn is_over(&self) -> bool {
        self.rest.is_empty()
    }

    /// Takes what `read` makes of the next word.
    pub(super) fn take<T>(
        &mut self,
        expected: Expected,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, TextError> {
        let value = read(self.word()).ok_or_else(|| self.error(expected))?;
        self.advance();
        Ok(value)
    }

    /// A whole number of 32 bits.
    pub(super) fn number(&mut self) -> Result<u32, TextError> {
        self.take(Expected::Number(u32::MAX), number)
    }

    /// A window or a buffer, in octets.
    pub(super) fn window(&mut self) -> Result<u32, TextError> {
        self.take(Expected::Number(MOST_WINDOW), |word| number(word).filter(|n| *n <= MOST_WINDOW))
    }

    /// A sequence number.
    pub(super) fn seq(&mut self) -> Result<Seq, TextError> {
        self.number().map(Seq)
    }

    /// A port.
    pub(super) fn port(&mut self) -> Result<u16, TextError> {
        self.take(Expected::Number(u32::from(u16::MAX)), |word| u16::try_from(number(word)?).ok())
    }

    /// A length of time.
    pub(super) fn span(&mut self) -> Result<Span, TextError> {
        self.take(Expected::Time, Span::parse)
    }

    /// A moment.
    pub(super) fn time(&mut self) -> Result<Time, TextError> {
        self.span().map(|span| Time(span.0))
    }

    /// A host.
    pub(super) fn host(&mut self) -> Result<HostId, TextError> {
        self.choose(&HostId::BOTH, super::words::host)
    }

    /// A segment's name.
    pub(super) fn name(&mut self) -> Result<SegmentName, TextError> {
        self.take(Expected::Segment, segment_name)
    }

    /// A segment's flags.
    pub(super) fn flags(&mut self) -> Result<Flags, TextError> {
        self.take(Expected::Flags, Flags::parse)
    }

    /// Octets in quotes. Whatever isn't an escape stands for its UTF-8 octets.
    pub(super) fn quoted(&mut self) -> Result<Vec<u8>, TextError> {
        let Some(mut rest) = self.rest.strip_prefix('"') else {
            return Err(self.error(Expected::Quotes));
        };
        let mut octets = Vec::new();
        loop {
            let mut chars = rest.chars();
            match chars.next() {
                None => return Err(self.error_before(rest, Expected::QuotesEnd)),
                Some('"') => {
                    self.tried.clear();
                    let apart = chars.as_str().chars().next().is_none_or(char::is_whitespace);
                    self.rest = chars.as_str();
                    if !apart {
                        return Err(self.error(Expected::End(Vec::new())));
                    }
                    self.rest = self.rest.trim_start();
                    return Ok(octets);
                }
                Some('\\') => {
                    let (octet, length) = escape(chars.as_str())
                        .ok_or_else(|| self.error_before(rest, Expected::Escape))?;
                    octets.push(octet);
                    rest = chars.as_str().get(length..).unwrap_or("");
                }
                Some(c) => {
                    octets.extend(c.encode_utf8(&mut [0; 4]).bytes());
                    rest = chars.as_str();
                }
            }
        }
    }
}

/// The octet of an escape, and how many octets of text it takes after the backslash.
fn escape(text: &str) -> Option<(u8, usize)> {
    match text.bytes().next()? {
        b'"' => Some((b'"', 1)),
        b'\\' => Some((b'\\', 1)),
        b'n' => Some((b'\n', 1)),
        b'r' => Some((b'\r', 1)),
        b't' => Some((b'\t', 1)),
        b'x' => {
            let digits = text.get(1..3).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
            Some((u8::from_str_radix(digits, 16).ok()?, 3))
        }
        _ => None,
    }
}

/// Digits, and nothing else, up to 2³²−1.
pub(super) fn number(word: &str) -> Option<u32> {
    let digits = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| word.parse().ok()).flatten()
}

/// A segment's name: `A3`, `A3.2`, `>B1`: the inverse of its `Display`. `None` for anything else.
#[must_use]
pub fn segment_name(word: &str) -> Option<SegmentName> {
    let (forged, word) = match word.strip_prefix('>') {
        Some(rest) => (true, rest),
        None => (false, word),
    };
    let (host, word) = match word.strip_prefix('A') {
        Some(rest) => (HostId::A, rest),
        None => (HostId::B, word.strip_prefix('B')?),
    };
    let sender = if forged { host.other() } else { host };
    let (place, copy) = match word.split_once('.') {
        Some((place, copy)) => (place, number(copy)?),
        None => (word, 1),
    };
    Some(SegmentName { sender, forged, number: number(place)?, copy })
}
