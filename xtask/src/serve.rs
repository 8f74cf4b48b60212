//! `cargo xtask serve`: the release build on an address of this machine.

use crate::shell::{Done, command, in_ci, node, succeeds};
use crate::{install, site};
use std::env;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// Builds, serves until Ctrl-C, and opens a browser where a person is looking.
pub(crate) fn serve(port: u16) -> Done {
    install::for_build()?;
    site::build()?;
    let port = port.to_string();
    let mut server = node(&["end2end/server.mjs", "dist", &port])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|why| format!("cannot start the server: {why}"))?;
    let mut address = String::new();
    if let Some(output) = server.stdout.take() {
        // An error leaves the address empty, and the server's own end then tells.
        let _ = BufReader::new(output).read_line(&mut address);
    }
    let address = address.trim();
    if !address.is_empty() {
        println!("\nThe TIME_WAIT lab is at {address}   (Ctrl-C ends it)");
        open(address);
    }
    let status = server.wait().map_err(|why| format!("the server: {why}"))?;
    if status.success() { Ok(()) } else { Err("the server could not run".into()) }
}

/// A page that does not open is no error: its address is on the screen.
fn open(address: &str) {
    if in_ci() {
        return;
    }
    let has = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let opener: &[&str] = match env::consts::OS {
        "macos" => &["open"],
        "windows" => &["cmd", "/c", "start", ""],
        _ if has("DISPLAY") || has("WAYLAND_DISPLAY") => &["xdg-open"],
        _ => return,
    };
    let _opened = succeeds(command(opener[0], &opener[1..]).arg(address));
}
