//! Values as octets, as few as can be read with little code: for the recording of a run that the
//! page opens with.
//!
//! Not serde, which reads anything from anything: to read a trace its code, with postcard, weighs 7,300
//! octets after brotli, and this 2,900. A reader doesn't stop where something is wrong, for a check after
//! every field would weigh more than the fields: it goes on with zeros, and says so at the end.

/// A value that is written as octets and read back.
pub trait Packed: Sized {
    /// Writes it behind what is there.
    fn pack(&self, into: &mut Vec<u8>);
    /// Reads it; some value where the octets are none, and the reader knows.
    fn unpack(from: &mut Reader<'_>) -> Self;
}

/// A value as octets.
#[must_use]
pub fn pack(value: &impl Packed) -> Vec<u8> {
    let mut octets = Vec::new();
    value.pack(&mut octets);
    octets
}

/// The value that some octets are; `None` where they are none, or more than one.
#[must_use]
pub fn unpack<T: Packed>(octets: &[u8]) -> Option<T> {
    let mut from = Reader { rest: octets, is_wrong: false };
    let value = T::unpack(&mut from);
    (!from.is_wrong && from.rest.is_empty()).then_some(value)
}

/// What is still to be read.
pub struct Reader<'a> {
    rest: &'a [u8],
    is_wrong: bool,
}

impl Reader<'_> {
    /// The next octet; 0 behind the end.
    pub fn octet(&mut self) -> u8 {
        match self.rest.split_first() {
            Some((octet, rest)) => {
                self.rest = rest;
                *octet
            }
            None => {
                self.is_wrong = true;
                0
            }
        }
    }

    /// A number of at most `most`, seven bits an octet, the lowest first.
    fn number(&mut self, most: u64) -> u64 {
        let mut number = 0;
        for shift in [0, 7, 14, 21, 28, 35, 42, 49, 56, 63] {
            let octet = self.octet();
            number |= u64::from(octet & 0x7F) << shift;
            if octet < 0x80 {
                break;
            }
        }
        self.is_wrong |= number > most;
        number.min(most)
    }

    /// The one of some choices whose place comes next.
    pub fn choice<T: Copy>(&mut self, all: &[T], usual: T) -> T {
        let place = usize::from(self.octet());
        self.is_wrong |= place >= all.len();
        all.get(place).copied().unwrap_or(usual)
    }

    /// For a variant that isn't one: nothing counts from here on, so the first variant comes.
    pub fn wrong<T: Packed>(&mut self) -> T {
        self.is_wrong = true;
        self.rest = &[];
        T::unpack(self)
    }
}

