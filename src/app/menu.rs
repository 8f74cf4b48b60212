//! The menus: what can be done to a segment in flight, and to a host.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

use super::draw::{El, button, html, on_page, truth};
use super::header::option;
use super::lab::{About, Lab, Menu, World};
use super::labels;
use super::language::{Text, host_name};
use super::later::{self, Code, code};
use super::sheet::Sheet;
use crate::picture::{Arrow, Ending};
use crate::tcp::call::{Call, Errno, KeepAlive, Returned};
use crate::tcp::event::{HostId, SegmentName};
use crate::tcp::time::Span;
use crate::world::scenario::{A_PORT, B_PORT};
use crate::world::{Fate, When};

/// What a person can do to a segment in flight.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hand {
    /// Drop it.
    Drop,
    /// Hold it up a little.
    DelayShort,
    /// Hold it up for long.
    DelayLong,
    /// Let a copy follow.
    Duplicate,
    /// Keep a copy.
    Keep,
    /// Let it arrive after all.
    LetThrough,
}

/// A little later, and much later.
const LATER: (Span, Span) = (Span::from_millis(300), Span::from_millis(2_000));

/// What a menu offers against a silent peer: the systems' own two hours are more than a run shows.
const KEEP_ALIVE: KeepAlive =
    KeepAlive { idle: Span::from_secs(10), interval: Span::from_secs(5), count: Some(3) };
const PATIENCE: Span = Span::from_secs(5);

impl Hand {
    /// What can be done to a segment that arrives, or to one that is being lost.
    fn of(ending: Ending) -> &'static [Hand] {
        match ending {
            Ending::Arrives | Ending::Dies => {
                &[Hand::Drop, Hand::DelayShort, Hand::DelayLong, Hand::Duplicate, Hand::Keep]
            }
            Ending::Lost => &[Hand::LetThrough, Hand::Keep],
        }
    }

    /// Its words, and its key on the segment: as the browser names it, and as the screen does.
    fn words(self) -> (Text, [&'static str; 2]) {
        match self {
            Hand::Drop => (Text::ActDrop, ["d", "D"]),
            Hand::DelayShort => (Text::ActDelayShort, ["l", "L"]),
            Hand::DelayLong => (Text::ActDelayLong, ["L", "⇧L"]),
            Hand::Duplicate => (Text::ActDuplicate, ["c", "C"]),
            Hand::Keep => (Text::ActKeep, ["k", "K"]),
            Hand::LetThrough => (Text::ActLetThrough, ["d", "D"]),
        }
    }

    /// The act of a key.
    fn of_key(key: &str, ending: Ending) -> Option<Hand> {
        let is_meant = |hand: &Hand| {
            let (_, [own, _]) = hand.words();
            own == key
        };
        Hand::of(ending).iter().copied().find(is_meant)
    }
}

/// Does what can be done to a segment: see later.rs.
pub(super) fn act(lab: Lab, hand: Hand, arrow: &Arrow) {
    let (short, long) = LATER;
    match hand {
        Hand::Drop => lab.set_fate(arrow, Fate::Drop),
        Hand::DelayShort => lab.set_fate(arrow, Fate::Delay(When::After(short))),
        Hand::DelayLong => lab.set_fate(arrow, Fate::Delay(When::After(long))),
        Hand::Duplicate => lab.set_fate(arrow, Fate::Duplicate(When::After(short))),
        Hand::Keep => lab.set_fate(arrow, Fate::Keep),
        Hand::LetThrough => lab.let_through(arrow),
    }
}

/// The keys on a segment in flight as the screen writes them, each with what it does: to one that
/// arrives, and to one that is being lost.
pub(super) fn segment_keys() -> Vec<(&'static str, Vec<Text>)> {
    let mut keys: Vec<(&str, Vec<Text>)> = Vec::new();
    for hand in Hand::of(Ending::Arrives).iter().chain(Hand::of(Ending::Lost)) {
        let (said, [_, cap]) = hand.words();
        match keys.iter_mut().find(|(one, _)| *one == cap) {
            Some((_, others)) if others.contains(&said) => {}
            Some((_, others)) => others.push(said),
            None => keys.push((cap, vec![said])),
        }
    }
    keys
}

