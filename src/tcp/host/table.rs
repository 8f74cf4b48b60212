//! The table of a host's connections: oldest first, and from some dozens on with an index, as a
//! kernel has its hash tables. A scene has one or two connections and pays nothing for it.

use std::collections::{BTreeSet, VecDeque, vec_deque};

use serde::{Deserialize, Serialize};

use crate::tcp::connection::{Connection, Descriptor};
use crate::tcp::event::ConnectionId;
use crate::tcp::state::State;

/// From so many connections on the table has an index. Below, looking at each is faster.
const INDEXED_FROM: usize = 32;

/// The connections of a host that are live, or that a descriptor still holds; oldest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "VecDeque<Connection>", into = "VecDeque<Connection>")]
pub struct Connections {
    /// In the order of their ids, for a new one comes last.
    list: VecDeque<Connection>,
    /// What else is asked than the order. Absent in a small table, and after [`Connections::iter_mut`].
    index: Option<Box<Index>>,
}

#[derive(Clone, Debug, Default)]
struct Index {
    /// The live ones: the peer's port, the local port, the connection.
    tuples: BTreeSet<(u16, u16, ConnectionId)>,
    /// Those that wait for accept().
    queued: BTreeSet<ConnectionId>,
    /// How many are kept only to wait (D30).
    waiting: usize,
    /// Those that may be over.
    over: Vec<ConnectionId>,
}

/// What the index knows of one connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    live: bool,
    queued: bool,
    waits: bool,
}

impl Mark {
    fn of(connection: &Connection) -> Mark {
        Mark {
            live: connection.is_live(),
            queued: matches!(connection.descriptor, Descriptor::Queued(_)),
            waits: waits(connection),
        }
    }
}

/// Whether it's kept only to wait: in TIME-WAIT, or as an orphan in FIN-WAIT-2.
fn waits(c: &Connection) -> bool {
    c.state == State::TimeWait || c.state == State::FinWait2 && c.descriptor == Descriptor::Closed
}

fn is_over(c: &Connection) -> bool {
    !(c.is_live() || c.is_held())
}

impl Index {
    fn new(list: &VecDeque<Connection>) -> Index {
        let mut index = Index::default();
        for connection in list {
            let nothing = Mark { live: false, queued: false, waits: false };
            index.change(connection, nothing);
        }
        index
    }

    /// A connection has changed from what `before` says.
    fn change(&mut self, connection: &Connection, before: Mark) {
        let after = Mark::of(connection);
        let id = connection.id;
        let tuple = (connection.remote_port, connection.local_port, id);
        match (before.live, after.live) {
            (false, true) => drop(self.tuples.insert(tuple)),
            (true, false) => drop(self.tuples.remove(&tuple)),
            (true, true) | (false, false) => {}
        }
        match (before.queued, after.queued) {
            (false, true) => drop(self.queued.insert(id)),
            (true, false) => drop(self.queued.remove(&id)),
            (true, true) | (false, false) => {}
        }
        self.waiting += usize::from(after.waits);
        self.waiting = self.waiting.saturating_sub(usize::from(before.waits));
        if is_over(connection) {
            self.over.push(id);
        }
    }
}

