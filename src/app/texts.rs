//! The texts that the page fetches: for each language what the first screen needs, which boot.js
//! brings along, and what is needed later: by panels, and by other runs than the one it opens with.
//!
//! A file's lines have the order of the keys that build.rs makes; its first line says which keys.
//! One with other keys, from before or after a new version of the page, counts as not there.

use std::cell::OnceCell;
use std::sync::OnceLock;

use js_sys::futures::{JsFuture, spawn_local};
use js_sys::{Function, Promise};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use super::language::Language;
use crate::tcp::rule::Rule;

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// The lines of the first screen's file, for each language.
static FIRST: [OnceLock<Vec<&'static str>>; 2] = [const { OnceLock::new() }; 2];

/// What panels say, for each language.
static PANELS: [OnceLock<Panels>; 2] = [const { OnceLock::new() }; 2];

thread_local! {
    /// How files are fetched, and how far the panels' are.
    static FETCHER: OnceCell<Fetcher> = const { OnceCell::new() };
}

struct Fetcher {
    /// boot.js's own: from a language and 0 or 1 (first screen or panels), 2 (the list of the
    /// lessons) or a file's name to the promise of a text.
    fetch: Function,
    panels: ArcRwSignal<[Fetched; 2]>,
}

/// How far a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fetched {
    /// Nobody needed it so far.
    NotAsked,
    /// It is on its way.
    Loading,
    /// It is there.
    There,
    /// It couldn't be had, or is of another version of the page. Asking again may help.
    Failed,
}

/// What panels say, in one language.
pub(super) struct Panels {
    texts: Vec<&'static str>,
    /// The groups of the switches, in the order of a list: the name and the title of each.
    pub(super) groups: Vec<(&'static str, &'static str)>,
    /// The switches of a profile.
    pub(super) switches: Vec<SwitchText>,
    /// The glossary.
    pub(super) terms: Vec<Term>,
    /// The script of the adversary's worker.
    pub(super) worker: &'static str,
}

/// What is said of a switch.
pub(super) struct SwitchText {
    /// Its name in a scenario.
    pub(super) name: &'static str,
    /// Its name on the screen.
    pub(super) title: &'static str,
    /// The name of its group.
    pub(super) group: &'static str,
    /// What it decides.
    pub(super) text: &'static str,
    /// Where that stands.
    pub(super) cite: &'static str,
    /// What it does at a value: the value's word, and the text.
    pub(super) values: Vec<(&'static str, &'static str)>,
}

/// An entry of the glossary.
pub(super) struct Term {
    /// Its name in the glossary.
    pub(super) name: &'static str,
    /// The term.
    pub(super) term: &'static str,
    /// What it means.
    pub(super) text: &'static str,
    /// Other words for it.
    pub(super) words: Vec<&'static str>,
}

impl Panels {
    /// Reads the lines of a file: see xtask/src/texts.rs. What is no such line says nothing.
    fn read(lines: &[&'static str]) -> Panels {
        let (texts, records) = lines.split_at_checked(PANEL_TEXTS).unwrap_or_default();
        let mut panels = Panels {
            texts: texts.to_vec(),
            groups: Vec::new(),
            switches: Vec::new(),
            terms: Vec::new(),
            worker: "",
        };
        for record in records {
            let fields: Vec<&'static str> = record.split('\t').collect();
            match *fields {
                ["group", name, title] => panels.groups.push((name, title)),
                ["switch", name, title, group, text, cite] => {
                    let switch = SwitchText { name, title, group, text, cite, values: Vec::new() };
                    panels.switches.push(switch);
                }
                ["value", word, text] => {
                    if let Some(switch) = panels.switches.last_mut() {
                        switch.values.push((word, text));
                    }
                }
                ["term", name, term, text, ref words @ ..] => {
                    panels.terms.push(Term { name, term, text, words: words.to_vec() });
                }
                ["worker", file] => panels.worker = file,
                _ => {}
            }
        }
        panels
    }
}

/// The text for a key, in a language; in the other one while that isn't there. Of what panels say
/// nothing, while it isn't there in either.
#[must_use]
pub(super) fn text(language: Language, key: Text) -> &'static str {
    line(language, key as usize)
}

/// The sentence of a rule, likewise.
#[must_use]
pub(super) fn rule_text(language: Language, rule: Rule) -> &'static str {
    line(language, rule_place(rule))
}

fn line(language: Language, place: usize) -> &'static str {
    let line = match place.checked_sub(FIRST_TEXTS) {
        None => {
            let own = FIRST[language as usize].get();
            own.or_else(|| FIRST.iter().find_map(OnceLock::get)).and_then(|lines| lines.get(place))
        }
        Some(place) => {
            let there = panels(language).or_else(|| PANELS.iter().find_map(OnceLock::get));
            there.and_then(|panels| panels.texts.get(place))
        }
    };
    line.copied().unwrap_or_default()
}

