//! A path of the search as an ordinary scenario.
//!
//! A step is given a moment: its tick, and a few microseconds that put the steps of one tick in the
//! order of the path. Some steps can't be moved alone: a segment that nobody touches arrives a
//! travel time after its sending, a timer fires its length after its start. What the engine must do
//! in another order has no such moments; then the path is no run, and there's no scenario.

use crate::tcp::event::{
    ConnectionId, EventKind, HostId, Log, SegmentName, TimerChange, TimerKind,
};
use crate::tcp::segment::Flags;
use crate::tcp::seq::Seq;
use crate::tcp::time::{Span, Time};
use crate::world::verdict::Verdict;
use crate::world::{Act, Fate, HostSetup, Scenario, Target, When, Wire, simulate, verdicts};

use super::machine::{Input, Machine};
use super::setting::Setting;
use super::state::{Flying, State};
use super::steps::{Choice, Fan, Next};
use super::ties::Kind;

/// When a step happens: a tick, and the step that fixes how far within it, or only bounds it.
#[derive(Clone, Copy, Debug)]
struct Moment {
    tick: u64,
    kind: Kind,
    /// The step that it keeps its distance from.
    tied: Option<usize>,
    /// The step that it must not be later than, counted from their ticks.
    bound: Option<usize>,
}

/// A segment of the path.
#[derive(Clone, Debug)]
struct Tag {
    flying: Flying,
    held: bool,
    name: SegmentName,
    expected: (Flags, Seq),
    /// The step that sent it.
    born: usize,
    /// Whether it's a copy.
    copy: bool,
}

/// What the network did, and at which step it showed, where it matters.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Drop,
    Delay(usize),
    Duplicate(usize),
}

struct Replay<'a> {
    machine: &'a mut Machine,
    moments: Vec<Moment>,
    tags: Vec<Tag>,
    timers: Vec<(HostId, ConnectionId, TimerKind, usize)>,
    calls: Vec<(usize, HostId, usize)>,
    deeds: Vec<(Tag, Deed)>,
    iss: [Vec<Seq>; 2],
    sent: [u32; 2],
    tick: u64,
    log: Log,
}

/// The scenario of a path, if it is a run that shows the verdict; and the side that it happens to.
pub(super) fn scenario(
    machine: &mut Machine,
    path: &[u8],
    verdict: Verdict,
) -> Option<(HostId, Scenario)> {
    let mut replay = Replay {
        machine,
        moments: Vec::new(),
        tags: Vec::new(),
        timers: Vec::new(),
        calls: Vec::new(),
        deeds: Vec::new(),
        iss: [Vec::new(), Vec::new()],
        sent: [0, 0],
        tick: 0,
        log: Log::default(),
    };
    let mut state = replay.machine.root();
    let mut fan = Fan::default();
    for step in path {
        replay.machine.fan(&state, &mut fan);
        let next = *fan.next.get(usize::from(*step))?;
        replay.step(&state, &next)?;
        state = next.state;
    }
    replay.finish(verdict)
}

