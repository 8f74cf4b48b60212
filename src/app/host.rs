//! A host in full, at the moment that is shown.

use super::card::{address, holder, line, octets, rows, state_and_way};
use super::draw::{El, button, html, svg};
use super::lab::{Lab, World};
use super::labels;
use super::language::Text;
use super::map;
use super::why::timer_name;
use super::world::title;
use crate::picture::{Card, Timer};
use crate::tcp::event::{HostId, TimerKind};
use crate::tcp::host::SocketLine;

/// Everything about a host at this moment.
pub(super) fn sheet(world: World, host: HostId) -> El {
    let of = move |write: fn(World, &Card) -> Vec<El>| {
        move || world.now(|now| write(world, now.card(host)))
    };
    html("div", "whole-host").add(clock(world, host)).add(
        html("div", "whole-host-parts")
            .add(html("section", "host-state").part(of(state)))
            .add(part(world, "host-numbers", Text::Variables, of(variables)))
            .add(part(world, "host-timers", Text::Timers, of(timers)))
            .add(part(world, "host-sockets", Text::Sockets, of(sockets)))
            .add(part(world, "host-calls", Text::Calls, of(calls)))
            .add(part(world, "host-read", Text::OctetsRead, of(read))),
    )
}

/// A part with its title, whose content follows the moment.
fn part(world: World, class: &str, key: Text, draw: impl Fn() -> Vec<El> + 'static) -> El {
    html("section", class)
        .add(html("h3", "").words(move || world.lab.say(key)))
        .add(html("div", "").part(draw))
}

/// The moment, with the way to those beside it: the stage's own clock lies behind the sheet.
fn clock(world: World, host: HostId) -> El {
    let lab = world.lab;
    let step = |sign: &str, key: Text, step: fn(Lab)| {
        button("step-button", move || step(lab))
            .set("data-sign", sign)
            .follow("aria-label", move || lab.say(key))
    };
    let moment = move || lab.fill(Text::AtMoment, &[("time", &labels::moment(lab.playhead.get()))]);
    let of_world = move || if lab.count.get() > 1 { title(world) } else { String::new() };
    html("div", "host-clock")
        .add(html("p", "").words(move || world.now(|now| address(now.card(host)))))
        .add(html("p", "of-world").words(of_world))
        .add(html("p", "moment").set("role", "status").words(moment))
        .add(step("back", Text::StepBack, Lab::step_back))
        .add(step("forward", Text::StepForward, Lab::step_forward))
}

/// The state and the way to it.
fn state(world: World, card: &Card) -> Vec<El> {
    let lab = world.lab;
    let on_map = state_and_way(card);
    let (state, before) = (on_map.state, on_map.before);
    let names: Vec<String> = before.iter().map(|one| labels::state(*one)).collect();
    let way = names.iter().map(|one| format!("{one} › ")).collect::<String>() + "■";
    let said = lab.fill(Text::Way, &[("states", &map::states(on_map))]);
    let known = card.shown.as_ref().filter(|shown| shown.is_known);
    let (hue, sign) = known.map_or(("", ""), |shown| {
        (labels::hue(shown.incarnation), labels::sign(shown.incarnation))
    });
    vec![
        html("p", "state")
            .set("data-state", state.name())
            .text(&labels::state(state))
            .text(" ")
            .add(html("span", hue).text(sign)),
        html("p", "host-holder").text(&holder(world, card)),
        html("div", hue).add(map::large(on_map, &said)),
        html("p", "host-way").text(&way),
    ]
}

fn nothing(lab: Lab, key: Text) -> Vec<El> {
    vec![html("p", "nothing").text(lab.text(key))]
}

fn variables(world: World, card: &Card) -> Vec<El> {
    let rows = card.shown.as_ref().map(rows).unwrap_or_default();
    if rows.is_empty() {
        return nothing(world.lab, Text::NoRecord);
    }
    let row =
        |(name, value): &(&str, String)| [html("dt", "").text(name), html("dd", "").text(value)];
    vec![html("dl", "host-variables").adds(rows.iter().flat_map(row))]
}

