//! Wire and ladder in one: time runs down, and the line of the moment is the wire.
//!
//! The arrows are drawn whole, once; what lies below the line is covered. So while it plays, the
//! cover and the chips on the line are all that moves.

use leptos::prelude::*;

use super::chips::chips;
use super::draw::{El, html, svg};
use super::lab::Lab;
use super::labels::{self, percent};
use super::language::Text;
use crate::picture::{Arrow, Break, Ending, Kind, Life, Piece, Timer};
use crate::tcp::event::{HostId, TimerKind};

/// Where the lifelines stand, as a share of the width.
const LANES: (f64, f64) = (0.1, 0.9);
/// What of the height is used, so that nothing stands at the very edge.
const HEIGHT: (f64, f64) = (0.02, 0.96);

/// Across the ladder: 0 is A's lifeline, 1 is B's.
pub(super) fn x(side: f64) -> String {
    let (left, right) = LANES;
    percent(left + side * (right - left))
}

/// Down the ladder.
pub(super) fn y(place: f64) -> String {
    let (top, height) = HEIGHT;
    percent(top + place * height)
}

fn lane(host: HostId) -> String {
    x(if host == HostId::A { 0.0 } else { 1.0 })
}

pub(super) fn ladder(lab: Lab) -> El {
    let number = |share: f64| percent(share).trim_end_matches('%').to_owned();
    let drawing = svg("svg", "drawing")
        .set("aria-hidden", "true")
        .add(patterns())
        .add(svg("g", "").part(move || lifelines(lab)))
        .add(svg("g", "").part(move || breaks(lab)))
        .add(svg("g", "").part(move || arrows(lab)))
        .add(now(lab));
    let run = html("div", "run")
        .style("--length", move || number(lab.picture.read().axis.length() / 100.0))
        .style("--now", move || number(lab.place.get()))
        .add(drawing)
        .add(chips(lab));
    html("div", "ladder")
        .set("role", "group")
        .follow("aria-label", move || lab.say(Text::Ladder))
        .add(run)
}

fn line(class: &str, (x1, y1): (&str, &str), (x2, y2): (&str, &str)) -> El {
    svg("line", class).set("x1", x1).set("y1", y1).set("x2", x2).set("y2", y2)
}

/// A place in the drawing, with its own origin: what is drawn there is drawn in pixels.
fn spot(class: &str, x: &str, y: &str) -> El {
    svg("svg", class).set("x", x).set("y", y)
}

fn path(shape: &str) -> El {
    svg("path", "").set("d", shape)
}

fn rect(class: &str, (x, y): (&str, &str), (width, height): (&str, &str)) -> El {
    svg("rect", class).set("x", x).set("y", y).set("width", width).set("height", height)
}

/// Arrowheads in every colour, and the hatching of TIME-WAIT.
fn patterns() -> El {
    let heads = ["one", "two", "three", "four", "forged", "bad"].map(|hue| {
        svg("marker", hue)
            .set("id", &format!("head-{hue}"))
            .set("viewBox", "0 0 10 10")
            .set("refX", "10")
            .set("refY", "5")
            .set("markerWidth", "9")
            .set("markerHeight", "9")
            .set("markerUnits", "userSpaceOnUse")
            .set("orient", "auto")
            .add(path("M0 1 L10 5 L0 9 z"))
    });
    let hatch = svg("pattern", "")
        .set("id", "hatch")
        .set("width", "6")
        .set("height", "6")
        .set("patternUnits", "userSpaceOnUse")
        .set("patternTransform", "rotate(45)")
        .add(rect("hatch-ground", ("0", "0"), ("6", "6")))
        .add(rect("hatch-stripe", ("0", "0"), ("2", "6")));
    svg("defs", "").adds(heads).add(hatch)
}

fn lifelines(lab: Lab) -> Vec<El> {
    let picture = lab.picture.read();
    let lanes = HostId::BOTH.into_iter().zip(&picture.lanes);
    lanes.flat_map(|(host, lane)| lane.iter().map(move |one| lifeline(host, one))).collect()
}

fn lifeline(host: HostId, piece: &Piece) -> El {
    let (x, from, to) = (lane(host), y(piece.from), y(piece.to));
    let drawn = |class: &str| line(class, (&x, &from), (&x, &to));
    match piece.life {
        Life::None => drawn("life gone"),
        Life::Connection => drawn("life"),
        Life::TimeWait(_) => {
            let (_, whole) = HEIGHT;
            let height = percent((piece.to - piece.from) * whole);
            let bar = rect("", ("-8", &from), ("16", &height)).set("fill", "url(#hatch)");
            svg("g", "").add(drawn("life")).add(spot("bar", &x, "0").add(bar))
        }
    }
}

fn breaks(lab: Lab) -> Vec<El> {
    lab.picture.read().axis.breaks().iter().map(break_mark).collect()
}

