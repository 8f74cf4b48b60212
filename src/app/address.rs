//! The address bar: it holds the whole scene, so that a link is all that a person needs.
//!
//! A change of the scene makes a new entry in the browser's history, so going back undoes it, and
//! the page's own undo is going back. The moment and the language are written into the entry that
//! is there. The state of an entry is the number of changes that led to it.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use super::lab::{Going, Lab, Notice};
use super::language::Language;
use super::later::{self, Code, code};
use super::sheet::Sheet;
use crate::tcp::time::Time;
use crate::world::{Link, Scene};

/// The moment is written at most so often, in milliseconds: browsers refuse more.
const PAUSE: u32 = 500;

/// What an address says.
#[derive(Default)]
pub(super) struct Address {
    /// The scene, or the nearest one that can be shown.
    pub(super) scene: Option<Scene>,
    /// The moment.
    pub(super) time: Time,
    /// The language.
    pub(super) language: Option<Language>,
    /// Where it is in a lesson.
    pub(super) lesson: Option<Going>,
    /// What lies over the stage.
    pub(super) sheet: Option<Sheet>,
    /// What is wrong with it.
    pub(super) notice: Option<Notice>,
}

/// What stands behind `#`.
pub(super) fn hash() -> String {
    let hash = window().location().hash().unwrap_or_default();
    hash.trim_start_matches('#').to_owned()
}

/// What an address says: see later.rs.
pub(super) fn parse(hash: &str) -> Address {
    let (link, wrong) = Link::parse(hash);
    let time = link.time.filter(|_| link.scenario.is_some()).unwrap_or(Time::START);
    let is_new = link.scenario.is_none();
    let lesson = link.lesson.map(|(name, stop)| Going { is_new, ..Going::to(&name, stop) });
    let scene = link.scenario.map(|scenario| Scene { scenario, other: link.other });
    let language = link.language.as_deref().and_then(Language::parse);
    let sheet = link.show.map(Sheet::Shown);
    Address { scene, time, language, lesson, sheet, notice: wrong.map(Notice::Link) }
}

/// The address of what is shown now: see later.rs.
pub(super) fn text(lab: Lab) -> String {
    let lesson = lab.lesson.get_untracked().filter(|going| !going.is_left);
    let show = lab.sheet.get_untracked().and_then(|sheet| match sheet {
        Sheet::Shown(words) => Some(words),
        Sheet::Help
        | Sheet::Rules(_)
        | Sheet::Forge(..)
        | Sheet::Host(..)
        | Sheet::Term(_)
        | Sheet::Lessons
        | Sheet::Page(_)
        | Sheet::Recorded(_) => None,
    });
    let scene = lab.scene.get_untracked();
    let link = Link {
        time: Some(lab.playhead.get_untracked()),
        language: Some(lab.language.get_untracked().tag().to_owned()),
        lesson: lesson.map(|going| (going.name, going.stop)),
        show,
        other: scene.other.clone(),
        scenario: Some(scene.scenario.clone()),
    };
    format!("#{link}")
}

/// Keeps the address as the scene is, and the scene as the address is when the person changes it.
/// One that couldn't be read at the start is read, and not written, as soon as that can be done.
pub(super) fn follow(lab: Lab) {
    let (before, _) = lab.changes.get_untracked();
    let number = number().unwrap_or(before);
    lab.changes.set((number, 0));
    let waiting: StoredValue<Option<Timeout>, LocalStorage> = StoredValue::new_local(None);
    let is_read = later::with_words(Language::of_page()).is_some() || hash().is_empty();
    let is_unread = StoredValue::new(!is_read);
    Effect::new(move |_| {
        if !matches!(code(lab), Code::Here(_)) {
            return;
        }
        if is_unread.get_value() {
            is_unread.set_value(false);
            arrive(lab);
        }
        lab.scene.track();
        lab.playhead.track();
        lab.language.track();
        lab.lesson.track();
        lab.sheet.track();
        if waiting.with_value(Option::is_none) {
            let later = Timeout::new(PAUSE, move || {
                waiting.set_value(None);
                replace(lab);
            });
            waiting.set_value(Some(later));
        }
    });
    window_event_listener(leptos::ev::popstate, move |_| {
        later::with(lab, Box::new(move |_| arrive(lab)));
    });
}

