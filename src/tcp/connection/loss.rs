//! What Linux does about loss beyond the timers (tcp_output.c, tcp_input.c, tcp_recovery.c).

use super::{Connection, Context};
use crate::tcp::event::TimerKind;
use crate::tcp::profile::RtoRule;
use crate::tcp::rule::Rule;
use crate::tcp::segment::Segment;

impl Connection {
    /// A segment that goes again takes the small ones behind it along. Linux
    /// tcp_retrans_try_collapse.
    pub(super) fn collapse(&mut self, index: usize, cx: &Context<'_>) {
        if cx.profile.rto != RtoRule::Linux {
            return;
        }
        let most = usize::try_from(self.segment_size(cx)).unwrap_or(usize::MAX);
        let edge = self.snd_una + self.snd_wnd;
        while let (Some(first), Some(next)) = (self.flights.get(index), self.flights.get(index + 1))
        {
            let fits = first.data.len().saturating_add(next.data.len()) <= most
                && first.data.len() < most
                && !next.end().after(edge);
            let plain = !first.syn && !next.syn && !first.sacked && !next.sacked;
            if !fits || !plain {
                return;
            }
            if let Some(next) = self.flights.remove(index + 1)
                && let Some(first) = self.flights.get_mut(index)
            {
                first.data.extend(next.data);
                first.fin = next.fin;
            }
        }
    }

    /// The most text a segment takes: the timestamps need their place (RFC 9293 §3.7.1; Linux
    /// tcp_current_mss).
    pub(super) fn segment_size(&self, cx: &Context<'_>) -> u32 {
        let offered = self.segment_limit(cx);
        let options = match self.timestamps {
            Some(_) if cx.profile.rto == RtoRule::Linux => 12,
            Some(_) | None => 0,
        };
        // Linux tcp_bound_to_half_wnd: never more than half of what the peer ever offered.
        let half = if self.max_snd_wnd > 536 { self.max_snd_wnd / 2 } else { self.max_snd_wnd };
        let most =
            if cx.profile.rto == RtoRule::Linux && half > 0 { half.max(28) } else { offered };
        offered.saturating_sub(options).min(most).max(1)
    }

    /// Whether Nagle's algorithm finds a reason to wait: anything in flight; with Minshall's
    /// variant only a short segment. Linux tcp_nagle_check.
    pub(super) fn waits_for_ack(&self, cx: &Context<'_>) -> bool {
        let full = usize::try_from(self.segment_size(cx)).unwrap_or(usize::MAX);
        match cx.profile.rto {
            RtoRule::Linux => self.flights.iter().any(|f| f.data.len() < full),
            RtoRule::Fixed
            | RtoRule::Rfc6298
            | RtoRule::Smoltcp
            | RtoRule::FreeBsd
            | RtoRule::MacOs => !self.flights.is_empty(),
        }
    }

    /// Whether the window is too small for the whole segment that is next, FIN included: Linux
    /// leaves that to the probe. Linux tcp_snd_wnd_test.
    pub(super) fn window_holds_back(&self, usable: u32, cx: &Context<'_>) -> bool {
        let waiting = u32::try_from(self.unsent.len()).unwrap_or(u32::MAX);
        let size = self.segment_size(cx);
        let fin = self.fin_queued && self.fin_end.is_none() && waiting <= size;
        let whole = waiting.min(size) + u32::from(fin);
        cx.profile.rto == RtoRule::Linux && waiting > 0 && usable < whole
    }

    /// The probe takes along what text the window has room for. Linux tcp_write_wakeup.
    pub(super) fn probe_with_text(&mut self, cx: &mut Context<'_>) -> bool {
        let room = self.usable().min(self.segment_size(cx));
        let count = usize::try_from(room).unwrap_or(usize::MAX).min(self.unsent.len());
        if cx.profile.rto != RtoRule::Linux || count == 0 {
            return false;
        }
        let data: Vec<u8> = self.unsent.drain(..count).collect();
        // Linux tcp_send_probe0.
        (self.retransmissions, self.probes_unanswered) = (0, 0);
        self.send_flight(data, false, Rule::WindowProbe, cx);
        true
    }

    /// A window that stays shut restarts the probe's timer; one that opens ends its back-off.
    /// Linux tcp_ack_probe.
    pub(super) fn probe_answered(&mut self, cx: &mut Context<'_>) {
        let probing = matches!(self.send_timer, Some((TimerKind::Persist, _)));
        if cx.profile.rto != RtoRule::Linux || !probing {
            return;
        }
        let usable = self.usable();
        if usable == 0 || self.window_holds_back(usable, cx) {
            let wait = self.rtt.timeout(self.retransmissions, false, cx.profile);
            let (wait, rule) = self.within_user_timeout(wait, Rule::WindowProbe, cx);
            self.start_send_timer(TimerKind::Persist, cx.log.now + wait, rule, cx);
        } else {
            self.retransmissions = 0;
            self.count_no_longer();
        }
    }

    /// A timeout takes all that is in flight for lost. Linux tcp_enter_loss.
    pub(super) fn enter_loss(&mut self, cx: &Context<'_>) {
        if cx.profile.rto == RtoRule::Linux {
            self.lost_before = Some((self.snd_nxt, cx.log.now));
        }
    }

    /// Without SACK the third duplicate ACK takes the first segment for lost. RFC 6582; Linux
    /// tcp_newreno_mark_lost.
    pub(super) fn recover_without_sack(&mut self, seg: &Segment, cx: &mut Context<'_>) {
        if cx.profile.rto != RtoRule::Linux || self.sack {
            return;
        }
        let duplicate = seg.is_empty()
            && seg.ack == Some(self.snd_una)
            && seg.window == self.snd_wnd
            && !self.flights.is_empty();
        self.duplicate_acks = if duplicate { self.duplicate_acks.saturating_add(1) } else { 0 };
        if self.duplicate_acks == 3 && self.lost_before.is_none() {
            self.lost_before = Some((self.snd_nxt, cx.log.now));
            self.resend(0, Rule::FastResend, cx);
            self.arm(Rule::RtoRestart, cx);
        }
    }

    /// After the timeout each ACK that moves SND.UNA lets two more of the lost ones go again: slow
    /// start from one segment; three, as recorded, without SACK. Linux tcp_xmit_retransmit_queue in CA_Loss.
    pub(super) fn resend_lost(&mut self, cx: &mut Context<'_>) {
        let Some((end, since)) = self.lost_before else { return };
        if self.snd_una.at_or_after(end) {
            self.lost_before = None;
            self.count_no_longer();
            return;
        }
        let mut left = if self.sack { 2 } else { 3 };
        let mut index = 0;
        while left > 0 && index < self.flights.len() {
            let lost = self
                .flights
                .get(index)
                .is_some_and(|f| !f.sacked && f.at < since && !f.end().after(end));
            if lost {
                self.resend(index, Rule::RtoExpired, cx);
                left -= 1;
            }
            index += 1;
        }
    }

    /// A tail-loss probe is over once what was sent before it is acknowledged; one that repeated
    /// something needs a sign of its own. Linux tcp_process_tlp_ack.
    pub(super) fn probe_acknowledged(&mut self, advanced: bool) {
        let over = self.probe_end.is_none_or(|(end, again)| {
            if again && advanced { self.snd_una.after(end) } else { self.snd_una.at_or_after(end) }
        });
        if over {
            self.probing = false;
            self.probe_end = None;
        }
    }
}
