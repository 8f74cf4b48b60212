//! The panel at the right: what happened at this moment, the rules that decided it, the gates.

use std::rc::Rc;

use web_sys::Element;

use super::draw::{El, button, html};
use super::events;
use super::glossary::terms;
use super::lab::{Lab, World};
use super::labels;
use super::language::{Text, host_name, reason};
use super::later::{Code, code};
use super::paced::{Draw, Piece};
use super::signal::Signal;
use super::wire::{in_flight, kept};
use super::world::title;
use crate::picture::{Answer, Asked, Beginning, Now, Numbers, Reason, Step};
use crate::tcp::event::{Gate, TimerKind};

pub(super) fn panel(lab: Lab) -> El {
    let parts = move || match (lab.lists.get(), lab.count.get()) {
        (true, count) => match code(lab) {
            Code::Here(later) => {
                (0..count).map(|which| (later.transcript)(lab.world(which))).collect()
            }
            Code::Coming => vec![html("p", "").text("…")],
            Code::Lost => vec![html("p", "").text(lab.text(Text::SheetLost))],
        },
        (false, 1) => vec![story(lab.world(0)), in_flight(lab.world(0)), kept(lab)],
        (false, count) => {
            let columns = (0..count).map(|which| column(lab.world(which)));
            core::iter::once(both(lab)).chain(columns).collect()
        }
    };
    html("aside", "why").follow("aria-label", move || lab.say(Text::Why)).part(parts)
}

/// What happened in one world alone.
fn story(world: World) -> El {
    let shown = stories(world, true);
    let told = move |into: &Element| told(world, into, &shown.read());
    html("div", "story").set("tabindex", "0").set("role", "group").pieces(world.lab, told)
}

/// What two worlds have in common at this moment, and where they part.
fn both(lab: Lab) -> El {
    let begins = |now: &Now| now.story.first().map(|step| step.beginning.clone());
    let shown = lab.paced(move || [0, 1].map(|which| lab.world(which).now(begins)));
    let words = move || {
        let [one, other] = shown.get().map(|one| one.map(|one| began(lab, &one)));
        if one == other { one.unwrap_or_default() } else { lab.say(Text::WorldsDiffer) }
    };
    html("div", "column both")
        .add(html("h2", "").words(words))
        .add(parting(lab))
        .add(in_flight(lab.world(0)))
        .add(in_flight(lab.world(1)))
        .add(kept(lab))
}

/// Whether the worlds have parted, and the way to where they do.
fn parting(lab: Lab) -> El {
    html("p", "to-parting").part(move || {
        let parting = lab.picture.get().parting.as_ref().map(|parting| parting.time);
        let Some(time) = parting else {
            return vec![html("span", "").text(lab.text(Text::NeverPart))];
        };
        let said = lab.fill(Text::PartAt, &[("time", &labels::moment(time))]);
        vec![button("link", move || lab.to_parting()).text(&said)]
    })
}

/// What happened in one of two worlds.
fn column(world: World) -> El {
    let shown = stories(world, false);
    let told = move |into: &Element| told(world, into, &shown.read());
    let steps = html("div", "steps").pieces(world.lab, told);
    html("div", "column")
        .set("tabindex", "0")
        .set("role", "group")
        .follow("aria-label", move || title(world))
        .add(html("h3", "").words(move || title(world)))
        .add(steps)
}

/// The story of a moment in a world, and in the one beside where there is one.
type Stories = (Vec<Step>, Option<Vec<Step>>);

fn stories(world: World, is_alone: bool) -> Signal<Stories> {
    let lab = world.lab;
    let story = move |which: usize| lab.world(which).now(|now| now.story.clone());
    lab.paced(move || (story(world.which), (!is_alone).then(|| story(1 - world.which))))
}

fn told(world: World, into: &Element, shown: &Rc<Stories>) -> Vec<Piece> {
    let lab = world.lab;
    let (story, beside) = &**shown;
    let mut pieces = Vec::new();
    for at in 0..story.len() {
        step_told(lab, into, shown, at, &mut pieces);
    }
    if story.is_empty() {
        let nothing = if beside.is_none() { Text::BeginNothing } else { Text::NothingHere };
        let draw = move || vec![html("p", "nothing").text(lab.text(nothing))];
        pieces.push(Piece { into: into.clone(), draw: Box::new(draw) });
    }
    pieces
}

