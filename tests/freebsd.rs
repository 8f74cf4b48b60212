//! What FreeBSD and macOS do where they part from the RFC. Each test names its source: a script of
//! FreeBSD's test-suite (freebsd-net/tcp-testsuite, 2026-05; its numbers are kept), or a function of
//! FreeBSD's or XNU's source.
//!
//! The host under test is alone: what it sends is lost, and what it gets is forged.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::wildcard_enum_match_arm, missing_docs)]

use time_wait_lab::tcp::call::{Errno, Fd, Returned};
use time_wait_lab::tcp::event::{EventKind, HostId};
use time_wait_lab::tcp::profile::{Base, Value};
use time_wait_lab::tcp::rule::Rule;
use time_wait_lab::tcp::state::State;
use time_wait_lab::tcp::time::Time;
use time_wait_lab::world::{Trace, parse_scenario, simulate};

/// A run of A, from port 40000 to 80, with ISS 0.
struct Run(Trace);

impl Run {
    /// `lines` after those that every run begins with.
    fn new(stack: Base, lines: &[&str]) -> Run {
        let stack = stack.text();
        let mut text = format!(
            "time-wait-lab 1\nA {stack} iss=0,1000,2000 reads=off accepts=call\nB rfc9293\n\
             wire A 1ms B 1ms\ndrop every A\n"
        );
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        Run(simulate(&parse_scenario(&text).expect(&text)))
    }

    /// The open of the scripts: SYN at 0 s, SYN,ACK at 100 ms; then `lines`.
    fn open(stack: Base, lines: &[&str]) -> Run {
        let open =
            ["0s A connect 80 from 40000", "100ms forge A SYN,ACK 0 ack 1 window 32767 mss 1460"];
        Run::new(stack, &[&open, lines].concat())
    }

    /// In CLOSING from 300 ms on, as in snippets/closing; then `lines`.
    fn closing(stack: Base, lines: &[&str]) -> Run {
        let close = ["200ms A shutdown", "300ms forge A FIN,ACK 1 ack 1 window 32767"];
        Run::open(stack, &[&close, lines].concat())
    }

    /// In LAST-ACK from 201 ms on, as in snippets/last-ack; then `lines`.
    fn last_ack(stack: Base, lines: &[&str]) -> Run {
        let close = ["200ms forge A FIN,ACK 1 ack 1 window 32767", "201ms A shutdown"];
        Run::open(stack, &[&close, lines].concat())
    }

    /// In TIME-WAIT from 300 ms on, as in snippets/time-wait-via-fin-wait-1; then `lines`.
    fn time_wait(stack: Base, lines: &[&str]) -> Run {
        let close = ["200ms A shutdown", "300ms forge A FIN,ACK 1 ack 2 window 32767"];
        Run::open(stack, &[&close, lines].concat())
    }

    /// What A sent after a moment: milliseconds, flags, SEQ and ACK.
    fn sent_at(&self, after_ms: u64) -> Vec<(u64, String)> {
        let later = self.0.events.iter().filter(|e| e.time > Time::from_millis(after_ms));
        later
            .filter_map(|e| match &e.kind {
                EventKind::Sent { name, segment, .. } if name.sender == HostId::A => {
                    let ack = segment.ack.map_or(String::new(), |ack| format!(" ack {ack}"));
                    Some((e.time.0 / 1_000, format!("{} {}{ack}", segment.flags(), segment.seq)))
                }
                _ => None,
            })
            .collect()
    }

    fn sent(&self, after_ms: u64) -> Vec<String> {
        self.sent_at(after_ms).into_iter().map(|(_, segment)| segment).collect()
    }

    /// What A's calls returned, in order.
    fn returned(&self) -> Vec<Returned> {
        let calls = self.0.events.iter().filter(|e| e.rule == Rule::Call);
        calls
            .filter_map(|e| match &e.kind {
                EventKind::Return { returned, .. } => Some(returned.clone()),
                _ => None,
            })
            .collect()
    }

    fn state(&self, ms: u64) -> State {
        self.0.at(Time::from_millis(ms)).hosts[0].state((40_000, 80))
    }

    /// The state of what a listener on port 80 has taken from port 40000.
    fn served(&self, ms: u64) -> State {
        self.0.at(Time::from_millis(ms)).hosts[0].state((80, 40_000))
    }
}

