//! The port gauge: a fleet of connections that goes on, its chart, the formula beside, the ways out.
//!
//! Its state is the words of the sheet, which stand in the address: `show=ports+rate=2000`. What a
//! person changes changes these words, and the run begins anew.

mod chart;
mod form;
mod numbers;
mod remedies;
mod run;

use leptos::prelude::*;

use super::draw::{El, button, html, input_value};
use super::header::option;
use super::lab::Lab;
use super::labels;
use super::language::Text;
use super::rules::field;
use super::sheet::Sheet;
use crate::gauge::{Load, Ratio, Unfit, Why};
use crate::tcp::time::Time;
use run::Run;

/// The first word of its addresses.
pub(super) const NAME: &str = "ports";

/// The gauge. It is copied into every handler.
#[derive(Clone, Copy)]
struct Gauge {
    lab: Lab,
    /// The load that the sheet's words say, or the usual one.
    load: Memo<Load>,
    run: Run,
    /// The first connect() without a port, as far as the chart is drawn.
    failure: Memo<Option<Time>>,
}

impl Gauge {
    /// Another load, and so other words.
    fn change(self, load: Load) {
        let words = load.to_string();
        let blank = if words.is_empty() { "" } else { " " };
        self.lab.sheet.set(Some(Sheet::Shown(format!("{NAME}{blank}{words}"))));
    }
}

fn is_ours(sheet: &Option<Sheet>) -> bool {
    matches!(sheet, Some(Sheet::Shown(words)) if words.starts_with(NAME))
}

/// What the sheet's words say.
fn read(lab: Lab) -> Result<Load, Unfit> {
    match lab.sheet.get() {
        Some(Sheet::Shown(words)) => Load::parse(words.trim_start().trim_start_matches(NAME)),
        Some(_) | None => Ok(Load::default()),
    }
}

/// Its title and all that is on it.
pub(super) fn sheet(lab: Lab) -> (String, El) {
    // The sheet stays as it is while its words change, so that the focus does.
    untrack(|| {
        // What lies behind needn't move.
        lab.is_playing.set(false);
        // What is read after another sheet has come, or none, is of no interest any more.
        let load = Memo::new(move |before: Option<&Load>| match before {
            Some(before) if !lab.sheet.with(is_ours) => before.clone(),
            Some(_) | None => read(lab).unwrap_or_default(),
        });
        let run = Run::new(&load.get());
        let gauge = Gauge { lab, load, run, failure: Memo::new(move |_| run.failure()) };
        let begin = move |before: Option<Load>| {
            let load = load.get();
            if before.is_some_and(|before| before != load) {
                gauge.run.begin(&load);
            }
            load
        };
        let effect = RenderEffect::new(begin);
        StoredValue::new_local(effect);
        let body = html("div", "gauge")
            .add(html("div", "gauge-wrong").part(move || wrong(lab)))
            .add(html("p", "lead").text(lab.text(Text::GaugeLead)))
            .add(
                html("div", "gauge-main")
                    .add(
                        html("div", "gauge-run")
                            .add(
                                html("p", "gauge-outcome")
                                    .set("role", "status")
                                    .words(move || outcome(gauge)),
                            )
                            .add(chart::chart(gauge))
                            .add(chart::key(gauge))
                            .add(controls(gauge))
                            .add(html("p", "hint").words(move || scale_said(gauge))),
                    )
                    .add(numbers::numbers(gauge)),
            )
            .add(remedies::remedies(gauge))
            .add(form::form(gauge))
            .add(numbers::table(gauge));
        (lab.say(Text::GaugeTitle), body)
    })
}

/// What is wrong with the words of a link, in words.
fn wrong(lab: Lab) -> Vec<El> {
    let Err(Unfit { word, why }) = read(lab) else { return Vec::new() };
    let said = html("p", "refused").set("role", "alert").text(&complaint(lab, &word, &why));
    vec![said, html("p", "hint").text(lab.text(Text::GaugeInstead))]
}

/// Why a text can't be.
fn complaint(lab: Lab, text: &str, why: &Why) -> String {
    let fill =
        |key: Text, more: &[(&str, &str)]| lab.fill(key, &[&[("text", text)], more].concat());
    match why {
        Why::NoSuchWord(expected) => fill(Text::GaugeBadWord, &[("expected", expected)]),
        Why::Twice => fill(Text::GaugeBadTwice, &[]),
        Why::NoSuchValue(expected) => fill(Text::GaugeBadValue, &[("expected", expected)]),
        Why::OutOfRange(low, high) => fill(Text::GaugeBadRange, &[("low", low), ("high", high)]),
        Why::ScaleTooLarge(scale) => fill(Text::GaugeBadLarge, &[("scale", &scale.to_string())]),
        Why::ScaleTooSmall(scale) => fill(Text::GaugeBadSmall, &[("scale", &scale.to_string())]),
    }
}

