//! The segments in flight as a list, the kept copies, and the acts that found nothing to act on.

use super::chips::{handle, names_in_flight};
use super::draw::{El, button, html};
use super::lab::{Lab, World};
use super::labels;
use super::ladder::{hue, label};
use super::language::{Text, host_name};
use super::later;
use super::menu;
use super::signal::Memo;
use super::world::title;
use crate::picture::{Arrow, dead_stretches};
use crate::tcp::event::{EventKind, HostId, SegmentName};
use crate::world::During;

/// A heading, where there is something below it.
fn heading(words: impl Fn() -> String + 'static) -> El {
    html("div", "").part(move || {
        let words = words();
        if words.is_empty() { Vec::new() } else { vec![html("h3", "").text(&words)] }
    })
}

/// What is in flight in a world, each with what can be done to it; of the world beside another one
/// what isn't in flight there, for acts are done in both.
pub(super) fn in_flight(world: World) -> El {
    let lab = world.lab;
    let all = names_in_flight(world);
    let is_first = world.which == 0;
    let flying = Memo::new(move || {
        let now = lab.playhead.get();
        // What an act names: by the same name there may be another segment in each world.
        let meant = |world: World, name| {
            let arrow = world.arrow(name).filter(|arrow| arrow.is_in_flight(now))?;
            Some((arrow.segment.flags(), arrow.segment.seq))
        };
        let is_new =
            |name: &SegmentName| is_first || meant(lab.world(0), *name) != meant(world, *name);
        all.get().into_iter().filter(is_new).collect::<Vec<_>>()
    });
    let nothing = move || {
        let is_shown = is_first && flying.get().is_empty();
        if is_shown { lab.say(Text::NothingOnTheWire) } else { String::new() }
    };
    let head = move || match (is_first, flying.get().is_empty()) {
        (true, _) => lab.say(Text::OnTheWire),
        (false, true) => String::new(),
        (false, false) => lab.fill(Text::OnTheWireOnly, &[("world", &title(world))]),
    };
    let cut = || menu::opener(lab, "cut", menu::LINE).words(move || lab.say(Text::Cut));
    html("section", "on-wire")
        .add(html("div", "on-wire-head").add(heading(head)).adds(is_first.then(cut)))
        .adds(is_first.then(|| dead(lab)))
        .add(html("ul", "").each(flying, move |name| row(world, name)))
        .add(html("p", "nothing").words(nothing))
}

/// Where the line is dead now, and until when. It is read aloud when that changes.
fn dead(lab: Lab) -> El {
    let shown = Memo::new(move || {
        let now = lab.playhead.get();
        lab.scene.with(|scene| {
            let mut lines = dead_stretches(&scene.scenario);
            lines.retain(|(_, during)| during.has(now));
            lines
        })
    });
    html("div", "dead").set("role", "status").part(move || {
        let lines = shown.get().into_iter();
        lines.map(|(sender, during)| html("p", "").text(&dead_said(lab, sender, during))).collect()
    })
}

fn dead_said(lab: Lab, sender: Option<HostId>, during: During) -> String {
    let to = during.to().map_or_else(|| lab.say(Text::EndOfRun), labels::moment);
    match sender {
        Some(host) => lab.fill(Text::DeadFrom, &[("host", host_name(host)), ("time", &to)]),
        None => lab.fill(Text::DeadUntil, &[("time", &to)]),
    }
}

fn row(world: World, name: SegmentName) -> El {
    let of = move |write: fn(World, &Arrow) -> String| of(world, name, write);
    let button = handle(world, name, true, label)
        .follow("class", of(|_, arrow| format!("in-list {}", hue(arrow))))
        .words(of(label));
    html("li", "").add(button)
}

/// Words about a segment of this run.
fn of(world: World, name: SegmentName, write: fn(World, &Arrow) -> String) -> impl Fn() -> String {
    move || world.arrow(name).map(|arrow| write(world, &arrow)).unwrap_or_default()
}

/// The copies that are kept, each to be let go, and how many acts have no segment in a run: shown,
/// never swallowed.
pub(super) fn kept(lab: Lab) -> El {
    // Nobody keeps one before the code is here.
    let kept = Memo::new(move || {
        lab.scene.track();
        later::here().map(|later| (later.kept)(lab)).unwrap_or_default()
    });
    let head =
        move || if kept.get().is_empty() { String::new() } else { lab.say(Text::KeptCopies) };
    html("section", "on-wire")
        .add(heading(head))
        .add(html("ul", "kept").each(kept, move |name| kept_copy(lab, name)))
        .add(html("p", "missed").words(move || missed(lab)))
}

/// A copy that is kept, to be released. It may be there in one of the worlds only.
fn kept_copy(lab: Lab, name: SegmentName) -> El {
    let of = move |write: fn(World, &Arrow) -> String| {
        move || {
            let worlds = (0..lab.count.get()).map(|which| lab.world(which));
            let mut found = worlds.filter_map(|world| Some((world, world.arrow(name)?)));
            found.next().map(|(world, arrow)| write(world, &arrow)).unwrap_or_default()
        }
    };
    let said = of(|world, arrow| {
        world.lab.fill(Text::ReleaseOf, &[("segment", &labels::segment(&arrow.segment))])
    });
    let release =
        button("", move || later::with(lab, Box::new(move |later| (later.release)(lab, name))))
            .follow("aria-label", said)
            .words(move || lab.say(Text::Release));
    let words = html("span", "").follow("class", of(|_, arrow| hue(arrow).to_owned()));
    html("li", "").add(words.words(of(label))).add(release)
}

fn missed(lab: Lab) -> String {
    let picture = lab.picture.get();
    let events = picture.runs.iter().flat_map(|run| &run.trace.events);
    let is_missed = |kind: &EventKind| matches!(kind, EventKind::NoCounterpart { .. });
    match events.filter(|event| is_missed(&event.kind)).count() {
        0 => String::new(),
        count => lab.fill(Text::LostActs, &[("count", &count.to_string())]),
    }
}
