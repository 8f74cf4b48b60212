//! The lifelines: when a host had a connection, and when it was in TIME-WAIT.

use std::collections::{BTreeMap, BTreeSet};

use crate::packed::packed;
use crate::tcp::event::{ConnectionId, EventKind, HostId};
use crate::tcp::segment::Incarnation;
use crate::tcp::state::State;
use crate::world::{Start, Trace};

use super::axis::Axis;

/// What a host has of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// Nothing.
    None,
    /// A connection.
    Connection,
    /// A connection in TIME-WAIT.
    TimeWait(Incarnation),
}

packed!(enum Life { 0 None, 1 Connection, 2 TimeWait(incarnation) });

/// A piece of a lifeline, from and to a place on the axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// Where it begins, 0..1.
    pub from: f64,
    /// Where it ends, 0..1.
    pub to: f64,
    /// What the host has there.
    pub life: Life,
}

packed!(Piece { from, to, life });

/// The connections of a host while the events are read.
#[derive(Default)]
struct Known {
    all: BTreeMap<ConnectionId, (Incarnation, State)>,
    /// Those in TIME-WAIT.
    waiting: BTreeSet<ConnectionId>,
    /// How many there are in other states than CLOSED and TIME-WAIT.
    others: usize,
}

impl Known {
    fn open(&mut self, id: ConnectionId, incarnation: Incarnation, state: State) {
        self.all.insert(id, (incarnation, State::Closed));
        self.change(id, state);
    }

    fn change(&mut self, id: ConnectionId, to: State) {
        let counts = |state| usize::from(!matches!(state, State::Closed | State::TimeWait));
        let Some((_, state)) = self.all.get_mut(&id) else { return };
        let from = core::mem::replace(state, to);
        self.others = (self.others + counts(to)).saturating_sub(counts(from));
        if to == State::TimeWait {
            self.waiting.insert(id);
        } else {
            self.waiting.remove(&id);
        }
    }

    fn life(&self) -> Life {
        if self.others > 0 {
            return Life::Connection;
        }
        let newest = self.waiting.last().and_then(|id| self.all.get(id));
        newest.map_or(Life::None, |(incarnation, _)| Life::TimeWait(*incarnation))
    }
}

/// The lifeline of a host over a whole run.
#[must_use]
pub(super) fn lane(trace: &Trace, host: HostId, axis: &Axis) -> Vec<Piece> {
    let mut known = Known::default();
    let mut pieces = vec![Piece { from: 0.0, to: 1.0, life: Life::None }];
    for event in trace.events.iter().filter(|event| event.host == Some(host)) {
        if let EventKind::Opened { connection, incarnation, .. } = event.kind {
            known.open(connection, incarnation, first_state(trace, connection));
        } else if let EventKind::State { connection, to, .. } = event.kind {
            known.change(connection, to);
        } else {
            continue;
        }
        begin(&mut pieces, axis.place(event.time), known.life());
    }
    pieces.retain(|piece| piece.from < piece.to);
    pieces
}

/// A connection begins without a state, except one that is there from the start.
pub(super) fn first_state(trace: &Trace, connection: ConnectionId) -> State {
    match trace.scenario.start {
        Start::Established { .. } if connection == ConnectionId(1) => State::Established,
        Start::Established { .. } | Start::Closed => State::Closed,
    }
}

fn begin(pieces: &mut Vec<Piece>, place: f64, life: Life) {
    if let Some(last) = pieces.last_mut() {
        if last.life == life {
            return;
        }
        last.to = place;
    }
    pieces.push(Piece { from: place, to: 1.0, life });
}
