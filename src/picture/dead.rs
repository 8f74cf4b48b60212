//! The dead line: the stretches in which whatever a host sends is lost.

use crate::tcp::event::HostId;
use crate::tcp::time::Span;
use crate::world::{During, Scenario};

use super::axis::Axis;

/// A stretch in which the line is dead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeadLine {
    /// Whose segments are lost; `None`: those of both hosts.
    pub sender: Option<HostId>,
    /// Where it begins on the axis, 0..1.
    pub from: f64,
    /// Where it ends, or the run does, 0..1.
    pub to: f64,
    /// How long it is; `None`: to the end of the run.
    pub length: Option<Span>,
}

/// The stretches of a scenario in which the line is dead, in the order of its acts, each with whose
/// segments are lost: what is said of both hosts for the same time is one, and has `None`.
#[must_use]
pub fn dead_stretches(scenario: &Scenario) -> Vec<(Option<HostId>, During)> {
    let mut known: Vec<(Option<HostId>, During)> = Vec::new();
    for (sender, during) in scenario.dead_lines() {
        match known.iter_mut().find(|(_, other)| *other == during) {
            Some((one, _)) if *one != Some(sender) => *one = None,
            Some(_) => {}
            None => known.push((Some(sender), during)),
        }
    }
    known
}

/// Those that begin within the axis, as they're drawn.
#[must_use]
pub fn dead_lines(scenario: &Scenario, axis: &Axis) -> Vec<DeadLine> {
    let begun =
        dead_stretches(scenario).into_iter().filter(|(_, during)| during.from() < axis.end());
    let drawn = begun.map(|(sender, during)| DeadLine {
        sender,
        from: axis.place(during.from()),
        to: during.to().map_or(1.0, |to| axis.place(to)),
        length: during.to().map(|to| to.since(during.from())),
    });
    drawn.collect()
}

#[cfg(test)]
mod tests {
    use super::{DeadLine, dead_lines};
    use crate::picture::Picture;
    use crate::picture::tests::of_scene;
    use crate::tcp::event::HostId;
    use crate::tcp::time::{Span, Time};
    use crate::world::{Act, During, Fate, Target};

    /// The dead lines of a scene to which these were added, in milliseconds.
    fn with(lines: &[(HostId, u64, u64)]) -> (Picture, Vec<DeadLine>) {
        let mut scenario = of_scene("close").runs[0].trace.scenario.clone();
        for (sender, from, to) in lines {
            let during = During::new(Time::from_millis(*from), Time::from_millis(*to));
            let target = during.map(|during| Target::all(*sender, during));
            scenario.acts.extend(target.map(|target| Act::Fate { target, fate: Fate::Drop }));
        }
        let picture = Picture::alone(&scenario);
        let dead = dead_lines(&scenario, &picture.axis);
        (picture, dead)
    }

    #[test]
    fn both_hosts_at_the_same_time_are_one_dead_line() {
        let (a, b) = (HostId::A, HostId::B);
        let (picture, dead) = with(&[(a, 100, 300), (b, 100, 300), (b, 300, 400)]);
        let told: Vec<_> = dead.iter().map(|one| (one.sender, one.length)).collect();
        let (two, one) = (Some(Span::from_millis(200)), Some(Span::from_millis(100)));
        assert_eq!(told, [(None, two), (Some(b), one)]);
        let places = [100, 300, 300, 400].map(|ms| picture.axis.place(Time::from_millis(ms)));
        assert_eq!([dead[0].from, dead[0].to, dead[1].from, dead[1].to], places);
    }

    #[test]
    fn what_begins_after_the_last_event_is_not_drawn() {
        let (_, dead) = with(&[(HostId::A, 9_999_000, 9_999_500)]);
        assert_eq!(dead, []);
        assert_eq!(with(&[]).1, []);
    }
}
