//! What the first screen doesn't need: the sheets, the menus, the lessons, the list of all that
//! happened, what is wrong with a link.
//!
//! In the release (the feature `split`) it is a wasm file of its own, which comes a little later and
//! shares everything with the page's. [`later`] is the one door to it: xtask puts there whatever is
//! reached through it alone.

use core::time::Duration;
use std::cell::RefCell;
use std::sync::OnceLock;

use js_sys::futures::spawn_local;
use leptos::prelude::{Effect, set_timeout, untrack};
use leptos::wasm_split::SplitLoaderError;
#[cfg(feature = "split")]
use leptos::wasm_split::wasm_split;

use super::address::Address;
use super::draw::El;
use super::lab::{self, Lab, Menu, Notice, World};
use super::language::Language;
use super::menu::Hand;
use super::sheet::Sheet;
use super::start::Shipped;
use super::texts::{Fetched, ask_for_panels, bring_panels, fetched, panels};
use super::{address, announce, lesson, menu, sheet, start, transcript, world};
use crate::picture::{Arrow, Now, Picture};
use crate::tcp::event::SegmentName;
use crate::world::{LinkError, Scene};

/// How long after its start the page fetches it: the first screen comes first, and the first sheet
/// opens at once all the same; and the address needs it.
const PREFETCH: Duration = Duration::from_millis(500);

/// What is behind the door.
pub(super) struct Later {
    /// The title and the content of a sheet.
    pub(super) sheet: fn(Lab, Sheet) -> (String, El),
    /// What a menu holds.
    pub(super) menu: fn(Lab, Menu) -> Vec<El>,
    /// All that happened in a world.
    pub(super) transcript: fn(World) -> El,
    /// What is wrong with a link.
    pub(super) on_link: fn(Lab, &LinkError) -> String,
    /// The place of a lesson.
    pub(super) lesson: fn(Lab) -> El,
    /// The place that is read aloud.
    pub(super) region: fn(Lab) -> El,
    /// What an address says, given what stands behind its `#`.
    pub(super) address: fn(&str) -> Address,
    /// The address of what is shown now.
    pub(super) link: fn(Lab) -> String,
    /// Opens a scene that ships with the lab; whether a scene was opened as that one.
    pub(super) open: fn(Lab, Shipped),
    pub(super) is_like: fn(&Scene, Shipped) -> bool,
    /// The picture of a scene, and what there is to say at a moment of it.
    pub(super) picture: fn(&Scene) -> Picture,
    pub(super) now: fn(&Picture, Option<usize>) -> Vec<Now>,
    /// The rule of a world that differs from the other's, and the stacks with what was changed in them.
    pub(super) differing: fn(World) -> String,
    pub(super) changed: fn(World) -> String,
    /// HOST1's TIME-WAIT on or off; one world or two.
    pub(super) switch_time_wait: fn(Lab),
    pub(super) switch_worlds: fn(Lab),
    /// What the network does to a segment.
    pub(super) act: fn(Lab, Hand, &Arrow),
    /// The copies that are kept, and how one is let go.
    pub(super) kept: fn(Lab) -> Vec<SegmentName>,
    pub(super) release: fn(Lab, SegmentName),
    /// Whether the scene isn't as it was opened, and how it's so again.
    pub(super) is_changed: fn(Lab) -> bool,
    pub(super) reset: fn(Lab),
}

static LATER: Later = Later {
    sheet: sheet::content,
    menu: menu::content,
    transcript: transcript::transcript,
    on_link: start::message_on_link,
    lesson: lesson::place,
    region: announce::region,
    address: address::parse,
    link: address::text,
    open: start::open_shipped,
    is_like: start::is_like,
    picture: lab::picture,
    now: Picture::now,
    differing: world::differing,
    changed: world::changed,
    switch_time_wait: Lab::switch_time_wait,
    switch_worlds: Lab::switch_worlds,
    act: menu::act,
    kept: Lab::kept,
    release: Lab::release,
    is_changed: Lab::is_changed,
    reset: Lab::reset,
};

