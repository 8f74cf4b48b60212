//! The verdicts: each in a run that earns it, the event that decided it, and their order.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::wildcard_enum_match_arm)]

use std::collections::BTreeMap;

use time_wait_lab::tcp::event::{EventKind, HostId};
use time_wait_lab::tcp::rule::Rule;
use time_wait_lab::tcp::segment::Incarnation;
use time_wait_lab::tcp::time::Time;
use time_wait_lab::world::scenes::SCENES;
use time_wait_lab::world::{
    Trace, Verdict, by_connection, parse_scenario, simulate, verdicts, verdicts_at,
};

fn run(text: &str) -> Trace {
    simulate(&parse_scenario(text).unwrap_or_else(|e| panic!("{e}\n{text}")))
}

fn scene(name: &str) -> Trace {
    run(SCENES.iter().find(|s| s.name == name).unwrap_or_else(|| panic!("{name}")).text)
}

/// The verdicts as `A1 closed`: side and number of the connection.
fn all(trace: &Trace) -> BTreeMap<String, Verdict> {
    verdicts(trace)
        .into_iter()
        .map(|j| (format!("{}{}", j.host, j.incarnation.0), j.verdict))
        .collect()
}

fn expect(trace: &Trace, expected: &[(&str, Verdict)]) {
    let expected = expected.iter().map(|(side, v)| ((*side).to_owned(), *v)).collect();
    assert_eq!(all(trace), expected, "\n{trace}");
}

/// The rule of the event that decided a side's verdict.
fn deciding_rule(trace: &Trace, host: HostId, incarnation: u32) -> Rule {
    let judgement = verdicts(trace)
        .into_iter()
        .find(|j| j.host == host && j.incarnation == Incarnation(incarnation))
        .expect("a judgement");
    let event = judgement.event.expect("an event that decided");
    trace.events[usize::try_from(event.0).expect("a place")].rule
}

#[test]
fn verdict_lost_last_ack_is_a_spurious_rst_only_without_time_wait() {
    let without = scene("lost-last-ack");
    expect(&without, &[("A1", Verdict::ClosedInOrder), ("B1", Verdict::SpuriousRst)]);
    assert_eq!(deciding_rule(&without, HostId::B, 1), Rule::Reset);
    let with = scene("lost-last-ack-time-wait");
    expect(&with, &[("A1", Verdict::ClosedInOrder), ("B1", Verdict::ClosedInOrder)]);
    assert_eq!(deciding_rule(&with, HostId::B, 1), Rule::LastAckDone);
}

#[test]
fn verdict_stray_text_is_foreign_octets_and_names_the_delivery() {
    let trace = scene("stray-segment");
    assert_eq!(all(&trace)["B2"], Verdict::ForeignOctets);
    let judgement = verdicts(&trace)
        .into_iter()
        .find(|j| j.verdict == Verdict::ForeignOctets)
        .expect("it is there");
    let event = &trace.events[usize::try_from(judgement.event.expect("named").0).expect("fits")];
    let EventKind::Received { chunks, .. } = &event.kind else { panic!("{event:?}") };
    assert!(chunks.iter().any(|c| c.octets == b"OLD!" && c.origin == Incarnation(1)));
    let guarded = scene("stray-segment-time-wait");
    assert!(!all(&guarded).values().any(|v| *v == Verdict::ForeignOctets), "{guarded}");
}

#[test]
fn verdict_stray_fin_cuts_the_new_connection_short() {
    assert_eq!(all(&scene("stray-fin"))["B2"], Verdict::ForeignFin);
}

#[test]
fn verdict_the_hole_of_restarting_on_a_fin_only_is_found() {
    assert_eq!(all(&scene("why-2msl"))["A2"], Verdict::ForeignOctets);
}

#[test]
fn verdict_assassination_cuts_time_wait_short() {
    let trace = scene("assassination");
    assert_eq!(all(&trace)["A1"], Verdict::TimeWaitCutShort);
    assert_eq!(deciding_rule(&trace, HostId::A, 1), Rule::TimeWaitAssassinated);
}

#[test]
fn verdict_a_forged_rst_is_an_old_rst() {
    let trace = run("time-wait-lab 1\nstart established 100 300\n\
        1s forge B RST 100 window 0\nuntil 2s\n");
    assert_eq!(all(&trace)["B1"], Verdict::OldRst, "{trace}");
}

#[test]
fn verdict_an_abort_names_who_did_it() {
    let trace = scene("linger-zero");
    expect(&trace, &[("A1", Verdict::Aborted), ("B1", Verdict::AbortedByPeer)]);
}

