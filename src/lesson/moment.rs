//! A moment of a run, named by what happens then: it is found again in every run in which that
//! happens, at whatever time.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::tcp::call::Call;
use crate::tcp::event::{Event, EventKind, HostId, SegmentName, TimerChange, TimerKind};
use crate::tcp::state::State;
use crate::tcp::time::{Span, Time};
use crate::world::text::{call_word, segment_name};
use crate::world::{Trace, parting};

use super::{Unread, host, without};

const EXPECTED: Unread = Unread(
    "a moment: start, end, parting, a time such as 1200ms, `A6 sent`, `A6 arrives`, `A6 lost`, \
     `A6 dies`, or a host with a state, a call, `error`, `end-of-file` or `2MSL`; \
     `other ` before it, ` #2` after it",
);

/// The words of the calls.
const CALLS: [&str; 19] = [
    "listen",
    "connect",
    "accept",
    "send",
    "recv",
    "shutdown",
    "shutdown-read",
    "shutdown-both",
    "close",
    "linger-zero",
    "abort",
    "so-error",
    "poll",
    "exit",
    "reboot",
    "keep-alive",
    "user-timeout",
    "linger2",
    "receive-buffer",
];

/// A moment of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment {
    /// Whether it is one of the second world.
    pub other: bool,
    /// What happens then.
    pub what: Happening,
    /// Which time that it happens, from 1.
    pub occurrence: u32,
}

/// What happens at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Happening {
    /// The run starts.
    Start,
    /// The last thing in the run.
    End,
    /// Two worlds part.
    Parting,
    /// Something, at that time.
    At(Time),
    /// A segment, or a copy of it, is put on the wire.
    Sent(SegmentName),
    /// It arrives.
    Arrives(SegmentName),
    /// The network loses it.
    Lost(SegmentName),
    /// It dies on the way: it has lived for MSL.
    Dies(SegmentName),
    /// A connection of the host enters the state.
    State(HostId, State),
    /// The host's program makes the call of that word, by the scene or by itself.
    Call(HostId, &'static str),
    /// A connection of the host ends with an error, whether a program still notices or not.
    Error(HostId),
    /// The peer's FIN takes effect at the host.
    EndOfFile(HostId),
    /// A 2MSL timer of the host fires.
    TimeWaitOver(HostId),
}

impl Happening {
    /// Whether an event is this. The start, the end and the parting of a run are no events.
    fn is(self, event: &Event) -> bool {
        let at = |host: HostId| event.host == Some(host);
        match self {
            Happening::Start | Happening::End | Happening::Parting => false,
            Happening::At(time) => event.time == time,
            Happening::Sent(wanted) => matches!(&event.kind,
                EventKind::Sent { name, .. } | EventKind::Injected { name, .. } if *name == wanted),
            Happening::Arrives(wanted) => {
                matches!(&event.kind, EventKind::Arrived { name, .. } if *name == wanted)
            }
            Happening::Lost(wanted) => {
                matches!(&event.kind, EventKind::Lost { name } if *name == wanted)
            }
            Happening::Dies(wanted) => {
                matches!(&event.kind, EventKind::Died { name } if *name == wanted)
            }
            Happening::State(host, state) => {
                at(host) && matches!(event.kind, EventKind::State { to, .. } if to == state)
            }
            Happening::Call(host, word) => at(host) && made(event).is_some_and(|made| made == word),
            Happening::Error(host) => at(host) && matches!(event.kind, EventKind::Error { .. }),
            Happening::EndOfFile(host) => {
                at(host) && matches!(event.kind, EventKind::EndOfFile { .. })
            }
            Happening::TimeWaitOver(host) => {
                at(host)
                    && matches!(event.kind, EventKind::Timer { timer, change, .. }
                        if timer == TimerKind::TimeWait && change == TimerChange::Fired)
            }
        }
    }

    fn read(text: &str) -> Option<Happening> {
        let mut words = text.split_whitespace();
        let found = match (words.next()?, words.next()) {
            ("start", None) => Happening::Start,
            ("end", None) => Happening::End,
            ("parting", None) => Happening::Parting,
            (time, None) => Happening::At(Time(Span::parse(time)?.0)),
            (subject, Some(word)) => match host(subject) {
                Some(host) => Happening::at_host(host, word)?,
                None => Happening::of_segment(segment_name(subject)?, word)?,
            },
        };
        words.next().is_none().then_some(found)
    }

