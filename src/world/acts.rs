//! What somebody needs to know who wants to do something at a moment of a run: when exactly, what
//! would come of it, and how a forged segment looks that fits.

use crate::tcp::call::{Call, Returned};
use crate::tcp::connection::Connection;
use crate::tcp::event::{EventId, EventKind, HostId};
use crate::tcp::host::Host;
use crate::tcp::rule::Rule;
use crate::tcp::segment::{Segment, Timestamps};
use crate::tcp::seq::Seq;
use crate::tcp::time::{Span, Time};

use super::scenario::{A_PORT, Act, B_PORT};
use super::trace::{Trace, simulate};

/// The text of a forged segment.
const EVIL: &[u8] = b"EVIL";

/// The first moment from `time` on at which nothing happens in any of these runs. In one instant
/// acts come before arrivals and timers, so somebody who saw what happened must act after it.
///
/// It's a full millisecond where one comes before the next event. What comes after the horizon isn't
/// known, so it's free: whoever acts there moves the horizon.
#[must_use]
pub fn moment_for_act(traces: &[&Trace], time: Time) -> Time {
    let mut time = time;
    loop {
        let is_free = !traces.iter().any(|trace| trace.happens_at(time));
        let next = traces.iter().filter_map(|trace| trace.next_after(time)).min();
        let full = Time(time.0.saturating_add(if is_free { 999 } else { 1_000 }) / 1_000 * 1_000);
        if full >= time && next.is_none_or(|next| full < next) {
            return full;
        }
        if is_free || time == Time(u64::MAX) {
            return time;
        }
        time = time + Span(1);
    }
}

impl Trace {
    /// The first moment from `time` on at which nothing happens: see [`moment_for_act`].
    #[must_use]
    pub fn moment_for_act(&self, time: Time) -> Time {
        moment_for_act(&[self], time)
    }

    fn next_after(&self, time: Time) -> Option<Time> {
        let place = self.events.partition_point(|event| event.time <= time);
        self.events.get(place).map(|event| event.time)
    }

    fn happens_at(&self, time: Time) -> bool {
        let place = self.events.partition_point(|event| event.time < time);
        self.events.get(place).is_some_and(|event| event.time == time)
    }

    /// What a call would return that a host's program made at a moment, before what arrives then.
    /// `None` where the run has ended at its limit before.
    #[must_use]
    pub fn would(&self, time: Time, host: HostId, call: &Call) -> Option<Returned> {
        let mut scenario = self.scenario.clone();
        scenario.acts.push(Act::Call { at: time, host, fd: None, call: call.clone() });
        // What comes later doesn't matter.
        scenario.until = time;
        let events = simulate(&scenario).events;
        // The added act is the last one of its instant.
        let called = events.iter().rposition(|event| {
            event.time == time
                && event.host == Some(host)
                && event.rule == Rule::Call
                && matches!(&event.kind, EventKind::Call { call: made, .. } if made == call)
        })?;
        let called = u32::try_from(called).ok().map(EventId);
        events.into_iter().filter(|event| event.cause == called).find_map(|event| {
            if let EventKind::Return { returned, .. } = event.kind { Some(returned) } else { None }
        })
    }

    /// The segment to begin with for a person who forges one: the next text in order, as the peer
    /// would send it at that moment to the host's newest connection. Where there is none: the usual
    /// ports, and zeroes.
    #[must_use]
    pub fn forgeable(&self, time: Time, to: HostId) -> Segment {
        let [a, b] = self.at(time).hosts;
        let (host, peer) = match to {
            HostId::A => (a, b),
            HostId::B => (b, a),
        };
        let newest = host.connections.iter().rfind(|connection| connection.is_live());
        let Some(c) = newest else { return without_connection(to) };
        Segment {
            source_port: c.remote_port,
            destination_port: c.local_port,
            seq: c.rcv_nxt,
            ack: Some(c.snd_nxt),
            window: c.snd_wnd,
            timestamps: c.timestamps.map(|_| Timestamps {
                value: ticks(&peer, time),
                echo: heard(&peer, c).unwrap_or_else(|| ticks(&host, time)),
            }),
            data: EVIL.to_vec(),
            ..Segment::default()
        }
    }
}

/// A host's timestamp clock: one tick a millisecond.
fn ticks(host: &Host, time: Time) -> u32 {
    let since_start = (time.0 / 1_000) % (1 << 32);
    host.clock.wrapping_add(u32::try_from(since_start).unwrap_or(0))
}

/// The timestamp that the other end of a connection echoes, where it still has one.
fn heard(peer: &Host, connection: &Connection) -> Option<u32> {
    let mirrored = (connection.remote_port, connection.local_port);
    let other = peer.connections.iter().rfind(|c| (c.local_port, c.remote_port) == mirrored)?;
    other.timestamps.map(|memory| memory.echo)
}