/// A segment from port 40000 for a listener on port 80 of A.
fn knock(at: &str, segment: &str) -> String {
    format!("{at} forge A {segment} from 40000 to 80")
}

const NOTHING: [&str; 0] = [];

// FreeBSD and XNU, tcp_output with tcp_outflags.

#[test]
fn bsd_an_ack_in_closing_carries_the_fin_again() {
    // snippets/closing-ipv4.pkt.
    let lines = ["400ms forge A ACK 2 ack 2 window 32767", "until 30s"];
    for stack in [Base::FreeBsd, Base::MacOs] {
        let run = Run::closing(stack, &lines);
        assert_eq!(run.sent(0), ["ACK 1 ack 1", "FIN,ACK 1 ack 1", "FIN,ACK 1 ack 2"]);
        assert_eq!((run.state(350), run.state(450)), (State::Closing, State::TimeWait));
    }
    assert_eq!(Run::closing(Base::Rfc9293, &lines).sent(250), ["ACK 2 ack 2"]);
}

#[test]
fn bsd_an_ack_in_fin_wait_1_carries_the_fin_behind_the_text_that_is_out() {
    let lines = [
        "200ms A send \"xy\"",
        "201ms A shutdown",
        "210ms forge A ACK 1 ack 1 window 32767 data \"abc\"",
        "until 600ms",
    ];
    assert_eq!(
        Run::open(Base::FreeBsd, &lines).sent_at(205),
        [(250, "FIN,ACK 3 ack 4".to_owned())]
    );
    assert_eq!(Run::open(Base::MacOs, &lines).sent_at(205), [(210, "FIN,ACK 3 ack 4".to_owned())]);
}

#[test]
fn bsd_an_ack_in_last_ack_carries_the_fin_again() {
    let run = Run::last_ack(Base::FreeBsd, &["300ms forge A ACK 1 ack 1", "until 600ms"]);
    assert_eq!(run.sent(250), ["FIN,ACK 1 ack 2"]);
    assert_eq!(run.state(600), State::LastAck);
}

#[test]
fn freebsd_a_challenge_ack_is_bare_and_macos_s_has_the_fin() {
    // rcv-syn-closing-left-edge-secure-ipv4.pkt, tcp_respond; XNU: dropafterack.
    let lines = ["400ms forge A SYN 2 window 32767 mss 1460", "until 600ms"];
    assert_eq!(Run::closing(Base::FreeBsd, &lines).sent(350), ["ACK 2 ack 2"]);
    assert_eq!(Run::closing(Base::MacOs, &lines).sent(350), ["FIN,ACK 1 ack 2"]);
    // rcv-rst-closing-right-edge-secure-ipv4.pkt.
    let lines = ["400ms forge A RST 65536", "until 600ms"];
    assert_eq!(Run::closing(Base::FreeBsd, &lines).sent(350), ["ACK 2 ack 2"]);
}

// FreeBSD and XNU, tcp_do_segment and tcp_input: todrop > tlen.

#[test]
fn bsd_the_ack_of_an_old_segment_ends_last_ack_without_an_answer() {
    // The last lines of snippets/last-ack-ipv4.pkt and of rcv-syn-last-ack-*.pkt.
    for old in ["ACK 1 ack 2", "FIN,ACK 1 ack 2", "ACK 0 ack 2 data \"x\""] {
        for stack in [Base::FreeBsd, Base::MacOs] {
            let old = format!("300ms forge A {old}");
            let run = Run::last_ack(stack, &[&old, "until 600ms"]);
            assert_eq!(run.sent(250), NOTHING, "{old}");
            assert_eq!((run.state(299), run.state(600)), (State::LastAck, State::Closed), "{old}");
        }
    }
    // An ACK of what was never sent isn't used.
    let run = Run::last_ack(Base::FreeBsd, &["300ms forge A ACK 1 ack 9", "until 600ms"]);
    assert_eq!(
        (run.sent(250), run.state(600)),
        (vec!["FIN,ACK 1 ack 2".to_owned()], State::LastAck)
    );
}

