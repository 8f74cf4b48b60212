//! What Linux does at its socket API and beyond the recorded traces: the facts S01 to S25 of
//! PROTOCOL §23 that the model can express, and variants that were looked up on 6.18.44.
//!
//! S12 (SO_LINGER with a time) and the zero-window probe's exact time in S21 have no place in the
//! model; S24 (TCP_LINGER2) is in tests/silence.rs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::wildcard_enum_match_arm, missing_docs)]

use time_wait_lab::tcp::call::{Accepts, Application};
use time_wait_lab::tcp::call::{Call, Errno, Fd, Returned};
use time_wait_lab::tcp::event::{EventKind, HostId, SegmentName};
use time_wait_lab::tcp::profile::{Base, Ports, Profile, TwReuse};
use time_wait_lab::tcp::rule::Rule;
use time_wait_lab::tcp::segment::{Segment, Timestamps};
use time_wait_lab::tcp::seq::Seq;
use time_wait_lab::tcp::state::State;
use time_wait_lab::tcp::time::{Span, Time};
use time_wait_lab::world::{Act, Fate, HostSetup, Scenario, Target, Trace, simulate};

use HostId::{A, B};

const LISTENER: Fd = Fd(1);
const SERVER: Fd = Fd(2);
const CLIENT: Fd = Fd(1);

/// Two Linux hosts 20 ms apart; B listens on 80, A connects from 40000, B accepts at 150 ms.
struct Lab(Scenario);

impl Lab {
    fn bare(change: impl FnOnce(&mut Profile, &mut Profile)) -> Lab {
        let mut scenario = Scenario::new(Base::Linux);
        scenario.wire.delay = [Span::from_millis(20); 2];
        scenario.until = Time::from_millis(130_000);
        let [a, b] = &mut scenario.hosts;
        for (host, iss) in [(&mut *a, 1_000), (&mut *b, 5_000)] {
            host.application =
                Application { reads: false, accepts: Accepts::ByCall, closes: false };
            host.iss = (0..8).map(|n| Seq(iss + n * 1_000_000)).collect();
            host.clock = 1_000;
        }
        let (HostSetup { profile: a, .. }, HostSetup { profile: b, .. }) = (a, b);
        change(a, b);
        Lab(scenario)
    }

    fn with(change: impl FnOnce(&mut Profile, &mut Profile)) -> Lab {
        Lab::bare(change).listen(1, false).connect(2, 40_000, false).call(
            150,
            B,
            LISTENER,
            Call::Accept,
        )
    }

    fn new() -> Lab {
        Lab::with(|_, _| {})
    }

    fn act(mut self, ms: u64, host: HostId, fd: Option<Fd>, call: Call) -> Lab {
        self.0.acts.push(Act::Call { at: Time::from_millis(ms), host, fd, call });
        self
    }

    fn call(self, ms: u64, host: HostId, fd: Fd, call: Call) -> Lab {
        self.act(ms, host, Some(fd), call)
    }

    fn listen(self, ms: u64, reuse_address: bool) -> Lab {
        self.act(ms, B, None, Call::Listen { port: 80, reuse_address, receive_buffer: 0 })
    }

    fn connect(self, ms: u64, local_port: u16, reuse_address: bool) -> Lab {
        self.act(ms, A, None, Call::Connect { local_port, remote_port: 80, reuse_address })
    }

    fn send(self, ms: u64, host: HostId, fd: Fd, text: &str) -> Lab {
        self.call(ms, host, fd, Call::Send { data: text.as_bytes().to_vec(), more: false })
    }

    fn lose(mut self, sender: HostId, number: u32) -> Lab {
        let name = SegmentName { sender, forged: false, number, copy: 1 };
        let target = Target::Named { name, expected: None };
        self.0.acts.push(Act::Fate { target, fate: Fate::Drop });
        self
    }

    fn forge(mut self, ms: u64, to: HostId, segment: Segment) -> Lab {
        self.0.acts.push(Act::Forge { at: Time::from_millis(ms), to, segment });
        self
    }

    /// A closes at 300 ms, B at 400 ms: A is in TIME-WAIT from 440 ms on.
    fn closed_by_a(self) -> Lab {
        self.call(300, A, CLIENT, Call::Close).call(400, B, SERVER, Call::Close)
    }

