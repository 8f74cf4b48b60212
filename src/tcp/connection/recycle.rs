//! Linux's tcp_tw_recycle, to 4.11: one timestamp is remembered for a remote address, TIME-WAIT is
//! cut short for it, and a SYN with an older one isn't answered (PROTOCOL §12.3, §24). The idea is
//! that of RFC 1323, Appendix B.2. Only who enters TIME-WAIT remembers.

use serde::{Deserialize, Serialize};

use super::{Connection, Context};
use crate::tcp::profile::TwRecycle;
use crate::tcp::time::{Span, Time};

/// How long a remembered timestamp counts (TCP_PAWS_MSL). Linux counts whole seconds of its clock: up
/// to one less.
const COUNTS_FOR: Span = Span::from_secs(60);

/// How much older a SYN's timestamp may be, in ticks (TCP_PAWS_WINDOW).
const WINDOW: i32 = 1;

/// The newest timestamp of a remote address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PeerStamp {
    /// TSval, in ticks of the peer's clock.
    pub value: u32,
    /// When it was seen.
    pub seen_at: Time,
}

impl PeerStamp {
    /// Whether a SYN must not be older. Linux tcp_peer_is_proven.
    pub(in crate::tcp) fn refuses_at(&self, now: Time) -> bool {
        now.since(self.seen_at) < COUNTS_FOR
    }

    /// Whether connect() begins with it. Linux tcp_fetch_timewait_stamp.
    pub(in crate::tcp) fn serves_at(&self, now: Time) -> bool {
        now.since(self.seen_at) <= COUNTS_FOR
    }

    /// Whether a SYN with this timestamp passes.
    pub(in crate::tcp) fn accepts(&self, value: u32) -> bool {
        (self.value.wrapping_sub(value) as i32) <= WINDOW
    }

    /// The oldest and the newest timestamp that pass.
    pub(in crate::tcp) fn range(&self) -> (u32, u32) {
        (self.value.wrapping_sub(1), self.value.wrapping_add(0x8000_0000))
    }
}

impl Connection {
    /// Linux tcp_remember_stamp: the newer of two timestamps is kept, and one that counts no longer
    /// makes way.
    pub(super) fn remember_peer(&self, cx: &mut Context<'_>) {
        let Some(memory) = self.timestamps.filter(|_| cx.profile.tw_recycle != TwRecycle::Off)
        else {
            return;
        };
        let makes_way = |old: &PeerStamp| {
            let newer = (old.value.wrapping_sub(memory.recent) as i32) <= 0;
            newer || !old.serves_at(cx.log.now) && old.seen_at <= memory.recent_at
        };
        if cx.peer_stamp.as_ref().is_none_or(makes_way) {
            *cx.peer_stamp = Some(PeerStamp { value: memory.recent, seen_at: memory.recent_at });
        }
    }

    /// Linux tcp_time_wait: where the peer's timestamp is remembered, TIME-WAIT is 3.5 timeouts. A
    /// restart gives it its full length.
    pub(super) fn recycled(&self, cx: &mut Context<'_>) -> Option<Span> {
        self.timestamps.filter(|_| cx.profile.tw_recycle != TwRecycle::Off)?;
        self.remember_peer(cx);
        let timeout = self.timeout(cx).0;
        Some(Span(timeout.saturating_mul(4).saturating_sub(timeout / 2)))
    }
}
