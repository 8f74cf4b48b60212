//! The timeouts of a connection (RFC 9293 §3.10.8).

use super::{Connection, Context, Descriptor, Owed};
use crate::tcp::call::Errno;
use crate::tcp::event::{TimerChange, TimerKind};
use crate::tcp::profile::{AckRule, Resend, RtoRule};
use crate::tcp::rule::Rule;
use crate::tcp::segment::Segment;
use crate::tcp::state::State;
use crate::tcp::time::{Span, Time};

impl Connection {
    /// Starts, or starts anew, the timer of the sending side: the tail-loss probe where it's due,
    /// else the retransmission timeout.
    pub(super) fn arm(&mut self, rule: Rule, cx: &mut Context<'_>) {
        if self.flights.is_empty() {
            if !matches!(self.send_timer, Some((TimerKind::Persist, _))) {
                self.stop_send_timer(rule, cx);
            }
            return;
        }
        let now = cx.log.now;
        let (timeout, rule) = self.within_user_timeout(self.timeout(cx), rule, cx);
        match self.probe_delay(cx) {
            Some(delay) if delay <= timeout => {
                self.start_send_timer(
                    TimerKind::TailLossProbe,
                    now + delay,
                    Rule::TailLossProbe,
                    cx,
                );
            }
            Some(_) => {
                self.start_send_timer(
                    TimerKind::TailLossProbe,
                    now + timeout,
                    Rule::TailLossProbe,
                    cx,
                );
            }
            None => {
                let due = now + timeout;
                let at = self.connect_ends(cx).map_or(due, |end| end.min(due));
                self.start_send_timer(TimerKind::Retransmission, at, rule, cx);
            }
        }
    }

    /// The retransmission timeout with its back-off.
    pub(super) fn timeout(&self, cx: &Context<'_>) -> Span {
        let syn = self.flights.front().is_some_and(|f| f.syn);
        // Linux tcp_syn_linear_timeouts.
        let linear = if syn && !self.passive { cx.profile.syn_linear } else { 0 };
        self.rtt.timeout(self.retransmissions.saturating_sub(linear), syn, cx.profile)
    }

    /// When connect() gives up, as long as it goes on. FreeBSD tcp_timer_keep and XNU tcp_timers:
    /// one timer from connect() on, whatever is sent again.
    fn connect_ends(&self, cx: &Context<'_>) -> Option<Time> {
        let opening = match self.state {
            State::SynSent => true,
            State::SynReceived => !self.passive,
            State::Closed
            | State::Listen
            | State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait
            | State::Closing
            | State::LastAck
            | State::TimeWait => false,
        };
        cx.profile.connect_timeout.filter(|_| opening).map(|limit| self.time_wait_entered + limit)
    }

    /// How long the tail-loss probe waits, where it's allowed: with SACK, in the normal course,
    /// once per tail (RFC 8985 §7.2; Linux tcp_schedule_loss_probe).
    fn probe_delay(&self, cx: &Context<'_>) -> Option<Span> {
        let normal = self.sack
            && cx.profile.tail_loss_probe
            && !self.probing
            && self.retransmissions == 0
            && self.lost_before.is_none()
            && self.state.is_synchronised()
            && self.flights.iter().all(|f| !f.sacked && !f.syn);
        if !normal {
            return None;
        }
        let alone = if self.flights.len() == 1 { cx.profile.rto_min } else { Span::from_millis(2) };
        Some(self.rtt.smoothed().map_or(Span::from_secs(1), |srtt| srtt.times(2) + alone))
    }

