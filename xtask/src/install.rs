//! Installs what is missing, says what and how long it took, and reuses what is there.
//!
//! Where it cannot (no Debian, no root), it ends with the one command that the person needs.
//! Nothing that a command needs is ever skipped, in CI least of all.

use crate::shell::{
    Done, cargo, command, in_ci, node, read, read_text, root, run, succeeds, target, timed,
};
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// What playwright-core, binaryen and esbuild ask for.
const OLDEST_NODE: u32 = 18;

/// What the release build needs: the wasm target, Node, the packages from npm.
pub(crate) fn for_build() -> Done {
    wasm_target()?;
    node_itself()?;
    npm_packages()
}

/// What the journeys need beyond that: a browser, and letters for Chinese.
pub(crate) fn for_journeys() -> Done {
    browser()?;
    chinese_letters()
}

/// The version of Trunk that the page is built with. A newer one wants a newer compiler.
const TRUNK: &str = "0.21.14";

/// What a build by Trunk needs: returns Trunk, and the PATH on which it finds what it calls, which are
/// wasm-bindgen's program, of the version that the page is compiled with, and wasm-opt.
pub(crate) fn for_trunk() -> Done<(String, OsString)> {
    let version = locked_version("wasm-bindgen")?;
    // Without TLS it fetches nothing by itself; and what is soon compiled is fast enough here.
    let trunk = cargo_program("trunk", "trunk", TRUNK, &["--locked", "--no-default-features"])?;
    // Its own lock file names a crate that crates.io has no more.
    cargo_program("wasm-bindgen", "wasm-bindgen-cli", &version, &["--no-default-features"])?;
    let own = [own_programs(), root().join("end2end/node_modules/.bin")];
    let before = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(own.into_iter().chain(std::env::split_paths(&before)));
    Ok((trunk, path.map_err(|why| format!("PATH: {why}"))?))
}

/// Where programs are that cargo installs for us.
fn own_programs() -> PathBuf {
    target().join("tools/bin")
}

/// A program of exactly that version: the one on PATH, or one of our own, made from a crate's source.
fn cargo_program(name: &str, package: &str, version: &str, options: &[&str]) -> Done<String> {
    let own = own_programs().join(name).display().to_string();
    let is_it = |program: &str| {
        let said = command(program, &["--version"]).output();
        said.is_ok_and(|said| said.stdout.trim_ascii() == format!("{name} {version}").as_bytes())
    };
    if let Some(found) = [name, &own].into_iter().find(|program| is_it(program)) {
        return Ok(found.to_owned());
    }
    let mut install = cargo(&["install", "--quiet", "--debug", package, "--version", version]);
    // What nobody debugs needs no names of lines.
    install.args(options).env("CARGO_PROFILE_DEV_DEBUG", "0").arg("--root");
    let what = format!("{package} {version} into target/tools, from its source (minutes, once)");
    installing(&what, install.arg(target().join("tools")))?;
    Ok(own)
}

/// The version of a package in Cargo.lock.
fn locked_version(name: &str) -> Done<String> {
    let lock: toml::Table = read_text(&root().join("Cargo.lock"))?
        .parse()
        .map_err(|why: toml::de::Error| format!("Cargo.lock: {why}"))?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let field = |package: &toml::Value, field| Some(package.get(field)?.as_str()?.to_owned());
    let found = packages
        .into_iter()
        .flatten()
        .find(|package| field(package, "name").as_deref() == Some(name));
    found
        .and_then(|package| field(package, "version"))
        .ok_or_else(|| format!("Cargo.lock has no {name}"))
}

fn wasm_target() -> Done {
    let target = "wasm32-unknown-unknown";
    // The compiler knows its folder, with rustup or without.
    let folder = read(&mut command("rustc", &["--print", "target-libdir", "--target", target]))?;
    if fs::exists(folder.trim()).unwrap_or(false) {
        return Ok(());
    }
    installing(
        "the Rust target wasm32-unknown-unknown",
        &mut command("rustup", &["target", "add", target]),
    )
}

