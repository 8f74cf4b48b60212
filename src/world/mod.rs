//! Two hosts and a wire: the scenario, the run, and what can be said of it.

pub mod acts;
pub mod draft;
pub mod edit;
mod fates;
pub mod network;
pub mod scenario;
pub mod scenes;
pub mod text;
pub mod trace;
pub mod twin;
pub mod verdict;

pub use acts::moment_for_act;
pub use draft::{Draft, Field, Preset, Wanted};
pub use edit::{Edit, Scene, Seen};
pub use network::{Choice, InFlight, Network};
pub use scenario::{Act, During, Fate, HostSetup, Scenario, Start, Target, When, Wire};
pub use text::{
    Expected, Fault, Link, LinkError, TextError, parse_difference, parse_scenario, parse_trace,
};
pub use trace::{End, Snapshot, Trace, simulate};
pub use twin::{Change, Difference, Parting, parting};
pub use verdict::{Judgement, Verdict, by_connection, verdicts, verdicts_at};
