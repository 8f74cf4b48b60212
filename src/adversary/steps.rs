//! What can happen next in a state.

use crate::tcp::event::HostId;
use crate::world::Start;
use crate::world::verdict::Verdict;

use super::machine::{Findings, Input, Machine, Outcome, bit};
use super::setting::Pace;
use super::state::{Flying, State};
use super::ties::{Kind, Running, Ties};

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
            Start::Closed => 0,
            Start::Established { .. } => 1,
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
            ties: Ties::new(),
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
                for next in fan.next.iter_mut().skip(from) {
                    next.taken = Some((flying, false));
                    if !self.any_order {
                        next.state.tidy();
                    }
                }
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
        let held = place >= usize::from(state.fresh);
        let class = (!held).then(|| flying.class());
        let old = held && flying.age() >= self.setting.lifetime;
        let bound = old.then(|| flying.class());
        if let Some(class) = self.happens(&mut after, Kind::Arrival, class, bound, fan) {
            let input = self.arrival(flying);
            self.host_does(Choice::Deliver(place), (after, class), to, input, fan);
        }
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
                    self.fire(state, id, place, fan);
                }
            }
        }
        urgent
    }

    fn fire(&mut self, state: &State, id: HostId, place: u8, fan: &mut Fan) {
        let mut after = *state;
        let timers = state.ties.timers();
        let of = |timer: &Running| (timer.host(), timer.place()) == (id.index(), place);
        let at = timers.iter().position(of);
        let class = timers.iter().find(|timer| of(timer)).map(|timer| timer.class());
        // Those that started earlier and are due now would have fired before, in the same instant.
        for timer in timers.iter().take(at.unwrap_or(0)) {
            let due = self.is_due(state, *timer);
            if due && !after.ties.order(class.unwrap_or(0), timer.class(), true) {
                return;
            }
        }
        if let Some(class) = self.happens(&mut after, Kind::Timer, class, None, fan) {
            self.host_does(Choice::Fire(id, place), (after, class), id, Input::Fire(place), fan);
        }
    }

    fn is_due(&self, state: &State, timer: Running) -> bool {
        let card = state.hosts.get(timer.host()).and_then(|host| self.card(*host));
        let timer = card.and_then(|card| card.timers.get(usize::from(timer.place())));
        timer.is_some_and(|timer| timer.2 == 0)
    }

    /// A step happens to a state from which what it is about has been taken: at the part of the tick
    /// that its class stands for, or at one of its own, which may be bounded by another one. What
    /// is still to come in this tick isn't before it. Its class, if it can happen now.
    fn happens(
        &mut self,
        state: &mut State,
        kind: Kind,
        class: Option<u8>,
        bound: Option<u8>,
        fan: &mut Fan,
    ) -> Option<u8> {
        if self.any_order {
            return Some(0);
        }
        let Some(class) = class.or_else(|| state.ties.open()) else {
            fan.crowded += 1;
            return None;
        };
        let mut can = state.ties.happens(class, kind);
        can &= bound.is_none_or(|bound| state.ties.order(class, bound, false));
        let last = kind == Kind::Timer;
        let (travel, lifetime) = (self.setting.travel, self.setting.lifetime);
        let flights = state.flights;
        let fresh = usize::from(state.fresh);
        for (place, flying) in flights.iter().enumerate().take(fresh + usize::from(state.held)) {
            let age = if place < fresh { travel } else { lifetime };
            if flying.age() >= age && flying.class() != class {
                can &= state.ties.order(class, flying.class(), last);
            } else if flying.age() >= age {
                can &= !last;
            }
        }
        let ties = state.ties;
        for timer in ties.timers() {
            if timer.class() != class && self.is_due(state, *timer) {
                can &= state.ties.order(class, timer.class(), false);
            }
        }
        can.then_some(class)
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
            if let Some(class) = self.happens(&mut after, Kind::Call, None, None, fan) {
                let input = Input::Call(done, incarnation);
                self.host_does(Choice::Call(id), (after, class), id, input, fan);
            }
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
        if !self.any_order {
            after.tidy();
        }
        push(Choice::Wait(ticks), after, fan);
    }

    /// A host makes what it can of an input, in a step of that class.
    fn host_does(
        &mut self,
        choice: Choice,
        (state, class): (State, u8),
        id: HostId,
        input: Input,
        fan: &mut Fan,
    ) {
        let range = self.outcomes(state.hosts[id.index()], input);
        for (number, place) in range.enumerate() {
            let Some(outcome) = self.outcomes.get(place) else { continue };
            let mut after = state;
            after.hosts[id.index()] = outcome.host;
            let mut room = true;
            for segment in self.sent_by(outcome) {
                room &= after.send(*segment, class);
            }
            if !self.any_order {
                room &= self.timers_move(&mut after, outcome, id, class);
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
            if !self.any_order {
                after.tidy();
            }
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

impl Machine {
    /// The timers of a host that went on, and those that started. Whether there's room for them.
    fn timers_move(&self, state: &mut State, outcome: &Outcome, id: HostId, class: u8) -> bool {
        let Some(moves) = self.moves_of(outcome) else { return true };
        let mut ties = state.ties;
        ties.forget_timers();
        let mut room = !moves.crowded;
        for timer in state.ties.timers() {
            let place = match timer.host() == id.index() {
                true => moves.kept.get(usize::from(timer.place())).copied().flatten(),
                false => Some(timer.place()),
            };
            if let Some(place) = place {
                room &= ties.run(Running::new(timer.host(), place, timer.class()));
            }
        }
        for place in moves.started.into_iter().flatten() {
            room &= ties.run(Running::new(id.index(), place, class));
        }
        state.ties = ties;
        room
    }
}

fn push(choice: Choice, state: State, fan: &mut Fan) {
    let findings = Findings::default();
    fan.next.push(Next { choice, outcome: 0, state, findings, early: false, taken: None });
}
