//! When a connection gives up: after so many timeouts, or as Linux, which asks how long ago the
//! first of them was, and has limits of its own for orphans (tcp_timer.c).

use super::{Connection, Context, Descriptor};
use crate::tcp::profile::{OpenRequests, RtoRule};
use crate::tcp::state::State;
use crate::tcp::time::Span;

/// TCP_RTO_MIN: what Linux reckons with, whatever the connection's own timeout is.
const USUAL: Span = Span::from_millis(200);

/// What Linux's tcp_orphan_retries stands for where it is 0.
const ORPHAN_RETRIES: u32 = 8;

impl Connection {
    /// Whether the timeout that came is the last. RFC 9293 §3.8.3.
    pub(super) fn gives_up(&self, cx: &Context<'_>) -> bool {
        let profile = cx.profile;
        let linux = profile.rto == RtoRule::Linux;
        let limit = match self.state {
            State::SynSent if linux => return self.gives_up_opening(cx),
            State::SynSent => {
                profile.syn_retries.map(|most| most.saturating_add(profile.syn_linear))
            }
            // FreeBSD tcp_timer_rexmt: it's for notes that SYNCACHE_MAXREXMTS is.
            State::SynReceived
                if !self.passive && profile.open_requests == OpenRequests::Syncache =>
            {
                profile.syn_retries
            }
            State::SynReceived => profile.syn_ack_retries,
            State::Closed
            | State::Listen
            | State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait
            | State::Closing
            | State::LastAck
            | State::TimeWait => {
                if linux {
                    return self.gives_up_sending(cx);
                }
                let usual = if self.is_orphan() { profile.orphan_retries } else { profile.retries };
                usual.filter(|_| self.user_timeout().is_none())
            }
        };
        limit.is_some_and(|limit| self.retransmissions >= limit)
    }

    fn is_orphan(&self) -> bool {
        self.descriptor == Descriptor::Closed
    }

    /// Linux tcp_write_timeout in SYN-SENT: tcp_syn_linear_timeouts comes on top of
    /// tcp_syn_retries, unless the SYN is older than tcp_syn_retries alone would let it become.
    fn gives_up_opening(&self, cx: &Context<'_>) -> bool {
        cx.profile.syn_retries.is_some_and(|most| {
            self.retransmissions >= most.saturating_add(cx.profile.syn_linear)
                || self.resent_for(most, cx.profile.rto_initial, cx)
        })
    }

    /// Linux tcp_write_timeout, tcp_retransmit_timer.
    fn gives_up_sending(&self, cx: &Context<'_>) -> bool {
        if self.is_excused() {
            let patience = cx.profile.rto_max.times(2);
            let long = |since| cx.log.now.since(since) > patience;
            return cx.profile.retries.is_some()
                && long(self.heard_at)
                && self.waits_since.is_some_and(long);
        }
        let limit = if self.is_orphan() {
            Self::orphan_limit(self.timeout(cx) < cx.profile.rto_max, cx)
        } else {
            cx.profile.retries
        };
        limit.is_some_and(|most| self.resent_for(most, USUAL, cx))
    }

    /// Linux doesn't count what is sent again before a window that was shut over it, while a
    /// program holds the connection and the peer answers.
    pub(super) fn is_excused(&self) -> bool {
        self.snd_wnd == 0 && !self.is_orphan() && self.state.is_synchronised()
    }

    /// Whether something goes again for longer than `most` doublings of `base` take. Linux
    /// retransmits_timed_out, tcp_model_timeout.
    fn resent_for(&self, most: u32, base: Span, cx: &Context<'_>) -> bool {
        // A program's own patience takes the place of this: see `silence`.
        if self.user_timeout().is_some() {
            return false;
        }
        let Some(since) = self.waits_since.filter(|_| self.retransmissions > self.excused) else {
            return false;
        };
        let longest = cx.profile.rto_max;
        let steps = (longest.0 / base.0.max(1)).checked_ilog2().unwrap_or(0);
        let doubled =
            (2_u64.checked_shl(most.min(steps)).unwrap_or(u64::MAX) - 1).saturating_mul(base.0);
        let flat = longest.0.saturating_mul(u64::from(most.saturating_sub(steps)));
        cx.log.now.since(since).0 >= doubled.saturating_add(flat)
    }

    /// Linux tcp_orphan_retries: where the timeout has reached its maximum, and nothing else is
    /// set, an orphan gets no more patience.
    fn orphan_limit(alive: bool, cx: &Context<'_>) -> Option<u32> {
        cx.profile
            .orphan_retries
            .map(|most| if most == ORPHAN_RETRIES && !alive { 0 } else { most })
    }

    /// Whether the window was probed often enough. Linux tcp_probe_timer: an answer begins the count
    /// anew, but an orphan is given up once the time between two probes has reached its maximum.
    pub(super) fn gives_up_probing(&self, cx: &Context<'_>) -> bool {
        if cx.profile.rto != RtoRule::Linux {
            return false;
        }
        if !self.is_orphan() {
            return cx.profile.retries.is_some_and(|most| self.probes_unanswered >= most);
        }
        let alive = self.timeout(cx) < cx.profile.rto_max;
        Self::orphan_limit(alive, cx).is_some_and(|most| {
            self.probes_unanswered >= most || !alive && self.retransmissions >= most
        })
    }
}
