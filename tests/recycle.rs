//! PROTOCOL §24: one timestamp remembered for a remote address, tcp_tw_recycle (§12.3). The rows are
//! those of its table. B's TIME-WAIT, and with it what B remembers, begins at the row's t = 0.

#![allow(clippy::unwrap_used, clippy::panic, clippy::wildcard_enum_match_arm)]

use time_wait_lab::tcp::event::{Event, EventKind, HostId};
use time_wait_lab::tcp::rule::Rule;
use time_wait_lab::tcp::state::State;
use time_wait_lab::tcp::time::{Span, Time};
use time_wait_lab::world::{Trace, parse_scenario, simulate};

/// When B's FIN is acknowledged and X's has come: t = 0 of every row. X's TSval is then 1000000.
const ZERO: Time = Time::from_millis(100);

/// X is A: its clock is 1000000 when its FIN leaves, half a round trip before [`ZERO`].
fn lab(b: &str, more: &str) -> Trace {
    let text = format!(
        "time-wait-lab 1\nA linux-4.9 closes=on clock=999950\nB {b}\nwire A 50ms B 50ms lifetime 60s\n\
         start established 100 300\n0s B listen 80 reuse\n0s B close\n{more}until 80s\n"
    );
    match parse_scenario(&text) {
        Ok(scenario) => simulate(&scenario),
        Err(error) => panic!("{error} in\n{text}"),
    }
}

/// A line that lets Y's SYN arrive at B, `at` milliseconds after t = 0. Y's retransmissions are such
/// SYNs, too.
fn y(at: u64, stamp: Option<u32>, port: u16) -> String {
    let stamps = stamp.map_or(String::new(), |value| format!(" timestamps {value} 0"));
    format!("{}ms forge B SYN 9000000 window 65535{stamps} from {port}\n", at + 100)
}

/// What B does at that moment, in milliseconds after t = 0, with the SYN that arrives then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    /// SYN,ACK.
    Accepts,
    /// Nothing, by this rule.
    Drops(Rule),
    /// An ACK that is no SYN,ACK: TIME-WAIT's.
    Acks,
}

fn at(trace: &Trace, millis: u64) -> impl Iterator<Item = &Event> {
    let time = ZERO + Span::from_millis(millis);
    trace.events.iter().filter(move |e| e.time == time && e.host == Some(HostId::B))
}

fn does(trace: &Trace, millis: u64) -> Does {
    let mut found = at(trace, millis).filter_map(|event| match &event.kind {
        EventKind::Sent { segment, .. } if segment.syn => Some(Does::Accepts),
        EventKind::Sent { segment, .. } if !segment.rst => Some(Does::Acks),
        EventKind::Ignored => Some(Does::Drops(event.rule)),
        _ => None,
    });
    let one = found.next();
    assert_eq!(found.next(), None, "more than one answer after {millis} ms");
    one.unwrap_or_else(|| panic!("no SYN at {millis} ms"))
}

const ON: &str = "linux-4.9 tw-recycle=on";
const STAMPED: &str = "linux-4.9 tw-recycle=stamped";
const OLD: Does = Does::Drops(Rule::PeerTimestampOld);
const MISSING: Does = Does::Drops(Rule::PeerTimestampMissing);

/// A row: what B is; Y's SYN, with its moment, its timestamp, its port; what B does with it.
type Row = (&'static str, &'static str, u64, Option<u32>, u16, Does);

const ROWS: &[Row] = &[
    ("M01", ON, 10_000, Some(500_000), 50_000, OLD),
    ("M01 to the last moment", ON, 59_999, Some(549_999), 50_000, OLD),
    ("M01 from 60 s on", ON, 60_000, Some(550_000), 50_000, Does::Accepts),
    ("M02", ON, 61_000, Some(551_000), 50_000, Does::Accepts),
    ("M04", ON, 10_000, Some(999_999), 50_000, Does::Accepts),
    ("M05", ON, 10_000, Some(999_998), 50_000, OLD),
    ("M06 from 3.17", ON, 10_000, None, 50_000, MISSING),
    ("M06 from 3.17, later", ON, 60_000, None, 50_000, Does::Accepts),
    ("M06 up to 3.16", STAMPED, 10_000, None, 50_000, Does::Accepts),
    ("M01 up to 3.16", STAMPED, 10_000, Some(500_000), 50_000, OLD),
    ("M08 Linux 4.9", "linux-4.9", 10_000, Some(500_000), 50_000, Does::Accepts),
    ("M08 tw_reuse", "linux tw-reuse=on", 10_000, Some(500_000), 50_000, Does::Accepts),
    ("M08 RFC 6191", "linux time-wait-syn=rfc6191", 10_000, Some(500_000), 50_000, Does::Accepts),
    ("M08 same port", "linux tw-reuse=on", 10_000, Some(500_000), 40_000, Does::Acks),
    (
        "M08 same port, RFC 6191",
        "linux time-wait-syn=rfc6191",
        10_000,
        Some(500_000),
        40_000,
        Does::Drops(Rule::TimeWaitSynSilent),
    ),
    // TIME-WAIT is over after 1.05 s, so the port of the old connection is a port like any other.
    ("the same port", ON, 10_000, Some(500_000), 40_000, OLD),
    // While it lasts, TIME-WAIT decides and not the memory: the higher SEQ doesn't help, PAWS answers.
    ("into TIME-WAIT", ON, 1_000, Some(500_000), 40_000, Does::Acks),
    // A server without timestamps remembers none.
    (
        "no timestamps",
        "linux-4.9 tw-recycle=on timestamps=off",
        10_000,
        None,
        50_000,
        Does::Accepts,
    ),
];

