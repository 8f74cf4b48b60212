//! Timestamps and PAWS, before the first check (RFC 7323 §3.2, §4.3, §5).

use super::arrives::Check;
use super::{Connection, Context};
use crate::tcp::event::{EventKind, Gate};
use crate::tcp::profile::SequenceCheck;
use crate::tcp::rule::Rule;
use crate::tcp::segment::Segment;
use crate::tcp::state::State;
use crate::tcp::time::Span;

/// How old TS.Recent may be to count against a segment (RFC 7323 §5.5).
const MOST_AGE: Span = Span::from_secs(24 * 86_400);

/// How old to count against a RST, which only Linux tests (tcp_paws_reject, TCP_PAWS_MSL).
const MOST_AGE_FOR_RST: Span = Span::from_secs(60);

impl Connection {
    /// PAWS, before the first check. RFC 7323 §3.2, §5.3.
    pub(super) fn check_timestamps(&mut self, seg: &Segment, cx: &mut Context<'_>) -> Check {
        if self.timestamps.is_none() {
            return Check::Passed;
        }
        if seg.timestamps.is_none() {
            // RFC 7323 §3.2: a segment without the option SHOULD be dropped; Linux takes it.
            if seg.rst || cx.profile.sequence_check == SequenceCheck::Linux {
                return Check::Passed;
            }
            cx.log.note(Rule::TimestampMissing, EventKind::Ignored);
            return Check::Finished;
        }
        // RFC 7323 §5.2: a RST isn't tested.
        if seg.rst {
            return Check::Passed;
        }
        let passed = self.paws_accepts(seg, cx);
        self.note_paws_gate(seg, passed, cx);
        if passed || self.is_disordered_ack(seg, cx) {
            return Check::Passed;
        }
        if self.is_old_ack(seg, cx) {
            cx.log.note(Rule::PawsAck, EventKind::Ignored);
            return Check::Finished;
        }
        if cx.profile.sequence_check == SequenceCheck::Bsd && seg.data.is_empty() {
            cx.log.note(Rule::PawsSilent, EventKind::Ignored);
            return Check::Finished;
        }
        self.ack_was_lost(seg, cx);
        self.challenge(seg.is_empty() || seg.syn, Rule::PawsAck, cx);
        Check::Finished
    }

    /// Writes down whether a timestamp is new enough, where both ends use them and it has one.
    pub(super) fn note_paws_gate(&self, seg: &Segment, passed: bool, cx: &mut Context<'_>) {
        let (Some(memory), Some(stamps)) = (self.timestamps, seg.timestamps) else { return };
        cx.log.note(
            Rule::Paws,
            EventKind::Gate {
                gate: Gate::Paws,
                passed,
                value: stamps.value,
                low: memory.recent,
                high: memory.recent.wrapping_add(0x7FFF_FFFF),
            },
        );
    }

    /// Whether the timestamp is new enough: not before TS.Recent. Linux allows one tick below in
    /// a connection. A TS.Recent that is too old counts no longer.
    pub(super) fn paws_accepts(&self, seg: &Segment, cx: &Context<'_>) -> bool {
        let (Some(memory), Some(stamps)) = (self.timestamps, seg.timestamps) else { return true };
        let most_age = if seg.rst { MOST_AGE_FOR_RST } else { MOST_AGE };
        let aged = cx.log.now.since(memory.recent_at) >= most_age;
        let slack = u32::from(
            cx.profile.sequence_check == SequenceCheck::Linux && self.state != State::TimeWait,
        );
        aged || (stamps.value.wrapping_add(slack).wrapping_sub(memory.recent) as i32) >= 0
    }

    /// RFC 7323 §4.3: TS.Recent follows segments that don't start after the last ACK sent.
    pub(super) fn remember_timestamp(&mut self, seg: &Segment, cx: &Context<'_>) {
        let last_ack_sent = self.last_ack_sent;
        if let (Some(memory), Some(stamps)) = (&mut self.timestamps, seg.timestamps)
            && seg.seq.at_or_before(last_ack_sent)
            && (stamps.value.wrapping_sub(memory.recent) as i32) >= 0
        {
            memory.recent = stamps.value;
            memory.echo = stamps.value;
            memory.recent_at = cx.log.now;
        }
    }
}
