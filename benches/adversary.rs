//! The adversary side by side with stateright's breadth-first search on the same model:
//! `cargo bench --no-default-features --bench adversary`.
//!
//! Each line is a process of its own, one after the other on one machine and with one thread that
//! searches: states a second, and the most memory that the process had beyond what it began with
//! (VmHWM, so on Linux only). Stateright's states hold both hosts whole, as its users would write
//! them. "apart": states that differ in the acts used up only are two, as they are to
//! stateright; without it they are one, of which the search knows that nothing is missed. "any order":
//! steps of a tick come in any order, as they do to stateright and as a search begins; "real order":
//! in the one of real moments, which it takes where something was shown that no run has.

#![allow(clippy::unwrap_used, clippy::panic, clippy::wildcard_enum_match_arm, missing_docs)]

#[path = "../tests/adversary/plain.rs"]
mod plain;

use std::process::Command;
use std::time::Instant;

use plain::{Plain, check};
use time_wait_lab::adversary::theorem::{Defence, NEVER, Play, setting};
use time_wait_lab::adversary::{Search, Setting};

const WAYS: [&str; 4] = ["stateright", "any order, apart", "any order", "real order"];
const SIZES: [(Play, u8); 4] = [
    (Play::AnswerAgain, 1),
    (Play::AnswerAgain, 2),
    (Play::FromTheStart, 2),
    (Play::AnswerAgain, 3),
];

fn main() {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--only").skip(1);
    if let Some([size, way]) = arguments.next().zip(arguments.next()).map(|(a, b)| [a, b]) {
        let [size, way]: [usize; 2] = [size, way].map(|number| number.parse().unwrap());
        return only(size, way);
    }
    println!(
        "play            acts  way                 states   seconds   states/s       MB  octets/state"
    );
    for (size, (play, budget)) in SIZES.into_iter().enumerate() {
        for (way, name) in WAYS.into_iter().enumerate() {
            let own = std::env::current_exe().unwrap();
            let numbers = [size.to_string(), way.to_string()];
            let output = Command::new(own).arg("--only").args(numbers).output().unwrap();
            let line = String::from_utf8(output.stdout).unwrap();
            println!("{:15} {budget:4}  {name:16} {}", play.name(), line.trim_end());
        }
    }
}

fn only(size: usize, way: usize) {
    let (play, budget) = SIZES[size];
    let setting = setting(play, &[], &Defence::USUAL, budget);
    let before = most_memory();
    let start = Instant::now();
    let states = search(&setting, way);
    let seconds = start.elapsed().as_secs_f64();
    let octets = (most_memory() - before) as f64;
    let count = states as f64;
    let (rate, each) = (count / seconds, octets / count);
    println!("{states:9} {seconds:9.3} {rate:10.0} {:8.1} {each:13.0}", octets / 1e6);
}

fn search(setting: &Setting, way: usize) -> u64 {
    let ours = || Search::new(setting, &NEVER, false).unwrap();
    match way {
        0 => {
            let wanted = NEVER.to_vec();
            check(Plain { setting: setting.clone(), wanted, ends_count: false }).0 as u64
        }
        1 => ours().separately().in_any_order().run().tried.states,
        2 => ours().in_any_order().run().tried.states,
        _ => ours().in_real_order().run().tried.states,
    }
}

/// The most memory that the process has had, octets; 0 where nobody says.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilo = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilo.unwrap_or(0) * 1_024
}
