//! A search of all plays at once, fewest acts first: what it finds first is the shortest of all.

use crate::world::verdict::Verdict;

use super::chart::Point;
use super::found::{Cost, Counterexample, Found, Tried};
use super::search::Search;
use super::setting::{Setting, Unfit};
use super::theorem::{Defence, MSL, NEVER, Play, Premise, Row, setting};

/// What the chart of lengths shows: what lies within the premises, and the one outside of them.
const ALL: [Verdict; 4] = [NEVER[0], NEVER[1], NEVER[2], Verdict::SpuriousRst];
const OUTSIDE: [Verdict; 1] = [Verdict::SpuriousRst];

/// The search of one play.
#[derive(Debug)]
struct Job {
    play: Play,
    /// Those of its verdicts that belong to the result; with the others a run only ends.
    counts: &'static [Verdict],
    stage: Stage,
}

/// How far it is. What a search knows is given back when it's over.
#[derive(Debug)]
enum Stage {
    Running(Box<Search>),
    Over(Found),
}

impl Job {
    fn found(&self) -> Found {
        match &self.stage {
            Stage::Running(search) => search.found(),
            Stage::Over(found) => found.clone(),
        }
    }

    fn tried(&self) -> Tried {
        match &self.stage {
            Stage::Running(search) => search.tried(),
            Stage::Over(found) => found.tried,
        }
    }
}

/// A row of the theorem, or the points of one length of TIME-WAIT, as a search that goes on for as
/// long as it's told to and can be looked at. Of all plays, the one goes on that has come least far
/// in acts, then in steps; so the first run that is found is a shortest one. (A search that begins anew
/// is the least far then, and goes on first.)
#[derive(Debug)]
pub struct Hunt {
    without: Vec<Premise>,
    defences: Vec<Defence>,
    length: u8,
    counts_ways: bool,
    budget: u8,
    jobs: Vec<Job>,
    /// The job that went on last.
    current: usize,
    cost: Cost,
    most_octets: u64,
    octets: u64,
}

impl Hunt {
    /// What the network can do without some of the premises, with some of the defences, and with
    /// `budget` acts at most. What is known of states may take `most_octets` in all; where that
    /// isn't enough, the result says that it isn't whole.
    ///
    /// # Errors
    /// Says why it can't be searched.
    pub fn row(
        without: &[Premise],
        defences: &[Defence],
        budget: u8,
        most_octets: u64,
    ) -> Result<Hunt, Unfit> {
        let mut hunt = Hunt::empty(without, defences, budget, most_octets);
        for play in Play::ALL {
            let setting = setting(play, without, defences, budget);
            hunt.add(play, setting, &NEVER, &NEVER)?;
        }
        Ok(hunt)
    }

    /// What can go wrong with a TIME-WAIT of `length` ticks, 0 being none, and with `budget` acts at
    /// most: each of [`NEVER`] with all other premises, and the spurious RST, which ends an
    /// incarnation before its time, without premise (e).
    ///
    /// # Errors
    /// Says if the length can't be searched: more than 200 ticks.
    pub fn length(length: u8, budget: u8, most_octets: u64) -> Result<Hunt, Unfit> {
        let mut hunt = Hunt::empty(&[], &Defence::USUAL, budget, most_octets);
        hunt.length = length;
        hunt.counts_ways = true;
        for play in Play::ALL {
            for (orderly, wanted, counts) in
                [(true, &NEVER[..], &NEVER[..]), (false, &ALL, &OUTSIDE)]
            {
                let mut setting = setting(play, &[], &Defence::USUAL, budget);
                let span = setting.tick.times(u64::from(length));
                for side in &mut setting.sides {
                    side.profile.time_wait = (length > 0).then_some(span);
                }
                setting.orderly = orderly;
                hunt.add(play, setting, wanted, counts)?;
            }
        }
        Ok(hunt)
    }

    fn empty(without: &[Premise], defences: &[Defence], budget: u8, most_octets: u64) -> Hunt {
        Hunt {
            without: without.to_vec(),
            defences: defences.to_vec(),
            length: 2 * MSL,
            counts_ways: false,
            budget,
            jobs: Vec::new(),
            current: 0,
            cost: Cost { acts: 0, steps: 0 },
            most_octets,
            octets: 0,
        }
    }

