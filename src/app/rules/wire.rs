//! What is no switch and still decides a run: the wire, and what programs do by themselves.

use leptos::prelude::*;

use super::super::draw::{El, html};
use super::super::lab::Lab;
use super::super::language::{Text, host_name};
use super::Rules;
use super::field::{self, Setting};
use crate::tcp::call::{Accepts, Application};
use crate::tcp::event::HostId;
use crate::tcp::profile::Value;
use crate::tcp::seq::Seq;
use crate::tcp::time::Span;
use crate::world::{Edit, HostSetup, Wire};

/// When a program accepts, with a name for the list.
const ACCEPTS: [(Accepts, &str, Text); 3] = [
    (Accepts::ByCall, "call", Text::AcceptsByCall),
    (Accepts::Established, "established", Text::AcceptsEstablished),
    (Accepts::AtSyn, "syn", Text::AcceptsAtSyn),
];

/// The wire, and what the host's program does by itself.
pub(super) fn wire_and_program(rules: Rules) -> El {
    let Rules { lab, host, .. } = rules;
    html("section", "wire-and-programs")
        .add(html("h3", "").text(lab.text(Text::WireAndPrograms)))
        .add(
            html("div", "settings-small")
                .add(delay(lab, HostId::A))
                .add(delay(lab, HostId::B))
                .add(lifetime(lab))
                .add(accepts(lab, host))
                .add(iss(lab, host))
                .add(programs(lab, host)),
        )
}

/// A setting with its name above and a hint below.
fn named(id: &str, name: &str, control: El, hint: &str) -> El {
    html("div", "small-setting")
        .add(html("label", "").set("for", id).set("id", &name_id(id)).text(name))
        .add(control)
        .add(html("p", "hint").text(hint))
}

fn name_id(id: &str) -> String {
    format!("{id}-name")
}

fn setting(
    id: &str,
    value: impl Fn() -> String + Send + Sync + 'static,
    change: impl Fn(&str) -> bool + 'static,
) -> Setting {
    Setting {
        id: id.to_owned(),
        labelled_by: name_id(id),
        value: Memo::new(move |_| value()),
        change: Box::new(change),
    }
}

fn wire(lab: Lab) -> Wire {
    lab.scene.with(|scene| scene.scenario.wire)
}

fn delay(lab: Lab, from: HostId) -> El {
    let of = move |wire: Wire| {
        let [from_a, from_b] = wire.delay;
        if from == HostId::A { from_a } else { from_b }
    };
    let change = move |text: &str| {
        // A segment that takes no time at all could answer itself for ever.
        let Some(span) = Span::parse(text).filter(|span| *span > Span::ZERO) else { return false };
        let wire = untrack(|| wire(lab));
        let [from_a, from_b] = wire.delay;
        let delay = if from == HostId::A { [span, from_b] } else { [from_a, span] };
        lab.edit(&Edit::Wire(Wire { delay, ..wire }));
        true
    };
    let names = [("host", host_name(from)), ("peer", host_name(from.other()))];
    let id = format!("delay-{}", host_name(from));
    let setting = setting(&id, move || of(wire(lab)).to_string(), change);
    named(&id, &lab.fill(Text::DelayFrom, &names), field::field(lab, setting, "50ms, 1s, 1us"), "")
}

fn lifetime(lab: Lab) -> El {
    let change = move |text: &str| {
        let lifetime = <Option<Span> as Value>::read(text);
        let lifetime = lifetime.filter(|lifetime| *lifetime != Some(Span::ZERO));
        let Some(lifetime) = lifetime else { return false };
        lab.edit(&Edit::Wire(Wire { lifetime, ..untrack(|| wire(lab)) }));
        true
    };
    let id = "lifetime";
    let setting = setting(id, move || Value::text(&wire(lab).lifetime), change);
    let field = field::field(lab, setting, "none, 120s, 300ms");
    named(id, lab.text(Text::Lifetime), field, lab.text(Text::LifetimeNone))
}

fn of_host<T>(lab: Lab, host: HostId, read: impl FnOnce(&HostSetup) -> T) -> T {
    lab.scene.with(|scene| read(scene.scenario.setup(host)))
}

fn application(lab: Lab, host: HostId) -> Application {
    of_host(lab, host, |setup| setup.application)
}

fn programs(lab: Lab, host: HostId) -> El {
    let said = |key: Text| lab.fill(key, &[("host", host_name(host))]);
    let now = move || untrack(|| application(lab, host));
    let reads = field::tick(
        &said(Text::ProgramReads),
        move || application(lab, host).reads,
        move |reads| lab.edit(&Edit::Application(host, Application { reads, ..now() })),
    );
    let closes = field::tick(
        &said(Text::ProgramCloses),
        move || application(lab, host).closes,
        move |closes| lab.edit(&Edit::Application(host, Application { closes, ..now() })),
    );
    html("div", "ticks").add(reads).add(closes)
}

fn accepts(lab: Lab, host: HostId) -> El {
    let word = move || {
        let accepts = application(lab, host).accepts;
        ACCEPTS.iter().find(|(one, ..)| *one == accepts).map_or("", |(_, word, _)| word).to_owned()
    };
    let change = move |text: &str| {
        let Some((accepts, ..)) = ACCEPTS.iter().find(|(_, word, _)| *word == text) else {
            return false;
        };
        let now = untrack(|| application(lab, host));
        lab.edit(&Edit::Application(host, Application { accepts: *accepts, ..now }));
        true
    };
    let id = "accepts";
    let values = ACCEPTS.map(|(_, word, key)| (word.to_owned(), lab.text(key).to_owned()));
    let name = lab.fill(Text::ProgramAccepts, &[("host", host_name(host))]);
    named(id, &name, field::list(setting(id, word, change), &values), "")
}

fn iss(lab: Lab, host: HostId) -> El {
    let list = move || {
        let numbers = of_host(lab, host, |setup| setup.iss.clone());
        let numbers: Vec<String> = numbers.iter().map(Seq::to_string).collect();
        numbers.join(",")
    };
    let change = move |text: &str| {
        let numbers = text.split(',').filter(|number| !number.is_empty() || text.contains(','));
        let numbers: Option<Vec<Seq>> =
            numbers.map(|number| <u32 as Value>::read(number).map(Seq)).collect();
        let Some(numbers) = numbers else { return false };
        lab.edit(&Edit::Iss(host, numbers));
        true
    };
    let id = "iss";
    let name = lab.fill(Text::IssNext, &[("host", host_name(host))]);
    let field = field::field(lab, setting(id, list, change), "100, 100,50000");
    named(id, &name, field, lab.text(Text::IssNextSaid))
}