#[test]
fn bsd_the_ack_of_an_old_segment_ends_closing_with_the_ack_that_is_due() {
    // tcp_twstart sends the ACK that trimming made due.
    for old in ["ACK 1 ack 2", "FIN,ACK 1 ack 2"] {
        let old = format!("400ms forge A {old}");
        for stack in [Base::FreeBsd, Base::MacOs] {
            let run = Run::closing(stack, &[&old, "until 600ms"]);
            assert_eq!(run.sent(350), ["ACK 2 ack 2"], "{old}");
            assert_eq!(run.state(600), State::TimeWait, "{old}");
        }
    }
}

#[test]
fn table_use_ack_is_what_it_was() {
    let base = "A freebsd iss=0 reads=off sequence-check=table-use-ack fin-in-acks=never\nB rfc9293\n\
                wire A 1ms B 1ms\ndrop every A\n0s A connect 80 from 40000\n\
                100ms forge A SYN,ACK 0 ack 1 window 32767 mss 1460\n\
                200ms forge A FIN,ACK 1 ack 1 window 32767\n201ms A shutdown\n";
    for (old, state) in [("ACK 1 ack 2", State::LastAck), ("FIN,ACK 1 ack 2", State::Closed)] {
        let text = format!("time-wait-lab 1\n{base}300ms forge A {old}\nuntil 400ms\n");
        let run = Run(simulate(&parse_scenario(&text).expect("a scenario")));
        assert_eq!(run.state(400), state, "{old}");
    }
}

// FreeBSD tcp_syncache.c.

#[test]
fn freebsd_a_note_outlives_the_listener() {
    // syncache_timer: the listener isn't looked for, and SYN,ACK goes out three times more.
    let syn = knock("1ms", "SYN 0 window 32767 mss 1460");
    let run = Run::new(Base::FreeBsd, &["0s A listen 80", &syn, "2ms A close fd 1", "until 60s"]);
    let again = "SYN,ACK 0 ack 1".to_owned();
    let times = [1, 1_001, 3_201, 7_401];
    assert_eq!(run.sent_at(0), times.map(|ms| (ms, again.clone())));
    assert_eq!((run.served(15_500), run.served(15_700)), (State::SynReceived, State::Closed));
    // What the peer answers finds no listener.
    let ack = knock("500ms", "ACK 1 ack 1 window 32767");
    let lines = ["0s A listen 80", &syn, "2ms A close fd 1", &ack, "until 900ms"];
    let run = Run::new(Base::FreeBsd, &lines);
    assert_eq!(run.sent(10), ["RST 1"]);
    // A new listener looks into the same syncache.
    let listens = ["0s A listen 80", &syn, "2ms A close fd 1", "3ms A listen 80"];
    let lines = [&listens[..], &[&ack, "600ms A accept", "until 900ms"]].concat();
    let run = Run::new(Base::FreeBsd, &lines);
    assert_eq!((run.sent(10), run.served(900)), (vec![], State::Established));
    assert_eq!(run.returned().pop(), Some(Returned::Descriptor(Fd(3))));
}

#[test]
fn macos_resets_who_is_in_syn_received_when_the_listener_is_closed() {
    // XNU soclose, soabort, tcp_drop.
    let syn = knock("1ms", "SYN 0 window 32767 mss 1460");
    let run = Run::new(Base::MacOs, &["0s A listen 80", &syn, "2ms A close fd 1", "until 60s"]);
    assert_eq!(run.sent_at(1), [(2, "RST,ACK 1 ack 1".to_owned())]);
}

#[test]
fn freebsd_a_note_keeps_no_text() {
    // syncache_add; rcv-syn-fin-with-data-listen-dropping-disabled-ipv4.pkt has the SYN,ACK.
    let syn = knock("1ms", "SYN 17 window 32767 mss 1460 data \"abc\"");
    let ack = knock("50ms", "ACK 18 ack 1 window 32767");
    let lines = ["0s A listen 80", &syn, &ack, "60ms A accept", "70ms A recv", "until 900ms"];
    let run = Run::new(Base::FreeBsd, &lines);
    assert_eq!(run.sent(0), ["SYN,ACK 0 ack 18"]);
    assert_eq!(run.returned().pop(), Some(Returned::Failed(Errno::EAGAIN)));
    let run = Run::new(Base::MacOs, &lines);
    assert_eq!(run.sent(0), ["SYN,ACK 0 ack 18", "ACK 1 ack 21"]);
}