    fn add(
        &mut self,
        play: Play,
        setting: Setting,
        wanted: &[Verdict],
        counts: &'static [Verdict],
    ) -> Result<(), Unfit> {
        let setting = Setting { most_octets: self.most_octets, ..setting };
        let mut search = Search::new(&setting, wanted, false)?;
        if self.counts_ways {
            search = search.in_real_order();
        }
        self.jobs.push(Job { play, counts, stage: Stage::Running(Box::new(search)) });
        Ok(())
    }

    /// Tries what follows so many states. Whether the hunt is over.
    pub fn go_on(&mut self, states: u32) -> bool {
        let mut left = states;
        while left > 0 {
            let Some((place, search)) = least(&mut self.jobs) else { return true };
            self.current = place;
            self.cost = search.cost();
            left = left.saturating_sub(search.go_on_level(left));
            if search.is_over() {
                let found = search.found();
                if let Some(job) = self.jobs.get_mut(place) {
                    job.stage = Stage::Over(found);
                }
            }
            self.stop_if_full();
        }
        least(&mut self.jobs).is_none()
    }

    /// The bound of memory, which all searches share.
    fn stop_if_full(&mut self) {
        let mut octets = 0;
        for job in &mut self.jobs {
            if let Stage::Running(search) = &mut job.stage {
                octets += search.measure();
            }
        }
        self.octets = self.octets.max(octets);
        if octets <= self.most_octets {
            return;
        }
        for job in &mut self.jobs {
            if let Stage::Running(search) = &mut job.stage {
                search.stop();
                job.stage = Stage::Over(search.found());
            }
        }
    }

    /// What was tried so far, over all plays; octets are what all of them took at one time.
    #[must_use]
    pub fn tried(&self) -> Tried {
        let all = self.jobs.iter().fold(Tried::default(), |sum, job| sum.and(job.tried()));
        Tried { octets: self.octets, ..all }
    }

    /// The play that went on last.
    #[must_use]
    pub fn play(&self) -> Play {
        self.jobs.get(self.current).map_or(Play::AskerAgain, |job| job.play)
    }

    /// How many acts and steps the states take that were tried last. All runs with fewer have been
    /// tried, in every play.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// The shortest run to each verdict so far, and in which play.
    #[must_use]
    pub fn found(&self) -> Vec<(Play, Counterexample)> {
        let mut best: Vec<(Play, Counterexample)> = Vec::new();
        for job in &self.jobs {
            let found = job.found().counterexamples.into_iter();
            for one in found.filter(|one| job.counts.contains(&one.verdict)) {
                match best.iter_mut().find(|(_, best)| best.verdict == one.verdict) {
                    Some(best) if one.cost < best.1.cost => *best = (job.play, one),
                    Some(_) => {}
                    None => best.push((job.play, one)),
                }
            }
        }
        best.sort_by_key(|(_, one)| one.verdict);
        best
    }

    /// The result as it stands, as a row of the theorem.
    #[must_use]
    pub fn as_row(&self) -> Row {
        Row {
            without: self.without.clone(),
            defences: self.defences.clone(),
            budget: self.budget,
            tried: self.tried(),
            found: self.found(),
            whole: self.jobs.iter().all(|job| job.found().whole),
        }
    }

    /// The result as it stands, as points of the chart of lengths.
    #[must_use]
    pub fn as_points(&self) -> Vec<Point> {
        let found = self.found();
        let points = ALL.into_iter().map(|verdict| {
            let mut point = Point {
                length: self.length,
                verdict,
                ways: 0,
                unreal: 0,
                shortest: found.iter().find(|(_, one)| one.verdict == verdict).cloned(),
                tried: Tried::default(),
                whole: true,
            };
            for job in self.jobs.iter().filter(|job| job.counts.contains(&verdict)) {
                let found = job.found();
                point.tried = point.tried.and(found.tried);
                point.whole &= found.whole;
                let Some(shown) = found.shown(verdict) else { continue };
                point.unreal += shown.unreal;
                if found.of(verdict).is_some() {
                    point.ways += shown.ways;
                }
            }
            point
        });
        points.collect()
    }
}

/// The search that has come least far.
fn least(jobs: &mut [Job]) -> Option<(usize, &mut Search)> {
    let mut least: Option<(usize, &mut Search)> = None;
    for (place, job) in jobs.iter_mut().enumerate() {
        if let Stage::Running(search) = &mut job.stage
            && least.as_ref().is_none_or(|(_, least)| search.cost() < least.cost())
        {
            least = Some((place, search));
        }
    }
    least
}