impl Replay<'_> {
    fn step(&mut self, state: &State, next: &Next) -> Option<()> {
        let hosts = state.hosts;
        let here = self.moments.len();
        let free = Moment { tick: self.tick, kind: Kind::Call, tied: None, bound: None };
        match next.choice {
            Choice::Wait(ticks) => {
                self.tick += u64::from(ticks);
                for tag in &mut self.tags {
                    tag.flying = tag.flying.older(ticks);
                }
                return Some(());
            }
            Choice::Drop(_) | Choice::Hold(_) | Choice::Copy(_) => self.act(next)?,
            Choice::Deliver(_) => {
                let tag = self.arriving(next)?;
                let old = tag.flying.age() >= self.machine.setting.lifetime;
                self.moments.push(Moment {
                    tied: (!tag.held).then_some(tag.born),
                    bound: (tag.held && old).then_some(tag.born),
                    kind: Kind::Arrival,
                    ..free
                });
                if tag.held {
                    let deed = if tag.copy { Deed::Duplicate(here) } else { Deed::Delay(here) };
                    self.deeds.push((tag.clone(), deed));
                }
                let to = tag.name.sender.other();
                let input = self.machine.arrival(tag.flying);
                self.host(to, hosts, input, next.outcome);
            }
            Choice::Fire(id, place) => {
                let card = self.machine.card(hosts[id.index()])?;
                let (connection, kind, _) = *card.timers.get(usize::from(place))?;
                let started = self
                    .timers
                    .iter()
                    .rev()
                    .find(|(host, c, k, _)| (*host, *c, *k) == (id, connection, kind))
                    .map(|(.., step)| *step);
                self.moments.push(Moment { kind: Kind::Timer, tied: started, ..free });
                self.host(id, hosts, Input::Fire(place), next.outcome);
            }
            Choice::Call(id) => {
                self.moments.push(free);
                let line = state.done[id.index()];
                self.calls.push((here, id, usize::from(line)));
                let peer = self.machine.card(hosts[id.other().index()])?.opening;
                // The same number that the search gave it: see `Machine::calls`.
                let incarnation = peer.unwrap_or(state.incarnations + 1);
                self.host(id, hosts, Input::Call(line, incarnation), next.outcome);
            }
        }
        Some(())
    }

    /// Which segment a step is about.
    fn place(&self, next: &Next) -> Option<usize> {
        let (flying, held) = next.taken?;
        let like = (flying.segment(), flying.age(), held);
        self.tags.iter().position(|t| (t.flying.segment(), t.flying.age(), t.held) == like)
    }

    /// The segment that arrives.
    fn arriving(&mut self, next: &Next) -> Option<Tag> {
        let place = self.place(next)?;
        Some(self.tags.remove(place))
    }

    fn act(&mut self, next: &Next) -> Option<()> {
        let place = self.place(next)?;
        match next.choice {
            Choice::Drop(_) => {
                let tag = self.tags.remove(place);
                self.deeds.push((tag, Deed::Drop));
            }
            Choice::Hold(_) => self.tags.get_mut(place)?.held = true,
            Choice::Copy(_) => {
                let copy = Tag { held: true, copy: true, ..self.tags.get(place)?.clone() };
                self.tags.push(copy);
            }
            Choice::Deliver(_) | Choice::Fire(..) | Choice::Call(_) | Choice::Wait(_) => {}
        }
        Some(())
    }

    /// The engine once more, for the names of what it sends and the starts of its timers.
    fn host(&mut self, id: HostId, hosts: [u32; 2], input: Input, outcome: usize) {
        let here = self.moments.len().saturating_sub(1);
        let Some(old) = self.machine.card(hosts[id.index()]).map(|card| card.host.clone()) else {
            return;
        };
        let setting = &self.machine.setting;
        let numbers = setting.sides[id.index()].numbers(setting.start, old.opened());
        let iss = numbers.get(outcome).copied();
        let mut log = core::mem::take(&mut self.log);
        let (_, taken, _) = self.machine.run(&old, input, iss, &mut log);
        if taken {
            self.iss[id.index()].extend(iss);
        }
        for event in &log.events {
            if let EventKind::Timer {
                connection,
                timer,
                change: TimerChange::Started(_) | TimerChange::Restarted(_),
            } = event.kind
            {
                self.timers.push((id, connection, timer, here));
            }
        }
        let range = self.machine.outcomes(hosts[id.index()], input);
        let numbers = self
            .machine
            .outcomes
            .get(range.start + outcome)
            .map(|outcome| self.machine.sent_by(outcome).to_vec())
            .unwrap_or_default();
        for (number, departure) in numbers.into_iter().zip(&log.departures) {
            self.sent[id.index()] += 1;
            let number_of_name = self.sent[id.index()];
            self.tags.push(Tag {
                flying: Flying::new(number, 0, 0),
                held: false,
                name: SegmentName { sender: id, forged: false, number: number_of_name, copy: 1 },
                expected: (departure.segment.flags(), departure.segment.seq),
                born: here,
                copy: false,
            });
        }
        self.log = log;
    }

    /// First with every step at its full tick, which reads best; where the engine's order within an
    /// instant is another one, a few microseconds apart.
    fn finish(mut self, verdict: Verdict) -> Option<(HostId, Scenario)> {
        let deeds = core::mem::take(&mut self.deeds);
        // What is still held is delivered to nobody before the end.
        let kept = core::mem::take(&mut self.tags);
        let plain = vec![0; self.moments.len()];
        let spread = |space, loose| offsets(&self.moments, space, loose);
        let space = self.space();
        let spaces = [Some(plain), spread(space, false), spread(1, false), spread(space, true)];
        let mut tries = spaces.into_iter().flatten();
        tries.find_map(|offsets| {
            let scenario = self.scenario(&offsets, &deeds, &kept);
            let trace = simulate(&scenario);
            let shows = verdicts(&trace).into_iter().find(|one| one.verdict == verdict)?;
            Some((shows.host, scenario))
        })
    }

    /// A hundredth of a tick, so that a hundred steps of one tick stay within it.
    fn space(&self) -> i64 {
        i64::try_from(self.machine.setting.tick.0 / 100).unwrap_or(1).max(1)
    }

    fn at(&self, step: usize, offsets: &[i64]) -> Time {
        let tick = self.machine.setting.tick;
        let base = self.moments.get(step).map_or(0, |moment| moment.tick);
        let offset = offsets.get(step).copied().unwrap_or(0);
        Time::START + tick.times(base) + Span(u64::try_from(offset).unwrap_or(0))
    }

    fn scenario(&self, offsets: &[i64], deeds: &[(Tag, Deed)], kept: &[Tag]) -> Scenario {
        let setting = &self.machine.setting;
        let mut acts: Vec<Act> = Vec::new();
        for (step, host, line) in &self.calls {
            let at = self.at(*step, offsets);
            if let Some(line) = setting.sides[host.index()].program.get(*line) {
                acts.push(Act::Call { at, host: *host, fd: None, call: line.call.clone() });
            }
        }
        let fate = |tag: &Tag, fate: Fate| Act::Fate {
            target: Target::Named { name: tag.name, expected: Some(tag.expected) },
            fate,
        };
        for (tag, deed) in deeds {
            acts.push(match deed {
                Deed::Drop => fate(tag, Fate::Drop),
                Deed::Delay(step) => fate(tag, Fate::Delay(When::At(self.at(*step, offsets)))),
                Deed::Duplicate(step) => {
                    fate(tag, Fate::Duplicate(When::At(self.at(*step, offsets))))
                }
            });
        }
        // Held to the end: as good as lost.
        acts.extend(kept.iter().filter(|tag| tag.held && !tag.copy).map(|t| fate(t, Fate::Drop)));
        let last = self.moments.len().saturating_sub(1);
        let [a, b] = setup(setting, &self.iss);
        Scenario {
            hosts: [a, b],
            wire: Wire {
                delay: [setting.tick.times(u64::from(setting.travel)); 2],
                lifetime: Some(setting.tick.times(u64::from(setting.lifetime))),
            },
            start: setting.start,
            acts,
            until: self.at(last, offsets),
        }
    }
}

