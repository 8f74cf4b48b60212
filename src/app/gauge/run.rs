//! The fleet of the gauge as it goes: worked on a little in each frame, and shown as fast as the
//! person wants.

use gloo_timers::callback::Interval;
use js_sys::Date;
use leptos::prelude::*;

use super::super::frames::{self, Then};
use super::super::player::wants_less_motion;
use crate::gauge::{Fleet, Load, Sample};
use crate::tcp::time::{Span, Time};

/// How long a frame may be spent on the fleet, in milliseconds. In a frame that draws nothing is
/// spent on it. Where somebody waits for it, it may be longer.
const WORK: f64 = 4.0;
const HURRY: f64 = 9.0;
/// While it plays the chart is drawn anew every so many milliseconds, and the numbers every so many:
/// nobody reads them faster.
const DRAWING: f64 = 80.0;
const READING: f64 = 250.0;
/// How many seconds of the run pass in one: the speeds to choose from.
pub(super) const SPEEDS: [u32; 4] = [5, 10, 20, 60];
/// With reduced motion: a step every so many milliseconds, and so many steps for a run.
const STEP: u32 = 1_100;
const STEPS: u64 = 12;

/// A run of a load. It is copied into every handler, and ends with the sheet.
#[derive(Clone, Copy)]
pub(super) struct Run {
    fleet: StoredValue<Fleet>,
    /// The moment up to which it's to be shown, in microseconds of the run.
    goal: StoredValue<f64>,
    /// The sample up to which the chart is drawn.
    pub(super) place: RwSignal<usize>,
    /// The sample whose numbers are shown.
    pub(super) reading: RwSignal<usize>,
    /// When the chart was drawn last, and the numbers written.
    drawn: StoredValue<(f64, f64)>,
    /// Which run it is: one more for each load.
    pub(super) number: RwSignal<u32>,
    pub(super) is_playing: RwSignal<bool>,
    pub(super) speed: RwSignal<u32>,
    /// Whether frames are asked for.
    is_working: StoredValue<bool>,
    steps: StoredValue<Option<Interval>, LocalStorage>,
}

impl Run {
    /// A run of a load, which plays.
    pub(super) fn new(load: &Load) -> Run {
        let run = Run {
            fleet: StoredValue::new(Fleet::new(load)),
            goal: StoredValue::new(0.0),
            place: RwSignal::new(0),
            reading: RwSignal::new(0),
            drawn: StoredValue::new((0.0, 0.0)),
            number: RwSignal::new(0),
            is_playing: RwSignal::new(false),
            speed: RwSignal::new(10),
            is_working: StoredValue::new(false),
            steps: StoredValue::new_local(None),
        };
        run.play();
        run
    }

    /// Another load, from its start.
    pub(super) fn begin(self, load: &Load) {
        self.fleet.set_value(Fleet::new(load));
        self.goal.set_value(0.0);
        self.stand_at(0);
        self.number.update(|number| *number = number.wrapping_add(1));
        self.play();
    }

    /// Reads the fleet.
    pub(super) fn fleet<T>(self, read: impl FnOnce(&Fleet) -> T) -> T {
        self.fleet.with_value(read)
    }

    /// The sample whose numbers are shown. Who reads it follows it.
    pub(super) fn sample(self) -> Sample {
        self.number.track();
        let place = self.reading.get();
        self.fleet(|fleet| fleet.samples().get(place).copied().unwrap_or_default())
    }

    /// The first connect() without a port, as far as the chart is drawn.
    pub(super) fn failure(self) -> Option<Time> {
        self.number.track();
        let place = u64::try_from(self.place.get()).unwrap_or(u64::MAX);
        let now = Time::START + self.fleet(|fleet| fleet.step().times(place));
        self.fleet(Fleet::first_failure).filter(|at| *at <= now)
    }

    /// Whether its end is shown.
    pub(super) fn is_at_end(self) -> bool {
        self.number.track();
        self.place.get() >= self.last()
    }

    /// The place of the last sample.
    pub(super) fn last(self) -> usize {
        let samples = self.fleet(|fleet| fleet.load().length.0 / fleet.step().0.max(1));
        usize::try_from(samples).unwrap_or(usize::MAX)
    }

    fn end(self) -> f64 {
        micros(Span(self.fleet(|fleet| fleet.load().length.0)))
    }

    /// Plays, from the start if the end is shown.
    pub(super) fn play(self) {
        if untrack(|| self.is_at_end()) {
            self.goal.set_value(0.0);
            self.stand_at(0);
        }
        self.is_playing.set(true);
        if wants_less_motion() {
            self.step();
            self.steps.set_value(Some(Interval::new(STEP, move || self.step())));
        }
        self.work();
    }

