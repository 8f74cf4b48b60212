//! Makes an input that fails small: what can be left out, so that it still fails in the same way, is.

use std::time::{Duration, Instant};

use crate::check::Kind;
use crate::worker::{Outcome, Worker};

/// How long that may take.
const TIME: Duration = Duration::from_secs(60);

/// The smallest input found that fails with the same words.
pub(crate) fn smallest(
    worker: &mut Worker,
    kind: Kind,
    text: &str,
    failure: &str,
) -> Result<String, String> {
    let end = Instant::now() + TIME;
    let mut text = text.to_owned();
    for ends in [&['\n', ';', ','][..], &[' ', '+', '"', '=']] {
        loop {
            let before = text.len();
            text = without_parts(worker, kind, text, failure, ends, end)?;
            if text.len() == before {
                break;
            }
        }
    }
    Ok(text)
}

/// Leaves out runs of parts: first long ones, at last single ones.
fn without_parts(
    worker: &mut Worker,
    kind: Kind,
    mut text: String,
    failure: &str,
    ends: &[char],
    end: Instant,
) -> Result<String, String> {
    let mut length = text.split_inclusive(ends).count();
    while length > 0 {
        let mut from = 0;
        loop {
            let parts: Vec<&str> = text.split_inclusive(ends).collect();
            if from >= parts.len() {
                break;
            }
            if Instant::now() > end {
                return Ok(text);
            }
            let (head, tail) = parts.split_at(from);
            let shorter = [head, tail.get(length..).unwrap_or(&[])].concat().concat();
            if worker.run(kind, &shorter)? == Outcome::Failed(failure.to_owned()) {
                text = shorter;
            } else {
                from += length;
            }
        }
        length /= 2;
    }
    Ok(text)
}
