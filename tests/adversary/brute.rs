//! Brute force: every act of the network on a grid finer than the search's ticks, each as a scenario
//! of its own that the simulator runs. Nothing of the search's is used but the setting.

use std::collections::BTreeMap;

use time_wait_lab::adversary::theorem::{Defence, Play, setting};
use time_wait_lab::adversary::{Guard, Pace, Search, Setting};
use time_wait_lab::tcp::event::{EventKind, HostId, SegmentName};
use time_wait_lab::tcp::seq::Seq;
use time_wait_lab::tcp::time::{Span, Time};
use time_wait_lab::world::scenario::{A_PORT, B_PORT};
use time_wait_lab::world::{
    Act, Fate, HostSetup, Network, Scenario, Target, Trace, Verdict, When, Wire, simulate, verdicts,
};

/// What is compared: everything that a single step can show.
const SHOWN: [Verdict; 5] = [
    Verdict::ForeignOctets,
    Verdict::ForeignFin,
    Verdict::OldRst,
    Verdict::SpuriousRst,
    Verdict::TimeWaitCutShort,
];

struct Brute<'a> {
    setting: &'a Setting,
    iss: [Vec<Seq>; 2],
    /// How long after its guard holds a call that may come at any time is made.
    patience: Span,
    grid: Span,
    /// The fewest acts with which each verdict was seen.
    seen: BTreeMap<Verdict, usize>,
    runs: u64,
}

impl Brute<'_> {
    fn scenario(&self, fates: &[(SegmentName, Fate)]) -> Scenario {
        let setting = self.setting;
        let hosts = HostId::BOTH.map(|id| {
            let side = &setting.sides[id.index()];
            let iss = self.iss[id.index()].clone();
            HostSetup {
                profile: side.profile.clone(),
                application: side.application,
                iss,
                clock: 0,
            }
        });
        let acts = fates.iter().map(|(name, fate)| {
            let target = Target::Named { name: *name, expected: None };
            Act::Fate { target, fate: *fate }
        });
        let wire = Wire {
            delay: [setting.tick.times(u64::from(setting.travel)); 2],
            lifetime: Some(setting.tick.times(u64::from(setting.lifetime))),
        };
        let until = Time::START + setting.tick.times(40);
        Scenario { hosts, wire, start: setting.start, acts: acts.collect(), until }
    }

    /// The run in which every call comes as the setting's programs make it.
    fn run(&mut self, fates: &[(SegmentName, Fate)]) -> Trace {
        self.runs += 1;
        let mut scenario = self.scenario(fates);
        let mut done = [0, 0];
        let mut after = [Time::START; 2];
        loop {
            let Some((at, id, pace)) = self.next_call(&scenario, done, after) else {
                return simulate(&scenario);
            };
            // The least time in which a program can answer what it has seen.
            let wait = if pace == Pace::AnyTime { self.patience } else { Span::ZERO };
            let at = at + Span(1) + wait;
            let call = self.setting.sides[id.index()].program[done[id.index()]].call.clone();
            scenario.acts.push(Act::Call { at, host: id, fd: None, call });
            done[id.index()] += 1;
            after[id.index()] = at;
        }
    }

    /// The first moment at which the guard of a program's next call holds.
    fn next_call(
        &self,
        scenario: &Scenario,
        done: [usize; 2],
        after: [Time; 2],
    ) -> Option<(Time, HostId, Pace)> {
        let mut network = Network::new(scenario);
        let mut now = Time::START;
        loop {
            let next = network.next().filter(|(due, _)| due.at <= scenario.until);
            // Only when everything of an instant has happened does a program look.
            if next.is_none_or(|(due, _)| due.at > now) {
                for id in HostId::BOTH {
                    let program = &self.setting.sides[id.index()].program;
                    let Some(line) = program.get(done[id.index()]) else { continue };
                    let ports = match id {
                        HostId::A => (A_PORT, B_PORT),
                        HostId::B => (B_PORT, A_PORT),
                    };
                    let late = now >= after[id.index()];
                    if late && line.guard.holds(network.host(id).state(ports)) {
                        return Some((now, id, line.pace));
                    }
                    // The last call lies between two events of the run.
                    let between = next.is_none_or(|(due, _)| due.at > after[id.index()]);
                    if !late && between && line.guard.holds(network.host(id).state(ports)) {
                        return Some((after[id.index()], id, line.pace));
                    }
                }
            }
            let (due, choice) = next?;
            now = due.at;
            network.apply(choice, now);
        }
    }

    fn explore(&mut self, fates: &mut Vec<(SegmentName, Fate)>, from: usize, left: u8) {
        let trace = self.run(fates);
        for one in verdicts(&trace) {
            if SHOWN.contains(&one.verdict) {
                let fewest = self.seen.entry(one.verdict).or_insert(usize::MAX);
                *fewest = (*fewest).min(fates.len());
            }
        }
        if left == 0 {
            return;
        }
        let late = fates.last().copied();
        for (place, event) in trace.events.iter().enumerate().skip(from) {
            let EventKind::Sent { name, .. } = event.kind else { continue };
            for fate in self.fates(event.time) {
                // On one segment: copies first, each later than the one before, then the rest.
                let again = late.is_some_and(|(other, before)| {
                    other == name
                        && (!matches!(before, Fate::Duplicate(_)) || rank(fate) < rank(before))
                });
                if !again {
                    fates.push((name, fate));
                    self.explore(fates, place, left - 1);
                    fates.pop();
                }
            }
        }
    }

    fn fates(&self, sent: Time) -> Vec<Fate> {
        let setting = self.setting;
        let first = sent + setting.tick.times(u64::from(setting.travel));
        let last = sent + setting.tick.times(u64::from(setting.lifetime));
        let mut fates = vec![Fate::Drop];
        let mut at = first;
        while at <= last {
            fates.push(Fate::Duplicate(When::At(at)));
            if at > first {
                fates.push(Fate::Delay(When::At(at)));
            }
            at = at + self.grid;
        }
        fates
    }
}

