//! The state of the page: the scene and the playhead, and what follows from them.

use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement};

use super::language::{Language, Text, fill, text};
use super::later::{self, Code};
use super::motion::Course;
use super::opening;
use super::paced::Parts;
use super::player;
use super::sheet::Sheet;
use super::signal::{Memo, Signal};
use crate::lesson::Answer;
use crate::picture::{Arrow, Now, Picture, Run};
use crate::tcp::event::{HostId, SegmentName};
use crate::tcp::time::Time;
use crate::world::{LinkError, Scene};

/// How many times a second the words follow the playhead while it plays.
const READINGS: f64 = 10.0;

/// The picture of a scene, for which the engine makes the run, or the two: see later.rs.
pub(super) fn picture(scene: &Scene) -> Picture {
    match &scene.other {
        Some(other) => Picture::pair(&scene.scenario, &other.apply(&scene.scenario)),
        None => Picture::alone(&scene.scenario),
    }
}

/// The state, and what is derived from it. It is copied into every handler.
#[derive(Clone, Copy)]
pub(super) struct Lab {
    /// What is shown. [`Lab::edit`] changes it.
    pub(super) scene: Signal<Rc<Scene>>,
    /// The moment that is shown.
    pub(super) playhead: Signal<Time>,
    /// The scene as it was opened, for a new beginning.
    pub(super) opened: Signal<Rc<Scene>>,
    /// How many changes there are before this scene, and how many after it: see address.rs.
    pub(super) changes: Signal<(u32, u32)>,
    /// Whether the playhead moves by itself, if nothing holds it.
    pub(super) is_playing: Signal<bool>,
    /// Whether somebody points at a segment: time waits.
    pub(super) is_held: Signal<bool>,
    /// How fast: in eighths of the usual speed.
    pub(super) speed: Signal<u32>,
    /// The menu that is open.
    pub(super) menu: Signal<Option<Menu>>,
    /// The sheet that lies over the stage.
    pub(super) sheet: Signal<Option<Sheet>>,
    /// How far what the first screen doesn't need is.
    pub(super) later: Signal<Code>,
    /// Whether the list of all that happened stands in the place of the reasons.
    pub(super) lists: Signal<bool>,
    /// Whether single letters are keys.
    pub(super) letters: Signal<bool>,
    /// The language.
    pub(super) language: Signal<Language>,
    /// The lesson that is taken, and where in it: see lesson.rs.
    pub(super) lesson: Signal<Option<Going>>,
    /// What was done at the present stop of it.
    pub(super) taken: Signal<Taken>,
    /// Whether a lesson asks for what comes next, so that no reason tells it.
    pub(super) is_asking: Signal<bool>,
    /// Whether answers stay hidden until they're revealed.
    pub(super) hides: Signal<bool>,
    /// Whether the page opened with the disaster, and says so.
    pub(super) has_intro: Signal<bool>,
    /// Where it is to stop when it plays.
    pub(super) until: Signal<Option<Time>>,
    /// Something that the person should know about the link they came by, or an act.
    pub(super) notice: Signal<Option<Notice>>,
    /// The runs as they're drawn.
    pub(super) picture: Memo<Rc<Picture>>,
    /// The latest moment at which something happened.
    pub(super) moment: Memo<Option<usize>>,
    /// What there is to say of that moment in each world.
    now: Memo<Rc<Vec<Now>>>,
    /// Where the playhead is on the axis, 0..1.
    pub(super) place: Memo<f64>,
    /// The time in words: the playhead, and while it moves its place some times a second. To lay out
    /// words for every frame would cost more than the frame, and nobody could read them.
    pub(super) reading: Memo<Time>,
    /// Whether time moves now: it plays, and nothing holds it.
    moves: Memo<bool>,
    /// How the playhead moves, while frames come: see motion.rs.
    pub(super) course: Signal<Option<Course>>,
    /// How many worlds there are.
    pub(super) count: Memo<usize>,
    /// How often it began to play: see player.rs.
    pub(super) loops: StoredValue<u32>,
    /// What follows the moment part by part: see paced.rs.
    pub(super) parts: StoredValue<Parts, LocalStorage>,
    /// The stage, for the focus.
    stage: StoredValue<Option<HtmlElement>, LocalStorage>,
}

/// Where somebody is in a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Going {
    /// The lesson's name.
    pub(super) name: String,
    /// The stop, from 0; one that isn't there is the last.
    pub(super) stop: usize,
    /// Whether the stage has still to be brought there.
    pub(super) is_new: bool,
    /// Whether it's left for the free lab, to come back.
    pub(super) is_left: bool,
}

impl Going {
    /// On the way to a stop.
    pub(super) fn to(name: &str, stop: usize) -> Going {
        Going { name: name.to_owned(), stop, is_new: true, is_left: false }
    }
}

