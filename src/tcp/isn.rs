//! Initial sequence numbers (RFC 9293 §3.4.1, RFC 6528).

use super::profile::{Isn, Profile};
use super::seq::Seq;
use super::time::Time;

/// The ISS that the profile's generator gives for the `count`-th connection (from 0) between two
/// ports at `now`. The hash stands for F(4-tuple, secret): keyed, even, and not secret here.
#[must_use]
pub fn generate(profile: &Profile, ports: (u16, u16), now: Time, count: u32) -> Seq {
    let secret = u64::from(profile.isn_secret);
    let tuple = u64::from(ports.0) << 16 | u64::from(ports.1);
    let hash = low(mix(mix(secret) ^ tuple));
    match profile.isn {
        Isn::Counter => Seq(count.wrapping_mul(64_000).wrapping_add(1)),
        // MUST-8: one tick every 4 µs.
        Isn::Clock4us => Seq(low(now.0 / 4)) + hash,
        // Linux seq_scale: nanoseconds >> 6.
        Isn::Clock64ns => Seq(low(now.0.saturating_mul(1_000) >> 6)) + hash,
        Isn::Random => Seq(low(mix(mix(secret) ^ mix(u64::from(count) << 32 | tuple)))),
    }
}

/// The low 32 bits.
fn low(number: u64) -> u32 {
    let [a, b, c, d, ..] = number.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// SplitMix64's finalizer: every bit of the input moves about half of the output's.
fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::profile::Base;

    #[test]
    fn clocks_tick_as_in_protocol_n12_and_n13() {
        let rfc = Profile::new(Base::Rfc9293);
        let linux = Profile::new(Base::Linux);
        let per_second =
            |p: &Profile| generate(p, (1, 2), Time(1_000_000), 0) - generate(p, (1, 2), Time(0), 0);
        assert_eq!(per_second(&rfc), 250_000);
        assert_eq!(per_second(&linux), 15_625_000);
    }
}