    /// A timer's time has come.
    pub(in crate::tcp) fn fire(&mut self, timer: TimerKind, cx: &mut Context<'_>) {
        let rule = match timer {
            TimerKind::Retransmission => Rule::RtoExpired,
            TimerKind::TailLossProbe => Rule::TailLossProbe,
            TimerKind::Reordering => Rule::SackResend,
            TimerKind::Persist => Rule::WindowProbe,
            TimerKind::DelayedAck => Rule::DelayedAck,
            TimerKind::TimeWait => Rule::TimeWaitOver,
            TimerKind::FinWait2 => Rule::FinWait2Over,
            TimerKind::KeepAlive => Rule::KeepAliveStart,
        };
        self.note_timer(timer, TimerChange::Fired, rule, cx);
        cx.log.cause = u32::try_from(cx.log.events.len())
            .ok()
            .and_then(|n| n.checked_sub(1))
            .map(crate::tcp::event::EventId);
        match timer {
            TimerKind::Retransmission => {
                self.send_timer = None;
                self.retransmission_timeout(cx);
            }
            TimerKind::TailLossProbe => {
                self.send_timer = None;
                self.tail_loss_probe(cx);
            }
            TimerKind::Reordering => {
                self.send_timer = None;
                self.resend_holes(cx);
            }
            TimerKind::Persist => {
                self.send_timer = None;
                self.probe_window(cx);
            }
            TimerKind::DelayedAck => {
                self.ack_timer = None;
                self.ack_was_delayed(cx);
                self.owed = Owed::Now(Rule::DelayedAck);
                self.output(cx);
            }
            TimerKind::TimeWait | TimerKind::FinWait2 => {
                self.wait_timer = None;
                self.end(rule, cx);
            }
            TimerKind::KeepAlive => self.keep_alive(cx),
        }
    }

    /// RFC 9293 §3.10.8, retransmission timeout, and user timeout after too many (§3.8.3).
    fn retransmission_timeout(&mut self, cx: &mut Context<'_>) {
        if self.gives_up_by_user_timeout(cx) {
            return;
        }
        if self.connect_ends(cx).is_some_and(|end| end <= cx.log.now) {
            if self.state == State::SynReceived {
                // FreeBSD and XNU, tcp_drop: the peer that is known is told.
                self.reset_peer(Rule::ConnectTimeout, cx);
            }
            self.fail(Errno::ETIMEDOUT, Rule::ConnectTimeout, cx);
            return;
        }
        if self.gives_up(cx) {
            self.fail(Errno::ETIMEDOUT, Rule::GiveUp, cx);
            return;
        }
        if cx.profile.rto == RtoRule::Linux {
            self.excused = self.excused.saturating_add(u32::from(self.is_excused()));
        }
        self.retransmissions = self.retransmissions.saturating_add(1);
        self.rtt.timed_out(self.flights.front().is_some_and(|f| f.syn));
        self.probing = false;
        self.probe_end = None;
        self.enter_loss(cx);
        match cx.profile.resend {
            Resend::First => self.resend(0, Rule::RtoExpired, cx),
            Resend::All => self.resend_all(cx),
        }
        self.count_from_now(cx);
        self.arm(Rule::RtoBackOff, cx);
    }

    fn tail_loss_probe(&mut self, cx: &mut Context<'_>) {
        self.probing = true;
        // Linux tcp_send_loss_probe: new text, even if Nagle's algorithm holds it back, else the last.
        let fresh = self.may_send() && self.send_next(true, cx);
        if let Some(last) = self.flights.len().checked_sub(1).filter(|_| !fresh) {
            self.resend(last, Rule::TailLossProbe, cx);
        }
        self.probe_end = Some((self.snd_nxt, !fresh));
        self.arm(Rule::RtoStart, cx);
    }

    /// RFC 8985 §6: what was sent before something that a SACK block covers is taken for lost.
    pub(super) fn resend_holes(&mut self, cx: &mut Context<'_>) {
        let Some(last) = self.flights.iter().rposition(|f| f.sacked) else { return };
        for index in 0..last {
            if self.flights.get(index).is_some_and(|f| !f.sacked && !f.again) {
                self.resend(index, Rule::SackResend, cx);
            }
        }
        self.arm(Rule::RtoStart, cx);
    }

