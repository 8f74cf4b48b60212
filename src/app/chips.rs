//! The segments in flight: chips on the line of the moment, each with what can be done to it.

use leptos::prelude::*;

use super::draw::{El, button, html, truth};
use super::lab::{Lab, use_lab};
use super::labels::{self, percent};
use super::ladder::{extra, hue, x, y};
use super::language::{Text, host_name};
use crate::picture::{Arrow, Ending};
use crate::tcp::event::SegmentName;
use crate::tcp::time::Span;
use crate::world::{Fate, When};

/// What a person can do to a segment in flight.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hand {
    /// Drop it.
    Drop,
    /// Hold it up a little.
    DelayShort,
    /// Hold it up for long.
    DelayLong,
    /// Keep a copy.
    Keep,
    /// Let it arrive after all.
    LetThrough,
}

impl Hand {
    /// What can be done to a segment that arrives, or to one that is being lost.
    pub(super) fn of(ending: Ending) -> &'static [Hand] {
        match ending {
            Ending::Arrives | Ending::Dies => {
                &[Hand::Drop, Hand::DelayShort, Hand::DelayLong, Hand::Keep]
            }
            Ending::Lost => &[Hand::LetThrough, Hand::Keep],
        }
    }

    /// Its words: in full, and short for a list.
    pub(super) fn words(self) -> (Text, Text) {
        match self {
            Hand::Drop => (Text::ActDrop, Text::ActDropShort),
            Hand::DelayShort => (Text::ActDelayShort, Text::ActDelayShortShort),
            Hand::DelayLong => (Text::ActDelayLong, Text::ActDelayLongShort),
            Hand::Keep => (Text::ActKeep, Text::ActKeepShort),
            Hand::LetThrough => (Text::ActLetThrough, Text::ActLetThroughShort),
        }
    }

    /// Does it.
    pub(super) fn act(self, lab: Lab, arrow: &Arrow) {
        let after = |millis| Fate::Delay(When::After(Span::from_millis(millis)));
        match self {
            Hand::Drop => lab.set_fate(arrow, Fate::Drop),
            Hand::DelayShort => lab.set_fate(arrow, after(300)),
            Hand::DelayLong => lab.set_fate(arrow, after(2_000)),
            Hand::Keep => lab.set_fate(arrow, Fate::Keep),
            Hand::LetThrough => lab.let_through(arrow.name),
        }
    }
}

/// The names of the segments in flight.
pub(super) fn names_in_flight(lab: Lab) -> Memo<Vec<SegmentName>> {
    Memo::new(move |_| {
        let picture = lab.picture.read();
        picture.in_flight(lab.playhead.get()).map(|arrow| arrow.name).collect()
    })
}

/// What a screen reader says of a segment in flight.
pub(super) fn said(lab: Lab, arrow: &Arrow) -> String {
    let (host, peer) = (host_name(arrow.name.sender), host_name(arrow.name.sender.other()));
    let segment = labels::segment(&arrow.segment);
    let values = [("segment", segment.as_str()), ("host", host), ("peer", peer)];
    match arrow.ending {
        Ending::Arrives | Ending::Dies => lab.fill(Text::SegmentInFlight, &values),
        Ending::Lost => lab.fill(Text::SegmentBeingLost, &values),
    }
}

pub(super) fn chips(lab: Lab) -> El {
    html("div", "chips").each(names_in_flight(lab), chip)
}

fn chip(name: SegmentName) -> El {
    let lab = use_lab();
    let of = move |write: fn(Lab, &Arrow) -> String| {
        move || lab.arrow(name).map(|arrow| write(lab, &arrow)).unwrap_or_default()
    };
    let is_open = move || lab.menu.get().is_some_and(|(open, _)| open == name);
    let age = html("span", "age").set("aria-hidden", "true");
    let button = button("", move || toggle(lab, name))
        .follow("class", of(|_, arrow| class(arrow)))
        .set("aria-haspopup", "true")
        .follow("aria-expanded", move || truth(is_open()))
        .follow("aria-label", of(said))
        .words(of(short))
        .add(age.add(html("i", "").style("width", of(life))));
    let menu = move || if is_open() { menu(lab, name) } else { Vec::new() };
    html("div", "")
        .follow("class", of(place_class))
        .style("left", of(|lab, arrow| x(side(lab, arrow))))
        .style("top", move || y(lab.place.get()))
        .style("--side", of(|lab, arrow| percent(side(lab, arrow))))
        .add(button)
        .add(html("div", "").part(menu))
}

/// Where a segment is now between the left host (0) and the right one (1).
fn side(lab: Lab, arrow: &Arrow) -> f64 {
    arrow.side(arrow.across(lab.place.get()))
}

/// Where there is room for the menu.
fn place_class(lab: Lab, arrow: &Arrow) -> String {
    let left = if side(lab, arrow) > 0.5 { " toward-left" } else { "" };
    let up = if lab.place.get() > 0.5 { " upward" } else { "" };
    format!("chip-place{left}{up}")
}

fn class(arrow: &Arrow) -> String {
    let fades = if arrow.ending == Ending::Arrives { "" } else { " lost" };
    format!("chip {}{fades}", hue(arrow))
}

fn short(lab: Lab, arrow: &Arrow) -> String {
    let has_many = lab.picture.read().has_many;
    let sign = if has_many { labels::sign(arrow.segment.origin) } else { "" };
    let extra = extra(arrow.kind).map_or("", |extra| lab.text(extra));
    let segment = labels::short_segment(&arrow.segment);
    format!("{sign} {segment} {extra}").trim().to_owned()
}

/// How much of its lifetime is left, in steps that can be seen.
fn life(lab: Lab, arrow: &Arrow) -> String {
    let lifetime = lab.scenario.with(|scenario| scenario.wire.lifetime);
    let left = arrow.life_left(lab.playhead.get(), lifetime).unwrap_or(0.0);
    percent((left * 50.0).round() / 50.0)
}

/// Opens the menu of a segment, or closes it. Time stands still while it's open.
fn toggle(lab: Lab, name: SegmentName) {
    let was_playing = lab.is_playing.get_untracked();
    lab.is_playing.set(false);
    lab.menu.update(|menu| {
        let is_own = menu.is_some_and(|(open, _)| open == name);
        *menu = (!is_own).then_some((name, was_playing));
    });
}

fn menu(lab: Lab, name: SegmentName) -> Vec<El> {
    let Some(arrow) = lab.arrow(name) else { return Vec::new() };
    let segment = labels::segment(&arrow.segment);
    let said = lab.fill(Text::ActsOn, &[("segment", &segment)]);
    let buttons = Hand::of(arrow.ending).iter().map(|hand| {
        let (words, _) = hand.words();
        let arrow = arrow.clone();
        button("", move || choose(lab, *hand, &arrow)).text(lab.text(words))
    });
    vec![html("div", "menu").set("role", "group").set("aria-label", &said).adds(buttons)]
}

/// Does what was chosen, closes the menu, and goes on playing if it played before.
fn choose(lab: Lab, hand: Hand, arrow: &Arrow) {
    let played = lab.menu.get_untracked().is_some_and(|(_, played)| played);
    lab.menu.set(None);
    hand.act(lab, arrow);
    lab.is_playing.set(played);
    lab.focus_stage();
}
