//! `cargo xtask fuzz`: builds the program of fuzz/, fast and with every check on, and runs it.

use crate::shell::{Done, cargo, run};

/// Tries inputs for so many minutes, or one file again. What failed is said, and lies in a file.
pub(crate) fn fuzz(words: &[&str]) -> Done {
    let program = ["run", "--quiet", "--profile", "fuzz", "--package", "fuzz", "--"];
    run(cargo(&program).args(words))
}
