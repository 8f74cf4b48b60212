//! What TIME-WAIT does with an arriving segment (RFC 9293 §3.10.7.4; PROTOCOL §8).

use super::arrives::Check;
use super::{Connection, Context, Outcome};
use crate::tcp::event::{EventKind, Gate};
use crate::tcp::profile::{
    AckAcceptance, ReopenIss, SequenceCheck, SynInConnection, TimeWaitCheck, TimeWaitRestart,
    TimeWaitRst, TimeWaitSyn,
};
use crate::tcp::rule::Rule;
use crate::tcp::segment::Segment;

impl Connection {
    pub(super) fn time_wait_arrives(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Outcome {
        // PROTOCOL §8.3: the test of a new SYN comes before everything else.
        if seg.syn && seg.ack.is_none() && !seg.rst {
            return self.syn_in_time_wait(seg, cx);
        }
        match cx.profile.time_wait_check {
            TimeWaitCheck::FreeBsd if !seg.rst => {
                self.checked_as_freebsd(seg, cx);
                return Outcome::Done;
            }
            TimeWaitCheck::MacOs if !seg.rst && self.has_new_text(seg) => {
                self.send_rst_for(seg, Rule::TimeWaitTextReset, cx);
                self.end(Rule::TimeWaitTextReset, cx);
                return Outcome::Done;
            }
            TimeWaitCheck::FreeBsd | TimeWaitCheck::MacOs | TimeWaitCheck::Window => {}
        }
        if self.time_wait_paws(seg, cx) == Check::Finished {
            return Outcome::Done;
        }
        let smoltcp = cx.profile.ack_acceptance == AckAcceptance::Smoltcp;
        if smoltcp && self.check_ack_first(seg, cx) == Check::Finished {
            return Outcome::Done;
        }
        let acceptable = if cx.profile.sequence_check == SequenceCheck::Smoltcp {
            self.is_acceptable(seg, cx)
        } else {
            self.is_acceptable_in_time_wait(seg)
        };
        self.note_sequence_gate(seg, acceptable, cx);
        if seg.rst {
            self.rst_in_time_wait(seg, acceptable, cx);
        } else if !acceptable {
            self.old_in_time_wait(seg, cx);
        } else if seg.syn && cx.profile.syn_in_connection == SynInConnection::Silent {
            cx.log.note(Rule::SynIgnored, EventKind::Ignored);
        } else if seg.syn {
            // A SYN,ACK: to Linux a segment with an ACK bit like any other.
            let restarts = cx.profile.time_wait_restart == TimeWaitRestart::AnyAck;
            self.answer_in_time_wait(seg, restarts, Rule::SynChallenge, cx);
        } else {
            self.new_in_time_wait(seg, cx);
        }
        Outcome::Done
    }

    /// FreeBSD tcp_twcheck, for what is neither a RST nor a new SYN: no window, and no PAWS.
    fn checked_as_freebsd(&mut self, seg: &Segment, cx: &mut Context<'_>) {
        if seg.ack.is_none() {
            cx.log.note(Rule::AckMissing, EventKind::Ignored);
        } else if self.timestamps.is_some() && seg.timestamps.is_none() {
            cx.log.note(Rule::TimestampMissing, EventKind::Ignored);
        } else if seg.is_empty() && seg.seq == self.rcv_nxt && seg.ack == Some(self.snd_nxt) {
            cx.log.note(Rule::TimeWaitBareAck, EventKind::Ignored);
        } else {
            self.answer_again(seg, Rule::TimeWaitOther, cx);
        }
    }

    /// Whether it has octets that haven't come before. XNU tcp_input, SS_CANTRCVMORE.
    fn has_new_text(&self, seg: &Segment) -> bool {
        !seg.data.is_empty() && (seg.text_seq() + seg.text_len()).after(self.rcv_nxt)
    }

    /// Table 6 with the window as it was when the FIN came.
    fn is_acceptable_in_time_wait(&self, seg: &Segment) -> bool {
        let window = self.rcv_wnd();
        match (seg.len(), window) {
            (0, 0) => seg.seq == self.rcv_nxt,
            (0, _) => seg.seq.in_window(self.rcv_nxt, window),
            (_, _) => {
                seg.seq.in_window(self.rcv_nxt, window)
                    || (seg.end() - 1).in_window(self.rcv_nxt, window)
            }
        }
    }

    fn time_wait_paws(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Check {
        if seg.rst {
            // D04: Linux applies PAWS to a RST too, for a minute.
            let stale = cx.profile.time_wait_paws_rst && !self.paws_accepts(seg, cx);
            if !stale {
                return Check::Passed;
            }
            cx.log.note(Rule::PawsRst, EventKind::Ignored);
            return Check::Finished;
        }
        let silent = cx.profile.sequence_check == SequenceCheck::Bsd && seg.data.is_empty();
        if self.timestamps.is_none() || self.paws_accepts(seg, cx) || silent {
            return self.check_timestamps(seg, cx);
        }
        self.note_paws_gate(seg, false, cx);
        let restarts = matches!(
            cx.profile.time_wait_restart,
            TimeWaitRestart::AnyAck | TimeWaitRestart::Answered
        );
        self.answer_in_time_wait(seg, restarts, Rule::PawsAck, cx);
        Check::Finished
    }

    /// RFC 9293 §3.10.7.4, second; RFC 1337; D03.
    fn rst_in_time_wait(&mut self, seg: &Segment, acceptable: bool, cx: &mut Context<'_>) {
        if !acceptable {
            cx.log.note(Rule::RstOutsideWindow, EventKind::Ignored);
            return;
        }
        let exact = seg.seq == self.rcv_nxt;
        match (cx.profile.time_wait_rst, exact) {
            (TimeWaitRst::Exact | TimeWaitRst::ExactSilent, true) | (TimeWaitRst::Window, _) => {
                self.end(Rule::TimeWaitAssassinated, cx);
            }
            (TimeWaitRst::Exact | TimeWaitRst::IgnoredChallenge, false) => {
                self.answer_in_time_wait(seg, false, Rule::RstChallenge, cx);
            }
            (TimeWaitRst::ExactSilent, false) => {
                cx.log.note(Rule::RstIgnored, EventKind::Ignored);
            }
            (TimeWaitRst::Ignored, _) | (TimeWaitRst::IgnoredChallenge, true) => {
                cx.log.note(Rule::TimeWaitKeeps, EventKind::Ignored);
            }
        }
    }

    /// An unacceptable segment: an ACK; a retransmitted FIN restarts 2MSL (PROTOCOL A01).
    fn old_in_time_wait(&mut self, seg: &Segment, cx: &mut Context<'_>) {
        self.answer_again(seg, Rule::TimeWaitOld, cx);
    }

    /// An ACK, by `rule` if it isn't for a retransmitted FIN.
    fn answer_again(&mut self, seg: &Segment, rule: Rule, cx: &mut Context<'_>) {
        let fin_again = seg.fin && seg.ack.is_some() && seg.end() == self.rcv_nxt && !seg.syn;
        let restarts = match cx.profile.time_wait_restart {
            TimeWaitRestart::FinOrText | TimeWaitRestart::Fin => fin_again,
            TimeWaitRestart::AnyAck => seg.ack.is_some(),
            TimeWaitRestart::Answered | TimeWaitRestart::OutOfWindow => true,
            TimeWaitRestart::Nothing => false,
        };
        let rule = if fin_again { Rule::TimeWaitFinAgain } else { rule };
        self.answer_in_time_wait(seg, restarts, rule, cx);
    }

    /// An acceptable segment that is neither RST nor SYN: nothing legitimate, for the peer has
    /// sent its FIN.
    fn new_in_time_wait(&mut self, seg: &Segment, cx: &mut Context<'_>) {
        let linux = cx.profile.time_wait_restart == TimeWaitRestart::AnyAck;
        if seg.ack.is_none() {
            // RFC 9293 §3.10.7.4, fifth; Linux answers (PROTOCOL §8.2).
            if linux {
                self.answer_in_time_wait(seg, false, Rule::TimeWaitOld, cx);
            } else {
                cx.log.note(Rule::AckMissing, EventKind::Ignored);
            }
            return;
        }
        let acceptable = self.ack_in_range(seg, cx);
        self.note_ack_gate(seg, acceptable, cx);
        if seg.is_empty() && (acceptable || linux && seg.seq == self.rcv_nxt) {
            // PROTOCOL A02: a bare ACK in the window isn't answered, or two hosts in TIME-WAIT
            // would answer each other for ever.
            self.bare_ack_in_time_wait(seg, linux, cx);
        } else if seg.is_empty() {
            self.answer_in_time_wait(seg, linux, Rule::AckChallenge, cx);
        } else if cx.profile.ack_acceptance == AckAcceptance::Smoltcp {
            cx.log.note(Rule::TextAfterFin, EventKind::Ignored);
        } else {
            let restarts = matches!(
                cx.profile.time_wait_restart,
                TimeWaitRestart::FinOrText | TimeWaitRestart::AnyAck | TimeWaitRestart::Answered
            );
            self.answer_in_time_wait(seg, restarts, Rule::TimeWaitText, cx);
        }
    }

    fn bare_ack_in_time_wait(&mut self, seg: &Segment, linux: bool, cx: &mut Context<'_>) {
        if linux && seg.seq != self.rcv_nxt {
            self.answer_in_time_wait(seg, true, Rule::TimeWaitOld, cx);
            return;
        }
        cx.log.note(Rule::TimeWaitBareAck, EventKind::Ignored);
        if linux && let Some(length) = cx.profile.time_wait {
            self.restart_time_wait(length, Rule::TimeWaitRestartAnyAck, cx);
        }
        self.remember_timestamp(seg, cx);
    }

    /// An ACK from TIME-WAIT, and 2MSL anew where the profile says so. Linux restarts also where
    /// the ACK falls to the limit; a premise of PROTOCOL §8.6 is that what is answered restarts.
    fn answer_in_time_wait(
        &mut self,
        seg: &Segment,
        restarts: bool,
        rule: Rule,
        cx: &mut Context<'_>,
    ) {
        let limited = Self::is_limited(seg, cx) || seg.syn;
        let sent = self.challenge(limited, rule, cx);
        let answered = cx.profile.time_wait_restart == TimeWaitRestart::Answered && sent;
        if let Some(length) = cx.profile.time_wait
            && (restarts || answered)
        {
            self.restart_time_wait(length, Rule::TimeWaitRestart, cx);
        }
    }

    /// A SYN without ACK (RFC 9293 §3.6.1, RFC 6191 §2; D05).
    fn syn_in_time_wait(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Outcome {
        let greater = seg.seq.after(self.rcv_nxt);
        let policy = cx.profile.time_wait_syn;
        let beyond = if policy == TimeWaitSyn::BeyondWindow { self.rcv_wnd() } else { 0 };
        let opens = match policy {
            TimeWaitSyn::Challenge | TimeWaitSyn::Rfc793 | TimeWaitSyn::Silent => false,
            TimeWaitSyn::Greater | TimeWaitSyn::GreaterOrSilent | TimeWaitSyn::GreaterEnds => {
                greater
            }
            // XNU tcp_input: where it drops what ends after the window.
            TimeWaitSyn::BeyondWindow => seg.seq.after(self.rcv_nxt + beyond),
            TimeWaitSyn::GreaterOrNewer => self.linux_opens(seg, greater, cx),
            TimeWaitSyn::Rfc6191 => self.rfc6191_opens(seg),
        };
        cx.log.note(
            Rule::TimeWaitSynTest,
            EventKind::Gate {
                gate: Gate::Syn,
                passed: opens,
                value: seg.seq.0,
                low: (self.rcv_nxt + 1 + beyond).0,
                high: (self.rcv_nxt + 0x7FFF_FFFF).0,
            },
        );
        let ends = matches!(
            policy,
            TimeWaitSyn::GreaterOrSilent | TimeWaitSyn::GreaterEnds | TimeWaitSyn::BeyondWindow
        );
        if opens && ends {
            self.end(Rule::TimeWaitReopened, cx);
            return Outcome::Forget;
        }
        if opens && cx.listening {
            return self.reopen(cx);
        }
        self.refuse_syn(seg, opens, policy, cx);
        Outcome::Done
    }

    fn reopen(&mut self, cx: &mut Context<'_>) -> Outcome {
        let iss = match cx.profile.reopen_iss {
            ReopenIss::Step => Some(stepped(self.snd_nxt)),
            ReopenIss::Generator => None,
        };
        Outcome::Reopen { iss, returns: cx.profile.time_wait_return }
    }

    /// `opens`: only a listener was missing.
    fn refuse_syn(
        &mut self,
        seg: &Segment,
        opens: bool,
        policy: TimeWaitSyn,
        cx: &mut Context<'_>,
    ) {
        match policy {
            TimeWaitSyn::Rfc6191 if opens => {
                self.answer_in_time_wait(seg, false, Rule::TimeWaitSynRefused, cx);
            }
            TimeWaitSyn::Silent | TimeWaitSyn::GreaterOrSilent | TimeWaitSyn::Rfc6191 => {
                cx.log.note(Rule::TimeWaitSynSilent, EventKind::Ignored);
            }
            TimeWaitSyn::Rfc793 if seg.seq.in_window(self.rcv_nxt, self.rcv_wnd()) => {
                self.send_rst_for(seg, Rule::SynReset, cx);
                self.end(Rule::SynReset, cx);
            }
            TimeWaitSyn::GreaterOrNewer => {
                // Linux restarts on a PAWS failure, and not on a bare SYN.
                let stale = !self.paws_accepts(seg, cx);
                self.answer_in_time_wait(seg, stale, Rule::TimeWaitSynRefused, cx);
            }
            TimeWaitSyn::Challenge
            | TimeWaitSyn::Greater
            | TimeWaitSyn::GreaterEnds
            | TimeWaitSyn::BeyondWindow
            | TimeWaitSyn::Rfc793 => {
                self.answer_in_time_wait(seg, false, Rule::TimeWaitSynRefused, cx);
            }
        }
    }

    /// Linux tcp_timewait_state_process.
    fn linux_opens(&self, seg: &Segment, greater: bool, cx: &Context<'_>) -> bool {
        let newer = match (self.timestamps, seg.timestamps) {
            (Some(memory), Some(stamps)) => (stamps.value.wrapping_sub(memory.recent) as i32) > 0,
            (Some(_) | None, Some(_) | None) => false,
        };
        self.paws_accepts(seg, cx) && (greater || newer)
    }

    /// RFC 6191 §2: the decision table, with the last number seen as the mark (PROTOCOL A09).
    fn rfc6191_opens(&self, seg: &Segment) -> bool {
        let greater = seg.seq.after(self.rcv_nxt - 1);
        match (self.timestamps, seg.timestamps) {
            (Some(memory), Some(stamps)) => {
                let ahead = stamps.value.wrapping_sub(memory.recent) as i32;
                ahead > 0 || ahead == 0 && greater
            }
            (Some(_), None) | (None, None) => greater,
            (None, Some(_)) => true,
        }
    }
}

/// The ISS of a connection that takes over a TIME-WAIT: SND.NXT + 65537, never 0 (Linux).
pub(in crate::tcp) fn stepped(snd_nxt: crate::tcp::seq::Seq) -> crate::tcp::seq::Seq {
    let iss = snd_nxt + 65_537;
    if iss.0 == 0 { crate::tcp::seq::Seq(1) } else { iss }
}
