//! Time in the person's hands: play, pause, step, scrub, speed, undo.

use leptos::prelude::*;

use super::draw::{El, button, html, truth};
use super::lab::Lab;
use super::labels::{self, percent};
use super::language::Text;
use super::later;
use crate::tcp::time::Time;

/// The scrub bar's whole length.
const SCALE: f64 = 10_000.0;
/// The speeds, in eighths of the usual one.
const SPEEDS: [(u32, &str); 7] =
    [(1, "⅛×"), (2, "¼×"), (4, "½×"), (8, "1×"), (16, "2×"), (32, "4×"), (64, "8×")];
/// Two lengths at the scrub bar must be so far apart to be read.
const APART: f64 = 0.07;

pub(super) fn transport(lab: Lab) -> El {
    let step = |text: Text, sign: &str, act: fn(Lab)| {
        signed(lab, "jump", move || lab.say(text), act).set("data-sign", sign)
    };
    let pick =
        move |playing: Text, paused: Text| if lab.is_playing.get() { playing } else { paused };
    let play =
        signed(lab, "play", move || lab.say(pick(Text::Pause, Text::Play)), Lab::toggle_play)
            .follow("data-sign", move || {
                if lab.is_playing.get() { "pause" } else { "play" }.to_owned()
            });
    let clock = html("output", "clock").text("t = ");
    html("footer", "transport")
        .set("role", "group")
        .follow("aria-label", move || lab.say(Text::Transport))
        .add(step(Text::ToStart, "first", Lab::to_start))
        .add(step(Text::StepBack, "back", Lab::step_back))
        .add(play)
        .add(step(Text::StepForward, "forward", Lab::step_forward))
        .add(step(Text::ToEnd, "last", Lab::to_end))
        .add(clock.words(move || labels::moment(lab.reading.get())))
        .add(scrub(lab))
        .add(speed(lab))
        .add(
            step(Text::Undo, "undo", Lab::undo)
                .follow("aria-disabled", move || truth(!lab.can_undo())),
        )
        .add(
            step(Text::Redo, "redo", Lab::redo)
                .follow("aria-disabled", move || truth(!lab.can_redo())),
        )
        .add(
            step(Text::Reset, "reset", reset)
                .follow("aria-disabled", move || truth(!is_changed(lab))),
        )
}

fn reset(lab: Lab) {
    later::with(lab, Box::new(move |later| (later.reset)(lab)));
}

/// Nobody changes the scene before the code is here.
fn is_changed(lab: Lab) -> bool {
    lab.scene.track();
    lab.opened.track();
    later::here().is_some_and(|later| (later.is_changed)(lab))
}

/// A button with a sign in place of words.
fn signed(lab: Lab, class: &str, said: impl Fn() -> String + Copy + 'static, act: fn(Lab)) -> El {
    button(class, move || act(lab)).follow("aria-label", said).follow("title", said)
}

/// The scrub bar: a tick for every moment, a gap for every break.
fn scrub(lab: Lab) -> El {
    let go = move |event| {
        let place = event_target_value(&event).parse::<u32>().map_or(0.0, f64::from) / SCALE;
        let time = lab.picture.get_untracked().axis.time(place);
        lab.go_to(time);
    };
    let done = html("div", "done").set("aria-hidden", "true");
    // The browser's own would need a new layout in every frame.
    let knob = html("div", "knob").set("aria-hidden", "true");
    let bar = html("input", "")
        .set("type", "range")
        .set("min", "0")
        .set("max", "10000")
        .follow("aria-label", move || lab.say(Text::Scrub))
        .follow("aria-valuetext", move || moment_said(lab))
        .value(move || to_scale(lab.picture.get().axis.place(lab.reading.get())).to_string())
        .on("input", go);
    html("div", "scrub")
        .add(html("div", "ticks").set("aria-hidden", "true").part(move || ticks(lab)))
        .add(done.moves(lab, Vec::new, |place| format!("scaleX({})", percent(place))))
        .add(knob.moves(lab, Vec::new, |place| format!("translateX({})", percent(place))))
        .add(bar)
}

fn speed(lab: Lab) -> El {
    button("speed", move || next_speed(lab))
        .follow("aria-label", move || lab.fill(Text::Speed, &[("speed", speed_name(lab))]))
        .words(move || speed_name(lab).to_owned())
}

fn moment_said(lab: Lab) -> String {
    let picture = lab.picture.get();
    let steps = picture.moments.len().to_string();
    let step = lab.moment.get().map_or(0, |at| at + 1).to_string();
    // While it plays it's said where something happens.
    let time = if lab.is_moving() {
        lab.moment.get().and_then(|at| picture.moments.get(at)).map_or(Time::START, |one| one.time)
    } else {
        lab.reading.get()
    };
    let time = labels::moment(time);
    lab.fill(Text::ScrubValue, &[("time", &time), ("step", &step), ("steps", &steps)])
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn to_scale(place: f64) -> u32 {
    (place * SCALE).round().max(0.0) as u32
}

fn ticks(lab: Lab) -> Vec<El> {
    let picture = lab.picture.get();
    let at = |class: &str, place: f64| {
        let left = percent(place);
        html("i", class).style("left", move || left.clone())
    };
    let ticks = picture.moments.iter().map(|moment| at("tick", moment.place));
    let parting = picture.parting.as_ref().map(|parting| picture.axis.place(parting.time));
    let parting = parting.map(|place| at("part", place));
    let mut last = -1.0;
    let gaps = picture.axis.breaks().iter().filter_map(|one| {
        if one.place - last < APART {
            return None;
        }
        last = one.place;
        Some(at("gap", one.place).text("≈ ").text(&labels::span(one.left_out)))
    });
    ticks.chain(parting).chain(gaps).collect()
}

fn speed_name(lab: Lab) -> &'static str {
    let speed = lab.speed.get();
    SPEEDS.iter().find(|(eighths, _)| *eighths == speed).map_or("", |(_, name)| name)
}

/// The next speed; after the fastest the slowest.
fn next_speed(lab: Lab) {
    let (slowest, _) = SPEEDS[0];
    lab.speed.update(|speed| {
        *speed = SPEEDS.iter().map(|(one, _)| *one).find(|one| one > speed).unwrap_or(slowest)
    });
}

/// Faster, if it can be.
pub(super) fn faster(lab: Lab) {
    let speeds = SPEEDS.iter().map(|(one, _)| *one);
    lab.speed.update(|speed| *speed = speeds.clone().find(|one| one > speed).unwrap_or(*speed));
}

/// Slower, if it can be.
pub(super) fn slower(lab: Lab) {
    let speeds = SPEEDS.iter().rev().map(|(one, _)| *one);
    lab.speed.update(|speed| *speed = speeds.clone().find(|one| one < speed).unwrap_or(*speed));
}
