//! The acts of a scenario as text, one a line.

use core::fmt;

use crate::tcp::call::{Call, Fd, KeepAlive};
use crate::tcp::event::HostId;
use crate::tcp::profile::Value;
use crate::tcp::time::{Span, Time};
use crate::world::scenario::{Act, During, Fate, Target, When};

use super::cursor::Cursor;
use super::words::{self, Quoted};
use super::{Expected, TextError, segment};

/// An act as it's printed.
pub(super) struct WrittenAct<'a>(pub(super) &'a Act);

impl fmt::Display for WrittenAct<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Act::Call { at, host, fd, call } => write!(f, "{at} {host} {}", WrittenCall(*fd, call)),
            Act::Forge { at, to, segment } => {
                write!(f, "{at} forge {to} {}", segment::Written(to.other(), segment))
            }
            Act::Release { at, name } => write!(f, "{at} release {name}"),
            Act::Fate { target, fate } => write_fate(f, target, fate),
        }
    }
}

fn write_fate(f: &mut fmt::Formatter<'_>, target: &Target, fate: &Fate) -> fmt::Result {
    let (word, when) = match fate {
        Fate::Drop => ("drop", None),
        Fate::Delay(when) => ("delay", Some(when)),
        Fate::Duplicate(when) => ("duplicate", Some(when)),
        Fate::Keep => ("keep", None),
    };
    f.write_str(word)?;
    match target {
        Target::Named { name, expected } => {
            write!(f, " {name}")?;
            if let Some((flags, seq)) = expected {
                write!(f, " {flags} {seq}")?;
            }
        }
        Target::Every { sender, seq, ack, rst, syn, fin, data, during } => {
            write!(f, " every {sender}")?;
            for (name, value) in [("syn", syn), ("fin", fin), ("data", data)] {
                match value {
                    Some(true) => write!(f, " {name}")?,
                    Some(false) => write!(f, " {name} off")?,
                    None => {}
                }
            }
            if let Some(seq) = seq {
                write!(f, " seq {seq}")?;
            }
            // The first version of the format wrote `on` too.
            for (name, value) in [("ack", ack), ("rst", rst)] {
                if let Some(on) = value {
                    write!(f, " {name} {}", words::switch(*on))?;
                }
            }
            if let Some(during) = during {
                write!(f, " from {}", during.from())?;
            }
            if let Some(to) = during.and_then(|during| during.to()) {
                write!(f, " to {to}")?;
            }
        }
    }
    match when {
        Some(When::After(span)) => write!(f, " {span}"),
        Some(When::At(at)) => write!(f, " at {at}"),
        None => Ok(()),
    }
}

/// A call and its descriptor as they're printed.
pub(super) struct WrittenCall<'a>(pub(super) Option<Fd>, pub(super) &'a Call);

impl fmt::Display for WrittenCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WrittenCall(fd, call) = self;
        f.write_str(call_word(call))?;
        match call {
            Call::Listen { port, reuse_address, receive_buffer } => {
                write!(f, " {port}{}", if *reuse_address { " reuse" } else { "" })?;
                if *receive_buffer != 0 {
                    write!(f, " buffer {receive_buffer}")?;
                }
            }
            Call::Connect { local_port, remote_port, reuse_address } => {
                write!(f, " {remote_port}")?;
                if *local_port != 0 {
                    write!(f, " from {local_port}")?;
                }
                f.write_str(if *reuse_address { " reuse" } else { "" })?;
            }
            Call::Send { data, more } => {
                write!(f, " {}{}", Quoted(data), if *more { " more" } else { "" })?;
            }
            Call::Accept
            | Call::Recv
            | Call::ShutdownWrite
            | Call::ShutdownRead
            | Call::ShutdownBoth
            | Call::Close
            | Call::LingerZero
            | Call::Abort
            | Call::SoError
            | Call::Poll
            | Call::Exit
            | Call::Reboot => {}
            Call::KeepAlive(Some(KeepAlive { idle, interval, count })) => {
                write!(f, " {idle} {interval} {}", count.text())?;
            }
            Call::KeepAlive(None) => f.write_str(" off")?,
            Call::UserTimeout(span) | Call::Linger2(span) => write!(f, " {}", span.text())?,
            Call::ReceiveBuffer(octets) => write!(f, " {octets}")?,
        }
        fd.map_or(Ok(()), |fd| write!(f, " fd {}", fd.0))
    }
}

