//! The panel at the right: what happened at this moment, the rules that decided it, the gates.

use leptos::prelude::*;

use super::draw::{El, html};
use super::lab::Lab;
use super::labels;
use super::language::{Text, host_name, reason};
use super::wire::on_the_wire;
use crate::picture::{Answer, Asked, Beginning, Numbers, Reason, Step};
use crate::tcp::event::{Gate, TimerKind};

pub(super) fn panel(lab: Lab) -> El {
    let story = move || {
        let now = lab.now.read();
        if now.story.is_empty() {
            return vec![html("h2", "").text(lab.text(Text::BeginNothing))];
        }
        now.story.iter().map(|step| told(lab, step)).collect()
    };
    html("aside", "why")
        .follow("aria-label", move || lab.say(Text::Why))
        .add(html("div", "story").set("aria-live", "polite").part(story))
        .add(on_the_wire(lab))
}

fn told(lab: Lab, step: &Step) -> El {
    let reasons = step.reasons.iter().flat_map(|one| because(lab, *one));
    let gates = (!step.gates.is_empty()).then(|| gates(lab, &step.gates));
    html("section", "step")
        .add(html("h2", "").text(&began(lab, &step.beginning)))
        .adds(reasons)
        .adds(gates)
}

/// What a moment began with, as a sentence.
fn began(lab: Lab, beginning: &Beginning) -> String {
    match beginning {
        Beginning::Start => lab.text(Text::BeginStart).to_owned(),
        Beginning::Called(host, call, returned) => {
            let call = labels::asked(call, returned.as_ref());
            lab.fill(Text::BeginCalled, &[("host", host_name(*host)), ("call", &call)])
        }
        Beginning::Arrived(host, _, segment) => {
            let segment = labels::segment(segment);
            lab.fill(Text::BeginArrived, &[("host", host_name(*host)), ("segment", &segment)])
        }
        Beginning::Fired(host, timer) => {
            let timer = lab.text(timer_name(*timer));
            lab.fill(Text::BeginFired, &[("host", host_name(*host)), ("timer", timer)])
        }
        Beginning::Died(name) => {
            let segment = lab.arrow(*name).map(|arrow| labels::segment(&arrow.segment));
            lab.fill(Text::BeginDied, &[("segment", &segment.unwrap_or_default())])
        }
        Beginning::Released(_, segment) => {
            lab.fill(Text::BeginReleased, &[("segment", &labels::segment(segment))])
        }
    }
}

fn timer_name(timer: TimerKind) -> Text {
    match timer {
        TimerKind::Retransmission => Text::TimerRetransmission,
        TimerKind::TailLossProbe => Text::TimerTailLossProbe,
        TimerKind::Reordering => Text::TimerReordering,
        TimerKind::Persist => Text::TimerPersist,
        TimerKind::DelayedAck => Text::TimerDelayedAck,
        TimerKind::TimeWait => Text::TimerTimeWait,
        TimerKind::FinWait2 => Text::TimerFinWait2,
    }
}

fn because(lab: Lab, one: Reason) -> [El; 2] {
    [
        html("p", "reason").text(&reason(lab.language.get(), one.rule, one.host)),
        html("p", "citation").text(one.rule.citation()),
    ]
}

/// The checks with their numbers, in the order in which the host asks.
fn gates(lab: Lab, gates: &[Asked]) -> El {
    let rows = gates.iter().map(|asked| {
        let Asked { gate, answer } = *asked;
        let (class, sign, said, numbers) = match answer {
            Answer::Passed(numbers) => ("passed", "✓", Text::Passed, range(gate, numbers)),
            Answer::Failed(numbers) => ("failed", "✕", Text::Failed, range(gate, numbers)),
            Answer::NotAsked => ("not-asked", "–", Text::NotAsked, String::new()),
        };
        let sign = html("span", "sign").text(sign).set("role", "img");
        html("li", class)
            .add(sign.set("aria-label", lab.text(said)))
            .add(html("span", "").text(lab.text(gate_name(gate))))
            .add(html("span", "range").text(&numbers))
    });
    html("ol", "gates").set("aria-label", lab.text(Text::Gates)).adds(rows)
}

fn gate_name(gate: Gate) -> Text {
    match gate {
        Gate::FourTuple => Text::GateFourTuple,
        Gate::Paws => Text::GatePaws,
        Gate::Sequence => Text::GateSequence,
        Gate::Rst => Text::GateRst,
        Gate::Syn => Text::GateSyn,
        Gate::Ack => Text::GateAck,
    }
}

/// The number and those that pass, as far as a number says anything.
fn range(gate: Gate, numbers: Numbers) -> String {
    let Numbers { value, low, high } = numbers;
    match gate {
        Gate::FourTuple => String::new(),
        Gate::Paws => format!("{value} ≥ {low}"),
        Gate::Sequence | Gate::Rst | Gate::Syn | Gate::Ack if low == high => {
            format!("{value} = {low}")
        }
        Gate::Sequence | Gate::Rst | Gate::Syn | Gate::Ack if low > high => {
            // The circle has no beginning: what lies before zero is easier to read below it.
            format!("{value} : −{} … {high}", low.wrapping_neg())
        }
        Gate::Sequence | Gate::Rst | Gate::Syn | Gate::Ack => format!("{value} : {low} … {high}"),
    }
}
