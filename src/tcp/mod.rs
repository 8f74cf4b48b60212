//! One host's TCP: RFC 9293 with the switches in which real stacks differ.
//!
//! Nothing here knows the peer, the wire, or a clock other than the one it's handed.

pub mod call;
pub mod connection;
pub mod event;
pub mod host;
pub mod isn;
pub mod profile;
pub mod rtt;
pub mod rule;
pub mod segment;
pub mod seq;
pub mod state;
pub mod time;
