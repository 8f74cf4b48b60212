//! An event of a trace as text: number, time, host, cause, what happened, rule.

use core::fmt;

use crate::tcp::call::{Errno, Fd, Readiness, Returned};
use crate::tcp::event::{
    ConnectionId, Event, EventId, EventKind, Gate, SegmentName, TimerChange, TimerKind,
};
use crate::tcp::rule::Rule;
use crate::tcp::segment::{Chunk, Incarnation};
use crate::tcp::state::State;

use super::act::{WrittenCall, read_call, read_fd};
use super::cursor::{Cursor, number};
use super::segment::{Written, read as read_segment};
use super::words::{self, Quoted};
use super::{Expected, TextError};

/// Writes one line.
pub(super) fn write(f: &mut fmt::Formatter<'_>, place: usize, event: &Event) -> fmt::Result {
    let host = event.host.map_or("-", words::host);
    let cause = event.cause.map_or_else(|| "<-".to_owned(), |cause| format!("<{}", cause.0));
    let time = event.time.to_string();
    write!(f, "{place:>4} {time:>10} {host} {cause:<5} ")?;
    write_kind(f, &event.kind)?;
    writeln!(f, " [{}]", event.rule.name())
}

fn write_kind(f: &mut fmt::Formatter<'_>, kind: &EventKind) -> fmt::Result {
    match kind {
        EventKind::Call { fd, call } => write!(f, "call {}", WrittenCall(*fd, call)),
        EventKind::Return { fd, returned } => write_return(f, *fd, returned),
        EventKind::Opened { connection, incarnation, local_port, remote_port, iss } => write!(
            f,
            "opened {} of {} from {local_port} to {remote_port} iss {iss}",
            connection.0, incarnation.0
        ),
        EventKind::Sent { name, connection, again, segment } => {
            write!(f, "sent {name}")?;
            connection.map_or(Ok(()), |connection| write!(f, " by {}", connection.0))?;
            again.map_or(Ok(()), |again| write!(f, " again {again}"))?;
            write!(f, " {}", Written(name.sender, segment))
        }
        EventKind::Injected { name, segment } => {
            write!(f, "injected {name} {}", Written(name.sender, segment))
        }
        EventKind::Lost { name } => write!(f, "lost {name}"),
        EventKind::Died { name } => write!(f, "died {name}"),
        EventKind::Arrived { name, segment } => {
            write!(f, "arrived {name} {}", Written(name.sender, segment))
        }
        EventKind::Gate { gate, passed, value, low, high } => {
            let passed = if *passed { "passed" } else { "failed" };
            write!(f, "gate {} {passed} {value} from {low} to {high}", words::gate(*gate))
        }
        EventKind::Ignored => f.write_str("ignored"),
        EventKind::Queued { connection, seq, octets } => {
            write!(f, "queued {} seq {seq} octets {octets}", connection.0)
        }
        EventKind::State { connection, from, to } => {
            write!(f, "state {} {from} to {to}", connection.0)
        }
        EventKind::Timer { connection, timer, change } => {
            write!(f, "timer {} {} ", connection.0, words::timer(*timer))?;
            write_change(f, *change)
        }
        EventKind::Received { connection, chunks } => {
            write!(f, "received {}", connection.0)?;
            write_chunks(f, chunks)
        }
        EventKind::EndOfFile { connection, origin } => {
            write!(f, "end-of-file {} of {}", connection.0, origin.0)
        }
        EventKind::Error { connection, errno, noticed } => {
            let noticed = if *noticed { "noticed" } else { "unnoticed" };
            write!(f, "error {} {errno} {noticed}", connection.0)
        }
        EventKind::NoCounterpart { act } => write!(f, "no-counterpart act {act}"),
    }
}

fn write_change(f: &mut fmt::Formatter<'_>, change: TimerChange) -> fmt::Result {
    match change {
        TimerChange::Started(at) => write!(f, "started {at}"),
        TimerChange::Restarted(at) => write!(f, "restarted {at}"),
        TimerChange::Stopped => f.write_str("stopped"),
        TimerChange::Fired => f.write_str("fired"),
    }
}

fn write_chunks(f: &mut fmt::Formatter<'_>, chunks: &[Chunk]) -> fmt::Result {
    chunks.iter().try_for_each(|c| write!(f, " of {} {}", c.origin.0, Quoted(&c.octets)))
}

