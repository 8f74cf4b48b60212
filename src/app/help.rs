//! The keys, and how to read the picture.

use leptos::prelude::*;

use super::draw::{El, html};
use super::keys::{self, Key};
use super::lab::Lab;
use super::language::Text;
use super::{menu, storage};

/// The keys, the switch for single letters, and how to read the picture.
pub(super) fn sheet(lab: Lab) -> El {
    let segment =
        menu::segment_keys().into_iter().map(|(cap, said)| row(lab, &said, vec![caps([cap])]));
    html("div", "help")
        .add(reading(lab))
        .add(
            html("div", "help-keys")
                .add(table(lab, Text::HelpTime, keys::TIME.iter().map(|key| key_row(lab, key))))
                .add(table(lab, Text::HelpActs, keys::ACTS.iter().map(|key| key_row(lab, key))))
                .add(table(lab, Text::HelpSegment, segment))
                .add(table(lab, Text::HelpView, keys::VIEW.iter().map(|key| key_row(lab, key)))),
        )
        .add(html("p", "").text(lab.text(Text::HelpWhere)))
        .add(html("p", "").text(lab.text(Text::LessonKeys)))
        .add(letters(lab))
}

fn reading(lab: Lab) -> El {
    html("section", "reading")
        .add(html("h3", "").text(lab.text(Text::HelpReading)))
        .add(html("p", "").text(lab.text(Text::HelpPicture)))
}

fn table(lab: Lab, title: Text, rows: impl Iterator<Item = El>) -> El {
    html("table", "")
        .add(html("caption", "").text(lab.text(title)))
        .add(html("tbody", "").adds(rows))
}

fn key_row(lab: Lab, key: &Key) -> El {
    row(lab, &[key.said], key.presses.iter().map(|press| caps(press.caps(lab))).collect())
}

/// A line: what may be pressed, and what it's for.
fn row(lab: Lab, said: &[Text], presses: Vec<El>) -> El {
    let said: Vec<&str> = said.iter().map(|one| lab.text(*one)).collect();
    html("tr", "")
        .add(html("th", "").set("scope", "row").adds(presses))
        .add(html("td", "").text(&said.join(" · ")))
}

/// What is pressed together.
fn caps<T: AsRef<str>>(caps: impl IntoIterator<Item = T>) -> El {
    let caps = caps.into_iter().map(|cap| html("kbd", "").text(cap.as_ref()));
    html("span", "press").adds(caps)
}

/// Whether single letters are keys (WCAG 2.1.4). The browser remembers it.
fn letters(lab: Lab) -> El {
    let choose = move |event| {
        let on = event_target_checked(&event);
        lab.letters.set(on);
        storage::write("letters", if on { "on" } else { "off" });
    };
    let tick = html("input", "").set("type", "checkbox").set("id", "letters").on("change", choose);
    let tick = tick.set("aria-describedby", "letters-why");
    let is_on = lab.letters.get_untracked();
    let label = html("label", "").set("for", "letters").text(lab.text(Text::HelpLetters));
    html("div", "check")
        .add(if is_on { tick.set("checked", "") } else { tick })
        .add(label)
        .add(html("p", "").set("id", "letters-why").text(lab.text(Text::HelpLettersWhy)))
}
