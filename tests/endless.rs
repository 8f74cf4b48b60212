//! Runs that once didn't end, or took hours: what a scenario can ask for without end.

#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

use time_wait_lab::picture::Picture;
use time_wait_lab::tcp::call::{Call, Errno, Returned};
use time_wait_lab::tcp::event::{EventKind, HostId, SegmentName};
use time_wait_lab::tcp::rule::Rule;
use time_wait_lab::tcp::state::State;
use time_wait_lab::tcp::time::{Span, Time};
use time_wait_lab::world::{
    Act, End, Fate, Scenario, Target, Trace, Verdict, When, by_connection, parse_scenario,
    parse_trace, simulate, verdicts,
};

fn scenario(lines: &str) -> Scenario {
    parse_scenario(&format!("time-wait-lab 1\n{lines}")).unwrap()
}

fn run(lines: &str) -> Trace {
    simulate(&scenario(lines))
}

/// The names of the segments that arrived, with the moments in µs.
fn arrivals(trace: &Trace) -> Vec<String> {
    let arrived = trace.events.iter().filter_map(|event| match &event.kind {
        EventKind::Arrived { name, .. } => Some(format!("{name} at {}", event.time.0)),
        _ => None,
    });
    arrived.collect()
}

fn copies(trace: &Trace, rule: Rule) -> usize {
    trace.events.iter().filter(|event| event.rule == rule).count()
}

#[test]
fn a_copy_is_not_copied_by_the_act_that_made_it() {
    let trace = run("duplicate every A 1ms\n0s A connect 80\nuntil 1s");
    assert_eq!(arrivals(&trace), ["A1 at 50000", "A1.2 at 51000", "B1 at 100000", "B2 at 101000"]);
    assert_eq!(trace.end, End::Quiet);
}

#[test]
fn two_acts_do_not_copy_each_others_copies() {
    let trace = run("duplicate every A 1ms\nduplicate every A ack off 2ms\n0s A connect 80");
    let from_a: Vec<_> = arrivals(&trace).into_iter().filter(|at| at.starts_with('A')).collect();
    assert_eq!(from_a, ["A1 at 50000", "A1.2 at 51000", "A1.3 at 52000"]);
    // A copy that a person names, or lets go, isn't copied by them either.
    let trace = run("duplicate every A 1ms\nduplicate A1.2 7ms\nduplicate A1.3 7ms\n\
        10ms release A1.9\n0s A connect 80\nuntil 70ms");
    assert_eq!(
        arrivals(&trace),
        ["A1 at 50000", "A1.2 at 51000", "A1.3 at 58000", "A1.5 at 60000", "A1.4 at 65000"]
    );
}

#[test]
fn copies_are_lost_and_delayed_with_all_the_others() {
    let lost = run("duplicate A1 1ms\ndrop every A\n0s A connect 80\nuntil 500ms");
    assert_eq!(arrivals(&lost), Vec::<String>::new());
    // Each is lost because it was put on the wire, not because of its copy.
    let losses: Vec<_> = lost.events.iter().filter(|e| e.rule == Rule::WireDrop).collect();
    let put = |rule| lost.events.iter().position(|e| e.rule == rule).unwrap();
    let causes: Vec<_> = losses.iter().map(|e| e.cause.unwrap().0 as usize).collect();
    assert_eq!(causes, [put(Rule::WireDuplicate), put(Rule::ActiveOpen) + 1]);
    let late = run("duplicate A1 1ms\ndelay every A 10ms\n0s A connect 80\nuntil 90ms");
    assert_eq!(arrivals(&late), ["A1 at 60000", "A1.2 at 61000"]);
}

#[test]
fn a_long_chain_of_copies_needs_no_stack() {
    let mut scenario = scenario("0s A connect 80\nuntil 49ms");
    for copy in 1..=50_000 {
        let name = SegmentName { sender: HostId::A, forged: false, number: 1, copy };
        let target = Target::Named { name, expected: None };
        scenario.acts.push(Act::Fate { target, fate: Fate::Duplicate(When::After(Span(1))) });
    }
    assert_eq!(copies(&simulate(&scenario), Rule::WireDuplicate), 50_000);
}

