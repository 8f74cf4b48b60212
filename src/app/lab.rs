//! The state of the page: the scenario and the playhead, and what follows from them.

use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement};

use super::language::{Language, Text, fill, text};
use crate::picture::{Arrow, Card, Moment, Picture, Step};
use crate::tcp::event::{HostId, SegmentName};
use crate::tcp::profile::{Base, Profile};
use crate::tcp::time::{Span, Time};
use crate::world::{Act, Fate, Judgement, Scenario, Target, TextError, When, verdicts_at};

/// The state, and what is derived from it. It is copied into every handler.
#[derive(Clone, Copy)]
pub(super) struct Lab {
    /// The scenario.
    pub(super) scenario: RwSignal<Scenario>,
    /// The moment that is shown.
    pub(super) playhead: RwSignal<Time>,
    /// The scenarios before, for undo.
    past: RwSignal<Vec<Scenario>>,
    /// Whether the playhead moves by itself.
    pub(super) is_playing: RwSignal<bool>,
    /// How fast: in quarters of the usual speed.
    pub(super) speed: RwSignal<u32>,
    /// The segment whose menu is open, and whether the run was playing before.
    pub(super) menu: RwSignal<Option<(SegmentName, bool)>>,
    /// The language.
    pub(super) language: RwSignal<Language>,
    /// Something that the person should know about the link they came by.
    pub(super) notice: RwSignal<Option<Notice>>,
    /// The run as it's drawn.
    pub(super) picture: Memo<Arc<Picture>>,
    /// The latest moment at which something happened.
    pub(super) moment: Memo<Option<usize>>,
    /// What there is to say of that moment.
    pub(super) now: Memo<Arc<Now>>,
    /// Where the playhead is on the axis, 0..1.
    pub(super) place: Memo<f64>,
    /// The stage, for the focus.
    stage: StoredValue<Option<HtmlElement>, LocalStorage>,
}

/// What there is to say of a moment. It changes only where something happens.
pub(super) struct Now {
    /// The cards of A and B.
    cards: [Card; 2],
    /// What happened and why.
    pub(super) story: Vec<Step>,
    /// How the connections ended, or stand.
    pub(super) verdicts: Vec<Judgement>,
}

impl Now {
    fn new(picture: &Picture, moment: Option<usize>) -> Now {
        let moment = moment.and_then(|at| picture.moments.get(at));
        let time = moment.map_or(Time::START, |moment| moment.time);
        let is_last = picture.next(time).is_none();
        let judged = if is_last { picture.trace.scenario.until } else { time };
        Now {
            cards: picture.cards(time),
            story: moment.map(|moment| picture.story(moment)).unwrap_or_default(),
            verdicts: verdicts_at(&picture.trace, judged),
        }
    }

    /// A host's card.
    pub(super) fn card(&self, host: HostId) -> &Card {
        let [a, b] = &self.cards;
        match host {
            HostId::A => a,
            HostId::B => b,
        }
    }
}

/// What is wrong with the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// It isn't one of ours.
    Address,
    /// Its scenario can't be read.
    Scenario(TextError),
}

/// The lab of the row at hand.
pub(super) fn use_lab() -> Lab {
    // Everything is drawn below the mount, which provides it.
    #[allow(clippy::expect_used)]
    use_context::<Lab>().expect("the mount provides the lab")
}