#[test]
fn m01_to_m08_a_syn_is_measured_against_the_last_timestamp_of_its_address() {
    for (row, b, millis, stamp, port, expected) in ROWS {
        let trace = lab(b, &y(*millis, *stamp, *port));
        assert_eq!(does(&trace, *millis), *expected, "{row}");
    }
}

#[test]
fn m01_every_retransmission_is_dropped_until_sixty_seconds_are_over() {
    let sent = [0, 1_000, 3_000, 7_000, 15_000, 31_000, 63_000].map(|after: u32| 10_000 + after);
    let syns = sent.map(|t| y(t.into(), Some(500_000 + t), 50_000)).concat();
    let trace = lab(ON, &syns);
    let answers = sent.map(|t| does(&trace, t.into()));
    assert_eq!(answers, [OLD, OLD, OLD, OLD, OLD, OLD, Does::Accepts]);
    let to_y = |e: &&Event| matches!(&e.kind, EventKind::Sent { segment, .. } if segment.destination_port == 50_000);
    let first = trace.events.iter().find(to_y).map(|e| e.time);
    assert_eq!(first, Some(ZERO + Span::from_secs(73)), "not a word before");
}

#[test]
fn m03_the_same_host_is_accepted_with_its_own_clock() {
    let trace = lab(ON, "10050ms A connect 80 from 40001\n");
    assert_eq!(does(&trace, 10_000), Does::Accepts);
    let gate = at(&trace, 10_000).find(|e| e.rule == Rule::PeerTimestamp).map(|e| &e.kind);
    let Some(EventKind::Gate { passed: true, value, low, .. }) = gate else { panic!("{gate:?}") };
    assert_eq!((*value, *low), (1_010_000, 999_999));
}

/// M07: a host whose offset differs per connection has any TSval, and half of them are older.
#[test]
fn m07_an_offset_for_each_connection_is_refused_half_the_time() {
    let dropped = (0..256_u32).filter(|part| {
        let stamp = 1_010_000_u32.wrapping_add(part << 24);
        match does(&lab(ON, &y(10_000, Some(stamp), 50_000)), 10_000) {
            Does::Accepts => false,
            other => {
                assert_eq!(other, OLD);
                true
            }
        }
    });
    assert_eq!(dropped.count(), 128);
}

/// M09: the NAT gives Y the port of X's connection while B is in TIME-WAIT.
#[test]
fn m09_a_port_that_is_given_again_meets_time_wait() {
    let syn = y(10_000, Some(500_000), 40_000);
    // RFC 6191: silence.
    let trace = lab("linux time-wait-syn=rfc6191", &syn);
    assert_eq!(does(&trace, 10_000), Does::Drops(Rule::TimeWaitSynSilent));
    // Linux: an ACK, TIME-WAIT anew; Y answers RST, which kills it; Y's SYN again opens.
    let rst = "10200ms forge B RST 101\n";
    let trace = lab("linux", &format!("{syn}{rst}{}", y(11_000, Some(501_000), 40_000)));
    assert_eq!(does(&trace, 10_000), Does::Acks);
    assert!(at(&trace, 10_000).any(|e| e.rule == Rule::TimeWaitRestart));
    assert!(at(&trace, 10_100).any(|e| e.rule == Rule::TimeWaitAssassinated));
    assert_eq!(does(&trace, 11_000), Does::Accepts);
}

/// When B's first connection changes from TIME-WAIT to CLOSED, after t = 0.
fn time_wait_ends(trace: &Trace) -> Option<Span> {
    let over = |e: &&Event| {
        matches!(e.kind, EventKind::State { from: State::TimeWait, to: State::Closed, .. })
    };
    trace.events.iter().find(over).map(|e| e.time.since(ZERO))
}

