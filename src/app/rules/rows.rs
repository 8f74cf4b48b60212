//! The switches, a row each: what it decides, its value in each world, what real stacks do.

use leptos::prelude::*;

use super::super::draw::{El, button, html, input_value, keep, truth};
use super::super::lab::Lab;
use super::super::language::Text;
use super::super::why::citation;
use super::field::{self, Setting, words_of};
use super::{Rules, panels, systems, title, told, word};
use crate::tcp::profile::{Base, Profile, Switch};
use crate::tcp::time::Span;
use crate::world::{Difference, Edit};

/// The switches that a teacher reaches for, before all the others.
const MAIN: [Switch; 12] = [
    Switch::time_wait,
    Switch::max_time_wait,
    Switch::time_wait_restart,
    Switch::time_wait_rst,
    Switch::time_wait_syn,
    Switch::syn_in_connection,
    Switch::rst_acceptance,
    Switch::ack_acceptance,
    Switch::fin_wait_2,
    Switch::tw_reuse,
    Switch::isn,
    Switch::timestamps,
];

/// All switches, with a field to find one.
pub(super) fn switches(rules: Rules) -> El {
    let lab = rules.lab;
    let sought = RwSignal::new(String::new());
    let search = html("input", "")
        .set("type", "search")
        .set("placeholder", lab.text(Text::FindSwitch))
        .set("aria-label", lab.text(Text::FindSwitch));
    let element = search.element().clone();
    let search = search.on("input", move |_| sought.set(input_value(&element).to_lowercase()));
    let none = move || {
        let is_none = Switch::ALL.iter().all(|switch| !has(lab, *switch, &sought.read()));
        if is_none { lab.say(Text::NoSuchSwitch) } else { String::new() }
    };
    html("section", "switches")
        .add(
            html("div", "section-head")
                .add(html("h3", "").text(lab.text(Text::Switches)))
                .add(search),
        )
        .add(html("p", "hint").set("role", "status").words(none))
        .add(html("ul", "settings").adds(MAIN.map(|switch| row(rules, switch, sought))))
        .add(others(rules, sought))
}

/// The switches that are not among the main ones. They're drawn when they're asked for.
fn others(rules: Rules, sought: RwSignal<String>) -> El {
    let lab = rules.lab;
    let count = Switch::ALL.len() - MAIN.len();
    let all = html("details", "others").add(
        html("summary", "").text(&lab.fill(Text::SwitchesAll, &[("count", &count.to_string())])),
    );
    let element = all.element().clone();
    let is_wanted = RwSignal::new(false);
    let details = element.clone();
    let all = all.on("toggle", move |_| {
        if details.has_attribute("open") {
            is_wanted.set(true);
        }
    });
    keep(Box::new(move |_| {
        if !sought.read().is_empty() {
            let _ = element.set_attribute("open", "");
        }
        0
    }));
    let groups = Memo::new(move |_| if is_wanted.get() { groups(lab) } else { Vec::new() });
    let draw = move || {
        let group = |(name, switches): (String, Vec<Switch>)| {
            let is_found = {
                let switches = switches.clone();
                move || truth(switches.iter().any(|one| has(lab, *one, &sought.read())))
            };
            html("section", "group")
                .follow("data-found", is_found)
                .add(html("h4", "").text(&name))
                .add(
                    html("ul", "settings")
                        .adds(switches.into_iter().map(|switch| row(rules, switch, sought))),
                )
        };
        let groups = groups.get();
        untrack(|| groups.into_iter().map(group).collect())
    };
    all.add(html("div", "").part(draw))
}

/// The switches that are not among the main ones, by group.
fn groups(lab: Lab) -> Vec<(String, Vec<Switch>)> {
    let mut groups: Vec<(String, Vec<Switch>)> = Vec::new();
    for switch in Switch::ALL.iter().copied().filter(|switch| !MAIN.contains(switch)) {
        let name = group_of(lab, switch).unwrap_or_default().to_owned();
        match groups.iter_mut().find(|(group, _)| *group == name) {
            Some((_, switches)) => switches.push(switch),
            None => groups.push((name, vec![switch])),
        }
    }
    groups
}

/// The title of a switch's group.
fn group_of(lab: Lab, switch: Switch) -> Option<&'static str> {
    let group = told(lab, switch)?.group;
    let is_it = |name: &str| name.strip_prefix("group-").unwrap_or(name) == group;
    panels(lab)?.groups.iter().find(|(name, _)| is_it(name)).map(|(_, title)| *title)
}

