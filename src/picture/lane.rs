//! The lifelines: when a host had a connection, and when it was in TIME-WAIT.

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

/// A connection while the events are read.
struct Known {
    id: ConnectionId,
    incarnation: Incarnation,
    state: State,
}

/// The lifeline of a host over a whole run.
#[must_use]
pub(super) fn lane(trace: &Trace, host: HostId, axis: &Axis) -> Vec<Piece> {
    let mut known: Vec<Known> = Vec::new();
    let mut pieces = vec![Piece { from: 0.0, to: 1.0, life: Life::None }];
    for event in trace.events.iter().filter(|event| event.host == Some(host)) {
        if let EventKind::Opened { connection, incarnation, .. } = event.kind {
            known.push(Known {
                id: connection,
                incarnation,
                state: first_state(trace, connection),
            });
        } else if let EventKind::State { connection, to, .. } = event.kind {
            for one in known.iter_mut().filter(|one| one.id == connection) {
                one.state = to;
            }
        } else {
            continue;
        }
        begin(&mut pieces, axis.place(event.time), life(&known));
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

fn life(known: &[Known]) -> Life {
    let waiting = known.iter().rev().find(|one| one.state == State::TimeWait);
    let other = |one: &Known| one.state != State::Closed && one.state != State::TimeWait;
    match waiting {
        _ if known.iter().any(other) => Life::Connection,
        Some(one) => Life::TimeWait(one.incarnation),
        None => Life::None,
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
