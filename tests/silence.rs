//! A peer that is silent or gone: keep-alive (RFC 9293 §3.8.4), the user timeout (RFC 5482), and
//! Linux's TCP_LINGER2. Times are to the microsecond; the records of two kernels are in
//! tests/kernel.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
#![allow(clippy::wildcard_enum_match_arm)]

use time_wait_lab::tcp::call::{Errno, Returned};
use time_wait_lab::tcp::event::{Event, EventKind, HostId, TimerKind};
use time_wait_lab::tcp::rule::Rule;
use time_wait_lab::tcp::state::State;
use time_wait_lab::tcp::time::Time;
use time_wait_lab::world::{Trace, Verdict, parse_scenario, simulate, verdicts};

use HostId::{A, B};

/// Two hosts 50 ms apart. A is ESTABLISHED at 110 ms, B at 160 ms.
fn lab(a: &str, b: &str, acts: &str) -> Trace {
    let text = format!(
        "time-wait-lab 1\nA {a} iss=1000\nB {b} iss=5000\nwire A 50ms B 50ms\n0s B listen 80\n\
         10ms A connect 80 from 40000\n{acts}\nuntil 400s\n"
    );
    simulate(&parse_scenario(&text).unwrap_or_else(|error| panic!("{error:?}\n{text}")))
}

fn linux(acts: &str) -> Trace {
    lab("linux", "linux", acts)
}

/// What a host sent from a moment on: `1200ms ACK 1000 5001`.
fn sent(trace: &Trace, host: HostId, from_ms: u64) -> Vec<String> {
    sent_by(trace, host, from_ms, |_| true)
}

fn sent_by(trace: &Trace, host: HostId, from_ms: u64, by: impl Fn(Rule) -> bool) -> Vec<String> {
    let late = trace.events.iter().filter(|e| e.time >= Time::from_millis(from_ms));
    late.filter_map(|e| match &e.kind {
        EventKind::Sent { name, segment, .. } if name.sender == host && by(e.rule) => {
            let ack = segment.ack.map_or(String::new(), |ack| format!(" {ack}"));
            Some(format!("{} {} {}{ack}", e.time, segment.flags(), segment.seq))
        }
        _ => None,
    })
    .collect()
}

fn event(trace: &Trace, host: HostId, is_it: impl Fn(&EventKind) -> bool) -> &Event {
    let mut events = trace.events.iter().filter(|e| e.host == Some(host));
    events.find(|e| is_it(&e.kind)).expect("an event")
}

/// When and with what a host's connection failed: `4200ms ETIMEDOUT [keep-alive-over]`.
fn failure(trace: &Trace, host: HostId) -> String {
    let event = event(trace, host, |kind| matches!(kind, EventKind::Error { .. }));
    match &event.kind {
        EventKind::Error { errno, .. } => {
            format!("{} {errno} [{}]", event.time, event.rule.name())
        }
        _ => unreachable!(),
    }
}

fn fails(trace: &Trace, host: HostId) -> bool {
    let is_error = |e: &&Event| matches!(e.kind, EventKind::Error { .. });
    trace.events.iter().filter(|e| e.host == Some(host)).find(is_error).is_some()
}

fn verdict(trace: &Trace, host: HostId) -> Verdict {
    verdicts(trace).iter().find(|j| j.host == host).expect("a connection").verdict
}

fn state(trace: &Trace, host: HostId, ms: u64) -> State {
    let ports = if host == A { (40_000, 80) } else { (80, 40_000) };
    trace.at(Time::from_millis(ms)).hosts[host.index()].state(ports)
}

fn returned(trace: &Trace, host: HostId) -> Returned {
    let mut events = trace.events.iter().filter(|e| e.host == Some(host) && e.rule == Rule::Call);
    let last = events.rfind(|e| matches!(e.kind, EventKind::Return { .. })).expect("a call");
    match &last.kind {
        EventKind::Return { returned, .. } => returned.clone(),
        _ => unreachable!(),
    }
}

