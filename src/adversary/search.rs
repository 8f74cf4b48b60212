//! The search: everything that can happen, fewest acts of the network first, then fewest steps.

use crate::tcp::event::HostId;
use crate::world::Scenario;
use crate::world::verdict::Verdict;

use super::machine::{Findings, Input, Machine, bit};
use super::replay;
use super::setting::{Pace, Setting, Unfit};
use super::state::{Flying, State};
use super::table::Table;

/// One thing that may happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Choice {
    /// A segment arrives, by its place in the list.
    Deliver(usize),
    /// The network loses one; an act.
    Drop(usize),
    /// The network holds one up; an act.
    Hold(usize),
    /// The network copies one and holds the copy; an act.
    Copy(usize),
    /// A timer fires, by its place.
    Fire(HostId, u8),
    /// A program makes its next call.
    Call(HostId),
    /// Time passes, in ticks.
    Wait(u8),
}

/// A state that follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Next {
    pub(super) choice: Choice,
    /// Which of the outcomes of the host's input; 0 where there's one, or none.
    pub(super) outcome: usize,
    pub(super) state: State,
    pub(super) findings: Findings,
    pub(super) early: bool,
    /// The segment that it's about, and whether the network holds it.
    pub(super) taken: Option<(Flying, bool)>,
}

/// What follows a state; the lists are used again and again.
#[derive(Clone, Debug, Default)]
pub(super) struct Fan {
    pub(super) next: Vec<Next>,
    /// How many states didn't fit: too many segments on the way.
    pub(super) crowded: u32,
}

impl Machine {
    pub(super) fn root(&mut self) -> State {
        let hosts = self.start();
        let incarnations = match self.setting.start {
            crate::world::Start::Closed => 0,
            crate::world::Start::Established { .. } => 1,
        };
        State {
            hosts,
            done: [0; 2],
            incarnations,
            acts: 0,
            finished: [0; 2],
            fresh: 0,
            held: 0,
            flights: Default::default(),
        }
    }

    /// Everything that may happen next.
    pub(super) fn fan(&mut self, state: &State, fan: &mut Fan) {
        fan.next.clear();
        fan.crowded = 0;
        let mut urgent = self.arrivals(state, fan);
        urgent |= self.timers(state, fan);
        let (calls_urgent, calls_lazy) = self.calls(state, fan);
        urgent |= calls_urgent;
        if !urgent {
            self.pass(state, calls_lazy, fan);
        }
    }

    /// The first segment that is due, or what the network does to it; and those that it holds.
    /// Whether time must not pass before.
    fn arrivals(&mut self, state: &State, fan: &mut Fan) -> bool {
        let travel = self.setting.travel;
        let first = state.fresh().first().copied().filter(|f| f.age() >= travel);
        if let Some(flying) = first {
            self.deliver(state, 0, fan);
            if state.acts < self.setting.budget {
                let from = fan.next.len();
                let acted = State { acts: state.acts + 1, ..*state };
                let mut lost = acted;
                lost.take(0);
                push(Choice::Drop(0), lost, fan);
                let mut held = lost;
                // The place that was taken away is free for it.
                if held.hold(flying) {
                    push(Choice::Hold(0), held, fan);
                }
                let mut copied = acted;
                if copied.hold(flying) {
                    push(Choice::Copy(0), copied, fan);
                } else {
                    fan.crowded += 1;
                }
                fan.next.iter_mut().skip(from).for_each(|next| next.taken = Some((flying, false)));
            }
        }
        let mut urgent = first.is_some();
        let start = usize::from(state.fresh);
        let mut last = None;
        for (place, flying) in (start..).zip(state.held()) {
            // Two that are alike are one choice.
            if last != Some(*flying) {
                self.deliver(state, place, fan);
            }
            last = Some(*flying);
            urgent |= flying.age() >= self.setting.lifetime;
        }
        urgent
    }

    fn deliver(&mut self, state: &State, place: usize, fan: &mut Fan) {
        let mut after = *state;
        let flying = after.take(place);
        let sender = self.parcels.get(usize::try_from(flying.segment()).unwrap_or(usize::MAX));
        let Some(to) = sender.map(|parcel| parcel.sender.other()) else { return };
        let from = fan.next.len();
        self.host_does(Choice::Deliver(place), after, to, Input::Arrives(flying.segment()), fan);
        let held = place >= usize::from(state.fresh);
        fan.next.iter_mut().skip(from).for_each(|next| next.taken = Some((flying, held)));
    }