    /// Stands still.
    pub(super) fn pause(self) {
        self.steps.set_value(None);
        let at = self.goal.get_value().min(self.reached());
        self.goal.set_value(at);
        self.stand_at(self.place_of(at));
        self.is_playing.set(false);
    }

    /// Goes to a sample, and stands there.
    pub(super) fn go_to(self, place: usize) {
        self.pause();
        let at = self.fleet(|fleet| fleet.step().times(u64::try_from(place).unwrap_or(u64::MAX)));
        self.goal.set_value(micros(at));
        self.work();
    }

    fn step(self) {
        let step = self.end() / STEPS as f64;
        self.goal.update_value(|goal| *goal += step);
        self.work();
    }

    /// Asks for frames, unless they come already.
    fn work(self) {
        if !self.is_working.get_value() {
            self.is_working.set_value(true);
            let mut last = None;
            frames::run(move |now| {
                // A tab that was hidden must not leap.
                let passed: f64 = now - last.replace(now).unwrap_or(now);
                if self.frame(passed.clamp(0.0, 100.0)) { Then::Frame } else { Then::Stop }
            });
        }
    }

    /// One frame: whether there is to be another.
    fn frame(self, passed: f64) -> bool {
        // The sheet may be gone.
        let Some(is_playing) = self.is_playing.try_get_untracked() else { return false };
        let is_smooth = is_playing && !wants_less_motion();
        let mut goal = self.goal.get_value();
        if is_smooth {
            goal += passed * 1_000.0 * f64::from(self.speed.get_untracked());
        }
        goal = goal.min(self.end());
        let draws = Date::now() - self.drawn.get_value().0 >= DRAWING;
        let grows = !wants_less_motion();
        let reached = if grows && draws {
            self.reached()
        } else {
            self.go_on(goal, if is_smooth { WORK } else { HURRY })
        };
        if is_smooth {
            // A slow processor shows less of the run in a second, and leaps over nothing.
            goal = goal.min(reached);
        }
        self.goal.set_value(goal);
        let is_there = reached >= goal;
        let is_over = is_there && goal >= self.end();
        if is_smooth && !is_over {
            self.draw(goal, draws);
        } else if grows && !is_there {
            self.draw(reached, draws);
        } else if is_there {
            self.stand_at(self.place_of(goal));
        }
        if is_over {
            self.pause();
        }
        let goes_on = !is_there || is_smooth && !is_over;
        self.is_working.set_value(goes_on);
        goes_on
    }

    /// Shows a moment while it plays: the chart in one frame, the numbers in another one.
    fn draw(self, at: f64, draws: bool) {
        let (now, (_, written)) = (Date::now(), self.drawn.get_value());
        let place = self.place_of(at);
        if draws {
            self.drawn.set_value((now, written));
            set(self.place, place);
        } else if now - written >= READING {
            self.drawn.update_value(|(_, written)| *written = now);
            set(self.reading, place);
        }
    }

    fn stand_at(self, place: usize) {
        set(self.place, place);
        set(self.reading, place);
    }

    /// Up to when the fleet went.
    fn reached(self) -> f64 {
        self.fleet(|fleet| micros(Span(fleet.now().0)))
    }

    /// Works on the fleet until it is there or the time is used up; up to when it went.
    fn go_on(self, goal: f64, most: f64) -> f64 {
        let start = Date::now();
        self.fleet
            .try_update_value(|fleet| {
                // A quarter of what is between two samples at a time.
                let slice = Span((fleet.step().0 / 4).max(1));
                let is_there =
                    |fleet: &Fleet| fleet.is_over() || micros(Span(fleet.now().0)) >= goal;
                while !is_there(fleet) && Date::now() - start < most {
                    fleet.go_on(fleet.now() + slice);
                }
                micros(Span(fleet.now().0))
            })
            .unwrap_or(goal)
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn place_of(self, at: f64) -> usize {
        let step = micros(self.fleet(Fleet::step));
        // A little more, for the last of a row of steps is as far as the step's own multiple.
        ((at / step + 1e-6) as usize).min(self.last())
    }
}

fn set(signal: RwSignal<usize>, place: usize) {
    if signal.get_untracked() != place {
        signal.set(place);
    }
}

#[allow(clippy::cast_precision_loss)]
fn micros(span: Span) -> f64 {
    span.0 as f64
}
