//! What a connection puts on the wire.

use super::{Connection, Context, Flight, Owed};
use crate::tcp::event::{Departure, EventKind, SegmentName, TimerKind};
use crate::tcp::profile::{FinInAcks, RtoRule};
use crate::tcp::rule::Rule;
use crate::tcp::segment::{Segment, Timestamps};
use crate::tcp::seq::Seq;
use crate::tcp::state::State;

impl Context<'_> {
    /// Puts a segment on the wire and gives its name.
    pub(in crate::tcp) fn transmit(
        &mut self,
        segment: Segment,
        connection: Option<super::ConnectionId>,
        again: Option<SegmentName>,
        rule: Rule,
    ) -> SegmentName {
        *self.sent += 1;
        let name = SegmentName { sender: self.host, forged: false, number: *self.sent, copy: 1 };
        let kind = EventKind::Sent { name, connection, again, segment: segment.clone() };
        let event = self.log.note(rule, kind);
        self.log.departures.push(Departure { name, event, segment });
        name
    }
}

impl Connection {
    /// Fills in what every segment of the connection carries: window, timestamps, SACK blocks.
    fn dress(&mut self, mut segment: Segment, cx: &Context<'_>) -> Segment {
        let told = self.tell_by_memory(cx);
        segment.window = told.unwrap_or_else(|| self.rcv_wnd().saturating_sub(self.withheld));
        if segment.rst {
            // RFC 7323 §3.2: a RST need not carry timestamps, and here never does.
            return segment;
        }
        let offers = segment.syn && segment.ack.is_none() && cx.profile.timestamps;
        segment.timestamps = match self.timestamps {
            // RFC 7323 §3.2: TSecr is 0 where the ACK bit is clear; Linux leaves what a taken-over
            // TIME-WAIT remembered there (PROTOCOL §12.1).
            Some(memory) if segment.ack.is_some() || cx.profile.syn_echo => {
                Some(Timestamps { value: cx.ticks, echo: memory.echo })
            }
            Some(_) => Some(Timestamps { value: cx.ticks, echo: 0 }),
            None if offers => Some(Timestamps { value: cx.ticks, echo: 0 }),
            None => None,
        };
        segment.sack_permitted =
            segment.syn && cx.profile.sack && (segment.ack.is_none() || self.sack);
        if segment.syn {
            segment.mss = Some(cx.profile.mss);
        } else if self.sack {
            segment.sack = self.sack_blocks();
        }
        if segment.ack.is_some() {
            self.last_ack_sent = self.rcv_nxt;
            self.told_window = segment.window;
        }
        segment
    }

    /// RFC 2018 §4: what lies beyond the gap, at most three blocks.
    fn sack_blocks(&self) -> Vec<(Seq, Seq)> {
        let mut blocks: Vec<(Seq, Seq)> = Vec::new();
        let fin = self.fin_at.filter(|_| !self.fin_received).map(|(seq, _)| (seq, seq + 1));
        let texts = self
            .held
            .iter()
            .map(|h| (h.seq, h.seq + u32::try_from(h.chunk.octets.len()).unwrap_or(u32::MAX)));
        for (start, end) in texts.chain(fin) {
            match blocks.last_mut() {
                Some(last) if last.1 == start => last.1 = end,
                Some(_) | None => blocks.push((start, end)),
            }
        }
        blocks.truncate(3);
        blocks
    }

    pub(super) fn transmit(
        &mut self,
        segment: Segment,
        again: Option<SegmentName>,
        rule: Rule,
        cx: &mut Context<'_>,
    ) -> SegmentName {
        let segment = self.dress(segment, cx);
        if segment.ack.is_some() && !segment.rst {
            self.ack_left(cx);
            self.owed = Owed::Nothing;
            self.habit.due = None;
            self.stop_ack_timer(rule, cx);
        }
        cx.transmit(segment, Some(self.id), again, rule)
    }

    /// An empty ACK: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>.
    pub(super) fn send_ack(&mut self, rule: Rule, cx: &mut Context<'_>) {
        let challenge = matches!(rule, Rule::RstChallenge | Rule::SynChallenge);
        let with_fin = match cx.profile.fin_in_acks {
            FinInAcks::Never => false,
            FinInAcks::NotInChallenges => !challenge,
            FinInAcks::Always => true,
        };
        match self.unacknowledged_fin().filter(|_| with_fin) {
            Some((seq, name)) => {
                let segment = Segment { seq, fin: true, ..self.blank() };
                self.transmit(segment, Some(name), Rule::FinInAck, cx);
            }
            None => {
                self.transmit(self.blank(), None, rule, cx);
            }
        }
    }

