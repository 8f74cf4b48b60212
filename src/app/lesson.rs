//! Lessons on the stage: what is told above it, the list of all, a lesson as one page, and a recording
//! beside its scene.
//!
//! A lesson goes from stop to stop: a question before a moment, the moment itself, a puzzle, the end.
//! [`super::lab::Going`] is the stop; everything else follows from it and from the lesson's file.

mod files;
mod list;
mod page;
mod place;
mod puzzle;
mod question;
mod recorded;
mod words;

use super::lab::Lab;
use super::language::Language;
use super::storage;
use crate::lesson::{Beat, Part, Published, Words};
use crate::world::{Scenario, Scene, Trace};

pub(super) use list::list;
pub(super) use page::page;
pub(super) use place::place;
pub(super) use recorded::recorded;

/// Where a lesson stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// Just before a beat's moment, with its question: the part and the beat.
    Ask(usize, usize),
    /// At a beat's moment.
    Tell(usize, usize),
    /// A puzzle.
    Puzzle(usize),
    /// What to read, and which lesson is next.
    End,
}

/// The stops of a lesson, in order.
fn stops(published: &Published) -> Vec<Stop> {
    let lesson = &published.lesson;
    let parts = lesson.parts.iter().enumerate();
    let beats = parts.flat_map(|(part, one)| {
        one.beats.iter().enumerate().flat_map(move |(beat, one)| {
            let ask = one.question.is_some().then_some(Stop::Ask(part, beat));
            ask.into_iter().chain([Stop::Tell(part, beat)])
        })
    });
    let puzzles = (0..lesson.puzzles.len()).map(Stop::Puzzle);
    beats.chain(puzzles).chain([Stop::End]).collect()
}

/// The beat at a place, and its part.
fn beat_at(published: &Published, part: usize, beat: usize) -> Option<(&Part, &Beat)> {
    let part = published.lesson.parts.get(part)?;
    Some((part, part.beats.get(beat)?))
}

/// The scene of that name, with a second world where there is one.
fn scene(
    published: &Published,
    name: &str,
    other: Option<&crate::world::Difference>,
) -> Option<Scene> {
    let scenario: Scenario = published.scene(name)?.ok()?;
    Some(Scene { scenario, other: other.cloned() })
}

/// The scene that belongs to a stop; the end has none of its own.
fn scene_of(published: &Published, stop: Stop) -> Option<Scene> {
    match stop {
        Stop::Ask(part, _) | Stop::Tell(part, _) => {
            let part = published.lesson.parts.get(part)?;
            scene(published, &part.scene, part.other.as_ref())
        }
        Stop::Puzzle(number) => {
            let puzzle = published.lesson.puzzles.get(number)?;
            scene(published, &puzzle.scene, puzzle.other.as_ref())
        }
        Stop::End => None,
    }
}

/// The runs that are on the stage.
fn runs(lab: Lab) -> Vec<Trace> {
    lab.picture.get().runs.iter().map(|run| run.trace.clone()).collect()
}

/// A text of a lesson in the person's language.
fn of(language: Language, words: &Words) -> &str {
    words.of(language.tag())
}

/// What the device remembers of a lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Progress {
    /// The stop that somebody went on to last.
    stop: usize,
    /// The farthest one.
    farthest: usize,
    /// How many there are; 0: it was never begun.
    stops: usize,
    /// The puzzles that were solved.
    solved: Vec<usize>,
}

impl Progress {
    /// What is remembered; nothing where that can't be read.
    fn read(name: &str) -> Progress {
        let text = storage::read(&key(name)).unwrap_or_default();
        let mut numbers = text.split(' ').map(|word| word.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        let (stop, farthest, stops) = (next(), next(), next());
        Progress { stop, farthest, stops, solved: numbers.collect() }
    }

    fn write(&self, name: &str) {
        let numbers = [self.stop, self.farthest, self.stops];
        let all = numbers.iter().chain(&self.solved);
        let words: Vec<String> = all.map(usize::to_string).collect();
        storage::write(&key(name), &words.join(" "));
    }

    /// Somebody is at a stop.
    fn note_stop(name: &str, stop: usize, stops: usize) {
        let before = Progress::read(name);
        Progress { stop, farthest: before.farthest.max(stop), stops, ..before }.write(name);
    }

    /// Somebody solved a puzzle.
    fn note_solved(name: &str, puzzle: usize) {
        let mut progress = Progress::read(name);
        if !progress.solved.contains(&puzzle) {
            progress.solved.push(puzzle);
            progress.write(name);
        }
    }

    /// Whether somebody reached its end.
    fn is_done(&self) -> bool {
        self.stops > 0 && self.farthest + 1 >= self.stops
    }
}

fn key(name: &str) -> String {
    format!("lesson {name}")
}
