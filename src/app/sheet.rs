//! What lies over the stage for a while: keys, rules, a forged segment, a host in full, a term.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::{Effect, document};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlDialogElement};

use super::draw::{El, button, html};
use super::lab::Lab;
use super::language::{Text, host_name};
use super::later::{Code, code};
use super::signal::Memo;
use super::{explorer, forge, gauge, glossary, help, host, lesson, rules};
use crate::tcp::event::HostId;
use crate::tcp::segment::Segment;

/// A sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sheet {
    /// The keys.
    Help,
    /// The rules of a host.
    Rules(HostId),
    /// A segment to be forged in a world, for a host, like another one.
    Forge(usize, HostId, Option<Segment>),
    /// A host of a world in full.
    Host(usize, HostId),
    /// A term of the glossary, by its name.
    Term(String),
    /// The lessons.
    Lessons,
    /// A lesson as one page.
    Page(String),
    /// A part of the lesson that is taken, beside its recording.
    Recorded(usize),
    /// What the address names, in its words.
    Shown(String),
}

/// The place for a sheet. The browser keeps the focus in it, and Escape closes it. Who came by keys is
/// then where they were, and anybody else on the stage; at once, for the next key may be on its way.
pub(super) fn place(lab: Lab) -> El {
    let by_keys = Rc::new(Cell::new(false));
    let goes_back = Rc::clone(&by_keys);
    let hand_on = Rc::new(move || {
        if !(goes_back.get() && focused(":not(body)")) {
            lab.focus_stage();
        }
    });
    let hand_on_late = Rc::clone(&hand_on);
    // A sheet whose words change stays, and follows them itself.
    let shown = Memo::with_compare(move || lab.sheet.get(), is_same);
    let place = html("dialog", "sheet")
        .set("aria-labelledby", "sheet-title")
        // Escape. The browser would close it now, and say so later.
        .on("cancel", move |_| lab.sheet.set(None))
        .on("close", move |event| {
            // That it was closed is told late: there may be another one by now. What is news is that
            // a browser closed it without asking.
            let is_news = lab.sheet.read_untracked().is_some();
            if is_news && dialog_of(&event).is_some_and(|dialog| !dialog.open()) {
                lab.sheet.set(None);
                hand_on_late();
            }
        })
        .on("click", move |event| {
            if dialog_of(&event).is_some() {
                lab.sheet.set(None);
            }
        })
        .part(move || shown.get().map(|sheet| drawn(lab, sheet)).unwrap_or_default());
    let dialog = place.element().dyn_ref::<HtmlDialogElement>().cloned();
    Effect::new(move |_| {
        let is_open = lab.sheet.read().is_some();
        if let Some(dialog) = dialog.as_ref().filter(|dialog| dialog.open() != is_open) {
            if is_open {
                by_keys.set(focused(":focus-visible"));
                // A browser that refuses shows it in its place on the page.
                let _ = dialog.show_modal();
            } else {
                dialog.close();
                hand_on();
            }
        }
    });
    place
}

/// Whether a sheet is the same, if perhaps in other words: the first of them names it.
fn is_same(old: &Option<Sheet>, new: &Option<Sheet>) -> bool {
    match (old, new) {
        (Some(Sheet::Shown(old)), Some(Sheet::Shown(new))) => name(old) == name(new),
        (Some(_) | None, Some(_) | None) => false,
    }
}

fn name(words: &str) -> Option<&str> {
    words.split(' ').next()
}

/// Whether what has the focus is of a kind.
fn focused(selector: &str) -> bool {
    let at = document().active_element();
    at.is_some_and(|at| at.matches(selector).unwrap_or(false))
}

/// The dialog, where it is itself what an event is about: a click that hit what lies behind the sheet.
fn dialog_of(event: &Event) -> Option<HtmlDialogElement> {
    event.target()?.dyn_into().ok()
}

/// A sheet as it is now: its title, a way to close it, and its content as soon as code and words are
/// here.
fn drawn(lab: Lab, sheet: Sheet) -> Vec<El> {
    let (title, content) = match code(lab) {
        Code::Here(later) => (later.sheet)(lab, sheet),
        Code::Lost => (lab.say(Text::SheetLost), html("p", "").text(lab.text(Text::SheetAgain))),
        Code::Coming => ("…".to_owned(), html("p", "")),
    };
    let close = button("close", move || lab.sheet.set(None))
        .set("aria-label", lab.text(Text::Close))
        .text("✕");
    let head =
        html("header", "").add(html("h2", "").set("id", "sheet-title").text(&title)).add(close);
    vec![head, html("div", "sheet-body").add(content)]
}

/// The title and the content of a sheet.
pub(super) fn content(lab: Lab, sheet: Sheet) -> (String, El) {
    match sheet {
        Sheet::Help => (lab.say(Text::KeyHelp), help::sheet(lab)),
        Sheet::Rules(host) => (lab.say(Text::Rules), rules::sheet(lab, host)),
        Sheet::Forge(world, to, like) => (
            lab.fill(Text::ForgeFor, &[("host", host_name(to))]),
            forge::sheet(lab.world(world), to, like),
        ),
        Sheet::Host(world, host) => {
            (host_name(host).to_owned(), host::sheet(lab.world(world), host))
        }
        Sheet::Term(name) => glossary::sheet(lab, &name),
        Sheet::Lessons => (lab.say(Text::Lessons), lesson::list(lab)),
        Sheet::Page(name) => lesson::page(lab, &name),
        Sheet::Recorded(part) => (lab.say(Text::Recorded), lesson::recorded(lab, part)),
        Sheet::Shown(words) => shown(lab, &words),
    }
}

/// What the words of an address name. They may be of a later version, or no words of ours.
fn shown(lab: Lab, words: &str) -> (String, El) {
    if name(words) == Some(gauge::NAME) {
        return gauge::sheet(lab);
    }
    if let Some(screen) = explorer::sheet(lab, words) {
        return screen;
    }
    let wrong = lab.fill(Text::ShownUnknown, &[("words", words)]);
    (lab.say(Text::ShownTitle), html("p", "").text(&wrong))
}
