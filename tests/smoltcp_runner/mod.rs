//! The same script on two of smoltcp's stacks and on two of ours, and what differs.

pub mod card;
pub mod compare;
pub mod ours;
pub mod pair;
pub mod scripts;

use time_wait_lab::tcp::event::HostId;
use time_wait_lab::tcp::segment::Flags;
use time_wait_lab::tcp::state::State;

/// The port that B listens on.
pub const PORT: u16 = 80;
/// How long a segment travels, microseconds.
pub const DELAY: u64 = 50_000;
/// When a run ends, microseconds.
pub const UNTIL: u64 = 90_000_000;

/// A difference: see the list in `tests/smoltcp.rs`.
pub const CLOSE_IN_SYN_RECEIVED: &str = "CLOSE in SYN-RECEIVED";

/// A difference: see there.
pub const TIMER_IN_THE_SAME_INSTANT: &str = "a timer due in the instant of an arrival or a call";

/// A difference: see there.
pub const CONNECT_OVER_A_LIVE_SOCKET: &str = "connect() over a live socket's 4-tuple";

/// What a program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Waits for connections, with a receive buffer of so many octets.
    Listen(u32),
    /// Opens a connection from a port to a port.
    Connect(u16, u16),
    /// Sends so many octets.
    Send(usize),
    /// Reads what is there.
    Recv,
    /// The RFC's CLOSE: smoltcp's close(), our shutdown(SHUT_WR).
    Close,
    /// The RFC's ABORT.
    Abort,
}

/// What the wire does to a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It's lost.
    Drop,
    /// It arrives so many microseconds later.
    Delay(u64),
    /// A copy arrives so many microseconds after it.
    Duplicate(u64),
}

/// How smoltcp's sockets are set, and when the program reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// Its name.
    pub name: &'static str,
    /// The delay of an ACK in milliseconds; `None`: none.
    pub ack_delay: Option<u64>,
    /// Nagle's algorithm.
    pub nagle: bool,
    /// Whether the program reads in the instant in which octets come.
    pub reads: bool,
}

/// What is done, and what the wire does.
#[derive(Clone, Debug)]
pub struct Script {
    /// Its name.
    pub name: String,
    /// How the sockets are set.
    pub tuning: Tuning,
    /// The calls in order: when in milliseconds, where, what.
    pub calls: Vec<(u64, HostId, Op)>,
    /// The fates, by sender and place among what it sends.
    pub fates: Vec<(HostId, usize, Fate)>,
}

/// A segment as it left a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When, microseconds.
    pub at: u64,
    /// SYN, FIN, RST, ACK.
    pub flags: Flags,
    /// SEG.SEQ.
    pub seq: u32,
    /// SEG.ACK.
    pub ack: Option<u32>,
    /// The octets of text.
    pub len: usize,
    /// SEG.WND.
    pub window: u32,
}

/// What a run of either stack shows of one host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// What it sent, in order.
    pub sent: Vec<Sent>,
    /// The states in which its connections were at the end of an instant, in order: when, which
    /// connection from 1, which state. LISTEN counts as CLOSED, for a smoltcp socket falls back to
    /// it where ours is gone.
    pub states: Vec<(u64, u32, State)>,
    /// The octets received in order, by connection.
    pub octets: Vec<(u32, Vec<u8>)>,
    /// The initial sequence numbers that it chose, in order.
    pub isns: Vec<u32>,
    /// The calls by their place in the script that it refused because its connection wasn't
    /// established yet.
    pub early: Vec<usize>,
    /// What smoltcp met that makes a listed difference, and when.
    pub met: Vec<(u64, &'static str)>,
}

impl Side {
    /// A connection is in a state now.
    pub fn enter(&mut self, at: u64, connection: u32, state: State) {
        let state = if state == State::Listen { State::Closed } else { state };
        let before = |states: &[(u64, u32, State)]| {
            states.iter().rev().find(|s| s.1 == connection).map_or(State::Closed, |s| s.2)
        };
        if let Some(place) = self.states.iter().rposition(|s| s.0 == at && s.1 == connection) {
            self.states.remove(place);
        }
        if before(&self.states) != state {
            self.states.push((at, connection, state));
        }
    }

    /// Octets came for a connection.
    pub fn receive(&mut self, connection: u32, octets: &[u8]) {
        match self.octets.iter_mut().find(|(number, _)| *number == connection) {
            Some((_, all)) => all.extend_from_slice(octets),
            None => self.octets.push((connection, octets.to_vec())),
        }
    }
}

/// The octets that a host's program sends next, after `sent` of them.
pub fn text(sent: usize, length: usize) -> Vec<u8> {
    (sent..sent + length).map(|n| u8::try_from(n * 7 % 251).unwrap()).collect()
}
