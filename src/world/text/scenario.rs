//! A scenario as text.

use core::fmt;

use crate::tcp::event::HostId;
use crate::tcp::profile::{Base, Profile, Switch, Value};
use crate::tcp::seq::Seq;
use crate::world::scenario::{Act, HostSetup, Scenario, Start, Wire};

use super::cursor::{Cursor, lines, missing, number};
use super::{Expected, MOST_ACTS, MOST_SCENARIO_TEXT, TextError, VERSION, act, words};

impl fmt::Display for Scenario {
    /// The canonical text. [`parse_scenario`] reads it back as the same scenario.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{VERSION}")?;
        let [a, b] = &self.hosts;
        write_host(f, HostId::A, a)?;
        write_host(f, HostId::B, b)?;
        let [from_a, from_b] = self.wire.delay;
        write!(f, "wire A {from_a} B {from_b}")?;
        if let Some(lifetime) = self.wire.lifetime {
            write!(f, " lifetime {lifetime}")?;
        }
        match self.start {
            Start::Closed => writeln!(f)?,
            Start::Established { a_next, b_next } => {
                writeln!(f, "\nstart established {a_next} {b_next}")?;
            }
        }
        for act in &self.acts {
            writeln!(f, "{}", act::WrittenAct(act))?;
        }
        writeln!(f, "until {}", self.until)
    }
}

fn write_host(f: &mut fmt::Formatter<'_>, id: HostId, host: &HostSetup) -> fmt::Result {
    let usual = HostSetup::new(host.profile.base);
    write!(f, "{id} {}", host.profile.base)?;
    for switch in host.profile.changed() {
        write!(f, " {}={}", switch.name(), host.profile.get(switch))?;
    }
    if host.application.reads != usual.application.reads {
        write!(f, " reads={}", words::switch(host.application.reads))?;
    }
    if host.application.accepts != usual.application.accepts {
        write!(f, " accepts={}", words::accepts(host.application.accepts))?;
    }
    if host.application.closes != usual.application.closes {
        write!(f, " closes={}", words::switch(host.application.closes))?;
    }
    if !host.iss.is_empty() {
        let numbers: Vec<String> = host.iss.iter().map(ToString::to_string).collect();
        write!(f, " iss={}", numbers.join(","))?;
    }
    if host.clock != usual.clock {
        write!(f, " clock={}", host.clock)?;
    }
    writeln!(f)
}

/// Reads the text form of a scenario.
///
/// # Errors
/// Where the text isn't one, is longer than [`MOST_SCENARIO_TEXT`], or has more than [`MOST_ACTS`].
pub fn parse_scenario(text: &str) -> Result<Scenario, TextError> {
    check_size(text, MOST_SCENARIO_TEXT)?;
    let mut lines = lines(text);
    let mut reader = Reader::begin(text, lines.next())?;
    lines.try_for_each(|cursor| reader.line(cursor))?;
    Ok(reader.scenario)
}

/// A text of at most so many octets.
pub(super) fn check_size(text: &str, most: usize) -> Result<(), TextError> {
    if text.len() <= most {
        return Ok(());
    }
    Err(TextError { line: 1, column: 1, expected: Expected::TextUpTo(most) })
}

/// A scenario while its lines are read.
pub(super) struct Reader {
    /// What is read so far.
    pub(super) scenario: Scenario,
    /// The words of the lines that may come once and have come.
    said: Vec<&'static str>,
}

impl Reader {
    /// Begins with the first line, which must name the version.
    pub(super) fn begin(text: &str, first: Option<Cursor<'_>>) -> Result<Reader, TextError> {
        let cursor = first.ok_or_else(|| missing(text, Expected::Version))?;
        if cursor.whole() != VERSION {
            return Err(cursor.error(Expected::Version));
        }
        Ok(Reader { scenario: Scenario::new(Base::Rfc9293), said: Vec::new() })
    }

    /// Reads one more line.
    pub(super) fn line(&mut self, mut cursor: Cursor<'_>) -> Result<(), TextError> {
        match cursor.word() {
            "A" => self.host(&mut cursor, "A")?,
            "B" => self.host(&mut cursor, "B")?,
            "wire" => {
                self.once(&mut cursor, "wire")?;
                self.scenario.wire = read_wire(&mut cursor)?;
            }
            "start" => {
                self.once(&mut cursor, "start")?;
                self.scenario.start = read_start(&mut cursor)?;
            }
            "until" => {
                self.once(&mut cursor, "until")?;
                self.scenario.until = cursor.time()?;
            }
            _ => self.act(&mut cursor)?,
        }
        cursor.end()
    }

