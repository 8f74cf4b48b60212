//! The order within a tick: which orders of steps real moments have.
//!
//! Each step happens at some part of its tick. A call, and a segment that the network held, may come
//! at any part; what hangs on a step, a travel time or a timer's length later, comes at the same part
//! as that step. So everything that is pending belongs to a class of one part, and of the parts it's
//! known which is before which: what happens now comes not after anything that's still to come in
//! this tick. Where two parts are the same, the engine's order of an instant holds: calls, arrivals,
//! timers in the order of their start. A step that contradicts what is known can't be taken.
//!
//! These are difference constraints with 0 for their only bound (Dill: Timing Assumptions and
//! Verification of Finite-State Concurrent Systems, 1989): kept closed, they can be met as long as no
//! part is before itself.

/// How many classes and timers there may be at once.
const MOST: usize = 8;
/// No class.
const NONE: u8 = 0xFF;

/// What happens in a step, in the engine's order of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Call,
    Arrival,
    Timer,
}

/// A timer that runs, by its host and its place there, and its class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Running(u8);

impl Running {
    pub(super) fn new(host: usize, place: u8, class: u8) -> Running {
        Running(u8::from(host > 0) << 7 | (place & 7) << 4 | class & 15)
    }

    pub(super) fn host(self) -> usize {
        usize::from(self.0 >> 7)
    }

    pub(super) fn place(self) -> u8 {
        self.0 >> 4 & 7
    }

    pub(super) fn class(self) -> u8 {
        self.0 & 15
    }
}

/// New numbers of classes: by the old ones, and the other way round.
struct Names {
    names: [u8; MOST],
    olds: [u8; MOST],
    count: u8,
}

impl Names {
    fn name(&mut self, old: &Ties, class: u8) -> u8 {
        let alike = old.first_like(class);
        let Some(name) = self.names.get_mut(usize::from(alike)) else { return class };
        if *name == NONE {
            *name = self.count;
            if let Some(slot) = self.olds.get_mut(usize::from(self.count)) {
                *slot = alike;
            }
            self.count += 1;
        }
        *name
    }
}

/// The lowest bits.
fn low(count: u8) -> u8 {
    u8::try_from((1_u16 << count) - 1).unwrap_or(u8::MAX)
}

/// What is known of the parts. Classes are numbered from 0 without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ties {
    /// The timers that run, in order of their start.
    timers: [Running; MOST],
    count: u8,
    classes: u8,
    /// The class of the step before in this tick, and what it was.
    now: u8,
    kind: u8,
    /// A bit for each class that a class isn't after, and that it's before.
    until: [u8; MOST],
    before: [u8; MOST],
}

impl Ties {
    pub(super) fn new() -> Ties {
        Ties {
            timers: [Running::default(); MOST],
            count: 0,
            classes: 0,
            now: NONE,
            kind: 0,
            until: [0; MOST],
            before: [0; MOST],
        }
    }

    pub(super) fn timers(&self) -> &[Running] {
        self.timers.get(..usize::from(self.count)).unwrap_or(&[])
    }

    /// A class of which nothing is known. `None`: there's no room for it.
    pub(super) fn open(&mut self) -> Option<u8> {
        let class = self.classes;
        let at = usize::from(class);
        *self.until.get_mut(at)? = 1 << class;
        *self.before.get_mut(at)? = 0;
        self.classes += 1;
        Some(class)
    }

    /// From now on `a` isn't after `b`, or is before it. Whether that can be.
    #[must_use]
    pub(super) fn order(&mut self, a: u8, b: u8, strictly: bool) -> bool {
        let to = usize::from(b);
        let (Some(after_b), Some(far_after_b)) =
            (self.until.get(to).copied(), self.before.get(to).copied())
        else {
            return false;
        };
        // All that is known not to be after `a`, itself among them.
        for at in 0..usize::from(self.classes) {
            let (Some(until), Some(before)) = (self.until.get_mut(at), self.before.get_mut(at))
            else {
                continue;
            };
            if *until & 1 << a == 0 {
                continue;
            }
            let far = strictly || *before & 1 << a != 0;
            *until |= after_b;
            *before |= if far { after_b } else { far_after_b };
        }
        (0..self.classes).all(|c| self.before.get(usize::from(c)).is_none_or(|b| b & 1 << c == 0))
    }

