//! The scenarios: two hosts, one network, one script.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use time_wait_lab::tcp::call::{Accepts, Application};
use time_wait_lab::tcp::call::{Call, Errno, Returned};
use time_wait_lab::tcp::event::{EventKind, HostId, SegmentName};
use time_wait_lab::tcp::profile::{
    AckAcceptance, Answer, Base, Profile, ReopenIss, RstAcceptance, RtoRule, SynInConnection,
    TimeWaitRst, TimeWaitSyn, TwReuse,
};
use time_wait_lab::tcp::rule::Rule;
use time_wait_lab::tcp::segment::{Incarnation, Segment, Timestamps};
use time_wait_lab::tcp::seq::Seq;
use time_wait_lab::tcp::state::State;
use time_wait_lab::tcp::time::{Span, Time};
use time_wait_lab::world::scenario::{A_PORT, B_PORT};
use time_wait_lab::world::{
    Act, Choice, Fate, HostSetup, Network, Scenario, Start, Target, When, Wire,
};

use super::side_by_side;

type Map = serde_json::Map<String, Value>;

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) id: String,
    #[serde(rename = "title")]
    _title: String,
    #[serde(rename = "authority")]
    _authority: String,
    #[serde(rename = "note")]
    _note: String,
    config: Map,
    start: Map,
    listen: Vec<String>,
    iss: std::collections::BTreeMap<String, Vec<u32>>,
    ts_clock: std::collections::BTreeMap<String, u32>,
    network: Vec<Map>,
    script: Vec<Map>,
    until: u64,
    pub(crate) expect: Map,
}

pub(crate) fn read(folder: &Path) -> Vec<Case> {
    let mut paths: Vec<_> = std::fs::read_dir(folder.join("scenarios"))
        .or_else(|_| std::fs::read_dir(folder))
        .expect("the folder of cases can be read")
        .map(|entry| entry.expect("an entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "json") && !p.ends_with("rows.json"))
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).expect("a case can be read");
            serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        })
        .collect()
}

/// The profile of the cases, with the configuration's keys on top.
pub(crate) fn profile(config: &Map, host: &str) -> (Profile, Application, Span) {
    let mut profile = Profile {
        time_wait: Some(Span::from_millis(240_000)),
        reopen_iss: ReopenIss::Step,
        rto: RtoRule::Fixed,
        rto_initial: Span::from_millis(1_000),
        rto_max: Span::from_millis(60_000),
        syn_retries: None,
        syn_ack_retries: None,
        retries: None,
        orphan_retries: None,
        window_probe: false,
        window_update: false,
        window: 1_000,
        mss: 1_000,
        ..Profile::new(Base::Rfc9293)
    };
    let mut application = Application { reads: true, accepts: Accepts::AtSyn, closes: false };
    let mut delay = Span::from_millis(50);
    // Host keys win over plain ones, so they come last.
    let plain = config.iter().filter(|(k, _)| !k.starts_with("A_") && !k.starts_with("B_"));
    let own = config.iter().filter_map(|(k, v)| {
        k.strip_prefix(host).and_then(|k| k.strip_prefix('_')).map(|k| (k, v))
    });
    for (key, value) in plain.map(|(k, v)| (k.as_str(), v)).chain(own) {
        apply(key, value, &mut profile, &mut application, &mut delay);
    }
    // `fw2` runs only after `close` with `halfdup`.
    if profile.data_after_close == Answer::Simplex {
        profile.fin_wait_2 = None;
    }
    (profile, application, delay)
}

