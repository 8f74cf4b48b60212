//! The ladder: an arrow for every segment of a run, with its way across and its end.

use std::collections::BTreeMap;

use crate::packed::packed;
use crate::tcp::event::{Event, EventId, EventKind, HostId, SegmentName};
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
    let ways = Ways::of(trace);
    let events = trace.events.iter().enumerate();
    let mut arrows: Vec<Arrow> =
        events.filter_map(|(place, _)| arrow(trace, place, axis, &ways)).collect();
    place_labels(&mut arrows, axis);
    arrows
}

/// Where the ways of all segments begin and end.
struct Ways {
    /// When each was put on the wire.
    left: BTreeMap<SegmentName, Time>,
    /// How and when its way ended.
    ended: BTreeMap<SegmentName, (Ending, Time)>,
    /// When those that are still on the way will arrive.
    arrive: BTreeMap<SegmentName, Time>,
}

impl Ways {
    fn of(trace: &Trace) -> Ways {
        let still = trace.at(trace.scenario.until).flights;
        let arrive = still.into_iter().map(|flight| (flight.name, flight.arrives)).collect();
        let mut ways = Ways { left: BTreeMap::new(), ended: BTreeMap::new(), arrive };
        for Event { time, kind, .. } in &trace.events {
            if let EventKind::Sent { name, .. } | EventKind::Injected { name, .. } = kind {
                ways.left.entry(*name).or_insert(*time);
                continue;
            }
            let (name, ending) = if let EventKind::Arrived { name, .. } = kind {
                (name, Ending::Arrives)
            } else if let EventKind::Lost { name } = kind {
                (name, Ending::Lost)
            } else if let EventKind::Died { name } = kind {
                (name, Ending::Dies)
            } else {
                continue;
            };
            ways.ended.entry(*name).or_insert((ending, *time));
        }
        ways
    }

    /// How the way of a segment ends, when, and how far across.
    fn end(&self, name: SegmentName, left: Time, travel: Span) -> (Ending, Time, f64) {
        match self.ended.get(&name) {
            Some((Ending::Arrives, time)) => (Ending::Arrives, *time, 1.0),
            Some((Ending::Lost, _)) => {
                (Ending::Lost, left + percent(travel, LOST_REACH), LOST_REACH)
            }
            Some((Ending::Dies, time)) => (Ending::Dies, *time, LOST_REACH),
            None => {
                let arrives = self.arrive.get(&name).copied();
                (Ending::Arrives, arrives.unwrap_or(left + travel), 1.0)
            }
        }
    }

    /// When the first of all copies of a segment left.
    fn born(&self, name: SegmentName) -> Option<Time> {
        self.left.get(&SegmentName { copy: 1, ..name }).copied()
    }
}

fn arrow(trace: &Trace, place: usize, axis: &Axis, ways: &Ways) -> Option<Arrow> {
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
    let (ending, ends, reach) = ways.end(name, left, travel);
    Some(Arrow {
        name,
        segment: segment.clone(),
        event: EventId(u32::try_from(place).unwrap_or(u32::MAX)),
        kind,
        ending,
        held: ends.since(left) > travel.times(HELD),
        born: ways.born(name).unwrap_or(left),
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

/// How near another label may stand, across and down.
const NEAR: (f64, f64) = (0.28, 0.42);

/// Where labels stand: in rows as high as a label needs, by their place across, the first and the
/// last one down. What lies between the two in a row says nothing more: a row is no higher than the
/// distance that is asked for.
#[derive(Default)]
struct Labels(BTreeMap<(i64, u64), (f64, f64)>);

impl Labels {
    #[allow(clippy::cast_possible_truncation)]
    fn row(y: f64) -> i64 {
        (y / NEAR.1).floor() as i64
    }

    fn is_free(&self, (x, y): (f64, f64)) -> bool {
        let row = Labels::row(y);
        let near = self.0.range((row - 1, 0)..=(row + 1, u64::MAX));
        near.filter(|((_, across), _)| (x - f64::from_bits(*across)).abs() <= NEAR.0)
            .all(|(_, (first, last))| (y - first).abs() > NEAR.1 && (y - last).abs() > NEAR.1)
    }

    fn take(&mut self, (x, y): (f64, f64)) {
        let (first, last) = self.0.entry((Labels::row(y), x.to_bits())).or_insert((y, y));
        *first = first.min(y);
        *last = last.max(y);
    }
}

/// Moves a label along its arrow where another one would stand too near.
fn place_labels(arrows: &mut [Arrow], axis: &Axis) {
    const PLACES: [f64; 5] = [0.5, 0.34, 0.66, 0.2, 0.8];
    let mut labels = Labels::default();
    for arrow in arrows {
        let at = |arrow: &Arrow, along: f64| {
            let y = arrow.from + along * (arrow.to - arrow.from);
            (arrow.side(along * arrow.reach), y * axis.length())
        };
        let free = PLACES.into_iter().find(|along| labels.is_free(at(arrow, *along)));
        arrow.label = free.unwrap_or(0.5);
        labels.take(at(arrow, arrow.label));
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
