//! One connection: the TCB of RFC 9293 §3.3.1 and what happens to it.
//!
//! The files follow §3.10: `user` the calls; `arrives` SEGMENT ARRIVES in its order of checks, with
//! `timestamps`, `control` (RST and SYN), `ack_field` and `text` as its parts, and `syn_sent` and
//! `time_wait` for the states that have an order of their own; `timers` the timeouts, `give_up`
//! when they are enough, `output` what is sent. What only Linux does beyond the RFC is in `acks`
//! (when to acknowledge), `loss` (recovery), `memory` (windows), `mini` (orphans in FIN-WAIT-2),
//! `request` (SYN-RECEIVED) and `recycle` (tcp_tw_recycle, to 4.11); what only smoltcp does in
//! `resend` and `plain_acks`. `silence` is what a program can ask for where the peer says nothing.

mod ack_field;
mod acks;
mod arrives;
mod control;
mod give_up;
mod loss;
mod memory;
mod mini;
mod output;
mod plain_acks;
pub(in crate::tcp) mod recycle;
mod request;
mod resend;
mod silence;
mod syn_sent;
mod text;
pub(in crate::tcp) mod time_wait;
mod timers;
mod timestamps;
mod user;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::call::{Application, Errno, Fd};
use super::event::{ConnectionId, EventKind, HostId, Log, SegmentName, TimerChange, TimerKind};
use super::profile::{Profile, UnacceptedReset};
use super::rtt::RttEstimator;
use super::rule::Rule;
use super::segment::{Chunk, Incarnation, Segment};
use super::seq::{MOST_WINDOW, Seq};
use super::state::State;
use super::time::{Span, Time};
use recycle::PeerStamp;

/// When a timer fires, and its place among all timers started in the run: of two that are due in
/// the same instant the one started first fires first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Deadline {
    /// The moment.
    pub at: Time,
    /// How many events the run had when it was started.
    pub order: u32,
}

/// Who holds the connection's socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Descriptor {
    /// It waits in the queue of the listener on this port for accept().
    Queued(u16),
    /// A program holds it.
    Open(Fd),
    /// Nobody: an orphan.
    Closed,
}

/// A segment that is sent and not yet acknowledged whole.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Flight {
    /// Its first number.
    pub seq: Seq,
    /// Its text.
    pub data: Vec<u8>,
    /// Whether it carries the SYN.
    pub syn: bool,
    /// Whether it carries the FIN.
    pub fin: bool,
    /// Its name when it was sent first.
    pub name: SegmentName,
    /// When it was sent last.
    pub at: Time,
    /// Whether it was sent more than once.
    pub again: bool,
    /// Whether a SACK block covers it.
    pub sacked: bool,
}

impl Flight {
    /// The number after its last.
    #[must_use]
    pub fn end(&self) -> Seq {
        let text = u32::try_from(self.data.len()).unwrap_or(u32::MAX);
        self.seq + (text.saturating_add(u32::from(self.syn)).saturating_add(u32::from(self.fin)))
    }
}

/// Text beyond a gap.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Held {
    /// Its first number.
    pub seq: Seq,
    /// The octets, of one origin.
    pub chunk: Chunk,
}

/// What the timestamps option remembers (RFC 7323 §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimestampMemory {
    /// TS.Recent.
    pub recent: u32,
    /// When it was set: the moment, for the age of §5.5.
    pub recent_at: Time,
    /// TSecr of what is sent: TS.Recent, or 0 while nothing has been heard on this connection.
    pub echo: u32,
}

/// Whether an ACK is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Owed {
    /// No.
    Nothing,
    /// With the next segment, or when the delayed-ACK timer fires.
    Later,
    /// At the end of this event, by this rule.
    Now(Rule),
}

