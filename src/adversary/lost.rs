//! The chart of lost ACKs: how many last ACKs in a row must be lost until the RST comes after all, by
//! stack and by the length of TIME-WAIT.

use crate::tcp::profile::{Base, Profile};
use crate::tcp::time::Span;
use crate::world::Scenario;

use super::chart::lost_acks;

/// The stacks that are compared, on both hosts.
pub const STACKS: [Base; 5] =
    [Base::Rfc9293, Base::Linux, Base::FreeBsd, Base::MacOs, Base::Smoltcp];

/// The lengths of TIME-WAIT, in milliseconds: none, and then each about twice the one before.
pub const WAITS: [u64; 13] =
    [0, 125, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000, 120_000, 240_000];

/// How long a segment travels: a round trip of 100 ms.
pub const TRAVEL: Span = Span::from_millis(50);

/// After so many losses it's taken for never. Only smoltcp repeats a FIN without end, and its longest
/// timeout is reached long before.
pub const MOST: u32 = 40;

/// One point of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The stack of both hosts.
    pub stack: Base,
    /// The length of TIME-WAIT, in milliseconds; 0: none is kept.
    pub wait: u64,
    /// How many; `None`: the RST never comes.
    pub count: Option<u32>,
    /// The run with that many losses; or with as many as can be.
    pub scenario: Scenario,
}

/// How many points there are.
pub const CELLS: usize = STACKS.len() * WAITS.len();

/// The point of a number, from 0: stack by stack, each from the shortest wait on. `None`: there are
/// no more.
#[must_use]
pub fn cell(number: usize) -> Option<Cell> {
    let stack = *STACKS.get(number / WAITS.len())?;
    let wait = *WAITS.get(number % WAITS.len())?;
    let mut profile = Profile::new(stack);
    profile.time_wait = (wait > 0).then(|| Span::from_millis(wait));
    let lost = lost_acks([profile.clone(), profile], TRAVEL, MOST);
    Some(Cell { stack, wait, count: lost.count, scenario: lost.scenario })
}
