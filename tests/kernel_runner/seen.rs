//! What a record and a run have in common, in one form: segments with their last cause, results of
//! calls, and states.

use std::collections::BTreeMap;

use serde_json::Value;
use time_wait_lab::tcp::call::{Call, Returned};
use time_wait_lab::tcp::event::{ConnectionId, EventKind, HostId, SegmentName};
use time_wait_lab::tcp::rule::Rule;
use time_wait_lab::tcp::segment::Segment;
use time_wait_lab::world::Trace;

use super::build::Names;
use super::record::{Record, Seg, What};

/// Something that happens to a host from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Its so-many-th call, from 1.
    Call(u32),
    /// A segment arrives.
    Arrival(SegmentName),
}

/// A segment without what is the kernel's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// `FIN,ACK`.
    pub flags: String,
    /// SEQ relative to the sender's ISN.
    pub seq: u32,
    /// ACK relative to the receiver's ISN.
    pub ack: Option<u32>,
    /// SEQ and ACK as sent.
    pub absolute: (u32, Option<u32>),
    /// Octets of text.
    pub len: u32,
    /// The text.
    pub data: String,
    /// The ports, source first.
    pub ports: (u16, u16),
    /// How many SYNs had been sent.
    pub incarnation: u32,
}

impl std::fmt::Display for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ack = self.ack.map_or("-".to_owned(), |a| a.to_string());
        let (source, destination) = self.ports;
        write!(
            f,
            "{:8} seq={} ack={ack} len={} {:?} {source}-{destination} #{}",
            self.flags, self.seq, self.len, self.data, self.incarnation
        )
    }
}

/// What was seen of one host, each with its moment in seconds.
#[derive(Clone, Debug, Default)]
pub struct Host {
    /// What it sent.
    pub sent: Vec<(f64, Sent)>,
    /// What happened to it, in order.
    pub causes: Vec<(f64, Cause)>,
    /// How many causes there were before each segment; known of a run only.
    pub caused: Vec<usize>,
    /// What its calls returned, each with the call.
    pub returned: Vec<(f64, String)>,
    /// The states of each pair of ports (local, remote).
    pub states: BTreeMap<(u16, u16), Vec<(f64, String)>>,
}

impl Host {
    fn state(&mut self, ports: (u16, u16), t: f64, state: &str) {
        let states = self.states.entry(ports).or_default();
        let last = states.last().map_or("CLOSED", |(_, s)| s.as_str());
        if last != state {
            states.push((t, state.to_owned()));
        }
    }
}

/// The ISNs of the current incarnation and the number of SYNs: what makes numbers relative.
#[derive(Default)]
struct Bases {
    isn: [u32; 2],
    count: u32,
}

impl Bases {
    /// A segment that a host sends itself.
    fn see(&mut self, from: HostId, syn: bool, ack: bool, seq: u32) {
        let isn = &mut self.isn[from.index()];
        // The same SYN again is not another one.
        let again = *isn == seq && self.count > 0;
        if syn {
            *isn = seq;
        }
        if syn && !ack && !again {
            self.count += 1;
        }
    }

    fn relative(&self, from: HostId, seq: u32, ack: Option<u32>) -> (u32, Option<u32>) {
        let own = self.isn[from.index()];
        let peer = self.isn[from.other().index()];
        (seq.wrapping_sub(own), ack.map(|ack| ack.wrapping_sub(peer)))
    }
}

/// What a run shows.
pub fn run(trace: &Trace) -> [Host; 2] {
    let mut hosts = [Host::default(), Host::default()];
    let mut bases = Bases::default();
    let mut ports: BTreeMap<(HostId, ConnectionId), (u16, u16)> = BTreeMap::new();
    let mut calls: [Vec<String>; 2] = [Vec::new(), Vec::new()];
    let mut unrecorded = false;
    for event in &trace.events {
        let t = event.time.0 as f64 / 1e6;
        let Some(id) = event.host else { continue };
        let host = &mut hosts[id.index()];
        match &event.kind {
            // Not in the records; see build.rs.
            EventKind::Call { call: Call::ReceiveBuffer(_), .. } => unrecorded = true,
            EventKind::Return { .. } if std::mem::take(&mut unrecorded) => {}
            EventKind::Call { call, .. } if event.rule == Rule::Call => {
                calls[id.index()].push(call_name(call));
                host.causes.push((t, Cause::Call(calls[id.index()].len() as u32)));
            }
            EventKind::Return { returned, .. } if event.rule == Rule::Call => {
                let call = calls[id.index()].last().cloned().unwrap_or_default();
                host.returned.push((t, format!("{call} = {}", result(returned))));
            }
            EventKind::Arrived { name, .. } => host.causes.push((t, Cause::Arrival(*name))),
            EventKind::Opened { connection, local_port, remote_port, .. } => {
                ports.insert((id, *connection), (*local_port, *remote_port));
            }
            EventKind::State { connection, to, .. } => {
                let ports = ports.get(&(id, *connection)).copied().unwrap_or_default();
                host.state(ports, t, to.name());
            }
            EventKind::Sent { name, segment, .. } => {
                bases.see(name.sender, segment.syn, segment.ack.is_some(), segment.seq.0);
                host.caused.push(host.causes.len());
                host.sent.push((t, sent(name.sender, segment, &bases)));
            }
            _ => {}
        }
    }
    hosts
}

fn sent(from: HostId, segment: &Segment, bases: &Bases) -> Sent {
    let absolute = (segment.seq.0, segment.ack.map(|ack| ack.0));
    let (seq, ack) = bases.relative(from, absolute.0, absolute.1);
    Sent {
        flags: segment.flags().to_string(),
        seq,
        ack,
        absolute,
        len: segment.text_len(),
        data: String::from_utf8_lossy(&segment.data).into_owned(),
        ports: (segment.source_port, segment.destination_port),
        incarnation: bases.count,
    }
}