/// Linux's reasons to acknowledge at once or later (tcp_input.c: quick, pingpong, ato).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AckHabit {
    /// Whether text has come; a FIN before any text is acknowledged at once.
    pub text_seen: bool,
    /// How many more segments are acknowledged at once.
    pub quick: u32,
    /// Whether the program answers, so that an ACK can ride on its answer.
    pub interactive: bool,
    /// When text came last.
    pub last_text: Time,
    /// How long an ACK may wait (ato); zero before any text has come.
    pub wait: Span,
    /// How many segments of text the ACK that waits is for.
    pub small: u32,
    /// The largest text of a segment so far, octets (rcv_mss).
    pub segment: u32,
    /// smoltcp: when a delayed ACK is due; the wait goes on where an ACK leaves in reply.
    pub due: Option<Time>,
}

/// What became of an arriving segment, for the host.
#[derive(Debug)]
#[must_use]
pub enum Outcome {
    /// Nothing more to do.
    Done,
    /// The connection is over and its place is taken by one that the segment opens.
    Reopen {
        /// The ISS of the new connection, where this one prescribes it.
        iss: Option<Seq>,
        /// Whether the old TIME-WAIT comes back when the SYN proves to be old.
        returns: bool,
    },
    /// TIME-WAIT is over and the segment is treated as for no connection.
    Forget,
}

/// The rest of the host that a connection needs while it handles something.
pub struct Context<'a> {
    /// Which host this is, for the names of segments.
    pub host: HostId,
    /// How it behaves.
    pub profile: &'a Profile,
    /// Its timestamp clock now, in ticks of a millisecond.
    pub ticks: u32,
    /// How its program behaves.
    pub application: Application,
    /// Whether a listener waits on this connection's local port.
    pub listening: bool,
    /// Whether one more TIME-WAIT may be kept.
    pub room_to_wait: bool,
    /// The last timestamp of the peer's address, by `tw-recycle`.
    pub peer_stamp: &'a mut Option<PeerStamp>,
    /// Where events and segments go.
    pub log: &'a mut Log,
    /// How many segments this host has sent.
    pub sent: &'a mut u32,
}

