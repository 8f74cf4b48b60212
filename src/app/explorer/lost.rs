//! How many last ACKs must be lost in a row until the RST comes after all, by stack and by the length
//! of TIME-WAIT.

use super::super::chart::{self, Axis, Mark, Point, Series};
use super::super::draw::{El, button, html, input_value, svg, truth};
use super::super::lab::Lab;
use super::super::labels::{self, span};
use super::super::language::Text;
use super::super::signal::Memo;
use super::worker::{Known, Stage, known};
use super::{asked, choose, runs};
use crate::adversary::job::Job;
use crate::adversary::lost::{STACKS, WAITS};
use crate::adversary::work::LostPoint;
use crate::tcp::profile::{Base, Value};
use crate::tcp::time::Span;
use crate::world::parse_scenario;

/// The marks of the lines, in the order of the stacks.
const MARKS: [Mark; STACKS.len()] =
    [Mark::Circle, Mark::Square, Mark::Triangle, Mark::Diamond, Mark::Cross];

/// What is chosen where the address doesn't say: Linux, 60 s.
const FIRST: (usize, Base) = (10, Base::Linux);

/// The most that is counted to; beyond it, and above a gap, lies never.
const MOST: u32 = 9;
const NEVER: u32 = MOST + 2;

pub(super) fn screen(lab: Lab) -> El {
    let points = Memo::new(|| known(|known| known.lost.clone()));
    let legend = html("div", "legend")
        .set("role", "group")
        .set("aria-label", lab.text(Text::AdvLostAcksStacks))
        .adds(STACKS.into_iter().zip(MARKS).map(|(stack, mark)| entry(lab, points, stack, mark)));
    let chart = html("div", "").part(move || vec![drawing(lab, points)]);
    html("div", "lost-acks")
        .add(html("p", "summary").text(lab.text(Text::AdvLostAcksSaid)))
        .add(html("p", "facts").words(move || known(|known| heading(lab, known))))
        .add(
            html("div", "explorer-columns")
                .add(html("div", "plot").add(chart).add(slider(lab)).add(legend))
                .add(
                    html("div", "result")
                        .add(html("div", "runs").part(move || vec![detail(lab, points)])),
                ),
        )
}

/// It takes a moment; what is said is what goes wrong.
fn heading(lab: Lab, known: &Known) -> String {
    match known.stage {
        Stage::Idle | Stage::Starting => lab.say(Text::AdvStarting),
        Stage::Searching | Stage::Over | Stage::Stopped => String::new(),
        Stage::Lost | Stage::Refused => lab.say(Text::AdvLost),
    }
}

/// The point that is chosen: the place of its length, and the stack.
fn chosen(lab: Lab) -> (usize, Base) {
    let point = asked(lab).and_then(|(_, point)| point);
    let read = |text: &str| {
        let (wait, stack) = text.split_once('-')?;
        let wait = Span::parse(wait)?.0 / 1_000;
        let place = WAITS.iter().position(|own| *own == wait)?;
        Some((place, Base::read(stack).filter(|stack| STACKS.contains(stack))?))
    };
    point.as_deref().and_then(read).unwrap_or(FIRST)
}

fn choose_point(lab: Lab, place: usize, stack: Base) {
    let wait = Span::from_millis(WAITS.get(place).copied().unwrap_or(0));
    choose(lab, &Job::LostAcks, &format!("{wait}-{}", stack.text()));
}

// The chart.

#[allow(clippy::cast_precision_loss)]
fn across(place: usize) -> f64 {
    place as f64 / (WAITS.len() - 1) as f64
}

fn up(count: u32) -> f64 {
    f64::from(count) / f64::from(NEVER)
}

fn height(point: &LostPoint) -> f64 {
    point.count.map_or(up(NEVER), |count| up(count.min(MOST + 1)))
}

fn place_of(point: &LostPoint) -> usize {
    WAITS.iter().position(|wait| *wait == point.wait).unwrap_or(0)
}

fn wait(place: usize) -> String {
    match WAITS.get(place).copied().unwrap_or(0) {
        millis if millis > 0 && millis.is_multiple_of(1_000) => format!("{} s", millis / 1_000),
        millis => span(Span::from_millis(millis)),
    }
}

fn drawing(lab: Lab, points: Memo<Vec<LostPoint>>) -> El {
    let points = points.get();
    let ticks = (0..WAITS.len()).map(|place| (across(place), wait(place)));
    let x = Axis { title: lab.say(Text::AdvLengthsAxis), ticks: ticks.collect() };
    let counts = (1..=MOST).map(|count| (up(count), count.to_string()));
    let never = (up(NEVER), lab.say(Text::AdvLostAcksNever));
    let y = Axis { title: lab.say(Text::AdvLostAcksAxis), ticks: counts.chain([never]).collect() };
    let lines = lines(&points);
    let at = {
        let points = points.clone();
        move || {
            let (place, stack) = chosen(lab);
            let here = point_of(&points, place, stack);
            chart::chosen(across(place), here.map(height))
        }
    };
    let pick = move |x: f64, y: f64| {
        let apart =
            |point: &LostPoint| ((across(place_of(point)) - x).abs(), (height(point) - y).abs());
        let nearest = points.iter().min_by(|one, other| {
            let (one, other) = (apart(one), apart(other));
            one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1))
        });
        if let Some(nearest) = nearest {
            choose_point(lab, place_of(nearest), nearest.stack);
        }
    };
    let plot = svg("g", "").add(svg("g", "chosen").part(at)).adds(chart::lines(&lines));
    chart::frame(lab.text(Text::AdvLostAcksAxis), &x, &y, pick, plot)
}

