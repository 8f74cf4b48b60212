//! Wire and ladder in one: time runs down, and the line of the moment is the wire.
//!
//! The arrows are drawn whole, once; what lies below the line is covered. So while it plays, the
//! cover and the chips on the line are all that moves.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, EventTarget, MouseEvent};

use super::chips::chips;
use super::draw::{El, html, keep, svg};
use super::lab::{Lab, World};
use super::labels::{self, percent};
use super::language::Text;
use super::sizes;
use crate::picture::{Arrow, Break, DeadLine, Ending, Kind, Life, Piece, Timer, dead_lines};
use crate::tcp::event::{HostId, TimerKind};
use crate::tcp::time::Time;

/// Where the lifelines stand, as a share of the width.
const LANES: (f64, f64) = (0.1, 0.9);
/// What of the height is used, so that nothing stands at the very edge.
const HEIGHT: (f64, f64) = (0.02, 0.96);
/// After so many flights the words on a dead line are said again.
const SAID_AGAIN: f64 = 4.0;
/// Where the line of the moment is kept in a frame that is lower than the run.
const SIGHT: f64 = 0.72;

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

pub(super) fn ladder(world: World) -> El {
    let lab = world.lab;
    let number = |share: f64| percent(share).trim_end_matches('%').to_owned();
    let drawing = svg("svg", "drawing")
        .set("aria-hidden", "true")
        .add(patterns())
        .add(svg("g", "").part(move || dead(world)))
        .add(svg("g", "").part(move || lifelines(world)))
        .add(svg("g", "").part(move || marks(lab)))
        .add(svg("g", "").part(move || arrows(world)));
    let run = html("div", "run")
        .style("--length", move || number(lab.picture.get().axis.length() / 100.0))
        .add(drawing)
        .add(now(world))
        .add(chips(world));
    let frame = html("div", "ladder")
        .set("role", "group")
        .follow("aria-label", move || lab.say(Text::Ladder))
        .on("click", move |event| go_to(world, &event));
    let heights = sizes::heights(frame.element(), run.element());
    let sight = move || within_sight(heights.get());
    frame.add(run.moves(lab, sight, move |place| scrolled(heights.get(), place)))
}

/// The whole run as a picture that stands still, with a number at each of some moments.
pub(super) fn still(world: World, moments: &[Option<Time>]) -> El {
    let picture = world.lab.picture.get();
    let mut last = -1.0;
    let mut side = 0.0;
    let number = |(place, time): (usize, &Option<Time>)| {
        let at = picture.axis.place((*time)?);
        // One that is too near to the one before stands beside it.
        side = if at - last < 0.5 / picture.axis.length().max(1.0) { side - 0.035 } else { 1.09 };
        last = at;
        let words = svg("text", "").text(&(place + 1).to_string());
        let circle = svg("circle", "").set("r", "9");
        Some(spot("moment-number", &x(side), &y(at)).add(circle).add(words))
    };
    let numbers: Vec<El> = moments.iter().enumerate().filter_map(number).collect();
    let length = percent(picture.axis.length() / 100.0).trim_end_matches('%').to_owned();
    let drawing = svg("svg", "drawing")
        .set("role", "img")
        .set("aria-label", world.lab.text(Text::Ladder))
        .add(patterns())
        .adds(dead(world))
        .adds(lifelines(world))
        .adds(marks(world.lab))
        .adds(arrows(world))
        .adds(numbers);
    html("div", "still").style("--length", move || length.clone()).add(drawing)
}

/// How far the run is moved up so that the moment stands in sight: at some two thirds of the frame,
/// and never beyond the ends of the run.
fn scrolled((frame, run): (i32, i32), place: f64) -> String {
    let (frame, run) = (f64::from(frame), f64::from(run));
    let up = (place * run - SIGHT * frame).clamp(0.0, (run - frame).max(0.0));
    format!("translateY(-{}px)", labels::whole(up))
}

