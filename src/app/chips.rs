//! The segments in flight: chips on the line of the moment, each with what can be done to it.

use wasm_bindgen::JsCast;
use web_sys::{Event, KeyboardEvent};

use super::draw::{El, html};
use super::lab::{About, Menu, World};
use super::labels::{self, percent};
use super::ladder::{extra, hue, x, y};
use super::language::{Text, host_name};
use super::menu;
use super::signal::Memo;
use crate::picture::{Arrow, Ending};
use crate::tcp::event::SegmentName;

/// Chips that are closer than this, as a share of the width, stand one above the other: in a world
/// alone, and beside another one.
const CLOSE: (f64, f64) = (0.2, 0.34);

/// The names of the segments in flight.
pub(super) fn names_in_flight(world: World) -> Memo<Vec<SegmentName>> {
    Memo::new(move || {
        let now = world.lab.playhead.get();
        world.run(|_, run| run.in_flight(now).map(|arrow| arrow.name).collect())
    })
}

/// What a screen reader says of a segment in flight: what stands on it, and what it does.
fn said(world: World, arrow: &Arrow, words: &str) -> String {
    let lab = world.lab;
    let (host, peer) = (host_name(arrow.name.sender), host_name(arrow.name.sender.other()));
    let values = [("segment", words), ("host", host), ("peer", peer)];
    match arrow.ending {
        Ending::Arrives | Ending::Dies => lab.fill(Text::SegmentInFlight, &values),
        Ending::Lost => lab.fill(Text::SegmentBeingLost, &values),
    }
}

pub(super) fn chips(world: World) -> El {
    html("div", "chips").each(names_in_flight(world), move |name| chip(world, name))
}

/// A button that stands for a segment: pointing at it holds time, pressing it opens its menu, and
/// letters act on it at once.
pub(super) fn handle(
    world: World,
    name: SegmentName,
    in_list: bool,
    words: fn(World, &Arrow) -> String,
) -> El {
    let lab = world.lab;
    let menu = Menu { world: world.which, in_list, about: About::Segment(name) };
    let hold = move |held: bool| move |_| lab.is_held.set(held);
    let said = move || {
        let arrow = world.arrow(name);
        arrow.map(|arrow| said(world, &arrow, &words(world, &arrow))).unwrap_or_default()
    };
    let key = move |event: Event| {
        let Some(press) = event.dyn_ref::<KeyboardEvent>() else { return };
        let is_plain = !press.ctrl_key() && !press.meta_key() && !press.alt_key();
        if is_plain
            && lab.letters.get_untracked()
            && menu::key_on_segment(world, name, &press.key())
        {
            event.prevent_default();
            event.stop_propagation();
        }
    };
    menu::opener(lab, "", menu)
        .follow("aria-label", said)
        .on("pointerenter", hold(true))
        .on("pointerleave", hold(false))
        .on("focus", hold(true))
        .on("blur", hold(false))
        .on("keydown", key)
}

fn chip(world: World, name: SegmentName) -> El {
    let of = move |write: fn(World, &Arrow) -> String| {
        move || world.arrow(name).map(|arrow| write(world, &arrow)).unwrap_or_default()
    };
    let age = html("span", "age").set("aria-hidden", "true");
    let button = handle(world, name, false, short)
        .follow("class", of(|_, arrow| class(arrow)))
        .words(of(short))
        .add(age.add(html("i", "").style("transform", of(life))));
    let lab = world.lab;
    let turns =
        move || world.arrow(name).map(|arrow| vec![arrow.from, arrow.to]).unwrap_or_default();
    let side =
        move |place: f64| world.arrow(name).map_or(0.0, |arrow| arrow.side(arrow.across(place)));
    // As large as the run and moved by shares of itself: so moving needs no new layout.
    let moved = move |place: f64| format!("translate({}, {})", x(side(place)), y(place));
    // At the edges it leans inwards.
    let leant = move |place: f64| format!("translate(-{}, -50%)", percent(0.2 + 0.6 * side(place)));
    html("div", "chip-place")
        .moves(lab, turns, moved)
        .style("--level", of(|world, arrow| level(world, arrow).to_string()))
        .add(button.moves(lab, turns, leant))
}

/// Where a segment is now between the left host (0) and the right one (1).
fn side(world: World, arrow: &Arrow) -> f64 {
    arrow.side(arrow.across(world.lab.place.get()))
}

/// How far a chip stands from the line: 0 on it, else above and below it in turn, so that no two
/// lie on each other. Two that come from both sides will meet, so they keep apart all the way.
fn level(world: World, arrow: &Arrow) -> i32 {
    let now = world.lab.playhead.get();
    let here = side(world, arrow);
    let (alone, beside) = CLOSE;
    let close = if world.lab.count.get() > 1 { beside } else { alone };
    let before = world.run(|_, run| {
        let others = run.in_flight(now).take_while(|other| other.name != arrow.name);
        let near = |other: &&Arrow| {
            other.name.sender != arrow.name.sender || (side(world, other) - here).abs() < close
        };
        others.filter(near).count()
    });
    let step = i32::try_from(before).unwrap_or(0);
    if step % 2 == 0 { step / 2 } else { -(step + 1) / 2 }
}

fn class(arrow: &Arrow) -> String {
    let fades = if arrow.ending == Ending::Arrives { "" } else { " lost" };
    format!("chip {}{fades}", hue(arrow))
}

fn short(world: World, arrow: &Arrow) -> String {
    let has_many = world.lab.picture.get().has_many;
    let sign = if has_many { labels::sign(arrow.segment.origin) } else { "" };
    let extra = extra(arrow.kind).map_or("", |extra| world.lab.text(extra));
    let segment = labels::short_segment(&arrow.segment);
    format!("{sign} {segment} {extra}").trim().to_owned()
}

/// How much of its lifetime is left, in steps that can be seen.
fn life(world: World, arrow: &Arrow) -> String {
    let lifetime = world.run(|_, run| run.trace.scenario.wire.lifetime);
    let left = arrow.life_left(world.lab.playhead.get(), lifetime).unwrap_or(0.0);
    format!("scaleX({})", percent((left * 50.0).round() / 50.0))
}
