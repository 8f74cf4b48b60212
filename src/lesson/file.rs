//! A lesson as its file has it: content/lessons/NN-name.toml.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::tcp::event::HostId;
use crate::world::text::VERSION;
use crate::world::{Act, Difference, Scenario, TextError, Trace, parse_difference, parse_scenario};

use super::{About, Goal, Moment, Recording};

/// A text in every language of the page. A language that is missing is an error of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl Words {
    /// The text in the language of a tag; English for a language that there is none in.
    #[must_use]
    pub fn of(&self, tag: &str) -> &str {
        match tag {
            "zh" => &self.zh,
            _ => &self.en,
        }
    }

    /// Every text with its language's tag.
    #[must_use]
    pub fn all(&self) -> [(&'static str, &str); 2] {
        [("en", &self.en), ("zh", &self.zh)]
    }
}

/// A lesson.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// How many minutes it takes.
    pub minutes: u32,
    /// Its title.
    pub title: Words,
    /// What it shows, in a sentence.
    pub summary: Words,
    /// Its parts, each with a scene of its own.
    #[serde(rename = "part")]
    pub parts: Vec<Part>,
    /// Its puzzles: the stages of one, in order.
    #[serde(rename = "puzzle")]
    pub puzzles: Vec<Puzzle>,
    /// Where to read more.
    #[serde(rename = "reading", default)]
    pub readings: Vec<Reading>,
}

/// One scene of a lesson, and what is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its title.
    pub title: Words,
    /// The name of the scene: content/scenes/NAME.scene.
    pub scene: String,
    /// What differs in the second world, where there is one.
    #[serde(default, with = "as_text", skip_serializing_if = "Option::is_none")]
    pub other: Option<Difference>,
    /// The recording in which the same was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Recording>,
    /// What is told, in the order of the moments.
    #[serde(rename = "beat")]
    pub beats: Vec<Beat>,
}

/// What is told of one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beat {
    /// The moment.
    pub at: Moment,
    /// One to three sentences.
    pub text: Words,
    /// Where it stands: documents with their sections.
    #[serde(default)]
    pub cites: Vec<String>,
    /// What is asked just before the moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
}

/// What is asked before a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What is asked, for the engine.
    pub about: About,
    /// What is asked, for the person.
    pub ask: Words,
    /// For each answer that may be taken wrongly, in the engine's words, why it is tempting.
    #[serde(default)]
    pub tempting: BTreeMap<String, Words>,
}

/// A puzzle: a scene, and what shall be reached by acts on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Puzzle {
    /// The name of the scene.
    pub scene: String,
    /// What differs in the second world, where there is one. The goals are for the first.
    #[serde(default, with = "as_text", skip_serializing_if = "Option::is_none")]
    pub other: Option<Difference>,
    /// What is to be done.
    pub ask: Words,
    /// What must hold, all of it.
    pub goal: Vec<Goal>,
    /// Two hints: the first says where to look, the second nearly what to do.
    pub hints: Vec<Words>,
    /// Lines that solve it, laid over the scene: see [`Puzzle::solved`].
    pub solution: String,
}

impl Puzzle {
    /// Whether all its goals hold: in the scene as it stands now, which was `start`, and in its run.
    #[must_use]
    pub fn is_solved(&self, start: &Scenario, now: &Scenario, trace: &Trace) -> bool {
        self.goal.iter().all(|goal| goal.holds(start, now, trace))
    }

    /// The scene with the solution laid over it. A line that begins with `A` or `B` changes that
    /// host word by word, as the second world's does; `wire`, `start` and `until` take the place of
    /// the scene's own line; every other line is one more act.
    ///
    /// # Errors
    /// Where a line of the solution can't be read; the place is counted in the solution.
    pub fn solved(&self, start: &Scenario) -> Result<Scenario, TextError> {
        let mut scene = start.clone();
        for (place, line) in self.solution.lines().enumerate() {
            let laid = lay_over(&mut scene, line.trim());
            laid.map_err(|error| {
                let line = u32::try_from(place).unwrap_or(u32::MAX).saturating_add(1);
                TextError { line, ..error }
            })?;
        }
        Ok(scene)
    }
}

fn lay_over(scene: &mut Scenario, line: &str) -> Result<(), TextError> {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or("");
    if HostId::BOTH.iter().any(|host| host.to_string() == first) {
        for word in words {
            *scene = parse_difference(&format!("{first} {word}"))?.apply(scene);
        }
        return Ok(());
    }
    let read = parse_scenario(&format!("{VERSION}\n{line}"))?;
    match first {
        "wire" => scene.wire = read.wire,
        "start" => scene.start = read.start,
        "until" => scene.until = read.until,
        _ => scene.acts.extend::<Vec<Act>>(read.acts),
    }
    Ok(())
}

/// Where to read more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// A document, with or without a section, or a point of the article: `article 2`.
    pub cite: String,
    /// What one finds there.
    pub text: Words,
}

/// A second world in the words of a link.
mod as_text {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::world::{Difference, parse_difference};

    pub(super) fn serialize<S: Serializer>(
        other: &Option<Difference>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match other {
            Some(other) => serializer.collect_str(other),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Difference>, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_difference(&text).map(Some).map_err(|error| {
            let expected = &error.expected;
            D::Error::custom(format_args!("a second world: expected {expected} in \"{text}\""))
        })
    }
}
