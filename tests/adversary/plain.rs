//! The adversary's model written down once more, plainly, for stateright: a state holds both hosts
//! whole, and each step clones one and runs the engine. It shares with the search the setting only.

use std::hash::{DefaultHasher, Hash, Hasher};

use stateright::{Checker, Model, Property};
use time_wait_lab::adversary::{Pace, Setting};
use time_wait_lab::tcp::call::Call;
use time_wait_lab::tcp::connection::{AckHabit, Connection};
use time_wait_lab::tcp::event::{Event, EventKind, HostId, Log, SegmentName};
use time_wait_lab::tcp::host::Host;
use time_wait_lab::tcp::rtt::RttEstimator;
use time_wait_lab::tcp::rule::Rule;
use time_wait_lab::tcp::segment::{Incarnation, Segment};
use time_wait_lab::tcp::state::State;
use time_wait_lab::tcp::time::{Span, Time};
use time_wait_lab::world::scenario::{A_PORT, B_PORT};
use time_wait_lab::world::{Start, Verdict};

const NOW: Time = Time(1 << 40);

/// A segment on its way, and how old it is, in ticks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Flying {
    sender: HostId,
    segment: Segment,
    /// A RST that answers a FIN for a host that knows nothing of its connection.
    forgotten: bool,
    age: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    hosts: [Host; 2],
    done: [usize; 2],
    incarnations: u32,
    acts: u8,
    finished: [u8; 2],
    fresh: Vec<Flying>,
    held: Vec<Flying>,
    /// What the last step showed, if it's looked for: the run ends there.
    pub(crate) shown: Option<Verdict>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Deliver { held: bool, place: usize, iss: usize },
    Drop,
    Hold,
    Copy,
    Fire { host: HostId, place: usize },
    Call { host: HostId, iss: usize },
    Wait(u8),
}

#[derive(Clone, Debug)]
pub(crate) struct Plain {
    pub(crate) setting: Setting,
    pub(crate) wanted: Vec<Verdict>,
    /// Whether a state in which something has been shown counts as one.
    pub(crate) ends_count: bool,
}

fn ports(id: HostId) -> (u16, u16) {
    if id == HostId::A { (A_PORT, B_PORT) } else { (B_PORT, A_PORT) }
}

fn key(flying: &Flying) -> u64 {
    let mut hasher = DefaultHasher::new();
    flying.hash(&mut hasher);
    hasher.finish()
}

impl Plain {
    /// How many ISS values a host's next connection may take.
    fn choices(&self, host: &Host) -> usize {
        let side = &self.setting.sides[host.id.index()];
        let before = u32::from(self.setting.start != Start::Closed);
        let next = (host.opened() - before) as usize;
        side.iss.get(next).or(side.iss.last()).map_or(0, Vec::len)
    }

    fn left(&self, at: Time) -> u8 {
        u8::try_from(at.since(NOW).0 / self.setting.tick.0).unwrap()
    }

    /// Something happens to a host. `None`: the step isn't one of the model.
    fn host_does(
        &self,
        world: &mut World,
        id: HostId,
        iss: usize,
        arrived: Option<&Flying>,
        act: impl FnOnce(&mut Host, &mut Log),
    ) -> Option<Vec<Event>> {
        let old = world.hosts[id.index()].clone();
        let host = &mut world.hosts[id.index()];
        let side = &self.setting.sides[id.index()];
        let before = u32::from(self.setting.start != Start::Closed);
        let list = side.iss.get((host.opened() - before) as usize).or(side.iss.last());
        host.iss.extend(list.and_then(|list| list.get(iss)));
        let mut log = Log { now: NOW, host: Some(id), ..Log::default() };
        act(host, &mut log);
        let taken = list.is_some_and(|list| !list.is_empty()) && host.iss.is_empty();
        if iss > 0 && !taken {
            return None;
        }
        host.iss.clear();
        normal(host);
        let early = self.judge(world, &old, id, arrived, &log.events);
        if early && self.setting.orderly && world.shown.is_none() {
            return None;
        }
        for departure in log.departures {
            let alone = log.events.iter().any(|event| {
                matches!(&event.kind, EventKind::Sent { name, connection: None, .. }
                    if *name == departure.name)
            });
            let answers = arrived.is_some_and(|arrived| {
                arrived.segment.fin && arrived.segment.origin == departure.segment.origin
            });
            let forgotten = alone && departure.segment.rst && answers;
            let segment = departure.segment;
            world.fresh.push(Flying { sender: id, segment, forgotten, age: 0 });
        }
        Some(log.events)
    }

