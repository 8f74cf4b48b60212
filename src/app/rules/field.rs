//! The controls of the rules: a list to choose from, or a field that says what it expects.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement};

use super::super::draw::{El, html, input_value, keep, truth};
use super::super::header::option;
use super::super::lab::Lab;
use super::super::language::Text;
use crate::tcp::profile::Switch;

/// A value that a person can change.
pub(super) struct Setting {
    /// The name of its control in the page.
    pub(super) id: String,
    /// The names of the elements that say what it is.
    pub(super) labelled_by: String,
    /// The value as text.
    pub(super) value: Memo<String>,
    /// Changes it; `false`, and nothing changed, where the text is no value.
    pub(super) change: Box<dyn Fn(&str) -> bool>,
}

/// The words that a switch takes, if they're all that it takes.
pub(super) fn words_of(switch: Switch) -> Option<Vec<String>> {
    let expected = switch.expected();
    let is_number = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
    let words: Vec<&str> = expected.split(", ").collect();
    (!words.iter().any(|word| is_number(word)))
        .then(|| words.into_iter().map(str::to_owned).collect())
}

/// A list to choose a value from; each value with its words.
pub(super) fn list(setting: Setting, values: &[(String, String)]) -> El {
    let Setting { id, labelled_by, value, change } = setting;
    let choose = move |event| {
        // The list has only values.
        let _ = change(&event_target_value(&event));
    };
    let list = html("select", "")
        .set("id", &id)
        .set("aria-labelledby", &labelled_by)
        .on("change", choose)
        .adds(values.iter().map(|(value, words)| option(value, words, false)));
    follow(&list, move |list| list.set_value(&value.get()));
    list
}

/// A field to write a value into. What is none stays there, with what was expected.
pub(super) fn field(lab: Lab, setting: Setting, expected: &str) -> El {
    let Setting { id, labelled_by, value, change } = setting;
    let refused = RwSignal::new(None::<String>);
    let message_id = format!("{id}-refused");
    let described_by = message_id.clone();
    let input = html("input", "")
        .set("id", &id)
        .set("type", "text")
        .set("autocomplete", "off")
        .set("spellcheck", "false")
        .set("autocapitalize", "off")
        .set("maxlength", "200")
        .set("placeholder", expected)
        .set("aria-labelledby", &labelled_by)
        .follow("aria-describedby", move || {
            if refused.read().is_some() { described_by.clone() } else { String::new() }
        })
        .follow("aria-invalid", move || truth(refused.read().is_some()));
    let element = input.element().clone();
    let commit = move |_| {
        let typed = input_value(&element);
        let is_value = change(&typed.split_whitespace().collect::<String>());
        refused.set((!is_value).then_some(typed));
        if is_value && let Some(input) = element.dyn_ref::<HtmlInputElement>() {
            // The one text form of the value: 60s for 60000ms.
            input.set_value(&value.get_untracked());
        }
    };
    let input = input.on("change", commit);
    follow(&input, move |input| {
        input.set_value(&value.get());
        refused.set(None);
    });
    let expected = expected.to_owned();
    let message = move || {
        let Some(typed) = refused.get() else { return String::new() };
        lab.fill(Text::BadValue, &[("text", &typed), ("expected", &expected)])
    };
    let message = html("p", "refused").set("id", &message_id).set("role", "alert").words(message);
    html("div", "field").add(input).add(message)
}

/// A box to tick, with its words.
pub(in crate::app) fn tick(
    words: &str,
    is_set: impl Fn() -> bool + 'static,
    change: impl Fn(bool) + 'static,
) -> El {
    let tick = html("input", "").set("type", "checkbox");
    let element = tick.element().clone();
    let change = move |_| {
        change(element.dyn_ref::<HtmlInputElement>().is_some_and(HtmlInputElement::checked));
    };
    let tick = tick.on("change", change);
    follow(&tick, move |tick| tick.set_checked(is_set()));
    html("label", "tick-box").add(tick).add(html("span", "").text(words))
}

/// Keeps a control as the signals say, whatever a person has done to it.
pub(in crate::app) fn follow(control: &El, set: impl Fn(&HtmlInputElement) + 'static) {
    let element = control.element().clone();
    keep(Box::new(move |_| {
        // A list has the same property `value` as a field; the browser looks it up by its name.
        set(element.unchecked_ref::<HtmlInputElement>());
        0
    }));
}

/// Gives a control the focus, after what is being drawn has been drawn.
pub(super) fn focus(id: String) {
    request_animation_frame(move || {
        let element = document().get_element_by_id(&id);
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    });
}
