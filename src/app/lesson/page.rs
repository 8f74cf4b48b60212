//! A lesson as one page of text and pictures: to be read, heard or printed.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::{Owner, window};

use super::super::draw::{El, button, html};
use super::super::lab::{Going, Lab};
use super::super::labels;
use super::super::ladder::still;
use super::super::language::Text;
use super::super::world::title;
use super::files::{self, File};
use super::{of, recorded, runs, scene, words};
use crate::lesson::{Beat, Part, Published, Puzzle, Question};
use crate::tcp::time::Time;

thread_local! {
    /// The labs of the pictures, of each lesson that was read, with what keeps them.
    static PICTURES: RefCell<Vec<(String, Owner, Vec<Lab>)>> = RefCell::default();
}

/// The title and the page of a lesson.
pub(in super::super) fn page(lab: Lab, name: &str) -> (String, El) {
    files::ask_for(name);
    match files::lesson(name) {
        File::Coming => ("…".to_owned(), html("p", "")),
        File::Lost => (lab.say(Text::SheetLost), html("p", "").text(lab.text(Text::LessonLost))),
        File::Here(published) => {
            let title = of(lab.language.get(), &published.lesson.title).to_owned();
            (title, whole(lab, &published))
        }
    }
}

fn whole(lab: Lab, published: &Published) -> El {
    let language = lab.language.get();
    let lesson = &published.lesson;
    let name = published.name.clone();
    let ways = html("div", "choices")
        .add(
            button("", move || lab.lesson.set(Some(Going::to(&name, 0))))
                .text(lab.text(Text::OnStage)),
        )
        .add(button("", || drop(window().print())).text(lab.text(Text::Print)));
    let pictures = pictures(lab, published);
    let parts =
        lesson.parts.iter().zip(pictures).map(|(one, picture)| part(lab, published, one, picture));
    let puzzles = lesson.puzzles.iter().map(|one| puzzle(lab, one));
    let readings = lesson.readings.iter().map(|reading| {
        let cite = words::cite(lab, &reading.cite);
        html("li", "").add(cite).text(": ").text(of(language, &reading.text))
    });
    html("article", "lesson-page")
        .add(html("p", "summary").text(of(language, &lesson.summary)))
        .add(ways)
        .adds(parts)
        .add(html("section", "").add(html("h3", "").text(lab.text(Text::Puzzle))).adds(puzzles))
        .add(
            html("section", "")
                .add(html("h3", "").text(lab.text(Text::Reading)))
                .add(html("ul", "readings").adds(readings)),
        )
}

/// A lab of its own for each part, at the end of its run.
fn pictures(lab: Lab, published: &Published) -> Vec<Lab> {
    let known = PICTURES.with_borrow(|all| {
        let mut all = all.iter();
        all.find(|(name, ..)| *name == published.name).map(|(_, _, labs)| labs.clone())
    });
    known.unwrap_or_else(|| {
        // They outlive the sheet, as the values of signals do anyway.
        let owner = Owner::new();
        let scenes = published.lesson.parts.iter();
        let scenes = scenes.filter_map(|part| scene(published, &part.scene, part.other.as_ref()));
        let at_end = |scene| {
            let own = Lab::new(Rc::new(scene), Time::START, lab.language.get_untracked());
            own.playhead.set(own.picture.get_untracked().axis.end());
            own.in_language_of(lab)
        };
        let labs: Vec<Lab> = owner.with(|| scenes.map(at_end).collect());
        PICTURES.with_borrow_mut(|all| all.push((published.name.clone(), owner, labs.clone())));
        labs
    })
}

fn part(lab: Lab, published: &Published, part: &Part, picture: Lab) -> El {
    let runs = runs(picture);
    let times: Vec<Option<Time>> = part.beats.iter().map(|beat| beat.at.find(&runs)).collect();
    let count = picture.count.get();
    let figures = (0..count).map(|which| {
        let world = picture.world(which);
        let caption = (count > 1).then(|| html("figcaption", "").text(&title(world)));
        html("figure", "").adds(caption).add(still(world, &times))
    });
    let beats = part.beats.iter().zip(&times).map(|(one, time)| beat(lab, picture, one, *time));
    let known = recorded::known(picture, published, part);
    html("section", "page-part")
        .add(html("h3", "").text(of(lab.language.get(), &part.title)))
        .adds(known.map(|words| html("p", "facts").text(&words)))
        .add(html("div", "figures").adds(figures))
        .add(html("ol", "page-beats").adds(beats))
}

fn beat(lab: Lab, picture: Lab, beat: &Beat, time: Option<Time>) -> El {
    let language = lab.language.get();
    let time = time.map(labels::moment).unwrap_or_default();
    let asked = beat.question.as_ref().and_then(|question| asked(lab, picture, question, beat));
    html("li", "")
        .adds(asked)
        .add(html("span", "time").text(&time))
        .add(html("p", "").text(of(language, &beat.text)))
        .add(words::cites(lab, &beat.cites))
}

/// A question with its answers, and why the wrong ones are wrong.
fn asked(lab: Lab, picture: Lab, question: &Question, beat: &Beat) -> Option<El> {
    let language = lab.language.get();
    let runs = runs(picture);
    let choices = question.choices(&runs, &beat.at);
    let right = choices.iter().find(|choice| choice.right)?;
    let right = words::answer(lab, right.answer);
    let wrong = choices.iter().filter(|choice| !choice.right).map(|choice| {
        let why = choice.tempting.map(|why| of(language, why)).unwrap_or_default();
        html("li", "")
            .add(html("b", "").text(&words::answer(lab, choice.answer)))
            .text(" ")
            .text(why)
    });
    let answer = html("p", "").text(&lab.fill(Text::TheAnswer, &[("answer", &right)]));
    Some(
        html("div", "page-question")
            .add(html("p", "ask").text(of(language, &question.ask)))
            .add(html("ul", "").adds(wrong))
            .add(answer),
    )
}

fn puzzle(lab: Lab, puzzle: &Puzzle) -> El {
    let language = lab.language.get();
    let hints = puzzle.hints.iter().map(|hint| html("li", "").text(of(language, hint)));
    html("div", "page-puzzle")
        .add(html("p", "ask").text(of(language, &puzzle.ask)))
        .add(html("p", "facts").text(lab.text(Text::Hints)))
        .add(html("ol", "").adds(hints))
}
