//! A run that was found: what happens in it, what allowed it, and the way to the stage.

use super::super::draw::{El, button, html};
use super::super::lab::Lab;
use super::super::language::{Text, host_name};
use crate::adversary::job::Question;
use crate::adversary::theorem::{Play, prevented};
use crate::adversary::work::Run;
use crate::world::{Scenario, Scene, Verdict, parse_scenario};

/// The name of a harm.
pub(super) fn harm(verdict: Verdict) -> Text {
    let [name, _] = texts(verdict);
    name
}

/// The name of a harm, and what happens then.
fn texts(verdict: Verdict) -> [Text; 2] {
    match verdict {
        Verdict::ForeignOctets => [Text::AdvHarmForeignOctets, Text::AdvSaidForeignOctets],
        Verdict::ForeignFin => [Text::AdvHarmForeignFin, Text::AdvSaidForeignFin],
        Verdict::OldRst => [Text::AdvHarmOldRst, Text::AdvSaidOldRst],
        // No other verdict is looked for.
        Verdict::SpuriousRst
        | Verdict::TimeWaitCutShort
        | Verdict::Aborted
        | Verdict::AbortedByPeer
        | Verdict::Refused
        | Verdict::GivenUp
        | Verdict::Stuck
        | Verdict::ClosedInOrder
        | Verdict::Open => [Text::AdvHarmSpuriousRst, Text::AdvSaidSpuriousRst],
    }
}

/// What the programs do in a play.
pub(super) fn play_said(play: Play) -> Text {
    match play {
        Play::AskerAgain => Text::AdvPlayAskerAgain,
        Play::AnswerAgain => Text::AdvPlayAnswerAgain,
        Play::PeerAgain => Text::AdvPlayPeerAgain,
        Play::FromTheStart => Text::AdvPlayFromTheStart,
        Play::Abort => Text::AdvPlayAbort,
    }
}

/// A run with its sentences and ways, and the question that it answers.
pub(super) fn card(lab: Lab, run: &Run, question: &Question) -> El {
    let [name, said] = texts(run.verdict);
    let names = [("host", host_name(run.host)), ("peer", host_name(run.host.other()))];
    let (acts, steps) = (run.acts.to_string(), run.steps.to_string());
    let facts = lab.fill(Text::AdvFacts, &[("acts", &acts), ("steps", &steps)]);
    let play = Play::ALL.into_iter().find(|play| play.name() == run.play);
    let play = play.map(|play| html("p", "facts").text(lab.text(play_said(play))));
    let title = html("h3", "")
        .add(html("span", "").set("aria-hidden", "true").text("✕ "))
        .text(lab.text(name));
    html("article", "found")
        .set("data-harm", run.verdict.name())
        .add(title)
        .add(html("p", "").text(&lab.fill(said, &names)))
        .adds(play)
        .add(html("p", "facts").text(&facts))
        .add(stage_ways(lab, &run.scenario, run.verdict, question))
}

/// The way of a scenario to the stage; where one rule of one host prevents what it shows, in two
/// worlds too.
fn stage_ways(lab: Lab, text: &str, verdict: Verdict, question: &Question) -> El {
    // It's the worker's own text, which reads back.
    let Ok(scenario) = parse_scenario(text) else { return html("div", "") };
    let other = prevented(&scenario, verdict, &question.without, &question.defences);
    let two = other.map(|other| {
        let scene = Scene { scenario: scenario.clone(), other: Some(other) };
        button("", move || open(lab, scene.clone()))
            .set("data-open", "two")
            .text(lab.text(Text::AdvOpenTwo))
    });
    html("div", "choices").add(stage_way(lab, scenario)).adds(two)
}

/// The way of a scenario to the stage.
pub(super) fn stage_way(lab: Lab, scenario: Scenario) -> El {
    let scene = Scene { scenario, other: None };
    button("primary", move || open(lab, scene.clone()))
        .set("data-open", "one")
        .text(lab.text(Text::AdvOpen))
}

/// Shows a scene on the stage. A lesson that is taken is left, to come back.
fn open(lab: Lab, scene: Scene) {
    lab.lesson.update(|going| {
        if let Some(going) = going {
            going.is_left = true;
        }
    });
    lab.has_intro.set(false);
    lab.open(scene);
    lab.sheet.set(None);
}
