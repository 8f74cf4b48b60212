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
    slow: Option<SlowToShrink>,
}

/// Linux lets RTTVAR shrink once a round trip at most (tcp_input.c, tcp_rtt_estimator). Each in
/// units of an eighth or a quarter of a microsecond, as there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct SlowToShrink {
    /// Eight times SRTT.
    srtt: u64,
    /// Four times the mean deviation.
    mdev: u64,
    /// The largest of these within the round trip, and not less than RTO's minimum.
    most: u64,
    /// Four times RTTVAR: what RTO has above SRTT.
    rttvar: u64,
    /// SND.NXT when this round trip began.
    ends: Seq,
}

impl SlowToShrink {
    fn begin(rtt: u64, next: Seq, least: u64) -> SlowToShrink {
        let rttvar = (2 * rtt).max(least);
        SlowToShrink { srtt: 8 * rtt, mdev: 2 * rtt, most: rttvar, rttvar, ends: next }
    }

    /// One more sample, taken of an ACK that left SND.UNA and SND.NXT as they are given.
    fn sample(&mut self, rtt: u64, (una, next): (Seq, Seq), least: u64) {
        let smoothed = self.srtt / 8;
        self.srtt = self.srtt - smoothed + rtt;
        let (off, quarter) = (smoothed.abs_diff(rtt), self.mdev / 4);
        self.mdev = if off < quarter {
            self.mdev - (quarter - off)
        } else if rtt < smoothed {
            // What gets shorter counts an eighth.
            self.mdev + (off - quarter) / 8
        } else {
            self.mdev + (off - quarter)
        };
        self.most = self.most.max(self.mdev);
        self.rttvar = self.rttvar.max(self.most);
        if una.after(self.ends) {
            self.rttvar -= (self.rttvar - self.most) / 4;
            (self.ends, self.most) = (next, least);
        }
    }
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

    /// A sample where RTTVAR behaves as Linux's; `numbers`: SND.UNA and SND.NXT now.
    pub fn sample_as_linux(&mut self, rtt: Span, numbers: (Seq, Seq), profile: &Profile) {
        self.syn_timed_out = false;
        self.least = Some(self.least.map_or(rtt, |least| least.min(rtt)));
        // What nobody will ever measure isn't counted further, so that no sum overflows.
        let (rtt, least) = (rtt.0.min(u64::MAX / 64), profile.rto_min.0);
        let slow = match self.slow {
            Some(mut slow) => {
                slow.sample(rtt, numbers, least);
                slow
            }
            None => SlowToShrink::begin(rtt, numbers.1, least),
        };
        self.slow = Some(slow);
        self.measured = Some((Span(slow.srtt / 8), Span(slow.rttvar)));
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
            // Four times RTTVAR, which is never below the minimum.
            (RtoRule::Linux, Some((srtt, rttvar))) => srtt + rttvar.max(profile.rto_min),
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