/// A stretch that is drawn short: a jag across both lifelines, with the length left out.
fn break_mark(one: &Break) -> El {
    let at = y(one.place);
    let jags = HostId::BOTH.map(|host| {
        spot("jag", &lane(host), &at)
            .add(rect("", ("-9", "-5"), ("18", "10")))
            .add(path("M-22 3 L-13 -5 L-4 4 L5 -5 L14 4 L22 -3"))
    });
    let words = svg("text", "").set("x", &x(0.5)).set("y", &at);
    svg("g", "break")
        .add(line("", (&x(0.05), &at), (&x(0.95), &at)))
        .adds(jags)
        .add(words.text(&labels::span(one.left_out)))
}

fn arrows(lab: Lab) -> Vec<El> {
    lab.picture.read().arrows.iter().map(|arrow| track(lab, arrow.clone())).collect()
}

/// The name of a segment's colour: a RST is a disaster before it's anybody's.
pub(super) fn hue(arrow: &Arrow) -> &'static str {
    if arrow.segment.rst { "bad" } else { labels::hue(arrow.segment.origin) }
}

/// The arrow that a segment leaves behind. Its head and its label come when it has ended.
fn track(lab: Lab, arrow: Arrow) -> El {
    let hue = hue(&arrow);
    let at = |share: f64| {
        let down = arrow.from + share * (arrow.to - arrow.from);
        (x(arrow.side(share * arrow.reach)), y(down))
    };
    let ((x1, y1), (x2, y2), (x3, y3)) = (at(0.0), at(1.0), at(arrow.label));
    let dashed = if arrow.kind == Kind::Sent { "" } else { " dashed" };
    let lost = if arrow.ending == Ending::Arrives { "" } else { " lost" };
    let ends = arrow.ends;
    let class = move || {
        let past = if lab.playhead.get() >= ends { " past" } else { "" };
        format!("way-across {hue}{dashed}{lost}{past}")
    };
    let shaft = line("", (&x1, &y1), (&x2, &y2));
    let shaft = if arrow.ending == Ending::Arrives {
        shaft.set("marker-end", &format!("url(#head-{hue})"))
    } else {
        shaft
    };
    let cross = (arrow.ending != Ending::Arrives)
        .then(|| spot("cross", &x2, &y2).add(path("M-6 -6 L6 6 M-6 6 L6 -6")));
    let words = svg("text", "").set("x", &x3).set("y", &y3);
    svg("g", "")
        .follow("class", class)
        .add(shaft)
        .adds(cross)
        .add(words.words(move || label(lab, &arrow)))
}

/// What stands at an arrow: the segment, its connection where there are several, and what it is
/// where no host sent it for the first time.
pub(super) fn label(lab: Lab, arrow: &Arrow) -> String {
    let has_many = lab.picture.read().has_many;
    let sign = if has_many { labels::sign(arrow.segment.origin) } else { "" };
    let extra = extra(arrow.kind).map_or("", |extra| lab.text(extra));
    format!("{sign} {} {extra}", labels::segment(&arrow.segment)).trim().to_owned()
}

/// The word for a segment that isn't simply sent.
pub(super) fn extra(kind: Kind) -> Option<Text> {
    match kind {
        Kind::Sent => None,
        Kind::Again => Some(Text::Again),
        Kind::Copy => Some(Text::Copy),
        Kind::Forged => Some(Text::Forged),
    }
}

/// The line of the moment, with the cover of all that is still open below it.
fn now(lab: Lab) -> El {
    let open = |side: f64| line("open", (&x(side), "0"), (&x(side), "100%"));
    svg("svg", "now")
        .follow("y", move || y(lab.place.get()))
        .add(rect("cover", ("0", "0"), ("100%", "100%")))
        .add(open(0.0))
        .add(open(1.0))
        .add(line("wire", (&x(-0.06), "0"), (&x(1.06), "0")))
        .add(svg("g", "").part(move || HostId::BOTH.iter().filter_map(|h| ring(lab, *h)).collect()))
}

/// What is left of 2MSL, as a ring on the lifeline.
fn ring(lab: Lab, host: HostId) -> Option<El> {
    let now = lab.now.read();
    let timers = &now.card(host).shown.as_ref()?.timers;
    let timer = timers.iter().find(|timer| timer.kind == TimerKind::TimeWait).copied()?;
    let circle = |class: &str| svg("circle", class).set("r", "12");
    let left = circle("ring-left")
        .set("pathLength", "100")
        .set("transform", "rotate(-90)")
        .follow("stroke-dasharray", move || share_left(lab, timer));
    let words = move || labels::span(timer.until.since(lab.playhead.get()));
    Some(
        spot("ring", &lane(host), "0")
            .add(circle("ring-ground"))
            .add(left)
            .add(svg("text", "").words(words)),
    )
}

fn share_left(lab: Lab, timer: Timer) -> String {
    let whole = timer.until.since(timer.since).0.max(1);
    let left = timer.until.since(lab.playhead.get()).0;
    format!("{} 100", (left.saturating_mul(100) / whole).min(100))
}
