//! What the network does to every segment of a kind, or of a stretch of time.

#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

use time_wait_lab::tcp::event::{EventKind, HostId, SegmentName};
use time_wait_lab::tcp::segment::Segment;
use time_wait_lab::tcp::time::Time;
use time_wait_lab::world::{Trace, parse_scenario, simulate};

/// The run of a connection that is there from the start, with these acts.
fn run(acts: &str) -> Trace {
    let hosts = "A linux nagle=off\nB linux\nwire A 50ms B 50ms lifetime 60s";
    let start = "start established 100 300";
    let text = format!("time-wait-lab 1\n{hosts}\n{start}\n{acts}\nuntil 60s");
    simulate(&parse_scenario(&text).unwrap())
}

/// What a host put on the wire, copies included: name, segment, when, and whether it was lost.
fn sent(trace: &Trace, host: HostId) -> Vec<(SegmentName, Segment, Time, bool)> {
    let events = trace.events.iter();
    let is_lost =
        |name: SegmentName| trace.events.iter().any(|event| event.kind == EventKind::Lost { name });
    let sent = events.filter_map(|event| match &event.kind {
        EventKind::Sent { name, segment, .. } | EventKind::Injected { name, segment } => {
            Some((*name, segment.clone(), event.time, is_lost(*name)))
        }
        _ => None,
    });
    sent.filter(|(name, ..)| name.sender == host).collect()
}

/// The names of the lost segments, in order.
fn lost(trace: &Trace) -> Vec<String> {
    let names = trace.events.iter().filter_map(|event| match event.kind {
        EventKind::Lost { name } => Some(name.to_string()),
        _ => None,
    });
    names.collect()
}

/// When a segment arrived.
fn arrived(trace: &Trace, wanted: &str) -> Option<Time> {
    trace.events.iter().find_map(|event| match &event.kind {
        EventKind::Arrived { name, .. } if name.to_string() == wanted => Some(event.time),
        _ => None,
    })
}

#[test]
fn a_dead_line_loses_what_is_put_on_it_from_its_first_moment_to_before_its_last() {
    let sends =
        "1999999us A send \"a\"\n2s A send \"b\"\n4999999us A send \"c\"\n5s A send \"d\"\n";
    let trace = run(&format!("drop every A from 2s to 5s\n{sends}"));
    let (from, to) = (Time::from_millis(2_000), Time::from_millis(5_000));
    let all = sent(&trace, HostId::A);
    for (name, _, left, is_lost) in &all {
        assert_eq!(*is_lost, (from..to).contains(left), "{name} at {left}");
    }
    let at = |micros: u64| all.iter().find(|one| one.2 == Time(micros)).map(|one| one.3);
    assert_eq!(
        [1_999_999, 2_000_000, 4_999_999, 5_000_000].map(at),
        [false, true, true, false].map(Some)
    );
    // What was on its way when the line went dead arrives.
    assert_eq!(arrived(&trace, "A1"), Some(Time(2_049_999)));
    // B's line is another one.
    assert!(sent(&trace, HostId::B).iter().all(|(.., is_lost)| !is_lost));
    // In the end B has read all, in order.
    let read: Vec<u8> = trace
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Received { chunks, .. } => {
                Some(chunks.iter().flat_map(|c| c.octets.clone()))
            }
            _ => None,
        })
        .flatten()
        .collect();
    assert_eq!(read, b"abcd");
}

#[test]
fn without_an_end_the_line_stays_dead() {
    let trace = run("drop every A from 2s\n1s A send \"a\"\n2s A send \"b\"");
    let lost: Vec<bool> = sent(&trace, HostId::A).iter().map(|(.., is_lost)| *is_lost).collect();
    assert!(lost.len() > 5 && !lost[0] && lost[1..].iter().all(|is_lost| *is_lost), "{lost:?}");
}

#[test]
fn a_copy_that_is_let_go_is_lost_where_the_line_is_dead_then() {
    let acts = "keep A1\ndrop every A from 2s to 5s\n1s A send \"a\"\n";
    let trace = run(&format!("{acts}1999999us release A1\n2s release A1\n5s release A1"));
    assert_eq!(lost(&trace), ["A1.3"]);
    assert_eq!(arrived(&trace, "A1.2"), Some(Time(2_049_999)));
    assert_eq!(arrived(&trace, "A1.4"), Some(Time::from_millis(5_050)));
}

#[test]
fn a_forged_segment_is_nobodys_and_arrives_all_the_same() {
    let trace = run("drop every A from 2s to 5s\n3s forge B ACK 100 ack 300 data \"EVIL\"");
    assert_eq!(arrived(&trace, ">B1"), Some(Time::from_millis(3_000)));
    // What A's TCP answers to the answer is lost, for that is A's own.
    assert_eq!(lost(&trace), ["A1"]);
}

/// Which segments an act is for.
type Kind = fn(&Segment) -> bool;

#[test]
fn the_flags_say_which() {
    let kinds: [(&str, Kind); 9] = [
        ("fin", |s| s.fin),
        ("fin off", |s| !s.fin),
        ("syn", |s| s.syn),
        ("syn off", |s| !s.syn),
        ("data", |s| !s.data.is_empty()),
        ("data off", |s| s.data.is_empty()),
        ("ack", |s| s.ack.is_some()),
        ("rst", |s| s.rst),
        ("data off syn off fin off rst off ack", |s| {
            s.data.is_empty() && !s.syn && !s.fin && !s.rst && s.ack.is_some()
        }),
    ];
    for (words, is_meant) in kinds {
        // A closes, and answers what B sends then with RST.
        let text = format!(
            "time-wait-lab 1\nA linux\nB linux\n0s B listen 80\n10ms A connect 80 from 40000\n\
             200ms A send \"hello\"\n1500ms A close\n2s B send \"late\"\n\
             drop every A {words}\nuntil 60s"
        );
        let trace = simulate(&parse_scenario(&text).unwrap());
        let all = sent(&trace, HostId::A);
        for (name, segment, _, is_lost) in &all {
            assert_eq!(*is_lost, is_meant(segment), "{words}: {name} {}", segment.flags());
        }
        assert!(all.iter().any(|(.., is_lost)| *is_lost), "{words}: nothing was meant");
    }
}

#[test]
fn a_stretch_holds_for_whatever_the_network_does() {
    let acts = "999999us A send \"a\"\n1s A send \"b\"\n1999999us A send \"c\"\n2s A send \"d\"";
    let trace = run(&format!("delay every A data from 1s to 2s 7ms\n{acts}"));
    let at = ["A1", "A2", "A3", "A4"].map(|name| arrived(&trace, name).map(|time| time.0));
    assert_eq!(at, [1_049_999, 1_057_000, 2_056_999, 2_050_000].map(Some));
    // A copy is kept of every segment whatever the act says of it: it changes nothing by itself.
    let kept = run(&format!("keep every A from 1s to 2s\n{acts}"));
    assert_eq!(kept.events, run(acts).events);
}