/// A connection of one host.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Connection {
    /// Its place among the host's connections.
    pub id: ConnectionId,
    /// Which connection of its 4-tuple it is.
    pub incarnation: Incarnation,
    /// The local port.
    pub local_port: u16,
    /// The peer's port.
    pub remote_port: u16,
    /// The state.
    pub state: State,
    /// Whether it came from a passive OPEN (MUST-11).
    pub passive: bool,
    /// Who holds its socket.
    pub descriptor: Descriptor,
    /// SO_REUSEADDR of its socket.
    pub reuse_address: bool,
    /// SO_LINGER {on, 0}.
    pub linger_zero: bool,
    /// The error that SO_ERROR would give.
    pub pending_error: Option<Errno>,
    /// Whether the program gave up reading (shutdown(SHUT_RD) or close()).
    pub read_shut: bool,
    /// Whether the program gave up writing.
    pub write_shut: bool,

    /// ISS.
    pub iss: Seq,
    /// SND.UNA.
    pub snd_una: Seq,
    /// SND.NXT: never moved back (PROTOCOL §1.7).
    pub snd_nxt: Seq,
    /// SND.WND, octets.
    pub snd_wnd: u32,
    /// SND.WL1.
    pub snd_wl1: Seq,
    /// SND.WL2.
    pub snd_wl2: Seq,
    /// MAX.SND.WND, octets (RFC 5961 §5).
    pub max_snd_wnd: u32,
    /// The peer's maximum segment size, octets.
    pub peer_mss: u32,
    /// Octets that wait to be sent.
    pub unsent: VecDeque<u8>,
    /// Whether the next send is awaited (MSG_MORE).
    pub held_back: bool,
    /// Segments that wait for their ACK, in order.
    pub flights: VecDeque<Flight>,
    /// Whether a FIN follows the last octet.
    pub fin_queued: bool,
    /// The number after our FIN, once it's sent.
    pub fin_end: Option<Seq>,

    /// IRS.
    pub irs: Seq,
    /// RCV.NXT.
    pub rcv_nxt: Seq,
    /// The last ACK sent (Last.ACK.sent of RFC 7323, rcv_wup of Linux).
    pub last_ack_sent: Seq,
    /// The size of the receive buffer, octets.
    pub window: u32,
    /// How Linux counts that buffer, where SO_RCVBUF is set.
    pub memory: Option<memory::Memory>,
    /// RCV.WND as last told to the peer, octets.
    pub told_window: u32,
    /// Octets in order that the program hasn't read.
    pub unread: Vec<Chunk>,
    /// Text beyond a gap, in order, without overlaps.
    pub held: Vec<Held>,
    /// The number of a FIN that has come, and its origin; it takes effect when RCV.NXT is there.
    pub fin_at: Option<(Seq, Incarnation)>,
    /// Whether the peer's FIN took effect.
    pub fin_received: bool,

    /// TS.Recent, where both ends use timestamps.
    pub timestamps: Option<TimestampMemory>,
    /// Whether both ends use SACK.
    pub sack: bool,
    /// What is known of the round trip.
    pub rtt: RttEstimator,
    /// How many times the first unacknowledged segment was sent again at its timeout.
    pub retransmissions: u32,
    /// Linux: how many of the retransmissions don't count, for the window was shut over them.
    pub excused: u32,
    /// Linux: how many probes of the window left since the peer was heard last.
    pub probes_unanswered: u32,
    /// When an ACK came last that wasn't old.
    pub heard_at: Time,
    /// Whether a tail-loss probe is out.
    pub probing: bool,
    /// SND.NXT when the tail-loss probe left, and whether it repeated something.
    pub probe_end: Option<(Seq, bool)>,
    /// After a timeout: SND.NXT and the moment then; what was sent before is taken for lost.
    pub lost_before: Option<(Seq, Time)>,
    /// Where go-back-N has to go on, until it has caught up with SND.NXT.
    pub resend_from: Option<Seq>,
    /// The last SEG.ACK that moved something, and how many times in a row it came again.
    pub last_ack_arrived: Option<Seq>,
    /// See [`Connection::last_ack_arrived`].
    pub duplicate_acks: u8,
    /// Whether the third of them has just come.
    pub fast_resend_due: bool,
    /// The one timer of the sending side.
    pub send_timer: Option<(TimerKind, Deadline)>,
    /// The delayed ACK.
    pub ack_timer: Option<Deadline>,
    /// 2MSL, or the FIN-WAIT-2 of an orphan.
    pub wait_timer: Option<(TimerKind, Deadline)>,
    /// What the window of the segment at hand leaves out, octets.
    pub withheld: u32,
    /// Whether an ACK is owed.
    pub owed: Owed,
    /// When to acknowledge.
    pub habit: AckHabit,
    /// When the last challenge ACK was sent.
    pub last_challenge: Option<Time>,
    /// The TIME-WAIT that this connection took over and gives back if its SYN was old; in CLOSED,
    /// that it gives back now.
    pub shadow: Option<Box<Connection>>,
    /// When TIME-WAIT was entered; before that, when the connection came to be.
    pub time_wait_entered: Time,
    /// When TIME-WAIT was entered or last restarted.
    pub waiting_since: Time,
    /// Since when something waits for its acknowledgment, from where the user timeout counts; with
    /// Linux since when it goes again, or the SYN was sent first.
    pub waits_since: Option<Time>,
    /// What the program asked for against a silent peer; most ask for nothing.
    pub silence: Option<Box<silence::Silence>>,
}

