//! A host's card at a moment: its connection, its program, its timers.

use crate::packed::packed;
use crate::tcp::call::{Call, Errno, Returned};
use crate::tcp::connection::{Connection, Descriptor};
use crate::tcp::event::{ConnectionId, Event, EventKind, HostId, TimerKind};
use crate::tcp::host::{Host, SocketLine};
use crate::tcp::rule::Rule;
use crate::tcp::segment::{Chunk, Incarnation};
use crate::tcp::seq::Seq;
use crate::tcp::state::State;
use crate::tcp::time::Time;
use crate::world::{Snapshot, Trace};

use super::lane::first_state;

/// Who holds the connection's descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The program.
    Program,
    /// Nobody yet: it waits for accept().
    Queue,
    /// Nobody any more.
    Nobody,
}

packed!(enum Holder { 0 Program, 1 Queue, 2 Nobody });

/// The variables of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variables {
    /// SND.UNA.
    pub snd_una: Seq,
    /// SND.NXT.
    pub snd_nxt: Seq,
    /// RCV.NXT; `None` before the peer's SYN.
    pub rcv_nxt: Option<Seq>,
    /// RCV.WND, octets.
    pub rcv_wnd: u32,
    /// TS.Recent, where timestamps are in use.
    pub recent: Option<u32>,
}

packed!(Variables { snd_una, snd_nxt, rcv_nxt, rcv_wnd, recent });

/// A timer that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    /// Which.
    pub kind: TimerKind,
    /// When it was started; for 2MSL, when TIME-WAIT began or began anew.
    pub since: Time,
    /// When it fires.
    pub until: Time,
}

packed!(Timer { kind, since, until });

/// What the program did or saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// It called, and what came back.
    Call(Call, Option<Returned>),
    /// A program that reads by itself read the end of file.
    EndOfFile,
    /// Its connection ended with an error.
    Error(Errno),
}

packed!(enum Line { 0 Call(call, returned), 1 EndOfFile, 2 Error(errno) });

/// The connection that a card shows: the newest of the host.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Which connection of the run it is.
    pub incarnation: Incarnation,
    /// The local port.
    pub local_port: u16,
    /// The peer's port.
    pub remote_port: u16,
    /// The state.
    pub state: State,
    /// The states before it, oldest first.
    pub way: Vec<State>,
    /// Whether it came to its end by being cut off: by a RST, by giving up, by its own program.
    pub is_cut: bool,
    /// Whether the host still knows anything of it.
    pub is_known: bool,
    /// Who holds its descriptor.
    pub holder: Holder,
    /// Its variables, while it lives.
    pub variables: Option<Variables>,
    /// Its timers.
    pub timers: Vec<Timer>,
}

packed!(Shown {
    incarnation,
    local_port,
    remote_port,
    state,
    way,
    is_cut,
    is_known,
    holder,
    variables,
    timers,
});

/// A host's card.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// Which host.
    pub host: HostId,
    /// Its newest connection.
    pub shown: Option<Shown>,
    /// The port that it listens on.
    pub listens: Option<u16>,
    /// What its program did and saw, oldest first.
    pub lines: Vec<Line>,
    /// What its program has read in the newest connection that gave it anything.
    pub read: Vec<Chunk>,
    /// Its sockets, listeners first.
    pub sockets: Vec<SocketLine>,
}

packed!(Card { host, shown, listens, lines, read, sockets });

/// A host's card at the moment of a snapshot.
#[must_use]
pub(super) fn card(trace: &Trace, snapshot: &Snapshot, id: HostId) -> Card {
    let [a, b] = &snapshot.hosts;
    let host = if id == HostId::A { a } else { b };
    let until = trace.events.partition_point(|event| event.time <= snapshot.time);
    let events: Vec<&Event> = trace
        .events
        .get(..until)
        .unwrap_or(&[])
        .iter()
        .filter(|event| event.host == Some(id))
        .collect();
    Card {
        host: id,
        shown: shown(trace, host, &events),
        listens: host.listeners.first().map(|listener| listener.port),
        lines: lines(host, &events),
        read: read(host, &events),
        sockets: host.sockets(),
    }
}

fn shown(trace: &Trace, host: &Host, events: &[&Event]) -> Option<Shown> {
    let (id, incarnation, local_port, remote_port) = events.iter().rev().find_map(|event| {
        if let EventKind::Opened { connection, incarnation, local_port, remote_port, .. } =
            event.kind
        {
            Some((connection, incarnation, local_port, remote_port))
        } else {
            None
        }
    })?;
    let mut way = way(trace, id, events);
    let state = way.pop().unwrap_or(State::Closed);
    let connection = host.connections.with_id(id);
    Some(Shown {
        incarnation,
        local_port,
        remote_port,
        state,
        way,
        is_cut: events.iter().any(|event| cuts(id, event)),
        is_known: connection.is_some(),
        holder: connection.map_or(Holder::Nobody, holder),
        variables: connection.filter(|c| c.is_live()).map(variables),
        timers: connection.map(|c| timers(c, trace)).unwrap_or_default(),
    })
}

/// The states of a connection, in order.
fn way(trace: &Trace, id: ConnectionId, events: &[&Event]) -> Vec<State> {
    let changes = events.iter().filter_map(|event| {
        if let EventKind::State { connection, to, .. } = event.kind {
            (connection == id).then_some(to)
        } else {
            None
        }
    });
    let first = first_state(trace, id);
    (first != State::Closed).then_some(first).into_iter().chain(changes).collect()
}

