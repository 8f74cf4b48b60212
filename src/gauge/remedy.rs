//! The ways out of EADDRNOTAVAIL, the sanest first (PROTOCOL §13, the last point).

use crate::tcp::profile::Ports;

use super::load::{Closer, Load};

/// A way out, as a change of the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Keep-alive, or a pool: a connection carries a hundred requests.
    KeepAlive,
    /// The other side closes first.
    ServerFirst,
    /// Three destination ports in place of one.
    Destinations,
    /// Three source addresses in place of one.
    Sources,
    /// A wider range of ports.
    WiderRange,
    /// tcp_tw_reuse = 1, which needs timestamps.
    Reuse,
    /// SO_LINGER {on, 0}: no remedy, a trap.
    LingerZero,
}

/// Linux's range as it is, and as wide as it's commonly made (PROTOCOL §13).
const USUAL: Ports = Ports { first: 32768, last: 60999 };
const WIDE: Ports = Ports { first: 1024, last: 65535 };

impl Remedy {
    /// All of them, the sanest first.
    pub const ALL: [Remedy; 7] = [
        Remedy::KeepAlive,
        Remedy::ServerFirst,
        Remedy::Destinations,
        Remedy::Sources,
        Remedy::WiderRange,
        Remedy::Reuse,
        Remedy::LingerZero,
    ];

    /// Whether the load has it.
    #[must_use]
    pub fn is_on(self, load: &Load) -> bool {
        match self {
            Remedy::KeepAlive => load.requests > 1,
            Remedy::ServerFirst => load.first == Closer::Server,
            Remedy::Destinations => load.destinations > 1,
            Remedy::Sources => load.sources > 1,
            Remedy::WiderRange => load.ports == WIDE,
            Remedy::Reuse => load.reuse && load.timestamps,
            Remedy::LingerZero => load.linger_zero,
        }
    }

    /// The load with it, or without it.
    #[must_use]
    pub fn switched(self, load: &Load, on: bool) -> Load {
        let mut load = load.clone();
        match self {
            Remedy::KeepAlive => load.requests = if on { 100 } else { 1 },
            Remedy::ServerFirst => {
                load.first = if on { Closer::Server } else { Closer::Client };
            }
            Remedy::Destinations => load.destinations = if on { 3 } else { 1 },
            Remedy::Sources => load.sources = if on { 3 } else { 1 },
            Remedy::WiderRange => load.ports = if on { WIDE } else { USUAL },
            Remedy::Reuse => {
                load.reuse = on;
                load.timestamps |= on;
            }
            Remedy::LingerZero => load.linger_zero = on,
        }
        load
    }
}