#[test]
fn keep_alive_ends_a_connection_to_a_dead_peer() {
    let dead = "200ms A keep-alive 1s 2s 3\ndrop A3\ndrop A4\ndrop A5\ndrop A6\n20s A so-error";
    let trace = linux(dead);
    assert_eq!(
        sent(&trace, A, 200),
        [
            "1200ms ACK 1000 5001",
            "3200ms ACK 1000 5001",
            "5200ms ACK 1000 5001",
            "7200ms RST,ACK 1001 5001"
        ]
    );
    assert_eq!(failure(&trace, A), "7200ms ETIMEDOUT [keep-alive-over]");
    assert_eq!(returned(&trace, A), Returned::Failed(Errno::ETIMEDOUT));
    assert_eq!(verdict(&trace, A), Verdict::GivenUp);
    // B, who asked for nothing, never learns of it.
    assert_eq!(
        (state(&trace, B, 400_000), verdict(&trace, B)),
        (State::Established, Verdict::Stuck)
    );
}

#[test]
fn keep_alive_is_off_by_default_and_then_no_timer_runs() {
    for base in ["rfc9293", "rfc793", "linux", "freebsd", "macos", "smoltcp"] {
        let trace = lab(base, base, "200ms A send \"hello\"");
        let is_watched =
            |e: &Event| matches!(&e.kind, EventKind::Timer { timer: TimerKind::KeepAlive, .. });
        assert!(!trace.events.iter().any(is_watched), "{base}");
        let [a, _] = trace.at(Time::from_millis(1_000)).hosts;
        assert!(a.connections.iter().all(|c| c.silence.is_none()), "{base}");
    }
}

#[test]
fn keep_alive_asks_a_live_peer_each_idle_time_after_its_answer() {
    let trace = linux("200ms A keep-alive 1s 300ms 2\n9900ms A keep-alive off");
    let probes: Vec<u64> = (0..8).map(|n| 1_200 + n * 1_100).collect();
    let expected: Vec<String> = probes.iter().map(|ms| format!("{ms}ms ACK 1000 5001")).collect();
    assert_eq!(sent(&trace, A, 200), expected);
    assert_eq!(sent(&trace, B, 1_200).len(), 8);
    assert_eq!((state(&trace, A, 400_000), fails(&trace, A)), (State::Established, false));
}

#[test]
fn keep_alive_counts_from_what_was_heard_last() {
    // The answer to text, and text: A hears at 1000 ms, and at 2 s.
    let trace = linux("200ms A keep-alive 1s 1s 3\n900ms A send \"x\"\n1950ms B send \"y\"");
    assert_eq!(sent_by(&trace, A, 0, |r| r == Rule::KeepAliveProbe)[0], "3s ACK 1001 5002");
}

#[test]
fn keep_alive_waits_while_something_is_not_acknowledged_or_not_sent() {
    let lost: String = (3..30).map(|n| format!("drop A{n}\n")).collect();
    let trace = linux(&format!("200ms A keep-alive 1s 1s 3\n210ms A send \"x\"\n{lost}"));
    assert!(sent_by(&trace, A, 0, |r| r == Rule::KeepAliveProbe).is_empty());
    assert!(sent_by(&trace, A, 0, |r| r == Rule::RtoExpired).len() > 8);
    // The window is closed, and the probes of the window are answered.
    let acts = "200ms A keep-alive 1s 1s 3\n210ms A send \"hello\"\n400ms A send \"more\"";
    let trace = lab("linux", "linux reads=off window=5", acts);
    assert!(sent_by(&trace, A, 0, |r| r == Rule::KeepAliveProbe).is_empty());
    assert!(sent_by(&trace, A, 0, |r| r == Rule::WindowProbe).len() > 5);
}

#[test]
fn keep_alive_finds_a_peer_that_has_forgotten() {
    let open = linux("200ms A keep-alive 1s 1s 3\n500ms B reboot");
    assert_eq!(failure(&open, A), "1300ms ECONNRESET [reset]");
    assert_eq!(verdict(&open, A), Verdict::AbortedByPeer);
    let closed = linux("200ms A keep-alive 1s 1s 3\n300ms A shutdown\n500ms B reboot");
    assert_eq!(state(&closed, A, 1_200), State::FinWait2);
    // A heard the ACK of its FIN at 400 ms.
    assert_eq!(failure(&closed, A), "1500ms ECONNRESET [reset]");
    let waiting = linux("300ms A shutdown\n400ms B keep-alive 1s 1s 3\n500ms A reboot");
    assert_eq!(state(&waiting, B, 1_400), State::CloseWait);
    assert_eq!(failure(&waiting, B), "1500ms EPIPE [reset]");
    let rfc =
        lab("rfc9293", "rfc9293", "300ms A shutdown\n400ms B keep-alive 1s 1s 3\n500ms A reboot");
    assert_eq!(failure(&rfc, B), "1500ms ECONNRESET [reset]");
}

