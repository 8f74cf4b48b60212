//! The acts of a scenario as text, one a line.

use core::fmt;

use crate::tcp::call::{Call, Fd};
use crate::tcp::event::HostId;
use crate::tcp::time::Time;
use crate::world::scenario::{Act, Fate, Target, When};

use super::cursor::Cursor;
use super::words::{self, Quoted};
use super::{TextError, segment};

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
        Target::Every { sender, seq, ack, rst } => {
            write!(f, " every {sender}")?;
            if let Some(seq) = seq {
                write!(f, " seq {seq}")?;
            }
            for (name, value) in [("ack", ack), ("rst", rst)] {
                if let Some(on) = value {
                    write!(f, " {name} {}", words::switch(*on))?;
                }
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
    } else {
        let plain: Vec<&Call> = PLAIN.iter().collect();
        cursor.choose(&plain, call_word)?.clone()
    };
    Ok((read_fd(cursor)?, call))
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
        let sender = cursor.host()?;
        let seq = if cursor.eat("seq") { Some(cursor.seq()?) } else { None };
        let ack = if cursor.eat("ack") { Some(cursor.switch()?) } else { None };
        let rst = if cursor.eat("rst") { Some(cursor.switch()?) } else { None };
        return Ok(Target::Every { sender, seq, ack, rst });
    }
    let name = cursor.name()?;
    // A time begins with a digit and `at` is lower case; a flag is neither.
    let word = cursor.word();
    let flags = word == "none" || word.starts_with(|c: char| c.is_ascii_uppercase());
    let expected = if flags { Some((cursor.flags()?, cursor.seq()?)) } else { None };
    Ok(Target::Named { name, expected })
}

fn read_when(cursor: &mut Cursor<'_>) -> Result<When, TextError> {
    if cursor.eat("at") { cursor.time().map(When::At) } else { cursor.span().map(When::After) }
}
