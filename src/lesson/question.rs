//! What is asked of a run, what the engine answers, and what else is offered.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::tcp::connection::Connection;
use crate::tcp::event::{ConnectionId, Event, EventKind, HostId};
use crate::tcp::profile::{Base, Profile, Switch};
use crate::tcp::segment::Incarnation;
use crate::tcp::state::State;
use crate::tcp::time::Time;
use crate::world::{Difference, Trace, Verdict, by_connection, simulate, verdicts};

use super::answer::{Answer, Got, Sending};
use super::file::{Question, Words};
use super::{Moment, Unread, host, without};

const EXPECTED: Unread =
    Unread("what is asked: `A sends`, `A state`, `A returns` or `verdict 2`; `other ` before it");

/// The most answers that are offered.
pub const MOST_CHOICES: usize = 5;

/// Above so many events a run is not made again under other rules: that would be felt.
const MOST_EVENTS: usize = 5_000;

/// What is asked, for the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct About {
    /// Whether it is asked of the second world.
    pub other: bool,
    /// What.
    pub what: Asked,
}

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// What a host sends at the moment.
    Sends(HostId),
    /// The state in which its newest connection, of those that aren't closed, is after the moment.
    State(HostId),
    /// What its program gets at the moment.
    Returns(HostId),
    /// How the connection of that number ends in the run.
    Verdict(Incarnation),
}

/// One of the answers that are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice<'a> {
    /// The answer.
    pub answer: Answer,
    /// Whether it is what the engine does.
    pub right: bool,
    /// Why it is tempting, where the lesson says so.
    pub tempting: Option<&'a Words>,
}

impl About {
    /// Every answer there can be, in the order in which answers are offered: the same for every run,
    /// so that a place gives nothing away. For what is sent and returned, what says more is later.
    #[must_use]
    pub fn possible(&self) -> Vec<Answer> {
        let nothing = core::iter::once(Answer::Nothing);
        match self.what {
            Asked::Sends(_) => nothing.chain(Sending::ALL.map(Answer::Sends)).collect(),
            Asked::State(_) => State::ALL.map(Answer::State).into(),
            Asked::Returns(_) => nothing.chain(Got::all().map(Answer::Returns)).collect(),
            Asked::Verdict(_) => nothing.chain(Verdict::ALL.map(Answer::Verdict)).collect(),
        }
    }

    /// The answer of that word; `None` where it is no answer to this.
    #[must_use]
    pub fn read_answer(&self, word: &str) -> Option<Answer> {
        self.possible().into_iter().find(|answer| answer.to_string() == word)
    }

    /// What the engine does at a moment of a run, or of two of them, the second world's behind the
    /// first; `None` where there is no second world and it is asked of it.
    #[must_use]
    pub fn answer(&self, runs: &[Trace], at: Time) -> Option<Answer> {
        let run = runs.get(usize::from(self.other))?;
        Some(match self.what {
            Asked::Sends(host) => sent(run, host, at).map_or(Answer::Nothing, Answer::Sends),
            Asked::State(host) => Answer::State(state(run, host, at)),
            Asked::Returns(host) => self.most(gotten(run, host, at).map(Answer::Returns)),
            Asked::Verdict(connection) => verdict(run, connection),
        })
    }

    /// Of several answers the one that says most.
    fn most(&self, answers: impl Iterator<Item = Answer>) -> Answer {
        let possible = self.possible();
        let place = |answer: &Answer| possible.iter().position(|one| one == answer);
        answers.max_by_key(place).unwrap_or(Answer::Nothing)
    }
}

/// The events of one host at a moment.
fn at_moment(run: &Trace, host: HostId, at: Time) -> impl Iterator<Item = &Event> {
    let first = run.events.partition_point(|event| event.time < at);
    let events = run.events.iter().skip(first).take_while(move |event| event.time == at);
    events.filter(move |event| event.host == Some(host))
}

fn sent(run: &Trace, host: HostId, at: Time) -> Option<Sending> {
    let sent = at_moment(run, host, at).filter_map(|event| {
        if let EventKind::Sent { segment, .. } = &event.kind { Some(segment) } else { None }
    });
    sent.map(Sending::of).max()
}

fn state(run: &Trace, host: HostId, at: Time) -> State {
    let here = run.at(at);
    let [a, b] = &here.hosts;
    let connections = match host {
        HostId::A => &a.connections,
        HostId::B => &b.connections,
    };
    let live = connections.iter().filter(|connection| connection.is_live());
    live.max_by_key(|connection| connection.id).map_or(State::Closed, |newest| newest.state)
}

