//! A state of the search: 84 octets, copied and hashed without an allocation.

use super::ties::Ties;

/// How many segments may be on the way at once. A run that needs more is followed no further, and
/// the result says so.
pub(super) const MOST_FLIGHTS: usize = 10;

/// A segment on its way: its number among all that were ever sent, its age in ticks, and the class
/// of [`Ties`] that its sending belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Flying(u32);

impl Flying {
    pub(super) fn new(segment: u32, age: u8, class: u8) -> Flying {
        Flying(segment << 12 | u32::from(age) << 4 | u32::from(class & 15))
    }

    pub(super) fn segment(self) -> u32 {
        self.0 >> 12
    }

    pub(super) fn age(self) -> u8 {
        (self.0 >> 4).to_le_bytes()[0]
    }

    pub(super) fn class(self) -> u8 {
        self.0.to_le_bytes()[0] & 15
    }

    /// So many ticks later.
    pub(super) fn older(self, ticks: u8) -> Flying {
        Flying::new(self.segment(), self.age().saturating_add(ticks), self.class())
    }
}

/// Two hosts, what is between them, and how far the programs are. Moments are lengths from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// The hosts, by their numbers in the machine.
    pub(super) hosts: [u32; 2],
    /// How many calls each program has made.
    pub(super) done: [u8; 2],
    /// How many incarnations of the 4-tuple there were.
    pub(super) incarnations: u8,
    /// How many acts the network has used.
    pub(super) acts: u8,
    /// Which incarnations ended in order, a bit each: those of A in the low octet.
    pub(super) finished: [u8; 2],
    /// How many segments travel as usual; the first ones of the list, in order of sending.
    pub(super) fresh: u8,
    /// How many the network holds; the next ones, sorted, since they have no order.
    pub(super) held: u8,
    pub(super) flights: [Flying; MOST_FLIGHTS],
    /// Which order within a tick real moments have.
    pub(super) ties: Ties,
}

impl State {
    pub(super) fn fresh(&self) -> &[Flying] {
        self.flights.get(..usize::from(self.fresh)).unwrap_or(&[])
    }

    pub(super) fn held(&self) -> &[Flying] {
        let start = usize::from(self.fresh);
        self.flights.get(start..start + usize::from(self.held)).unwrap_or(&[])
    }

    fn open(&mut self, place: usize) -> bool {
        let used = usize::from(self.fresh) + usize::from(self.held);
        if used >= MOST_FLIGHTS || place > used {
            return false;
        }
        self.flights.copy_within(place..used, place + 1);
        true
    }

    fn set(&mut self, place: usize, flying: Flying) {
        if let Some(slot) = self.flights.get_mut(place) {
            *slot = flying;
        }
    }

    /// A segment was sent, in a step of that class. Whether there was room for it.
    #[must_use]
    pub(super) fn send(&mut self, segment: u32, class: u8) -> bool {
        let place = usize::from(self.fresh);
        let room = self.open(place);
        if room {
            self.set(place, Flying::new(segment, 0, class));
            self.fresh += 1;
        }
        room
    }

    /// The network holds a segment. Whether there was room for it.
    #[must_use]
    pub(super) fn hold(&mut self, flying: Flying) -> bool {
        let place = usize::from(self.fresh) + self.held().partition_point(|held| *held < flying);
        let room = self.open(place);
        if room {
            self.set(place, flying);
            self.held += 1;
        }
        room
    }

    /// Takes the segment at a place of the list away.
    pub(super) fn take(&mut self, place: usize) -> Flying {
        let used = usize::from(self.fresh) + usize::from(self.held);
        let taken = self.flights.get(place).copied().unwrap_or_default();
        if place < used {
            if place < usize::from(self.fresh) {
                self.fresh -= 1;
            } else {
                self.held -= 1;
            }
            self.flights.copy_within(place + 1..used, place);
            self.set(used - 1, Flying::default());
        }
        taken
    }

    /// Everything on the way gets older.
    pub(super) fn wait(&mut self, ticks: u8) {
        let used = usize::from(self.fresh) + usize::from(self.held);
        for flying in self.flights.iter_mut().take(used) {
            *flying = flying.older(ticks);
        }
        self.ties.tick();
    }

    /// What is known of the order, in its one form.
    pub(super) fn tidy(&mut self) {
        let used = usize::from(self.fresh) + usize::from(self.held);
        let mut classes = self.flights.map(Flying::class);
        self.ties.tidy(classes.iter_mut().take(used));
        for (flying, class) in self.flights.iter_mut().zip(classes).take(used) {
            *flying = Flying::new(flying.segment(), flying.age(), class);
        }
        // Those that differ in the class alone may have changed places.
        let fresh = usize::from(self.fresh);
        if let Some(held) = self.flights.get_mut(fresh..used) {
            held.sort_unstable();
        }
    }

    /// 64 bits that stand for the state. With `acts`, what the network has used up belongs to it,
    /// and with `ties` the order within a tick.
    pub(super) fn fingerprint(&self, acts: bool, ties: bool) -> u64 {
        let acts = if acts { self.acts } else { 0 };
        let [a, b] = self.hosts;
        let [done_a, done_b] = self.done;
        let [finished_a, finished_b] = self.finished;
        let small = [
            done_a,
            done_b,
            self.incarnations,
            acts,
            finished_a,
            finished_b,
            self.fresh,
            self.held,
        ];
        let mut hash = mix(u64::from(a) << 32 | u64::from(b), 0x9E37_79B9_7F4A_7C15);
        hash = mix(hash ^ u64::from_le_bytes(small), 0xA076_1D64_78BD_642F);
        let used = usize::from(self.fresh) + usize::from(self.held);
        for pair in self.flights.get(..used).unwrap_or(&[]).chunks(2) {
            let [first, second] = [pair.first(), pair.get(1)].map(|f| f.map_or(0, |f| f.0));
            let both = u64::from(first) << 32 | u64::from(second);
            hash = mix(hash ^ both, 0xE703_7ED1_A0B4_28DB);
        }
        if ties {
            for word in self.ties.words() {
                hash = mix(hash ^ word, 0x8EBC_6AF0_9C88_C6E3);
            }
        }
        hash
    }
}

/// A multiplication to 128 bits, folded: every bit of both numbers moves every bit of the result.
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ 0x8EBC_6AF0_9C88_C6E3) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}
