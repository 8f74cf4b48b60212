//! Lessons: what is told at which moment of a run, what is asked before it, and puzzles.
//!
//! A lesson is a file of content/lessons: texts, and names of scenes, moments, questions and goals.
//! It holds no answer. What is right is what the engine does in the run as it stands, so it stays
//! right when the learner has changed the scene. CONTRIBUTING.md shows how to write one.

mod answer;
mod exchange;
mod file;
mod goal;
mod moment;
mod publish;
mod question;

use core::fmt;

pub use answer::{Answer, Got, Sending};
pub use exchange::{Bases, Exchanged, Likeness, Recording, exchange, from_first_fin, likeness};
pub use file::{Beat, Lesson, Part, Puzzle, Question, Reading, Words};
pub use goal::{Condition, Doer, Goal, Order, acts_of};
pub use moment::{Happening, Moment};
pub use publish::{Listed, Published, Recorded, Scene};
pub use question::{About, Asked, Choice, MOST_CHOICES};

/// A word of a lesson that can't be read; it says what was expected in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread(pub(crate) &'static str);

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.0)
    }
}

impl core::error::Error for Unread {}

/// The host of a letter.
fn host(word: &str) -> Option<crate::tcp::event::HostId> {
    crate::tcp::event::HostId::BOTH.into_iter().find(|host| host.to_string() == word)
}

/// Takes a word off the front of a text, where it stands there alone.
fn without<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.trim().strip_prefix(word)?.strip_prefix(' ').map(str::trim)
}