/// What panels say in a language, once it is there: see [`fetched`], which tells when that changes.
#[must_use]
pub(super) fn panels(language: Language) -> Option<&'static Panels> {
    PANELS[language as usize].get()
}

/// How far the panels' file of a language is. Who reads it follows it.
#[must_use]
pub(super) fn fetched(language: Language) -> Fetched {
    let read = |fetcher: &Fetcher| fetcher.panels.get()[language as usize];
    with_fetcher(read).unwrap_or(Fetched::Failed)
}

/// Fetches the panels' file, unless it is there or on its way.
pub(super) fn ask_for_panels(language: Language) {
    if matches!(untrack(|| fetched(language)), Fetched::NotAsked | Fetched::Failed) {
        let coming = bring_panels(language);
        spawn_local(async move {
            coming.await;
        });
    }
}

/// Takes over what boot.js has fetched, and how more is fetched. Whether these are our texts.
#[must_use]
pub(super) fn open(language: Language, first: String, fetch: Function) -> bool {
    let panels = ArcRwSignal::new([Fetched::NotAsked; 2]);
    FETCHER.with(|fetcher| fetcher.set(Fetcher { fetch, panels })).is_ok()
        && keep(language, 0, first).is_some()
}

/// Whether all is there that may be shown in a language: what panels say too, where they are there, or
/// soon will be, in the other one.
pub(super) fn are_there(language: Language) -> bool {
    let is_wanted = |(one, _, _): (Language, &str, &str)| {
        matches!(untrack(|| fetched(one)), Fetched::Loading | Fetched::There)
    };
    let needs_panels = Language::ALL.into_iter().filter(|one| one.0 != language).any(is_wanted);
    FIRST[language as usize].get().is_some() && (!needs_panels || panels(language).is_some())
}

/// Fetches what a language still needs; `None` where it can't be had.
pub(super) async fn bring(language: Language) -> Option<()> {
    if FIRST[language as usize].get().is_none() {
        load(language, 0).await?;
    }
    if are_there(language) { Some(()) } else { bring_panels(language).await }
}

/// Fetches what panels say, from now on, and waits for it.
pub(super) fn bring_panels(language: Language) -> impl Future<Output = Option<()>> {
    tell(language, Fetched::Loading);
    let coming = request(language, 1.into());
    async move {
        if let Some(coming) = coming
            && let Some(file) = text_of(coming).await
        {
            keep(language, 1, file);
        }
        // Of two who ask at once the other one may have it.
        let is_there = panels(language).is_some();
        tell(language, if is_there { Fetched::There } else { Fetched::Failed });
        is_there.then_some(())
    }
}

async fn load(language: Language, which: u8) -> Option<()> {
    keep(language, which, fetch(language, which.into()).await?)
}

/// A file in any language: one of a name, or the list of the lessons.
pub(super) async fn fetch_file(name: Option<&str>) -> Option<String> {
    fetch(Language::En, name.map_or_else(|| JsValue::from(2), JsValue::from)).await
}

async fn fetch(language: Language, which: JsValue) -> Option<String> {
    text_of(request(language, which)?).await
}

/// From now on it's waited for: a promise that fails before somebody waits fails the page.
fn request(language: Language, which: JsValue) -> Option<JsFuture<JsValue>> {
    let ask = |fetcher: &Fetcher| {
        fetcher.fetch.call2(&JsValue::NULL, &language.tag().into(), &which).ok()
    };
    let promise: Promise = with_fetcher(ask)??.dyn_into().ok()?;
    Some(JsFuture::from(promise))
}

async fn text_of(coming: JsFuture<JsValue>) -> Option<String> {
    coming.await.ok()?.as_string()
}

/// Keeps a file for good, if it has our keys.
fn keep(language: Language, which: u8, file: String) -> Option<()> {
    let expected = if which == 0 { FIRST_KEY } else { PANELS_KEY };
    // It stays as long as the page: every text is a piece of it.
    let file: &'static str = file.leak();
    let (_, lines) = file.split_once('\n').filter(|(key, _)| *key == expected)?;
    let lines: Vec<&'static str> = lines.lines().collect();
    // Fetched twice is no harm; the first one stays.
    if which == 0 {
        let _ = FIRST[language as usize].set(lines);
    } else {
        let _ = PANELS[language as usize].set(Panels::read(&lines));
    }
    Some(())
}

fn tell(language: Language, fetched: Fetched) {
    let signal = with_fetcher(|fetcher| fetcher.panels.clone());
    if let Some(signal) = signal {
        signal.update(|states| states[language as usize] = fetched);
    }
}

fn with_fetcher<T>(work: impl FnOnce(&Fetcher) -> T) -> Option<T> {
    FETCHER.with(|fetcher| fetcher.get().map(work))
}