    /// The timers that are due. Whether there are any.
    fn timers(&mut self, state: &State, fan: &mut Fan) -> bool {
        let mut urgent = false;
        for id in HostId::BOTH {
            let host = state.hosts[id.index()];
            let count = self.card(host).map_or(0, |card| card.timers.len());
            for place in 0..count {
                let left = self.card(host).and_then(|card| card.timers.get(place)).map(|t| t.2);
                if left == Some(0) {
                    urgent = true;
                    let place = u8::try_from(place).unwrap_or(u8::MAX);
                    self.host_does(Choice::Fire(id, place), *state, id, Input::Fire(place), fan);
                }
            }
        }
        urgent
    }

    /// The calls whose guard holds. Whether one must be made at once, and whether one may be later.
    fn calls(&mut self, state: &State, fan: &mut Fan) -> (bool, bool) {
        let (mut urgent, mut lazy) = (false, false);
        for id in HostId::BOTH {
            let done = state.done[id.index()];
            let side = &self.setting.sides[id.index()];
            let Some(line) = side.program.get(usize::from(done)) else { continue };
            let (guard, pace) = (line.guard, line.pace);
            let Some(tuple) = self.card(state.hosts[id.index()]).map(|card| card.tuple) else {
                continue;
            };
            if !guard.holds(tuple) {
                continue;
            }
            match pace {
                Pace::AtOnce => urgent = true,
                Pace::AnyTime => lazy = true,
            }
            let mut after = *state;
            after.done[id.index()] += 1;
            let peer = self.card(state.hosts[id.other().index()]).and_then(|card| card.opening);
            let incarnation = peer.unwrap_or(state.incarnations + 1);
            self.host_does(Choice::Call(id), after, id, Input::Call(done, incarnation), fan);
        }
        (urgent, lazy)
    }

    /// Time passes, up to where something is due or there's a choice.
    fn pass(&mut self, state: &State, lazy: bool, fan: &mut Fan) {
        let mut next: Option<u8> = None;
        let mut due = |left: u8| next = Some(next.map_or(left, |next: u8| next.min(left)));
        if let Some(first) = state.fresh().first() {
            due(self.setting.travel.saturating_sub(first.age()));
        }
        for host in state.hosts {
            let timers = self.card(host).map(|card| card.timers.iter());
            timers.into_iter().flatten().for_each(|(_, _, left)| due(*left));
        }
        if state.held > 0 {
            due(1);
        }
        let Some(mut ticks) = next else { return };
        if lazy {
            ticks = ticks.min(1);
        }
        let ticks = ticks.max(1);
        let mut after = *state;
        after.wait(ticks);
        for id in HostId::BOTH {
            let range = self.outcomes(state.hosts[id.index()], Input::Wait(ticks));
            if let Some(outcome) = self.outcomes.get(range.start) {
                after.hosts[id.index()] = outcome.host;
            }
        }
        push(Choice::Wait(ticks), after, fan);
    }

    fn host_does(&mut self, choice: Choice, state: State, id: HostId, input: Input, fan: &mut Fan) {
        let range = self.outcomes(state.hosts[id.index()], input);
        for (number, place) in range.enumerate() {
            let Some(outcome) = self.outcomes.get(place) else { continue };
            let mut after = state;
            after.hosts[id.index()] = outcome.host;
            let mut room = true;
            for segment in self.sent_by(outcome) {
                room &= after.send(*segment);
            }
            if !room {
                fan.crowded += 1;
                continue;
            }
            if let (Input::Call(_, incarnation), true) = (input, outcome.opened) {
                after.incarnations = after.incarnations.max(incarnation);
            }
            let mut findings = outcome.findings;
            if let Some(incarnation) = outcome.forgotten {
                let peer = state.finished[id.other().index()];
                let finished = peer & bit(u32::from(incarnation)) != 0;
                findings.add(if finished { Verdict::SpuriousRst } else { Verdict::AbortedByPeer });
            }
            after.finished[id.index()] |= outcome.finished;
            fan.next.push(Next {
                choice,
                outcome: number,
                state: after,
                findings,
                early: outcome.early,
                taken: None,
            });
        }
    }
}

fn push(choice: Choice, state: State, fan: &mut Fan) {
    let findings = Findings::default();
    fan.next.push(Next { choice, outcome: 0, state, findings, early: false, taken: None });
}