    /// B closes first: B is in TIME-WAIT from 420 ms on.
    fn closed_by_b(self) -> Lab {
        self.call(300, B, SERVER, Call::Close).call(400, A, CLIENT, Call::Close)
    }

    fn run(mut self) -> Run {
        self.0.acts.sort_by_key(|act| match act {
            Act::Call { at, .. } | Act::Forge { at, .. } | Act::Release { at, .. } => *at,
            Act::Fate { .. } => Time::START,
        });
        Run(simulate(&self.0))
    }
}

struct Run(Trace);

impl Run {
    /// What a host's calls returned, in order.
    fn returned(&self, host: HostId) -> Vec<Returned> {
        let events = self.0.events.iter().filter(|e| e.host == Some(host) && e.rule == Rule::Call);
        events
            .filter_map(|e| match &e.kind {
                EventKind::Return { returned, .. } => Some(returned.clone()),
                _ => None,
            })
            .collect()
    }

    fn last(&self, host: HostId) -> Returned {
        self.returned(host).pop().expect("a call")
    }

    /// What a host sent from a moment on: flags, SEQ and ACK.
    fn sent(&self, host: HostId, from_ms: u64) -> Vec<(String, u32, Option<u32>)> {
        self.sent_at(host, from_ms).into_iter().map(|(_, segment)| brief(&segment)).collect()
    }

    fn sent_at(&self, host: HostId, from_ms: u64) -> Vec<(u64, Segment)> {
        let events = self.0.events.iter().filter(|e| e.time >= Time::from_millis(from_ms));
        events
            .filter_map(|e| match &e.kind {
                EventKind::Sent { name, segment, .. } if name.sender == host => {
                    Some((e.time.0 / 1_000, segment.clone()))
                }
                _ => None,
            })
            .collect()
    }

    fn state(&self, host: HostId, ms: u64) -> State {
        let ports = if host == A { (40_000, 80) } else { (80, 40_000) };
        self.0.at(Time::from_millis(ms)).hosts[host.index()].state(ports)
    }
}

fn brief(segment: &Segment) -> (String, u32, Option<u32>) {
    (segment.flags().to_string(), segment.seq.0, segment.ack.map(|ack| ack.0))
}

fn seg(flags: &str, seq: u32, ack: Option<u32>) -> (String, u32, Option<u32>) {
    (flags.to_owned(), seq, ack)
}

fn failed(errno: Errno) -> Returned {
    Returned::Failed(errno)
}

fn one_port(profile: &mut Profile) {
    profile.ephemeral_ports = Ports { first: 40_000, last: 40_000 };
}

#[test]
fn kernel_s01_bind_to_a_port_in_time_wait_fails() {
    let run = Lab::new().closed_by_b().call(800, B, LISTENER, Call::Close).listen(810, false).run();
    assert_eq!(run.last(B), failed(Errno::EADDRINUSE));
}

#[test]
fn kernel_s02_so_reuseaddr_on_both_lets_bind_succeed() {
    let lab = Lab::bare(|_, _| {}).listen(1, true).connect(2, 40_000, false);
    let lab = lab.call(150, B, LISTENER, Call::Accept).closed_by_b();
    let run = lab.call(800, B, LISTENER, Call::Close).listen(810, true).run();
    assert_eq!(run.last(B), Returned::Descriptor(Fd(3)));
    assert_eq!(run.state(B, 900), State::TimeWait);
}

#[test]
fn kernel_s03_a_time_wait_takes_the_only_port() {
    for policy in [TwReuse::Off, TwReuse::Loopback] {
        let lab = Lab::with(|a, _| {
            one_port(a);
            a.tw_reuse = policy;
        });
        let run = lab.closed_by_a().connect(500, 0, false).connect(1_800, 0, false).run();
        let returned = run.returned(A);
        assert_eq!(returned[2..], [failed(Errno::EADDRNOTAVAIL), failed(Errno::EADDRNOTAVAIL)]);
    }
}

