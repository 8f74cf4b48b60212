//! The conformance cases of `tests/cases`: RFC 9293 §3.10 to the number.
//!
//! The runner reads whatever lies in the folder, and in a second one named by `CASES_DIR`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::wildcard_enum_match_arm)]

mod case_runner;

use case_runner::{Report, rows, scenarios};

fn folders() -> Vec<std::path::PathBuf> {
    let tests = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let given = std::env::var_os("CASES_DIR").map(std::path::PathBuf::from);
    given.into_iter().chain([tests.join("cases")]).collect()
}

#[test]
fn case_scenarios_agree_to_the_number() {
    let mut report = Report::default();
    for folder in folders() {
        for case in scenarios::read(&folder) {
            report.add(&case.id.clone(), scenarios::check(&case));
        }
    }
    report.conclude("scenarios");
}

#[test]
fn case_rows_agree_to_the_number() {
    let mut report = Report::default();
    for folder in folders() {
        for row in rows::read(&folder) {
            for (a, b) in constants(&row.id) {
                report.add(&format!("{} +{a} +{b}", row.id), rows::check(&row, a, b));
            }
        }
    }
    report.conclude("rows");
}

#[test]
fn case_rows_of_our_own_agree_to_the_number() {
    let mut report = Report::default();
    for row in rows::read(std::path::Path::new("tests/own_cases")) {
        for (a, b) in constants(&row.id) {
            report.add(&format!("{} +{a} +{b}", row.id), rows::check(&row, a, b));
        }
    }
    report.conclude("rows of our own");
}

/// Constants to add to the numbers of A and of B: the edges of the circle, and some that differ
/// from row to row.
fn constants(id: &str) -> Vec<(u32, u32)> {
    let mut pairs = vec![(0, 0), (0xFFFF_FFFE, 7), (0x8000_0000, 0xFFFF_FFFF), (u32::MAX, 1)];
    let mut state = id.bytes().fold(1_u32, |n, b| n.wrapping_mul(31).wrapping_add(u32::from(b)));
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state
    };
    pairs.extend((0..12).map(|_| (next(), next())));
    pairs
}

/// A comparison that can't fail proves nothing: each number of an expectation, changed by one,
/// must fail its case.
#[test]
fn case_with_one_number_changed_fails() {
    for folder in folders() {
        for case in scenarios::read(&folder) {
            for (what, changed) in scenarios::mutations(&case) {
                assert!(
                    scenarios::check(&changed).is_err(),
                    "{} still passes with {what} changed",
                    case.id
                );
            }
        }
    }
}
