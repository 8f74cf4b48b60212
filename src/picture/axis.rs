//! The shortened axis of time: where a moment of the run lies between 0 and 1.
//!
//! A round trip of 100 ms and a TIME-WAIT of a minute can't share one scale. So a stretch in which
//! nothing happens is drawn short, and a break says how much was left out; what lies close together
//! is drawn a little apart. In between the axis is even.

use super::Moment;
use crate::packed::packed;
use crate::tcp::event::{EventKind, HostId};
use crate::tcp::time::{Span, Time};
use crate::world::Trace;

/// A stretch longer than this is shortened. Lengths here are in flights: 1 is the time that a
/// segment travels.
const QUIET: f64 = 2.6;
/// What is drawn even before and after a break.
const EDGE: f64 = 0.3;
/// How long a break is drawn.
const BREAK: f64 = 0.4;
/// How far apart two different moments are drawn at least.
const APART: f64 = 0.22;
/// What is drawn before the first event and after the last.
const MARGIN: f64 = 0.7;

/// A moment and where it's drawn, in flights from the start.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Knot {
    time: Time,
    at: f64,
}

packed!(Knot { time, at });

/// A stretch that is drawn short.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Break {
    /// Where it's drawn: its middle, 0..1.
    pub place: f64,
    /// How long the stretch without events is in truth.
    pub left_out: Span,
}

packed!(Break { place, left_out });

/// Where moments are drawn: strictly increasing, from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    knots: Vec<Knot>,
    length: f64,
    breaks: Vec<Break>,
}

packed!(Axis { knots, length, breaks });

impl Axis {
    /// The axis that some runs over the same wire share.
    #[must_use]
    pub fn new<'a>(traces: impl IntoIterator<Item = &'a Trace>) -> Axis {
        let mut all = Vec::new();
        let mut longest = Span(1);
        for trace in traces {
            let [a, b] = trace.scenario.wire.delay;
            longest = longest.max(a).max(b);
            all = merged(all, times(trace));
        }
        let flight = number(longest.0);
        let mut knots = vec![Knot { time: Time::START, at: 0.0 }];
        let mut stretches = Vec::new();
        for time in all {
            let Some(last) = knots.last().copied() else { break };
            let gap = time.since(last.time);
            if gap == Span::ZERO {
                continue;
            }
            let drawn = number(gap.0) / flight;
            if drawn <= QUIET {
                let lead = if knots.len() == 1 { MARGIN.min(drawn) } else { APART };
                knots.push(Knot { time, at: last.at + drawn.max(lead) });
                continue;
            }
            let edge = span(EDGE * flight);
            let middle = last.at + EDGE + BREAK / 2.0;
            stretches.push((middle, gap));
            knots.push(Knot { time: last.time + edge, at: last.at + EDGE });
            knots.push(Knot { time: time - edge, at: last.at + EDGE + BREAK });
            knots.push(Knot { time, at: last.at + EDGE + BREAK + EDGE });
        }
        let last = knots.last().copied().unwrap_or(Knot { time: Time::START, at: 0.0 });
        knots.push(Knot { time: last.time + span(MARGIN * flight), at: last.at + MARGIN });
        let length = last.at + MARGIN;
        let breaks = stretches
            .into_iter()
            .map(|(middle, left_out)| Break { place: middle / length, left_out })
            .collect();
        Axis { knots, length, breaks }
    }

    /// How long it is, in flights: what it needs to be drawn legibly.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.length
    }

    /// The stretches that are drawn short, in order.
    #[must_use]
    pub fn breaks(&self) -> &[Break] {
        &self.breaks
    }

    /// Its last moment.
    #[must_use]
    pub fn end(&self) -> Time {
        self.knots.last().map_or(Time::START, |knot| knot.time)
    }

    /// Where a moment is drawn, 0..1.
    #[must_use]
    pub fn place(&self, time: Time) -> f64 {
        let after = self.knots.partition_point(|knot| knot.time <= time);
        let (Some(left), Some(right)) = (self.knot(after.checked_sub(1)), self.knot(Some(after)))
        else {
            return if after == 0 { 0.0 } else { 1.0 };
        };
        let passed = number(time.since(left.time).0) / number(right.time.since(left.time).0.max(1));
        (left.at + passed * (right.at - left.at)) / self.length
    }

    /// The moment that is drawn at a place.
    #[must_use]
    pub fn time(&self, place: f64) -> Time {
        let at = place.clamp(0.0, 1.0) * self.length;
        let after = self.knots.partition_point(|knot| knot.at <= at);
        let (Some(left), Some(right)) = (self.knot(after.checked_sub(1)), self.knot(Some(after)))
        else {
            return if after == 0 { Time::START } else { self.end() };
        };
        let passed = (at - left.at) / (right.at - left.at);
        left.time + span(passed * number(right.time.since(left.time).0))
    }

    /// The moments at which something happens in some runs, each once and in order.
    pub(super) fn moments<'a>(&self, traces: impl Iterator<Item = &'a Trace>) -> Vec<Moment> {
        let mut times = Vec::new();
        for trace in traces {
            times = merged(times, trace.events.iter().map(|event| event.time).collect());
        }
        times.dedup();
        times.into_iter().map(|time| Moment { time, place: self.place(time) }).collect()
    }

    fn knot(&self, place: Option<usize>) -> Option<Knot> {
        self.knots.get(place?).copied()
    }
}

