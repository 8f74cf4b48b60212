//! What a connection puts on the wire.

use super::{Connection, Context, Flight, Owed};
use crate::tcp::event::{EventKind, SegmentName, TimerChange, TimerKind};
use crate::tcp::host::Departure;
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
        let name =
            SegmentName { sender: self.host, forged: false, number: *self.sent, copy: 1 };
        let kind = EventKind::Sent { name, connection, again, segment: segment.clone() };
        let event = self.log.note(rule, kind);
        self.departures.push(Departure { name, event, segment });
        name
    }
}

impl Connection {
    /// Fills in what every segment of the connection carries: window, timestamps, SACK blocks.
    fn dress(&mut self, mut segment: Segment, cx: &Context<'_>) -> Segment {
        segment.window = self.rcv_wnd();
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
        let texts = self.held.iter().map(|h| {
            (h.seq, h.seq + u32::try_from(h.chunk.octets.len()).unwrap_or(u32::MAX))
        });
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
            self.owed = Owed::Nothing;
            self.stop_ack_timer(rule, cx);
        }
        cx.transmit(segment, Some(self.id), again, rule)
    }

    /// An empty ACK: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>.
    pub(super) fn send_ack(&mut self, rule: Rule, cx: &mut Context<'_>) {
        self.transmit(self.blank(), None, rule, cx);
    }

    /// A challenge ACK, or the ACK that answers an unacceptable segment. `empty` says that the
    /// segment at hand occupied no sequence number, or was a SYN: only those answers are limited.
    /// Whether it was sent.
    pub(super) fn challenge(&mut self, empty: bool, rule: Rule, cx: &mut Context<'_>) -> bool {
        // RFC 5961 §7; Linux tcp_invalid_ratelimit.
        if let Some(limit) = cx.profile.challenge_limit.filter(|_| empty) {
            let now = cx.log.now;
            if self.last_challenge.is_some_and(|last| now < last + limit) {
                cx.log.note(Rule::ChallengeLimit, EventKind::Ignored);
                return false;
            }
            self.last_challenge = Some(now);
        }
        self.send_ack(rule, cx);
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
        self.arm(Rule::RtoStart, cx);
    }

    /// Sends what may be sent: text within the window, then the FIN; then the ACK that is owed.
    pub(super) fn output(&mut self, cx: &mut Context<'_>) {
        if self.may_send() {
            while self.send_next(cx) {}
            self.watch_window(cx);
        }
        match self.owed {
            Owed::Now(rule) => self.send_ack(rule, cx),
            Owed::Later => self.start_delayed_ack(cx),
            Owed::Nothing => {}
        }
    }

    fn may_send(&self) -> bool {
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

    /// What the peer's window still allows, in octets.
    fn usable(&self) -> u32 {
        let edge = self.snd_una + self.snd_wnd;
        if edge.after(self.snd_nxt) { edge - self.snd_nxt } else { 0 }
    }

    /// Sends one segment of new text, or the FIN. Whether there may be more.
    fn send_next(&mut self, cx: &mut Context<'_>) -> bool {
        let usable = self.usable();
        let waiting = u32::try_from(self.unsent.len()).unwrap_or(u32::MAX);
        let text = waiting.min(usable).min(self.peer_mss.min(cx.profile.mss).max(1));
        let fin_due = self.fin_queued && self.fin_end.is_none();
        if self.held_back && !fin_due {
            return false;
        }
        // RFC 9293 §3.7.4: a short segment waits while something is unacknowledged.
        let short = text == waiting && text < cx.profile.mss;
        if waiting > 0 && cx.profile.nagle && short && !self.flights.is_empty() && !fin_due {
            return false;
        }
        // PROTOCOL §1.4: a FIN takes one number of the window, as an octet does. In SYN-RECEIVED
        // no window is known yet, and the FIN leaves all the same (PROTOCOL A19).
        let window_known = self.snd_una != self.iss;
        let fin = fin_due && text == waiting && (usable > text || !window_known);
        if text == 0 && !fin {
            return false;
        }
        let count = usize::try_from(text).unwrap_or(usize::MAX);
        let data: Vec<u8> = self.unsent.drain(..count).collect();
        let rule = if fin { Rule::SendFin } else { Rule::SendText };
        self.send_flight(data, fin, rule, cx);
        true
    }

    fn send_flight(&mut self, data: Vec<u8>, fin: bool, rule: Rule, cx: &mut Context<'_>) {
        let now = cx.log.now;
        let segment = Segment { fin, data: data.clone(), ..self.blank() };
        let first = self.flights.is_empty();
        let seq = self.snd_nxt;
        // Linux tcp_event_data_sent: text that answers what came just now makes it interactive.
        let answers = cx.profile.delayed_ack.is_some_and(|ato| {
            self.habit.text_seen && now < self.habit.last_text + ato
        });
        if answers && !data.is_empty() {
            self.habit.interactive = true;
        }
        let name = self.transmit(segment, None, rule, cx);
        let flight =
            Flight { seq, data, syn: false, fin, name, at: now, again: false, sacked: false };
        self.snd_nxt = flight.end();
        if fin {
            self.fin_end = Some(self.snd_nxt);
        }
        self.flights.push_back(flight);
        if first || self.send_timer.is_none() || cx.profile.tail_loss_probe {
            self.arm(Rule::RtoStart, cx);
        }
    }

    /// Sends a flight again with its old SEQ and the current ACK (PROTOCOL §1.8).
    pub(super) fn resend(&mut self, index: usize, rule: Rule, cx: &mut Context<'_>) {
        let Some(flight) = self.flights.get_mut(index) else { return };
        flight.at = cx.log.now;
        flight.again = true;
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
        let waiting = !self.unsent.is_empty() && !self.held_back
            || self.fin_queued && self.fin_end.is_none();
        let blocked = waiting && self.flights.is_empty() && self.usable() == 0;
        let probing = matches!(self.send_timer, Some((TimerKind::Persist, _)));
        if blocked && cx.profile.window_probe && !probing {
            let at = cx.log.now + self.rtt.timeout(0, false, cx.profile);
            self.start_send_timer(TimerKind::Persist, at, Rule::WindowProbe, cx);
        } else if !blocked && probing {
            self.stop_send_timer(Rule::WindowProbe, cx);
        }
    }

    fn start_delayed_ack(&mut self, cx: &mut Context<'_>) {
        if let (None, Some(delay)) = (self.ack_timer, cx.profile.delayed_ack) {
            let at = cx.log.now + delay;
            self.ack_timer = Some(Self::deadline(at, cx));
            let change = TimerChange::Started(at);
            self.note_timer(TimerKind::DelayedAck, change, Rule::DelayedAck, cx);
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
