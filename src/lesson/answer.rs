//! Answers: what a host sends, what a program gets, in what state a connection is, how it ends.

use core::fmt;

use crate::tcp::call::{Errno, Returned};
use crate::tcp::segment::Segment;
use crate::tcp::state::State;
use crate::world::Verdict;

/// What a segment is, in one word: the later in this list, the more it says. RST, SYN and FIN first,
/// for they change a connection; then text; then an ACK alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sending {
    /// An ACK and nothing else.
    Ack,
    /// Text.
    Data,
    /// A FIN, with or without text.
    Fin,
    /// A SYN.
    Syn,
    /// A SYN with an ACK.
    SynAck,
    /// A RST.
    Rst,
}

impl Sending {
    /// All of them.
    pub const ALL: [Sending; 6] =
        [Sending::Ack, Sending::Data, Sending::Fin, Sending::Syn, Sending::SynAck, Sending::Rst];

    /// What a segment is.
    #[must_use]
    pub fn of(segment: &Segment) -> Sending {
        match (segment.rst, segment.syn, segment.fin) {
            (true, _, _) => Sending::Rst,
            (_, true, _) if segment.ack.is_some() => Sending::SynAck,
            (_, true, _) => Sending::Syn,
            (_, _, true) => Sending::Fin,
            _ if segment.data.is_empty() => Sending::Ack,
            _ => Sending::Data,
        }
    }

    /// Its word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Sending::Ack => "ACK",
            Sending::Data => "data",
            Sending::Fin => "FIN",
            Sending::Syn => "SYN",
            Sending::SynAck => "SYN,ACK",
            Sending::Rst => "RST",
        }
    }
}

/// What a program gets, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Got {
    /// 0: a call succeeded.
    Done,
    /// send() took octets.
    Taken,
    /// A descriptor.
    Descriptor,
    /// What poll() found.
    Ready,
    /// Octets of the peer.
    Octets,
    /// End of file.
    EndOfFile,
    /// An error: of a call, or of a connection whose descriptor the program holds.
    Failed(Errno),
}

impl Got {
    /// All of them; the later in this list, the more it says.
    pub(super) fn all() -> impl Iterator<Item = Got> {
        let plain =
            [Got::Done, Got::Taken, Got::Descriptor, Got::Ready, Got::Octets, Got::EndOfFile];
        plain.into_iter().chain(Errno::ALL.map(Got::Failed))
    }

    pub(super) fn of(returned: &Returned) -> Got {
        match returned {
            Returned::Done => Got::Done,
            Returned::Descriptor(_) => Got::Descriptor,
            Returned::Taken(_) => Got::Taken,
            Returned::Octets(_) => Got::Octets,
            Returned::EndOfFile => Got::EndOfFile,
            Returned::Ready(_) => Got::Ready,
            Returned::Failed(errno) => Got::Failed(*errno),
        }
    }
}

impl fmt::Display for Got {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Got::Done => f.write_str("done"),
            Got::Taken => f.write_str("taken"),
            Got::Descriptor => f.write_str("descriptor"),
            Got::Ready => f.write_str("ready"),
            Got::Octets => f.write_str("octets"),
            Got::EndOfFile => f.write_str("EOF"),
            Got::Failed(errno) => errno.fmt(f),
        }
    }
}

/// An answer. Its `Display` is the word that a lesson file has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Nothing is sent, the program gets nothing, or there is no such connection.
    Nothing,
    /// This is sent.
    Sends(Sending),
    /// The connection is in this state.
    State(State),
    /// The program gets this.
    Returns(Got),
    /// The connection ends so.
    Verdict(Verdict),
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Nothing => f.write_str("nothing"),
            Answer::Sends(sending) => f.write_str(sending.name()),
            Answer::State(state) => state.fmt(f),
            Answer::Returns(got) => got.fmt(f),
            Answer::Verdict(verdict) => f.write_str(verdict.name()),
        }
    }
}
