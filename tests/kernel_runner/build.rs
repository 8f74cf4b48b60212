//! From a record to the scenario that has the same causes: profiles from the sysctls, calls, fates,
//! injected segments, ISNs and clocks. Nothing of the outcome goes in.

use std::collections::BTreeMap;

use serde_json::Value;
use time_wait_lab::tcp::call::{Accepts, Application};
use time_wait_lab::tcp::call::{Call, Fd, KeepAlive};
use time_wait_lab::tcp::event::{HostId, SegmentName};
use time_wait_lab::tcp::profile::{Base, Ports, Profile, TimeWaitRst, TwReuse};
use time_wait_lab::tcp::segment::{Segment, Timestamps};
use time_wait_lab::tcp::seq::Seq;
use time_wait_lab::tcp::time::{Span, Time};
use time_wait_lab::world::{Act, Fate, HostSetup, Scenario, Start, Target, When, Wire};

use super::record::{Called, Record, Seg, What, micros};

/// What the recorder added to the wire's delay: a segment arrived when its loop came round, 2 ms
/// late at least. It decides whether what takes two delays comes before a delayed ACK of 40 ms.
const LATE: f64 = 0.002;

/// What the recorded kernels added to a timeout: they count 250 jiffies a second, and a timer comes
/// at least one late (round trip and minimum are rounded up, timer_list rounds up once more).
const JIFFY: Span = Span::from_millis(4);

/// How long the run goes on after the record ends, so that what comes late is seen to come.
const AFTERWARDS: f64 = 3.0;

/// The scenario of a record.
pub fn scenario(record: &Record) -> Scenario {
    let delay = Span(micros(record.one_way_delay_s + LATE));
    let hosts = HostId::BOTH.map(|host| setup(record, host));
    Scenario {
        hosts,
        wire: Wire { delay: [delay; 2], lifetime: None },
        start: Start::Closed,
        acts: Acts::new(record).all(record),
        until: Time(micros(record.ended + AFTERWARDS)),
    }
}

fn setup(record: &Record, host: HostId) -> HostSetup {
    let mut profile = Profile::new(Base::Linux);
    for (name, value) in record.sysctls.get(&host).into_iter().flatten() {
        sysctl(&mut profile, name.trim_start_matches("net.ipv4."), value);
    }
    profile.rto_min = profile.rto_min + JIFFY;
    HostSetup {
        profile,
        application: Application { reads: false, accepts: Accepts::ByCall, closes: false },
        iss: isns(record, host),
        clock: clock(record, host),
    }
}

fn number(value: &Value) -> u32 {
    let text = value.as_str().map(str::to_owned).unwrap_or_else(|| value.to_string());
    text.trim().parse().unwrap_or_else(|_| panic!("not a number: {value}"))
}

/// What a sysctl means for the profile.
fn sysctl(profile: &mut Profile, name: &str, value: &Value) {
    match name {
        "tcp_timestamps" => profile.timestamps = number(value) != 0,
        "tcp_sack" => profile.sack = number(value) != 0,
        "tcp_early_retrans" => profile.tail_loss_probe = number(value) >= 3,
        "tcp_max_tw_buckets" => profile.max_time_wait = Some(number(value)),
        "tcp_rfc1337" if number(value) != 0 => profile.time_wait_rst = TimeWaitRst::Ignored,
        "tcp_rfc1337" => {}
        "tcp_fin_timeout" => profile.fin_wait_2 = Some(Span::from_secs(number(value).into())),
        "tcp_tw_reuse" => {
            profile.tw_reuse = match number(value) {
                0 => TwReuse::Off,
                1 => TwReuse::On,
                _ => TwReuse::Loopback,
            }
        }
        "tcp_tw_reuse_delay" => {
            profile.tw_reuse_delay = Span::from_millis(number(value).into());
        }
        "tcp_syn_retries" => profile.syn_retries = Some(number(value)),
        "tcp_syn_linear_timeouts" => profile.syn_linear = number(value),
        "tcp_synack_retries" => profile.syn_ack_retries = Some(number(value)),
        "tcp_retries2" => profile.retries = Some(number(value)),
        // Linux tcp_orphan_retries: 0 means 8.
        "tcp_orphan_retries" if number(value) == 0 => profile.orphan_retries = Some(8),
        "tcp_orphan_retries" => profile.orphan_retries = Some(number(value)),
        "tcp_rto_min_us" => profile.rto_min = Span(number(value).into()),
        "tcp_rto_max_ms" => profile.rto_max = Span::from_millis(number(value).into()),
        "tcp_invalid_ratelimit" => {
            profile.challenge_limit =
                Some(number(value)).filter(|n| *n > 0).map(|n| Span::from_millis(n.into()));
        }
        "ip_local_port_range" => {
            let text = value.as_str().unwrap_or_else(|| panic!("not a range: {value}"));
            let ports: Vec<u16> = text.split_whitespace().filter_map(|p| p.parse().ok()).collect();
            profile.ephemeral_ports = Ports { first: ports[0], last: ports[1] };
        }
        // Nothing that the model has depends on these.
        "tcp_window_scaling"
        | "tcp_ecn"
        | "tcp_dsack"
        | "tcp_moderate_rcvbuf"
        | "tcp_fastopen"
        | "tcp_slow_start_after_idle"
        | "tcp_no_metrics_save" => {}
        _ => panic!("unknown sysctl {name}"),
    }
}

