//! The words that stand for the members of enums, and the quotes around octets.

use core::fmt;

use crate::tcp::call::Accepts;
use crate::tcp::event::{Gate, HostId, TimerKind};
use crate::world::trace::End;

/// A host's letter.
pub(super) fn host(host: HostId) -> &'static str {
    match host {
        HostId::A => "A",
        HostId::B => "B",
    }
}

/// The ways to accept, in the order of the error message.
pub(super) const ACCEPTS: [Accepts; 3] = [Accepts::ByCall, Accepts::Established, Accepts::AtSyn];

/// When a program accepts.
pub(super) fn accepts(accepts: Accepts) -> &'static str {
    match accepts {
        Accepts::ByCall => "call",
        Accepts::Established => "established",
        Accepts::AtSyn => "syn",
    }
}

/// Every reason why a run ended.
pub(super) const ENDS: [End; 3] = [End::Quiet, End::Horizon, End::Limit];

/// Why a run ended.
pub(super) fn end(end: End) -> &'static str {
    match end {
        End::Quiet => "quiet",
        End::Horizon => "horizon",
        End::Limit => "limit",
    }
}

/// A check of an arriving segment.
pub(super) fn gate(gate: Gate) -> &'static str {
    match gate {
        Gate::FourTuple => "four-tuple",
        Gate::Paws => "paws",
        Gate::Sequence => "sequence",
        Gate::Rst => "rst",
        Gate::Syn => "syn",
        Gate::Ack => "ack",
    }
}

/// A timer.
pub(super) fn timer(timer: TimerKind) -> &'static str {
    match timer {
        TimerKind::Retransmission => "retransmission",
        TimerKind::TailLossProbe => "tail-loss-probe",
        TimerKind::Reordering => "reordering",
        TimerKind::Persist => "persist",
        TimerKind::DelayedAck => "delayed-ack",
        TimerKind::TimeWait => "time-wait",
        TimerKind::FinWait2 => "fin-wait-2",
        TimerKind::KeepAlive => "keep-alive",
    }
}

/// `on` or `off`.
pub(super) fn switch(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// Octets as quotes print them: ASCII as it is, everything else as an escape.
pub(super) struct Quoted<'a>(pub(super) &'a [u8]);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for octet in self.0 {
            match octet {
                b'"' => f.write_str("\\\"")?,
                b'\\' => f.write_str("\\\\")?,
                b'\n' => f.write_str("\\n")?,
                b'\r' => f.write_str("\\r")?,
                b'\t' => f.write_str("\\t")?,
                b' '..=b'~' => write!(f, "{}", char::from(*octet))?,
                _ => write!(f, "\\x{octet:02x}")?,
            }
        }
        f.write_str("\"")
    }
}