    fn of_segment(name: SegmentName, word: &str) -> Option<Happening> {
        match word {
            "sent" => Some(Happening::Sent(name)),
            "arrives" => Some(Happening::Arrives(name)),
            "lost" => Some(Happening::Lost(name)),
            "dies" => Some(Happening::Dies(name)),
            _ => None,
        }
    }

    fn at_host(host: HostId, word: &str) -> Option<Happening> {
        match word {
            "error" => Some(Happening::Error(host)),
            "end-of-file" => Some(Happening::EndOfFile(host)),
            "2MSL" => Some(Happening::TimeWaitOver(host)),
            _ => {
                let state = State::ALL.into_iter().find(|state| state.name() == word);
                let call = || CALLS.into_iter().find(|call| *call == word);
                state
                    .map(|state| Happening::State(host, state))
                    .or_else(|| call().map(|call| Happening::Call(host, call)))
            }
        }
    }
}

/// The word of the call that an event is.
fn made(event: &Event) -> Option<&'static str> {
    let call: Option<&Call> =
        if let EventKind::Call { call, .. } = &event.kind { Some(call) } else { None };
    call.map(call_word)
}

impl Moment {
    /// When it is in a run, or in two of them, the second world's behind the first; `None` where
    /// that doesn't happen, or there is no second world.
    #[must_use]
    pub fn find(&self, runs: &[Trace]) -> Option<Time> {
        let run = runs.get(usize::from(self.other))?;
        match (self.what, runs) {
            (Happening::Start, _) => Some(Time::START),
            (Happening::End, _) => Some(run.last()),
            (Happening::Parting, [one, other, ..]) => parting(one, other).map(|found| found.time),
            (what, _) => {
                let before = usize::try_from(self.occurrence.saturating_sub(1)).ok()?;
                let mut found = run.events.iter().filter(|event| what.is(event));
                found.nth(before).map(|event| event.time)
            }
        }
    }
}

impl FromStr for Moment {
    type Err = Unread;

    fn from_str(text: &str) -> Result<Moment, Unread> {
        let (text, other) = match without(text, "other") {
            Some(rest) => (rest, true),
            None => (text.trim(), false),
        };
        let (text, occurrence) = match text.rsplit_once(" #") {
            Some((rest, number)) => (rest, number.parse().ok().filter(|number| *number > 0)),
            None => (text, Some(1)),
        };
        let moment = Happening::read(text).zip(occurrence);
        let moment = moment.map(|(what, occurrence)| Moment { other, what, occurrence });
        moment.filter(Moment::makes_sense).ok_or(EXPECTED)
    }
}

impl Moment {
    /// What happens once has no second time, and the parting is in both worlds.
    fn makes_sense(&self) -> bool {
        match self.what {
            Happening::Start | Happening::End | Happening::At(_) => self.occurrence == 1,
            Happening::Parting => self.occurrence == 1 && !self.other,
            Happening::Sent(_)
            | Happening::Arrives(_)
            | Happening::Lost(_)
            | Happening::Dies(_)
            | Happening::State(..)
            | Happening::Call(..)
            | Happening::Error(_)
            | Happening::EndOfFile(_)
            | Happening::TimeWaitOver(_) => true,
        }
    }
}

impl TryFrom<String> for Moment {
    type Error = Unread;

