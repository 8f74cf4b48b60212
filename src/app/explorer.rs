//! The adversary's screens: the theorem premise by premise, why 2MSL, how many lost ACKs.
//!
//! What is asked stands in the address: `show=theorem without-length`, `show=lengths
//! point-9-foreign-fin`. A screen draws what its words say, has the [`worker`] search it, and changes
//! the words when somebody asks for something else.

mod lengths;
mod lost;
mod progress;
mod runs;
mod theorem;
mod worker;

use leptos::prelude::{on_cleanup, request_animation_frame};

use super::draw::{El, button, html, keep, truth};
use super::keys::focus;
use super::lab::Lab;
use super::language::Text;
use super::sheet::Sheet;
use crate::adversary::job::Job;

/// The screens: the first word of each, and its name.
const SCREENS: [(&str, Text); 3] = [
    ("theorem", Text::AdvTheorem),
    ("lengths", Text::AdvLengths),
    ("lost-acks", Text::AdvLostAcks),
];

/// What begins the words of a chosen point.
const POINT: &str = "point-";

/// The title and the content of a screen; `None`: the words are none of the adversary's.
pub(super) fn sheet(lab: Lab, words: &str) -> Option<(String, El)> {
    let name = screen_of(words)?;
    on_cleanup(move || {
        // Closed, or another sheet: nobody looks at what it searches.
        let is_ours =
            |sheet: Sheet| matches!(sheet, Sheet::Shown(words) if screen_of(&words).is_some());
        if !lab.sheet.get_untracked().is_some_and(is_ours) {
            worker::close();
        }
    });
    follow(lab);
    let screen = match name {
        "theorem" => theorem::screen(lab),
        "lengths" => lengths::screen(lab),
        _ => lost::screen(lab),
    };
    let content = html("div", "explorer").set("data-screen", name).add(tabs(lab, name)).add(screen);
    Some((lab.say(Text::AdvTitle), content))
}

/// The name of the screen that words are of.
fn screen_of(words: &str) -> Option<&'static str> {
    let first = words.split(' ').next().unwrap_or_default();
    SCREENS.into_iter().map(|(name, _)| name).find(|name| *name == first)
}

/// The screens to choose from.
fn tabs(lab: Lab, name: &str) -> El {
    let tab = |(own, title): (&'static str, Text)| {
        let choose = move || {
            // The sheet is drawn anew; who chose it is on its name then.
            request_animation_frame(|| focus(".tabs [aria-pressed=true]"));
            show(lab, own);
        };
        button("", choose)
            .set("data-show", own)
            .set("aria-pressed", &truth(own == name))
            .text(lab.text(title))
    };
    html("div", "tabs choice")
        .set("role", "group")
        .set("aria-label", lab.text(Text::AdvTabs))
        .adds(SCREENS.map(tab))
}

/// Has the worker search what the words say.
fn follow(lab: Lab) {
    keep(Box::new(move |_| {
        if let Some((job, _)) = asked(lab) {
            worker::ask(&job.to_string(), lab.language.get());
        }
        0
    }));
}

/// What the words of the sheet ask for: the job, and the point that is chosen. `None`: they are of
/// another sheet, or can't be read.
fn asked(lab: Lab) -> Option<(Job, Option<String>)> {
    let Some(Sheet::Shown(words)) = lab.sheet.get() else { return None };
    let is_point = |word: &&str| word.starts_with(POINT);
    let job: Vec<&str> = words.split(' ').filter(|word| !is_point(word)).collect();
    let point = words.split(' ').find(is_point).and_then(|word| word.strip_prefix(POINT));
    Some((job.join(" ").parse().ok()?, point.map(str::to_owned)))
}

/// Asks for something else.
fn show(lab: Lab, words: &str) {
    lab.sheet.set(Some(Sheet::Shown(words.to_owned())));
}

/// Chooses a point of a chart; the job stays.
fn choose(lab: Lab, job: &Job, point: &str) {
    show(lab, &format!("{job} {POINT}{point}"));
}

/// The number of acts, to be chosen from.
fn acts(lab: Lab, most: u8, now: impl Fn() -> u8 + Copy + 'static, set: fn(Lab, u8)) -> El {
    let one = move |acts: u8| {
        button("", move || set(lab, acts))
            .follow("aria-pressed", move || truth(now() == acts))
            .text(&acts.to_string())
    };
    html("div", "acts")
        .add(html("span", "").set("id", "acts-label").text(lab.text(Text::AdvActs)))
        .add(
            html("div", "choice")
                .set("role", "group")
                .set("aria-labelledby", "acts-label")
                .adds((1..=most).map(one)),
        )
}
