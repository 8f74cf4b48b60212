//! The ladder: an arrow for every segment of a run, with its way across and its end.

use crate::packed::packed;
use crate::tcp::event::{EventId, EventKind, HostId, SegmentName};
use crate::tcp::segment::Segment;
use crate::tcp::time::{Span, Time};
use crate::world::{InFlight, Trace};

use super::axis::{Axis, number};

/// How far across a segment comes that the network loses.
const LOST_REACH: f64 = 0.56;
/// A segment that takes longer than this many usual travels was held up.
const HELD: u64 = 2;

/// Where a segment comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A host sent it.
    Sent,
    /// A host sent it, and sends octets again that it sent before.
    Again,
    /// The network made it of another one.
    Copy,
    /// A person put it on the wire.
    Forged,
}

packed!(enum Kind { 0 Sent, 1 Again, 2 Copy, 3 Forged });

/// How its way ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It arrives.
    Arrives,
    /// The network loses it.
    Lost,
    /// It outlives its lifetime on the way.
    Dies,
}

packed!(enum Ending { 0 Arrives, 1 Lost, 2 Dies });

/// A segment's way across the ladder.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrow {
    /// Its name.
    pub name: SegmentName,
    /// The segment.
    pub segment: Segment,
    /// The event that put it on the wire.
    pub event: EventId,
    /// Where it comes from.
    pub kind: Kind,
    /// How its way ends.
    pub ending: Ending,
    /// Whether the network held it up.
    pub held: bool,
    /// When it, or what it's a copy of, was sent.
    pub born: Time,
    /// When it left.
    pub left: Time,
    /// When its way ends.
    pub ends: Time,
    /// Where on the axis it left, 0..1.
    pub from: f64,
    /// Where on the axis its way ends, 0..1.
    pub to: f64,
    /// How far across it comes, 0..1, counted from its sender.
    pub reach: f64,
    /// Where its label stands, 0..1 of its way.
    pub label: f64,
}

packed!(Arrow {
    name,
    segment,
    event,
    kind,
    ending,
    held,
    born,
    left,
    ends,
    from,
    to,
    reach,
    label,
});

impl Arrow {
    /// Whether it's on its way at a moment.
    #[must_use]
    pub fn is_in_flight(&self, time: Time) -> bool {
        self.left <= time && time < self.ends
    }

    /// How far across it is at a place of the axis, 0..1 counted from its sender. Its way is
    /// straight on the ladder, so a stretch that is drawn short is crossed fast.
    #[must_use]
    pub fn across(&self, place: f64) -> f64 {
        let passed = (place - self.from) / (self.to - self.from).max(f64::EPSILON);
        passed.clamp(0.0, 1.0) * self.reach
    }

    /// The same as a place between the left host (0) and the right one (1).
    #[must_use]
    pub fn side(&self, across: f64) -> f64 {
        match self.name.sender {
            HostId::A => across,
            HostId::B => 1.0 - across,
        }
    }

    /// How much of its lifetime is left at a moment, 0..1; `None` where it lives for ever.
    #[must_use]
    pub fn life_left(&self, time: Time, lifetime: Option<Span>) -> Option<f64> {
        let lifetime = lifetime?;
        let age = number(time.since(self.born).0) / number(lifetime.0.max(1));
        Some((1.0 - age).clamp(0.0, 1.0))
    }
}

/// An arrow for every segment of a run, in the order in which they left.
#[must_use]
pub(super) fn arrows(trace: &Trace, axis: &Axis) -> Vec<Arrow> {
    let still = trace.at(trace.scenario.until).flights;
    let mut arrows: Vec<Arrow> = trace
        .events
        .iter()
        .enumerate()
        .filter_map(|(place, _)| arrow(trace, place, axis, &still))
        .collect();
    place_labels(&mut arrows, axis);
    arrows
}

fn arrow(trace: &Trace, place: usize, axis: &Axis, still: &[InFlight]) -> Option<Arrow> {
    let event = trace.events.get(place)?;
    let (name, segment, kind) = if let EventKind::Sent { name, segment, again, .. } = &event.kind {
        (*name, segment, if again.is_some() { Kind::Again } else { Kind::Sent })
    } else if let EventKind::Injected { name, segment } = &event.kind {
        (*name, segment, if name.forged { Kind::Forged } else { Kind::Copy })
    } else {
        return None;
    };
    let [from_a, from_b] = trace.scenario.wire.delay;
    let travel = if name.sender == HostId::A { from_a } else { from_b }.max(Span(1));
    let left = event.time;
    let (ending, ends, reach) = ending(trace, place, name, (left, travel), still);
    Some(Arrow {
        name,
        segment: segment.clone(),
        event: EventId(u32::try_from(place).unwrap_or(u32::MAX)),
        kind,
        ending,
        held: ends.since(left) > travel.times(HELD),
        born: born(trace, name).unwrap_or(left),
        left,
        ends,
        from: axis.place(left),
        to: axis.place(ends),
        reach,
        label: 0.5,
    })
}

