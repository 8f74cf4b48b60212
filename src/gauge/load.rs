//! What is asked of the hosts, as plain data and as one line of words.

use core::fmt;

use crate::tcp::profile::{Base, Ports, Profile, TwReuse, Value};
use crate::tcp::time::{Span, Time};

use super::formula::Formula;

/// Which side closes first, and so ends in TIME-WAIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closer {
    /// The one that connects.
    Client,
    /// The one that listens.
    Server,
}

impl Value for Closer {
    fn read(text: &str) -> Option<Closer> {
        match text {
            "client" => Some(Closer::Client),
            "server" => Some(Closer::Server),
            _ => None,
        }
    }
    fn text(&self) -> String {
        match self {
            Closer::Client => "client",
            Closer::Server => "server",
        }
        .to_owned()
    }
    fn expected() -> String {
        "client, server".to_owned()
    }
}

/// What is wrong with a line of words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// The word, as it stands there.
    pub word: String,
    /// Why it can't be.
    pub why: Why,
}

/// Why a word can't be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// No word has that name; those that are.
    NoSuchWord(String),
    /// It stands there twice.
    Twice,
    /// It takes no such value; what it takes.
    NoSuchValue(String),
    /// The value is outside of its range: the lowest and the highest.
    OutOfRange(String, String),
    /// The scale leaves a range of fewer than [`Load::FEWEST`] ports; the largest scale that doesn't.
    ScaleTooLarge(u32),
    /// More than [`Load::MOST`] connections would be there at once; the scale that is enough.
    ScaleTooSmall(u32),
}