fn number(mut number: u64, into: &mut Vec<u8>) {
    while number >= 0x80 {
        into.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

macro_rules! numbers {
    ($($type:ty),+) => {
        $(impl Packed for $type {
            fn pack(&self, into: &mut Vec<u8>) {
                number(*self as u64, into);
            }
            fn unpack(from: &mut Reader<'_>) -> $type {
                from.number(<$type>::MAX as u64) as $type
            }
        })+
    };
}

numbers!(u8, u16, u32, u64, usize);

impl Packed for bool {
    fn pack(&self, into: &mut Vec<u8>) {
        into.push(u8::from(*self));
    }
    fn unpack(from: &mut Reader<'_>) -> bool {
        from.choice(&[false, true], false)
    }
}

impl Packed for f64 {
    fn pack(&self, into: &mut Vec<u8>) {
        into.extend(self.to_le_bytes());
    }
    fn unpack(from: &mut Reader<'_>) -> f64 {
        f64::from_le_bytes(core::array::from_fn(|_| from.octet()))
    }
}

impl<T: Packed> Packed for Option<T> {
    fn pack(&self, into: &mut Vec<u8>) {
        self.is_some().pack(into);
        self.iter().for_each(|value| value.pack(into));
    }
    fn unpack(from: &mut Reader<'_>) -> Option<T> {
        if bool::unpack(from) { Some(T::unpack(from)) } else { None }
    }
}

impl<T: Packed> Packed for Vec<T> {
    fn pack(&self, into: &mut Vec<u8>) {
        self.len().pack(into);
        self.iter().for_each(|value| value.pack(into));
    }
    fn unpack(from: &mut Reader<'_>) -> Vec<T> {
        let mut values = Vec::new();
        // Every value takes an octet at least: a length that is too long ends with the octets.
        for _ in 0..usize::unpack(from) {
            if from.is_wrong {
                break;
            }
            values.push(T::unpack(from));
        }
        values
    }
}

impl<T: Packed> Packed for [T; 2] {
    fn pack(&self, into: &mut Vec<u8>) {
        self.iter().for_each(|value| value.pack(into));
    }
    fn unpack(from: &mut Reader<'_>) -> [T; 2] {
        [T::unpack(from), T::unpack(from)]
    }
}

impl<T: Packed, U: Packed> Packed for (T, U) {
    fn pack(&self, into: &mut Vec<u8>) {
        self.0.pack(into);
        self.1.pack(into);
    }
    fn unpack(from: &mut Reader<'_>) -> (T, U) {
        (T::unpack(from), U::unpack(from))
    }
}

/// Makes a type [`Packed`], field by field: a struct of these fields, an enum of these variants, each
/// with a number, or a `choice` of an enum that has all its variants in `ALL`.
macro_rules! packed {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::packed::Packed for $name {
            fn pack(&self, into: &mut Vec<u8>) {
                let $name { $($field),+ } = self;
                $($crate::packed::Packed::pack($field, into);)+
            }
            fn unpack(from: &mut $crate::packed::Reader<'_>) -> $name {
                $name { $($field: $crate::packed::Packed::unpack(from)),+ }
            }
        }
    };
    ($($name:ident($field:ident)),+) => {
        $(impl $crate::packed::Packed for $name {
            fn pack(&self, into: &mut Vec<u8>) {
                let $name($field) = self;
                $crate::packed::Packed::pack($field, into);
            }
            fn unpack(from: &mut $crate::packed::Reader<'_>) -> $name {
                $name($crate::packed::Packed::unpack(from))
            }
        })+
    };
    (choice $name:ident) => {
        impl $crate::packed::Packed for $name {
            fn pack(&self, into: &mut Vec<u8>) {
                into.push(*self as u8);
            }
            fn unpack(from: &mut $crate::packed::Reader<'_>) -> $name {
                from.choice(&$name::ALL[..], $name::ALL[0])
            }
        }
    };
    (enum $name:ident { $($tag:literal $variant:ident
        $(($($one:ident),+))? $({$($field:ident),+})?),+ $(,)? }) => {
        impl $crate::packed::Packed for $name {
            fn pack(&self, into: &mut Vec<u8>) {
                match self {
                    $($name::$variant $(($($one),+))? $({$($field),+})? => {
                        into.push($tag);
                        $($($crate::packed::Packed::pack($one, into);)+)?
                        $($($crate::packed::Packed::pack($field, into);)+)?
                    })+
                }
            }
            fn unpack(from: &mut $crate::packed::Reader<'_>) -> $name {
                match from.octet() {
                    $($tag => {
                        $($(let $one = $crate::packed::Packed::unpack(from);)+)?
                        $($(let $field = $crate::packed::Packed::unpack(from);)+)?
                        $name::$variant $(($($one),+))? $({$($field),+})?
                    })+
                    _ => from.wrong(),
                }
            }
        }
    };
}

pub(crate) use packed;

#[cfg(test)]
mod tests {
    use super::{Packed, pack, unpack};
    use core::fmt::Debug;

    fn comes_back<T: Packed + PartialEq + Debug>(value: T, length: usize) {
        let octets = pack(&value);
        assert_eq!(octets.len(), length, "{value:?}");
        assert_eq!(unpack::<T>(&octets).as_ref(), Some(&value));
    }

    #[test]
    fn a_value_comes_back_from_its_octets() {
        comes_back(0_u32, 1);
        comes_back(127_u8, 1);
        comes_back(128_u16, 2);
        comes_back(u64::MAX, 10);
        comes_back(u32::MAX, 5);
        comes_back(-0.1_f64, 8);
        comes_back([true, false], 2);
        comes_back(Some(vec![(1_u16, None), (300, Some(2_u8))]), 8);
    }

    #[test]
    fn octets_that_are_no_value_give_none() {
        assert_eq!(unpack::<u8>(&[]), None);
        assert_eq!(unpack::<u8>(&[1, 1]), None);
        assert_eq!(unpack::<u8>(&[0x80, 2]), None);
        assert_eq!(unpack::<u32>(&[0xFF; 12]), None);
        assert_eq!(unpack::<bool>(&[2]), None);
        // As many as nobody has room for.
        assert_eq!(unpack::<Vec<u64>>(&[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 7]), None);
    }
}