/// A step of a story, a piece for each reason.
fn step_told(lab: Lab, into: &Element, shown: &Rc<Stories>, at: usize, pieces: &mut Vec<Piece>) {
    let (story, beside) = &**shown;
    let Some(step) = story.get(at) else { return };
    let is_alone = beside.is_none();
    let beside = beside.as_deref().unwrap_or_default();
    // What begins it in both worlds stands beside.
    let is_shared = beside.first().is_some_and(|first| first.beginning == step.beginning);
    // A reason would give the answer away.
    let is_told = !lab.is_asking.get();

    let of_step = |draw: fn(Lab, &Step) -> Vec<El>| -> Draw {
        let shown = Rc::clone(shown);
        Box::new(move || shown.0.get(at).map(|step| draw(lab, step)).unwrap_or_default())
    };
    let section = html("section", "step");
    let told = section.element().clone();
    let first = match (is_alone, is_shared) {
        (true, _) => of_step(begun),
        (false, true) => Box::new(Vec::new),
        (false, false) => of_step(heading),
    };
    let draw = Box::new(move || vec![section.adds(first())]);
    pieces.push(Piece { into: into.clone(), draw });
    let mut add = |draw: Draw| pieces.push(Piece { into: told.clone(), draw });
    // Beside another world first what holds in this one only.
    let is_common = |reason: &Reason| beside.iter().any(|step| step.reasons.contains(reason));
    for common in [false, true] {
        for one in step.reasons.iter().copied().filter(|one| is_told && is_common(one) == common) {
            add(Box::new(move || because(lab, one).into()));
        }
    }
    if !is_alone {
        add(of_step(effects));
    }
    if is_told && !step.gates.is_empty() {
        add(of_step(gates));
    }
}

/// What a step begins with, and what came of it.
fn begun(lab: Lab, step: &Step) -> Vec<El> {
    let heading = html("h2", "").text(&began(lab, &step.beginning));
    let mut begun = vec![heading];
    begun.extend(effects(lab, step));
    begun
}

fn heading(lab: Lab, step: &Step) -> Vec<El> {
    vec![html("h4", "").text(&began(lab, &step.beginning))]
}

fn effects(lab: Lab, step: &Step) -> Vec<El> {
    let effects = step.effects.iter().filter_map(|event| events::said(lab, event));
    vec![html("ul", "effects").adds(effects.map(|said| html("li", "").text(&said)))]
}

/// What a moment began with, as a sentence.
pub(super) fn began(lab: Lab, beginning: &Beginning) -> String {
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
            let segment = lab.world(0).arrow(*name).or_else(|| lab.world(1).arrow(*name));
            let segment = segment.map(|arrow| labels::segment(&arrow.segment));
            lab.fill(Text::BeginDied, &[("segment", &segment.unwrap_or_default())])
        }
        Beginning::Released(_, segment) => {
            lab.fill(Text::BeginReleased, &[("segment", &labels::segment(segment))])
        }
    }
}

pub(super) fn timer_name(timer: TimerKind) -> Text {
    match timer {
        TimerKind::Retransmission => Text::TimerRetransmission,
        TimerKind::TailLossProbe => Text::TimerTailLossProbe,
        TimerKind::Reordering => Text::TimerReordering,
        TimerKind::Persist => Text::TimerPersist,
        TimerKind::DelayedAck => Text::TimerDelayedAck,
        TimerKind::TimeWait => Text::TimerTimeWait,
        TimerKind::FinWait2 => Text::TimerFinWait2,
        TimerKind::KeepAlive => Text::TimerKeepAlive,
    }
}

fn because(lab: Lab, one: Reason) -> [El; 2] {
    [
        html("p", "reason").adds(terms(lab, &reason(lab.language.get(), one.rule, one.host))),
        html("p", "citation").text(&citation(lab, one.rule.citation())),
    ]
}

/// Where a rule stands, in the person's language: a # is the word for a step.
pub(super) fn citation(lab: Lab, citation: &str) -> String {
    citation.replace('#', lab.text(Text::Step))
}

/// The checks with their numbers, in the order in which the host asks.
fn gates(lab: Lab, step: &Step) -> Vec<El> {
    let rows = step.gates.iter().map(|asked| {
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
    vec![html("ol", "gates").set("aria-label", lab.text(Text::Gates)).adds(rows)]
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
