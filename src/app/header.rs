//! The head of the page: scenes, language, look.

use leptos::prelude::*;

use super::draw::{El, button, html, truth};
use super::lab::Lab;
use super::language::{Language, Text};
use super::look::Look;
use super::start::{SCENES, scenario};
use super::storage;
use crate::world::scenes::Scene;

pub(super) fn header(lab: Lab, look: Look) -> El {
    let other = move || if look.is_dark() { Text::LookLight } else { Text::LookDark };
    let scenes = html("nav", "scenes choice")
        .follow("aria-label", move || lab.say(Text::Scenes))
        .adds(SCENES.map(|(one, label)| scene(lab, one, label)));
    let languages = html("div", "choice")
        .set("role", "group")
        .follow("aria-label", move || lab.say(Text::Language))
        .adds(Language::ALL.map(|one| language(lab, one)));
    let look = button("plain", move || look.switch()).words(move || lab.say(other()));
    html("header", "head")
        .add(html("h1", "").words(move || lab.say(Text::Title)))
        .add(scenes)
        .add(html("div", "head-end").add(look).add(languages))
}

fn scene(lab: Lab, scene: Scene, label: Text) -> El {
    button("", move || lab.open(scenario(scene)))
        .follow("aria-pressed", move || truth(is_like(lab, scene)))
        .words(move || lab.say(label))
}

/// The scene stays chosen while it's changed, until another one is.
fn is_like(lab: Lab, scene: Scene) -> bool {
    let given = scenario(scene);
    lab.scenario.with(|now| {
        let mut hosts = now.hosts.iter().zip(&given.hosts);
        now.start == given.start
            && hosts
                .all(|(now, given)| now.profile.base == given.profile.base && now.iss == given.iss)
    })
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
