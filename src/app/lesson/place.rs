//! The place of a lesson above the stage: what is told at a stop, and the way on.

use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent};

use super::super::draw::{El, button, html};
use super::super::keys::focus;
use super::super::lab::{Going, Lab, Taken};
use super::super::language::Text;
use super::super::player;
use super::super::sheet::Sheet;
use super::files::{self, File};
use super::{
    Progress, Stop, beat_at, of, puzzle, question, recorded, runs, scene_of, stops, words,
};
use crate::lesson::{Beat, Part, Published};
use crate::tcp::time::Time;
use crate::world::Scene;

/// How long before a moment a question stops the stage: a share of a segment's flight.
const BEFORE: f64 = 0.16;

/// So many seconds a new scene plays before its first stop.
const RUN_UP: f64 = 3.0;

/// The place. It is empty while no lesson is taken, or while it is left.
pub(in super::super) fn place(lab: Lab) -> El {
    question::remember(lab);
    follow(lab);
    html("section", "lesson")
        .set("tabindex", "0")
        .follow("aria-label", move || lab.say(Text::Lesson))
        .follow("aria-description", move || lab.say(Text::LessonKeys))
        .on("keydown", move |event| press(lab, &event))
        .part(move || drawn(lab))
}

/// Brings the stage to the stop where somebody wants to be, when the lesson's file is here.
fn follow(lab: Lab) {
    Effect::new(move |before: Option<Option<Going>>| {
        let going = lab.lesson.get();
        let wanted = going.clone().filter(|going| !going.is_left);
        // To say so again would draw the reasons anew.
        if lab.is_asking.get_untracked() {
            lab.is_asking.set(false);
        }
        let wanted = wanted?;
        // Once: what is lost is asked for again by who wants it.
        if before.as_ref().and_then(Option::as_ref) != Some(&wanted) {
            files::ask_for(&wanted.name);
        }
        if let File::Here(published) = files::lesson(&wanted.name) {
            let stop = stops(&published).get(wanted.stop).copied();
            lab.is_asking.set(matches!(stop, Some(Stop::Ask(..))));
            if wanted.is_new {
                let before = before.flatten().filter(|before| before.name == wanted.name);
                untrack(|| enter(lab, &published, &wanted, before.map(|before| before.stop)));
                return lab.lesson.get_untracked();
            }
        }
        going
    });
}

/// The stage as it is at a stop. It plays there where somebody goes on.
fn enter(lab: Lab, published: &Published, going: &Going, before: Option<usize>) {
    let stops = stops(published);
    let last = stops.len().saturating_sub(1);
    let number = going.stop.min(last);
    let Some(stop) = stops.get(number).copied() else { return };
    lab.has_intro.set(false);
    lab.sheet.set(None);
    lab.taken.set(Taken::default());
    lab.lesson.set(Some(Going { is_new: false, ..Going::to(&going.name, number) }));
    Progress::note_stop(&going.name, number, stops.len());
    let begins = scene_of(published, stop).is_some_and(|scene| opened(lab, scene));
    let goes_on = before.is_none_or(|before| before < number);
    match stop {
        Stop::Ask(part, beat) | Stop::Tell(part, beat) => {
            let is_question = matches!(stop, Stop::Ask(..));
            let moment =
                beat_at(published, part, beat).and_then(|(_, beat)| beat.at.find(&runs(lab)));
            if let Some(time) = moment {
                let time = if is_question { just_before(lab, time) } else { time };
                // Into the middle of a part somebody comes by a link, or back to it.
                let comes_back = before.is_none() && !begins;
                if begins && beat > 0 || !goes_on || comes_back {
                    lab.go_to(time);
                } else {
                    if begins {
                        lab.go_to(run_up(lab, time));
                    }
                    lab.play_until(time);
                }
            }
        }
        Stop::Puzzle(_) => lab.go_to(Time::START),
        Stop::End => {}
    }
    // What had the focus may be gone; a clicker wants it here.
    request_animation_frame(|| {
        let focused = document().active_element();
        let is_here = |at: Element| at.closest(".lesson").ok().flatten().is_some();
        if !focused.is_some_and(is_here) {
            focus(".lesson");
        }
    });
}

/// Opens a scene, unless the one on the stage was opened as the same. Whether it did.
fn opened(lab: Lab, scene: Scene) -> bool {
    if lab.opened.with_untracked(|opened| **opened == scene) {
        return false;
    }
    let scene = Rc::new(scene);
    lab.opened.set(Rc::clone(&scene));
    lab.change_to(scene);
    lab.go_to(Time::START);
    true
}