/// From which place of the axis on the run moves up, and to which.
fn within_sight((frame, run): (i32, i32)) -> Vec<f64> {
    let share = |part: f64| part / f64::from(run).max(1.0);
    let begins = share(SIGHT * f64::from(frame));
    vec![begins, begins + share(f64::from(run - frame)).max(0.0)]
}

/// A click on an arrow goes to its beginning or its end, whichever is nearer; one beside the arrows
/// to the moment at that height.
fn go_to(world: World, event: &Event) {
    let lab = world.lab;
    let (Some(click), Some(target)) = (event.dyn_ref::<MouseEvent>(), event.target()) else {
        return;
    };
    let Some(target) = target.dyn_ref::<Element>() else { return };
    if target.closest("button, .menu").ok().flatten().is_some() {
        return;
    }
    let Some(drawing) = event.current_target().and_then(|ladder| drawing_of(&ladder)) else {
        return;
    };
    let shape = drawing.get_bounding_client_rect();
    let (top, height) = HEIGHT;
    let across = (f64::from(click.client_x()) - shape.left()) / shape.width().max(1.0);
    let down = (f64::from(click.client_y()) - shape.top()) / shape.height().max(1.0);
    let arrow = target.closest("[data-arrow]").ok().flatten();
    let place = arrow.and_then(|arrow| arrow.get_attribute("data-arrow")?.parse::<usize>().ok());
    let at = place.and_then(|place| {
        world.run(|_, run| run.arrows.get(place).map(|arrow| arrow_end(arrow, across)))
    });
    let time = at.unwrap_or_else(|| {
        let picture = lab.picture.get_untracked();
        picture.axis.time((down - top) / height)
    });
    lab.go_to(time);
    lab.focus_stage();
}

fn drawing_of(ladder: &EventTarget) -> Option<Element> {
    ladder.dyn_ref::<Element>()?.query_selector(".drawing").ok()?
}

fn arrow_end(arrow: &Arrow, across: f64) -> Time {
    let is_at_a = across < 0.5;
    if is_at_a == (arrow.name.sender == HostId::A) { arrow.left } else { arrow.ends }
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

/// Where the line is dead: a hatched band from the sender's lifeline to the middle, or across.
fn dead(world: World) -> Vec<El> {
    world.run(|picture, run| {
        let lines = dead_lines(&run.trace.scenario, &picture.axis);
        let length = picture.axis.length();
        lines.iter().map(|one| dead_line(world.lab, one, length)).collect()
    })
}

/// The words stand where the segments that it loses don't come, and again where the band is longer
/// than what is seen.
fn dead_line(lab: Lab, one: &DeadLine, axis_length: f64) -> El {
    let (left, right, side, signs) = match one.sender {
        Some(HostId::A) => (0.0, 0.5, 0.78, ("◂ ", "")),
        Some(HostId::B) => (0.5, 1.0, 0.22, ("", " ▸")),
        None => (0.0, 1.0, 0.78, ("", "")),
    };
    let ((from_left, from_right), (_, height)) = (LANES, HEIGHT);
    let width = percent((right - left) * (from_right - from_left));
    let size = (width.as_str(), percent((one.to - one.from) * height));
    let band = rect("", (&x(left), &y(one.from)), (size.0, &size.1)).set("fill", "url(#dead)");
    let length = one.length.map_or_else(|| lab.say(Text::EndOfRun), labels::whole_span);
    let said = lab.fill(Text::LineDead, &[("length", &length)]);
    let (before, after) = signs;
    let said = format!("{before}{said}{after}");
    let step = SAID_AGAIN / axis_length.max(f64::EPSILON);
    let places = core::iter::successors(Some(one.from), |at| Some(at + step));
    let places = places.take_while(|at| *at <= one.from || at + step / 2.0 < one.to);
    let words = places.map(|at| svg("text", "").set("x", &x(side)).set("y", &y(at)).text(&said));
    svg("g", "dead-line").add(band).adds(words)
}

/// Arrowheads in every colour, and the hatching of TIME-WAIT and of the dead line.
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
    let dead = svg("pattern", "")
        .set("id", "dead")
        .set("width", "8")
        .set("height", "8")
        .set("patternUnits", "userSpaceOnUse")
        .set("patternTransform", "rotate(-45)")
        .add(rect("dead-ground", ("0", "0"), ("8", "8")))
        .add(rect("dead-stripe", ("0", "0"), ("2", "8")));
    svg("defs", "").adds(heads).add(hatch).add(dead)
}

