//! The port gauge: how many connections a second a host can open to one place, and the moment in
//! which connect() says EADDRNOTAVAIL.
//!
//! A [`Load`] says what is asked of the hosts. A [`Fleet`] is hosts of [`crate::tcp`] that do it:
//! every connection is opened, used and closed by real segments, every port is chosen by the
//! client's connect(), every TIME-WAIT ends by its timer. The [`Formula`] is the arithmetic of
//! PROTOCOL §13, beside it and not in it. [`Remedy`] are the ways out, the sanest first, and
//! [`SYSTEMS`] the ranges and lengths of real systems.
//!
//! # The hosts
//!
//! The limit is per source address, destination address and destination port. A destination is a
//! port on which the server listens. A source address is a client of its own with a server of its
//! own, for a host of the engine has one address; two clients never share a 4-tuple, so two
//! servers are to them what one would be, except for a limit of TIME-WAITs at the server
//! (`max-time-wait`), of which each then has its share.
//!
//! # The scale
//!
//! `scale=8` runs one connection for eight, over an eighth of the ports: the rate and the range
//! are divided, lengths of time are not. So all moments stay, and counts are an eighth
//! (`tests/gauge.rs` compares both). Where the range isn't a multiple of the scale the fleet's
//! is a little smaller: [`Load::small`] is exactly what runs.

mod fleet;
mod formula;
mod load;
mod pair;
mod remedy;
mod systems;

pub use fleet::{Fleet, Sample};
pub use formula::{Formula, Ratio};
pub use load::{Closer, Load, Unfit, Why, Word};
pub use remedy::Remedy;
pub use systems::{SYSTEMS, System};
