//! A host's card: its state, the way it came, its program, its variables and timers.

use leptos::prelude::*;

use super::draw::{El, html};
use super::lab::Lab;
use super::labels;
use super::language::{Text, host_name};
use crate::picture::{Card, Holder, Line, Shown, Timer, Variables};
use crate::tcp::event::{HostId, TimerKind};
use crate::tcp::segment::Chunk;
use crate::tcp::state::State;

pub(super) fn card(lab: Lab, host: HostId) -> El {
    let role = if host == HostId::A { Text::Client } else { Text::Server };
    let of = move |write: fn(Lab, &Card) -> Vec<El>| move || write(lab, lab.now.read().card(host));
    let say = move |write: fn(Lab, &Card) -> String| move || write(lab, lab.now.read().card(host));
    let who = html("p", "who")
        .add(html("b", "").text(host_name(host)))
        .text(" ")
        .add(html("span", "").words(move || lab.say(role)))
        .text(" ")
        .add(html("span", "address").words(say(|_, card| address(card))));
    let program = html("div", "program")
        .add(html("span", "label").words(move || lab.say(Text::Program)))
        .add(html("ul", "lines").part(of(|_, card| lines(card))))
        .add(html("p", "read").part(of(octets)))
        .add(html("p", "holder").words(say(holder)));
    html("article", "card")
        .set("aria-label", host_name(host))
        .add(who)
        .add(html("div", "states").part(of(state)))
        .add(html("dl", "numbers").part(of(numbers)))
        .add(program)
}

fn address(card: &Card) -> String {
    let (address, usual) = match card.host {
        HostId::A => ("10.0.0.1", None),
        HostId::B => ("10.0.0.2", card.listens),
    };
    match card.shown.as_ref().map(|shown| shown.local_port).or(usual) {
        Some(port) => format!("{address}:{port}"),
        None => address.to_owned(),
    }
}

/// The state, the largest word on the card, and the way to it.
fn state(lab: Lab, card: &Card) -> Vec<El> {
    let state = match &card.shown {
        Some(shown) => shown.state,
        None if card.listens.is_some() => State::Listen,
        None => State::Closed,
    };
    let has_many = lab.picture.read().has_many;
    let numbered = card.shown.as_ref().filter(|shown| has_many && shown.is_known);
    let (hue, sign) = numbered.map_or(("", ""), |shown| {
        (labels::hue(shown.incarnation), labels::sign(shown.incarnation))
    });
    let way = card.shown.as_ref().map(way).unwrap_or_default();
    let said = lab.fill(Text::Way, &[("states", &way)]);
    let word = html("p", "state").set("data-state", state.name()).text(&labels::state(state));
    vec![
        word.text(" ").add(html("span", hue).text(sign)),
        html("p", "way").set("aria-label", &said).text(&way),
    ]
}

fn way(shown: &Shown) -> String {
    let last = shown.way.get(shown.way.len().saturating_sub(3)..).unwrap_or_default();
    let mut way: String = last.iter().map(|one| labels::state(*one) + " › ").collect();
    way.push('■');
    way
}

/// Variables and timers.
fn numbers(lab: Lab, card: &Card) -> Vec<El> {
    let Some(shown) = &card.shown else { return Vec::new() };
    let rows = shown.variables.map(rows).unwrap_or_default().into_iter();
    let rows =
        rows.flat_map(|(name, value)| [html("dt", "").text(name), html("dd", "").text(&value)]);
    rows.chain(shown.timers.iter().flat_map(|timer| left(lab, *timer))).collect()
}

fn rows(variables: Variables) -> Vec<(&'static str, String)> {
    let Variables { snd_una, snd_nxt, rcv_nxt, rcv_wnd, .. } = variables;
    let mut rows = vec![("SND.UNA", snd_una.to_string()), ("SND.NXT", snd_nxt.to_string())];
    if let Some(rcv_nxt) = rcv_nxt {
        rows.push(("RCV.NXT", rcv_nxt.to_string()));
        rows.push(("RCV.WND", rcv_wnd.to_string()));
    }
    rows
}

/// What is left of a timer.
fn left(lab: Lab, timer: Timer) -> [El; 2] {
    let name = match timer.kind {
        TimerKind::Retransmission => "RTO",
        TimerKind::TailLossProbe => "TLP",
        TimerKind::Reordering => "RACK",
        TimerKind::Persist => "PERSIST",
        TimerKind::DelayedAck => "DELACK",
        TimerKind::TimeWait => "2MSL",
        TimerKind::FinWait2 => "FIN_WAIT_2",
    };
    let left = move || labels::span(timer.until.since(lab.playhead.get()));
    let class = if timer.kind == TimerKind::TimeWait { "timer wait" } else { "timer" };
    [html("dt", class).text(name), html("dd", class).words(left)]
}

/// What the program did and saw.
fn lines(card: &Card) -> Vec<El> {
    let line = |line: &Line| {
        let class = if matches!(line, Line::Error(_)) { "line error" } else { "line" };
        html("li", class).text(&labels::line(line))
    };
    card.lines.iter().map(line).collect()
}

fn holder(lab: Lab, card: &Card) -> String {
    let listens = card.listens.map(|port| lab.fill(Text::Listens, &[("port", &port.to_string())]));
    let connection = card.shown.as_ref().map(|shown| lab.text(holder_of(shown)).to_owned());
    match (connection, listens) {
        (Some(connection), Some(listens)) => format!("{connection} · {listens}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => lab.text(Text::NoConnection).to_owned(),
    }
}

fn holder_of(shown: &Shown) -> Text {
    match shown.holder {
        Holder::Program if shown.state == State::Closed => Text::DescriptorOrphaned,
        Holder::Program => Text::DescriptorOpen,
        Holder::Queue => Text::DescriptorQueued,
        Holder::Nobody if shown.is_known => Text::DescriptorClosed,
        Holder::Nobody => Text::NoRecord,
    }
}

/// What was read, each octet in the colour and with the sign of the connection it came from.
fn octets(lab: Lab, card: &Card) -> Vec<El> {
    if card.read.is_empty() {
        return Vec::new();
    }
    let has_many = lab.picture.read().has_many;
    let runs = card.read.iter().map(|run| octets_of_one(lab, run, has_many));
    let words = html("span", "").text(lab.text(Text::HasRead)).text(" ");
    core::iter::once(words).chain(runs).collect()
}

fn octets_of_one(lab: Lab, run: &Chunk, has_many: bool) -> El {
    let text = labels::letters(&run.octets);
    let number = run.origin.0.to_string();
    let said = lab.fill(Text::ReadOfConnection, &[("text", &text), ("number", &number)]);
    let sign = if has_many { labels::sign(run.origin) } else { "" };
    html("span", &format!("octets {}", labels::hue(run.origin)))
        .set("role", "img")
        .set("aria-label", &said)
        .text(&text)
        .add(html("sup", "").text(sign))
}
