//! What is held of every input: nothing panics, printing and reading are inverse, an error has a
//! place, and whatever can be read is run, judged and drawn. `tests/fuzzed.rs` shares this file.

use std::fmt::{Debug, Display};

use time_wait_lab::lesson::{
    Lesson, Part, Published, Puzzle, Scene, exchange, from_first_fin, likeness,
};
use time_wait_lab::packed::{pack, unpack};
use time_wait_lab::picture::{Axis, Picture};
use time_wait_lab::tcp::event::HostId;
use time_wait_lab::tcp::time::Time;
use time_wait_lab::world::text::{MOST_SCENARIO_TEXT, MOST_TRACE_TEXT};
use time_wait_lab::world::trace::MOST_EVENTS;
use time_wait_lab::world::{
    Difference, End, Link, Scenario, TextError, Trace, by_connection, moment_for_act,
    parse_scenario, parse_trace, parting, scenes, simulate, verdicts, verdicts_at,
};

use crate::lesson_checker;

/// What an input is to be read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A scenario: a file of content/scenes.
    Scene,
    /// What stands behind `#` in an address.
    Link,
    /// A trace: a file of tests/golden.
    Trace,
    /// A lesson as its file has it: content/lessons.
    Lesson,
    /// A lesson as the page fetches it.
    Page,
}

impl Kind {
    pub(crate) const ALL: [Kind; 5] =
        [Kind::Scene, Kind::Link, Kind::Trace, Kind::Lesson, Kind::Page];

    /// Its name: that which the names of files begin with.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Scene => "scene",
            Kind::Link => "link",
            Kind::Trace => "trace",
            Kind::Lesson => "lesson",
            Kind::Page => "page",
        }
    }

    /// The kind that a file's name begins with.
    pub(crate) fn of_file(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| name.split('-').next() == Some(kind.name()))
    }
}

/// A promise that is broken, or nothing.
type Held<T = ()> = Result<T, String>;

/// So many moments of a run are looked at, beside its ends: each is a run of its own.
const MOMENTS: usize = 6;

/// Sends an input through everything. Whether it could be read; or which promise is broken.
pub(crate) fn check(kind: Kind, text: &str) -> Held<bool> {
    match kind {
        Kind::Scene => scene(text),
        Kind::Link => link(text),
        Kind::Trace => trace(text),
        Kind::Lesson => lesson(text),
        Kind::Page => match serde_json::from_str::<Published>(text) {
            Ok(published) => page(&published).map(|()| true),
            Err(error) => holds(!error.to_string().is_empty(), "no words").map(|()| false),
        },
    }
}

fn holds(is_so: bool, what: &str) -> Held {
    if is_so { Ok(()) } else { Err(what.to_owned()) }
}

/// What was printed reads back as the same. Only a text that has become too long may be refused.
fn reads_back<T: PartialEq + Debug>(
    read: Result<T, TextError>,
    wanted: &T,
    length: usize,
    most: usize,
    what: &str,
) -> Held {
    match read {
        Ok(read) if read == *wanted => Ok(()),
        Ok(_) => Err(format!("{what} reads back as another one")),
        Err(_) if length > most => Ok(()),
        Err(error) => Err(format!("{what} doesn't read back: {}", error.expected)),
    }
}

/// An error has a place within the text.
fn has_place(text: &str, error: &TextError) -> Held {
    let line = usize::try_from(error.line).unwrap_or(usize::MAX).saturating_sub(1);
    let length = text.lines().nth(line).unwrap_or("").chars().count();
    let column = usize::try_from(error.column).unwrap_or(usize::MAX);
    holds(error.line >= 1 && (1..=length + 1).contains(&column), "an error outside of the text")?;
    holds(!error.to_string().is_empty(), "an error without words")
}

fn scene(text: &str) -> Held<bool> {
    match parse_scenario(text) {
        Ok(read) => {
            let printed = read.to_string();
            let again = parse_scenario(&printed);
            reads_back(again, &read, printed.len(), MOST_SCENARIO_TEXT, "a scenario")?;
            run(&read)?;
            Ok(true)
        }
        Err(error) => has_place(text, &error).map(|()| false),
    }
}