/// Does what a letter is for on a segment; whether it's for anything.
pub(super) fn key_on_segment(world: World, name: SegmentName, key: &str) -> bool {
    let Some(arrow) = untrack(|| world.arrow(name)) else { return false };
    let hand = Hand::of_key(key, arrow.ending);
    if let Some(hand) = hand {
        later::with(world.lab, Box::new(move |later| (later.act)(world.lab, hand, &arrow)));
        world.lab.focus_stage();
    }
    hand.is_some()
}

/// Opens a menu, or closes it. Time stands still while it's open.
pub(super) fn toggle(lab: Lab, menu: Menu) {
    lab.menu.update(|open| *open = if *open == Some(menu) { None } else { Some(menu) });
}

/// The place of the menu that is open: beside what opened it, over all else, for nothing of it may
/// be cut off. The focus goes into it.
pub(super) fn place(lab: Lab) -> El {
    let draw = move || {
        let Some(menu) = lab.menu.get() else { return Vec::new() };
        match code(lab) {
            Code::Here(later) => (later.menu)(lab, menu),
            Code::Coming => vec![group("").text("…")],
            Code::Lost => vec![group("").text(lab.text(Text::SheetLost))],
        }
    };
    let place = html("div", "menu-place").part(draw);
    let element = place.element().clone();
    Effect::new(move |_| {
        // It is drawn anew when its code comes, or its words.
        let _ = code(lab);
        if lab.menu.get().is_some() {
            let element = element.clone();
            // What opened it says so only after this.
            request_animation_frame(move || put_beside_opener(&element));
        }
    });
    place
}

/// A click beside the menu closes it, and so does the focus when it moves on: what has the focus is
/// never covered (WCAG 2.4.11).
pub(super) fn follow(lab: Lab) {
    // What was clicked may be what has just opened it, and doesn't say so yet.
    let beside = [("click", ".menu, [data-opens]"), ("focusin", ".menu, [aria-expanded=true]")];
    for (event, menu) in beside {
        on_page(event, move |event| close_unless_within(lab, menu, &event));
    }
}

fn close_unless_within(lab: Lab, menu: &str, event: &Event) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let within = target.and_then(|target| target.closest(menu).ok().flatten());
    if within.is_none() && lab.menu.get_untracked().is_some() {
        lab.menu.set(None);
    }
}

/// Moves the menu to where it was asked for, within the window.
fn put_beside_opener(place: &Element) {
    let find = |what: &str| document().query_selector(what).ok().flatten();
    let (Some(menu), Some(opener)) =
        (place.first_element_child(), find("[data-opens][aria-expanded=true]"))
    else {
        return;
    };
    let (own, from) = (menu.get_bounding_client_rect(), opener.get_bounding_client_rect());
    let (root, gap) = (document().document_element(), 6.0);
    let (width, height) = root.map_or((0.0, 0.0), |root| {
        (f64::from(root.client_width()), f64::from(root.client_height()))
    });
    // The bar stays in reach where it stays at the bottom.
    let bar = find(".transport").map(|bar| bar.get_bounding_client_rect().top());
    let height = bar.filter(|bar| *bar > from.bottom()).map_or(height, |bar| height.min(bar));
    let below = from.bottom() + gap;
    let top = if below + own.height() <= height { below } else { from.top() - gap - own.height() };
    let left = from.left().min(width - own.width() - gap);
    if let Some(menu) = menu.dyn_ref::<HtmlElement>() {
        // Where the page is scrolled, the menu goes with what opened it; on a phone nothing scrolls
        // below it, for its place covers the screen.
        let is_cover = place.client_height() > 0;
        let scrolled = |by: Result<f64, _>| by.unwrap_or(0.0) * if is_cover { 0.0 } else { 1.0 };
        let pixels = |at: f64, by: f64| labels::whole(at.max(gap) + by) + "px";
        let top = pixels(top.min(height - own.height() - gap), scrolled(window().scroll_y()));
        let _ = menu.style().set_property("top", &top);
        let left = pixels(left, scrolled(window().scroll_x()));
        let _ = menu.style().set_property("left", &left);
    }
    // Who came by keys goes back there from it: see keys.rs.
    let is_by_keys = opener.matches(":focus-visible").unwrap_or(false);
    let _ = menu.toggle_attribute_with_force("data-back", is_by_keys);
    let first = menu.query_selector("input, select, button").ok().flatten();
    if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
        let _ = first.focus();
    }
}

