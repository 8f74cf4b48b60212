//! A lesson as the page fetches it: the file's content with all that it names beside it.
//!
//! `cargo xtask build` makes `dist/lesson-NAME-HASH.json` of each, and one list of them all.

use serde::{Deserialize, Serialize};

use crate::world::{Scenario, TextError, Trace, parse_scenario, simulate};

use super::{Exchanged, Lesson, Likeness, Part, Recording, Words, exchange, likeness};

/// A lesson with its scenes and recordings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Its name, in an address and in what the device remembers.
    pub name: String,
    /// What its file says.
    pub lesson: Lesson,
    /// The scenes that its parts and puzzles name, each once.
    pub scenes: Vec<Scene>,
    /// The recordings that its parts name, each once.
    pub recordings: Vec<Recorded>,
}

/// A scene.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// Its name.
    pub name: String,
    /// Its scenario as text.
    pub text: String,
}

/// A recorded exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// Where it was recorded.
    pub name: Recording,
    /// What the hosts sent.
    pub segments: Vec<Exchanged>,
}

/// A lesson in the list of them all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: Words,
    /// What it shows, in a sentence.
    pub summary: Words,
    /// How many minutes it takes.
    pub minutes: u32,
    /// The name of the file that it is fetched from.
    pub file: String,
}

impl Recorded {
    /// How like a run is to it: the whole, the close, or `None`. Made anew for each run, so that
    /// "the same" isn't said of a scene that was changed.
    #[must_use]
    pub fn likeness(&self, trace: &Trace) -> Option<Likeness> {
        likeness(&self.segments, &exchange(trace))
    }
}

impl Published {
    /// The scenario of a scene that the lesson names; `None` where it names none of that name.
    ///
    /// # Errors
    /// Where the scene's text can't be read.
    #[must_use]
    pub fn scene(&self, name: &str) -> Option<Result<Scenario, TextError>> {
        let scene = self.scenes.iter().find(|scene| scene.name == name);
        scene.map(|scene| parse_scenario(&scene.text))
    }

    /// The recording that a part names.
    #[must_use]
    pub fn recorded(&self, part: &Part) -> Option<&Recorded> {
        let wanted = part.recorded.as_ref()?;
        self.recordings.iter().find(|recorded| recorded.name == *wanted)
    }
}

impl Part {
    /// The runs of a scene as it stands: one, and behind it the second world's where there is one.
    #[must_use]
    pub fn runs(&self, scene: &Scenario) -> Vec<Trace> {
        let other = self.other.as_ref().map(|other| other.apply(scene));
        core::iter::once(scene).chain(&other).map(simulate).collect()
    }
}

impl Lesson {
    /// The names of the scenes of its parts and puzzles, in order, each once.
    #[must_use]
    pub fn scenes(&self) -> Vec<&str> {
        let parts = self.parts.iter().map(|part| &part.scene);
        let all = parts.chain(self.puzzles.iter().map(|puzzle| &puzzle.scene));
        let mut names: Vec<&str> = Vec::new();
        for name in all {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }
}
