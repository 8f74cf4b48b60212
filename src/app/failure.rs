//! When the program fails: a message with a way to go on, never a blank page.

use std::panic;

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::language::{Language, Text, text};

/// Shows a message on the page when the program panics, and the details in the console.
pub(super) fn install() {
    panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        // The page is broken already; what can't be shown stays in the console.
        let _ = show();
    }));
}

/// Built by hand, for nothing of the page may be trusted any more.
fn show() -> Option<()> {
    let language = Language::preferred();
    let document = document();
    let note = document.create_element("div").ok()?;
    note.set_attribute("role", "alert").ok()?;
    note.set_attribute("class", "failure").ok()?;
    let words = document.create_element("p").ok()?;
    words.set_text_content(Some(text(language, Text::Panic)));
    let again = document.create_element("button").ok()?;
    again.set_text_content(Some(text(language, Text::Reload)));
    let start_again = Closure::<dyn FnMut()>::new(|| {
        let location = window().location();
        // Without its hash, for the scene may be what failed.
        let _ = location.set_hash("").and_then(|()| location.reload());
    });
    again.add_event_listener_with_callback("click", start_again.as_ref().unchecked_ref()).ok()?;
    start_again.forget();
    note.append_child(&words).ok()?;
    note.append_child(&again).ok()?;
    document.body()?.append_child(&note).ok()?;
    Some(())
}