/// How many acts and steps something took. Fewer acts come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cost {
    /// Acts of the network.
    pub acts: u8,
    /// Steps: arrivals, losses, holds, copies, timers, calls, and times that pass.
    pub steps: u32,
}

/// A run that shows a verdict, as an ordinary scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// What it shows.
    pub verdict: Verdict,
    /// The side that it happens to.
    pub host: HostId,
    /// What it took.
    pub cost: Cost,
    /// The scenario; simulated, it shows the same verdict.
    pub scenario: Scenario,
}

/// What was tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// States: both hosts, the wire and the programs.
    pub states: u64,
    /// Steps from one state to another.
    pub steps: u64,
    /// Runs: ways from the start to an end, or to a state that another run had already been in.
    pub runs: u64,
    /// Runs that left the premises (an incarnation ended before its time) and weren't followed.
    pub left: u64,
    /// Runs that weren't followed for want of room: too many segments at once, or states.
    pub cut: u64,
    /// Runs that only a tie allowed, of two things in one instant that the engine always does in
    /// the other order. They showed a verdict, but are no runs.
    pub unreal: u64,
    /// Octets: the most that states and what is known of them took, without the hosts' table.
    pub octets: u64,
}

impl Tried {
    /// Of two searches: the sums, and the larger memory.
    #[must_use]
    pub fn and(self, other: Tried) -> Tried {
        Tried {
            states: self.states + other.states,
            steps: self.steps + other.steps,
            runs: self.runs + other.runs,
            left: self.left + other.left,
            cut: self.cut + other.cut,
            unreal: self.unreal + other.unreal,
            octets: self.octets.max(other.octets),
        }
    }
}

/// How often a verdict was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The verdict.
    pub verdict: Verdict,
    /// Steps, each from another state, that showed it; those that only a tie allowed among them.
    pub ways: u64,
    /// Those that were taken for its shortest run and that only a tie allowed.
    pub unreal: u64,
}

/// The result of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What was tried.
    pub tried: Tried,
    /// The shortest run for each verdict that was looked for and can come, in their order.
    pub counterexamples: Vec<Counterexample>,
    /// How often each of the verdicts that were looked for was shown, in their order.
    pub shown: Vec<Shown>,
    /// Whether everything within the budget was tried: nothing cut off, and not stopped early.
    pub whole: bool,
}

impl Found {
    /// The shortest run to a verdict; `None`: there's none.
    #[must_use]
    pub fn of(&self, verdict: Verdict) -> Option<&Counterexample> {
        self.counterexamples.iter().find(|one| one.verdict == verdict)
    }

    /// How often a verdict was shown.
    #[must_use]
    pub fn shown(&self, verdict: Verdict) -> Option<Shown> {
        self.shown.iter().find(|one| one.verdict == verdict).copied()
    }
}

/// Where a state came from: the number of the one before, and which step of its fan.
type Parent = (u32, u8);

/// A state that waits for its turn among those that take one act more.
#[derive(Clone, Copy, Debug)]
struct Later {
    state: State,
    parent: Parent,
}

/// A search that goes on for as long as it's told to: see [`Search::go_on`].
#[derive(Debug)]
pub struct Search {
    machine: Machine,
    wanted: Vec<Verdict>,
    /// Whether it stops when it has found a run for each of the wanted verdicts.
    hasty: bool,
    /// Whether the acts that are used up belong to a state. Without: a state that was reached with
    /// fewer acts isn't tried again with more, since everything that could follow has followed.
    separate: bool,
    table: Table,
    parents: Vec<Parent>,
    /// States of this number of acts and steps, with their numbers; and those of one step more.
    front: Vec<(State, u32)>,
    ahead: Vec<(State, u32)>,
    place: usize,
    /// By the acts and the steps that they take.
    later: Vec<Vec<Vec<Later>>>,
    cost: Cost,
    fan: Fan,
    best: Vec<Option<Counterexample>>,
    shown: Vec<Shown>,
    tried: Tried,
    over: bool,
}

