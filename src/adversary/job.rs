//! What is asked of the adversary, as words: `theorem without-length acts-3`. The page gives them to
//! its worker, and they stand in addresses.

use core::fmt;
use core::str::FromStr;

use super::theorem::{Defence, Premise};

/// The most acts that may be asked for. Five would take minutes, and more memory than a page may.
pub const MOST_ACTS: u8 = 4;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// The theorem: what can the network do, with all premises or without some?
    Theorem(Question),
    /// What can go wrong, by the length of TIME-WAIT, with so many acts, at most [`MOST_ACTS`]: see
    /// [`super::chart::at_length`].
    Lengths(u8),
    /// How many last ACKs must be lost, by stack and length: see [`super::lost`].
    LostAcks,
}

/// A question about the theorem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The premises that are left out, in their order.
    pub without: Vec<Premise>,
    /// The defences that are there, in their order.
    pub defences: Vec<Defence>,
    /// How many acts the network has, at most [`MOST_ACTS`].
    pub acts: u8,
}

impl Default for Question {
    /// All premises, the usual defences, three acts: the first row of the theorem's table.
    fn default() -> Question {
        Question { without: Vec::new(), defences: Defence::USUAL.to_vec(), acts: 3 }
    }
}

/// The acts of the chart of lengths where nothing is said.
pub const LENGTHS_ACTS: u8 = 2;

/// A word that is none of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadWord(pub String);

impl fmt::Display for BadWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BadWord(word) = self;
        write!(
            f,
            "{word:?}: expected theorem, lengths or lost-acks, then without-NAME, with-NAME or acts-N"
        )
    }
}

impl core::error::Error for BadWord {}

impl fmt::Display for Job {
    /// The shortest words for it; [`Job::from_str`] reads them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Job::Theorem(question) => {
                f.write_str("theorem")?;
                question.fmt(f)
            }
            Job::Lengths(LENGTHS_ACTS) => f.write_str("lengths"),
            Job::Lengths(acts) => write!(f, "lengths acts-{acts}"),
            Job::LostAcks => f.write_str("lost-acks"),
        }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for premise in &self.without {
            write!(f, " without-{}", premise.name())?;
        }
        for one in Defence::ALL {
            match (Defence::USUAL.contains(&one), self.defences.contains(&one)) {
                (true, false) => write!(f, " without-{}", one.name())?,
                (false, true) => write!(f, " with-{}", one.name())?,
                (true, true) | (false, false) => {}
            }
        }
        let usual = Question::default().acts;
        if self.acts == usual { Ok(()) } else { write!(f, " acts-{}", self.acts) }
    }
}

impl FromStr for Job {
    type Err = BadWord;

    /// Reads the words of a job.
    ///
    /// # Errors
    /// Gives the first word that isn't known there.
    fn from_str(text: &str) -> Result<Job, BadWord> {
        let mut words = text.split_whitespace();
        match words.next().unwrap_or_default() {
            "theorem" => {
                let mut question = Question::default();
                words.try_for_each(|word| question.take(word))?;
                Ok(Job::Theorem(question))
            }
            "lengths" => {
                let acts = |_, word: &str| acts(word).ok_or(BadWord(word.to_owned()));
                words.try_fold(LENGTHS_ACTS, acts).map(Job::Lengths)
            }
            "lost-acks" => match words.next() {
                None => Ok(Job::LostAcks),
                Some(word) => Err(BadWord(word.to_owned())),
            },
            word => Err(BadWord(word.to_owned())),
        }
    }
}

impl Question {
    fn take(&mut self, word: &str) -> Result<(), BadWord> {
        let (off, on) = (word.strip_prefix("without-"), word.strip_prefix("with-"));
        if let Some(premise) = off.and_then(premise) {
            self.leave_out(premise, true);
        } else if let Some((defence, is_on)) =
            off.and_then(defence).zip(Some(false)).or(on.and_then(defence).zip(Some(true)))
        {
            self.defend(defence, is_on);
        } else {
            self.acts = acts(word).ok_or(BadWord(word.to_owned()))?;
        }
        Ok(())
    }

    /// Leaves a premise out, or takes it in again.
    pub fn leave_out(&mut self, premise: Premise, is_out: bool) {
        let keeps =
            |one: &Premise| if *one == premise { is_out } else { self.without.contains(one) };
        self.without = Premise::ALL.into_iter().filter(keeps).collect();
    }

    /// Takes a defence in, or leaves it out.
    pub fn defend(&mut self, defence: Defence, is_on: bool) {
        let keeps =
            |one: &Defence| if *one == defence { is_on } else { self.defences.contains(one) };
        self.defences = Defence::ALL.into_iter().filter(keeps).collect();
    }
}

fn premise(name: &str) -> Option<Premise> {
    Premise::ALL.into_iter().find(|one| one.name() == name)
}

fn defence(name: &str) -> Option<Defence> {
    Defence::ALL.into_iter().find(|one| one.name() == name)
}

fn acts(word: &str) -> Option<u8> {
    let number = word.strip_prefix("acts-")?.parse::<u8>().ok()?;
    (number <= MOST_ACTS).then_some(number)
}