/// The ISNs that the host's generator gave, in order. One that lies 65537 above what the host had
/// sent is no fruit of the generator: a TIME-WAIT was taken over (PROTOCOL §12.1), and whether the
/// engine does that too is its own affair.
fn isns(record: &Record, host: HostId) -> Vec<Seq> {
    let mut given: Vec<(u16, u32)> = Vec::new();
    let mut highest: BTreeMap<(u16, u16), u32> = BTreeMap::new();
    let mut isns = Vec::new();
    for seg in own(record, host) {
        let ports = (seg.sport, seg.dport);
        let end = seg
            .abs_seq
            .wrapping_add(seg.len)
            .wrapping_add(u32::from(seg.has("SYN")) + u32::from(seg.has("FIN")));
        if seg.has("SYN") && !given.contains(&(seg.sport ^ seg.dport, seg.abs_seq)) {
            given.push((seg.sport ^ seg.dport, seg.abs_seq));
            let step = highest.get(&ports).map(|end| end.wrapping_add(65_537));
            if step != Some(seg.abs_seq) {
                isns.push(Seq(seg.abs_seq));
            }
            highest.insert(ports, end);
        } else if !seg.has("RST") {
            let known = highest.entry(ports).or_insert(end);
            if end.wrapping_sub(*known) < 1 << 31 {
                *known = end;
            }
        }
    }
    isns
}

/// The timestamp clock at the start of the run, from the host's first timestamp.
fn clock(record: &Record, host: HostId) -> u32 {
    let first = record.events.iter().find_map(|event| match &event.what {
        What::Segment(seg) if seg.from == host && seg.fate() != "inject" => {
            seg.opts.tsval.map(|value| (event.t, value))
        }
        _ => None,
    });
    first.map_or(0, |(t, value)| value.wrapping_sub((t * 1e3) as u32))
}

/// SOCK_MIN_RCVBUF, as setsockopt() takes it.
const LEAST_BUFFER: u32 = 2_304;

/// Whether a host tells a closed window although the record has no receive buffer for its
/// listener: then its program set one on the connection, by a call that wasn't recorded.
fn closes_window(record: &Record, host: HostId) -> bool {
    let buffered = record.events.iter().any(|event| match &event.what {
        What::Call(called) => {
            let asked = called.args.get(3).and_then(Value::as_u64).unwrap_or(0);
            called.host == host && called.call == "listen" && asked > 0
        }
        What::Segment(_) | What::State { .. } => false,
    });
    !buffered && own(record, host).any(|seg| seg.win == 0 && !seg.has("RST"))
}

/// The segments that a host sent itself.
pub fn own(record: &Record, host: HostId) -> impl Iterator<Item = &Seg> {
    record.events.iter().filter_map(move |event| match &event.what {
        What::Segment(seg) if seg.from == host && seg.fate() != "inject" => Some(seg.as_ref()),
        _ => None,
    })
}

/// Names for everything the record mentions, as the engine will name it.
pub struct Names {
    sent: [u32; 2],
    forged: [u32; 2],
    copies: BTreeMap<SegmentName, u32>,
    kept: BTreeMap<String, SegmentName>,
}

impl Names {
    /// Nothing is named yet.
    pub fn new() -> Names {
        Names { sent: [0; 2], forged: [0; 2], copies: BTreeMap::new(), kept: BTreeMap::new() }
    }

    /// The next segment that a host sends itself.
    pub fn sent(&mut self, seg: &Seg) -> SegmentName {
        let count = &mut self.sent[seg.from.index()];
        *count += 1;
        let name = SegmentName { sender: seg.from, forged: false, number: *count, copy: 1 };
        if seg.fate() == "copy" {
            self.kept.insert(seg.label().to_owned(), name);
        }
        name
    }

