//! Two worlds: the same scenario with one rule changed at one host, and where their runs part.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::packed::packed;
use crate::tcp::event::{Event, EventKind, Gate, HostId};
use crate::tcp::profile::{Base, Profile, Switch, Value};
use crate::tcp::rule::Rule;
use crate::tcp::seq::Seq;
use crate::tcp::state::State;
use crate::tcp::time::Time;

use super::scenario::Scenario;
use super::trace::{Trace, simulate};

/// What differs in the other world: one word of one host's line. In the text form of a scenario the
/// other world's line has that word in the place of its own, or besides; everything else that the
/// line says holds in both worlds. So `A linux` changes what comes from the stack and leaves what is
/// set by hand.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Difference {
    /// At which host.
    pub host: HostId,
    change: Change,
}

/// What a [`Difference`] changes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Change {
    /// A switch has this value.
    Switch(Switch, String),
    /// The host is of this stack.
    Base(Base),
    /// The next connections take these ISS values.
    Iss(Vec<Seq>),
}

impl Difference {
    /// A switch with another value; `None` if it isn't one of its values.
    #[must_use]
    pub fn with_switch(host: HostId, switch: Switch, value: &str) -> Option<Difference> {
        let mut profile = Profile::new(Base::Rfc9293);
        // What it gives back is the value's one text form.
        let change =
            profile.set(switch, value).then(|| Change::Switch(switch, profile.get(switch)));
        change.map(|change| Difference { host, change })
    }

    /// Another stack.
    #[must_use]
    pub fn with_base(host: HostId, base: Base) -> Difference {
        Difference { host, change: Change::Base(base) }
    }

    /// Other ISS values; `None` for none at all, which the text form can't say.
    #[must_use]
    pub fn with_iss(host: HostId, iss: Vec<Seq>) -> Option<Difference> {
        (!iss.is_empty()).then_some(Difference { host, change: Change::Iss(iss) })
    }

    /// What "two worlds" starts with: TIME-WAIT, kept in one and not in the other. At A, or at B
    /// where only B gets there.
    #[must_use]
    pub fn usual(scenario: &Scenario) -> Difference {
        let host = who_waits(&simulate(scenario));
        let profile = &scenario.setup(host).profile;
        let usual = match (profile.time_wait, Profile::new(profile.base).time_wait) {
            (Some(_), _) => None,
            (None, Some(usual)) => Some(usual),
            (None, None) => Profile::new(Base::Rfc9293).time_wait,
        };
        Difference { host, change: Change::Switch(Switch::time_wait, usual.text()) }
    }

    /// What it changes.
    #[must_use]
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// The switch that it changes; `None` for a stack or for ISS values.
    #[must_use]
    pub fn switch(&self) -> Option<Switch> {
        match self.change {
            Change::Switch(switch, _) => Some(switch),
            Change::Base(_) | Change::Iss(_) => None,
        }
    }

    /// The other world's scenario.
    #[must_use]
    pub fn apply(&self, scenario: &Scenario) -> Scenario {
        let mut other = scenario.clone();
        let setup = other.setup_mut(self.host);
        match &self.change {
            Change::Switch(switch, value) => {
                // It was tried when the difference was made, so it's set.
                let _ = setup.profile.set(*switch, value);
            }
            Change::Base(base) => setup.profile = rebased(&setup.profile, *base),
            Change::Iss(iss) => setup.iss.clone_from(iss),
        }
        other
    }
}

/// A profile of another stack with the same switches set by hand.
fn rebased(profile: &Profile, base: Base) -> Profile {
    let mut other = Profile::new(base);
    for switch in profile.changed() {
        // What one profile prints every profile reads.
        let _ = other.set(switch, &profile.get(switch));
    }
    other
}