#[test]
fn kernel_s04_tw_reuse_takes_over_after_a_second() {
    let lab = Lab::with(|a, _| {
        one_port(a);
        a.tw_reuse = TwReuse::On;
    });
    let run = lab.closed_by_a().connect(500, 0, false).connect(1_800, 0, false).run();
    let returned = run.returned(A);
    assert_eq!(returned[2..], [failed(Errno::EADDRNOTAVAIL), failed(Errno::EINPROGRESS)]);
    // ISS = old ISS + 65539: only SYN and FIN were sent.
    assert_eq!(run.sent(A, 1_800)[0], seg("SYN", 1_000 + 65_539, None));
}

#[test]
fn kernel_s05_tw_reuse_needs_timestamps() {
    let lab = Lab::with(|a, b| {
        one_port(a);
        a.tw_reuse = TwReuse::On;
        (a.timestamps, b.timestamps) = (false, false);
    });
    let run = lab.closed_by_a().connect(1_800, 0, false).run();
    assert_eq!(run.last(A), failed(Errno::EADDRNOTAVAIL));
}

#[test]
fn kernel_s06_tw_reuse_leaves_an_orphan_in_fin_wait_2_alone() {
    let lab = Lab::with(|a, _| {
        one_port(a);
        a.tw_reuse = TwReuse::On;
    });
    let run = lab.call(300, A, CLIENT, Call::Close).connect(1_800, 0, false).run();
    assert_eq!(run.state(A, 1_700), State::FinWait2);
    assert_eq!(run.last(A), failed(Errno::EADDRNOTAVAIL));
}

#[test]
fn kernel_s07_a_bound_port_takes_over_at_once() {
    let lab = Lab::bare(|a, _| a.tw_reuse = TwReuse::Off).listen(1, false);
    let lab = lab.connect(2, 40_000, true).call(150, B, LISTENER, Call::Accept).closed_by_a();
    let run = lab.connect(500, 40_000, true).run();
    assert_eq!(run.last(A), failed(Errno::EINPROGRESS));
}

#[test]
fn kernel_s08_but_not_without_timestamps() {
    let lab = Lab::bare(|a, b| (a.timestamps, b.timestamps) = (false, false)).listen(1, false);
    let lab = lab.connect(2, 40_000, true).call(150, B, LISTENER, Call::Accept).closed_by_a();
    assert_eq!(lab.connect(500, 40_000, true).run().last(A), failed(Errno::EADDRNOTAVAIL));
}

#[test]
fn kernel_s09_linger_zero_resets_in_four_states() {
    let linger =
        |lab: Lab| lab.call(500, A, CLIENT, Call::LingerZero).call(501, A, CLIENT, Call::Close);
    let shut = || Lab::new().call(300, A, CLIENT, Call::ShutdownWrite);
    let cases = [
        (linger(Lab::new()), 1_001, 5_001),
        (linger(Lab::new().call(300, B, SERVER, Call::Close)), 1_001, 5_002),
        (linger(shut().lose(A, 3).lose(A, 4).lose(A, 5)), 1_002, 5_001),
        (linger(shut()), 1_002, 5_001),
    ];
    for (lab, seq, ack) in cases {
        let run = lab.run();
        assert_eq!(run.sent(A, 501)[0], seg("RST,ACK", seq, Some(ack)));
        assert_eq!(run.state(A, 502), State::Closed);
    }
}

#[test]
fn kernel_s10_linger_zero_in_closing_and_last_ack_sends_nothing() {
    let crossed = Lab::new()
        .call(300, A, CLIENT, Call::ShutdownWrite)
        .call(301, B, SERVER, Call::ShutdownWrite)
        .lose(A, 4)
        .lose(B, 3);
    let last_ack = Lab::new()
        .call(250, B, SERVER, Call::ShutdownWrite)
        .call(300, A, CLIENT, Call::ShutdownWrite)
        .lose(A, 4);
    for (lab, state) in [(crossed, State::Closing), (last_ack, State::LastAck)] {
        let run =
            lab.call(340, A, CLIENT, Call::LingerZero).call(341, A, CLIENT, Call::Close).run();
        assert_eq!(run.state(A, 340), state);
        assert_eq!(run.state(A, 342), State::Closed);
        assert!(run.sent_at(A, 341).iter().all(|(at, _)| *at > 341));
    }
}