#[test]
fn freebsd_a_listener_drops_a_syn_ack() {
    // rcv-syn-ack-with-data-listen-ipv4.pkt and -without-data- (since 2025-12-01).
    let syn = knock("1100ms", "SYN 0 window 32767 mss 1460");
    for data in ["", " data \"abc\""] {
        let syn_ack = knock("100ms", &format!("SYN,ACK 17 ack 34 window 32767{data}"));
        let lines = ["0s A listen 80", &syn_ack, &syn, "until 1200ms"];
        assert_eq!(Run::new(Base::FreeBsd, &lines).sent(0), ["SYN,ACK 0 ack 1"]);
        // XNU tcp_input, as the RFC.
        assert_eq!(Run::new(Base::MacOs, &lines).sent(0), ["RST 34", "SYN,ACK 0 ack 1"]);
    }
    // rcv-ack-listen and rcv-fin-ack-listen.
    for other in ["ACK 17 ack 34", "FIN,ACK 17 ack 34"] {
        let lines = ["0s A listen 80", &knock("100ms", other), "until 1s"];
        assert_eq!(Run::new(Base::FreeBsd, &lines).sent(0), ["RST 34"]);
    }
}

#[test]
fn freebsd_a_rst_in_closing_and_last_ack_leaves_an_error() {
    // rcv-rst-closing-left-edge-secure-ipv4.pkt, rcv-rst-last-ack-left-edge-secure-ipv4.pkt.
    let lines = ["400ms forge A RST 2", "410ms A so-error", "until 600ms"];
    for open in [Run::closing, Run::last_ack] {
        let run = open(Base::FreeBsd, &lines);
        assert_eq!(run.returned().pop(), Some(Returned::Failed(Errno::ECONNRESET)));
        assert_eq!((run.sent(350), run.state(405)), (vec![], State::Closed));
        // XNU tcp_input closes without an error, as the RFC.
        let run = open(Base::MacOs, &lines);
        assert_eq!((run.returned().pop(), run.state(405)), (Some(Returned::Done), State::Closed));
    }
}

// FreeBSD tcp_twcheck.

#[test]
fn freebsd_time_wait_answers_all_but_the_last_ack_and_what_has_no_ack() {
    let answered = [
        // rcv-ack-time-wait: left-edge, middle, outside-left, right-edge, outside-right.
        "ACK 1 ack 2",
        "ACK 3 ack 2",
        "ACK 65536 ack 2",
        "ACK 65537 ack 2",
        // The ACK counts too, and text.
        "ACK 2 ack 1",
        "ACK 2 ack 3",
        "ACK 2 ack 2 data \"x\"",
        // rcv-fin-ack-time-wait, rcv-syn-ack-time-wait.
        "FIN,ACK 3 ack 2",
        "FIN,ACK 1 ack 2",
        "SYN,ACK 2 ack 2",
        "SYN,ACK 3 ack 2",
    ];
    // The last ACK once more; rcv-fin-time-wait; rcv-rst-time-wait; a SYN that isn't greater.
    let silent =
        ["ACK 2 ack 2", "FIN 1", "FIN 2", "FIN 3", "FIN 65537", "none 1", "RST 2", "SYN 2"];
    let answers = answered.iter().map(|segment| (segment, vec!["ACK 2 ack 2".to_owned()]));
    for (segment, answer) in answers.chain(silent.iter().map(|segment| (segment, vec![]))) {
        let line = format!("400ms forge A {segment}");
        let run = Run::time_wait(Base::FreeBsd, &[&line, "until 600ms"]);
        assert_eq!((run.sent(350), run.state(600)), (answer, State::TimeWait), "{segment}");
    }
}

#[test]
fn freebsd_a_fin_again_restarts_2msl_whatever_its_timestamp() {
    // tcp_twcheck: PAWS is left out.
    let lines = |again: &str| {
        let open = [
            "0s A connect 80 from 40000",
            "100ms forge A SYN,ACK 0 ack 1 window 32767 timestamps 5000 0 mss 1460",
            "200ms A shutdown",
            "300ms forge A FIN,ACK 1 ack 2 window 32767 timestamps 5200 0",
        ];
        let again = format!("10300ms forge A {again}");
        Run::new(Base::FreeBsd, &[&open[..], &[&again, "until 100s"]].concat())
    };
    for (again, sent, ends) in [
        ("FIN,ACK 1 ack 2 timestamps 15200 0", 1, 70_300),
        ("FIN,ACK 1 ack 2 timestamps 100 0", 1, 70_300),
        ("ACK 1 ack 2 timestamps 15200 0", 1, 60_300),
        // RFC 7323 §3.2.
        ("FIN,ACK 1 ack 2", 0, 60_300),
    ] {
        let run = lines(again);
        assert_eq!(run.sent(9_000).len(), sent, "{again}");
        let states = (run.state(ends - 1), run.state(ends));
        assert_eq!(states, (State::TimeWait, State::Closed), "{again}");
    }
}