fn link(text: &str) -> Held<bool> {
    let (read, error) = Link::parse(text);
    let printed = read.to_string();
    holds(read.length() == printed.len(), "a link's length is another one")?;
    let (again, wrong) = Link::parse(&printed);
    let scenario = read.scenario.as_ref().map_or(0, |scenario| scenario.to_string().len());
    if scenario <= MOST_SCENARIO_TEXT {
        holds(wrong.is_none(), "a link that was printed has an error")?;
        holds(again == read, "a link reads back as another one")?;
    }
    holds(error.as_ref().is_none_or(|error| !error.to_string().is_empty()), "no words")?;
    if let Some(scenario) = &read.scenario {
        let one = run(scenario)?;
        if let Some(other) = &read.other {
            pair(scenario, &one, other)?;
        }
    }
    Ok(error.is_none() && read.scenario.is_some())
}

fn trace(text: &str) -> Held<bool> {
    let read = match parse_trace(text) {
        Ok(read) => read,
        Err(error) => return has_place(text, &error).map(|()| false),
    };
    let printed = read.to_string();
    reads_back(parse_trace(&printed), &read, printed.len(), MOST_TRACE_TEXT, "a trace")?;
    // It may be no run of ours at all: whatever is asked of it has an answer.
    judged(&read);
    let _ = read.steps(0..read.events.len());
    let run = simulate(&read.scenario);
    let _ = parting(&read, &run);
    let axis = Axis::new([&read, &run]);
    is_within(axis.place(read.last()), "a moment on the axis")?;
    let _ = (exchange(&read), axis.time(0.5), axis.end());
    Ok(true)
}

/// Runs a scenario and holds what is to hold of every run and its picture.
fn run(scenario: &Scenario) -> Held<Trace> {
    let trace = simulate(scenario);
    holds(trace.events.windows(2).all(|two| two[0].time <= two[1].time), "time runs backwards")?;
    holds(
        trace.end != End::Limit || trace.events.len() >= MOST_EVENTS,
        "a run ends at a limit that it didn't reach",
    )?;
    let printed = trace.to_string();
    reads_back(parse_trace(&printed), &trace, printed.len(), MOST_TRACE_TEXT, "a run")?;
    judged(&trace);
    let exchanged = exchange(&trace);
    let _ = (from_first_fin(&exchanged), likeness(&exchanged, &exchanged));
    drawn(&Picture::alone(scenario))?;
    // What a person does next.
    let last = trace.last();
    let at = moment_for_act(&[&trace], Time(last.0 / 2));
    for host in HostId::BOTH {
        let _ = trace.forgeable(at, host);
    }
    pair(scenario, &trace, &Difference::usual(scenario))?;
    Ok(trace)
}

fn judged(trace: &Trace) {
    let last = trace.last();
    for judgements in
        [verdicts(trace), verdicts_at(trace, last), verdicts_at(trace, Time(last.0 / 2))]
    {
        let _ = by_connection(&judgements);
    }
}

fn pair(scenario: &Scenario, one: &Trace, other: &Difference) -> Held {
    let text = other.to_string();
    let read = time_wait_lab::world::parse_difference(&text);
    reads_back(read, other, 0, 0, "a difference")?;
    let other = other.apply(scenario);
    let run = simulate(&other);
    if let Some(parting) = parting(one, &run) {
        let end = one.last().max(run.last());
        holds(parting.time <= end, "two worlds part after their end")?;
    }
    drawn(&Picture::pair(scenario, &other))
}

fn is_within(place: f64, what: &str) -> Held {
    if (0.0..=1.0).contains(&place) { Ok(()) } else { Err(format!("{what} is at {place}")) }
}

