//! The table of a host's connections: oldest first, and for a host that has many with an index, as
//! a kernel has its hash tables. A scene has one or two connections and pays nothing for it.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::index::Index;
use crate::tcp::connection::{Connection, Deadline, Descriptor};
use crate::tcp::event::{ConnectionId, TimerKind};
use crate::tcp::profile::Ports;
use crate::tcp::state::State;

/// With more connections than this a host has an index.
const FEW: usize = 16;

/// The connections of a host that are live, or that a descriptor still holds or accept() will give;
/// oldest first.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "Vec<Connection>", into = "Vec<Connection>")]
pub struct Connections {
    /// In the order of their ids, for a new one comes last. Where there is an index one that is over
    /// may stay for a while.
    list: Vec<Connection>,
    index: Option<Box<Index>>,
    /// With how many there is an index.
    few: usize,
}

impl Default for Connections {
    fn default() -> Connections {
        Connections::from(Vec::new())
    }
}

/// Whether it's kept only to wait: in TIME-WAIT, or as an orphan in FIN-WAIT-2.
pub(super) fn waits(c: &Connection) -> bool {
    c.state == State::TimeWait || c.state == State::FinWait2 && c.descriptor == Descriptor::Closed
}

/// Whether it keeps its local port from others. An open request doesn't: it has its listener's, and
/// FreeBSD's note, which outlives the listener, holds none (tcp_syncache.c).
pub(super) fn binds(c: &Connection) -> bool {
    let request = c.state == State::SynReceived && matches!(c.descriptor, Descriptor::Queued(_));
    c.is_live() && !request
}

/// Whether it's neither live nor held, nor waits for accept().
pub(super) fn is_over(c: &Connection) -> bool {
    !c.is_live() && c.descriptor == Descriptor::Closed
}

/// The port of the listener whose accept() would give it, if it is `port` or that doesn't matter.
pub(super) fn ready(c: &Connection, port: Option<u16>) -> Option<u16> {
    match c.descriptor {
        Descriptor::Queued(of)
            if c.state != State::SynReceived && port.is_none_or(|port| port == of) =>
        {
            Some(of)
        }
        Descriptor::Queued(_) | Descriptor::Open(_) | Descriptor::Closed => None,
    }
}