#[test]
fn copies_end_with_the_run() {
    // 300 acts, and a thousand segments at once: not 300,000 copies.
    let lines = "duplicate every A 1us\n".repeat(300);
    let octets = "x".repeat(1_000);
    let trace = run(&format!(
        "A rfc9293 mss=1 nagle=off\nB rfc9293\n{lines}start established 100 300\n0s A send \"{octets}\""
    ));
    assert_eq!(trace.end, End::Limit);
    assert!((100_000..110_000).contains(&trace.events.len()), "{}", trace.events.len());
}

#[test]
fn thousands_of_acts_for_thousands_of_segments() {
    let octets = "x".repeat(3_000);
    let mut scenario = scenario(&format!(
        "A rfc9293 mss=1\nB rfc9293\nstart established 100 300\n0s A send \"{octets}\"\nuntil 5000s"
    ));
    for number in 1..=3_000 {
        let name = SegmentName { sender: HostId::A, forged: false, number, copy: 1 };
        let target = Target::Named { name, expected: None };
        scenario.acts.push(Act::Fate { target, fate: Fate::Duplicate(When::After(Span(1))) });
        scenario.acts.push(Act::Release { at: Time::from_millis(1_000 * u64::from(number)), name });
    }
    let trace = simulate(&scenario);
    assert_eq!(copies(&trace, Rule::WireDuplicate), 3_000);
    assert_eq!(copies(&trace, Rule::WireRelease), 3_000);
}

/// A's connection is in TIME-WAIT from 170 ms on, and its program keeps the descriptor.
const SHUT: &str = "A rfc9293 time-wait=60s time-wait-syn=greater\nstart established 100 300\n\
    0s A listen 40000 reuse\n0s A shutdown fd 1\n120ms B shutdown\n\
    1s forge A SYN 5000 window 1000\n";

#[test]
fn a_time_wait_that_comes_back_ends_once() {
    let trace = run(&format!("{SHUT}until 62s"));
    let states: Vec<_> = trace
        .events
        .iter()
        .filter_map(|event| match event.kind {
            EventKind::State { connection, from, to } if event.host == Some(HostId::A) => {
                Some(format!("{} {from} {to} {}", event.time.0 / 1_000, connection.0))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        states,
        [
            "0 ESTABLISHED FIN-WAIT-1 1",
            "100 FIN-WAIT-1 FIN-WAIT-2 1",
            "170 FIN-WAIT-2 TIME-WAIT 1",
            "1000 TIME-WAIT CLOSED 1",
            "1000 CLOSED SYN-RECEIVED 2",
            "1100 SYN-RECEIVED CLOSED 2",
            "1100 CLOSED TIME-WAIT 1",
            "60170 TIME-WAIT CLOSED 1",
        ]
    );
    assert_eq!(trace.end, End::Quiet);
}

#[test]
fn a_time_wait_that_comes_back_is_the_connection_of_its_descriptor() {
    // What the program does in between holds, and what it closes stays closed.
    let trace =
        run(&format!("{SHUT}1050ms A close fd 1\n2s A poll fd 1\n2s A close fd 1\nuntil 62s"));
    let returned: Vec<_> = trace
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Return { returned, .. } if event.time.0 >= 1_000_000 => {
                Some(returned.clone())
            }
            _ => None,
        })
        .collect();
    let bad = Returned::Failed(Errno::EBADF);
    assert_eq!(returned, [Returned::Done, bad.clone(), bad]);
    let last = trace.at(trace.scenario.until);
    assert_eq!(last.hosts[0].connections.iter().count(), 0);
    let before = trace.at(Time::from_millis(60_169));
    let states: Vec<_> = before.hosts[0].connections.iter().map(|c| (c.id.0, c.state)).collect();
    assert_eq!(states, [(1, State::TimeWait)]);
}