fn rank(fate: Fate) -> (u8, Time) {
    match fate {
        Fate::Duplicate(When::At(at)) => (0, at),
        Fate::Delay(When::At(at)) => (1, at),
        Fate::Duplicate(_) | Fate::Delay(_) | Fate::Keep | Fate::Drop => (2, Time::START),
    }
}

/// A small setting: a life of three or five ticks, a timeout of three or four, one ISS or two.
fn small(play: Play, time_wait: u64, rto: u64, budget: u8) -> Setting {
    defended(play, &Defence::USUAL, time_wait, rto, budget)
}

fn defended(play: Play, defences: &[Defence], time_wait: u64, rto: u64, budget: u8) -> Setting {
    let mut small = setting(play, &[], defences, budget);
    small.lifetime = if budget == 1 { 5 } else { 3 };
    small.orderly = false;
    for side in &mut small.sides {
        let profile = &mut side.profile;
        profile.time_wait = (time_wait > 0).then(|| small.tick.times(time_wait));
        profile.rto_initial = small.tick.times(rto);
        profile.rto_max = small.tick.times(rto);
        for list in &mut side.iss {
            list.truncate(2);
        }
    }
    small
}

/// Both ways on one setting: the same verdicts, with the same number of acts.
fn same(setting: &Setting, parts: u64, patience: u64) -> u64 {
    let grid = Span(setting.tick.0 / parts);
    let [a, b] = &setting.sides;
    let mut brute = Brute {
        setting,
        iss: [Vec::new(), Vec::new()],
        patience: Span::ZERO,
        grid,
        seen: BTreeMap::new(),
        runs: 0,
    };
    let lists = |side: &[Vec<Seq>]| -> Vec<Vec<Seq>> {
        side.iter().fold(vec![Vec::new()], |all, next| {
            let longer = all.iter().flat_map(|one| {
                next.iter().map(move |iss| one.iter().copied().chain([*iss]).collect())
            });
            longer.collect()
        })
    };
    for iss_a in lists(&a.iss) {
        for iss_b in lists(&b.iss) {
            brute.iss = [iss_a.clone(), iss_b.clone()];
            // The last one is never: later than the run's end.
            let never = setting.tick.times(100);
            for patience in (0..=patience * parts).map(|n| grid.times(n)).chain([never]) {
                brute.patience = patience;
                brute.explore(&mut Vec::new(), 0, setting.budget);
            }
        }
    }
    for (verdict, real) in SHOWN.into_iter().flat_map(|v| [(v, false), (v, true)]) {
        let search = Search::new(setting, &[verdict], false).unwrap();
        let found = if real { search.in_real_order().run() } else { search.run() };
        assert_eq!(found.tried.unreal, 0, "{verdict:?}");
        let acts = found.of(verdict).map(|one| usize::from(one.cost.acts));
        let seen = brute.seen.get(&verdict).copied();
        let text = found.of(verdict).map(|one| one.scenario.to_string()).unwrap_or_default();
        let unreal = found.tried.unreal;
        assert_eq!(acts, seen, "{verdict:?}, {unreal} only by a tie, the search's:\n{text}");
    }
    brute.runs
}