macro_rules! words {
    ($($(#[$doc:meta])* $word:ident $field:ident: $type:ty = $name:literal, $default:expr $(, $range:expr)?;)+) => {
        /// What is asked of the hosts.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Load {
            $($(#[$doc])* pub $field: $type,)+
        }

        impl Default for Load {
            fn default() -> Load {
                Load { $($field: $default,)+ }
            }
        }

        /// One of the words of a [`Load`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Word {
            $($(#[$doc])* $word,)+
        }

        impl Word {
            /// All of them, in the order in which they are written.
            pub const ALL: &'static [Word] = &[$(Word::$word),+];

            /// Its name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Word::$word => $name),+ }
            }
        }

        impl Load {
            /// The value of a word as text.
            #[must_use]
            pub fn get(&self, word: Word) -> String {
                match word { $(Word::$word => self.$field.text()),+ }
            }

            /// Sets a word from text.
            ///
            /// # Errors
            ///
            /// If it takes no such value; nothing is set then.
            pub fn set(&mut self, word: Word, text: &str) -> Result<(), Why> {
                match word {
                    $(Word::$word => {
                        let value = <$type>::read(text)
                            .ok_or_else(|| Why::NoSuchValue(<$type>::expected()))?;
                        $(if !($range).contains(&value) {
                            let (low, high) = ($range).into_inner();
                            return Err(Why::OutOfRange(low.text(), high.text()));
                        })?
                        self.$field = value;
                    })+
                }
                Ok(())
            }
        }
    };
}

words! {
    /// Requests a second, 1 to 100,000.
    Rate rate: u32 = "rate", 500, 1..=100_000;
    /// How many requests a connection carries before it's closed: more than one is keep-alive.
    Requests requests: u32 = "requests", 1, 1..=1_000_000;
    /// Who closes first.
    First first: Closer = "first", Closer::Client;
    /// How many ports the server listens on; the client takes them in turn.
    Destinations destinations: u32 = "destinations", 1, 1..=100;
    /// How many source addresses connect in turn.
    Sources sources: u32 = "sources", 1, 1..=100;
    /// The range that connect() chooses a local port from (ip_local_port_range).
    Range ports: Ports = "ports", Ports { first: 32768, last: 60999 };
    /// Whether connect() may take over a TIME-WAIT (tcp_tw_reuse = 1).
    Reuse reuse: bool = "reuse", false;
    /// How old that TIME-WAIT must be (tcp_tw_reuse_delay).
    ReuseDelay reuse_delay: Span = "reuse-delay", Span::from_secs(1),
        Span::from_millis(1)..=Span::from_secs(60);
    /// Whether both ends use timestamps.
    Timestamps timestamps: bool = "timestamps", true;
    /// Whether who closes first sends RST in place of FIN (SO_LINGER {on, 0}).
    LingerZero linger_zero: bool = "linger-zero", false;
    /// How long TIME-WAIT lasts.
    TimeWait time_wait: Span = "time-wait", Span::from_secs(60),
        Span::from_millis(1)..=Span::from_secs(600);
    /// How many TIME-WAITs a host keeps (tcp_max_tw_buckets).
    MaxTimeWait max_time_wait: Option<u32> = "max-time-wait", None;
    /// The stack of all hosts, for what these words don't say.
    Stack stack: Base = "stack", Base::Linux;
    /// How long a segment travels.
    Travel travel: Span = "travel", Span(250), Span(1)..=Span::from_secs(1);
    /// How long requests are made.
    Length length: Span = "for", Span::from_secs(180),
        Span::from_secs(1)..=Span::from_secs(3_600);
    /// How many connections one connection of the fleet stands for.
    Scale scale: u32 = "scale", 8, 1..=1_000;
}

impl Load {
    /// The fewest ports that a fleet runs with, unless the range itself has fewer.
    pub const FEWEST: u32 = 16;
    /// The most connections that a fleet holds at once.
    pub const MOST: u64 = 200_000;

    /// Reads a line of words; what isn't named is as in [`Load::default`].
    ///
    /// # Errors
    ///
    /// The first word that can't be, and why.
    pub fn parse(text: &str) -> Result<Load, Unfit> {
        let mut load = Load::default();
        let mut seen: Vec<Word> = Vec::new();
        for given in text.split_ascii_whitespace() {
            let unfit = |why| Unfit { word: given.to_owned(), why };
            let (name, value) = given.split_once('=').unwrap_or((given, ""));
            let word = Word::ALL.iter().copied().find(|word| word.name() == name);
            let word = word.ok_or_else(|| unfit(Why::NoSuchWord(names())))?;
            if seen.contains(&word) {
                return Err(unfit(Why::Twice));
            }
            seen.push(word);
            load.set(word, value).map_err(unfit)?;
        }
        match load.check() {
            None => Ok(load),
            Some(why) => Err(Unfit { word: format!("scale={}", load.scale), why }),
        }
    }

    /// Whether the scale fits the rest.
    #[must_use]
    pub fn check(&self) -> Option<Why> {
        let ports = self.ports_each();
        let largest = (ports / Load::FEWEST).max(1);
        if self.scale > largest {
            return Some(Why::ScaleTooLarge(largest));
        }
        let at_once = self.at_once();
        if at_once / u64::from(self.scale) <= Load::MOST {
            return None;
        }
        let enough = u32::try_from(at_once.div_ceil(Load::MOST)).unwrap_or(u32::MAX);
        Some(Why::ScaleTooSmall(enough.min(largest)))
    }

    /// The same load at the nearest scale that fits it.
    #[must_use]
    pub fn fitted(self) -> Load {
        match self.check() {
            Some(Why::ScaleTooLarge(scale) | Why::ScaleTooSmall(scale)) => Load { scale, ..self },
            Some(Why::NoSuchWord(_) | Why::Twice | Why::NoSuchValue(_) | Why::OutOfRange(..))
            | None => self,
        }
    }

    /// How many connections there are at most at once on the side that has more: as many as there
    /// are 4-tuples, or as come within TIME-WAIT and what their own life may take.
    fn at_once(&self) -> u64 {
        let life = self.time_wait + self.travel.times(8) + Span::from_secs(1);
        let come = u64::from(self.rate).saturating_mul(life.0.div_ceil(1_000_000));
        self.tuples().min(come)
    }

    /// The ports of the range.
    #[must_use]
    pub fn ports_each(&self) -> u32 {
        u32::from(self.ports.last.saturating_sub(self.ports.first)) + 1
    }

    /// The 4-tuples that the client side can have at once.
    #[must_use]
    pub fn tuples(&self) -> u64 {
        u64::from(self.ports_each()) * u64::from(self.destinations) * u64::from(self.sources)
    }

    /// What a fleet of this load really runs: the range that is left of the scale, and the rate as
    /// it is; see [`Load::moment`].
    #[must_use]
    pub fn small(&self) -> Ports {
        let ports = self.ports_each() / self.scale.max(1);
        let more = u16::try_from(ports.saturating_sub(1)).unwrap_or(u16::MAX);
        Ports { first: self.ports.first, last: self.ports.first.saturating_add(more) }
    }

    /// When the fleet makes its `number`-th request (from 0): one for every `scale` of the load.
    #[must_use]
    pub fn moment(&self, number: u64) -> Time {
        let requests = u128::from(number) * u128::from(self.scale) * 1_000_000;
        let micros = requests / u128::from(self.rate.max(1));
        Time(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    /// The arithmetic of PROTOCOL §13 for this load, at full size.
    #[must_use]
    pub fn formula(&self) -> Formula {
        Formula::new(self, self.tuples())
    }

    /// The same for the 4-tuples that the fleet has, times the scale.
    #[must_use]
    pub fn formula_of_fleet(&self) -> Formula {
        let Ports { first, last } = self.small();
        let ports = u64::from(last - first) + 1;
        let places = u64::from(self.destinations) * u64::from(self.sources);
        Formula::new(self, ports * places * u64::from(self.scale))
    }

    /// How the hosts of the fleet behave.
    #[must_use]
    pub fn profile(&self) -> Profile {
        let share = self.scale.saturating_mul(self.sources).max(1);
        Profile {
            time_wait: Some(self.time_wait),
            ephemeral_ports: self.small(),
            tw_reuse: if self.reuse { TwReuse::On } else { TwReuse::Off },
            tw_reuse_delay: self.reuse_delay,
            timestamps: self.timestamps,
            max_time_wait: self.max_time_wait.map(|most| most / share),
            ..Profile::new(self.stack)
        }
    }
}

fn names() -> String {
    let names: Vec<&str> = Word::ALL.iter().map(|word| word.name()).collect();
    names.join(", ")
}

impl fmt::Display for Load {
    /// The words that differ from [`Load::default`]; what is printed reads back as the same load.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let usual = Load::default();
        let mut blank = "";
        for word in Word::ALL {
            if self.get(*word) != usual.get(*word) {
                write!(f, "{blank}{}={}", word.name(), self.get(*word))?;
                blank = " ";
            }
        }
        Ok(())
    }
}
