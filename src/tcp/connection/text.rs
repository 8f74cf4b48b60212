//! The seventh and eighth check: text and FIN (RFC 9293 §3.10.7.4).

use super::arrives::octets;
use super::{Connection, Context, Held, Owed};
use crate::tcp::call::Errno;
use crate::tcp::event::EventKind;
use crate::tcp::profile::{AckRule, Answer, ResetErrors, SequenceCheck};
use crate::tcp::rule::Rule;
use crate::tcp::segment::{Chunk, Segment};
use crate::tcp::seq::Seq;
use crate::tcp::state::State;

impl Connection {
    /// Seventh: process the segment text. Eighth: check the FIN bit.
    pub(super) fn check_text_and_fin(&mut self, seg: &Segment, cx: &mut Context<'_>) {
        // smoltcp discards a FIN beyond a gap and says nothing.
        let fin_counts = seg.fin && (cx.profile.early_fin || seg.seq.at_or_before(self.rcv_nxt));
        let occupies = !seg.data.is_empty() || fin_counts;
        if (occupies || seg.fin) && !self.state.receives() {
            return self.text_after_fin(seg, cx);
        }
        if self.refuses_text(seg, cx) {
            return;
        }
        if !seg.data.is_empty() && self.memory_is_full() {
            self.owe(Rule::BufferFull);
            return;
        }
        let was_next = self.rcv_nxt;
        let had_gap = !self.held.is_empty() || self.fin_at.is_some() && !self.fin_received;
        // FreeBSD tcp_do_segment: the text of a SYN has waited for this, and nothing is missing.
        let of_syn = self.held.first().is_some_and(|held| held.seq == self.rcv_nxt);
        let had_gap = had_gap && !(of_syn && cx.profile.ack_rule == AckRule::FreeBsd);
        let edge = self.rcv_nxt + self.rcv_wnd();
        self.hold_text(seg, cx);
        let owed = self.drain(had_gap, cx);
        if !self.is_live() {
            return;
        }
        let gap = had_gap || !self.held.is_empty();
        if cx.profile.ack_rule == AckRule::Smoltcp && gap && !seg.data.is_empty() {
            self.answer_gap(was_next, cx);
        } else if occupies && self.rcv_nxt == was_next {
            if seg.end().at_or_before(was_next) || seg.text_seq().at_or_after(edge) {
                self.quicken(cx);
            }
            // SHLD-31 and MAY-13: beyond a gap, or nothing new: the ACK says at once what is
            // awaited.
            self.owe(Rule::DuplicateAck);
        } else if let Some(owed) = owed
            && !matches!(self.owed, Owed::Now(_))
        {
            self.owed = owed;
        }
        if self.state == State::TimeWait {
            // The last ACK has to leave even though nothing else may.
            self.flush_owed(cx);
        } else if cx.application.closes && self.fin_received && !self.fin_queued && self.is_held() {
            self.close_now(cx);
        }
    }

    fn flush_owed(&mut self, cx: &mut Context<'_>) {
        if let Owed::Now(rule) = self.owed {
            self.send_ack(rule, cx);
        }
    }

    /// After the peer's FIN nothing new can come: text is ignored without an ACK, a repeated FIN
    /// is acknowledged (PROTOCOL §3.5, A16, A17).
    fn text_after_fin(&mut self, seg: &Segment, cx: &mut Context<'_>) {
        if self.state == State::SynReceived || !self.is_live() {
            return;
        }
        if self.straddles_fin(seg, cx) {
            // Linux tcp_rcv_state_process: what was old goes on beyond the FIN.
            self.send_rst_for(seg, Rule::TextAfterClose, cx);
            self.reset(cx);
            return;
        }
        if seg.end().at_or_before(self.rcv_nxt) {
            self.quicken(cx);
            self.owe(Rule::UnacceptableAck);
        } else {
            cx.log.note(Rule::TextAfterFin, EventKind::Ignored);
        }
    }

    fn straddles_fin(&self, seg: &Segment, cx: &Context<'_>) -> bool {
        cx.profile.sequence_check == SequenceCheck::Linux
            && seg.seq.before(self.rcv_nxt)
            && (seg.text_seq() + seg.text_len()).after(self.rcv_nxt)
    }

