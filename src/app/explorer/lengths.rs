//! Why 2MSL: by the length of TIME-WAIT, in how many ways each harm comes, and the shortest run to it.

use super::super::chart::{self, Axis, Mark, Point, Series};
use super::super::draw::{El, button, html, input_value, svg, truth};
use super::super::lab::Lab;
use super::super::labels::{count, decimal};
use super::super::language::Text;
use super::super::signal::Memo;
use super::worker::{Known, Stage, known};
use super::{acts, asked, choose, progress, runs, show};
use crate::adversary::chart::LENGTHS;
use crate::adversary::job::{Job, LENGTHS_ACTS, Question};
use crate::adversary::theorem::{MSL, NEVER, Premise};
use crate::adversary::work::ChartPoint;
use crate::world::Verdict;

/// The lines, each with its mark.
const HARMS: [(Verdict, Mark); 4] = [
    (NEVER[0], Mark::Circle),
    (NEVER[1], Mark::Square),
    (NEVER[2], Mark::Triangle),
    (Verdict::SpuriousRst, Mark::Diamond),
];

/// What is chosen where the address doesn't say: one MSL, at which something still comes.
const FIRST: (u8, Verdict) = (MSL, NEVER[1]);

/// The most acts that are offered: three take a minute.
const MOST: u8 = 3;

/// Where 0 stands in the plot, and where 1: a logarithm has no place for 0.
const ZERO: f64 = 0.03;
const ONE: f64 = 0.14;

pub(super) fn screen(lab: Lab) -> El {
    let points = Memo::new(|| known(|known| known.points.clone()));
    let chart = html("div", "").part(move || vec![drawing(lab, points)]);
    let legend = html("div", "legend")
        .set("role", "group")
        .set("aria-label", lab.text(Text::AdvHarms))
        .adds(HARMS.map(|(verdict, mark)| entry(lab, points, verdict, mark)));
    html("div", "lengths")
        .add(
            html("p", "summary").words(move || {
                lab.fill(Text::AdvLengthsSaid, &[("acts", &budget(lab).to_string())])
            }),
        )
        .add(progress::progress(lab, heading))
        .add(
            html("div", "explorer-columns")
                .add(html("div", "plot").add(chart).add(slider(lab)).add(legend))
                .add(
                    html("div", "result")
                        .add(html("div", "runs").part(move || vec![detail(lab, points)]))
                        .add(html("p", "facts").text(lab.text(Text::AdvWhyTwo)))
                        .add(acts(lab, MOST, move || budget(lab), set_acts)),
                ),
        )
}

fn budget(lab: Lab) -> u8 {
    match asked(lab) {
        Some((Job::Lengths(acts), _)) => acts,
        Some((Job::Theorem(_) | Job::LostAcks, _)) | None => LENGTHS_ACTS,
    }
}

fn set_acts(lab: Lab, acts: u8) {
    show(lab, &Job::Lengths(acts).to_string());
}

/// The point that is chosen.
fn chosen(lab: Lab) -> (u8, Verdict) {
    let point = asked(lab).and_then(|(_, point)| point);
    let read = |text: &str| {
        let (length, harm) = text.split_once('-')?;
        let length = length.parse().ok().filter(|length| LENGTHS.contains(length))?;
        let (verdict, _) = HARMS.into_iter().find(|(verdict, _)| verdict.name() == harm)?;
        Some((length, verdict))
    };
    point.as_deref().and_then(read).unwrap_or(FIRST)
}

fn choose_point(lab: Lab, length: u8, verdict: Verdict) {
    let job = Job::Lengths(leptos::prelude::untrack(|| budget(lab)));
    choose(lab, &job, &format!("{length}-{}", verdict.name()));
}

