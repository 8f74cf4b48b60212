//! A question before its moment: the engine knows the answer, whatever became of the scene.

use leptos::prelude::untrack;

use super::super::draw::{El, button, html, truth};
use super::super::lab::Lab;
use super::super::language::Text;
use super::super::storage;
use super::{of, runs, words};
use crate::lesson::{Answer, Choice, Moment, Question};

/// Under this name the device remembers that answers are hidden.
const HIDES: &str = "hide answers";

/// A choice as it's drawn.
#[derive(Clone)]
struct Offer {
    answer: Answer,
    is_right: bool,
    words: String,
    /// Why it's tempting.
    why: String,
}

/// What is asked, the choices, and what came of them. `None` where the moment isn't in the run.
pub(super) fn asked(lab: Lab, question: &Question, moment: &Moment) -> Option<Vec<El>> {
    let language = lab.language.get();
    let offers: Vec<Offer> =
        question.choices(&runs(lab), moment).iter().map(|one| offer(lab, one)).collect();
    if offers.is_empty() {
        return None;
    }
    let buttons = offers.iter().map(|offer| choice(lab, offer));
    let reveal = button("", move || lab.taken.update(|taken| taken.is_revealed = true));
    let reveal = reveal.text(lab.text(Text::Reveal));
    let choices = html("div", "choices")
        .set("role", "group")
        .set("aria-label", of(language, &question.ask))
        .adds(buttons)
        .add(reveal.set("data-reveal", ""));
    let choices = html("div", "asking").add(choices).add(hiding(lab));
    let came = html("div", "came").set("aria-live", "polite").part(move || came(lab, &offers));
    Some(vec![html("p", "ask").text(of(language, &question.ask)), choices, came])
}

fn offer(lab: Lab, choice: &Choice<'_>) -> Offer {
    let language = lab.language.get();
    let why = choice.tempting.map(|why| of(language, why).to_owned()).unwrap_or_default();
    let words = words::answer(lab, choice.answer);
    Offer { answer: choice.answer, is_right: choice.right, words, why }
}

fn choice(lab: Lab, offer: &Offer) -> El {
    let (answer, is_right) = (offer.answer, offer.is_right);
    let choose = move || {
        let hides = lab.hides.get_untracked();
        lab.taken.update(|taken| {
            // A class chooses one; who learns alone may try them all.
            let is_kept = |one: &Answer| *one != answer && !hides;
            taken.chosen.retain(is_kept);
            taken.chosen.push(answer);
        });
    };
    let is_chosen = move || lab.taken.with(|taken| taken.chosen.contains(&answer));
    let judged = move || {
        let is_shown = lab.taken.with(|taken| taken.is_revealed) || (is_chosen() && !hides(lab));
        match (is_shown, is_right) {
            (false, _) => "answer",
            (true, true) => "answer right",
            (true, false) => "answer wrong",
        }
    };
    button("", choose)
        .follow("class", move || judged().to_owned())
        .follow("aria-pressed", move || truth(is_chosen()))
        .text(&offer.words)
}

/// What came of the last choice, in words.
fn came(lab: Lab, offers: &[Offer]) -> Vec<El> {
    let taken = lab.taken.get();
    let last = taken.chosen.last().and_then(|last| offers.iter().find(|one| one.answer == *last));
    let right = offers.iter().find(|offer| offer.is_right);
    let says = |key: Text, words: &str| html("p", "").text(&lab.fill(key, &[("answer", words)]));
    let is_judged = taken.is_revealed || !hides(lab);
    let mut said = Vec::new();
    match last {
        Some(offer) if is_judged && offer.is_right => said.push(says(Text::Right, &offer.words)),
        Some(offer) if is_judged => {
            let line = says(Text::Wrong, &offer.words);
            said.push(if offer.why.is_empty() { line } else { line.text(" ").text(&offer.why) });
        }
        Some(offer) => said.push(says(Text::Chosen, &offer.words)),
        None => {}
    }
    let is_told = last.is_some_and(|last| last.is_right);
    if let Some(right) = right.filter(|_| taken.is_revealed && !is_told) {
        said.push(says(Text::TheAnswer, &right.words));
    }
    if taken.is_revealed {
        let others = offers.iter().filter(|offer| !offer.why.is_empty() && !offer.is_right);
        let others = others.filter(|offer| last.is_none_or(|last| last.answer != offer.answer));
        said.extend(others.map(|offer| {
            html("p", "why-not").add(html("b", "").text(&offer.words)).text(": ").text(&offer.why)
        }));
    }
    said
}

/// Whether answers stay hidden until they are revealed.
fn hides(lab: Lab) -> bool {
    lab.hides.get()
}

/// For a class: an answer is only judged when it's revealed. The browser remembers it.
fn hiding(lab: Lab) -> El {
    let switch = move || {
        let hides = !untrack(|| hides(lab));
        lab.hides.set(hides);
        storage::write(HIDES, if hides { "on" } else { "off" });
    };
    button("quiet switch", switch)
        .set("role", "switch")
        .follow("aria-checked", move || truth(hides(lab)))
        .add(html("span", "track").set("aria-hidden", "true"))
        .text(lab.text(Text::HideAnswers))
}

/// What the browser remembers of it.
pub(super) fn remember(lab: Lab) {
    lab.hides.set(storage::read(HIDES).as_deref() == Some("on"));
}
