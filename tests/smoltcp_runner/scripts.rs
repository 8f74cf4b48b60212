//! The scripts: what the programs do, and what is done to the segments of each.

use time_wait_lab::tcp::event::HostId::{self, A, B};

use super::Op::{Abort, Close, Connect, Listen, Recv, Send};
use super::{Fate, Op, Script, Tuning};

/// smoltcp's sockets as they are set: without delays, with Nagle, and as they are by default.
pub const TUNINGS: [Tuning; 3] = [
    Tuning { name: "plain", ack_delay: None, nagle: false, reads: false },
    Tuning { name: "nagle", ack_delay: None, nagle: true, reads: false },
    Tuning { name: "default", ack_delay: Some(10), nagle: true, reads: true },
];

type Calls = Vec<(u64, HostId, Op)>;

const FULL: u32 = 65_535;

/// The calls of a script: B listens and A connects, then these.
fn after(calls: &[(u64, HostId, Op)]) -> Calls {
    let mut all = vec![(0, B, Listen(FULL)), (0, A, Connect(40_000, 80))];
    all.extend_from_slice(calls);
    all
}

/// Both have closed and read by 3 s.
fn closed_by(host: HostId) -> Calls {
    vec![(300, host, Close), (600, host.other(), Close)]
}

/// Every script by name.
pub fn all() -> Vec<(&'static str, Calls)> {
    [opens(), transfers(), closes(), aborts(), reopens()].concat()
}

fn opens() -> Vec<(&'static str, Calls)> {
    vec![
        ("open", after(&[])),
        ("refused", vec![(0, A, Connect(40_000, 80))]),
        ("listen late", vec![(0, A, Connect(40_000, 80)), (400, B, Listen(FULL))]),
        ("open at once", vec![(0, A, Connect(40_000, 41_000)), (0, B, Connect(41_000, 40_000))]),
        (
            "open at once and close",
            vec![
                (0, A, Connect(40_000, 41_000)),
                (10, B, Connect(41_000, 40_000)),
                (500, A, Close),
                (800, B, Close),
            ],
        ),
        ("close in SYN-SENT", after(&[(20, A, Close)])),
        ("close in SYN-RECEIVED", after(&[(60, B, Close), (400, A, Close)])),
    ]
}

fn transfers() -> Vec<(&'static str, Calls)> {
    let read = [(20_000, A, Recv), (20_000, B, Recv)];
    let with = |calls: &[(u64, HostId, Op)]| {
        let mut all = after(calls);
        all.extend_from_slice(&read);
        all
    };
    vec![
        ("one segment", with(&[(200, A, Send(5))])),
        ("A sends", with(&[(200, A, Send(6 * 1_460 + 300))])),
        ("B sends", with(&[(200, B, Send(4 * 1_460))])),
        ("both send", with(&[(200, A, Send(3 * 1_460)), (200, B, Send(2 * 1_460 + 1))])),
        ("ask and answer", with(&[(200, A, Send(40)), (300, B, Send(2_000)), (500, A, Send(50))])),
        (
            "small sends",
            with(&[(200, A, Send(10)), (210, A, Send(20)), (220, A, Send(30)), (400, A, Send(40))]),
        ),
        ("sends in a row", with(&[(200, A, Send(10)), (200, A, Send(1_460)), (200, A, Send(10))])),
    ]
}

fn closes() -> Vec<(&'static str, Calls)> {
    let sends = |calls: &[(u64, HostId, Op)]| after(calls);
    vec![
        ("A closes first", after(&closed_by(A))),
        ("B closes first", after(&closed_by(B))),
        ("both close at once", after(&[(300, A, Close), (300, B, Close)])),
        ("B closes just after", after(&[(300, A, Close), (320, B, Close)])),
        ("B closes with the FIN", after(&[(300, A, Close), (350, B, Close)])),
        ("close twice", after(&[(300, A, Close), (310, A, Close), (600, B, Close)])),
        (
            "half-close",
            sends(&[(300, A, Close), (500, B, Send(2_000)), (800, B, Close), (9_000, A, Recv)]),
        ),
        (
            "half-close by B",
            sends(&[(300, B, Close), (500, A, Send(3_000)), (800, A, Close), (9_000, B, Recv)]),
        ),
        (
            "send and close",
            sends(&[(300, A, Send(100)), (300, A, Close), (500, B, Close), (9_000, B, Recv)]),
        ),
        (
            "send much and close",
            sends(&[(300, A, Send(5_000)), (300, A, Close), (700, B, Close), (9_000, B, Recv)]),
        ),
        (
            "close with data queued",
            sends(&[
                (300, A, Send(100)),
                (310, A, Send(200)),
                (320, A, Send(50)),
                (330, A, Close),
                (700, B, Close),
                (9_000, B, Recv),
            ]),
        ),
        (
            "both send and close",
            sends(&[
                (300, A, Send(2_000)),
                (300, B, Send(1_000)),
                (320, A, Close),
                (330, B, Close),
                (9_000, A, Recv),
                (9_000, B, Recv),
            ]),
        ),
        ("only A closes", after(&[(300, A, Send(10)), (400, A, Close)])),
    ]
}

