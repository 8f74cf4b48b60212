//! The head of the page: scenes, worlds, rules, link, look, language, keys.

use leptos::prelude::*;
use web_sys::Event;

use super::address;
use super::draw::{El, button, html, truth};
use super::lab::{Going, Lab};
use super::language::{Language, Text};
use super::later;
use super::look::{LOOKS, Look};
use super::sheet::Sheet;
use super::start::{SCENES, Shipped};
use super::storage;
use crate::tcp::event::HostId;

/// What is beside the stage, by its words in an address. On a phone the list of the lessons has them.
const INSTRUMENTS: [(&str, Text); 2] = [("theorem", Text::Adversary), ("ports", Text::Ports)];

pub(super) fn header(lab: Lab, look: Look) -> El {
    let languages = html("div", "choice")
        .set("role", "group")
        .follow("aria-label", move || lab.say(Text::Language))
        .adds(Language::ALL.map(|one| language(lab, one)));
    let sheet = move |key: Text, sheet: Sheet| {
        button("plain", move || lab.sheet.set(Some(sheet.clone()))).words(move || lab.say(key))
    };
    html("header", "head")
        .add(html("h1", "").words(move || lab.say(Text::Title)))
        .add(lessons(lab))
        .add(scenes(lab))
        .add(worlds(lab))
        .add(sheet(Text::Rules, Sheet::Rules(HostId::A)).set("id", "rules"))
        .add(
            button("plain", move || address::copy(lab))
                .set("id", "copy")
                .words(move || lab.say(Text::CopyLink)),
        )
        .adds(INSTRUMENTS.map(|(words, key)| {
            sheet(key, Sheet::Shown(words.to_owned())).set("class", "plain instrument")
        }))
        .add(html("div", "head-end").add(looks(lab, look)).add(languages).add(
            sheet(Text::Help, Sheet::Help).follow("aria-label", move || lab.say(Text::HelpSaid)),
        ))
}

/// The lessons; while one is left, the way back to it.
fn lessons(lab: Lab) -> El {
    let is_left = move || lab.lesson.with(|going| going.as_ref().is_some_and(|one| one.is_left));
    let open = move || match lab.lesson.get_untracked() {
        Some(going) if going.is_left => {
            lab.lesson.set(Some(Going::to(&going.name, going.stop)));
        }
        _ => lab.sheet.set(Some(Sheet::Lessons)),
    };
    button("lessons", open)
        .words(move || lab.say(if is_left() { Text::BackToLesson } else { Text::Lessons }))
}

/// The scenes, to be chosen from a list.
fn scenes(lab: Lab) -> El {
    let choose = move |event: Event| {
        let at = event_target_value(&event).parse::<usize>().ok();
        if let Some((one, _)) = at.and_then(|at| SCENES.get(at)) {
            later::with(lab, Box::new(move |later| (later.open)(lab, *one)));
        }
    };
    let options = move || {
        let chosen = SCENES.iter().position(|(one, _)| is_like(lab, *one));
        let own = chosen.is_none().then(|| option("", lab.text(Text::SceneOwn), true));
        let each = SCENES
            .iter()
            .enumerate()
            .map(|(at, (_, label))| option(&at.to_string(), lab.text(*label), chosen == Some(at)));
        own.into_iter().chain(each).collect()
    };
    html("select", "scenes")
        .follow("aria-label", move || lab.say(Text::Scenes))
        .on("change", choose)
        .part(options)
}

/// An entry of a list to choose from.
pub(super) fn option(value: &str, words: &str, is_chosen: bool) -> El {
    let option = html("option", "").set("value", value).text(words);
    if is_chosen { option.set("selected", "") } else { option }
}

/// The scene stays chosen while it's changed, until another one is.
fn is_like(lab: Lab, scene: Shipped) -> bool {
    lab.opened.with(|opened| match later::here() {
        Some(later) => (later.is_like)(opened, scene),
        // Nobody has opened another one before the code is here.
        None => scene == Shipped::LostLastAck,
    })
}

/// One world or two.
fn worlds(lab: Lab) -> El {
    let one = move |count: usize, key: Text| {
        button("", move || {
            if untrack(|| lab.count.get()) != count {
                later::with(lab, Box::new(move |later| (later.switch_worlds)(lab)));
            }
        })
        .follow("aria-pressed", move || truth(lab.count.get() == count))
        .words(move || lab.say(key))
    };
    html("div", "choice")
        .set("role", "group")
        .follow("aria-label", move || lab.say(Text::Worlds))
        .add(one(1, Text::OneWorld))
        .add(one(2, Text::TwoWorlds))
}

/// The looks, to be chosen from a list.
fn looks(lab: Lab, look: Look) -> El {
    let choose = move |event: Event| look.choose(&event_target_value(&event));
    let options = move || {
        let chosen = look.get();
        LOOKS.iter().map(|(name, key)| option(name, lab.text(*key), *name == chosen)).collect()
    };
    html("select", "looks")
        .follow("aria-label", move || lab.say(Text::Look))
        .on("change", choose)
        .part(options)
}

fn language(lab: Lab, (language, tag, name): (Language, &'static str, &'static str)) -> El {
    let choose = move || {
        storage::write("language", tag);
        lab.language.set(language);
    };
    button("", choose)
        .set("lang", tag)
        .follow("aria-pressed", move || truth(lab.language.get() == language))
        .text(name)
}
