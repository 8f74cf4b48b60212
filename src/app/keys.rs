//! The keys of the stage: one table, which the page listens by and the help shows.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent};

use super::lab::{About, Lab, Menu};
use super::language::Text;
use super::later;
use super::menu;
use super::sheet::Sheet;
use super::transport::{faster, slower};
use crate::tcp::event::HostId;

/// What a person presses.
#[derive(Clone, Copy)]
pub(super) enum Press {
    /// A key that has a name in the browser.
    Named(&'static str),
    /// A letter or another sign, while single letters are keys.
    Letter(&'static str),
    /// A letter with Ctrl, or with ⌘ on a Mac.
    Command(&'static str),
    /// The same with the shift key.
    ShiftCommand(&'static str),
}

/// A key: what is pressed, what the help says of it, and what it does.
pub(super) struct Key {
    /// Any of these.
    pub(super) presses: &'static [Press],
    /// What it's for.
    pub(super) said: Text,
    act: fn(Lab),
}

const fn key(presses: &'static [Press], said: Text, act: fn(Lab)) -> Key {
    Key { presses, said, act }
}

/// The keys for time.
pub(super) const TIME: [Key; 8] = [
    key(&[Press::Named(" ")], Text::KeyPlay, Lab::toggle_play),
    key(&[Press::Named("ArrowRight")], Text::StepForward, Lab::step_forward),
    key(&[Press::Named("ArrowLeft")], Text::StepBack, Lab::step_back),
    key(&[Press::Named("Home")], Text::ToStart, Lab::to_start),
    key(&[Press::Named("End")], Text::ToEnd, Lab::to_end),
    key(&[Press::Letter("+")], Text::KeyFaster, faster),
    key(&[Press::Letter("-")], Text::KeySlower, slower),
    key(&[Press::Letter("p")], Text::KeyParting, Lab::to_parting),
];

/// The keys for acts.
pub(super) const ACTS: [Key; 7] = [
    key(&[Press::Letter("s")], Text::KeySegment, next_segment),
    key(&[Press::Letter("1")], Text::KeyHost1, |lab| open_host(lab, HostId::A)),
    key(&[Press::Letter("2")], Text::KeyHost2, |lab| open_host(lab, HostId::B)),
    key(&[Press::Letter("3")], Text::KeyLine, open_line),
    key(&[Press::Letter("f")], Text::KeyForge, |lab| open(lab, Sheet::Forge(0, HostId::B, None))),
    key(&[Press::Letter("u"), Press::Command("z")], Text::Undo, Lab::undo),
    key(
        &[Press::Letter("y"), Press::Command("y"), Press::ShiftCommand("z")],
        Text::Redo,
        Lab::redo,
    ),
];

/// The keys for what is on the screen.
pub(super) const VIEW: [Key; 5] = [
    key(&[Press::Letter("w")], Text::KeyWorlds, switch_worlds),
    key(&[Press::Letter("r")], Text::Rules, |lab| open(lab, Sheet::Rules(HostId::A))),
    key(&[Press::Letter("t")], Text::Transcript, |lab| lab.lists.update(|on| *on = !*on)),
    key(&[Press::Named("Escape")], Text::KeyClose, close_menu),
    key(&[Press::Letter("?")], Text::KeyHelp, |lab| open(lab, Sheet::Help)),
];

/// Does what a key is for, where the control that has the focus doesn't want it itself.
pub(super) fn handle(lab: Lab, event: &Event) {
    let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
    if event.alt_key() || takes_words(event) || is_for_control(lab, event) {
        return;
    }
    let has_letters = lab.letters.get_untracked();
    let keys = TIME.iter().chain(&ACTS).chain(&VIEW);
    let pressed = |key: &&Key| key.presses.iter().any(|press| press.is(event, has_letters));
    if let Some(key) = keys.into_iter().find(pressed) {
        event.prevent_default();
        (key.act)(lab);
    }
}

impl Press {
    /// Whether the event is this one.
    fn is(self, event: &KeyboardEvent, has_letters: bool) -> bool {
        let is_command = event.ctrl_key() || event.meta_key();
        let key = event.key();
        match self {
            Press::Named(name) => !is_command && key == name,
            Press::Letter(letter) => has_letters && !is_command && key == letter,
            Press::Command(letter) | Press::ShiftCommand(letter) => {
                let wants_shift = matches!(self, Press::ShiftCommand(_));
                is_command && event.shift_key() == wants_shift && key.eq_ignore_ascii_case(letter)
            }
        }
    }

    /// How the help writes it: the keys that are pressed together.
    pub(super) fn caps(self, lab: Lab) -> Vec<String> {
        let cap = |name: &str| name.to_owned();
        match self {
            Press::Named(" ") => vec![lab.say(Text::KeySpace)],
            Press::Named("ArrowRight") => vec![cap("→")],
            Press::Named("ArrowLeft") => vec![cap("←")],
            Press::Named("Escape") => vec![cap("Esc")],
            Press::Named(name) => vec![cap(name)],
            Press::Letter(letter) => vec![letter.to_ascii_uppercase()],
            Press::Command(letter) => vec![cap(command()), letter.to_ascii_uppercase()],
            Press::ShiftCommand(letter) => {
                vec![cap(command()), cap("⇧"), letter.to_ascii_uppercase()]
            }
        }
    }
}

/// The key that keyboards of this system have for commands.
fn command() -> &'static str {
    let platform = js_sys::Reflect::get(&window().navigator(), &"platform".into());
    let is_apple = |name: String| name.starts_with("Mac") || name.starts_with("iP");
    let name = platform.ok().and_then(|name| name.as_string());
    if name.is_some_and(is_apple) { "⌘" } else { "Ctrl" }
}

fn switch_worlds(lab: Lab) {
    later::with(lab, Box::new(move |later| (later.switch_worlds)(lab)));
}

fn open(lab: Lab, sheet: Sheet) {
    lab.sheet.set(Some(sheet));
}

/// Moves the focus to the next segment in flight.
fn next_segment(_: Lab) {
    let document = document();
    let Ok(chips) = document.query_selector_all(".chip") else { return };
    let chips: Vec<HtmlElement> =
        (0..chips.length()).filter_map(|at| chips.get(at)?.dyn_into().ok()).collect();
    let focused = document.active_element();
    let at = chips.iter().position(|chip| focused.as_ref() == Some(chip.as_ref()));
    let next = chips.get(at.map_or(0, |at| at + 1)).or(chips.first());
    if let Some(chip) = next {
        let _ = chip.focus();
    }
}

/// Opens a host's menu, with the focus on its first line.
fn open_host(lab: Lab, host: HostId) {
    lab.menu.set(Some(Menu { world: 0, in_list: false, about: About::Host(host) }));
    // It's drawn after this event.
    request_animation_frame(|| focus(".menu input, .menu button"));
}

/// Opens the line's menu. Its button stands among the reasons, not in the list of all that happens.
fn open_line(lab: Lab) {
    lab.lists.set(false);
    lab.menu.set(Some(menu::LINE));
}

/// Gives the focus to the first element of a kind.
pub(super) fn focus(selector: &str) {
    let first = document().query_selector(selector).ok().flatten();
    if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
        let _ = first.focus();
    }
}

/// Closes the menu. Who opened it with a key on its button is there again.
fn close_menu(lab: Lab) {
    if document().query_selector(".menu[data-back]").is_ok_and(|menu| menu.is_some()) {
        focus("[data-opens][aria-expanded=true]");
    } else {
        lab.focus_stage();
    }
    lab.menu.set(None);
}

/// Whether the key is left to what has the focus, or to the browser: a button takes the space bar
/// for itself, and without a menu there is nothing to escape from.
fn is_for_control(lab: Lab, event: &KeyboardEvent) -> bool {
    match event.key().as_str() {
        " " => target(event).is_some_and(|at| at.tag_name().eq_ignore_ascii_case("button")),
        "Escape" => lab.menu.get_untracked().is_none(),
        _ => false,
    }
}

/// Letters and arrows are words in a field for words; Escape never is.
fn takes_words(event: &KeyboardEvent) -> bool {
    let is_word = event.key() != "Escape";
    target(event).filter(|_| is_word).is_some_and(|target| {
        target.matches("input:not([type=range]), select, textarea, dialog *").unwrap_or(false)
    })
}

fn target(event: &KeyboardEvent) -> Option<Element> {
    event.target().and_then(|target| target.dyn_into::<Element>().ok())
}
