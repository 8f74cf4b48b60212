//! A job while it's being done: it goes on for as long as it's told to, and reports. What passes from
//! the page's worker to the page.

use serde::{Deserialize, Serialize};

use crate::tcp::event::HostId;
use crate::tcp::profile::Base;
use crate::world::Verdict;

use super::chart::{LENGTHS, Point};
use super::found::{Counterexample, Tried};
use super::hunt::Hunt;
use super::job::{Job, Question};
use super::lost::{self, CELLS, Cell};
use super::setting::Unfit;
use super::theorem::Play;

/// How much memory a search may take in a browser, octets: see [`Hunt::row`]. With the hosts' table,
/// and with what an array takes while it grows, the worker stays below 256 MiB, which is where its
/// memory ends (explorer/build.rs).
pub const BROWSER_OCTETS: u64 = 192 << 20;

/// How far a job is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Whether it's over.
    pub is_over: bool,
    /// Whether everything within the budget was tried: nothing was cut off for want of room. Says
    /// something when it's over.
    pub is_whole: bool,
    /// How many acts the states take that are being tried.
    pub acts: u8,
    /// How much of it is done, in parts of a thousand, where that can be told.
    pub done: Option<u16>,
    /// What was tried.
    pub tried: Count,
    /// The theorem: the shortest run to each verdict that was found.
    pub found: Vec<Run>,
    /// The chart of lengths: the points that are new since the last report.
    pub points: Vec<ChartPoint>,
    /// The chart of lost ACKs: the points that are new since the last report.
    pub lost: Vec<LostPoint>,
}

/// What was tried, of [`Tried`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// States.
    pub states: u64,
    /// Runs.
    pub runs: u64,
    /// Runs that only a tie allowed.
    pub unreal: u64,
    /// Runs that weren't followed for want of room.
    pub cut: u64,
}

impl Count {
    fn new(Tried { states, runs, unreal, cut, .. }: Tried) -> Count {
        Count { states, runs, unreal, cut }
    }
}

/// A run that shows a verdict.
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
    fn new((play, one): &(Play, Counterexample)) -> Run {
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

/// A [`Point`] of the chart of lengths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartPoint {
    /// The length of TIME-WAIT, in ticks.
    pub length: u8,
    /// The kind of failure.
    pub verdict: Verdict,
    /// In how many ways it comes.
    pub ways: u64,
    /// Whether it's certain that there's none, where `ways` is 0: everything was tried, and nothing
    /// rejected.
    pub is_certain: bool,
    /// What was tried for it.
    pub tried: Count,
    /// The shortest run to it.
    pub run: Option<Run>,
}

impl ChartPoint {
    fn new(point: &Point) -> ChartPoint {
        ChartPoint {
            length: point.length,
            verdict: point.verdict,
            ways: point.ways,
            is_certain: point.whole && point.unreal == 0,
            tried: Count::new(point.tried),
            run: point.shortest.as_ref().map(Run::new),
        }
    }
}

/// A [`Cell`] of the chart of lost ACKs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostPoint {
    /// The stack of both hosts.
    pub stack: Base,
    /// The length of TIME-WAIT, in milliseconds.
    pub wait: u64,
    /// How many losses; `None`: the RST never comes.
    pub count: Option<u32>,
    /// The run with that many losses, or with as many as can be, as text.
    pub scenario: String,
}

impl LostPoint {
    fn new(cell: &Cell) -> LostPoint {
        LostPoint {
            stack: cell.stack,
            wait: cell.wait,
            count: cell.count,
            scenario: cell.scenario.to_string(),
        }
    }
}

/// A job that is being done.
#[derive(Debug)]
pub enum Work {
    /// The theorem.
    Theorem(Hunt),
    /// The chart of lengths.
    Lengths(Sweep),
    /// The chart of lost ACKs: how many of its points are done, and how many were reported.
    LostAcks(usize, usize),
}

