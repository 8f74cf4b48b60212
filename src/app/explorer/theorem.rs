//! The theorem, premise by premise: a switch for each, and what the adversary can do without those
//! that are off.

use super::super::draw::{El, button, html, truth};
use super::super::lab::Lab;
use super::super::labels::count;
use super::super::language::Text;
use super::super::signal::Memo;
use super::worker::{Known, Stage, known};
use super::{acts, asked, progress, runs, show};
use crate::adversary::job::{Job, MOST_ACTS, Question};
use crate::adversary::theorem::{Defence, NEVER, Play, Premise};
use crate::adversary::work::Report;
use crate::world::Verdict;

pub(super) fn screen(lab: Lab) -> El {
    let switches = html("div", "premises").add(premises(lab)).add(defences(lab)).add(acts(
        lab,
        MOST_ACTS,
        move || question(lab).acts,
        |lab, acts| change(lab, |one| one.acts = acts),
    ));
    let result = html("div", "result")
        .add(progress::progress(lab, heading))
        .add(result(lab))
        .add(model(lab));
    html("div", "theorem")
        .add(html("p", "summary").text(lab.text(Text::AdvTheoremSaid)))
        .add(html("div", "explorer-columns").add(switches).add(result))
}

/// What is asked; with all premises where the words can't be read.
fn question(lab: Lab) -> Question {
    match asked(lab) {
        Some((Job::Theorem(question), _)) => question,
        Some((Job::Lengths(_) | Job::LostAcks, _)) | None => Question::default(),
    }
}

/// Asks another question.
fn change(lab: Lab, change: impl FnOnce(&mut Question)) {
    let mut question = leptos::prelude::untrack(|| question(lab));
    change(&mut question);
    show(lab, &Job::Theorem(question).to_string());
}

fn premises(lab: Lab) -> El {
    let all = button("link", move || change(lab, |question| question.without.clear()))
        .set("data-act", "all-on")
        .follow("aria-disabled", move || truth(question(lab).without.is_empty()))
        .text(lab.text(Text::AdvAllOn));
    let rows = Premise::ALL.map(|premise| {
        let [title, off] = premise_said(premise);
        let is_on = move || !question(lab).without.contains(&premise);
        let turn = move || {
            let is_on = leptos::prelude::untrack(is_on);
            change(lab, |question| question.leave_out(premise, is_on));
        };
        let why = move || if is_on() { String::new() } else { lab.say(off) };
        switch(premise.name(), lab.text(title), is_on, turn).add(html("p", "").words(why))
    });
    let head = html("div", "section-head")
        .add(html("h3", "").set("id", "premises").text(lab.text(Text::AdvPremises)))
        .add(all);
    html("section", "").add(head).add(html("ul", "").set("aria-labelledby", "premises").adds(rows))
}

fn defences(lab: Lab) -> El {
    let rows = Defence::ALL.map(|defence| {
        let is_on = move || question(lab).defences.contains(&defence);
        let turn = move || {
            let is_on = leptos::prelude::untrack(is_on);
            change(lab, |question| question.defend(defence, !is_on));
        };
        switch(defence.name(), lab.text(defence_said(defence)), is_on, turn)
    });
    html("section", "")
        .add(html("h3", "").set("id", "defences").text(lab.text(Text::AdvDefences)))
        .add(html("p", "facts").text(lab.text(Text::AdvDefencesSaid)))
        .add(html("ul", "").set("aria-labelledby", "defences").adds(rows))
}

/// A switch in a line of its own.
fn switch(
    name: &'static str,
    title: &str,
    is_on: impl Fn() -> bool + 'static,
    turn: impl Fn() + 'static,
) -> El {
    let switch = button("premise-switch", turn)
        .set("role", "switch")
        .set("data-switch", name)
        .follow("aria-checked", move || truth(is_on()))
        .add(html("span", "premise-knob").set("aria-hidden", "true"))
        .add(html("span", "").text(title));
    html("li", "").add(switch)
}

fn premise_said(premise: Premise) -> [Text; 2] {
    match premise {
        Premise::TimeWait => [Text::AdvPremiseTimeWait, Text::AdvPremiseTimeWaitOff],
        Premise::Length => [Text::AdvPremiseLength, Text::AdvPremiseLengthOff],
        Premise::Restart => [Text::AdvPremiseRestart, Text::AdvPremiseRestartOff],
        Premise::IgnoresRst => [Text::AdvPremiseIgnoresRst, Text::AdvPremiseIgnoresRstOff],
        Premise::Lifetime => [Text::AdvPremiseLifetime, Text::AdvPremiseLifetimeOff],
        Premise::Orderly => [Text::AdvPremiseOrderly, Text::AdvPremiseOrderlyOff],
        Premise::NumberRule => [Text::AdvPremiseNumberRule, Text::AdvPremiseNumberRuleOff],
        Premise::NewIss => [Text::AdvPremiseNewIss, Text::AdvPremiseNewIssOff],
    }
}

