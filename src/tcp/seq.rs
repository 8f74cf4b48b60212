//! Sequence numbers, modulo 2³².

use core::fmt;
use core::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

use crate::packed::packed;

/// The greatest window, octets. RFC 9293 §3.4: numbers are compared modulo 2³², so what lies farther
/// ahead lies behind. A header could say half of that (RFC 7323 §2.3).
pub const MOST_WINDOW: u32 = 0x7FFF_FFFF;

/// A sequence number, modulo 2³² (RFC 9293 §3.4).
///
/// There are no ordering operators on purpose: on a circle nothing is smaller, only before or
/// after. At a distance of exactly 2³¹ both [`Seq::before`] and [`Seq::after`] hold, as in every
/// stack that subtracts and looks at the sign (PROTOCOL A10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Seq(pub u32);

packed!(Seq(number));

impl Seq {
    /// Whether `self` lies before `other`: `self < other` in the RFC's notation.
    #[must_use]
    pub fn before(self, other: Seq) -> bool {
        (self.0.wrapping_sub(other.0) as i32) < 0
    }

    /// Whether `self` lies after `other`: `self > other` in the RFC's notation.
    #[must_use]
    pub fn after(self, other: Seq) -> bool {
        other.before(self)
    }

    /// `self =< other` in the RFC's notation.
    #[must_use]
    pub fn at_or_before(self, other: Seq) -> bool {
        !self.after(other)
    }

    /// `self >= other` in the RFC's notation.
    #[must_use]
    pub fn at_or_after(self, other: Seq) -> bool {
        !self.before(other)
    }

    /// Whether `start =< self < start + size`; never for a size of zero. Sizes are octets.
    #[must_use]
    pub fn in_window(self, start: Seq, size: u32) -> bool {
        self - start < size
    }

    /// The later of two numbers.
    #[must_use]
    pub fn later(self, other: Seq) -> Seq {
        if self.before(other) { other } else { self }
    }
}

impl Add<u32> for Seq {
    type Output = Seq;
    fn add(self, octets: u32) -> Seq {
        Seq(self.0.wrapping_add(octets))
    }
}

impl AddAssign<u32> for Seq {
    fn add_assign(&mut self, octets: u32) {
        *self = *self + octets;
    }
}

impl Sub<u32> for Seq {
    type Output = Seq;
    fn sub(self, octets: u32) -> Seq {
        Seq(self.0.wrapping_sub(octets))
    }
}

impl Sub<Seq> for Seq {
    type Output = u32;
    /// How many numbers lie between the two, going upwards from `other` to `self`.
    fn sub(self, other: Seq) -> u32 {
        self.0.wrapping_sub(other.0)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Seq;

    #[test]
    fn comparison_wraps_as_in_protocol_n28() {
        let before = |a, b| Seq(a).before(Seq(b));
        assert!(before(0, 1));
        assert!(!before(1, 0));
        assert!(before(0xFFFF_FFFF, 0));
        assert!(before(0, 0x7FFF_FFFF));
        assert!(before(0, 0x8000_0000) && before(0x8000_0000, 0));
    }

    #[test]
    fn a_window_is_closed_below_and_open_above() {
        let start = Seq(0xFFFF_FFFE);
        assert!(start.in_window(start, 4));
        assert!(Seq(1).in_window(start, 4));
        assert!(!Seq(2).in_window(start, 4));
        assert!(!(start - 1).in_window(start, 4));
        assert!(!start.in_window(start, 0));
    }
}