// XNU tcp_input, the TCPS_TIME_WAIT cases.

#[test]
fn macos_a_fin_again_is_answered_and_restarts_nothing() {
    let run = Run::time_wait(Base::MacOs, &["10300ms forge A FIN,ACK 1 ack 2", "until 60s"]);
    assert_eq!(run.sent(9_000), ["ACK 2 ack 2"]);
    assert_eq!((run.state(30_299), run.state(30_300)), (State::TimeWait, State::Closed));
}

#[test]
fn macos_new_text_resets_time_wait() {
    let run = Run::time_wait(Base::MacOs, &["400ms forge A ACK 2 ack 2 data \"x\"", "until 1s"]);
    assert_eq!((run.sent(350), run.state(500)), (vec!["RST 2".to_owned()], State::Closed));
    let run = Run::time_wait(Base::MacOs, &["400ms forge A ACK 1 ack 2 data \"x\"", "until 1s"]);
    assert_eq!((run.sent(350), run.state(500)), (vec!["ACK 2 ack 2".to_owned()], State::TimeWait));
}

#[test]
fn macos_only_a_syn_beyond_the_window_ends_time_wait() {
    for (seq, answer, state) in [
        (2, "ACK 2 ack 2", State::TimeWait),
        (3, "ACK 2 ack 2", State::TimeWait),
        (65_537, "ACK 2 ack 2", State::TimeWait),
        (65_538, "RST,ACK 0 ack 65539", State::Closed),
    ] {
        let syn = format!("400ms forge A SYN {seq} window 1000");
        let run = Run::time_wait(Base::MacOs, &[&syn, "until 1s"]);
        assert_eq!((run.sent(350), run.state(500)), (vec![answer.to_owned()], state), "{seq}");
    }
}

#[test]
fn so_error_of_a_listener_is_0_on_every_stack() {
    // snippets/listen-ipv4.pkt; POSIX getsockopt.
    for stack in Base::ALL {
        let run = Run::new(*stack, &["0s A listen 80", "100ms A so-error fd 1", "until 1s"]);
        assert_eq!(run.returned(), [Returned::Descriptor(Fd(1)), Returned::Done], "{stack}");
    }
}

// FreeBSD tcp_do_segment in SYN-SENT and SYN-RECEIVED.

#[test]
fn freebsd_the_text_of_a_syn_that_crosses_ours_is_read_and_acknowledged_later() {
    // rcv-syn-with-data-syn-sent-ipv4.pkt.
    let crossed = [
        "0s A connect 80 from 40000",
        "100ms forge A SYN 0 window 32767 mss 1460 data \"abc\"",
        "110ms A recv",
        "200ms forge A ACK 4 ack 1 window 65535",
        "201ms A recv",
    ];
    let closes = ["210ms A close", "211ms forge A FIN,ACK 4 ack 2 window 32767", "until 300ms"];
    let run = Run::new(Base::FreeBsd, &[&crossed[..], &closes].concat());
    assert_eq!(run.sent(0), ["SYN,ACK 0 ack 1", "FIN,ACK 1 ack 4", "ACK 2 ack 5"]);
    let returned = run.returned();
    assert_eq!(returned.get(1), Some(&Returned::Failed(Errno::EAGAIN)));
    let Some(Returned::Octets(chunks)) = returned.get(2) else { panic!("{returned:?}") };
    assert_eq!(chunks.iter().map(|chunk| chunk.octets.len()).sum::<usize>(), 3);
    let run = Run::new(Base::FreeBsd, &[&crossed[..], &["until 300ms"]].concat());
    assert_eq!(run.sent_at(150), [(240, "ACK 1 ack 4".to_owned())]);
}