    fn try_from(text: String) -> Result<Moment, Unread> {
        text.parse()
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> String {
        moment.to_string()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.other { "other " } else { "" })?;
        match self.what {
            Happening::Start => f.write_str("start"),
            Happening::End => f.write_str("end"),
            Happening::Parting => f.write_str("parting"),
            Happening::At(time) => time.fmt(f),
            Happening::Sent(name) => write!(f, "{name} sent"),
            Happening::Arrives(name) => write!(f, "{name} arrives"),
            Happening::Lost(name) => write!(f, "{name} lost"),
            Happening::Dies(name) => write!(f, "{name} dies"),
            Happening::State(host, state) => write!(f, "{host} {state}"),
            Happening::Call(host, call) => write!(f, "{host} {call}"),
            Happening::Error(host) => write!(f, "{host} error"),
            Happening::EndOfFile(host) => write!(f, "{host} end-of-file"),
            Happening::TimeWaitOver(host) => write!(f, "{host} 2MSL"),
        }?;
        if self.occurrence == 1 { Ok(()) } else { write!(f, " #{}", self.occurrence) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::profile::Base;
    use crate::world::scenes::Scene;
    use crate::world::{Difference, Scenario, parse_difference, parse_scenario, simulate};

    fn runs(scene: &str, other: &str) -> Vec<Trace> {
        let text = Scene::find(scene).map_or("", |scene| scene.text);
        let here = parse_scenario(text).unwrap_or_else(|_| Scenario::new(Base::Rfc9293));
        let there = parse_difference(other).ok().map(|other: Difference| other.apply(&here));
        [Some(here), there].into_iter().flatten().map(|scene| simulate(&scene)).collect()
    }

    fn time(runs: &[Trace], moment: &str) -> Option<String> {
        moment.parse::<Moment>().ok()?.find(runs).map(|time| time.to_string())
    }

    #[test]
    fn a_moment_reads_back_as_it_was_printed() {
        for text in [
            "start",
            "end",
            "parting",
            "1200ms",
            "A6 sent",
            "A3.2 arrives",
            ">B1 lost",
            "B7 dies",
            "A TIME-WAIT",
            "B TIME-WAIT #2",
            "A close",
            "B connect #3",
            "A error",
            "B end-of-file",
            "A 2MSL",
            "other A6 arrives",
            "other end",
            "other B CLOSED #2",
        ] {
            let read: Result<Moment, Unread> = text.parse();
            assert_eq!(read.map(|moment| moment.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "",
            "other",
            "A",
            "A6",
            "A6 flies",
            "C close",
            "A TIMEWAIT",
            "start #2",
            "5",
            "A close 2",
            "A close #0",
            "A close #",
            "1s #2",
            "other parting",
            "A6 sent now",
            "#2",
        ] {
            assert_eq!(text.parse::<Moment>(), Err(EXPECTED), "{text}");
        }
    }

    #[test]
    fn every_call_has_its_word() {
        let calls = "listen 80,connect 80,accept,send \"x\",recv,shutdown,shutdown-read,shutdown-both,\
                     close,linger-zero,abort,so-error,poll,exit,reboot,keep-alive 10s 5s 3,\
                     user-timeout 3s,linger2 5s,receive-buffer 4096";
        let words: Vec<&str> = calls.split(',').filter_map(|call| call.split(' ').next()).collect();
        assert_eq!(words, CALLS);
        for call in calls.split(',') {
            assert!(parse_scenario(&format!("time-wait-lab 1\n0s A {call}")).is_ok(), "{call}");
        }
    }

    #[test]
    fn moments_are_found_in_either_world() {
        let runs = runs("lost-last-ack", "A time-wait=60s");
        let found = |moment: &str| time(&runs, moment).unwrap_or_default();
        for (moment, expected) in [
            ("start", "0s"),
            ("end", "2100ms"),
            ("other end", "61250ms"),
            ("parting", "950ms"),
            ("600ms", "600ms"),
            ("601ms", ""),
            ("A6 sent", "950ms"),
            ("A6 lost", "950ms"),
            ("A6 arrives", ""),
            ("B6 arrives", "1250ms"),
            ("A FIN-WAIT-2", "740ms"),
            ("A TIME-WAIT", ""),
            ("other A TIME-WAIT", "950ms"),
            ("A close", "2s"),
            ("B accept", "160ms"),
            ("B error", "1300ms"),
            ("other B error", ""),
            ("A end-of-file", "950ms"),
            ("B end-of-file #2", ""),
            ("other A 2MSL", "61250ms"),
        ] {
            assert_eq!(found(moment), expected, "{moment}");
        }
    }

    #[test]
    fn a_second_world_that_is_not_there_has_no_moments() {
        let alone = runs("lost-last-ack", "");
        assert_eq!(time(&alone, "parting"), None);
        assert_eq!(time(&alone, "other start"), None);
        assert_eq!(time(&[], "start"), None);
    }

    #[test]
    fn a_copy_and_a_second_time_are_moments_too() {
        let runs = runs("stray-segment", "");
        assert_eq!(time(&runs, "A3.2 arrives"), Some("2s".to_owned()));
        assert_eq!(time(&runs, "A connect #2"), Some("700ms".to_owned()));
        assert_eq!(time(&runs, "B ESTABLISHED #2"), Some("850ms".to_owned()));
    }
}
