//! The goals of a puzzle: what must hold in a scene and in its run.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::tcp::event::{EventKind, HostId};
use crate::tcp::profile::Switch;
use crate::tcp::segment::Incarnation;
use crate::tcp::state::State;
use crate::world::twin::Change;
use crate::world::{
    Act, Difference, Scenario, Trace, Verdict, by_connection, parse_difference, verdicts,
};

use super::answer::{Answer, Got, Sending};
use super::question::{About, Asked, ever_got};
use super::{Unread, host, without};

const EXPECTED: Unread = Unread(
    "a goal: `verdict 2 foreign-octets`, `A receives RST`, `A sends RST`, `A reaches TIME-WAIT`, \
     `B returns ECONNRESET`, `network acts = 1` (or program acts; =, <=, >=), `rules unchanged`, \
     `setting A time-wait=none`; `not ` before it",
);

/// A goal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Goal {
    /// Whether the condition must not hold.
    pub not: bool,
    /// The condition.
    pub what: Condition,
}

/// What a goal speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// The connection of that number ends so.
    Verdict(Incarnation, Verdict),
    /// Such a segment arrives at the host.
    Receives(HostId, Sending),
    /// The host sends such a segment.
    Sends(HostId, Sending),
    /// A connection of the host enters the state.
    Reaches(HostId, State),
    /// The host's program gets this.
    Returns(HostId, Got),
    /// How many acts the scene differs in from the puzzle's: see [`acts_of`].
    Acts(Doer, Order, u32),
    /// The hosts, the wire and the start are as the puzzle has them.
    RulesUnchanged,
    /// A host has this setting.
    Setting(Difference),
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doer {
    /// The network: what happens to segments, forged ones, copies that go on.
    Network,
    /// The programs: their calls.
    Program,
}

/// How a number must compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// Exactly so many.
    Exactly,
    /// At most so many.
    AtMost,
    /// At least so many.
    AtLeast,
}

impl Order {
    const ALL: [(Order, &'static str); 3] =
        [(Order::Exactly, "="), (Order::AtMost, "<="), (Order::AtLeast, ">=")];

    fn word(self) -> &'static str {
        match self {
            Order::Exactly => "=",
            Order::AtMost => "<=",
            Order::AtLeast => ">=",
        }
    }

    fn holds(self, number: usize, wanted: u32) -> bool {
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        match self {
            Order::Exactly => number == wanted,
            Order::AtMost => number <= wanted,
            Order::AtLeast => number >= wanted,
        }
    }
}

/// How many acts of the network or of the programs a scene differs in from the one that it was: so
/// many were added, or taken away; one put in the place of another counts once. A copy that is kept
/// and then released is two.
#[must_use]
pub fn acts_of(doer: Doer, start: &Scenario, now: &Scenario) -> usize {
    let added = left_over(doer, &now.acts, &start.acts);
    let removed = left_over(doer, &start.acts, &now.acts);
    added.max(removed)
}

/// How many acts of one list have no like in the other, of which each stands for one.
fn left_over(doer: Doer, these: &[Act], others: &[Act]) -> usize {
    let mut others: Vec<&Act> = others.iter().collect();
    let mut left = 0;
    for act in these.iter().filter(|act| does(act) == doer) {
        match others.iter().position(|other| *other == act) {
            Some(place) => {
                others.swap_remove(place);
            }
            None => left += 1,
        }
    }
    left
}

fn does(act: &Act) -> Doer {
    match act {
        Act::Call { .. } => Doer::Program,
        Act::Forge { .. } | Act::Release { .. } | Act::Fate { .. } => Doer::Network,
    }
}

impl Goal {
    /// Whether it holds in a scene as it stands, which was `start`, and in its run.
    #[must_use]
    pub fn holds(&self, start: &Scenario, now: &Scenario, trace: &Trace) -> bool {
        self.what.holds(start, now, trace) != self.not
    }
}

impl Condition {
    fn holds(&self, start: &Scenario, now: &Scenario, trace: &Trace) -> bool {
        match self {
            Condition::Verdict(connection, wanted) => {
                let judged = by_connection(&verdicts(trace));
                judged.iter().any(|one| one.incarnation == *connection && one.verdict == *wanted)
            }
            Condition::Receives(host, wanted) => trace.events.iter().any(|event| {
                event.host == Some(*host)
                    && matches!(&event.kind, EventKind::Arrived { segment, .. }
                        if Sending::of(segment) == *wanted)
            }),
            Condition::Sends(host, wanted) => trace.events.iter().any(|event| {
                event.host == Some(*host)
                    && matches!(&event.kind, EventKind::Sent { segment, .. }
                        if Sending::of(segment) == *wanted)
            }),
            Condition::Reaches(host, state) => trace.events.iter().any(|event| {
                event.host == Some(*host)
                    && matches!(event.kind, EventKind::State { to, .. } if to == *state)
            }),
            Condition::Returns(host, got) => ever_got(trace, *host, *got),
            Condition::Acts(doer, order, wanted) => {
                order.holds(acts_of(*doer, start, now), *wanted)
            }
            Condition::RulesUnchanged => {
                (&now.hosts, now.wire, now.start) == (&start.hosts, start.wire, start.start)
            }
            Condition::Setting(setting) => is_set(now, setting),
        }
    }

