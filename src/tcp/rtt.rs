//! The retransmission timeout (RFC 6298).

use serde::{Deserialize, Serialize};

use super::profile::{Profile, RtoRule};
use super::seq::Seq;
use super::time::{Span, Time};

/// FreeBSD tcp_timer.h, TCPTV_CPU_VAR; XNU tcp_timer.h, TCPTV_REXMTSLOP.
const SLOP: Span = Span::from_millis(200);

/// What is known of the round trip: SRTT and RTTVAR in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RttEstimator {
    measured: Option<(Span, Span)>,
    least: Option<Span>,
    syn_timed_out: bool,
    one: OneAtATime,
}

/// smoltcp times one segment at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct OneAtATime {
    /// When the segment was sent, and the number after its last.
    timed: Option<(Time, Seq)>,
    /// The number after the highest that was sent.
    highest: Option<Seq>,
    /// Timeouts since the last sample; at the third the average begins anew.
    timeouts: u8,
    anew: bool,
}

impl RttEstimator {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> RttEstimator {
        RttEstimator::default()
    }

    /// A sample of a segment that was sent once (Karn). RFC 6298 §2.2, §2.3.
    pub fn sample(&mut self, rtt: Span) {
        self.syn_timed_out = false;
        self.least = Some(self.least.map_or(rtt, |least| least.min(rtt)));
        self.measured = Some(match self.measured {
            None => (rtt, Span(rtt.0 / 2)),
            Some((srtt, rttvar)) => {
                let off = Span(srtt.0.abs_diff(rtt.0));
                let rttvar = Span((rttvar.times(3) + off).0 / 4);
                (Span((srtt.times(7) + rtt).0 / 8), rttvar)
            }
        });
    }

    /// A timeout came. RFC 6298 §5.7 remembers whether the SYN was the one.
    pub fn timed_out(&mut self, syn: bool) {
        self.syn_timed_out |= syn;
        self.one.timeouts += 1;
        if self.one.timeouts >= 3 {
            (self.one.timeouts, self.one.anew) = (0, true);
        }
    }

    /// smoltcp: a segment was sent; if it is new and none is being timed, this one is.
    pub fn sent(&mut self, end: Seq, now: Time) {
        if self.one.highest.is_none_or(|highest| end.after(highest)) {
            self.one.highest = Some(end);
            self.one.timed = self.one.timed.or(Some((now, end)));
        }
    }

    /// smoltcp: something was sent again, so what is being timed tells nothing (Karn).
    pub fn sent_again(&mut self) {
        self.one.timed = None;
    }

    /// smoltcp: an ACK came. Whether it ended the timing of a segment.
    pub fn acknowledged(&mut self, ack: Seq, now: Time) -> bool {
        let Some((sent, _)) = self.one.timed.filter(|(_, end)| ack.at_or_after(*end)) else {
            return false;
        };
        // Whole milliseconds, and divisions that round up.
        let up = |sum: Span, by: u64| Span::from_millis((sum.0 / 1_000).div_ceil(by));
        let rtt = Span::from_millis(now.since(sent).0 / 1_000);
        self.measured = Some(match self.measured.filter(|_| !self.one.anew) {
            None => (rtt, Span::from_millis(rtt.0 / 2_000)),
            Some((srtt, rttvar)) => {
                let off = Span(srtt.0.abs_diff(rtt.0));
                (up(srtt.times(7) + rtt, 8), up(rttvar.times(3) + off, 4))
            }
        });
        (self.one.timed, self.one.timeouts, self.one.anew) = (None, 0, false);
        true
    }

    /// SRTT.
    #[must_use]
    pub fn smoothed(&self) -> Option<Span> {
        self.measured.map(|(srtt, _)| srtt)
    }

    /// The shortest round trip seen.
    #[must_use]
    pub fn least(&self) -> Option<Span> {
        self.least
    }

    /// The timeout after `doublings` expiries in a row, between the profile's bounds. `syn`: it's
    /// a SYN that waits for its ACK.
    #[must_use]
    pub fn timeout(&self, doublings: u32, syn: bool, profile: &Profile) -> Span {
        let base = match (profile.rto, self.measured) {
            (RtoRule::Fixed, _) | (_, None) => profile.rto_initial,
            (RtoRule::Rfc6298, Some((srtt, rttvar))) => {
                // RFC 6298 §2.3 with a clock of 1 ms, §2.4.
                (srtt + rttvar.times(4).max(Span::from_millis(1))).max(profile.rto_min)
            }
            (RtoRule::Linux, Some((srtt, rttvar))) => srtt + rttvar.times(4).max(profile.rto_min),
            (RtoRule::Smoltcp, Some((srtt, rttvar))) => {
                (srtt + rttvar.times(4).max(Span::from_millis(5))).max(profile.rto_min)
            }
            // FreeBSD and XNU, TCP_REXMTVAL.
            (RtoRule::FreeBsd | RtoRule::MacOs, Some((srtt, rttvar))) => {
                (srtt + rttvar.times(4)).max(profile.rto_min)
            }
        };
        // RFC 6298 §5.7: 3 s for what follows a SYN that had to be sent again.
        let late = self.syn_timed_out && self.measured.is_none() && !syn;
        let base = match profile.rto {
            RtoRule::Rfc6298 | RtoRule::Linux if late => base.max(Span::from_secs(3)),
            RtoRule::Fixed
            | RtoRule::Rfc6298
            | RtoRule::Linux
            | RtoRule::Smoltcp
            | RtoRule::FreeBsd
            | RtoRule::MacOs => base,
        };
        // FreeBSD TCPT_RANGESET, syncache_timeout; XNU TCP_ADD_REXMTSLOP.
        let slop = match profile.rto {
            RtoRule::FreeBsd if !(syn && doublings == 0) => SLOP,
            RtoRule::MacOs if !syn => SLOP,
            RtoRule::Fixed
            | RtoRule::Rfc6298
            | RtoRule::Linux
            | RtoRule::Smoltcp
            | RtoRule::FreeBsd
            | RtoRule::MacOs => Span::ZERO,
        };
        let doubled = base.0.saturating_mul(1_u64.checked_shl(doublings).unwrap_or(u64::MAX));
        Span(doubled.saturating_add(slop.0)).min(profile.rto_max)
    }
}
