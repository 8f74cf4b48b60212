//! `cargo xtask test`: every check there is, in the order of their price, ending with a table.

use crate::install;
use crate::shell::{Done, cargo, command, node, read, root, run, target};
use crate::site::{self, TRIPLE};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

struct Step {
    name: &'static str,
    check: fn() -> Done,
}

/// As the release is compiled, for the browser.
const WASM: [&str; 3] = ["--release", "--target", TRIPLE];

/// What the engine must not need. A name here stands for every crate that begins with it.
const OF_THE_WEB: [&str; 5] = ["leptos", "wasm-bindgen", "web-sys", "js-sys", "gloo"];

const STEPS: [Step; 13] = [
    Step { name: "tools", check: tools },
    Step { name: "format", check: format },
    Step { name: "engine without web crates", check: engine_alone },
    Step { name: "lints, engine and tools", check: lint_engine },
    Step { name: "tests, engine", check: test_engine },
    Step { name: "tests, xtask", check: test_xtask },
    Step { name: "lints, page", check: lint_page },
    Step { name: "lints, tests of the page", check: lint_page_tests },
    Step { name: "traces in wasm", check: compare_traces },
    Step { name: "release and its weight", check: site::build },
    Step { name: "tools for Trunk", check: tools_for_trunk },
    Step { name: "the site that Trunk makes", check: trunk },
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
        println!("{}: {:.1} s", step.name, start.elapsed().as_secs_f64());
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

/// All but the page: its crates are compiled for the browser only.
fn lint_engine() -> Done {
    clippy(&["--package", "time-wait-lab", "--no-default-features", "--all-targets"])?;
    clippy(&[
        "--package",
        "xtask",
        "--package",
        "explorer",
        "--package",
        "wasm-traces",
        "--package",
        "fuzz",
        "--all-targets",
    ])
}

/// In the release's profile, whose macros and build scripts the release needs anyway. Whole, and with
/// what is cut off.
fn lint_page() -> Done {
    let page = ["--package", "time-wait-lab", "--lib", "--bins"];
    clippy(&[&WASM[..], &page].concat())?;
    clippy(&[&WASM[..], &page, &["--features", "split"]].concat())?;
    clippy(&[&WASM[..], &["--package", "wasm-traces", "--package", "explorer"]].concat())
}

/// Those of src/app, whose crates are then looked at for this machine too: `test` is a profile in which
/// tests are compiled.
fn lint_page_tests() -> Done {
    clippy(&["--package", "time-wait-lab", "--lib", "--profile", "test"])
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
    run(&mut cargo(&["build", "--release", "--package", "wasm-traces", "--target", TRIPLE]))?;
    Ok(target().join(TRIPLE).join("release/wasm_traces.wasm"))
}

fn tools_for_trunk() -> Done {
    install::for_trunk().map(drop)
}

/// The other way to build the page, as it is without this program: one journey goes through the site.
fn trunk() -> Done {
    let (trunk, path) = install::for_trunk()?;
    let site = target().join("trunk");
    let build = ["build", "--release", "--offline", "--dist"];
    run(command(&trunk, &build).arg(&site).env("PATH", path))?;
    let journey = ["--test", "--test-reporter=spec", "end2end/journeys/worlds.test.mjs"];
    run(node(&journey).env("DIST", site).env("ENGINE", engine_in_wasm()?))
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
