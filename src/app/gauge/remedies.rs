//! The ways out as switches, the sanest first.

use leptos::prelude::*;

use super::super::draw::{El, html};
use super::super::language::Text;
use super::super::rules::field;
use super::{Gauge, ratio};
use crate::gauge::Remedy;

pub(super) fn remedies(gauge: Gauge) -> El {
    let lab = gauge.lab;
    html("section", "gauge-remedies")
        .add(html("h3", "").set("id", "gauge-remedies").text(lab.text(Text::GaugeRemedies)))
        .add(
            html("ol", "")
                .set("aria-labelledby", "gauge-remedies")
                .adds(Remedy::ALL.map(|remedy| row(gauge, remedy))),
        )
}

fn row(gauge: Gauge, remedy: Remedy) -> El {
    let lab = gauge.lab;
    let (title, said, citation) = texts(remedy);
    let switch = move |on: bool| {
        let load = gauge.load.get_untracked();
        gauge.change(remedy.switched(&load, on).fitted());
    };
    let tick =
        field::tick(lab.text(title), move || gauge.load.with(|load| remedy.is_on(load)), switch);
    let effect = move || {
        let with_it = gauge.load.with(|load| remedy.switched(load, true).formula());
        match with_it.most_requests() {
            Some(most) => lab.fill(Text::GaugeWithIt, &[("rate", &ratio(most))]),
            None => lab.say(Text::GaugeWithItNoLimit),
        }
    };
    html("li", "")
        .set("data-remedy", name(remedy))
        .add(tick)
        .add(html("p", "said").text(lab.text(said)))
        .add(html("p", "effect").words(effect))
        .add(html("p", "citation").text(citation))
}

/// Its title, what it does, and where that stands.
fn texts(remedy: Remedy) -> (Text, Text, &'static str) {
    match remedy {
        Remedy::KeepAlive => (Text::GaugeKeepAlive, Text::GaugeKeepAliveSaid, "RFC 9112 §9.3"),
        Remedy::ServerFirst => {
            (Text::GaugeServerFirst, Text::GaugeServerFirstSaid, "RFC 9293 §3.6")
        }
        Remedy::Destinations => {
            (Text::GaugeDestinations, Text::GaugeDestinationsSaid, "RFC 9293 §3.3.1")
        }
        Remedy::Sources => (Text::GaugeSources, Text::GaugeSourcesSaid, "RFC 9293 §3.3.1"),
        Remedy::WiderRange => {
            (Text::GaugeWiderRange, Text::GaugeWiderRangeSaid, "Linux ip_local_port_range")
        }
        Remedy::Reuse => (Text::GaugeReuse, Text::GaugeReuseSaid, "Linux tcp_twsk_unique"),
        Remedy::LingerZero => {
            (Text::GaugeLingerZero, Text::GaugeLingerZeroSaid, "RFC 9293 §3.10.5")
        }
    }
}

fn name(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::KeepAlive => "keep-alive",
        Remedy::ServerFirst => "server-first",
        Remedy::Destinations => "destinations",
        Remedy::Sources => "sources",
        Remedy::WiderRange => "wider-range",
        Remedy::Reuse => "reuse",
        Remedy::LingerZero => "linger-zero",
    }
}
