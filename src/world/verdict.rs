//! How each connection ended, on each side: properties over a trace.

use serde::{Deserialize, Serialize};

use crate::packed::packed;
use crate::tcp::call::{Call, Errno, Returned};
use crate::tcp::event::{ConnectionId, Event, EventId, EventKind, HostId};
use crate::tcp::rule::Rule;
use crate::tcp::segment::Incarnation;
use crate::tcp::state::State;
use crate::tcp::time::Time;

use super::trace::{End, Trace};

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
    for judgement in judgements {
        match whole.iter_mut().find(|one| one.incarnation == judgement.incarnation) {
            Some(one) if one.verdict.of_both(judgement.verdict) != one.verdict => *one = *judgement,
            Some(_) => {}
            None => whole.push(*judgement),
        }
    }
    whole
}

fn judge(trace: &Trace, events: &[Event], over: bool) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let Some(host) = event.host else { continue };
        if let EventKind::Opened { connection, incarnation, .. } = &event.kind {
            let side = Side { host, connection: *connection, incarnation: *incarnation };
            judgements.push(side.judge(trace, events, over));
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

impl Side {
    fn judge(&self, trace: &Trace, events: &[Event], over: bool) -> Judgement {
        let found = self
            .foreign(events)
            .or_else(|| self.ending(events))
            .or_else(|| (over && self.is_stuck(trace)).then_some((Verdict::Stuck, None)))
            .or_else(|| self.waiting(events))
            .unwrap_or((Verdict::Open, None));
        let (verdict, event) = found;
        Judgement {
            host: self.host,
            connection: Some(self.connection),
            incarnation: self.incarnation,
            verdict,
            event,
        }
    }

    /// Octets, or else a FIN, of another incarnation.
    fn foreign(&self, events: &[Event]) -> Option<(Verdict, Option<EventId>)> {
        let own = |event: &Event, id: ConnectionId| {
            event.host == Some(self.host) && id == self.connection
        };
        let octets = events.iter().position(|event| {
            matches!(&event.kind, EventKind::Received { connection, chunks }
                if own(event, *connection)
                    && chunks.iter().any(|chunk| chunk.origin != self.incarnation))
        });
        let fin = || {
            events.iter().position(|event| {
                matches!(event.kind, EventKind::EndOfFile { connection, origin }
                    if own(event, connection) && origin != self.incarnation)
            })
        };
        octets
            .map(|place| (Verdict::ForeignOctets, id(place)))
            .or_else(|| fin().map(|place| (Verdict::ForeignFin, id(place))))
    }

    /// What the event that closed it says. A connection that came back from a takeover has several:
    /// the last one counts.
    fn ending(&self, events: &[Event]) -> Option<(Verdict, Option<EventId>)> {
        let (place, event, from, to) =
            events.iter().enumerate().rev().find_map(|(place, event)| {
                if let EventKind::State { connection, from, to } = event.kind
                    && (event.host == Some(self.host) && connection == self.connection)
                {
                    Some((place, event, from, to))
                } else {
                    None
                }
            })?;
        if to != State::Closed {
            return None;
        }
        let by_segment = event.cause.and_then(|cause| at(events, cause)).and_then(|cause| {
            if let EventKind::Arrived { segment, .. } = &cause.kind {
                Some((cause, segment))
            } else {
                None
            }
        });
        let verdict = match (by_segment, from) {
            (Some(_), State::TimeWait) if !reopens(event.rule) => Verdict::TimeWaitCutShort,
            (Some((arrival, segment)), _) if segment.rst => {
                self.by_rst(events, arrival, segment.origin, from)
            }
            (Some(_) | None, _) => by_rule(event.rule),
        };
        Some((verdict, id(place)))
    }

    /// What a RST that was believed says of its sender.
    fn by_rst(
        &self,
        events: &[Event],
        arrival: &Event,
        origin: Incarnation,
        from: State,
    ) -> Verdict {
        if origin != self.incarnation {
            return Verdict::OldRst;
        }
        if matches!(from, State::SynSent | State::SynReceived) {
            return Verdict::Refused;
        }
        let sent = arrival.cause.and_then(|cause| at(events, cause));
        let forgotten = sent.is_some_and(|sent| {
            matches!(&sent.kind, EventKind::Sent { connection: None, .. })
                && sent.cause.and_then(|cause| at(events, cause)).is_some_and(|answered| {
                    matches!(&answered.kind, EventKind::Arrived { segment, .. }
                        if segment.fin && segment.origin == self.incarnation)
                })
        });
        if forgotten && self.peer_finished(events) {
            Verdict::SpuriousRst
        } else {
            Verdict::AbortedByPeer
        }
    }

    /// Whether the peer's side of the connection ended without an abort: it has forgotten, it
    /// hasn't thrown the connection away.
    fn peer_finished(&self, events: &[Event]) -> bool {
        let peer = self.host.other();
        let theirs = events.iter().find_map(|event| {
            if let EventKind::Opened { connection, incarnation, .. } = event.kind
                && (event.host == Some(peer) && incarnation == self.incarnation)
            {
                Some(connection)
            } else {
                None
            }
        });
        events.iter().any(|event| {
            if let EventKind::State { connection, to: State::Closed, .. } = event.kind {
                event.host == Some(peer)
                    && Some(connection) == theirs
                    && by_rule(event.rule) != Verdict::Aborted
            } else {
                false
            }
        })
    }

    /// TIME-WAIT, or beyond: the close is done.
    fn waiting(&self, events: &[Event]) -> Option<(Verdict, Option<EventId>)> {
        let place = events.iter().rposition(|event| {
            if let EventKind::State { connection, .. } = event.kind {
                event.host == Some(self.host) && connection == self.connection
            } else {
                false
            }
        })?;
        let state = events.get(place).map(|event| &event.kind)?;
        matches!(state, EventKind::State { to: State::TimeWait, .. })
            .then(|| (Verdict::ClosedInOrder, id(place)))
    }

    /// Whether nothing will ever end it: no timer of its own, nothing on the wire, and it is
    /// closing, or open to a peer that is gone. A run that was cut off goes on for ever.
    fn is_stuck(&self, trace: &Trace) -> bool {
        if trace.end == End::Limit {
            return true;
        }
        let last = trace.at(trace.scenario.until);
        let [a, b] = &last.hosts;
        let (own, peer) = match self.host {
            HostId::A => (a, b),
            HostId::B => (b, a),
        };
        let Some(connection) =
            own.connections.iter().find(|c| c.id == self.connection && c.is_live())
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
