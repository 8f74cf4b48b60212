//! Playing: the playhead moves evenly along the axis, so quiet stretches pass fast.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Interval;
use leptos::prelude::*;

use super::frames::{self, Then};
use super::lab::Lab;
use super::motion::Course;
use crate::picture::Picture;
use crate::tcp::time::Time;

/// A scene plays in about so many seconds, unless that were slower or faster than can be followed.
const SCENE: f64 = 11.0;
/// The slowest and the fastest that it plays, in flights a second.
const RANGE: (f64, f64) = (1.2, 3.0);
/// With reduced motion: a step every so many milliseconds.
const STEP: u32 = 1_100;
/// A frame so many milliseconds after the one before: the tab was hidden, and it must not leap.
const LEAP: f64 = 1_000.0;
/// Words and the like follow every so many milliseconds.
const WORDS: f64 = 50.0;
/// What comes sooner than this, comes with the next frame.
const SHORT: f64 = 12.0;

/// Moves the playhead while the lab plays and nothing holds time. Nothing runs while it doesn't.
pub(super) fn follow(lab: Lab) {
    let steps: StoredValue<Option<Interval>, LocalStorage> = StoredValue::new_local(None);
    let last: Rc<RefCell<Option<Basis>>> = Rc::default();
    Effect::new(move |was_playing: Option<bool>| {
        let is_playing = lab.is_moving();
        if is_playing && was_playing != Some(true) {
            let in_steps = wants_less_motion();
            lab.has_frames(!in_steps);
            if in_steps {
                steps.set_value(Some(Interval::new(STEP, move || step(lab))));
            } else {
                let last = Rc::clone(&last);
                // Of a loop that was left there may be a frame to come.
                let own = lab.loops.try_update_value(|loops| {
                    *loops += 1;
                    *loops
                });
                frames::run(move |now| {
                    let is_left = lab.loops.try_get_value() != own || !untrack(|| lab.is_moving());
                    if is_left { Then::Stop } else { advance(lab, &mut last.borrow_mut(), now) }
                });
            }
        }
        if !is_playing {
            steps.set_value(None);
            stand(lab, last.take());
        }
        is_playing
    });
}

/// Lets what moved stand where it is.
fn stand(lab: Lab, last: Option<Basis>) {
    let (course, now) = (lab.course.get_untracked(), window().performance());
    if let (Some(course), Some(now), Some(last)) = (course, now, last)
        && last.time == lab.playhead.get_untracked()
        && now.now() - last.now < LEAP
    {
        lab.playhead.set(last.picture.axis.time(course.place(now.now())).max(last.time));
    }
    lab.course.set(None);
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

/// What a course was laid for. Where anything of it changes, another one is laid.
struct Basis {
    picture: Rc<Picture>,
    speed: u32,
    until: Option<Time>,
    /// The last frame, and where the playhead stood in it.
    now: f64,
    time: Time,
}

impl Basis {
    fn holds(&self, other: &Basis) -> bool {
        let is_same = (self.speed, self.until, self.time) == (other.speed, other.until, other.time);
        is_same && Rc::ptr_eq(&self.picture, &other.picture) && other.now - self.now < LEAP
    }
}

/// One frame, and what is to follow it: the browser moves what moves, so the next one is due when
/// something happens, something waits for its turn, or words are to follow.
fn advance(lab: Lab, before: &mut Option<Basis>, now: f64) -> Then {
    lab.follow_next();
    let picture = lab.picture.get_untracked();
    let (speed, until) = (lab.speed.get_untracked(), lab.until.get_untracked());
    let mut basis = Basis { picture, speed, until, now, time: lab.playhead.get_untracked() };
    let holds = before.as_ref().is_some_and(|before| before.holds(&basis));
    let end = until.unwrap_or_else(|| basis.picture.axis.end());
    let course = lab.course.get_untracked().filter(|_| holds).unwrap_or_else(|| {
        let whole = 1_000.0 / pace(&basis.picture, speed);
        let zero = now - lab.place.get_untracked() * whole;
        let course = Course { zero, whole, end: basis.picture.axis.place(end) };
        lab.course.set(Some(course));
        course
    });
    let place = course.place(now);
    if place >= course.end {
        lab.go_to(end);
        return Then::Stop;
    }
    let time = basis.picture.axis.time(place);
    // What happens has its parts wait for their turn.
    let happens = [basis.time, time].map(|time| basis.picture.moment_at(time));
    let is_busy = lab.has_more() || happens[0] != happens[1];
    let wait = if is_busy { 0.0 } else { wait(&basis.picture, course, place) };
    basis.time = time;
    lab.playhead.set(time);
    *before = Some(basis);
    if wait < SHORT { Then::Frame } else { Then::Wait(wait as u32) }
}

/// How many milliseconds it takes until there is something else to show.
fn wait(picture: &Picture, course: Course, place: f64) -> f64 {
    let moments = picture.moments.iter().map(|moment| moment.place);
    let ends = picture.runs.iter().flat_map(|run| &run.arrows).map(|arrow| arrow.to);
    let next = moments.chain(ends).filter(|one| *one > place).fold(course.end, f64::min);
    ((next - place) * course.whole).min(WORDS)
}
