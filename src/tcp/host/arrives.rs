//! SEGMENT ARRIVES for a host: the connection that it's for, the listener, or nobody (RFC 9293
//! §3.10.7); and the timers.

use super::{Host, Slot, reset_for};
use crate::tcp::call::Accepts;
use crate::tcp::connection::{Connection, Descriptor, Outcome};
use crate::tcp::event::{ConnectionId, EventKind, Gate, Log, TimerKind};
use crate::tcp::profile::OpenRequests;
use crate::tcp::rule::Rule;
use crate::tcp::segment::Segment;
use crate::tcp::seq::Seq;
use crate::tcp::state::State;

impl Host {
    /// A timer's time has come.
    pub fn fire(&mut self, connection: ConnectionId, timer: TimerKind, log: &mut Log) {
        if let Some(index) = self.connections.place(connection) {
            self.with(index, log, |c, cx| c.fire(timer, cx));
        }
        self.settle(log);
    }

    /// SEGMENT ARRIVES (RFC 9293 §3.10.7).
    pub fn arrives(&mut self, seg: &Segment, log: &mut Log) {
        let ports = (seg.destination_port, seg.source_port);
        let listening = self.is_listening(ports.0);
        let known = self.find(ports);
        // FreeBSD tcp_input: it's the listener that looks into the syncache.
        let found = known.filter(|index| listening || !self.is_note(self.connections.get(*index)));
        log.note(
            Rule::FourTuple,
            EventKind::Gate {
                gate: Gate::FourTuple,
                passed: found.is_some() || listening,
                value: u32::from(seg.source_port),
                low: u32::from(ports.0),
                high: u32::from(ports.0),
            },
        );
        let outcome = found
            .and_then(|index| self.with(index, log, |c, cx| c.arrives(seg, cx)))
            .unwrap_or(Outcome::Forget);
        match outcome {
            Outcome::Done => {
                if let Some(old) = found.and_then(|index| self.connections.given_back(index)) {
                    self.bring_back(*old, log);
                }
            }
            Outcome::Reopen { iss, returns } => {
                if let Some(index) = found {
                    self.reopen(index, seg, (iss, returns), log);
                }
            }
            Outcome::Forget if listening => self.listen_arrives(seg, log),
            Outcome::Forget if known != found => {
                self.closed_arrives(seg, Rule::SyncacheAlone, log);
            }
            Outcome::Forget => self.closed_arrives(seg, Rule::ClosedReset, log),
        }
        self.settle(log);
    }

    // RFC 9293 §3.10.7.1: SEGMENT ARRIVES in CLOSED.
    fn closed_arrives(&mut self, seg: &Segment, rule: Rule, log: &mut Log) {
        if seg.rst {
            log.note(Rule::ClosedRst, EventKind::Ignored);
        } else {
            self.send_alone(reset_for(seg), rule, log);
        }
    }

    // RFC 9293 §3.10.7.2: SEGMENT ARRIVES in LISTEN.
    fn listen_arrives(&mut self, seg: &Segment, log: &mut Log) {
        let syncache = self.profile.open_requests == OpenRequests::Syncache;
        if seg.rst {
            log.note(Rule::ListenRst, EventKind::Ignored);
        } else if seg.syn && seg.ack.is_some() && syncache {
            log.note(Rule::ListenSynAck, EventKind::Ignored);
        } else if seg.ack.is_some() {
            self.send_alone(reset_for(seg), Rule::ListenAck, log);
        } else if seg.syn {
            if self.is_recent_enough(seg, log) {
                self.open_passive(seg, None, log);
            }
        } else {
            log.note(Rule::ListenIgnores, EventKind::Ignored);
        }
    }

    /// Whether a connection is no more than a note in the syncache.
    pub(super) fn is_note(&self, connection: Option<&Connection>) -> bool {
        self.profile.open_requests == OpenRequests::Syncache
            && connection.is_some_and(|c| {
                c.state == State::SynReceived && matches!(c.descriptor, Descriptor::Queued(_))
            })
    }

    /// A segment that no connection sends.
    fn send_alone(&mut self, segment: Segment, rule: Rule, log: &mut Log) {
        let mut cx = self.around(log);
        cx.transmit(segment, None, None, rule);
    }

    /// PROTOCOL T03: SYN,ACK, SYN-RECEIVED.
    fn open_passive(&mut self, seg: &Segment, iss: Option<Seq>, log: &mut Log) -> Option<usize> {
        let ports = (seg.destination_port, seg.source_port);
        let listener = self.listeners.iter().find(|l| l.port == ports.0)?;
        let (reuse, buffer) = (listener.reuse_address, listener.receive_buffer);
        let iss = iss.unwrap_or_else(|| self.next_iss(ports, log.now));
        let index = self.open(ports, seg.origin, iss, log);
        let at_syn = self.application.accepts == Accepts::AtSyn;
        let descriptor = if at_syn {
            Descriptor::Open(self.slot(Slot::Connection(ConnectionId(self.opened))))
        } else {
            Descriptor::Queued(ports.0)
        };
        self.with(index, log, |c, cx| {
            c.descriptor = descriptor;
            c.reuse_address = reuse;
            c.passive = true;
            c.take_syn(seg, cx);
            if buffer > 0 {
                c.limit_memory(buffer, cx);
            }
            // FreeBSD syncache_add: a note has no room for text.
            if cx.profile.open_requests == OpenRequests::Connections {
                c.keep_text_of_syn(seg, cx);
            }
            c.enter(State::SynReceived, Rule::SynArrived, cx);
            c.answer_syn(cx);
        });
        Some(index)
    }

    /// A SYN takes over a TIME-WAIT (RFC 9293 §3.6.1).
    fn reopen(&mut self, index: usize, seg: &Segment, terms: (Option<Seq>, bool), log: &mut Log) {
        let (iss, returns) = terms;
        let shadow = self.connections.get(index).cloned();
        self.with(index, log, |c, cx| c.end(Rule::TimeWaitReopened, cx));
        let opened = self.open_passive(seg, iss, log);
        if let Some(connection) = opened.and_then(|index| self.connections.get_mut(index))
            && returns
        {
            connection.shadow = shadow.map(Box::new);
        }
    }

    /// A TIME-WAIT comes back. It's the connection that it was: where a program still holds its
    /// descriptor, with all that the program has done since.
    fn bring_back(&mut self, old: Connection, log: &mut Log) {
        let index = self.connections.bring_back(&old);
        self.with(index, log, |c, cx| c.wait_again(&old, cx));
    }
}
