//! What a switch is on the stacks: in a line, and each value with what it means.

use leptos::prelude::*;

use super::super::draw::{El, button, html, truth};
use super::super::lab::Lab;
use super::super::language::Text;
use super::field::words_of;
use super::rows::{meaning, set};
use super::{Rules, stack, word};
use crate::tcp::profile::{Base, Profile, Switch};

/// The values of a switch with the stacks that have them, in the order of the stacks.
pub(super) fn by_value(switch: Switch) -> Vec<(String, Vec<Base>)> {
    let mut values: Vec<(String, Vec<Base>)> = Vec::new();
    let text = Profile::new(Base::Rfc9293).get(switch);
    for base in Base::ALL {
        let value = Profile::new(*base).get(switch);
        // It is the text's own profile but for what it is made for.
        if *base == Base::NoTimeWait && value == text {
            continue;
        }
        match values.iter_mut().find(|(one, _)| *one == value) {
            Some((_, bases)) => bases.push(*base),
            None => values.push((value, vec![*base])),
        }
    }
    values
}

/// The stacks that have a value, in words, with a note where nobody has verified it.
fn stacks(lab: Lab, switch: Switch, bases: &[Base]) -> String {
    let named = |base: &Base| {
        let name = stack(lab, *base);
        if base.unverified().contains(&switch) {
            format!("{name} ({})", lab.text(Text::NotVerified))
        } else {
            name.to_owned()
        }
    };
    bases.iter().map(named).collect::<Vec<_>>().join(", ")
}

/// What it is on the stacks, in a line; and, opened, each value with what it means.
pub(super) fn systems(rules: Rules, switch: Switch) -> El {
    let lab = rules.lab;
    let values = by_value(switch);
    let line = html("summary", "").add(html("span", "label").text(lab.text(Text::Systems)));
    let line = match values.as_slice() {
        [(value, _)] => {
            let words = lab.fill(Text::OnAllStacks, &[("value", &word(lab, value))]);
            line.add(html("span", "").text(&words))
        }
        several => line.adds(several.iter().map(|(value, bases)| {
            html("span", "")
                .add(html("b", "").text(&word(lab, value)))
                .text(" ")
                .text(&stacks(lab, switch, bases))
        })),
    };
    let is_open = RwSignal::new(false);
    let details = html("details", "systems").add(line);
    let element = details.element().clone();
    let details = details.on("toggle", move |_| is_open.set(element.has_attribute("open")));
    let table = move || {
        if is_open.get() { values_with_meaning(rules, switch, &values) } else { Vec::new() }
    };
    details.add(html("ul", "values").part(table))
}

/// Every value that a stack has or that the switch takes as a word, to be set by a click.
fn values_with_meaning(rules: Rules, switch: Switch, on_stacks: &[(String, Vec<Base>)]) -> Vec<El> {
    let lab = rules.lab;
    let listed = match words_of(switch) {
        Some(words) => words,
        None => on_stacks.iter().map(|(value, _)| value.clone()).collect(),
    };
    let none = Vec::new();
    let one = |value: &String| {
        let bases = on_stacks.iter().find(|(one, _)| one == value).map_or(&none, |(_, one)| one);
        let (taken, now) = (value.clone(), value.clone());
        let take = move || {
            let _ = set(rules, 0, switch, &taken);
        };
        let is_now = move || truth(rules.profile(0, |profile| profile.get(switch)) == now);
        let said = lab.fill(Text::TakeValue, &[("value", &word(lab, value))]);
        html("li", "")
            .add(
                button("take", take)
                    .set("aria-label", &said)
                    .follow("aria-pressed", is_now)
                    .text(&word(lab, value)),
            )
            .add(
                html("span", "")
                    .text(meaning(lab, switch, value).unwrap_or_default())
                    .add(html("small", "").text(&stacks(lab, switch, bases))),
            )
    };
    listed.iter().map(one).collect()
}
