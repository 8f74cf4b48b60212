//! A host: its connections, listeners, descriptors and ports.

use serde::{Deserialize, Serialize};

use super::call::{Call, Errno, Fd, Returned};
use super::connection::{Connection, Context, Deadline, Descriptor, Outcome, TimestampMemory};
use super::event::{ConnectionId, EventId, EventKind, Gate, HostId, Log, SegmentName, TimerKind};
use super::isn;
use super::profile::{Profile, ReopenIss, TwReuse};
use super::rule::Rule;
use super::segment::{Incarnation, Segment};
use super::seq::Seq;
use super::state::State;
use super::time::Time;

/// When a program accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Accepts {
    /// When the scenario calls accept().
    ByCall,
    /// As soon as a connection is established.
    Established,
    /// With the SYN: the RFC's passive OPEN, whose user has the connection from the start.
    AtSyn,
}

/// What a host's program does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Application {
    /// It reads octets in the instant in which they come.
    pub reads: bool,
    /// When it accepts.
    pub accepts: Accepts,
    /// It closes in the instant in which it sees end of file.
    pub closes: bool,
}

/// A segment that a host has put on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Departure {
    /// Its name.
    pub name: SegmentName,
    /// The event of its sending.
    pub event: EventId,
    /// The segment.
    pub segment: Segment,
}

/// A listening socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Listener {
    /// Its descriptor.
    pub fd: Fd,
    /// Its port.
    pub port: u16,
    /// SO_REUSEADDR, which its connections inherit.
    pub reuse_address: bool,
    /// SO_RCVBUF in octets, which its connections inherit; 0: the profile's.
    pub receive_buffer: u32,
}

/// What a descriptor stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Slot {
    Listener,
    Connection(ConnectionId),
    /// socket() succeeded and what came after it failed.
    Unconnected,
    Closed,
}

/// A line of what `ss -tan` would print.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocketLine {
    /// The state.
    pub state: State,
    /// The local port.
    pub local_port: u16,
    /// The peer's port; `None` for a listener.
    pub remote_port: Option<u16>,
    /// The descriptor, where a program holds one.
    pub fd: Option<Fd>,
}

/// One host.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Host {
    /// Which one it is.
    pub id: HostId,
    /// How its TCP behaves.
    pub profile: Profile,
    /// What its program does by itself.
    pub application: Application,
    /// Its connections that are live, or that a descriptor still holds; oldest first.
    pub connections: Vec<Connection>,
    /// Its listening sockets.
    pub listeners: Vec<Listener>,
    /// Its timestamp clock at the start of the run, in ticks of a millisecond.
    pub clock: u32,
    /// The ISS values that its next connections take before the generator is asked.
    pub iss: Vec<Seq>,
    slots: Vec<Slot>,
    sent: u32,
    opened: u32,
    next_port: u16,
}

/// <SEQ=SEG.ACK><CTL=RST> for a segment with an ACK, <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK> for
/// one without. RFC 9293 §3.10.7.1.
#[must_use]
pub fn reset_for(seg: &Segment) -> Segment {
    Segment {
        source_port: seg.destination_port,
        destination_port: seg.source_port,
        seq: seg.ack.unwrap_or(Seq(0)),
        ack: if seg.ack.is_some() { None } else { Some(seg.end()) },
        rst: true,
        origin: seg.origin,
        ..Segment::default()
    }
}

/// What connect() found at the 4-tuple that it wants.
enum Place {
    Free,
    TakenOver { iss: Option<Seq>, memory: Option<TimestampMemory> },
}

impl Host {
    /// A host without connections.
    #[must_use]
    pub fn new(id: HostId, profile: Profile, application: Application) -> Host {
        let next_port = profile.ephemeral_ports.first;
        Host {
            id,
            profile,
            application,
            connections: Vec::new(),
            listeners: Vec::new(),
            clock: 0,
            iss: Vec::new(),
            slots: Vec::new(),
            sent: 0,
            opened: 0,
            next_port,
        }
    }

    /// How many segments it has sent.
    #[must_use]
    pub fn sent(&self) -> u32 {
        self.sent
    }

