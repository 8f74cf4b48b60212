//! How the page opens: with the scene of the address, or with the first one, which plays.

use leptos::prelude::*;

use super::address;
use super::draw::{El, button, html};
use super::lab::{Lab, Notice};
use super::language::{Language, Text};
use crate::tcp::profile::Base;
use crate::tcp::time::Time;
use crate::world::scenes::{LOST_LAST_ACK, STRAY_SEGMENT, Scene};
use crate::world::text::VERSION;
use crate::world::{Expected, Scenario, parse_scenario};

/// The scenes of this page, with their names on the screen.
pub(super) const SCENES: [(Scene, Text); 2] =
    [(LOST_LAST_ACK, Text::SceneLostLastAck), (STRAY_SEGMENT, Text::SceneStraySegment)];

/// The scenario of a scene that ships with the lab.
pub(super) fn scenario(scene: Scene) -> Scenario {
    // A test reads every scene, so the other one is only for the compiler.
    parse_scenario(scene.text).unwrap_or_else(|_| Scenario::new(Base::Rfc9293))
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
        .add(html("p", "").text(&message(lab, &wrong)))
        .add(close.set("aria-label", lab.text(Text::Dismiss)).text("✕"))
}

fn message(lab: Lab, wrong: &Notice) -> String {
    match wrong {
        Notice::Address => lab.text(Text::BadAddress).to_owned(),
        Notice::Scenario(wrong) => {
            let (line, column) = (wrong.line.to_string(), wrong.column.to_string());
            let expected = expected(lab, &wrong.expected);
            let values = [("line", &*line), ("column", &*column), ("expected", &*expected)];
            lab.fill(Text::BadLink, &values)
        }
    }
}

/// What the reader of a link expected. Words of the text form itself are the same in any language.
fn expected(lab: Lab, expected: &Expected) -> String {
    let number = |key, number: String| lab.fill(key, &[("number", &number)]);
    let text = match expected {
        Expected::Version => return VERSION.to_owned(),
        Expected::TextUpTo(most) => return number(Text::ExpectedOctets, most.to_string()),
        Expected::ActsUpTo(most) => return number(Text::ExpectedActs, most.to_string()),
        Expected::Number(most) => return number(Text::ExpectedNumber, most.to_string()),
        Expected::End(words) if words.is_empty() => Text::ExpectedEnd,
        Expected::End(words) => {
            return lab.fill(Text::ExpectedEndOr, &[("words", &words.join(", "))]);
        }
        Expected::Line => Text::ExpectedLine,
        Expected::Once => Text::ExpectedOnce,
        Expected::Time => Text::ExpectedTime,
        Expected::Segment => Text::ExpectedSegment,
        Expected::Flags => Text::ExpectedFlags,
        Expected::Setting => Text::ExpectedSetting,
        Expected::Quotes => Text::ExpectedQuotes,
        Expected::QuotesEnd => Text::ExpectedQuotesEnd,
        // Lists of words, and what only a trace has, which no link holds.
        Expected::Words(_)
        | Expected::Base
        | Expected::Value(_)
        | Expected::OnOff
        | Expected::Escape
        | Expected::Block
        | Expected::Errno
        | Expected::Trace
        | Expected::EventsUpTo(_)
        | Expected::EventNumber(_)
        | Expected::Cause
        | Expected::Rule => return expected.to_string(),
    };
    lab.text(text).to_owned()
}
