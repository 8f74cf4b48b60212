//! smoltcp's delayed ACK: one deadline, which only an ACK sent of its own accord ends.

use super::{Connection, Context, Owed};
use crate::tcp::profile::AckRule;
use crate::tcp::rule::Rule;
use crate::tcp::seq::Seq;

impl Connection {
    /// Whether text is acknowledged at once or later: the first starts the wait, and what comes
    /// then is acknowledged at once where it's more than a full segment, or where the wait is over
    /// without an ACK.
    pub(super) fn plain_ack_habit(&mut self, delivered: bool, cx: &Context<'_>) -> Owed {
        let Some(delay) = cx.profile.delayed_ack else { return Owed::Now(Rule::TextAck) };
        if !delivered {
            return Owed::Later;
        }
        let full = self.rcv_nxt - self.last_ack_sent > self.peer_mss;
        match self.habit.due {
            Some(due) if full || due <= cx.log.now => Owed::Now(Rule::TextAck),
            Some(_) => Owed::Later,
            None => {
                self.habit.due = Some(cx.log.now + delay);
                Owed::Later
            }
        }
    }

    /// Whether a FIN is acknowledged at once or later; `text`: what the text that came with it
    /// owes. smoltcp's FIN waits with the text, or with a wait that goes on already.
    pub(super) fn fin_habit(&self, text: Option<Owed>, cx: &Context<'_>) -> Owed {
        let plain = cx.profile.ack_rule == AckRule::Smoltcp && cx.profile.delayed_ack.is_some();
        match text {
            Some(owed) if plain => owed,
            None if plain && self.habit.due.is_some_and(|due| due > cx.log.now) => Owed::Later,
            Some(_) | None => Owed::Now(Rule::FinArrived),
        }
    }

    /// smoltcp answers text around a gap while it takes it in: before the program can read, so the
    /// window is smaller, and without an end to the wait of a delayed ACK.
    pub(super) fn answer_gap(&mut self, was_next: Seq, cx: &mut Context<'_>) {
        let due = self.habit.due;
        let fin = u32::from(self.fin_received);
        let taken = (self.rcv_nxt - was_next).saturating_sub(fin);
        self.withheld = if cx.application.reads { taken } else { 0 };
        self.send_ack(Rule::DuplicateAck, cx);
        self.withheld = 0;
        self.owed = Owed::Nothing;
        self.habit.due = due;
    }
}