/// What a menu holds.
pub(super) fn content(lab: Lab, menu: Menu) -> Vec<El> {
    let world = lab.world(menu.world);
    match menu.about {
        About::Segment(name) => of_segment(world, name),
        About::Host(host) => vec![of_host(world, host)],
        About::Line => vec![of_line(lab)],
    }
}

/// A button that opens a menu.
pub(super) fn opener(lab: Lab, class: &str, menu: Menu) -> El {
    let is_open = move || truth(lab.menu.get() == Some(menu));
    button(class, move || toggle(lab, menu))
        .set("data-opens", "")
        .set("aria-haspopup", "true")
        .follow("aria-expanded", is_open)
}

fn of_segment(world: World, name: SegmentName) -> Vec<El> {
    let lab = world.lab;
    let Some(arrow) = world.arrow(name) else { return Vec::new() };
    let segment = labels::segment(&arrow.segment);
    let said = lab.fill(Text::ActsOn, &[("segment", &segment)]);
    let one = |hand: &Hand| {
        let (words, [_, key]) = hand.words();
        let (hand, arrow) = (*hand, arrow.clone());
        if hand == Hand::LetThrough && !lab.is_dropped(&arrow) {
            return guarded(lab, lab.text(words), Some(lab.text(Text::LostByScene)), || {});
        }
        item(lab, lab.text(words), key, move || act(lab, hand, &arrow))
    };
    let acts: Vec<El> = Hand::of(arrow.ending).iter().map(one).collect();
    let like = arrow.segment.clone();
    let forge = item(lab, lab.text(Text::ActForgeLike), "", move || {
        lab.sheet.set(Some(Sheet::Forge(world.which, name.sender.other(), Some(like.clone()))));
    });
    vec![group(&said).adds(acts).add(forge)]
}

fn group(said: &str) -> El {
    html("div", "menu").set("role", "group").set("aria-label", said)
}

/// A line of a menu. It does what it says, and the menu closes.
fn item(lab: Lab, words: &str, key: &str, act: impl Fn() + 'static) -> El {
    let choose = move || {
        lab.menu.set(None);
        act();
        lab.focus_stage();
    };
    let key = html("kbd", "").set("aria-hidden", "true").text(key);
    button("", choose).add(html("span", "").text(words)).add(key)
}

/// How long the line may be dead.
const DEAD: [Span; 5] = [
    Span::from_secs(1),
    Span::from_secs(5),
    Span::from_secs(10),
    Span::from_secs(30),
    Span::from_secs(60),
];

/// The line's menu, which is the same in both worlds.
pub(super) const LINE: Menu = Menu { world: 0, in_list: true, about: About::Line };

/// Whose segments are lost from now on, and for how long.
fn of_line(lab: Lab) -> El {
    let from = |host| lab.fill(Text::FromHost, &[("host", host_name(host))]);
    // Nobody is chosen: then both.
    let chosen = Rc::new(Cell::new(None::<HostId>));
    let choose = {
        let chosen = Rc::clone(&chosen);
        move |event: Event| {
            let value = event_target_value(&event);
            chosen.set(HostId::BOTH.into_iter().find(|host| value == host_name(*host)));
        }
    };
    let senders = html("select", "")
        .set("aria-label", lab.text(Text::WhoseAreLost))
        .on("change", choose)
        .add(option("both", lab.text(Text::FromBoth), true))
        .adds(HostId::BOTH.map(|host| option(host_name(host), &from(host), false)));
    let lose = move |length: Span| match chosen.get() {
        Some(host) => lab.lose_all(&[host], length),
        None => lab.lose_all(&HostId::BOTH, length),
    };
    let lengths = DEAD.map(|length| {
        let words = lab.fill(Text::LoseAll, &[("length", &labels::whole_span(length))]);
        let lose = lose.clone();
        item(lab, &words, "", move || lose(length))
    });
    group(lab.text(Text::ActsOfLine)).add(html("div", "send").add(senders)).adds(lengths)
}