/// The word of a call, without what it's called with.
#[must_use]
pub fn call_word(call: &Call) -> &'static str {
    match call {
        Call::Listen { .. } => "listen",
        Call::Connect { .. } => "connect",
        Call::Accept => "accept",
        Call::Send { .. } => "send",
        Call::Recv => "recv",
        Call::ShutdownWrite => "shutdown",
        Call::ShutdownRead => "shutdown-read",
        Call::ShutdownBoth => "shutdown-both",
        Call::Close => "close",
        Call::LingerZero => "linger-zero",
        Call::Abort => "abort",
        Call::SoError => "so-error",
        Call::Poll => "poll",
        Call::Exit => "exit",
        Call::Reboot => "reboot",
        Call::KeepAlive(_) => "keep-alive",
        Call::UserTimeout(_) => "user-timeout",
        Call::Linger2(_) => "linger2",
        Call::ReceiveBuffer(_) => "receive-buffer",
    }
}

/// The calls that take nothing but a descriptor.
const PLAIN: [Call; 12] = [
    Call::Accept,
    Call::Recv,
    Call::ShutdownWrite,
    Call::ShutdownRead,
    Call::ShutdownBoth,
    Call::Close,
    Call::LingerZero,
    Call::Abort,
    Call::SoError,
    Call::Poll,
    Call::Exit,
    Call::Reboot,
];

/// Reads a call and its descriptor.
pub(super) fn read_call(cursor: &mut Cursor<'_>) -> Result<(Option<Fd>, Call), TextError> {
    let call = if cursor.eat("listen") {
        let port = cursor.port()?;
        let reuse_address = cursor.eat("reuse");
        let receive_buffer = if cursor.eat("buffer") { cursor.window()? } else { 0 };
        Call::Listen { port, reuse_address, receive_buffer }
    } else if cursor.eat("connect") {
        let remote_port = cursor.port()?;
        let local_port = if cursor.eat("from") { cursor.port()? } else { 0 };
        Call::Connect { local_port, remote_port, reuse_address: cursor.eat("reuse") }
    } else if cursor.eat("send") {
        Call::Send { data: cursor.quoted()?, more: cursor.eat("more") }
    } else if cursor.eat("keep-alive") {
        Call::KeepAlive(read_keep_alive(cursor)?)
    } else if cursor.eat("user-timeout") {
        Call::UserTimeout(read_unless(cursor, "none", Cursor::span)?)
    } else if cursor.eat("linger2") {
        Call::Linger2(read_unless(cursor, "none", Cursor::span)?)
    } else if cursor.eat("receive-buffer") {
        Call::ReceiveBuffer(cursor.window()?)
    } else {
        let plain: Vec<&Call> = PLAIN.iter().collect();
        cursor.choose(&plain, call_word)?.clone()
    };
    Ok((read_fd(cursor)?, call))
}

/// Reads `10s 5s 3`, or `off`.
fn read_keep_alive(cursor: &mut Cursor<'_>) -> Result<Option<KeepAlive>, TextError> {
    read_unless(cursor, "off", |cursor| {
        Ok(KeepAlive {
            idle: cursor.span()?,
            interval: cursor.span()?,
            count: read_unless(cursor, "none", Cursor::number)?,
        })
    })
}

/// Reads something, or the word for nothing.
fn read_unless<'a, T>(
    cursor: &mut Cursor<'a>,
    nothing: &'static str,
    read: impl FnOnce(&mut Cursor<'a>) -> Result<T, TextError>,
) -> Result<Option<T>, TextError> {
    if cursor.eat(nothing) { Ok(None) } else { read(cursor).map(Some) }
}