/// A line for each stack; those that are the same all along are one, with all their names.
fn lines(points: &[LostPoint]) -> Vec<Series> {
    let counts = |stack: Base| -> Vec<Option<u32>> {
        let own = points.iter().filter(|point| point.stack == stack);
        own.map(|point| point.count).collect()
    };
    let alike = |stack: Base| STACKS.into_iter().filter(move |one| counts(*one) == counts(stack));
    let first = |stack: &(Base, Mark)| alike(stack.0).next() == Some(stack.0);
    let line = |(stack, mark): (Base, Mark)| {
        let own = || points.iter().filter(|point| point.stack == stack);
        let points = own().map(|point| Point {
            x: across(place_of(point)),
            y: height(point),
            is_hollow: false,
        });
        let names: Vec<&str> = alike(stack).map(labels::base).collect();
        let (place, _) = FIRST;
        let here = own().find(|point| place_of(point) == place);
        let label = here.map(|point| (across(place), height(point), names.join(", ")));
        Series { name: line_name(stack), mark, points: points.collect(), label }
    };
    STACKS.into_iter().zip(MARKS).filter(first).map(line).collect()
}

/// The name of a stack's line in the style sheets.
fn line_name(stack: Base) -> &'static str {
    match stack {
        Base::Rfc9293 | Base::Rfc793 | Base::NoTimeWait => "rfc",
        Base::Linux | Base::Linux49 => "linux",
        Base::FreeBsd => "freebsd",
        Base::MacOs => "macos",
        Base::Smoltcp => "smoltcp",
    }
}

fn point_of(points: &[LostPoint], place: usize, stack: Base) -> Option<&LostPoint> {
    points.iter().find(|point| point.stack == stack && place_of(point) == place)
}

// What is chosen.

fn slider(lab: Lab) -> El {
    let bar = html("input", "").set("type", "range").set("min", "0");
    let field = bar.element().clone();
    let input = move |_| {
        let (_, stack) = leptos::prelude::untrack(|| chosen(lab));
        if let Ok(place) = input_value(&field).parse() {
            choose_point(lab, place, stack);
        }
    };
    let bar = bar
        .set("max", &(WAITS.len() - 1).to_string())
        .set("aria-label", lab.text(Text::AdvLengthsAxis))
        .follow("aria-valuetext", move || wait(chosen(lab).0))
        .value(move || chosen(lab).0.to_string())
        .on("input", input);
    html("div", "slider").add(bar)
}

fn entry(lab: Lab, points: Memo<Vec<LostPoint>>, stack: Base, mark: Mark) -> El {
    let pick = move || {
        let (place, _) = leptos::prelude::untrack(|| chosen(lab));
        choose_point(lab, place, stack);
    };
    let value = move || {
        let (place, _) = chosen(lab);
        match point_of(&points.get(), place, stack).map(|point| point.count) {
            None => lab.say(Text::AdvLegendComing),
            Some(None) => lab.say(Text::AdvLostAcksNever),
            Some(Some(count)) => lab.fill(Text::AdvLostAcksCount, &[("count", &count.to_string())]),
        }
    };
    button("entry", pick)
        .set("data-stack", &stack.text())
        .follow("aria-pressed", move || truth(chosen(lab).1 == stack))
        .add(chart::sample(line_name(stack), mark))
        .add(html("b", "").text(labels::base(stack)))
        .text(" ")
        .add(html("span", "value").words(value))
}

/// The run with so many losses.
fn detail(lab: Lab, points: Memo<Vec<LostPoint>>) -> El {
    let (place, stack) = chosen(lab);
    let points = points.get();
    let Some(point) = point_of(&points, place, stack) else {
        return html("p", "").text(lab.text(Text::AdvLegendComing));
    };
    let count = point.count.map(|count| count.to_string());
    let key = match count {
        Some(_) => Text::AdvLostAcksPoint,
        None => Text::AdvLostAcksPointNever,
    };
    let (wait, count) = (wait(place), count.unwrap_or_default());
    let values = [("stack", labels::base(stack)), ("wait", &wait), ("count", &count)];
    // It's the worker's own text, which reads back.
    let way = parse_scenario(&point.scenario).ok().map(|scenario| runs::stage_way(lab, scenario));
    html("article", "found")
        .add(html("p", "").text(&lab.fill(key, &values)))
        .add(html("div", "choices").adds(way))
}
