//! From a run and a moment to what is to be drawn: places between 0 and 1, no pixels, no colours,
//! no words.

mod axis;
mod card;
mod ladder;
mod lane;
mod story;

use crate::tcp::event::HostId;
use crate::tcp::time::Time;
use crate::world::{Scenario, Trace, simulate};

pub use axis::{Axis, Break};
pub use card::{Card, Holder, Line, Shown, Timer, Variables};
pub use ladder::{Arrow, Ending, Kind};
pub use lane::{Life, Piece};
pub use story::{Answer, Asked, Beginning, Moment, Numbers, Reason, Step};

/// A whole run, ready to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The run.
    pub trace: Trace,
    /// Where moments are drawn.
    pub axis: Axis,
    /// The moments at which something happens, in order.
    pub moments: Vec<Moment>,
    /// The segments, in the order in which they left.
    pub arrows: Vec<Arrow>,
    /// The lifelines of A and B.
    pub lanes: [Vec<Piece>; 2],
    /// Whether there is more than one connection, so that numbers tell them apart.
    pub has_many: bool,
}

impl Picture {
    /// The picture of the run that a scenario decides.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Picture {
        let trace = simulate(scenario);
        let axis = Axis::new(&trace);
        let moments = story::moments(&trace, |time| axis.place(time));
        let arrows = ladder::arrows(&trace, &axis);
        let lanes = HostId::BOTH.map(|host| lane::lane(&trace, host, &axis));
        let has_many = arrows.iter().any(|arrow| arrow.segment.origin.0 != 1);
        Picture { trace, axis, moments, arrows, lanes, has_many }
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

    /// The cards of A and B when everything up to and including a time has happened.
    #[must_use]
    pub fn cards(&self, time: Time) -> [Card; 2] {
        let snapshot = self.trace.at(time);
        HostId::BOTH.map(|host| card::card(&self.trace, &snapshot, host))
    }

    /// What happened at a moment and why.
    #[must_use]
    pub fn story(&self, moment: &Moment) -> Vec<Step> {
        story::story(&self.trace, moment)
    }

    /// The segments that are on their way at a time, by their place in [`Picture::arrows`].
    pub fn in_flight(&self, time: Time) -> impl Iterator<Item = &Arrow> + '_ {
        self.arrows.iter().filter(move |arrow| arrow.is_in_flight(time))
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
        Picture::new(&scenario.unwrap_or_else(|| Scenario::new(Base::Rfc9293)))
    }
}