#[test]
fn freebsd_the_fin_of_a_syn_that_crosses_ours_is_lost() {
    // rcv-syn-fin-with-data-syn-sent-dropping-disabled-ipv4.pkt: the FIN that A sends acknowledges
    // the text alone, and the peer's has to come again.
    let lines = [
        "0s A connect 80 from 40000",
        "100ms forge A SYN,FIN 0 window 32767 mss 1460 data \"abc\"",
        "101ms forge A ACK 4 ack 1 window 32767",
        "110ms A close",
        "120ms forge A FIN,ACK 4 ack 2 window 32767",
        "until 300ms",
    ];
    let run = Run::new(Base::FreeBsd, &lines);
    assert_eq!(run.sent(0), ["SYN,ACK 0 ack 1", "FIN,ACK 1 ack 4", "ACK 2 ack 5"]);
    // -without-data-: the FIN that comes again counts at once.
    let lines = [
        "0s A connect 80 from 40000",
        "100ms forge A SYN,FIN 0 window 32767 mss 1460",
        "101ms forge A FIN,ACK 1 ack 1 window 32767",
        "110ms A close",
        "until 300ms",
    ];
    let run = Run::new(Base::FreeBsd, &lines);
    assert_eq!(run.sent(0), ["SYN,ACK 0 ack 1", "ACK 1 ack 2", "FIN,ACK 1 ack 2"]);
    assert_eq!(run.state(105), State::CloseWait);
}

#[test]
fn rfc_the_text_and_the_fin_of_a_syn_that_crosses_ours_count() {
    // RFC 9293 §3.10.7.3, fourth: queued for processing once the connection is established.
    let lines = [
        "0s A connect 80 from 40000",
        "100ms forge A SYN,FIN 0 window 32767 mss 1460 data \"abc\"",
        "101ms forge A ACK 5 ack 1 window 32767",
        "until 300ms",
    ];
    let run = Run::new(Base::Rfc9293, &lines);
    assert_eq!(
        (run.sent(100).pop(), run.state(300)),
        (Some("ACK 1 ack 5".to_owned()), State::CloseWait)
    );
}

#[test]
fn freebsd_one_ack_waits_40_ms_and_the_next_text_sends_it() {
    // FreeBSD tcp_input.c, DELAY_ACK; tcp_timer.h, TCPTV_DELACK.
    let lines = [
        "200ms forge A ACK 1 ack 1 window 32767 data \"abc\"",
        "300ms forge A ACK 4 ack 1 window 32767 data \"abc\"",
        "310ms forge A ACK 7 ack 1 window 32767 data \"abc\"",
        "400ms forge A FIN,ACK 10 ack 1 window 32767 data \"abc\"",
        "until 600ms",
    ];
    let sent = [(240, "ACK 1 ack 4"), (310, "ACK 1 ack 10"), (400, "ACK 1 ack 14")];
    let sent = sent.map(|(ms, segment)| (ms, segment.to_owned()));
    assert_eq!(Run::open(Base::FreeBsd, &lines).sent_at(150), sent);
    // With a SYN,ACK too: tcp_do_segment in SYN-SENT.
    let lines = [
        "0s A connect 80 from 40000",
        "100ms forge A SYN,ACK 0 ack 1 window 32767 mss 1460 data \"abc\"",
        "until 300ms",
    ];
    let sent = Run::new(Base::FreeBsd, &lines).sent_at(0);
    assert_eq!(sent, [(140, "ACK 1 ack 4".to_owned())]);
}

#[test]
fn bsd_what_fails_paws_without_text_draws_nothing() {
    // FreeBSD tcp_do_segment and XNU tcp_input: dropafterack only with text.
    for (old, answers) in
        [("FIN,ACK 1 ack 1", 0), ("ACK 1 ack 1", 0), ("ACK 1 ack 1 data \"x\"", 1)]
    {
        for stack in [Base::FreeBsd, Base::MacOs] {
            let (segment, data) = old.split_once(" data").map_or((old, ""), |(s, d)| (s, d));
            let data = if data.is_empty() { String::new() } else { format!(" data{data}") };
            let old = format!("200ms forge A {segment} timestamps 100 0{data}");
            let lines = [
                "0s A connect 80 from 40000",
                "100ms forge A SYN,ACK 0 ack 1 window 32767 timestamps 5000 0 mss 1460",
                &old,
                "until 600ms",
            ];
            let run = Run::new(stack, &lines);
            assert_eq!(run.sent(150).len(), answers, "{old}");
            assert_eq!(run.state(600), State::Established, "{old}");
        }
    }
}

