//! Folders of the project, and other programs run in them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// The outcome of anything here; the error is a sentence for the person at the terminal.
pub(crate) type Done<T = ()> = Result<T, String>;

/// The project's root folder.
pub(crate) fn root() -> PathBuf {
    // Asked of `cargo run` first: two checkouts may share one target folder, and so one binary.
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent().map_or_else(|| here.clone(), Path::to_path_buf)
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    // A relative CARGO_TARGET_DIR counts from the folder cargo was started in, which is ours too.
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A program with its arguments, to be run in the root folder.
pub(crate) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).args(arguments);
    command
}

/// The cargo that runs us, so that one toolchain does everything.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    command(&cargo, arguments)
}

/// A script of ours under Node.
pub(crate) fn node(arguments: &[&str]) -> Command {
    command("node", arguments)
}

/// Runs a command with its output shown; anything but success is an error that names it.
pub(crate) fn run(command: &mut Command) -> Done {
    let status = command.status().map_err(|why| cannot_start(command, &why))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", written(command))) }
}

/// Runs a command and returns what it prints; its errors are shown.
pub(crate) fn read(command: &mut Command) -> Done<String> {
    let output =
        command.stderr(Stdio::inherit()).output().map_err(|why| cannot_start(command, &why))?;
    if !output.status.success() {
        return Err(format!("`{}` failed ({})", written(command), output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a command can be started and succeeds; says nothing itself.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Whether nobody is watching: no browser is opened then, and nothing may be skipped.
pub(crate) fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false")
}

/// Reads a text file, with its name in the error.
pub(crate) fn read_text(path: &Path) -> Done<String> {
    std::fs::read_to_string(path).map_err(|why| format!("cannot read {}: {why}", path.display()))
}

/// Writes a file, with its name in the error.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Done {
    std::fs::write(path, content).map_err(|why| format!("cannot write {}: {why}", path.display()))
}

/// Makes a folder that is there and empty.
pub(crate) fn fresh_folder(path: &Path) -> Done {
    if path.exists() {
        std::fs::remove_dir_all(path)
            .map_err(|why| format!("cannot clear {}: {why}", path.display()))?;
    }
    std::fs::create_dir_all(path).map_err(|why| format!("cannot make {}: {why}", path.display()))
}

/// Does something that takes a while: says what before, and how long it took behind.
pub(crate) fn timed<T>(what: &str, work: impl FnOnce() -> Done<T>) -> Done<T> {
    println!("{what} …");
    let start = Instant::now();
    let outcome = work();
    println!("{what}: {:.1} s", start.elapsed().as_secs_f64());
    outcome
}

fn cannot_start(command: &Command, why: &std::io::Error) -> String {
    format!("cannot start `{}`: {why}", written(command))
}

fn written(command: &Command) -> String {
    let program = Path::new(command.get_program());
    // The full path of cargo says nothing; its name does.
    let name = program.file_name().unwrap_or(command.get_program());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
