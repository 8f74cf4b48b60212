//! The formula's numbers and the engine's, side by side; and the chart as a table.

use leptos::prelude::*;

use super::super::draw::{El, html};
use super::super::lab::Lab;
use super::super::labels;
use super::super::language::Text;
use super::{Gauge, grouped, ratio};
use crate::gauge::{Load, Sample};
use crate::tcp::time::{Span, Time};

/// The table of the chart has so many rows.
const ROWS: usize = 18;
/// And that of the numbers so many.
const ROWS_OF_NUMBERS: usize = 8;

/// A row: what it says; by the formula, and which; by the engine, and what.
#[derive(Clone, PartialEq)]
struct Row {
    said: Text,
    formula: (String, String),
    engine: (String, String),
}

pub(super) fn numbers(gauge: Gauge) -> El {
    let lab = gauge.lab;
    let head = |text: Text| html("th", "").set("scope", "col").text(lab.text(text));
    let rows = Memo::new(move |_| rows(gauge));
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
        .add(html("tbody", "").adds((0..ROWS_OF_NUMBERS).map(|place| row(lab, rows, place))))
}

/// A row stays as it is, and its words follow.
fn row(lab: Lab, rows: Memo<Vec<Row>>, place: usize) -> El {
    let words = move |read: fn(&Row) -> &String| {
        move || rows.with(|rows| rows.get(place).map(read).cloned().unwrap_or_default())
    };
    let cell = |number: fn(&Row) -> &String, note: fn(&Row) -> &String| {
        html("td", "")
            .add(html("b", "").words(words(number)))
            .add(html("small", "").words(words(note)))
    };
    let said = rows.with_untracked(|rows| rows.get(place).map(|row| row.said));
    html("tr", "")
        .add(html("th", "").set("scope", "row").text(said.map_or("", |said| lab.text(said))))
        .add(cell(|row| &row.formula.0, |row| &row.formula.1))
        .add(cell(|row| &row.engine.0, |row| &row.engine.1))
}

/// A count of the fleet at full size.
fn whole(load: &Load, count: u64) -> String {
    grouped(count * u64::from(load.scale))
}

fn rows(gauge: Gauge) -> Vec<Row> {
    let lab = gauge.lab;
    let load = gauge.load.get();
    let sample = gauge.run.sample();
    let formula = load.formula();
    let none = || (String::new(), String::new());
    let count = |text: Text, count: u64| Row {
        said: text,
        formula: none(),
        engine: (whole(&load, count), String::new()),
    };
    let used = (grouped(formula.in_use(sample.at)), lab.say(Text::GaugeNoteUsed));
    let [client, server] =
        [sample.waiting, sample.server_waiting].map(|count| whole(&load, count.into()));
    let both = (format!("{client} · {server}"), lab.say(Text::GaugeNoteBoth));
    vec![
        rate(gauge, &load),
        full(gauge, &load),
        Row { formula: used, ..count(Text::GaugeRowUsed, sample.in_use().into()) },
        Row {
            said: Text::GaugeRowWaiting,
            formula: (grouped(formula.waiting()), lab.say(Text::GaugeNoteWaiting)),
            engine: both,
        },
        count(Text::GaugeRowMade, sample.made),
        count(Text::GaugeRowFailed, sample.failed),
        count(Text::GaugeRowErrors, sample.errors),
        count(Text::GaugeRowCutShort, sample.cut_short),
    ]
}

fn rate(gauge: Gauge, load: &Load) -> Row {
    let lab = gauge.lab;
    let sample = gauge.run.sample();
    let place = gauge.run.reading.get();
    let (window, measured) = gauge.run.fleet(|fleet| (fleet.window(), fleet.rate(place)));
    let window = labels::span(Span(window.0.min(sample.at.0)));
    let most = load.formula().most();
    let formula = match most {
        Some(most) => (ratio(most), lab.say(Text::GaugeNoteRate)),
        None => ("–".to_owned(), lab.say(Text::GaugeNoLimit)),
    };
    let measured = if sample.at == Time::START { "–".to_owned() } else { ratio(measured) };
    let note = lab.fill(Text::GaugeNoteMeasured, &[("time", &window)]);
    Row { said: Text::GaugeRowRate, formula, engine: (measured, note) }
}

fn full(gauge: Gauge, load: &Load) -> Row {
    let lab = gauge.lab;
    let moment = |at: Option<Time>, none: Text| at.map_or_else(|| lab.say(none), labels::moment);
    Row {
        said: Text::GaugeRowFull,
        formula: (moment(load.formula().full_at(), Text::GaugeNever), lab.say(Text::GaugeNoteFull)),
        engine: (moment(gauge.failure.get(), Text::GaugeNotSoFar), lab.say(Text::GaugeNoteFailure)),
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
    let shown = gauge.run.reading.get();
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
