//! `cargo xtask test`: every check there is, in the order of their price, ending with a table.

use crate::shell::{Done, cargo, node, read, root, run, target};
use crate::{install, site};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

struct Step {
    name: &'static str,
    check: fn() -> Done,
}

/// What the engine must not need. A name here stands for every crate that begins with it.
const OF_THE_WEB: [&str; 5] = ["leptos", "wasm-bindgen", "web-sys", "js-sys", "gloo"];

const STEPS: [Step; 11] = [
    Step { name: "tools", check: tools },
    Step { name: "format", check: format },
    Step { name: "engine without web crates", check: engine_alone },
    Step { name: "lints, engine", check: lint_engine },
    Step { name: "tests, engine", check: test_engine },
    Step { name: "tests, xtask", check: test_xtask },
    Step { name: "lints, all", check: lint_all },
    Step { name: "lints, wasm", check: lint_wasm },
    Step { name: "traces in wasm", check: compare_traces },
    Step { name: "release and its weight", check: site::build },
    Step { name: "journeys in a browser", check: journeys },
];

/// Runs the steps until one fails. The last line is for programs: how many passed and failed.
pub(crate) fn run_all() -> Done {
    let mut times = Vec::new();
    let mut failure = None;
    for (place, step) in STEPS.iter().enumerate() {
        println!("\n== {}/{} {}", place + 1, STEPS.len(), step.name);
        let start = Instant::now();
        let outcome = (step.check)();
        times.push(start.elapsed());
        if let Err(why) = outcome {
            eprintln!("\nxtask: the step \"{}\" failed: {why}", step.name);
            failure = Some(step.name);
            break;
        }
    }
    print_table(&times, failure.is_some());
    match failure {
        None => Ok(()),
        // The reason is above; the table and its last line must stay last on the screen.
        Some(_) => std::process::exit(1),
    }
}

fn print_table(times: &[Duration], failed: bool) {
    println!("\n{:<28} {:>8}  ", "step", "seconds");
    for (place, step) in STEPS.iter().enumerate() {
        let is_last = place + 1 == times.len();
        match times.get(place) {
            None => println!("{:<28} {:>8}  not run", step.name, "-"),
            Some(time) => {
                let word = if failed && is_last { "FAILED" } else { "ok" };
                println!("{:<28} {:>8.1}  {word}", step.name, time.as_secs_f64());
            }
        }
    }
    let bad = usize::from(failed);
    println!("{} passed, {bad} failed", times.len() - bad);
}

fn tools() -> Done {
    install::for_build()?;
    install::for_journeys()
}

fn format() -> Done {
    run(&mut cargo(&["fmt", "--all", "--check"]))
}

fn engine_alone() -> Done {
    let package = ["--package", "time-wait-lab", "--no-default-features"];
    let tree = read(cargo(&["tree", "--edges", "normal", "--prefix", "none"]).args(package))?;
    let found = web_crates(&tree);
    println!("{} crates, {} of them for the web", tree.lines().count(), found.len());
    if found.is_empty() { Ok(()) } else { Err(format!("the engine needs {found:?}")) }
}

fn web_crates(tree: &str) -> BTreeSet<&str> {
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names.filter(|name| OF_THE_WEB.iter().any(|web| name.starts_with(web))).collect()
}

fn lint_engine() -> Done {
    clippy(&["--package", "time-wait-lab", "--no-default-features", "--all-targets"])
}

fn lint_all() -> Done {
    clippy(&["--workspace", "--all-targets"])
}

fn lint_wasm() -> Done {
    let target = "wasm32-unknown-unknown";
    clippy(&["--package", "time-wait-lab", "--lib", "--bins", "--target", target])?;
    clippy(&["--package", "wasm-traces", "--package", "explorer", "--target", target])
}

fn clippy(what: &[&str]) -> Done {
    run(cargo(&["clippy", "--quiet"]).args(what).args(["--", "--deny", "warnings"]))
}

fn test_engine() -> Done {
    run(&mut cargo(&[
        "test",
        "--package",
        "time-wait-lab",
        "--no-default-features",
        "--",
        // The cases and the recorded kernels say how many of them passed.
        "--show-output",
    ]))
}

fn test_xtask() -> Done {
    // The profile we were built with ourselves: the dependencies are compiled once, not twice.
    run(&mut cargo(&["test", "--quiet", "--package", "xtask", "--profile", "dev"]))
}

/// The engine as the browser runs it gives the same traces, octet for octet, as the golden files.
fn compare_traces() -> Done {
    let wasm = engine_in_wasm()?;
    run(node(&["tests/wasm/compare.mjs"]).arg(wasm).arg("tests/golden"))
}

/// Builds the engine for readers outside of Rust.
fn engine_in_wasm() -> Done<PathBuf> {
    let triple = "wasm32-unknown-unknown";
    run(&mut cargo(&["build", "--release", "--package", "wasm-traces", "--target", triple]))?;
    Ok(target().join(triple).join("release/wasm_traces.wasm"))
}

/// Node's own test runner; the files are named, because its versions disagree about folders.
fn journeys() -> Done {
    let folder = root().join("end2end/journeys");
    let entries =
        fs::read_dir(&folder).map_err(|why| format!("cannot list the journeys: {why}"))?;
    let mut files: Vec<_> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    files.sort();
    if files.is_empty() {
        return Err("there is no journey in end2end/journeys".into());
    }
    // One browser at a time: a machine of two cores draws four of them too slowly to be watched.
    let mut tests = node(&["--test", "--test-concurrency=1", "--test-reporter=spec"]);
    run(tests.args(files).env("ENGINE", engine_in_wasm()?))
}

#[cfg(test)]
mod tests {
    use super::{BTreeSet, web_crates};

    #[test]
    fn a_web_crate_is_seen_wherever_it_stands() {
        let tree = "time-wait-lab v0.1.0\nserde v1.0.0 (*)\ngloo-timers v0.3.0\n";
        assert_eq!(web_crates(tree), BTreeSet::from(["gloo-timers"]));
        assert!(web_crates("time-wait-lab v0.1.0\nserde v1.0.0\n").is_empty());
    }
}