fn setup(setting: &Setting, iss: &[Vec<Seq>; 2]) -> [HostSetup; 2] {
    HostId::BOTH.map(|id| {
        let side = &setting.sides[id.index()];
        HostSetup {
            profile: side.profile.clone(),
            application: side.application,
            iss: iss[id.index()].clone(),
            clock: 0,
        }
    })
}

/// How far after its tick each step happens, in microseconds: in the order of the path, those of one
/// tick `space` apart, unless both hang on the same step. `loose`: those that the engine does in the
/// same order in one instant may share it. `None`: there's no such order.
fn offsets(moments: &[Moment], space: i64, loose: bool) -> Option<Vec<i64>> {
    let mut roots: Vec<usize> = Vec::with_capacity(moments.len());
    for (step, moment) in moments.iter().enumerate() {
        let root = moment.tied.and_then(|tied| roots.get(tied)).copied();
        roots.push(root.unwrap_or(step));
    }
    let root = |step: usize| roots.get(step).copied().unwrap_or(step);
    let mut offsets = vec![0_i64; moments.len()];
    // Longest paths by relaxation: as many rounds as there are steps, or there's a circle.
    for _ in 0..=moments.len() {
        let mut changed = false;
        let mut raise = |offsets: &mut Vec<i64>, step: usize, least: i64| {
            if let Some(offset) = offsets.get_mut(step)
                && *offset < least
            {
                *offset = least;
                changed = true;
            }
        };
        for (step, pair) in moments.windows(2).enumerate() {
            let [earlier, later] = pair else { continue };
            let [first, second] = [root(step), root(step + 1)];
            if earlier.tick == later.tick && first != second {
                let apart = if loose && earlier.kind <= later.kind { 0 } else { space };
                let least = offsets.get(first).copied().unwrap_or(0) + apart;
                raise(&mut offsets, second, least);
            }
        }
        for (step, moment) in moments.iter().enumerate() {
            if let Some(bound) = moment.bound {
                let least = offsets.get(root(step)).copied().unwrap_or(0);
                raise(&mut offsets, root(bound), least);
            }
        }
        if !changed {
            let all = (0..moments.len()).map(|step| offsets.get(root(step)).copied());
            return Some(all.map(|offset| offset.unwrap_or(0)).collect());
        }
    }
    None
}