#[test]
fn keep_alive_begins_with_the_connection_and_ends_with_it() {
    let early = linux("20ms A keep-alive 1s 1s 3");
    assert_eq!(sent(&early, A, 111)[0], "1110ms ACK 1000 5001");
    // Nobody answers the SYN: that isn't keep-alive's affair.
    let alone = linux("20ms A keep-alive 1s 1s 3\ndrop every A");
    assert!(sent(&alone, A, 0).iter().all(|s| s.contains("SYN")));
    // A is in TIME-WAIT from 600 ms on.
    let over = linux("200ms A keep-alive 1s 1s 3\n300ms A shutdown\n500ms B shutdown");
    assert_eq!(state(&over, A, 10_000), State::TimeWait);
    assert!(sent(&over, A, 601).is_empty());
    // Linux's orphan in FIN-WAIT-2 is a mini-socket, which asks nobody.
    let orphan = linux("200ms A keep-alive 1s 1s 3\n300ms A close");
    assert_eq!(state(&orphan, A, 30_000), State::FinWait2);
    assert!(sent(&orphan, A, 301).is_empty());
}

#[test]
fn keep_alive_as_a_host_has_it() {
    let acts = "drop A3\ndrop A4\ndrop A5\n";
    let own = "keep-alive=on keep-alive-idle=1s keep-alive-interval=2s keep-alive-count=2";
    for (base, last) in [("linux", "5110ms RST,ACK 1001 5001"), ("rfc9293", "5110ms RST 1001")] {
        let trace = lab(&format!("{base} {own}"), "linux", acts);
        assert_eq!(
            sent(&trace, A, 111),
            ["1110ms ACK 1000 5001", "3110ms ACK 1000 5001", last],
            "{base}"
        );
    }
    let passive = lab("linux", &format!("linux {own}"), "drop B2\ndrop B3\ndrop B4");
    assert_eq!(sent(&passive, B, 161)[0], "1160ms ACK 5000 1001");
    let text = format!(
        "time-wait-lab 1\nA linux {own}\nB linux\nstart established 100 300\ndrop every A\nuntil 60s"
    );
    let there = simulate(&parse_scenario(&text).unwrap());
    assert_eq!(sent(&there, A, 0)[0], "1s ACK 99 300");
}

#[test]
fn keep_alive_numbers_of_zero_are_refused() {
    for zero in ["0s 1s 3", "1s 0s 3", "1s 1s 0"] {
        let trace = linux(&format!("200ms A keep-alive {zero}"));
        assert_eq!(returned(&trace, A), Returned::Failed(Errno::EINVAL), "{zero}");
        assert!(sent(&trace, A, 200).is_empty());
    }
}

#[test]
fn keep_alive_of_smoltcp_carries_an_octet_that_nobody_reads() {
    let trace = lab("smoltcp", "linux reads=off", "200ms A keep-alive 1s 1s none\n5s B recv");
    let probe = event(
        &trace,
        A,
        |kind| matches!(kind, EventKind::Sent { segment, .. } if segment.data == [0]),
    );
    assert_eq!((probe.time, probe.rule), (Time::from_millis(1_200), Rule::KeepAliveProbe));
    assert_eq!(returned(&trace, B), Returned::Failed(Errno::EAGAIN));
}

#[test]
fn user_timeout_takes_the_place_of_the_count_of_keep_alive() {
    let lost: String = (3..20).map(|n| format!("drop A{n}\n")).collect();
    let ends = |timeout: &str| {
        let acts = format!("200ms A keep-alive 1s 1s 3\n200ms A user-timeout {timeout}\n{lost}");
        failure(&linux(&acts), A)
    };
    // A heard last at 110 ms.
    assert_eq!(ends("1500ms"), "2200ms ETIMEDOUT [keep-alive-over]");
    assert_eq!(ends("10s"), "10200ms ETIMEDOUT [keep-alive-over]");
    assert_eq!(ends("none"), "4200ms ETIMEDOUT [keep-alive-over]");
}