/// Whether a switch has some words in its name or its texts.
fn has(lab: Lab, switch: Switch, words: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(words);
    words.is_empty()
        || has(switch.name())
        || told(lab, switch).is_some_and(|told| has(told.title) || has(told.text) || has(told.cite))
}

fn row(rules: Rules, switch: Switch, sought: RwSignal<String>) -> El {
    let lab = rules.lab;
    let name = switch.name();
    let text = html("div", "setting-text")
        .add(
            html("b", "name")
                .set("id", &format!("switch-{name}"))
                .words(move || title(lab, switch)),
        )
        .add(html("code", "").text(name))
        .add(html("p", "").words(move || told(lab, switch).map_or("", |told| told.text).to_owned()))
        .add(
            html("p", "citation")
                .words(move || citation(lab, told(lab, switch).map_or("", |told| told.cite))),
        )
        .add(systems::systems(rules, switch));
    let second = move || {
        if rules.are_two.get() {
            untrack(|| vec![control(rules, 1, switch)])
        } else {
            vec![compare(rules, switch)]
        }
    };
    html("li", "setting")
        .follow("data-found", move || truth(has(lab, switch, &sought.read())))
        .follow("data-changed", move || truth(is_changed(rules, switch)))
        .follow("data-differs", move || {
            truth(rules.profiles.with(|[here, there]| here.get(switch) != there.get(switch)))
        })
        .add(text)
        .add(control(rules, 0, switch))
        .add(html("div", "setting-second").part(second))
}

fn is_changed(rules: Rules, switch: Switch) -> bool {
    rules.profile(0, |profile| profile.get(switch) != Profile::new(profile.base).get(switch))
}

/// The control of a switch in a world has this name in the page.
fn control_id(world: usize, switch: Switch) -> String {
    let world = if world == 0 { "here" } else { "there" };
    format!("{world}-{}", switch.name())
}

/// The value of a switch in a world, to be changed, with what it means.
fn control(rules: Rules, world: usize, switch: Switch) -> El {
    let lab = rules.lab;
    let id = control_id(world, switch);
    let world_id = format!("{id}-world");
    let value = rules.value(world, switch);
    let setting = Setting {
        labelled_by: format!("switch-{} {world_id}", switch.name()),
        value,
        change: Box::new(move |text| set(rules, world, switch, text)),
        id,
    };
    let which = move || {
        let key = if world == 0 { Text::FirstWorld } else { Text::SecondWorld };
        if rules.are_two.get() { lab.say(key) } else { String::new() }
    };
    let control = match words_of(switch) {
        Some(words) => {
            let values: Vec<(String, String)> =
                words.iter().map(|one| (one.clone(), word(lab, one))).collect();
            field::list(setting, &values)
        }
        None => field::field(lab, setting, &switch.expected()),
    };
    let meaning = move || meaning(lab, switch, &value.read()).unwrap_or_default().to_owned();
    let control = html("div", "control")
        .add(html("span", "which").set("id", &world_id).words(which))
        .add(control)
        .add(html("p", "value-meaning").words(meaning));
    if world == 0 {
        control.add(html("div", "").part(move || back(rules, switch)))
    } else {
        control
    }
}

/// What a switch does when it has that value.
pub(super) fn meaning(lab: Lab, switch: Switch, value: &str) -> Option<&'static str> {
    let values = &told(lab, switch)?.values;
    values.iter().find(|(one, _)| *one == value).map(|(_, meaning)| *meaning)
}

/// Sets a switch in a world; in the second that makes it what differs. `false` if it is no value.
pub(super) fn set(rules: Rules, world: usize, switch: Switch, text: &str) -> bool {
    let Rules { lab, host, .. } = rules;
    let Some(difference) = Difference::with_switch(host, switch, text) else { return false };
    let there = untrack(|| rules.profile(1, |profile| profile.get(switch)));
    let is_new = Difference::with_switch(host, switch, &there).as_ref() != Some(&difference);
    if world == 0 {
        lab.edit(&Edit::Switch(host, switch, text.to_owned()));
    } else if is_new {
        lab.edit(&Edit::Other(Some(difference)));
    }
    true
}

