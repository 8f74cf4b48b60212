//! The fifth check: the ACK field, and what it moves (RFC 9293 §3.10.7.4; RFC 5961 §5).

use super::arrives::Check;
use super::{Connection, Context, Flight};
use crate::tcp::event::{EventKind, Gate, TimerKind};
use crate::tcp::profile::{AckAcceptance, BadAck, RtoRule, SequenceCheck};
use crate::tcp::rule::Rule;
use crate::tcp::segment::Segment;
use crate::tcp::seq::Seq;
use crate::tcp::state::State;
use crate::tcp::time::Span;

/// What the ACK field did.
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Acked {
    /// The rest of the segment is processed.
    Usable,
    /// The rest of the segment is not.
    Finished,
}

impl Connection {
    /// Whether SEG.ACK lies in the profile's range for a synchronised state.
    pub(super) fn ack_in_range(&self, seg: &Segment, cx: &Context<'_>) -> bool {
        let Some(ack) = seg.ack else { return false };
        if ack.after(self.snd_nxt) {
            return false;
        }
        match cx.profile.ack_acceptance {
            AckAcceptance::Rfc793 | AckAcceptance::Smoltcp => true,
            AckAcceptance::Linux if self.is_next_in_order(seg) => true,
            AckAcceptance::Rfc5961 | AckAcceptance::Linux => {
                // Two distances of less than 2³¹ each; their sum may be more.
                ack.at_or_after(self.snd_una)
                    || self.snd_una - ack <= self.snd_una - self.oldest_ack(cx)
            }
        }
    }

    /// The lowest SEG.ACK that the profile accepts in a synchronised state.
    fn oldest_ack(&self, cx: &Context<'_>) -> Seq {
        match cx.profile.ack_acceptance {
            AckAcceptance::Rfc793 => self.snd_nxt - 0x7FFF_FFFF,
            AckAcceptance::Rfc5961 => self.snd_una - self.max_snd_wnd,
            AckAcceptance::Linux => self.snd_una - self.max_snd_wnd.min(self.acknowledged_so_far()),
            AckAcceptance::Smoltcp => self.snd_una,
        }
    }

    /// How many numbers the peer has acknowledged; the SYN of a passive open doesn't count, for
    /// the connection begins behind it. Linux tcp_ack (bytes_acked): nobody acknowledged more.
    fn acknowledged_so_far(&self) -> u32 {
        (self.snd_una - self.iss).saturating_sub(u32::from(self.passive))
    }

    /// Linux's header prediction, where it takes text: the next segment in order.
    pub(super) fn is_next_in_order(&self, seg: &Segment) -> bool {
        self.is_predicted(seg) && !seg.data.is_empty()
    }

    /// Linux's header prediction: what is awaited, with nothing else going on.
    fn is_predicted(&self, seg: &Segment) -> bool {
        self.state == State::Established
            && seg.seq == self.rcv_nxt
            && !seg.fin
            && self.held.is_empty()
            && seg.window == self.snd_wnd
    }

    /// Linux sets TS.Recent once the ACK is accepted and not old (tcp_ack,
    /// FLAG_UPDATE_TS_RECENT), or already where the header was predicted (tcp_rcv_established).
    fn remember_timestamp_late(&mut self, seg: &Segment, cx: &Context<'_>) {
        let current = seg.ack.is_some_and(|ack| ack.at_or_after(self.snd_una));
        if Self::remembers_late(cx) && (current || self.is_predicted(seg)) {
            self.remember_timestamp(seg, cx);
        }
    }

    /// Whether TS.Recent waits for the check of the ACK. RFC 7323 §4.3 sets it before.
    pub(super) fn remembers_late(cx: &Context<'_>) -> bool {
        cx.profile.sequence_check == SequenceCheck::Linux
    }

    pub(super) fn note_ack_gate(&self, seg: &Segment, passed: bool, cx: &mut Context<'_>) {
        let low = self.oldest_ack(cx);
        cx.log.note(
            Rule::AckAcceptable,
            EventKind::Gate {
                gate: Gate::Ack,
                passed,
                value: seg.ack.map_or(0, |ack| ack.0),
                low: low.0,
                high: self.snd_nxt.0,
            },
        );
    }

