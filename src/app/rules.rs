//! The rules of the worlds: for each host its stack and every switch, what differs in the other
//! world, the wire and the programs.

pub(super) mod field;
mod rows;
mod systems;
mod wire;

use leptos::prelude::*;

use super::draw::{El, button, html, truth};
use super::lab::Lab;
use super::labels;
use super::language::{Text, host_name};
use super::texts::{self, Panels, SwitchText};
use crate::tcp::event::HostId;
use crate::tcp::profile::{Base, Profile, Switch, Value};
use crate::tcp::seq::Seq;
use crate::world::{Change, Difference, Edit, Scenario};
use field::Setting;

/// The profile of a host with every switch.
pub(super) fn sheet(lab: Lab, host: HostId) -> El {
    // The sheet stays as it is while the scene changes, so that the focus does.
    untrack(|| {
        texts::ask_for_panels(lab.language.get());
        let host = RwSignal::new(host);
        html("div", "rules").add(head(lab, host)).add(html("div", "rules-host").part(move || {
            let host = host.get();
            untrack(|| of_host(Rules::new(lab, host)))
        }))
    })
}

/// The rules of one host, in both worlds.
#[derive(Clone, Copy)]
struct Rules {
    lab: Lab,
    host: HostId,
    /// Its profile in the first world and in the second, where there is one.
    profiles: Memo<[Profile; 2]>,
    /// Whether there are two worlds.
    are_two: Memo<bool>,
}

impl Rules {
    fn new(lab: Lab, host: HostId) -> Rules {
        let profiles = Memo::new(move |_| {
            let of = |scenario: &Scenario| scenario.setup(host).profile.clone();
            let here = lab.scene.with(|scene| of(&scene.scenario));
            let picture = lab.picture.get();
            let there = picture.runs.get(1).map(|run| of(&run.trace.scenario));
            let there = there.unwrap_or_else(|| here.clone());
            [here, there]
        });
        Rules { lab, host, profiles, are_two: Memo::new(move |_| lab.count.get() > 1) }
    }

    /// Something of the profile in a world: 0 or 1.
    fn profile<T>(self, world: usize, read: impl FnOnce(&Profile) -> T) -> T {
        self.profiles.with(|[here, there]| read(if world == 0 { here } else { there }))
    }

    /// The value of a switch in a world.
    fn value(self, world: usize, switch: Switch) -> Memo<String> {
        Memo::new(move |_| self.profile(world, |profile| profile.get(switch)))
    }
}

/// What the texts say of a switch in the person's language, once they're there.
fn told(lab: Lab, switch: Switch) -> Option<&'static SwitchText> {
    panels(lab)?.switches.iter().find(|told| told.name == switch.name())
}

fn panels(lab: Lab) -> Option<&'static Panels> {
    let language = lab.language.get();
    // Who asks is drawn anew when they come.
    let _ = texts::fetched(language);
    texts::panels(language)
}

/// The title of a switch, or its name in the text of a scenario.
pub(super) fn title(lab: Lab, switch: Switch) -> String {
    told(lab, switch).map_or(switch.name(), |told| told.title).to_owned()
}

/// A value as a person reads it. `none` stays, for it's also what they write.
pub(super) fn word(lab: Lab, value: &str) -> String {
    match value {
        "on" => lab.say(Text::On),
        "off" => lab.say(Text::Off),
        other => other.to_owned(),
    }
}

/// A stack by its name.
fn stack(lab: Lab, base: Base) -> &'static str {
    match base {
        Base::NoTimeWait => lab.text(Text::StackNoTimeWait),
        Base::Rfc9293
        | Base::Rfc793
        | Base::Linux
        | Base::Linux49
        | Base::FreeBsd
        | Base::MacOs
        | Base::Smoltcp => labels::base(base),
    }
}

/// How a stack differs from the RFC.
fn stack_said(base: Base) -> Text {
    match base {
        Base::Rfc9293 => Text::StackRfc9293Said,
        Base::Rfc793 => Text::StackRfc793Said,
        Base::Linux => Text::StackLinuxSaid,
        Base::Linux49 => Text::StackLinux49Said,
        Base::FreeBsd => Text::StackFreebsdSaid,
        Base::MacOs => Text::StackMacOsSaid,
        Base::Smoltcp => Text::StackSmoltcpSaid,
        Base::NoTimeWait => Text::StackNoTimeWaitSaid,
    }
}

/// The hosts to choose from, the way back, and what differs between the worlds.
fn head(lab: Lab, host: RwSignal<HostId>) -> El {
    let tab = move |one: HostId| {
        let changed = move || {
            let count = lab.scene.with(|s| s.scenario.setup(one).profile.changed().len());
            if count == 0 { String::new() } else { format!(" · {count}") }
        };
        button("", move || host.set(one))
            .set("id", tab_id(one))
            .follow("aria-pressed", move || truth(host.get() == one))
            .text(host_name(one))
            .add(html("small", "").words(changed))
    };
    let one_world = move || {
        let leave = move || {
            lab.edit(&Edit::Other(None));
            field::focus(tab_id(untrack(|| host.get())).to_owned());
        };
        let are_two = lab.count.get() > 1;
        are_two.then(|| button("plain", leave).text(lab.text(Text::OneWorld))).into_iter().collect()
    };
    let undo = button("plain", move || lab.undo())
        .follow("aria-disabled", move || truth(!lab.can_undo()))
        .set("data-sign", "undo")
        .set("title", lab.text(Text::Undo))
        .set("aria-label", lab.text(Text::Undo));
    html("div", "rules-head")
        .add(
            html("div", "choice")
                .set("role", "group")
                .set("aria-label", lab.text(Text::Rules))
                .adds(HostId::BOTH.map(tab)),
        )
        .add(html("p", "difference").set("role", "status").words(move || difference(lab)))
        .add(html("div", "").part(one_world))
        .add(undo)
}

