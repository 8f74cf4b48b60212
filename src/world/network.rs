//! The hosts and what is in flight: what can happen next, and making it happen.
//!
//! The network has no clock and no opinion. The simulator applies the choice that is due first; an
//! explorer may apply any.

use std::collections::{BTreeMap, VecDeque};

use crate::tcp::call::{Call, Errno, Returned};
use crate::tcp::connection::Deadline;
use crate::tcp::event::{
    ConnectionId, Departure, Event, EventId, EventKind, HostId, Log, SegmentName, TimerKind,
};
use crate::tcp::host::Host;
use crate::tcp::rule::Rule;
use crate::tcp::segment::{Incarnation, Segment};
use crate::tcp::seq::MOST_WINDOW;
use crate::tcp::state::State;
use crate::tcp::time::{Span, Time};

use super::fates::Fates;
use super::scenario::{A_PORT, Act, B_PORT, Fate, Scenario, Start, Target, When};
use super::trace::MOST_EVENTS;

/// A segment on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFlight {
    /// Its name.
    pub name: SegmentName,
    /// The segment.
    pub segment: Segment,
    /// When it was put on the wire.
    pub left: Time,
    /// When it, or what it's a copy of, was sent: its age counts from here.
    pub born: Time,
    /// When it arrives.
    pub arrives: Time,
    /// When its lifetime is over.
    pub dies: Option<Time>,
    /// The event that put it there.
    pub event: EventId,
    /// Whether it travels as usual, or the network holds it up.
    pub rule: Rule,
    order: (u8, u64),
}

impl InFlight {
    /// Where it goes.
    #[must_use]
    pub fn to(&self) -> HostId {
        self.name.sender.other()
    }

    /// When its way ends, and whether it dies before it arrives.
    fn due(&self) -> (Due, bool) {
        let (class, order) = self.order;
        let dies = self.dies.filter(|dies| *dies < self.arrives);
        (Due { at: dies.unwrap_or(self.arrives), class, order }, dies.is_some())
    }

    fn choice(&self, place: usize) -> (Due, Choice) {
        match self.due() {
            (due, true) => (due, Choice::Expire(place)),
            (due, false) => (due, Choice::Deliver(place)),
        }
    }
}

/// A segment on its way to the wire, while the acts that are for it are looked for.
struct Launch {
    flight: InFlight,
    /// When it would arrive if there were none.
    usual: Time,
    /// The place of the next act to be looked at.
    next: usize,
    lost: bool,
}

/// Something that can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// A timed act of the scenario, by its place among the acts.
    Act(usize),
    /// A segment arrives, by its place among those in flight.
    Deliver(usize),
    /// A segment dies on the way, by its place among those in flight.
    Expire(usize),
    /// A timer fires.
    Timer(HostId, ConnectionId, TimerKind),
}

/// When a choice is due, and its place among those that are due in the same instant: acts in the
/// order of the scenario, arrivals in the order of sending, timers in the order of their start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// The moment.
    pub at: Time,
    class: u8,
    order: u64,
}

/// Most scenes have fewer events than this.
const USUAL_EVENTS: usize = 512;
/// And fewer segments on the way at a time.
const USUAL_FLIGHTS: usize = 16;

const ACTS: u8 = 0;
const ARRIVALS: u8 = 1;
const TIMERS: u8 = 2;

/// Two hosts and what is between them.
#[derive(Clone, Debug)]
pub struct Network<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// A and B.
    pub hosts: [Host; 2],
    /// What is in flight; what is due first comes first.
    pub flights: VecDeque<InFlight>,
    /// What has happened.
    pub log: Log,
    timed: Vec<(Time, usize)>,
    met: Vec<bool>,
    fates: Fates,
    /// The segments that an act releases, and the events that put them on the wire.
    released: BTreeMap<SegmentName, Option<EventId>>,
    /// How many copies there are of what was copied.
    copies: BTreeMap<SegmentName, u32>,
    incarnations: u32,
    serial: u64,
    forged: [u32; 2],
}

