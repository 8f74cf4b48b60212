//! The hosts as a table: what each does with each input, computed once by the engine.
//!
//! A state of a host is kept once, with all its moments as lengths from now, and named by a number.
//! What [`Host::call`], [`Host::arrives`] or [`Host::fire`] makes of it is looked up from the second
//! time on: there are thousands of states of hosts where there are millions of states of both and
//! the wire (SPIN's collapse compression, with the transitions kept too).

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::tcp::call::Call;
use crate::tcp::connection::{Connection, Deadline};
use crate::tcp::event::{
    ConnectionId, Event, EventKind, HostId, Log, SegmentName, TimerChange, TimerKind,
};
use crate::tcp::host::Host;
use crate::tcp::profile::Profile;
use crate::tcp::rtt::RttEstimator;
use crate::tcp::rule::Rule;
use crate::tcp::segment::{Incarnation, Segment};
use crate::tcp::seq::Seq;
use crate::tcp::state::State as TcpState;
use crate::tcp::time::{Span, Time};
use crate::world::Start;
use crate::world::scenario::{A_PORT, B_PORT};
use crate::world::verdict::{Verdict, by_rule, reopens};

use super::setting::Setting;
use super::state::Flying;

/// The moment that every kept host takes for now.
pub(super) const NOW: Time = Time(1 << 40);

/// How many timers a host may have.
const MOST_TIMERS: usize = 8;

/// What the timestamp clock of every kept host shows now: one tick a millisecond, as
/// [`Setting::check`] wants the search's ticks to be where there are timestamps.
const CLOCK: u32 = ((NOW.0 / 1_000) & 0xFFFF_FFFF) as u32;

/// What happens to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Input {
    /// A segment arrives, by its number; and its age in ticks, if it carries a timestamp.
    Arrives(u32, u8),
    /// One of its timers fires, by its place among them.
    Fire(u8),
    /// Its program makes its next call, by its place; a connect() would open this incarnation.
    Call(u8, u8),
    /// Time passes, in ticks.
    Wait(u8),
}

/// A set of verdicts, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Findings(u16);

impl Findings {
    pub(super) fn add(&mut self, verdict: Verdict) {
        self.0 |= 1 << (verdict as u16);
    }

    pub(super) fn has(self, verdict: Verdict) -> bool {
        self.0 & 1 << (verdict as u16) != 0
    }
}

/// What a host made of an input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    /// Its new state.
    pub(super) host: u32,
    /// What it sent: where in [`Machine::sent`], and how many.
    sent: (u32, u8),
    /// Which timers went on and which started: where in [`Machine::moves`].
    moves: u32,
    /// What that shows.
    pub(super) findings: Findings,
    /// A RST of a peer without a connection answered its FIN: spurious, if that peer had finished
    /// the incarnation in order (a bit of [`super::state::State::finished`]).
    pub(super) forgotten: Option<u8>,
    /// The incarnations that ended in order with it, a bit each.
    pub(super) finished: u8,
    /// Whether an incarnation ended before its time.
    pub(super) early: bool,
    /// Whether a connect() came to something.
    pub(super) opened: bool,
}

/// What became of a host's timers, by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Moves {
    /// Where each that ran before is now.
    pub(super) kept: [Option<u8>; MOST_TIMERS],
    /// Those that started, in this order.
    pub(super) started: [Option<u8>; MOST_TIMERS],
    /// Whether there are more of them than fit.
    pub(super) crowded: bool,
}

/// A segment, and what a spectator knows of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Parcel {
    pub(super) sender: HostId,
    pub(super) segment: Segment,
    /// A RST that answers a FIN of its incarnation, from a host that has no connection.
    forgotten: bool,
}

/// What a search asks of a host again and again.
#[derive(Clone, Debug)]
pub(super) struct Card {
    pub(super) host: Arc<Host>,
    /// Its timers, and in how many ticks each fires.
    pub(super) timers: Vec<(ConnectionId, TimerKind, u8)>,
    /// The state of the 4-tuple.
    pub(super) tuple: TcpState,
    /// Whether it has a connection in SYN-SENT, and of which incarnation.
    pub(super) opening: Option<u8>,
}