/// That a switch isn't as its stack has it, and the way back.
fn back(rules: Rules, switch: Switch) -> Vec<El> {
    let Rules { lab, host, .. } = rules;
    if !is_changed(rules, switch) {
        return Vec::new();
    }
    let usual = rules.profile(0, |profile| Profile::new(profile.base).get(switch));
    let words = lab.fill(Text::BackTo, &[("value", &word(lab, &usual))]);
    let back = move || {
        lab.edit(&Edit::Switch(host, switch, usual.clone()));
        field::focus(control_id(0, switch));
    };
    let mark = html("span", "mark").text(lab.text(Text::Changed));
    vec![html("p", "changed").add(mark).add(button("back", back).text(&words))]
}

/// Splits the worlds on a switch.
fn compare(rules: Rules, switch: Switch) -> El {
    let Rules { lab, host, .. } = rules;
    let split = move || {
        let value = untrack(|| rules.profile(0, |profile| other_value(profile, switch)));
        lab.edit(&Edit::Other(Difference::with_switch(host, switch, &value)));
        field::focus(control_id(1, switch));
    };
    button("compare", split)
        .follow("aria-label", move || lab.fill(Text::CompareSaid, &[("rule", &title(lab, switch))]))
        .text(lab.text(Text::Compare))
}

/// A value to compare with: the next word, half of a number, with or without TIME-WAIT.
fn other_value(profile: &Profile, switch: Switch) -> String {
    let now = profile.get(switch);
    if let Some(words) = words_of(switch) {
        let place = words.iter().position(|one| *one == now).unwrap_or(0);
        return words.get((place + 1) % words.len()).cloned().unwrap_or(now);
    }
    if switch == Switch::time_wait && now != "none" {
        return "none".to_owned();
    }
    let half = Span::parse(&now).map(|span| Span((span.0 / 2).max(1)).to_string());
    let half = half.or_else(|| now.parse::<u32>().ok().map(|number| (number / 2).to_string()));
    let on_stacks = || {
        // Its own stack first.
        let bases = core::iter::once(&profile.base).chain(Base::ALL);
        let mut values = bases.map(|base| Profile::new(*base).get(switch));
        values.find(|value| *value != now && value != "none")
    };
    // Without a limit anywhere: one, in the unit that the switch expects.
    let one = || if switch.expected().contains("60s") { "1s" } else { "1" }.to_owned();
    half.filter(|half| *half != now).or_else(on_stacks).unwrap_or_else(one)
}

#[cfg(test)]
mod tests {
    use super::super::systems::by_value;
    use super::{MAIN, other_value};
    use crate::tcp::event::HostId;
    use crate::tcp::profile::{Base, Profile, Switch};
    use crate::world::Difference;

    #[test]
    fn every_switch_has_another_value_to_compare_with() {
        for (base, switch) in Base::ALL.iter().flat_map(|b| Switch::ALL.iter().map(move |s| (b, s)))
        {
            let mut profile = Profile::new(*base);
            let usual = profile.get(*switch);
            // Also where it is none, or as on another stack.
            for now in by_value(*switch).into_iter().map(|(value, _)| value).chain([usual]) {
                assert!(profile.set(*switch, &now));
                let other = other_value(&profile, *switch);
                let made = |value: &str| Difference::with_switch(HostId::A, *switch, value);
                assert!(made(&other).is_some(), "{} {now}: {other}", switch.name());
                assert_ne!(made(&other), made(&now), "{} {now}: {other}", switch.name());
            }
        }
    }

    #[test]
    fn the_first_switches_are_the_main_ones_of_the_texts() {
        let mut main = Vec::new();
        let mut name = "";
        for line in include_str!("../../../content/switches.toml").lines() {
            if let Some(entry) = line.strip_prefix('[') {
                name = entry.trim_end_matches(']');
            } else if line == "main = true" {
                main.extend(Switch::parse(name));
            }
        }
        assert_eq!(main, MAIN);
    }

    #[test]
    fn every_stack_stands_once_beside_each_switch() {
        for switch in Switch::ALL {
            let bases: usize = by_value(*switch).iter().map(|(_, bases)| bases.len()).sum();
            let usual =
                if *switch == Switch::time_wait { Base::ALL.len() } else { Base::ALL.len() - 1 };
            assert_eq!(bases, usual, "{}", switch.name());
        }
    }
}
