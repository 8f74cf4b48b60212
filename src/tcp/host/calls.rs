//! The socket API: which descriptor a call means, and what it does (PROTOCOL §16).

use super::{Host, Slot};
use crate::tcp::call::{Accepts, Call, Errno, Fd, Readiness, Returned};
use crate::tcp::connection::Descriptor;
use crate::tcp::event::{EventKind, Log};
use crate::tcp::profile::UnacceptedReset;
use crate::tcp::rule::Rule;
use crate::tcp::segment::Incarnation;

impl Host {
    /// Connections that are over and held by nobody are gone; those that are ready are accepted.
    pub(super) fn settle(&mut self, log: &mut Log) {
        self.connections.forget_over();
        if self.application.accepts == Accepts::Established {
            while let Some(port) = self.connections.acceptable(None).map(|(_, port)| port) {
                let fd = self.listeners.iter().find(|l| l.port == port).map(|l| l.fd);
                log.note(Rule::Application, EventKind::Call { fd, call: Call::Accept });
                let returned = self.accept(port);
                log.note(Rule::Application, EventKind::Return { fd, returned });
            }
        }
    }

    pub(super) fn accept(&mut self, port: u16) -> Returned {
        let Some((index, _)) = self.connections.acceptable(Some(port)) else {
            return Returned::Failed(Errno::EAGAIN);
        };
        let Some(id) = self.connections.get(index).map(|c| c.id) else {
            return Returned::Failed(Errno::EAGAIN);
        };
        if self.aborts_accept(index) {
            return Returned::Failed(Errno::ECONNABORTED);
        }
        let fd = self.slot(Slot::Connection(id));
        let reads = self.application.reads;
        if let Some(connection) = self.connections.get_mut(index) {
            connection.descriptor = Descriptor::Open(fd);
            if reads {
                connection.unread.clear();
            }
        }
        self.connections.changed(index);
        Returned::Descriptor(fd)
    }

    /// Whether accept() fails, for what is first in the queue was reset. FreeBSD tcp_usr_accept: the
    /// connection is gone with that.
    fn aborts_accept(&mut self, index: usize) -> bool {
        let fails = self.profile.unaccepted_reset == UnacceptedReset::Aborts;
        let dead = self.connections.get_mut(index).filter(|c| fails && !c.is_live());
        let aborts = dead.map(|c| c.descriptor = Descriptor::Closed).is_some();
        self.connections.changed(index);
        aborts
    }

    /// A program calls. Without a descriptor the newest that fits is meant: the newest listener for
    /// accept(), the newest connection for everything else. `incarnation` is the number of the
    /// connection that a connect() would open.
    pub fn call(
        &mut self,
        fd: Option<Fd>,
        call: &Call,
        incarnation: Incarnation,
        log: &mut Log,
    ) -> Returned {
        let fd = self.resolve(fd, call);
        let id = log.note(Rule::Call, EventKind::Call { fd, call: call.clone() });
        log.cause = Some(id);
        let returned = self.perform(fd, call, incarnation, log);
        log.note(Rule::Call, EventKind::Return { fd, returned: returned.clone() });
        self.settle(log);
        returned
    }

    fn resolve(&self, fd: Option<Fd>, call: &Call) -> Option<Fd> {
        let newest = |fits: fn(&Slot) -> bool| {
            let place = self.slots.iter().rposition(fits)?;
            u32::try_from(place + 1).ok().map(Fd)
        };
        match call {
            Call::Listen { .. } | Call::Connect { .. } => {
                u32::try_from(self.slots.len() + 1).ok().map(Fd)
            }
            Call::Exit | Call::Reboot => None,
            Call::Accept => fd.or_else(|| newest(|s| matches!(s, Slot::Listener))),
            Call::Send { .. }
            | Call::Recv
            | Call::ShutdownWrite
            | Call::ShutdownRead
            | Call::ShutdownBoth
            | Call::Close
            | Call::LingerZero
            | Call::Abort
            | Call::KeepAlive(_)
            | Call::UserTimeout(_)
            | Call::Linger2(_)
            | Call::SoError
            | Call::ReceiveBuffer(_)
            | Call::Poll => fd.or_else(|| {
                newest(|s| matches!(s, Slot::Connection(_) | Slot::Unconnected | Slot::Closed))
            }),
        }
    }

