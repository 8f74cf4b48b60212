//! Two hosts and a wire: the scenario, the run, and what can be said of it.

pub mod network;
pub mod scenario;
pub mod scenes;
pub mod text;
pub mod trace;
pub mod verdict;

pub use network::{Choice, InFlight, Network};
pub use scenario::{Act, Fate, HostSetup, Scenario, Start, Target, When, Wire};
pub use text::{Expected, TextError, parse_scenario, parse_trace};
pub use trace::{End, Snapshot, Trace, simulate};
pub use verdict::{Judgement, Verdict, by_connection, verdicts, verdicts_at};