fn write_return(f: &mut fmt::Formatter<'_>, fd: Option<Fd>, returned: &Returned) -> fmt::Result {
    f.write_str("return ")?;
    if let Some(fd) = fd {
        write!(f, "fd {} ", fd.0)?;
    }
    match returned {
        Returned::Done => f.write_str("done"),
        Returned::Descriptor(fd) => write!(f, "descriptor {}", fd.0),
        Returned::Taken(octets) => write!(f, "taken {octets}"),
        Returned::Octets(chunks) => {
            f.write_str("octets")?;
            write_chunks(f, chunks)
        }
        Returned::EndOfFile => f.write_str("end-of-file"),
        Returned::Ready(ready) => {
            f.write_str("ready")?;
            for (set, word) in [
                (ready.input, " input"),
                (ready.output, " output"),
                (ready.read_hangup, " read-hangup"),
                (ready.hangup, " hangup"),
                (ready.error, " error"),
            ] {
                f.write_str(if set { word } else { "" })?;
            }
            Ok(())
        }
        Returned::Failed(errno) => write!(f, "failed {errno}"),
    }
}

/// Reads one line; the number must be the event's place.
pub(super) fn read(cursor: &mut Cursor<'_>, place: usize) -> Result<Event, TextError> {
    let place = u32::try_from(place).unwrap_or(u32::MAX);
    cursor.take(Expected::EventNumber(place), |word| number(word).filter(|n| *n == place))?;
    let time = cursor.time()?;
    let host = if cursor.eat("-") { None } else { Some(cursor.host()?) };
    let cause = cursor.take(Expected::Cause, |word| match word.strip_prefix('<')? {
        "-" => Some(None),
        digits => number(digits).map(|n| Some(EventId(n))),
    })?;
    let kind = read_kind(cursor)?;
    let rule = cursor
        .take(Expected::Rule, |word| Rule::parse(word.strip_prefix('[')?.strip_suffix(']')?))?;
    Ok(Event { time, host, rule, cause, kind })
}

fn read_kind(cursor: &mut Cursor<'_>) -> Result<EventKind, TextError> {
    if cursor.eat("call") {
        let (fd, call) = read_call(cursor)?;
        Ok(EventKind::Call { fd, call })
    } else if cursor.eat("return") {
        let fd = read_fd(cursor)?;
        Ok(EventKind::Return { fd, returned: read_returned(cursor)? })
    } else if cursor.eat("opened") {
        read_opened(cursor)
    } else if cursor.eat("gate") {
        read_gate(cursor)
    } else if cursor.eat("ignored") {
        Ok(EventKind::Ignored)
    } else if cursor.eat("queued") {
        let connection = connection(cursor)?;
        cursor.expect("seq")?;
        let seq = cursor.seq()?;
        cursor.expect("octets")?;
        Ok(EventKind::Queued { connection, seq, octets: cursor.number()? })
    } else if cursor.eat("no-counterpart") {
        cursor.expect("act")?;
        Ok(EventKind::NoCounterpart { act: cursor.number()? })
    } else if let Some(kind) = read_travel(cursor)? {
        Ok(kind)
    } else if let Some(kind) = read_change_of_connection(cursor)? {
        Ok(kind)
    } else {
        Err(cursor.neither())
    }
}

/// What happens to a segment.
fn read_travel(cursor: &mut Cursor<'_>) -> Result<Option<EventKind>, TextError> {
    if cursor.eat("sent") {
        let name: SegmentName = cursor.name()?;
        let connection = if cursor.eat("by") { Some(connection(cursor)?) } else { None };
        let again = if cursor.eat("again") { Some(cursor.name()?) } else { None };
        let segment = read_segment(cursor, name.sender)?;
        Ok(Some(EventKind::Sent { name, connection, again, segment }))
    } else if cursor.eat("injected") {
        let name = cursor.name()?;
        Ok(Some(EventKind::Injected { name, segment: read_segment(cursor, name.sender)? }))
    } else if cursor.eat("arrived") {
        let name = cursor.name()?;
        Ok(Some(EventKind::Arrived { name, segment: read_segment(cursor, name.sender)? }))
    } else if cursor.eat("lost") {
        Ok(Some(EventKind::Lost { name: cursor.name()? }))
    } else if cursor.eat("died") {
        Ok(Some(EventKind::Died { name: cursor.name()? }))
    } else {
        Ok(None)
    }
}