impl Search {
    /// A search for verdicts; a run ends with the first of them that it shows. `hasty`: it ends when each has its run.
    ///
    /// # Errors
    /// Says why the setting can't be searched.
    pub fn new(setting: &Setting, wanted: &[Verdict], hasty: bool) -> Result<Search, Unfit> {
        setting.check()?;
        let mut machine = Machine::new(setting);
        let root = machine.root();
        let mut search = Search {
            machine,
            wanted: wanted.to_vec(),
            hasty,
            separate: false,
            table: Table::new(),
            parents: Vec::new(),
            front: Vec::new(),
            ahead: Vec::new(),
            place: 0,
            later: vec![Vec::new(); usize::from(setting.budget) + 1],
            cost: Cost { acts: 0, steps: 0 },
            fan: Fan::default(),
            best: vec![None; wanted.len()],
            shown: wanted
                .iter()
                .map(|verdict| Shown { verdict: *verdict, ways: 0, unreal: 0 })
                .collect(),
            tried: Tried::default(),
            over: false,
        };
        let entered = search.enter(&root, (u32::MAX, 0));
        search.front.extend(entered);
        Ok(search)
    }

    /// Keeps states apart that differ only in the acts used up: what a checker without that order
    /// does, for comparisons.
    #[must_use]
    pub fn separately(mut self) -> Search {
        self.separate = true;
        self
    }

    /// Searches to the end.
    #[must_use]
    pub fn run(mut self) -> Found {
        while !self.go_on(1 << 16) {}
        self.found()
    }

    /// Tries what follows so many states. Whether the search is over.
    pub fn go_on(&mut self, states: u32) -> bool {
        for _ in 0..states {
            if self.over {
                break;
            }
            match self.front.get(self.place).copied() {
                Some((state, number)) => {
                    self.place += 1;
                    self.expand(&state, number);
                }
                None => self.advance(),
            }
        }
        self.over
    }

    /// What was tried so far.
    #[must_use]
    pub fn tried(&self) -> Tried {
        self.tried
    }

    /// How many acts and steps the states take that are being tried now.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// The result as it stands.
    #[must_use]
    pub fn found(self) -> Found {
        let whole = self.tried.cut == 0 && self.over && self.all_tried();
        Found {
            whole,
            tried: self.tried,
            shown: self.shown,
            counterexamples: self.best.into_iter().flatten().collect(),
        }
    }

    fn all_tried(&self) -> bool {
        self.front.len() <= self.place
            && self.ahead.is_empty()
            && self.later.iter().flatten().all(Vec::is_empty)
    }

    /// The number of a state that wasn't known.
    fn enter(&mut self, state: &State, parent: Parent) -> Option<(State, u32)> {
        if !self.table.insert(state.fingerprint(self.separate)) {
            return None;
        }
        let number = u32::try_from(self.parents.len()).ok()?;
        self.parents.push(parent);
        self.tried.states += 1;
        Some((*state, number))
    }

    /// The states of one step more, or the first ones of one act more.
    fn advance(&mut self) {
        self.measure();
        self.front.clear();
        core::mem::swap(&mut self.front, &mut self.ahead);
        self.place = 0;
        self.cost.steps += 1;
        self.take_later();
        if !self.front.is_empty() {
            return self.stop_if_done();
        }
        // Nothing of this many acts and steps: the next steps, then the next acts.
        let acts = usize::from(self.cost.acts);
        let from = usize::try_from(self.cost.steps).unwrap_or(usize::MAX);
        let more = |list: &Vec<Vec<Later>>, from: usize| {
            list.iter().enumerate().skip(from).find(|(_, list)| !list.is_empty()).map(|(at, _)| at)
        };
        let here = self.later.get(acts).and_then(|list| more(list, from)).map(|at| (acts, at));
        let after = || {
            let mut lists = self.later.iter().enumerate().skip(acts + 1);
            lists.find_map(|(acts, list)| more(list, 0).map(|at| (acts, at)))
        };
        let Some((acts, steps)) = here.or_else(after) else {
            self.over = true;
            return;
        };
        self.cost = Cost {
            acts: u8::try_from(acts).unwrap_or(u8::MAX),
            steps: u32::try_from(steps).unwrap_or(u32::MAX),
        };
        self.take_later();
        self.stop_if_done();
    }

    fn take_later(&mut self) {
        let acts = usize::from(self.cost.acts);
        let steps = usize::try_from(self.cost.steps).unwrap_or(usize::MAX);
        let list = self.later.get_mut(acts).and_then(|list| list.get_mut(steps));
        for Later { state, parent } in list.map(core::mem::take).unwrap_or_default() {
            match self.enter(&state, parent) {
                Some(entered) => self.front.push(entered),
                None => self.tried.runs += 1,
            }
        }
    }

