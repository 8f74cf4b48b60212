//! An index over the connections of a host that has many.

use std::collections::{BTreeMap, BTreeSet};

use super::table::{binds, is_over, ready, waits};
use crate::tcp::connection::{Connection, Deadline};
use crate::tcp::event::{ConnectionId, TimerKind};
use crate::tcp::profile::Ports;
use crate::tcp::time::Time;

/// A timer that runs, first by what fires first.
type Running = (Time, u32, ConnectionId, TimerKind);

/// What is known of one connection.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    live: bool,
    waits: bool,
    over: bool,
    /// The listener's port, where accept() would give it.
    ready: Option<u16>,
    /// Whether bind() finds its port taken, and whether by one that asked for SO_REUSEADDR.
    binds: Option<bool>,
    /// The timers: of the sending side, of the delayed ACK, of the wait, of keep-alive.
    timers: [Option<(TimerKind, Deadline)>; 4],
}

impl Mark {
    fn of(connection: &Connection) -> Mark {
        let over = is_over(connection);
        Mark {
            live: connection.is_live(),
            waits: waits(connection),
            over,
            ready: ready(connection, None).filter(|_| !over),
            binds: binds(connection).then_some(connection.reuse_address),
            timers: [
                connection.send_timer,
                connection.ack_timer.map(|deadline| (TimerKind::DelayedAck, deadline)),
                connection.wait_timer,
                connection.keep_alive_timer().map(|deadline| (TimerKind::KeepAlive, deadline)),
            ],
        }
    }
}

/// An index of sorted sets: every question takes a time that grows with the logarithm of how many
/// connections there are.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// The live ones: the peer's port, the local port, the connection.
    tuples: BTreeSet<(u16, u16, ConnectionId)>,
    /// Those that accept() would give, oldest first; and the same by the listener's port.
    ready: BTreeSet<ConnectionId>,
    ready_at: BTreeSet<(u16, ConnectionId)>,
    /// How many have a local port, by SO_REUSEADDR.
    bound: BTreeMap<(u16, bool), usize>,
    timers: BTreeSet<Running>,
    waiting: usize,
    /// How many of the list are over.
    over: usize,
    /// What is known of each.
    marks: BTreeMap<ConnectionId, Mark>,
}

/// Puts something into a set or takes it out, as it was and as it is.
fn keep<T: Ord>(set: &mut BTreeSet<T>, was: Option<T>, is: Option<T>) {
    if was == is {
        return;
    }
    if let Some(was) = was {
        set.remove(&was);
    }
    set.extend(is);
}

fn count(number: &mut usize, was: bool, is: bool) {
    *number = (*number + usize::from(is)).saturating_sub(usize::from(was));
}

impl Index {
    pub(super) fn of(list: &[Connection]) -> Index {
        let mut index = Index::default();
        list.iter().for_each(|connection| index.changed(connection));
        index
    }

    /// A connection is new, or has changed.
    pub(super) fn changed(&mut self, connection: &Connection) {
        let (id, after) = (connection.id, Mark::of(connection));
        let before = self.marks.insert(id, after).unwrap_or_default();
        let tuple = (connection.remote_port, connection.local_port, id);
        keep(&mut self.tuples, before.live.then_some(tuple), after.live.then_some(tuple));
        keep(&mut self.ready, before.ready.map(|_| id), after.ready.map(|_| id));
        let at = |port| (port, id);
        keep(&mut self.ready_at, before.ready.map(at), after.ready.map(at));
        self.bind(connection.local_port, before.binds, after.binds);
        let running =
            |(timer, deadline): (TimerKind, Deadline)| (deadline.at, deadline.order, id, timer);
        for (was, is) in before.timers.into_iter().zip(after.timers) {
            keep(&mut self.timers, was.map(running), is.map(running));
        }
        count(&mut self.waiting, before.waits, after.waits);
        count(&mut self.over, before.over, after.over);
    }

