//! SEGMENT ARRIVES in the order of RFC 9293 §3.10.7.4, for every state but CLOSED, LISTEN and
//! SYN-SENT.

use super::ack_field::Acked;
use super::{Connection, Context, Outcome, Owed};
use crate::tcp::event::{EventKind, Gate};
use crate::tcp::profile::{AckAcceptance, DuplicateSyn, SequenceCheck};
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

    /// Whether a segment passes the first check. RFC 9293 §3.10.7.4, first, Table 6.
    pub(super) fn is_acceptable(&self, seg: &Segment, cx: &Context<'_>) -> bool {
        let window = self.rcv_wnd();
        let (first, length) = (seg.seq, seg.len());
        if cx.profile.sequence_check == SequenceCheck::Linux {
            // Linux tcp_sequence: from the last ACK sent to the right edge, inclusive. Text may end
            // beyond the edge only where nothing is queued (6.17); a FIN may always.
            let edge = self.rcv_nxt + window;
            let fits = !(seg.end() - u32::from(seg.fin)).after(edge) || self.unread.is_empty();
            return seg.end().at_or_after(self.last_ack_sent) && first.at_or_before(edge) && fits;
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
            if !Self::remembers_late(cx) {
                self.remember_timestamp(seg, cx);
            }
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
    /// occupies no number, and to one with SYN (Linux tcp_oow_rate_limited); smoltcp's, to one
    /// without text.
    pub(super) fn is_limited(seg: &Segment, cx: &Context<'_>) -> bool {
        if cx.profile.limit_fin { seg.data.is_empty() } else { seg.is_empty() || seg.syn }
    }

    /// What is used of an unacceptable segment: with a zero window a valid ACK (MUST-66), and
    /// where the profile says so the ACK of a retransmission, or of all that lies before the window
    /// (RFC 9293 A.2; FreeBSD and XNU, tcp_input.c, todrop).
    fn use_unacceptable(&mut self, seg: &Segment, cx: &mut Context<'_>) {
        let closed_window = self.rcv_wnd() == 0 && seg.seq == self.rcv_nxt;
        let repeated = match cx.profile.sequence_check {
            SequenceCheck::TableUseAck => seg.end() == self.rcv_nxt && !seg.syn,
            SequenceCheck::Bsd => seg.end().at_or_before(self.rcv_nxt) && !seg.syn,
            SequenceCheck::Table | SequenceCheck::Linux | SequenceCheck::Smoltcp => false,
        };
        if (closed_window || repeated) && self.state.is_synchronised() && self.ack_in_range(seg, cx)
        {
            let _used = self.use_ack(seg, cx);
            if self.state == State::TimeWait {
                self.send_ack(Rule::UnacceptableAck, cx);
            }
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