fn apply(
    key: &str,
    value: &Value,
    profile: &mut Profile,
    application: &mut Application,
    delay: &mut Span,
) {
    let millis = || Span::from_millis(value.as_u64().expect("milliseconds"));
    let on = || value.as_bool().expect("true or false");
    let number = || u32::try_from(value.as_u64().expect("a number")).expect("32 bits");
    match key {
        "d" => *delay = millis(),
        "rto0" => profile.rto_initial = millis(),
        "rtomax" => profile.rto_max = millis(),
        "wnd" => profile.window = number(),
        "mss" => profile.mss = number(),
        "two_msl" => {
            profile.time_wait = profile.time_wait.map(|_| millis());
        }
        "tw" => match value.as_str() {
            Some("none") => profile.time_wait = None,
            Some("rfc") => {}
            _ => panic!("tw: {value}"),
        },
        "rfc5961" => {
            if !on() {
                profile.rst_acceptance = RstAcceptance::Window;
                profile.rst_challenge = false;
                profile.syn_in_connection = SynInConnection::Rfc793;
                profile.ack_acceptance = AckAcceptance::Rfc793;
                if profile.time_wait_rst == TimeWaitRst::Exact {
                    profile.time_wait_rst = TimeWaitRst::Window;
                }
                if profile.time_wait_syn == TimeWaitSyn::Challenge {
                    profile.time_wait_syn = TimeWaitSyn::Rfc793;
                }
            }
        }
        "rfc1337" => {
            if on() {
                profile.time_wait_rst = TimeWaitRst::Ignored;
            }
        }
        "tw_syn" => match value.as_str() {
            Some("off") => {}
            Some("seq") => profile.time_wait_syn = TimeWaitSyn::Greater,
            Some("rfc6191") => profile.time_wait_syn = TimeWaitSyn::Rfc6191,
            _ => panic!("tw_syn: {value}"),
        },
        "tw_connect" => profile.tw_reuse = if on() { TwReuse::On } else { TwReuse::Off },
        "tw_reuse_delay" => profile.tw_reuse_delay = millis(),
        "tw_iss_step" => assert_eq!(number(), 65_537, "another step is not a switch of ours"),
        "automerge" => application.closes = on(),
        "halfdup" => {
            let answer = if on() { Answer::Rst } else { Answer::Simplex };
            profile.close_unread = answer;
            profile.data_after_close = answer;
        }
        "fw2" => profile.fin_wait_2 = value.as_u64().filter(|ms| *ms > 0).map(Span::from_millis),
        "max_rtx" => {
            let limit = value.as_u64().map(|n| u32::try_from(n).expect("32 bits"));
            profile.syn_retries = limit;
            profile.syn_ack_retries = limit;
            profile.retries = limit;
            profile.orphan_retries = limit;
        }
        "ts" => profile.timestamps = on(),
        "autoread" => application.reads = on(),
        "listening" => {}
        _ => panic!("unknown key of a configuration: {key}"),
    }
}

fn host_of(name: &str) -> HostId {
    match name {
        "A" => HostId::A,
        "B" => HostId::B,
        _ => panic!("no such host: {name}"),
    }
}

fn str_of<'a>(map: &'a Map, key: &str) -> &'a str {
    map.get(key).and_then(Value::as_str).unwrap_or_else(|| panic!("{key} in {map:?}"))
}

fn u64_of(map: &Map, key: &str) -> u64 {
    map.get(key).and_then(Value::as_u64).unwrap_or_else(|| panic!("{key} in {map:?}"))
}

fn u32_of(map: &Map, key: &str) -> u32 {
    u32::try_from(u64_of(map, key)).expect("32 bits")
}

pub(crate) fn ports(host: HostId) -> (u16, u16) {
    match host {
        HostId::A => (A_PORT, B_PORT),
        HostId::B => (B_PORT, A_PORT),
    }
}

fn setup(case: &Case, host: &str) -> (HostSetup, Span) {
    let (profile, application, delay) = profile(&case.config, host);
    let iss = case.iss.get(host).map_or(&[][..], Vec::as_slice);
    let setup = HostSetup {
        profile,
        application,
        iss: iss.iter().map(|n| Seq(*n)).collect(),
        clock: case.ts_clock.get(host).copied().unwrap_or(0),
    };
    (setup, delay)
}

