//! The arithmetic of PROTOCOL §13, exactly: ports, TIME-WAIT, and what follows from both.

use crate::tcp::time::{Span, Time};

use super::load::{Closer, Load};

/// A number as a fraction; the denominator is never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// What is divided.
    pub over: u128,
    /// By what.
    pub under: u128,
}

impl Ratio {
    fn new(over: u128, under: u128) -> Ratio {
        Ratio { over, under: under.max(1) }
    }

    /// As a decimal number with so many digits after the point, rounded; half goes up.
    #[must_use]
    pub fn decimal(self, digits: u32) -> String {
        let unit = 10_u128.pow(digits.min(9));
        let units = (self.over * unit * 2 + self.under) / (self.under * 2);
        if unit == 1 {
            return units.to_string();
        }
        let width = usize::try_from(digits.min(9)).unwrap_or(0);
        format!("{}.{:0width$}", units / unit, units % unit)
    }
}

/// What the arithmetic says of a load, at full size. It knows nothing of the time in which a
/// connection is open: that is what the engine's fleet adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Formula {
    /// The 4-tuples that the client side can have at once: ports × destinations × sources.
    pub tuples: u64,
    /// How long a 4-tuple is lost to the client after its connection; zero where it isn't.
    pub held: Span,
    /// How long one stays in the table of who closes first.
    pub waits: Span,
    /// Requests a second.
    rate: u64,
    /// Requests per connection.
    requests: u64,
}

impl Formula {
    pub(super) fn new(load: &Load, tuples: u64) -> Formula {
        let waits = if load.linger_zero { Span::ZERO } else { load.time_wait };
        let held = match load.first {
            Closer::Server => Span::ZERO,
            Closer::Client if load.reuse && load.timestamps => waits.min(load.reuse_delay),
            Closer::Client => waits,
        };
        let (rate, requests) = (u64::from(load.rate), u64::from(load.requests.max(1)));
        Formula { tuples, held, waits, rate, requests }
    }

    /// The connections a second that are wanted.
    #[must_use]
    pub fn wanted(&self) -> Ratio {
        Ratio::new(u128::from(self.rate), u128::from(self.requests))
    }

    /// The most connections a second that can go on for ever: 4-tuples / TIME-WAIT. `None` where
    /// TIME-WAIT sets no limit.
    #[must_use]
    pub fn most(&self) -> Option<Ratio> {
        let most = Ratio::new(u128::from(self.tuples) * 1_000_000, u128::from(self.held.0));
        (self.held > Span::ZERO).then_some(most)
    }

    /// The same in requests a second.
    #[must_use]
    pub fn most_requests(&self) -> Option<Ratio> {
        self.most().map(|most| Ratio::new(most.over * u128::from(self.requests), most.under))
    }

    /// The 4-tuples that are in use at a moment, rounded down: rate × time, until TIME-WAITs end
    /// or nothing is left.
    #[must_use]
    pub fn in_use(&self, at: Time) -> u64 {
        let since = u128::from(at.0.min(self.held.0));
        let used = u128::from(self.rate) * since / (u128::from(self.requests) * 1_000_000);
        u64::try_from(used).unwrap_or(u64::MAX).min(self.tuples)
    }

    /// When everything is in use: 4-tuples / rate, rounded down to the µs. `None` if before that the
    /// first TIME-WAIT ends.
    #[must_use]
    pub fn full_at(&self) -> Option<Time> {
        let Ratio { over, under } = self.wanted();
        let micros = u128::from(self.tuples) * under * 1_000_000 / over.max(1);
        let at = Time(u64::try_from(micros).unwrap_or(u64::MAX));
        (at < Time::START + self.held).then_some(at)
    }

    /// How many TIME-WAITs there are in the end at who closes first, rounded down: rate × length
    /// (PROTOCOL §13, N09), at most one for each 4-tuple.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        let over = u128::from(self.rate) * u128::from(self.waits.0);
        let waiting = over / (u128::from(self.requests) * 1_000_000);
        u64::try_from(waiting).unwrap_or(u64::MAX).min(self.tuples)
    }
}
