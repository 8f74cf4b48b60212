//! What followed, event by event, as sentences.

use super::lab::Lab;
use super::labels;
use super::language::{Text, host_name};
use super::why::timer_name;
use crate::tcp::event::{Event, EventKind, HostId, SegmentName, TimerChange};
use crate::tcp::segment::Chunk;
use crate::tcp::time::Time;
use crate::world::During;

/// An event as a sentence; `None` for what is told with another one.
pub(super) fn said(lab: Lab, event: &Event) -> Option<String> {
    let host = host_name(event.host.unwrap_or(HostId::A));
    let fill = |key: Text, name: &'static str, value: &str| {
        Some(lab.fill(key, &[("host", host), (name, value)]))
    };
    match &event.kind {
        EventKind::Call { call, .. } => fill(Text::EventCall, "call", &labels::asked(call, None)),
        EventKind::Sent { segment, again, .. } => {
            let key = if again.is_some() { Text::EventSentAgain } else { Text::EventSent };
            fill(key, "segment", &labels::segment(segment))
        }
        EventKind::Injected { segment, .. } => {
            fill(Text::EventInjected, "segment", &labels::segment(segment))
        }
        EventKind::Lost { name } => Some(lost(lab, *name, event.time)),
        EventKind::Died { name } => fill(Text::EventDied, "segment", &segment(lab, *name)),
        EventKind::Ignored => fill(Text::EventIgnored, "", ""),
        EventKind::Queued { octets, .. } => fill(Text::EventQueued, "octets", &octets.to_string()),
        EventKind::State { from, to, .. } => {
            let (from, to) = (labels::state(*from), labels::state(*to));
            Some(lab.fill(Text::EventState, &[("host", host), ("from", &from), ("to", &to)]))
        }
        EventKind::Timer { timer, change, .. } => {
            let (key, until) = match change {
                TimerChange::Started(until) => (Text::EventTimerStarted, *until),
                TimerChange::Restarted(until) => (Text::EventTimerRestarted, *until),
                TimerChange::Stopped | TimerChange::Fired => return None,
            };
            let (timer, length) = (lab.text(timer_name(*timer)), until.since(event.time));
            let length = labels::span(length);
            Some(lab.fill(key, &[("host", host), ("timer", timer), ("length", &length)]))
        }
        EventKind::Received { chunks, .. } => fill(Text::EventReceived, "text", &quoted(chunks)),
        EventKind::EndOfFile { .. } => fill(Text::EventEndOfFile, "", ""),
        EventKind::Error { errno, noticed, .. } => {
            let key = if *noticed { Text::EventError } else { Text::EventErrorUnnoticed };
            fill(key, "errno", &errno.to_string())
        }
        EventKind::NoCounterpart { .. } => fill(Text::EventNoCounterpart, "", ""),
        EventKind::Return { .. }
        | EventKind::Opened { .. }
        | EventKind::Arrived { .. }
        | EventKind::Gate { .. } => None,
    }
}

/// A segment is lost: alone, or because the line is dead.
fn lost(lab: Lab, name: SegmentName, time: Time) -> String {
    let segment = segment(lab, name);
    let is_it = |(sender, during): &(HostId, During)| {
        *sender == name.sender && !name.forged && during.has(time)
    };
    let dead = lab.scene.with(|scene| scene.scenario.dead_lines().find(is_it));
    let Some((sender, during)) = dead else {
        return lab.fill(Text::EventLost, &[("segment", &segment)]);
    };
    let to = during.to().map_or_else(|| lab.say(Text::EndOfRun), labels::moment);
    let host = host_name(sender);
    lab.fill(Text::EventLostDead, &[("segment", &segment), ("host", host), ("time", &to)])
}

/// The segment of a name, in whichever world has it.
fn segment(lab: Lab, name: SegmentName) -> String {
    let arrow = lab.world(0).arrow(name).or_else(|| lab.world(1).arrow(name));
    arrow.map(|arrow| labels::segment(&arrow.segment)).unwrap_or_default()
}

fn quoted(chunks: &[Chunk]) -> String {
    let octets: Vec<u8> = chunks.iter().flat_map(|chunk| chunk.octets.iter().copied()).collect();
    labels::quoted(&octets)
}