fn aborts() -> Vec<(&'static str, Calls)> {
    vec![
        ("abort in SYN-SENT", after(&[(20, A, Abort)])),
        ("abort in SYN-RECEIVED", after(&[(60, B, Abort)])),
        ("A aborts", after(&[(300, A, Abort)])),
        ("B aborts", after(&[(300, B, Abort)])),
        ("abort with data on the way", after(&[(300, A, Send(3_000)), (310, A, Abort)])),
        ("abort in FIN-WAIT-1", after(&[(300, A, Close), (310, A, Abort)])),
        ("abort in FIN-WAIT-2", after(&[(300, A, Close), (450, A, Abort)])),
        ("abort in CLOSE-WAIT", after(&[(300, A, Close), (450, B, Abort)])),
        ("abort in CLOSING", after(&[(300, A, Close), (300, B, Close), (360, A, Abort)])),
        ("abort in LAST-ACK", after(&[(300, A, Close), (450, B, Close), (460, B, Abort)])),
        ("abort in TIME-WAIT", after(&[(300, A, Close), (450, B, Close), (900, A, Abort)])),
        ("both abort", after(&[(300, A, Abort), (300, B, Abort)])),
        ("abort and send", after(&[(300, A, Abort), (310, B, Send(100))])),
    ]
}

fn reopens() -> Vec<(&'static str, Calls)> {
    let again = |first: HostId, at: u64, port: u16| {
        let mut calls = after(&closed_by(first));
        calls.extend([
            (at, A, Connect(port, 80)),
            (at + 25_000, A, Send(700)),
            (at + 25_500, B, Recv),
            (at + 26_203, A, Close),
            (at + 27_307, B, Close),
        ]);
        calls
    };
    vec![
        ("reopen after TIME-WAIT", again(A, 12_000, 40_000)),
        ("reopen from another port", again(A, 1_000, 40_001)),
        ("reopen into the TIME-WAIT of B", again(B, 1_000, 40_000)),
        ("reopen after an abort", {
            let mut calls = after(&[(300, A, Abort)]);
            calls.extend([(320, A, Connect(40_000, 80)), (900, A, Send(10)), (950, A, Close)]);
            calls
        }),
    ]
}

/// A script and every variation of it; `counts` says how many segments each host sends undisturbed.
pub fn variations(name: &str, tuning: Tuning, calls: &Calls, counts: [usize; 2]) -> Vec<Script> {
    let make = |what: String, fates: &[(HostId, usize, Fate)]| Script {
        name: format!("{name}, {}{what}", tuning.name),
        tuning,
        calls: calls.clone(),
        fates: fates.to_vec(),
    };
    let sent = |host: HostId| (1..=counts[host.index()]).map(move |n| (host, n));
    let each: Vec<(HostId, usize)> = HostId::BOTH.into_iter().flat_map(sent).collect();
    let mut scripts = Vec::new();
    for (host, n) in &each {
        let (host, n) = (*host, *n);
        scripts.push(make(format!(", {host}{n} lost"), &[(host, n, Fate::Drop)]));
        for micros in [20_000, 700_000, 1_500_000] {
            let ms = micros / 1_000;
            scripts
                .push(make(format!(", {host}{n} {ms} ms late"), &[(host, n, Fate::Delay(micros))]));
            scripts.push(make(
                format!(", {host}{n} twice, {ms} ms"),
                &[(host, n, Fate::Duplicate(micros))],
            ));
        }
        let two = [(host, n, Fate::Drop), (host, n + 1, Fate::Drop)];
        scripts.push(make(format!(", {host}{n} and {host}{} lost", n + 1), &two));
        if host == A {
            for (other, m) in sent(B) {
                let both = [(host, n, Fate::Drop), (other, m, Fate::Drop)];
                scripts.push(make(format!(", {host}{n} and {other}{m} lost"), &both));
            }
        }
    }
    scripts
}