    fn slot_of(&self, fd: Option<Fd>) -> Option<Slot> {
        let place = usize::try_from(fd?.0).ok()?.checked_sub(1)?;
        self.slots.get(place).copied()
    }

    fn set_slot(&mut self, fd: Option<Fd>, slot: Slot) {
        let place = fd.and_then(|fd| usize::try_from(fd.0).ok()?.checked_sub(1));
        if let Some(old) = place.and_then(|place| self.slots.get_mut(place)) {
            *old = slot;
        }
    }

    fn perform(
        &mut self,
        fd: Option<Fd>,
        call: &Call,
        incarnation: Incarnation,
        log: &mut Log,
    ) -> Returned {
        match call {
            Call::Listen { port, reuse_address, receive_buffer } => {
                self.listen(*port, *reuse_address, *receive_buffer)
            }
            Call::Connect { local_port, remote_port, reuse_address } => {
                let ports = (*local_port, *remote_port);
                self.connect(ports, *reuse_address, incarnation, log)
            }
            Call::Exit => {
                for number in 1..=self.slots.len() {
                    let fd = u32::try_from(number).ok().map(Fd);
                    self.close(fd, log);
                }
                Returned::Done
            }
            Call::Reboot => self.reboot(log),
            Call::Close => self.close(fd, log),
            Call::Accept => match self.slot_of(fd) {
                Some(Slot::Listener) => {
                    let port = self.listeners.iter().find(|l| Some(l.fd) == fd).map(|l| l.port);
                    port.map_or(Returned::Failed(Errno::EINVAL), |port| self.accept(port))
                }
                Some(Slot::Connection(_) | Slot::Unconnected) => Returned::Failed(Errno::EINVAL),
                Some(Slot::Closed) | None => Returned::Failed(Errno::EBADF),
            },
            Call::Send { .. }
            | Call::Recv
            | Call::ShutdownWrite
            | Call::ShutdownRead
            | Call::ShutdownBoth
            | Call::LingerZero
            | Call::Abort
            | Call::KeepAlive(_)
            | Call::UserTimeout(_)
            | Call::Linger2(_)
            | Call::SoError
            | Call::ReceiveBuffer(_)
            | Call::Poll => self.on_connection(fd, call, log),
        }
    }

    fn on_connection(&mut self, fd: Option<Fd>, call: &Call, log: &mut Log) -> Returned {
        let id = match self.slot_of(fd) {
            Some(Slot::Connection(id)) => id,
            Some(Slot::Listener) if *call == Call::Poll => return self.poll_listener(fd),
            // POSIX getsockopt: an option of the socket, which a listener is.
            Some(Slot::Listener) if *call == Call::SoError => return Returned::Done,
            Some(Slot::Listener) => return Returned::Failed(Errno::ENOTCONN),
            Some(Slot::Unconnected) => return unconnected(call),
            // The RFC's cases go on calling on a connection that is gone.
            Some(Slot::Closed) | None => return gone(call),
        };
        let Some(index) = self.connections.place(id) else {
            return gone(call);
        };
        let aborts = *call == Call::Abort;
        let returned = self.with(index, log, |c, cx| match call {
            Call::Send { data, more } => c.send(data, *more, cx),
            Call::Recv => c.recv(cx),
            Call::ShutdownWrite => c.shutdown_write(cx),
            Call::ShutdownRead => c.shutdown_read(cx),
            Call::ShutdownBoth => c.shutdown_both(cx),
            Call::LingerZero => {
                c.linger_zero = true;
                Returned::Done
            }
            Call::Abort => {
                c.linger_zero = true;
                c.close(cx);
                Returned::Done
            }
            Call::KeepAlive(options) => c.set_keep_alive(*options, cx),
            Call::UserTimeout(timeout) => c.set_user_timeout(*timeout),
            Call::Linger2(time) => c.set_linger2(*time),
            Call::SoError => c.so_error(),
            Call::ReceiveBuffer(octets) => c.set_receive_buffer(*octets, cx),
            Call::Poll => Returned::Ready(c.readiness()),
            Call::Listen { .. }
            | Call::Connect { .. }
            | Call::Accept
            | Call::Close
            | Call::Exit
            | Call::Reboot => Returned::Failed(Errno::EINVAL),
        });
        if aborts {
            self.set_slot(fd, Slot::Closed);
        }
        returned.unwrap_or(Returned::Failed(Errno::EBADF))
    }