    fn act(&mut self, cursor: &mut Cursor<'_>) -> Result<(), TextError> {
        if self.scenario.acts.len() >= MOST_ACTS {
            return Err(cursor.error(Expected::ActsUpTo(MOST_ACTS)));
        }
        let act: Act = match act::read_fate(cursor)? {
            Some(act) => act,
            None if cursor.word().starts_with(|c: char| c.is_ascii_digit()) => {
                let at = cursor.time()?;
                act::read_timed(cursor, at)?
            }
            None => return Err(cursor.error(Expected::Line)),
        };
        self.scenario.acts.push(act);
        Ok(())
    }

    /// Takes the first word of a line that may come only once.
    fn once(&mut self, cursor: &mut Cursor<'_>, word: &'static str) -> Result<(), TextError> {
        if self.said.contains(&word) {
            return Err(cursor.error(Expected::Once));
        }
        self.said.push(word);
        cursor.advance();
        Ok(())
    }

    fn host(&mut self, cursor: &mut Cursor<'_>, word: &'static str) -> Result<(), TextError> {
        self.once(cursor, word)?;
        let base = cursor.take(Expected::Base, Base::read)?;
        let mut setup = HostSetup::new(base);
        setup.profile = Profile::new(base);
        let mut said = Vec::new();
        while !cursor.is_over() {
            let name = read_setting(cursor, &mut setup)?;
            if said.contains(&name) {
                return Err(cursor.error(Expected::Once));
            }
            said.push(name);
            cursor.advance();
        }
        let [a, b] = &mut self.scenario.hosts;
        *(if word == "A" { a } else { b }) = setup;
        Ok(())
    }
}

/// Reads one setting without taking it, and gives its name.
fn read_setting<'a>(cursor: &Cursor<'a>, setup: &mut HostSetup) -> Result<&'a str, TextError> {
    let Some((name, value)) = cursor.word().split_once('=') else {
        return Err(cursor.error(Expected::Setting));
    };
    let application = &mut setup.application;
    match name {
        "reads" => application.reads = read_switch(cursor, value)?,
        "closes" => application.closes = read_switch(cursor, value)?,
        "accepts" => {
            let found = words::ACCEPTS.iter().find(|one| words::accepts(**one) == value);
            let known = words::ACCEPTS.map(words::accepts).to_vec();
            application.accepts = *found.ok_or_else(|| cursor.error(Expected::Words(known)))?;
        }
        "iss" => {
            let numbers: Option<Vec<Seq>> =
                value.split(',').map(|one| number(one).map(Seq)).collect();
            setup.iss = numbers.ok_or_else(|| cursor.error(Expected::Number(u32::MAX)))?;
        }
        "clock" => {
            let clock = number(value);
            setup.clock = clock.ok_or_else(|| cursor.error(Expected::Number(u32::MAX)))?;
        }
        _ => {
            let switch = Switch::parse(name).ok_or_else(|| cursor.error(Expected::Setting))?;
            if !setup.profile.set(switch, value) {
                return Err(cursor.error(Expected::Value(switch)));
            }
        }
    }
    Ok(name)
}

fn read_switch(cursor: &Cursor<'_>, value: &str) -> Result<bool, TextError> {
    bool::read(value).ok_or_else(|| cursor.error(Expected::OnOff))
}

fn read_wire(cursor: &mut Cursor<'_>) -> Result<Wire, TextError> {
    cursor.expect("A")?;
    let from_a = cursor.span()?;
    cursor.expect("B")?;
    let from_b = cursor.span()?;
    let lifetime = if cursor.eat("lifetime") { Some(cursor.span()?) } else { None };
    Ok(Wire { delay: [from_a, from_b], lifetime })
}

fn read_start(cursor: &mut Cursor<'_>) -> Result<Start, TextError> {
    if cursor.eat("closed") {
        return Ok(Start::Closed);
    }
    cursor.expect("established")?;
    Ok(Start::Established { a_next: cursor.seq()?, b_next: cursor.seq()? })
}
