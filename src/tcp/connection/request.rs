//! Linux's SYN-RECEIVED of a passive open: a request, which knows little (tcp_minisocks.c).

use super::arrives::Check;
use super::{Connection, Context};
use crate::tcp::event::{EventKind, TimerKind};
use crate::tcp::profile::SequenceCheck;
use crate::tcp::rule::Rule;
use crate::tcp::segment::Segment;
use crate::tcp::state::State;

impl Connection {
    /// Whether this is a request and no connection yet.
    pub(in crate::tcp) fn is_request(&self, cx: &Context<'_>) -> bool {
        cx.profile.sequence_check == SequenceCheck::Linux
            && self.state == State::SynReceived
            && self.passive
    }

    /// Linux tcp_check_req, in its order: a SYN again, the ACK, the window, RST and SYN. What
    /// passes makes a connection of the request and is processed there.
    pub(super) fn request_arrives(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Check {
        let newer = self.paws_accepts(seg, cx);
        let plain_syn = seg.syn && seg.ack.is_none() && !seg.rst && !seg.fin;
        if seg.seq == self.irs && plain_syn && newer {
            self.answer_syn_again(cx);
            return Check::Finished;
        }
        if seg.ack.is_some_and(|ack| ack != self.snd_nxt) {
            // The listener answers, and it ignores a RST.
            if seg.rst {
                cx.log.note(Rule::RstBadAck, EventKind::Ignored);
            } else {
                self.send_rst_for(seg, Rule::BadAckReset, cx);
            }
            return Check::Finished;
        }
        if !newer || !self.is_in_window(seg, self.rcv_wnd().min(65_535)) {
            if seg.rst {
                cx.log.note(Rule::RstOutsideWindow, EventKind::Ignored);
            } else {
                let rule = if newer { Rule::UnacceptableAck } else { Rule::PawsAck };
                self.challenge(seg.is_empty() || seg.syn, rule, cx);
            }
            return Check::Finished;
        }
        if seg.rst && seg.seq != self.rcv_nxt {
            // RFC 5961 §3.2, as recorded from 6.18.
            self.challenge(true, Rule::RstChallenge, cx);
            return Check::Finished;
        }
        if seg.rst || seg.syn && seg.seq != self.irs {
            return self.embryonic_reset(seg, cx);
        }
        // The connection that comes to be counts its challenge ACKs anew.
        self.last_challenge = None;
        Check::Passed
    }

    /// An ACK without text that PAWS forgives: the newest one once more, within the time in which
    /// the network reorders. Linux tcp_disordered_ack_check.
    pub(super) fn is_disordered_ack(&self, seg: &Segment, cx: &Context<'_>) -> bool {
        let (Some(memory), Some(stamps)) = (self.timestamps, seg.timestamps) else { return false };
        let late = memory.recent.wrapping_sub(stamps.value);
        // Linux tcp_tsval_replay: 1.2 timeouts, in ticks of a millisecond.
        let replay = self.timeout(cx).0 * 6 / 5 / 1_000;
        cx.profile.sequence_check == SequenceCheck::Linux
            && seg.is_empty()
            && seg.ack == Some(self.snd_una)
            && seg.seq == self.rcv_nxt
            && seg.window == self.snd_wnd
            && u64::from(late) <= replay
    }

    /// An ACK without text that is merely old isn't answered. Linux tcp_disordered_ack_check.
    pub(super) fn is_old_ack(&self, seg: &Segment, cx: &Context<'_>) -> bool {
        cx.profile.sequence_check == SequenceCheck::Linux
            && seg.is_empty()
            && seg.ack.is_some()
            && seg.seq.before(self.rcv_nxt)
    }

    /// The SYN,ACK once more, within the limit, and its timer anew.
    fn answer_syn_again(&mut self, cx: &mut Context<'_>) {
        if !self.may_challenge(cx) {
            return;
        }
        self.resend(0, Rule::DuplicateSynAgain, cx);
        let at = cx.log.now + self.timeout(cx);
        self.start_send_timer(TimerKind::Retransmission, at, Rule::RtoRestart, cx);
    }

    /// Linux tcp_check_req, embryonic_reset: the request is dropped. Linux gives no TIME-WAIT back
    /// (D06), but a profile may.
    fn embryonic_reset(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Check {
        if seg.rst {
            self.back_to_listen(Rule::ResetToListen, cx);
        } else {
            self.send_rst_for(seg, Rule::SynReset, cx);
            self.back_to_listen(Rule::SynReset, cx);
        }
        Check::Finished
    }
}
