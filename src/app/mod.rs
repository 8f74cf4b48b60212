//! The page: it draws pictures of a run and turns what a person does into edits of the scenario.
//!
//! Two values are its state, the scenario and the playhead ([`lab::Lab`]); everything else on the
//! screen follows from them. Each service of the browser has a file of its own: [`frames`],
//! [`address`], [`storage`], [`failure`]. Components are functions that draw, made of [`draw`].

mod address;
mod card;
mod chips;
mod draw;
mod failure;
mod frames;
mod header;
mod keys;
mod lab;
mod labels;
mod ladder;
mod language;
mod look;
mod player;
mod start;
mod storage;
mod transport;
mod verdict;
mod why;
mod wire;
mod world;

use leptos::prelude::*;

use draw::html;
use lab::Lab;
use language::Text;

/// Puts the page on the screen.
pub fn start() {
    failure::install();
    mount_to_body(|| {
        let lab = start::open();
        provide_context(lab);
        header::header(lab, look::Look::follow()).mount();
        start::notice(lab).mount();
        stage(lab);
        player::follow(lab);
        address::follow(lab);
        language::follow(lab);
    });
}

/// All but the head of the page. It has the focus for the keys.
fn stage(lab: Lab) {
    let stage = html("main", "stage")
        .set("tabindex", "0")
        .follow("aria-label", move || lab.say(Text::Stage))
        .follow("aria-description", move || lab.say(Text::Keys))
        .on("keydown", move |event| keys::handle(lab, &event))
        .add(world::world(lab))
        .add(why::panel(lab))
        .add(transport::transport(lab));
    lab.set_stage(stage.element());
    stage.mount();
    lab.focus_stage();
}