/// The table.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub(super) setting: Setting,
    pub(super) cards: Vec<Card>,
    numbers: FxHashMap<Arc<Host>, u32>,
    pub(super) parcels: Vec<Parcel>,
    parcel_numbers: FxHashMap<Parcel, u32>,
    known: FxHashMap<(u32, Input), (u32, u32)>,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) sent: Vec<u32>,
    moves: Vec<Moves>,
    move_numbers: FxHashMap<Moves, u32>,
    /// Whether steps of one tick come in any order, also in one that no run has.
    pub(super) any_order: bool,
    log: Log,
}

/// The ports of a host's side of the 4-tuple.
pub(super) fn ports(id: HostId) -> (u16, u16) {
    match id {
        HostId::A => (A_PORT, B_PORT),
        HostId::B => (B_PORT, A_PORT),
    }
}

impl Machine {
    pub(super) fn new(setting: &Setting) -> Machine {
        Machine {
            setting: setting.clone(),
            cards: Vec::new(),
            numbers: FxHashMap::default(),
            parcels: Vec::new(),
            parcel_numbers: FxHashMap::default(),
            known: FxHashMap::default(),
            outcomes: Vec::new(),
            sent: Vec::new(),
            moves: Vec::new(),
            move_numbers: FxHashMap::default(),
            any_order: false,
            log: Log::default(),
        }
    }

    /// The numbers of both hosts at the start, as [`crate::world::Network::new`] makes them.
    pub(super) fn start(&mut self) -> [u32; 2] {
        let mut hosts = HostId::BOTH.map(|id| {
            let side = &self.setting.sides[id.index()];
            Host::new(id, side.profile.clone(), side.application)
        });
        let mut log = Log { now: NOW, ..Log::default() };
        if let Start::Established { a_next, b_next } = self.setting.start {
            let windows =
                [&self.setting.sides[1], &self.setting.sides[0]].map(|s| s.profile.window);
            let numbers = [(a_next, b_next), (b_next, a_next)];
            let stamps = self.setting.sides.iter().all(|side| side.profile.timestamps);
            for ((host, window), numbers) in hosts.iter_mut().zip(windows).zip(numbers) {
                host.establish(ports(host.id), numbers, (window, CLOCK), stamps, &mut log);
            }
        }
        hosts.map(|host| self.number(host))
    }

    /// The number of a host's state.
    fn number(&mut self, mut host: Host) -> u32 {
        rest(&mut host);
        if let Some(number) = self.numbers.get(&host) {
            return *number;
        }
        let number = u32::try_from(self.cards.len()).unwrap_or(u32::MAX);
        let tick = self.setting.tick.0.max(1);
        let timers = host.deadlines().map(|(connection, kind, deadline)| {
            let left = deadline.at.since(NOW).0 / tick;
            (connection, kind, u8::try_from(left).unwrap_or(u8::MAX))
        });
        let opening = host.connections.iter().find(|c| {
            c.state == TcpState::SynSent && (c.local_port, c.remote_port) == ports(host.id)
        });
        let card = Card {
            timers: timers.collect(),
            tuple: host.state(ports(host.id)),
            opening: opening.and_then(|c| u8::try_from(c.incarnation.0).ok()),
            host: Arc::new(host),
        };
        self.numbers.insert(Arc::clone(&card.host), number);
        self.cards.push(card);
        number
    }

    fn parcel(&mut self, parcel: Parcel) -> u32 {
        if let Some(number) = self.parcel_numbers.get(&parcel) {
            return *number;
        }
        let number = u32::try_from(self.parcels.len()).unwrap_or(u32::MAX);
        self.parcels.push(parcel.clone());
        self.parcel_numbers.insert(parcel, number);
        number
    }

    /// The input that the arrival of a segment is.
    pub(super) fn arrival(&self, flying: Flying) -> Input {
        let parcel = self.parcels.get(usize::try_from(flying.segment()).unwrap_or(usize::MAX));
        let stamped = parcel.is_some_and(|parcel| parcel.segment.timestamps.is_some());
        Input::Arrives(flying.segment(), if stamped { flying.age() } else { 0 })
    }

    pub(super) fn card(&self, host: u32) -> Option<&Card> {
        self.cards.get(usize::try_from(host).unwrap_or(usize::MAX))
    }

