//! Puzzles: the solution solves one, doing nothing does not.

use time_wait_lab::lesson::{Goal, Puzzle};
use time_wait_lab::world::{Scenario, simulate};

use super::Checker;
use super::place::{Place, step};

impl Checker<'_> {
    pub(super) fn puzzle(&mut self, place: &Place, puzzle: &Puzzle) {
        self.words(&step(place, "ask"), &puzzle.ask);
        for (number, hint) in puzzle.hints.iter().enumerate() {
            self.words(&step(place, "hints").nth(number), hint);
        }
        if puzzle.hints.len() != 2 {
            let what = format!("{} hints: expected two", puzzle.hints.len());
            self.fault(&step(place, "hints"), what);
        }
        if puzzle.goal.is_empty() {
            self.fault(&step(place, "goal"), "no goal: expected one at least");
            return;
        }
        let Some(start) = self.scene(&step(place, "scene"), &puzzle.scene) else { return };
        if puzzle.is_solved(&start, &start, &simulate(&start)) {
            let what = "solved by doing nothing: expected a goal that the scene doesn't meet";
            self.fault(&step(place, "goal"), what);
        }
        let solution = step(place, "solution");
        match puzzle.solved(&start) {
            Err(error) => self.fault(&solution, format!("a line that can't be read: {error}")),
            Ok(now) => {
                let missed = missed(puzzle, &start, &now);
                if !missed.is_empty() {
                    let what =
                        format!("it doesn't solve the puzzle: expected {}", missed.join(", "));
                    self.fault(&solution, what);
                }
            }
        }
    }
}

/// The goals that don't hold.
fn missed(puzzle: &Puzzle, start: &Scenario, now: &Scenario) -> Vec<String> {
    let trace = simulate(now);
    let missed = puzzle.goal.iter().filter(|goal: &&Goal| !goal.holds(start, now, &trace));
    missed.map(|goal| format!("`{goal}`")).collect()
}
