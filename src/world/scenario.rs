//! A scenario: everything that decides a run, as plain data.

use serde::{Deserialize, Serialize};

use crate::packed::packed;
use crate::tcp::call::{Accepts, Application, Call, Fd};
use crate::tcp::event::{HostId, SegmentName};
use crate::tcp::profile::{Base, Profile};
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::seq::Seq;
use crate::tcp::time::{Span, Time};

/// The port of A in a connection that is there from the start.
pub const A_PORT: u16 = 40_000;
/// The port of B in a connection that is there from the start.
pub const B_PORT: u16 = 80;

/// How one host starts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HostSetup {
    /// How its TCP behaves.
    pub profile: Profile,
    /// What its program does by itself.
    pub application: Application,
    /// The ISS values that its next connections take before the generator is asked.
    pub iss: Vec<Seq>,
    /// Its timestamp clock at the start, in ticks of a millisecond.
    pub clock: u32,
}

packed!(HostSetup { profile, application, iss, clock });

impl HostSetup {
    /// A host of a stack, whose program reads, and accepts, by itself.
    #[must_use]
    pub fn new(base: Base) -> HostSetup {
        HostSetup {
            profile: Profile::new(base),
            application: Application { reads: true, accepts: Accepts::Established, closes: false },
            iss: Vec::new(),
            clock: 0,
        }
    }
}

/// How the run starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Start {
    /// Without a connection.
    Closed,
    /// With one connection in ESTABLISHED, between [`A_PORT`] and [`B_PORT`].
    Established {
        /// A's SND.NXT, which is B's RCV.NXT.
        a_next: Seq,
        /// B's SND.NXT, which is A's RCV.NXT.
        b_next: Seq,
    },
}

packed!(enum Start { 0 Closed, 1 Established { a_next, b_next } });

/// The wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Wire {
    /// How long a segment travels, by sender: from A, from B. At least 1 µs.
    pub delay: [Span; 2],
    /// MSL: how long a segment lives; `None`: for ever.
    pub lifetime: Option<Span>,
}

packed!(Wire { delay, lifetime });

/// A moment given by a length after the usual one, or by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum When {
    /// So much later than usual.
    After(Span),
    /// At that moment of the run.
    At(Time),
}

packed!(enum When { 0 After(span), 1 At(time) });

/// What the network does to a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Fate {
    /// It's lost.
    Drop,
    /// It arrives then.
    Delay(When),
    /// It arrives as usual, and a copy arrives then. With [`Target::Every`] only what a host sent
    /// is copied, never a copy; all other fates are for copies too.
    Duplicate(When),
    /// A copy is kept, to be released by another act, or never.
    Keep,
}

packed!(enum Fate { 0 Drop, 1 Delay(when), 2 Duplicate(when), 3 Keep });

/// Which segments a fate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Target {
    /// The one of that name, if it still has those flags and that SEQ.
    Named {
        /// Its name.
        name: SegmentName,
        /// What it was when the act was made; `None`: whatever it is.
        expected: Option<(Flags, Seq)>,
    },
    /// Every one that a host sends and that fits, copies and those that come again included. A
    /// forged one isn't the host's, whatever address it bears: it is never meant.
    Every {
        /// The sender.
        sender: HostId,
        /// SEG.SEQ.
        seq: Option<Seq>,
        /// Whether the ACK bit is set.
        ack: Option<bool>,
        /// Whether the RST bit is set.
        rst: Option<bool>,
        /// Whether the SYN bit is set.
        syn: Option<bool>,
        /// Whether the FIN bit is set.
        fin: Option<bool>,
        /// Whether it carries text.
        data: Option<bool>,
        /// When it's put on the wire; `None`: whenever.
        during: Option<During>,
    },
}

packed!(enum Target {
    0 Named { name, expected },
    1 Every { sender, seq, ack, rst, syn, fin, data, during },
});

impl Target {
    /// Everything that a host puts on the wire in a stretch of time.
    #[must_use]
    pub fn all(sender: HostId, during: During) -> Target {
        let (seq, any) = (None, None);
        let during = Some(during);
        Target::Every { sender, seq, ack: any, rst: any, syn: any, fin: any, data: any, during }
    }