/// The chart of lengths, one length after the other.
#[derive(Debug)]
pub struct Sweep {
    acts: u8,
    /// The length that is being searched, and its hunt; none when all are done.
    current: Option<(u8, Hunt)>,
    /// What the lengths before tried, and whether each was whole.
    before: Tried,
    is_whole: bool,
    /// What was not reported yet.
    points: Vec<ChartPoint>,
}

impl Work {
    /// Begins a job.
    ///
    /// # Errors
    /// Says why it can't be searched: a defence that the adversary doesn't know how to search with.
    pub fn new(job: &Job) -> Result<Work, Unfit> {
        Ok(match job {
            Job::Theorem(Question { without, defences, acts }) => {
                Work::Theorem(Hunt::row(without, defences, *acts, BROWSER_OCTETS)?)
            }
            Job::Lengths(acts) => Work::Lengths(Sweep {
                acts: *acts,
                current: Some((*LENGTHS.start(), hunt(*LENGTHS.start(), *acts)?)),
                before: Tried::default(),
                is_whole: true,
                points: Vec::new(),
            }),
            Job::LostAcks => Work::LostAcks(0, 0),
        })
    }

    /// Tries what follows so many states; or the next point, where none is searched. Whether the job
    /// is over.
    pub fn go_on(&mut self, states: u32) -> bool {
        match self {
            Work::Theorem(hunt) => hunt.go_on(states),
            Work::Lengths(sweep) => sweep.go_on(states),
            Work::LostAcks(done, _) => {
                *done += 1;
                *done >= CELLS
            }
        }
    }

    /// How far it is. What a chart has got since is told once.
    pub fn report(&mut self) -> Report {
        match self {
            Work::Theorem(hunt) => {
                let row = hunt.as_row();
                Report {
                    is_over: hunt.go_on(0),
                    is_whole: row.whole,
                    acts: hunt.cost().acts,
                    tried: Count::new(row.tried),
                    found: row.found.iter().map(Run::new).collect(),
                    ..Report::default()
                }
            }
            Work::Lengths(sweep) => sweep.report(),
            Work::LostAcks(done, told) => {
                let cells = (*told..*done).filter_map(lost::cell);
                let lost = cells.map(|cell| LostPoint::new(&cell)).collect();
                *told = *done;
                let (is_over, done) = (*done >= CELLS, share(*done, CELLS));
                Report { is_over, is_whole: is_over, done, lost, ..Report::default() }
            }
        }
    }
}

impl Sweep {
    fn go_on(&mut self, states: u32) -> bool {
        let Some((length, search)) = &mut self.current else { return true };
        if !search.go_on(states) {
            return false;
        }
        self.points.extend(search.as_points().iter().map(ChartPoint::new));
        self.before = self.before.and(search.tried());
        self.is_whole &= search.as_row().whole;
        let next = *length + 1;
        // The lengths of the chart are fit, each as the one before.
        let begun = if LENGTHS.contains(&next) { hunt(next, self.acts).ok() } else { None };
        self.current = begun.map(|hunt| (next, hunt));
        self.current.is_none()
    }

    fn report(&mut self) -> Report {
        let now = self.current.as_ref();
        let tried = now.map_or(self.before, |(_, hunt)| self.before.and(hunt.tried()));
        let length = now.map_or(LENGTHS.len(), |(length, _)| usize::from(*length));
        Report {
            is_over: now.is_none(),
            is_whole: self.is_whole,
            acts: now.map_or(self.acts, |(_, hunt)| hunt.cost().acts),
            done: share(length, LENGTHS.len()),
            tried: Count::new(tried),
            points: core::mem::take(&mut self.points),
            ..Report::default()
        }
    }
}

fn hunt(length: u8, acts: u8) -> Result<Hunt, Unfit> {
    Hunt::length(length, acts, BROWSER_OCTETS)
}

/// So many of so many, in parts of a thousand.
fn share(part: usize, whole: usize) -> Option<u16> {
    u16::try_from(part * 1_000 / whole.max(1)).ok()
}