fn heading(lab: Lab, known: &Known) -> String {
    let all = LENGTHS.len();
    let number = (known.points.len() / HARMS.len() + 1).min(all).to_string();
    let key = match known.stage {
        Stage::Idle | Stage::Starting => Text::AdvStarting,
        Stage::Searching => {
            let values = [("number", &*number), ("all", &*all.to_string())];
            return lab.fill(Text::AdvLengthsAt, &values);
        }
        Stage::Over => Text::AdvLengthsDone,
        Stage::Stopped => Text::AdvStopped,
        Stage::Lost => Text::AdvLost,
        Stage::Refused => Text::AdvRefused,
    };
    lab.say(key)
}

// The chart.

fn across(length: u8) -> f64 {
    f64::from(length) / f64::from(*LENGTHS.end())
}

/// How many powers of ten the chart has room for.
fn decades(points: &[ChartPoint]) -> u32 {
    let most = points.iter().map(|point| point.ways).max().unwrap_or(0);
    most.max(1).ilog10().max(3) + 1
}

#[allow(clippy::cast_precision_loss)]
fn up(ways: u64, decades: u32) -> f64 {
    if ways == 0 {
        return ZERO;
    }
    ONE + (1.0 - ONE) * (ways as f64).log10() / f64::from(decades)
}

fn drawing(lab: Lab, points: Memo<Vec<ChartPoint>>) -> El {
    let points = points.get();
    let decades = decades(&points);
    let ticks = [0, MSL, 2 * MSL, 3 * MSL].map(|length| (across(length), msl(lab, length)));
    let x = Axis { title: lab.say(Text::AdvLengthsAxis), ticks: ticks.into() };
    let ways = [0].into_iter().chain((0..=decades).map(|power| 10_u64.pow(power)));
    let ticks = ways.map(|ways| (up(ways, decades), count(ways))).collect();
    let y = Axis { title: lab.say(Text::AdvLengthsWays), ticks };
    let lines = HARMS.map(|(verdict, mark)| series(lab, &points, verdict, mark, decades));
    let at = {
        let points = points.clone();
        move || {
            let (length, verdict) = chosen(lab);
            let here = point_of(&points, length, verdict);
            chart::chosen(across(length), here.map(|point| up(point.ways, decades)))
        }
    };
    let pick = move |x: f64, y: f64| {
        if let Some(nearest) = nearest(&points, x, y, decades) {
            choose_point(lab, nearest.length, nearest.verdict);
        }
    };
    let plot = svg("g", "").add(svg("g", "chosen").part(at)).adds(chart::lines(&lines));
    chart::frame(lab.text(Text::AdvLengths), &x, &y, pick, plot)
}

/// The nearest point of those of the nearest length.
fn nearest(points: &[ChartPoint], x: f64, y: f64, decades: u32) -> Option<&ChartPoint> {
    let apart = |point: &ChartPoint| {
        ((across(point.length) - x).abs(), (up(point.ways, decades) - y).abs())
    };
    points.iter().min_by(|one, other| {
        let (one, other) = (apart(one), apart(other));
        one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1))
    })
}

fn series(lab: Lab, all: &[ChartPoint], verdict: Verdict, mark: Mark, decades: u32) -> Series {
    let own = || all.iter().filter(move |point| point.verdict == verdict);
    let points = own().map(|point| Point {
        x: across(point.length),
        y: up(point.ways, decades),
        is_hollow: point.ways == 0 && !point.is_certain,
    });
    let last = own().rfind(|point| point.ways > 0);
    let label = last
        .map(|point| (across(point.length), up(point.ways, decades), lab.say(runs::harm(verdict))));
    Series { name: verdict.name(), mark, points: points.collect(), label }
}

fn point_of(points: &[ChartPoint], length: u8, verdict: Verdict) -> Option<&ChartPoint> {
    points.iter().find(|point| point.length == length && point.verdict == verdict)
}

/// From which length on it's certain that a harm never comes; `None`: it isn't known, or it does.
fn never_from(points: &[ChartPoint], verdict: Verdict) -> Option<u8> {
    let all = || points.iter().filter(|point| point.verdict == verdict);
    if all().count() < LENGTHS.len() {
        return None;
    }
    let last = all().rfind(|point| point.ways > 0 || !point.is_certain);
    let from = last.map_or(0, |point| point.length + 1);
    LENGTHS.contains(&from).then_some(from)
}

