//! How the page opens: with the scene of the address, or with the first one, which plays.

use std::rc::Rc;

use super::address;
use super::draw::{El, button, html};
use super::lab::{Going, Lab, Notice};
use super::language::{Language, Text};
use super::later::{self, Code, code};
use super::signal::Memo;
use super::storage;
use crate::tcp::time::Time;
use crate::world::scenes::{self, DEAD_LINE, STRAY_SEGMENT, opening};
use crate::world::text::VERSION;
use crate::world::{Expected, Fault, LinkError, Scenario, Scene, TextError, parse_scenario};

/// Some programs cut longer links.
const LONG_LINK: usize = 2_000;

/// The moment that the page opens with: the two are connected, and about to close.
const OPENING: Time = Time::from_millis(500);

/// The lesson that tells why what the page opens with happens.
const FIRST_LESSON: &str = "lost-last-ack";

/// A scene in the list of this page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shipped {
    /// What the page opens with.
    LostLastAck,
    /// A segment of an old connection in a new one.
    StraySegment,
    /// A line that is dead for ten seconds.
    DeadLine,
}

/// The scenes of this page, with their names on the screen.
pub(super) const SCENES: [(Shipped, Text); 3] = [
    (Shipped::LostLastAck, Text::SceneLostLastAck),
    (Shipped::StraySegment, Text::SceneStraySegment),
    (Shipped::DeadLine, Text::SceneDeadLine),
];

/// Opens a scene that ships with the lab: see later.rs.
pub(super) fn open_shipped(lab: Lab, scene: Shipped) {
    lab.open(Scene { scenario: scenario(scene), other: None });
}

/// Whether a scene is one that ships with the lab: see later.rs.
pub(super) fn is_like(opened: &Scene, scene: Shipped) -> bool {
    opened.scenario == scenario(scene)
}

fn scenario(scene: Shipped) -> Scenario {
    // A test reads every scene, so the other one is only for the compiler.
    let read = |scene: &scenes::Scene| parse_scenario(scene.text).unwrap_or_else(|_| opening());
    match scene {
        Shipped::LostLastAck => opening(),
        Shipped::StraySegment => read(&STRAY_SEGMENT),
        Shipped::DeadLine => read(&DEAD_LINE),
    }
}

/// The state that the page opens with, given the scene for an address without one. An address that
/// can't be read yet is left as it is.
pub(super) fn open(first: Rc<Scene>) -> Lab {
    let hash = address::hash();
    let later = later::with_words(Language::of_page()).filter(|_| !hash.is_empty());
    let address = later.map(|later| (later.address)(&hash));
    let is_unread = address.is_none() && !hash.is_empty();
    let address = address.unwrap_or_default();
    let notice = if is_unread { Some(Notice::NotHere) } else { address.notice };
    let language = address.language.unwrap_or_else(Language::of_page);
    let asked = address.scene.is_some();
    let scene = address.scene.map_or(first, Rc::new);
    let time = if asked { address.time } else { OPENING };
    let lab = Lab::new(scene, time, language);
    let is_bare = address.lesson.is_none() && address.sheet.is_none() && notice.is_none();
    lab.has_intro.set(!asked && is_bare);
    lab.notice.set(notice);
    lab.is_playing.set(!asked);
    lab.lesson.set(address.lesson);
    lab.sheet.set(address.sheet);
    lab.letters.set(storage::read("letters").as_deref() != Some("off"));
    lab
}

/// What stands above the stage: a lesson; before anybody has done anything what it is that moves.
pub(super) fn above(lab: Lab) -> El {
    let is_here = Memo::new(move || matches!(code(lab), Code::Here(_)));
    let lesson = html("div", "").part(move || match (is_here.get(), lab.later.get_untracked()) {
        (true, Code::Here(later)) => vec![(later.lesson)(lab), (later.region)(lab)],
        _ => Vec::new(),
    });
    let intro = html("div", "").part(move || {
        let is_shown = lab.has_intro.get() && lab.lesson.with(Option::is_none);
        if is_shown { vec![intro(lab)] } else { Vec::new() }
    });
    html("div", "").add(intro).add(lesson)
}

