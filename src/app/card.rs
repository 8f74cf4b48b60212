//! A host's card: its state, the way it came, its program, its variables and timers.

use super::draw::{El, button, html};
use super::lab::{About, Lab, Menu, World};
use super::labels;
use super::language::{Text, host_name};
use super::map;
use super::menu;
use super::sheet::Sheet;
use super::signal::Memo;
use super::world::title;
use crate::picture::map::Way;
use crate::picture::{Card, Holder, Line, Now, Shown, Timer, Variables};
use crate::tcp::event::{HostId, TimerKind};
use crate::tcp::host::SocketLine;
use crate::tcp::segment::Chunk;
use crate::tcp::state::State;

/// The name and the value of a variable.
type Variable = (&'static str, String);

/// The variables in the order in which they're shown.
const VARIABLES: [&str; 5] = ["SND.UNA", "SND.NXT", "RCV.NXT", "RCV.WND", "TS.Recent"];

/// How many lines of the program a card shows.
const LINES: usize = 3;

pub(super) fn card(world: World, host: HostId) -> El {
    let lab = world.lab;
    let role = if host == HostId::A { Text::Client } else { Text::Server };
    // Most of what happens changes one card, and only that one is drawn anew.
    let of_now = move || world.now(|now| Some(now.card(host).clone()));
    let shown = lab.paced(of_now);
    let beside = lab.paced(move || beside(world, host));
    let of = move |write: fn(World, &Card) -> Vec<El>| {
        move || shown.with(|card| card.as_ref().map(|card| write(world, card)).unwrap_or_default())
    };
    let say = move |write: fn(World, &Card) -> String| {
        move || shown.with(|card| card.as_ref().map(|card| write(world, card)).unwrap_or_default())
    };
    let numbers = Memo::new(move || {
        let beside = beside.get();
        let write = |card: &Card| numbers(card, beside.as_deref());
        shown.with(|card| card.as_ref().map(write).unwrap_or_default())
    });
    // The map is the costlier half of a change: it has a turn of its own.
    let on_map = lab.paced(of_now);
    let map = move || {
        // Beside another world there is no room for it.
        let is_alone = lab.count.get() == 1;
        on_map.with(|card| card.as_ref().filter(|_| is_alone).map(|card| map_of(lab, card)))
    };
    let who = html("p", "who")
        .add(html("b", "").text(host_name(host)))
        .text(" ")
        .add(html("span", "role").words(move || lab.say(role)))
        .text(" ")
        .add(html("span", "address").words(say(|_, card| address(card))));
    let program = html("div", "program")
        .add(html("span", "label").words(move || lab.say(Text::Program)))
        .add(html("ul", "lines").part(of(|_, card| lines(card))))
        .add(html("p", "read").part(of(octets)))
        .add(html("p", "holder").words(say(holder)));
    html("article", "card")
        .set("data-host", host_name(host))
        .follow("aria-label", move || named(world, host))
        .add(who)
        .add(hands(world, host))
        .add(html("div", "states").part(of(state)))
        .add(html("div", "states").part(move || map().into_iter().collect()))
        .add(
            html("dl", "numbers")
                .adds(VARIABLES.into_iter().flat_map(|name| variable(numbers, name)))
                .add(html("div", "timers").part(of(timers))),
        )
        .add(program)
        .add(html("ul", "sockets").part(of(sockets_of_one)))
}

/// The name of a host's card; of two worlds' the world's too.
fn named(world: World, host: HostId) -> String {
    let name = host_name(host);
    if world.lab.count.get() == 1 { name.to_owned() } else { format!("{name} · {}", title(world)) }
}

/// The ways to act on a host, and to see all of it.
fn hands(world: World, host: HostId) -> El {
    let lab = world.lab;
    let menu = Menu { world: world.which, in_list: false, about: About::Host(host) };
    let open = move || lab.sheet.set(Some(Sheet::Host(world.which, host)));
    let said = move |key: Text| move || lab.fill(key, &[("host", host_name(host))]);
    html("div", "hands")
        .add(
            button("more", open)
                .follow("aria-label", said(Text::AllOfHost))
                .words(move || lab.say(Text::All)),
        )
        .add(
            menu::opener(lab, "act", menu)
                .follow("aria-label", said(Text::ActOnHost))
                .words(move || lab.say(Text::Act)),
        )
}

pub(super) fn address(card: &Card) -> String {
    let (address, usual) = match card.host {
        HostId::A => ("10.0.0.1", None),
        HostId::B => ("10.0.0.2", card.listens),
    };
    match card.shown.as_ref().map(|shown| shown.local_port).or(usual) {
        Some(port) => format!("{address}:{port}"),
        None => address.to_owned(),
    }
}

/// The state that a card shows, and those before it.
pub(super) fn state_and_way(card: &Card) -> Way<'_> {
    let only = |state: State| Way { before: &[], state, is_cut: false };
    match &card.shown {
        Some(shown) => Way { before: &shown.way, state: shown.state, is_cut: shown.is_cut },
        None if card.listens.is_some() => only(State::Listen),
        None => only(State::Closed),
    }
}

