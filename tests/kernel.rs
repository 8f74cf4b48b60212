//! The engine's Linux against real Linux kernels: `cargo test --no-default-features --test kernel`.
//!
//! Each record in `tests/kernel`, and in the folder that `TRACES_DIR` names, becomes a scenario by
//! its causes alone; the engine has to show the same segments, results and states.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]
#![allow(clippy::wildcard_enum_match_arm, missing_docs)]

mod kernel_runner;

use std::path::{Path, PathBuf};

use kernel_runner::compare::differences;
use kernel_runner::record::{Event, Record, What, load, read};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kernel")
}

fn named(name: &str) -> Record {
    read(&folder().join(format!("{name}.json")))
}

#[test]
fn kernel_traces() {
    let mut records = load(&folder());
    assert!(records.len() >= 45, "the records are missing");
    records.extend(load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kernel_own")));
    if let Some(more) = std::env::var_os("TRACES_DIR") {
        records.extend(load(Path::new(&more)));
    }
    let mut passed = 0;
    let mut failed = Vec::new();
    for record in &records {
        // A record that the runner can't read fails alone.
        let found = std::panic::catch_unwind(|| differences(record))
            .unwrap_or_else(|_| vec!["the runner can't read it".to_owned()]);
        if found.is_empty() {
            passed += 1;
        } else {
            println!("\n{}: {} differences", record.name, found.len());
            found.iter().for_each(|line| println!("  {line}"));
            failed.push(record.name.clone());
        }
    }
    println!("{passed} of {} passed", records.len());
    assert!(failed.is_empty(), "{passed} of {} passed; not: {failed:?}", records.len());
}

/// The first record's comparison fails after a change that no run can follow.
fn notices(name: &str, change: impl FnOnce(&mut Record)) {
    let mut record = named(name);
    assert_eq!(differences(&record), Vec::<String>::new());
    change(&mut record);
    assert_ne!(differences(&record), Vec::<String>::new(), "{name}: a change went unnoticed");
}

fn segment(record: &mut Record, place: usize) -> &mut kernel_runner::record::Seg {
    let mut segments = record.events.iter_mut().filter_map(|event| match &mut event.what {
        What::Segment(seg) => Some(seg.as_mut()),
        _ => None,
    });
    segments.nth(place).expect("a segment")
}

fn result<'a>(record: &'a mut Record, call: &'a str) -> &'a mut serde_json::Value {
    let mut calls = record.events.iter_mut().filter_map(|event| match &mut event.what {
        What::Call(called) if called.call == call => Some(&mut called.result),
        _ => None,
    });
    calls.next().expect("a call")
}

#[test]
fn kernel_runner_notices_a_changed_number() {
    notices("normal_close", |r| segment(r, 5).seq += 1);
    notices("normal_close", |r| segment(r, 5).abs_seq += 1);
    notices("normal_close", |r| segment(r, 6).ack = Some(8));
    notices("normal_close", |r| segment(r, 3).len = 6);
    notices("normal_close", |r| segment(r, 7).incarnation = 2);
    notices("normal_close", |r| segment(r, 6).flags.push("FIN".to_owned()));
}

#[test]
fn kernel_runner_notices_a_changed_result() {
    notices("normal_close", |r| *result(r, "send") = 4.into());
    notices("normal_close", |r| *result(r, "recv") = "EOF".into());
    notices("linger_zero", |r| *result(r, "connected") = "ECONNREFUSED".into());
}

#[test]
fn kernel_runner_notices_a_changed_state_or_segment_or_order() {
    let change_state = |r: &mut Record, from: &str, to: &str| {
        for event in &mut r.events {
            if let What::State { sockets, .. } = &mut event.what {
                for line in sockets.iter_mut() {
                    *line = line.replace(from, to);
                }
            }
        }
    };
    notices("normal_close", |r| change_state(r, "CLOSE-WAIT", "LAST-ACK"));
    notices("simultaneous_close", |r| change_state(r, "CLOSING", "FIN-WAIT-2"));
    notices("normal_close", |r| r.events.retain(|e| !is_close_wait(&e.what)));
    notices("last_ack_lost", |r| {
        let fin = |e: &Event| matches!(&e.what, What::Segment(s) if s.has("FIN"));
        let place = r.events.iter().position(fin).unwrap();
        r.events.remove(place);
    });
    // The SYN,ACK, as if it had waited for accept().
    notices("normal_close", |r| {
        let syn_ack = |e: &Event| matches!(&e.what, What::Segment(s) if s.flags() == "SYN,ACK");
        let place = r.events.iter().position(syn_ack).unwrap();
        r.events[place].t = 0.2;
    });
}

fn is_close_wait(what: &What) -> bool {
    matches!(what, What::State { sockets, .. } if sockets.iter().any(|s| s.ends_with("CLOSE-WAIT")))
}