#[test]
fn verdict_a_peer_without_a_listener_refuses() {
    let trace = run("time-wait-lab 1\n0s A connect 80 from 40000\nuntil 2s\n");
    expect(&trace, &[("A1", Verdict::Refused)]);
    assert_eq!(deciding_rule(&trace, HostId::A, 1), Rule::Refused);
}

#[test]
fn verdict_the_own_host_refuses_a_busy_port() {
    let trace = run("time-wait-lab 1\nstart established 100 300\n0s A shutdown\n0s B shutdown\n\
        1s A connect 80 from 40000 reuse\nuntil 2s\n");
    let refused = verdicts(&trace).into_iter().find(|j| j.connection.is_none());
    assert_eq!(refused.map(|j| j.verdict), Some(Verdict::Refused), "{trace}");
}

#[test]
fn verdict_a_silent_peer_is_given_up() {
    let trace = scene("give-up");
    assert!(all(&trace).values().any(|v| *v == Verdict::GivenUp), "{trace}");
}

#[test]
fn verdict_a_close_wait_that_nobody_ends_is_stuck() {
    let trace = run("time-wait-lab 1\nstart established 100 300\n0s A shutdown\nuntil 600s\n");
    expect(&trace, &[("A1", Verdict::Stuck), ("B1", Verdict::Stuck)]);
}

#[test]
fn verdict_an_orderly_close_is_in_order_on_both_sides() {
    for name in ["close", "three-segment-close", "simultaneous-close"] {
        let trace = scene(name);
        let values: Vec<Verdict> = all(&trace).into_values().collect();
        assert_eq!(values, [Verdict::ClosedInOrder; 2], "{name}\n{trace}");
    }
}

/// Foreign octets and a RST on one side: the octets are the verdict, for nobody noticed them.
#[test]
fn verdict_what_harms_unnoticed_comes_first() {
    let trace = run("time-wait-lab 1\nstart established 100 300\n\
        1s forge B ACK 100 ack 300 window 1000 data \"evil\"\n\
        2s forge B FIN,ACK 104 ack 300 window 1000\n\
        3s forge B RST 105 window 0\nuntil 4s\n");
    assert_eq!(all(&trace)["B1"], Verdict::ForeignOctets, "{trace}");
    let trace = run("time-wait-lab 1\nstart established 100 300\n\
        2s forge B FIN,ACK 100 ack 300 window 1000\n\
        3s forge B RST 101 window 0\nuntil 4s\n");
    assert_eq!(all(&trace)["B1"], Verdict::ForeignFin, "{trace}");
    let mut sorted = Verdict::ALL;
    sorted.sort_unstable();
    assert_eq!(sorted, Verdict::ALL, "the order in which they are tried is their order");
}

/// A verdict doesn't know the future.
#[test]
fn verdict_at_a_moment_knows_only_what_has_happened() {
    let trace = scene("lost-last-ack");
    let b_at = |ms| {
        verdicts_at(&trace, Time::from_millis(ms))
            .into_iter()
            .find(|j| j.host == HostId::B)
            .map(|j| j.verdict)
    };
    assert_eq!(b_at(0), None);
    assert_eq!(b_at(950), Some(Verdict::Open));
    let end = verdicts_at(&trace, trace.last());
    assert_eq!(end, verdicts(&trace));
}

/// A connection's verdict is the worse of its sides', and it's closed when both sides are.
#[test]
fn verdict_of_a_connection_is_that_of_the_side_that_decides() {
    let whole = |trace: &Trace, ms| -> Vec<(HostId, Verdict)> {
        let sides = verdicts_at(trace, Time::from_millis(ms));
        by_connection(&sides).iter().map(|j| (j.host, j.verdict)).collect()
    };
    // A has forgotten the connection, B waits for the last ACK: it isn't closed yet.
    let lost = scene("lost-last-ack");
    assert_eq!(whole(&lost, 1_000), [(HostId::B, Verdict::Open)]);
    assert_eq!(whole(&lost, 70_000), [(HostId::B, Verdict::SpuriousRst)]);
    let stray = scene("stray-segment");
    let verdicts: Vec<Verdict> = whole(&stray, 245_000).iter().map(|(_, v)| *v).collect();
    assert_eq!(verdicts, [Verdict::ClosedInOrder, Verdict::ForeignOctets]);
    for one in Verdict::ALL {
        for other in Verdict::ALL {
            assert_eq!(one.of_both(other), other.of_both(one));
        }
    }
}