#[test]
fn kernel_s11_linger_zero_leaves_time_wait_alone() {
    let lab =
        Lab::new().call(300, A, CLIENT, Call::ShutdownWrite).call(400, B, SERVER, Call::Close);
    let run = lab.call(600, A, CLIENT, Call::LingerZero).call(601, A, CLIENT, Call::Close).run();
    assert_eq!(run.state(A, 30_000), State::TimeWait);
    assert_eq!(run.sent(A, 601), []);
}

#[test]
fn kernel_s13_close_with_text_unread_resets_even_behind_the_peers_fin() {
    let lab = Lab::new().send(200, A, CLIENT, "HELLO").call(210, A, CLIENT, Call::ShutdownWrite);
    let run = lab.call(400, B, SERVER, Call::Close).run();
    assert_eq!(run.sent(B, 400), [seg("RST,ACK", 5_001, Some(1_007))]);
}

#[test]
fn kernel_s13_also_behind_a_fin_of_its_own() {
    // Linux __tcp_close: text unread, whatever the state.
    let lab = Lab::new().send(200, A, CLIENT, "HELLO").call(210, A, CLIENT, Call::ShutdownWrite);
    let lab = lab.call(400, B, SERVER, Call::ShutdownWrite).lose(B, 4);
    let run = lab.call(500, B, SERVER, Call::Close).run();
    assert_eq!(run.state(B, 450), State::LastAck);
    assert_eq!(run.sent(B, 500)[0], seg("RST,ACK", 5_002, Some(1_007)));
}

#[test]
fn kernel_s14_close_with_only_the_fin_unread_is_a_normal_close() {
    let lab = Lab::new().call(300, A, CLIENT, Call::Close).call(500, B, SERVER, Call::Close);
    assert_eq!(lab.run().sent(B, 500), [seg("FIN,ACK", 5_001, Some(1_002))]);
}

#[test]
fn kernel_s15_after_shut_rd_text_is_still_taken() {
    let lab = Lab::new().call(200, B, SERVER, Call::ShutdownRead).send(300, A, CLIENT, "HELLO");
    let run = lab.call(400, B, SERVER, Call::Recv).run();
    assert_eq!(run.sent(B, 200), [seg("ACK", 5_001, Some(1_006))]);
    assert!(matches!(run.last(B), Returned::Octets(_)));
}

#[test]
fn kernel_s16_after_shut_rdwr_text_draws_rst_and_the_socket_shows_it() {
    let lab = Lab::new().call(300, A, CLIENT, Call::ShutdownBoth).send(500, B, SERVER, "X");
    let run = lab.call(700, A, CLIENT, Call::Recv).run();
    assert_eq!(run.sent(A, 500), [seg("RST", 1_002, None)]);
    assert_eq!(run.last(A), failed(Errno::ECONNRESET));
}

#[test]
fn kernel_s17_fin_wait_2_with_a_descriptor_has_no_timer() {
    let lab = Lab::new().call(300, A, CLIENT, Call::ShutdownWrite).send(100_000, B, SERVER, "LATE");
    let run = lab.call(100_100, A, CLIENT, Call::Recv).run();
    assert_eq!(run.state(A, 99_000), State::FinWait2);
    assert_eq!(run.sent(A, 100_000), [seg("ACK", 1_002, Some(5_005))]);
    assert!(matches!(run.last(A), Returned::Octets(_)));
}

#[test]
fn kernel_s18_then_close_starts_tcp_fin_timeout() {
    let lab = Lab::new().call(300, A, CLIENT, Call::ShutdownWrite);
    let run = lab.call(10_000, A, CLIENT, Call::Close).run();
    assert_eq!(run.state(A, 69_900), State::FinWait2);
    assert_eq!(run.state(A, 70_100), State::Closed);
}

#[test]
fn kernel_s18_and_text_draws_rst() {
    let lab = Lab::new().call(300, A, CLIENT, Call::Close).send(1_000, B, SERVER, "X");
    let run = lab.run();
    assert_eq!(run.sent(A, 1_000), [seg("RST", 1_002, None)]);
    assert_eq!(run.state(A, 1_100), State::Closed);
}

