//! The hosts, the wire between them, and what they did so far.

use core::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::tcp::event::{ConnectionId, EventKind, HostId, Log, TimerChange, TimerKind};
use crate::tcp::host::Host;
use crate::tcp::segment::Segment;
use crate::tcp::time::{Span, Time};

use super::formula::Ratio;
use super::load::Load;
use super::pair::{Asked, Census, Pair};

/// How many samples a run has, one more for the start.
pub(super) const SAMPLES: u64 = 360;

/// The fleet at a moment, in connections of the fleet (each stands for [`Load::scale`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// The moment; everything that was due by then has happened.
    pub at: Time,
    /// The clients' connections that are open, or opening or closing.
    pub open: u32,
    /// The clients' in TIME-WAIT.
    pub waiting: u32,
    /// The servers' that are open, or opening or closing.
    pub server_open: u32,
    /// The servers' in TIME-WAIT.
    pub server_waiting: u32,
    /// How many requests were made so far.
    pub asked: u64,
    /// How many were answered so far.
    pub answered: u64,
    /// How many connections were opened so far.
    pub made: u64,
    /// How many connections were opened within the [window](Fleet::window) before.
    pub lately: u64,
    /// How many requests found no port so far: EADDRNOTAVAIL.
    pub failed: u64,
    /// How many connections ended with an error so far, at the clients or at the servers.
    pub errors: u64,
    /// How many TIME-WAITs a RST has ended so far, at the clients or at the servers (RFC 1337).
    pub cut_short: u64,
}

impl Sample {
    /// The clients' 4-tuples in use: what connect() can't have.
    #[must_use]
    pub fn in_use(&self) -> u32 {
        self.open + self.waiting
    }
}

/// A segment on its way.
#[derive(Clone, Debug)]
struct OnTheWay {
    arrives: Time,
    pair: usize,
    to: HostId,
    segment: Segment,
}

/// A timer that was started, by its moment and its place among all that were.
type Alarm = (Time, u64, usize, HostId, ConnectionId, TimerKind);

/// What happens next. Of what is due in the same instant requests come first, then arrivals, then
/// timers, as in a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    Request,
    Arrival,
    Timer,
}

/// Clients and servers under a load.
#[derive(Debug)]
pub struct Fleet {
    load: Load,
    pairs: Vec<Pair>,
    /// In order of arrival, for all travel equally long.
    wire: VecDeque<OnTheWay>,
    timers: BinaryHeap<Reverse<Alarm>>,
    started: u64,
    log: Log,
    now: Time,
    step: Span,
    window: Span,
    /// When the connections were opened that lie within the window; the oldest first.
    opened: VecDeque<Time>,
    samples: Vec<Sample>,
    asked: u64,
    failed: u64,
    first_failure: Option<Time>,
}

impl Fleet {
    /// A fleet at the start of its load.
    #[must_use]
    pub fn new(load: &Load) -> Fleet {
        let mut log = Log::default();
        let pairs = (0..load.sources).map(|_| Pair::new(load, &mut log)).collect();
        log.events.clear();
        let held = load.formula().held;
        // SYN, SYN,ACK, request, answer, FIN, FIN: then TIME-WAIT begins.
        let life = held + load.travel.times(6);
        Fleet {
            load: load.clone(),
            pairs,
            wire: VecDeque::new(),
            timers: BinaryHeap::new(),
            started: 0,
            log,
            now: Time::START,
            step: Span((load.length.0 / SAMPLES).max(1)),
            window: if held > Span::ZERO { life } else { Span::from_secs(10) },
            opened: VecDeque::new(),
            samples: vec![Sample::default()],
            asked: 0,
            failed: 0,
            first_failure: None,
        }
    }

    /// How far the samples are apart.
    #[must_use]
    pub fn step(&self) -> Span {
        self.step
    }

    /// The load that it's under.
    #[must_use]
    pub fn load(&self) -> &Load {
        &self.load
    }

