//! The run that the page opens with, made by the engine: the first screen has it as a recording.

use crate::shell::{self, Done, root};
use std::fs;
use std::path::PathBuf;
use time_wait_lab::packed::pack;
use time_wait_lab::picture::Recording;
use time_wait_lab::world::scenes;

/// Where the page's content is made. Trunk.toml, index.html and build.rs name it too.
pub(crate) fn folder() -> PathBuf {
    root().join("target/content")
}

/// Writes the recording where build.rs finds it.
pub(crate) fn write() -> Done {
    let path = folder().join("opening.recording");
    let octets = pack(&Recording::of(&scenes::opening()));
    // What is written anew is compiled anew.
    if fs::read(&path).is_ok_and(|before| before == octets) {
        return Ok(());
    }
    fs::create_dir_all(folder()).map_err(|why| format!("cannot make target/content: {why}"))?;
    shell::write(&path, octets)
}