/// Whether an event ends a connection otherwise than by the FINs of both sides.
fn cuts(id: ConnectionId, event: &Event) -> bool {
    const CUTS: [Rule; 6] = [
        Rule::TimeWaitAssassinated,
        Rule::Abort,
        Rule::AbortSilent,
        Rule::CloseUnread,
        Rule::Linger2None,
        Rule::GiveUp,
    ];
    if let EventKind::Error { connection, .. } = event.kind {
        return connection == id;
    }
    let EventKind::State { connection, to: State::Closed, .. } = event.kind else { return false };
    connection == id && CUTS.contains(&event.rule)
}

fn holder(connection: &Connection) -> Holder {
    match connection.descriptor {
        Descriptor::Open(_) => Holder::Program,
        Descriptor::Queued(_) => Holder::Queue,
        Descriptor::Closed => Holder::Nobody,
    }
}

fn variables(connection: &Connection) -> Variables {
    Variables {
        snd_una: connection.snd_una,
        snd_nxt: connection.snd_nxt,
        rcv_nxt: (connection.state != State::SynSent).then_some(connection.rcv_nxt),
        rcv_wnd: connection.rcv_wnd(),
        recent: connection.timestamps.map(|memory| memory.recent),
    }
}

fn timers(connection: &Connection, trace: &Trace) -> Vec<Timer> {
    connection
        .deadlines()
        .map(|(kind, deadline)| {
            let started = usize::try_from(deadline.order).ok();
            let started = started.and_then(|place| trace.events.get(place));
            let since = match kind {
                TimerKind::TimeWait => connection.waiting_since,
                TimerKind::Retransmission
                | TimerKind::TailLossProbe
                | TimerKind::Reordering
                | TimerKind::Persist
                | TimerKind::DelayedAck
                | TimerKind::FinWait2
                | TimerKind::KeepAlive => started.map_or(Time::START, |event| event.time),
            };
            Timer { kind, since, until: deadline.at }
        })
        .collect()
}

fn lines(host: &Host, events: &[&Event]) -> Vec<Line> {
    let mut lines = Vec::new();
    for event in events {
        if let EventKind::Call { call, .. } = &event.kind {
            lines.push(Line::Call(call.clone(), None));
        } else if let EventKind::Return { returned, .. } = &event.kind {
            let waiting = lines.iter_mut().rev().find_map(|line| {
                if let Line::Call(_, slot @ None) = line { Some(slot) } else { None }
            });
            if let Some(slot) = waiting {
                *slot = Some(returned.clone());
            }
        } else if let EventKind::EndOfFile { .. } = event.kind {
            lines.extend(host.application.reads.then_some(Line::EndOfFile));
        } else if let EventKind::Error { errno, noticed: true, .. } = event.kind {
            lines.push(Line::Error(errno));
        }
    }
    lines
}

/// The octets that the program has read: of a program that reads by itself, all that came.
fn read(host: &Host, events: &[&Event]) -> Vec<Chunk> {
    let mut runs: Vec<Chunk> = Vec::new();
    let mut of = None;
    for event in events {
        let chunks = if let EventKind::Received { connection, chunks } = &event.kind
            && host.application.reads
        {
            if of != Some(*connection) {
                runs.clear();
            }
            of = Some(*connection);
            chunks
        } else if let EventKind::Return { returned: Returned::Octets(chunks), .. } = &event.kind {
            chunks
        } else {
            continue;
        };
        for chunk in chunks {
            match runs.last_mut() {
                Some(last) if last.origin == chunk.origin => last.octets.extend(&chunk.octets),
                Some(_) | None => runs.push(chunk.clone()),
            }
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::{Holder, Line};
    use crate::picture::tests::of_scene;
    use crate::tcp::call::Errno;
    use crate::tcp::event::HostId;
    use crate::tcp::state::State;

    #[test]
    fn the_program_that_holds_its_descriptor_sees_the_reset() {
        let picture = of_scene("lost-last-ack");
        let cards = picture.moments.iter().map(|moment| picture.runs[0].cards(moment.time));
        let reset =
            cards.map(|[_, b]| b).find(|card| card.lines.contains(&Line::Error(Errno::ECONNRESET)));
        let shown = reset.as_ref().and_then(|card| card.shown.as_ref());
        let seen = shown.map(|shown| (shown.state, shown.holder, shown.way.last().copied()));
        assert_eq!(seen, Some((State::Closed, Holder::Program, Some(State::LastAck))));
        assert!(shown.is_some_and(|shown| shown.is_cut));
        assert_eq!(reset.map(|card| card.host), Some(HostId::B));
    }

    #[test]
    fn foreign_octets_keep_the_number_of_the_connection_they_come_from() {
        let picture = of_scene("stray-segment");
        let [_, b] = picture.runs[0].cards(picture.runs[0].trace.last());
        let read: Vec<(u32, &[u8])> =
            b.read.iter().map(|run| (run.origin.0, run.octets.as_slice())).collect();
        assert_eq!(read, [(2, b"aaaa".as_slice()), (1, b"OLD!".as_slice())]);
    }
}