/// Where a new scene begins to play: what comes before is seen above the line.
fn run_up(lab: Lab, time: Time) -> Time {
    let picture = lab.picture.get_untracked();
    let seconds = player::pace(&picture, lab.speed.get_untracked()) * RUN_UP;
    picture.axis.time((picture.axis.place(time) - seconds).max(0.0))
}

/// A little before a moment, and not before the one before it.
fn just_before(lab: Lab, time: Time) -> Time {
    let picture = lab.picture.get_untracked();
    let place = picture.axis.place(time) - BEFORE / picture.axis.length().max(1.0);
    let earliest = picture.previous(time).map_or(Time::START, |moment| moment.time);
    let latest = Time(time.0.saturating_sub(1));
    picture.axis.time(place.max(0.0)).max(earliest).min(latest)
}

/// Somewhere else in the lesson; where the stage still plays towards the stop, it's there at once.
fn go(lab: Lab, by: isize) {
    let Some(going) = lab.lesson.get_untracked() else { return };
    if let (Some(until), true) = (lab.until.get_untracked(), by > 0) {
        return lab.go_to(until);
    }
    // A class has thought about it: first the answer, then the way on.
    if by > 0 && lab.hides.get_untracked() && lab.is_asking.get_untracked() {
        let is_revealed = lab.taken.with_untracked(|taken| taken.is_revealed);
        if !is_revealed {
            return lab.taken.update(|taken| taken.is_revealed = true);
        }
    }
    if let Some(stop) = going.stop.checked_add_signed(by) {
        let is_there = |published: &Published| stop < stops(published).len();
        let File::Here(published) = untrack(|| files::lesson(&going.name)) else { return };
        if is_there(&published) {
            lab.lesson.set(Some(Going::to(&going.name, stop)));
        }
    }
}

/// The keys of a clicker, the arrows, and a number for each choice.
fn press(lab: Lab, event: &Event) {
    let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let is_control = target.is_some_and(|at| at.matches("button, a").unwrap_or(false));
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    match event.key().as_str() {
        "PageDown" | "ArrowRight" | "ArrowDown" => go(lab, 1),
        " " if !is_control => go(lab, 1),
        "PageUp" | "ArrowLeft" | "ArrowUp" => go(lab, -1),
        key => match key.parse::<u32>().ok().and_then(|number| number.checked_sub(1)) {
            Some(place) if lab.letters.get_untracked() => choose(place),
            _ => return,
        },
    }
    event.prevent_default();
}

fn choose(place: u32) {
    let choices = document().query_selector_all(".lesson .answer").ok();
    let choice = choices.and_then(|choices| choices.get(place)?.dyn_into::<HtmlElement>().ok());
    if let Some(choice) = choice {
        choice.click();
    }
}

fn drawn(lab: Lab) -> Vec<El> {
    let Some(going) = lab.lesson.get().filter(|going| !going.is_left) else { return Vec::new() };
    match files::lesson(&going.name) {
        File::Coming => vec![html("p", "beat").text("…")],
        File::Lost => {
            let name = going.name.clone();
            let again = button("", move || files::ask_for(&name)).text(lab.text(Text::TryAgain));
            vec![
                html("p", "beat").text(lab.text(Text::LessonLost)),
                html("nav", "").add(again).add(leave(lab)),
            ]
        }
        File::Here(published) => at_stop(lab, &published, &going),
    }
}

fn at_stop(lab: Lab, published: &Published, going: &Going) -> Vec<El> {
    let stops = stops(published);
    let number = going.stop.min(stops.len().saturating_sub(1));
    let Some(stop) = stops.get(number).copied() else { return Vec::new() };
    let told = match stop {
        Stop::Ask(part, beat) => beat_at(published, part, beat)
            .and_then(|(_, beat)| question::asked(lab, beat.question.as_ref()?, &beat.at))
            .unwrap_or_else(|| vec![html("p", "beat").text(lab.text(Text::NotInThisRun))]),
        Stop::Tell(part, beat) => beat_at(published, part, beat)
            .map(|(whole, beat)| told(lab, published, part, whole, beat))
            .unwrap_or_default(),
        Stop::Puzzle(number) => {
            let start = scene_of(published, stop).map(|scene| scene.scenario);
            let puzzle = published.lesson.puzzles.get(number).zip(start);
            puzzle
                .map(|(puzzle, start)| puzzle::puzzle(lab, &going.name, number, puzzle, start))
                .unwrap_or_default()
        }
        Stop::End => end(lab, published),
    };
    let is_last = number + 1 == stops.len();
    let body =
        html("div", "lesson-body").set("aria-live", "polite").adds(told).adds(changed(lab, stop));
    vec![head(lab, published, stop, number, stops.len()), body, ways(lab, stop, number, is_last)]
}

