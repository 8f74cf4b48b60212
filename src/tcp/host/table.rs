//! The table of a host's connections: oldest first, and for a host of which many are expected with
//! an index, as a kernel has its hash tables. A scene has one or two connections and pays nothing
//! for it.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::index::{Index, Sorted};
use crate::tcp::connection::{Connection, Descriptor};
use crate::tcp::event::ConnectionId;
use crate::tcp::profile::Ports;
use crate::tcp::state::State;

/// The connections of a host that are live, or that a descriptor still holds or accept() will give;
/// oldest first. One that is over may stay for a while where there are many.
#[derive(Default, Serialize, Deserialize)]
#[serde(from = "Vec<Connection>", into = "Vec<Connection>")]
pub struct Connections {
    /// In the order of their ids, for a new one comes last.
    list: Vec<Connection>,
    /// Only the gauge asks for it, so that the page's first screen needn't have the code.
    index: Option<Box<dyn Index>>,
}

/// Whether it's kept only to wait: in TIME-WAIT, or as an orphan in FIN-WAIT-2.
pub(super) fn waits(c: &Connection) -> bool {
    c.state == State::TimeWait || c.state == State::FinWait2 && c.descriptor == Descriptor::Closed
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
    pub fn iter(&self) -> core::slice::Iter<'_, Connection> {
        self.list.iter()
    }

    /// Every connection, to change it. It costs the index.
    pub fn iter_mut(&mut self) -> core::slice::IterMut<'_, Connection> {
        self.index = None;
        self.list.iter_mut()
    }

    /// The connection of that id.
    #[must_use]
    pub fn with_id(&self, id: ConnectionId) -> Option<&Connection> {
        self.list.get(self.place(id)?)
    }

    /// Gets an index: from now on every question takes a time that grows with the logarithm of how
    /// many there are.
    pub(super) fn expect_many(&mut self) {
        self.index = Some(Box::new(Sorted::new(&self.list)));
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
        self.changed(place);
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

    /// The place of the connection of that id.
    pub(super) fn place(&self, id: ConnectionId) -> Option<usize> {
        match &self.index {
            Some(index) => index.place(id, &self.list),
            None => self.list.iter().position(|c| c.id == id),
        }
    }

    /// The place of the oldest live connection of a pair of ports (local, remote).
    pub(super) fn find(&self, ports: (u16, u16)) -> Option<usize> {
        match &self.index {
            Some(index) => index.find(ports, &self.list),
            None => {
                let is_it = |c: &Connection| (c.local_port, c.remote_port) == ports;
                self.list.iter().position(|c| c.is_live() && is_it(c))
            }
        }
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
            return index.waiting_beside(place, &self.list);
        }
        let others = self.list.iter().enumerate().filter(|(other, _)| *other != place);
        others.filter(|(_, c)| waits(c)).count()
    }

    /// The oldest connection that accept() would give, of the listener on `port` or of any; its
    /// place, and that port.
    pub(super) fn acceptable(&self, port: Option<u16>) -> Option<(usize, u16)> {
        if let Some(index) = &self.index {
            return index.acceptable(port, &self.list);
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

/// A copy has no index.
impl Clone for Connections {
    fn clone(&self) -> Connections {
        Connections { list: self.list.clone(), index: None }
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.list.fmt(f)
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

impl From<Vec<Connection>> for Connections {
    fn from(list: Vec<Connection>) -> Connections {
        Connections { list, index: None }
    }
}

impl From<Connections> for Vec<Connection> {
    fn from(connections: Connections) -> Vec<Connection> {
        connections.list
    }
}

impl<'a> IntoIterator for &'a Connections {
    type Item = &'a Connection;
    type IntoIter = core::slice::Iter<'a, Connection>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Connections {
    type Item = &'a mut Connection;
    type IntoIter = core::slice::IterMut<'a, Connection>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
