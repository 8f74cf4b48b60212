//! One world: its rule, its verdict, its two hosts, its ladder.

use leptos::prelude::*;

use super::card::card;
use super::draw::{El, button, html, truth};
use super::lab::Lab;
use super::labels;
use super::ladder::ladder;
use super::language::Text;
use super::verdict::verdicts;
use crate::tcp::event::HostId;

pub(super) fn world(lab: Lab) -> El {
    html("section", "world")
        .add(rule(lab))
        .add(html("div", "cards").adds(HostId::BOTH.map(|host| card(lab, host))))
        .add(ladder(lab))
}

/// What holds in this world, the switch that changes it, and the verdict.
fn rule(lab: Lab) -> El {
    let pick = move |keeps: Text, forgets: Text| {
        move || lab.say(if lab.keeps_time_wait() { keeps } else { forgets })
    };
    let headline = html("h2", "")
        .words(pick(Text::KeepsTimeWait, Text::ForgetsAtOnce))
        .add(html("span", "stacks").words(move || stacks(lab)));
    let switch = button("switch", move || lab.switch_time_wait())
        .set("role", "switch")
        .follow("aria-checked", move || truth(lab.keeps_time_wait()))
        .add(html("span", "track").set("aria-hidden", "true"))
        .words(move || lab.say(Text::SwitchTimeWait))
        .add(html("b", "").words(pick(Text::On, Text::Off)));
    html("div", "rule").add(headline).add(switch).add(verdicts(lab))
}

fn stacks(lab: Lab) -> String {
    lab.scenario.with(|scenario| {
        let [a, b] = &scenario.hosts;
        let (a, b) = (labels::base(a.profile.base), labels::base(b.profile.base));
        if a == b { format!(" · {a}") } else { format!(" · {a} · {b}") }
    })
}