/// What a program gets at a moment.
fn gotten(run: &Trace, host: HostId, at: Time) -> impl Iterator<Item = Got> {
    at_moment(run, host, at).filter_map(move |event| got(run, host, event))
}

/// Whether a program gets this at any moment of a run.
pub(super) fn ever_got(run: &Trace, host: HostId, wanted: Got) -> bool {
    let mut events = run.events.iter().filter(|event| event.host == Some(host));
    events.any(|event| got(run, host, event) == Some(wanted))
}

/// What a program gets by an event: what its call returns, an error that it can see, and, where it
/// reads by itself and still holds the descriptor, octets and end of file.
#[allow(clippy::wildcard_enum_match_arm)]
fn got(run: &Trace, host: HostId, event: &Event) -> Option<Got> {
    match &event.kind {
        EventKind::Return { returned, .. } => Some(Got::of(returned)),
        EventKind::Error { errno, noticed: true, .. } => Some(Got::Failed(*errno)),
        EventKind::Received { connection, .. } => {
            reads(run, host, *connection, event.time).then_some(Got::Octets)
        }
        EventKind::EndOfFile { connection, .. } => {
            reads(run, host, *connection, event.time).then_some(Got::EndOfFile)
        }
        _ => None,
    }
}

/// Whether a program reads by itself from a connection whose descriptor it holds, or held until it
/// closed it in this very instant.
fn reads(run: &Trace, host: HostId, connection: ConnectionId, at: Time) -> bool {
    let held = |at: Time| {
        let [a, b] = run.at(at).hosts;
        let host = match host {
            HostId::A => a,
            HostId::B => b,
        };
        let held = host.connections.with_id(connection).is_some_and(Connection::is_held);
        host.application.reads && held
    };
    held(at) || held(Time(at.0.saturating_sub(1)))
}

fn verdict(run: &Trace, connection: Incarnation) -> Answer {
    let judged = by_connection(&verdicts(run));
    let judged = judged.iter().find(|one| one.incarnation == connection);
    judged.map_or(Answer::Nothing, |one| Answer::Verdict(one.verdict))
}

impl Question {
    /// What is offered: the right answer, those that the lesson calls tempting, and what the engine
    /// does at the same moment under other rules; at most [`MOST_CHOICES`], in an order that doesn't
    /// tell. Nothing where the moment isn't in the run.
    #[must_use]
    pub fn choices(&self, runs: &[Trace], moment: &Moment) -> Vec<Choice<'_>> {
        let right = moment.find(runs).and_then(|at| self.about.answer(runs, at));
        let Some(right) = right else { return Vec::new() };
        let tempting = |answer: &Answer| self.tempting.get(&answer.to_string());
        let possible = self.about.possible();
        let mut offered = vec![right];
        let mut offer = |answers: &mut dyn Iterator<Item = Answer>| {
            for answer in answers {
                if offered.len() < MOST_CHOICES && !offered.contains(&answer) {
                    offered.push(answer);
                }
            }
        };
        offer(&mut possible.iter().copied().filter(|answer| tempting(answer).is_some()));
        offer(&mut self.elsewhere(runs, moment).into_iter());
        let choice =
            |answer: Answer| Choice { answer, right: answer == right, tempting: tempting(&answer) };
        possible.into_iter().filter(|answer| offered.contains(answer)).map(choice).collect()
    }

    /// What the engine does at the same moment under other rules.
    fn elsewhere(&self, runs: &[Trace], moment: &Moment) -> Vec<Answer> {
        if runs.iter().map(|run| run.events.len()).sum::<usize>() > MOST_EVENTS {
            return Vec::new();
        }
        let rules = HostId::BOTH.into_iter().flat_map(|host| other_rules(runs, host));
        let answer = |rule: Difference| {
            let there: Vec<Trace> =
                runs.iter().map(|run| simulate(&rule.apply(&run.scenario))).collect();
            self.about.answer(&there, moment.find(&there)?)
        };
        rules.filter_map(answer).collect()
    }
}

