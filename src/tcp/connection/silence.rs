//! What a program can ask for where the peer is silent: keep-alive (RFC 9293 §3.8.4), the user
//! timeout (RFC 5482), and Linux's TCP_LINGER2.

use serde::{Deserialize, Serialize};

use super::{Connection, Context, Deadline, Descriptor};
use crate::tcp::call::{Errno, KeepAlive, Returned};
use crate::tcp::event::{TimerChange, TimerKind};
use crate::tcp::profile::{Profile, RtoRule};
use crate::tcp::rule::Rule;
use crate::tcp::segment::Segment;
use crate::tcp::state::State;
use crate::tcp::time::{Span, Time};

/// The longest that TCP_LINGER2 sets. Linux TCP_FIN_TIMEOUT_MAX.
const LONGEST_LINGER: Span = Span::from_secs(120);

/// What the program of a connection asked for, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Silence {
    /// SO_KEEPALIVE, where it's on.
    pub keep_alive: Option<KeepAlive>,
    /// TCP_USER_TIMEOUT, where it's set.
    pub user_timeout: Option<Span>,
    /// TCP_LINGER2, where it's set; none in it: no FIN-WAIT-2 at all.
    pub linger: Option<Option<Span>>,
    /// How many keep-alive probes have left since something was heard.
    pub probes: u32,
    /// When keep-alive looks next.
    pub timer: Option<Deadline>,
}

impl Silence {
    /// What the host asks for without its program, where that is anything.
    pub(super) fn of(profile: &Profile) -> Option<Box<Silence>> {
        let keep_alive = profile.keep_alive.then_some(KeepAlive {
            idle: profile.keep_alive_idle,
            interval: profile.keep_alive_interval,
            count: profile.keep_alive_count,
        });
        let user_timeout = profile.user_timeout;
        (keep_alive.is_some() || user_timeout.is_some())
            .then(|| Box::new(Silence { keep_alive, user_timeout, ..Silence::nothing() }))
    }

    fn nothing() -> Silence {
        Silence { keep_alive: None, user_timeout: None, linger: None, probes: 0, timer: None }
    }
}

impl Connection {
    fn silence_mut(&mut self) -> &mut Silence {
        self.silence.get_or_insert_with(|| Box::new(Silence::nothing()))
    }

    /// setsockopt(SO_KEEPALIVE) with its three numbers.
    pub(in crate::tcp) fn set_keep_alive(
        &mut self,
        options: Option<KeepAlive>,
        cx: &mut Context<'_>,
    ) -> Returned {
        let Some(wanted) = options else {
            self.stop_keep_alive(Rule::Call, cx);
            if let Some(silence) = &mut self.silence {
                silence.keep_alive = None;
            }
            return Returned::Done;
        };
        // Linux do_tcp_setsockopt: none of the three may be 0.
        if wanted.idle == Span::ZERO || wanted.interval == Span::ZERO || wanted.count == Some(0) {
            return Returned::Failed(Errno::EINVAL);
        }
        let heard = self.heard_at;
        let was_on = self.silence_mut().keep_alive.replace(wanted).is_some();
        if self.state.is_synchronised() && self.state != State::TimeWait {
            // Linux tcp_set_keepalive: from now; tcp_sock_set_keepidle_locked, where it was on
            // already: from what was heard last.
            let from = if was_on { heard } else { cx.log.now };
            self.run_keep_alive((from + wanted.idle).max(cx.log.now), Rule::KeepAliveStart, cx);
        }
        Returned::Done
    }

    /// setsockopt(TCP_USER_TIMEOUT). Zero is none.
    pub(in crate::tcp) fn set_user_timeout(&mut self, timeout: Option<Span>) -> Returned {
        self.silence_mut().user_timeout = timeout.filter(|timeout| *timeout > Span::ZERO);
        Returned::Done
    }

    /// setsockopt(TCP_LINGER2). Zero is the host's own time.
    pub(in crate::tcp) fn set_linger2(&mut self, time: Option<Span>) -> Returned {
        self.silence_mut().linger = match time {
            Some(Span::ZERO) => None,
            Some(time) => Some(Some(time.min(LONGEST_LINGER))),
            None => Some(None),
        };
        Returned::Done
    }

