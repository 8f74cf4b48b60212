//! The run that the page opens with, made by the engine: the first screen has it as a recording.

use crate::shell::{self, Done};
use std::fs;
use std::path::{Path, PathBuf};
use time_wait_lab::packed::pack;
use time_wait_lab::picture::Recording;
use time_wait_lab::world::scenes;

/// By which name build.rs is told where the recording is.
pub(crate) const PATH: &str = "TIME_WAIT_OPENING";

/// Writes the recording into a folder; returns its path.
pub(crate) fn write(folder: &Path) -> Done<PathBuf> {
    let path = folder.join("opening.recording");
    let octets = pack(&Recording::of(&scenes::opening()));
    // What is written anew is compiled anew.
    if !fs::read(&path).is_ok_and(|before| before == octets) {
        shell::write(&path, octets)?;
    }
    Ok(path)
}