impl<'a> Network<'a> {
    /// The network at the start of a scenario.
    #[must_use]
    pub fn new(scenario: &'a Scenario) -> Network<'a> {
        let host = |id: HostId| {
            let [a, b] = &scenario.hosts;
            let setup = match id {
                HostId::A => a,
                HostId::B => b,
            };
            let mut host = Host::new(id, setup.profile.clone(), setup.application);
            host.clock = setup.clock;
            host.iss.clone_from(&setup.iss);
            host
        };
        let mut timed: Vec<(Time, usize)> = scenario
            .acts
            .iter()
            .enumerate()
            .filter_map(|(place, act)| match act {
                Act::Call { at, .. } | Act::Release { at, .. } => Some((*at, place)),
                Act::Forge { at, to, .. } => Some((*at - travel(scenario, to.other()), place)),
                Act::Fate { .. } => None,
            })
            .collect();
        timed.sort_by_key(|(at, place)| core::cmp::Reverse((*at, *place)));
        let mut network = Network {
            scenario,
            hosts: [host(HostId::A), host(HostId::B)],
            flights: VecDeque::with_capacity(USUAL_FLIGHTS),
            log: Log { events: Vec::with_capacity(USUAL_EVENTS), ..Log::default() },
            timed,
            met: vec![false; scenario.acts.len()],
            fates: Fates::of(&scenario.acts),
            released: released(&scenario.acts),
            copies: BTreeMap::new(),
            incarnations: 0,
            serial: 0,
            forged: [0, 0],
        };
        network.establish();
        network
    }

    fn establish(&mut self) {
        let Start::Established { a_next, b_next } = self.scenario.start else { return };
        self.incarnations = 1;
        let [a, b] = &self.scenario.hosts;
        let timestamps = a.profile.timestamps && b.profile.timestamps;
        let [host_a, host_b] = &mut self.hosts;
        self.log.host = Some(HostId::A);
        let peer = (b.profile.window, b.clock);
        host_a.establish((A_PORT, B_PORT), (a_next, b_next), peer, timestamps, &mut self.log);
        self.log.host = Some(HostId::B);
        let peer = (a.profile.window, a.clock);
        host_b.establish((B_PORT, A_PORT), (b_next, a_next), peer, timestamps, &mut self.log);
    }

    /// One of the hosts.
    #[must_use]
    pub fn host(&self, id: HostId) -> &Host {
        let [a, b] = &self.hosts;
        match id {
            HostId::A => a,
            HostId::B => b,
        }
    }

    fn host_mut(&mut self, id: HostId) -> (&mut Host, &mut Log) {
        let [a, b] = &mut self.hosts;
        let host = match id {
            HostId::A => a,
            HostId::B => b,
        };
        (host, &mut self.log)
    }

    /// Everything that can happen next, each with the moment at which it's due.
    pub fn pending(&self) -> impl Iterator<Item = (Due, Choice)> + '_ {
        let flights = self.flights.iter().enumerate().map(|(place, flight)| flight.choice(place));
        self.next_act().into_iter().chain(flights).chain(self.timers())
    }

    /// What of [`Network::pending`] is due first.
    #[must_use]
    pub fn next(&self) -> Option<(Due, Choice)> {
        let flight = self.flights.front().map(|flight| flight.choice(0));
        let timer = self.next_timer();
        [self.next_act(), flight, timer].into_iter().flatten().min_by_key(|(due, _)| *due)
    }

    fn next_timer(&self) -> Option<(Due, Choice)> {
        let first = self.hosts.iter().filter_map(|host| Some(timer(host.id, host.first_timer()?)));
        first.min_by_key(|(due, _)| *due)
    }

    fn next_act(&self) -> Option<(Due, Choice)> {
        self.timed.last().map(|(at, place)| {
            let order = u64::try_from(*place).unwrap_or(u64::MAX);
            (Due { at: *at, class: ACTS, order }, Choice::Act(*place))
        })
    }