/// B where only B is in TIME-WAIT, or would be if it kept one; else A.
fn who_waits(trace: &Trace) -> HostId {
    let waits = |host: HostId| {
        trace.events.iter().any(|event| {
            let EventKind::State { to, .. } = event.kind else { return false };
            let would = matches!(event.rule, Rule::TimeWaitNone | Rule::TimeWaitTableFull);
            event.host == Some(host) && (to == State::TimeWait || would)
        })
    };
    if !waits(HostId::A) && waits(HostId::B) { HostId::B } else { HostId::A }
}

/// Where two runs part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parting {
    /// The earliest moment at which something happens in one of the runs only.
    pub time: Time,
    /// For each run the place of its first event that the other hasn't; `None` where all that
    /// happens in it happens in the other too.
    pub events: [Option<usize>; 2],
}

packed!(Parting { time, events });

/// The first event that differs between two runs; `None` where a spectator sees no difference.
///
/// Two events are the same if they happen at the same time, at the same host, and are the same to
/// the eye: rule and cause don't count, names, numbers and lengths do. The order within an instant
/// doesn't count: where A forgets at once it sends the last ACK and then changes its state, where it
/// waits it does so the other way round. A gate that lets a segment pass is no event here, and one
/// that doesn't is told by its name alone: another bound that decides nothing is no difference.
#[must_use]
pub fn parting(one: &Trace, other: &Trace) -> Option<Parting> {
    let (mut one, mut other) = (Run::of(one), Run::of(other));
    let mut parting: Option<Parting> = None;
    while let Some(time) = one.time().into_iter().chain(other.time()).min() {
        let (left, right) = (one.instant(time), other.instant(time));
        if left.iter().map(sight).eq(right.iter().map(sight)) {
            continue;
        }
        let alone = [first_alone(&left, &right), first_alone(&right, &left)];
        if alone == [None, None] {
            continue;
        }
        let Parting { events, .. } = parting.get_or_insert(Parting { time, events: [None, None] });
        for (event, alone) in events.iter_mut().zip(alone) {
            *event = event.or(alone);
        }
        if events.iter().all(Option::is_some) {
            break;
        }
    }
    parting
}

/// An event and its place in its trace.
type Placed<'a> = (usize, &'a Event);

/// A run while it's gone through, instant by instant.
struct Run<'a> {
    events: &'a [Event],
    next: usize,
}

impl<'a> Run<'a> {
    fn of(trace: &'a Trace) -> Run<'a> {
        Run { events: &trace.events, next: 0 }
    }

    /// The moment of what comes next.
    fn time(&self) -> Option<Time> {
        self.events.get(self.next).map(|event| event.time)
    }

    /// Takes the events of an instant that a spectator sees.
    fn instant(&mut self, time: Time) -> Vec<Placed<'a>> {
        let mut instant = Vec::new();
        while let Some(event) = self.events.get(self.next).filter(|event| event.time == time) {
            if !matches!(event.kind, EventKind::Gate { passed: true, .. }) {
                instant.push((self.next, event));
            }
            self.next += 1;
        }
        instant
    }
}

/// What a spectator sees of an event; of a gate its name.
#[derive(PartialEq, Hash)]
enum Sight<'a> {
    Gate(Gate),
    Kind(&'a EventKind),
}

/// The same, with the host that it happens at.
type Seen<'a> = (Option<HostId>, Sight<'a>);

fn sight<'a>((_, event): &Placed<'a>) -> Seen<'a> {
    #[allow(clippy::wildcard_enum_match_arm)]
    let sight = match &event.kind {
        EventKind::Gate { gate, .. } => Sight::Gate(*gate),
        kind => Sight::Kind(kind),
    };
    (event.host, sight)
}

/// The first of these events that isn't among the others, of which each stands for one.
fn first_alone(these: &[Placed<'_>], others: &[Placed<'_>]) -> Option<usize> {
    // Found by their hash, for an instant can have tens of thousands of them.
    let mut left: BTreeMap<u64, Vec<Seen<'_>>> = BTreeMap::new();
    for other in others {
        let seen = sight(other);
        left.entry(hash(&seen)).or_default().push(seen);
    }
    let alone = these.iter().find(|event| {
        let seen = sight(event);
        let Some(same) = left.get_mut(&hash(&seen)) else { return true };
        let place = same.iter().position(|one| *one == seen);
        place.map(|place| same.swap_remove(place)).is_none()
    });
    alone.map(|(place, _)| *place)
}

