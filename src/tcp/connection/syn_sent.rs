//! SEGMENT ARRIVES in SYN-SENT (RFC 9293 §3.10.7.3), and what LISTEN makes of a SYN (§3.10.7.2).

use super::{Connection, Context, TimestampMemory};
use crate::tcp::call::Errno;
use crate::tcp::event::{EventKind, Gate};
use crate::tcp::profile::{AckRule, OpenRequests};
use crate::tcp::rule::Rule;
use crate::tcp::segment::Segment;
use crate::tcp::state::State;

impl Connection {
    pub(super) fn syn_sent_arrives(&mut self, seg: &Segment, cx: &mut Context<'_>) {
        // First: check the ACK bit.
        let acceptable = seg.ack.map(|ack| ack.after(self.iss) && ack.at_or_before(self.snd_nxt));
        if let (Some(ack), Some(passed)) = (seg.ack, acceptable) {
            cx.log.note(
                Rule::SynSentAck,
                EventKind::Gate {
                    gate: Gate::Ack,
                    passed,
                    value: ack.0,
                    low: (self.iss + 1).0,
                    high: self.snd_nxt.0,
                },
            );
            if !passed {
                self.bad_ack_in_syn_sent(seg, cx);
                return;
            }
        }
        // Second: check the RST bit.
        if seg.rst {
            if acceptable == Some(true) {
                self.fail(Errno::ECONNREFUSED, Rule::Refused, cx);
            } else {
                cx.log.note(Rule::RstWithoutAck, EventKind::Ignored);
            }
            return;
        }
        // Fourth: check the SYN bit; fifth: neither SYN nor RST.
        if !seg.syn {
            cx.log.note(Rule::SynSentIgnores, EventKind::Ignored);
            return;
        }
        self.take_syn(seg, cx);
        if let Some(ack) = seg.ack {
            self.snd_una = ack;
            self.last_ack_arrived = Some(ack);
            self.acknowledge(seg, cx);
            self.peer_was_heard(cx);
            self.snd_wl2 = ack;
            self.enter(State::Established, Rule::SynAckArrived, cx);
            self.arm(Rule::RtoRestart, cx);
            // FreeBSD tcp_do_segment: with text the ACK may wait as that for any text.
            if seg.data.is_empty() || cx.profile.ack_rule != AckRule::FreeBsd {
                self.owe(Rule::SynAckArrived);
            }
            self.check_text_and_fin(seg, cx);
        } else {
            // PROTOCOL T07: both open at once. Our SYN goes out again, with the ACK of theirs.
            self.flights.clear();
            // FreeBSD tcp_do_segment: the FIN that tcp_reass gives back once it's established is lost.
            let fin = seg.fin && cx.profile.open_requests != OpenRequests::Syncache;
            self.keep_text_of_syn(&Segment { fin, ..seg.clone() }, cx);
            self.enter(State::SynReceived, Rule::SimultaneousOpen, cx);
            self.send_syn(Rule::SimultaneousOpen, cx);
        }
    }

    /// What a SYN tells: IRS, the window, and the options, in force if both ends have them.
    pub(in crate::tcp) fn take_syn(&mut self, seg: &Segment, cx: &Context<'_>) {
        self.irs = seg.seq;
        self.rcv_nxt = seg.seq + 1;
        self.anchor_memory();
        self.last_ack_sent = self.rcv_nxt;
        self.snd_wnd = seg.window;
        self.max_snd_wnd = seg.window;
        self.snd_wl1 = seg.seq;
        self.peer_mss = seg.mss.unwrap_or(cx.profile.mss);
        self.sack = seg.sack_permitted && cx.profile.sack;
        self.timestamps = seg.timestamps.filter(|_| cx.profile.timestamps).map(|stamps| {
            TimestampMemory { recent: stamps.value, recent_at: cx.log.now, echo: stamps.value }
        });
    }

    /// Text and FIN of a SYN wait until the connection is established (§3.10.7.2, third).
    pub(in crate::tcp) fn keep_text_of_syn(&mut self, seg: &Segment, cx: &mut Context<'_>) {
        self.hold_text(seg, cx);
    }
}
