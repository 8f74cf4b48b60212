//! Reads a lesson file and says what is wrong with it: each fault with its line and what was expected.

mod place;
mod puzzle;
mod words;

use std::path::Path;

use time_wait_lab::lesson::{Beat, Lesson, Likeness, Part, Question, Recorded, Words};
use time_wait_lab::tcp::time::Time;
use time_wait_lab::world::scenes::Scene;
use time_wait_lab::world::{Scenario, Trace, parse_scenario};

pub(crate) use place::{Place, line_of};
pub(crate) use words::{sections, sentences};

use crate::recordings::read_recording;
use place::step;

/// Something wrong in a lesson file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong, and what was expected.
    pub(crate) what: String,
}

/// Everything that is wrong with a lesson, in the order of the lines.
pub(crate) fn faults(text: &str) -> Vec<Fault> {
    let lesson: Lesson = match toml::from_str(text) {
        Ok(lesson) => lesson,
        Err(error) => {
            let start = error.span().map_or(0, |span| span.start);
            return vec![Fault { line: line_of(text, start), what: error.message().to_owned() }];
        }
    };
    let mut checker = Checker { text, faults: Vec::new() };
    checker.lesson(&lesson);
    checker.faults.sort_by_key(|fault| fault.line);
    checker.faults
}

/// What the check finds, file by file: `content/lessons/02-lost-last-ack.toml:12: …`.
pub(crate) fn report(file: &str, text: &str) -> Vec<String> {
    faults(text).iter().map(|fault| format!("{file}:{}: {}", fault.line, fault.what)).collect()
}

/// A check at work.
pub(crate) struct Checker<'a> {
    text: &'a str,
    faults: Vec<Fault>,
}