    /// An empty segment one number below, which draws an ACK with the current window.
    fn probe_window(&mut self, cx: &mut Context<'_>) {
        if self.gives_up_by_user_timeout(cx) {
            return;
        }
        if self.gives_up_probing(cx) {
            self.fail(Errno::ETIMEDOUT, Rule::GiveUp, cx);
            return;
        }
        self.count_from_now(cx);
        if self.probe_with_text(cx) {
            return;
        }
        let probe = Segment { seq: self.snd_una - 1, ..self.blank() };
        self.transmit(probe, None, Rule::WindowProbe, cx);
        if cx.profile.rto == RtoRule::Linux {
            self.probes_unanswered = self.probes_unanswered.saturating_add(1);
        }
        self.retransmissions = self.retransmissions.saturating_add(1);
        let wait = self.rtt.timeout(self.retransmissions, false, cx.profile);
        let (wait, rule) = self.within_user_timeout(wait, Rule::WindowProbe, cx);
        self.start_send_timer(TimerKind::Persist, cx.log.now + wait, rule, cx);
    }

    /// TIME-WAIT begins (RFC 9293 §3.10.7.4): 2MSL starts, all other timers stop. A host that keeps
    /// none forgets the connection at once (PROTOCOL §8.5, §12.5).
    pub(super) fn start_time_wait(&mut self, rule: Rule, cx: &mut Context<'_>) {
        match cx.profile.time_wait {
            Some(length) if cx.room_to_wait => {
                // smoltcp's delayed ACK goes on waiting in TIME-WAIT.
                let goes_on = cx.profile.ack_rule == AckRule::Smoltcp && self.owed == Owed::Later;
                let ack_timer = if goes_on { self.ack_timer.take() } else { None };
                self.stop_timers(rule, cx);
                self.ack_timer = ack_timer;
                self.flights.clear();
                self.enter_time_wait(length, rule, cx);
            }
            Some(_) => self.end_after_output(Rule::TimeWaitTableFull, cx),
            None => self.end_after_output(Rule::TimeWaitNone, cx),
        }
    }

    /// TIME-WAIT of that length; of another where the peer's timestamp is remembered instead.
    pub(super) fn enter_time_wait(&mut self, length: Span, rule: Rule, cx: &mut Context<'_>) {
        self.time_wait_entered = cx.log.now;
        self.enter(State::TimeWait, rule, cx);
        let (length, why) = match self.recycled(cx) {
            Some(short) => (short, Rule::TimeWaitRecycled),
            None => (length, Rule::TimeWaitStart),
        };
        self.restart_time_wait(length, why, cx);
    }

    pub(super) fn restart_time_wait(&mut self, length: Span, rule: Rule, cx: &mut Context<'_>) {
        self.waiting_since = cx.log.now;
        self.start_wait(TimerKind::TimeWait, cx.log.now + length, rule, cx);
    }

    /// The last ACK still leaves before the connection is forgotten.
    fn end_after_output(&mut self, rule: Rule, cx: &mut Context<'_>) {
        self.remember_peer(cx);
        if let Owed::Now(why) = self.owed {
            self.send_ack(why, cx);
        }
        self.end(rule, cx);
    }

    /// FIN-WAIT-2 of an orphan ends by time on some stacks (PROTOCOL §9).
    pub(super) fn watch_orphan(&mut self, cx: &mut Context<'_>) {
        if self.state != State::FinWait2 || self.descriptor != Descriptor::Closed {
            return;
        }
        if self.lingers_not() {
            // Linux tcp_close.
            self.reset_peer(Rule::Linger2None, cx);
        } else if !cx.room_to_wait {
            self.end(Rule::TimeWaitTableFull, cx);
        } else if let Some(length) = self.orphan_time(cx)
            && self.wait_timer.is_none()
        {
            if cx.profile.fin_wait_2_mini {
                self.stop_keep_alive(Rule::FinWait2Start, cx);
            }
            // Linux tcp_time_wait serves the orphan, too.
            self.remember_peer(cx);
            self.start_wait(TimerKind::FinWait2, cx.log.now + length, Rule::FinWait2Start, cx);
        }
    }
}