/// How the way of a segment ends, when, and how far across.
fn ending(
    trace: &Trace,
    place: usize,
    name: SegmentName,
    (left, travel): (Time, Span),
    still: &[InFlight],
) -> (Ending, Time, f64) {
    let later = trace.events.get(place..).unwrap_or(&[]);
    for event in later {
        if let EventKind::Arrived { name: other, .. } = &event.kind
            && *other == name
        {
            return (Ending::Arrives, event.time, 1.0);
        }
        if event.kind == (EventKind::Lost { name }) {
            return (Ending::Lost, left + percent(travel, LOST_REACH), LOST_REACH);
        }
        if event.kind == (EventKind::Died { name }) {
            return (Ending::Dies, event.time, LOST_REACH);
        }
    }
    let arrives = still.iter().find(|flight| flight.name == name).map(|flight| flight.arrives);
    (Ending::Arrives, arrives.unwrap_or(left + travel), 1.0)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn percent(span: Span, share: f64) -> Span {
    Span(((number(span.0) * share) as u64).max(1))
}

/// When the first of all copies of a segment left.
fn born(trace: &Trace, name: SegmentName) -> Option<Time> {
    let first = SegmentName { copy: 1, ..name };
    trace.events.iter().find_map(|event| {
        let same =
            if let EventKind::Sent { name, .. } | EventKind::Injected { name, .. } = &event.kind {
                *name == first
            } else {
                false
            };
        same.then_some(event.time)
    })
}

/// Moves a label along its arrow where another one would stand too near.
fn place_labels(arrows: &mut [Arrow], axis: &Axis) {
    const PLACES: [f64; 5] = [0.5, 0.34, 0.66, 0.2, 0.8];
    let mut taken: Vec<(f64, f64)> = Vec::new();
    for arrow in arrows {
        let at = |arrow: &Arrow, along: f64| {
            let y = arrow.from + along * (arrow.to - arrow.from);
            (arrow.side(along * arrow.reach), y * axis.length())
        };
        let is_free = |along: &&f64| {
            let (x, y) = at(arrow, **along);
            taken.iter().all(|(ox, oy)| (x - ox).abs() > 0.28 || (y - oy).abs() > 0.42)
        };
        arrow.label = PLACES.iter().find(is_free).copied().unwrap_or(0.5);
        taken.push(at(arrow, arrow.label));
    }
}

#[cfg(test)]
mod tests {
    use super::{Arrow, Ending, Kind};
    use crate::picture::tests::of_scene;
    use crate::tcp::event::EventKind;
    use crate::world::scenes::SCENES;

    #[test]
    fn every_segment_has_one_arrow_that_goes_downwards() {
        for scene in SCENES {
            let picture = of_scene(scene.name);
            let sent = picture.runs[0].trace.events.iter().filter(|event| {
                matches!(event.kind, EventKind::Sent { .. } | EventKind::Injected { .. })
            });
            assert_eq!(picture.runs[0].arrows.len(), sent.count(), "{}", scene.name);
            for arrow in &picture.runs[0].arrows {
                assert!(arrow.left < arrow.ends && arrow.from < arrow.to, "{}", scene.name);
            }
        }
    }

    #[test]
    fn the_lost_ack_ends_on_the_way_and_the_fin_comes_again() {
        let picture = of_scene("lost-last-ack");
        let lost: Vec<&Arrow> =
            picture.runs[0].arrows.iter().filter(|arrow| arrow.ending == Ending::Lost).collect();
        assert_eq!(lost.len(), 1);
        assert!(lost.iter().all(|arrow| arrow.reach < 1.0));
        assert!(picture.runs[0].arrows.iter().any(|a| a.kind == Kind::Again && a.segment.fin));
    }

    #[test]
    fn the_stray_copy_is_held_up_belongs_to_the_first_connection_and_goes_straight() {
        let picture = of_scene("stray-segment");
        let strays: Vec<&Arrow> =
            picture.runs[0].arrows.iter().filter(|arrow| arrow.kind == Kind::Copy).collect();
        assert_eq!(strays.len(), 1);
        for stray in strays {
            assert!(stray.held);
            assert_eq!(stray.segment.origin.0, 1);
            let half = stray.across(f64::midpoint(stray.from, stray.to));
            assert!((half - 0.5).abs() < 1e-9);
        }
    }
}
