//! How the page opens: with the scene of the address, or with the first one, which plays.

use leptos::prelude::*;

use super::address;
use super::draw::{El, button, html};
use super::lab::{Lab, Notice};
use super::language::{Language, Text};
use crate::tcp::profile::Base;
use crate::tcp::time::Time;
use crate::world::scenes::Scene;
use crate::world::{Scenario, parse_scenario};

/// The scenes of this page, with their names on the screen.
pub(super) const SCENES: [(&str, Text); 2] =
    [("lost-last-ack", Text::SceneLostLastAck), ("stray-segment", Text::SceneStraySegment)];

/// The scenario of a scene that ships with the lab.
pub(super) fn scenario(name: &str) -> Scenario {
    let scene = Scene::find(name).and_then(|scene| parse_scenario(scene.text).ok());
    // A test reads every scene, so this is only for the compiler.
    scene.unwrap_or_else(|| Scenario::new(Base::Rfc9293))
}

/// The state that the page opens with.
pub(super) fn open() -> Lab {
    let (first, _) = SCENES[0];
    let link = address::read();
    let language = link.language.unwrap_or_else(Language::preferred);
    let asked = link.scenario.is_some();
    let scene = link.scenario.unwrap_or_else(|| scenario(first));
    let lab = Lab::new(scene, link.time.unwrap_or(Time::START), language);
    lab.notice.set(link.notice);
    lab.is_playing.set(!asked);
    lab
}

/// A message about the link that the person came by.
pub(super) fn notice(lab: Lab) -> El {
    html("div", "").part(move || {
        let wrong = lab.notice.get();
        wrong.into_iter().map(|wrong| notice_of(lab, wrong)).collect()
    })
}

fn notice_of(lab: Lab, wrong: Notice) -> El {
    let close = button("", move || lab.notice.set(None));
    html("div", "notice")
        .set("role", "alert")
        .add(html("p", "").text(&message(lab, wrong)))
        .add(close.set("aria-label", lab.text(Text::Dismiss)).text("✕"))
}

fn message(lab: Lab, wrong: Notice) -> String {
    match wrong {
        Notice::Address => lab.text(Text::BadAddress).to_owned(),
        Notice::Scenario(line, column) => {
            let (line, column) = (line.to_string(), column.to_string());
            lab.fill(Text::BadLink, &[("line", &line), ("column", &column)])
        }
    }
}
