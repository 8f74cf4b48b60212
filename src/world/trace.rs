//! A run, and the state of everything at any of its moments.

use core::ops::Range;

use serde::{Deserialize, Serialize};

use crate::packed::packed;
use crate::tcp::event::{Event, EventKind, TimerChange};
use crate::tcp::host::Host;
use crate::tcp::rule::Rule;
use crate::tcp::time::Time;

use super::network::{InFlight, Network};
use super::scenario::Scenario;

/// After so many events a run ends. Two TCPs can answer each other for ever (C73).
pub const MOST_EVENTS: usize = 100_000;

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum End {
    /// Nothing was pending.
    Quiet,
    /// The scenario's horizon was reached.
    Horizon,
    /// There were too many events.
    Limit,
}

packed!(enum End { 0 Quiet, 1 Horizon, 2 Limit });

/// A run: its scenario and what happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// What decided it.
    pub scenario: Scenario,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Why it ended.
    pub end: End,
}

packed!(Trace { scenario, events, end });

/// Everything at one moment of a run.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The moment.
    pub time: Time,
    /// A and B.
    pub hosts: [Host; 2],
    /// What is in flight.
    pub flights: Vec<InFlight>,
}

/// Runs a scenario. Pure, total, and it always ends.
#[must_use]
pub fn simulate(scenario: &Scenario) -> Trace {
    let mut network = Network::new(scenario);
    let end = advance(&mut network, scenario.until);
    network.conclude();
    Trace { scenario: scenario.clone(), events: network.log.events, end }
}

/// Applies what is due, up to and including a moment.
fn advance(network: &mut Network<'_>, until: Time) -> End {
    loop {
        let Some((due, choice)) = network.next() else {
            return End::Quiet;
        };
        if due.at > until {
            network.log.now = until;
            return End::Horizon;
        }
        if network.log.events.len() >= MOST_EVENTS {
            return End::Limit;
        }
        network.apply(choice, due.at);
    }
}

impl Trace {
    /// The state of both hosts and of the wire when everything up to and including `time` has
    /// happened. The run is made again up to there: its cost is that of the events before.
    #[must_use]
    pub fn at(&self, time: Time) -> Snapshot {
        let mut network = Network::new(&self.scenario);
        advance(&mut network, time.min(self.scenario.until));
        Snapshot { time, hosts: network.hosts, flights: network.flights.into() }
    }

    /// The moment of the last event.
    #[must_use]
    pub fn last(&self) -> Time {
        self.events.last().map_or(Time::START, |event| event.time)
    }

    /// The events of a range in steps: each begins with an arrival, a call of the scenario, a timer,
    /// an end on the wire or a start, and holds all that it causes in the same instant. The range
    /// holds all the events of some moments.
    #[must_use]
    pub fn steps(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut steps: Vec<Range<usize>> = Vec::new();
        let inside = self.events.iter().enumerate().take(range.end).skip(range.start);
        for (place, event) in inside {
            if place == range.start || begins(event) {
                steps.push(place..place + 1);
            } else if let Some(step) = steps.last_mut() {
                step.end = place + 1;
            }
        }
        steps
    }
}

fn begins(event: &Event) -> bool {
    match &event.kind {
        EventKind::Call { .. } => event.rule == Rule::Call,
        EventKind::Arrived { .. } | EventKind::Died { .. } => true,
        EventKind::Injected { .. } => event.rule != Rule::WireDuplicate,
        EventKind::Timer { change, .. } => *change == TimerChange::Fired,
        EventKind::Return { .. }
        | EventKind::Opened { .. }
        | EventKind::Sent { .. }
        | EventKind::Lost { .. }
        | EventKind::Gate { .. }
        | EventKind::Ignored
        | EventKind::Queued { .. }
        | EventKind::State { .. }
        | EventKind::Received { .. }
        | EventKind::EndOfFile { .. }
        | EventKind::Error { .. }
        | EventKind::NoCounterpart { .. } => false,
    }
}
