//! A job while it's being done: it goes on for as long as it's told to, and reports.

use serde::{Deserialize, Serialize};

use crate::tcp::event::HostId;
use crate::world::Verdict;

use super::found::{Counterexample, Tried};
use super::job::{BROWSER_OCTETS, Job};
use super::search::Search;
use super::setting::Unfit;
use super::theorem::{NEVER, Play, Premise, setting};

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Whether it's over.
    pub is_over: bool,
    /// Whether everything within the budget was tried, so far.
    pub is_whole: bool,
    /// How many acts are being tried now.
    pub acts: u8,
    /// States tried.
    pub states: u64,
    /// Runs tried: see [`Tried::runs`].
    pub runs: u64,
    /// Runs that only a tie allowed: see [`Tried::unreal`].
    pub unreal: u64,
    /// The shortest run to each verdict that was found.
    pub found: Vec<Run>,
}

/// A run that shows a verdict, as it passes from the worker to the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// What it shows.
    pub verdict: Verdict,
    /// The side that it happens to.
    pub host: HostId,
    /// What the programs do: the name of a [`Play`].
    pub play: String,
    /// Acts of the network.
    pub acts: u8,
    /// Steps.
    pub steps: u32,
    /// The scenario, as text.
    pub scenario: String,
}

impl Run {
    fn new(play: Play, one: &Counterexample) -> Run {
        Run {
            verdict: one.verdict,
            host: one.host,
            play: play.name().to_owned(),
            acts: one.cost.acts,
            steps: one.cost.steps,
            scenario: one.scenario.to_string(),
        }
    }
}

/// A job that is being done.
#[derive(Debug)]
pub struct Work {
    without: Option<Premise>,
    acts: u8,
    most: u8,
    play: usize,
    search: Search,
    tried: Tried,
    whole: bool,
    over: bool,
    found: Vec<(Play, Counterexample)>,
}

impl Work {
    /// Begins it.
    ///
    /// # Errors
    /// Never: the settings of a job are fit, and a test holds that.
    pub fn new(job: &Job) -> Result<Work, Unfit> {
        let Job::Theorem { without, acts } = job else { return Err(Unfit::Clock) };
        let without = without.first().copied();
        let first = if without.is_none() { *acts } else { 0 };
        Ok(Work {
            without,
            acts: first,
            most: *acts,
            play: 0,
            search: begin(without, first, 0)?,
            tried: Tried::default(),
            whole: true,
            over: false,
            found: Vec::new(),
        })
    }

    /// Tries what follows so many states. Whether the job is over.
    pub fn go_on(&mut self, states: u32) -> bool {
        if self.over || !self.search.go_on(states) {
            return self.over;
        }
        let found = self.search.found();
        self.tried = self.tried.and(found.tried);
        self.whole &= found.whole;
        let play = Play::ALL[self.play];
        self.found.extend(found.counterexamples.into_iter().map(|one| (play, one)));
        self.play += 1;
        if self.play == Play::ALL.len() {
            self.play = 0;
            self.acts += 1;
            self.over = !self.found.is_empty() || self.acts > self.most;
        }
        if !self.over {
            match begin(self.without, self.acts, self.play) {
                Ok(search) => self.search = search,
                Err(_) => self.over = true,
            }
        }
        self.over
    }

    /// How far it is.
    pub fn report(&mut self) -> Report {
        let tried = if self.over { self.tried } else { self.tried.and(self.search.tried()) };
        Report {
            is_over: self.over,
            is_whole: self.whole,
            acts: self.acts,
            states: tried.states,
            runs: tried.runs,
            unreal: tried.unreal,
            found: self.found.iter().map(|(play, one)| Run::new(*play, one)).collect(),
        }
    }
}

fn begin(without: Option<Premise>, acts: u8, play: usize) -> Result<Search, Unfit> {
    let mut setting = setting(Play::ALL[play], without, acts);
    setting.most_octets = BROWSER_OCTETS;
    Search::new(&setting, &NEVER, false)
}