    /// Nobody will read it: the program closed for good. SHLD-3, MAY-1; D14, D18.
    fn refuses_text(&mut self, seg: &Segment, cx: &mut Context<'_>) -> bool {
        let fresh = (seg.text_seq() + seg.text_len()).after(self.rcv_nxt) && !seg.data.is_empty();
        let early_fin = seg.fin && self.is_mini_socket(cx) && seg.seq.after(self.rcv_nxt);
        let refused = cx.profile.data_after_close == Answer::Rst
            && self.read_shut
            && self.write_shut
            && self.state != State::Established
            && (fresh || early_fin);
        if refused {
            self.send_rst_for(seg, Rule::TextAfterClose, cx);
            match cx.profile.reset_errors {
                // Linux tcp_reset: who shut both directions down and still holds the socket sees it.
                ResetErrors::Linux => self.fail(Errno::ECONNRESET, Rule::TextAfterClose, cx),
                ResetErrors::Rfc | ResetErrors::FreeBsd => self.end(Rule::TextAfterClose, cx),
            }
        }
        refused
    }

    /// Puts the octets that lie in the window, and the FIN, where they belong. Octets that are
    /// already there stay: the first copy wins (PROTOCOL A11).
    pub(super) fn hold_text(&mut self, seg: &Segment, cx: &mut Context<'_>) {
        let edge = self.rcv_nxt + self.rcv_wnd();
        let start = seg.text_seq();
        let end = start + seg.text_len();
        let from = start.later(self.rcv_nxt);
        // Linux tcp_data_queue takes whole what begins in the window.
        let whole = cx.profile.sequence_check == SequenceCheck::Linux && start.before(edge);
        let to = if end.after(edge) && !whole { edge } else { end };
        let discards_early = !cx.profile.early_fin && start.after(self.rcv_nxt);
        if to.after(from) {
            let skip = usize::try_from(from - start).unwrap_or(usize::MAX);
            let past = usize::try_from(to - start).unwrap_or(usize::MAX);
            let data = seg.data.get(skip..past).unwrap_or_default().to_vec();
            if from.after(self.rcv_nxt) {
                let (connection, octets) = (self.id, octets(&data));
                cx.log.note(Rule::TextQueued, EventKind::Queued { connection, seq: from, octets });
            }
            self.insert(from, Chunk { origin: seg.origin, octets: data });
        }
        // A FIN beyond the window doesn't count, except where a zero window lets it in (D19).
        let fits = whole
            || end.in_window(self.rcv_nxt, self.rcv_wnd())
            || end == self.rcv_nxt && cx.profile.zero_window_fin;
        if seg.fin && fits && !discards_early && self.fin_at.is_none() {
            self.fin_at = Some((end, seg.origin));
            if start.after(self.rcv_nxt) {
                cx.log.note(
                    Rule::FinQueued,
                    EventKind::Queued { connection: self.id, seq: end, octets: 0 },
                );
            }
        }
    }

    /// Inserts octets where nothing is held yet.
    fn insert(&mut self, seq: Seq, chunk: Chunk) {
        let origin = chunk.origin;
        let mut at = seq;
        let mut rest = chunk.octets;
        let mut index = 0;
        while !rest.is_empty() {
            let Some(held) = self.held.get(index) else {
                self.held.push(Held { seq: at, chunk: Chunk { origin, octets: rest } });
                return;
            };
            let (start, end) = (held.seq, held.seq + octets(&held.chunk.octets));
            index += 1;
            if at.at_or_after(end) {
                continue;
            }
            if at.before(start) {
                let room = usize::try_from(start - at).unwrap_or(usize::MAX).min(rest.len());
                let piece: Vec<u8> = rest.drain(..room).collect();
                let piece_end = at + octets(&piece);
                self.held
                    .insert(index - 1, Held { seq: at, chunk: Chunk { origin, octets: piece } });
                at = piece_end;
                index += 1;
            }
            if rest.is_empty() {
                return;
            }
            let covered = usize::try_from(end - at).unwrap_or(usize::MAX).min(rest.len());
            rest.drain(..covered);
            at = end;
        }
    }

