//! The adversary at a terminal: `cargo xtask theorem [ACTS]` prints the theorem premise by premise, for
//! a handout. With `--time JOB` it says how long a job of the page's worker takes here:
//! `end2end/explorer.mjs` asks for that.

use std::process::ExitCode;
use std::time::Instant;

use time_wait_lab::adversary::job::{Job, MOST_ACTS};
use time_wait_lab::adversary::theorem::{Defence, Premise, row};
use time_wait_lab::adversary::work::Work;

/// As many states at once as the worker takes, roughly.
const SLICE: u32 = 50_000;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        [] => print_theorem(3),
        ["--time", job] => time(job),
        [acts] => match acts.parse() {
            Ok(acts) if acts <= MOST_ACTS => print_theorem(acts),
            Ok(_) | Err(_) => {
                Err(format!("{acts:?} is not a number of acts from 0 to {MOST_ACTS}"))
            }
        },
        _ => Err("usage: theorem [ACTS] | theorem --time JOB".to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("theorem: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Each row as soon as it's there: with all premises, then without each.
fn print_theorem(budget: u8) -> Result<(), String> {
    let find = |without: &[Premise], acts| {
        row(without, &Defence::USUAL, acts).map_err(|why| format!("{why:?}"))
    };
    println!("{}", find(&[], budget)?);
    for premise in Premise::ALL {
        let mut found = find(&[premise], 0)?;
        for acts in 1..=budget {
            if found.found.is_empty() {
                found = find(&[premise], acts)?;
            }
        }
        println!("{found}");
    }
    Ok(())
}

fn time(words: &str) -> Result<(), String> {
    let job: Job = words.parse().map_err(|why| format!("{why}"))?;
    let mut work = Work::new(&job).map_err(|why| format!("{why:?}"))?;
    let start = Instant::now();
    while !work.go_on(SLICE) {}
    let seconds = start.elapsed().as_secs_f64();
    println!("{} {seconds:.4}", work.report().tried.states);
    Ok(())
}