    /// What a host may make of an input: one outcome for each ISS that it may take.
    pub(super) fn outcomes(&mut self, host: u32, input: Input) -> core::ops::Range<usize> {
        let (start, end) = match self.known.get(&(host, input)) {
            Some(range) => *range,
            None => {
                let start = self.outcomes.len();
                self.compute(host, input);
                let [start, end] =
                    [start, self.outcomes.len()].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
                self.known.insert((host, input), (start, end));
                (start, end)
            }
        };
        let place = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        place(start)..place(end)
    }

    pub(super) fn sent_by(&self, outcome: &Outcome) -> &[u32] {
        let (start, count) = outcome.sent;
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        self.sent.get(start..start.saturating_add(usize::from(count))).unwrap_or(&[])
    }

    pub(super) fn moves_of(&self, outcome: &Outcome) -> Option<Moves> {
        self.moves.get(usize::try_from(outcome.moves).unwrap_or(usize::MAX)).copied()
    }

    /// What became of the timers of a host, from what happened.
    fn follow(&mut self, old: &Host, new: &Host, log: &Log) -> u32 {
        let mut moves =
            Moves { kept: [None; MOST_TIMERS], started: [None; MOST_TIMERS], crowded: false };
        let mut started: Vec<(usize, u8)> = Vec::new();
        for (at, (connection, kind, _)) in new.deadlines().enumerate() {
            let place = u8::try_from(at).unwrap_or(u8::MAX);
            let start = log.events.iter().rposition(|event| starts(event, connection, kind));
            let before = old.deadlines().position(|(c, k, _)| (c, k) == (connection, kind));
            match (start, before.and_then(|before| moves.kept.get_mut(before))) {
                (None, Some(slot)) => *slot = Some(place),
                (start, _) => started.push((start.unwrap_or(0), place)),
            }
            moves.crowded |= at >= MOST_TIMERS;
        }
        started.sort_unstable();
        for (slot, (_, place)) in moves.started.iter_mut().zip(started) {
            *slot = Some(place);
        }
        let next = u32::try_from(self.moves.len()).unwrap_or(u32::MAX);
        let number = *self.move_numbers.entry(moves).or_insert(next);
        if number == next {
            self.moves.push(moves);
        }
        number
    }

    fn compute(&mut self, host: u32, input: Input) {
        let Some(card) = self.card(host) else { return };
        let old = Arc::clone(&card.host);
        let side = &self.setting.sides[old.id.index()];
        let candidates = side.numbers(self.setting.start, old.opened()).to_vec();
        let mut log = core::mem::take(&mut self.log);
        let first = candidates.first().copied();
        let (new, taken, opened) = self.run(&old, input, first, &mut log);
        self.keep(&old, new, input, opened, &log);
        // Where a number was taken, each of the others may have been.
        if taken {
            for other in candidates.iter().skip(1) {
                let (new, _, opened) = self.run(&old, input, Some(*other), &mut log);
                self.keep(&old, new, input, opened, &log);
            }
        }
        self.log = log;
    }

    /// Runs the engine: the new host, whether it took the ISS, and whether a connect() worked. The
    /// log holds what happened.
    pub(super) fn run(
        &self,
        old: &Host,
        input: Input,
        iss: Option<Seq>,
        log: &mut Log,
    ) -> (Host, bool, bool) {
        let mut host = old.clone();
        host.iss.extend(iss);
        log.events.clear();
        log.departures.clear();
        log.now = NOW;
        log.host = Some(host.id);
        log.cause = None;
        let mut opened = false;
        match input {
            Input::Arrives(number, age) => {
                let parcel = self.parcels.get(usize::try_from(number).unwrap_or(usize::MAX));
                if let Some(Parcel { segment, .. }) = parcel {
                    let mut segment = segment.clone();
                    if let Some(stamps) = &mut segment.timestamps {
                        stamps.value = stamps.value.wrapping_sub(u32::from(age));
                    }
                    host.arrives(&segment, log);
                }
            }
            Input::Fire(place) => {
                let timer = host.deadlines().nth(usize::from(place));
                if let Some((connection, kind, _)) = timer {
                    host.fire(connection, kind, log);
                }
            }
            Input::Call(place, incarnation) => {
                let side = &self.setting.sides[host.id.index()];
                if let Some(line) = side.program.get(usize::from(place)) {
                    let incarnation = Incarnation(u32::from(incarnation));
                    host.call(None, &line.call, incarnation, log);
                    let connects = matches!(line.call, Call::Connect { .. });
                    let sent = |event: &Event| matches!(event.kind, EventKind::Opened { .. });
                    opened = connects && log.events.iter().any(sent);
                }
            }
            Input::Wait(ticks) => {
                let span = self.setting.tick.times(u64::from(ticks));
                let oldest = u32::from(self.setting.lifetime) + 1;
                for c in &mut host.connections {
                    earlier(c, span);
                    age(c, u32::from(ticks), oldest);
                }
            }
        }
        let taken = iss.is_some() && host.iss.is_empty();
        host.iss.clear();
        (host, taken, opened)
    }

