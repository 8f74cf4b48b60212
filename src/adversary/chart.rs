//! Why 2MSL: what the adversary can still do, by the length of TIME-WAIT; and how many lost ACKs in
//! a row it takes until the RST comes after all.

use core::fmt;

use crate::tcp::call::Call;
use crate::tcp::event::{Event, EventKind, HostId, SegmentName};
use crate::tcp::profile::Profile;
use crate::tcp::seq::Seq;
use crate::tcp::state::State;
use crate::tcp::time::{Span, Time};
use crate::world::verdict::Verdict;
use crate::world::{
    Act, Fate, HostSetup, Scenario, Start, Target, Trace, Wire, simulate, verdicts,
};

use super::found::{Counterexample, Tried};
use super::hunt::Hunt;
use super::setting::Unfit;
use super::theorem::{MOST_OCTETS, MSL, Play};

/// The lengths of TIME-WAIT that the chart shows: from none to 3MSL, in ticks.
pub const LENGTHS: core::ops::RangeInclusive<u8> = 0..=3 * MSL;

/// One kind of failure at one length of TIME-WAIT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The length of TIME-WAIT, in ticks of [`super::theorem::TICK`]; 0: none is kept.
    pub length: u8,
    /// The kind of failure.
    pub verdict: Verdict,
    /// In how many ways it comes, as steps from one state to another; 0 where no run is real.
    pub ways: u64,
    /// How many runs to it the simulator doesn't judge so: none is known, see
    /// [`Tried::unreal`](super::found::Tried::unreal).
    pub unreal: u64,
    /// The shortest run to it, and in which play.
    pub shortest: Option<(Play, Counterexample)>,
    /// What was tried.
    pub tried: Tried,
    /// Whether everything within the budget was tried.
    pub whole: bool,
}

/// What can go wrong with a TIME-WAIT of that length and so many acts of the network: a point for
/// each of [`NEVER`], with all other premises of the theorem; and one for the spurious RST, which
/// doesn't need them. A [`Hunt`] to its end.
///
/// # Errors
/// Says if the length can't be searched: more than 200 ticks.
///
/// [`NEVER`]: super::theorem::NEVER
pub fn at_length(length: u8, budget: u8) -> Result<Vec<Point>, Unfit> {
    let mut hunt = Hunt::length(length, budget, MOST_OCTETS)?;
    while !hunt.go_on(1 << 16) {}
    Ok(hunt.as_points())
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (length, name) = (self.length, self.verdict.name());
        write!(f, "{length:2}/{MSL} MSL {name:14}")?;
        match &self.shortest {
            Some((play, one)) => {
                let (acts, steps) = (one.cost.acts, one.cost.steps);
                write!(
                    f,
                    " {} ways, at least {acts} acts ({steps} steps, {})",
                    self.ways,
                    play.name()
                )
            }
            None if self.whole && self.unreal == 0 => write!(f, " never"),
            None => write!(f, " not found"),
        }
    }
}

/// How often the last ACK must be lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostAcks {
    /// How many ACKs in a row, the last of them all, until the RST comes; `None`: it never comes,
    /// however many are lost (B gives up before, or [`lost_acks`] did).
    pub count: Option<u32>,
    /// The run with that many losses; or with as many as were tried.
    pub scenario: Scenario,
}

/// A closes, then B; of A's ACKs of B's FIN one after the other is lost, until B's FIN meets a host
/// that has forgotten it. Both are of any stack, `travel` apart.
#[must_use]
pub fn lost_acks(profiles: [Profile; 2], travel: Span, most: u32) -> LostAcks {
    let [a, b] = profiles;
    let host = |profile: Profile| {
        let plain = HostSetup::new(profile.base);
        HostSetup { profile, ..plain }
    };
    let [a, mut b] = [host(a), host(b)];
    b.application.closes = true;
    let mut scenario = Scenario {
        hosts: [a, b],
        wire: Wire { delay: [travel; 2], lifetime: None },
        start: Start::Established { a_next: Seq(101), b_next: Seq(301) },
        acts: vec![Act::Call { at: Time::START, host: HostId::A, fd: None, call: Call::Close }],
        until: Time::START + Span::from_secs(100_000),
    };
    for count in 0..=most {
        let trace = simulate(&scenario);
        let spurious = |one: &crate::world::Judgement| one.verdict == Verdict::SpuriousRst;
        if verdicts(&trace).iter().any(spurious) {
            return LostAcks { count: Some(count), scenario };
        }
        let Some(name) = last_ack(&trace) else { break };
        let target = Target::Named { name, expected: None };
        scenario.acts.push(Act::Fate { target, fate: Fate::Drop });
    }
    LostAcks { count: None, scenario }
}

/// The first segment that A sends in the instant in which it enters TIME-WAIT, or forgets, or later,
/// and that arrives.
fn last_ack(trace: &Trace) -> Option<SegmentName> {
    let waits = trace.events.iter().find(|event| {
        event.host == Some(HostId::A)
            && matches!(event.kind, EventKind::State { to: State::TimeWait | State::Closed, .. })
    })?;
    trace.events.iter().find_map(|event| {
        let EventKind::Arrived { name, .. } = event.kind else { return None };
        let since = |sent: &Event| {
            sent.time >= waits.time
                && matches!(sent.kind, EventKind::Sent { name: other, .. } if other == name)
        };
        (name.sender == HostId::A && trace.events.iter().any(since)).then_some(name)
    })
}
