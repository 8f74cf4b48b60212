//! What happened at a moment and why: for the panel beside the ladder.

use crate::packed::packed;
use crate::tcp::call::{Call, Returned};
use crate::tcp::event::{Event, EventKind, Gate, HostId, SegmentName, TimerChange, TimerKind};
use crate::tcp::rule::Rule;
use crate::tcp::segment::Segment;
use crate::tcp::time::Time;
use crate::world::Trace;

/// What a moment began with.
#[derive(Clone, Debug, PartialEq)]
pub enum Beginning {
    /// The run begins with connections that are there.
    Start,
    /// A program called, and what came back in the same instant.
    Called(HostId, Call, Option<Returned>),
    /// A segment arrived.
    Arrived(HostId, SegmentName, Segment),
    /// A timer fired.
    Fired(HostId, TimerKind),
    /// A segment's lifetime was over.
    Died(SegmentName),
    /// A copy was let go, or a forged segment put on the wire.
    Released(SegmentName, Segment),
}

packed!(enum Beginning {
    0 Start,
    1 Called(host, call, returned),
    2 Arrived(host, name, segment),
    3 Fired(host, timer),
    4 Died(name),
    5 Released(name, segment),
});

/// A reason: the rule and the host at which it decided something; `None` on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The rule.
    pub rule: Rule,
    /// The host.
    pub host: Option<HostId>,
}

packed!(Reason { rule, host });

/// A check of an arriving segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Which.
    pub gate: Gate,
    /// What came of it.
    pub answer: Answer,
}

packed!(Asked { gate, answer });

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It passed.
    Passed(Numbers),
    /// It failed.
    Failed(Numbers),
    /// It wasn't asked.
    NotAsked,
}

packed!(enum Answer { 0 Passed(numbers), 1 Failed(numbers), 2 NotAsked });

/// The number that was tested and those that pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// The number.
    pub value: u32,
    /// The lowest that passes.
    pub low: u32,
    /// The highest that passes.
    pub high: u32,
}

packed!(Numbers { value, low, high });

/// One thing that happened at a moment, with its reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it began with.
    pub beginning: Beginning,
    /// Why what followed followed.
    pub reasons: Vec<Reason>,
    /// What followed from it that a person sees, in order.
    pub effects: Vec<Event>,
    /// The checks, where a segment arrived.
    pub gates: Vec<Asked>,
}

packed!(Step { beginning, reasons, effects, gates });

/// The story of one moment, from the trace's own steps.
pub(super) fn story(trace: &Trace, time: Time) -> Vec<Step> {
    let from = trace.events.partition_point(|event| event.time < time);
    let to = trace.events.partition_point(|event| event.time <= time);
    let steps = trace.steps(from..to).into_iter();
    steps.filter_map(|range| step(trace.events.get(range)?)).collect()
}

