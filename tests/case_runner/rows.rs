//! The rows: one host in one state, one arriving segment, the reply and the next state.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use time_wait_lab::tcp::call::Call;
use time_wait_lab::tcp::connection::Connection;
use time_wait_lab::tcp::event::{EventKind, HostId, Log, TimerChange, TimerKind};
use time_wait_lab::tcp::host::Host;
use time_wait_lab::tcp::profile::Answer;
use time_wait_lab::tcp::segment::{Incarnation, Segment, Timestamps};
use time_wait_lab::tcp::seq::Seq;
use time_wait_lab::tcp::state::State;
use time_wait_lab::tcp::time::Span;

use super::scenarios::{ports, profile};
use super::side_by_side;

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) id: String,
    state: String,
    segment: RowSegment,
    config: serde_json::Map<String, Value>,
    reply: String,
    next: String,
    #[serde(rename = "linux")]
    _linux: String,
    #[serde(rename = "note")]
    _note: String,
    #[serde(default)]
    accept: Vec<String>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowSegment {
    flags: Vec<String>,
    seq: i64,
    ack: Option<i64>,
    data: String,
    tsval: Option<u32>,
}

pub(crate) fn read(folder: &Path) -> Vec<Row> {
    let Ok(text) = std::fs::read_to_string(folder.join("rows.json")) else { return Vec::new() };
    serde_json::from_str(&text).expect("rows.json is a list of rows")
}

/// A number relative to an ISS, which may be written negative.
fn at(base: u32, relative: i64) -> Seq {
    let low = u32::try_from(relative.rem_euclid(1 << 32)).expect("32 bits");
    Seq(base.wrapping_add(low))
}

/// SND.UNA, SND.NXT, RCV.NXT of the table in the folder's README.
fn numbers(state: State) -> Option<(u32, u32, u32)> {
    Some(match state {
        State::Closed | State::Listen => return None,
        State::SynSent => (0, 1, 0),
        State::SynReceived => (0, 1, 1),
        State::Established => (1, 1, 1),
        State::FinWait1 => (1, 2, 1),
        State::FinWait2 => (2, 2, 1),
        State::Closing => (1, 2, 2),
        State::CloseWait => (1, 1, 2),
        State::LastAck => (1, 2, 2),
        State::TimeWait => (2, 2, 2),
    })
}

fn state_named(name: &str) -> State {
    State::ALL.into_iter().find(|s| s.name() == name).unwrap_or_else(|| panic!("state {name}"))
}

struct Bench {
    host: Host,
    log: Log,
}

impl Bench {
    fn call(&mut self, call: &Call) {
        let incarnation = Incarnation(1);
        self.host.call(None, call, incarnation, &mut self.log);
    }

    fn arrives(&mut self, segment: &Segment) {
        self.host.arrives(segment, &mut self.log);
    }

    fn connection(&mut self) -> Option<&mut Connection> {
        self.host.connections.iter_mut().find(|c| c.state != State::Closed)
    }
}

/// Brings a host into a state by calls and segments, as a peer would.
fn bench(row: &Row, a: u32, b: u32) -> Bench {
    let (mut profile, application, _) = profile(&row.config, "A");
    let old_timestamps = profile.timestamps;
    let listening = row.config.get("listening").and_then(Value::as_bool).unwrap_or(false);
    profile.window = row
        .config
        .get("wnd")
        .and_then(Value::as_u64)
        .map_or(64_240, |n| u32::try_from(n).expect("32 bits"));
    profile.time_wait = Some(Span::from_secs(60));
    profile.timestamps = true;
    let mut host = Host::new(HostId::A, profile, application);
    host.iss = vec![Seq(a)];
    let mut bench = Bench { host, log: Log::default() };
    bench.log.host = Some(HostId::A);
    let state = state_named(&row.state);
    let (local, remote) = ports(HostId::A);
    let passive = matches!(state, State::Listen | State::SynReceived);
    let listen = Call::Listen { port: local, reuse_address: true, receive_buffer: 0 };
    if passive {
        bench.call(&listen);
    }
    let stamps = |on: bool, value: u32| on.then_some(Timestamps { value, echo: 0 });
    let peer = |relative: u32, ack: u32| Segment {
        source_port: remote,
        destination_port: local,
        seq: Seq(b) + relative,
        ack: Some(Seq(a) + ack),
        window: 65_535,
        timestamps: stamps(old_timestamps, 1_003),
        origin: Incarnation(1),
        ..Segment::default()
    };
    if state == State::SynReceived {
        bench.arrives(&Segment { syn: true, ack: None, ..peer(0, 0) });
    }
    if !passive && state != State::Closed {
        let connect = Call::Connect { local_port: local, remote_port: remote, reuse_address: true };
        bench.call(&connect);
    }
    if !passive && !matches!(state, State::Closed | State::SynSent) {
        bench.arrives(&Segment { syn: true, ..peer(0, 1) });
        close_to(&mut bench, state, &peer);
    }
    if listening {
        bench.call(&listen);
    }
    check_numbers(&mut bench, state, (a, b));
    bench.log.now = bench.log.now + Span::from_secs(3);
    bench.log.departures.clear();
    bench.log.events.clear();
    bench
}