    fn keep(&mut self, old: &Host, new: Host, input: Input, opened: bool, log: &Log) {
        let arrived = match input {
            Input::Arrives(number, _) => {
                self.parcels.get(usize::try_from(number).unwrap_or(usize::MAX)).cloned()
            }
            Input::Fire(_) | Input::Call(..) | Input::Wait(_) => None,
        };
        let mut outcome = Outcome {
            host: 0,
            sent: (u32::try_from(self.sent.len()).unwrap_or(u32::MAX), 0),
            moves: self.follow(old, &new, log),
            findings: Findings::default(),
            forgotten: None,
            finished: 0,
            early: false,
            opened,
        };
        // A connection that is gone now was there before, or came and went within the input.
        let mut of: Vec<(ConnectionId, Incarnation)> =
            old.connections.iter().map(|c| (c.id, c.incarnation)).collect();
        for event in &log.events {
            if let EventKind::Opened { connection, incarnation, .. } = event.kind {
                of.push((connection, incarnation));
            }
            judge(event, &of, arrived.as_ref(), &mut outcome);
        }
        for departure in &log.departures {
            let alone = matches!(
                log.events.get(usize::try_from(departure.event.0).unwrap_or(usize::MAX)),
                Some(Event { kind: EventKind::Sent { connection: None, .. }, .. })
            );
            let answers =
                |a: &Parcel| a.segment.fin && a.segment.origin == departure.segment.origin;
            let mut segment = departure.segment.clone();
            if let Some(stamps) = &mut segment.timestamps {
                // Nobody reads TSecr: no round trips are measured.
                stamps.echo = 0;
            }
            let parcel = Parcel {
                sender: old.id,
                segment,
                forgotten: alone && departure.segment.rst && arrived.as_ref().is_some_and(answers),
            };
            let number = self.parcel(parcel);
            self.sent.push(number);
            outcome.sent.1 += 1;
        }
        outcome.host = self.number(new);
        self.outcomes.push(outcome);
    }
}

/// Whether an event starts a timer.
fn starts(event: &Event, of: ConnectionId, kind: TimerKind) -> bool {
    matches!(
        event.kind,
        EventKind::Timer {
            connection,
            timer,
            change: TimerChange::Started(_) | TimerChange::Restarted(_),
        } if (connection, timer) == (of, kind)
    )
}

/// What an event shows, as [`crate::world::verdicts`] sees it.
fn judge(
    event: &Event,
    of: &[(ConnectionId, Incarnation)],
    arrived: Option<&Parcel>,
    outcome: &mut Outcome,
) {
    let own = |id: ConnectionId| of.iter().find(|(c, _)| *c == id).map(|(_, own)| *own);
    if let EventKind::Received { connection, chunks } = &event.kind {
        if chunks.iter().any(|chunk| Some(chunk.origin) != own(*connection)) {
            outcome.findings.add(Verdict::ForeignOctets);
        }
    } else if let EventKind::EndOfFile { connection, origin } = event.kind {
        if Some(origin) != own(connection) {
            outcome.findings.add(Verdict::ForeignFin);
        }
    } else if let EventKind::State { connection, from, to: TcpState::Closed } = event.kind {
        let Some(own) = own(connection) else { return };
        let rst = arrived.filter(|parcel| parcel.segment.rst);
        outcome.early |= ends_early(event.rule);
        match (rst, from) {
            _ if from == TcpState::TimeWait && arrived.is_some() && !reopens(event.rule) => {
                outcome.findings.add(Verdict::TimeWaitCutShort);
            }
            (Some(parcel), _) if parcel.segment.origin != own => {
                outcome.findings.add(Verdict::OldRst);
            }
            (Some(_), TcpState::SynSent | TcpState::SynReceived) => {
                outcome.findings.add(Verdict::Refused);
            }
            (Some(parcel), _) if parcel.forgotten => {
                outcome.forgotten = u8::try_from(own.0).ok();
            }
            (Some(_), _) => outcome.findings.add(Verdict::AbortedByPeer),
            (None, _) if by_rule(event.rule) == Verdict::GivenUp => {
                outcome.findings.add(Verdict::GivenUp);
            }
            (None, _) => {}
        }
        if by_rule(event.rule) != Verdict::Aborted {
            outcome.finished |= bit(own.0);
        }
    }
}

