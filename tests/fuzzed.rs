//! Inputs that once failed: `cargo xtask fuzz` found them, and each is held for ever.
//! A file of fuzz/regressions is named after what it's read as: `scene-`, `link-`, `trace-`, `lesson-`
//! or `page-`, and then what was wrong. How long they take is not asked here, for machines are noisy:
//! `cargo xtask fuzz` has a bound on that, and `benches/` show it.

#![allow(clippy::unwrap_used)]

#[path = "../fuzz/src/check.rs"]
mod check;
#[allow(dead_code, unused_imports)]
mod lesson_checker;
#[path = "../xtask/src/recordings.rs"]
#[allow(dead_code, unreachable_pub)]
mod recordings;

use std::path::Path;

use check::{Kind, check};

/// The root of the project.
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn fuzzed_inputs_that_once_failed_keep_every_promise() {
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(Path::new(ROOT).join("fuzz/regressions")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let kind = Kind::of_file(&name).unwrap();
        // Whatever ends the whole process is told by the last line.
        println!("{name}");
        let broken = check(kind, &std::fs::read_to_string(&path).unwrap()).err();
        wrong.extend(broken.map(|what| format!("{name}: {what}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