fn head(lab: Lab, published: &Published, stop: Stop, number: usize, all: usize) -> El {
    let language = lab.language.get();
    let title = of(language, &published.lesson.title);
    let part = match stop {
        Stop::Ask(part, _) | Stop::Tell(part, _) => {
            let part = published.lesson.parts.get(part);
            part.map(|part| of(language, &part.title).to_owned()).unwrap_or_default()
        }
        Stop::Puzzle(_) => lab.say(Text::Puzzle),
        Stop::End => lab.say(Text::Reading),
    };
    let (number, all) = ((number + 1).to_string(), all.to_string());
    let said = lab.fill(Text::StopOf, &[("number", &number), ("all", &all)]);
    let count = html("span", "count").set("role", "img").set("aria-label", &said);
    html("div", "lesson-head")
        .add(html("h2", "").text(title))
        .add(html("span", "part-title").text(&part))
        .add(count.text(&format!("{number} / {all}")))
}

fn told(lab: Lab, published: &Published, number: usize, part: &Part, beat: &Beat) -> Vec<El> {
    let text = html("p", "beat").text(of(lab.language.get(), &beat.text));
    let is_there = beat.at.find(&runs(lab)).is_some();
    let gone = (!is_there).then(|| html("p", "note").text(lab.text(Text::NotInThisRun)));
    let known = recorded::known(lab, published, part).map(|words| {
        button("link", move || lab.sheet.set(Some(Sheet::Recorded(number)))).text(&words)
    });
    let sources = html("div", "sources").add(words::cites(lab, &beat.cites)).adds(known);
    [text].into_iter().chain(gone).chain([sources]).collect()
}

/// A word on a scene that isn't the lesson's any more, and the way back to that.
fn changed(lab: Lab, stop: Stop) -> Option<El> {
    if !matches!(stop, Stop::Ask(..) | Stop::Tell(..)) || !lab.is_changed() {
        return None;
    }
    let restore = button("link", move || lab.reset()).text(lab.text(Text::RestoreScene));
    Some(html("p", "note").text(lab.text(Text::SceneChanged)).text(" ").add(restore))
}

fn end(lab: Lab, published: &Published) -> Vec<El> {
    files::ask_for_list();
    let language = lab.language.get();
    let readings = published.lesson.readings.iter().map(|reading| {
        let cite = words::cite(lab, &reading.cite);
        html("li", "").add(cite).text(": ").text(of(language, &reading.text))
    });
    let name = published.name.clone();
    let next = html("div", "choices").part(move || {
        let File::Here(list) = files::list() else { return Vec::new() };
        let after = list.iter().skip_while(|listed| listed.name != name).nth(1).cloned();
        let next = after.map(|next| {
            let title = of(lab.language.get(), &next.title).to_owned();
            button("", move || lab.lesson.set(Some(Going::to(&next.name, 0))))
                .text(&lab.fill(Text::NextLesson, &[("title", &title)]))
        });
        let all = button("", move || lab.sheet.set(Some(Sheet::Lessons)));
        next.into_iter().chain([all.text(lab.text(Text::AllLessons))]).collect()
    });
    vec![html("ul", "readings").adds(readings), next]
}

fn ways(lab: Lab, stop: Stop, number: usize, is_last: bool) -> El {
    let is_question = matches!(stop, Stop::Ask(..));
    let skips = move || {
        let is_open = lab.taken.with(|taken| taken.chosen.is_empty() && !taken.is_revealed);
        lab.until.with(Option::is_some) || is_question && is_open && !lab.hides.get()
    };
    let back = button("", move || go(lab, -1)).text(lab.text(Text::Back));
    let next = button("", move || go(lab, 1))
        .set("data-next", "")
        .words(move || lab.say(if skips() { Text::Skip } else { Text::Next }));
    let off = |way: El, is_off: bool| if is_off { way.set("aria-disabled", "true") } else { way };
    html("nav", "")
        .set("aria-label", lab.text(Text::Lesson))
        .add(off(back, number == 0))
        .add(off(next, is_last))
        .add(leave(lab))
}

/// To the free lab, with the scene as it stands.
fn leave(lab: Lab) -> El {
    let leave = move || {
        lab.lesson.update(|going| {
            if let Some(going) = going {
                going.is_left = true;
            }
        });
        lab.focus_stage();
    };
    button("quiet", leave).text(lab.text(Text::LeaveLesson))
}