fn step(events: &[Event]) -> Option<Step> {
    let first = events.first()?;
    let beginning = beginning(first, events);
    let mut reasons: Vec<Reason> = Vec::new();
    let told = events.iter().filter_map(|event| Some((rule_told(event)?, event.host)));
    for (rule, host) in told {
        let reason = Reason { rule, host };
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    if reasons.is_empty() {
        // Nothing that a person sees: then what it was for is a timer, or else the last check.
        let quiet =
            |event: &&Event| matches!(event.kind, EventKind::Timer { .. } | EventKind::Gate { .. });
        let last = events.iter().skip(1).rfind(quiet);
        reasons.extend(last.map(|event| Reason { rule: event.rule, host: event.host }));
    }
    let gates = match beginning {
        Beginning::Arrived(..) => gates(events),
        Beginning::Start
        | Beginning::Called(..)
        | Beginning::Fired(..)
        | Beginning::Died(_)
        | Beginning::Released(..) => Vec::new(),
    };
    let effects = events.iter().skip(1).filter(|event| shows(event)).cloned().collect();
    Some(Step { beginning, reasons, effects, gates })
}

#[allow(clippy::wildcard_enum_match_arm)]
fn beginning(event: &Event, events: &[Event]) -> Beginning {
    let host = event.host.unwrap_or(HostId::A);
    match &event.kind {
        EventKind::Call { call, .. } => Beginning::Called(host, call.clone(), returned(events)),
        EventKind::Arrived { name, segment } => Beginning::Arrived(host, *name, segment.clone()),
        EventKind::Timer { timer, change: TimerChange::Fired, .. } => {
            Beginning::Fired(host, *timer)
        }
        EventKind::Died { name } => Beginning::Died(*name),
        EventKind::Injected { name, segment } => Beginning::Released(*name, segment.clone()),
        // A run that starts with a connection begins with whatever is noted first.
        _ => Beginning::Start,
    }
}

/// What the first call of a step returned.
fn returned(events: &[Event]) -> Option<Returned> {
    events.iter().find_map(|event| {
        if let EventKind::Return { returned, .. } = &event.kind {
            Some(returned.clone())
        } else {
            None
        }
    })
}

/// The rule of an event that is worth a sentence; of a call that is refused, that which refuses it.
#[allow(clippy::wildcard_enum_match_arm)]
fn rule_told(event: &Event) -> Option<Rule> {
    match &event.kind {
        EventKind::Return { returned, .. } => returned.refusal(),
        _ if tells(event) => Some(event.rule),
        _ => None,
    }
}

/// Whether an event's rule is worth a sentence: it changed something that a person sees.
fn tells(event: &Event) -> bool {
    match &event.kind {
        EventKind::Sent { .. }
        | EventKind::Injected { .. }
        | EventKind::Lost { .. }
        | EventKind::Died { .. }
        | EventKind::Ignored
        | EventKind::Queued { .. }
        | EventKind::State { .. }
        | EventKind::Received { .. }
        | EventKind::EndOfFile { .. }
        | EventKind::Error { .. }
        | EventKind::NoCounterpart { .. } => true,
        EventKind::Timer { timer, change, .. } => {
            *timer == TimerKind::TimeWait
                && matches!(change, TimerChange::Restarted(_) | TimerChange::Started(_))
        }
        EventKind::Gate { passed, .. } => !passed,
        EventKind::Call { .. }
        | EventKind::Return { .. }
        | EventKind::Opened { .. }
        | EventKind::Arrived { .. } => false,
    }
}

/// Whether an event is a step of its own in the telling: what left, what was lost, what changed.
fn shows(event: &Event) -> bool {
    match &event.kind {
        EventKind::Return { .. } | EventKind::Opened { .. } | EventKind::Arrived { .. } => false,
        EventKind::Gate { .. } => false,
        // What a program calls by itself, the rest begins the step.
        EventKind::Call { .. } => true,
        EventKind::Sent { .. }
        | EventKind::Injected { .. }
        | EventKind::Lost { .. }
        | EventKind::Died { .. }
        | EventKind::Ignored
        | EventKind::Queued { .. }
        | EventKind::State { .. }
        | EventKind::Timer { .. }
        | EventKind::Received { .. }
        | EventKind::EndOfFile { .. }
        | EventKind::Error { .. }
        | EventKind::NoCounterpart { .. } => tells(event),
    }
}

/// The checks in the order in which a host asks: those that it asked, and the usual ones that it
/// didn't.
fn gates(events: &[Event]) -> Vec<Asked> {
    let usual = |gate: Gate| match gate {
        Gate::FourTuple | Gate::Paws | Gate::Sequence | Gate::Ack => true,
        Gate::Rst | Gate::Syn => false,
    };
    let asked = Gate::ALL.into_iter().map(|gate| Asked { gate, answer: answer(events, gate) });
    asked.filter(|one| usual(one.gate) || one.answer != Answer::NotAsked).collect()
}

fn answer(events: &[Event], wanted: Gate) -> Answer {
    let mut answers = events.iter().filter_map(|event| {
        if let EventKind::Gate { gate, passed, value, low, high } = event.kind {
            let numbers = Numbers { value, low, high };
            let answer = if passed { Answer::Passed(numbers) } else { Answer::Failed(numbers) };
            (gate == wanted).then_some(answer)
        } else {
            None
        }
    });
    // A host may ask twice, as after a segment that ends TIME-WAIT: the last answer counts.
    answers.next_back().unwrap_or(Answer::NotAsked)
}

#[cfg(test)]
mod tests {
    use crate::picture::tests::of_scene;
    use crate::tcp::rule::Rule;
    use crate::world::scenes::SCENES;

    #[test]
    fn every_event_belongs_to_a_moment_and_every_moment_tells_something() {
        for scene in SCENES {
            let picture = of_scene(scene.name);
            let run = &picture.runs[0];
            for event in &run.trace.events {
                assert!(picture.moments.iter().any(|moment| moment.time == event.time));
            }
            for moment in &picture.moments {
                assert!(!run.story(moment.time).is_empty(), "{} {}", scene.name, moment.time);
            }
        }
    }

    #[test]
    fn a_call_that_is_refused_says_why() {
        let rules_of = |scene: &str| -> Vec<Rule> {
            let picture = of_scene(scene);
            let run = &picture.runs[0];
            let steps = picture.moments.iter().flat_map(|moment| run.story(moment.time));
            steps.flat_map(|step| step.reasons).map(|reason| reason.rule).collect()
        };
        assert!(rules_of("port-busy").contains(&Rule::FourTupleInUse));
        assert!(rules_of("server-restart").contains(&Rule::PortInUse));
        assert!(!rules_of("close").contains(&Rule::PortInUse));
    }

    #[test]
    fn the_forgotten_connection_is_the_reason_of_the_rst() {
        let picture = of_scene("lost-last-ack");
        let run = &picture.runs[0];
        let steps = picture.moments.iter().flat_map(|moment| run.story(moment.time));
        let rules: Vec<Rule> =
            steps.flat_map(|step| step.reasons).map(|reason| reason.rule).collect();
        assert!(rules.contains(&Rule::ClosedReset));
        assert!(rules.contains(&Rule::TimeWaitNone));
    }
}