/// Linux counts from the first time that something was sent again, the tail-loss probe not counted.
#[test]
fn user_timeout_of_text_and_of_a_fin_on_linux() {
    for act in ["send \"lost\"", "shutdown"] {
        let lost: String = (3..12).map(|n| format!("drop A{n}\n")).collect();
        let trace = linux(&format!("200ms A user-timeout 2s\n210ms A {act}\n{lost}"));
        let again = sent_by(&trace, A, 0, |r| r == Rule::RtoExpired);
        // TLP after 2 SRTT + 200 ms, then the timeout of 300 ms, doubled each time.
        assert_eq!(sent_by(&trace, A, 0, |r| r == Rule::TailLossProbe).len(), 1);
        let times: Vec<&str> = again.iter().filter_map(|s| s.split(' ').next()).collect();
        assert_eq!(times, ["810ms", "1410ms", "2610ms"], "{act}");
        assert_eq!(failure(&trace, A), "2810ms ETIMEDOUT [user-timeout]");
        // Silently.
        assert!(sent(&trace, A, 2_611).is_empty());
        assert_eq!(verdict(&trace, A), Verdict::GivenUp);
    }
}

#[test]
fn user_timeout_of_the_rfc_counts_from_the_first_sending() {
    let lost = "210ms A send \"lost\"\ndrop A3\ndrop A4\ndrop A5\ndrop A6";
    let trace = lab("rfc9293", "rfc9293", &format!("200ms A user-timeout 2500ms\n{lost}"));
    assert_eq!(failure(&trace, A), "2710ms ETIMEDOUT [user-timeout]");
    // As a setting of the host; also where not even one timeout fits in.
    let trace = lab("rfc9293 user-timeout=400ms", "rfc9293", lost);
    assert_eq!(failure(&trace, A), "610ms ETIMEDOUT [user-timeout]");
    // What is acknowledged in between is another matter: the second text counts for itself.
    let acts = "200ms A user-timeout 2s\n210ms A send \"one\"\n1s A send \"two\"\n\
                drop A4\ndrop A5\ndrop A6";
    assert_eq!(failure(&lab("rfc9293", "rfc9293", acts), A), "3s ETIMEDOUT [user-timeout]");
}

#[test]
fn user_timeout_of_a_syn() {
    let acts = "20ms A user-timeout 2500ms\ndrop every A";
    let trace = linux(acts);
    assert_eq!(sent(&trace, A, 0).len(), 3);
    assert_eq!(failure(&trace, A), "2510ms ETIMEDOUT [user-timeout]");
    // Linux counts what was sent before the call too, and sends it again once at least.
    let trace = linux("20ms A user-timeout 500ms\ndrop every A");
    assert_eq!(sent(&trace, A, 0), ["10ms SYN 1000", "1010ms SYN 1000"]);
    assert_eq!(failure(&trace, A), "1011ms ETIMEDOUT [user-timeout]");
}

/// A peer that answers each probe of its closed window is given up all the same.
#[test]
fn user_timeout_of_a_closed_window() {
    let acts = "200ms A user-timeout 3s\n210ms A send \"hello\"\n400ms A send \"more\"";
    let trace = lab("linux", "linux reads=off window=5", acts);
    let probes = sent_by(&trace, A, 0, |r| r == Rule::WindowProbe);
    assert_eq!((probes.len(), &*probes[0]), (3, "700ms ACK 1005 5001"));
    assert_eq!(failure(&trace, A), "3700ms ETIMEDOUT [user-timeout]");
    // A window that opens in time ends the count.
    let trace = lab("linux", "linux reads=off window=5", &format!("{acts}\n2s B recv\n3s B recv"));
    assert!(!fails(&trace, A));
}

/// What has waited since before the call counts from its own beginning.
#[test]
fn user_timeout_that_is_set_late() {
    let lost: String = (3..12).map(|n| format!("drop A{n}\n")).collect();
    for (base, end) in [("linux", "3810ms"), ("rfc9293", "3210ms")] {
        let acts = format!("210ms A send \"lost\"\n1700ms A user-timeout 3s\n{lost}");
        let trace = lab(base, base, &acts);
        assert_eq!(failure(&trace, A), format!("{end} ETIMEDOUT [user-timeout]"));
    }
}