pub(crate) fn scenario(case: &Case) -> Scenario {
    let (a, delay_a) = setup(case, "A");
    let (b, delay_b) = setup(case, "B");
    let start = match str_of(&case.start, "state") {
        "CLOSED" => Start::Closed,
        "ESTABLISHED" => Start::Established {
            a_next: Seq(u32_of(&case.start, "a_next")),
            b_next: Seq(u32_of(&case.start, "b_next")),
        },
        other => panic!("start: {other}"),
    };
    let listeners = case.listen.iter().map(|host| Act::Call {
        at: Time::START,
        host: host_of(host),
        fd: None,
        call: Call::Listen { port: ports(host_of(host)).0, reuse_address: true, receive_buffer: 0 },
    });
    let hosts = [a, b];
    let acts = listeners
        .chain(case.network.iter().map(fate))
        .chain(case.script.iter().map(|act| script(act, &hosts)))
        .collect();
    Scenario {
        hosts,
        wire: Wire { delay: [delay_a, delay_b], lifetime: None },
        start,
        acts,
        until: Time::from_millis(case.until),
    }
}

fn fate(rule: &Map) -> Act {
    let at = || When::At(Time::from_millis(u64_of(rule, "at")));
    let fate = match str_of(rule, "do") {
        "drop" => Fate::Drop,
        "delay" => Fate::Delay(at()),
        "duplicate" => Fate::Duplicate(at()),
        other => panic!("fate: {other}"),
    };
    let target = if let Some(every) = rule.get("every").and_then(Value::as_object) {
        Target::Every {
            sender: host_of(str_of(every, "source")),
            seq: every
                .get("seq")
                .and_then(Value::as_u64)
                .map(|n| Seq(u32::try_from(n).expect("32 bits"))),
            ack: every.get("ack").and_then(Value::as_bool),
            rst: every.get("rst").and_then(Value::as_bool),
            syn: None,
            fin: None,
            data: None,
            during: None,
        }
    } else {
        Target::Named {
            name: SegmentName {
                sender: host_of(str_of(rule, "from")),
                forged: false,
                number: u32_of(rule, "nth"),
                copy: 1,
            },
            expected: None,
        }
    };
    Act::Fate { target, fate }
}

fn script(act: &Map, hosts: &[HostSetup; 2]) -> Act {
    let at = Time::from_millis(u64_of(act, "t"));
    if let Some(to) = act.get("inject_into").and_then(Value::as_str) {
        let to = host_of(to);
        return Act::Forge { at, to, segment: injected(act, ports(to)) };
    }
    let host = host_of(str_of(act, "host"));
    let (local, remote) = ports(host);
    let half_duplex = hosts[host.index()].profile.data_after_close == Answer::Rst;
    let call = match str_of(act, "call") {
        "listen" => Call::Listen { port: local, reuse_address: true, receive_buffer: 0 },
        "connect" => Call::Connect { local_port: local, remote_port: remote, reuse_address: true },
        "send" => Call::Send {
            data: str_of(act, "data").as_bytes().to_vec(),
            more: act.get("hold").and_then(Value::as_bool).unwrap_or(false),
        },
        "close" if half_duplex => Call::Close,
        // Without `halfdup` close is the RFC's CLOSE, which is shutdown(): receiving goes on.
        "close" | "shutwr" => Call::ShutdownWrite,
        "abort" => Call::Abort,
        "read" => Call::Recv,
        "reboot" => Call::Reboot,
        other => panic!("call: {other}"),
    };
    Act::Call { at, host, fd: None, call }
}

/// A segment as cases write it, for a host with these (local, remote) ports.
pub(crate) fn injected(map: &Map, ports: (u16, u16)) -> Segment {
    let flags: Vec<&str> = map["flags"]
        .as_array()
        .expect("flags")
        .iter()
        .map(|f| f.as_str().expect("a flag"))
        .collect();
    let timestamps = map.get("ts").and_then(Value::as_array).map(|pair| {
        let number = |at: usize| {
            pair.get(at).and_then(Value::as_u64).map_or(0, |n| u32::try_from(n).expect("32 bits"))
        };
        Timestamps { value: number(0), echo: number(1) }
    });
    Segment {
        source_port: ports.1,
        destination_port: ports.0,
        seq: Seq(u32_of(map, "seq")),
        ack: map
            .get("ack")
            .and_then(Value::as_u64)
            .map(|n| Seq(u32::try_from(n).expect("32 bits"))),
        syn: flags.contains(&"SYN"),
        fin: flags.contains(&"FIN"),
        rst: flags.contains(&"RST"),
        window: map
            .get("window")
            .and_then(Value::as_u64)
            .map_or(1_000, |n| u32::try_from(n).expect("32 bits")),
        timestamps,
        data: str_of(map, "data").as_bytes().to_vec(),
        origin: Incarnation::FORGED,
        ..Segment::default()
    }
}