#[test]
fn kernel_s19_tcp_fin_timeout_is_not_the_length_of_time_wait() {
    let short = || Lab::with(|a, _| a.fin_wait_2 = Some(Span::from_secs(10)));
    let run = short().call(300, A, CLIENT, Call::Close).run();
    assert_eq!(run.state(A, 10_100), State::FinWait2);
    assert_eq!(run.state(A, 10_500), State::Closed);
    let run = short().call(300, A, CLIENT, Call::Close).call(9_000, B, SERVER, Call::Close).run();
    assert_eq!(run.state(A, 68_900), State::TimeWait);
    assert_eq!(run.state(A, 69_100), State::Closed);
}

#[test]
fn kernel_s20_no_buckets_no_time_wait() {
    let none = |a: &mut Profile| a.max_time_wait = Some(0);
    // A socket closed with shutdown() skips TIME-WAIT; the FIN again draws RST.
    let lab = Lab::with(|a, _| none(a)).call(300, A, CLIENT, Call::ShutdownWrite);
    let run = lab.call(400, B, SERVER, Call::Close).lose(A, 4).run();
    assert_eq!(run.state(A, 450), State::Closed);
    assert_eq!(run.sent(A, 430), [seg("RST", 1_002, None)]);
    // A close()d one vanishes in FIN-WAIT-2.
    let run = Lab::with(|a, _| none(a)).call(300, A, CLIENT, Call::Close).run();
    assert_eq!(run.state(A, 500), State::Closed);
}

#[test]
fn kernel_s21_with_a_closed_window_the_fin_waits_and_probes_leave() {
    let lab = Lab::with(|_, b| b.window = 10);
    let run = lab.send(200, A, CLIENT, "0123456789").call(400, A, CLIENT, Call::Close).run();
    assert_eq!(run.state(A, 1_500), State::FinWait1);
    let sent = run.sent(A, 400);
    assert!(sent.len() > 1);
    assert!(sent.iter().all(|s| *s == seg("ACK", 1_010, Some(5_001))), "{sent:?}");
}

#[test]
fn kernel_s22_errors_of_a_reset_by_state() {
    let rst = |to: HostId, seq: u32| {
        let (source_port, destination_port) = if to == A { (80, 40_000) } else { (40_000, 80) };
        Segment { source_port, destination_port, seq: Seq(seq), rst: true, ..Segment::default() }
    };
    let shut = |lab: Lab, ms, host, fd| lab.call(ms, host, fd, Call::ShutdownWrite);
    let close_wait = shut(Lab::new(), 300, B, SERVER).forge(500, A, rst(A, 5_002));
    let fin_wait_2 = shut(Lab::new(), 300, A, CLIENT).forge(500, A, rst(A, 5_001));
    let last_ack = shut(shut(Lab::new(), 300, B, SERVER), 400, A, CLIENT).lose(A, 4);
    let last_ack = last_ack.forge(430, A, rst(A, 5_002));
    let cases = [
        (close_wait, Errno::EPIPE),
        (fin_wait_2, Errno::ECONNRESET),
        (last_ack, Errno::ECONNRESET),
    ];
    for (lab, errno) in cases {
        let run = lab.call(600, A, CLIENT, Call::SoError).call(610, A, CLIENT, Call::SoError).run();
        let returned = run.returned(A);
        assert_eq!(returned[returned.len() - 2..], [failed(errno), Returned::Done]);
    }
}

#[test]
fn kernel_s23_no_listener_refuses() {
    let run =
        Lab::bare(|_, _| {}).connect(2, 40_000, false).call(100, A, CLIENT, Call::SoError).run();
    assert_eq!(run.last(A), failed(Errno::ECONNREFUSED));
    assert_eq!(run.sent(B, 0), [seg("RST,ACK", 0, Some(1_001))]);
}