impl Checker<'_> {
    fn fault(&mut self, place: &Place, what: impl Into<String>) {
        self.faults.push(Fault { line: place.line(self.text), what: what.into() });
    }

    fn lesson(&mut self, lesson: &Lesson) {
        let top = Place::new();
        if !(1..=30).contains(&lesson.minutes) {
            self.fault(&step(&top, "minutes"), "expected 1 to 30 minutes");
        }
        self.words(&step(&top, "title"), &lesson.title);
        self.words(&step(&top, "summary"), &lesson.summary);
        for (name, empty) in
            [("part", lesson.parts.is_empty()), ("puzzle", lesson.puzzles.is_empty())]
        {
            if empty {
                self.fault(&step(&top, name), format!("expected one [[{name}]] at least"));
            }
        }
        for (number, part) in lesson.parts.iter().enumerate() {
            self.part(&step(&top, "part").nth(number), part);
        }
        for (number, puzzle) in lesson.puzzles.iter().enumerate() {
            self.puzzle(&step(&top, "puzzle").nth(number), puzzle);
        }
        for (number, reading) in lesson.readings.iter().enumerate() {
            let place = step(&top, "reading").nth(number);
            self.words(&step(&place, "text"), &reading.text);
            if !words::is_article(&reading.cite) {
                self.cite(&step(&place, "cite"), &reading.cite);
            }
        }
    }

    fn part(&mut self, place: &Place, part: &Part) {
        self.words(&step(place, "title"), &part.title);
        if part.beats.is_empty() {
            self.fault(&step(place, "beat"), "expected one [[part.beat]] at least");
        }
        for (number, beat) in part.beats.iter().enumerate() {
            self.beat_words(&step(place, "beat").nth(number), beat);
        }
        let Some(scene) = self.scene(&step(place, "scene"), &part.scene) else { return };
        if part.other.as_ref().is_some_and(|other| other.apply(&scene) == scene) {
            let what = "a second world that is the same as the first: expected a rule that differs";
            self.fault(&step(place, "other"), what);
        }
        let runs = part.runs(&scene);
        self.recorded(&step(place, "recorded"), part, &runs);
        let mut last = Time::START;
        for (number, beat) in part.beats.iter().enumerate() {
            let place = step(place, "beat").nth(number);
            last = self.moment(&place, beat, &runs, last);
        }
    }

    /// The scenario of a scene; what can't be had is a fault.
    fn scene(&mut self, place: &Place, name: &str) -> Option<Scenario> {
        let Some(scene) = Scene::find(name) else {
            let what = format!(
                "no scene \"{name}\": expected a file of content/scenes that src/world/scenes.rs lists"
            );
            self.fault(place, what);
            return None;
        };
        let scenario = parse_scenario(scene.text);
        if let Err(error) = &scenario {
            self.fault(place, format!("content/scenes/{name}.scene: {error}"));
        }
        scenario.ok()
    }

    /// A recording that is named must be the same as the scene's run, whole or from the first FIN on:
    /// [`Likeness`] says what that means, and the page says which of the two it is.
    fn recorded(&mut self, place: &Place, part: &Part, runs: &[Trace]) {
        let (Some(name), Some(run)) = (&part.recorded, runs.first()) else { return };
        let root = Path::new(crate::ROOT);
        match read_recording(root, name) {
            Err(why) => self.fault(place, why),
            Ok(segments) => {
                let recorded = Recorded { name: name.clone(), segments };
                match recorded.likeness(run) {
                    Some(Likeness::Whole | Likeness::Close) => {}
                    None => self.fault(place, words::difference(&recorded, run)),
                }
            }
        }
    }

    fn beat_words(&mut self, place: &Place, beat: &Beat) {
        self.words(&step(place, "text"), &beat.text);
        for (number, cite) in beat.cites.iter().enumerate() {
            self.cite(&step(place, "cites").nth(number), cite);
        }
        let Some(question) = &beat.question else { return };
        let place = step(place, "question");
        self.words(&step(&place, "ask"), &question.ask);
        for (answer, why) in &question.tempting {
            let place = step(&step(&place, "tempting"), answer);
            self.words(&place, why);
            if question.about.read_answer(answer).is_none() {
                let known: Vec<String> =
                    question.about.possible().iter().map(ToString::to_string).collect();
                let what =
                    format!("no answer to `{}`: expected {}", question.about, known.join(", "));
                self.fault(&place, what);
            }
        }
    }

    /// A beat's moment, which must not be before the last one. Returns it.
    fn moment(&mut self, place: &Place, beat: &Beat, runs: &[Trace], last: Time) -> Time {
        let at = step(place, "at");
        let Some(time) = beat.at.find(runs) else {
            self.fault(&at, format!("`{}` isn't in the run: expected a moment that is", beat.at));
            return last;
        };
        if time < last {
            let what = format!("{time} is before the last beat's moment: expected {last} or later");
            self.fault(&at, what);
        }
        if let Some(question) = &beat.question {
            if time == last {
                let what = format!(
                    "a question whose answer is on the screen already: expected a moment after {last}"
                );
                self.fault(&at, what);
            }
            self.question(&step(place, "question"), question, beat, runs);
        }
        time.max(last)
    }

    fn question(&mut self, place: &Place, question: &Question, beat: &Beat, runs: &[Trace]) {
        let choices = question.choices(runs, &beat.at);
        let about = step(place, "about");
        if !choices.iter().any(|choice| choice.right) {
            self.fault(
                &about,
                "a question without a right answer: expected one about a world that is there",
            );
            return;
        }
        if choices.len() < 2 {
            let what = "a question with one answer: expected one more, named as tempting";
            self.fault(&about, what);
        }
        for choice in choices.iter().filter(|choice| !choice.right && choice.tempting.is_none()) {
            let what = format!(
                "the wrong answer {} is offered: expected a sentence on why it is tempting",
                choice.answer
            );
            self.fault(&step(place, "tempting"), what);
        }
    }

    fn words(&mut self, place: &Place, words: &Words) {
        for (language, text) in words.all() {
            if let Some(what) = words::wrong(language, text) {
                self.fault(&step(place, language), what);
            }
        }
    }

    fn cite(&mut self, place: &Place, cite: &str) {
        if !words::is_section(cite) {
            let what = format!(
                "no section \"{cite}\": expected a line of tests/sections.txt, as it stands there"
            );
            self.fault(place, what);
        }
    }
}
