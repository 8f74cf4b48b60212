//! What a host does with the timestamp that `tw-recycle` remembers of its peer's address.

use super::Host;
use crate::tcp::connection::TimestampMemory;
use crate::tcp::event::{EventKind, Gate, Log};
use crate::tcp::profile::TwRecycle;
use crate::tcp::rule::Rule;
use crate::tcp::segment::Segment;
use crate::tcp::time::Time;

impl Host {
    /// Whether a listener takes a SYN: one with an older timestamp than the last from that address,
    /// whatever its port, is dropped without a word. A SYN that takes over a TIME-WAIT isn't asked.
    /// Linux tcp_conn_request.
    pub(super) fn is_recent_enough(&self, seg: &Segment, log: &mut Log) -> bool {
        let remembered = self.peer_stamp.filter(|stamp| stamp.refuses_at(log.now));
        let Some(stamp) = remembered.filter(|_| self.profile.tw_recycle != TwRecycle::Off) else {
            return true;
        };
        let Some(stamps) = seg.timestamps.filter(|_| self.profile.timestamps) else {
            let passed = self.profile.tw_recycle == TwRecycle::Stamped;
            if !passed {
                log.note(Rule::PeerTimestampMissing, EventKind::Ignored);
            }
            return passed;
        };
        let passed = stamp.accepts(stamps.value);
        let (low, high) = stamp.range();
        let gate = Gate::Paws;
        let kind = EventKind::Gate { gate, passed, value: stamps.value, low, high };
        log.note(Rule::PeerTimestamp, kind);
        if !passed {
            log.note(Rule::PeerTimestampOld, EventKind::Ignored);
        }
        passed
    }

    /// The TS.Recent with which connect() begins. Linux tcp_v4_connect.
    pub(super) fn remembered_stamp(&self, now: Time) -> Option<TimestampMemory> {
        let stamp = self.peer_stamp.filter(|stamp| stamp.serves_at(now))?;
        let (recent, recent_at) = (stamp.value, stamp.seen_at);
        Some(TimestampMemory { recent, recent_at, echo: recent })
    }
}
