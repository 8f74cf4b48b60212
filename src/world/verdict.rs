//! How each connection ended, on each side: properties over a trace.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::packed::packed;
use crate::tcp::call::{Call, Errno, Returned};
use crate::tcp::event::{ConnectionId, Event, EventId, EventKind, HostId};
use crate::tcp::rule::Rule;
use crate::tcp::segment::Incarnation;
use crate::tcp::state::State;
use crate::tcp::time::Time;

use super::trace::{End, Snapshot, Trace};

/// How a connection ended on one side. The first in this order that applies is the verdict: what
/// harms without being noticed comes before what is noticed, and that before what is in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// Octets that its peer never sent in this connection were delivered (RFC 1337 H1).
    ForeignOctets,
    /// A FIN that its peer never sent in this connection ended its input.
    ForeignFin,
    /// A RST of another connection, or of nobody, ended it.
    OldRst,
    /// A RST answered its valid FIN, because the peer had forgotten the connection.
    SpuriousRst,
    /// Its TIME-WAIT was ended by a segment before its time (RFC 1337).
    TimeWaitCutShort,
    /// Its own program or host aborted it.
    Aborted,
    /// The peer aborted it.
    AbortedByPeer,
    /// Its own host refused the port, or the peer refused the connection.
    Refused,
    /// Nobody answered for too long.
    GivenUp,
    /// The run is over and nothing will ever end it.
    Stuck,
    /// Both FINs were acknowledged, or it is waiting for its 2MSL to pass.
    ClosedInOrder,
    /// Nothing of this yet.
    Open,
}

packed!(choice Verdict);

impl Verdict {
    /// All of them, in the order in which they are tried.
    pub const ALL: [Verdict; 12] = [
        Verdict::ForeignOctets,
        Verdict::ForeignFin,
        Verdict::OldRst,
        Verdict::SpuriousRst,
        Verdict::TimeWaitCutShort,
        Verdict::Aborted,
        Verdict::AbortedByPeer,
        Verdict::Refused,
        Verdict::GivenUp,
        Verdict::Stuck,
        Verdict::ClosedInOrder,
        Verdict::Open,
    ];
}

impl Verdict {
    /// Its word: in a lesson, and in the key of its text.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Verdict::ForeignOctets => "foreign-octets",
            Verdict::ForeignFin => "foreign-fin",
            Verdict::OldRst => "old-rst",
            Verdict::SpuriousRst => "spurious-rst",
            Verdict::TimeWaitCutShort => "time-wait-cut-short",
            Verdict::Aborted => "aborted",
            Verdict::AbortedByPeer => "aborted-by-peer",
            Verdict::Refused => "refused",
            Verdict::GivenUp => "given-up",
            Verdict::Stuck => "stuck",
            Verdict::ClosedInOrder => "closed-in-order",
            Verdict::Open => "open",
        }
    }

    /// The verdict on a whole connection, from those on its sides: the first in the order, but a
    /// connection isn't closed in order while one side is open.
    #[must_use]
    pub fn of_both(self, other: Verdict) -> Verdict {
        match (self.min(other), self.max(other)) {
            (Verdict::ClosedInOrder, Verdict::Open) => Verdict::Open,
            (first, _) => first,
        }
    }
}

/// The verdict on one side of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The side.
    pub host: HostId,
    /// The connection; `None` for a connect() that the host itself refused.
    pub connection: Option<ConnectionId>,
    /// The connection's number in the run; 0 for a connect() that was refused.
    pub incarnation: Incarnation,
    /// The verdict.
    pub verdict: Verdict,
    /// The event that decided it; `None` while it's open, or stuck without a last event.
    pub event: Option<EventId>,
}

packed!(Judgement { host, connection, incarnation, verdict, event });

/// The verdicts on a whole run, in the order in which the connections came to be.
#[must_use]
pub fn verdicts(trace: &Trace) -> Vec<Judgement> {
    judge(trace, &trace.events, true)
}

/// The verdicts as they stand at a moment of the run.
#[must_use]
pub fn verdicts_at(trace: &Trace, time: Time) -> Vec<Judgement> {
    let so_far = trace.events.partition_point(|event| event.time <= time);
    let whole = so_far == trace.events.len() && time >= trace.last();
    judge(trace, trace.events.get(..so_far).unwrap_or(&[]), whole)
}

/// One judgement for each connection, in the order in which they came to be: that of the side which
/// decides what [`Verdict::of_both`] says.
#[must_use]
pub fn by_connection(judgements: &[Judgement]) -> Vec<Judgement> {
    let mut whole: Vec<Judgement> = Vec::new();
    let mut places: BTreeMap<Incarnation, usize> = BTreeMap::new();
    for judgement in judgements {
        let place = *places.entry(judgement.incarnation).or_insert(whole.len());
        match whole.get_mut(place) {
            Some(one) if one.verdict.of_both(judgement.verdict) != one.verdict => *one = *judgement,
            Some(_) => {}
            None => whole.push(*judgement),
        }
    }
    whole
}

