//! bind(), listen() and connect(): who may have a port, and when a TIME-WAIT may be taken over
//! (PROTOCOL §12).

use super::{Host, Listener, Slot};
use crate::tcp::call::{Errno, Returned};
use crate::tcp::connection::time_wait::stepped;
use crate::tcp::connection::{Descriptor, TimestampMemory};
use crate::tcp::event::{ConnectionId, Log};
use crate::tcp::profile::{ReopenIss, TwReuse};
use crate::tcp::rule::Rule;
use crate::tcp::segment::Incarnation;
use crate::tcp::seq::Seq;
use crate::tcp::state::State;
use crate::tcp::time::Time;

/// What connect() found at the 4-tuple that it wants.
enum Place {
    Free,
    TakenOver { iss: Option<Seq>, memory: Option<TimestampMemory> },
}

impl Host {
    /// Whether bind() finds the port taken: by a listener, or by a connection unless both asked
    /// for SO_REUSEADDR (PROTOCOL §12.4, S01, S02). To connect, a socket may share a listener's
    /// port on some stacks: the active OPEN beside the passive one of PROTOCOL T04. A note in the
    /// syncache has no socket.
    fn is_bound(&self, port: u16, reuse_address: bool, to_connect: bool) -> bool {
        let shares = to_connect && reuse_address && self.profile.port_beside_listener;
        self.listeners.iter().any(|l| l.port == port && !(shares && l.reuse_address))
            || self.connections.is_bound(port, reuse_address)
    }

    pub(super) fn listen(
        &mut self,
        port: u16,
        reuse_address: bool,
        receive_buffer: u32,
    ) -> Returned {
        let fd = self.slot(Slot::Listener);
        if self.is_bound(port, reuse_address, false) {
            return Returned::Failed(Errno::EADDRINUSE);
        }
        self.listeners.push(Listener { fd, port, reuse_address, receive_buffer });
        Returned::Descriptor(fd)
    }

    /// connect() without blocking. PROTOCOL T02, §12.1, S01 to S08.
    pub(super) fn connect(
        &mut self,
        ports: (u16, u16),
        reuse_address: bool,
        incarnation: Incarnation,
        log: &mut Log,
    ) -> Returned {
        let explicit = ports.0 != 0;
        if explicit && self.is_bound(ports.0, reuse_address, true) {
            self.slot(Slot::Unconnected);
            return Returned::Failed(Errno::EADDRINUSE);
        }
        let found = if explicit {
            self.place(ports, true, log.now).map(|place| (ports.0, place))
        } else {
            self.ephemeral(ports.1, log.now)
        };
        let Some((local_port, place)) = found else {
            self.slot(Slot::Unconnected);
            return Returned::Failed(Errno::EADDRNOTAVAIL);
        };
        let ports = (local_port, ports.1);
        let (iss, memory) = match place {
            Place::Free => (None, self.remembered_stamp(log.now)),
            Place::TakenOver { iss, memory } => {
                if let Some(index) = self.find(ports) {
                    self.with(index, log, |c, cx| c.end(Rule::TimeWaitTakenOver, cx));
                }
                (iss, memory)
            }
        };
        let iss = iss.unwrap_or_else(|| self.next_iss(ports, log.now));
        let index = self.open(ports, incarnation, iss, log);
        let fd = self.slot(Slot::Connection(ConnectionId(self.opened)));
        self.with(index, log, |c, cx| {
            c.descriptor = Descriptor::Open(fd);
            c.reuse_address = reuse_address;
            c.timestamps = memory.filter(|_| cx.profile.timestamps);
            c.enter(State::SynSent, Rule::ActiveOpen, cx);
            c.open_actively(cx);
        });
        Returned::Failed(Errno::EINPROGRESS)
    }

    /// The next ephemeral port whose 4-tuple can be had.
    fn ephemeral(&mut self, remote_port: u16, now: Time) -> Option<(u16, Place)> {
        let range = self.profile.ephemeral_ports;
        let mut port = self.next_port.clamp(range.first, range.last);
        for _ in range.first..=range.last {
            let next = if port >= range.last { range.first } else { port + 1 };
            if !self.is_listening(port)
                && let Some(place) = self.place((port, remote_port), false, now)
            {
                self.next_port = next;
                return Some((port, place));
            }
            port = next;
            // Without tw_reuse only what is free can be had.
            if self.profile.tw_reuse != TwReuse::On {
                port = self.connections.maybe_free(remote_port, port, range)?;
            }
        }
        None
    }

    /// Whether connect() can have a 4-tuple: it's free, or a TIME-WAIT may be taken over.
    fn place(&self, ports: (u16, u16), explicit: bool, now: Time) -> Option<Place> {
        let Some(old) = self.find(ports).and_then(|index| self.connections.get(index)) else {
            return Some(Place::Free);
        };
        let by_bind = explicit && self.profile.bind_over_time_wait;
        let orphan = old.state == State::FinWait2 && old.descriptor == Descriptor::Closed;
        let waits = old.state == State::TimeWait || by_bind && orphan;
        // Linux tcp_twsk_unique: from the entry, however often TIME-WAIT was restarted since.
        let late = now > old.time_wait_entered + self.profile.tw_reuse_delay;
        let allowed = by_bind || self.profile.tw_reuse == TwReuse::On && late;
        if !(waits && allowed && old.timestamps.is_some()) {
            return None;
        }
        let iss = match self.profile.reopen_iss {
            ReopenIss::Step => Some(stepped(old.snd_nxt)),
            ReopenIss::Generator => None,
        };
        Some(Place::TakenOver { iss, memory: old.timestamps })
    }
}
