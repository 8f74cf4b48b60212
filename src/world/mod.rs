//! Two hosts and a wire: the scenario, the run, and what can be said of it.

pub mod network;
pub mod scenario;
pub mod trace;

pub use network::{Choice, InFlight, Network};
pub use scenario::{Act, Fate, HostSetup, Scenario, Start, Target, When, Wire};
pub use trace::{End, Snapshot, Trace, simulate};
