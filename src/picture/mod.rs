//! From a run and a moment to what is to be drawn: places between 0 and 1, no pixels, no colours,
//! no words.

mod axis;
mod card;
mod dead;
mod ladder;
mod lane;
pub mod map;
mod recording;
mod story;

use crate::packed::packed;
use crate::tcp::event::{HostId, SegmentName};
use crate::tcp::time::Time;
use crate::world::{Parting, Scenario, Trace, parting, simulate};

pub use axis::{Axis, Break};
pub use card::{Card, Holder, Line, Shown, Timer, Variables};
pub use dead::{DeadLine, dead_lines, dead_stretches};
pub use ladder::{Arrow, Ending, Kind};
pub use lane::{Life, Piece};
pub use recording::{Now, Recording};
pub use story::{Answer, Asked, Beginning, Numbers, Reason, Step};

/// A moment at which something happens in any of the runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// When.
    pub time: Time,
    /// Where on the axis, 0..1.
    pub place: f64,
}

packed!(Moment { time, place });

/// One run, or two that differ in a rule, on one axis, ready to be drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// Where moments are drawn.
    pub axis: Axis,
    /// The moments at which something happens, in order.
    pub moments: Vec<Moment>,
    /// The runs: one, or two.
    pub runs: Vec<Run>,
    /// Where two runs part.
    pub parting: Option<Parting>,
    /// Whether there is more than one connection, so that numbers tell them apart.
    pub has_many: bool,
}

packed!(Picture { axis, moments, runs, parting, has_many });

/// One run of a [`Picture`].
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What happened.
    pub trace: Trace,
    /// The segments, in the order in which they left.
    pub arrows: Vec<Arrow>,
    /// The lifelines of A and B.
    pub lanes: [Vec<Piece>; 2],
    /// The places of the arrows in the order of their names.
    by_name: Vec<usize>,
}

packed!(Run { trace, arrows, lanes, by_name });

impl Picture {
    /// The picture of the run that a scenario decides.
    #[must_use]
    pub fn alone(scenario: &Scenario) -> Picture {
        Picture::new(vec![simulate(scenario)], None)
    }

    /// The picture of two runs side by side.
    #[must_use]
    pub fn pair(scenario: &Scenario, other: &Scenario) -> Picture {
        let [one, other] = [scenario, other].map(simulate);
        let parting = parting(&one, &other);
        Picture::new(vec![one, other], parting)
    }

    fn new(traces: Vec<Trace>, parting: Option<Parting>) -> Picture {
        let axis = Axis::new(&traces);
        let runs: Vec<Run> = traces.into_iter().map(|trace| Run::new(trace, &axis)).collect();
        let moments = axis.moments(runs.iter().map(|run| &run.trace));
        let has_many =
            runs.iter().flat_map(|run| &run.arrows).any(|arrow| arrow.segment.origin.0 != 1);
        Picture { axis, moments, runs, parting, has_many }
    }

    /// The place in [`Picture::moments`] of the latest moment at or before a time.
    #[must_use]
    pub fn moment_at(&self, time: Time) -> Option<usize> {
        self.moments.partition_point(|moment| moment.time <= time).checked_sub(1)
    }

    /// The first moment after a time.
    #[must_use]
    pub fn next(&self, time: Time) -> Option<&Moment> {
        self.moments.get(self.moments.partition_point(|moment| moment.time <= time))
    }

    /// The last moment before a time.
    #[must_use]
    pub fn previous(&self, time: Time) -> Option<&Moment> {
        let after = self.moments.partition_point(|moment| moment.time < time);
        self.moments.get(after.checked_sub(1)?)
    }
}

impl Run {
    fn new(trace: Trace, axis: &Axis) -> Run {
        let arrows = ladder::arrows(&trace, axis);
        let lanes = HostId::BOTH.map(|host| lane::lane(&trace, host, axis));
        let mut by_name: Vec<usize> = (0..arrows.len()).collect();
        by_name.sort_by_key(|place| arrows.get(*place).map(|arrow| arrow.name));
        Run { trace, arrows, lanes, by_name }
    }

    /// The cards of A and B when everything up to and including a time has happened.
    #[must_use]
    pub fn cards(&self, time: Time) -> [Card; 2] {
        let snapshot = self.trace.at(time);
        HostId::BOTH.map(|host| card::card(&self.trace, &snapshot, host))
    }

    /// What happened at a moment and why; nothing where nothing happens at it in this run.
    #[must_use]
    pub fn story(&self, time: Time) -> Vec<Step> {
        story::story(&self.trace, time)
    }

    /// The segments that are on their way at a time, in the order in which they left.
    pub fn in_flight(&self, time: Time) -> impl Iterator<Item = &Arrow> + '_ {
        self.arrows.iter().filter(move |arrow| arrow.is_in_flight(time))
    }

    /// The segment of that name.
    #[must_use]
    pub fn arrow(&self, name: SegmentName) -> Option<&Arrow> {
        let of = |place: &usize| self.arrows.get(*place);
        let found = self.by_name.binary_search_by_key(&Some(name), |at| of(at).map(|a| a.name));
        self.by_name.get(found.ok()?).and_then(of)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::Picture;
    use crate::tcp::profile::Base;
    use crate::world::scenes::Scene;
    use crate::world::{Scenario, parse_scenario};

    /// The picture of a scene that ships with the lab.
    pub(crate) fn of_scene(name: &str) -> Picture {
        let scenario = Scene::find(name).map(|scene| parse_scenario(scene.text));
        assert!(matches!(scenario, Some(Ok(_))), "the scene {name} can't be read");
        let scenario = scenario.and_then(Result::ok);
        Picture::alone(&scenario.unwrap_or_else(|| Scenario::new(Base::Rfc9293)))
    }
}
