//! The page: it draws pictures of a run and turns what a person does into edits of the scenario.
//!
//! Two values are its state, the scenario and the playhead ([`lab::Lab`]); everything else on the
//! screen follows from them. Each service of the browser has a file of its own: [`frames`],
//! [`address`], [`storage`], [`texts`]. Components are functions that draw, made of [`draw`].

mod acts;
mod address;
mod announce;
mod card;
mod chart;
mod chips;
mod draw;
mod events;
mod explorer;
mod forge;
mod frames;
mod gauge;
mod glossary;
mod header;
mod help;
mod host;
mod keys;
mod lab;
mod labels;
mod ladder;
mod language;
mod later;
mod lesson;
mod look;
mod map;
mod menu;
mod motion;
mod opening;
mod paced;
mod player;
mod rules;
mod sheet;
mod signal;
mod sizes;
mod start;
mod storage;
mod texts;
mod transcript;
mod transport;
mod verdict;
mod why;
mod wire;
mod world;

use std::rc::Rc;

use js_sys::Function;
use js_sys::futures::spawn_local;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use draw::{html, on_page};
use lab::Lab;
use language::{Language, Text};

use crate::world::Scene;

/// Puts the page on the screen. boot.js calls it with the language's texts and a function that
/// fetches more. False: they are the texts of another version, and nothing is shown. Neither is
/// anything where the page isn't made by xtask, which records what it opens with.
#[must_use]
#[wasm_bindgen]
pub fn start(first: String, fetch: Function) -> bool {
    let Some(scene) = opening::scene() else { return false };
    let language = Language::of_page();
    if !texts::open(language, first, fetch) {
        return false;
    }
    if address::hash().is_empty() {
        mount(scene);
    } else {
        // To read an address takes what comes later: who comes by a link sees its scene at once.
        spawn_local(async move {
            later::open(language).await;
            mount(scene);
        });
    }
    true
}

fn mount(scene: Rc<Scene>) {
    mount_to_body(|| {
        let lab = start::open(scene);
        header::header(lab, look::Look::follow()).mount();
        start::notice(lab).mount();
        start::above(lab).mount();
        stage(lab);
        sheet::place(lab).mount();
        menu::follow(lab);
        later::follow(lab);
        paced::follow(lab);
        player::follow(lab);
        address::follow(lab);
        language::follow(lab);
    });
}

/// All but the head of the page. It has the focus for the keys.
fn stage(lab: Lab) {
    let stage = html("main", "")
        .follow("class", move || if lab.count.get() > 1 { "stage two" } else { "stage" }.to_owned())
        .set("tabindex", "0")
        .follow("aria-label", move || lab.say(Text::Stage))
        .follow("aria-description", move || lab.say(Text::Keys))
        .on("keydown", move |event| keys::handle(lab, &event))
        .add(world::worlds(lab))
        .add(why::panel(lab))
        .add(transport::transport(lab))
        .add(menu::place(lab));
    let element = stage.element().clone();
    stage.mount();
    // With the first frame: before it the focus would need a layout of its own.
    request_animation_frame(move || {
        lab.set_stage(&element);
        lab.focus_stage();
    });
    // Until then a key is the stage's that no control has.
    on_page("keydown", move |event| {
        if !lab.has_stage() && event.target() == event.current_target() {
            keys::handle(lab, &event);
        }
    });
}