/// How it went up to the moment that is shown. It changes once or twice in a run, so that it can be
/// read aloud.
fn outcome(gauge: Gauge) -> String {
    let lab = gauge.lab;
    if let Some(at) = gauge.failure.get() {
        let tuples = grouped(gauge.load.with(|load| load.formula_of_fleet().tuples));
        return lab.fill(Text::GaugeFailed, &[("time", &labels::moment(at)), ("tuples", &tuples)]);
    }
    if gauge.run.is_at_end() {
        let length = gauge.load.with(|load| labels::span(load.length));
        return lab.fill(Text::GaugeWentWell, &[("time", &length)]);
    }
    lab.say(Text::GaugeGoingWell)
}

fn scale_said(gauge: Gauge) -> String {
    match gauge.load.with(|load| load.scale) {
        1 => gauge.lab.say(Text::GaugeScaleOne),
        scale => gauge.lab.fill(Text::GaugeScaleSaid, &[("scale", &scale.to_string())]),
    }
}

/// Play, the end, the moment, the speed.
fn controls(gauge: Gauge) -> El {
    let Gauge { lab, run, .. } = gauge;
    let toggle = move || if run.is_playing.get_untracked() { run.pause() } else { run.play() };
    let play = button("play", toggle)
        .follow("aria-label", move || {
            lab.say(if run.is_playing.get() { Text::Pause } else { Text::Play })
        })
        .follow("data-sign", move || {
            if run.is_playing.get() { "pause" } else { "play" }.to_owned()
        });
    let jump = |text: Text, sign: &str, act: fn(Run)| {
        button("jump", move || act(run)).set("aria-label", lab.text(text)).set("data-sign", sign)
    };
    html("div", "gauge-controls")
        .set("role", "group")
        .set("aria-label", lab.text(Text::GaugeControls))
        .add(jump(Text::ToStart, "first", |run| run.go_to(0)))
        .add(play)
        .add(jump(Text::ToEnd, "last", |run| run.go_to(run.last())))
        .add(html("output", "clock").text("t = ").words(move || labels::moment(run.sample().at)))
        .add(moment(gauge))
        .add(speed(gauge))
}

/// The moment that is shown, to be chosen.
fn moment(gauge: Gauge) -> El {
    let run = gauge.run;
    let bar = html("input", "moment")
        .set("type", "range")
        .set("min", "0")
        .set("aria-label", gauge.lab.text(Text::GaugeMoment))
        .follow("max", move || {
            run.number.track();
            run.last().to_string()
        })
        .follow("aria-valuetext", move || labels::moment(run.sample().at))
        .value(move || {
            run.number.track();
            run.reading.get().to_string()
        });
    let element = bar.element().clone();
    bar.on("input", move |_| run.go_to(input_value(&element).parse().unwrap_or(0)))
}

fn speed(gauge: Gauge) -> El {
    let run = gauge.run;
    let choose = move |event| {
        if let Ok(speed) = event_target_value(&event).parse() {
            run.speed.set(speed);
        }
    };
    let speeds = run::SPEEDS.map(|speed| option(&speed.to_string(), &format!("{speed}×"), false));
    let list = html("select", "")
        .set("aria-label", gauge.lab.text(Text::GaugeSpeed))
        .on("change", choose)
        .adds(speeds);
    field::follow(&list, move |list| list.set_value(&run.speed.get().to_string()));
    list
}

/// A whole number with its thousands apart: 28,232.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A fraction with one digit after the point: 1,075.2.
fn ratio(ratio: Ratio) -> String {
    let decimal = ratio.decimal(1);
    match decimal.split_once('.') {
        Some((whole, rest)) => {
            format!("{}.{rest}", grouped(whole.parse().unwrap_or(u64::MAX)))
        }
        None => decimal,
    }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_stand_apart() {
        let written: Vec<String> = [0, 999, 1_000, 28_232, 1_234_567].map(grouped).into();
        assert_eq!(written, ["0", "999", "1,000", "28,232", "1,234,567"]);
    }
}
