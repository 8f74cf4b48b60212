//! The same acts as on the chips, from a list; and the kept copies.

use leptos::prelude::*;

use super::chips::{Hand, names_in_flight, said};
use super::draw::{El, button, html};
use super::lab::{Lab, use_lab};
use super::labels;
use super::ladder::{hue, label};
use super::language::Text;
use crate::picture::Arrow;
use crate::tcp::event::{EventKind, SegmentName};

/// What is in flight, with what can be done to it.
pub(super) fn on_the_wire(lab: Lab) -> El {
    let flying = names_in_flight(lab);
    let kept = Memo::new(move |_| lab.kept());
    let where_any = move |names: Memo<Vec<SegmentName>>, any: bool, key: Text| {
        move || if names.read().is_empty() == any { String::new() } else { lab.say(key) }
    };
    html("section", "on-wire")
        .add(html("h3", "").words(move || lab.say(Text::OnTheWire)))
        .add(html("ul", "").each(flying, in_flight))
        .add(html("p", "nothing").words(where_any(flying, false, Text::NothingOnTheWire)))
        .add(html("h3", "").words(where_any(kept, true, Text::KeptCopies)))
        .add(html("ul", "kept").each(kept, kept_copy))
        .add(html("p", "missed").words(move || missed(lab)))
}

/// A row for a segment, with what can be done to it.
fn row(lab: Lab, name: SegmentName, acts: El) -> El {
    let of = move |write: fn(Lab, &Arrow) -> String| of(lab, name, write);
    let words = html("span", "").follow("class", of(|_, arrow| hue(arrow).to_owned()));
    html("li", "").add(words.words(of(label))).add(acts)
}

/// Words about a segment of this run.
fn of(lab: Lab, name: SegmentName, write: fn(Lab, &Arrow) -> String) -> impl Fn() -> String {
    move || lab.arrow(name).map(|arrow| write(lab, &arrow)).unwrap_or_default()
}

fn in_flight(name: SegmentName) -> El {
    let lab = use_lab();
    let ending = Memo::new(move |_| lab.arrow(name).map(|arrow| arrow.ending));
    let acts = html("span", "acts").part(move || {
        let hands = ending.get().map(Hand::of).unwrap_or_default();
        hands.iter().map(|hand| act(lab, name, *hand)).collect()
    });
    row(lab, name, acts).follow("aria-label", of(lab, name, said))
}

/// A button in the list. It stays where it is when the run is made again, and so does the focus;
/// only where other acts take its place the stage has it.
fn act(lab: Lab, name: SegmentName, hand: Hand) -> El {
    let (full, short) = hand.words();
    let act = move || {
        lab.menu.set(None);
        if let Some(arrow) = untrack(|| lab.arrow(name)) {
            hand.act(lab, &arrow);
        }
        if matches!(hand, Hand::Drop | Hand::LetThrough) {
            lab.focus_stage();
        }
    };
    button("", act).set("aria-label", lab.text(full)).text(lab.text(short))
}

/// A copy that is kept, to be released.
fn kept_copy(name: SegmentName) -> El {
    let lab = use_lab();
    let said = of(lab, name, |lab, arrow| {
        lab.fill(Text::ReleaseOf, &[("segment", &labels::segment(&arrow.segment))])
    });
    let release = button("", move || lab.release(name))
        .follow("aria-label", said)
        .words(move || lab.say(Text::Release));
    row(lab, name, html("span", "acts").add(release))
}

/// How many acts have no segment in this run: shown, never swallowed.
fn missed(lab: Lab) -> String {
    let picture = lab.picture.read();
    let events = picture.trace.events.iter();
    let is_missed = |kind: &EventKind| matches!(kind, EventKind::NoCounterpart { .. });
    match events.filter(|event| is_missed(&event.kind)).count() {
        0 => String::new(),
        count => lab.fill(Text::LostActs, &[("count", &count.to_string())]),
    }
}