/// TIME-WAIT as the host's stack has it, or as the RFC has it, then none at all, then every stack.
fn other_rules(runs: &[Trace], host: HostId) -> Vec<Difference> {
    let base = runs.first().map_or(Base::Rfc9293, |run| {
        let [a, b] = &run.scenario.hosts;
        match host {
            HostId::A => a.profile.base,
            HostId::B => b.profile.base,
        }
    });
    let usual = match base {
        Base::NoTimeWait => Base::Rfc9293,
        Base::Rfc9293
        | Base::Rfc793
        | Base::Linux
        | Base::Linux49
        | Base::FreeBsd
        | Base::MacOs
        | Base::Smoltcp => base,
    };
    let lengths = [Profile::new(usual).get(Switch::time_wait), "none".to_owned()];
    let lengths = lengths.map(|length| Difference::with_switch(host, Switch::time_wait, &length));
    let stacks = Base::ALL.iter().map(|base| Difference::with_base(host, *base));
    lengths.into_iter().flatten().chain(stacks).collect()
}

impl FromStr for About {
    type Err = Unread;

    fn from_str(text: &str) -> Result<About, Unread> {
        let (text, other) = match without(text, "other") {
            Some(rest) => (rest, true),
            None => (text.trim(), false),
        };
        let what = match text.split_once(' ') {
            Some(("verdict", number)) => {
                let number = number.parse().ok().filter(|number| *number > 0);
                number.map(|number| Asked::Verdict(Incarnation(number)))
            }
            Some((subject, "sends")) => host(subject).map(Asked::Sends),
            Some((subject, "state")) => host(subject).map(Asked::State),
            Some((subject, "returns")) => host(subject).map(Asked::Returns),
            Some(_) | None => None,
        };
        what.map(|what| About { other, what }).ok_or(EXPECTED)
    }
}

impl TryFrom<String> for About {
    type Error = Unread;

    fn try_from(text: String) -> Result<About, Unread> {
        text.parse()
    }
}