    /// A step happens at the part of `class`. Whether the one before it allows that.
    #[must_use]
    pub(super) fn happens(&mut self, class: u8, kind: Kind) -> bool {
        let last = core::mem::replace(&mut self.now, class);
        let was = core::mem::replace(&mut self.kind, kind as u8);
        last == NONE || last == class && was <= kind as u8 || {
            last != class && self.order(last, class, was > kind as u8)
        }
    }

    /// A new tick.
    pub(super) fn tick(&mut self) {
        (self.now, self.kind) = (NONE, 0);
    }

    /// No timer runs.
    pub(super) fn forget_timers(&mut self) {
        (self.timers, self.count) = ([Running::default(); MOST], 0);
    }

    /// A timer starts. Whether there's room.
    #[must_use]
    pub(super) fn run(&mut self, timer: Running) -> bool {
        match self.timers.get_mut(usize::from(self.count)) {
            Some(slot) => {
                *slot = timer;
                self.count += 1;
                true
            }
            None => false,
        }
    }

    /// Numbers the classes by their first use: timers, then as `flights` names them, then the step
    /// before. Classes of the same part become one, those of which nothing is left are forgotten.
    pub(super) fn tidy<'a>(&mut self, flights: impl Iterator<Item = &'a mut u8>) {
        let mut names = Names { names: [NONE; MOST], olds: [0; MOST], count: 0 };
        let old = *self;
        for timer in self.timers.iter_mut().take(usize::from(self.count)) {
            *timer = Running::new(timer.host(), timer.place(), names.name(&old, timer.class()));
        }
        for class in flights {
            *class = names.name(&old, *class);
        }
        if self.now != NONE {
            self.now = names.name(&old, self.now);
        }
        self.classes = names.count;
        let Names { olds, count, .. } = names;
        let kept = usize::from(count);
        let same = (0..count).zip(olds).all(|(new, old)| new == old);
        for (at, from) in olds.into_iter().enumerate() {
            let of = |masks: &[u8; MOST]| match masks.get(usize::from(from)) {
                Some(_) if at >= kept => 0,
                Some(mask) if same => mask & low(count),
                Some(mask) => {
                    (0..count).zip(olds).fold(0, |all, (new, old)| all | (mask >> old & 1) << new)
                }
                None => 0,
            };
            let (until, before) = (of(&old.until), of(&old.before));
            if let Some(slot) = self.until.get_mut(at) {
                *slot = until;
            }
            if let Some(slot) = self.before.get_mut(at) {
                *slot = before;
            }
        }
    }

    /// The first class that is known to be of the same part.
    fn first_like(&self, class: u8) -> u8 {
        let until = self.until.get(usize::from(class)).copied().unwrap_or(0);
        let both =
            |other: u8| self.until.get(usize::from(other)).is_some_and(|u| u >> class & 1 > 0);
        let mut others = until & low(class);
        while others > 0 {
            let other = u8::try_from(others.trailing_zeros()).unwrap_or(class);
            if both(other) {
                return other;
            }
            others &= others - 1;
        }
        class
    }

    /// All of it in numbers, for a fingerprint.
    pub(super) fn words(&self) -> [u64; 4] {
        [
            u64::from_le_bytes(self.timers.map(|timer| timer.0)),
            u64::from_le_bytes(self.until),
            u64::from_le_bytes(self.before),
            u64::from(self.now) << 16 | u64::from(self.kind) << 8 | u64::from(self.count),
        ]
    }
}