fn judge(trace: &Trace, events: &[Event], over: bool) -> Vec<Judgement> {
    let found = Found::of(events);
    let case = Case { trace, events, over, found, last: OnceCell::new() };
    let mut judgements = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let Some(host) = event.host else { continue };
        if let EventKind::Opened { connection, incarnation, .. } = &event.kind {
            let side = Side { host, connection: *connection, incarnation: *incarnation };
            judgements.push(case.judge(&side));
        } else if own_host_refused(events, event) {
            judgements.push(Judgement {
                host,
                connection: None,
                incarnation: Incarnation::FORGED,
                verdict: Verdict::Refused,
                event: id(place),
            });
        }
    }
    judgements
}

fn id(place: usize) -> Option<EventId> {
    u32::try_from(place).ok().map(EventId)
}

fn at(events: &[Event], id: EventId) -> Option<&Event> {
    events.get(usize::try_from(id.0).ok()?)
}

/// Whether this is a connect() that came back without a port.
fn own_host_refused(events: &[Event], event: &Event) -> bool {
    let EventKind::Return { returned, .. } = &event.kind else { return false };
    let refused = matches!(returned, Returned::Failed(Errno::EADDRINUSE | Errno::EADDRNOTAVAIL));
    let call = event.cause.and_then(|cause| at(events, cause)).map(|call| &call.kind);
    refused && matches!(call, Some(EventKind::Call { call: Call::Connect { .. }, .. }))
}

/// One side of one connection.
struct Side {
    host: HostId,
    connection: ConnectionId,
    incarnation: Incarnation,
}

/// What happened to one side of one connection that its verdict asks for: places of events.
#[derive(Default)]
struct Facts {
    incarnation: Incarnation,
    /// The first octets of another incarnation that it got.
    octets: Option<usize>,
    /// The first FIN of another incarnation.
    fin: Option<usize>,
    /// The last change of its state.
    state: Option<usize>,
    /// Whether it was in CLOSED once, otherwise than by an abort.
    finished: bool,
}

/// What happened to every connection, from one look at all events.
#[derive(Default)]
struct Found {
    facts: BTreeMap<(HostId, ConnectionId), Facts>,
    /// The first side of an incarnation at a host.
    sides: BTreeMap<(HostId, Incarnation), ConnectionId>,
}

impl Found {
    fn of(events: &[Event]) -> Found {
        let mut found = Found::default();
        for (place, event) in events.iter().enumerate() {
            let Some(host) = event.host else { continue };
            if let EventKind::Opened { connection, incarnation, .. } = event.kind {
                found.facts(host, connection).incarnation = incarnation;
                found.sides.entry((host, incarnation)).or_insert(connection);
            } else if let EventKind::Received { connection, chunks } = &event.kind {
                let facts = found.facts(host, *connection);
                if chunks.iter().any(|chunk| chunk.origin != facts.incarnation) {
                    facts.octets.get_or_insert(place);
                }
            } else if let EventKind::EndOfFile { connection, origin } = event.kind {
                let facts = found.facts(host, connection);
                if origin != facts.incarnation {
                    facts.fin.get_or_insert(place);
                }
            } else if let EventKind::State { connection, to, .. } = event.kind {
                let facts = found.facts(host, connection);
                facts.state = Some(place);
                facts.finished |= to == State::Closed && by_rule(event.rule) != Verdict::Aborted;
            }
        }
        found
    }

    fn facts(&mut self, host: HostId, connection: ConnectionId) -> &mut Facts {
        self.facts.entry((host, connection)).or_default()
    }
}

/// A run, or the part of it that is over, and what is known of it.
struct Case<'a> {
    trace: &'a Trace,
    events: &'a [Event],
    over: bool,
    found: Found,
    /// Everything at its end, where somebody asks.
    last: OnceCell<Snapshot>,
}