impl Connections {
    /// Every connection, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Connection> + Clone {
        self.list.iter().filter(|c| !is_over(c))
    }

    /// Every connection, to change it. It costs the index.
    pub fn iter_mut(&mut self) -> core::slice::IterMut<'_, Connection> {
        self.index = None;
        self.list.retain(|c| !is_over(c));
        self.list.iter_mut()
    }

    /// The connection of that id.
    #[must_use]
    pub fn with_id(&self, id: ConnectionId) -> Option<&Connection> {
        self.list.get(self.place(id)?)
    }

    #[cfg(test)]
    pub(super) fn index_from(&mut self, few: usize) {
        self.few = few;
        self.index = None;
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn get(&self, place: usize) -> Option<&Connection> {
        self.list.get(place)
    }

    /// A connection to be changed; [`Connections::changed`] comes after.
    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut Connection> {
        self.list.get_mut(place)
    }

    /// A connection is new, or has changed.
    pub(super) fn changed(&mut self, place: usize) {
        if let (Some(index), Some(connection)) = (&mut self.index, self.list.get(place)) {
            index.changed(connection);
        }
    }

    /// A new connection; its place.
    pub(super) fn push(&mut self, connection: Connection) -> usize {
        self.list.push(connection);
        let place = self.list.len() - 1;
        if self.index.is_none() && self.list.len() > self.few {
            self.index = Some(Box::new(Index::of(&self.list)));
        } else {
            self.changed(place);
        }
        place
    }

    /// The TIME-WAIT that a connection which came to nothing gives back.
    pub(super) fn given_back(&mut self, place: usize) -> Option<Box<Connection>> {
        let over = self.list.get_mut(place).filter(|c| !c.is_live())?;
        over.shadow.take()
    }

    /// A connection that was here, and may still be, is here; its place. Where it isn't any more, or
    /// is only about to be forgotten, no program holds it.
    pub(super) fn bring_back(&mut self, old: &Connection) -> usize {
        let gone = Connection {
            state: State::Closed,
            descriptor: Descriptor::Closed,
            wait_timer: None,
            ..old.clone()
        };
        let place = match self.list.binary_search_by_key(&old.id, |c| c.id) {
            Ok(place) => {
                if let Some(same) = self.list.get_mut(place).filter(|c| is_over(c)) {
                    *same = gone;
                }
                place
            }
            Err(place) => {
                self.list.insert(place, gone);
                place
            }
        };
        self.changed(place);
        place
    }

    /// The place of the connection of that id. What is over has no place any more.
    pub(super) fn place(&self, id: ConnectionId) -> Option<usize> {
        let place = self.list.binary_search_by_key(&id, |c| c.id).ok()?;
        self.list.get(place).is_some_and(|c| !is_over(c)).then_some(place)
    }

    /// The place of the oldest live connection of a pair of ports (local, remote).
    pub(super) fn find(&self, ports: (u16, u16)) -> Option<usize> {
        match &self.index {
            Some(index) => self.place(index.find(ports)?),
            None => {
                let is_it = |c: &Connection| (c.local_port, c.remote_port) == ports;
                self.list.iter().position(|c| c.is_live() && is_it(c))
            }
        }
    }

    /// Whether a live connection keeps others from a local port: any does, but one that asked for
    /// SO_REUSEADDR only those that didn't.
    pub(super) fn is_bound(&self, port: u16, reuse: bool) -> bool {
        match &self.index {
            Some(index) => index.is_bound(port, reuse),
            None => self
                .list
                .iter()
                .any(|c| c.local_port == port && binds(c) && !(reuse && c.reuse_address)),
        }
    }

    /// The timer that fires first; of those at the same moment the one that was started first.
    pub(super) fn first_timer(&self) -> Option<(ConnectionId, TimerKind, Deadline)> {
        if let Some(index) = &self.index {
            return index.first_timer();
        }
        let timers = self.list.iter().flat_map(|c| c.deadlines().map(|(t, d)| (c.id, t, d)));
        timers.min_by_key(|(id, timer, deadline)| (deadline.at, deadline.order, *id, *timer))
    }

    /// The first local port, from `from` on and round a range, that isn't known to have a live
    /// connection to a peer's port. Without an index nothing is known.
    pub(super) fn maybe_free(&self, remote: u16, from: u16, range: Ports) -> Option<u16> {
        match &self.index {
            Some(index) => index.free(remote, from, range),
            None => Some(from),
        }
    }

    /// How many are kept only to wait, the one at `place` left out (D30).
    pub(super) fn waiting_beside(&self, place: usize) -> usize {
        if let Some(index) = &self.index {
            let itself = self.list.get(place).is_some_and(waits);
            return index.waiting().saturating_sub(usize::from(itself));
        }
        let others = self.list.iter().enumerate().filter(|(other, _)| *other != place);
        others.filter(|(_, c)| waits(c)).count()
    }

    /// The oldest connection that accept() would give, of the listener on `port` or of any; its
    /// place, and that port.
    pub(super) fn acceptable(&self, port: Option<u16>) -> Option<(usize, u16)> {
        if let Some(index) = &self.index {
            let place = self.place(index.acceptable(port)?)?;
            return Some((place, ready(self.list.get(place)?, port)?));
        }
        let mut every = self.list.iter().enumerate();
        every.find_map(|(place, c)| Some((place, ready(c, port)?)))
    }

    /// Connections that are over and held by nobody are gone.
    pub(super) fn forget_over(&mut self) {
        if let Some(index) = &mut self.index {
            index.forget_over(&mut self.list);
        } else {
            self.list.retain(|c| !is_over(c));
        }
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Two tables are the same if their connections are.
impl PartialEq for Connections {
    fn eq(&self, other: &Connections) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Connections {}

impl core::hash::Hash for Connections {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.iter().for_each(|c| c.hash(state));
    }
}

impl From<Vec<Connection>> for Connections {
    fn from(list: Vec<Connection>) -> Connections {
        Connections { list, index: None, few: FEW }
    }
}

impl From<Connections> for Vec<Connection> {
    fn from(connections: Connections) -> Vec<Connection> {
        let Connections { mut list, .. } = connections;
        list.retain(|c| !is_over(c));
        list
    }
}

impl<'a> IntoIterator for &'a mut Connections {
    type Item = &'a mut Connection;
    type IntoIter = core::slice::IterMut<'a, Connection>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
