//! What the files of the site weigh on their way to the reader, and what the first screen may weigh.

use crate::shell::{Done, node, read};
use std::path::Path;

/// All that the first screen needs, in octets after brotli 11. A phone on a slow line pays for each.
pub(crate) const BUDGET: u64 = 150_000;

/// Prints size and compressed size of each octet that is sent, Node's brotli at its default, 11.
const MEASURE: &str = "
const { readFileSync } = require('node:fs');
const { brotliCompressSync } = require('node:zlib');
for (const path of process.argv.slice(1)) {
  const content = readFileSync(path);
  console.log(`${content.length} ${brotliCompressSync(content).length}`);
}";

/// Prints the weight of each file of the first screen; too much in sum is an error.
pub(crate) fn weigh(folder: &Path, first_screen: &[String]) -> Done {
    let paths: Vec<String> =
        first_screen.iter().map(|name| folder.join(name).display().to_string()).collect();
    let printed = read(node(&["-e", MEASURE, "--"]).args(&paths))?;
    let sizes: Vec<(u64, u64)> = printed.lines().filter_map(read_sizes).collect();
    if sizes.len() != first_screen.len() {
        return Err(format!(
            "the sizes of {} files could not be read:\n{printed}",
            first_screen.len()
        ));
    }
    println!("{:>9} {:>9}  file", "octets", "brotli 11");
    for (name, (plain, packed)) in first_screen.iter().zip(&sizes) {
        println!("{plain:>9} {packed:>9}  {name}");
    }
    let plain: u64 = sizes.iter().map(|size| size.0).sum();
    let packed: u64 = sizes.iter().map(|size| size.1).sum();
    println!("{plain:>9} {packed:>9}  in all; the first screen may weigh {BUDGET}");
    keeps_budget(packed)
}

fn keeps_budget(packed: u64) -> Done {
    match packed.checked_sub(BUDGET) {
        None | Some(0) => Ok(()),
        Some(over) => Err(format!("the first screen is {over} octets over its budget of {BUDGET}")),
    }
}

fn read_sizes(line: &str) -> Option<(u64, u64)> {
    let (plain, packed) = line.split_once(' ')?;
    Some((plain.parse().ok()?, packed.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_kept_to_the_octet() {
        assert!(keeps_budget(BUDGET).is_ok());
        assert!(keeps_budget(BUDGET + 1).is_err());
    }
}
