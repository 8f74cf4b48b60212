//! What a screen reader says as it happens: each step, and while somebody scrubs only where they
//! stop.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use super::draw::{El, html};
use super::lab::Lab;
use super::language::Text;
use super::transcript::sentences;
use super::world::title;

/// After so many milliseconds without a change scrubbing has stopped.
const REST: u32 = 400;

/// The place that is read aloud when it changes.
pub(super) fn region(lab: Lab) -> El {
    let said: RwSignal<Vec<String>> = RwSignal::new(Vec::new());
    let waiting: StoredValue<Option<Timeout>, LocalStorage> = StoredValue::new_local(None);
    Effect::new(move |before: Option<Option<usize>>| {
        let moment = lab.moment.get();
        if !lab.is_playing.get_untracked() {
            // While somebody scrubs, every change counts.
            lab.playhead.track();
        }
        if before.is_some() {
            let is_step = is_step(lab, before.flatten(), moment);
            let say = move || said.set(untrack(|| now(lab)));
            if is_step && before != Some(moment) {
                waiting.set_value(None);
                say();
            } else if !is_step {
                waiting.set_value(Some(Timeout::new(REST, say)));
            }
        }
        moment
    });
    html("div", "unseen announced")
        .set("aria-live", "polite")
        .set("aria-atomic", "true")
        .part(move || said.read().iter().map(|sentence| html("p", "").text(sentence)).collect())
}

/// Whether somebody came here by a step, or by playing: to a moment next to the one before, and
/// when paused, exactly to it.
fn is_step(lab: Lab, before: Option<usize>, moment: Option<usize>) -> bool {
    let number = |moment: Option<usize>| moment.map_or(0, |at| at + 1);
    let is_next = number(before).abs_diff(number(moment)) <= 1;
    let is_there = || {
        let picture = lab.picture.get_untracked();
        let at = moment.and_then(|at| picture.moments.get(at));
        at.is_some_and(|at| at.time == lab.playhead.get_untracked())
    };
    is_next && (lab.is_playing.get_untracked() || is_there())
}

/// What happened at this moment: what the worlds have in common once, then each alone.
fn now(lab: Lab) -> Vec<String> {
    let of = |which| lab.world(which).now(|now| sentences(lab, &now.story));
    let worlds: Vec<Vec<String>> = (0..lab.count.get()).map(of).collect();
    let nothing = || vec![lab.say(Text::NothingHere)];
    match worlds.as_slice() {
        [one, other] if one != other => {
            let common = one.iter().zip(other).take_while(|(one, other)| one == other).count();
            let mut said: Vec<String> = one.iter().take(common).cloned().collect();
            for (which, sentences) in worlds.iter().enumerate() {
                let world = title(lab.world(which));
                said.push(lab.fill(Text::SaidInWorld, &[("world", &world)]));
                let own = sentences.get(common..).filter(|own| !own.is_empty());
                said.extend(own.map_or_else(nothing, <[String]>::to_vec));
            }
            said
        }
        [one, ..] if !one.is_empty() => one.clone(),
        _ => vec![lab.say(Text::BeginNothing)],
    }
}
