//! The invariants of PROTOCOL §25 over random scenarios, and what the text form promises.

#![allow(clippy::unwrap_used, clippy::panic, clippy::wildcard_enum_match_arm)]

#[path = "properties/change.rs"]
mod change;
#[path = "properties/generate.rs"]
mod generate;
#[path = "properties/premises.rs"]
mod premises;
#[path = "properties/protocol.rs"]
mod protocol;
#[path = "properties/safety.rs"]
mod safety;
#[path = "properties/states.rs"]
mod states;
#[path = "properties/symmetry.rs"]
mod symmetry;
#[path = "properties/text.rs"]
mod text;
#[path = "properties/total.rs"]
mod total;
#[path = "properties/watch.rs"]
mod watch;

use proptest::test_runner::{Config, RngSeed};

/// So many cases, the same ones in every run: a failure is one everywhere. It is printed as a
/// scenario's text, which is all that is needed to make it a case. `CASES=1000` multiplies their
/// number by ten, `SEED=2` takes others.
fn cases(count: u32) -> Config {
    let variable = |name| std::env::var(name).ok().and_then(|value| value.parse::<u32>().ok());
    let percent = variable("CASES").unwrap_or(100);
    Config {
        cases: u32::try_from(u64::from(count) * u64::from(percent) / 100).unwrap_or(u32::MAX),
        rng_seed: RngSeed::Fixed(u64::from(variable("SEED").unwrap_or(1))),
        failure_persistence: None,
        max_shrink_iters: 50_000,
        ..Config::default()
    }
}