fn lifelines(world: World) -> Vec<El> {
    world.run(|_, run| {
        let lanes = HostId::BOTH.into_iter().zip(&run.lanes);
        lanes.flat_map(|(host, lane)| lane.iter().map(move |one| lifeline(host, one))).collect()
    })
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

/// Breaks, and where two worlds part.
fn marks(lab: Lab) -> Vec<El> {
    let picture = lab.picture.get();
    let parting = picture.parting.as_ref().map(|parting| {
        let at = y(picture.axis.place(parting.time));
        // Beside the host at which nothing happens, where no arrow begins or ends.
        let host = picture
            .runs
            .iter()
            .zip(parting.events)
            .find_map(|(run, place)| run.trace.events.get(place?).and_then(|event| event.host));
        let (side, anchor) = if host == Some(HostId::B) { (0.03, "start") } else { (0.97, "end") };
        let words = svg("text", "").set("x", &x(side)).set("y", &at).set("text-anchor", anchor);
        let words = words.text(lab.text(Text::Parting));
        svg("g", "parting").add(line("", (&x(-0.1), &at), (&x(1.1), &at))).add(words)
    });
    let breaks = picture.axis.breaks().iter().map(|one| break_mark(lab, one));
    breaks.chain(parting).collect()
}

/// A stretch that is drawn short: a jag across both lifelines, with the length left out.
fn break_mark(lab: Lab, one: &Break) -> El {
    let at = y(one.place);
    let jags = HostId::BOTH.map(|host| {
        spot("jag", &lane(host), &at)
            .add(rect("", ("-9", "-5"), ("18", "10")))
            .add(path("M-22 3 L-13 -5 L-4 4 L5 -5 L14 4 L22 -3"))
    });
    let words = svg("text", "").set("x", &x(0.5)).set("y", &at);
    let said = lab.fill(Text::Skipped, &[("length", &labels::span(one.left_out))]);
    svg("g", "break")
        .add(line("", (&x(0.05), &at), (&x(0.95), &at)))
        .adds(jags)
        .add(words.text(&said))
}

/// The arrows. Which of them have ended changes at some moments only, and then only those change.
fn arrows(world: World) -> Vec<El> {
    let lab = world.lab;
    let arrows = world.run(|_, run| run.arrows.clone());
    let tracks: Vec<El> =
        arrows.iter().enumerate().map(|(place, arrow)| track(world, place, arrow)).collect();
    // Put in where they belong: they come almost in order, and a sort would weigh more.
    let mut ends: Vec<(Time, Element)> = Vec::with_capacity(arrows.len());
    for (arrow, track) in arrows.iter().zip(&tracks) {
        let at = ends.iter().rposition(|(other, _)| *other <= arrow.ends).map_or(0, |at| at + 1);
        ends.insert(at, (arrow.ends, track.element().clone()));
    }
    keep(Box::new(move |before| {
        let now = lab.playhead.get();
        let (before, after) = (before.unwrap_or(0), ends.partition_point(|(ends, _)| *ends <= now));
        for (_, track) in ends.iter().take(before.max(after)).skip(before.min(after)) {
            let _ = track.toggle_attribute_with_force("data-past", after > before);
        }
        after
    }));
    tracks
}

/// The name of a segment's colour: a RST is a disaster before it's anybody's.
pub(super) fn hue(arrow: &Arrow) -> &'static str {
    if arrow.segment.rst { "bad" } else { labels::hue(arrow.segment.origin) }
}