/// What happens to a connection.
fn read_change_of_connection(cursor: &mut Cursor<'_>) -> Result<Option<EventKind>, TextError> {
    if cursor.eat("state") {
        let connection = connection(cursor)?;
        let from = cursor.choose(&State::ALL, State::name)?;
        cursor.expect("to")?;
        let to = cursor.choose(&State::ALL, State::name)?;
        Ok(Some(EventKind::State { connection, from, to }))
    } else if cursor.eat("timer") {
        let connection = connection(cursor)?;
        let timer = cursor.choose(&TimerKind::ALL, words::timer)?;
        Ok(Some(EventKind::Timer { connection, timer, change: read_timer_change(cursor)? }))
    } else if cursor.eat("received") {
        let connection = connection(cursor)?;
        Ok(Some(EventKind::Received { connection, chunks: read_chunks(cursor)? }))
    } else if cursor.eat("end-of-file") {
        let connection = connection(cursor)?;
        cursor.expect("of")?;
        Ok(Some(EventKind::EndOfFile { connection, origin: Incarnation(cursor.number()?) }))
    } else if cursor.eat("error") {
        let connection = connection(cursor)?;
        let errno = read_errno(cursor)?;
        let noticed = cursor.eat("noticed");
        if !noticed {
            cursor.expect("unnoticed")?;
        }
        Ok(Some(EventKind::Error { connection, errno, noticed }))
    } else {
        Ok(None)
    }
}

fn connection(cursor: &mut Cursor<'_>) -> Result<ConnectionId, TextError> {
    cursor.number().map(ConnectionId)
}

fn read_opened(cursor: &mut Cursor<'_>) -> Result<EventKind, TextError> {
    let connection = connection(cursor)?;
    cursor.expect("of")?;
    let incarnation = Incarnation(cursor.number()?);
    cursor.expect("from")?;
    let local_port = cursor.port()?;
    cursor.expect("to")?;
    let remote_port = cursor.port()?;
    cursor.expect("iss")?;
    let iss = cursor.seq()?;
    Ok(EventKind::Opened { connection, incarnation, local_port, remote_port, iss })
}

fn read_gate(cursor: &mut Cursor<'_>) -> Result<EventKind, TextError> {
    let gate = cursor.choose(&Gate::ALL, words::gate)?;
    let passed = cursor.eat("passed");
    if !passed {
        cursor.expect("failed")?;
    }
    let value = cursor.number()?;
    cursor.expect("from")?;
    let low = cursor.number()?;
    cursor.expect("to")?;
    Ok(EventKind::Gate { gate, passed, value, low, high: cursor.number()? })
}

fn read_timer_change(cursor: &mut Cursor<'_>) -> Result<TimerChange, TextError> {
    if cursor.eat("started") {
        cursor.time().map(TimerChange::Started)
    } else if cursor.eat("restarted") {
        cursor.time().map(TimerChange::Restarted)
    } else if cursor.eat("stopped") {
        Ok(TimerChange::Stopped)
    } else {
        cursor.expect("fired").map(|()| TimerChange::Fired)
    }
}

fn read_chunks(cursor: &mut Cursor<'_>) -> Result<Vec<Chunk>, TextError> {
    let mut chunks = Vec::new();
    while cursor.eat("of") {
        let origin = Incarnation(cursor.number()?);
        chunks.push(Chunk { origin, octets: cursor.quoted()? });
    }
    Ok(chunks)
}

fn read_errno(cursor: &mut Cursor<'_>) -> Result<Errno, TextError> {
    let names = Errno::ALL.map(|errno| (errno, errno.to_string()));
    let word = cursor.word();
    let found = names.iter().find(|(_, name)| name == word).map(|(errno, _)| *errno);
    cursor.take(Expected::Errno, |_| found)
}

fn read_returned(cursor: &mut Cursor<'_>) -> Result<Returned, TextError> {
    if cursor.eat("done") {
        Ok(Returned::Done)
    } else if cursor.eat("descriptor") {
        Ok(Returned::Descriptor(Fd(cursor.number()?)))
    } else if cursor.eat("taken") {
        Ok(Returned::Taken(cursor.number()?))
    } else if cursor.eat("octets") {
        Ok(Returned::Octets(read_chunks(cursor)?))
    } else if cursor.eat("end-of-file") {
        Ok(Returned::EndOfFile)
    } else if cursor.eat("ready") {
        Ok(Returned::Ready(Readiness {
            input: cursor.eat("input"),
            output: cursor.eat("output"),
            read_hangup: cursor.eat("read-hangup"),
            hangup: cursor.eat("hangup"),
            error: cursor.eat("error"),
        }))
    } else {
        cursor.expect("failed")?;
        read_errno(cursor).map(Returned::Failed)
    }
}
