//! What happened, why, and because of what: the typed events of a trace.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::call::{Call, Errno, Fd, Returned};
use super::rule::Rule;
use super::segment::{Chunk, Incarnation, Segment};
use super::seq::Seq;
use super::state::State;
use super::time::Time;
use crate::packed::packed;

/// One of the two hosts. On the screen A is HOST1 and B is HOST2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum HostId {
    /// HOST1, at the left.
    A,
    /// HOST2, at the right.
    B,
}

packed!(enum HostId { 0 A, 1 B });

impl HostId {
    /// Both, A first.
    pub const BOTH: [HostId; 2] = [HostId::A, HostId::B];

    /// Its place in an array of two.
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            HostId::A => 0,
            HostId::B => 1,
        }
    }

    /// The one at the other end of the wire.
    #[must_use]
    pub fn other(self) -> HostId {
        match self {
            HostId::A => HostId::B,
            HostId::B => HostId::A,
        }
    }
}

impl fmt::Display for HostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HostId::A => "A",
            HostId::B => "B",
        })
    }
}

/// A segment's name: its sender, its place among what that host sent (from 1), and which copy it
/// is (1 for the one that was sent). `A3` is the third segment of A, `A3.2` its second copy, and
/// `>B1` the first that was forged and sent to B.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SegmentName {
    /// Who sent it; for a forged one, whose address it pretends to come from.
    pub sender: HostId,
    /// Whether no host sent it.
    pub forged: bool,
    /// Its place, from 1.
    pub number: u32,
    /// Which copy, from 1.
    pub copy: u32,
}

packed!(SegmentName { sender, forged, number, copy });

impl fmt::Display for SegmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.forged {
            write!(f, ">{}{}", self.sender.other(), self.number)?;
        } else {
            write!(f, "{}{}", self.sender, self.number)?;
        }
        if self.copy == 1 { Ok(()) } else { write!(f, ".{}", self.copy) }
    }
}

/// A connection of a host, numbered from 1 in the order in which the host created them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConnectionId(pub u32);

/// An event's place in its trace, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventId(pub u32);

packed!(ConnectionId(number), EventId(number));

/// A check that an arriving segment passes or fails, in the order in which a host asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Gate {
    /// Is there a connection, or a listener, for this 4-tuple?
    FourTuple,
    /// Is the timestamp new enough? (RFC 7323 §5.3)
    Paws,
    /// Does SEG.SEQ lie in the receive window?
    Sequence,
    /// Is the RST to be believed?
    Rst,
    /// Is the SYN to be believed?
    Syn,
    /// Is SEG.ACK acceptable?
    Ack,
}

packed!(choice Gate);

impl Gate {
    /// All of them, in the order in which a host asks.
    pub const ALL: [Gate; 6] =
        [Gate::FourTuple, Gate::Paws, Gate::Sequence, Gate::Rst, Gate::Syn, Gate::Ack];
}

/// A timer of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TimerKind {
    /// The retransmission timeout (RFC 6298).
    Retransmission,
    /// The tail-loss probe (RFC 8985 §7).
    TailLossProbe,
    /// The wait for reordering before a hole is resent (RFC 8985 §6).
    Reordering,
    /// The probe of a closed window (RFC 9293 §3.8.6.1).
    Persist,
    /// The delayed acknowledgment (RFC 9293 §3.8.6.3).
    DelayedAck,
    /// 2MSL (RFC 9293 §3.10.8).
    TimeWait,
    /// The time that an orphan may stay in FIN-WAIT-2.
    FinWait2,
    /// The time until the peer is asked whether it's still there (RFC 9293 §3.8.4).
    KeepAlive,
}

packed!(choice TimerKind);

impl TimerKind {
    /// All of them.
    pub const ALL: [TimerKind; 8] = [
        TimerKind::Retransmission,
        TimerKind::TailLossProbe,
        TimerKind::Reordering,
        TimerKind::Persist,
        TimerKind::DelayedAck,
        TimerKind::TimeWait,
        TimerKind::FinWait2,
        TimerKind::KeepAlive,
    ];
}

/// What happened to a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TimerChange {
    /// It runs until then.
    Started(Time),
    /// It ran and now runs until then.
    Restarted(Time),
    /// It runs no longer.
    Stopped,
    /// Its time has come.
    Fired,
}