fn tab_id(host: HostId) -> &'static str {
    match host {
        HostId::A => "rules-of-host1",
        HostId::B => "rules-of-host2",
    }
}

/// What differs between the worlds, in words.
fn difference(lab: Lab) -> String {
    let Some(other) = lab.scene.with(|scene| scene.other.clone()) else {
        return lab.say(Text::NoDifference);
    };
    let (profile, iss) = lab.scene.with(|scene| {
        let setup = scene.scenario.setup(other.host);
        (setup.profile.clone(), setup.iss.clone())
    });
    let (rule, here, there) = match other.change() {
        Change::Switch(switch, value) => {
            (title(lab, *switch), word(lab, &profile.get(*switch)), word(lab, value))
        }
        Change::Base(base) => {
            let stack = |base| stack(lab, base).to_owned();
            (lab.say(Text::Stack), stack(profile.base), stack(*base))
        }
        Change::Iss(list) => ("ISS".to_owned(), numbers(&iss), numbers(list)),
    };
    let host = host_name(other.host);
    let key = if here == there { Text::DifferInNothing } else { Text::DifferIn };
    lab.fill(key, &[("host", host), ("rule", &rule), ("here", &here), ("there", &there)])
}

fn numbers(list: &[Seq]) -> String {
    let numbers: Vec<String> = list.iter().map(Seq::to_string).collect();
    if numbers.is_empty() { "–".to_owned() } else { numbers.join(", ") }
}

fn of_host(rules: Rules) -> Vec<El> {
    vec![stacks(rules), rows::switches(rules), wire::wire_and_program(rules)]
}

/// The stack that the host starts from.
fn stacks(rules: Rules) -> El {
    let Rules { lab, host, are_two, .. } = rules;
    let reset = move || {
        let count = rules.profile(0, |profile| profile.changed().len());
        if count == 0 {
            return Vec::new();
        }
        let words = lab.fill(Text::BackToProfile, &[("count", &count.to_string())]);
        let back = move || {
            lab.edit(&Edit::UsualSwitches(host));
            field::focus(base_id(untrack(|| rules.profile(0, |profile| profile.base))));
        };
        vec![button("back", back).text(&words)]
    };
    let other = move || if are_two.get() { vec![other_stack(rules)] } else { Vec::new() };
    html("section", "stacks-of-host")
        .add(
            html("div", "section-head")
                .add(html("h3", "").set("id", "stack-name").text(lab.text(Text::Stack)))
                .add(html("div", "").part(reset)),
        )
        .add(
            html("div", "bases")
                .set("role", "radiogroup")
                .set("aria-labelledby", "stack-name")
                .adds(Base::ALL.iter().map(|base| one_stack(rules, *base))),
        )
        .add(html("div", "").part(other))
        .add(html("p", "changed-list").words(move || changed(rules)))
}

/// The switches that aren't as the stack has them, in words.
fn changed(rules: Rules) -> String {
    let lab = rules.lab;
    let list: Vec<String> = rules.profile(0, |profile| {
        let one = |switch: &Switch| {
            format!("{} = {}", title(lab, *switch), word(lab, &profile.get(*switch)))
        };
        profile.changed().iter().map(one).collect()
    });
    if list.is_empty() {
        return String::new();
    }
    lab.fill(Text::ChangedList, &[("list", &list.join(" · "))])
}

fn base_id(base: Base) -> String {
    format!("base-{}", base.text())
}

fn one_stack(rules: Rules, base: Base) -> El {
    let Rules { lab, host, .. } = rules;
    let is_base = move || rules.profile(0, |profile| profile.base == base);
    let radio = html("input", "")
        .set("type", "radio")
        .set("name", "base")
        .set("id", &base_id(base))
        .on("change", move |_| lab.edit(&Edit::Base(host, base)));
    field::follow(&radio, move |radio| radio.set_checked(is_base()));
    html("label", "base").follow("data-chosen", move || truth(is_base())).add(radio).add(
        html("span", "")
            .add(html("b", "").text(stack(lab, base)))
            .add(html("span", "said").text(lab.text(stack_said(base)))),
    )
}

/// The stack in the second world: another one is what differs.
fn other_stack(rules: Rules) -> El {
    let Rules { lab, host, .. } = rules;
    let change = move |text: &str| {
        let base = Base::read(text);
        if let Some(base) = base {
            lab.edit(&Edit::Other(Some(Difference::with_base(host, base))));
        }
        base.is_some()
    };
    let setting = Setting {
        id: "base-other".to_owned(),
        labelled_by: "base-other-name".to_owned(),
        value: Memo::new(move |_| rules.profile(1, |profile| profile.base.text())),
        change: Box::new(change),
    };
    let values: Vec<(String, String)> =
        Base::ALL.iter().map(|base| (base.text(), stack(lab, *base).to_owned())).collect();
    let differs = move || truth(rules.profiles.with(|[here, there]| here.base != there.base));
    html("p", "other-stack")
        .follow("data-differs", differs)
        .add(
            html("label", "")
                .set("for", "base-other")
                .set("id", "base-other-name")
                .text(lab.text(Text::StackInSecond)),
        )
        .add(field::list(setting, &values))
}
