//! The moving chart: 4-tuples in use over time, the formula's curve beside, and the failures.

use core::fmt::Write;

use leptos::prelude::*;

use super::super::draw::{El, html, svg};
use super::super::labels::{self, percent};
use super::super::language::Text;
use super::{Gauge, grouped};
use crate::gauge::{Closer, Sample};
use crate::tcp::time::Time;

/// The drawing is so wide and so high in its own units.
const SIDE: u64 = 1_000;

/// What is drawn, and how values become places.
#[derive(Clone, Copy, PartialEq)]
struct Scale {
    /// The length of the run, in microseconds.
    length: u64,
    /// The highest value, at full size.
    top: u64,
    /// How many connections one of the fleet stands for.
    times: u64,
}

impl Scale {
    fn of(gauge: Gauge) -> Scale {
        let load = gauge.load.get();
        let tuples = load.formula_of_fleet().tuples;
        // Some room above the line at which nothing is left.
        Scale { length: load.length.0, top: tuples + tuples / 9 + 1, times: load.scale.into() }
    }

    fn x(self, at: Time) -> u64 {
        at.0.min(self.length) * SIDE / self.length.max(1)
    }

    fn y(self, value: u64) -> u64 {
        SIDE - value.min(self.top) * SIDE / self.top
    }
}

/// A place of [`Scale`] as a share, for the style of a label.
fn share(place: u64) -> String {
    #[allow(clippy::cast_precision_loss)]
    percent(place as f64 / SIDE as f64)
}

pub(super) fn chart(gauge: Gauge) -> El {
    let drawing = svg("svg", "")
        .set("viewBox", "0 0 1000 1000")
        .set("preserveAspectRatio", "none")
        .set("role", "img")
        .follow("aria-label", move || said(gauge))
        .add(area(gauge, "waiting", |one| (0, one.waiting)))
        .add(area(gauge, "open", |one| (one.waiting, one.in_use())))
        .add(line(gauge, "used", Sample::in_use))
        .add(line(gauge, "server", |one| one.server_waiting))
        .add(path("fails", move || fails(gauge)))
        .add(path("all", move || {
            let scale = Scale::of(gauge);
            let all = gauge.load.with(|load| load.formula_of_fleet().tuples);
            format!("M0 {}H{SIDE}", scale.y(all))
        }))
        .add(path("formula", move || formula(gauge)))
        .add(path("failure", move || {
            let at = gauge.failure.get().map(|at| Scale::of(gauge).x(at));
            at.map(|x| format!("M{x} 0V{SIDE}")).unwrap_or_default()
        }));
    html("div", "gauge-plot")
        .add(html("div", "gauge-rows").set("aria-hidden", "true").part(move || rows(gauge)))
        .add(html("div", "gauge-drawing").add(drawing).add(marks(gauge)))
        .add(html("div", "gauge-times").set("aria-hidden", "true").part(move || times(gauge)))
}

fn path(class: &'static str, draw: impl Fn() -> String + 'static) -> El {
    svg("path", class).follow("d", draw)
}

/// The chart in words.
fn said(gauge: Gauge) -> String {
    let sample = gauge.run.sample();
    let load = gauge.load.get();
    let whole = |count: u32| grouped(u64::from(count) * u64::from(load.scale));
    let (time, tuples) = (labels::moment(sample.at), grouped(load.formula_of_fleet().tuples));
    let (used, waiting) = (whole(sample.in_use()), whole(sample.waiting));
    let values = [("time", &*time), ("used", &*used), ("tuples", &*tuples), ("waiting", &*waiting)];
    gauge.lab.fill(Text::GaugeChart, &values)
}

/// What lies between two values of each sample.
fn area(gauge: Gauge, class: &'static str, of: fn(&Sample) -> (u32, u32)) -> El {
    path(class, move || {
        let scale = Scale::of(gauge);
        with_samples(gauge, |samples| {
            let lower: fn((u32, u32)) -> u32 = |(lower, _)| lower;
            let upper: fn((u32, u32)) -> u32 = |(_, upper)| upper;
            let level =
                |sample: &Sample, edge: fn((u32, u32)) -> u32| height(scale, edge(of(sample)));
            // What is too thin to be seen isn't drawn.
            if samples.iter().all(|sample| level(sample, lower) == level(sample, upper)) {
                return String::new();
            }
            let mut path = String::from("M");
            for sample in samples {
                let _ = write!(path, "{} {} ", scale.x(sample.at), level(sample, upper));
            }
            for sample in samples.iter().rev().filter(|one| lower(of(one)) > 0) {
                let _ = write!(path, "{} {} ", scale.x(sample.at), level(sample, lower));
            }
            let end = samples.last().map_or(0, |sample| scale.x(sample.at));
            if samples.last().is_some_and(|sample| lower(of(sample)) == 0) {
                let _ = write!(path, "{end} {SIDE} 0 {SIDE} ");
            }
            path.push('Z');
            path
        })
    })
}

/// A value of each sample. Nothing where it never is more than nothing.
fn line(gauge: Gauge, class: &'static str, of: fn(&Sample) -> u32) -> El {
    path(class, move || {
        let scale = Scale::of(gauge);
        with_samples(gauge, |samples| {
            if samples.iter().all(|sample| of(sample) == 0) {
                return String::new();
            }
            let mut path = String::from("M");
            for sample in samples {
                let _ = write!(path, "{} {} ", scale.x(sample.at), height(scale, of(sample)));
            }
            path
        })
    })
}

