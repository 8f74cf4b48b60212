//! When Linux acknowledges: at once, with the next segment, or after a while (tcp_input.c, tcp_timer.c:
//! quickack, pingpong, ato).

use super::{Connection, Context, Owed};
use crate::tcp::event::{TimerChange, TimerKind};
use crate::tcp::profile::AckRule;
use crate::tcp::rule::Rule;
use crate::tcp::segment::Segment;
use crate::tcp::time::Span;

/// TCP_MAX_QUICKACKS.
const MOST_QUICK: u32 = 16;

/// TCP_MSS_DEFAULT: what rcv_mss starts from.
const FIRST_SEGMENT: u32 = 536;

impl Connection {
    /// Whether the profile acknowledges as Linux does, with delays.
    pub(super) fn delays_as_linux(cx: &Context<'_>) -> bool {
        cx.profile.ack_rule == AckRule::Linux && cx.profile.delayed_ack.is_some()
    }

    /// Text came in order. Linux tcp_event_data_recv, tcp_measure_rcv_mss.
    pub(super) fn text_came(&mut self, length: u32, cx: &Context<'_>) {
        let Some(least) = cx.profile.delayed_ack else { return };
        let first = FIRST_SEGMENT.min(self.rcv_wnd() / 2).max(88);
        let largest = self.habit.segment.max(first);
        self.memory_taken(length, largest);
        self.habit.segment = self.habit.segment.max(first).max(length.min(cx.profile.mss));
        self.habit.small = self.habit.small.saturating_add(1);
        let gap = cx.log.now.since(self.habit.last_text);
        let timeout = self.rtt.timeout(0, false, cx.profile);
        let wait = self.habit.wait;
        if wait == Span::ZERO {
            self.more_quick();
            self.habit.wait = least;
        } else if gap.0 <= least.0 / 2 {
            self.habit.wait = Span(wait.0 / 2 + least.0 / 2);
        } else if gap < wait {
            self.habit.wait = Span(wait.0 / 2 + gap.0).min(timeout);
        } else if gap > timeout {
            self.more_quick();
        }
        self.memory_grows(length, self.segment_size(cx));
        self.habit.text_seen = true;
        self.habit.last_text = cx.log.now;
    }

    /// Linux tcp_incr_quickack.
    fn more_quick(&mut self) {
        let window = self.rcv_nxt + self.rcv_wnd() - self.last_ack_sent;
        let segments = window / (2 * self.habit.segment.max(88));
        let quick = if segments == 0 { 2 } else { segments.min(MOST_QUICK) };
        self.habit.quick = self.habit.quick.max(quick);
    }

    /// What came is old or can't be taken: the peer needs ACKs. Linux tcp_enter_quickack_mode.
    pub(super) fn quicken(&mut self, cx: &Context<'_>) {
        if let Some(least) = cx.profile.delayed_ack.filter(|_| Self::delays_as_linux(cx)) {
            self.more_quick();
            self.habit.interactive = false;
            self.habit.wait = least;
        }
    }

    /// Linux __tcp_ack_snd_check, for text or a FIN that came in order.
    pub(super) fn ack_due(&mut self, had_gap: bool, cx: &Context<'_>) -> Owed {
        let full = self.rcv_nxt - self.last_ack_sent > self.habit.segment.max(88);
        let much = full && self.window_goes_on(cx);
        let quick = self.habit.quick > 0 && !self.habit.interactive;
        // Linux tcp_send_delayed_ack: the delayed ACK is about to leave anyway.
        let soon = self
            .ack_timer
            .is_some_and(|deadline| deadline.at <= cx.log.now + Span(self.habit.wait.0 / 4));
        let at_once = had_gap || much || quick || soon || self.habit.wait == Span::ZERO;
        if at_once { Owed::Now(Rule::TextAck) } else { Owed::Later }
    }

    /// A segment with an ACK leaves. Linux tcp_dec_quickack_mode.
    pub(super) fn ack_left(&mut self, cx: &Context<'_>) {
        if let Some(least) = cx.profile.delayed_ack.filter(|_| Self::delays_as_linux(cx)) {
            if self.owed != Owed::Nothing && self.habit.quick > 0 {
                self.habit.quick -= 1;
                if self.habit.quick == 0 {
                    self.habit.wait = least;
                }
            }
            self.habit.small = 0;
        }
    }

    /// Text leaves soon after text came: the program answers. Linux tcp_event_data_sent.
    pub(super) fn text_left(&mut self, cx: &Context<'_>) {
        let gap = cx.log.now.since(self.habit.last_text);
        if Self::delays_as_linux(cx) && gap < self.habit.wait {
            self.habit.interactive = true;
        }
    }

    /// How long an ACK waits. Linux tcp_send_delayed_ack.
    fn ack_delay(&self, least: Span) -> Span {
        let mut wait = self.habit.wait;
        if wait > least {
            let prompt = self.habit.interactive || self.habit.small > 0;
            let most = Span::from_millis(if prompt { 200 } else { 500 });
            let round_trip = self.rtt.smoothed().map_or(most, |srtt| srtt.max(least));
            wait = wait.min(most).min(round_trip);
        }
        wait.min(Span::from_millis(200))
    }

    /// The timer of the delayed ACK, if none runs.
    pub(super) fn start_delayed_ack(&mut self, cx: &mut Context<'_>) {
        if let (None, Some(least)) = (self.ack_timer, cx.profile.delayed_ack) {
            let delay = if Self::delays_as_linux(cx) { self.ack_delay(least) } else { least };
            let at = self.habit.due.unwrap_or(cx.log.now + delay);
            self.ack_timer = Some(Self::deadline(at, cx));
            let change = TimerChange::Started(at);
            self.note_timer(TimerKind::DelayedAck, change, Rule::DelayedAck, cx);
        }
    }

    /// The delayed ACK leaves: nothing took it along. Linux tcp_delack_timer_handler.
    pub(super) fn ack_was_delayed(&mut self, cx: &Context<'_>) {
        let Some(least) = cx.profile.delayed_ack.filter(|_| Self::delays_as_linux(cx)) else {
            return;
        };
        if self.habit.interactive {
            self.habit.interactive = false;
            self.habit.wait = least;
        } else {
            let timeout = self.rtt.timeout(0, false, cx.profile);
            self.habit.wait = self.habit.wait.times(2).min(timeout);
        }
    }

    /// A read emptied the buffer while an ACK waited. Linux __tcp_cleanup_rbuf.
    pub(super) fn ack_on_read(&mut self, cx: &mut Context<'_>) {
        let waits = self.owed == Owed::Later && Self::delays_as_linux(cx);
        let much = self.rcv_nxt - self.last_ack_sent > self.habit.segment;
        let small = self.habit.small >= 2 || self.habit.small == 1 && !self.habit.interactive;
        if waits && (much || small) {
            self.send_ack(Rule::DelayedAck, cx);
        }
    }

    /// An unacceptable segment that repeats something shows that an ACK was lost. Linux
    /// tcp_send_dupack.
    pub(super) fn ack_was_lost(&mut self, seg: &Segment, cx: &Context<'_>) {
        if !seg.is_empty() && seg.seq.before(self.rcv_nxt) {
            self.quicken(cx);
        }
    }
}
