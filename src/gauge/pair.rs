//! A client and its server, and what their programs do.
//!
//! The client asks with one octet, the server answers with one. A connection carries as many
//! requests as the load says; then the side that closes first closes, and the other one does when
//! it sees end of file. A request goes out on a connection that has nothing to do, or on a new one.

use std::collections::{BTreeMap, VecDeque};

use crate::tcp::call::{Accepts, Application, Call, Errno, Returned};
use crate::tcp::connection::Descriptor;
use crate::tcp::event::{ConnectionId, EventKind, HostId, Log};
use crate::tcp::host::Host;
use crate::tcp::rule::Rule;
use crate::tcp::segment::Incarnation;
use crate::tcp::state::State;

use super::load::{Closer, Load};

/// The server's first port; more destinations are the ports after it.
const SERVER_PORT: u16 = 80;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Asked {
    /// It goes out on a connection that was there.
    Again,
    /// It goes out on a new connection.
    Connected,
    /// There was no port for it.
    NoPort,
}

/// How many connections a host has, by what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Census {
    /// Neither in TIME-WAIT nor over.
    pub(super) open: u32,
    /// In TIME-WAIT.
    pub(super) waiting: u32,
    /// How many ended with an error so far.
    pub(super) errors: u32,
    /// How many were opened so far.
    pub(super) opened: u32,
    /// How many TIME-WAITs a RST has ended so far (RFC 1337).
    pub(super) cut_short: u32,
}

/// A client and its server.
#[derive(Debug)]
pub(super) struct Pair {
    /// The client is A, the server B.
    pub(super) hosts: [Host; 2],
    pub(super) census: [Census; 2],
    /// How many requests the connections of each have carried.
    carried: [BTreeMap<ConnectionId, u32>; 2],
    /// The client's connections that have nothing to do, by destination.
    idle: BTreeMap<u16, VecDeque<ConnectionId>>,
    /// How many requests were answered.
    pub(super) answered: u64,
    load: Load,
}

impl Pair {
    pub(super) fn new(load: &Load, log: &mut Log) -> Pair {
        let profile = load.profile();
        let closes = |closer| load.first != closer;
        let client =
            Application { reads: true, accepts: Accepts::ByCall, closes: closes(Closer::Client) };
        let server = Application {
            reads: true,
            accepts: Accepts::Established,
            closes: closes(Closer::Server),
        };
        let mut pair = Pair {
            hosts: [
                Host::new(HostId::A, profile.clone(), client),
                Host::new(HostId::B, profile, server),
            ],
            census: [Census::default(); 2],
            carried: [BTreeMap::new(), BTreeMap::new()],
            idle: BTreeMap::new(),
            answered: 0,
            load: load.clone(),
        };
        for destination in 0..load.destinations {
            let port = port_of(destination);
            let listen = Call::Listen { port, reuse_address: true, receive_buffer: 0 };
            pair.call(HostId::B, None, &listen, log);
        }
        pair
    }

    fn host_mut(&mut self, id: HostId) -> &mut Host {
        let [a, b] = &mut self.hosts;
        match id {
            HostId::A => a,
            HostId::B => b,
        }
    }

    fn side(&mut self, id: HostId) -> (&mut Census, &mut BTreeMap<ConnectionId, u32>) {
        let ([census_a, census_b], [carried_a, carried_b]) = (&mut self.census, &mut self.carried);
        match id {
            HostId::A => (census_a, carried_a),
            HostId::B => (census_b, carried_b),
        }
    }

    /// A call of a program, on the connection given or on none.
    fn call(
        &mut self,
        id: HostId,
        connection: Option<ConnectionId>,
        call: &Call,
        log: &mut Log,
    ) -> Returned {
        let host = self.host_mut(id);
        let held = connection.and_then(|connection| host.connections.with_id(connection));
        let fd = held.and_then(|held| match held.descriptor {
            Descriptor::Open(fd) => Some(fd),
            Descriptor::Queued(_) | Descriptor::Closed => None,
        });
        // On a connection that the program no longer holds there's nothing to call.
        if connection.is_some() && fd.is_none() {
            return Returned::Failed(Errno::EBADF);
        }
        log.host = Some(id);
        let incarnation = Incarnation(host.opened() + 1);
        host.call(fd, call, incarnation, log)
    }

