//! How far a search is: what was tried, how fast, and the way to stop it.

use super::super::draw::{El, button, html, truth};
use super::super::lab::Lab;
use super::super::labels::{count, decimal};
use super::super::language::Text;
use super::worker::{self, Known, Stage, known};

/// The octets of a MiB.
const MIB: u64 = 1 << 20;

/// What was tried, how fast, with a bar where the end is known, and a button.
pub(super) fn progress(lab: Lab, words: fn(Lab, &Known) -> String) -> El {
    let is_busy = || known(|known| matches!(known.stage, Stage::Starting | Stage::Searching));
    let done = || known(|known| known.report.done.filter(|_| known.stage == Stage::Searching));
    let press = move || {
        if leptos::prelude::untrack(is_busy) {
            worker::stop();
        } else {
            let job = leptos::prelude::untrack(|| known(|known| known.job.clone()));
            worker::begin(&job, lab.language.get_untracked());
        }
    };
    let act = button("", press)
        .set("data-act", "search")
        .words(move || lab.say(if is_busy() { Text::AdvCancel } else { Text::AdvAgain }));
    let bar = html("div", "bar")
        .set("aria-hidden", "true")
        .style("--done", move || done().map_or("0".to_owned(), |done| decimal(done.into(), 3)));
    html("div", "progress")
        .follow("data-busy", move || truth(is_busy()))
        .add(
            html("p", "")
                .add(html("b", "").words(move || known(|known| words(lab, known))))
                .text(" ")
                .add(html("span", "counts").words(move || known(|known| counts(lab, known)))),
        )
        .add(act)
        .add(bar)
}

/// What was tried, in numbers.
fn counts(lab: Lab, known: &Known) -> String {
    let tried = known.report.tried;
    if tried.states == 0 {
        return String::new();
    }
    let rate = tried.states * 1_000 / known.took.max(1);
    let time = decimal(known.took / 100, 1);
    let values = [
        ("states", count(tried.states)),
        ("runs", count(tried.runs)),
        ("time", format!("{time} s")),
        ("rate", count(rate)),
        ("memory", (known.octets / MIB).to_string()),
    ];
    let values: Vec<(&str, &str)> =
        values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    lab.fill(Text::AdvCounts, &values)
}