packed!(enum TimerChange { 0 Started(until), 1 Restarted(until), 2 Stopped, 3 Fired });

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// A program called.
    Call {
        /// The descriptor; `None` where it has none yet, or the call is for the whole host.
        fd: Option<Fd>,
        /// The call.
        call: Call,
    },
    /// The call returned.
    Return {
        /// The descriptor.
        fd: Option<Fd>,
        /// What the program saw.
        returned: Returned,
    },
    /// A connection came to be.
    Opened {
        /// The connection.
        connection: ConnectionId,
        /// The incarnation that it belongs to.
        incarnation: Incarnation,
        /// Its local port.
        local_port: u16,
        /// Its peer's port.
        remote_port: u16,
        /// ISS.
        iss: Seq,
    },
    /// A segment was put on the wire.
    Sent {
        /// Its name.
        name: SegmentName,
        /// The connection that sent it; `None` where there is none.
        connection: Option<ConnectionId>,
        /// The segment whose octets it repeats.
        again: Option<SegmentName>,
        /// The segment.
        segment: Segment,
    },
    /// A copy was put on the wire by the network, or a forged segment by a person.
    Injected {
        /// Its name.
        name: SegmentName,
        /// The segment.
        segment: Segment,
    },
    /// The network lost it.
    Lost {
        /// Its name.
        name: SegmentName,
    },
    /// It lived for MSL and died on the way.
    Died {
        /// Its name.
        name: SegmentName,
    },
    /// It arrived.
    Arrived {
        /// Its name.
        name: SegmentName,
        /// The segment.
        segment: Segment,
    },
    /// An arriving segment passed a check, or failed it.
    Gate {
        /// The check.
        gate: Gate,
        /// Whether it passed.
        passed: bool,
        /// The number that was tested.
        value: u32,
        /// The lowest that passes.
        low: u32,
        /// The highest that passes.
        high: u32,
    },
    /// The segment at hand, or a part of it, was left aside; the rule says why.
    Ignored,
    /// Text beyond a gap was kept.
    Queued {
        /// The connection.
        connection: ConnectionId,
        /// The first number of what was kept.
        seq: Seq,
        /// How many octets.
        octets: u32,
    },
    /// A connection changed its state.
    State {
        /// The connection.
        connection: ConnectionId,
        /// From.
        from: State,
        /// To.
        to: State,
    },
    /// A timer changed.
    Timer {
        /// The connection.
        connection: ConnectionId,
        /// The timer.
        timer: TimerKind,
        /// What happened to it.
        change: TimerChange,
    },
    /// Octets were put in order into the receive buffer.
    Received {
        /// The connection.
        connection: ConnectionId,
        /// The octets, each with its origin.
        chunks: Vec<Chunk>,
    },
    /// The peer's FIN took effect.
    EndOfFile {
        /// The connection.
        connection: ConnectionId,
        /// The incarnation that the FIN came from.
        origin: Incarnation,
    },
    /// The connection ended with an error.
    Error {
        /// The connection.
        connection: ConnectionId,
        /// The error.
        errno: Errno,
        /// Whether a program still holds a descriptor and can see it.
        noticed: bool,
    },
    /// An act of the network had no counterpart in this run: the segment of that name is another
    /// one, or was never sent.
    NoCounterpart {
        /// The act's place among the scenario's acts, from 0.
        act: u32,
    },
}

packed!(enum EventKind {
    0 Call { fd, call },
    1 Return { fd, returned },
    2 Opened { connection, incarnation, local_port, remote_port, iss },
    3 Sent { name, connection, again, segment },
    4 Injected { name, segment },
    5 Lost { name },
    6 Died { name },
    7 Arrived { name, segment },
    8 Gate { gate, passed, value, low, high },
    9 Ignored,
    10 Queued { connection, seq, octets },
    11 State { connection, from, to },
    12 Timer { connection, timer, change },
    13 Received { connection, chunks },
    14 EndOfFile { connection, origin },
    15 Error { connection, errno, noticed },
    16 NoCounterpart { act },
});

/// One event of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub time: Time,
    /// At which host; `None` on the wire.
    pub host: Option<HostId>,
    /// The rule that caused it.
    pub rule: Rule,
    /// The event that caused it.
    pub cause: Option<EventId>,
    /// What happened.
    pub kind: EventKind,
}

packed!(Event { time, host, rule, cause, kind });

/// A segment that a host has put on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Departure {
    /// Its name.
    pub name: SegmentName,
    /// The event of its sending.
    pub event: EventId,
    /// The segment.
    pub segment: Segment,
}

/// Where events are written down, in order, and where segments leave a host.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The events so far.
    pub events: Vec<Event>,
    /// The segments that a host has sent and the wire hasn't taken yet.
    pub departures: Vec<Departure>,
    /// The moment at hand.
    pub now: Time,
    /// The host at hand.
    pub host: Option<HostId>,
    /// The event that causes those that are noted now.
    pub cause: Option<EventId>,
}

impl Log {
    /// Writes an event down and gives its place.
    pub fn note(&mut self, rule: Rule, kind: EventKind) -> EventId {
        let id = EventId(u32::try_from(self.events.len()).unwrap_or(u32::MAX));
        self.events.push(Event { time: self.now, host: self.host, rule, cause: self.cause, kind });
        id
    }
}
