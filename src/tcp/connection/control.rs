//! The second and the fourth check: the RST bit and the SYN bit (RFC 9293 §3.10.7.4; RFC 5961 §3,
//! §4).

use super::arrives::{Check, octets};
use super::{Connection, Context};
use crate::tcp::call::Errno;
use crate::tcp::event::{EventKind, Gate};
use crate::tcp::profile::{ResetErrors, RstAcceptance, SequenceCheck, SynInConnection};
use crate::tcp::rule::Rule;
use crate::tcp::segment::Segment;
use crate::tcp::state::State;
use crate::tcp::time::Time;

impl Connection {
    /// Whether a RST inside the window is exactly where the profile believes it.
    pub(super) fn rst_is_exact(&self, seg: &Segment, cx: &Context<'_>) -> bool {
        match cx.profile.rst_acceptance {
            RstAcceptance::Exact => seg.seq == self.rcv_nxt,
            RstAcceptance::Window => true,
            RstAcceptance::LastAckSent => seg.seq == self.last_ack_sent,
            RstAcceptance::Linux => {
                let after_fin = self.is_before_fin(seg, cx);
                seg.seq == self.rcv_nxt || after_fin || self.is_at_sack_edge(seg)
            }
            RstAcceptance::ExactOrSack => seg.seq == self.rcv_nxt || self.is_at_sack_edge(seg),
        }
    }

    /// Whether it begins where the last text beyond a gap ends.
    fn is_at_sack_edge(&self, seg: &Segment) -> bool {
        let last = self.held.last();
        last.is_some_and(|h| self.sack && seg.seq == h.seq + octets(&h.chunk.octets))
    }

    /// A RST that the peer may have sent before its FIN. Linux tcp_reset_check.
    pub(super) fn is_before_fin(&self, seg: &Segment, cx: &Context<'_>) -> bool {
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
    pub(super) fn check_rst(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Check {
        if !seg.rst {
            return Check::Passed;
        }
        let exact = self.rst_is_exact(seg, cx);
        let high = match cx.profile.rst_acceptance {
            RstAcceptance::Window => self.rcv_nxt + self.rcv_wnd().saturating_sub(1),
            RstAcceptance::Exact
            | RstAcceptance::Linux
            | RstAcceptance::ExactOrSack
            | RstAcceptance::LastAckSent => self.rcv_nxt,
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
            State::Closing | State::LastAck if cx.profile.reset_errors == ResetErrors::Rfc => {
                self.end(Rule::ResetSilent, cx);
            }
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
    /// took over comes back (RFC 9293 §3.6.1, condition 2 of MAY-2), which the host sees to.
    pub(super) fn back_to_listen(&mut self, rule: Rule, cx: &mut Context<'_>) {
        let shadow = self.shadow.take();
        self.end(rule, cx);
        self.shadow = shadow.filter(|old| old.wait_ends().is_some_and(|end| end > cx.log.now));
    }

    /// A TIME-WAIT that was taken over goes on until the end that it had.
    pub(in crate::tcp) fn wait_again(&mut self, old: &Connection, cx: &mut Context<'_>) {
        let Some((timer, deadline)) = old.wait_timer else { return };
        self.enter(State::TimeWait, Rule::TimeWaitReturns, cx);
        self.start_wait(timer, deadline.at, Rule::TimeWaitReturns, cx);
    }

    fn wait_ends(&self) -> Option<Time> {
        self.wait_timer.map(|(_, deadline)| deadline.at)
    }

    // RFC 9293 §3.10.7.4, fourth: check the SYN bit.
    pub(super) fn check_syn(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Check {
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
    pub(super) fn unbelieved_syn(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Check {
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
}