    /// Up to when it has gone.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// Whether the last request was made.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.now.since(Time::START) >= self.load.length
    }

    /// What it was like at each of the moments that are behind it, evenly spaced from the start on.
    #[must_use]
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The first connect() that returned EADDRNOTAVAIL.
    #[must_use]
    pub fn first_failure(&self) -> Option<Time> {
        self.first_failure
    }

    /// The hosts, client and server of each source address.
    pub fn hosts(&self) -> impl Iterator<Item = &[Host; 2]> {
        self.pairs.iter().map(|pair| &pair.hosts)
    }

    /// The fleet as it is now; what was opened lately is counted in samples only.
    #[must_use]
    pub fn sample(&self) -> Sample {
        let mut sample =
            Sample { at: self.now, asked: self.asked, failed: self.failed, ..Sample::default() };
        for pair in &self.pairs {
            let [client, server]: [Census; 2] = pair.census;
            sample.open += client.open;
            sample.waiting += client.waiting;
            sample.server_open += server.open;
            sample.server_waiting += server.waiting;
            sample.answered += pair.answered;
            sample.made += u64::from(client.opened);
            sample.errors += u64::from(client.errors) + u64::from(server.errors);
            sample.cut_short += u64::from(client.cut_short) + u64::from(server.cut_short);
        }
        sample
    }

    /// How long a connection takes its 4-tuple from the client; ten seconds, where TIME-WAIT
    /// doesn't. So long the rate is measured: in a window of this length, and no other, each
    /// 4-tuple is used once when nothing else limits the rate.
    #[must_use]
    pub fn window(&self) -> Span {
        self.window
    }

    /// Connections a second, at full size, over the [window](Fleet::window) before a sample, or
    /// since the start where that is less.
    #[must_use]
    pub fn rate(&self, place: usize) -> Ratio {
        let sample = self.samples.get(place).copied().unwrap_or_default();
        let over = u128::from(sample.lately) * u128::from(self.load.scale) * 1_000_000;
        Ratio { over, under: u128::from(sample.at.0.clamp(1, self.window.0.max(1))) }
    }

    /// Lets everything happen that is due up to a moment, at most to the end of the load.
    pub fn go_on(&mut self, until: Time) {
        let until = until.min(Time::START + self.load.length);
        while let Some((at, next)) = self.next()
            && at <= until
        {
            self.take_samples(at);
            (self.now, self.log.now) = (at, at);
            match next {
                Next::Request => self.ask(),
                Next::Arrival => self.deliver(),
                Next::Timer => self.fire(),
            }
        }
        // What is due at a sample's own moment belongs to it, and all that has happened.
        self.take_samples(until + Span(1));
        self.now = self.now.max(until);
    }

    /// The samples of the moments before `at` that were not taken yet.
    fn take_samples(&mut self, at: Time) {
        let next = |samples: &Vec<Sample>, step: Span| {
            Time::START + step.times(u64::try_from(samples.len()).unwrap_or(u64::MAX))
        };
        loop {
            let moment = next(&self.samples, self.step);
            if moment >= at {
                return;
            }
            let before = moment - self.window;
            while self.opened.front().is_some_and(|opened| *opened < before) {
                self.opened.pop_front();
            }
            let lately = u64::try_from(self.opened.len()).unwrap_or(u64::MAX);
            self.samples.push(Sample { at: moment, lately, ..self.sample() });
        }
    }

    fn next(&self) -> Option<(Time, Next)> {
        let request = Some(self.load.moment(self.asked))
            .filter(|at| at.since(Time::START) < self.load.length)
            .map(|at| (at, Next::Request));
        let arrival = self.wire.front().map(|flight| (flight.arrives, Next::Arrival));
        let timer = self.timers.peek().map(|Reverse((at, ..))| (*at, Next::Timer));
        [request, arrival, timer].into_iter().flatten().min()
    }

    /// The next request: each source address in turn, and with it each destination.
    fn ask(&mut self) {
        let sources = u64::from(self.load.sources.max(1));
        let turn = self.asked / sources % u64::from(self.load.destinations.max(1));
        let place = usize::try_from(self.asked % sources).unwrap_or(0);
        self.asked += 1;
        let Some(pair) = self.pairs.get_mut(place) else { return };
        match pair.ask(u32::try_from(turn).unwrap_or(0), &mut self.log) {
            Asked::NoPort => {
                self.failed += 1;
                self.first_failure.get_or_insert(self.now);
            }
            Asked::Connected => self.opened.push_back(self.now),
            Asked::Again => {}
        }
        self.follow(place);
    }

    fn deliver(&mut self) {
        let Some(OnTheWay { pair: place, to, segment, .. }) = self.wire.pop_front() else { return };
        let Some(pair) = self.pairs.get_mut(place) else { return };
        self.log.host = Some(to);
        let [client, server] = &mut pair.hosts;
        match to {
            HostId::A => client.arrives(&segment, &mut self.log),
            HostId::B => server.arrives(&segment, &mut self.log),
        }
        self.follow(place);
    }

    /// Fires the timer that is due first, unless it was stopped or started anew since.
    fn fire(&mut self) {
        let Some(Reverse((at, _, place, id, connection, timer))) = self.timers.pop() else {
            return;
        };
        let Some(pair) = self.pairs.get_mut(place) else { return };
        let [client, server] = &mut pair.hosts;
        let host = match id {
            HostId::A => client,
            HostId::B => server,
        };
        let still = host.connections.with_id(connection).is_some_and(|c| {
            c.deadlines().any(|(other, deadline)| (other, deadline.at) == (timer, at))
        });
        if still {
            self.log.host = Some(id);
            host.fire(connection, timer, &mut self.log);
            self.follow(place);
        }
    }

    /// What follows in the same instant: what the hosts have sent goes on the wire, what they have
    /// started is remembered, and their programs act on what they see.
    fn follow(&mut self, place: usize) {
        let mut heeded = 0;
        while let Some(event) = self.log.events.get_mut(heeded) {
            heeded += 1;
            let rule = event.rule;
            let Some(id) = event.host else { continue };
            // Programs act on what stands in an event, so it's taken out; nobody else reads it.
            let kind = core::mem::replace(&mut event.kind, EventKind::Ignored);
            if let EventKind::Timer {
                connection,
                timer,
                change: TimerChange::Started(at) | TimerChange::Restarted(at),
            } = kind
            {
                self.started += 1;
                self.timers.push(Reverse((at, self.started, place, id, connection, timer)));
            } else if let Some(pair) = self.pairs.get_mut(place) {
                pair.heed(id, rule, &kind, &mut self.log);
            }
        }
        self.log.events.clear();
        let arrives = self.now + self.load.travel.max(Span(1));
        for departure in self.log.departures.drain(..) {
            let to = departure.name.sender.other();
            let segment = departure.segment;
            self.wire.push_back(OnTheWay { arrives, pair: place, to, segment });
        }
    }
}