    /// The client has a request for a destination.
    pub(super) fn ask(&mut self, destination: u32, log: &mut Log) -> Asked {
        let remote_port = port_of(destination);
        let idle = self.idle.get_mut(&remote_port).and_then(VecDeque::pop_front);
        if let Some(connection) = idle {
            self.request(connection, log);
            return Asked::Again;
        }
        let call = Call::Connect { local_port: 0, remote_port, reuse_address: false };
        match self.call(HostId::A, None, &call, log) {
            Returned::Failed(Errno::EADDRNOTAVAIL) => Asked::NoPort,
            Returned::Failed(_)
            | Returned::Done
            | Returned::Descriptor(_)
            | Returned::Taken(_)
            | Returned::Octets(_)
            | Returned::EndOfFile
            | Returned::Ready(_) => Asked::Connected,
        }
    }

    fn request(&mut self, connection: ConnectionId, log: &mut Log) {
        let send = Call::Send { data: vec![b'?'], more: false };
        self.call(HostId::A, Some(connection), &send, log);
    }

    /// What the programs do about an event at a host, and the rule that caused it.
    pub(super) fn heed(&mut self, id: HostId, rule: Rule, event: &EventKind, log: &mut Log) {
        match event {
            EventKind::State { connection, from, to } => {
                let census = self.side(id).0;
                census.count(*from, *to);
                census.cut_short += u32::from(rule == Rule::TimeWaitAssassinated);
                if id == HostId::A && *to == State::Established {
                    self.request(*connection, log);
                }
                if *to == State::Closed {
                    self.over(id, *connection);
                }
            }
            EventKind::Received { connection, .. } => self.carry(id, *connection, log),
            EventKind::Error { connection, .. } => {
                self.side(id).0.errors += 1;
                self.call(id, Some(*connection), &Call::Close, log);
            }
            EventKind::Call { .. }
            | EventKind::Return { .. }
            | EventKind::Opened { .. }
            | EventKind::Sent { .. }
            | EventKind::Injected { .. }
            | EventKind::Lost { .. }
            | EventKind::Died { .. }
            | EventKind::Arrived { .. }
            | EventKind::Gate { .. }
            | EventKind::Ignored
            | EventKind::Queued { .. }
            | EventKind::Timer { .. }
            | EventKind::EndOfFile { .. }
            | EventKind::NoCounterpart { .. } => {}
        }
    }

    /// A connection is over.
    fn over(&mut self, id: HostId, connection: ConnectionId) {
        self.side(id).1.remove(&connection);
        if id == HostId::A {
            self.idle.values_mut().for_each(|idle| idle.retain(|other| *other != connection));
        }
    }

    /// A request has come to the server, or its answer to the client.
    fn carry(&mut self, id: HostId, connection: ConnectionId, log: &mut Log) {
        let (_, carried) = self.side(id);
        let count = carried.entry(connection).or_insert(0);
        *count += 1;
        let used_up = *count >= self.load.requests;
        let closes = match id {
            HostId::A => self.load.first == Closer::Client,
            HostId::B => self.load.first == Closer::Server,
        };
        match id {
            HostId::A => self.answered += 1,
            HostId::B => {
                let answer = Call::Send { data: vec![b'!'], more: false };
                self.call(HostId::B, Some(connection), &answer, log);
            }
        }
        if used_up && closes {
            if self.load.linger_zero {
                self.call(id, Some(connection), &Call::LingerZero, log);
            }
            self.call(id, Some(connection), &Call::Close, log);
        } else if !used_up && id == HostId::A {
            self.rest(connection);
        }
    }

    /// A connection of the client waits for the next request.
    fn rest(&mut self, connection: ConnectionId) {
        let [client, _] = &self.hosts;
        if let Some(found) = client.connections.with_id(connection) {
            self.idle.entry(found.remote_port).or_default().push_back(connection);
        }
    }
}

impl Census {
    /// A connection has gone from one state to another.
    fn count(&mut self, from: State, to: State) {
        match self.of(from) {
            None => self.opened += 1,
            Some(count) => *count = count.saturating_sub(1),
        }
        if let Some(count) = self.of(to) {
            *count += 1;
        }
    }

    /// Where a connection in a state is counted.
    fn of(&mut self, state: State) -> Option<&mut u32> {
        match state {
            State::Closed | State::Listen => None,
            State::TimeWait => Some(&mut self.waiting),
            State::SynSent
            | State::SynReceived
            | State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait
            | State::Closing
            | State::LastAck => Some(&mut self.open),
        }
    }
}

/// The server's port for a destination.
fn port_of(destination: u32) -> u16 {
    SERVER_PORT.saturating_add(u16::try_from(destination).unwrap_or(u16::MAX))
}
