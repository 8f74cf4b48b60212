//! What is asked of the hosts: a field for each word of the load.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::super::draw::{El, button, html, input_value, truth};
use super::super::header::option;
use super::super::labels;
use super::super::language::Text;
use super::super::rules::field;
use super::{Gauge, complaint};
use crate::gauge::{Load, SYSTEMS, Word};
use crate::tcp::profile::{Base, Value};

/// The words that most people change, before the others.
const MAIN: [Word; 6] =
    [Word::Rate, Word::Range, Word::TimeWait, Word::Requests, Word::Travel, Word::First];

pub(super) fn form(gauge: Gauge) -> El {
    let lab = gauge.lab;
    let others = Word::ALL.iter().copied().filter(|word| !MAIN.contains(word));
    let more = html("details", "")
        .add(html("summary", "").text(lab.text(Text::GaugeMore)))
        .add(html("div", "gauge-fields").adds(others.map(|word| control(gauge, word))));
    let anew = button("plain", move || gauge.change(Load::default()))
        .follow("aria-disabled", move || truth(gauge.load.with(|load| *load == Load::default())))
        .text(lab.text(Text::GaugeStartAnew));
    html("section", "gauge-load")
        .add(
            html("div", "gauge-load-head")
                .add(html("h3", "").text(lab.text(Text::GaugeLoad)))
                .add(anew),
        )
        .add(
            html("div", "gauge-fields")
                .add(system(gauge))
                .adds(MAIN.map(|word| control(gauge, word))),
        )
        .add(more)
}

/// A system: its range, its TIME_WAIT, its stack.
fn system(gauge: Gauge) -> El {
    let choose = move |event| {
        let name = event_target_value(&event);
        if let Some(system) = SYSTEMS.iter().find(|system| system.name == name) {
            gauge.change(system.of(&gauge.load.get_untracked()).fitted());
        }
    };
    let chosen = move || {
        let load = gauge.load.get();
        SYSTEMS.iter().find(|system| system.of(&load) == load).map_or("", |system| system.name)
    };
    let own = option("", gauge.lab.text(Text::GaugeOwnSystem), false).set("disabled", "");
    let systems = SYSTEMS.iter().map(|system| option(system.name, system_name(system.name), false));
    let list = html("select", "").set("id", "gauge-system").on("change", choose);
    let list = list.add(own).adds(systems);
    field::follow(&list, move |list| list.set_value(chosen()));
    labelled(gauge, "gauge-system", Text::GaugeSystem).add(list)
}

fn system_name(name: &str) -> &'static str {
    match name {
        "linux" => "Linux",
        "linux-widened" => "Linux, 1024–65535",
        "freebsd" => "FreeBSD",
        "macos" => "macOS",
        "windows-120" => "Windows, 120 s",
        "windows-240" => "Windows, 240 s",
        "windows-30" => "Windows, 30 s",
        "windows-2000" => "Windows 2000",
        _ => "RFC 9293, 2MSL = 240 s",
    }
}

fn labelled(gauge: Gauge, id: &str, text: Text) -> El {
    let label = html("label", "").set("for", id).text(gauge.lab.text(text));
    html("div", "gauge-field").add(label)
}

/// A list where a word has few values, else a field to write into.
fn control(gauge: Gauge, word: Word) -> El {
    let id = format!("gauge-{}", word.name());
    let labelled = labelled(gauge, &id, label(word));
    match values(gauge, word) {
        Some(values) => labelled.add(list(gauge, word, &id, &values)),
        None => labelled.add(input(gauge, word, &id)),
    }
}

/// What a word is called on the screen.
fn label(word: Word) -> Text {
    match word {
        Word::Rate => Text::GaugeRate,
        Word::Requests => Text::GaugeRequests,
        Word::First => Text::GaugeFirst,
        Word::Destinations => Text::GaugeDestinationsCount,
        Word::Sources => Text::GaugeSourcesCount,
        Word::Range => Text::GaugePorts,
        Word::Reuse => Text::GaugeReuseField,
        Word::ReuseDelay => Text::GaugeReuseDelay,
        Word::Timestamps => Text::GaugeTimestamps,
        Word::LingerZero => Text::GaugeLingerField,
        Word::TimeWait => Text::GaugeTimeWait,
        Word::MaxTimeWait => Text::GaugeMaxTimeWait,
        Word::Stack => Text::GaugeStack,
        Word::Travel => Text::GaugeTravel,
        Word::Length => Text::GaugeLength,
        Word::Scale => Text::GaugeScale,
    }
}