/// The moments that count, in order: the events, and when a lost segment would have arrived, since
/// it's on its way until it's lost.
fn times(trace: &Trace) -> Vec<Time> {
    let [from_a, from_b] = trace.scenario.wire.delay;
    // Three lists that are in order: a sort would be longer.
    let (mut times, mut of_a, mut of_b) = (Vec::new(), Vec::new(), Vec::new());
    for event in &trace.events {
        times.push(event.time);
        if let EventKind::Lost { name } = event.kind {
            match name.sender {
                HostId::A => of_a.push(event.time + from_a),
                HostId::B => of_b.push(event.time + from_b),
            }
        }
    }
    merged(merged(times, of_a), of_b)
}

/// Two lists in order as one.
fn merged(left: Vec<Time>, right: Vec<Time>) -> Vec<Time> {
    let mut all = Vec::with_capacity(left.len() + right.len());
    let mut left = left.into_iter().peekable();
    for time in right {
        while let Some(earlier) = left.next_if(|other| *other <= time) {
            all.push(earlier);
        }
        all.push(time);
    }
    all.extend(left);
    all
}

/// Microseconds as a float: exact below 2⁵³, which is 285 years.
#[allow(clippy::cast_precision_loss)]
pub(super) fn number(micros: u64) -> f64 {
    micros as f64
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn span(micros: f64) -> Span {
    Span(micros.round().max(0.0) as u64)
}

#[cfg(test)]
mod tests {
    use crate::picture::tests::of_scene;
    use crate::tcp::time::Time;
    use crate::world::scenes::SCENES;

    #[test]
    fn moments_keep_their_order_in_every_scene_and_lie_within() {
        for scene in SCENES {
            let picture = of_scene(scene.name);
            let axis = &picture.axis;
            let times: Vec<Time> = picture.moments.iter().map(|moment| moment.time).collect();
            let places: Vec<f64> = times.iter().map(|time| axis.place(*time)).collect();
            assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "{}", scene.name);
            assert!(places.iter().all(|place| (0.0..1.0).contains(place)), "{}", scene.name);
            for (time, place) in times.iter().zip(&places) {
                let back = axis.time(*place);
                assert!(back.since(*time).max(time.since(back)).0 <= 1, "{}", scene.name);
            }
        }
    }

    #[test]
    fn a_minute_of_waiting_is_drawn_short_and_said() {
        let picture = of_scene("lost-last-ack-time-wait");
        let breaks = picture.axis.breaks();
        let longest = breaks.iter().map(|one| one.left_out.0).max();
        assert!(longest.is_some_and(|longest| longest > 55_000_000));
        assert!(picture.axis.length() < 30.0);
    }
}
