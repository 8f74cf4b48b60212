//! The worker that searches: a program of its own beside the page (explorer/), which is started when a
//! screen needs it and ended when that is closed. What it says is kept here.

use std::cell::RefCell;

use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

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
    pub(super) took: f64,
    /// The memory of the worker, in octets.
    pub(super) octets: f64,
}

#[derive(Default)]
struct Explorer {
    known: Known,
    changes: ArcRwSignal<u32>,
    /// The worker, if it's running, with what it calls.
    worker: Option<(Worker, [Closure<dyn FnMut(JsValue)>; 2])>,
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
    let message = js_sys::Array::of2(&number.into(), &job.into());
    // It's text and a number: what can be copied.
    let _ = worker.post_message(&message);
}

/// The worker, which is started where it isn't running. `None`: the browser refuses.
fn worker(language: Language) -> Option<Worker> {
    let running =
        EXPLORER.with_borrow(|explorer| explorer.worker.as_ref().map(|(worker, _)| worker.clone()));
    if running.is_some() {
        return running;
    }
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options(panels(language)?.worker, &options).ok()?;
    let heard = Closure::<dyn FnMut(JsValue)>::new(|event: JsValue| hear(&event));
    let failed = Closure::<dyn FnMut(JsValue)>::new(|_| fail());
    worker.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    worker.set_onerror(Some(failed.as_ref().unchecked_ref()));
    EXPLORER.with_borrow_mut(|explorer| {
        explorer.worker = Some((worker.clone(), [heard, failed]));
    });
    Some(worker)
}

/// A message of the worker: the job's number, a report, milliseconds, octets.
fn hear(event: &JsValue) {
    let Some(event) = event.dyn_ref::<MessageEvent>() else { return };
    let Ok(message) = event.data().dyn_into::<js_sys::Array>() else { return };
    let number = message.get(0).as_f64().unwrap_or_default();
    let is_last = EXPLORER.with_borrow(|explorer| f64::from(explorer.number) == number);
    if !is_last {
        return;
    }
    match message.get(1).as_string() {
        None => fail(),
        Some(text) => {
            let report = serde_json::from_str::<Report>(&text).ok();
            let [took, octets] = [2, 3].map(|at| message.get(at).as_f64().unwrap_or_default());
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
    fn take(&mut self, report: Option<Report>, took: f64, octets: f64) {
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