/// Every timer that runs, with what is left of it.
fn timers(world: World, card: &Card) -> Vec<El> {
    let lab = world.lab;
    let timers = card.shown.as_ref().map(|shown| shown.timers.as_slice()).unwrap_or_default();
    if timers.is_empty() {
        return nothing(lab, Text::NoTimer);
    }
    let one = |timer: &Timer| {
        let timer = *timer;
        let whole = labels::span(timer.until.since(timer.since));
        let left = move || {
            let left = labels::span(timer.until.since(lab.playhead.get()));
            lab.fill(Text::LeftOf, &[("left", &left), ("whole", &whole)])
        };
        let class =
            if timer.kind == TimerKind::TimeWait { "host-timer wait" } else { "host-timer" };
        html("li", class).add(ring(lab, timer)).add(
            html("span", "")
                .add(html("b", "").text(lab.text(timer_name(timer.kind))))
                .add(html("span", "left").words(left)),
        )
    };
    vec![html("ul", "").adds(timers.iter().map(one))]
}

/// A ring that shrinks with what is left of a timer.
fn ring(lab: Lab, timer: Timer) -> El {
    let circle = |class: &str| svg("circle", class).set("r", "12");
    let share = move || {
        let whole = timer.until.since(timer.since).0.max(1);
        let left = timer.until.since(lab.playhead.get()).0;
        format!("{} 100", (left.saturating_mul(100) / whole).min(100))
    };
    svg("svg", "host-ring")
        .set("viewBox", "-16 -16 32 32")
        .set("aria-hidden", "true")
        .add(circle("ring-ground"))
        .add(
            circle("ring-left")
                .set("pathLength", "100")
                .set("transform", "rotate(-90)")
                .follow("stroke-dasharray", share),
        )
}

/// The sockets as `ss` lists them, with the program's descriptors.
fn sockets(world: World, card: &Card) -> Vec<El> {
    if card.sockets.is_empty() {
        return nothing(world.lab, Text::NoSocket);
    }
    let (own, peer) = match card.host {
        HostId::A => ("10.0.0.1", "10.0.0.2"),
        HostId::B => ("10.0.0.2", "10.0.0.1"),
    };
    let columns = ["State", "Local Address:Port", "Peer Address:Port", "fd"];
    let head = columns.map(|name| html("th", "").set("scope", "col").text(name));
    let line = |socket: &SocketLine| {
        let cells = [
            labels::socket_state(socket.state).to_owned(),
            format!("{own}:{}", socket.local_port),
            socket.remote_port.map_or("0.0.0.0:*".to_owned(), |port| format!("{peer}:{port}")),
            socket.fd.map_or("–".to_owned(), |fd| fd.0.to_string()),
        ];
        html("tr", "").adds(cells.iter().map(|cell| html("td", "").text(cell)))
    };
    let table = html("table", "")
        .add(html("thead", "").add(html("tr", "").adds(head)))
        .add(html("tbody", "").adds(card.sockets.iter().map(line)));
    // It may be wider than a phone: then the arrow keys move it.
    let scroller = html("div", "host-table")
        .set("tabindex", "0")
        .set("role", "group")
        .set("aria-label", world.lab.text(Text::Sockets));
    vec![scroller.add(table)]
}

/// All that the program did and saw.
fn calls(world: World, card: &Card) -> Vec<El> {
    if card.lines.is_empty() {
        return nothing(world.lab, Text::NoCalls);
    }
    vec![html("ol", "host-lines").adds(card.lines.iter().map(line))]
}

fn read(world: World, card: &Card) -> Vec<El> {
    if card.read.is_empty() {
        return nothing(world.lab, Text::NoOctets);
    }
    // The title says that they were read: the first words of the card aren't needed.
    let octets = octets(world, card).into_iter().skip(1);
    vec![html("p", "host-octets").adds(octets)]
}