    /// The number of our FIN, and the segment that carried it, while the state is one of those in
    /// which tcp_outflags of FreeBSD and XNU has a FIN and the FIN isn't acknowledged.
    fn unacknowledged_fin(&self) -> Option<(Seq, SegmentName)> {
        let waits = matches!(self.state, State::FinWait1 | State::Closing | State::LastAck);
        let flight = self.flights.iter().find(|flight| flight.fin)?;
        self.fin_end.filter(|_| waits).map(|end| (end - 1, flight.name))
    }

    /// A challenge ACK, or the ACK that answers an unacceptable segment. `empty` says that the
    /// segment at hand occupied no sequence number, or was a SYN: only those answers are limited.
    /// Whether it was sent.
    pub(super) fn challenge(&mut self, empty: bool, rule: Rule, cx: &mut Context<'_>) -> bool {
        if empty && !self.may_challenge(cx) {
            return false;
        }
        let due = self.habit.due;
        self.send_ack(rule, cx);
        self.habit.due = due;
        true
    }

    /// Whether the limit lets one more challenge ACK out now. RFC 5961 §7; Linux
    /// tcp_invalid_ratelimit.
    pub(super) fn may_challenge(&mut self, cx: &mut Context<'_>) -> bool {
        if let Some(limit) = cx.profile.challenge_limit {
            let now = cx.log.now;
            if self.last_challenge.is_some_and(|last| now < last + limit) {
                cx.log.note(Rule::ChallengeLimit, EventKind::Ignored);
                return false;
            }
            self.last_challenge = Some(now);
        }
        true
    }

    /// A RST for the segment at hand: <SEQ=SEG.ACK><CTL=RST>.
    pub(super) fn send_rst_for(&mut self, seg: &Segment, rule: Rule, cx: &mut Context<'_>) {
        cx.transmit(super::super::host::reset_for(seg), Some(self.id), None, rule);
    }

    /// The SYN, or the SYN,ACK, for the first time.
    pub(super) fn send_syn(&mut self, rule: Rule, cx: &mut Context<'_>) {
        let answer = self.state == State::SynReceived;
        let segment = Segment {
            seq: self.iss,
            syn: true,
            ack: answer.then_some(self.rcv_nxt),
            ..self.blank()
        };
        let name = self.transmit(segment, None, rule, cx);
        self.snd_nxt = self.iss + 1;
        self.flights.push_back(Flight {
            seq: self.iss,
            data: Vec::new(),
            syn: true,
            fin: false,
            name,
            at: cx.log.now,
            again: false,
            sacked: false,
        });
        self.rtt.sent(self.snd_nxt, cx.log.now);
        self.count_first(cx);
        // smoltcp's timer goes on from the SYN where both open at once.
        if cx.profile.rto != RtoRule::Smoltcp || self.send_timer.is_none() {
            self.arm(Rule::RtoStart, cx);
        }
    }

    /// Sends what may be sent: text within the window, then the FIN; then the ACK that is owed.
    pub(super) fn output(&mut self, cx: &mut Context<'_>) {
        if self.may_send() {
            self.resend_fast(cx);
            while self.resend_next(cx) {}
            while self.resend_from.is_none() && self.send_next(false, cx) {}
            self.watch_window(cx);
        }
        match self.owed {
            Owed::Now(rule) => self.send_ack(rule, cx),
            Owed::Later => self.start_delayed_ack(cx),
            Owed::Nothing => {}
        }
    }

    pub(super) fn may_send(&self) -> bool {
        match self.state {
            State::Established
            | State::CloseWait
            | State::FinWait1
            | State::Closing
            | State::LastAck => true,
            State::Closed
            | State::Listen
            | State::SynSent
            | State::SynReceived
            | State::FinWait2
            | State::TimeWait => false,
        }
    }

    /// The next octets that wait; copied by the slice, for this is most of what a run costs.
    pub(super) fn take_unsent(&mut self, count: usize) -> Vec<u8> {
        let (front, back) = self.unsent.as_slices();
        let (first, count) = (count.min(front.len()), count.min(front.len() + back.len()));
        let halves = [front.get(..first), back.get(..count - first)];
        let data = halves.map(Option::unwrap_or_default).concat();
        self.unsent.drain(..count);
        data
    }

    /// What the peer's window still allows, in octets.
    pub(super) fn usable(&self) -> u32 {
        let edge = self.snd_una + self.snd_wnd;
        if edge.after(self.snd_nxt) { edge - self.snd_nxt } else { 0 }
    }

