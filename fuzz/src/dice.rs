//! What chance decides: the same for the same seed and number, on every machine.

use proptest::prelude::{Rng, Strategy};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// A source of chance.
pub(crate) struct Dice(TestRng);

impl Dice {
    /// Those of one input of a run.
    pub(crate) fn new(seed: u64, number: u64) -> Dice {
        let mut octets = [0; 32];
        octets[..8].copy_from_slice(&seed.to_le_bytes());
        octets[8..16].copy_from_slice(&number.to_le_bytes());
        Dice(TestRng::from_seed(RngAlgorithm::ChaCha, &octets))
    }

    /// A number below another one; 0 where there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.0.next_u64() % end).unwrap_or(0)
    }

    /// Once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of several.
    pub(crate) fn of<'a, T: ?Sized>(&mut self, all: &'a [&T]) -> Option<&'a T> {
        all.get(self.below(all.len())).copied()
    }

    /// One of a list.
    pub(crate) fn one<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }

    /// A value of one of the property tests' generators.
    pub(crate) fn value<T>(&mut self, strategy: impl Strategy<Value = T>) -> Option<T> {
        let seed: Vec<u8> = (0..4).flat_map(|_| self.0.next_u64().to_le_bytes()).collect();
        let dice = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let mut runner = TestRunner::new_with_rng(Config::default(), dice);
        strategy.new_tree(&mut runner).ok().map(|tree| tree.current())
    }
}
