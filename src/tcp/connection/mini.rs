//! Linux's orphan in FIN-WAIT-2: a mini-socket that only waits for the peer's FIN
//! (tcp_minisocks.c, tcp_timewait_state_process).

use super::{Connection, Context};
use crate::tcp::event::EventKind;
use crate::tcp::rule::Rule;
use crate::tcp::segment::Segment;

impl Connection {
    /// The checks of tcp_timewait_state_process in FIN-WAIT-2, in its order. SEG.ACK isn't looked at.
    pub(super) fn mini_arrives(&mut self, seg: &Segment, cx: &mut Context<'_>) {
        let newer = self.paws_accepts(seg, cx);
        self.note_paws_gate(seg, newer, cx);
        let inside = self.is_in_window(seg, self.rcv_wnd());
        self.note_sequence_gate(seg, inside, cx);
        let fresh = seg.end().after(self.rcv_nxt) && !seg.is_empty();
        if !newer || !inside {
            // A RST, too, draws an ACK here.
            let rule = if newer { Rule::UnacceptableAck } else { Rule::PawsAck };
            self.challenge(seg.is_empty() || seg.syn, rule, cx);
        } else if seg.rst {
            self.end(Rule::Reset, cx);
        } else if seg.syn && seg.seq.at_or_after(self.rcv_nxt) {
            self.send_rst_for(seg, Rule::SynReset, cx);
            self.end(Rule::SynReset, cx);
        } else if seg.ack.is_none() || !fresh {
            cx.log.note(Rule::AckMissing, EventKind::Ignored);
        } else if seg.fin && seg.end() == self.rcv_nxt + 1 {
            self.mini_takes_fin(seg, cx);
        } else {
            self.send_rst_for(seg, Rule::TextAfterClose, cx);
            self.end(Rule::TextAfterClose, cx);
        }
    }

    /// The FIN comes: the true TIME-WAIT begins.
    fn mini_takes_fin(&mut self, seg: &Segment, cx: &mut Context<'_>) {
        self.remember_timestamp(seg, cx);
        self.fin_received = true;
        self.rcv_nxt += 1;
        let (connection, origin) = (self.id, seg.origin);
        cx.log.note(Rule::FinArrived, EventKind::EndOfFile { connection, origin });
        // It is the same object: tcp_max_tw_buckets has counted it already.
        self.stop_timers(Rule::FinArrived, cx);
        match cx.profile.time_wait {
            Some(length) => {
                self.enter_time_wait(length, Rule::FinArrived, cx);
                self.send_ack(Rule::FinArrived, cx);
            }
            None => {
                self.send_ack(Rule::FinArrived, cx);
                self.end(Rule::TimeWaitNone, cx);
            }
        }
    }

    /// Linux tcp_in_window.
    pub(super) fn is_in_window(&self, seg: &Segment, window: u32) -> bool {
        let edge = self.rcv_nxt + window;
        seg.seq == self.rcv_nxt
            || seg.end().after(self.rcv_nxt) && seg.seq.before(edge)
            || seg.seq == edge && seg.is_empty()
    }
}
