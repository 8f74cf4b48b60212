//! What two hosts sent each other, in a form that a run and a recording share, and how like the two
//! are.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::tcp::event::{EventKind, HostId};
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::seq::Seq;
use crate::tcp::time::Time;
use crate::world::{Scenario, Start, Trace};

use super::Unread;

/// Where an exchange was recorded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Recording {
    /// Between two Linux kernels: tests/kernel/NAME.json, or tests/kernel_own.
    Kernel(String),
    /// In a conformance case, to the number: tests/cases/scenarios/C42.json.
    Case(String),
}

/// A segment that a host sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchanged {
    /// When, in microseconds from the start of the run or of the recording.
    pub at: Time,
    /// Who.
    pub sender: HostId,
    /// Its control bits: `FIN,ACK`.
    pub flags: String,
    /// SEQ, counted from the sender's ISN in the connection at hand, modulo 2³². The SEQ of a RST
    /// with ACK, for no connection, is a literal zero and stays one.
    pub seq: u32,
    /// ACK, counted from the peer's ISN; `None` when the ACK bit is clear.
    pub ack: Option<u32>,
    /// How many octets of text.
    pub octets: u32,
    /// Whether the network lost it.
    pub lost: bool,
}

/// How like a run is to a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Likeness {
    /// Each host sent the same segments from the first FIN on: the same flags, lengths and fates in
    /// the same order, and the same SEQ and ACK, counted from where the two stood just before it.
    /// What was sent before may differ: other octets, or a connection that was there from the start.
    Close,
    /// Each host sent the same segments from the first to the last.
    Whole,
}

/// The numbers that those of a segment are counted from, for A and for B.
#[derive(Clone, Copy, Debug)]
pub struct Bases([u32; 2]);

impl Bases {
    /// As they are at the start of a scenario or a case: with a connection there from the start, one
    /// below its first numbers.
    #[must_use]
    pub fn new(start: Start) -> Bases {
        match start {
            Start::Closed => Bases([0; 2]),
            Start::Established { a_next, b_next } => {
                Bases([a_next, b_next].map(|next| next.0.wrapping_sub(1)))
            }
        }
    }

    /// The relative form of a segment. A SYN sets its sender's base.
    pub fn see(&mut self, at: Time, sender: HostId, segment: &Segment, lost: bool) -> Exchanged {
        let Bases([a, b]) = self;
        let (own, peer) = match sender {
            HostId::A => (a, b),
            HostId::B => (b, a),
        };
        if segment.syn {
            *own = segment.seq.0;
        }
        let literal = segment.rst && segment.ack.is_some() && segment.seq == Seq(0);
        let flags: Flags = segment.flags();
        Exchanged {
            at,
            sender,
            flags: flags.to_string(),
            seq: if literal { 0 } else { segment.seq.0.wrapping_sub(*own) },
            ack: segment.ack.map(|ack| ack.0.wrapping_sub(*peer)),
            octets: segment.text_len(),
            lost,
        }
    }
}

/// What the hosts of a run sent: neither copies nor forged segments, which no host did.
#[must_use]
pub fn exchange(trace: &Trace) -> Vec<Exchanged> {
    let scenario: &Scenario = &trace.scenario;
    let mut bases = Bases::new(scenario.start);
    let mut exchanged = Vec::new();
    let mut names = Vec::new();
    for event in &trace.events {
        if let EventKind::Sent { name, segment, .. } = &event.kind {
            exchanged.push(bases.see(event.time, name.sender, segment, false));
            names.push(*name);
        } else if let EventKind::Lost { name } = event.kind
            && let Some(place) = names.iter().rposition(|sent| *sent == name)
            && let Some(sent) = exchanged.get_mut(place)
        {
            sent.lost = true;
        }
    }
    exchanged
}

/// How like two exchanges are; `None` where they differ even in the close. Times don't count, nor
/// who of the two hosts sent first.
#[must_use]
pub fn likeness(one: &[Exchanged], other: &[Exchanged]) -> Option<Likeness> {
    if are_same(one, other, |exchanged| exchanged.to_vec()) {
        return Some(Likeness::Whole);
    }
    let closes = [one, other].iter().all(|all| all.iter().any(is_fin));
    (closes && are_same(one, other, from_first_fin)).then_some(Likeness::Close)
}

fn are_same(
    one: &[Exchanged],
    other: &[Exchanged],
    part: impl Fn(&[Exchanged]) -> Vec<Exchanged>,
) -> bool {
    let (one, other) = (part(one), part(other));
    HostId::BOTH.into_iter().all(|host| {
        let of = |all: &[Exchanged]| {
            let own = all.iter().filter(|sent| sent.sender == host);
            own.map(|sent| Exchanged { at: Time::START, ..sent.clone() }).collect::<Vec<_>>()
        };
        of(&one) == of(&other)
    })
}

fn is_fin(sent: &Exchanged) -> bool {
    bits(sent).fin
}

fn bits(sent: &Exchanged) -> Flags {
    Flags::parse(&sent.flags).unwrap_or_default()
}