    fn read(text: &str) -> Option<Condition> {
        if text == "rules unchanged" {
            return Some(Condition::RulesUnchanged);
        }
        let (first, rest) = text.split_once(' ')?;
        match first {
            "setting" => parse_difference(rest).ok().map(Condition::Setting),
            "verdict" => {
                let (number, word) = rest.split_once(' ')?;
                let number = number.parse().ok().filter(|number| *number > 0)?;
                let verdict = Verdict::ALL.into_iter().find(|one| one.name() == word)?;
                Some(Condition::Verdict(Incarnation(number), verdict))
            }
            "network" => Condition::acts(Doer::Network, rest),
            "program" => Condition::acts(Doer::Program, rest),
            _ => Condition::at_host(host(first)?, rest),
        }
    }

    fn acts(doer: Doer, rest: &str) -> Option<Condition> {
        let (order, number) = without(rest, "acts")?.split_once(' ')?;
        let order = Order::ALL.into_iter().find(|(_, word)| *word == order)?.0;
        number.parse().ok().map(|number| Condition::Acts(doer, order, number))
    }

    fn at_host(host: HostId, rest: &str) -> Option<Condition> {
        let (verb, word) = rest.split_once(' ')?;
        let sending = || Sending::ALL.into_iter().find(|sending| sending.name() == word);
        match verb {
            "receives" => sending().map(|sending| Condition::Receives(host, sending)),
            "sends" => sending().map(|sending| Condition::Sends(host, sending)),
            "reaches" => {
                let state = State::ALL.into_iter().find(|state| state.name() == word);
                state.map(|state| Condition::Reaches(host, state))
            }
            "returns" => {
                let about = About { other: false, what: Asked::Returns(host) };
                match about.read_answer(word) {
                    Some(Answer::Returns(got)) => Some(Condition::Returns(host, got)),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// Whether a host of a scene has what a difference would give it.
fn is_set(scene: &Scenario, setting: &Difference) -> bool {
    let [a, b] = &scene.hosts;
    let host = match setting.host {
        HostId::A => a,
        HostId::B => b,
    };
    match setting.change() {
        Change::Switch(switch, value) => {
            let switch: Switch = *switch;
            host.profile.get(switch) == *value
        }
        Change::Base(base) => host.profile.base == *base,
        Change::Iss(iss) => host.iss == *iss,
    }
}

impl FromStr for Goal {
    type Err = Unread;

    fn from_str(text: &str) -> Result<Goal, Unread> {
        let (text, not) = match without(text, "not") {
            Some(rest) => (rest, true),
            None => (text.trim(), false),
        };
        Condition::read(text).map(|what| Goal { not, what }).ok_or(EXPECTED)
    }
}

impl TryFrom<String> for Goal {
    type Error = Unread;

    fn try_from(text: String) -> Result<Goal, Unread> {
        text.parse()
    }
}

impl From<Goal> for String {
    fn from(goal: Goal) -> String {
        goal.to_string()
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.not { "not " } else { "" })?;
        match &self.what {
            Condition::Verdict(connection, verdict) => {
                write!(f, "verdict {} {}", connection.0, verdict.name())
            }
            Condition::Receives(host, sending) => write!(f, "{host} receives {}", sending.name()),
            Condition::Sends(host, sending) => write!(f, "{host} sends {}", sending.name()),
            Condition::Reaches(host, state) => write!(f, "{host} reaches {state}"),
            Condition::Returns(host, got) => write!(f, "{host} returns {got}"),
            Condition::Acts(doer, order, number) => {
                let doer = match doer {
                    Doer::Network => "network",
                    Doer::Program => "program",
                };
                write!(f, "{doer} acts {} {number}", order.word())
            }
            Condition::RulesUnchanged => f.write_str("rules unchanged"),
            Condition::Setting(setting) => write!(f, "setting {setting}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::profile::Base;
    use crate::world::scenes::Scene;
    use crate::world::{parse_scenario, simulate};

    fn scene(name: &str, more: &str) -> Scenario {
        let text = Scene::find(name).map_or("", |scene| scene.text);
        let scenario = parse_scenario(&format!("{text}\n{more}"));
        assert!(scenario.is_ok(), "{scenario:?}");
        scenario.unwrap_or_else(|_| Scenario::new(Base::Rfc9293))
    }

    fn holds(goal: &str, start: &Scenario, now: &Scenario) -> bool {
        let goal: Result<Goal, Unread> = goal.parse();
        assert!(goal.is_ok(), "{goal:?}");
        goal.is_ok_and(|goal| goal.holds(start, now, &simulate(now)))
    }

    #[test]
    fn a_goal_reads_back_as_it_was_printed() {
        for text in [
            "verdict 2 foreign-octets",
            "not verdict 1 closed-in-order",
            "A receives RST",
            "B sends SYN,ACK",
            "A reaches TIME-WAIT",
            "B returns ECONNRESET",
            "B returns EOF",
            "network acts = 1",
            "program acts <= 2",
            "network acts >= 3",
            "rules unchanged",
            "setting A time-wait=none",
            "not setting B linux",
            "setting A iss=1,2",
        ] {
            let goal: Result<Goal, Unread> = text.parse();
            assert_eq!(goal.map(|goal| goal.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "",
            "not",
            "verdict foreign-octets",
            "verdict 1 bad",
            "A receives",
            "A receives FINE",
            "C receives RST",
            "A returns",
            "A returns nothing",
            "network acts",
            "network acts 1",
            "network acts < 1",
            "network acts = x",
            "setting A",
            "setting A fast=on",
            "rules",
        ] {
            assert_eq!(text.parse::<Goal>(), Err(EXPECTED), "{text}");
        }
    }

    #[test]
    fn goals_speak_of_the_run() {
        let here = scene("lost-last-ack", "");
        for (goal, expected) in [
            ("verdict 1 spurious-rst", true),
            ("verdict 1 closed-in-order", false),
            ("verdict 2 spurious-rst", false),
            ("B receives RST", true),
            ("A receives RST", false),
            ("A sends RST", true),
            ("B sends RST", false),
            ("A reaches FIN-WAIT-2", true),
            ("A reaches TIME-WAIT", false),
            ("not A reaches TIME-WAIT", true),
            ("B returns ECONNRESET", true),
            ("A returns ECONNRESET", false),
            ("B returns EOF", true),
            ("setting A time-wait=none", true),
            ("setting B time-wait=none", false),
            ("setting A linux", true),
            ("setting A iss=1000", true),
            ("setting A iss=1", false),
        ] {
            assert_eq!(holds(goal, &here, &here), expected, "{goal}");
        }
    }

    #[test]
    fn acts_are_the_difference_between_two_scenes() {
        let start = scene("lost-last-ack-time-wait", "");
        assert!(holds("network acts = 0", &start, &start));
        assert!(holds("rules unchanged", &start, &start));
        let mut now = scene("lost-last-ack-time-wait", "drop A7\n3s A close");
        assert!(holds("network acts = 1", &start, &now) && holds("program acts = 1", &start, &now));
        assert!(
            holds("network acts <= 1", &start, &now) && !holds("network acts >= 2", &start, &now)
        );
        // The same act twice is two; one in the place of another is one; one taken away is one.
        let twice = scene("lost-last-ack-time-wait", "drop A7\ndrop A7");
        assert_eq!(acts_of(Doer::Network, &start, &twice), 2);
        now.acts.retain(|act| does(act) == Doer::Program);
        assert_eq!(acts_of(Doer::Network, &start, &now), 1);
        now.acts.extend(
            scene("linger-zero", "").acts.into_iter().filter(|act| does(act) == Doer::Network),
        );
        assert_eq!(acts_of(Doer::Network, &start, &now), 1);
        // A kept copy that goes on later is two acts, and no act is a rule.
        let kept = scene("lost-last-ack-time-wait", "keep A5\n3s release A5");
        assert!(
            holds("network acts = 2", &start, &kept) && holds("rules unchanged", &start, &kept)
        );
        // A dead line is one act, whatever is lost on it; in both directions it's two.
        let dead = scene("lost-last-ack-time-wait", "drop every A from 1s to 11s");
        assert_eq!(acts_of(Doer::Network, &start, &dead), 1);
        let dead = scene("dead-line", "");
        assert_eq!(dead.acts.iter().filter(|act| does(act) == Doer::Network).count(), 2);
        let other = scene("lost-last-ack", "");
        assert!(!holds("rules unchanged", &start, &other));
        assert!(holds("network acts = 0", &start, &other));
    }
}
