//! What a run costs: `cargo bench --no-default-features`.
//!
//! Every scene; runs that grow, to see that the cost is linear in the segments, the connections and
//! the events, of all that the page asks for; and a connection's life here and on two of smoltcp's
//! stacks, side by side.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "../tests/smoltcp_runner/card.rs"]
mod card;
#[path = "../tests/smoltcp_runner/life.rs"]
mod life;

use divan::Bencher;
use time_wait_lab::picture::Picture;
use time_wait_lab::tcp::call::Call;
use time_wait_lab::tcp::event::{EventKind, HostId};
use time_wait_lab::tcp::profile::Base;
use time_wait_lab::tcp::time::Time;
use time_wait_lab::world::scenes::{SCENES, Scene};
use time_wait_lab::world::{
    Act, During, Fate, Scenario, Target, Trace, by_connection, parse_scenario, parse_trace,
    simulate, verdicts, verdicts_at,
};

fn main() {
    divan::main();
}

/// The octets of a segment in a connection's life, in which each host sends ten: those of the
/// lab's scenes, and full ones.
const SEGMENTS: [usize; 2] = [100, 1_460];

fn names() -> impl Iterator<Item = &'static str> {
    SCENES.iter().map(|scene| scene.name)
}

#[divan::bench(args = names())]
fn scene(bencher: Bencher, name: &str) {
    let scenario = parse_scenario(Scene::find(name).unwrap().text).unwrap();
    bencher.bench(|| simulate(&scenario));
}

/// A connection that opens, sends so many octets from the hosts, and closes.
fn connection(base: Base, octets: [usize; 2]) -> Scenario {
    let mut scenario = Scenario::new(base);
    let listen = Call::Listen { port: 80, reuse_address: true, receive_buffer: 0 };
    let connect = Call::Connect { local_port: 40_000, remote_port: 80, reuse_address: true };
    let mut call = |at: u64, host: HostId, call: Call| {
        scenario.acts.push(Act::Call { at: Time::from_millis(at), host, fd: None, call });
    };
    call(0, HostId::B, listen);
    call(0, HostId::A, connect);
    for host in HostId::BOTH {
        let data = vec![7; octets[host.index()]];
        if !data.is_empty() {
            call(200, host, Call::Send { data, more: false });
        }
    }
    call(100_000, HostId::A, Call::Close);
    call(101_000, HostId::B, Call::Close);
    scenario
}

/// How many segments a run puts on the wire.
fn segments(trace: &Trace) -> usize {
    trace.events.iter().filter(|e| matches!(e.kind, EventKind::Sent { .. })).count()
}

/// A transfer of so many segments, ACKs included, in text of 100 octets each.
fn transfer(count: usize) -> Scenario {
    let mut scenario = connection(Base::Rfc9293, [(count - 7) / 2 * 100 + 1, 0]);
    for host in &mut scenario.hosts {
        host.profile.mss = 100;
    }
    scenario
}

#[divan::bench(args = [10, 100, 1_000, 10_000])]
fn growing(bencher: Bencher, count: usize) {
    let scenario = transfer(count);
    let sent = segments(&simulate(&scenario));
    assert!(sent.abs_diff(count) <= 2 + count / 100, "{sent} segments instead of {count}");
    bencher.bench(|| simulate(&scenario));
}

/// So many connections at once. What the page asks of a run grows as they do.
const CONNECTIONS: [usize; 4] = [10, 100, 1_000, 3_000];

fn many(connections: usize) -> Scenario {
    let lines = "1s A connect 80\n".repeat(connections);
    parse_scenario(&format!("time-wait-lab 1\n0s B listen 80\n{lines}")).unwrap()
}

#[divan::bench(args = CONNECTIONS)]
fn many_simulate(bencher: Bencher, connections: usize) {
    let scenario = many(connections);
    bencher.counter(connections).bench(|| simulate(&scenario));
}

#[divan::bench(args = CONNECTIONS)]
fn many_verdicts(bencher: Bencher, connections: usize) {
    let trace = simulate(&many(connections));
    let judged = by_connection(&verdicts(&trace)).len();
    assert_eq!(judged, connections);
    bencher.counter(connections).bench(|| by_connection(&verdicts(&trace)));
}

#[divan::bench(args = CONNECTIONS)]
fn many_picture(bencher: Bencher, connections: usize) {
    let scenario = many(connections);
    bencher.counter(connections).bench(|| Picture::alone(&scenario));
}

/// What the page asks for at a moment: cards, story, verdicts.
#[divan::bench(args = CONNECTIONS)]
fn many_moment(bencher: Bencher, connections: usize) {
    let picture = Picture::alone(&many(connections));
    let run = picture.runs.first().unwrap();
    let at = Time::from_millis(1_100);
    bencher
        .counter(connections)
        .bench(|| (run.cards(at), run.story(at), verdicts_at(&run.trace, at)));
}

#[divan::bench(args = CONNECTIONS)]
fn many_text(bencher: Bencher, connections: usize) {
    let trace = simulate(&many(connections));
    bencher.counter(connections).bench(|| parse_trace(&trace.to_string()));
}

/// So many events: of one long transfer.
const EVENTS: [usize; 3] = [1_000, 10_000, 100_000];

/// A transfer, its trace, and how many events that has.
fn long(events: usize) -> (Scenario, Trace, usize) {
    let scenario = transfer(events / 4);
    let trace = simulate(&scenario);
    let count = trace.events.len();
    assert!((events / 2..events * 2).contains(&count), "{count} events instead of {events}");
    (scenario, trace, count)
}

#[divan::bench(args = EVENTS)]
fn long_simulate(bencher: Bencher, events: usize) {
    let (scenario, _, count) = long(events);
    bencher.counter(count).bench(|| simulate(&scenario));
}

#[divan::bench(args = EVENTS)]
fn long_verdicts(bencher: Bencher, events: usize) {
    let (_, trace, count) = long(events);
    bencher.counter(count).bench(|| by_connection(&verdicts(&trace)));
}

#[divan::bench(args = EVENTS)]
fn long_picture(bencher: Bencher, events: usize) {
    let (scenario, _, count) = long(events);
    bencher.counter(count).bench(|| Picture::alone(&scenario));
}

/// And of as many connections as a scenario can have, which are lost to the end.
#[divan::bench(args = [10, 100, 1_000, 3_000])]
fn lost_picture(bencher: Bencher, connections: usize) {
    let mut scenario = many(connections);
    let target = Target::all(HostId::A, During::rest(Time::START));
    scenario.acts.push(Act::Fate { target, fate: Fate::Drop });
    let count = simulate(&scenario).events.len();
    bencher.counter(count).bench(|| Picture::alone(&scenario));
}

#[divan::bench(args = SEGMENTS)]
fn life_here(bencher: Bencher, mss: usize) {
    let mut scenario = connection(Base::Smoltcp, [10 * mss; 2]);
    for host in &mut scenario.hosts {
        host.profile.mss = u32::try_from(mss).unwrap();
    }
    bencher.bench(|| simulate(&scenario));
}

#[divan::bench(args = SEGMENTS)]
fn life_on_smoltcp(bencher: Bencher, mss: usize) {
    assert_eq!(life::life(mss, 10 * mss), 20 * mss);
    bencher.bench(|| life::life(mss, 10 * mss));
}
