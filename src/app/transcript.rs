//! Everything that happened, as a list of sentences; and what is read aloud.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

use super::draw::{El, html, keep};
use super::events;
use super::lab::{Lab, World};
use super::labels;
use super::why::began;
use super::world::title;
use crate::picture::Step;
use crate::tcp::time::Time;

/// Everything that happens in a world, moment by moment, as a list: each line goes there.
///
/// One listener and one effect serve all lines, so that a thousand of them cost little.
pub(super) fn transcript(world: World) -> El {
    let lab = world.lab;
    let go = move |event: Event| {
        let picture = lab.picture.get_untracked();
        if let Some(moment) = pressed(&event).and_then(|place| picture.moments.get(place)) {
            lab.go_to(moment.time);
        }
    };
    let list = html("ol", "").on("click", go);
    let element = list.element().clone();
    let rows = move || {
        let picture = lab.picture.get();
        let moments = picture.moments.iter().enumerate();
        let rows = moments.filter_map(|(place, moment)| row(world, place, moment.time));
        let (places, rows): (Vec<usize>, Vec<El>) = rows.unzip();
        mark(lab, element.clone(), places);
        rows
    };
    html("div", "transcript").add(html("h3", "").words(move || title(world))).add(list.part(rows))
}

/// What a moment is in words: what it began with and what followed, a sentence each.
pub(super) fn sentences(lab: Lab, story: &[Step]) -> Vec<String> {
    let of_step = |step: &Step| {
        let effects = step.effects.iter().filter_map(|event| events::said(lab, event));
        core::iter::once(began(lab, &step.beginning)).chain(effects).collect::<Vec<String>>()
    };
    story.iter().flat_map(of_step).collect()
}

/// The line of a moment, with its place among the moments; `None` where nothing happens in this
/// world.
fn row(world: World, place: usize, time: Time) -> Option<(usize, El)> {
    let story = world.run(|_, run| run.story(time));
    let sentences = sentences(world.lab, &story);
    let (first, others) = sentences.split_first()?;
    let others = others.iter().map(|sentence| html("span", "effect").text(sentence));
    let line = html("button", "")
        .set("type", "button")
        .set("data-moment", &place.to_string())
        .add(html("span", "time").text(&labels::moment(time)))
        .add(html("span", "said").text(first).adds(others));
    Some((place, html("li", "").add(line)))
}

/// The moment of the line that was pressed.
fn pressed(event: &Event) -> Option<usize> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.closest("[data-moment]").ok()??.get_attribute("data-moment")?.parse().ok()
}

/// Marks the line of the latest moment that has one and shows it. `places` are the moments of the
/// lines, in order.
fn mark(lab: Lab, list: Element, places: Vec<usize>) {
    keep(Box::new(move |before| {
        let moment = lab.moment.get();
        // Counted from 1; 0 is none.
        let now = moment.map_or(0, |moment| places.partition_point(|place| *place <= moment));
        let list = list.clone();
        // The lines stand in the page only after this.
        request_animation_frame(move || {
            let line = |number: usize| line(&list, number.checked_sub(1)?);
            if let Some(line) = before.filter(|before| *before != now).and_then(line) {
                let _ = line.remove_attribute("aria-current");
            }
            if let Some(line) = line(now) {
                let _ = line.set_attribute("aria-current", "step");
                show(&list, &line);
            }
        });
        now
    }));
}

/// The button of a line.
fn line(list: &Element, place: usize) -> Option<Element> {
    list.children().item(u32::try_from(place).ok()?)?.first_element_child()
}

/// Scrolls the list's own box, and never the page, so that the line is seen below the title.
fn show(list: &Element, line: &Element) {
    let Some(frame) = list.parent_element() else { return };
    let title = frame.first_element_child().map_or(0.0, |head| head.client_height().into());
    let (outer, inner) = (frame.get_bounding_client_rect(), line.get_bounding_client_rect());
    let above = outer.top() + title - inner.top();
    let below = inner.bottom() - outer.bottom();
    let by = if above > 0.0 { -above } else { below.max(0.0) };
    #[allow(clippy::cast_possible_truncation)]
    frame.set_scroll_top(frame.scroll_top() + by.round() as i32);
}