impl From<About> for String {
    fn from(about: About) -> String {
        about.to_string()
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.other { "other " } else { "" })?;
        match self.what {
            Asked::Sends(host) => write!(f, "{host} sends"),
            Asked::State(host) => write!(f, "{host} state"),
            Asked::Returns(host) => write!(f, "{host} returns"),
            Asked::Verdict(connection) => write!(f, "verdict {}", connection.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::scenes::Scene;
    use crate::world::{Scenario, parse_scenario};

    fn run(scene: &str, more: &str) -> Vec<Trace> {
        let text = Scene::find(scene).map_or(scene, |scene| scene.text);
        let scenario = parse_scenario(&format!("{text}\n{more}"));
        assert!(scenario.is_ok(), "{scenario:?}");
        vec![simulate(&scenario.unwrap_or_else(|_| Scenario::new(Base::Rfc9293)))]
    }

    fn answer(runs: &[Trace], about: &str, moment: &str) -> Option<String> {
        let (about, moment): (About, Moment) = (about.parse().ok()?, moment.parse().ok()?);
        Some(about.answer(runs, moment.find(runs)?)?.to_string())
    }

    fn words(text: &str) -> Words {
        Words { en: text.to_owned(), zh: text.to_owned() }
    }

    fn question(about: &str, tempting: &[&str]) -> Question {
        let about = about.parse().unwrap_or(About { other: false, what: Asked::Sends(HostId::B) });
        let why = |word: &&str| ((*word).to_owned(), words("why"));
        Question { about, ask: words("?"), tempting: tempting.iter().map(why).collect() }
    }

    fn offered(question: &Question, runs: &[Trace], moment: &str) -> Vec<String> {
        let Ok(moment) = moment.parse::<Moment>() else { return Vec::new() };
        let choices = question.choices(runs, &moment);
        assert!(choices.iter().filter(|choice| choice.right).count() <= 1);
        let mark = |right: bool| if right { "!" } else { "" };
        choices.iter().map(|choice| format!("{}{}", choice.answer, mark(choice.right))).collect()
    }

    #[test]
    fn what_is_asked_and_answered_reads_back_as_it_was_printed() {
        for text in ["A sends", "B state", "other A returns", "verdict 2", "other verdict 1"] {
            let about: Result<About, Unread> = text.parse();
            assert_eq!(about.map(|about| about.to_string()), Ok(text.to_owned()));
            for answer in about.iter().flat_map(About::possible) {
                let read = about.ok().and_then(|about| about.read_answer(&answer.to_string()));
                assert_eq!(read, Some(answer), "{text}");
            }
        }
        for text in ["", "A", "C sends", "A receives", "verdict", "verdict 0", "verdict two"] {
            assert_eq!(text.parse::<About>(), Err(EXPECTED), "{text}");
        }
    }

    #[test]
    fn the_engine_answers() {
        let runs = run("lost-last-ack", "");
        let said = |about: &str, moment: &str| answer(&runs, about, moment).unwrap_or_default();
        for (about, moment, expected) in [
            ("A sends", "B6 arrives", "RST"),
            ("A sends", "B3 arrives", "ACK"),
            ("B sends", "A1 arrives", "SYN,ACK"),
            ("A sends", "A connect", "SYN"),
            ("A sends", "A send", "data"),
            ("A sends", "A shutdown", "FIN"),
            ("B sends", "A7 arrives", "nothing"),
            ("A state", "A shutdown", "FIN-WAIT-1"),
            ("A state", "B5 arrives", "CLOSED"),
            ("B state", "A7 sent", "LAST-ACK"),
            ("A state", "start", "CLOSED"),
            ("B returns", "A7 arrives", "ECONNRESET"),
            ("B returns", "A5 arrives", "EOF"),
            ("B returns", "A3 arrives", "octets"),
            ("B returns", "B so-error", "ECONNRESET"),
            ("B returns", "B poll", "ready"),
            ("A returns", "A close", "done"),
            ("A returns", "A send", "taken"),
            ("A returns", "B6 arrives", "nothing"),
            ("verdict 1", "end", "spurious-rst"),
            ("verdict 2", "end", "nothing"),
            ("A returns", "A connect", "EINPROGRESS"),
        ] {
            assert_eq!(said(about, moment), expected, "{about} at {moment}");
        }
        assert_eq!(answer(&runs, "other A sends", "B6 arrives"), None);
        // An orphan's end of file reaches nobody; a program that closes by itself still saw it.
        let runs = run("close", "");
        assert_eq!(answer(&runs, "A returns", "A end-of-file").as_deref(), Some("nothing"));
        let runs = run("three-segment-close", "");
        assert_eq!(answer(&runs, "B returns", "B end-of-file").as_deref(), Some("EOF"));
        assert_eq!(answer(&runs, "B sends", "B end-of-file").as_deref(), Some("FIN"));
    }

    #[test]
    fn answers_follow_a_changed_scene() {
        let question = question("A sends", &["ACK", "nothing"]);
        let runs = run("lost-last-ack", "");
        assert_eq!(offered(&question, &runs, "B6 arrives"), ["nothing", "ACK", "RST!"]);
        // TIME-WAIT turned on: the same question has another answer, and the old one is offered.
        let on = Difference::with_switch(HostId::A, Switch::time_wait, "60s");
        let scene = runs.first().map(|run| run.scenario.clone());
        let on: Vec<Trace> =
            on.zip(scene).map(|(on, scene)| simulate(&on.apply(&scene))).into_iter().collect();
        assert_eq!(offered(&question, &on, "B6 arrives"), ["nothing", "ACK!", "RST"]);
        // The FIN that was sent again is lost: the moment is missing, and nothing is offered.
        let lost = run("lost-last-ack", "drop B6");
        assert_eq!(offered(&question, &lost, "B6 arrives"), Vec::<String>::new());
    }

    #[test]
    fn at_most_five_are_offered_and_the_right_one_is_among_them() {
        let runs = run("stray-segment", "");
        let all = ["open", "stuck", "refused", "given-up", "old-rst", "aborted", "nothing"];
        let found = offered(&question("verdict 2", &all), &runs, "end");
        assert_eq!(found.len(), MOST_CHOICES);
        assert!(found.contains(&"foreign-octets!".to_owned()), "{found:?}");
        let alone = offered(&question("verdict 2", &[]), &runs, "end");
        assert!(alone.contains(&"nothing".to_owned()), "{alone:?}");
    }

    #[test]
    fn questions_are_total() {
        for scene in crate::world::scenes::SCENES {
            let runs = run(scene.name, "drop every A");
            for about in ["A sends", "B state", "B returns", "verdict 2", "other verdict 1"] {
                for moment in ["start", "end", "B2 arrives", "parting", "A TIME-WAIT #3"] {
                    let found = offered(&question(about, &["nothing"]), &runs, moment);
                    assert!(found.len() <= MOST_CHOICES);
                }
            }
        }
    }
}