#[test]
fn kernel_s25_a_bound_port_takes_over_an_orphan_in_fin_wait_2() {
    let lab = Lab::bare(|a, _| a.tw_reuse = TwReuse::Off).listen(1, false);
    let lab = lab.connect(2, 40_000, true).call(150, B, LISTENER, Call::Accept);
    let lab = lab.call(300, A, CLIENT, Call::Close).connect(500, 40_000, true);
    let run = lab.run();
    assert_eq!(run.last(A), failed(Errno::EINPROGRESS));
    let (_, syn) = &run.sent_at(A, 500)[0];
    // What the old connection remembered of B stands in TSecr.
    assert!(syn.syn && syn.timestamps.is_some_and(|stamps| stamps.echo > 1_000));
}

#[test]
fn kernel_a_timeout_sends_text_and_fin_in_one_segment() {
    // Linux tcp_retrans_try_collapse.
    let lab = Lab::with(|a, _| a.sack = false).send(200, A, CLIENT, "HELLO");
    let run = lab.call(205, A, CLIENT, Call::Close).lose(A, 3).lose(A, 4).run();
    let (_, again) = run.sent_at(A, 300)[0].clone();
    assert_eq!(brief(&again), seg("FIN,ACK", 1_001, Some(5_001)));
    assert_eq!(again.data, b"HELLO");
}

#[test]
fn kernel_the_probe_sends_what_nagle_holds_back() {
    // Linux tcp_send_loss_probe: new text first.
    let lab = Lab::new().send(200, A, CLIENT, "ONE").send(300, A, CLIENT, "TWO").lose(A, 3);
    let sent = lab.run().sent_at(A, 301);
    let texts: Vec<&[u8]> = sent.iter().map(|(_, s)| s.data.as_slice()).collect();
    assert_eq!(texts[..2], [&b"TWO"[..], &b"ONE"[..]]);
}

#[test]
fn kernel_syn_again_draws_syn_ack_again() {
    // Linux tcp_check_req: the last ACK of the handshake and a dup SYN, once in 500 ms.
    let run = Lab::new().lose(A, 2).forge(100, B, syn()).forge(200, B, syn()).run();
    let answers = run.sent(B, 90).into_iter().filter(|s| s.0 == "SYN,ACK").count();
    assert_eq!(answers, 1 + run.sent(B, 900).into_iter().filter(|s| s.0 == "SYN,ACK").count());
}

fn syn() -> Segment {
    let (source_port, destination_port) = (40_000, 80);
    Segment { source_port, destination_port, seq: Seq(1_000), syn: true, ..Segment::default() }
}

#[test]
fn kernel_send_while_connecting_would_block() {
    let run = Lab::bare(|_, _| {}).listen(1, false).connect(2, 40_000, false);
    assert_eq!(run.send(3, A, CLIENT, "EARLY").run().last(A), failed(Errno::EAGAIN));
}

#[test]
fn kernel_time_wait_has_no_socket_to_shut_down() {
    // Linux inet_shutdown finds TCP_CLOSE.
    let lab =
        Lab::new().call(300, A, CLIENT, Call::ShutdownWrite).call(400, B, SERVER, Call::Close);
    let run = lab.call(700, A, CLIENT, Call::ShutdownWrite).run();
    assert_eq!(run.last(A), failed(Errno::ENOTCONN));
    assert_eq!(run.state(A, 800), State::TimeWait);
}

#[test]
fn kernel_a_closed_listener_forgets_requests_and_resets_connections() {
    let lab = Lab::bare(|_, _| {}).listen(1, false).connect(2, 40_000, false);
    let run = lab.call(50, B, LISTENER, Call::Close).run();
    assert_eq!(run.sent(B, 50), [seg("RST", 5_001, None)]);
    let lab = Lab::bare(|_, _| {}).listen(1, false).connect(2, 40_000, false);
    let run = lab.call(200, B, LISTENER, Call::Close).run();
    assert_eq!(run.sent(B, 50), [seg("RST,ACK", 5_001, Some(1_001))]);
}

/// A segment for a host, of the connection between the ports 40000 and 80.
fn forged(to: HostId, seq: u32, ack: Option<u32>) -> Segment {
    let (source_port, destination_port) = if to == A { (80, 40_000) } else { (40_000, 80) };
    let ack = ack.map(Seq);
    Segment { source_port, destination_port, seq: Seq(seq), ack, ..Segment::default() }
}