    fn bind(&mut self, port: u16, was: Option<bool>, is: Option<bool>) {
        if was == is {
            return;
        }
        if let Some(reuse) = was
            && let Some(number) = self.bound.get_mut(&(port, reuse))
        {
            *number = number.saturating_sub(1);
            if *number == 0 {
                self.bound.remove(&(port, reuse));
            }
        }
        if let Some(reuse) = is {
            *self.bound.entry((port, reuse)).or_default() += 1;
        }
    }

    /// The oldest live connection of a pair of ports (local, remote).
    pub(super) fn find(&self, ports: (u16, u16)) -> Option<ConnectionId> {
        let (local, remote) = ports;
        let every = (remote, local, ConnectionId(0))..=(remote, local, ConnectionId(u32::MAX));
        self.tuples.range(every).next().map(|(_, _, id)| *id)
    }

    /// Whether a live connection has a local port; `reuse`: one that didn't ask for SO_REUSEADDR.
    pub(super) fn is_bound(&self, port: u16, reuse: bool) -> bool {
        let bound = |asked| self.bound.contains_key(&(port, asked));
        bound(false) || !reuse && bound(true)
    }

    /// The timer that fires first.
    pub(super) fn first_timer(&self) -> Option<(ConnectionId, TimerKind, Deadline)> {
        let (at, order, id, timer) = *self.timers.first()?;
        Some((id, timer, Deadline { at, order }))
    }

    /// The first local port of a range without a live connection to a peer's port, beginning at
    /// `from` and going round.
    pub(super) fn free(&self, remote: u16, from: u16, range: Ports) -> Option<u16> {
        let Ports { first, last } = range;
        let upper = self.lowest_free(remote, from, last);
        upper.or_else(|| self.lowest_free(remote, first, from.checked_sub(1)?))
    }

    fn lowest_free(&self, remote: u16, first: u16, last: u16) -> Option<u16> {
        if first > last {
            return None;
        }
        let every = (remote, first, ConnectionId(0))..=(remote, last, ConnectionId(u32::MAX));
        let mut free = first;
        for (_, taken, _) in self.tuples.range(every) {
            if *taken > free {
                break;
            }
            free = taken.checked_add(1)?;
        }
        (free <= last).then_some(free)
    }

    /// How many are kept only to wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// The oldest connection that accept() would give, of the listener on `port` or of any.
    pub(super) fn acceptable(&self, port: Option<u16>) -> Option<ConnectionId> {
        let Some(port) = port else { return self.ready.first().copied() };
        let every = (port, ConnectionId(0))..=(port, ConnectionId(u32::MAX));
        self.ready_at.range(every).next().map(|(_, id)| *id)
    }

    /// Takes those that are over from the list, when there are enough of them.
    pub(super) fn forget_over(&mut self, list: &mut Vec<Connection>) {
        // When half are over: so each is moved twice at most, on the average.
        if self.over * 2 > list.len() {
            let marks = &mut self.marks;
            list.retain(|c| !is_over(c) || marks.remove(&c.id).is_none());
            self.over = 0;
        }
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
                let found = host.connections.iter().find(|c| c.remote_port == port && c.is_live());
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
            indexed.connections.index_from(0);
            let (mut logs, mut number) = ([Log::default(), Log::default()], 1_u32);
            let listen = Call::Listen { port: 80, reuse_address: true, receive_buffer: 0 };
            indexed.call(None, &listen, Incarnation(1), &mut logs[0]);
            let mut plain = indexed.clone();
            plain.connections.index_from(usize::MAX);
            let mut most = 0;
            logs[1] = logs[0].clone();
            for round in 0..6_000_u64 {
                number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                for log in &mut logs {
                    log.now = log.now.max(Time(round * 2_000));
                }
                step(&mut indexed, number >> 4, &mut logs[0]);
                step(&mut plain, number >> 4, &mut logs[1]);
                assert_eq!(indexed, plain, "round {round}");
                let first = |host: &Host| host.first_timer();
                assert_eq!(first(&indexed), first(&plain), "round {round}");
                assert_eq!(logs[0].events, logs[1].events, "round {round}");
                most = most.max(plain.connections.len());
                logs.iter_mut().for_each(|log| (log.events.clear(), log.departures.clear()).0);
            }
            assert!(most > 80, "{most}: both ends were never full");
        }
    }
}
