//! The ranges of ports and the lengths of TIME-WAIT of real systems (PROTOCOL §13, §15).

use crate::tcp::profile::{Base, Ports};
use crate::tcp::time::Span;

use super::load::Load;

/// A system as it is by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct System {
    /// Its name.
    pub name: &'static str,
    /// Its ephemeral ports.
    pub ports: Ports,
    /// Its TIME-WAIT.
    pub time_wait: Span,
    /// What of the engine stands for the rest of it. Windows isn't one of the engine's stacks: the
    /// RFC's recommendations stand for it.
    pub stack: Base,
}

const fn system(name: &'static str, first: u16, last: u16, secs: u64, stack: Base) -> System {
    System { name, ports: Ports { first, last }, time_wait: Span::from_secs(secs), stack }
}

/// The rows of PROTOCOL §13.
pub const SYSTEMS: [System; 9] = [
    system("linux", 32768, 60999, 60, Base::Linux),
    system("linux-widened", 1024, 65535, 60, Base::Linux),
    system("freebsd", 10000, 65535, 60, Base::FreeBsd),
    system("macos", 49152, 65535, 30, Base::MacOs),
    system("windows-120", 49152, 65535, 120, Base::Rfc9293),
    system("windows-240", 49152, 65535, 240, Base::Rfc9293),
    system("windows-30", 49152, 65535, 30, Base::Rfc9293),
    system("windows-2000", 1025, 5000, 240, Base::Rfc9293),
    system("rfc", 32768, 60999, 240, Base::Rfc9293),
];

impl System {
    /// The load with the ports, the TIME-WAIT and the stack of this system.
    #[must_use]
    pub fn of(&self, load: &Load) -> Load {
        let (ports, time_wait, stack) = (self.ports, self.time_wait, self.stack);
        Load { ports, time_wait, stack, ..load.clone() }
    }
}
