//! What is asked of the adversary, as words, and how far it is, as a report: what passes between the
//! page and its worker. `theorem without-length acts-3` is a job; the words stand in addresses too.

use core::fmt;
use core::str::FromStr;

use super::theorem::Premise;

/// The most acts that may be asked for: five take minutes, and what is bounded then is memory.
pub const MOST_ACTS: u8 = 4;

/// The acts that a job has where it doesn't say.
pub const USUAL_ACTS: u8 = 3;

/// How much memory a search may take in a browser, octets: see [`super::Setting::most_octets`]. With
/// the hosts' table, and with what an array takes while it grows, an explorer stays below
/// 256 MiB; `end2end/explorer.mjs` measures it.
pub const BROWSER_OCTETS: u64 = 128 << 20;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// The theorem without some of its premises: what can the network do with so many acts?
    Theorem {
        /// The premises that are left out, in their order.
        without: Vec<Premise>,
        /// How many acts the network has, at most [`MOST_ACTS`].
        acts: u8,
    },
    /// What can go wrong, by the length of TIME-WAIT: see [`super::chart::at_length`].
    Lengths {
        /// How many acts the network has, at most [`MOST_ACTS`].
        acts: u8,
    },
    /// How many last ACKs must be lost, by stack and length: see [`super::chart::lost_acks`].
    LostAcks,
}

/// A word that is none of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadWord(pub String);

impl fmt::Display for BadWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BadWord(word) = self;
        write!(
            f,
            "{word:?}: expected theorem, lengths or lost-acks, then without-PREMISE or acts-N"
        )
    }
}

impl core::error::Error for BadWord {}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let acts = match self {
            Job::Theorem { without, acts } => {
                f.write_str("theorem")?;
                for premise in without {
                    write!(f, " without-{}", premise.name())?;
                }
                acts
            }
            Job::Lengths { acts } => {
                f.write_str("lengths")?;
                acts
            }
            Job::LostAcks => return f.write_str("lost-acks"),
        };
        if *acts == USUAL_ACTS { Ok(()) } else { write!(f, " acts-{acts}") }
    }
}

impl FromStr for Job {
    type Err = BadWord;

    /// Reads the words of a job; [`Display`](fmt::Display) writes them.
    ///
    /// # Errors
    /// Gives the first word that isn't known there.
    fn from_str(text: &str) -> Result<Job, BadWord> {
        let mut words = text.split_whitespace();
        let kind = words.next().unwrap_or_default();
        let (mut off, mut acts) = (Vec::new(), USUAL_ACTS);
        for word in words {
            let premise = word.strip_prefix("without-").and_then(premise_of);
            let number = word.strip_prefix("acts-").and_then(|number| number.parse::<u8>().ok());
            match (kind, premise, number.filter(|number| *number <= MOST_ACTS)) {
                ("theorem", Some(premise), _) => off.push(premise),
                ("theorem" | "lengths", _, Some(number)) => acts = number,
                _ => return Err(BadWord(word.to_owned())),
            }
        }
        // In one order, each once, so that one question has one text.
        let without = Premise::ALL.into_iter().filter(|one| off.contains(one)).collect();
        match kind {
            "theorem" => Ok(Job::Theorem { without, acts }),
            "lengths" => Ok(Job::Lengths { acts }),
            "lost-acks" => Ok(Job::LostAcks),
            _ => Err(BadWord(kind.to_owned())),
        }
    }
}

fn premise_of(name: &str) -> Option<Premise> {
    Premise::ALL.into_iter().find(|one| one.name() == name)
}
