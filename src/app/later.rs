//! What the first screen doesn't need: the sheets, the menus, the lessons, the list of all that
//! happened, what is wrong with a link.
//!
//! It is a wasm file of its own, which comes a little later and shares everything with the page's.
//! [`later`] is the one door to it: xtask puts there whatever is reached through it alone.

use core::time::Duration;

use js_sys::futures::spawn_local;
use leptos::prelude::{Effect, set_timeout};
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use super::draw::El;
use super::lab::{Lab, Menu, Notice, World};
use super::sheet::Sheet;
use super::texts::{Fetched, ask_for_panels, fetched};
use super::{announce, lesson, menu, sheet, start, transcript};
use crate::world::LinkError;

/// How long after its start the page fetches it: the first screen comes first, and the first sheet
/// opens at once all the same.
const PREFETCH: Duration = Duration::from_secs(2);

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
}

static LATER: Later = Later {
    sheet: sheet::content,
    menu: menu::content,
    transcript: transcript::transcript,
    on_link: start::message_on_link,
    lesson: lesson::place,
    region: announce::region,
};

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
        let fetched = later().await.map_or(Code::Lost, Code::Here);
        // Asked for twice, it comes once.
        if !is_here() {
            code.set(fetched);
        }
    });
}

#[wasm_split(later, fallible, wasm_split_path = leptos::wasm_split)]
fn later() -> Result<&'static Later, SplitLoaderError> {
    Ok(&LATER)
}