impl Connections {
    /// Every connection, oldest first.
    #[must_use]
    pub fn iter(&self) -> vec_deque::Iter<'_, Connection> {
        self.list.iter()
    }

    /// Every connection, to change it. The index is made anew afterwards, so a host with many
    /// connections shouldn't need this often.
    pub fn iter_mut(&mut self) -> vec_deque::IterMut<'_, Connection> {
        self.index = None;
        self.list.iter_mut()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The connection of that id.
    #[must_use]
    pub fn with_id(&self, id: ConnectionId) -> Option<&Connection> {
        self.list.get(self.place(id)?)
    }

    pub(super) fn get(&self, place: usize) -> Option<&Connection> {
        self.list.get(place)
    }

    /// A connection, to change what the index doesn't know; else [`Connections::mark`] comes
    /// before and [`Connections::changed`] after.
    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut Connection> {
        self.list.get_mut(place)
    }

    /// Changes a connection.
    pub(super) fn update(&mut self, place: usize, change: impl FnOnce(&mut Connection)) {
        let before = self.mark(place);
        if let Some(connection) = self.list.get_mut(place) {
            change(connection);
        }
        self.changed(place, before);
    }

    /// What the index knows of a connection that is about to change.
    pub(super) fn mark(&self, place: usize) -> Option<Mark> {
        self.index.as_ref()?;
        self.list.get(place).map(Mark::of)
    }

    /// A connection has changed since it was marked.
    pub(super) fn changed(&mut self, place: usize, before: Option<Mark>) {
        if let Some(index) = &mut self.index
            && let (Some(connection), Some(before)) = (self.list.get(place), before)
        {
            index.change(connection, before);
        }
    }

    /// A new connection; its place.
    pub(super) fn push(&mut self, connection: Connection) -> usize {
        self.list.push_back(connection);
        let place = self.list.len() - 1;
        if let Some(index) = &mut self.index {
            if let Some(connection) = self.list.get(place) {
                index.change(connection, Mark { live: false, queued: false, waits: false });
            }
        } else if self.list.len() >= INDEXED_FROM {
            self.index = Some(Box::new(Index::new(&self.list)));
        }
        place
    }

    /// The place of the connection of that id.
    pub(super) fn place(&self, id: ConnectionId) -> Option<usize> {
        match self.index {
            Some(_) => self.list.binary_search_by_key(&id, |c| c.id).ok(),
            None => self.list.iter().position(|c| c.id == id),
        }
    }

    /// The place of the oldest live connection of a pair of ports (local, remote).
    pub(super) fn find(&self, ports: (u16, u16)) -> Option<usize> {
        let (local, remote) = ports;
        let Some(index) = &self.index else {
            let is_it = |c: &Connection| (c.local_port, c.remote_port) == ports;
            return self.list.iter().position(|c| c.is_live() && is_it(c));
        };
        let every = (remote, local, ConnectionId(0))..=(remote, local, ConnectionId(u32::MAX));
        index.tuples.range(every).next().and_then(|(_, _, id)| self.place(*id))
    }

    /// The lowest local port from `first` to `last` without a live connection to a peer's port.
    pub(super) fn free(&self, remote: u16, first: u16, last: u16) -> Option<u16> {
        let Some(index) = &self.index else {
            return (first..=last).find(|local| self.find((*local, remote)).is_none());
        };
        if first > last {
            return None;
        }
        let every = (remote, first, ConnectionId(0))..=(remote, last, ConnectionId(u32::MAX));
        let mut free = first;
        for (_, taken, _) in index.tuples.range(every) {
            if *taken > free {
                break;
            }
            free = taken.checked_add(1)?;
        }
        (free <= last).then_some(free)
    }

    /// How many are kept only to wait, the one at `place` left out (D30).
    pub(super) fn waiting_beside(&self, place: usize) -> usize {
        let Some(index) = &self.index else {
            let others = self.list.iter().enumerate().filter(|(other, _)| *other != place);
            return others.filter(|(_, c)| waits(c)).count();
        };
        let itself = self.list.get(place).is_some_and(waits);
        index.waiting.saturating_sub(usize::from(itself))
    }

    /// The oldest connection that accept() would give, of the listener on `port` or of any; its
    /// place, and that port.
    pub(super) fn acceptable(&self, port: Option<u16>) -> Option<(usize, u16)> {
        let ready = |(place, c): (usize, &Connection)| match c.descriptor {
            Descriptor::Queued(of)
                if c.state != State::SynReceived && port.is_none_or(|port| port == of) =>
            {
                Some((place, of))
            }
            Descriptor::Queued(_) | Descriptor::Open(_) | Descriptor::Closed => None,
        };
        match &self.index {
            None => self.list.iter().enumerate().find_map(ready),
            Some(index) => {
                let places = index.queued.iter().filter_map(|id| self.place(*id));
                let queued = places.filter_map(|place| Some((place, self.list.get(place)?)));
                queued.filter_map(ready).next()
            }
        }
    }

    /// Connections that are over and held by nobody are gone.
    pub(super) fn forget_over(&mut self) {
        let Some(index) = &mut self.index else {
            self.list.retain(|c| !is_over(c));
            return;
        };
        for id in core::mem::take(&mut index.over) {
            let Ok(place) = self.list.binary_search_by_key(&id, |c| c.id) else { continue };
            if self.list.get(place).is_some_and(is_over) {
                self.list.remove(place);
                index.queued.remove(&id);
            }
        }
    }
}

/// Two tables are the same if their connections are.
impl PartialEq for Connections {
    fn eq(&self, other: &Connections) -> bool {
        self.list == other.list
    }
}