#[test]
fn bsd_a_fin_is_taken_where_the_window_is_zero() {
    // FreeBSD tcp_do_segment and XNU tcp_input: a FIN isn't in tlen, so nothing of it lies beyond.
    let text = "abcd".repeat(4);
    let fill = format!("200ms forge A ACK 1 ack 1 window 32767 data \"{text}\"");
    for stack in ["freebsd", "macos"] {
        let head = format!(
            "time-wait-lab 1\nA {stack} iss=0 reads=off window=16\nB rfc9293\nwire A 1ms B 1ms"
        );
        let lines = "drop every A\n0s A connect 80 from 40000\n\
                     100ms forge A SYN,ACK 0 ack 1 window 32767 mss 1460\n";
        let end = "400ms forge A FIN,ACK 17 ack 1 window 32767\nuntil 600ms\n";
        let text = format!("{head}\n{lines}{fill}\n{end}");
        let run = Run(simulate(&parse_scenario(&text).expect(&text)));
        assert_eq!(run.state(600), State::CloseWait, "{stack}");
    }
}

// A SYN that nobody answers.

#[test]
fn freebsd_connect_ends_after_75_s() {
    // tcp_timer_rexmt, TCPT_RANGESET, tcp_timer_keep; snd-syn-rtx-drop-options-ipv4.pkt has 1.00 and
    // 2.20 s.
    let run =
        Run::new(Base::FreeBsd, &["0s A connect 80 from 40000", "76s A so-error", "until 300s"]);
    let times: Vec<u64> = run.sent_at(0).into_iter().map(|(ms, _)| ms).collect();
    assert_eq!(times, [1_000, 3_200, 7_400, 15_600, 31_800, 64_000]);
    assert_eq!((run.state(74_999), run.state(75_000)), (State::SynSent, State::Closed));
    assert_eq!(run.returned().pop(), Some(Returned::Failed(Errno::ETIMEDOUT)));
}

#[test]
fn macos_connect_ends_after_75_s() {
    // XNU tcp_syn_backoff, TCP_ADD_REXMTSLOP, TCPT_KEEP.
    let run =
        Run::new(Base::MacOs, &["0s A connect 80 from 40000", "76s A so-error", "until 300s"]);
    let times: Vec<u64> = run.sent_at(0).into_iter().map(|(ms, _)| ms / 1_000).collect();
    assert_eq!(times, [1, 2, 3, 4, 5, 7, 11, 19, 35, 67]);
    assert_eq!((run.state(74_999), run.state(75_000)), (State::SynSent, State::Closed));
    assert_eq!(run.returned().pop(), Some(Returned::Failed(Errno::ETIMEDOUT)));
}

#[test]
fn bsd_the_peer_of_a_crossing_open_is_told_when_connect_ends() {
    // tcp_drop: a RST where the peer's SYN has come.
    let lines =
        ["0s A connect 80 from 40000", "500ms forge A SYN 0 window 32767 mss 1460", "until 300s"];
    for stack in [Base::FreeBsd, Base::MacOs] {
        let last = Run::new(stack, &lines).sent_at(0).pop();
        assert_eq!(last, Some((75_000, "RST,ACK 1 ack 1".to_owned())), "{stack}");
    }
}

#[test]
fn freebsd_200_ms_come_to_the_doubled_timeout() {
    // TCP_REXMTVAL is 100 ms and four times 50; TCPT_RANGESET.
    let run = Run::open(Base::FreeBsd, &["200ms A shutdown", "until 6s"]);
    let times: Vec<u64> = run.sent_at(150).into_iter().map(|(ms, _)| ms).collect();
    assert_eq!(times, [200, 700, 1_500, 2_900, 5_500]);
}

#[test]
fn macos_close_with_octets_unread_resets() {
    // XNU tcp_disconnect.
    let lines =
        ["200ms forge A ACK 1 ack 1 window 32767 data \"abc\"", "300ms A close", "until 1s"];
    assert_eq!(Run::open(Base::MacOs, &lines).sent(250), ["RST,ACK 1 ack 4"]);
    // FreeBSD tcp_disconnect flushes them.
    assert_eq!(
        Run::open(Base::FreeBsd, &lines).sent_at(250)[0],
        (300, "FIN,ACK 1 ack 4".to_owned())
    );
}
