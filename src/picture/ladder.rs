//! The ladder: an arrow for every segment of a run, with its way across and its end.

use std::collections::BTreeMap;

use crate::packed::packed;
use crate::tcp::event::{EventId, EventKind, HostId, SegmentName};
use crate::tcp::segment::Segment;
use crate::tcp::time::{Span, Time};
use crate::world::Trace;

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

/// An arrow for every segment of a run, in the order in which they left. The events are read once
/// backwards, so that what ends a way is known where it begins: a run may have 100,000 of them.
#[must_use]
pub(super) fn arrows(trace: &Trace, axis: &Axis) -> Vec<Arrow> {
    let still = trace.at(trace.scenario.until).flights;
    let ends = still.iter().map(|flight| (flight.name, (Ending::Arrives, flight.arrives)));
    let mut ends: BTreeMap<SegmentName, (Ending, Time)> = ends.collect();
    let births = births(trace);
    let mut arrows = Vec::new();
    for (place, event) in trace.events.iter().enumerate().rev() {
        if let EventKind::Arrived { name, .. } = &event.kind {
            ends.insert(*name, (Ending::Arrives, event.time));
        } else if let EventKind::Lost { name } = &event.kind {
            ends.insert(*name, (Ending::Lost, event.time));
        } else if let EventKind::Died { name } = &event.kind {
            ends.insert(*name, (Ending::Dies, event.time));
        } else {
            arrows.extend(arrow(trace, place, axis, (&ends, &births)));
        }
    }
    arrows.reverse();
    place_labels(&mut arrows, axis);
    arrows
}

/// When the first of all copies of each segment left.
fn births(trace: &Trace) -> BTreeMap<SegmentName, Time> {
    let mut births = BTreeMap::new();
    for event in &trace.events {
        if let EventKind::Sent { name, .. } | EventKind::Injected { name, .. } = &event.kind {
            births.entry(*name).or_insert(event.time);
        }
    }
    births
}

/// For each name how the way ends that begins before, and when; and when the name was first used.
type Known<'a> = (&'a BTreeMap<SegmentName, (Ending, Time)>, &'a BTreeMap<SegmentName, Time>);

fn arrow(trace: &Trace, place: usize, axis: &Axis, (ends, births): Known<'_>) -> Option<Arrow> {
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
    let (ending, ends) = ends.get(&name).copied().unwrap_or((Ending::Arrives, left + travel));
    let (ends, reach) = match ending {
        Ending::Arrives => (ends, 1.0),
        Ending::Lost => (left + percent(travel, LOST_REACH), LOST_REACH),
        Ending::Dies => (ends, LOST_REACH),
    };
    Some(Arrow {
        name,
        segment: segment.clone(),
        event: EventId(u32::try_from(place).unwrap_or(u32::MAX)),
        kind,
        ending,
        held: ends.since(left) > travel.times(HELD),
        born: births.get(&SegmentName { copy: 1, ..name }).copied().unwrap_or(left),
        left,
        ends,
        from: axis.place(left),
        to: axis.place(ends),
        reach,
        label: 0.5,
    })
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn percent(span: Span, share: f64) -> Span {
    Span(((number(span.0) * share) as u64).max(1))
}

/// Moves a label along its arrow where another one would stand too near.
fn place_labels(arrows: &mut [Arrow], axis: &Axis) {
    const PLACES: [f64; 5] = [0.5, 0.34, 0.66, 0.2, 0.8];
    const NEAR: (f64, f64) = (0.28, 0.42);
    // The labels by fields a little larger than that: what is near is in the same one or beside it.
    let mut taken: BTreeMap<(i64, i64), Vec<(f64, f64)>> = BTreeMap::new();
    #[allow(clippy::cast_possible_truncation)]
    let field = |(x, y): (f64, f64)| ((x / 0.3).floor() as i64, (y / 0.45).floor() as i64);
    for arrow in arrows {
        let at = |arrow: &Arrow, along: f64| {
            let y = arrow.from + along * (arrow.to - arrow.from);
            (arrow.side(along * arrow.reach), y * axis.length())
        };
        let is_free = |along: &&f64| {
            let (x, y) = at(arrow, **along);
            let (column, row) = field((x, y));
            let rows = |column| taken.range((column, row - 1)..=(column, row + 1));
            let mut near = (column - 1..=column + 1).flat_map(rows).flat_map(|(_, labels)| labels);
            near.all(|(ox, oy)| (x - ox).abs() > NEAR.0 || (y - oy).abs() > NEAR.1)
        };
        arrow.label = PLACES.iter().find(is_free).copied().unwrap_or(0.5);
        let label = at(arrow, arrow.label);
        let labels = taken.entry(field(label)).or_default();
        // Of a hundred segments that leave at once the labels lie on one another.
        if !labels.contains(&label) {
            labels.push(label);
        }
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
