//! A script on two of our hosts with the profile of smoltcp.

use time_wait_lab::tcp::call::Call;
use time_wait_lab::tcp::call::{Accepts, Application};
use time_wait_lab::tcp::event::{EventKind, HostId, SegmentName};
use time_wait_lab::tcp::profile::Base;
use time_wait_lab::tcp::seq::Seq;
use time_wait_lab::tcp::time::{Span, Time};
use time_wait_lab::world::{self, Act, Scenario, Target, When, simulate};

use super::{DELAY, Fate, Op, Script, Sent, Side, UNTIL, text};

/// Runs a script as smoltcp ran it: its initial sequence numbers, and without the send() calls that
/// it refused because they came before ESTABLISHED, where our socket takes the octets.
pub fn run(script: &Script, smoltcp: &[Side; 2]) -> [Side; 2] {
    let trace = simulate(&scenario(script, smoltcp));
    let mut sides = [Side::default(), Side::default()];
    for event in &trace.events {
        let Some(host) = event.host else { continue };
        let side = &mut sides[host.index()];
        let at = event.time.0;
        match &event.kind {
            EventKind::Sent { segment, .. } => {
                side.sent.push(Sent {
                    at,
                    flags: segment.flags(),
                    seq: segment.seq.0,
                    ack: segment.ack.map(|ack| ack.0),
                    len: segment.data.len(),
                    window: segment.window,
                });
            }
            EventKind::State { connection, to, .. } => side.enter(at, connection.0, *to),
            EventKind::Received { connection, chunks } => {
                chunks.iter().for_each(|chunk| side.receive(connection.0, &chunk.octets));
            }
            EventKind::Opened { iss, .. } => side.isns.push(iss.0),
            _ => {}
        }
    }
    sides
}

fn scenario(script: &Script, smoltcp: &[Side; 2]) -> Scenario {
    let mut scenario = Scenario::new(Base::Smoltcp);
    scenario.wire.delay = [Span(DELAY); 2];
    scenario.until = Time(UNTIL);
    for (setup, side) in scenario.hosts.iter_mut().zip(smoltcp) {
        setup.profile.delayed_ack = script.tuning.ack_delay.map(Span::from_millis);
        setup.profile.nagle = script.tuning.nagle;
        setup.application =
            Application { reads: script.tuning.reads, accepts: Accepts::AtSyn, closes: false };
        setup.iss = side.isns.iter().map(|isn| Seq(*isn)).collect();
    }
    let mut texted = [0, 0];
    for (place, (at, host, op)) in script.calls.iter().enumerate() {
        if smoltcp.iter().any(|side| side.early.contains(&place)) {
            continue;
        }
        let call = call(*op, &mut texted[host.index()]);
        scenario.acts.push(Act::Call { at: Time::from_millis(*at), host: *host, fd: None, call });
    }
    scenario
        .acts
        .extend(script.fates.iter().map(|(host, number, fate)| fated(*host, *number, *fate)));
    scenario
}

fn call(op: Op, texted: &mut usize) -> Call {
    match op {
        Op::Listen(receive_buffer) => {
            Call::Listen { port: super::PORT, reuse_address: true, receive_buffer }
        }
        Op::Connect(local_port, remote_port) => {
            Call::Connect { local_port, remote_port, reuse_address: true }
        }
        Op::Send(length) => {
            let data = text(*texted, length);
            *texted += length;
            Call::Send { data, more: false }
        }
        Op::Recv => Call::Recv,
        Op::Close => Call::ShutdownWrite,
        Op::Abort => Call::Abort,
    }
}

fn fated(host: HostId, number: usize, fate: Fate) -> Act {
    let number = u32::try_from(number).unwrap();
    let name = SegmentName { sender: host, forged: false, number, copy: 1 };
    let fate = match fate {
        Fate::Drop => world::Fate::Drop,
        Fate::Delay(more) => world::Fate::Delay(When::After(Span(more))),
        Fate::Duplicate(more) => world::Fate::Duplicate(When::After(Span(more))),
    };
    Act::Fate { target: Target::Named { name, expected: None }, fate }
}