/// The bit of an incarnation.
pub(super) fn bit(incarnation: u32) -> u8 {
    1 << incarnation.min(7)
}

/// The rules by which an incarnation ends before its time (PROTOCOL §8.6, premise (e)).
fn ends_early(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::Reset
            | Rule::ResetSilent
            | Rule::ResetRefused
            | Rule::Refused
            | Rule::GiveUp
            | Rule::FinWait2Over
            | Rule::KeepAliveOver
            | Rule::UserTimeout
            | Rule::Linger2None
            | Rule::Abort
            | Rule::AbortSilent
            | Rule::Reboot
            | Rule::SynReset
    )
}

fn deadlines(c: &mut Connection) -> impl Iterator<Item = &mut Deadline> {
    let timers = [
        c.send_timer.as_mut().map(|(_, deadline)| deadline),
        c.ack_timer.as_mut(),
        c.wait_timer.as_mut().map(|(_, deadline)| deadline),
    ];
    timers.into_iter().flatten()
}

/// Every moment of a connection, so much nearer or so much longer ago.
fn earlier(c: &mut Connection, span: Span) {
    for deadline in deadlines(c) {
        deadline.at = deadline.at - span;
    }
    if let Some(shadow) = &mut c.shadow {
        earlier(shadow, span);
    }
}

/// TS.Recent, so many ticks longer ago. Older than any segment may be is all the same.
fn age(c: &mut Connection, ticks: u32, oldest: u32) {
    if let Some(memory) = &mut c.timestamps {
        let old = CLOCK.wrapping_sub(memory.recent).saturating_add(ticks);
        memory.recent = CLOCK.wrapping_sub(old.min(oldest));
    }
    if let Some(shadow) = &mut c.shadow {
        age(shadow, ticks, oldest);
    }
}

/// What doesn't decide the future is forgotten, so that states that differ only in it are one: the
/// names of segments, and moments that only measured round trips or clocks would read, of which
/// [`Setting::check`] has made sure that there are none.
fn rest(host: &mut Host) {
    host.count_anew();
    let profile = host.profile.clone();
    host.connections.iter_mut().for_each(|c| rest_connection(c, &profile));
}

const NAMELESS: SegmentName = SegmentName { sender: HostId::A, forged: false, number: 0, copy: 1 };

fn rest_connection(c: &mut Connection, profile: &Profile) {
    c.rtt = RttEstimator::new();
    c.habit = crate::tcp::connection::AckHabit::default();
    c.time_wait_entered = NOW;
    c.waiting_since = NOW;
    (c.heard_at, c.waits_since) = (NOW, None);
    if let Some(memory) = &mut c.timestamps {
        (memory.recent_at, memory.echo) = (NOW, 0);
    }
    c.lost_before = None;
    for flight in &mut c.flights {
        (flight.at, flight.name) = (NOW, NAMELESS);
    }
    for deadline in deadlines(c) {
        deadline.order = 0;
    }
    // Beyond the last doubling a timeout is like the one before, if nobody counts them.
    let counted = [profile.retries, profile.orphan_retries, profile.syn_retries]
        .into_iter()
        .chain([profile.syn_ack_retries])
        .any(|limit| limit.is_some());
    if !counted {
        let doublings = (0..64).find(|n| c.rtt.timeout(*n, false, profile) == profile.rto_max);
        c.retransmissions = c.retransmissions.min(doublings.unwrap_or(u32::MAX));
    }
    if let Some(shadow) = &mut c.shadow {
        rest_connection(shadow, profile);
    }
}
