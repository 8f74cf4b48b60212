//! The adversary: every act of the network tried.
//!
//! Two hosts of [`crate::tcp`], the calls of their programs and a network that may act a number of
//! times are searched for runs that show a [verdict](crate::world::Verdict). A [`Setting`] says what
//! is searched, a [`Search`] tries it, and what it [`Found`] are the shortest runs as ordinary
//! scenarios: simulated, they show the same verdict. [`theorem`] is PROTOCOL §8.6, premise by
//! premise.
//!
//! # What may happen
//!
//! - A segment arrives a travel time after it was sent, unless the network acts: it **drops** it,
//!   **holds** it, or **copies** it and holds the copy. What is held arrives in any instant up to
//!   the lifetime, counted from its sending. So a delay of any length, and reordering, is one act.
//! - A timer fires when its time has come. Two that are due at once fire in either order.
//! - A program makes its next call at once when its guard holds, or at any moment from then on.
//! - A host that opens a connection takes any of the ISS values that the setting lists.
//!
//! # Time
//!
//! Time runs in ticks, of which all lengths of a setting are multiples; within a tick, steps happen
//! in any order. **Nothing of continuous time is missed by that:** a host's own time is in its
//! timers alone ([`Setting::check`] refuses what measures or sends moments), so a run is constrained
//! only by differences of moments that are equal to, at least, or at most a whole number of ticks.
//! Rounding all moments of a run at one fraction of a tick keeps every such constraint and the
//! order of the steps (Henzinger, Manna, Pnueli: What good are digital clocks?, ICALP 1992). So for
//! each run with real moments there's one on the ticks that takes the same steps in the same order,
//! of the same hosts, to the same verdict.
//!
//! **Nothing is taken for a run that none has.** Within a tick an order of steps may be one that no
//! real moments have: what hangs on one step, a travel time or a timer's length later, comes in one
//! instant, in the order of the engine. A search first tries any order, which has the fewest states.
//! What is never shown so never comes, and a run is given real moments and simulated before it
//! counts. Where one had to be rejected, the search begins anew, with the order of the parts of a tick
//! in every state (`ties`), so that only steps which real moments allow are taken. So "never" and
//! "the shortest" are exact; a run that had to be rejected even then is counted
//! ([`Tried::unreal`]), and none is known.
//!
//! **Bounded** are: the acts of the network (the budget), the calls of the programs, the ISS values,
//! the proportions of travel, timeout, MSL and 2MSL (one setting has one of each), the variation of
//! travel (what isn't prompt costs an act), [ten](Tried::cut) segments on the way at once, and the
//! memory. What a bound cut off is counted, and then the result isn't
//! [whole](Found::whole). A run isn't followed beyond a verdict that is looked for.

pub mod chart;
mod found;
mod hunt;
mod machine;
mod replay;
mod search;
mod setting;
mod state;
mod steps;
mod table;
pub mod theorem;
mod ties;

pub use found::{Cost, Counterexample, Found, Shown, Tried};
pub use hunt::Hunt;
pub use search::{Search, search};
pub use setting::{Guard, Line, Pace, Setting, Side, Unfit};
pub use state::State;
