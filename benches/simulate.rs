//! What a run costs: `cargo bench --no-default-features`.
//!
//! Every scene; runs that grow, to see that the cost is linear in the segments; and a connection's
//! life here and on two of smoltcp's stacks, side by side.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "../tests/smoltcp_runner/card.rs"]
mod card;
#[path = "../tests/smoltcp_runner/life.rs"]
mod life;

use divan::Bencher;
use time_wait_lab::tcp::call::Call;
use time_wait_lab::tcp::event::{EventKind, HostId};
use time_wait_lab::tcp::profile::Base;
use time_wait_lab::tcp::time::Time;
use time_wait_lab::world::scenes::{SCENES, Scene};
use time_wait_lab::world::{Act, Scenario, Trace, parse_scenario, simulate};

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