/// What a run of a case looks like, in the case's own words.
#[derive(Default)]
struct Seen {
    segments: Vec<String>,
    states: Vec<String>,
    app: Vec<String>,
    delivered: [String; 2],
}

fn text_of(octets: &[u8]) -> String {
    octets.iter().map(|b| char::from(*b)).collect()
}

/// The first `listeners` acts are the listeners that are there for the whole run: no change.
fn run(scenario: &Scenario, listeners: usize) -> (Seen, [State; 2]) {
    let mut network = Network::new(scenario);
    let mut seen = Seen::default();
    let state = |network: &Network<'_>, host: HostId| network.host(host).state(ports(host));
    let mut states = HostId::BOTH.map(|host| state(&network, host));
    let mut noted = network.log.events.len();
    while let Some((due, choice)) = network.next() {
        if due.at > scenario.until {
            break;
        }
        network.apply(choice, due.at);
        for event in &network.log.events[noted..] {
            seen.note(event);
        }
        noted = network.log.events.len();
        for host in HostId::BOTH {
            let now = state(&network, host);
            let was = &mut states[host.index()];
            let is_setup = matches!(choice, Choice::Act(place) if place < listeners);
            if *was != now && !is_setup {
                seen.states.push(format!("{} {host} {now}", due.at.0 / 1_000));
            }
            *was = now;
        }
    }
    (seen, states)
}

impl Seen {
    fn note(&mut self, event: &time_wait_lab::tcp::event::Event) {
        let at = event.time.0;
        assert_eq!(at % 1_000, 0, "the cases live in milliseconds");
        let at = at / 1_000;
        let host = event.host.map(|h| h.to_string()).unwrap_or_default();
        match &event.kind {
            EventKind::Sent { segment, .. } => {
                let ack = segment.ack.map_or("-".into(), |a| a.to_string());
                let ts =
                    segment.timestamps.map_or("-".into(), |t| format!("{}/{}", t.value, t.echo));
                self.segments.push(format!(
                    "{at} {host} {} seq={} ack={ack} data={:?} ts={ts}",
                    segment.flags(),
                    segment.seq,
                    text_of(&segment.data),
                ));
            }
            EventKind::Received { chunks, .. } => {
                let octets: Vec<u8> = chunks.iter().flat_map(|c| c.octets.clone()).collect();
                let text = text_of(&octets);
                if let Some(host) = event.host {
                    self.delivered[host.index()].push_str(&text);
                }
                self.app.push(format!("{at} {host} received {text:?}"));
            }
            EventKind::EndOfFile { .. } => self.app.push(format!("{at} {host} eof")),
            EventKind::Error { errno, .. } => self.app.push(format!("{at} {host} error {errno}")),
            EventKind::Return { returned, .. } if event.rule == Rule::Call => {
                self.returned(at, &host, returned);
            }
            EventKind::Call { call, .. } if event.rule == Rule::Call => self.last_call(call),
            _ => {}
        }
    }

    fn last_call(&mut self, call: &Call) {
        self.app.push(format!(
            "call {}",
            match call {
                Call::Connect { .. } => "connect",
                Call::Send { .. } => "send",
                Call::Recv => "read",
                _ => "other",
            }
        ));
    }