fn node_itself() -> Done {
    if !(succeeds(&mut node(&["--version"])) && succeeds(&mut npm(&["--version"]))) {
        debian(&["nodejs", "npm"])?
            .unwrap_or_else(|| Err(asks("Node.js with npm", &["nodejs", "npm"])))?;
    }
    let version = read(&mut node(&["--version"]))?;
    match major(&version) {
        Some(found) if found >= OLDEST_NODE => Ok(()),
        _ => {
            Err(format!("Node.js {OLDEST_NODE} or newer is needed, and this is {}", version.trim()))
        }
    }
}

/// The packages of end2end/package-lock.json, unless exactly these are there already.
fn npm_packages() -> Done {
    let folder = root().join("end2end");
    let wanted = fs::read(folder.join("package-lock.json"))
        .map_err(|why| format!("cannot read end2end/package-lock.json: {why}"))?;
    let stamp = folder.join("node_modules/.installed-from");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let quiet = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    installing(
        "binaryen, esbuild, linkedom and playwright-core from npm",
        npm(&quiet).current_dir(&folder),
    )?;
    crate::shell::write(&stamp, wanted)
}

fn browser() -> Done {
    if has_browser() {
        return Ok(());
    }
    if let Ok(path) = std::env::var("CHROMIUM") {
        return Err(format!("CHROMIUM is set to {path:?}, and no browser is there"));
    }
    let packages = ["chromium", "fonts-noto-cjk"];
    if let Some(outcome) = debian(&packages)? {
        outcome?;
    } else {
        let own = ["end2end/node_modules/playwright-core/cli.js", "install", "chromium"];
        // Whether it worked is asked below, together with the other way.
        let _fetched = installing("Playwright's own Chromium", &mut node(&own));
    }
    if has_browser() {
        return Ok(());
    }
    Err(asks("Chromium (or CHROMIUM set to the path of a Chrome)", &packages))
}

fn has_browser() -> bool {
    succeeds(&mut node(&["end2end/browser.mjs"]))
}

/// Without such a font a journey in Chinese would see boxes. Other systems bring their own.
fn chinese_letters() -> Done {
    let listed = command("fc-list", &[":lang=zh"]).output();
    if !cfg!(target_os = "linux") || listed.is_ok_and(|output| !output.stdout.is_empty()) {
        return Ok(());
    }
    match debian(&["fonts-noto-cjk"])? {
        Some(outcome) => outcome,
        None if in_ci() => Err(asks("A font with Chinese letters", &["fonts-noto-cjk"])),
        None => {
            println!(
                "note: no font with Chinese letters is here; pictures of the page will lack them"
            );
            Ok(())
        }
    }
}

/// Installs packages of Debian; `None` where this is not a Debian that we may change.
fn debian(packages: &[&str]) -> Done<Option<Done>> {
    let is_root = || read(&mut command("id", &["-u"])).is_ok_and(|id| id.trim() == "0");
    if !(cfg!(target_os = "linux")
        && succeeds(&mut command("apt-get", &["--version"]))
        && is_root())
    {
        return Ok(None);
    }
    run(&mut apt(&["update", "-qq"]))?;
    let arguments = [&["install", "-y", "-qq", "--no-install-recommends"], packages].concat();
    let what = format!("from Debian: {}", packages.join(" "));
    Ok(Some(installing(&what, &mut apt(&arguments))))
}

fn apt(arguments: &[&str]) -> Command {
    let mut apt = command("apt-get", arguments);
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    apt
}

fn npm(arguments: &[&str]) -> Command {
    command(if cfg!(windows) { "npm.cmd" } else { "npm" }, arguments)
}

/// Runs an installation with a line before and a line after.
pub(crate) fn installing(what: &str, installer: &mut Command) -> Done {
    timed(&format!("installing {what}"), || run(installer))
}

/// The sentence for who must install something by hand.
fn asks(what: &str, packages: &[&str]) -> String {
    let packages = packages.join(" ");
    format!("{what} is needed. On Debian or Ubuntu:\n\n    sudo apt-get install {packages}\n")
}

fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{locked_version, major};

    #[test]
    fn the_glue_has_the_version_of_the_lock_file() {
        let is_number = |part: &str| part.parse::<u32>().is_ok();
        let version = locked_version("wasm-bindgen").unwrap_or_default();
        assert!(version.split('.').count() == 3 && version.split('.').all(is_number), "{version}");
        assert!(locked_version("no-such-package").is_err());
    }

    #[test]
    fn reads_the_version_of_node() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("what"), None);
    }
}