impl Connection {
    /// A new connection without a state: what all ways to open one have in common.
    pub(super) fn new(
        id: ConnectionId,
        incarnation: Incarnation,
        ports: (u16, u16),
        iss: Seq,
        cx: &mut Context<'_>,
    ) -> Connection {
        let (local_port, remote_port) = ports;
        let profile = cx.profile;
        cx.log.note(
            Rule::Open,
            EventKind::Opened { connection: id, incarnation, local_port, remote_port, iss },
        );
        Connection {
            id,
            incarnation,
            local_port,
            remote_port,
            state: State::Closed,
            passive: false,
            descriptor: Descriptor::Closed,
            reuse_address: false,
            linger_zero: false,
            pending_error: None,
            read_shut: false,
            write_shut: false,
            iss,
            snd_una: iss,
            snd_nxt: iss,
            snd_wnd: 0,
            snd_wl1: Seq(0),
            snd_wl2: Seq(0),
            max_snd_wnd: 0,
            peer_mss: profile.mss,
            unsent: VecDeque::new(),
            held_back: false,
            flights: VecDeque::new(),
            fin_queued: false,
            fin_end: None,
            irs: Seq(0),
            rcv_nxt: Seq(0),
            last_ack_sent: Seq(0),
            window: profile.window.min(MOST_WINDOW),
            memory: None,
            told_window: profile.window.min(MOST_WINDOW),
            unread: Vec::new(),
            held: Vec::new(),
            fin_at: None,
            fin_received: false,
            timestamps: None,
            sack: false,
            rtt: RttEstimator::new(),
            retransmissions: 0,
            excused: 0,
            probes_unanswered: 0,
            heard_at: cx.log.now,
            probing: false,
            probe_end: None,
            lost_before: None,
            resend_from: None,
            last_ack_arrived: None,
            duplicate_acks: 0,
            fast_resend_due: false,
            send_timer: None,
            ack_timer: None,
            wait_timer: None,
            withheld: 0,
            owed: Owed::Nothing,
            habit: AckHabit::default(),
            last_challenge: None,
            shadow: None,
            time_wait_entered: cx.log.now,
            waiting_since: cx.log.now,
            waits_since: None,
            silence: silence::Silence::of(profile),
        }
    }

    /// RCV.WND: the buffer less what is unread, never moving the right edge back.
    #[must_use]
    pub fn rcv_wnd(&self) -> u32 {
        if let Some(memory) = &self.memory {
            return self.told_by_memory(memory);
        }
        let unread: usize = self.unread.iter().map(|c| c.octets.len()).sum();
        self.window.saturating_sub(u32::try_from(unread).unwrap_or(u32::MAX))
    }

    /// Whether our FIN is sent and acknowledged (PROTOCOL §1.5).
    #[must_use]
    pub fn fin_acknowledged(&self) -> bool {
        self.fin_end.is_some_and(|end| self.snd_una == end)
    }

    /// Whether a program holds its descriptor.
    #[must_use]
    pub fn is_held(&self) -> bool {
        matches!(self.descriptor, Descriptor::Open(_))
    }

    /// Whether it stays in the queue of the listener when it ends now: it's more than a request, and
    /// the profile keeps it for accept(). Linux inet_csk_accept; FreeBSD tcp_usr_accept.
    fn keeps_its_place(&self, cx: &Context<'_>) -> bool {
        matches!(self.descriptor, Descriptor::Queued(_))
            && self.state != State::SynReceived
            && cx.profile.unaccepted_reset != UnacceptedReset::Forgotten
    }