fn without_connection(to: HostId) -> Segment {
    let (source_port, destination_port) = match to {
        HostId::A => (B_PORT, A_PORT),
        HostId::B => (A_PORT, B_PORT),
    };
    Segment {
        source_port,
        destination_port,
        ack: Some(Seq(0)),
        data: EVIL.to_vec(),
        ..Segment::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::call::Errno;
    use crate::tcp::profile::Base;
    use crate::world::scenario::Scenario;
    use crate::world::scenes::{SCENES, Scene};
    use crate::world::text::parse_scenario;

    fn run(text: &str) -> Trace {
        let scenario = parse_scenario(text);
        assert!(scenario.is_ok(), "{scenario:?}\n{text}");
        simulate(&scenario.unwrap_or_else(|_| Scenario::new(Base::Rfc9293)))
    }

    fn scene(name: &str) -> Trace {
        run(Scene::find(name).map_or("", |scene| scene.text))
    }

    fn millis(millis: u64) -> Time {
        Time::from_millis(millis)
    }

    #[test]
    fn an_act_comes_after_what_is_seen() {
        let trace = scene("close");
        // Something happens at 10 ms and at 60 ms.
        assert_eq!(trace.moment_for_act(millis(9)), millis(9));
        assert_eq!(trace.moment_for_act(millis(10)), millis(11));
        assert_eq!(trace.moment_for_act(millis(11)), millis(11));
        assert_eq!(trace.moment_for_act(Time(11_001)), millis(12));
        assert_eq!(trace.moment_for_act(Time(58_999)), millis(59));
        // No full millisecond comes before the next event.
        assert_eq!(trace.moment_for_act(Time(59_001)), Time(59_001));
        assert_eq!(trace.moment_for_act(millis(60)), millis(61));
    }

    #[test]
    fn an_act_passes_over_no_event() {
        let connects = |us: u64| format!("{us}us A connect {us}\n");
        let close: String = [10_000, 10_001, 10_002, 10_004, 10_999, 11_000].map(connects).concat();
        let trace = run(&format!("time-wait-lab 1\n{close}until 20ms"));
        for (time, moment) in [
            (9_999, 9_999),
            (10_000, 10_003),
            (10_001, 10_003),
            (10_003, 10_003),
            (10_004, 10_005),
            (10_999, 12_000),
            (11_000, 12_000),
        ] {
            assert_eq!(trace.moment_for_act(Time(time)), Time(moment), "{time}");
        }
        let other = run("time-wait-lab 1\n10003us A connect 80\n12ms A connect 81\nuntil 20ms");
        let both = [&trace, &other];
        assert_eq!(moment_for_act(&both, millis(10)), Time(10_005));
        assert_eq!(moment_for_act(&both, millis(11)), Time(11_001));
        assert_eq!(moment_for_act(&[], Time(10_001)), millis(11));
    }

    #[test]
    fn an_act_finds_its_moment_everywhere() {
        for scene in SCENES {
            let trace = run(scene.text);
            let around = |time: Time| [time - Span(1), time, time + Span(1), time + Span(500)];
            let edges = [Time::START, trace.scenario.until, Time(u64::MAX)];
            for time in trace.events.iter().map(|e| e.time).chain(edges).flat_map(around) {
                let at = trace.moment_for_act(time);
                assert!(at >= time && at <= time + Span(1_000), "{} {time} {at}", scene.name);
                let is_free = trace.events.iter().all(|event| event.time != at);
                assert!(is_free, "{} {time} {at}", scene.name);
                assert_eq!(trace.moment_for_act(at), at, "{} {time}", scene.name);
                let hopped = trace.events.iter().any(|e| time < e.time && e.time < at);
                assert!(!hopped || at.0 - time.0 < 10, "{} {time} {at}", scene.name);
            }
        }
        let busy = run("time-wait-lab 1\n18446744073709551615us A connect 80\n\
                        until 18446744073709551615us");
        assert_eq!(busy.moment_for_act(Time(u64::MAX)), Time(u64::MAX));
    }

    #[test]
    fn a_call_would_return_what_it_returns() {
        let trace = scene("port-busy");
        let connect =
            |port| Call::Connect { local_port: port, remote_port: 80, reuse_address: false };
        let would = |ms, host, call: &Call| trace.would(millis(ms), host, call);
        let failed = |errno| Some(Returned::Failed(errno));
        assert_eq!(would(2_500, HostId::A, &connect(40_000)), failed(Errno::EADDRINUSE));
        assert_eq!(would(2_500, HostId::A, &connect(0)), failed(Errno::EADDRNOTAVAIL));
        assert_eq!(would(2_500, HostId::A, &connect(50_000)), failed(Errno::EINPROGRESS));
        assert_eq!(would(2_500, HostId::B, &Call::Recv), failed(Errno::EBADF));
        assert_eq!(would(0, HostId::A, &Call::Close), failed(Errno::EBADF));
        // After the horizon, and at the end of time.
        assert_eq!(would(70_000, HostId::B, &Call::Exit), Some(Returned::Done));
        assert!(would(u64::MAX, HostId::B, &Call::Poll).is_some());
        // The call is told from the same one by the scenario, or by the program itself.
        let trace = scene("close");
        let accept = trace.would(millis(160), HostId::B, &Call::Accept);
        assert_eq!(accept, failed(Errno::EAGAIN));
        assert_eq!(trace.would(millis(600), HostId::A, &Call::Close), failed(Errno::EBADF));
    }

    #[test]
    fn nothing_is_known_of_a_call_after_the_limit() {
        // Each acknowledges what the other never sent, and answers that, for ever.
        let trace = run("time-wait-lab 1\nwire A 1us B 1us\nstart established 100 300\n\
             0s forge B ACK 100 ack 300 data \"x\"\n0s forge A ACK 300 ack 100 data \"y\"\nuntil 600s");
        assert_eq!(trace.end, crate::world::End::Limit);
        assert_eq!(trace.would(millis(599_000), HostId::A, &Call::Poll), None);
        assert!(trace.would(trace.events[9].time, HostId::A, &Call::Poll).is_some());
    }

    #[test]
    fn a_forged_segment_fits() {
        let trace = scene("lost-last-ack");
        let segment = trace.forgeable(millis(300), HostId::B);
        assert_eq!((segment.source_port, segment.destination_port), (40_000, 80));
        assert_eq!((segment.seq, segment.ack, segment.window), (Seq(1006), Some(Seq(3001)), 1000));
        // B's TSval as A heard it last, at 300 ms, was that of 250 ms.
        assert_eq!(segment.timestamps, Some(Timestamps { value: 300, echo: 250 }));
        assert_eq!(segment.data, b"EVIL");
        let segment = trace.forgeable(millis(300), HostId::A);
        assert_eq!((segment.source_port, segment.destination_port), (80, 40_000));
        assert_eq!((segment.seq, segment.ack), (Seq(3001), Some(Seq(1006))));
        assert_eq!(segment.timestamps, Some(Timestamps { value: 300, echo: 200 }));
        // A has closed and only its descriptor is left; B still waits for the last ACK.
        let segment = trace.forgeable(millis(1_000), HostId::B);
        assert_eq!((segment.seq, segment.timestamps.map(|t| t.echo)), (Seq(1007), Some(900)));
        let segment = trace.forgeable(millis(1_000), HostId::A);
        assert_eq!((segment.seq, segment.ack, segment.window), (Seq(0), Some(Seq(0)), 0));
        assert_eq!((segment.source_port, segment.destination_port), (80, 40_000));
        assert_eq!((segment.timestamps, &*segment.data), (None, EVIL));
    }

    #[test]
    fn a_forged_segment_is_for_the_newest_connection_and_is_delivered() {
        let trace = scene("stray-segment");
        // The second connection of the two.
        let at = millis(1_500);
        assert_eq!(trace.forgeable(at, HostId::B).seq, Seq(101));
        for scene in SCENES {
            let trace = run(scene.text);
            for to in HostId::BOTH {
                let segment = trace.forgeable(Time(u64::MAX), to);
                assert_eq!(segment.data, EVIL, "{} {to}", scene.name);
            }
        }
        for (base, ms) in [(Base::Rfc9293, 300), (Base::Linux, 300), (Base::FreeBsd, 301)] {
            let text = format!(
                "time-wait-lab 1\nA {base} clock=7\nB {base} clock=4294967290\n0s B listen 80\n\
                 10ms A connect 80 from 40000\n200ms A send \"hello\"\nuntil 5s"
            );
            let trace = run(&text);
            for to in HostId::BOTH {
                let mut scenario = trace.scenario.clone();
                let segment = trace.forgeable(millis(ms), to);
                scenario.acts.push(Act::Forge {
                    at: millis(ms) + Span::from_millis(50),
                    to,
                    segment,
                });
                let delivered = simulate(&scenario).events.iter().any(|event| {
                    event.host == Some(to)
                        && matches!(&event.kind, EventKind::Received { chunks, .. }
                            if chunks.iter().any(|chunk| chunk.octets == EVIL))
                });
                assert!(delivered, "{base} {to}");
            }
        }
    }
}