/// The number of changes that led to the entry of the history that is shown.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn number() -> Option<u32> {
    window().history().ok()?.state().ok()?.as_f64().map(|number| number as u32)
}

/// The browser went to another entry, or the person typed an address.
fn arrive(lab: Lab) {
    let Some(later) = later::here() else { return };
    let (before, after) = lab.changes.get_untracked();
    let address = (later.address)(&hash());
    match (number(), address.scene) {
        // One of ours: it's gone back, or forward.
        (Some(number), Some(scene)) => {
            lab.changes.set((number, (before + after).saturating_sub(number)));
            lab.scene.set(Rc::new(scene));
            lab.go_to(address.time);
            // Its language may be that of before.
            replace(lab);
        }
        (_, scene) => {
            lab.changes.set((before + 1, 0));
            if let Some(language) = address.language {
                lab.language.set(language);
            }
            if let Some(scene) = scene {
                let scene = Rc::new(scene);
                lab.opened.set(Rc::clone(&scene));
                lab.scene.set(scene);
                lab.go_to(address.time);
            }
            lab.lesson.set(address.lesson);
            // What the person opened themselves stays open.
            let is_shown = matches!(lab.sheet.get_untracked(), Some(Sheet::Shown(_)));
            if is_shown || address.sheet.is_some() {
                lab.sheet.set(address.sheet);
            }
            lab.notice.set(address.notice);
            replace(lab);
        }
    }
}

/// Before a change: the entry that is left holds the very moment.
pub(super) fn before_change(lab: Lab) {
    replace(lab);
}

/// After a change: a new entry.
pub(super) fn after_change(lab: Lab) {
    let (before, _) = lab.changes.get_untracked();
    lab.changes.set((before + 1, 0));
    if let (Ok(history), Some(hash)) = (window().history(), written(lab)) {
        let state = JsValue::from(before + 1);
        // A browser that refuses only leaves the link behind the scene.
        let _ = history.push_state_with_url(&state, "", Some(&hash));
    }
}

fn replace(lab: Lab) {
    let (before, _) = lab.changes.get_untracked();
    if let (Ok(history), Some(hash)) = (window().history(), written(lab)) {
        let _ = history.replace_state_with_url(&JsValue::from(before), "", Some(&hash));
    }
}

fn written(lab: Lab) -> Option<String> {
    later::here().map(|later| (later.link)(lab))
}

/// To the entry before.
pub(super) fn back() {
    if let Ok(history) = window().history() {
        let _ = history.back();
    }
}

/// To the entry after.
pub(super) fn forward() {
    if let Ok(history) = window().history() {
        let _ = history.forward();
    }
}

/// Writes the link to the clipboard, and says so.
pub(super) fn copy(lab: Lab) {
    later::with(lab, Box::new(move |_| copy_now(lab)));
}

fn copy_now(lab: Lab) {
    replace(lab);
    let link = window().location().href().unwrap_or_default();
    let length = link.chars().count();
    let navigator = window().navigator();
    // A page that isn't served safely has no clipboard.
    if !js_sys::Reflect::has(&navigator, &"clipboard".into()).unwrap_or(false) {
        return lab.notice.set(Some(Notice::NotCopied));
    }
    let tell =
        move |notice: Notice| Closure::once_into_js(move |_: JsValue| lab.notice.set(Some(notice)));
    let (copied, refused) = (tell(Notice::Copied(length)), tell(Notice::NotCopied));
    let promise: JsValue = navigator.clipboard().write_text(&link).into();
    let then = js_sys::Reflect::get(&promise, &"then".into()).unwrap_or_default();
    if let Some(then) = then.dyn_ref::<js_sys::Function>() {
        let _ = then.call2(&promise, &copied, &refused);
    }
}
