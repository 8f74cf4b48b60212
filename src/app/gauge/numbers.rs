//! The formula's numbers and the engine's, side by side; and the chart as a table.

use leptos::prelude::*;

use super::super::draw::{El, html};
use super::super::labels;
use super::super::language::Text;
use super::{Gauge, grouped, ratio};
use crate::gauge::{Fleet, Load, Sample};
use crate::tcp::time::{Span, Time};

/// The table of the chart has so many rows.
const ROWS: usize = 18;

/// A row: what it says, by the formula, by the engine.
struct Row {
    said: String,
    formula: String,
    engine: String,
}

pub(super) fn numbers(gauge: Gauge) -> El {
    let lab = gauge.lab;
    let head = |text: Text| html("th", "").set("scope", "col").text(lab.text(text));
    let caption = move || {
        let time = labels::moment(gauge.run.sample().at);
        lab.fill(Text::GaugeNumbers, &[("time", &time)])
    };
    html("table", "gauge-numbers")
        .add(html("caption", "").words(caption))
        .add(
            html("thead", "").add(
                html("tr", "")
                    .add(html("td", ""))
                    .add(head(Text::GaugeFormula))
                    .add(head(Text::GaugeEngine)),
            ),
        )
        .add(html("tbody", "").part(move || rows(gauge).into_iter().map(row).collect()))
}

fn row(row: Row) -> El {
    html("tr", "")
        .add(html("th", "").set("scope", "row").text(&row.said))
        .add(html("td", "").text(&row.formula))
        .add(html("td", "").text(&row.engine))
}

/// A count of the fleet at full size.
fn whole(load: &Load, count: u64) -> String {
    grouped(count * u64::from(load.scale))
}

fn rows(gauge: Gauge) -> Vec<Row> {
    let load = gauge.load.get();
    let sample = gauge.run.sample();
    let lab = gauge.lab;
    let count = |text: Text, formula: String, count: u64| Row {
        said: lab.say(text),
        formula,
        engine: whole(&load, count),
    };
    let formula = load.formula();
    let both = format!(
        "{} · {}",
        whole(&load, sample.waiting.into()),
        whole(&load, sample.server_waiting.into())
    );
    let waiting = Row {
        said: lab.say(Text::GaugeRowWaiting),
        formula: grouped(rounded(&formula.waiting().decimal(0))),
        engine: both,
    };
    let used = grouped(formula.in_use(sample.at));
    vec![
        rate(gauge, &load),
        full(gauge, &load),
        count(Text::GaugeRowUsed, used, sample.in_use().into()),
        waiting,
        count(Text::GaugeRowMade, String::new(), sample.made),
        count(Text::GaugeRowFailed, String::new(), sample.failed),
        count(Text::GaugeRowErrors, String::new(), sample.errors),
    ]
}

fn rounded(number: &str) -> u64 {
    number.parse().unwrap_or(u64::MAX)
}

/// How long the rate is measured: a TIME_WAIT and what a connection takes besides, as far as there
/// was one.
fn window(load: &Load, sample: &Sample) -> Span {
    let life = load.travel.times(6);
    let window = load.formula().held + life;
    let window = if window < Span::from_secs(1) { Span::from_secs(10) } else { window };
    Span(window.0.min(sample.at.0))
}

fn rate(gauge: Gauge, load: &Load) -> Row {
    let sample = gauge.run.sample();
    let window = window(load, &sample);
    let place = gauge.run.place.get();
    let measured = gauge.run.fleet(|fleet: &Fleet| fleet.rate(place, window));
    let most = load.formula().most();
    let time = labels::span(window);
    Row {
        said: gauge.lab.fill(Text::GaugeRowRate, &[("time", &time)]),
        formula: most.map_or_else(|| gauge.lab.say(Text::GaugeNoLimit), ratio),
        engine: if sample.at == Time::START { "–".to_owned() } else { ratio(measured) },
    }
}

fn full(gauge: Gauge, load: &Load) -> Row {
    let moment =
        |at: Option<Time>, none: Text| at.map_or_else(|| gauge.lab.say(none), labels::moment);
    Row {
        said: gauge.lab.say(Text::GaugeRowFull),
        formula: moment(load.formula().full_at(), Text::GaugeNever),
        engine: moment(gauge.run.failure(), Text::GaugeNotSoFar),
    }
}

/// The chart as a table, for who can't see it or wants its numbers.
pub(super) fn table(gauge: Gauge) -> El {
    let lab = gauge.lab;
    let columns = [
        Text::GaugeColumnTime,
        Text::GaugeColumnUsed,
        Text::GaugeColumnWaiting,
        Text::GaugeColumnServer,
        Text::GaugeColumnFailed,
    ];
    let head = columns.map(|text| html("th", "").set("scope", "col").text(lab.text(text)));
    let is_open = RwSignal::new(false);
    let body = move || if is_open.get() { samples(gauge) } else { Vec::new() };
    html("details", "gauge-table")
        .on("toggle", move |_| is_open.update(|open| *open = !*open))
        .add(html("summary", "").text(lab.text(Text::GaugeTable)))
        .add(
            html("table", "gauge-samples")
                .add(html("thead", "").add(html("tr", "").adds(head)))
                .add(html("tbody", "").part(body)),
        )
}

fn samples(gauge: Gauge) -> Vec<El> {
    gauge.run.number.track();
    let shown = gauge.run.place.get();
    let load = gauge.load.get();
    let apart = (gauge.run.last() / ROWS).max(1);
    let samples: Vec<Sample> = gauge.run.fleet(|fleet| {
        let samples = fleet.samples().iter().take(shown + 1);
        samples.step_by(apart).copied().collect()
    });
    let line = |one: &Sample| {
        let counts = [one.in_use(), one.waiting, one.server_waiting].map(u64::from);
        let counts = counts.into_iter().chain([one.failed]);
        let cells = counts.map(|count| html("td", "").text(&whole(&load, count)));
        let time = html("th", "").set("scope", "row").text(&labels::span(Span(one.at.0)));
        html("tr", "").add(time).adds(cells)
    };
    samples.iter().map(line).collect()
}
