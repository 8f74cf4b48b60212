//! Reads conformance cases and compares a run with them.

pub(crate) mod rows;
pub(crate) mod scenarios;

/// How many passed, and what failed.
#[derive(Default)]
pub(crate) struct Report {
    passed: usize,
    failed: Vec<String>,
}

impl Report {
    pub(crate) fn add(&mut self, id: &str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(difference) => self.failed.push(format!("== {id} ==\n{difference}")),
        }
    }

    pub(crate) fn conclude(self, what: &str) {
        let total = self.passed + self.failed.len();
        println!("{what}: {} of {total} passed", self.passed);
        assert!(total > 0, "no {what} found");
        assert!(
            self.failed.is_empty(),
            "{what}: {} of {total} passed\n{}",
            self.passed,
            self.failed.join("\n")
        );
    }
}

/// Two lists side by side, with a mark where they differ.
pub(crate) fn side_by_side(
    title: &str,
    expected: &[String],
    actual: &[String],
) -> Result<(), String> {
    if expected == actual {
        return Ok(());
    }
    let mut text = format!("{title}:\n  {:<64} | actual\n", "expected");
    for line in 0..expected.len().max(actual.len()) {
        let left = expected.get(line).map_or("", String::as_str);
        let right = actual.get(line).map_or("", String::as_str);
        let mark = if left == right { ' ' } else { '!' };
        text.push_str(&format!("{mark} {left:<64} | {right}\n"));
    }
    Err(text)
}