    /// Nothing that is still to come is shorter than what has been found.
    fn stop_if_done(&mut self) {
        let done = |best: &Option<Counterexample>| {
            best.as_ref().is_some_and(|best| best.cost <= self.cost)
        };
        if self.hasty && !self.best.is_empty() && self.best.iter().all(done) {
            self.over = true;
        }
        if self.tried.states > u64::from(self.machine.setting.most_states) {
            self.tried.cut += u64::try_from(self.front.len()).unwrap_or(u64::MAX);
            self.over = true;
        }
    }

    fn measure(&mut self) {
        let waiting: usize = self.later.iter().flatten().map(Vec::capacity).sum();
        let fronts = self.front.capacity() + self.ahead.capacity();
        let octets = self.table.octets()
            + self.parents.capacity() * size_of::<Parent>()
            + fronts * size_of::<(State, u32)>()
            + waiting * size_of::<Later>();
        self.tried.octets = self.tried.octets.max(u64::try_from(octets).unwrap_or(u64::MAX));
    }

    fn expand(&mut self, state: &State, number: u32) {
        let mut fan = core::mem::take(&mut self.fan);
        self.machine.fan(state, &mut fan);
        self.tried.cut += u64::from(fan.crowded);
        if fan.next.is_empty() {
            self.tried.runs += 1;
        }
        for (place, next) in fan.next.iter().enumerate() {
            self.tried.steps += 1;
            let parent = (number, u8::try_from(place).unwrap_or(u8::MAX));
            let cost = Cost { acts: next.state.acts, steps: self.cost.steps + 1 };
            let shows = self.wanted.iter().any(|verdict| next.findings.has(*verdict));
            if shows {
                self.show(next.findings, parent, cost);
                self.tried.runs += 1;
            } else if next.early && self.machine.setting.orderly {
                self.tried.left += 1;
                self.tried.runs += 1;
            } else if next.state.acts == state.acts {
                match self.enter(&next.state, parent) {
                    Some(entered) => self.ahead.push(entered),
                    None => self.tried.runs += 1,
                }
            } else if self.table.contains(next.state.fingerprint(self.separate)) {
                self.tried.runs += 1;
            } else {
                self.put_off(Later { state: next.state, parent }, cost);
            }
        }
        self.fan = fan;
    }

    fn put_off(&mut self, later: Later, cost: Cost) {
        let steps = usize::try_from(cost.steps).unwrap_or(usize::MAX);
        if let Some(list) = self.later.get_mut(usize::from(cost.acts)) {
            if list.len() <= steps {
                list.resize(steps + 1, Vec::new());
            }
            if let Some(list) = list.get_mut(steps) {
                list.push(later);
            }
        }
    }

    /// A step showed something. If it's shorter than what is known, and a real run, it's kept.
    fn show(&mut self, findings: Findings, parent: Parent, cost: Cost) {
        for place in 0..self.wanted.len() {
            let Some(verdict) = self.wanted.get(place).copied() else { continue };
            if let Some(shown) = self.shown.get_mut(place).filter(|_| findings.has(verdict)) {
                shown.ways += 1;
            }
            let shorter = self
                .best
                .get(place)
                .is_some_and(|best| best.as_ref().is_none_or(|best| cost < best.cost));
            if !shorter || !findings.has(verdict) {
                continue;
            }
            let path = self.path(parent);
            match replay::scenario(&mut self.machine, &path, verdict) {
                Some((host, scenario)) => {
                    if let Some(best) = self.best.get_mut(place) {
                        *best = Some(Counterexample { verdict, host, cost, scenario });
                    }
                }
                None => {
                    self.tried.unreal += 1;
                    if let Some(shown) = self.shown.get_mut(place) {
                        shown.unreal += 1;
                    }
                }
            }
        }
    }

    /// The steps from the start: which of each fan.
    fn path(&self, last: Parent) -> Vec<u8> {
        let mut path = vec![last.1];
        let mut number = last.0;
        while let Some((parent, step)) =
            self.parents.get(usize::try_from(number).unwrap_or(usize::MAX)).copied()
            && parent != u32::MAX
        {
            path.push(step);
            number = parent;
        }
        path.reverse();
        path
    }
}

/// Searches a setting for verdicts, to the end.
///
/// # Errors
/// Says why the setting can't be searched.
pub fn search(setting: &Setting, wanted: &[Verdict]) -> Result<Found, Unfit> {
    Ok(Search::new(setting, wanted, false)?.run())
}