    fn poll_listener(&self, fd: Option<Fd>) -> Returned {
        let port = self.listeners.iter().find(|l| Some(l.fd) == fd).map(|l| l.port);
        let input = port.is_some() && self.connections.acceptable(port).is_some();
        Returned::Ready(Readiness { input, ..Default::default() })
    }

    /// close() of a descriptor.
    fn close(&mut self, fd: Option<Fd>, log: &mut Log) -> Returned {
        let slot = self.slot_of(fd);
        self.set_slot(fd, Slot::Closed);
        match slot {
            Some(Slot::Connection(id)) => {
                if let Some(index) = self.connections.place(id) {
                    self.with(index, log, |c, cx| c.close(cx));
                }
                Returned::Done
            }
            Some(Slot::Listener) => {
                self.close_listener(fd, log);
                Returned::Done
            }
            Some(Slot::Unconnected) => Returned::Done,
            Some(Slot::Closed) | None => Returned::Failed(Errno::EBADF),
        }
    }

    /// A listener's connections that nobody accepted are reset (PROTOCOL §16).
    fn close_listener(&mut self, fd: Option<Fd>, log: &mut Log) {
        let Some(place) = self.listeners.iter().position(|l| Some(l.fd) == fd) else { return };
        let port = self.listeners.remove(place).port;
        for index in 0..self.connections.len() {
            let queued = self
                .connections
                .get(index)
                .is_some_and(|c| c.descriptor == Descriptor::Queued(port));
            if queued && !self.is_note(self.connections.get(index)) {
                self.with(index, log, |c, cx| {
                    c.descriptor = Descriptor::Closed;
                    // Linux inet_csk_listen_stop: a request is forgotten, only connections are reset.
                    if c.is_request(cx) {
                        c.end(Rule::CloseListener, cx);
                    } else if c.is_live() {
                        c.reset_peer(Rule::CloseListener, cx);
                    }
                });
            }
        }
    }

    /// All state of the connections is lost, silently. RFC 9293 §3.5.1, §3.4.3.
    fn reboot(&mut self, log: &mut Log) -> Returned {
        self.peer_stamp = None;
        for index in 0..self.connections.len() {
            self.with(index, log, |c, cx| {
                c.descriptor = Descriptor::Closed;
                c.end(Rule::Reboot, cx);
            });
        }
        for slot in &mut self.slots {
            if !matches!(slot, Slot::Listener) {
                *slot = Slot::Closed;
            }
        }
        Returned::Done
    }
}

/// What a call returns on a socket that never was connected.
fn unconnected(call: &Call) -> Returned {
    match call {
        Call::Send { .. } => Returned::Failed(Errno::EPIPE),
        Call::SoError
        | Call::LingerZero
        | Call::KeepAlive(_)
        | Call::UserTimeout(_)
        | Call::Linger2(_)
        | Call::ReceiveBuffer(_)
        | Call::Abort => Returned::Done,
        Call::Poll => {
            Returned::Ready(Readiness { output: true, hangup: true, ..Default::default() })
        }
        Call::Recv
        | Call::ShutdownWrite
        | Call::ShutdownRead
        | Call::ShutdownBoth
        | Call::Listen { .. }
        | Call::Connect { .. }
        | Call::Accept
        | Call::Close
        | Call::Exit
        | Call::Reboot => Returned::Failed(Errno::ENOTCONN),
    }
}

/// What a call returns on a descriptor that is closed, or never was. send() says EPIPE, as for
/// every connection without a sending side.
fn gone(call: &Call) -> Returned {
    Returned::Failed(match call {
        Call::Send { .. } => Errno::EPIPE,
        Call::Recv
        | Call::ShutdownWrite
        | Call::ShutdownRead
        | Call::ShutdownBoth
        | Call::LingerZero
        | Call::KeepAlive(_)
        | Call::UserTimeout(_)
        | Call::Linger2(_)
        | Call::Abort
        | Call::SoError
        | Call::ReceiveBuffer(_)
        | Call::Poll
        | Call::Listen { .. }
        | Call::Connect { .. }
        | Call::Accept
        | Call::Close
        | Call::Exit
        | Call::Reboot => Errno::EBADF,
    })
}