fn height(scale: Scale, count: u32) -> u64 {
    scale.y(u64::from(count) * scale.times)
}

/// The samples that are shown.
fn with_samples<T>(gauge: Gauge, read: impl FnOnce(&[Sample]) -> T) -> T {
    gauge.run.number.track();
    let place = gauge.run.place.get();
    gauge.run.fleet(|fleet| {
        let samples = fleet.samples();
        read(samples.get(..=place).unwrap_or(samples))
    })
}

/// A band above the chart where requests found no port.
fn fails(gauge: Gauge) -> String {
    let scale = Scale::of(gauge);
    with_samples(gauge, |samples| {
        let mut path = String::new();
        for pair in samples.windows(2) {
            if let [before, after] = pair
                && after.failed > before.failed
            {
                let (from, to) = (scale.x(before.at), scale.x(after.at));
                let _ = write!(path, "M{from} 0H{to}V30H{from}Z");
            }
        }
        path
    })
}

/// The formula's curve: up with the rate, and flat where TIME-WAITs end or nothing is left.
fn formula(gauge: Gauge) -> String {
    let scale = Scale::of(gauge);
    let load = gauge.load.get();
    let formula = load.formula_of_fleet();
    let knee = formula.full_at().unwrap_or(Time(formula.held.0)).min(Time(load.length.0));
    let value = scale.y(formula.in_use(knee));
    format!("M0 {SIDE}L{} {value}H{SIDE}", scale.x(knee))
}

/// What stands on the drawing: how many there are, and the first failure.
fn marks(gauge: Gauge) -> El {
    html("div", "gauge-marks").set("aria-hidden", "true").part(move || {
        let scale = Scale::of(gauge);
        let all = gauge.load.with(|load| load.formula_of_fleet().tuples);
        let top = share(scale.y(all));
        let words = gauge.lab.fill(Text::GaugeAll, &[("tuples", &grouped(all))]);
        let all = html("span", "all").style("top", move || top.clone()).text(&words);
        let failure = gauge.failure.get().map(|at| {
            let x = scale.x(at);
            let words = labels::moment(at);
            let words = gauge.lab.fill(Text::GaugeFailureMark, &[("time", &words)]);
            // Where there is more room.
            if x * 2 < SIDE {
                html("span", "failure").style("left", move || share(x)).text(&words)
            } else {
                html("span", "failure").style("right", move || share(SIDE - x)).text(&words)
            }
        });
        core::iter::once(all).chain(failure).collect()
    })
}

/// The numbers at the left: round ones, below the line that has its own.
fn rows(gauge: Gauge) -> Vec<El> {
    let scale = Scale::of(gauge);
    let all = gauge.load.with(|load| load.formula_of_fleet().tuples);
    let apart = round(all.div_ceil(4).max(1));
    let values = (0..=8).map(|place| place * apart).filter(|value| *value <= all);
    let row = |value: u64| {
        let top = share(scale.y(value));
        html("span", "").style("top", move || top.clone()).text(&grouped(value))
    };
    values.map(row).collect()
}

/// The moments below.
fn times(gauge: Gauge) -> Vec<El> {
    let scale = Scale::of(gauge);
    let apart = round((scale.length / 6_000_000).max(1));
    let moments = (0..=12).map(|place| place * apart);
    let moments = moments.filter(|second| second * 1_000_000 <= scale.length);
    let time = |second: u64| {
        let left = share(scale.x(Time(second * 1_000_000)));
        html("span", "").style("left", move || left.clone()).text(&format!("{second} s"))
    };
    moments.map(time).collect()
}

/// The next number of 1, 2, 3 or 5 times a power of ten.
fn round(number: u64) -> u64 {
    let mut power = 1_u64;
    loop {
        for times in [1, 2, 3, 5] {
            if power * times >= number {
                return power * times;
            }
        }
        power = power.saturating_mul(10);
    }
}

/// What the lines mean, each with a piece of it.
pub(super) fn key(gauge: Gauge) -> El {
    let entry = move |class: &'static str, text: Text| {
        let piece = svg("svg", "")
            .set("viewBox", "0 0 28 12")
            .set("aria-hidden", "true")
            .add(svg("path", class).set("d", "M0 12V2H28V12Z"));
        html("li", "").add(piece).add(html("span", "").text(gauge.lab.text(text)))
    };
    let stroke = move |class: &'static str, text: Text| {
        let piece = svg("svg", "")
            .set("viewBox", "0 0 28 12")
            .set("aria-hidden", "true")
            .add(svg("path", class).set("d", "M0 6H28"));
        html("li", "").add(piece).add(html("span", "").text(gauge.lab.text(text)))
    };
    html("ul", "gauge-key").part(move || {
        let server = gauge.load.with(|load| load.first == Closer::Server);
        let mut entries =
            vec![entry("waiting", Text::GaugeKeyWaiting), entry("open", Text::GaugeKeyOpen)];
        entries.extend(server.then(|| stroke("server", Text::GaugeKeyServer)));
        entries.push(stroke("formula", Text::GaugeKeyFormula));
        entries.push(entry("fails", Text::GaugeKeyFails));
        entries
    })
}