    /// Whether its 4-tuple is taken: every state but CLOSED.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.state != State::Closed
    }

    /// Every timer that runs, with its deadline.
    pub fn deadlines(&self) -> impl Iterator<Item = (TimerKind, Deadline)> + '_ {
        self.send_timer
            .into_iter()
            .chain(self.ack_timer.map(|d| (TimerKind::DelayedAck, d)))
            .chain(self.wait_timer)
            .chain(self.keep_alive_timer().map(|d| (TimerKind::KeepAlive, d)))
    }

    pub(super) fn enter(&mut self, state: State, rule: Rule, cx: &mut Context<'_>) {
        if self.state != state {
            let from = core::mem::replace(&mut self.state, state);
            let connection = self.id;
            cx.log.note(rule, EventKind::State { connection, from, to: state });
            if state == State::Established {
                self.start_keep_alive(cx);
            }
        }
    }

    /// The connection is over: no timers, nothing to send. Its octets stay for the program to read.
    pub(super) fn end(&mut self, rule: Rule, cx: &mut Context<'_>) {
        self.stop_timers(rule, cx);
        self.unsent.clear();
        self.flights.clear();
        self.held.clear();
        self.owed = Owed::Nothing;
        if !self.is_held() && !self.keeps_its_place(cx) {
            self.descriptor = Descriptor::Closed;
        }
        self.shadow = None;
        self.enter(State::Closed, rule, cx);
    }

    /// The connection ended with an error, which a program sees if it still holds the descriptor, or
    /// gets it from accept().
    pub(super) fn fail(&mut self, errno: Errno, rule: Rule, cx: &mut Context<'_>) {
        let accepted_yet = cx.profile.unaccepted_reset == UnacceptedReset::Kept;
        let noticed = self.is_held() || self.keeps_its_place(cx) && accepted_yet;
        self.pending_error = noticed.then_some(errno);
        cx.log.note(rule, EventKind::Error { connection: self.id, errno, noticed });
        self.end(rule, cx);
    }

    fn deadline(at: Time, cx: &Context<'_>) -> Deadline {
        Deadline { at, order: u32::try_from(cx.log.events.len()).unwrap_or(u32::MAX) }
    }

    fn note_timer(&self, timer: TimerKind, change: TimerChange, rule: Rule, cx: &mut Context<'_>) {
        cx.log.note(rule, EventKind::Timer { connection: self.id, timer, change });
    }

    pub(super) fn start_send_timer(
        &mut self,
        timer: TimerKind,
        at: Time,
        rule: Rule,
        cx: &mut Context<'_>,
    ) {
        let deadline = Self::deadline(at, cx);
        let change = match self.send_timer {
            Some((kind, _)) if kind == timer => TimerChange::Restarted(at),
            Some((kind, _)) => {
                self.note_timer(kind, TimerChange::Stopped, rule, cx);
                TimerChange::Started(at)
            }
            None => TimerChange::Started(at),
        };
        self.send_timer = Some((timer, deadline));
        self.note_timer(timer, change, rule, cx);
    }

    pub(super) fn stop_send_timer(&mut self, rule: Rule, cx: &mut Context<'_>) {
        if let Some((kind, _)) = self.send_timer.take() {
            self.note_timer(kind, TimerChange::Stopped, rule, cx);
        }
    }

    pub(super) fn start_wait(
        &mut self,
        timer: TimerKind,
        at: Time,
        rule: Rule,
        cx: &mut Context<'_>,
    ) {
        let change = match self.wait_timer {
            Some((kind, _)) if kind == timer => TimerChange::Restarted(at),
            Some(_) | None => TimerChange::Started(at),
        };
        self.wait_timer = Some((timer, Self::deadline(at, cx)));
        self.note_timer(timer, change, rule, cx);
    }

    pub(super) fn stop_timers(&mut self, rule: Rule, cx: &mut Context<'_>) {
        self.stop_send_timer(rule, cx);
        self.stop_ack_timer(rule, cx);
        if let Some((kind, _)) = self.wait_timer.take() {
            self.note_timer(kind, TimerChange::Stopped, rule, cx);
        }
        self.stop_keep_alive(rule, cx);
    }

    pub(super) fn stop_ack_timer(&mut self, rule: Rule, cx: &mut Context<'_>) {
        if self.ack_timer.take().is_some() {
            self.note_timer(TimerKind::DelayedAck, TimerChange::Stopped, rule, cx);
        }
    }

    /// A segment of this connection without text, SEQ and ACK as every reply has them.
    pub(super) fn blank(&self) -> Segment {
        Segment {
            source_port: self.local_port,
            destination_port: self.remote_port,
            // PROTOCOL §1.7 asks for SND.NXT; go-back-N that hasn't caught up says less.
            seq: self.resend_from.map_or(self.snd_nxt, |from| from.later(self.snd_una)),
            ack: Some(self.rcv_nxt),
            origin: self.incarnation,
            ..Segment::default()
        }
    }
}
