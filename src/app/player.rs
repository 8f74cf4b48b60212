//! Playing: the playhead moves evenly along the axis, so quiet stretches pass fast.

use gloo_timers::callback::Interval;
use leptos::prelude::*;

use super::frames;
use super::lab::Lab;
use crate::picture::Picture;

/// A scene plays in about so many seconds, unless that were slower or faster than can be followed.
const SCENE: f64 = 11.0;
/// The slowest and the fastest that it plays, in flights a second.
const RANGE: (f64, f64) = (1.2, 3.0);
/// With reduced motion: a step every so many milliseconds.
const STEP: u32 = 1_100;

/// Moves the playhead while the lab plays and nothing holds time. Nothing runs while it doesn't.
pub(super) fn follow(lab: Lab) {
    let steps: StoredValue<Option<Interval>, LocalStorage> = StoredValue::new_local(None);
    Effect::new(move |was_playing: Option<bool>| {
        let is_playing = lab.is_moving();
        if is_playing && was_playing != Some(true) {
            let in_steps = wants_less_motion();
            lab.has_frames(!in_steps);
            if in_steps {
                steps.set_value(Some(Interval::new(STEP, move || step(lab))));
            } else {
                frames::run(move |passed| advance(lab, passed));
            }
        }
        if !is_playing {
            steps.set_value(None);
        }
        is_playing
    });
}

pub(super) fn wants_less_motion() -> bool {
    let query = window().match_media("(prefers-reduced-motion: reduce)");
    query.ok().flatten().is_some_and(|query| query.matches())
}

fn step(lab: Lab) {
    let next = lab.picture.get_untracked().next(lab.playhead.get_untracked()).map(|m| m.time);
    match (next, lab.until.get_untracked()) {
        (next, Some(until)) if next.is_none_or(|next| next >= until) => lab.go_to(until),
        (Some(time), _) => lab.playhead.set(time),
        (None, _) => lab.to_end(),
    }
}

/// How much of the axis the playhead passes in a second, at a speed in eighths of the usual one.
pub(super) fn pace(picture: &Picture, speed: u32) -> f64 {
    let length = picture.axis.length();
    let (slowest, fastest) = RANGE;
    (length / SCENE).clamp(slowest, fastest) * f64::from(speed) / 8.0 / length
}

/// One frame: whether there is to be another.
fn advance(lab: Lab, passed: f64) -> bool {
    if !untrack(|| lab.is_moving()) {
        return false;
    }
    lab.follow_next();
    let picture = lab.picture.get_untracked();
    let pace = pace(&picture, lab.speed.get_untracked());
    let place = lab.place.get_untracked() + passed / 1_000.0 * pace;
    let end = lab.until.get_untracked().unwrap_or_else(|| picture.axis.end());
    let time = picture.axis.time(place);
    if place >= 1.0 || time >= end {
        lab.go_to(end);
        return false;
    }
    lab.playhead.set(time);
    true
}