/// A RST for A with a timestamp of before the connection.
fn late_rst(seq: u32) -> Segment {
    let timestamps = Some(Timestamps { value: 10, echo: 0 });
    Segment { rst: true, timestamps, ..forged(A, seq, None) }
}

/// B's FIN once more.
fn fin_again() -> Segment {
    Segment { fin: true, ..forged(A, 5_001, Some(1_002)) }
}

#[test]
fn kernel_a_syn_ack_in_time_wait_is_answered_and_restarts_it() {
    // Looked up on 6.18.44: wherever its SEQ lies. A's answer is lost, for B would reset it.
    for seq in [5_002, 5_102, 1_005_002, 5_001, 4_902] {
        let syn_ack = || Segment { syn: true, ..forged(A, seq, Some(1_002)) };
        let lab = Lab::new().closed_by_a().lose(A, 5);
        // The second within 500 ms isn't answered, and restarts it all the same.
        let run = lab.forge(30_000, A, syn_ack()).forge(30_300, A, syn_ack()).run();
        assert_eq!(run.sent(A, 30_000), [seg("ACK", 1_002, Some(5_002))], "{seq}");
        assert_eq!(run.state(A, 90_299), State::TimeWait, "{seq}");
        assert_eq!(run.state(A, 90_301), State::Closed, "{seq}");
    }
}

#[test]
fn kernel_an_old_timestamp_holds_a_rst_off_for_a_minute() {
    // Looked up on 6.18.44 (TCP_PAWS_MSL), with a FIN that comes again to keep TIME-WAIT.
    let lab = Lab::new().closed_by_a().forge(40_000, A, fin_again()).lose(A, 5);
    let run = lab.forge(57_000, A, late_rst(5_002)).forge(62_000, A, late_rst(5_002)).run();
    assert_eq!(run.state(A, 61_999), State::TimeWait);
    assert_eq!(run.state(A, 62_001), State::Closed);
}

#[test]
fn kernel_an_old_timestamp_holds_a_rst_off_an_orphan_for_a_minute() {
    for (closed, state) in [(30_000, State::FinWait2), (62_000, State::Closed)] {
        let lab = Lab::new().call(300, A, CLIENT, Call::ShutdownWrite);
        let lab = lab.call(closed, A, CLIENT, Call::Close).forge(closed + 100, A, late_rst(5_001));
        assert_eq!(lab.run().state(A, closed + 200), state);
    }
}

#[test]
fn kernel_tw_reuse_delay_counts_from_the_entry() {
    // Looked up on 6.18.44 (tw_entry_stamp): a restart of TIME-WAIT doesn't put it off.
    for (at, errno) in [(1_420, Errno::EADDRNOTAVAIL), (1_421, Errno::EINPROGRESS)] {
        let lab = Lab::with(|a, _| {
            one_port(a);
            a.tw_reuse = TwReuse::On;
        });
        let lab = lab.closed_by_a().forge(1_200, A, fin_again()).lose(A, 5);
        let run = lab.connect(at, 0, false).run();
        assert_eq!(run.sent(A, 1_200)[0], seg("ACK", 1_002, Some(5_002)));
        assert_eq!(run.last(A), failed(errno), "{at}");
    }
}

#[test]
fn linux_time_wait_comes_back_where_the_switch_says_so() {
    // Linux itself never does (D06). The SYN is an old one: A answers the SYN,ACK with RST; or
    // another SYN ends what it opened.
    let syn = |seq| Segment { syn: true, ..forged(B, seq, None) };
    let lab = |returns| {
        let lab = Lab::with(|_, b| b.time_wait_return = returns).closed_by_b();
        lab.forge(1_000, B, syn(2_000_000))
    };
    for lab in [lab(true), lab(true).forge(1_010, B, syn(2_000_100))] {
        let run = lab.run();
        assert_eq!(run.state(B, 1_005), State::SynReceived);
        assert_eq!(run.state(B, 1_041), State::TimeWait);
        assert_eq!(run.state(B, 60_419), State::TimeWait);
        assert_eq!(run.state(B, 60_421), State::Listen);
    }
    assert_eq!(lab(false).run().state(B, 1_041), State::Listen);
}