#[test]
fn user_timeout_outlasts_the_number_of_retransmissions() {
    let lost: String = (3..20).map(|n| format!("drop A{n}\n")).collect();
    let acts = format!("200ms A user-timeout 20s\n210ms A send \"lost\"\n{lost}");
    assert_eq!(
        failure(&lab("linux retries=2", "linux", &acts), A),
        "20810ms ETIMEDOUT [user-timeout]"
    );
    // None again: the number counts.
    let acts =
        format!("200ms A user-timeout 20s\n205ms A user-timeout none\n210ms A send \"x\"\n{lost}");
    assert!(failure(&lab("linux retries=2", "linux", &acts), A).ends_with("[give-up]"));
}

/// S24. Linux tcp_rcv_state_process returns a reason, and tcp_v4_do_rcv answers the segment with RST.
#[test]
fn linger2_none_resets_as_soon_as_the_fin_is_acknowledged() {
    let close = "200ms A linger2 none\n300ms A close";
    let trace = linux(close);
    assert_eq!(sent(&trace, A, 300), ["300ms FIN,ACK 1001 5001", "400ms RST 1002"]);
    assert_eq!(state(&trace, A, 400), State::Closed);
    assert_eq!(failure(&trace, B), "450ms EPIPE [reset]");
    assert_eq!(verdict(&trace, A), Verdict::Aborted);
    // The RST is lost: B's FIN draws another one.
    let trace = linux(&format!("{close}\ndrop A4\n600ms B shutdown"));
    assert_eq!(sent(&trace, A, 401), ["650ms RST 1002"]);
    assert_eq!(failure(&trace, B), "700ms ECONNRESET [reset]");
    // A FIN that comes with the ACK doesn't help.
    let trace = lab("linux", "linux closes=on", close);
    assert_eq!(sent(&trace, B, 300), ["350ms FIN,ACK 5001 1002"]);
    assert_eq!(sent(&trace, A, 301), ["400ms RST 1002"]);
}

/// Linux tcp_close: in FIN-WAIT-2 it is the close() that sends the RST.
#[test]
fn linger2_none_and_close_in_fin_wait_2() {
    let trace = linux("200ms A linger2 none\n300ms A shutdown\n600ms A close");
    assert_eq!(state(&trace, A, 599), State::FinWait2);
    assert_eq!(sent(&trace, A, 301), ["600ms RST,ACK 1002 5001"]);
    assert_eq!(state(&trace, A, 600), State::Closed);
}

#[test]
fn linger2_is_the_time_of_an_orphan_in_fin_wait_2() {
    let ends = |time: &str| {
        let trace = linux(&format!("200ms A linger2 {time}\n300ms A close"));
        let over = event(&trace, A, |kind| {
            matches!(kind, EventKind::State { from: State::FinWait2, to: State::Closed, .. })
        });
        assert_eq!(over.rule, Rule::FinWait2Over);
        over.time.to_string()
    };
    // A is in FIN-WAIT-2 from 400 ms on.
    assert_eq!(ends("2s"), "2400ms");
    assert_eq!(ends("0s"), "60400ms");
    assert_eq!(ends("500s"), "120400ms");
    // Three and a half timeouts of 300 ms are the least.
    assert_eq!(ends("1ms"), "1450ms");
    let late = linux("200ms A linger2 2s\n300ms A close\n3s B shutdown");
    assert_eq!(sent(&late, A, 301), ["3050ms RST 1002"]);
    assert_eq!(failure(&late, B), "3100ms ECONNRESET [reset]");
    // A program that holds the socket waits as long as it likes.
    let held = linux("200ms A linger2 2s\n300ms A shutdown");
    assert_eq!(state(&held, A, 300_000), State::FinWait2);
}

/// The kernels' record peer_gone_then_data.
#[test]
fn a_peer_that_crashed_answers_text_with_rst() {
    let trace = linux("200ms B reboot\n300ms A send \"anyone\"\n500ms A send \"again\"");
    assert_eq!(sent(&trace, B, 200), ["350ms RST 5001"]);
    assert_eq!(returned(&trace, A), Returned::Failed(Errno::ECONNRESET));
    assert_eq!(verdict(&trace, A), Verdict::AbortedByPeer);
}