/// The state, the largest word on the card.
fn state(world: World, card: &Card) -> Vec<El> {
    let lab = world.lab;
    let state = state_and_way(card).state;
    let has_many = lab.picture.get().has_many;
    let numbered = card.shown.as_ref().filter(|shown| has_many && shown.is_known);
    let (hue, sign) = numbered.map_or(("", ""), |shown| {
        (labels::hue(shown.incarnation), labels::sign(shown.incarnation))
    });
    let way = card.shown.as_ref().map(way).unwrap_or_default();
    let word = html("p", "state").set("data-state", state.name()).text(&labels::state(state));
    let word = word.text(" ").add(html("span", hue).text(sign));
    let way = html("p", "way").set("aria-hidden", "true").text(&way);
    vec![word, way]
}

/// The way to the state on a small map.
fn map_of(lab: Lab, card: &Card) -> El {
    let on_map = state_and_way(card);
    map::small(on_map, &lab.fill(Text::Way, &[("states", &map::states(on_map))]))
}

fn way(shown: &Shown) -> String {
    let last = shown.way.get(shown.way.len().saturating_sub(3)..).unwrap_or_default();
    let mut way: String = last.iter().map(|one| labels::state(*one) + " › ").collect();
    way.push('■');
    way
}

/// The variables; of two worlds only those that differ.
fn numbers(card: &Card, beside: Option<&[Variable]>) -> Vec<Variable> {
    let own = card.shown.as_ref().map(rows).unwrap_or_default();
    let differs = |row: &Variable| match beside {
        None => true,
        // Beside a host that has none the numbers that matter are enough.
        Some([]) => matches!(row.0, "SND.NXT" | "RCV.NXT"),
        Some(other) => !other.contains(row),
    };
    own.into_iter().filter(differs).collect()
}

/// A variable's name and value; neither where it isn't among those that are shown.
fn variable(shown: Memo<Vec<Variable>>, name: &'static str) -> [El; 2] {
    let value = move || shown.get().into_iter().find(|(one, _)| *one == name);
    [
        html("dt", "").words(move || value().map(|_| name.to_owned()).unwrap_or_default()),
        html("dd", "").words(move || value().map(|(_, value)| value).unwrap_or_default()),
    ]
}

fn timers(world: World, card: &Card) -> Vec<El> {
    let mut rows = Vec::new();
    for timer in card.shown.as_ref().map(|shown| &*shown.timers).unwrap_or_default() {
        rows.extend(left(world.lab, *timer));
    }
    rows
}

/// The variables of the same host in the world beside; `None`: there is none.
fn beside(world: World, host: HostId) -> Option<Vec<Variable>> {
    let rows_of = |now: &Now| now.card(host).shown.as_ref().map(rows).unwrap_or_default();
    (world.lab.count.get() > 1).then(|| world.lab.world(1 - world.which).now(rows_of))
}

