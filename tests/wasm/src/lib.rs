//! The engine for readers outside of Rust: the scenes' names and traces for `tests/wasm/compare.mjs`,
//! the trace of any link for the journeys (`end2end/engine.mjs`).
//!
//! A package of its own, because an exported function needs `#[unsafe(no_mangle)]`, and the engine
//! forbids `unsafe`. A number beyond the last scene gives an empty text.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use time_wait_lab::world::scenes::SCENES;
use time_wait_lab::world::{Link, parse_scenario, simulate};

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

/// The link that a reader writes, and the trace of what it shows.
static LINK: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static TRACE: Mutex<String> = Mutex::new(String::new());

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Room for what stands behind `#` in an address, so many octets.
#[unsafe(no_mangle)]
pub extern "C" fn room(octets: usize) -> *mut u8 {
    let mut link = locked(&LINK);
    link.clear();
    link.resize(octets, 0);
    link.as_mut_ptr()
}

/// Runs what was written there, in the first world (0) or in the other one. Where its trace begins.
#[unsafe(no_mangle)]
pub extern "C" fn run_ptr(world: u32) -> *const u8 {
    let text = String::from_utf8_lossy(&locked(&LINK)).into_owned();
    let mut trace = locked(&TRACE);
    *trace = match Link::parse(&text) {
        (Link { scenario: Some(scenario), other, .. }, None) => match (world, other) {
            (0, _) => simulate(&scenario).to_string(),
            (_, Some(other)) => simulate(&other.apply(&scenario)).to_string(),
            (_, None) => String::new(),
        },
        (_, _) => "this link cannot be read\n".into(),
    };
    trace.as_ptr()
}

/// How many octets that trace has.
#[unsafe(no_mangle)]
pub extern "C" fn run_len() -> usize {
    locked(&TRACE).len()
}
