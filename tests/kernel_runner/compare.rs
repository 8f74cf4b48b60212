//! The comparison of a run with a record.

use time_wait_lab::tcp::event::HostId;
use time_wait_lab::world::simulate;

use super::build;
use super::record::Record;
use super::seen::{Cause, Host, Sent, recorded, run};

/// A recorded segment stands this many seconds, at most, after it left its kernel, and a call or an
/// arrival as many before it is felt there.
const LAG: f64 = 0.015;

/// A state that lasts less may have been missed by the polling.
const BLINK: f64 = 0.12;

/// Timers of the kernel and of the engine differ by up to this part: the record's round trip is a
/// little longer than its wire, and the kernel's long timers are coarse.
const DRIFT: f64 = 0.15;

/// Every difference between a record and the engine's run of its causes; none if they agree.
pub fn differences(record: &Record) -> Vec<String> {
    let trace = simulate(&build::scenario(record));
    let expected = recorded(record);
    let actual = run(&trace);
    let mut out = Vec::new();
    for id in HostId::BOTH {
        let (expected, actual) = (&expected[id.index()], &actual[id.index()]);
        calls(id, expected, actual, &mut out);
        segments(id, record.ended, expected, actual, &mut out);
        causes(id, expected, actual, &mut out);
        states(id, record.ended, expected, actual, &mut out);
    }
    out
}

fn calls(id: HostId, expected: &Host, actual: &Host, out: &mut Vec<String>) {
    for place in 0..expected.returned.len().max(actual.returned.len()) {
        let text = |host: &Host| {
            host.returned.get(place).map_or("nothing".to_owned(), |(_, text)| text.clone())
        };
        let (want, got) = (text(expected), text(actual));
        if want != got {
            out.push(format!("{id} call {}: expected {want} | got {got}", place + 1));
        }
    }
}

fn line(sent: Option<&(f64, Sent)>) -> String {
    sent.map_or("nothing".to_owned(), |(t, sent)| format!("{t:8.4} {sent}"))
}

fn segments(id: HostId, ended: f64, expected: &Host, actual: &Host, out: &mut Vec<String>) {
    for place in 0..expected.sent.len().max(actual.sent.len()) {
        let (want, got) = (expected.sent.get(place), actual.sent.get(place));
        let same = match (want, got) {
            (Some((_, want)), Some((_, got))) => want == got,
            // What the engine sends about the time at which the record ends may be after it.
            (None, Some((t, _))) => {
                let before = place.checked_sub(1).and_then(|p| actual.sent.get(p));
                let gap = t - before.map_or(0.0, |(t, _)| *t);
                *t > ended - 0.03 - DRIFT * gap
            }
            (_, None) => false,
        };
        if !same {
            out.push(format!("{id}{}: expected {}", place + 1, line(want)));
            out.push(format!("{:w$}       got {}", "", line(got), w = id.to_string().len()));
        }
    }
}

/// Each segment follows the same call or arrival as in the record, where the record tells.
fn causes(id: HostId, expected: &Host, actual: &Host, out: &mut Vec<String>) {
    let pairs = expected.sent.iter().zip(actual.sent.iter().zip(&actual.caused));
    for (place, ((t, want), ((_, got), count))) in pairs.enumerate() {
        if want != got {
            return;
        }
        let last = count.checked_sub(1).and_then(|p| actual.causes.get(p)).map(|(_, c)| *c);
        let may = possible(expected, *t);
        if !may.contains(&last) {
            out.push(format!(
                "{id}{} ({t:.4} {want}): expected after {may:?} | got after {last:?}",
                place + 1
            ));
        }
    }
}

/// The causes that may have been the last one before a segment recorded at `t`.
fn possible(host: &Host, t: f64) -> Vec<Option<Cause>> {
    let before = host.causes.iter().filter(|(at, _)| *at <= t).count();
    let mut may: Vec<Option<Cause>> = Vec::new();
    for place in (0..before).rev() {
        let (at, cause) = host.causes[place];
        may.push(Some(cause));
        let quiet = place.checked_sub(1).map_or(at, |p| t - host.causes[p].0);
        // What a timer sends may lie on either side of a cause, the longer it ran the more.
        if at <= t - LAG - DRIFT * quiet.min(t - at).min(1.0) {
            return may;
        }
    }
    may.push(None);
    may
}

fn states(id: HostId, ended: f64, expected: &Host, actual: &Host, out: &mut Vec<String>) {
    let mut all: Vec<(u16, u16)> = expected.states.keys().copied().collect();
    all.extend(actual.states.keys().filter(|p| !expected.states.contains_key(*p)));
    for ports in all {
        let want = expected.states.get(&ports).map_or(&[][..], Vec::as_slice);
        let got = actual.states.get(&ports).map_or(&[][..], Vec::as_slice);
        if let Err(why) = follows(ended, want, got) {
            out.push(format!("{id} {}-{} states: {why}", ports.0, ports.1));
            out.push(format!("  expected {}", path(want)));
            out.push(format!("       got {}", path(got)));
        }
    }
}

fn path(states: &[(f64, String)]) -> String {
    states.iter().map(|(t, s)| format!("{s}@{t:.3}")).collect::<Vec<_>>().join(" ")
}

/// Whether the record, so far, is in that state: CLOSED before its first one.
fn is_current(want: &[(f64, String)], next: usize, state: &str) -> bool {
    let current = next.checked_sub(1).and_then(|p| want.get(p)).map_or("CLOSED", |(_, s)| s);
    current == state
}

/// Whether a run passes through the recorded states: none missing, more only where polling can
/// have missed one, each at about its time.
fn follows(ended: f64, want: &[(f64, String)], got: &[(f64, String)]) -> Result<(), String> {
    let mut next = 0;
    for (place, (t, state)) in got.iter().enumerate() {
        let left = got.get(place + 1).map_or(f64::INFINITY, |(t, _)| *t);
        let gap = t - place.checked_sub(1).map_or(0.0, |p| got[p].0);
        if want.get(next).is_some_and(|(_, s)| s == state) {
            let at = want[next].0;
            if *t > at + 0.06 + DRIFT * gap || *t < at - BLINK - DRIFT * gap {
                return Err(format!("{state} at {t:.3}, recorded at {at:.3}"));
            }
            next += 1;
        } else if is_current(want, next, state) {
            // A state that polling missed came and went: back where it was.
        } else if left - t > BLINK && *t < ended - 0.06 - DRIFT * gap {
            return Err(format!("{state} at {t:.3} is not in the record"));
        }
    }
    match want.get(next) {
        Some((t, state)) => Err(format!("{state}, recorded at {t:.3}, is missing")),
        None => Ok(()),
    }
}