    /// One more copy of a segment.
    pub fn copy(&mut self, name: SegmentName) -> SegmentName {
        let copy = self.copies.entry(name).or_insert(1);
        *copy += 1;
        SegmentName { copy: *copy, ..name }
    }

    /// The segment whose copy was kept under a label.
    pub fn kept(&self, label: &str) -> Option<SegmentName> {
        self.kept.get(label).copied()
    }

    /// The next forged segment with this sender's address.
    pub fn forged(&mut self, from: HostId) -> SegmentName {
        let count = &mut self.forged[from.other().index()];
        *count += 1;
        SegmentName { sender: from, forged: true, number: *count, copy: 1 }
    }
}

struct Acts {
    names: Names,
    scales: BTreeMap<(HostId, u16), u32>,
    fds: BTreeMap<(HostId, String), Fd>,
    keep_alive: BTreeMap<(HostId, String), (bool, KeepAlive)>,
    made: [u32; 2],
    delay: f64,
}

impl Acts {
    fn new(record: &Record) -> Acts {
        Acts {
            names: Names::new(),
            scales: BTreeMap::new(),
            fds: BTreeMap::new(),
            keep_alive: BTreeMap::new(),
            made: [0; 2],
            delay: record.one_way_delay_s,
        }
    }

    fn all(mut self, record: &Record) -> Vec<Act> {
        let mut acts = Vec::new();
        for event in &record.events {
            match &event.what {
                What::Call(called) => {
                    acts.push(self.call(event.t, called));
                    if called.call == "accept" && closes_window(record, called.host) {
                        acts.push(self.least_buffer(event.t, called));
                    }
                }
                What::Segment(seg) if seg.fate() == "inject" => {
                    acts.push(self.inject(event.t, seg))
                }
                What::Segment(seg) => acts.extend(self.fate(seg)),
                What::State { .. } => {}
            }
        }
        acts
    }

    fn fate(&mut self, seg: &Seg) -> Vec<Act> {
        if let Some(scale) = seg.opts.wscale {
            self.scales.insert((seg.from, seg.sport), scale);
        }
        let name = self.names.sent(seg);
        let act = |fate| Act::Fate { target: Target::Named { name, expected: None }, fate };
        let late = |total: f64| When::After(Span(micros(total - self.delay)));
        let delays = seg.delays();
        match (seg.fate(), delays.as_slice()) {
            ("drop", _) => vec![act(Fate::Drop)],
            ("copy", _) => vec![act(Fate::Keep)],
            ("deliver" | "delay", [total, ..]) if (total - self.delay).abs() > 1e-6 => {
                vec![act(Fate::Delay(late(*total)))]
            }
            ("deliver" | "delay", _) => Vec::new(),
            ("dup", list) => {
                let extra = if list.len() > 1 { &list[1..] } else { list };
                let mut acts: Vec<Act> = Vec::new();
                for total in extra {
                    self.names.copy(name);
                    acts.push(act(Fate::Duplicate(late(*total))));
                }
                if extra.is_empty() {
                    self.names.copy(name);
                    acts.push(act(Fate::Duplicate(When::After(Span::ZERO))));
                }
                acts
            }
            (other, _) => panic!("unknown fate {other}"),
        }
    }

    fn inject(&mut self, t: f64, seg: &Seg) -> Act {
        if let Some(name) = self.names.kept(seg.label()) {
            self.names.copy(name);
            return Act::Release { at: Time(micros(t)), name };
        }
        let scale = |from: HostId, port: u16| self.scales.get(&(from, port)).copied();
        let shift = match (scale(seg.from, seg.sport), scale(seg.from.other(), seg.dport)) {
            (Some(own), Some(_)) if !seg.has("SYN") => own,
            _ => 0,
        };
        let stamps =
            seg.opts.tsval.map(|value| Timestamps { value, echo: seg.opts.tsecr.unwrap_or(0) });
        let segment = Segment {
            source_port: seg.sport,
            destination_port: seg.dport,
            seq: Seq(seg.abs_seq),
            ack: seg.has("ACK").then_some(Seq(seg.abs_ack)),
            syn: seg.has("SYN"),
            fin: seg.has("FIN"),
            rst: seg.has("RST"),
            window: seg.win << shift,
            timestamps: stamps,
            mss: seg.opts.mss,
            sack_permitted: seg.opts.sackok,
            data: seg.data.as_bytes().to_vec(),
            ..Segment::default()
        };
        Act::Forge { at: Time(micros(t + self.delay + LATE)), to: seg.from.other(), segment }
    }