    /// The sender and the stretch, where it's [`Target::all`] of a stretch.
    #[must_use]
    pub fn as_all(&self) -> Option<(HostId, During)> {
        match self {
            Target::Every { sender, during: Some(during), .. }
                if *self == Target::all(*sender, *during) =>
            {
                Some((*sender, *during))
            }
            Target::Every { .. } | Target::Named { .. } => None,
        }
    }
}

/// A stretch of time: its first moment is in it, its last one isn't. It is never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct During {
    from: Time,
    to: Option<Time>,
}

packed!(During { from, to });

impl During {
    /// From a moment to a later one; `None` where that isn't later.
    #[must_use]
    pub fn new(from: Time, to: Time) -> Option<During> {
        (from < to).then_some(During { from, to: Some(to) })
    }

    /// From a moment to the end of the run.
    #[must_use]
    pub fn rest(from: Time) -> During {
        During { from, to: None }
    }

    /// Its first moment.
    #[must_use]
    pub fn from(&self) -> Time {
        self.from
    }

    /// The first moment after it; `None`: it lasts to the end of the run.
    #[must_use]
    pub fn to(&self) -> Option<Time> {
        self.to
    }

    /// Whether a moment is in it.
    #[must_use]
    pub fn has(&self, time: Time) -> bool {
        self.from <= time && self.to.is_none_or(|to| time < to)
    }
}

/// One thing that a program, the network or a person does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Act {
    /// A program calls.
    Call {
        /// When.
        at: Time,
        /// On which host.
        host: HostId,
        /// On which descriptor; `None`: the newest that fits.
        fd: Option<Fd>,
        /// The call.
        call: Call,
    },
    /// A forged segment arrives.
    Forge {
        /// When it arrives.
        at: Time,
        /// Where it arrives.
        to: HostId,
        /// The segment.
        segment: Segment,
    },
    /// A kept copy goes on.
    Release {
        /// When it goes on; it arrives after the wire's delay.
        at: Time,
        /// The segment.
        name: SegmentName,
    },
    /// The network does something to a segment.
    Fate {
        /// Which.
        target: Target,
        /// What.
        fate: Fate,
    },
}

packed!(enum Act {
    0 Call { at, host, fd, call },
    1 Forge { at, to, segment },
    2 Release { at, name },
    3 Fate { target, fate },
});

/// Everything that decides a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scenario {
    /// A and B.
    pub hosts: [HostSetup; 2],
    /// The wire.
    pub wire: Wire,
    /// How it starts.
    pub start: Start,
    /// What is done. Those at the same moment happen in this order.
    pub acts: Vec<Act>,
    /// When the run ends at the latest.
    pub until: Time,
}

packed!(Scenario { hosts, wire, start, acts, until });

impl Scenario {
    /// Where the line is dead: each sender with the stretch in which whatever it sends is lost, in
    /// the order of the acts.
    pub fn dead_lines(&self) -> impl Iterator<Item = (HostId, During)> + '_ {
        self.acts.iter().filter_map(|act| match act {
            Act::Fate { target, fate: Fate::Drop } => target.as_all(),
            Act::Fate { .. } | Act::Call { .. } | Act::Forge { .. } | Act::Release { .. } => None,
        })
    }

    /// Two hosts of a stack, 50 ms apart, without a connection and without acts.
    #[must_use]
    pub fn new(base: Base) -> Scenario {
        Scenario {
            hosts: [HostSetup::new(base), HostSetup::new(base)],
            wire: Wire { delay: [Span::from_millis(50); 2], lifetime: None },
            start: Start::Closed,
            acts: Vec::new(),
            until: Time::from_millis(600_000),
        }
    }

    /// How one of the hosts starts.
    #[must_use]
    pub fn setup(&self, id: HostId) -> &HostSetup {
        let [a, b] = &self.hosts;
        match id {
            HostId::A => a,
            HostId::B => b,
        }
    }

    pub(super) fn setup_mut(&mut self, id: HostId) -> &mut HostSetup {
        let [a, b] = &mut self.hosts;
        match id {
            HostId::A => a,
            HostId::B => b,
        }
    }
}