    fn returned(&mut self, at: u64, host: &str, returned: &Returned) {
        let place = self.app.iter().rposition(|line| line.starts_with("call "));
        let Some(place) = place else { return };
        let call = self.app.remove(place);
        let call = call.trim_start_matches("call ");
        match (call, returned) {
            ("read", Returned::Octets(chunks)) => {
                let octets: Vec<u8> = chunks.iter().flat_map(|c| c.octets.clone()).collect();
                self.app.push(format!("{at} {host} read {:?}", text_of(&octets)));
            }
            ("read", Returned::EndOfFile | Returned::Failed(Errno::EAGAIN)) => {
                self.app.push(format!("{at} {host} read \"\""));
            }
            ("connect" | "send", Returned::Failed(errno)) if *errno != Errno::EINPROGRESS => {
                self.app.push(format!("{at} {host} call_failed {call} {errno}"));
            }
            _ => {}
        }
    }
}

fn array<'a>(map: &'a Map, key: &str) -> &'a [Value] {
    map.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn expected_segment(value: &Value) -> String {
    let map = value.as_object().expect("a segment");
    let flags = injected(map, (0, 0)).flags();
    let ack = map.get("ack").and_then(Value::as_u64).map_or("-".into(), |a| a.to_string());
    let ts = map
        .get("ts")
        .and_then(Value::as_array)
        .map_or("-".into(), |pair| format!("{}/{}", pair[0], pair[1]));
    format!(
        "{} {} {flags} seq={} ack={ack} data={:?} ts={ts}",
        u64_of(map, "t"),
        str_of(map, "from"),
        u64_of(map, "seq"),
        str_of(map, "data"),
    )
}

fn expected_app(value: &Value) -> String {
    let map = value.as_object().expect("an indication");
    let head = format!("{} {} {}", u64_of(map, "t"), str_of(map, "host"), str_of(map, "event"));
    match str_of(map, "event") {
        "eof" => head,
        "received" | "read" => format!("{head} {:?}", str_of(map, "data")),
        "error" => format!("{head} {}", str_of(map, "error")),
        "call_failed" => format!("{head} {} {}", str_of(map, "call"), str_of(map, "error")),
        other => panic!("indication: {other}"),
    }
}

pub(crate) fn check(case: &Case) -> Result<(), String> {
    let scenario = scenario(case);
    let (seen, states) = run(&scenario, case.listen.len());
    let expect = &case.expect;
    let segments: Vec<String> = array(expect, "segments").iter().map(expected_segment).collect();
    let expected_states: Vec<String> = array(expect, "states")
        .iter()
        .map(|v| {
            let m = v.as_object().expect("a state");
            format!("{} {} {}", u64_of(m, "t"), str_of(m, "host"), str_of(m, "state"))
        })
        .collect();
    let app: Vec<String> = array(expect, "app").iter().map(expected_app).collect();
    let last = expect["final"].as_object().expect("final");
    let expected_final: Vec<String> = ["A", "B", "delivered_to_a", "delivered_to_b"]
        .iter()
        .map(|key| str_of(last, key).to_owned())
        .collect();
    let [a, b] = states;
    let [to_a, to_b] = seen.delivered;
    let actual_final = vec![a.to_string(), b.to_string(), to_a, to_b];
    let outcomes = [
        side_by_side("segments", &segments, &seen.segments),
        side_by_side("states", &expected_states, &seen.states),
        side_by_side("indications", &app, &seen.app),
        side_by_side("final", &expected_final, &actual_final),
    ];
    let differences: Vec<String> = outcomes.into_iter().filter_map(Result::err).collect();
    if differences.is_empty() { Ok(()) } else { Err(differences.join("\n")) }
}

/// The case with one number of its expectation changed, once for each number.
pub(crate) fn mutations(case: &Case) -> Vec<(String, Case)> {
    let mut changed = Vec::new();
    for list in ["segments", "states", "app"] {
        for place in 0..array(&case.expect, list).len() {
            let item = array(&case.expect, list)[place].as_object().expect("an item");
            for (key, value) in item {
                if key == "n" {
                    continue;
                }
                if let Some(number) = value.as_u64() {
                    let mut case = case.clone();
                    case.expect[list][place][key.as_str()] = Value::from(number ^ 1);
                    changed.push((format!("{list}[{place}].{key}"), case));
                }
            }
        }
    }
    changed
}
