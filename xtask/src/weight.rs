//! What the files of the site weigh on their way to the reader, and what the first screen may weigh.

use crate::shell::{Done, node, read};
use std::path::Path;

/// All that the first screen needs, in octets after brotli 11. A phone on a slow line pays for each.
pub(crate) const BUDGET: u64 = 135_000;

/// Prints size and compressed size of each octet that is sent, Node's brotli at its default, 11.
const MEASURE: &str = "
const { readFileSync } = require('node:fs');
const { brotliCompressSync } = require('node:zlib');
for (const path of process.argv.slice(1)) {
  const content = readFileSync(path);
  console.log(`${content.length} ${brotliCompressSync(content).length}`);
}";

/// The names of what the first screen needs.
pub(crate) struct FirstScreen {
    /// What everybody fetches.
    pub(crate) files: Vec<String>,
    /// The texts, one file for each language: a person fetches one of them.
    pub(crate) texts: Vec<String>,
}

/// Prints the weight of each file of the first screen; too much in sum is an error. Of the texts the
/// heaviest counts.
pub(crate) fn weigh(folder: &Path, first_screen: &FirstScreen) -> Done {
    println!("{:>9} {:>9}  file", "octets", "brotli 11");
    let files = measure(folder, &first_screen.files)?;
    let texts = measure(folder, &first_screen.texts)?;
    let heaviest = texts.iter().max_by_key(|size| size.1);
    let counted = || files.iter().chain(heaviest);
    let plain: u64 = counted().map(|size| size.0).sum();
    let packed: u64 = counted().map(|size| size.1).sum();
    println!(
        "{plain:>9} {packed:>9}  in all, in one language; the first screen may weigh {BUDGET}"
    );
    keeps_budget(packed)
}

/// The sizes of files as they are and compressed, which it prints too.
pub(crate) fn measure(folder: &Path, names: &[String]) -> Done<Vec<(u64, u64)>> {
    let paths: Vec<String> =
        names.iter().map(|name| folder.join(name).display().to_string()).collect();
    let printed = read(node(&["-e", MEASURE, "--"]).args(&paths))?;
    let sizes: Vec<(u64, u64)> = printed.lines().filter_map(read_sizes).collect();
    if sizes.len() != names.len() {
        return Err(format!("the sizes of {} files could not be read:\n{printed}", names.len()));
    }
    for (name, (plain, packed)) in names.iter().zip(&sizes) {
        println!("{plain:>9} {packed:>9}  {name}");
    }
    Ok(sizes)
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
