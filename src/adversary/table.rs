//! The states that are known, by their fingerprints: open addressing, 8 octets a slot.

/// A set of 64-bit fingerprints. Two states of one fingerprint are taken for one: among n states
/// the chance that any two share one is about n²/2⁶⁵, for ten million 3 in a million.
#[derive(Debug)]
pub(super) struct Table {
    slots: Vec<u64>,
    count: usize,
}

impl Table {
    pub(super) fn new() -> Table {
        Table { slots: vec![0; 1 << 12], count: 0 }
    }

    /// The slot of a fingerprint: where it is, or where it belongs. 0 marks a free slot.
    fn slot(&self, fingerprint: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = usize::try_from(fingerprint & 0xFFFF_FFFF).unwrap_or(0) & mask;
        while self.slots.get(slot).is_some_and(|found| *found != 0 && *found != fingerprint) {
            slot = (slot + 1) & mask;
        }
        slot
    }

    pub(super) fn contains(&self, fingerprint: u64) -> bool {
        let fingerprint = fingerprint.max(1);
        self.slots.get(self.slot(fingerprint)) == Some(&fingerprint)
    }

    /// Whether it's new.
    pub(super) fn insert(&mut self, fingerprint: u64) -> bool {
        let fingerprint = fingerprint.max(1);
        let place = self.slot(fingerprint);
        match self.slots.get_mut(place) {
            Some(slot) if *slot == 0 => *slot = fingerprint,
            Some(_) | None => return false,
        }
        self.count += 1;
        // Seven eighths full at most.
        if self.count * 8 > self.slots.len() * 7 {
            let larger = vec![0; self.slots.len() * 2];
            for old in core::mem::replace(&mut self.slots, larger) {
                if old != 0 {
                    let place = self.slot(old);
                    if let Some(slot) = self.slots.get_mut(place) {
                        *slot = old;
                    }
                }
            }
        }
        true
    }

    /// What it takes, octets.
    pub(super) fn octets(&self) -> usize {
        self.slots.len() * 8
    }
}