/// What somebody did at a stop of a lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// The answers that were chosen.
    pub(super) chosen: Vec<Answer>,
    /// Whether the right one is shown.
    pub(super) is_revealed: bool,
    /// How many hints were asked for.
    pub(super) hints: usize,
}

/// A menu of acts, and where it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Menu {
    /// Which world it's in.
    pub(super) world: usize,
    /// Whether it was opened from a list.
    pub(super) in_list: bool,
    /// What it is about.
    pub(super) about: About,
}

/// What a menu is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// A segment in flight.
    Segment(SegmentName),
    /// A host and its program.
    Host(HostId),
    /// The line between them.
    Line,
}

/// What the person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// What is wrong with the link that they came by.
    Link(LinkError),
    /// The link is in the clipboard; so many characters.
    Copied(usize),
    /// The browser didn't let us write to the clipboard.
    NotCopied,
    /// What was asked for needs a part of the page that couldn't be had.
    NotHere,
}

/// One of the worlds.
#[derive(Clone, Copy)]
pub(super) struct World {
    /// The lab.
    pub(super) lab: Lab,
    /// Which: 0, or 1 for the one beside it.
    pub(super) which: usize,
}

impl World {
    /// Something of its run; the usual value where the world is just being left.
    pub(super) fn run<T: Default>(self, read: impl FnOnce(&Picture, &Run) -> T) -> T {
        let picture = self.lab.picture.get();
        picture.runs.get(self.which).map(|run| read(&picture, run)).unwrap_or_default()
    }

    /// Something of what there is to say at this moment.
    pub(super) fn now<T: Default>(self, read: impl FnOnce(&Now) -> T) -> T {
        self.lab.now.get().get(self.which).map(read).unwrap_or_default()
    }

    /// The segment of that name.
    pub(super) fn arrow(self, name: SegmentName) -> Option<Arrow> {
        self.run(|_, run| run.arrow(name).cloned())
    }
}

impl Lab {
    pub(super) fn new(scene: Rc<Scene>, playhead: Time, language: Language) -> Lab {
        let opened = Signal::new(Rc::clone(&scene));
        let scene = Signal::new(scene);
        let playhead = Signal::new(playhead);
        // A run that is made again is another one: to compare it would cost more than to draw it.
        let picture = Memo::always(move || picture_of(&scene.get()));
        let moment = Memo::new(move || picture.get().moment_at(playhead.get()));
        let now = Memo::always(move || now(&picture.get(), moment.get()));
        let place = Memo::new(move || picture.get().axis.place(playhead.get()));
        let count = Memo::new(move || picture.get().runs.len());
        let (is_playing, is_held) = (Signal::new(false), Signal::new(false));
        let (menu, sheet) = (Signal::new(None), Signal::new(None::<Sheet>));
        let moves = Memo::new(move || {
            is_playing.get() && !is_held.get() && menu.get().is_none() && sheet.read().is_none()
        });
        let speed = Signal::new(8);
        let reading = Memo::new(move || {
            let now = playhead.get();
            if moves.get() { reading(&picture.get(), now, speed.get()) } else { now }
        });
        Lab {
            scene,
            playhead,
            opened,
            changes: Signal::new((0, 0)),
            is_playing,
            is_held,
            speed,
            menu,
            sheet,
            later: Signal::new(later::here().map_or(Code::Coming, Code::Here)),
            lists: Signal::new(false),
            letters: Signal::new(true),
            language: Signal::new(language),
            lesson: Signal::new(None),
            taken: Signal::new(Taken::default()),
            is_asking: Signal::new(false),
            hides: Signal::new(false),
            has_intro: Signal::new(false),
            until: Signal::new(None),
            notice: Signal::new(None),
            picture,
            moment,
            now,
            place,
            reading,
            moves,
            course: Signal::new(None),
            count,
            loops: StoredValue::new(0),
            parts: StoredValue::new_local(Parts::default()),
            stage: StoredValue::new_local(None),
        }
    }