/// What was sent from the first FIN on, its numbers counted from what the hosts would have sent next
/// just before it. Those of a later connection are counted from its own ISNs, as they are.
#[must_use]
pub fn from_first_fin(exchanged: &[Exchanged]) -> Vec<Exchanged> {
    let first = exchanged.iter().position(is_fin).unwrap_or(exchanged.len());
    let (before, after) = exchanged.split_at_checked(first).unwrap_or((exchanged, &[]));
    let next = |host: HostId| {
        let own = before.iter().filter(|sent| sent.sender == host && !bits(sent).rst);
        own.map(end).max().unwrap_or(1)
    };
    let mut offsets = HostId::BOTH.map(next);
    let counted = |sent: &Exchanged| {
        let [a, b] = &mut offsets;
        let (own, peer) = match sent.sender {
            HostId::A => (a, b),
            HostId::B => (b, a),
        };
        if bits(sent).syn {
            *own = 0;
        }
        let literal = bits(sent).rst && bits(sent).ack && sent.seq == 0;
        let seq = if literal { 0 } else { sent.seq.wrapping_sub(*own) };
        Exchanged { seq, ack: sent.ack.map(|ack| ack.wrapping_sub(*peer)), ..sent.clone() }
    };
    after.iter().map(counted).collect()
}

/// The number after a segment's last.
fn end(sent: &Exchanged) -> u32 {
    let bits = bits(sent);
    let flags = u32::from(bits.syn) + u32::from(bits.fin);
    sent.seq.wrapping_add(sent.octets).wrapping_add(flags)
}

impl FromStr for Recording {
    type Err = Unread;

    fn from_str(text: &str) -> Result<Recording, Unread> {
        let is_name = |name: &&str| {
            let known = |c: char| c.is_ascii_alphanumeric() || c == '_';
            !name.is_empty() && name.chars().all(known)
        };
        let parts = text.split_once(' ').filter(|(_, name)| is_name(name));
        match parts {
            Some(("kernel", name)) => Ok(Recording::Kernel(name.to_owned())),
            Some(("case", name)) => Ok(Recording::Case(name.to_owned())),
            Some(_) | None => Err(Unread("a recording: `kernel normal_close` or `case C42`")),
        }
    }
}

impl TryFrom<String> for Recording {
    type Error = Unread;

    fn try_from(text: String) -> Result<Recording, Unread> {
        text.parse()
    }
}

impl From<Recording> for String {
    fn from(recording: Recording) -> String {
        recording.to_string()
    }
}

impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Recording::Kernel(name) => write!(f, "kernel {name}"),
            Recording::Case(name) => write!(f, "case {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::profile::Base;
    use crate::world::scenes::Scene;
    use crate::world::{parse_scenario, simulate};

    fn run(scene: &str, more: &str) -> Vec<Exchanged> {
        let text = Scene::find(scene).map_or(scene, |scene| scene.text);
        let scenario = parse_scenario(&format!("{text}\n{more}"));
        assert!(scenario.is_ok(), "{scenario:?}");
        exchange(&simulate(&scenario.unwrap_or_else(|_| Scenario::new(Base::Rfc9293))))
    }

    #[test]
    fn an_exchange_counts_from_the_isns() {
        let lines: Vec<String> = run("three-segment-close", "")
            .iter()
            .map(|sent| {
                let ack = sent.ack.map_or("-".to_owned(), |ack| ack.to_string());
                format!("{} {} {} {ack} {}", sent.sender, sent.flags, sent.seq, sent.octets)
            })
            .collect();
        assert_eq!(
            lines,
            [
                "A SYN 0 - 0",
                "B SYN,ACK 0 1 0",
                "A ACK 1 1 0",
                "A ACK 1 1 5",
                "B ACK 1 6 0",
                "B ACK 1 6 5",
                "A ACK 6 6 0",
                "A FIN,ACK 6 6 0",
                "B FIN,ACK 6 7 0",
                "A ACK 7 7 0",
            ]
        );
    }

    #[test]
    fn likeness_is_of_the_whole_or_of_the_close() {
        let close = run("close", "");
        let isn = run("close", "")
            .iter()
            .map(|sent| Exchanged { at: Time(7), ..sent.clone() })
            .collect::<Vec<_>>();
        assert_eq!(likeness(&close, &isn), Some(Likeness::Whole));
        // Without a word before it the close is the same, whether the connection is opened or there.
        let silent = "time-wait-lab 1\nA rfc9293\nB rfc9293\nstart established 7 4294967295\n\
                      0s A close\n200ms B close";
        assert_eq!(likeness(&close, &run(silent, "")), Some(Likeness::Close));
        assert_eq!(likeness(&run(silent, ""), &close), Some(Likeness::Close));
        // Another order, another fate, another close are not.
        assert_eq!(likeness(&close, &run("three-segment-close", "")), None);
        assert_eq!(likeness(&close, &run("simultaneous-close", "")), None);
        assert_eq!(likeness(&run(silent, ""), &run(silent, "drop A2")), None);
        assert_eq!(likeness(&run("give-up", "1s A exit"), &[]), None);
        assert_eq!(likeness(&[], &[]), Some(Likeness::Whole));
    }

    #[test]
    fn a_changed_number_is_no_likeness() {
        let whole = run("lost-last-ack", "");
        for place in 0..whole.len() {
            let changes: [fn(&mut Exchanged); 4] = [
                |sent| sent.seq ^= 1,
                |sent| sent.octets += 1,
                |sent| sent.lost = !sent.lost,
                |sent| sent.flags = "none".to_owned(),
            ];
            for change in changes {
                let mut other = whole.clone();
                other.iter_mut().skip(place).take(1).for_each(change);
                let found = likeness(&whole, &other);
                let before = whole.iter().position(is_fin).is_some_and(|fin| place < fin);
                assert!(found.is_none() || before && found == Some(Likeness::Close), "{place}");
            }
        }
    }

    #[test]
    fn recordings_read_back_as_they_were_printed() {
        for text in ["kernel normal_close", "case C42"] {
            assert_eq!(text.parse().map(|read: Recording| read.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "kernel", "kernel ../x", "film C42", "case C4 2"] {
            assert!(text.parse::<Recording>().is_err(), "{text}");
        }
    }
}