fn hash(seen: &Seen<'_>) -> u64 {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    seen.hash(&mut hash);
    hash.finish()
}

/// FNV-1a. It is the same everywhere, and small.
struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, octets: &[u8]) {
        for octet in octets {
            self.0 = (self.0 ^ u64::from(*octet)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::scenes::{SCENES, Scene};
    use crate::world::text::{parse_difference, parse_scenario};

    fn scenario(text: &str) -> Scenario {
        let scenario = parse_scenario(text);
        assert!(scenario.is_ok(), "{scenario:?}\n{text}");
        scenario.unwrap_or_else(|_| Scenario::new(Base::Rfc9293))
    }

    fn scene(name: &str) -> Scenario {
        scenario(Scene::find(name).map_or("", |scene| scene.text))
    }

    fn difference(text: &str) -> Difference {
        let difference = parse_difference(text);
        assert!(difference.is_ok(), "{difference:?}");
        difference.unwrap_or(Difference::with_base(HostId::A, Base::Linux))
    }

    /// The lines of the hosts in the other world.
    fn hosts(scenario: &Scenario, other: &str) -> Vec<String> {
        let other = difference(other).apply(scenario).to_string();
        other.lines().skip(1).take(2).map(str::to_owned).collect()
    }

    /// Where the worlds part: the moment, and for each the event's line without its number.
    fn parts(scenario: &Scenario, other: &str) -> Option<(String, [String; 2])> {
        let traces = [scenario.clone(), difference(other).apply(scenario)].map(|s| simulate(&s));
        let [one, two] = &traces;
        let found = parting(one, two)?;
        let mirrored = parting(two, one).map(|p| (p.time, p.events));
        let [first, second] = found.events;
        assert_eq!(mirrored, Some((found.time, [second, first])));
        let line = |trace: &Trace, place: Option<usize>| {
            let text = trace.to_string();
            let mut events = text.lines().skip_while(|l| !l.starts_with("trace ")).skip(1);
            let line = place.and_then(|place| events.nth(place)).unwrap_or("");
            line.get(5..).unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ")
        };
        Some((found.time.to_string(), [line(one, first), line(two, second)]))
    }

    fn expect(scenario: &Scenario, other: &str, time: &str, one: &str, two: &str) {
        let Some((when, [first, second])) = parts(scenario, other) else {
            assert_eq!("no difference", time, "{other}");
            return;
        };
        assert_eq!(when, time, "{other}\n{first}\n{second}");
        assert!(first.contains(one) && second.contains(two), "{other}\n{first}\n{second}");
        assert_eq!((one.is_empty(), two.is_empty()), (first.is_empty(), second.is_empty()));
    }

    #[test]
    fn the_other_world_has_one_word_in_the_place_of_its_own() {
        let here = scenario(
            "time-wait-lab 1\nA linux time-wait=none window=1000 reads=off iss=1,2 clock=3\nB macos",
        );
        let rest = "window=1000 reads=off iss=1,2 clock=3";
        assert_eq!(hosts(&here, "A time-wait=5s")[0], format!("A linux time-wait=5s {rest}"));
        assert_eq!(hosts(&here, "A time-wait=60s")[0], format!("A linux {rest}"));
        assert_eq!(hosts(&here, "A freebsd")[0], format!("A freebsd time-wait=none {rest}"));
        // What is set by hand holds, even where the other stack has it so by itself.
        assert_eq!(hosts(&here, "A no-time-wait")[0], format!("A no-time-wait {rest}"));
        assert_eq!(
            hosts(&here, "B nagle=on"),
            [hosts(&here, "A linux")[0].as_str(), "B macos nagle=on"]
        );
        let iss = hosts(&here, "A iss=7");
        assert_eq!(iss[0], "A linux time-wait=none window=1000 reads=off iss=7 clock=3");
    }

    #[test]
    fn a_difference_is_made_of_values_that_exist() {
        let host = HostId::A;
        assert_eq!(Difference::with_switch(host, Switch::nagle, "maybe"), None);
        assert_eq!(Difference::with_iss(host, Vec::new()), None);
        let spelt = Difference::with_switch(host, Switch::time_wait, "60000ms");
        assert_eq!(spelt, Difference::with_switch(host, Switch::time_wait, "60s"));
        assert_eq!(spelt.and_then(|d| d.switch()), Some(Switch::time_wait));
    }

    #[test]
    fn two_worlds_start_with_the_time_wait_of_whoever_waits() {
        let usual = |scenario: &Scenario| Difference::usual(scenario).to_string();
        assert_eq!(usual(&scene("lost-last-ack")), "A time-wait=60s");
        assert_eq!(usual(&scene("lost-last-ack-time-wait")), "A time-wait=none");
        assert_eq!(usual(&scene("stray-segment")), "A time-wait=240s");
        assert_eq!(usual(&scene("simultaneous-close")), "A time-wait=none");
        // Nobody closes, or only B does, with or without its TIME-WAIT.
        assert_eq!(usual(&Scenario::new(Base::NoTimeWait)), "A time-wait=240s");
        let b_closes = |b: &str| {
            scenario(&format!(
                "time-wait-lab 1\nA linux closes=on\nB {b}\nstart established 1 1\n0s B close"
            ))
        };
        assert_eq!(usual(&b_closes("linux")), "B time-wait=none");
        assert_eq!(usual(&b_closes("linux time-wait=none")), "B time-wait=60s");
        assert_eq!(usual(&b_closes("no-time-wait")), "B time-wait=240s");
        assert_eq!(usual(&b_closes("no-time-wait time-wait=3s")), "B time-wait=none");
        assert_eq!(usual(&b_closes("linux max-time-wait=0")), "B time-wait=none");
        for scene in SCENES {
            let here = scenario(scene.text);
            let usual = Difference::usual(&here);
            let there = usual.apply(&here);
            let keeps = |one: &Scenario| one.setup(usual.host).profile.time_wait.is_some();
            assert_ne!(keeps(&here), keeps(&there), "{}", scene.name);
            assert_eq!(Difference::usual(&there).host, usual.host, "{}", scene.name);
        }
    }

    #[test]
    fn worlds_with_and_without_time_wait_part_at_the_change_of_state() {
        let closed = "A <90 state 1 FIN-WAIT-2 to CLOSED";
        let waits = "A <90 state 1 FIN-WAIT-2 to TIME-WAIT";
        expect(&scene("lost-last-ack"), "A time-wait=60s", "950ms", closed, waits);
        let waiting = scene("lost-last-ack-time-wait");
        expect(&waiting, "A time-wait=none", "950ms", waits, closed);
        // Two connections, the second after the first's end.
        let (closed, waits) = ("FIN-WAIT-2 to CLOSED", "FIN-WAIT-2 to TIME-WAIT");
        expect(&scene("stray-fin"), "A time-wait=240s", "550ms", closed, waits);
    }

    #[test]
    fn a_timer_of_another_length_is_a_difference() {
        let timer = |at: &str| format!("timer 1 time-wait started {at}");
        let here = scene("lost-last-ack-time-wait");
        expect(&here, "A time-wait=240s", "950ms", &timer("60950ms"), &timer("240950ms"));
    }

    #[test]
    fn the_same_run_has_no_parting() {
        for scene in SCENES {
            let trace = simulate(&scenario(scene.text));
            assert_eq!(parting(&trace, &trace), None, "{}", scene.name);
        }
        let here = scene("lost-last-ack");
        for never in [
            "A time-wait=none",
            "A time-wait-rst=ignored",
            "B syn-retries=3",
            "B time-wait=1s",
            "B isn=random",
            // Other bounds of a gate, which lets the same segments pass.
            "B ack-acceptance=rfc793",
            "B sequence-check=table",
        ] {
            assert_eq!(parts(&here, never), None, "{never}");
        }
    }

    #[test]
    fn timestamps_part_where_the_first_segment_carries_them() {
        let mut here = scene("stray-segment");
        let [_, b] = &mut here.hosts;
        b.profile.timestamps = true;
        let (without, with) = ("sent A1 by 1 SYN 100 window 1000 mss", "timestamps 10 0");
        expect(&here, "A timestamps=on", "10ms", without, with);
        // One host alone offers them in vain, but the offer is seen.
        expect(&scene("stray-segment"), "A timestamps=on", "10ms", without, with);
        assert_eq!(parts(&scene("stray-segment"), "B timestamps=on"), None);
    }

    #[test]
    fn the_second_connection_may_be_what_differs() {
        let (low, high) = ("opened 2 of 2 from 40000 to 80 iss 96", "iss 50000");
        expect(&scene("stray-segment"), "A iss=100,50000", "700ms", low, high);
    }

    #[test]
    fn a_gate_counts_where_it_does_not_let_a_segment_pass() {
        let text = "time-wait-lab 1\nA rfc9293\nB rfc9293\nstart established 100 300\n\
                    100ms forge B RST 105\nuntil 5s";
        let (failed, passed) = ("gate rst failed 105", "error 1 ECONNRESET");
        expect(&scenario(text), "B rst-acceptance=window", "100ms", failed, passed);
        let (challenge, silence) = ("sent B1 by 1 ACK 300", "ignored [rst-ignored]");
        expect(&scenario(text), "B rst-challenge=off", "100ms", challenge, silence);
    }

    #[test]
    fn a_run_in_which_only_something_is_missing_has_no_event_of_its_own() {
        let text = "time-wait-lab 1\nA rfc9293\nB rfc9293 reads=off window=4\n\
                    start established 100 300\n0s A send \"12345678\"\nuntil 5s";
        let probe = "timer 1 persist started";
        expect(&scenario(text), "A window-probe=off", "100ms", probe, "");
        let text = "time-wait-lab 1\nA linux time-wait=none\nB linux\nstart established 1 1\n\
                    0s A close\n100ms B close\nuntil 151ms";
        let (closed, waits) = ("FIN-WAIT-2 to CLOSED", "FIN-WAIT-2 to TIME-WAIT");
        expect(&scenario(text), "A time-wait=1us", "150ms", closed, waits);
    }

    #[test]
    fn the_order_within_an_instant_is_no_difference() {
        let mut one = simulate(&scene("close"));
        let mut two = one.clone();
        let same = |pair: &[Event]| matches!(pair, [a, b] if a.time == b.time && a.kind != b.kind);
        let place = two.events.windows(2).position(same).unwrap_or(0);
        two.events.swap(place, place + 1);
        assert_eq!(parting(&one, &two), None);
        // But how often something happens is one, and so is what only one has.
        let again = two.events.get(place + 1).cloned();
        two.events.splice(place + 1..place + 1, again);
        let more = Parting { time: two.events[place].time, events: [None, Some(place + 2)] };
        assert_eq!(parting(&one, &two), Some(more));
        one.events.clear();
        let all = Parting { time: Time::START, events: [None, Some(0)] };
        assert_eq!(parting(&one, &two), Some(all));
    }

    #[test]
    fn an_instant_of_many_events_is_compared_quickly() {
        let sends = "0s A send \"x\"\n".repeat(4_000);
        let text = format!("time-wait-lab 1\nstart established 1 1\n{sends}0s A close\nuntil 10s");
        let here = scenario(&text);
        let there = difference("B window=1000").apply(&here);
        let (one, mut two) = (simulate(&here), simulate(&there));
        assert!(one.events.len() > 10_000);
        two.events.reverse();
        assert!(parting(&one, &two).is_some());
    }
}
