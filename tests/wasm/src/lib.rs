//! The scenes' names and traces, for a reader outside of Rust: `tests/wasm/compare.mjs`.
//!
//! A package of its own, because an exported function needs `#[unsafe(no_mangle)]`, and the engine
//! forbids `unsafe`. A number beyond the last scene gives an empty text.

use std::sync::OnceLock;
use time_wait_lab::world::scenes::SCENES;
use time_wait_lab::world::{parse_scenario, simulate};

/// The traces, all run when the first is asked for; what was handed out stays where it is.
fn trace(scene: u32) -> &'static str {
    static TRACES: OnceLock<Vec<String>> = OnceLock::new();
    let traces = TRACES.get_or_init(|| SCENES.iter().map(|scene| run(scene.text)).collect());
    traces.get(scene as usize).map_or("", String::as_str)
}

/// A scene that cannot be read becomes a text that equals no golden file.
fn run(text: &str) -> String {
    match parse_scenario(text) {
        Ok(scenario) => simulate(&scenario).to_string(),
        Err(_) => "this scene cannot be read\n".into(),
    }
}

fn name(scene: u32) -> &'static str {
    SCENES.get(scene as usize).map_or("", |scene| scene.name)
}

/// How many scenes there are.
#[unsafe(no_mangle)]
pub extern "C" fn count() -> u32 {
    u32::try_from(SCENES.len()).unwrap_or(u32::MAX)
}

/// Where the name of a scene begins.
#[unsafe(no_mangle)]
pub extern "C" fn name_ptr(scene: u32) -> *const u8 {
    name(scene).as_ptr()
}

/// How many octets the name of a scene has.
#[unsafe(no_mangle)]
pub extern "C" fn name_len(scene: u32) -> usize {
    name(scene).len()
}

/// Where the trace of a scene begins.
#[unsafe(no_mangle)]
pub extern "C" fn trace_ptr(scene: u32) -> *const u8 {
    trace(scene).as_ptr()
}

/// How many octets the trace of a scene has.
#[unsafe(no_mangle)]
pub extern "C" fn trace_len(scene: u32) -> usize {
    trace(scene).len()
}