#[test]
fn brute_force_on_a_finer_grid_finds_the_same_with_one_act() {
    let mut runs = 0;
    for play in [Play::AskerAgain, Play::AnswerAgain, Play::PeerAgain, Play::Abort] {
        for time_wait in 0..=4 {
            runs += same(&small(play, time_wait, 4, 1), 2, 1);
        }
    }
    // The grid of half ticks is as good as one of quarters.
    runs += same(&small(Play::AnswerAgain, 1, 4, 1), 4, 2);
    println!("{runs} runs");
}

#[test]
fn brute_force_on_a_finer_grid_finds_the_same_with_two_acts() {
    let mut runs = 0;
    for (play, time_wait) in [(Play::AskerAgain, 0), (Play::AnswerAgain, 3)] {
        let mut setting = small(play, time_wait, 4, 2);
        setting.sides.iter_mut().flat_map(|side| &mut side.iss).for_each(|list| list.truncate(1));
        runs += same(&setting, 2, 1);
    }
    println!("{runs} runs");
}

/// With timestamps a tick is one of their clock; the grid is finer than that.
#[test]
fn brute_force_on_a_finer_grid_finds_the_same_with_timestamps() {
    let mut runs = 0;
    let stamped = [Defence::Rfc5961, Defence::Timestamps];
    for play in [Play::AskerAgain, Play::AnswerAgain, Play::PeerAgain, Play::Abort] {
        for time_wait in [0, 1, 3] {
            runs += same(&defended(play, &stamped, time_wait, 4, 1), 2, 1);
        }
    }
    let mut two = defended(Play::AnswerAgain, &stamped, 0, 4, 2);
    two.sides.iter_mut().flat_map(|side| &mut side.iss).for_each(|list| list.truncate(1));
    runs += same(&two, 2, 1);
    println!("{runs} runs");
}

/// A spurious RST of two acts, which a search that takes any order within a tick misses: a state on
/// its way is first reached by an order that no run has.
#[test]
fn what_an_order_that_no_run_has_hides_is_found() {
    let mut setting = small(Play::AnswerAgain, 8, 4, 2);
    setting.sides.iter_mut().flat_map(|side| &mut side.iss).for_each(|list| list.truncate(1));
    same(&setting, 2, 1);
    let search = Search::new(&setting, &[Verdict::SpuriousRst], false).unwrap();
    let any = search.in_any_order().run();
    assert!(any.of(Verdict::SpuriousRst).is_none() && any.tried.unreal > 0);
}

/// A guard is a question about the state that a program can see.
#[test]
fn guards_are_what_they_say() {
    use time_wait_lab::tcp::state::State;
    assert!(Guard::Free.holds(State::Listen) && !Guard::Free.holds(State::TimeWait));
    assert!(Guard::Open.holds(State::CloseWait) && !Guard::Open.holds(State::FinWait2));
    assert!(Guard::Always.holds(State::Closing) && !Guard::EndOfFile.holds(State::Established));
}
