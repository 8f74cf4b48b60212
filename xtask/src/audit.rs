//! `cargo xtask audit`: cargo-deny with deny.toml. Not a part of `test`: it needs the world outside.

use crate::install::installing;
use crate::shell::{Done, cargo, command, succeeds, target};

/// How cargo-deny begins its complaint when it cannot reach the database of known weaknesses.
const UNREACHED: &str = "failed to fetch advisory database";

/// Checks licences, bans and sources, which need no network, then the advisories, which do.
pub(crate) fn audit() -> Done {
    let program = cargo_deny()?;
    let mut failures = Vec::new();
    for check in ["licenses", "bans", "sources", "advisories"] {
        println!("\n== {check}");
        if let Some(failure) = failure_of(&program, check)? {
            failures.push(failure);
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n       ")) }
}

/// Runs one check of cargo-deny and shows what it says; `None` where all is in order.
fn failure_of(program: &str, check: &str) -> Done<Option<String>> {
    // Who needs whom is `cargo tree`'s to tell; here it would drown the findings.
    let output = command(program, &["check", "--hide-inclusion-graph", check])
        .output()
        .map_err(|why| format!("cannot start {program}: {why}"))?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    println!("{}", said.trim());
    Ok(match output.status.success() {
        true => None,
        false if said.contains(UNREACHED) => Some(
            "advisories: NOT CHECKED. The RustSec database could not be fetched, so nothing is \
             known about weaknesses of the dependencies; run this where GitHub can be reached"
                .into(),
        ),
        false => Some(format!("{check}: not in order, see above")),
    })
}

/// The one on PATH, or one of our own below target/, which takes minutes to compile the first time.
fn cargo_deny() -> Done<String> {
    let on_path = "cargo-deny";
    if succeeds(&mut command(on_path, &["--version"])) {
        return Ok(on_path.into());
    }
    let folder = target().join("tools");
    let own = folder.join("bin/cargo-deny").display().to_string();
    if !succeeds(&mut command(&own, &["--version"])) {
        let what = "cargo-deny into target/tools (some minutes)";
        let arguments = ["install", "--locked", "--quiet", "cargo-deny", "--root"];
        installing(what, cargo(&arguments).arg(&folder))?;
    }
    Ok(own)
}