    /// What a step shows. Whether an incarnation ended before its time.
    fn judge(
        &self,
        world: &mut World,
        old: &Host,
        id: HostId,
        arrived: Option<&Flying>,
        events: &[Event],
    ) -> bool {
        let mut of: Vec<_> = old.connections.iter().map(|c| (c.id, c.incarnation)).collect();
        let mut found = Vec::new();
        let mut early = false;
        let rst = arrived.filter(|arrived| arrived.segment.rst);
        for event in events {
            match &event.kind {
                EventKind::Opened { connection, incarnation, .. } => {
                    of.push((*connection, *incarnation));
                }
                EventKind::Received { connection, chunks } => {
                    let own = of.iter().find(|(c, _)| c == connection).unwrap().1;
                    if chunks.iter().any(|chunk| chunk.origin != own) {
                        found.push(Verdict::ForeignOctets);
                    }
                }
                EventKind::EndOfFile { connection, origin } => {
                    let own = of.iter().find(|(c, _)| c == connection).unwrap().1;
                    if *origin != own {
                        found.push(Verdict::ForeignFin);
                    }
                }
                EventKind::State { connection, from, to: State::Closed } => {
                    let own = of.iter().find(|(c, _)| c == connection).unwrap().1;
                    let reopened = event.rule == Rule::TimeWaitReopened;
                    if *from == State::TimeWait && arrived.is_some() && !reopened {
                        found.push(Verdict::TimeWaitCutShort);
                    } else if let Some(rst) = rst {
                        let opening = matches!(from, State::SynSent | State::SynReceived);
                        let peer = world.finished[id.other().index()] & 1 << own.0 != 0;
                        if rst.segment.origin != own {
                            found.push(Verdict::OldRst);
                        } else if !opening && rst.forgotten && peer {
                            found.push(Verdict::SpuriousRst);
                        }
                    }
                    early |= EARLY.contains(&event.rule);
                    if ![Rule::Abort, Rule::AbortSilent].contains(&event.rule) {
                        world.finished[id.index()] |= 1 << own.0;
                    }
                }
                _ => {}
            }
        }
        world.shown = self.wanted.iter().copied().find(|wanted| found.contains(wanted));
        early
    }

    fn guard_holds(&self, world: &World, id: HostId) -> Option<Pace> {
        let line = self.setting.sides[id.index()].program.get(world.done[id.index()])?;
        let state = world.hosts[id.index()].state(ports(id));
        line.guard.holds(state).then_some(line.pace)
    }

    fn wait(&self, world: &World) -> Option<u8> {
        let mut due: Vec<u8> = Vec::new();
        due.extend(world.fresh.first().map(|f| self.setting.travel - f.age));
        for host in &world.hosts {
            due.extend(host.deadlines().map(|(_, _, deadline)| self.left(deadline.at)));
        }
        let mut least = due.into_iter().min();
        if !world.held.is_empty() {
            least = Some(1);
        }
        let lazy = HostId::BOTH.iter().any(|id| self.guard_holds(world, *id).is_some());
        if lazy { least.map(|_| 1) } else { least }
    }
}

/// How an incarnation ends before its time.
const EARLY: [Rule; 7] = [
    Rule::Reset,
    Rule::ResetSilent,
    Rule::ResetRefused,
    Rule::Refused,
    Rule::Abort,
    Rule::AbortSilent,
    Rule::SynReset,
];

/// Without what decides nothing: names, and moments that nobody reads.
fn normal(host: &mut Host) {
    host.count_anew();
    let profile = host.profile.clone();
    for c in &mut host.connections {
        c.rtt = RttEstimator::new();
        c.habit = AckHabit::default();
        (c.time_wait_entered, c.waiting_since) = (NOW, NOW);
        (c.heard_at, c.waits_since) = (NOW, None);
        for flight in &mut c.flights {
            flight.at = NOW;
            flight.name = SegmentName { sender: HostId::A, forged: false, number: 0, copy: 1 };
        }
        for deadline in deadlines(c) {
            deadline.order = 0;
        }
        let most = (0..64).find(|n| c.rtt.timeout(*n, false, &profile) == profile.rto_max);
        c.retransmissions = c.retransmissions.min(most.unwrap());
    }
}

fn deadlines(
    c: &mut Connection,
) -> impl Iterator<Item = &mut time_wait_lab::tcp::connection::Deadline> {
    let send = c.send_timer.as_mut().map(|(_, deadline)| deadline);
    let wait = c.wait_timer.as_mut().map(|(_, deadline)| deadline);
    send.into_iter().chain(c.ack_timer.as_mut()).chain(wait)
}