    /// smoltcp checks the ACK before anything else and drops an old segment whole (D11).
    pub(super) fn check_ack_first(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Check {
        let Some(ack) = seg.ack.filter(|_| !seg.rst && self.state.is_synchronised()) else {
            return Check::Passed;
        };
        if ack.before(self.snd_una) {
            self.note_ack_gate(seg, false, cx);
            cx.log.note(Rule::OldAckDropped, EventKind::Ignored);
            return Check::Finished;
        }
        if ack.after(self.snd_nxt) {
            self.note_ack_gate(seg, false, cx);
            self.challenge(true, Rule::AckChallenge, cx);
            return Check::Finished;
        }
        Check::Passed
    }

    // RFC 9293 §3.10.7.4, fifth: check the ACK field.
    pub(super) fn check_ack(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Acked {
        let Some(ack) = seg.ack else {
            cx.log.note(Rule::AckMissing, EventKind::Ignored);
            return Acked::Finished;
        };
        if self.state == State::SynReceived {
            let acceptable = ack.after(self.snd_una) && ack.at_or_before(self.snd_nxt);
            cx.log.note(
                Rule::SynAcked,
                EventKind::Gate {
                    gate: Gate::Ack,
                    passed: acceptable,
                    value: ack.0,
                    low: (self.snd_una + 1).0,
                    high: self.snd_nxt.0,
                },
            );
            if !acceptable {
                // PROTOCOL A04: RST, not an ACK.
                self.send_rst_for(seg, Rule::BadAckReset, cx);
                return Acked::Finished;
            }
            self.remember_timestamp_late(seg, cx);
            self.snd_wnd = seg.window;
            self.snd_wl1 = seg.seq;
            self.snd_wl2 = ack;
            self.max_snd_wnd = self.max_snd_wnd.max(seg.window);
            self.shadow = None;
            self.enter(State::Established, Rule::SynAcked, cx);
            if self.fin_queued {
                self.enter(State::FinWait1, Rule::CloseEstablished, cx);
            }
            return self.use_ack(seg, cx);
        }
        let acceptable = self.ack_in_range(seg, cx);
        self.note_ack_gate(seg, acceptable, cx);
        if !acceptable {
            self.challenge(true, Rule::AckChallenge, cx);
            return Acked::Finished;
        }
        self.remember_timestamp_late(seg, cx);
        self.use_ack(seg, cx)
    }

    /// SND.UNA and the window move, and the closing states with them.
    pub(super) fn use_ack(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Acked {
        let Some(ack) = seg.ack else { return Acked::Finished };
        let advanced = ack.after(self.snd_una) && ack.at_or_before(self.snd_nxt);
        let was_una = self.snd_una;
        if ack.at_or_after(was_una) {
            self.peer_was_heard(cx);
        }
        if cx.profile.fast_resend {
            self.count_duplicate_acks(seg);
        }
        self.recover_without_sack(seg, cx);
        if advanced {
            self.snd_una = ack;
            self.acknowledge(seg, cx);
        }
        self.mark_sacked(seg, cx);
        if advanced {
            self.resend_lost(cx);
        } else if ack == self.snd_una {
            self.probe_acknowledged(false);
        }
        self.update_window(seg, was_una);
        self.probe_answered(cx);
        if advanced {
            self.arm(Rule::RtoRestart, cx);
        }
        let acked = self.advance_close(advanced, cx);
        if self.lingers_not() {
            // Linux tcp_rcv_state_process: the RST answers the segment at hand.
            self.send_rst_for(seg, Rule::Linger2None, cx);
            self.end(Rule::Linger2None, cx);
            return Acked::Finished;
        }
        acked
    }

    /// The closing states after an ACK. RFC 9293 §3.10.7.4, fifth.
    pub(super) fn advance_close(&mut self, advanced: bool, cx: &mut Context<'_>) -> Acked {
        let acked = self.fin_acknowledged();
        match self.state {
            State::FinWait1 if acked => {
                self.enter(State::FinWait2, Rule::FinAcked, cx);
                Acked::Usable
            }
            State::Closing if acked => {
                self.start_time_wait(Rule::ClosingDone, cx);
                Acked::Finished
            }
            State::LastAck if acked => {
                self.end(Rule::LastAckDone, cx);
                Acked::Finished
            }
            State::Closing => Acked::Finished,
            State::LastAck => {
                if cx.profile.last_ack_answers && !advanced {
                    self.challenge(true, Rule::LastAckAgain, cx);
                }
                Acked::Usable
            }
            State::Closed
            | State::Listen
            | State::SynSent
            | State::SynReceived
            | State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait
            | State::TimeWait => Acked::Usable,
        }
    }

    /// Takes acknowledged flights away, measures the round trip, ends the back-off.
    pub(super) fn acknowledge(&mut self, seg: &Segment, cx: &mut Context<'_>) {
        let now = cx.log.now;
        let mut gone = Vec::new();
        while let Some(flight) = self.flights.front() {
            if flight.end().after(self.snd_una) {
                break;
            }
            gone.extend(self.flights.pop_front());
        }
        self.measure(&gone, seg, cx);
        let una = self.snd_una;
        if let Some(flight) = self.flights.front_mut()
            && flight.seq.before(una)
        {
            let gone = usize::try_from(una - flight.seq).unwrap_or(usize::MAX);
            flight.data.drain(..gone.min(flight.data.len()));
            flight.seq = una;
        }
        if cx.profile.rto != RtoRule::Smoltcp || self.rtt.acknowledged(una, now) {
            self.retransmissions = 0;
            self.excused = 0;
        }
        self.probe_acknowledged(true);
        self.count_what_is_left(cx);
    }

    /// RFC 2018 §5, RFC 8985 §6.2: what SACK blocks cover, and when a hole is taken for lost.
    pub(super) fn mark_sacked(&mut self, seg: &Segment, cx: &mut Context<'_>) {
        if !self.sack || seg.sack.is_empty() {
            return;
        }
        let mut newest = None;
        for flight in &mut self.flights {
            let covered = seg.sack.iter().any(|(start, end)| {
                flight.seq.at_or_after(*start) && flight.end().at_or_before(*end)
            });
            if covered && !flight.sacked {
                flight.sacked = true;
                newest = Some(flight.at);
            }
        }
        let (Some(sent), Some(least)) = (newest, self.rtt.least()) else { return };
        let first_hole = self.flights.iter().find(|f| !f.sacked && !f.again).map(|f| f.at);
        if let Some(hole) = first_hole {
            let round_trip = cx.log.now.since(sent);
            let due = hole + round_trip + Span(least.0 / 4);
            if due <= cx.log.now {
                self.resend_holes(cx);
            } else {
                self.start_send_timer(TimerKind::Reordering, due, Rule::SackResend, cx);
            }
        }
    }

    /// The round trip, of segments that are acknowledged now. One that was sent twice tells nothing
    /// (Karn).
    fn measure(&mut self, gone: &[Flight], seg: &Segment, cx: &Context<'_>) {
        match cx.profile.rto {
            RtoRule::Smoltcp => {}
            RtoRule::Fixed | RtoRule::Rfc6298 | RtoRule::FreeBsd | RtoRule::MacOs => {
                for flight in gone.iter().filter(|flight| !flight.again) {
                    self.rtt.sample(cx.log.now.since(flight.at));
                }
            }
            RtoRule::Linux => {
                if let Some(rtt) = self.round_trip_as_linux(gone, seg, cx) {
                    self.rtt.sample_as_linux(rtt, (self.snd_una, self.snd_nxt), cx.profile);
                }
            }
        }
    }

    /// One sample for each ACK: of the first segment that it acknowledges. Where one was sent twice,
    /// the timestamp that comes back says which was heard (RFC 7323 §4.1). Linux
    /// tcp_clean_rtx_queue, tcp_ack_update_rtt.
    fn round_trip_as_linux(
        &self,
        gone: &[Flight],
        seg: &Segment,
        cx: &Context<'_>,
    ) -> Option<Span> {
        if gone.iter().all(|flight| !flight.again) {
            let first = gone.iter().find(|flight| !flight.sacked)?;
            return Some(cx.log.now.since(first.at));
        }
        let echo = seg.timestamps.filter(|_| self.timestamps.is_some())?.echo;
        let ticks = cx.ticks.wrapping_sub(echo);
        (echo != 0 && ticks < 1 << 31).then(|| Span::from_millis(u64::from(ticks.max(1))))
    }

    /// RFC 9293 §3.10.7.4, fifth: SND.WND follows the newest segment; a duplicate may update it.
    pub(super) fn update_window(&mut self, seg: &Segment, una: Seq) {
        let Some(ack) = seg.ack else { return };
        let current = ack.at_or_after(una) && ack.at_or_before(self.snd_nxt);
        let newer = self.snd_wl1.before(seg.seq)
            || self.snd_wl1 == seg.seq && self.snd_wl2.at_or_before(ack);
        if current && newer {
            self.snd_wnd = seg.window;
            self.snd_wl1 = seg.seq;
            self.snd_wl2 = ack;
            self.max_snd_wnd = self.max_snd_wnd.max(seg.window);
        }
    }

    /// The answer to an unacceptable ACK in SYN-SENT. RFC 9293 §3.10.7.3, first; D22.
    pub(super) fn bad_ack_in_syn_sent(&mut self, seg: &Segment, cx: &mut Context<'_>) {
        if seg.rst {
            cx.log.note(Rule::RstBadAck, EventKind::Ignored);
        } else if cx.profile.bad_ack == BadAck::Smoltcp && seg.fin {
            cx.log.note(Rule::SynSentIgnores, EventKind::Ignored);
        } else {
            self.send_rst_for(seg, Rule::BadAckReset, cx);
        }
        let fresh = self.flights.front().is_some_and(|f| !f.again);
        if cx.profile.bad_ack == BadAck::RstAndSyn && fresh {
            self.resend(0, Rule::SynAtOnce, cx);
            self.arm(Rule::RtoRestart, cx);
        }
    }
}
