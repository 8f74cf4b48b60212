//! Sending more again than the first segment: go-back-N, and the third duplicate ACK. smoltcp's
//! ways; where their switches are off nothing of this happens.

use super::{Connection, Context, Flight, Owed};
use crate::tcp::rule::Rule;
use crate::tcp::segment::Segment;
use crate::tcp::state::State;

impl Connection {
    /// The timeout came: everything that isn't acknowledged goes again, cut anew.
    pub(super) fn resend_all(&mut self, cx: &mut Context<'_>) {
        if self.flights.front().is_some_and(|f| f.syn) {
            return self.resend(0, Rule::RtoExpired, cx);
        }
        self.cut_anew(cx);
        self.resend_from = Some(self.snd_una);
        while self.resend_next(cx) {}
    }

    /// Sends the next segment of what is to go again. Whether there may be more.
    pub(super) fn resend_next(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(from) = self.resend_from else { return false };
        let from = from.later(self.snd_una);
        let Some(index) = self.flights.iter().position(|f| f.end().after(from)) else {
            self.resend_from = None;
            return false;
        };
        // Nagle's algorithm holds a short tail back here too.
        let mss = usize::try_from(self.segment_limit(cx)).unwrap_or(usize::MAX);
        let last = index + 1 == self.flights.len();
        let flight = self.flights.get(index);
        let room =
            flight.filter(|f| last && !f.fin).map_or(0, |f| mss.saturating_sub(f.data.len()));
        let more = room.min(self.unsent.len());
        let octets = flight.map_or(0, |f| f.data.len() + more);
        let taken_along = cx.profile.ack_takes_text && matches!(self.owed, Owed::Now(_));
        let held = cx.profile.nagle && octets < mss && index > 0 && !self.fin_queued;
        if held && !taken_along {
            return false;
        }
        if last {
            self.top_up(more);
        }
        self.resend(index, Rule::RtoExpired, cx);
        let end = self.flights.get(index).map_or(from, Flight::end);
        self.resend_from = Some(end).filter(|end| end.before(self.snd_nxt));
        true
    }

    /// What waits to be sent fills the last segment up, as far as the window goes.
    fn top_up(&mut self, more: usize) {
        let more = more.min(usize::try_from(self.usable()).unwrap_or(usize::MAX));
        let Some(flight) = self.flights.back_mut() else { return };
        flight.data.extend(self.unsent.drain(..more));
        let fin_due = self.fin_queued && self.fin_end.is_none() && self.unsent.is_empty();
        flight.fin |= fin_due;
        self.snd_nxt = self.snd_nxt.later(flight.end());
        if fin_due {
            self.fin_end = Some(self.snd_nxt);
        }
    }

    /// The largest text of a segment, octets.
    pub(super) fn segment_limit(&self, cx: &Context<'_>) -> u32 {
        self.peer_mss.min(cx.profile.mss).max(1)
    }

    /// The octets in flight in as few segments as they fit in, the FIN with the last.
    fn cut_anew(&mut self, cx: &Context<'_>) {
        let limit = usize::try_from(self.segment_limit(cx)).unwrap_or(usize::MAX);
        let mut anew: std::collections::VecDeque<Flight> = std::collections::VecDeque::new();
        for mut flight in self.flights.drain(..) {
            if let Some(last) = anew.back_mut().filter(|last| !last.syn && !flight.syn) {
                let room = limit.saturating_sub(last.data.len()).min(flight.data.len());
                last.data.extend(flight.data.drain(..room));
                flight.seq = last.end();
                if flight.data.is_empty() {
                    last.fin |= flight.fin;
                    continue;
                }
            }
            anew.push_back(flight);
        }
        self.flights = anew;
    }

    /// RFC 5681 §3.2 as smoltcp has it: an ACK without text that acknowledges what the one before
    /// did and tells the same window; the third sends the first segment again.
    pub(super) fn count_duplicate_acks(&mut self, seg: &Segment) {
        let duplicate = seg.data.is_empty()
            && seg.ack == self.last_ack_arrived
            && seg.ack.is_some_and(|ack| ack.before(self.snd_nxt))
            && seg.window == self.snd_wnd;
        if duplicate && self.state == State::LastAck {
            return;
        }
        if !duplicate {
            self.duplicate_acks = 0;
            self.last_ack_arrived = seg.ack;
            return;
        }
        self.duplicate_acks = self.duplicate_acks.saturating_add(1);
        self.fast_resend_due |= self.duplicate_acks == 3;
    }

    /// After the third: with the ACK of all that the segment at hand brought.
    pub(super) fn resend_fast(&mut self, cx: &mut Context<'_>) {
        if core::mem::take(&mut self.fast_resend_due) && !self.flights.is_empty() {
            self.cut_anew(cx);
            self.resend(0, Rule::FastResend, cx);
            self.arm(Rule::RtoRestart, cx);
        }
    }
}