/// The same, as soon as it's here. Every lab of the page asks for it.
static HERE: OnceLock<&'static Later> = OnceLock::new();

thread_local! {
    /// What waits for it.
    static WAITING: RefCell<Vec<Act>> = const { RefCell::new(Vec::new()) };
}

/// What is behind the door, if it's open.
pub(super) fn here() -> Option<&'static Later> {
    HERE.get().copied()
}

/// The same where its words are there too: without them no other run can be told.
pub(super) fn with_words(language: Language) -> Option<&'static Later> {
    here().filter(|_| panels(language).is_some())
}

/// Something that needs it.
pub(super) type Act = Box<dyn FnOnce(&'static Later)>;

/// Does what needs it and its words: at once, or as soon as they are here.
pub(super) fn with(lab: Lab, act: Act) {
    if let Code::Here(later) = untrack(|| code(lab)) {
        return act(later);
    }
    WAITING.with_borrow_mut(|waiting| waiting.push(act));
    fetch(lab);
}

/// Does what waits for it; or says that it can't be done.
fn do_waiting(lab: Lab, code: Code) {
    match code {
        Code::Coming => {}
        Code::Here(later) => WAITING.take().into_iter().for_each(|act| act(later)),
        Code::Lost if WAITING.take().is_empty() => {}
        Code::Lost => lab.notice.set(Some(Notice::NotHere)),
    }
}

/// How far code and words are together: the one says nothing without the other.
pub(super) fn code(lab: Lab) -> Code {
    match (lab.later.get(), fetched(lab.language.get())) {
        (Code::Here(later), Fetched::There) => Code::Here(later),
        (Code::Lost, _) | (_, Fetched::Failed) => Code::Lost,
        (Code::Coming | Code::Here(_), _) => Code::Coming,
    }
}

/// How far it is.
#[derive(Clone, Copy)]
pub(super) enum Code {
    Coming,
    Here(&'static Later),
    /// It couldn't be had. The next one who needs it asks again.
    Lost,
}

/// Fetches it soon, and at once where somebody needs it.
pub(super) fn follow(lab: Lab) {
    set_timeout(move || fetch(lab), PREFETCH);
    Effect::new(move |_| {
        let code = code(lab);
        untrack(|| do_waiting(lab, code));
    });
    Effect::new(move |_| {
        let is_wrong = lab.notice.with(|notice| matches!(notice, Some(Notice::Link(_))));
        let is_open = lab.sheet.read().is_some() || lab.menu.get().is_some();
        let is_taught = lab.lesson.with(Option::is_some);
        if is_wrong || is_open || is_taught || lab.lists.get() {
            fetch(lab);
        }
    });
}

fn fetch(lab: Lab) {
    ask_for_panels(lab.language.get_untracked());
    let code = lab.later;
    let is_here = move || matches!(code.get_untracked(), Code::Here(_));
    if is_here() {
        return;
    }
    code.set(Code::Coming);
    spawn_local(async move {
        bring().await;
        // Asked for twice, it comes once.
        if !is_here() {
            code.set(here().map_or(Code::Lost, Code::Here));
        }
    });
}

/// Waits for it and its words, before there is a lab.
pub(super) async fn open(language: Language) {
    let words = bring_panels(language);
    bring().await;
    words.await;
}

async fn bring() {
    if let Ok(later) = later().await {
        let _ = HERE.set(later);
    }
}

#[cfg(feature = "split")]
#[wasm_split(later, fallible, wasm_split_path = leptos::wasm_split)]
fn later() -> Result<&'static Later, SplitLoaderError> {
    Ok(&LATER)
}

/// Where nothing is cut off, it is there.
#[cfg(not(feature = "split"))]
async fn later() -> Result<&'static Later, SplitLoaderError> {
    Ok(&LATER)
}
