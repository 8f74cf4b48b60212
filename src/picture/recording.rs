//! What there is to say at a moment, and a run with all of that recorded: what the page opens with,
//! before the code is there that makes a run.

use super::{Card, Picture, Run, Step};
use crate::packed::packed;
use crate::tcp::event::HostId;
use crate::tcp::rule::Rule;
use crate::tcp::time::Time;
use crate::world::{Judgement, Scenario, verdicts_at};

/// What there is to say of a moment in one world. It changes only where something happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Now {
    /// The cards of A and B.
    pub cards: [Card; 2],
    /// What happened and why.
    pub story: Vec<Step>,
    /// How the connections ended, or stand.
    pub verdicts: Vec<Judgement>,
}

packed!(Now { cards, story, verdicts });

/// The picture of a run, and what there is to say at each of its moments.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// The picture.
    pub picture: Picture,
    /// What there is to say in each world before the first moment, then at each moment.
    pub nows: Vec<Vec<Now>>,
}

packed!(Recording { picture, nows });

impl Now {
    fn new(run: &Run, time: Time, is_last: bool) -> Now {
        let judged = if is_last { run.trace.scenario.until } else { time };
        Now {
            cards: run.cards(time),
            story: run.story(time),
            verdicts: verdicts_at(&run.trace, judged),
        }
    }

    /// A host's card.
    #[must_use]
    pub fn card(&self, host: HostId) -> &Card {
        let [a, b] = &self.cards;
        match host {
            HostId::A => a,
            HostId::B => b,
        }
    }
}

impl Picture {
    /// What there is to say in each world at a moment, given by its place; `None`: before the first.
    #[must_use]
    pub fn now(&self, moment: Option<usize>) -> Vec<Now> {
        let moment = moment.and_then(|at| self.moments.get(at));
        let time = moment.map_or(Time::START, |moment| moment.time);
        let is_last = self.next(time).is_none();
        self.runs.iter().map(|run| Now::new(run, time, is_last)).collect()
    }
}

impl Recording {
    /// Makes the run of a scenario and records it.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Recording {
        let picture = Picture::alone(scenario);
        let moments = (0..picture.moments.len()).map(Some);
        let nows = core::iter::once(None).chain(moments).map(|at| picture.now(at)).collect();
        Recording { picture, nows }
    }

    /// The rules whose sentences are told in it, each once, in the order of [`Rule::ALL`].
    #[must_use]
    pub fn rules(&self) -> Vec<Rule> {
        let steps = self.nows.iter().flatten().flat_map(|now| &now.story);
        let mut rules: Vec<Rule> =
            steps.flat_map(|step| &step.reasons).map(|reason| reason.rule).collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }
}
