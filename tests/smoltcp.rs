//! Our engine with the profile of smoltcp against smoltcp itself, at both ends of a scripted wire:
//! `cargo test --no-default-features --test smoltcp`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]
#![allow(clippy::wildcard_enum_match_arm, clippy::cast_possible_truncation, missing_docs)]

mod smoltcp_runner;

use std::collections::BTreeMap;

use smoltcp_runner::compare::differences;
use smoltcp_runner::scripts::{TUNINGS, all, variations};
use smoltcp_runner::{
    CLOSE_IN_SYN_RECEIVED, CONNECT_OVER_A_LIVE_SOCKET, Script, Side, TIMER_IN_THE_SAME_INSTANT,
    ours, pair,
};

/// What stays different: what smoltcp meets, and the reason. From the moment in which smoltcp meets
/// it, and only from there, a script may differ.
const DIFFERENCES: &[(&str, &str)] = &[
    (
        TIMER_IN_THE_SAME_INSTANT,
        "smoltcp's one poll serves both with one segment; here arrivals come before timers (PROTOCOL A13)",
    ),
    (
        CONNECT_OVER_A_LIVE_SOCKET,
        "smoltcp leaves the choice of ports to the program and sends the SYN; here connect() fails (D26)",
    ),
    (
        CLOSE_IN_SYN_RECEIVED,
        "a fault of smoltcp 0.14: FIN-WAIT-1 without a FIN; the ACK of the SYN counts as that of the FIN, and a timeout sends the FIN with the number of the SYN",
    ),
];

/// How a script came out.
enum Outcome {
    Agrees,
    /// It differs as the list says, by the place there.
    Listed(usize),
    Differs(Vec<(u64, String)>),
}

fn compare(script: &Script) -> (Outcome, [Side; 2]) {
    let smoltcp = pair::run(script);
    let found = differences(&smoltcp, &ours::run(script, &smoltcp));
    let Some((first, _)) = found.first() else { return (Outcome::Agrees, smoltcp) };
    let met = smoltcp.iter().flat_map(|side| &side.met).filter(|(at, _)| at <= first).min();
    let listed = met.and_then(|(_, what)| DIFFERENCES.iter().position(|(name, _)| name == what));
    (listed.map_or(Outcome::Differs(found), Outcome::Listed), smoltcp)
}

/// Every script with every tuning, undisturbed and in every variation.
fn every() -> Vec<(String, Outcome)> {
    let mut results = Vec::new();
    for (name, calls) in all() {
        for tuning in TUNINGS {
            let calls = calls.clone();
            let script = Script {
                name: format!("{name}, {}", tuning.name),
                tuning,
                calls,
                fates: Vec::new(),
            };
            let (outcome, smoltcp) = compare(&script);
            let counts = smoltcp.map(|side| side.sent.len());
            let more = variations(name, tuning, &script.calls, counts);
            results.push((script.name, outcome));
            for script in more {
                let (outcome, _) = compare(&script);
                results.push((script.name, outcome));
            }
        }
    }
    results
}

#[test]
fn smoltcp_agrees_segment_by_segment() {
    let results = every();
    let (mut passed, mut failed) = (0, 0);
    let mut listed: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (name, outcome) in &results {
        match outcome {
            Outcome::Agrees => passed += 1,
            Outcome::Listed(place) => listed.entry(*place).or_default().push(name),
            Outcome::Differs(found) => {
                failed += 1;
                println!("{name}: {} differences", found.len());
                found.iter().take(6).for_each(|(_, line)| println!("    {line}"));
            }
        }
    }
    for (place, names) in &listed {
        let (what, reason) = DIFFERENCES[*place];
        println!("{}, {what} ({reason}): {}", names.len(), names.join("; "));
    }
    println!("{passed} of {} passed", results.len());
    assert_eq!(failed, 0, "{failed} scripts differ in a way that isn't listed");
    assert_eq!(listed.len(), DIFFERENCES.len(), "a listed difference doesn't occur");
}

/// A comparison that can't fail proves nothing: each part of each segment, each state, and an octet,
/// changed in one run, must be seen.
#[test]
fn smoltcp_a_change_is_noticed() {
    let (name, calls) = all().into_iter().find(|(name, _)| *name == "send much and close").unwrap();
    let script = Script { name: name.to_owned(), tuning: TUNINGS[0], calls, fates: Vec::new() };
    let smoltcp = pair::run(&script);
    let same = ours::run(&script, &smoltcp);
    assert!(differences(&smoltcp, &same).is_empty());
    let changed = |change: &dyn Fn(&mut Side)| {
        let mut other = same.clone();
        change(&mut other[1]);
        assert!(!differences(&smoltcp, &other).is_empty());
    };
    for place in 0..same[1].sent.len() {
        changed(&|side| side.sent[place].seq = side.sent[place].seq.wrapping_add(1));
        changed(&|side| side.sent[place].ack = side.sent[place].ack.map(|ack| ack.wrapping_add(1)));
        changed(&|side| side.sent[place].at += 1_000);
        changed(&|side| side.sent[place].len += 1);
        changed(&|side| side.sent[place].window -= 1);
        changed(&|side| side.sent[place].flags.fin ^= true);
        changed(&|side| {
            side.sent.remove(place);
        });
    }
    for place in 0..same[1].states.len() {
        changed(&|side| {
            side.states.remove(place);
        });
    }
    changed(&|side| side.octets[0].1[0] ^= 1);
}