    fn timers(&self) -> impl Iterator<Item = (Due, Choice)> + '_ {
        self.hosts.iter().flat_map(|host| host.deadlines().map(|one| timer(host.id, one)))
    }

    /// Makes a choice happen at a moment, which must not be before the last one.
    pub fn apply(&mut self, choice: Choice, at: Time) {
        self.log.now = at;
        self.log.host = None;
        self.log.cause = None;
        match choice {
            Choice::Act(place) => self.act(place),
            Choice::Deliver(place) => self.deliver(place),
            Choice::Expire(place) => self.expire(place),
            Choice::Timer(host, connection, timer) => self.fire(host, connection, timer),
        }
    }

    fn fire(&mut self, id: HostId, connection: ConnectionId, timer: TimerKind) {
        let started = self.started(id, connection, timer);
        let (host, log) = self.host_mut(id);
        log.host = Some(id);
        log.cause = started;
        host.fire(connection, timer, log);
        self.depart(id);
    }

    /// The event that started a timer, from the order that its deadline remembers.
    fn started(&self, id: HostId, connection: ConnectionId, timer: TimerKind) -> Option<EventId> {
        let mut timers = self.host(id).connections.with_id(connection)?.deadlines();
        timers.find(|(other, _)| *other == timer).map(|(_, deadline)| EventId(deadline.order))
    }

    fn deliver(&mut self, place: usize) {
        let Some(flight) = self.flights.remove(place) else { return };
        let id = flight.to();
        let (host, log) = self.host_mut(id);
        log.host = Some(id);
        log.cause = Some(flight.event);
        let segment = flight.segment;
        let kind = EventKind::Arrived { name: flight.name, segment: Segment::default() };
        let event = log.note(flight.rule, kind);
        log.cause = Some(event);
        host.arrives(&segment, log);
        // The trace gets the segment itself: a copy of each would be a tenth of what a run costs.
        let place = usize::try_from(event.0).unwrap_or(usize::MAX);
        if let Some(Event { kind: EventKind::Arrived { segment: kept, .. }, .. }) =
            log.events.get_mut(place)
        {
            *kept = segment;
        }
        self.depart(id);
    }

    fn expire(&mut self, place: usize) {
        let Some(flight) = self.flights.remove(place) else { return };
        self.log.cause = Some(flight.event);
        self.log.note(Rule::WireLifetime, EventKind::Died { name: flight.name });
    }

    fn act(&mut self, place: usize) {
        self.timed.pop();
        let scenario = self.scenario;
        match scenario.acts.get(place) {
            Some(Act::Call { host, fd, call, .. }) => self.call(*host, *fd, call),
            Some(Act::Forge { at, to, segment }) => self.forge(place, *at, *to, segment),
            Some(Act::Release { name, .. }) => self.release(place, *name),
            Some(Act::Fate { .. }) | None => {}
        }
    }

    fn call(&mut self, id: HostId, fd: Option<crate::tcp::call::Fd>, call: &Call) {
        let incarnation = self.next_incarnation(id, call);
        let (host, log) = self.host_mut(id);
        log.host = Some(id);
        let returned = host.call(fd, call, incarnation, log);
        let connects = matches!(call, Call::Connect { .. });
        if connects && returned == Returned::Failed(Errno::EINPROGRESS) {
            self.incarnations = self.incarnations.max(incarnation.0);
        }
        self.depart(id);
    }

    /// The number of the connection that a connect() opens: a new one, or the peer's where both
    /// open the same 4-tuple at once.
    fn next_incarnation(&self, id: HostId, call: &Call) -> Incarnation {
        let Call::Connect { local_port, remote_port, .. } = call else {
            return Incarnation::FORGED;
        };
        let ports = (*remote_port, *local_port);
        self.host(id.other())
            .connection(ports)
            .filter(|c| c.state == State::SynSent)
            .map_or(Incarnation(self.incarnations + 1), |c| c.incarnation)
    }

    fn forge(&mut self, place: usize, at: Time, to: HostId, segment: &Segment) {
        let from = to.other();
        let [a, b] = &mut self.forged;
        let count = if to == HostId::A { a } else { b };
        *count += 1;
        let name = SegmentName { sender: from, forged: true, number: *count, copy: 1 };
        let mut segment = segment.clone();
        segment.origin = Incarnation::FORGED;
        segment.window = segment.window.min(MOST_WINDOW);
        let kind = EventKind::Injected { name, segment: segment.clone() };
        let event = self.log.note(Rule::WireForged, kind);
        let departure = Departure { name, event, segment };
        let order = (ACTS, u64::try_from(place).unwrap_or(u64::MAX));
        self.remember(name, event);
        let now = self.log.now;
        let launch = self.launching(departure, (now, at.max(now)), order);
        self.launch(launch);
    }

    fn release(&mut self, place: usize, name: SegmentName) {
        let original = SegmentName { copy: 1, ..name };
        let put = self.released.get(&original).copied().flatten();
        let event =
            put.and_then(|id| Some((id, self.log.events.get(usize::try_from(id.0).ok()?)?)));
        let Some((
            put,
            Event {
                time: born,
                kind: EventKind::Sent { segment, .. } | EventKind::Injected { segment, .. },
                ..
            },
        )) = event
        else {
            self.no_counterpart(place);
            return;
        };
        let (born, segment) = (*born, segment.clone());
        if let Some(met) = self.met.get_mut(place) {
            *met = true;
        }
        self.log.cause = Some(put);
        let arrives = self.log.now + travel(self.scenario, name.sender);
        let copy = self.copy(name, segment, (born, arrives), Rule::WireRelease);
        self.launch(copy);
    }

    /// One more copy of a segment, to be put on the wire.
    fn copy(
        &mut self,
        name: SegmentName,
        segment: Segment,
        times: (Time, Time),
        rule: Rule,
    ) -> Launch {
        let copies = self.copies.entry(SegmentName { copy: 1, ..name }).or_default();
        *copies = copies.saturating_add(1);
        let name = SegmentName { copy: copies.saturating_add(1), ..name };
        let event = self.log.note(rule, EventKind::Injected { name, segment: segment.clone() });
        let order = (ARRIVALS, self.serial);
        self.serial += 1;
        self.launching(Departure { name, event, segment }, times, order)
    }

    /// What a host has sent meets its fate.
    fn depart(&mut self, from: HostId) {
        // The list is used again: one allocation for a run, not one for an event.
        let mut departures = core::mem::take(&mut self.log.departures);
        for departure in departures.drain(..) {
            let now = self.log.now;
            let arrives = now + travel(self.scenario, from);
            let order = (ARRIVALS, self.serial);
            self.serial += 1;
            self.remember(departure.name, departure.event);
            let launch = self.launching(departure, (now, arrives), order);
            self.launch(launch);
        }
        self.log.departures = departures;
    }

    /// What an act releases is found again.
    fn remember(&mut self, name: SegmentName, event: EventId) {
        if let Some(put) = self.released.get_mut(&name) {
            *put = Some(event);
        }
    }

    fn launching(
        &self,
        departure: Departure,
        (born, arrives): (Time, Time),
        order: (u8, u64),
    ) -> Launch {
        let Departure { name, event, segment } = departure;
        let now = self.log.now;
        let flight = InFlight {
            name,
            segment,
            left: now,
            born,
            arrives,
            // A copy that was kept for longer than MSL dies in the instant of its release.
            dies: self.scenario.wire.lifetime.map(|msl| (born + msl).max(now)),
            event,
            rule: Rule::WireArrival,
            order,
        };
        Launch { flight, usual: arrives, next: 0, lost: false }
    }

    /// Puts a segment in flight as the acts of the network want it, and the copies that they make.
    /// A copy can be copied in turn, by an act that names it: so the others wait in a list, however
    /// long the chain is.
    fn launch(&mut self, launch: Launch) {
        let mut waiting: Vec<Launch> = Vec::new();
        let mut at_hand = launch;
        loop {
            if let Some(copy) = self.meet(&mut at_hand) {
                waiting.push(core::mem::replace(&mut at_hand, copy));
                continue;
            }
            self.put(at_hand);
            let Some(next) = waiting.pop() else { return };
            at_hand = next;
        }
    }

    /// The acts that are for a segment, in their order, up to one that makes a copy of it.
    fn meet(&mut self, launch: &mut Launch) -> Option<Launch> {
        let scenario = self.scenario;
        let now = self.log.now;
        self.log.host = None;
        self.log.cause = Some(launch.flight.event);
        while let Some(place) = self.fates.next(launch.flight.name, launch.next) {
            launch.next = place + 1;
            let Some(Act::Fate { target, fate }) = scenario.acts.get(place) else { continue };
            let flight = &mut launch.flight;
            if !self.is_target(place, target, flight.name, &flight.segment) {
                continue;
            }
            match fate {
                Fate::Drop => launch.lost = true,
                Fate::Delay(when) => {
                    flight.arrives = later(*when, launch.usual, now);
                    flight.rule = Rule::WireDelay;
                }
                Fate::Duplicate(when) if self.is_copied(target, flight.name) => {
                    let times = (flight.born, later(*when, launch.usual, now));
                    let (name, segment) = (flight.name, flight.segment.clone());
                    return Some(self.copy(name, segment, times, Rule::WireDuplicate));
                }
                Fate::Duplicate(_) | Fate::Keep => {}
            }
        }
        None
    }

    /// Whether an act that fits a segment copies it. Every segment that a host sends can be doubled
    /// by one act, but a copy only by an act that names it: or the act would copy what it made, or
    /// two such acts what the other made, for ever. And a run that has all the events that it may
    /// have gets no more.
    fn is_copied(&self, target: &Target, name: SegmentName) -> bool {
        let asked = match target {
            Target::Named { .. } => true,
            Target::Every { .. } => name.copy == 1,
        };
        asked && self.log.events.len() < MOST_EVENTS
    }

    /// On the wire, or lost.
    fn put(&mut self, Launch { flight, lost, .. }: Launch) {
        if lost {
            self.log.note(Rule::WireDrop, EventKind::Lost { name: flight.name });
            return;
        }
        // In order of what is due; mostly at the end, for the wire is.
        let (due, _) = flight.due();
        let place = self.flights.partition_point(|other| other.due().0 <= due);
        self.flights.insert(place, flight);
    }

    fn is_target(
        &mut self,
        place: usize,
        target: &Target,
        name: SegmentName,
        segment: &Segment,
    ) -> bool {
        match target {
            Target::Named { name: wanted, expected } => {
                if *wanted != name {
                    return false;
                }
                if let Some(met) = self.met.get_mut(place) {
                    *met = true;
                }
                let same = expected
                    .is_none_or(|(flags, seq)| (flags, seq) == (segment.flags(), segment.seq));
                if !same {
                    self.no_counterpart(place);
                }
                same
            }
            Target::Every { sender, seq, ack, rst, syn, fin, data, during } => {
                !name.forged
                    && *sender == name.sender
                    && seq.is_none_or(|seq| seq == segment.seq)
                    && ack.is_none_or(|ack| ack == segment.ack.is_some())
                    && rst.is_none_or(|rst| rst == segment.rst)
                    && syn.is_none_or(|syn| syn == segment.syn)
                    && fin.is_none_or(|fin| fin == segment.fin)
                    && data.is_none_or(|data| data != segment.data.is_empty())
                    && during.is_none_or(|during| during.has(self.log.now))
            }
        }
    }

    fn no_counterpart(&mut self, place: usize) {
        let act = u32::try_from(place).unwrap_or(u32::MAX);
        self.log.note(Rule::ActNoCounterpart, EventKind::NoCounterpart { act });
    }

    /// At the end of a run: the acts whose segment was never sent are named.
    pub(super) fn conclude(&mut self) {
        self.log.host = None;
        self.log.cause = None;
        for (place, act) in self.scenario.acts.iter().enumerate() {
            let named = matches!(act, Act::Fate { target: Target::Named { .. }, .. });
            if named && !self.met.get(place).copied().unwrap_or(true) {
                self.no_counterpart(place);
            }
        }
    }
}

/// The segments that acts release: what was sent, or forged, not one of its copies.
fn released(acts: &[Act]) -> BTreeMap<SegmentName, Option<EventId>> {
    let names = acts.iter().filter_map(|act| match act {
        Act::Release { name, .. } => Some((SegmentName { copy: 1, ..*name }, None)),
        Act::Call { .. } | Act::Forge { .. } | Act::Fate { .. } => None,
    });
    names.collect()
}

fn timer(
    host: HostId,
    (connection, timer, deadline): (ConnectionId, TimerKind, Deadline),
) -> (Due, Choice) {
    let due = Due { at: deadline.at, class: TIMERS, order: u64::from(deadline.order) };
    (due, Choice::Timer(host, connection, timer))
}

/// How long a segment of that sender travels.
fn travel(scenario: &Scenario, sender: HostId) -> Span {
    let [a, b] = scenario.wire.delay;
    match sender {
        HostId::A => a,
        HostId::B => b,
    }
    .max(Span(1))
}

fn later(when: When, usual: Time, now: Time) -> Time {
    match when {
        When::After(span) => usual + span,
        When::At(at) => at.max(now + Span(1)),
    }
}