fn call_name(call: &Call) -> String {
    match call {
        Call::Listen { .. } => "listen",
        Call::Connect { .. } => "connect",
        Call::Accept => "accept",
        Call::Send { .. } => "send",
        Call::Recv => "recv",
        Call::ShutdownWrite => "shutdown_wr",
        Call::ShutdownRead => "shutdown_rd",
        Call::ShutdownBoth => "shutdown_rdwr",
        Call::Close => "close",
        Call::LingerZero => "linger0",
        Call::SoError => "connected",
        Call::Exit => "exit",
        Call::Abort => "abort",
        Call::Reboot => "vanish",
        Call::KeepAlive(_) | Call::UserTimeout(_) | Call::Linger2(_) => "opt",
        Call::ReceiveBuffer(_) => "receive_buffer",
        Call::Poll => "poll",
    }
    .to_owned()
}

/// What a call returned, as one word: a success without a value is `ok`.
fn result(returned: &Returned) -> String {
    match returned {
        Returned::Done | Returned::Descriptor(_) => "ok".to_owned(),
        Returned::Taken(count) => count.to_string(),
        Returned::Octets(chunks) => {
            let octets: Vec<u8> = chunks.iter().flat_map(|c| c.octets.clone()).collect();
            format!("{:?}", String::from_utf8_lossy(&octets))
        }
        Returned::EndOfFile => "EOF".to_owned(),
        Returned::Ready(ready) => format!("{ready:?}"),
        Returned::Failed(errno) => errno.to_string(),
    }
}

/// The same word for a recorded result.
fn recorded_result(call: &str, value: &Value) -> String {
    match value {
        Value::Null => "ok".to_owned(),
        Value::String(text) => match text.strip_prefix("err:") {
            Some(errno) => errno.to_owned(),
            None if call == "recv" && text != "EOF" => format!("{text:?}"),
            None => text.clone(),
        },
        other => other.to_string(),
    }
}

/// What a record shows.
pub fn recorded(record: &Record) -> [Host; 2] {
    let mut hosts = [Host::default(), Host::default()];
    let mut names = Names::new();
    let mut calls = [0_u32; 2];
    for event in &record.events {
        let t = event.t;
        match &event.what {
            What::Call(called) => {
                let host = &mut hosts[called.host.index()];
                calls[called.host.index()] += 1;
                host.causes.push((t, Cause::Call(calls[called.host.index()])));
                let result = recorded_result(&called.call, &called.result);
                let call = called.call.replace("so_error", "connected").replace("_more", "");
                host.returned.push((t, format!("{call} = {result}")));
            }
            What::State { host, sockets } => states(&mut hosts[host.index()], t, sockets),
            What::Segment(seg) => {
                let arrivals = arrivals(t, record.one_way_delay_s, seg, &mut names);
                let to = &mut hosts[seg.from.other().index()];
                to.causes.extend(arrivals.into_iter().map(|(t, name)| (t, Cause::Arrival(name))));
                if seg.fate() != "inject" {
                    hosts[seg.from.index()].sent.push((t, recorded_sent(seg)));
                }
            }
        }
    }
    for host in &mut hosts {
        host.causes.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    hosts
}

/// When copies of a segment arrive, by their names.
fn arrivals(t: f64, delay: f64, seg: &Seg, names: &mut Names) -> Vec<(f64, SegmentName)> {
    if seg.fate() == "inject" {
        let name = match names.kept(seg.label()) {
            Some(name) => names.copy(name),
            None => names.forged(seg.from),
        };
        return vec![(t + delay, name)];
    }
    let name = names.sent(seg);
    let delays = seg.delays();
    match seg.fate() {
        "drop" => Vec::new(),
        "dup" => {
            let extra = if delays.len() > 1 { &delays[1..] } else { &delays[..] };
            let mut list = vec![(t + delay, name)];
            let copies = if extra.is_empty() { vec![delay] } else { extra.to_vec() };
            list.extend(copies.into_iter().map(|late| (t + late, names.copy(name))));
            list
        }
        "copy" => vec![(t + delay, name)],
        _ => vec![(t + delays.first().copied().unwrap_or(delay), name)],
    }
}

fn recorded_sent(seg: &Seg) -> Sent {
    Sent {
        flags: seg.flags(),
        seq: seg.seq,
        ack: seg.ack.filter(|_| seg.has("ACK")),
        absolute: (seg.abs_seq, seg.has("ACK").then_some(seg.abs_ack)),
        len: seg.len,
        data: seg.data.clone(),
        ports: (seg.sport, seg.dport),
        incarnation: seg.incarnation,
    }
}

fn states(host: &mut Host, t: f64, sockets: &[String]) {
    let mut listed: BTreeMap<(u16, u16), &str> = BTreeMap::new();
    for line in sockets {
        let (pair, state) = line.split_once(':').unwrap_or_else(|| panic!("no state: {line}"));
        let ports =
            pair.split_once('-').and_then(|(l, r)| Some((l.parse().ok()?, r.parse().ok()?)));
        listed.insert(ports.unwrap_or_else(|| panic!("no ports: {line}")), state);
    }
    let known: Vec<(u16, u16)> = host.states.keys().copied().collect();
    for ports in known {
        if !listed.contains_key(&ports) {
            host.state(ports, t, "CLOSED");
        }
    }
    for (ports, state) in listed {
        host.state(ports, t, state);
    }
}