/// The variables of a connection with their names.
pub(super) fn rows(shown: &Shown) -> Vec<Variable> {
    let Some(Variables { snd_una, snd_nxt, rcv_nxt, rcv_wnd, recent }) = shown.variables else {
        return Vec::new();
    };
    let mut rows = vec![("SND.UNA", snd_una.to_string()), ("SND.NXT", snd_nxt.to_string())];
    if let Some(rcv_nxt) = rcv_nxt {
        rows.push(("RCV.NXT", rcv_nxt.to_string()));
        rows.push(("RCV.WND", rcv_wnd.to_string()));
    }
    rows.extend(recent.map(|recent| ("TS.Recent", recent.to_string())));
    rows
}

/// Beside another world there is no room for them.
fn sockets_of_one(world: World, card: &Card) -> Vec<El> {
    if world.lab.count.get() > 1 { Vec::new() } else { sockets(world, card) }
}

/// The sockets of a host, as `ss` lists them.
pub(super) fn sockets(world: World, card: &Card) -> Vec<El> {
    if card.sockets.is_empty() {
        return Vec::new();
    }
    let own = if card.host == HostId::A { "10.0.0.1" } else { "10.0.0.2" };
    let peer = if card.host == HostId::A { "10.0.0.2" } else { "10.0.0.1" };
    let line = |socket: &SocketLine| {
        let state = labels::socket_state(socket.state);
        let remote = match socket.remote_port {
            Some(port) => format!("{peer}:{port}"),
            None => "0.0.0.0:*".to_owned(),
        };
        let words = format!("{state:<10} {own}:{} {remote}", socket.local_port);
        html("li", "").text(&words)
    };
    let head = html("li", "label").text(world.lab.text(Text::Sockets));
    core::iter::once(head).chain(card.sockets.iter().map(line)).collect()
}

/// What is left of a timer.
pub(super) fn left(lab: Lab, timer: Timer) -> [El; 2] {
    let name = match timer.kind {
        TimerKind::Retransmission => "RTO",
        TimerKind::TailLossProbe => "TLP",
        TimerKind::Reordering => "RACK",
        TimerKind::Persist => "PERSIST",
        TimerKind::DelayedAck => "DELACK",
        TimerKind::TimeWait => "2MSL",
        TimerKind::FinWait2 => "FIN_WAIT_2",
        TimerKind::KeepAlive => "KEEPALIVE",
    };
    let left = move || labels::span(timer.until.since(lab.reading.get()));
    let class = if timer.kind == TimerKind::TimeWait { "timer wait" } else { "timer" };
    [html("dt", class).text(name), html("dd", class).words(left)]
}

/// The last things that the program did or saw.
fn lines(card: &Card) -> Vec<El> {
    let from = card.lines.len().saturating_sub(LINES);
    card.lines.iter().skip(from).map(line).collect()
}

/// One thing that the program did or saw.
pub(super) fn line(line: &Line) -> El {
    let class = if matches!(line, Line::Error(_)) { "line error" } else { "line" };
    html("li", class).text(&labels::line(line))
}

pub(super) fn holder(world: World, card: &Card) -> String {
    let lab = world.lab;
    let listens = card.listens.map(|port| lab.fill(Text::Listens, &[("port", &port.to_string())]));
    let connection = card.shown.as_ref().map(|shown| lab.text(holder_of(shown)).to_owned());
    // That it listens besides stands in the list of its sockets.
    connection.or(listens).unwrap_or_else(|| lab.say(Text::NoConnection))
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
pub(super) fn octets(world: World, card: &Card) -> Vec<El> {
    let lab = world.lab;
    if card.read.is_empty() {
        return Vec::new();
    }
    let has_many = lab.picture.get().has_many;
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