    /// Delivers what is in order now, then the FIN if RCV.NXT has reached it. What ACK that owes.
    fn drain(&mut self, had_gap: bool, cx: &mut Context<'_>) -> Option<Owed> {
        let mut chunks: Vec<Chunk> = Vec::new();
        while self.held.first().is_some_and(|h| h.seq.at_or_before(self.rcv_nxt)) {
            let mut held = self.held.remove(0);
            if let Some((fin, _)) = self.fin_at {
                let before_fin = usize::try_from(fin - held.seq).unwrap_or(usize::MAX);
                held.chunk.octets.truncate(before_fin);
            }
            if held.chunk.octets.is_empty() {
                self.held.clear();
                break;
            }
            self.rcv_nxt += octets(&held.chunk.octets);
            match chunks.last_mut() {
                Some(last) if last.origin == held.chunk.origin => {
                    last.octets.append(&mut held.chunk.octets);
                }
                Some(_) | None => chunks.push(held.chunk),
            }
        }
        let delivered = !chunks.is_empty();
        let length = chunks.iter().map(|c| octets(&c.octets)).sum();
        let quick = self.ack_habit(length, had_gap, cx);
        if delivered {
            self.deliver(chunks, cx);
        }
        if self.fin_at.is_some_and(|(fin, _)| fin == self.rcv_nxt) && !self.fin_received {
            let owed = self.fin_habit(delivered.then_some(quick), cx);
            return self.take_fin(owed, had_gap, cx);
        }
        delivered.then_some(quick)
    }

    fn deliver(&mut self, chunks: Vec<Chunk>, cx: &mut Context<'_>) {
        let connection = self.id;
        let gone = self.read_shut && self.write_shut && !self.is_held();
        if !cx.application.reads && !gone {
            self.unread.extend_from_slice(&chunks);
        }
        cx.log.note(Rule::TextInOrder, EventKind::Received { connection, chunks });
    }

    /// Whether text is acknowledged at once or later. RFC 9293 §3.8.6.3; Linux as PROTOCOL §18.
    fn ack_habit(&mut self, length: u32, had_gap: bool, cx: &Context<'_>) -> Owed {
        let delivered = length > 0;
        if delivered && Self::delays_as_linux(cx) {
            self.text_came(length, cx);
            return self.ack_due(had_gap, cx);
        }
        if cx.profile.ack_rule == AckRule::Smoltcp {
            return self.plain_ack_habit(delivered, cx);
        }
        // FreeBSD tcp_input.c, DELAY_ACK: one wait at a time.
        let waits = cx.profile.ack_rule == AckRule::FreeBsd
            && (self.ack_timer.is_some() || length > cx.profile.mss);
        if cx.profile.delayed_ack.is_none() || had_gap || waits {
            return Owed::Now(Rule::TextAck);
        }
        Owed::Later
    }

    // RFC 9293 §3.10.7.4, eighth: the FIN takes effect.
    fn take_fin(&mut self, mut owed: Owed, had_gap: bool, cx: &mut Context<'_>) -> Option<Owed> {
        let (_, origin) = self.fin_at?;
        self.fin_received = true;
        self.rcv_nxt += 1;
        self.held.clear();
        cx.log.note(Rule::FinArrived, EventKind::EndOfFile { connection: self.id, origin });
        match self.state {
            State::SynReceived | State::Established => {
                self.enter(State::CloseWait, Rule::FinArrived, cx);
                // Linux tcp_fin: the program will answer soon, with a FIN of its own.
                self.habit.interactive = true;
                if Self::delays_as_linux(cx) && self.ack_due(had_gap, cx) == Owed::Later {
                    owed = Owed::Later;
                }
            }
            State::FinWait1 if self.fin_acknowledged() => {
                self.owed = owed;
                self.start_time_wait(Rule::FinArrived, cx);
            }
            State::FinWait1 => self.enter(State::Closing, Rule::FinsCrossed, cx),
            State::FinWait2 => {
                self.owed = owed;
                self.start_time_wait(Rule::FinArrived, cx);
            }
            State::Closed
            | State::Listen
            | State::SynSent
            | State::CloseWait
            | State::Closing
            | State::LastAck
            | State::TimeWait => {}
        }
        Some(owed)
    }
}
