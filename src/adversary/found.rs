//! What a search gives.

use crate::tcp::event::HostId;
use crate::world::Scenario;
use crate::world::verdict::Verdict;

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
    /// Searches that began anew in the order of real moments, since something was shown by an order
    /// within a tick that no run has. What they had tried before is counted too.
    pub anew: u64,
    /// Runs that showed a verdict, but that the simulator doesn't judge so: none is known. Where
    /// this isn't 0, the result isn't exact.
    pub unreal: u64,
    /// States of one host: what the engine has been run for.
    pub hosts: u64,
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
            anew: self.anew + other.anew,
            unreal: self.unreal + other.unreal,
            hosts: self.hosts + other.hosts,
            octets: self.octets.max(other.octets),
        }
    }
}

/// How often a verdict was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The verdict.
    pub verdict: Verdict,
    /// Steps from one state to another that showed it. Where the search tried any order within a
    /// tick, those that no run has are among them.
    pub ways: u64,
    /// Runs that were taken for its shortest and that the simulator doesn't judge so.
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