    /// The program gave what it accepted the least receive buffer: Linux raises this to its minimum.
    fn least_buffer(&self, t: f64, called: &Called) -> Act {
        let name = called.args.get(1).and_then(Value::as_str).unwrap_or("");
        let fd = self.fds.get(&(called.host, name.to_owned())).copied();
        let call = Call::ReceiveBuffer(LEAST_BUFFER);
        Act::Call { at: Time(micros(t)), host: called.host, fd, call }
    }

    fn new_fd(&mut self, host: HostId, name: &str) {
        let made = &mut self.made[host.index()];
        *made += 1;
        self.fds.insert((host, name.to_owned()), Fd(*made));
    }

    fn call(&mut self, t: f64, called: &Called) -> Act {
        let host = called.host;
        let text = |place: usize| called.args.get(place).and_then(Value::as_str).unwrap_or("");
        let fd = self.fds.get(&(host, text(0).to_owned())).copied();
        let call = match called.call.as_str() {
            "opt" => self.option(called),
            _ => meaning(called),
        };
        let opens = matches!(call, Call::Listen { .. } | Call::Connect { .. });
        // A failed accept() makes no descriptor.
        let accepts = call == Call::Accept && called.result.as_str() == Some("ok");
        if opens || accepts {
            self.new_fd(host, text(usize::from(accepts)));
        }
        let fd = if opens { None } else { fd };
        assert!(opens || fd.is_some() || call == Call::Exit, "no socket for {called:?}");
        Act::Call { at: Time(micros(t)), host, fd, call }
    }
}

/// What is sent: the octets, or as many as a number says.
fn octets(sent: Option<&Value>) -> Vec<u8> {
    let count = sent.and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
    count.map_or_else(
        || sent.and_then(Value::as_str).unwrap_or("").as_bytes().to_vec(),
        |count| vec![b'x'; count],
    )
}

impl Acts {
    /// setsockopt(). The three numbers of keep-alive are calls of their own in a record; one that
    /// comes while it is off does nothing but to be remembered.
    fn option(&mut self, called: &Called) -> Call {
        let int = |place: usize| called.args[place].as_i64().expect("a number");
        let seconds = |value: i64| Span::from_secs(u64::try_from(value).expect("a length"));
        let name = called.args[0].as_str().expect("a name").to_owned();
        // Linux's own: 7200 s, 75 s, 9.
        let usual = KeepAlive {
            idle: Span::from_secs(7200),
            interval: Span::from_secs(75),
            count: Some(9),
        };
        let (on, options) = self.keep_alive.entry((called.host, name)).or_insert((false, usual));
        match (int(1), int(2), int(3)) {
            (1, 9, value) => *on = value != 0,
            (6, 4, value) => options.idle = seconds(value),
            (6, 5, value) => options.interval = seconds(value),
            (6, 6, value) => options.count = u32::try_from(value).ok(),
            (6, 18, value) => {
                return Call::UserTimeout(u64::try_from(value).ok().map(Span::from_millis));
            }
            (6, 8, value) => return Call::Linger2((value >= 0).then(|| seconds(value))),
            other => panic!("unknown option {other:?}"),
        }
        Call::KeepAlive(on.then_some(*options))
    }
}

/// The call that a recorded one is.
fn meaning(called: &Called) -> Call {
    let text = |place: usize| called.args.get(place).and_then(Value::as_str).unwrap_or("");
    let int = |place: usize| called.args.get(place).and_then(Value::as_u64);
    let port = |place: usize| int(place).and_then(|p| u16::try_from(p).ok()).unwrap_or(0);
    match called.call.as_str() {
        "listen" => Call::Listen {
            port: port(2),
            reuse_address: int(4) != Some(0),
            receive_buffer: int(3).and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
        },
        "connect" => Call::Connect {
            local_port: port(1),
            remote_port: port(3),
            reuse_address: int(4).unwrap_or(0) != 0,
        },
        "accept" => Call::Accept,
        "connected" | "so_error" => Call::SoError,
        "send" => Call::Send { data: octets(called.args.get(1)), more: false },
        "send_more" => Call::Send { data: text(1).as_bytes().to_vec(), more: true },
        "recv" => Call::Recv,
        "shutdown_wr" => Call::ShutdownWrite,
        "shutdown_rd" => Call::ShutdownRead,
        "shutdown_rdwr" | "shutdown_both" | "shutdown" => Call::ShutdownBoth,
        "linger0" => Call::LingerZero,
        "close" => Call::Close,
        "exit" => Call::Exit,
        "vanish" => Call::Reboot,
        other => panic!("unknown call {other}"),
    }
}