impl Model for Plain {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        let mut hosts = HostId::BOTH.map(|id| {
            let side = &self.setting.sides[id.index()];
            Host::new(id, side.profile.clone(), side.application)
        });
        let mut incarnations = 0;
        if let Start::Established { a_next, b_next } = self.setting.start {
            incarnations = 1;
            let mut log = Log { now: NOW, ..Log::default() };
            let windows = self.setting.sides.each_ref().map(|side| side.profile.window);
            let [a, b] = &mut hosts;
            let peer = (windows[1], 0);
            a.establish((A_PORT, B_PORT), (a_next, b_next), peer, false, &mut log);
            let peer = (windows[0], 0);
            b.establish((B_PORT, A_PORT), (b_next, a_next), peer, false, &mut log);
        }
        hosts.iter_mut().for_each(normal);
        vec![World {
            hosts,
            done: [0; 2],
            incarnations,
            acts: 0,
            finished: [0; 2],
            fresh: Vec::new(),
            held: Vec::new(),
            shown: None,
        }]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        if world.shown.is_some() {
            return;
        }
        let mut urgent = false;
        let each = |id: HostId| 0..self.choices(&world.hosts[id.index()]).max(1);
        if let Some(first) = world.fresh.first().filter(|f| f.age >= self.setting.travel) {
            urgent = true;
            let to = first.sender.other();
            steps.extend(each(to).map(|iss| Step::Deliver { held: false, place: 0, iss }));
            if world.acts < self.setting.budget {
                steps.extend([Step::Drop, Step::Hold, Step::Copy]);
            }
        }
        for (place, flying) in world.held.iter().enumerate() {
            urgent |= flying.age >= self.setting.lifetime;
            let to = flying.sender.other();
            steps.extend(each(to).map(|iss| Step::Deliver { held: true, place, iss }));
        }
        for host in HostId::BOTH {
            for (place, (.., deadline)) in world.hosts[host.index()].deadlines().enumerate() {
                if self.left(deadline.at) == 0 {
                    urgent = true;
                    steps.push(Step::Fire { host, place });
                }
            }
            if let Some(pace) = self.guard_holds(world, host) {
                urgent |= pace == Pace::AtOnce;
                steps.extend(each(host).map(|iss| Step::Call { host, iss }));
            }
        }
        if !urgent {
            steps.extend(self.wait(world).map(Step::Wait));
        }
    }

    fn next_state(&self, world: &World, step: Step) -> Option<World> {
        let mut next = world.clone();
        match step {
            Step::Deliver { held, place, iss } => {
                let list = if held { &mut next.held } else { &mut next.fresh };
                let flying = list.remove(place);
                let to = flying.sender.other();
                self.host_does(&mut next, to, iss, Some(&flying), |host, log| {
                    host.arrives(&flying.segment, log);
                })?;
            }
            Step::Drop | Step::Hold | Step::Copy => {
                next.acts += 1;
                let first = next.fresh[0].clone();
                if step != Step::Copy {
                    next.fresh.remove(0);
                }
                if step != Step::Drop {
                    next.held.push(first);
                    next.held.sort_by_key(key);
                }
            }
            Step::Fire { host, place } => {
                let (connection, kind, _) = next.hosts[host.index()].deadlines().nth(place)?;
                self.host_does(&mut next, host, 0, None, |host, log| {
                    host.fire(connection, kind, log);
                })?;
            }
            Step::Call { host, iss } => {
                let line = &self.setting.sides[host.index()].program[next.done[host.index()]];
                next.done[host.index()] += 1;
                let peer = &world.hosts[host.other().index()];
                let crossed = peer.connections.iter().find(|c| c.state == State::SynSent);
                let fresh = Incarnation(next.incarnations + 1);
                let incarnation = crossed.map_or(fresh, |c| c.incarnation);
                let events = self.host_does(&mut next, host, iss, None, |host, log| {
                    host.call(None, &line.call, incarnation, log);
                })?;
                let connects = matches!(line.call, Call::Connect { .. });
                let opened = events.iter().any(|e| matches!(e.kind, EventKind::Opened { .. }));
                if connects && opened {
                    next.incarnations = next.incarnations.max(incarnation.0);
                }
            }
            Step::Wait(ticks) => {
                let span: Span = self.setting.tick.times(u64::from(ticks));
                for c in next.hosts.iter_mut().flat_map(|host| &mut host.connections) {
                    deadlines(c).for_each(|deadline| deadline.at = deadline.at - span);
                }
                for flying in next.fresh.iter_mut().chain(&mut next.held) {
                    flying.age += ticks;
                }
                next.held.sort_by_key(key);
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            // One that always holds, so that the checker goes on to the end.
            Property::always("everything is tried", |_, _| true),
            Property::always("foreign-octets", |_, w: &World| {
                w.shown != Some(Verdict::ForeignOctets)
            }),
            Property::always("foreign-fin", |_, w: &World| w.shown != Some(Verdict::ForeignFin)),
            Property::always("old-rst", |_, w: &World| w.shown != Some(Verdict::OldRst)),
            Property::always("spurious-rst", |_, w: &World| w.shown != Some(Verdict::SpuriousRst)),
        ]
    }

    fn within_boundary(&self, world: &World) -> bool {
        self.ends_count || world.shown.is_none()
    }
}

/// How many states stateright's breadth-first search finds, one thread, and what was shown.
pub(crate) fn check(model: Plain) -> (usize, Vec<&'static str>) {
    let checker = model.checker().threads(1).spawn_bfs().join();
    let mut shown: Vec<&'static str> = checker.discoveries().into_keys().collect();
    shown.sort_unstable();
    (checker.unique_state_count(), shown)
}