    /// Sends one segment of new text, or the FIN; `push` sends a short one too. Whether there may
    /// be more.
    pub(super) fn send_next(&mut self, push: bool, cx: &mut Context<'_>) -> bool {
        let usable = self.usable();
        let waiting = u32::try_from(self.unsent.len()).unwrap_or(u32::MAX);
        let text = waiting.min(usable).min(self.segment_size(cx));
        let fin_due = self.fin_queued && self.fin_end.is_none();
        if self.held_back && !fin_due {
            return false;
        }
        // RFC 9293 §3.7.4: a short segment waits while something is unacknowledged.
        let short = text == waiting && text < self.segment_size(cx) && !push;
        let taken_along = cx.profile.ack_takes_text && matches!(self.owed, Owed::Now(_));
        let held = cx.profile.nagle && short && self.waits_for_ack(cx) && !fin_due;
        if waiting > 0 && held && !taken_along {
            return false;
        }
        // PROTOCOL §1.4: a FIN takes one number of the window, as an octet does. In SYN-RECEIVED
        // no window is known yet, and the FIN leaves all the same (PROTOCOL A19).
        if self.window_holds_back(usable, cx) {
            return false;
        }
        let window_known = self.snd_una != self.iss;
        let fin = fin_due && text == waiting && (usable > text || !window_known);
        if text == 0 && !fin {
            return false;
        }
        let count = usize::try_from(text).unwrap_or(usize::MAX);
        let data = self.take_unsent(count);
        let rule = if fin { Rule::SendFin } else { Rule::SendText };
        self.send_flight(data, fin, rule, cx);
        true
    }

    pub(super) fn send_flight(
        &mut self,
        data: Vec<u8>,
        fin: bool,
        rule: Rule,
        cx: &mut Context<'_>,
    ) {
        let now = cx.log.now;
        let segment = Segment { fin, data: data.clone(), ..self.blank() };
        let first = self.flights.is_empty();
        let seq = self.snd_nxt;
        if !data.is_empty() {
            self.text_left(cx);
        }
        let name = self.transmit(segment, None, rule, cx);
        let flight =
            Flight { seq, data, syn: false, fin, name, at: now, again: false, sacked: false };
        self.snd_nxt = flight.end();
        self.rtt.sent(self.snd_nxt, now);
        if fin {
            self.fin_end = Some(self.snd_nxt);
        }
        self.flights.push_back(flight);
        if first {
            self.count_first(cx);
        }
        if first || self.send_timer.is_none() || cx.profile.tail_loss_probe {
            self.arm(Rule::RtoStart, cx);
        }
    }

    /// Sends a flight again with its old SEQ and the current ACK (PROTOCOL §1.8).
    pub(super) fn resend(&mut self, index: usize, rule: Rule, cx: &mut Context<'_>) {
        self.collapse(index, cx);
        let Some(flight) = self.flights.get_mut(index) else { return };
        flight.at = cx.log.now;
        flight.again = true;
        self.rtt.sent_again();
        let flight = flight.clone();
        let with_ack = !(flight.syn && self.state == State::SynSent);
        let segment = Segment {
            seq: flight.seq,
            syn: flight.syn,
            fin: flight.fin,
            data: flight.data,
            ack: with_ack.then_some(self.rcv_nxt),
            ..self.blank()
        };
        self.transmit(segment, Some(flight.name), rule, cx);
    }

    /// A closed window with something behind it is probed (RFC 9293 §3.8.6.1).
    fn watch_window(&mut self, cx: &mut Context<'_>) {
        let waiting =
            !self.unsent.is_empty() && !self.held_back || self.fin_queued && self.fin_end.is_none();
        let usable = self.usable();
        let shut = usable == 0 || self.window_holds_back(usable, cx);
        let blocked = waiting && self.flights.is_empty() && shut;
        let probing = matches!(self.send_timer, Some((TimerKind::Persist, _)));
        if blocked && cx.profile.window_probe && !probing {
            let at = cx.log.now + self.rtt.timeout(0, false, cx.profile);
            self.start_send_timer(TimerKind::Persist, at, Rule::WindowProbe, cx);
        } else if !blocked && probing {
            self.stop_send_timer(Rule::WindowProbe, cx);
        }
    }
}

impl Connection {
    /// SYN,ACK for the SYN that opened this connection. RFC 9293 §3.10.7.2, third.
    pub(in crate::tcp) fn answer_syn(&mut self, cx: &mut Context<'_>) {
        self.send_syn(Rule::SynArrived, cx);
    }

    /// <SEQ=ISS><CTL=SYN>. RFC 9293 §3.10.1.
    pub(in crate::tcp) fn open_actively(&mut self, cx: &mut Context<'_>) {
        self.send_syn(Rule::ActiveOpen, cx);
    }
}
