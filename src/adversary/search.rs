//! The search: everything that can happen, fewest acts of the network first, then fewest steps.

use crate::world::verdict::Verdict;

use super::found::{Cost, Counterexample, Found, Shown, Tried};
use super::machine::{Findings, Machine};
use super::replay;
use super::setting::{Setting, Unfit};
use super::state::State;
use super::steps::Fan;
use super::table::Table;

/// Where a state came from: the number of the one before, and which step of its fan.
type Parent = (u32, u8);

/// Which orders of the steps of one tick are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// Any, until one showed something that no run has; then all anew in real order.
    Either,
    /// Those that real moments have.
    Real,
    /// Any.
    Any,
}

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
    order: Order,
    /// Whether a run was rejected, so that everything is tried anew in real order.
    anew: bool,
    /// The ways in which each of the wanted was shown: the states before and after.
    ways: Vec<Table>,
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
    /// A search for verdicts; a run ends with the first of them that it shows. `hasty`: it ends
    /// when each has its run.
    ///
    /// It begins with the steps of a tick in any order, which are fewer states. What is never shown
    /// so is never shown; when something is that no run has, it tries everything anew, in the order
    /// that runs have. Either way the result is exact.
    ///
    /// # Errors
    /// Says why the setting can't be searched.
    pub fn new(setting: &Setting, wanted: &[Verdict], hasty: bool) -> Result<Search, Unfit> {
        setting.check()?;
        let mut search = Search {
            machine: Machine::new(setting),
            wanted: wanted.to_vec(),
            hasty,
            separate: false,
            order: Order::Either,
            anew: false,
            ways: Vec::new(),
            table: Table::new(),
            parents: Vec::new(),
            front: Vec::new(),
            ahead: Vec::new(),
            place: 0,
            later: vec![Vec::new(); usize::from(setting.budget) + 1],
            cost: Cost { acts: 0, steps: 0 },
            fan: Fan::default(),
            best: vec![None; wanted.len()],
            shown: Vec::new(),
            tried: Tried::default(),
            over: false,
        };
        search.begin(Order::Either);
        Ok(search)
    }

    /// Begins, or begins anew; runs that were found before are runs still.
    fn begin(&mut self, order: Order) {
        self.order = order;
        self.anew = false;
        self.machine.any_order = order != Order::Real;
        self.table = Table::new();
        self.ways = self.wanted.iter().map(|_| Table::new()).collect();
        let shown = |verdict: &Verdict| Shown { verdict: *verdict, ways: 0, unreal: 0 };
        self.shown = self.wanted.iter().map(shown).collect();
        self.parents.clear();
        self.front.clear();
        self.ahead.clear();
        self.later.iter_mut().for_each(Vec::clear);
        (self.place, self.cost) = (0, Cost { acts: 0, steps: 0 });
        let root = self.machine.root();
        let entered = self.enter(&root, (u32::MAX, 0));
        self.front.extend(entered);
    }

    /// Keeps states apart that differ only in the acts used up: what a checker without that order
    /// does, for comparisons.
    #[must_use]
    pub fn separately(mut self) -> Search {
        self.separate = true;
        self
    }

    /// Lets the steps of one tick come in any order, also in one that no run has, and only counts
    /// what it has to reject: for comparisons with a checker that knows of no order.
    #[must_use]
    pub fn in_any_order(mut self) -> Search {
        self.tried = Tried::default();
        self.begin(Order::Any);
        self
    }

    /// Tries the steps of one tick in the order of real moments only, from the start: so that
    /// [`Shown::ways`] counts nothing that no run has.
    #[must_use]
    pub fn in_real_order(mut self) -> Search {
        self.tried = Tried::default();
        self.begin(Order::Real);
        self
    }

    /// Searches to the end.
    #[must_use]
    pub fn run(mut self) -> Found {
        while !self.go_on(1 << 16) {}
        self.found()
    }

    /// Tries what follows so many states. Whether the search is over. The bound of memory is looked
    /// at first, so it's kept but for what so many states need.
    pub fn go_on(&mut self, states: u32) -> bool {
        self.stop_if_full();
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
    pub fn found(&self) -> Found {
        let whole = self.tried.cut == 0 && self.over && self.all_tried();
        Found {
            whole,
            tried: self.tried,
            shown: self.shown.clone(),
            counterexamples: self.best.iter().flatten().cloned().collect(),
        }
    }

    /// Tries what follows so many states at most, of one number of acts and steps. How many it
    /// were; 0 where it had to go on to the next number first.
    pub(super) fn go_on_level(&mut self, states: u32) -> u32 {
        let mut tried = 0;
        while tried < states && !self.over {
            let Some((state, number)) = self.front.get(self.place).copied() else {
                self.advance();
                break;
            };
            self.place += 1;
            self.expand(&state, number);
            tried += 1;
        }
        tried
    }

    /// Whether it's over.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    fn all_tried(&self) -> bool {
        self.front.len() <= self.place
            && self.ahead.is_empty()
            && self.later.iter().flatten().all(Vec::is_empty)
    }

    /// The number of a state that wasn't known.
    fn enter(&mut self, state: &State, parent: Parent) -> Option<(State, u32)> {
        if !self.table.insert(state.fingerprint(self.separate, !self.machine.any_order)) {
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
    }

    fn stop_if_full(&mut self) {
        if self.measure() > self.machine.setting.most_octets {
            self.stop();
        }
    }

    /// The bound of memory: what waits is cut off, and the search is over.
    pub(super) fn stop(&mut self) {
        if !self.over {
            let later: usize = self.later.iter().flatten().map(Vec::len).sum();
            let waiting = self.front.len() - self.place + self.ahead.len() + later;
            self.tried.cut += u64::try_from(waiting).unwrap_or(u64::MAX);
            self.over = true;
        }
    }

    /// How many octets states and what is known of them take now.
    pub(super) fn measure(&mut self) -> u64 {
        let waiting: usize = self.later.iter().flatten().map(Vec::capacity).sum();
        let fronts = self.front.capacity() + self.ahead.capacity();
        let octets = self.table.octets()
            + self.parents.capacity() * size_of::<Parent>()
            + fronts * size_of::<(State, u32)>()
            + waiting * size_of::<Later>();
        let octets = u64::try_from(octets).unwrap_or(u64::MAX);
        self.tried.octets = self.tried.octets.max(octets);
        self.tried.hosts = u64::try_from(self.machine.cards.len()).unwrap_or(u64::MAX);
        octets
    }

    fn expand(&mut self, state: &State, number: u32) {
        self.follow(state, number);
        if self.anew {
            self.tried.anew += 1;
            self.begin(Order::Real);
        }
    }

    fn follow(&mut self, state: &State, number: u32) {
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
                let way = [state, &next.state].map(|state| state.fingerprint(false, false));
                self.show(next.findings, parent, cost, way);
                self.tried.runs += 1;
            } else if next.early && self.machine.setting.orderly {
                self.tried.left += 1;
                self.tried.runs += 1;
            } else if next.state.acts == state.acts {
                match self.enter(&next.state, parent) {
                    Some(entered) => self.ahead.push(entered),
                    None => self.tried.runs += 1,
                }
            } else if self
                .table
                .contains(next.state.fingerprint(self.separate, !self.machine.any_order))
            {
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
    fn show(&mut self, findings: Findings, parent: Parent, cost: Cost, way: [u64; 2]) {
        for place in 0..self.wanted.len() {
            let Some(verdict) = self.wanted.get(place).copied() else { continue };
            if findings.has(verdict)
                && let Some(shown) = self.shown.get_mut(place)
                && let Some(ways) = self.ways.get_mut(place)
            {
                shown.ways += u64::from(ways.insert(way[0].rotate_left(1) ^ way[1]));
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
                None if self.order == Order::Either => self.anew = true,
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
