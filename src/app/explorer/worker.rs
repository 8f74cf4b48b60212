//! The worker that searches: a program of its own beside the page (explorer/), which is started when a
//! screen needs it and ended when that is closed. What it says is kept here.

use std::cell::RefCell;

use js_sys::Reflect;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, Worker};

use super::super::language::Language;
use super::super::texts::panels;
use crate::adversary::work::{ChartPoint, LostPoint, Report};

/// How far the job is that was asked for last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing was asked for.
    #[default]
    Idle,
    /// The worker is on its way, or hasn't said anything yet.
    Starting,
    Searching,
    Over,
    /// Somebody stopped it.
    Stopped,
    /// The worker couldn't be had, or has failed.
    Lost,
    /// The job can't be searched.
    Refused,
}

/// The job, and what is known of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Its words.
    pub(super) job: String,
    pub(super) stage: Stage,
    /// The last report, without its points.
    pub(super) report: Report,
    /// The points of the chart of lengths so far.
    pub(super) points: Vec<ChartPoint>,
    /// The points of the chart of lost ACKs so far.
    pub(super) lost: Vec<LostPoint>,
    /// How long it has searched, in milliseconds.
    pub(super) took: u64,
    /// The memory of the worker, in octets.
    pub(super) octets: u64,
}

/// What the worker calls.
type Heard = Closure<dyn FnMut(Event)>;

#[derive(Default)]
struct Explorer {
    known: Known,
    changes: ArcRwSignal<u32>,
    /// The worker, if it's running, with what it calls.
    worker: Option<(Worker, [Heard; 2])>,
    /// The number of the last job.
    number: u32,
}

thread_local! {
    static EXPLORER: RefCell<Explorer> = RefCell::default();
}

/// Reads what is known of the last job. Who reads it follows it.
pub(super) fn known<T>(read: impl FnOnce(&Known) -> T) -> T {
    EXPLORER.with_borrow(|explorer| explorer.changes.clone()).track();
    EXPLORER.with_borrow(|explorer| read(&explorer.known))
}

/// Asks for a job, unless it's under way or done. The one before is dropped.
pub(super) fn ask(job: &str, language: Language) {
    let is_known = EXPLORER.with_borrow(|explorer| {
        let known = &explorer.known;
        known.job == job
            && matches!(
                known.stage,
                Stage::Starting | Stage::Searching | Stage::Over | Stage::Refused
            )
    });
    if !is_known {
        begin(job, language);
    }
}

/// Asks for a job again from its start.
pub(super) fn begin(job: &str, language: Language) {
    let worker = worker(language);
    EXPLORER.with_borrow_mut(|explorer| {
        explorer.number += 1;
        let stage = if worker.is_some() { Stage::Starting } else { Stage::Lost };
        explorer.known = Known { job: job.to_owned(), stage, ..Known::default() };
        if let Some(worker) = worker {
            post(&worker, explorer.number, job);
        }
    });
    tell();
}

/// Stops the job.
pub(super) fn stop() {
    EXPLORER.with_borrow_mut(|explorer| {
        if !matches!(explorer.known.stage, Stage::Starting | Stage::Searching) {
            return;
        }
        explorer.number += 1;
        explorer.known.stage = Stage::Stopped;
        if let Some((worker, _)) = &explorer.worker {
            post(worker, explorer.number, "");
        }
    });
    tell();
}

/// Ends the worker, and gives its memory back. What it has found stays.
pub(super) fn close() {
    stop();
    EXPLORER.with_borrow_mut(|explorer| {
        if let Some((worker, _)) = explorer.worker.take() {
            worker.terminate();
        }
    });
}

fn post(worker: &Worker, number: u32, job: &str) {
    // A text can be copied always.
    let _ = worker.post_message(&format!("{number} {job}").into());
}

/// The worker, which is started where it isn't running. `None`: the browser refuses.
fn worker(language: Language) -> Option<Worker> {
    let running =
        EXPLORER.with_borrow(|explorer| explorer.worker.as_ref().map(|(worker, _)| worker.clone()));
    if running.is_some() {
        return running;
    }
    let worker = Worker::new(panels(language)?.worker).ok()?;
    let calls = [("message", hear as fn(&Event)), ("error", |_| fail())].map(|(name, call)| {
        let heard: Heard = Closure::wrap(Box::new(move |event| call(&event)));
        let function = heard.as_ref().unchecked_ref();
        let _ = worker.add_event_listener_with_callback(name, function);
        heard
    });
    EXPLORER.with_borrow_mut(|explorer| {
        explorer.worker = Some((worker.clone(), calls));
    });
    Some(worker)
}

/// A message of the worker: the job's number, milliseconds, octets, and a report, which may be empty,
/// or missing.
fn hear(event: &Event) {
    let data = Reflect::get(event, &"data".into()).ok();
    let Some(message) = data.and_then(|data| data.as_string()) else { return };
    let mut parts = message.splitn(4, ' ');
    let mut number = || parts.next()?.parse::<u64>().ok();
    let [job, took, octets] = [number(), number(), number()].map(Option::unwrap_or_default);
    let is_last = EXPLORER.with_borrow(|explorer| u64::from(explorer.number) == job);
    match parts.next() {
        _ if !is_last => {}
        None => fail(),
        Some(text) => {
            let report = serde_json::from_str::<Report>(text).ok();
            EXPLORER.with_borrow_mut(|explorer| explorer.known.take(report, took, octets));
            tell();
        }
    }
}

/// The worker is over: the next one who asks gets a new one.
fn fail() {
    EXPLORER.with_borrow_mut(|explorer| {
        explorer.known.stage = Stage::Lost;
        if let Some((worker, _)) = explorer.worker.take() {
            worker.terminate();
        }
    });
    tell();
}

fn tell() {
    EXPLORER.with_borrow(|explorer| explorer.changes.clone()).update(|changes| *changes += 1);
}

impl Known {
    /// Takes over a report; none says that the job can't be searched.
    fn take(&mut self, report: Option<Report>, took: u64, octets: u64) {
        let Some(mut report) = report else {
            self.stage = Stage::Refused;
            return;
        };
        self.stage = if report.is_over { Stage::Over } else { Stage::Searching };
        self.points.append(&mut report.points);
        self.lost.append(&mut report.lost);
        (self.report, self.took, self.octets) = (report, took, octets);
    }
}