/// What a host's program can do now. What can't be done says why.
fn of_host(world: World, host: HostId) -> El {
    let lab = world.lab;
    let words = html("input", "")
        .set("type", "text")
        .set("value", "data")
        .set("maxlength", "200")
        .set("aria-label", lab.text(Text::SendWhat));
    let input = words.element().clone();
    let send = move || {
        let data = super::draw::input_value(&input).into_bytes();
        lab.call(host, Call::Send { data, more: false });
        lab.menu.set(None);
    };
    let refused = refusal(world, host, &Call::Send { data: vec![0], more: false });
    let sends = guarded(lab, lab.text(Text::CallSend), refused, send);
    let calls = calls(world, host).into_iter().map(|(text, call)| {
        let refused = refusal(world, host, &call);
        let name = labels::asked(&call, None);
        let words = lab.fill(text, &[("call", &name)]);
        guarded(lab, &words, refused, move || lab.call(host, call.clone()))
    });
    let forge = item(lab, lab.text(Text::ActForge), "", move || {
        lab.sheet.set(Some(Sheet::Forge(world.which, host, None)));
    });
    group(&lab.fill(Text::ActsOfHost, &[("host", host_name(host))]))
        .add(html("div", "send").add(words).add(sends))
        .adds(calls)
        .add(forge)
}

/// The calls that a program at a host may make, each with its line.
fn calls(world: World, host: HostId) -> Vec<(Text, Call)> {
    let card = world.now(|now| Some(now.card(host).clone()));
    let shown = card.as_ref().and_then(|card| card.shown.as_ref());
    let (own, usual) = if host == HostId::A { (A_PORT, B_PORT) } else { (B_PORT, A_PORT) };
    let local_port = shown.map_or(own, |shown| shown.local_port);
    let remote_port = shown.map_or(usual, |shown| shown.remote_port);
    let connect = |local_port| Call::Connect { local_port, remote_port, reuse_address: false };
    let listen = Call::Listen { port: local_port, reuse_address: true, receive_buffer: 0 };
    vec![
        (Text::CallRead, Call::Recv),
        (Text::CallHalfClose, Call::ShutdownWrite),
        (Text::CallClose, Call::Close),
        (Text::CallAbort, Call::Abort),
        (Text::CallConnectAgain, connect(local_port)),
        (Text::CallConnect, connect(0)),
        (Text::CallListen, listen),
        (Text::CallKeepAlive, Call::KeepAlive(Some(KEEP_ALIVE))),
        (Text::CallUserTimeout, Call::UserTimeout(Some(PATIENCE))),
        (Text::CallLinger2, Call::Linger2(Some(PATIENCE))),
        (Text::CallExit, Call::Exit),
        (Text::CallReboot, Call::Reboot),
    ]
}

/// Why a call can't be made now: there is nothing to call it on. Other errors are what TCP answers,
/// and may be seen.
fn refusal(world: World, host: HostId, call: &Call) -> Option<&'static str> {
    let lab = world.lab;
    let text = match lab.would(world.which, host, call)? {
        Returned::Failed(Errno::EBADF) => Text::RefusedBadDescriptor,
        Returned::Failed(Errno::ENOTCONN) => Text::RefusedNotConnected,
        Returned::Failed(Errno::EINVAL) => Text::RefusedInvalid,
        Returned::Failed(
            Errno::EAGAIN
            | Errno::EINPROGRESS
            | Errno::ECONNRESET
            | Errno::ECONNREFUSED
            | Errno::EPIPE
            | Errno::ETIMEDOUT
            | Errno::EADDRINUSE
            | Errno::EADDRNOTAVAIL
            | Errno::ECONNABORTED,
        )
        | Returned::Done
        | Returned::Descriptor(_)
        | Returned::Taken(_)
        | Returned::Octets(_)
        | Returned::EndOfFile
        | Returned::Ready(_) => return None,
    };
    Some(lab.text(text))
}

/// A line that may not be possible: then it stays, and says why.
fn guarded(lab: Lab, words: &str, refused: Option<&'static str>, act: impl Fn() + 'static) -> El {
    match refused {
        None => item(lab, words, "", act),
        Some(why) => button("", || {})
            .set("aria-disabled", "true")
            .add(html("span", "").text(words))
            .add(html("small", "").text(why)),
    }
}