/// A round trip of 100 ms makes a timeout of 300 ms.
#[test]
fn recycle_cuts_time_wait_to_three_and_a_half_timeouts_and_a_restart_gives_it_back() {
    assert_eq!(time_wait_ends(&lab(ON, "")), Some(Span::from_millis(1_050)));
    assert_eq!(time_wait_ends(&lab("linux-4.9", "")), Some(Span::from_secs(60)));
    // Without timestamps it is whole, and so it is after X's FIN has come again.
    let plain = "linux-4.9 tw-recycle=on timestamps=off";
    assert_eq!(time_wait_ends(&lab(plain, "")), Some(Span::from_secs(60)));
    let again = "600ms forge B FIN,ACK 100 ack 301 timestamps 1000500 0\n";
    // A has forgotten the connection and answers the ACK with RST, which tcp_rfc1337=1 ignores.
    let trace = lab("linux-4.9 tw-recycle=on time-wait-rst=ignored", again);
    assert_eq!(time_wait_ends(&trace), Some(Span::from_millis(60_500)));
}

/// Only who was in TIME-WAIT remembers: a server whose clients close first has nothing to compare.
#[test]
fn recycle_remembers_nothing_where_the_client_closes_first() {
    let text = format!(
        "time-wait-lab 1\nA linux-4.9 clock=999950\nB {ON} closes=on\nstart established 100 300\n\
         0s B listen 80 reuse\n0s A close\n{}until 80s\n",
        y(10_000, Some(500_000), 50_000)
    );
    let trace = simulate(&parse_scenario(&text).unwrap());
    assert_eq!(does(&trace, 10_000), Does::Accepts);
}

/// tcp_v4_connect: the host's own SYN echoes what it remembers of that address, for 60 s.
#[test]
fn recycle_gives_connect_the_timestamp_that_was_remembered() {
    let echo = |b: &str, seconds: u64| {
        let more = format!("0s A listen 9\n{}ms B connect 9 from 5000\n", seconds * 1_000 + 100);
        let trace = lab(b, &more);
        let is_syn = |e: &&Event| matches!(&e.kind, EventKind::Sent { segment, .. } if segment.syn);
        let sent = at(&trace, seconds * 1_000).find(is_syn).map(|e| e.kind.clone());
        let Some(EventKind::Sent { segment, .. }) = sent else { panic!("no SYN") };
        segment.timestamps.map(|stamps| stamps.echo)
    };
    assert_eq!(echo(ON, 10), Some(1_000_000));
    assert_eq!(echo(ON, 60), Some(1_000_000));
    assert_eq!(echo(ON, 61), Some(0));
    assert_eq!(echo("linux-4.9", 10), Some(0));
}

/// What counts no longer makes way, also for a lower timestamp. A reboot forgets.
#[test]
fn recycle_remembers_the_next_client_when_the_minute_is_over() {
    // A knows nothing of Y's connection: what B sends to Y doesn't reach it.
    let close = "drop B3\ndrop B4\ndrop B5\n\
                 60700ms forge B ACK 9000001 ack 701 window 65535 timestamps 560100 0 from 50000\n\
                 60800ms B close\n\
                 61000ms forge B FIN,ACK 9000001 ack 702 window 65535 timestamps 560400 0 from 50000\n";
    let first = y(60_500, Some(560_000), 50_000);
    let next = [y(65_000, Some(560_398), 50_001), y(66_000, Some(560_399), 50_002)].concat();
    let trace = lab("linux-4.9 tw-recycle=on iss=700", &format!("{first}{close}{next}"));
    assert_eq!(does(&trace, 60_500), Does::Accepts);
    assert_eq!([65_000, 66_000].map(|millis| does(&trace, millis)), [OLD, Does::Accepts]);
    let trace = lab(ON, &format!("5s B reboot\n{}", y(10_000, Some(500_000), 50_000)));
    assert_eq!(does(&trace, 10_000), Does::Accepts);
}

/// An orphan in FIN-WAIT-2 remembers, too, before the peer's FIN has come.
#[test]
fn recycle_remembers_for_an_orphan_in_fin_wait_2() {
    let text = format!(
        "time-wait-lab 1\nA linux-4.9 clock=1000000\nB {ON}\nwire A 50ms B 50ms lifetime 60s\n\
         start established 100 300\n0s B listen 80 reuse\n0s B close\n{}until 80s\n",
        y(10_000, Some(500_000), 50_000)
    );
    let trace = simulate(&parse_scenario(&text).unwrap());
    assert_eq!(does(&trace, 10_000), OLD);
}