fn defence_said(defence: Defence) -> Text {
    match defence {
        Defence::Rfc5961 => Text::AdvDefenceRfc5961,
        Defence::Timestamps => Text::AdvDefenceTimestamps,
        Defence::IsnClock => Text::AdvDefenceIsnClock,
    }
}

/// The result in a word.
fn heading(lab: Lab, known: &Known) -> String {
    let acts = known.report.acts.to_string();
    let key = match known.stage {
        Stage::Idle | Stage::Starting => Text::AdvStarting,
        Stage::Searching => return lab.fill(Text::AdvSearching, &[("acts", &acts)]),
        Stage::Over if !known.report.found.is_empty() => Text::AdvFound,
        Stage::Over if is_certain(&known.report) => Text::AdvNever,
        Stage::Over => Text::AdvNotFound,
        Stage::Stopped => Text::AdvStopped,
        Stage::Lost => Text::AdvLost,
        Stage::Refused => Text::AdvRefused,
    };
    lab.say(key)
}

/// Whether what was not found can't come: all was tried, and nothing rejected.
fn is_certain(report: &Report) -> bool {
    report.is_whole && report.tried.unreal == 0
}

/// What is shown of a report. It's drawn anew when this changes, not with every count.
#[derive(Clone, PartialEq)]
struct Shown {
    stage: Stage,
    /// The report; without its counts while it's searched.
    report: Report,
    question: Question,
}

fn result(lab: Lab) -> El {
    let shown = Memo::new(move || {
        let question = question(lab);
        known(|known| {
            let mut report = known.report.clone();
            if known.stage == Stage::Searching {
                report = Report { found: report.found, ..Report::default() };
            }
            Shown { stage: known.stage, report, question }
        })
    });
    let conclusion = move || conclusion(lab, &shown.get());
    html("div", "")
        .add(html("p", "conclusion").set("role", "status").words(conclusion))
        .add(html("div", "runs").part(move || found(lab, &shown.get())))
}

/// What follows from it, exactly.
fn conclusion(lab: Lab, shown: &Shown) -> String {
    let Shown { stage, report, question } = shown;
    let tried = report.tried;
    let key = match stage {
        Stage::Idle | Stage::Starting | Stage::Lost | Stage::Refused => return String::new(),
        Stage::Searching if report.found.is_empty() => return String::new(),
        Stage::Searching => Text::AdvFoundSoFar,
        Stage::Stopped => Text::AdvStoppedSaid,
        Stage::Over if report.found.is_empty() => match (report.is_whole, tried.unreal) {
            (true, 0) => Text::AdvNeverSaid,
            (true, _) => Text::AdvNotFoundTie,
            (false, _) => Text::AdvNotFoundCut,
        },
        Stage::Over if report.is_whole => Text::AdvFoundSaid,
        Stage::Over => Text::AdvFoundCut,
    };
    // Of a search that isn't whole it's said how deep it came.
    let is_deep = *stage == Stage::Over && report.is_whole;
    let acts = if is_deep { question.acts } else { report.acts }.to_string();
    let numbers = [tried.states, tried.runs, tried.unreal, tried.cut].map(count);
    let [states, runs, unreal, cut] = &numbers;
    let values =
        [("acts", &acts), ("states", states), ("runs", runs), ("unreal", unreal), ("cut", cut)];
    lab.fill(key, &values.map(|(name, value)| (name, value.as_str())))
}

/// The runs, the shortest first; and of each other harm that it wasn't found.
fn found(lab: Lab, shown: &Shown) -> Vec<El> {
    let Shown { stage, report, question } = shown;
    let mut all: Vec<_> = report.found.iter().collect();
    all.sort_by_key(|run| (run.acts, run.steps));
    let cards = all.iter().map(|run| runs::card(lab, run, question));
    let key = match stage {
        Stage::Over if is_certain(report) => Text::AdvNoneNever,
        Stage::Over | Stage::Stopped => Text::AdvNoneNotFound,
        Stage::Searching => Text::AdvNoneSoFar,
        Stage::Idle | Stage::Starting | Stage::Lost | Stage::Refused => return Vec::new(),
    };
    let is_found = |verdict: &Verdict| report.found.iter().any(|run| run.verdict == *verdict);
    let others = NEVER.into_iter().filter(|verdict| !is_found(verdict)).map(|verdict| {
        let name = lab.text(runs::harm(verdict));
        html("li", "").set("data-none", verdict.name()).text(&lab.fill(key, &[("harm", name)]))
    });
    let others = html("ul", "none").adds(others);
    cards.chain([others]).collect()
}

/// What is tried, and what bounds it.
fn model(lab: Lab) -> El {
    let plays = Play::ALL.map(|play| html("li", "").text(lab.text(runs::play_said(play))));
    html("details", "model")
        .add(html("summary", "").text(lab.text(Text::AdvModel)))
        .add(html("p", "").text(lab.text(Text::AdvModelSaid)))
        .add(html("ul", "").adds(plays))
        .add(html("p", "").text(lab.text(Text::AdvModelBounds)))
}
