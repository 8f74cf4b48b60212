//! The address bar: it holds the whole scene, so that a link is all that a person needs.
//!
//! `#t=1272ms&lang=en&s=time-wait-lab+1;A+linux;…`: the moment, the language, and the text form of
//! the scenario with `+` for a blank and `;` for the end of a line.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use super::lab::{Lab, Notice};
use super::language::Language;
use crate::tcp::time::{Span, Time};
use crate::world::{Scenario, parse_scenario};

/// The address is written at most so often, in milliseconds: browsers refuse more.
const PAUSE: u32 = 500;

/// What an address says.
#[derive(Default)]
pub(super) struct Link {
    pub(super) scenario: Option<Scenario>,
    pub(super) time: Option<Time>,
    pub(super) language: Option<Language>,
    pub(super) notice: Option<Notice>,
}

/// What the address says now.
pub(super) fn read() -> Link {
    let hash = window().location().hash().unwrap_or_default();
    let mut link = Link::default();
    for part in hash.trim_start_matches('#').split('&').filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            Some(("t", time)) => link.time = Span::parse(time).map(|span| Time(span.0)),
            Some(("lang", tag)) => link.language = Language::parse(tag),
            Some(("s", coded)) => match decode(coded).map(|text| parse_scenario(&text)) {
                Some(Ok(scenario)) => link.scenario = Some(scenario),
                Some(Err(wrong)) => link.notice = Some(Notice::Scenario(wrong)),
                None => link.notice = Some(Notice::Address),
            },
            // What a later version writes is no error.
            Some((_, _)) => {}
            None => link.notice = Some(Notice::Address),
        }
    }
    if link.scenario.is_none() {
        link.time = None;
    }
    link
}

/// Keeps the address as the scene is, and the scene as the address is when the person changes it.
pub(super) fn follow(lab: Lab) {
    let waiting: StoredValue<Option<Timeout>, LocalStorage> = StoredValue::new_local(None);
    Effect::new(move |_| {
        lab.scenario.track();
        lab.playhead.track();
        lab.language.track();
        if waiting.with_value(Option::is_none) {
            let later = Timeout::new(PAUSE, move || {
                waiting.set_value(None);
                write(lab);
            });
            waiting.set_value(Some(later));
        }
    });
    window_event_listener(leptos::ev::hashchange, move |_| {
        let link = read();
        lab.notice.set(link.notice);
        if let Some(language) = link.language {
            lab.language.set(language);
        }
        if let Some(scenario) = link.scenario {
            lab.open(scenario);
            lab.go_to(link.time.unwrap_or(Time::START));
        }
    });
}

fn write(lab: Lab) {
    let time = lab.playhead.get_untracked();
    let language = lab.language.get_untracked().tag();
    let scene = lab.scenario.with_untracked(|scenario| encode(&scenario.to_string()));
    let hash = format!("#t={time}&lang={language}&s={scene}");
    if let Ok(history) = window().history() {
        // A browser that refuses only leaves the link behind the scene.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&hash));
    }
}

fn encode(text: &str) -> String {
    let mut coded = String::with_capacity(text.len());
    for octet in text.trim_end().bytes() {
        match octet {
            b' ' => coded.push('+'),
            b'\n' => coded.push(';'),
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'-'
            | b'_'
            | b'.'
            | b','
            | b'='
            | b':'
            | b'!'
            | b'*'
            | b'/' => coded.push(char::from(octet)),
            other => {
                coded.push('%');
                for half in [other >> 4, other & 15] {
                    coded.push(char::from_digit(half.into(), 16).unwrap_or('0'));
                }
            }
        }
    }
    coded
}

fn decode(coded: &str) -> Option<String> {
    let mut text = Vec::with_capacity(coded.len());
    let mut octets = coded.bytes();
    while let Some(octet) = octets.next() {
        text.push(match octet {
            b'+' => b' ',
            b';' => b'\n',
            b'%' => {
                let high = char::from(octets.next()?).to_digit(16)?;
                let low = char::from(octets.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    text.push(b'\n');
    String::from_utf8(text).ok()
}