/// A length in parts of MSL.
fn parts(length: u8) -> String {
    let text = decimal(u64::from(length) * 1_000 / u64::from(MSL), 3);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn msl(lab: Lab, length: u8) -> String {
    lab.fill(Text::AdvLengthsValue, &[("length", &parts(length))])
}

// What is chosen.

/// The length, to be chosen by keys and by touch: it lies below the axis.
fn slider(lab: Lab) -> El {
    let bar = html("input", "").set("type", "range").set("min", "0");
    let field = bar.element().clone();
    let input = move |_| {
        let (_, verdict) = leptos::prelude::untrack(|| chosen(lab));
        if let Ok(length) = input_value(&field).parse() {
            choose_point(lab, length, verdict);
        }
    };
    let bar = bar
        .set("max", &LENGTHS.end().to_string())
        .set("aria-label", lab.text(Text::AdvLengthsAxis))
        .follow("aria-valuetext", move || msl(lab, chosen(lab).0))
        .value(move || chosen(lab).0.to_string())
        .on("input", input);
    html("div", "slider").add(bar)
}

/// A line of the legend: the line's sample, its name, its value at the chosen length, and from where
/// on it's zero.
fn entry(lab: Lab, points: Memo<Vec<ChartPoint>>, verdict: Verdict, mark: Mark) -> El {
    let pick = move || {
        let (length, _) = leptos::prelude::untrack(|| chosen(lab));
        choose_point(lab, length, verdict);
    };
    let value = move || {
        let (length, _) = chosen(lab);
        value(lab, point_of(&points.get(), length, verdict))
    };
    let from = move || {
        let from = never_from(&points.get(), verdict);
        let said = from.map(|from| lab.fill(Text::AdvZeroFrom, &[("length", &parts(from))]));
        said.unwrap_or_default()
    };
    button("entry", pick)
        .set("data-harm", verdict.name())
        .follow("aria-pressed", move || truth(chosen(lab).1 == verdict))
        .add(chart::sample(verdict.name(), mark))
        .add(html("b", "").text(lab.text(runs::harm(verdict))))
        .text(" ")
        .add(html("span", "value").words(value))
        .text(" ")
        .add(html("small", "").words(from))
}

fn value(lab: Lab, point: Option<&ChartPoint>) -> String {
    let key = match point {
        None => Text::AdvLegendComing,
        Some(point) if point.ways > 0 => {
            return lab.fill(Text::AdvLegendWays, &[("ways", &count(point.ways))]);
        }
        Some(point) if point.is_certain => Text::AdvLegendNever,
        Some(_) => Text::AdvLegendNotFound,
    };
    lab.say(key)
}

/// The shortest run to the chosen point, or why there's none.
fn detail(lab: Lab, points: Memo<Vec<ChartPoint>>) -> El {
    let (length, verdict) = chosen(lab);
    let points = points.get();
    let Some(point) = point_of(&points, length, verdict) else {
        return html("p", "").text(lab.text(Text::AdvLegendComing));
    };
    if let Some(run) = &point.run {
        let head = format!("{} · {}", msl(lab, length), value(lab, Some(point)));
        let question = Question { without: vec![Premise::Length], ..Question::default() };
        let card = runs::card(lab, run, &question);
        return html("div", "").add(html("p", "facts").text(&head)).add(card);
    }
    let key = if point.is_certain { Text::AdvPointNever } else { Text::AdvPointNotFound };
    let numbers = [point.tried.states, point.tried.unreal, point.tried.cut].map(count);
    let [states, unreal, cut] = &numbers;
    let (parts, acts) = (parts(length), budget(lab).to_string());
    let values = [
        ("length", parts.as_str()),
        ("acts", &acts),
        ("states", states),
        ("unreal", unreal),
        ("cut", cut),
    ];
    html("article", "found none")
        .add(html("h3", "").text(lab.text(runs::harm(verdict))))
        .add(html("p", "").text(&lab.fill(key, &values)))
}
