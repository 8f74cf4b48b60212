//! A puzzle: the engine says whether it is solved, by whatever way.

use super::super::draw::{El, button, html, keep};
use super::super::lab::Lab;
use super::super::language::Text;
use super::super::signal::Memo;
use super::{Progress, of};
use crate::lesson::Puzzle;
use crate::world::Scenario;

/// What is to be done, the hints that were asked for, and whether it is done.
pub(super) fn puzzle(
    lab: Lab,
    name: &str,
    number: usize,
    puzzle: &Puzzle,
    start: Scenario,
) -> Vec<El> {
    let language = lab.language.get();
    let ask = html("p", "ask").text(of(language, &puzzle.ask));
    let solved = {
        let puzzle = puzzle.clone();
        Memo::new(move || {
            let picture = lab.picture.get();
            let first = picture.runs.first();
            first.is_some_and(|run| puzzle.is_solved(&start, &run.trace.scenario, &run.trace))
        })
    };
    let name = name.to_owned();
    keep(Box::new(move |_| {
        if solved.get() {
            Progress::note_solved(&name, number);
        }
        0
    }));
    let hints: Vec<String> =
        puzzle.hints.iter().map(|hint| of(language, hint).to_owned()).collect();
    let all = hints.len();
    let more =
        button("", move || lab.taken.update(|taken| taken.hints = (taken.hints + 1).min(all)))
            .follow("aria-disabled", move || {
                let is_all = lab.taken.with(|taken| taken.hints >= all);
                if is_all { "true".to_owned() } else { "false".to_owned() }
            })
            .words(move || {
                let shown = lab.taken.with(|taken| taken.hints).to_string();
                lab.fill(Text::Hint, &[("shown", &shown), ("all", &all.to_string())])
            });
    let again = button("", move || lab.reset()).text(lab.text(Text::PuzzleAgain));
    let state = html("span", "")
        .follow("class", move || {
            if solved.get() { "verdict good" } else { "verdict open" }.to_owned()
        })
        .words(move || lab.say(if solved.get() { Text::Solved } else { Text::NotSolved }));
    let state = html("div", "").set("aria-live", "polite").add(state);
    let shown = html("div", "came").set("aria-live", "polite").part(move || {
        let shown = lab.taken.with(|taken| taken.hints);
        hints.iter().take(shown).map(|hint| html("p", "").text(hint)).collect()
    });
    let how = html("p", "note").text(lab.text(Text::PuzzleHow));
    vec![ask, how, html("div", "choices").add(state).add(more).add(again), shown]
}
