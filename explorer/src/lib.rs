//! The adversary for a worker of the browser: jobs as words in, reports as JSON out. `worker.js`
//! beside this folder calls it; so does `end2end/explorer.mjs`, to measure it.
//!
//! A package of its own, because an exported function needs `#[unsafe(no_mangle)]`, and the engine
//! forbids `unsafe`. There is no wasm-bindgen in it: four numbers and two texts pass the border.

use std::sync::{Mutex, MutexGuard, PoisonError};
use time_wait_lab::adversary::job::Job;
use time_wait_lab::adversary::work::Work;

/// The words of the next job, the work that is being done, and the last report.
static WORDS: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static WORK: Mutex<Option<Work>> = Mutex::new(None);
static REPORT: Mutex<String> = Mutex::new(String::new());

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Room for the words of a job, so many octets.
#[unsafe(no_mangle)]
pub extern "C" fn room(octets: usize) -> *mut u8 {
    let mut words = locked(&WORDS);
    words.clear();
    words.resize(octets, 0);
    words.as_mut_ptr()
}

/// Begins the job whose words were written there, and drops the one before. 0: it's no job.
#[unsafe(no_mangle)]
pub extern "C" fn begin() -> u32 {
    let text = String::from_utf8_lossy(&locked(&WORDS)).into_owned();
    let mut work = locked(&WORK);
    // The memory of the one before is free before the next one asks for some.
    *work = None;
    *work = text.parse::<Job>().ok().and_then(|job| Work::new(&job).ok());
    u32::from(work.is_some())
}

/// Goes on with it for so many states. 1: it's over, or there is none.
#[unsafe(no_mangle)]
pub extern "C" fn go_on(states: u32) -> u32 {
    u32::from(locked(&WORK).as_mut().is_none_or(|work| work.go_on(states)))
}

/// Writes a report of what was found since the last one. Where it begins; empty without a job.
#[unsafe(no_mangle)]
pub extern "C" fn report_ptr() -> *const u8 {
    let report = locked(&WORK).as_mut().map(Work::report);
    let mut text = locked(&REPORT);
    *text = report.and_then(|one| serde_json::to_string(&one).ok()).unwrap_or_default();
    text.as_ptr()
}

/// How many octets that report has.
#[unsafe(no_mangle)]
pub extern "C" fn report_len() -> usize {
    locked(&REPORT).len()
}
