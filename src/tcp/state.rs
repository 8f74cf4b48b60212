//! The eleven states of a connection.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::packed::packed;

/// A state of RFC 9293 §3.3.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum State {
    /// No connection at all.
    Closed,
    /// A passive OPEN waits for any SYN.
    Listen,
    /// Our SYN is out.
    SynSent,
    /// SYNs went both ways, ours isn't acknowledged yet.
    SynReceived,
    /// Data flows both ways.
    Established,
    /// Our FIN is queued or sent and not yet acknowledged; the peer's hasn't come.
    FinWait1,
    /// Our FIN is acknowledged; the peer's hasn't come.
    FinWait2,
    /// The peer's FIN has come; our program hasn't closed.
    CloseWait,
    /// The FINs crossed; ours isn't acknowledged yet.
    Closing,
    /// The peer's FIN came first, ours is out and not yet acknowledged.
    LastAck,
    /// Both FINs are acknowledged; we wait 2MSL.
    TimeWait,
}

packed!(choice State);

impl State {
    /// All of them, in the order of the RFC.
    pub const ALL: [State; 11] = [
        State::Closed,
        State::Listen,
        State::SynSent,
        State::SynReceived,
        State::Established,
        State::FinWait1,
        State::FinWait2,
        State::CloseWait,
        State::Closing,
        State::LastAck,
        State::TimeWait,
    ];

    /// The RFC's spelling: `FIN-WAIT-1`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            State::Closed => "CLOSED",
            State::Listen => "LISTEN",
            State::SynSent => "SYN-SENT",
            State::SynReceived => "SYN-RECEIVED",
            State::Established => "ESTABLISHED",
            State::FinWait1 => "FIN-WAIT-1",
            State::FinWait2 => "FIN-WAIT-2",
            State::CloseWait => "CLOSE-WAIT",
            State::Closing => "CLOSING",
            State::LastAck => "LAST-ACK",
            State::TimeWait => "TIME-WAIT",
        }
    }

    /// Whether the peer's FIN can still come and bring text before it.
    #[must_use]
    pub fn receives(self) -> bool {
        matches!(self, State::Established | State::FinWait1 | State::FinWait2)
    }

    /// Whether the RFC calls the connection synchronised: ESTABLISHED and later (§3.5.2).
    #[must_use]
    pub fn is_synchronised(self) -> bool {
        !matches!(self, State::Closed | State::Listen | State::SynSent | State::SynReceived)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