    /// An acceptable ACK has come: the peer is there. Linux tcp_ack (rcv_tstamp, icsk_probes_out).
    pub(super) fn peer_was_heard(&mut self, cx: &Context<'_>) {
        self.heard_at = cx.log.now;
        self.probes_unanswered = 0;
        if let Some(silence) = &mut self.silence {
            silence.probes = 0;
        }
    }

    /// The keep-alive timer, where it runs.
    pub(in crate::tcp) fn keep_alive_timer(&self) -> Option<Deadline> {
        self.silence.as_ref().and_then(|silence| silence.timer)
    }

    /// A connection that is established is watched from then on, where that is asked for.
    pub(in crate::tcp) fn start_keep_alive(&mut self, cx: &mut Context<'_>) {
        let wanted = self.silence.as_ref().and_then(|silence| silence.keep_alive);
        if let Some(KeepAlive { idle, .. }) = wanted {
            self.run_keep_alive(cx.log.now + idle, Rule::KeepAliveStart, cx);
        }
    }

    fn run_keep_alive(&mut self, at: Time, rule: Rule, cx: &mut Context<'_>) {
        let deadline = Self::deadline(at, cx);
        let Some(silence) = &mut self.silence else { return };
        let change = match silence.timer.replace(deadline) {
            Some(_) => TimerChange::Restarted(at),
            None => TimerChange::Started(at),
        };
        self.note_timer(TimerKind::KeepAlive, change, rule, cx);
    }

    pub(super) fn stop_keep_alive(&mut self, rule: Rule, cx: &mut Context<'_>) {
        if self.silence.as_mut().and_then(|silence| silence.timer.take()).is_some() {
            self.note_timer(TimerKind::KeepAlive, TimerChange::Stopped, rule, cx);
        }
    }

    /// The keep-alive timer has fired. Nothing restarts it before: it only looks, then, how long
    /// nothing was heard. Linux tcp_keepalive_timer.
    pub(super) fn keep_alive(&mut self, cx: &mut Context<'_>) {
        let (now, quiet) = (cx.log.now, cx.log.now.since(self.heard_at));
        let Some(silence) = &mut self.silence else { return };
        silence.timer = None;
        let Some(wanted) = silence.keep_alive else { return };
        let (probes, user_timeout) = (silence.probes, silence.user_timeout);
        // RFC 9293 §3.8.4, MUST-26: not while something waits for its acknowledgment; that has a
        // timer of its own.
        let busy = !self.flights.is_empty()
            || !self.unsent.is_empty()
            || self.fin_queued && self.fin_end.is_none();
        if busy {
            self.run_keep_alive(now + wanted.idle, Rule::KeepAliveStart, cx);
        } else if quiet < wanted.idle {
            self.run_keep_alive(self.heard_at + wanted.idle, Rule::KeepAliveStart, cx);
        } else if match user_timeout {
            Some(timeout) => probes > 0 && quiet >= timeout,
            None => wanted.count.is_some_and(|count| probes >= count),
        } {
            self.reset_silent_peer(cx);
        } else {
            self.probe_peer(cx);
            let wait = wanted.interval.max(Span(1));
            self.run_keep_alive(now + wait, Rule::KeepAliveProbe, cx);
        }
    }

    /// <SEQ=SND.NXT-1><ACK=RCV.NXT><CTL=ACK>, which no peer can accept and every peer must answer;
    /// smoltcp adds an octet, as hosts before RFC 1122 need it.
    fn probe_peer(&mut self, cx: &mut Context<'_>) {
        let octet = cx.profile.rto == RtoRule::Smoltcp;
        let data = if octet { vec![0] } else { Vec::new() };
        let probe = Segment { seq: self.snd_una - 1, data, ..self.blank() };
        self.transmit(probe, None, Rule::KeepAliveProbe, cx);
        if let Some(silence) = &mut self.silence {
            silence.probes = silence.probes.saturating_add(1);
        }
    }

    /// A peer that may only seem to be dead learns that the connection is over.
    fn reset_silent_peer(&mut self, cx: &mut Context<'_>) {
        let ack = cx.profile.abort_ack.then_some(self.rcv_nxt);
        let segment = Segment { rst: true, ack, ..self.blank() };
        self.transmit(segment, None, Rule::KeepAliveOver, cx);
        self.fail(Errno::ETIMEDOUT, Rule::KeepAliveOver, cx);
    }