/// The values of a word with what they are called, if these are all.
fn values(gauge: Gauge, word: Word) -> Option<Vec<(String, &'static str)>> {
    let say = |text: Text| gauge.lab.text(text);
    let pair = |value: &str, words: &'static str| (value.to_owned(), words);
    match word {
        Word::First => Some(vec![
            pair("client", say(Text::GaugeClient)),
            pair("server", say(Text::GaugeServer)),
        ]),
        Word::Reuse | Word::Timestamps | Word::LingerZero => {
            Some(vec![pair("on", say(Text::On)), pair("off", say(Text::Off))])
        }
        Word::Stack => {
            let bases = Base::ALL.iter().filter(|base| **base != Base::NoTimeWait);
            Some(bases.map(|base| (base.text(), labels::base(*base))).collect())
        }
        Word::Rate
        | Word::Requests
        | Word::Destinations
        | Word::Sources
        | Word::Range
        | Word::ReuseDelay
        | Word::TimeWait
        | Word::MaxTimeWait
        | Word::Travel
        | Word::Length
        | Word::Scale => None,
    }
}

fn list(gauge: Gauge, word: Word, id: &str, values: &[(String, &'static str)]) -> El {
    let choose = move |event| {
        // The list has only values.
        let _ = set(gauge, word, &event_target_value(&event));
    };
    let options = values.iter().map(|(value, words)| option(value, words, false));
    let list = html("select", "").set("id", id).on("change", choose).adds(options);
    field::follow(&list, move |list| list.set_value(&gauge.load.with(|load| load.get(word))));
    list
}

/// Sets a word; what is wrong with the value, in words, where it is none.
fn set(gauge: Gauge, word: Word, text: &str) -> Result<(), String> {
    let mut load = gauge.load.get_untracked();
    let typed: String = text.split_whitespace().collect();
    let why = match load.set(word, &typed) {
        Err(why) => Some(why),
        // Who writes a scale means it; else it follows what is asked.
        Ok(()) if word == Word::Scale => load.check(),
        Ok(()) => None,
    };
    match why {
        Some(why) => Err(complaint(gauge.lab, text, &why)),
        None => {
            gauge.change(load.fitted());
            Ok(())
        }
    }
}

/// A field; what is no value stays there, with what was expected.
fn input(gauge: Gauge, word: Word, id: &str) -> El {
    let refused = RwSignal::new(String::new());
    let message_id = format!("{id}-refused");
    let described_by = message_id.clone();
    let input = html("input", "")
        .set("id", id)
        .set("type", "text")
        .set("autocomplete", "off")
        .set("spellcheck", "false")
        .set("autocapitalize", "off")
        .set("maxlength", "40")
        .follow("aria-describedby", move || {
            if refused.read().is_empty() { String::new() } else { described_by.clone() }
        })
        .follow("aria-invalid", move || truth(!refused.read().is_empty()));
    let element = input.element().clone();
    let commit = move |_| {
        let outcome = set(gauge, word, &input_value(&element));
        if outcome.is_ok()
            && let Some(input) = element.dyn_ref::<HtmlInputElement>()
        {
            // The one text form of the value: 60s for 60000ms.
            input.set_value(&gauge.load.with_untracked(|load| load.get(word)));
        }
        refused.set(outcome.err().unwrap_or_default());
    };
    let input = input.on("change", commit);
    let value = Memo::new(move |_| gauge.load.with(|load| load.get(word)));
    field::follow(&input, move |input| {
        input.set_value(&value.get());
        refused.set(String::new());
    });
    let message = html("p", "refused").set("id", &message_id).set("role", "alert");
    html("div", "").add(input).add(message.words(move || refused.get()))
}