impl Eq for Connections {}

impl core::hash::Hash for Connections {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.list.hash(state);
    }
}

impl From<VecDeque<Connection>> for Connections {
    fn from(list: VecDeque<Connection>) -> Connections {
        Connections { list, index: None }
    }
}

impl From<Connections> for VecDeque<Connection> {
    fn from(connections: Connections) -> VecDeque<Connection> {
        connections.list
    }
}

impl<'a> IntoIterator for &'a Connections {
    type Item = &'a Connection;
    type IntoIter = vec_deque::Iter<'a, Connection>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Connections {
    type Item = &'a mut Connection;
    type IntoIter = vec_deque::IterMut<'a, Connection>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::tcp::call::{Accepts, Application, Call};
    use crate::tcp::event::{HostId, Log};
    use crate::tcp::host::Host;
    use crate::tcp::profile::{Base, Ports, Profile, TwReuse};
    use crate::tcp::segment::{Incarnation, Segment};
    use crate::tcp::seq::Seq;
    use crate::tcp::time::{Span, Time};

    /// What happens to a host: one of a few things, by a number.
    fn step(host: &mut Host, number: u32, log: &mut Log) {
        let port = 50_000 + (number >> 8) as u16 % 64;
        let fd = Some(crate::tcp::call::Fd(1 + (number >> 8) % 200));
        let oldest = host.deadlines().min_by_key(|(_, _, deadline)| deadline.at);
        let syn = Segment {
            source_port: port,
            destination_port: 80,
            seq: Seq(number),
            syn: true,
            window: 1_000,
            ..Segment::default()
        };
        let connect = Call::Connect { local_port: 0, remote_port: 443, reuse_address: false };
        match number % 11 {
            0 | 1 => drop(host.call(None, &connect, Incarnation(1), log)),
            2..=4 => host.arrives(&syn, log),
            5 | 6 => {
                // The third step of the handshake, or whatever that is to this connection.
                let found = host.connections.iter().find(|c| c.remote_port == port);
                let (seq, ack) = found.map_or((syn.seq, Seq(7)), |c| (c.rcv_nxt, c.snd_nxt));
                let fin = number % 11 == 6;
                host.arrives(&Segment { seq, ack: Some(ack), syn: false, fin, ..syn }, log);
            }
            7 => drop(host.call(None, &Call::Accept, Incarnation(1), log)),
            8 | 9 => drop(host.call(fd, &Call::Close, Incarnation(1), log)),
            _ => {
                if let Some((id, timer, deadline)) = oldest {
                    log.now = log.now.max(deadline.at);
                    host.fire(id, timer, log);
                }
            }
        }
    }

    #[test]
    fn a_table_with_an_index_does_what_one_without_does() {
        for tw_reuse in [TwReuse::Off, TwReuse::On] {
            let profile = Profile {
                ephemeral_ports: Ports { first: 40_000, last: 40_059 },
                max_time_wait: Some(20),
                time_wait: Some(Span::from_secs(5)),
                tw_reuse,
                ..Profile::new(Base::Linux)
            };
            let program = Application { reads: true, accepts: Accepts::ByCall, closes: false };
            let mut indexed = Host::new(HostId::A, profile, program);
            let (mut logs, mut number) = ([Log::default(), Log::default()], 1_u32);
            let listen = Call::Listen { port: 80, reuse_address: true, receive_buffer: 0 };
            indexed.call(None, &listen, Incarnation(1), &mut logs[0]);
            let (mut plain, mut most) = (indexed.clone(), 0);
            logs[1] = logs[0].clone();
            for round in 0..6_000_u64 {
                number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                for log in &mut logs {
                    log.now = log.now.max(Time(round * 2_000));
                }
                step(&mut indexed, number >> 4, &mut logs[0]);
                // To hand out its connections costs a table its index.
                plain.connections.iter_mut();
                step(&mut plain, number >> 4, &mut logs[1]);
                assert_eq!(indexed, plain, "round {round}");
                assert_eq!(logs[0].events, logs[1].events, "round {round}");
                most = most.max(indexed.connections.index.as_ref().map_or(0, |i| i.tuples.len()));
                logs.iter_mut().for_each(|log| (log.events.clear(), log.departures.clear()).0);
            }
            assert!(most > 80, "{most}: both ends were never full");
        }
    }
}