#[test]
fn thousands_of_connections_are_judged_and_drawn() {
    // The work for each must not grow with their number: with the square of it this takes minutes,
    // with the cube a day.
    let lines = "1s A connect 80\n".repeat(3_000);
    let run = scenario(&format!("0s B listen 80\n{lines}until 3s"));
    let picture = Picture::alone(&run);
    let trace = &picture.runs[0].trace;
    let judged = by_connection(&verdicts(trace));
    assert_eq!(judged.len(), 3_000);
    assert!(judged.iter().all(|one| one.verdict == Verdict::Open));
    assert_eq!(picture.runs[0].arrows.len(), 9_000);
    let moments: Vec<u64> = picture.moments.iter().map(|moment| moment.time.0 / 1_000).collect();
    assert_eq!(moments, [0, 1_000, 1_050, 1_100, 1_150]);
    let [a, b] = picture.runs[0].cards(Time::from_millis(1_100));
    assert_eq!((a.sockets.len(), b.sockets.len()), (3_000, 3_001));
    assert_eq!(parse_trace(&trace.to_string()).as_ref(), Ok(trace));
}

#[test]
fn thousands_of_connections_that_nobody_answers() {
    // Each has a timer; every loss is drawn beside the others.
    let lines = "1s A connect 80\n".repeat(1_500);
    let run = scenario(&format!("A linux\ndrop every A\n{lines}until 200s"));
    let picture = Picture::alone(&run);
    let judged = by_connection(&verdicts(&picture.runs[0].trace));
    assert_eq!(judged.iter().filter(|one| one.verdict == Verdict::GivenUp).count(), 1_500);
}

#[test]
fn the_greatest_window_is_open_and_a_greater_one_is_the_same() {
    // RFC 9293 §3.4: what lies 2³¹ ahead lies behind, so such a window would be taken for closed.
    let lines = "B rfc9293 window=2147483647\nstart established 100 300\n0s A send \"x\"\n\
        1s forge A ACK 300 ack 101 window 2147483647\n2s A send \"y\"\nuntil 3s";
    let greatest = scenario(lines);
    let events = simulate(&greatest).events;
    let received: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Received { chunks, .. } => Some((event.time.0, chunks[0].octets.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(received, [(50_000, b"x".to_vec()), (2_050_000, b"y".to_vec())]);
    // RFC 5961 §5: MAX.SND.WND below SND.UNA an ACK is taken, and SND.NXT may be as far above.
    let crossed =
        "A rfc9293 window=2147483647\nstart established 100 300\n0s A shutdown\n0s B shutdown";
    let waits = simulate(&scenario(crossed))
        .events
        .into_iter()
        .filter(|event| matches!(event.kind, EventKind::State { to: State::TimeWait, .. }));
    assert_eq!(waits.count(), 2);
    for window in [3_000_000_000, u32::MAX] {
        let mut greater = greatest.clone();
        greater.hosts[1].profile.window = window;
        for act in &mut greater.acts {
            if let Act::Forge { segment, .. } = act {
                segment.window = window;
            }
        }
        assert_eq!(simulate(&greater).events, events, "{window}");
    }
}

#[test]
fn a_receive_buffer_opens_no_window_beyond_the_greatest() {
    for stack in ["rfc9293", "linux"] {
        let lines = format!(
            "A {stack} reads=off\nB {stack} reads=off\n0s B listen 80\n10ms A connect 80\n\
             500ms B receive-buffer 5\n600ms A send \"x\"\n700ms B recv\nuntil 2s"
        );
        let mut great = scenario(&lines);
        for act in &mut great.acts {
            if let Act::Call { call: Call::ReceiveBuffer(octets), .. } = act {
                *octets = u32::MAX;
            }
        }
        let windows = simulate(&great).events.into_iter().filter_map(|event| match event.kind {
            EventKind::Sent { segment, .. } => Some(segment.window),
            _ => None,
        });
        assert!(windows.max() <= Some(0x7FFF_FFFF), "{stack}");
    }
}
