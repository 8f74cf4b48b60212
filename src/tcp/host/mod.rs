//! A host: its connections, listeners, descriptors and ports.
//!
//! `arrives` is SEGMENT ARRIVES for the whole host, `calls` the socket API, `ports` bind() and
//! connect(), `table` where the connections are found, `index` how many of them are found fast.

mod arrives;
mod calls;
mod index;
mod ports;
mod recycle;
mod table;

use serde::{Deserialize, Serialize};

use super::call::{Application, Fd};
use super::connection::recycle::PeerStamp;
use super::connection::{Connection, Context, Deadline, Descriptor, TimestampMemory};
use super::event::{ConnectionId, HostId, Log, TimerKind};
use super::isn;
use super::profile::Profile;
use super::segment::{Incarnation, Segment};
use super::seq::{MOST_WINDOW, Seq};
use super::state::State;
use super::time::Time;
use crate::packed::packed;
pub use table::Connections;

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
    /// It listens, or failed to.
    Listener,
    Connection(ConnectionId),
    /// connect() failed.
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

packed!(SocketLine { state, local_port, remote_port, fd });

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
    pub connections: Connections,
    /// Its listening sockets.
    pub listeners: Vec<Listener>,
    /// Its timestamp clock at the start of the run, in ticks of a millisecond.
    pub clock: u32,
    /// The ISS values that its next connections take before the generator is asked.
    pub iss: Vec<Seq>,
    /// The last timestamp of the remote address, by `tw-recycle`. There is one remote address; with
    /// more of them this is a map.
    peer_stamp: Option<PeerStamp>,
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

impl Host {
    /// A host without connections.
    #[must_use]
    pub fn new(id: HostId, profile: Profile, application: Application) -> Host {
        let next_port = profile.ephemeral_ports.first;
        Host {
            id,
            profile,
            application,
            connections: Connections::default(),
            listeners: Vec::new(),
            clock: 0,
            iss: Vec::new(),
            peer_stamp: None,
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

    /// How many connections it has opened, or had opened.
    #[must_use]
    pub fn opened(&self) -> u32 {
        self.opened
    }

    /// Forgets how many segments it has sent: the next one is its first again. What a host does
    /// doesn't depend on it, only how segments are called.
    pub fn count_anew(&mut self) {
        self.sent = 0;
    }

    /// The state that a spectator sees for a pair of ports (local, remote): of the live connection,
    /// else LISTEN where a listener waits, else CLOSED.
    #[must_use]
    pub fn state(&self, ports: (u16, u16)) -> State {
        match self.connection(ports) {
            Some(connection) => connection.state,
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

    /// The timer that fires first; of those at the same moment the one that was started first.
    #[must_use]
    pub fn first_timer(&self) -> Option<(ConnectionId, TimerKind, Deadline)> {
        self.connections.first_timer()
    }

    /// The live connection of a pair of ports (local, remote).
    #[must_use]
    pub fn connection(&self, ports: (u16, u16)) -> Option<&Connection> {
        self.connections.get(self.find(ports)?)
    }

    /// Places a connection in ESTABLISHED without a handshake: A.SND.NXT = A.SND.UNA = `send`,
    /// RCV.NXT = `receive`. Its descriptor is open.
    pub fn establish(
        &mut self,
        ports: (u16, u16),
        numbers: (Seq, Seq),
        peer: (u32, u32),
        timestamps: bool,
        log: &mut Log,
    ) {
        let (peer_window, peer_clock) = peer;
        let (send, receive) = numbers;
        let index = self.open(ports, Incarnation(1), send - 1, log);
        let fd = self.slot(Slot::Connection(ConnectionId(self.opened)));
        let now = log.now;
        let sack = self.profile.sack;
        if let Some(c) = self.connections.get_mut(index) {
            c.descriptor = Descriptor::Open(fd);
            c.reuse_address = true;
            c.state = State::Established;
            (c.snd_una, c.snd_nxt) = (send, send);
            c.irs = receive - 1;
            (c.rcv_nxt, c.last_ack_sent) = (receive, receive);
            c.snd_wnd = peer_window.min(MOST_WINDOW);
            c.max_snd_wnd = c.snd_wnd;
            c.snd_wl1 = receive - 1;
            c.snd_wl2 = send;
            c.timestamps = timestamps.then_some(TimestampMemory {
                recent: peer_clock,
                recent_at: now,
                echo: 0,
            });
            c.sack = sack;
        }
        self.connections.changed(index);
        self.with(index, log, |c, cx| c.start_keep_alive(cx));
    }

    fn find(&self, ports: (u16, u16)) -> Option<usize> {
        self.connections.find(ports)
    }

    fn is_listening(&self, port: u16) -> bool {
        self.listeners.iter().any(|l| l.port == port)
    }

    fn slot(&mut self, slot: Slot) -> Fd {
        self.slots.push(slot);
        Fd(u32::try_from(self.slots.len()).unwrap_or(u32::MAX))
    }

    /// Whether this connection may be kept in TIME-WAIT, or as an orphan in FIN-WAIT-2, beside the
    /// others that are (D30). The place that it has itself isn't taken from it.
    fn room_to_wait(&self, index: usize) -> bool {
        self.profile.max_time_wait.is_none_or(|most| {
            self.connections.waiting_beside(index) < usize::try_from(most).unwrap_or(usize::MAX)
        })
    }

    /// Runs `act` on a connection with the rest of the host around it.
    fn with<R>(
        &mut self,
        index: usize,
        log: &mut Log,
        act: impl FnOnce(&mut Connection, &mut Context<'_>) -> R,
    ) -> Option<R> {
        let room_to_wait = self.room_to_wait(index);
        let ticks = self.ticks(log.now);
        let connection = self.connections.get_mut(index)?;
        let mut cx = Context {
            host: self.id,
            profile: &self.profile,
            ticks,
            application: self.application,
            listening: self.listeners.iter().any(|l| l.port == connection.local_port),
            room_to_wait,
            peer_stamp: &mut self.peer_stamp,
            log,
            sent: &mut self.sent,
        };
        let outcome = act(connection, &mut cx);
        self.connections.changed(index);
        Some(outcome)
    }

    /// The rest of the host for something that no connection does.
    fn around<'a>(&'a mut self, log: &'a mut Log) -> Context<'a> {
        Context {
            host: self.id,
            ticks: self.ticks(log.now),
            profile: &self.profile,
            application: self.application,
            listening: false,
            room_to_wait: true,
            peer_stamp: &mut self.peer_stamp,
            log,
            sent: &mut self.sent,
        }
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
    ) -> usize {
        self.opened += 1;
        let id = ConnectionId(self.opened);
        let mut cx = self.around(log);
        let connection = Connection::new(id, incarnation, ports, iss, &mut cx);
        self.connections.push(connection)
    }

    fn next_iss(&mut self, ports: (u16, u16), now: Time) -> Seq {
        if self.iss.is_empty() {
            isn::generate(&self.profile, ports, now, self.opened)
        } else {
            self.iss.remove(0)
        }
    }
}