fn intro(lab: Lab) -> El {
    let why = button("why-button", move || lab.lesson.set(Some(Going::to(FIRST_LESSON, 0))));
    let close = button("", move || lab.has_intro.set(false));
    html("section", "intro")
        .set("aria-label", lab.text(Text::Lessons))
        .add(html("p", "").text(lab.text(Text::Intro)))
        .add(why.text(lab.text(Text::IntroWhy)))
        .add(close.set("aria-label", lab.text(Text::Dismiss)).text("✕"))
}

/// A message about the link that the person came by.
pub(super) fn notice(lab: Lab) -> El {
    html("div", "").part(move || {
        let notice = lab.notice.get().and_then(|notice| notice_of(lab, notice));
        notice.into_iter().collect()
    })
}

/// `None` while its words are on their way.
fn notice_of(lab: Lab, notice: Notice) -> Option<El> {
    let message = message(lab, &notice)?;
    let close = button("", move || lab.notice.set(None));
    let (class, role) = match notice {
        Notice::Link(_) | Notice::NotHere => ("notice", "alert"),
        Notice::Copied(_) | Notice::NotCopied => ("notice quiet", "status"),
    };
    let notice = html("div", class)
        .set("role", role)
        .add(html("p", "").text(&message))
        .add(close.set("aria-label", lab.text(Text::Dismiss)).text("✕"));
    Some(notice)
}

fn message(lab: Lab, notice: &Notice) -> Option<String> {
    let message = match notice {
        Notice::Copied(length) => {
            let key = if *length > LONG_LINK { Text::CopiedLong } else { Text::Copied };
            lab.fill(key, &[("length", &length.to_string())])
        }
        Notice::NotCopied => lab.say(Text::NotCopied),
        Notice::NotHere => lab.say(Text::NotHere),
        Notice::Link(wrong) => match code(lab) {
            Code::Here(later) => (later.on_link)(lab, wrong),
            Code::Coming => return None,
            Code::Lost => lab.say(Text::SheetLost),
        },
    };
    Some(message)
}

/// What is wrong with the link that the person came by.
pub(super) fn message_on_link(lab: Lab, wrong: &LinkError) -> String {
    let at = |key: Text, error: &TextError| {
        let (line, column) = (error.line.to_string(), error.column.to_string());
        let lines: Vec<String> = wrong.left_out.iter().map(u32::to_string).collect();
        let (expected, lines) = (expected(lab, &error.expected), lines.join(", "));
        let values =
            [("line", &*line), ("column", &*column), ("expected", &*expected), ("lines", &*lines)];
        lab.fill(key, &values)
    };
    match &wrong.fault {
        Fault::Later(version) => lab.fill(Text::LaterLink, &[("version", &version.to_string())]),
        Fault::Scenario(error) if wrong.left_out.is_empty() => at(Text::BadLink, error),
        Fault::Scenario(error) => at(Text::LeftOut, error),
        Fault::Other(error) => at(Text::BadOther, error),
        Fault::Address => lab.say(Text::BadAddress),
    }
}

/// What the reader of a link expected. Words of the text form itself are the same in any language.
fn expected(lab: Lab, expected: &Expected) -> String {
    let number = |key, number: String| lab.fill(key, &[("number", &number)]);
    let text = match expected {
        Expected::Version => return VERSION.to_owned(),
        Expected::TextUpTo(most) => return number(Text::ExpectedOctets, most.to_string()),
        Expected::ActsUpTo(most) => return number(Text::ExpectedActs, most.to_string()),
        Expected::After(time) => {
            return lab.fill(Text::ExpectedAfter, &[("time", &time.to_string())]);
        }
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
