//! An index over the connections of a host that has many.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use super::table::{is_over, ready, waits};
use crate::tcp::connection::{Connection, Descriptor};
use crate::tcp::event::ConnectionId;
use crate::tcp::profile::Ports;

/// What a table asks besides the order of its connections.
pub(super) trait Index: fmt::Debug + Send + Sync {
    /// A connection is new, or has changed.
    fn changed(&mut self, connection: &Connection);
    /// Where the connection of that id stands in the list, which has the order of the ids.
    fn place(&self, id: ConnectionId, list: &[Connection]) -> Option<usize>;
    /// The place of the oldest live connection of a pair of ports (local, remote).
    fn find(&self, ports: (u16, u16), list: &[Connection]) -> Option<usize>;
    /// The first local port of a range without a live connection to a peer's port, beginning at
    /// `from` and going round.
    fn free(&self, remote: u16, from: u16, range: Ports) -> Option<u16>;
    /// How many are kept only to wait, the one at `place` left out.
    fn waiting_beside(&self, place: usize, list: &[Connection]) -> usize;
    /// The oldest connection that accept() would give, of the listener on `port` or of any; its
    /// place, and that port.
    fn acceptable(&self, port: Option<u16>, list: &[Connection]) -> Option<(usize, u16)>;
    /// Takes those that are over from the list, when there are enough of them.
    fn forget_over(&mut self, list: &mut Vec<Connection>);
}

/// What is known of one connection.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    live: bool,
    queued: bool,
    waits: bool,
    over: bool,
}

impl Mark {
    fn of(connection: &Connection) -> Mark {
        Mark {
            live: connection.is_live(),
            queued: matches!(connection.descriptor, Descriptor::Queued(_)),
            waits: waits(connection),
            over: is_over(connection),
        }
    }
}

/// An index of sorted sets.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    /// The live ones: the peer's port, the local port, the connection.
    tuples: BTreeSet<(u16, u16, ConnectionId)>,
    queued: BTreeSet<ConnectionId>,
    waiting: usize,
    /// How many of the list are over.
    over: usize,
    /// What is known of each.
    marks: BTreeMap<ConnectionId, Mark>,
}

impl Sorted {
    pub(super) fn new(list: &[Connection]) -> Sorted {
        let mut index = Sorted::default();
        list.iter().for_each(|connection| index.changed(connection));
        index
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
}

/// Puts something into a set or takes it out, as it was and as it is.
fn keep<T: Ord>(set: &mut BTreeSet<T>, one: T, was: bool, is: bool) {
    match (was, is) {
        (false, true) => drop(set.insert(one)),
        (true, false) => drop(set.remove(&one)),
        (true, true) | (false, false) => {}
    }
}

fn count(number: &mut usize, was: bool, is: bool) {
    *number = (*number + usize::from(is)).saturating_sub(usize::from(was));
}

impl Index for Sorted {
    fn changed(&mut self, connection: &Connection) {
        let (id, after) = (connection.id, Mark::of(connection));
        let before = self.marks.insert(id, after).unwrap_or_default();
        let tuple = (connection.remote_port, connection.local_port, id);
        keep(&mut self.tuples, tuple, before.live, after.live);
        keep(&mut self.queued, id, before.queued && !before.over, after.queued && !after.over);
        count(&mut self.waiting, before.waits, after.waits);
        count(&mut self.over, before.over, after.over);
    }

    fn place(&self, id: ConnectionId, list: &[Connection]) -> Option<usize> {
        // What is over has no place any more.
        let place = list.binary_search_by_key(&id, |c| c.id).ok()?;
        list.get(place).is_some_and(|c| !is_over(c)).then_some(place)
    }

    fn find(&self, ports: (u16, u16), list: &[Connection]) -> Option<usize> {
        let (local, remote) = ports;
        let every = (remote, local, ConnectionId(0))..=(remote, local, ConnectionId(u32::MAX));
        let (_, _, id) = self.tuples.range(every).next()?;
        self.place(*id, list)
    }

    fn free(&self, remote: u16, from: u16, range: Ports) -> Option<u16> {
        let Ports { first, last } = range;
        let upper = self.lowest_free(remote, from, last);
        upper.or_else(|| self.lowest_free(remote, first, from.checked_sub(1)?))
    }

    fn waiting_beside(&self, place: usize, list: &[Connection]) -> usize {
        let itself = list.get(place).is_some_and(waits);
        self.waiting.saturating_sub(usize::from(itself))
    }

    fn acceptable(&self, port: Option<u16>, list: &[Connection]) -> Option<(usize, u16)> {
        let places = self.queued.iter().filter_map(|id| self.place(*id, list));
        let mut queued = places.filter_map(|place| Some((place, list.get(place)?)));
        queued.find_map(|(place, c)| Some((place, ready(c, port)?)))
    }

    fn forget_over(&mut self, list: &mut Vec<Connection>) {
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
            let (mut logs, mut number) = ([Log::default(), Log::default()], 1_u32);
            let listen = Call::Listen { port: 80, reuse_address: true, receive_buffer: 0 };
            indexed.call(None, &listen, Incarnation(1), &mut logs[0]);
            let mut plain = indexed.clone();
            indexed.expect_many();
            let mut most = 0;
            logs[1] = logs[0].clone();
            for round in 0..6_000_u64 {
                number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                for log in &mut logs {
                    log.now = log.now.max(Time(round * 2_000));
                }
                step(&mut indexed, number >> 4, &mut logs[0]);
                step(&mut plain, number >> 4, &mut logs[1]);
                let mut tidy = indexed.clone();
                tidy.connections.forget_over();
                assert_eq!(tidy, plain, "round {round}");
                assert_eq!(logs[0].events, logs[1].events, "round {round}");
                most = most.max(plain.connections.len());
                logs.iter_mut().for_each(|log| (log.events.clear(), log.departures.clear()).0);
            }
            assert!(most > 80, "{most}: both ends were never full");
        }
    }
}