    /// TCP_USER_TIMEOUT, where it's set.
    pub(super) fn user_timeout(&self) -> Option<Span> {
        self.silence.as_ref().and_then(|silence| silence.user_timeout)
    }

    /// When the user timeout is over, if what waits isn't acknowledged before.
    fn user_deadline(&self, cx: &Context<'_>) -> Option<Time> {
        let (since, timeout) = (self.waits_since?, self.user_timeout()?);
        // Linux retransmits_timed_out: not before something was sent again.
        let counts = cx.profile.rto != RtoRule::Linux || self.retransmissions > 0;
        counts.then(|| since + timeout)
    }

    /// A wait and its rule, or what is left of the user timeout, where that is less. Linux
    /// tcp_clamp_rto_to_user_timeout, tcp_clamp_probe0_to_user_timeout.
    pub(super) fn within_user_timeout(
        &self,
        wait: Span,
        rule: Rule,
        cx: &Context<'_>,
    ) -> (Span, Rule) {
        let left = self
            .user_deadline(cx)
            .map(|end| end.since(cx.log.now).max(Span::from_millis(1)))
            .filter(|left| *left < wait);
        left.map_or((wait, rule), |left| (left, Rule::UserTimeout))
    }

    // RFC 9293 §3.10.8, USER TIMEOUT. Whether it was over.
    pub(super) fn gives_up_by_user_timeout(&mut self, cx: &mut Context<'_>) -> bool {
        let over = self.user_deadline(cx).is_some_and(|end| end <= cx.log.now);
        if over {
            self.fail(Errno::ETIMEDOUT, Rule::UserTimeout, cx);
        }
        over
    }

    /// Something is sent for the first time while nothing else waits. RFC 5482 counts from
    /// here, Linux only with a SYN of its own: else from the first time that something is sent again.
    pub(super) fn count_first(&mut self, cx: &Context<'_>) {
        let counts = cx.profile.rto != RtoRule::Linux || self.state == State::SynSent;
        self.waits_since = counts.then_some(cx.log.now);
    }

    /// Something is sent again, or a closed window is probed. Linux retrans_stamp, icsk_probes_tstamp.
    pub(super) fn count_from_now(&mut self, cx: &Context<'_>) {
        // A request of Linux, in SYN-RECEIVED, knows no user timeout.
        let request = self.state == State::SynReceived && cx.profile.rto == RtoRule::Linux;
        if !request {
            self.waits_since = self.waits_since.or(Some(cx.log.now));
        }
    }

    /// The user timeout has nothing to count.
    pub(super) fn count_no_longer(&mut self) {
        self.waits_since = None;
    }

    /// An ACK has moved SND.UNA: what is left counts from its own sending. Linux goes on with
    /// what it took for lost.
    pub(super) fn count_what_is_left(&mut self, cx: &Context<'_>) {
        let left = self.flights.front().map(|f| if f.again { cx.log.now } else { f.at });
        let linux = cx.profile.rto == RtoRule::Linux;
        self.waits_since = match left {
            Some(_) if linux => self.waits_since.filter(|_| self.lost_before.is_some()),
            Some(at) => Some(at),
            None => None,
        };
    }

    fn linger2(&self) -> Option<Option<Span>> {
        self.silence.as_ref().and_then(|silence| silence.linger)
    }

    /// Whether it is an orphan in FIN-WAIT-2 whose program wanted none of it.
    pub(super) fn lingers_not(&self) -> bool {
        self.state == State::FinWait2
            && self.descriptor == Descriptor::Closed
            && self.linger2() == Some(None)
    }

    /// How long an orphan stays in FIN-WAIT-2 (PROTOCOL §9); none: for ever.
    pub(super) fn orphan_time(&self, cx: &Context<'_>) -> Option<Span> {
        let length = self.linger2().unwrap_or(cx.profile.fin_wait_2)?;
        // Linux tcp_fin_time: never less than three and a half timeouts.
        let least = if cx.profile.fin_wait_2_mini {
            Span(self.timeout(cx).times(7).0 / 2)
        } else {
            Span::ZERO
        };
        Some(length.max(least))
    }
}