/// Reads `fd 3`, where it's there.
pub(super) fn read_fd(cursor: &mut Cursor<'_>) -> Result<Option<Fd>, TextError> {
    if cursor.eat("fd") { cursor.number().map(|number| Some(Fd(number))) } else { Ok(None) }
}

/// Reads the rest of a line that begins with a moment.
pub(super) fn read_timed(cursor: &mut Cursor<'_>, at: Time) -> Result<Act, TextError> {
    if cursor.eat("forge") {
        let to = cursor.host()?;
        return Ok(Act::Forge { at, to, segment: segment::read(cursor, to.other())? });
    }
    if cursor.eat("release") {
        return Ok(Act::Release { at, name: cursor.name()? });
    }
    let host: HostId = cursor.host()?;
    let (fd, call) = read_call(cursor)?;
    Ok(Act::Call { at, host, fd, call })
}

/// Reads a line that begins with a fate; `None` if it doesn't.
pub(super) fn read_fate(cursor: &mut Cursor<'_>) -> Result<Option<Act>, TextError> {
    let (target, fate) = if cursor.eat("drop") {
        (read_target(cursor)?, Fate::Drop)
    } else if cursor.eat("delay") {
        (read_target(cursor)?, Fate::Delay(read_when(cursor)?))
    } else if cursor.eat("duplicate") {
        (read_target(cursor)?, Fate::Duplicate(read_when(cursor)?))
    } else if cursor.eat("keep") {
        (read_target(cursor)?, Fate::Keep)
    } else {
        return Ok(None);
    };
    Ok(Some(Act::Fate { target, fate }))
}

fn read_target(cursor: &mut Cursor<'_>) -> Result<Target, TextError> {
    if cursor.eat("every") {
        return read_every(cursor);
    }
    let name = cursor.name()?;
    // A time begins with a digit and `at` is lower case; a flag is neither.
    let word = cursor.word();
    let flags = word == "none" || word.starts_with(|c: char| c.is_ascii_uppercase());
    let expected = if flags { Some((cursor.flags()?, cursor.seq()?)) } else { None };
    Ok(Target::Named { name, expected })
}

/// Reads what follows `every`: a host, and in any order, each once, what the segments must have.
fn read_every(cursor: &mut Cursor<'_>) -> Result<Target, TextError> {
    let sender = cursor.host()?;
    let (mut seq, mut during) = (None, None);
    let (mut syn, mut fin, mut data, mut ack, mut rst) = (None, None, None, None, None);
    loop {
        let mut bits = [
            ("syn", &mut syn),
            ("fin", &mut fin),
            ("data", &mut data),
            ("ack", &mut ack),
            ("rst", &mut rst),
        ];
        let bit = bits.iter_mut().find(|(word, bit)| bit.is_none() && cursor.eat(word));
        if let Some((_, bit)) = bit {
            **bit = Some(cursor.eat("on") || !cursor.eat("off"));
        } else if seq.is_none() && cursor.eat("seq") {
            seq = Some(cursor.seq()?);
        } else if during.is_none() && cursor.eat("from") {
            during = Some(read_during(cursor)?);
        } else {
            return Ok(Target::Every { sender, seq, ack, rst, syn, fin, data, during });
        }
    }
}

/// Reads a stretch of time after its `from`. Without `to` it lasts to the end.
fn read_during(cursor: &mut Cursor<'_>) -> Result<During, TextError> {
    let from = cursor.time()?;
    if !cursor.eat("to") {
        return Ok(During::rest(from));
    }
    let word = cursor.word();
    let to = Span::parse(word).ok_or_else(|| cursor.error(Expected::Time))?;
    let during = During::new(from, Time(to.0));
    let during = during.ok_or_else(|| cursor.error(Expected::After(from)))?;
    cursor.advance();
    Ok(during)
}

fn read_when(cursor: &mut Cursor<'_>) -> Result<When, TextError> {
    if cursor.eat("at") { cursor.time().map(When::At) } else { cursor.span().map(When::After) }
}