/// The arrow that a segment leaves behind. Its head and its label come when it has ended.
fn track(world: World, place: usize, arrow: &Arrow) -> El {
    let hue = hue(arrow);
    let at = |share: f64| {
        let down = arrow.from + share * (arrow.to - arrow.from);
        (x(arrow.side(share * arrow.reach)), y(down))
    };
    let ((x1, y1), (x2, y2), (x3, y3)) = (at(0.0), at(1.0), at(arrow.label));
    let dashed = if arrow.kind == Kind::Sent { "" } else { " dashed" };
    let lost = if arrow.ending == Ending::Arrives { "" } else { " lost" };
    let shaft = line("shaft", (&x1, &y1), (&x2, &y2));
    let shaft = if arrow.ending == Ending::Arrives {
        shaft.set("marker-end", &format!("url(#head-{hue})"))
    } else {
        shaft
    };
    let cross = (arrow.ending != Ending::Arrives)
        .then(|| spot("cross", &x2, &y2).add(path("M-6 -6 L6 6 M-6 6 L6 -6")));
    let words = svg("text", "").set("x", &x3).set("y", &y3).text(&label(world, arrow));
    svg("g", &format!("way-across {hue}{dashed}{lost}"))
        .set("data-arrow", &place.to_string())
        .add(shaft)
        .adds(cross)
        .add(words)
        .add(line("hit", (&x1, &y1), (&x2, &y2)))
}

/// What stands at an arrow: the segment, its connection where there are several, and what it is
/// where no host sent it for the first time.
pub(super) fn label(world: World, arrow: &Arrow) -> String {
    let has_many = world.lab.picture.get().has_many;
    let sign = if has_many { labels::sign(arrow.segment.origin) } else { "" };
    let extra = extra(arrow.kind).map_or("", |extra| world.lab.text(extra));
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

/// The line of the moment, with the cover of all that is still open below it. It is as large as the
/// run and moved by a share of itself: so moving needs no new layout.
fn now(world: World) -> El {
    let open = |side: f64| line("open", (&x(side), "0"), (&x(side), "100%"));
    let rings = move || HostId::BOTH.iter().filter_map(|host| ring(world, *host)).collect();
    let drawn = svg("svg", "")
        .add(open(0.0))
        .add(open(1.0))
        .add(line("wire", (&x(-0.06), "0"), (&x(1.06), "0")))
        .add(
            svg("text", "now-word")
                .set("x", &x(0.5))
                .set("y", "14")
                .words(move || world.lab.say(Text::NowWord)),
        )
        .add(svg("g", "").part(rings));
    html("div", "now")
        .set("aria-hidden", "true")
        .moves(world.lab, Vec::new, |place| format!("translateY({})", y(place)))
        .add(drawn)
}

/// What is left of 2MSL, as a ring on the lifeline.
fn ring(world: World, host: HostId) -> Option<El> {
    let timer = world.now(|now| {
        let timers = &now.card(host).shown.as_ref()?.timers;
        timers.iter().find(|timer| timer.kind == TimerKind::TimeWait).copied()
    })?;
    let circle = |class: &str| svg("circle", class).set("r", "12");
    let left = circle("ring-left")
        .set("pathLength", "100")
        .set("transform", "rotate(-90)")
        .follow("stroke-dasharray", move || share_left(world, timer));
    let words = move || labels::span(timer.until.since(world.lab.reading.get()));
    Some(
        spot("ring", &lane(host), "0")
            .add(circle("ring-ground"))
            .add(left)
            .add(svg("text", "").words(words)),
    )
}

fn share_left(world: World, timer: Timer) -> String {
    let whole = timer.until.since(timer.since).0.max(1);
    let left = timer.until.since(world.lab.reading.get()).0;
    format!("{} 100", (left.saturating_mul(100) / whole).min(100))
}
