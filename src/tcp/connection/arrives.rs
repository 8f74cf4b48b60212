//! SEGMENT ARRIVES in the order of RFC 9293 §3.10.7.4, for every state but CLOSED, LISTEN and
//! SYN-SENT.

use super::{Connection, Context, Outcome, Owed};
use crate::tcp::call::Errno;
use crate::tcp::event::{EventKind, Gate, TimerKind};
use crate::tcp::profile::{
    AckAcceptance, BadAck, DuplicateSyn, ResetErrors, RstAcceptance, RtoRule, SequenceCheck,
    SynInConnection,
};
use crate::tcp::rule::Rule;
use crate::tcp::segment::Segment;
use crate::tcp::state::State;

/// Whether the procedure goes on with the next check.
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// On to the next check.
    Passed,
    /// The segment is dealt with.
    Finished,
}

/// What the ACK field did.
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq)]
enum Acked {
    /// The rest of the segment is processed.
    Usable,
    /// The rest of the segment is not.
    Finished,
}

impl Connection {
    /// A segment for this connection has arrived.
    pub(in crate::tcp) fn arrives(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Outcome {
        match self.state {
            State::Closed | State::Listen => Outcome::Forget,
            State::SynSent => {
                self.syn_sent_arrives(seg, cx);
                self.finish(cx)
            }
            State::TimeWait => self.time_wait_arrives(seg, cx),
            State::FinWait2 if self.is_mini_socket(cx) => {
                self.mini_arrives(seg, cx);
                Outcome::Done
            }
            State::SynReceived
            | State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait
            | State::Closing
            | State::LastAck => {
                self.checks(seg, cx);
                self.finish(cx)
            }
        }
    }

    /// What the event leaves to be sent, and an orphan to be watched.
    fn finish(&mut self, cx: &mut Context<'_>) -> Outcome {
        if self.is_live() {
            self.output(cx);
            self.watch_orphan(cx);
        }
        Outcome::Done
    }

    fn checks(&mut self, seg: &Segment, cx: &mut Context<'_>) {
        if self.is_request(cx) && self.request_arrives(seg, cx) == Check::Finished {
            return;
        }
        // Linux tcp_rcv_established, tcp_rcv_state_process: before everything else.
        let linux = cx.profile.sequence_check == SequenceCheck::Linux;
        if linux && seg.ack.is_none() && !seg.rst && !seg.syn {
            cx.log.note(Rule::AckMissing, EventKind::Ignored);
            return;
        }
        let smoltcp = cx.profile.ack_acceptance == AckAcceptance::Smoltcp;
        let finished = self.check_timestamps(seg, cx) == Check::Finished
            || smoltcp && self.check_ack_first(seg, cx) == Check::Finished
            || self.check_sequence(seg, cx) == Check::Finished
            || self.check_rst(seg, cx) == Check::Finished
            || self.check_syn(seg, cx) == Check::Finished;
        if finished || self.check_ack(seg, cx) == Acked::Finished {
            return;
        }
        self.check_text_and_fin(seg, cx);
    }

    /// PAWS, before the first check. RFC 7323 §3.2, §5.3.
    pub(super) fn check_timestamps(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Check {
        let Some(memory) = self.timestamps else { return Check::Passed };
        let Some(stamps) = seg.timestamps else {
            // RFC 7323 §3.2: a segment without the option SHOULD be dropped; Linux takes it.
            if seg.rst || cx.profile.sequence_check == SequenceCheck::Linux {
                return Check::Passed;
            }
            cx.log.note(Rule::TimestampMissing, EventKind::Ignored);
            return Check::Finished;
        };
        // RFC 7323 §5.2: a RST isn't tested.
        if seg.rst {
            return Check::Passed;
        }
        let passed = self.paws_accepts(seg, cx);
        cx.log.note(
            Rule::Paws,
            EventKind::Gate {
                gate: Gate::Paws,
                passed,
                value: stamps.value,
                low: memory.recent,
                high: memory.recent.wrapping_add(0x7FFF_FFFF),
            },
        );
        if passed || self.is_disordered_ack(seg, cx) {
            return Check::Passed;
        }
        if self.is_old_ack(seg, cx) {
            cx.log.note(Rule::PawsAck, EventKind::Ignored);
            return Check::Finished;
        }
        self.ack_was_lost(seg, cx);
        self.challenge(seg.is_empty() || seg.syn, Rule::PawsAck, cx);
        Check::Finished
    }

    /// Whether the timestamp is new enough: not before TS.Recent. Linux allows one tick below in
    /// a connection, and TS.Recent ages out after 24 days (RFC 7323 §5.5).
    pub(super) fn paws_accepts(&self, seg: &Segment, cx: &Context<'_>) -> bool {
        let (Some(memory), Some(stamps)) = (self.timestamps, seg.timestamps) else { return true };
        let aged = cx.log.now.since(memory.recent_at).0 > 24 * 86_400 * 1_000_000;
        let slack = u32::from(
            cx.profile.sequence_check == SequenceCheck::Linux && self.state != State::TimeWait,
        );
        aged || (stamps.value.wrapping_add(slack).wrapping_sub(memory.recent) as i32) >= 0
    }

    /// RFC 7323 §4.3: TS.Recent follows segments that don't start after the last ACK sent.
    pub(super) fn remember_timestamp(&mut self, seg: &Segment, cx: &Context<'_>) {
        let last_ack_sent = self.last_ack_sent;
        if let (Some(memory), Some(stamps)) = (&mut self.timestamps, seg.timestamps)
            && seg.seq.at_or_before(last_ack_sent)
            && (stamps.value.wrapping_sub(memory.recent) as i32) >= 0
        {
            memory.recent = stamps.value;
            memory.echo = stamps.value;
            memory.recent_at = cx.log.now;
        }
    }

    /// Whether a segment passes the first check. RFC 9293 §3.10.7.4, first, Table 6.
    pub(super) fn is_acceptable(&self, seg: &Segment, cx: &Context<'_>) -> bool {
        let window = self.rcv_wnd();
        let (first, length) = (seg.seq, seg.len());
        if cx.profile.sequence_check == SequenceCheck::Linux {
            // Linux tcp_sequence: from the last ACK sent to the right edge, inclusive.
            return seg.end().at_or_after(self.last_ack_sent)
                && first.at_or_before(self.rcv_nxt + window);
        }
        if cx.profile.sequence_check == SequenceCheck::Smoltcp {
            return self.is_acceptable_text(seg);
        }
        let fin_alone = seg.fin && seg.data.is_empty() && first == self.rcv_nxt;
        if length == 0 || (window == 0 && fin_alone && cx.profile.zero_window_fin) {
            return if window == 0 {
                first == self.rcv_nxt
            } else {
                first.in_window(self.rcv_nxt, window)
            };
        }
        first.in_window(self.rcv_nxt, window) || (seg.end() - 1).in_window(self.rcv_nxt, window)
    }

    /// Table 6 as smoltcp has it, without SYN and FIN: a FIN behind text that has come already is
    /// refused with it, and one alone is taken where the window is zero (D19).
    fn is_acceptable_text(&self, seg: &Segment) -> bool {
        let edge = self.last_ack_sent + self.told_window;
        let window = if edge.after(self.rcv_nxt) { edge - self.rcv_nxt } else { 0 };
        match (seg.text_len(), window) {
            (0, 0) => seg.seq == self.rcv_nxt,
            (0, _) => seg.seq.in_window(self.rcv_nxt, window),
            (text, _) => {
                seg.seq.in_window(self.rcv_nxt, window)
                    || (seg.seq + text - 1).in_window(self.rcv_nxt, window)
            }
        }
    }

    pub(super) fn note_sequence_gate(&self, seg: &Segment, passed: bool, cx: &mut Context<'_>) {
        let high = self.rcv_nxt + self.rcv_wnd().saturating_sub(1);
        cx.log.note(
            Rule::SequenceAcceptable,
            EventKind::Gate {
                gate: Gate::Sequence,
                passed,
                value: seg.seq.0,
                low: self.rcv_nxt.0,
                high: high.0,
            },
        );
    }

    // RFC 9293 §3.10.7.4, first: check the sequence number.
    fn check_sequence(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Check {
        let acceptable = self.is_acceptable(seg, cx);
        self.note_sequence_gate(seg, acceptable, cx);
        if acceptable {
            self.remember_timestamp(seg, cx);
            return Check::Passed;
        }
        if seg.rst && self.is_before_fin(seg, cx) {
            self.reset(cx);
            return Check::Finished;
        }
        if seg.rst {
            cx.log.note(Rule::RstOutsideWindow, EventKind::Ignored);
            return Check::Finished;
        }
        if self.state == State::SynReceived
            && seg.syn
            && seg.ack.is_none()
            && seg.seq == self.irs
            && cx.profile.duplicate_syn == DuplicateSyn::SynAck
        {
            self.resend(0, Rule::DuplicateSynAgain, cx);
            return Check::Finished;
        }
        if self.state == State::SynReceived
            && seg.syn
            && seg.ack.is_none()
            && cx.profile.duplicate_syn == DuplicateSyn::Silent
        {
            cx.log.note(Rule::SynIgnored, EventKind::Ignored);
            return Check::Finished;
        }
        if seg.syn && seg.ack.is_none() {
            return self.unbelieved_syn(seg, cx);
        }
        self.use_unacceptable(seg, cx);
        if self.is_live() && self.state != State::TimeWait {
            self.ack_was_lost(seg, cx);
            self.challenge(Self::is_limited(seg, cx), Rule::UnacceptableAck, cx);
        }
        Check::Finished
    }

    /// Whether the answer to an unacceptable segment counts towards the limit: to one that
    /// occupies no number; smoltcp's, to one without text.
    pub(super) fn is_limited(seg: &Segment, cx: &Context<'_>) -> bool {
        seg.is_empty() || cx.profile.limit_fin && seg.data.is_empty()
    }

    /// What is used of an unacceptable segment: with a zero window a valid ACK (MUST-66), and
    /// where the profile says so the ACK of a retransmission (RFC 9293 A.2).
    fn use_unacceptable(&mut self, seg: &Segment, cx: &mut Context<'_>) {
        let closed_window = self.rcv_wnd() == 0 && seg.seq == self.rcv_nxt;
        let repeated = cx.profile.sequence_check == SequenceCheck::TableUseAck
            && seg.end() == self.rcv_nxt
            && !seg.syn;
        if (closed_window || repeated) && self.state.is_synchronised() && self.ack_in_range(seg, cx)
        {
            let _used = self.use_ack(seg, cx);
            if self.state == State::TimeWait {
                self.send_ack(Rule::UnacceptableAck, cx);
            }
        }
    }

    /// Whether a RST inside the window is exactly where the profile believes it.
    fn rst_is_exact(&self, seg: &Segment, cx: &Context<'_>) -> bool {
        match cx.profile.rst_acceptance {
            RstAcceptance::Exact => seg.seq == self.rcv_nxt,
            RstAcceptance::Window => true,
            RstAcceptance::LastAckSent => seg.seq == self.last_ack_sent,
            RstAcceptance::Linux => {
                let after_fin = self.is_before_fin(seg, cx);
                let at_sack_edge = self
                    .held
                    .last()
                    .is_some_and(|h| self.sack && seg.seq == h.seq + octets(&h.chunk.octets));
                seg.seq == self.rcv_nxt || after_fin || at_sack_edge
            }
        }
    }

    /// A RST that the peer may have sent before its FIN. Linux tcp_reset_check.
    fn is_before_fin(&self, seg: &Segment, cx: &Context<'_>) -> bool {
        cx.profile.rst_acceptance == RstAcceptance::Linux
            && matches!(self.state, State::CloseWait | State::LastAck | State::Closing)
            && seg.seq == self.rcv_nxt - 1
    }

    /// D18: whether this is Linux's stand-in for an orphan in FIN-WAIT-2.
    pub(super) fn is_mini_socket(&self, cx: &Context<'_>) -> bool {
        cx.profile.fin_wait_2_mini
            && self.state == State::FinWait2
            && self.descriptor == super::Descriptor::Closed
    }

    // RFC 9293 §3.10.7.4, second: check the RST bit.
    fn check_rst(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Check {
        if !seg.rst {
            return Check::Passed;
        }
        let exact = self.rst_is_exact(seg, cx);
        let high = match cx.profile.rst_acceptance {
            RstAcceptance::Window => self.rcv_nxt + self.rcv_wnd().saturating_sub(1),
            RstAcceptance::Exact | RstAcceptance::Linux | RstAcceptance::LastAckSent => {
                self.rcv_nxt
            }
        };
        cx.log.note(
            Rule::RstAcceptable,
            EventKind::Gate {
                gate: Gate::Rst,
                passed: exact,
                value: seg.seq.0,
                low: self.rcv_nxt.0,
                high: high.0,
            },
        );
        if exact {
            self.reset(cx);
        } else if cx.profile.rst_challenge {
            self.challenge(true, Rule::RstChallenge, cx);
        } else {
            cx.log.note(Rule::RstIgnored, EventKind::Ignored);
        }
        Check::Finished
    }

    /// A RST that is believed, in each state. RFC 9293 §3.10.7.4, second; PROTOCOL §6.3.
    pub(super) fn reset(&mut self, cx: &mut Context<'_>) {
        let linux = cx.profile.reset_errors == ResetErrors::Linux;
        match self.state {
            State::SynReceived if self.passive => self.back_to_listen(Rule::ResetToListen, cx),
            // Linux tcp_reset: refused is only who is in SYN-SENT.
            State::SynReceived if linux => self.fail(Errno::ECONNRESET, Rule::ResetRefused, cx),
            State::SynReceived => self.fail(Errno::ECONNREFUSED, Rule::ResetRefused, cx),
            State::CloseWait if linux => self.fail(Errno::EPIPE, Rule::Reset, cx),
            State::Closing | State::LastAck if !linux => self.end(Rule::ResetSilent, cx),
            State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait
            | State::Closing
            | State::LastAck => self.fail(Errno::ECONNRESET, Rule::Reset, cx),
            State::Closed | State::Listen | State::SynSent | State::TimeWait => {
                self.end(Rule::ResetSilent, cx);
            }
        }
    }

    /// A passive connection that came to nothing: the listener waits on; or the TIME-WAIT that it
    /// took over comes back (RFC 9293 §3.6.1, condition 2 of MAY-2).
    fn back_to_listen(&mut self, rule: Rule, cx: &mut Context<'_>) {
        let shadow = self.shadow.take();
        self.end(rule, cx);
        if let Some(old) = shadow
            && let Some((timer, deadline)) = old.wait_timer
            && deadline.at > cx.log.now
        {
            *self = *old;
            self.state = State::Closed;
            self.enter(State::TimeWait, Rule::TimeWaitReturns, cx);
            self.wait_timer = None;
            self.start_wait(timer, deadline.at, Rule::TimeWaitReturns, cx);
        }
    }

    // RFC 9293 §3.10.7.4, fourth: check the SYN bit.
    fn check_syn(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Check {
        if !seg.syn {
            return Check::Passed;
        }
        // Linux tcp_validate_incoming: the SYN,ACK of a simultaneous open is taken as it is.
        let crossed = self.state == State::SynReceived
            && !self.passive
            && seg.ack == Some(self.snd_nxt)
            && seg.end() == self.rcv_nxt;
        if cx.profile.sequence_check == SequenceCheck::Linux && crossed {
            // Linux tcp_data_queue: its SYN is old, which is acknowledged at once.
            self.quicken(cx);
            self.owe(Rule::DuplicateAck);
            return Check::Passed;
        }
        self.unbelieved_syn(seg, cx)
    }

    /// A SYN where none belongs. RFC 9293 §3.10.7.4, fourth; RFC 5961 §4; PROTOCOL §7.
    fn unbelieved_syn(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Check {
        let window = self.rcv_wnd();
        let inside = seg.seq.in_window(self.rcv_nxt, window);
        cx.log.note(
            Rule::SynAcceptable,
            EventKind::Gate {
                gate: Gate::Syn,
                passed: false,
                value: seg.seq.0,
                low: self.rcv_nxt.0,
                high: (self.rcv_nxt + window.saturating_sub(1)).0,
            },
        );
        if self.state == State::SynReceived && self.passive && inside {
            self.back_to_listen(Rule::SynToListen, cx);
            return Check::Finished;
        }
        match cx.profile.syn_in_connection {
            SynInConnection::Challenge => {
                self.challenge(true, Rule::SynChallenge, cx);
            }
            SynInConnection::Rfc793 if inside => {
                self.send_rst_for(seg, Rule::SynReset, cx);
                self.fail(Errno::ECONNRESET, Rule::SynReset, cx);
            }
            SynInConnection::Rfc793 => {
                self.challenge(true, Rule::UnacceptableAck, cx);
            }
            SynInConnection::Silent => {
                cx.log.note(Rule::SynIgnored, EventKind::Ignored);
            }
        }
        Check::Finished
    }

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
                ack.at_or_after(self.snd_una - self.max_snd_wnd)
            }
        }
    }

    /// Linux's header prediction: the next segment, in order, with nothing else going on.
    fn is_next_in_order(&self, seg: &Segment) -> bool {
        self.state == State::Established
            && seg.seq == self.rcv_nxt
            && !seg.fin
            && !seg.data.is_empty()
            && self.held.is_empty()
            && seg.window == self.snd_wnd
    }

    pub(super) fn note_ack_gate(&self, seg: &Segment, passed: bool, cx: &mut Context<'_>) {
        let low = match cx.profile.ack_acceptance {
            AckAcceptance::Rfc793 => self.snd_nxt - 0x7FFF_FFFF,
            AckAcceptance::Smoltcp => self.snd_una,
            AckAcceptance::Rfc5961 | AckAcceptance::Linux => self.snd_una - self.max_snd_wnd,
        };
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
    fn check_ack(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Acked {
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
        self.use_ack(seg, cx)
    }

    /// SND.UNA and the window move, and the closing states with them.
    fn use_ack(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Acked {
        let Some(ack) = seg.ack else { return Acked::Finished };
        let advanced = ack.after(self.snd_una) && ack.at_or_before(self.snd_nxt);
        let was_una = self.snd_una;
        if cx.profile.fast_resend {
            self.count_duplicate_acks(seg);
        }
        self.recover_without_sack(seg, cx);
        if advanced {
            self.snd_una = ack;
            self.acknowledge(cx);
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
        self.advance_close(advanced, cx)
    }

    /// The closing states after an ACK. RFC 9293 §3.10.7.4, fifth.
    fn advance_close(&mut self, advanced: bool, cx: &mut Context<'_>) -> Acked {
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
    pub(super) fn acknowledge(&mut self, cx: &mut Context<'_>) {
        let now = cx.log.now;
        while let Some(flight) = self.flights.front() {
            if flight.end().after(self.snd_una) {
                break;
            }
            if !flight.again && cx.profile.rto != RtoRule::Smoltcp {
                self.rtt.sample(now.since(flight.at));
            }
            self.flights.pop_front();
        }
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
        }
        self.probe_acknowledged(true);
    }

    /// RFC 2018 §5, RFC 8985 §6.2: what SACK blocks cover, and when a hole is taken for lost.
    fn mark_sacked(&mut self, seg: &Segment, cx: &mut Context<'_>) {
        if !self.sack || seg.sack.is_empty() {
            return;
        }
        let mut newest = None;
        for flight in &mut self.flights {
            let covered = seg
                .sack
                .iter()
                .any(|(start, end)| flight.seq.at_or_after(*start) && flight.end().at_or_before(*end));
            if covered && !flight.sacked {
                flight.sacked = true;
                newest = Some(flight.at);
            }
        }
        let (Some(sent), Some(least)) = (newest, self.rtt.least()) else { return };
        let first_hole = self.flights.iter().find(|f| !f.sacked && !f.again).map(|f| f.at);
        if let Some(hole) = first_hole {
            let round_trip = cx.log.now.since(sent);
            let due = hole + round_trip + crate::tcp::time::Span(least.0 / 4);
            if due <= cx.log.now {
                self.resend_holes(cx);
            } else {
                self.start_send_timer(TimerKind::Reordering, due, Rule::SackResend, cx);
            }
        }
    }

    /// RFC 9293 §3.10.7.4, fifth: SND.WND follows the newest segment; a duplicate may update it.
    fn update_window(&mut self, seg: &Segment, una: crate::tcp::seq::Seq) {
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

    /// An ACK is owed at the end of this event.
    pub(super) fn owe(&mut self, rule: Rule) {
        self.owed = Owed::Now(rule);
    }
}

/// A length of octets as a number of the sequence space.
pub(super) fn octets(data: &[u8]) -> u32 {
    u32::try_from(data.len()).unwrap_or(u32::MAX)
}
