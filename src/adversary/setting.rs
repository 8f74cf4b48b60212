//! What is searched: the hosts, the calls of their programs, the network's bounds and its budget.

use crate::tcp::call::{Application, Call};
use crate::tcp::profile::{Profile, RtoRule, SequenceCheck, TwRecycle, TwReuse};
use crate::tcp::seq::Seq;
use crate::tcp::state::State;
use crate::tcp::time::Span;
use crate::world::Start;

/// The longest timer, in ticks.
const MOST_TICKS: u64 = 200;

/// What must hold before a program makes its next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Guard {
    /// Nothing.
    Always,
    /// Its side of the 4-tuple is open: ESTABLISHED or CLOSE-WAIT.
    Open,
    /// The peer has closed: CLOSE-WAIT.
    EndOfFile,
    /// No connection of its own holds the 4-tuple, not even in TIME-WAIT.
    Free,
}

impl Guard {
    /// Whether it holds in a state of the 4-tuple.
    #[must_use]
    pub fn holds(self, state: State) -> bool {
        match self {
            Guard::Always => true,
            Guard::Open => matches!(state, State::Established | State::CloseWait),
            Guard::EndOfFile => state == State::CloseWait,
            Guard::Free => matches!(state, State::Closed | State::Listen),
        }
    }
}

/// When a program makes a call whose guard holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pace {
    /// In that instant.
    AtOnce,
    /// In that instant or at any moment after it, or never.
    AnyTime,
}

/// One call of a program; the next one waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line {
    /// What must hold.
    pub guard: Guard,
    /// When it's made.
    pub pace: Pace,
    /// The call.
    pub call: Call,
}

/// One host of a search.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Side {
    /// How its TCP behaves.
    pub profile: Profile,
    /// What its program does by itself.
    pub application: Application,
    /// What its program calls, in this order.
    pub program: Vec<Line>,
    /// The ISS values that each of its connections may take, in their order (one that is there from
    /// the start has none here); all of them are tried, the last list for all that follow. The
    /// host's own generator would ask for the moment.
    pub iss: Vec<Vec<Seq>>,
}

impl Side {
    /// The ISS values that its next connection may take.
    pub(super) fn numbers(&self, start: Start, opened: u32) -> &[Seq] {
        let before = u32::from(start != Start::Closed);
        let next = usize::try_from(opened.saturating_sub(before)).unwrap_or(usize::MAX);
        self.iss.get(next).or(self.iss.last()).map_or(&[], Vec::as_slice)
    }
}

/// Everything that decides a search.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Setting {
    /// A and B.
    pub sides: [Side; 2],
    /// How it starts.
    pub start: Start,
    /// One step of time. Every length below, and every timer of both profiles, is a multiple of it.
    pub tick: Span,
    /// How long a segment travels if the network leaves it alone, in ticks; at least 1.
    pub travel: u8,
    /// How old a segment may be when it arrives, in ticks.
    pub lifetime: u8,
    /// How many times the network may act: drop, hold, or copy a segment.
    pub budget: u8,
    /// Whether a run in which an incarnation ends before its time (RST, abort, give-up: premise (e)
    /// of PROTOCOL §8.6) is followed no further.
    pub orderly: bool,
    /// How much memory states and what is known of them may take, in octets (about 50 a state; what
    /// the hosts' table takes beside it is a few megabytes). Beyond that the search ends, and the
    /// result says that it isn't whole.
    pub most_octets: u64,
}

/// Why a setting can't be searched soundly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unfit {
    /// A length isn't a multiple of the tick or more than 200 of them, or the tick is zero.
    Tick,
    /// The timeout depends on measured round trips, whose number has no bound.
    Measures,
    /// A clock of the stack is on the wire, or in its decisions (timestamps where a tick isn't one of
    /// their clock, a millisecond; limits of challenges, delayed ACKs, SACK recovery, a taken-over
    /// TIME-WAIT, keep-alive, a user timeout): not modelled here.
    Clock,
    /// A host has no ISS to open a connection with.
    Numbers,
    /// A segment would die before it arrives, or lives longer than 200 ticks.
    Lifetime,
}

impl Setting {
    /// Whether the search is sound for it.
    ///
    /// # Errors
    /// Says what stands in the way.
    pub fn check(&self) -> Result<(), Unfit> {
        if self.travel == 0 || self.lifetime < self.travel || self.lifetime > 200 {
            return Err(Unfit::Lifetime);
        }
        let none = |side: &Side| side.iss.is_empty() || side.iss.iter().any(Vec::is_empty);
        if self.sides.iter().any(none) {
            return Err(Unfit::Numbers);
        }
        let fits = |span: Span| {
            let tick = self.tick.0.max(1);
            self.tick.0 > 0 && span.0.is_multiple_of(tick) && span.0 / tick <= MOST_TICKS
        };
        let looks = |call: &Call| {
            matches!(call, Call::KeepAlive(_) | Call::UserTimeout(_) | Call::Linger2(_))
        };
        if self.sides.iter().flat_map(|side| &side.program).any(|line| looks(&line.call)) {
            return Err(Unfit::Clock);
        }
        for profile in self.sides.iter().map(|side| &side.profile) {
            if profile.rto != RtoRule::Fixed {
                return Err(Unfit::Measures);
            }
            // With ticks of a millisecond a timestamp is the tick of the sending, whatever part of it.
            let finer = profile.timestamps && self.tick != Span::from_millis(1);
            let linux = profile.timestamps && profile.sequence_check == SequenceCheck::Linux;
            let clocks = finer
                || linux
                || profile.time_wait_paws_rst
                || profile.tw_reuse == TwReuse::On
                || profile.tw_recycle != TwRecycle::Off
                || profile.sack
                || profile.tail_loss_probe
                || profile.delayed_ack.is_some()
                || profile.connect_timeout.is_some()
                || profile.challenge_limit.is_some()
                || profile.keep_alive
                || profile.user_timeout.is_some();
            if clocks {
                return Err(Unfit::Clock);
            }
            let lengths = [profile.rto_initial, profile.rto_max];
            let waits = [profile.time_wait, profile.fin_wait_2];
            let mut spans = lengths.into_iter().chain(waits.into_iter().flatten());
            if !spans.all(fits) {
                return Err(Unfit::Tick);
            }
        }
        Ok(())
    }
}
