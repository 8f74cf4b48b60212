//! The keys of the stage.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent};

use super::lab::Lab;

/// Does what a key is for, where the control that has the focus doesn't want it itself.
pub(super) fn handle(lab: Lab, event: &Event) {
    let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
    let key = event.key();
    if event.ctrl_key() || event.meta_key() {
        if key.eq_ignore_ascii_case("z") && !event.shift_key() {
            event.prevent_default();
            lab.undo();
        }
        return;
    }
    if event.alt_key() {
        return;
    }
    match key.as_str() {
        " " if !is_on_button(event) => lab.toggle_play(),
        "ArrowRight" => lab.step_forward(),
        "ArrowLeft" => lab.step_back(),
        "Home" => lab.to_start(),
        "End" => lab.to_end(),
        "Escape" if lab.menu.get_untracked().is_some() => lab.menu.set(None),
        _ => return,
    }
    event.prevent_default();
}

/// A button takes the space bar for itself.
fn is_on_button(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.tag_name().eq_ignore_ascii_case("button"))
}