fn close_to(bench: &mut Bench, state: State, peer: &impl Fn(u32, u32) -> Segment) {
    let fin = |ack: u32| Segment { fin: true, ..peer(1, ack) };
    let half_duplex = bench.host.profile.data_after_close == Answer::Rst;
    let close = if half_duplex { Call::Close } else { Call::ShutdownWrite };
    match state {
        State::FinWait1 => bench.call(&close),
        State::FinWait2 => {
            bench.call(&close);
            bench.arrives(&peer(1, 2));
        }
        State::Closing => {
            bench.call(&close);
            bench.arrives(&fin(1));
        }
        State::CloseWait => bench.arrives(&fin(1)),
        State::LastAck => {
            bench.arrives(&fin(1));
            bench.call(&close);
        }
        State::TimeWait => {
            bench.call(&close);
            bench.arrives(&fin(2));
        }
        State::Closed
        | State::Listen
        | State::SynSent
        | State::SynReceived
        | State::Established => {}
    }
}

fn check_numbers(bench: &mut Bench, state: State, (a, b): (u32, u32)) {
    let Some((una, nxt, rcv)) = numbers(state) else { return };
    let connection = bench.connection().unwrap_or_else(|| panic!("no connection for {state}"));
    assert_eq!(connection.state, state);
    if state != State::SynSent {
        assert_eq!(connection.rcv_nxt, Seq(b) + rcv);
    }
    assert_eq!((connection.snd_una, connection.snd_nxt), (Seq(a) + una, Seq(a) + nxt));
}

/// The numbers of a reply as the table prints them: signed, relative; a RST,ACK's SEQ 0 is literal.
fn print(segment: &Segment, a: u32, b: u32) -> String {
    let signed = |number: Seq, base: u32| (number - Seq(base)) as i32;
    let own = match (segment.rst, segment.ack) {
        // For no connection: the literal zero, or the number that the arriving ACK named.
        (true, Some(_)) => 0,
        _ => signed(segment.seq, a),
    };
    let mut text = format!("{} seq={own}", segment.flags());
    if let Some(ack) = segment.ack {
        text.push_str(&format!(" ack={}", signed(ack, b)));
    }
    text
}

pub(crate) fn check(row: &Row, a: u32, b: u32) -> Result<(), String> {
    let mut bench = bench(row, a, b);
    let (local, remote) = ports(HostId::A);
    let has = |flag: &str| row.segment.flags.iter().any(|f| f == flag);
    let segment = Segment {
        source_port: remote,
        destination_port: local,
        seq: at(b, row.segment.seq),
        ack: row.segment.ack.map(|ack| at(a, ack)),
        syn: has("SYN"),
        fin: has("FIN"),
        rst: has("RST"),
        window: 64_240,
        timestamps: row.segment.tsval.map(|value| Timestamps { value, echo: 0 }),
        data: row.segment.data.as_bytes().to_vec(),
        origin: Incarnation(2),
        ..Segment::default()
    };
    bench.arrives(&segment);
    let replies: Vec<String> =
        bench.log.departures.iter().map(|d| print(&d.segment, a, b)).collect();
    let reply = if replies.is_empty() { "none".to_owned() } else { replies.join("; ") };
    let accepted = row.reply == reply
        || row
            .accept
            .iter()
            .any(|other| reply == *other || reply.starts_with(&format!("{other} ")));
    let expected_reply = if accepted { reply.clone() } else { row.reply.clone() };
    let next = next_state(&bench);
    // Where another reply is right the state that goes with it may be another one too.
    let expected_next =
        if row.reply == reply || !accepted { row.next.clone() } else { next.clone() };
    let expected_next = strip_timer(&expected_next, &next);
    side_by_side("row", &[expected_reply, expected_next], &[reply, next])
}

/// A row that says nothing of the timer leaves it open.
fn strip_timer(expected: &str, actual: &str) -> String {
    if !expected.contains('(') && actual.starts_with(&format!("{expected} (")) {
        actual.to_owned()
    } else {
        expected.to_owned()
    }
}

fn next_state(bench: &Bench) -> String {
    let state = bench.host.state(ports(HostId::A));
    let restarted = bench.log.events.iter().any(|event| {
        matches!(
            event.kind,
            EventKind::Timer { timer: TimerKind::TimeWait, change: TimerChange::Restarted(_), .. }
        )
    });
    let started = bench.log.events.iter().any(|event| {
        matches!(
            event.kind,
            EventKind::Timer { timer: TimerKind::TimeWait, change: TimerChange::Started(_), .. }
        )
    });
    match state {
        State::TimeWait if restarted => format!("{state} (restart)"),
        State::TimeWait if !started => format!("{state} (timer unchanged)"),
        State::TimeWait
        | State::Closed
        | State::Listen
        | State::SynSent
        | State::SynReceived
        | State::Established
        | State::FinWait1
        | State::FinWait2
        | State::CloseWait
        | State::Closing
        | State::LastAck => state.to_string(),
    }
}