impl Lab {
    pub(super) fn new(scenario: Scenario, playhead: Time, language: Language) -> Lab {
        let scenario = RwSignal::new(scenario);
        let playhead = RwSignal::new(playhead);
        // A run that is made again is another one: to compare it would cost more than to draw it.
        let picture =
            Memo::new_with_compare(move |_| Arc::new(scenario.with(Picture::new)), |_, _| true);
        let moment = Memo::new(move |_| picture.read().moment_at(playhead.get()));
        let now = Memo::new_with_compare(
            move |_| Arc::new(Now::new(&picture.read(), moment.get())),
            |_, _| true,
        );
        let place = Memo::new(move |_| picture.read().axis.place(playhead.get()));
        Lab {
            scenario,
            playhead,
            past: RwSignal::new(Vec::new()),
            is_playing: RwSignal::new(false),
            speed: RwSignal::new(4),
            menu: RwSignal::new(None),
            language: RwSignal::new(language),
            notice: RwSignal::new(None),
            picture,
            moment,
            now,
            place,
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

    /// The segment of that name in this run.
    pub(super) fn arrow(self, name: SegmentName) -> Option<Arrow> {
        self.picture.read().arrows.iter().find(|arrow| arrow.name == name).cloned()
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

    // The playhead.

    /// Shows a moment, and stops there.
    pub(super) fn go_to(self, time: Time) {
        self.is_playing.set(false);
        self.menu.set(None);
        self.playhead.set(time);
    }

    /// Plays from here, or from the start where the end is reached; or pauses.
    pub(super) fn toggle_play(self) {
        self.menu.set(None);
        if !self.is_playing.get_untracked() && self.place.get_untracked() >= 1.0 {
            self.playhead.set(Time::START);
        }
        self.is_playing.update(|is_playing| *is_playing = !*is_playing);
    }

    /// To the next moment at which something happens, or to the end.
    pub(super) fn step_forward(self) {
        let picture = self.picture.get_untracked();
        let next = picture.next(self.playhead.get_untracked()).map(|moment: &Moment| moment.time);
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

    // The scenario.

    /// Another scene: it plays from its start.
    pub(super) fn open(self, scenario: Scenario) {
        self.go_to(Time::START);
        self.past.set(Vec::new());
        self.scenario.set(scenario);
        self.is_playing.set(true);
        self.focus_stage();
    }

    /// Changes the scenario; the one before stays one undo away.
    pub(super) fn edit(self, change: impl FnOnce(&mut Scenario)) {
        let before = self.scenario.get_untracked();
        self.scenario.update(change);
        if self.scenario.with_untracked(|now| *now != before) {
            self.past.update(|past| past.push(before));
        }
        self.keep_within();
    }

    /// Whether there is something to undo.
    pub(super) fn can_undo(self) -> bool {
        self.past.with(|past| !past.is_empty())
    }

    /// The scenario before the last change.
    pub(super) fn undo(self) {
        let mut last = None;
        self.past.update(|past| last = past.pop());
        if let Some(scenario) = last {
            self.menu.set(None);
            self.scenario.set(scenario);
            self.keep_within();
        }
    }

    fn keep_within(self) {
        let end = self.picture.get_untracked().axis.end();
        if self.playhead.get_untracked() > end {
            self.playhead.set(end);
        }
    }

    /// Whether HOST1 keeps TIME-WAIT.
    pub(super) fn keeps_time_wait(self) -> bool {
        self.scenario.with(|scenario| {
            let [a, _] = &scenario.hosts;
            a.profile.time_wait.is_some()
        })
    }

    /// Gives HOST1 its TIME-WAIT or takes it away, and plays from where the two runs part.
    pub(super) fn switch_time_wait(self) {
        let before = self.picture.get_untracked();
        self.edit(|scenario| {
            let [a, _] = &mut scenario.hosts;
            a.profile.time_wait = match a.profile.time_wait {
                Some(_) => None,
                None => usual_time_wait(a.profile.base),
            };
        });
        let after = self.picture.get_untracked();
        let (old, new) = (&before.trace.events, &after.trace.events);
        let same = old.iter().zip(new).take_while(|(old, new)| old == new).count();
        let parting = new.get(same).or(new.last()).map_or(Time::START, |event| event.time);
        let from = after.previous(parting).map_or(Time::START, |moment| moment.time);
        if from < self.playhead.get_untracked() {
            self.playhead.set(from);
            self.is_playing.set(true);
        }
    }

    /// The network does something to a segment. A later word on loss or delay replaces an earlier.
    pub(super) fn set_fate(self, arrow: &Arrow, fate: Fate) {
        let expected = Some((arrow.segment.flags(), arrow.segment.seq));
        let target = Target::Named { name: arrow.name, expected };
        self.edit(|scenario| {
            let fate = match fate {
                Fate::Delay(When::After(more)) => {
                    Fate::Delay(When::After(delay_of(scenario, arrow.name) + more))
                }
                Fate::Drop | Fate::Delay(When::At(_)) | Fate::Duplicate(_) | Fate::Keep => fate,
            };
            let replaces = matches!(fate, Fate::Drop | Fate::Delay(_));
            scenario.acts.retain(|act| match fate_of(act, arrow.name) {
                Some(Fate::Drop | Fate::Delay(_)) => !replaces,
                Some(Fate::Keep) => fate != Fate::Keep,
                Some(Fate::Duplicate(_)) | None => true,
            });
            scenario.acts.push(Act::Fate { target, fate });
        });
    }

    /// A segment that would be lost arrives after all.
    pub(super) fn let_through(self, name: SegmentName) {
        self.edit(|scenario| {
            scenario.acts.retain(|act| fate_of(act, name) != Some(Fate::Drop));
        });
    }

    /// A kept copy goes on its way now.
    pub(super) fn release(self, name: SegmentName) {
        // It must have left once before a copy of it can go.
        let at = self.playhead.get_untracked();
        self.edit(|scenario| scenario.acts.push(Act::Release { at, name }));
    }

    /// The segments of which a copy is kept and that have been sent by now.
    pub(super) fn kept(self) -> Vec<SegmentName> {
        let picture = self.picture.read();
        let now = self.playhead.get();
        let sent = |name: &SegmentName| {
            picture.arrows.iter().any(|arrow| arrow.name == *name && arrow.left <= now)
        };
        self.scenario.with(|scenario| {
            let kept = scenario.acts.iter().filter_map(kept_name);
            kept.filter(sent).collect()
        })
    }
}

fn usual_time_wait(base: Base) -> Option<Span> {
    let base = if base == Base::NoTimeWait { Base::Rfc9293 } else { base };
    Profile::new(base).time_wait
}

/// What an act does to the segment of that name.
fn fate_of(act: &Act, wanted: SegmentName) -> Option<Fate> {
    match act {
        Act::Fate { target: Target::Named { name, .. }, fate } if *name == wanted => Some(*fate),
        Act::Fate { .. } | Act::Call { .. } | Act::Forge { .. } | Act::Release { .. } => None,
    }
}

fn kept_name(act: &Act) -> Option<SegmentName> {
    match act {
        Act::Fate { target: Target::Named { name, .. }, fate: Fate::Keep } => Some(*name),
        Act::Fate { .. } | Act::Call { .. } | Act::Forge { .. } | Act::Release { .. } => None,
    }
}

fn delay_of(scenario: &Scenario, name: SegmentName) -> Span {
    let mut delays = scenario.acts.iter().filter_map(|act| match fate_of(act, name) {
        Some(Fate::Delay(When::After(span))) => Some(span),
        Some(Fate::Delay(When::At(_)) | Fate::Drop | Fate::Duplicate(_) | Fate::Keep) | None => {
            None
        }
    });
    delays.next_back().unwrap_or(Span::ZERO)
}