    /// A text in the person's language.
    pub(super) fn text(self, key: Text) -> &'static str {
        text(self.language.get(), key)
    }

    /// The same, as the words of an element.
    pub(super) fn say(self, key: Text) -> String {
        self.text(key).to_owned()
    }

    /// A text with its placeholders filled in.
    pub(super) fn fill(self, key: Text, values: &[(&str, &str)]) -> String {
        fill(self.text(key), values)
    }

    /// This lab, in the language of another one.
    pub(super) fn in_language_of(self, other: Lab) -> Lab {
        Lab { language: other.language, ..self }
    }

    /// A world.
    pub(super) fn world(self, which: usize) -> World {
        World { lab: self, which }
    }

    /// Whether the stage is remembered.
    pub(super) fn has_stage(self) -> bool {
        self.stage.with_value(Option::is_some)
    }

    /// Remembers the stage.
    pub(super) fn set_stage(self, stage: &Element) {
        self.stage.set_value(stage.dyn_ref::<HtmlElement>().cloned());
    }

    /// Gives the stage the focus, so that the keys work. Without it they need one Tab more.
    pub(super) fn focus_stage(self) {
        self.stage.with_value(|stage| {
            if let Some(stage) = stage {
                // The page stays where it is: on a phone the stage's top is not the page's.
                let still = FocusOptions::new();
                still.set_prevent_scroll(true);
                let _ = stage.focus_with_options(&still);
            }
        });
    }

    /// Whoever runs now runs again when there is something else to say of the moment.
    pub(super) fn track_now(self) {
        drop(self.now.get());
    }

    /// Whether time moves now: it plays, and nothing holds it.
    pub(super) fn is_moving(self) -> bool {
        self.moves.get()
    }

    // The playhead.

    /// Shows a moment, and stops there.
    pub(super) fn go_to(self, time: Time) {
        self.is_playing.set(false);
        self.until.set(None);
        self.release_hold();
        self.playhead.set(time);
    }

    /// Plays from here to a moment, or shows it at once where it isn't ahead.
    pub(super) fn play_until(self, time: Time) {
        let is_ahead = time > self.playhead.get_untracked();
        self.go_to(if is_ahead { self.playhead.get_untracked() } else { time });
        if is_ahead {
            self.until.set(Some(time));
            self.is_playing.set(true);
        }
    }

    /// Plays from here, or from the start where the end is reached; or pauses.
    pub(super) fn toggle_play(self) {
        self.release_hold();
        self.until.set(None);
        if !self.is_playing.get_untracked() && self.place.get_untracked() >= 1.0 {
            self.playhead.set(Time::START);
        }
        self.is_playing.update(|is_playing| *is_playing = !*is_playing);
    }

    /// Nothing holds time any more.
    fn release_hold(self) {
        self.menu.set(None);
        self.is_held.set(false);
    }

    /// To the next moment at which something happens, or to the end.
    pub(super) fn step_forward(self) {
        let picture = self.picture.get_untracked();
        let next = picture.next(self.playhead.get_untracked()).map(|moment| moment.time);
        self.go_to(next.unwrap_or_else(|| picture.axis.end()));
    }

    /// To the moment before, or to the start.
    pub(super) fn step_back(self) {
        let picture = self.picture.get_untracked();
        let previous = picture.previous(self.playhead.get_untracked());
        self.go_to(previous.map_or(Time::START, |moment| moment.time));
    }

    /// To the start.
    pub(super) fn to_start(self) {
        self.go_to(Time::START);
    }

    /// To the end.
    pub(super) fn to_end(self) {
        self.go_to(self.picture.get_untracked().axis.end());
    }

    /// To where the two worlds part.
    pub(super) fn to_parting(self) {
        if let Some(parting) = &self.picture.get_untracked().parting {
            self.go_to(parting.time);
        }
    }

    /// Keeps the playhead within the run, which may have become shorter.
    pub(super) fn keep_within(self) {
        let end = self.picture.get_untracked().axis.end();
        if self.playhead.get_untracked() > end {
            self.playhead.set(end);
        }
    }

    /// Another scene: it plays from its start.
    pub(super) fn open(self, scene: Scene) {
        let scene = Rc::new(scene);
        self.opened.set(Rc::clone(&scene));
        self.change_to(scene);
        self.go_to(Time::START);
        self.is_playing.set(true);
        self.focus_stage();
    }
}

/// The latest time that is told in words while it plays. What happens is told when it happens.
fn reading(picture: &Picture, now: Time, speed: u32) -> Time {
    let step = player::pace(picture, speed) / READINGS;
    let place = (picture.axis.place(now) / step).floor() * step;
    let moment = picture.moment_at(now).and_then(|at| picture.moments.get(at));
    picture.axis.time(place).max(moment.map_or(Time::START, |moment| moment.time))
}

/// The run that the page opens with is recorded. Nobody comes to another scene before the code is here
/// that makes a run.
fn picture_of(scene: &Rc<Scene>) -> Rc<Picture> {
    let made = || later::here().map(|later| Rc::new((later.picture)(scene)));
    opening::picture(scene).or_else(made).unwrap_or_default()
}

fn now(picture: &Rc<Picture>, moment: Option<usize>) -> Rc<Vec<Now>> {
    let made = || later::here().map(|later| Rc::new((later.now)(picture, moment)));
    opening::now(picture, moment).or_else(made).unwrap_or_default()
}