impl Case<'_> {
    fn judge(&self, side: &Side) -> Judgement {
        let found = self.found.facts.get(&(side.host, side.connection)).and_then(|facts| {
            let octets = facts.octets.map(|place| (Verdict::ForeignOctets, id(place)));
            octets
                .or_else(|| facts.fin.map(|place| (Verdict::ForeignFin, id(place))))
                .or_else(|| self.ending(side, facts))
        });
        let (verdict, event) = found
            .or_else(|| (self.over && self.is_stuck(side)).then_some((Verdict::Stuck, None)))
            .or_else(|| self.waiting(side))
            .unwrap_or((Verdict::Open, None));
        Judgement {
            host: side.host,
            connection: Some(side.connection),
            incarnation: side.incarnation,
            verdict,
            event,
        }
    }

    /// The last change of state of a side, with its place. A connection that came back from a
    /// takeover has been in CLOSED before: the last one counts.
    fn last_state(&self, facts: &Facts) -> Option<(usize, &Event, State, State)> {
        let place = facts.state?;
        let event = self.events.get(place)?;
        if let EventKind::State { from, to, .. } = event.kind {
            Some((place, event, from, to))
        } else {
            None
        }
    }

    /// What the event that closed it says.
    fn ending(&self, side: &Side, facts: &Facts) -> Option<(Verdict, Option<EventId>)> {
        let (place, event, from, to) = self.last_state(facts)?;
        if to != State::Closed {
            return None;
        }
        let by_segment = event.cause.and_then(|cause| at(self.events, cause)).and_then(|cause| {
            if let EventKind::Arrived { segment, .. } = &cause.kind {
                Some((cause, segment))
            } else {
                None
            }
        });
        let verdict = match (by_segment, from) {
            (Some(_), State::TimeWait) if !reopens(event.rule) => Verdict::TimeWaitCutShort,
            (Some((arrival, segment)), _) if segment.rst => {
                self.by_rst(side, arrival, segment.origin, from)
            }
            (Some(_) | None, _) => by_rule(event.rule),
        };
        Some((verdict, id(place)))
    }

    /// What a RST that was believed says of its sender.
    fn by_rst(&self, side: &Side, arrival: &Event, origin: Incarnation, from: State) -> Verdict {
        if origin != side.incarnation {
            return Verdict::OldRst;
        }
        if matches!(from, State::SynSent | State::SynReceived) {
            return Verdict::Refused;
        }
        let sent = arrival.cause.and_then(|cause| at(self.events, cause));
        let forgotten = sent.is_some_and(|sent| {
            matches!(&sent.kind, EventKind::Sent { connection: None, .. })
                && sent.cause.and_then(|cause| at(self.events, cause)).is_some_and(|answered| {
                    matches!(&answered.kind, EventKind::Arrived { segment, .. }
                        if segment.fin && segment.origin == side.incarnation)
                })
        });
        if forgotten && self.peer_finished(side) {
            Verdict::SpuriousRst
        } else {
            Verdict::AbortedByPeer
        }
    }

    /// Whether the peer's side of the connection ended without an abort: it has forgotten, it
    /// hasn't thrown the connection away.
    fn peer_finished(&self, side: &Side) -> bool {
        let peer = side.host.other();
        let theirs = self.found.sides.get(&(peer, side.incarnation));
        theirs
            .and_then(|theirs| self.found.facts.get(&(peer, *theirs)))
            .is_some_and(|facts| facts.finished)
    }

    /// TIME-WAIT, or beyond: the close is done.
    fn waiting(&self, side: &Side) -> Option<(Verdict, Option<EventId>)> {
        let facts = self.found.facts.get(&(side.host, side.connection))?;
        let (place, _, _, to) = self.last_state(facts)?;
        (to == State::TimeWait).then(|| (Verdict::ClosedInOrder, id(place)))
    }

    /// Whether nothing will ever end it: no timer of its own, nothing on the wire, and it is
    /// closing, or open to a peer that is gone. A run that was cut off goes on for ever.
    fn is_stuck(&self, side: &Side) -> bool {
        if self.trace.end == End::Limit {
            return true;
        }
        let last = self.last.get_or_init(|| self.trace.at(self.trace.scenario.until));
        let [a, b] = &last.hosts;
        let (own, peer) = match side.host {
            HostId::A => (a, b),
            HostId::B => (b, a),
        };
        let Some(connection) = own.connections.with_id(side.connection).filter(|c| c.is_live())
        else {
            return false;
        };
        if connection.deadlines().next().is_some() || !last.flights.is_empty() {
            return false;
        }
        let mirrored = (connection.remote_port, connection.local_port);
        let alone = !matches!(
            peer.state(mirrored),
            State::Established | State::SynSent | State::SynReceived
        );
        match connection.state {
            State::Established => alone,
            State::Closed | State::Listen | State::TimeWait => false,
            State::SynSent
            | State::SynReceived
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait
            | State::Closing
            | State::LastAck => true,
        }
    }
}

pub(crate) fn reopens(rule: Rule) -> bool {
    matches!(rule, Rule::TimeWaitReopened | Rule::TimeWaitTakenOver)
}

/// What the rule that closed a connection says where no RST did.
#[allow(clippy::wildcard_enum_match_arm)]
pub(crate) fn by_rule(rule: Rule) -> Verdict {
    match rule {
        Rule::Abort
        | Rule::AbortSilent
        | Rule::CloseUnread
        | Rule::CloseListener
        | Rule::CloseSynSent
        | Rule::TextAfterClose
        | Rule::Linger2None
        | Rule::Reboot => Verdict::Aborted,
        Rule::SynReset => Verdict::AbortedByPeer,
        Rule::Refused | Rule::ResetRefused | Rule::ResetToListen | Rule::SynToListen => {
            Verdict::Refused
        }
        Rule::GiveUp | Rule::FinWait2Over | Rule::KeepAliveOver | Rule::UserTimeout => {
            Verdict::GivenUp
        }
        // Only these rules, and those of an orderly end, close a connection.
        _ => Verdict::ClosedInOrder,
    }
}
