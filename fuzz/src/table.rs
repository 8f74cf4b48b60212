//! What was tried, and what came of it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::inputs::FROM;
use crate::worker::Outcome;

/// The count of everything.
#[derive(Default)]
pub(crate) struct Table {
    lines: BTreeMap<&'static str, Line>,
    /// How often each failure was met.
    pub(crate) failures: BTreeMap<String, u64>,
}

/// One kind.
#[derive(Clone, Copy, Default)]
struct Line {
    tried: u64,
    read: u64,
    failed: u64,
    /// The slowest that held, and its number.
    slowest: (Duration, u64),
}

impl Table {
    /// Counts an input; whether it failed as none did before.
    pub(crate) fn note(&mut self, from: &'static str, number: u64, outcome: &Outcome) -> bool {
        let line = self.lines.entry(from).or_default();
        line.tried += 1;
        match outcome {
            Outcome::Held(is_read, time) => {
                line.read += u64::from(*is_read);
                line.slowest = line.slowest.max((*time, number));
                false
            }
            Outcome::Failed(failure) => {
                line.failed += 1;
                let met = self.failures.entry(failure.clone()).or_default();
                *met += 1;
                *met == 1
            }
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n{:<8} {:>9} {:>6} {:>7} {:>11}",
            "kind", "tried", "read", "failed", "slowest"
        )?;
        for from in FROM {
            let line = self.lines.get(from).copied().unwrap_or_default();
            let percent = 100 * line.read / line.tried.max(1);
            let (slowest, number) = line.slowest;
            writeln!(
                f,
                "{from:<8} {:>9} {percent:>4} % {:>7} {:>9.3} s  input {number}",
                line.tried,
                line.failed,
                slowest.as_secs_f64()
            )?;
        }
        for (failure, times) in &self.failures {
            writeln!(f, "{times} times: {failure}")?;
        }
        let tried: u64 = self.lines.values().map(|line| line.tried).sum();
        writeln!(f, "{tried} inputs, {} kinds of failure", self.failures.len())
    }
}