/// Everything lies on the stage, and what there is to say at a moment is said.
fn drawn(picture: &Picture) -> Held {
    for moment in &picture.moments {
        is_within(moment.place, "a moment")?;
    }
    holds(picture.moments.windows(2).all(|two| two[0].time < two[1].time), "moments out of order")?;
    for arrow in picture.runs.iter().flat_map(|run| &run.arrows) {
        for place in [0.0, 0.5, 1.0] {
            is_within(arrow.across(place), "an arrow's way")?;
            is_within(arrow.side(place), "an arrow's side")?;
        }
    }
    let packed = pack(picture);
    let read: Option<Picture> = unpack(&packed);
    holds(read.as_ref() == Some(picture), "a picture that was packed is another one")?;
    let step = (picture.moments.len() / MOMENTS).max(1);
    let some = (0..picture.moments.len()).step_by(step).map(Some);
    for moment in some.chain([None, picture.moments.len().checked_sub(1)]) {
        let now = picture.now(moment);
        holds(now.len() == picture.runs.len(), "a world that nothing is said of")?;
    }
    Ok(())
}

fn lesson(text: &str) -> Held<bool> {
    for fault in lesson_checker::faults(text) {
        holds(fault.line >= 1 && !fault.what.is_empty(), "a fault without a place")?;
    }
    let Ok(lesson) = toml::from_str::<Lesson>(text) else { return Ok(false) };
    let published = publish("x", lesson);
    let json = written(&published)?;
    let read = serde_json::from_str::<Published>(&json)
        .map_err(|error| format!("a lesson doesn't read back: {error}"))?;
    holds(read == published, "a lesson reads back as another one")?;
    page(&read).map(|()| true)
}

fn written(published: &Published) -> Held<String> {
    serde_json::to_string(published).map_err(|error| error.to_string())
}

/// A lesson with its scenes, as `cargo xtask build` makes it, but for the recordings.
pub(crate) fn publish(name: &str, lesson: Lesson) -> Published {
    let found = lesson.scenes().into_iter().filter_map(scenes::Scene::find);
    let scenes =
        found.map(|scene| Scene { name: scene.name.to_owned(), text: scene.text.to_owned() });
    let scenes = scenes.collect();
    Published { name: name.to_owned(), lesson, scenes, recordings: Vec::new() }
}

/// What the page does with a lesson.
fn page(published: &Published) -> Held {
    for part in &published.lesson.parts {
        if let Some(Ok(scene)) = published.scene(&part.scene) {
            told(published, part, &scene)?;
        }
    }
    for puzzle in &published.lesson.puzzles {
        if let Some(Ok(scene)) = published.scene(&puzzle.scene) {
            solved(puzzle, &scene)?;
        }
    }
    Ok(())
}

fn told(published: &Published, part: &Part, scene: &Scenario) -> Held {
    let runs = part.runs(scene);
    if let (Some(recorded), Some(run)) = (published.recorded(part), runs.first()) {
        let _ = recorded.likeness(run);
    }
    for beat in &part.beats {
        same_words(&beat.at)?;
        let at = beat.at.find(&runs);
        if let Some(question) = &beat.question {
            same_words(&question.about)?;
            let right = question.choices(&runs, &beat.at).iter().filter(|one| one.right).count();
            holds(right <= 1, "a question with two right answers")?;
            let answer = at.and_then(|at| question.about.answer(&runs, at));
            let words = answer.map(|answer| answer.to_string());
            holds(
                words.is_none_or(|words| question.about.read_answer(&words) == answer),
                "an answer that isn't one of those",
            )?;
        }
    }
    Ok(())
}

fn solved(puzzle: &Puzzle, scene: &Scenario) -> Held {
    for goal in &puzzle.goal {
        same_words(goal)?;
    }
    if let Ok(now) = puzzle.solved(scene) {
        let _ = puzzle.is_solved(scene, &now, &simulate(&now));
        run(&now)?;
    }
    Ok(())
}

/// A word of a lesson reads back as it was printed.
fn same_words<T: Display + PartialEq + std::str::FromStr>(one: &T) -> Held {
    let text = one.to_string();
    holds(text.parse().is_ok_and(|read: T| read == *one), "a lesson's words read back as others")
}
