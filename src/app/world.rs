//! One world: what holds in it, its verdicts, its two hosts, its ladder.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::card::{card, state_and_way};
use super::draw::{El, button, html, truth};
use super::lab::{Lab, World};
use super::labels;
use super::ladder::ladder;
use super::language::{Text, host_name};
use super::later::{self, Code};
use super::rules;
use super::sheet::Sheet;
use super::verdict::verdicts;
use crate::picture::Run;
use crate::tcp::event::HostId;
use crate::tcp::profile::Switch;
use crate::world::Difference;

/// The worlds, side by side.
pub(super) fn worlds(lab: Lab) -> El {
    let each = move || (0..lab.count.get()).map(|which| world(lab.world(which))).collect();
    html("div", "worlds").part(each)
}

fn world(world: World) -> El {
    let of = move || title(world);
    html("section", "world")
        .follow("aria-label", of)
        .add(head(world))
        .add(html("div", "cards").adds(HostId::BOTH.map(|host| card(world, host))))
        .add(html("p", "lanes").set("aria-hidden", "true").adds(HostId::BOTH.map(|host| {
            html("b", "").words(move || format!("{} · {}", host_name(host), state(world, host)))
        })))
        .add(ladder(world))
}

/// The state that a host's card shows; on a phone the cards stand below the ladder.
fn state(world: World, host: HostId) -> String {
    world.now(|now| labels::state(state_and_way(now.card(host)).state))
}

/// What holds in this world, the way to change it, and the verdicts.
fn head(world: World) -> El {
    let lab = world.lab;
    let rules = button("stacks", move || lab.sheet.set(Some(Sheet::Rules(HostId::A))))
        .follow("title", move || stacks(world))
        .words(move || stacks(world));
    let hand = move || {
        let is_alone = lab.count.get() == 1;
        let switch = if is_alone { Some(time_wait(lab)) } else { None };
        let parts = if world.which == 1 { Some(difference(lab)) } else { None };
        let other = if is_alone { None } else { Some(to_other(world)) };
        switch.into_iter().chain(parts).chain(other).collect()
    };
    html("div", "rule")
        .add(html("h2", "").follow("title", move || title(world)).words(move || title(world)))
        .add(html("div", "hand").part(hand))
        .add(rules)
        .add(verdicts(world))
}

/// The way to the world beside, where that is below or above: on a phone.
fn to_other(world: World) -> El {
    let other = world.lab.world(1 - world.which);
    let sign = if world.which == 0 { "↓" } else { "↑" };
    let go = move || {
        let worlds = document().query_selector_all(".world").ok();
        let section = worlds.and_then(|worlds| worlds.get(u32::try_from(other.which).ok()?));
        if let Some(section) = section.as_ref().and_then(|one| one.dyn_ref::<Element>()) {
            section.scroll_into_view();
        }
    };
    button("to-other", go).words(move || format!("{sign} {}", title(other)))
}

/// HOST1's TIME-WAIT: how long, or off.
fn time_wait(lab: Lab) -> El {
    let length = move || lab.scene.with(|scene| scene.scenario.setup(HostId::A).profile.time_wait);
    let word = move || length().map_or_else(|| lab.say(Text::Off), labels::span);
    let switch = move || later::with(lab, Box::new(move |later| (later.switch_time_wait)(lab)));
    button("switch", switch)
        .set("role", "switch")
        .follow("aria-checked", move || truth(length().is_some()))
        .add(html("span", "track").set("aria-hidden", "true"))
        .words(move || lab.say(Text::SwitchTimeWait))
        .add(html("b", "").words(word))
}

/// The rule that differs in the other world, to be chosen.
fn difference(lab: Lab) -> El {
    let open = move || lab.sheet.set(Some(Sheet::Rules(difference_host(lab))));
    button("differs", open).words(move || lab.say(Text::OtherRule))
}

fn difference_host(lab: Lab) -> HostId {
    let other = lab.scene.with_untracked(|scene| scene.other.clone());
    other.map_or(HostId::A, |other| other.host)
}

/// What holds in a world: of one alone whether HOST1 keeps TIME-WAIT, of two the rule that differs.
pub(super) fn title(world: World) -> String {
    let lab = world.lab;
    match lab.later.get() {
        Code::Here(later) if lab.scene.with(|scene| scene.other.is_some()) => {
            (later.differing)(world)
        }
        Code::Here(_) | Code::Coming | Code::Lost => keeps(world, HostId::A),
    }
}

/// Whether a host keeps TIME-WAIT.
fn keeps(world: World, host: HostId) -> String {
    let lab = world.lab;
    let length = world.run(|_, run| run.trace.scenario.setup(host).profile.time_wait);
    match length {
        Some(length) => {
            let length = labels::span(length);
            lab.fill(Text::KeepsTimeWait, &[("host", host_name(host)), ("length", &length)])
        }
        None => lab.fill(Text::ForgetsAtOnce, &[("host", host_name(host))]),
    }
}

/// The rule of a world that differs from the other's: see later.rs.
pub(super) fn differing(world: World) -> String {
    let other = world.lab.scene.with(|scene| scene.other.clone());
    let at = other.as_ref().map_or(HostId::A, |other| other.host);
    let profile = world.run(|_, run| Some(run.trace.scenario.setup(at).profile.clone()));
    match (other.as_ref().map(Difference::switch), profile) {
        (Some(Some(switch)), Some(profile)) if switch != Switch::time_wait => {
            let (lab, value) = (world.lab, profile.get(switch));
            let (title, value) = (rules::title(lab, switch), rules::word(lab, &value));
            format!("{} · {title}: {value}", host_name(at))
        }
        (Some(None), Some(profile)) => {
            format!("{} · {}", host_name(at), labels::base(profile.base))
        }
        (_, _) => keeps(world, at),
    }
}

/// The stacks of a world, and as soon as can be what was changed in them.
fn stacks(world: World) -> String {
    match world.lab.later.get() {
        Code::Here(later) => (later.changed)(world),
        Code::Coming | Code::Lost => bases(world),
    }
}

fn bases(world: World) -> String {
    let bases = |run: &Run| HostId::BOTH.map(|id| run.trace.scenario.setup(id).profile.base);
    let bases = world.run(|_, run| Some(bases(run)));
    let Some([a, b]) = bases.map(|bases| bases.map(labels::base)) else { return String::new() };
    if a == b { a.to_owned() } else { format!("{a} · {b}") }
}

/// The stacks of a world, with what was changed in them: see later.rs.
pub(super) fn changed(world: World) -> String {
    let scenario = world.run(|_, run| Some(run.trace.scenario.clone()));
    let Some(scenario) = scenario else { return String::new() };
    let mut told = bases(world);
    for id in HostId::BOTH {
        let profile = &scenario.setup(id).profile;
        let changed = profile.changed();
        if let Some((first, rest)) = changed.split_first() {
            let one = |switch: &Switch| format!(" {}={}", switch.name(), profile.get(*switch));
            told.push_str(&format!(" · {}:{}", host_name(id), one(first)));
            told.extend(rest.iter().map(one));
        }
    }
    told
}