    /// The state that a spectator sees for a pair of ports (local, remote): of the live connection,
    /// else LISTEN where a listener waits, else CLOSED.
    #[must_use]
    pub fn state(&self, ports: (u16, u16)) -> State {
        match self.find(ports) {
            Some(index) => self.connections.get(index).map_or(State::Closed, |c| c.state),
            None if self.is_listening(ports.0) => State::Listen,
            None => State::Closed,
        }
    }

    /// Its sockets, as `ss -tan` lists them.
    #[must_use]
    pub fn sockets(&self) -> Vec<SocketLine> {
        let listeners = self.listeners.iter().map(|l| SocketLine {
            state: State::Listen,
            local_port: l.port,
            remote_port: None,
            fd: Some(l.fd),
        });
        let connections = self.connections.iter().filter(|c| c.is_live()).map(|c| SocketLine {
            state: c.state,
            local_port: c.local_port,
            remote_port: Some(c.remote_port),
            fd: match c.descriptor {
                Descriptor::Open(fd) => Some(fd),
                Descriptor::Queued(_) | Descriptor::Closed => None,
            },
        });
        listeners.chain(connections).collect()
    }

    /// Every timer that runs.
    pub fn deadlines(&self) -> impl Iterator<Item = (ConnectionId, TimerKind, Deadline)> + '_ {
        self.connections
            .iter()
            .flat_map(|c| c.deadlines().map(|(timer, deadline)| (c.id, timer, deadline)))
    }

    /// Places a connection in ESTABLISHED without a handshake: A.SND.NXT = A.SND.UNA = `send`,
    /// RCV.NXT = `receive`. Its descriptor is open.
    #[allow(clippy::too_many_arguments)]
    pub fn establish(
        &mut self,
        ports: (u16, u16),
        numbers: (Seq, Seq),
        peer: (u32, u32),
        timestamps: bool,
        log: &mut Log,
        departures: &mut Vec<Departure>,
    ) {
        let (peer_window, peer_clock) = peer;
        let (send, receive) = numbers;
        let index = self.open(ports, Incarnation(1), send - 1, log, departures);
        let fd = self.slot(Slot::Connection(ConnectionId(self.opened)));
        let now = log.now;
        if let Some(c) = self.connections.get_mut(index) {
            c.descriptor = Descriptor::Open(fd);
            c.reuse_address = true;
            c.state = State::Established;
            (c.snd_una, c.snd_nxt) = (send, send);
            c.irs = receive - 1;
            (c.rcv_nxt, c.last_ack_sent) = (receive, receive);
            (c.snd_wnd, c.max_snd_wnd) = (peer_window, peer_window);
            c.snd_wl1 = receive - 1;
            c.snd_wl2 = send;
            c.timestamps =
                timestamps.then_some(TimestampMemory { recent: peer_clock, recent_at: now, echo: 0 });
            c.sack = self.profile.sack;
        }
    }

    fn find(&self, ports: (u16, u16)) -> Option<usize> {
        self.connections
            .iter()
            .position(|c| c.is_live() && (c.local_port, c.remote_port) == ports)
    }

    fn is_listening(&self, port: u16) -> bool {
        self.listeners.iter().any(|l| l.port == port)
    }

    fn slot(&mut self, slot: Slot) -> Fd {
        self.slots.push(slot);
        Fd(u32::try_from(self.slots.len()).unwrap_or(u32::MAX))
    }

    /// Whether one more TIME-WAIT, or orphan in FIN-WAIT-2, may be kept (D30).
    fn room_to_wait(&self) -> bool {
        let kept = self.connections.iter().filter(|c| {
            c.state == State::TimeWait
                || c.state == State::FinWait2 && c.descriptor == Descriptor::Closed
        });
        self.profile
            .max_time_wait
            .is_none_or(|most| kept.count() < usize::try_from(most).unwrap_or(usize::MAX))
    }

    /// Runs `act` on a connection with the rest of the host around it.
    fn with<R>(
        &mut self,
        index: usize,
        log: &mut Log,
        departures: &mut Vec<Departure>,
        act: impl FnOnce(&mut Connection, &mut Context<'_>) -> R,
    ) -> Option<R> {
        let room_to_wait = self.room_to_wait();
        let ticks = self.ticks(log.now);
        let connection = self.connections.get_mut(index)?;
        let mut cx = Context {
            host: self.id,
            profile: &self.profile,
            ticks,
            application: self.application,
            listening: self.listeners.iter().any(|l| l.port == connection.local_port),
            room_to_wait,
            log,
            departures,
            sent: &mut self.sent,
        };
        Some(act(connection, &mut cx))
    }

    /// The timestamp clock: one tick a millisecond (RFC 7323 §5.4).
    fn ticks(&self, now: Time) -> u32 {
        let [a, b, c, d, ..] = (now.0 / 1_000).to_le_bytes();
        self.clock.wrapping_add(u32::from_le_bytes([a, b, c, d]))
    }

    /// A new connection in the list; its place there.
    fn open(
        &mut self,
        ports: (u16, u16),
        incarnation: Incarnation,
        iss: Seq,
        log: &mut Log,
        departures: &mut Vec<Departure>,
    ) -> usize {
        self.opened += 1;
        let id = ConnectionId(self.opened);
        let ticks = self.ticks(log.now);
        let mut cx = Context {
            host: self.id,
            profile: &self.profile,
            ticks,
            application: self.application,
            listening: false,
            room_to_wait: true,
            log,
            departures,
            sent: &mut self.sent,
        };
        let connection = Connection::new(id, incarnation, ports, iss, &mut cx);
        self.connections.push(connection);
        self.connections.len() - 1
    }

    fn next_iss(&mut self, ports: (u16, u16), now: Time) -> Seq {
        if self.iss.is_empty() {
            isn::generate(&self.profile, ports, now, self.opened)
        } else {
            self.iss.remove(0)
        }
    }

    /// A timer's time has come.
    pub fn fire(
        &mut self,
        connection: ConnectionId,
        timer: TimerKind,
        log: &mut Log,
        departures: &mut Vec<Departure>,
    ) {
        if let Some(index) = self.connections.iter().position(|c| c.id == connection) {
            self.with(index, log, departures, |c, cx| c.fire(timer, cx));
        }
        self.settle(log);
    }

    /// SEGMENT ARRIVES (RFC 9293 §3.10.7).
    pub fn arrives(&mut self, seg: &Segment, log: &mut Log, departures: &mut Vec<Departure>) {
        let ports = (seg.destination_port, seg.source_port);
        let found = self.find(ports);
        let listening = self.is_listening(ports.0);
        log.note(
            Rule::FourTuple,
            EventKind::Gate {
                gate: Gate::FourTuple,
                passed: found.is_some() || listening,
                value: u32::from(seg.source_port),
                low: u32::from(ports.0),
                high: u32::from(ports.0),
            },
        );
        let outcome = found
            .and_then(|index| self.with(index, log, departures, |c, cx| c.arrives(seg, cx)))
            .unwrap_or(Outcome::Forget);
        match outcome {
            Outcome::Done => {}
            Outcome::Reopen { iss, returns } => {
                if let Some(index) = found {
                    self.reopen(index, seg, (iss, returns), log, departures);
                }
            }
            Outcome::Forget if listening => self.listen_arrives(seg, log, departures),
            Outcome::Forget => self.closed_arrives(seg, log, departures),
        }
        self.settle(log);
    }

    // RFC 9293 §3.10.7.1: SEGMENT ARRIVES in CLOSED.
    fn closed_arrives(&mut self, seg: &Segment, log: &mut Log, departures: &mut Vec<Departure>) {
        if seg.rst {
            log.note(Rule::ClosedRst, EventKind::Ignored);
        } else {
            self.send_alone(reset_for(seg), Rule::ClosedReset, log, departures);
        }
    }

    // RFC 9293 §3.10.7.2: SEGMENT ARRIVES in LISTEN.
    fn listen_arrives(&mut self, seg: &Segment, log: &mut Log, departures: &mut Vec<Departure>) {
        if seg.rst {
            log.note(Rule::ListenRst, EventKind::Ignored);
        } else if seg.ack.is_some() {
            self.send_alone(reset_for(seg), Rule::ListenAck, log, departures);
        } else if seg.syn {
            self.open_passive(seg, None, log, departures);
        } else {
            log.note(Rule::ListenIgnores, EventKind::Ignored);
        }
    }

    /// A segment that no connection sends.
    fn send_alone(
        &mut self,
        segment: Segment,
        rule: Rule,
        log: &mut Log,
        departures: &mut Vec<Departure>,
    ) {
        let ticks = self.ticks(log.now);
        let mut cx = Context {
            host: self.id,
            profile: &self.profile,
            ticks,
            application: self.application,
            listening: false,
            room_to_wait: true,
            log,
            departures,
            sent: &mut self.sent,
        };
        cx.transmit(segment, None, None, rule);
    }

    /// PROTOCOL T03: SYN,ACK, SYN-RECEIVED.
    fn open_passive(
        &mut self,
        seg: &Segment,
        iss: Option<Seq>,
        log: &mut Log,
        departures: &mut Vec<Departure>,
    ) -> Option<usize> {
        let ports = (seg.destination_port, seg.source_port);
        let listener = self.listeners.iter().find(|l| l.port == ports.0)?;
        let (reuse, buffer) = (listener.reuse_address, listener.receive_buffer);
        let iss = iss.unwrap_or_else(|| self.next_iss(ports, log.now));
        let index = self.open(ports, seg.origin, iss, log, departures);
        let at_syn = self.application.accepts == Accepts::AtSyn;
        let descriptor = if at_syn {
            Descriptor::Open(self.slot(Slot::Connection(ConnectionId(self.opened))))
        } else {
            Descriptor::Queued(ports.0)
        };
        self.with(index, log, departures, |c, cx| {
            c.descriptor = descriptor;
            c.reuse_address = reuse;
            c.passive = true;
            if buffer > 0 {
                c.window = buffer;
            }
            c.take_syn(seg, cx);
            c.keep_text_of_syn(seg, cx);
            c.enter(State::SynReceived, Rule::SynArrived, cx);
            c.answer_syn(cx);
        });
        Some(index)
    }

    /// A SYN takes over a TIME-WAIT (RFC 9293 §3.6.1).
    fn reopen(
        &mut self,
        index: usize,
        seg: &Segment,
        terms: (Option<Seq>, bool),
        log: &mut Log,
        departures: &mut Vec<Departure>,
    ) {
        let (iss, returns) = terms;
        let shadow = self.connections.get(index).cloned();
        self.with(index, log, departures, |c, cx| c.end(Rule::TimeWaitReopened, cx));
        let opened = self.open_passive(seg, iss, log, departures);
        if let Some(connection) = opened.and_then(|index| self.connections.get_mut(index))
            && returns
        {
            connection.shadow = shadow.map(Box::new);
        }
    }

    /// Connections that are over and held by nobody are gone; those that are ready are accepted.
    fn settle(&mut self, log: &mut Log) {
        self.connections.retain(|c| c.is_live() || c.is_held());
        if self.application.accepts == Accepts::Established {
            while let Some(port) = self.acceptable().map(|(port, _)| port) {
                let fd = self.listeners.iter().find(|l| l.port == port).map(|l| l.fd);
                log.note(Rule::Application, EventKind::Call { fd, call: Call::Accept });
                let returned = self.accept(port);
                log.note(Rule::Application, EventKind::Return { fd, returned });
            }
        }
    }

    /// The oldest connection that accept() would give, and the port of its listener.
    fn acceptable(&self) -> Option<(u16, ConnectionId)> {
        self.connections.iter().find_map(|c| match c.descriptor {
            Descriptor::Queued(port) if c.state != State::SynReceived => Some((port, c.id)),
            Descriptor::Queued(_) | Descriptor::Open(_) | Descriptor::Closed => None,
        })
    }

    fn accept(&mut self, port: u16) -> Returned {
        let ready = self.connections.iter().position(|c| {
            c.descriptor == Descriptor::Queued(port) && c.state != State::SynReceived
        });
        let Some(index) = ready else { return Returned::Failed(Errno::EAGAIN) };
        let Some(id) = self.connections.get(index).map(|c| c.id) else {
            return Returned::Failed(Errno::EAGAIN);
        };
        let fd = self.slot(Slot::Connection(id));
        if let Some(connection) = self.connections.get_mut(index) {
            connection.descriptor = Descriptor::Open(fd);
            if self.application.reads {
                connection.unread.clear();
            }
        }
        Returned::Descriptor(fd)
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
        departures: &mut Vec<Departure>,
    ) -> Returned {
        let fd = self.resolve(fd, call);
        let id = log.note(Rule::Call, EventKind::Call { fd, call: call.clone() });
        log.cause = Some(id);
        let returned = self.perform(fd, call, incarnation, log, departures);
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
            | Call::SoError
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
        departures: &mut Vec<Departure>,
    ) -> Returned {
        match call {
            Call::Listen { port, reuse_address, receive_buffer } => {
                self.listen(*port, *reuse_address, *receive_buffer)
            }
            Call::Connect { local_port, remote_port, reuse_address } => {
                let ports = (*local_port, *remote_port);
                self.connect(ports, *reuse_address, incarnation, log, departures)
            }
            Call::Exit => {
                for number in 1..=self.slots.len() {
                    let fd = u32::try_from(number).ok().map(Fd);
                    self.close(fd, log, departures);
                }
                Returned::Done
            }
            Call::Reboot => self.reboot(log, departures),
            Call::Close => self.close(fd, log, departures),
            Call::Accept => match self.slot_of(fd) {
                Some(Slot::Listener) => {
                    let port = self.listeners.iter().find(|l| Some(l.fd) == fd).map(|l| l.port);
                    port.map_or(Returned::Failed(Errno::EBADF), |port| self.accept(port))
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
            | Call::SoError
            | Call::Poll => self.on_connection(fd, call, log, departures),
        }
    }

    fn on_connection(
        &mut self,
        fd: Option<Fd>,
        call: &Call,
        log: &mut Log,
        departures: &mut Vec<Departure>,
    ) -> Returned {
        let id = match self.slot_of(fd) {
            Some(Slot::Connection(id)) => id,
            Some(Slot::Listener) if *call == Call::Poll => return self.poll_listener(fd),
            Some(Slot::Listener) => return Returned::Failed(Errno::ENOTCONN),
            Some(Slot::Unconnected) => return unconnected(call),
            // The RFC's cases go on calling on a connection that is gone.
            Some(Slot::Closed) | None => return gone(call),
        };
        let Some(index) = self.connections.iter().position(|c| c.id == id) else {
            return gone(call);
        };
        let aborts = *call == Call::Abort;
        let returned = self.with(index, log, departures, |c, cx| match call {
            Call::Send { data, more } => c.send(data, *more, cx),
            Call::Recv => c.recv(cx),
            Call::ShutdownWrite => c.shutdown_write(cx),
            Call::ShutdownRead => c.shutdown_read(),
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
            Call::SoError => c.so_error(),
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
        let input = self.connections.iter().any(|c| {
            c.state != State::SynReceived
                && port.is_some_and(|port| c.descriptor == Descriptor::Queued(port))
        });
        Returned::Ready(super::call::Readiness { input, ..Default::default() })
    }

    /// close() of a descriptor.
    fn close(&mut self, fd: Option<Fd>, log: &mut Log, departures: &mut Vec<Departure>) -> Returned {
        let slot = self.slot_of(fd);
        self.set_slot(fd, Slot::Closed);
        match slot {
            Some(Slot::Connection(id)) => {
                if let Some(index) = self.connections.iter().position(|c| c.id == id) {
                    self.with(index, log, departures, |c, cx| c.close(cx));
                }
                Returned::Done
            }
            Some(Slot::Listener) => {
                self.close_listener(fd, log, departures);
                Returned::Done
            }
            Some(Slot::Unconnected) => Returned::Done,
            Some(Slot::Closed) | None => Returned::Failed(Errno::EBADF),
        }
    }

    /// A listener's connections that nobody accepted are reset (PROTOCOL §16).
    fn close_listener(&mut self, fd: Option<Fd>, log: &mut Log, departures: &mut Vec<Departure>) {
        let Some(place) = self.listeners.iter().position(|l| Some(l.fd) == fd) else { return };
        let port = self.listeners.remove(place).port;
        for index in 0..self.connections.len() {
            let queued = self
                .connections
                .get(index)
                .is_some_and(|c| c.descriptor == Descriptor::Queued(port) && c.is_live());
            if queued {
                self.with(index, log, departures, |c, cx| {
                    c.descriptor = Descriptor::Closed;
                    c.reset_peer(Rule::CloseListener, cx);
                });
            }
        }
    }

    /// All state of the connections is lost, silently. RFC 9293 §3.5.1, §3.4.3.
    fn reboot(&mut self, log: &mut Log, departures: &mut Vec<Departure>) -> Returned {
        for index in 0..self.connections.len() {
            self.with(index, log, departures, |c, cx| {
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

    /// Whether bind() finds the port taken: by a listener, or by a connection unless both asked
    /// for SO_REUSEADDR (PROTOCOL §12.4, S01, S02).
    fn is_bound(&self, port: u16, reuse_address: bool) -> bool {
        self.is_listening(port)
            || self.connections.iter().any(|c| {
                c.local_port == port && c.is_live() && !(reuse_address && c.reuse_address)
            })
    }

    fn listen(&mut self, port: u16, reuse_address: bool, receive_buffer: u32) -> Returned {
        if self.is_bound(port, reuse_address) {
            self.slot(Slot::Unconnected);
            return Returned::Failed(Errno::EADDRINUSE);
        }
        let fd = self.slot(Slot::Listener);
        self.listeners.push(Listener { fd, port, reuse_address, receive_buffer });
        Returned::Descriptor(fd)
    }

    /// connect() without blocking. PROTOCOL T02, §12.1, S01 to S08.
    fn connect(
        &mut self,
        ports: (u16, u16),
        reuse_address: bool,
        incarnation: Incarnation,
        log: &mut Log,
        departures: &mut Vec<Departure>,
    ) -> Returned {
        let explicit = ports.0 != 0;
        if explicit && self.is_bound(ports.0, reuse_address) {
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
            Place::Free => (None, None),
            Place::TakenOver { iss, memory } => {
                if let Some(index) = self.find(ports) {
                    self.with(index, log, departures, |c, cx| c.end(Rule::TimeWaitTakenOver, cx));
                }
                (iss, memory)
            }
        };
        let iss = iss.unwrap_or_else(|| self.next_iss(ports, log.now));
        let index = self.open(ports, incarnation, iss, log, departures);
        let fd = self.slot(Slot::Connection(ConnectionId(self.opened)));
        self.with(index, log, departures, |c, cx| {
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
        let late = now >= old.waiting_since + self.profile.tw_reuse_delay;
        let allowed = by_bind || self.profile.tw_reuse == TwReuse::On && late;
        if !(waits && allowed && old.timestamps.is_some()) {
            return None;
        }
        let iss = match self.profile.reopen_iss {
            ReopenIss::Step => Some(super::connection::time_wait::stepped(old.snd_nxt)),
            ReopenIss::Generator => None,
        };
        Some(Place::TakenOver { iss, memory: old.timestamps })
    }
}

/// What a call returns on a socket that never was connected.
fn unconnected(call: &Call) -> Returned {
    match call {
        Call::Send { .. } => Returned::Failed(Errno::EPIPE),
        Call::SoError | Call::LingerZero | Call::Abort => Returned::Done,
        Call::Poll => Returned::Ready(super::call::Readiness {
            output: true,
            hangup: true,
            ..Default::default()
        }),
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
        | Call::Abort
        | Call::SoError
        | Call::Poll
        | Call::Listen { .. }
        | Call::Connect { .. }
        | Call::Accept
        | Call::Close
        | Call::Exit
        | Call::Reboot => Errno::EBADF,
    })
}
