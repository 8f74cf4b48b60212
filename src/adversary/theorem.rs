//! The safety theorem of PROTOCOL §8.6, premise by premise.

use core::fmt;

use crate::tcp::call::{Accepts, Application, Call};
use crate::tcp::event::HostId;
use crate::tcp::profile::{
    Answer, Base, Profile, ReopenIss, RtoRule, Switch, TimeWaitRestart, TimeWaitRst, TimeWaitSyn,
};
use crate::tcp::seq::Seq;
use crate::tcp::time::Span;
use crate::world::scenario::{A_PORT, B_PORT};
use crate::world::verdict::Verdict;
use crate::world::{Difference, Scenario, Start, simulate, verdicts};

use super::found::{Counterexample, Tried};
use super::hunt::Hunt;
use super::setting::{Guard, Line, Pace, Setting, Side, Unfit};

/// One tick of the theorem's searches: the time that a segment travels.
pub const TICK: Span = Span::from_millis(100);
/// And with timestamps: a millisecond, which is the tick of their clock. Proportions are the same.
pub const STAMPED_TICK: Span = Span::from_millis(1);
/// MSL, in ticks.
pub const MSL: u8 = 8;
/// The retransmission timeout, in ticks, and the longest.
pub const RTO: [u64; 2] = [3, 6];
/// How much memory one search may take, in octets.
pub const MOST_OCTETS: u64 = 1 << 30;

/// What the theorem says never happens.
pub const NEVER: [Verdict; 3] = [Verdict::ForeignOctets, Verdict::ForeignFin, Verdict::OldRst];

/// A premise of the theorem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Premise {
    /// TIME-WAIT is kept.
    TimeWait,
    /// It lasts 2MSL.
    Length,
    /// Every segment that it answers restarts it.
    Restart,
    /// It ignores RST (RFC 1337).
    IgnoresRst,
    /// Every segment is younger than MSL when it arrives.
    Lifetime,
    /// No incarnation ends before its time: RST, abort, give-up.
    Orderly,
    /// A SYN opens it again by the number rule only: the new ISS lies above all old numbers.
    NumberRule,
    /// Who connects takes an ISS that it hasn't had.
    NewIss,
}

impl Premise {
    /// All of them.
    pub const ALL: [Premise; 8] = [
        Premise::TimeWait,
        Premise::Length,
        Premise::Restart,
        Premise::IgnoresRst,
        Premise::Lifetime,
        Premise::Orderly,
        Premise::NumberRule,
        Premise::NewIss,
    ];

    /// The switch of a host that it stands for; `None`: it's about the wire, or the programs.
    #[must_use]
    pub fn switch(self) -> Option<Switch> {
        match self {
            Premise::TimeWait | Premise::Length => Some(Switch::time_wait),
            Premise::Restart => Some(Switch::time_wait_restart),
            Premise::IgnoresRst => Some(Switch::time_wait_rst),
            Premise::NumberRule => Some(Switch::reopen_iss),
            Premise::Lifetime | Premise::Orderly | Premise::NewIss => None,
        }
    }

    /// Its word, in tables and in the keys of texts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Premise::TimeWait => "time-wait",
            Premise::Length => "length",
            Premise::Restart => "restart",
            Premise::IgnoresRst => "ignores-rst",
            Premise::Lifetime => "lifetime",
            Premise::Orderly => "orderly",
            Premise::NumberRule => "number-rule",
            Premise::NewIss => "new-iss",
        }
    }
}

/// A defence that makes harm unlikely, where the theorem makes it impossible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Defence {
    /// RFC 5961: a RST counts exactly at RCV.NXT only, a SYN never; an ACK lies between
    /// SND.UNA − MAX.SND.WND and SND.NXT. RFC 9293 has taken it over (§3.10.7.4), so the theorem's
    /// own rows have it; without it, RFC 793's rules.
    Rfc5961,
    /// Timestamps and PAWS at both hosts (RFC 7323). Their clock ticks once while a segment travels,
    /// as coarse as it may be; it's one clock for all connections, so it never goes back.
    Timestamps,
    /// Each ISS lies above all numbers that the host has used on the 4-tuple, as with a clock that
    /// kept up (RFC 9293 §3.4.1, RFC 6528). Where the old connection was faster than the clock, or
    /// the clock has wrapped, it's as without: that's what the other ISS values stand for.
    IsnClock,
}

impl Defence {
    /// All of them.
    pub const ALL: [Defence; 3] = [Defence::Rfc5961, Defence::Timestamps, Defence::IsnClock];
    /// Those that the theorem's own rows have.
    pub const USUAL: [Defence; 1] = [Defence::Rfc5961];

    /// Its word, in tables and in the keys of texts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Defence::Rfc5961 => "rfc-5961",
            Defence::Timestamps => "timestamps",
            Defence::IsnClock => "isn-clock",
        }
    }
}

/// The one rule of one host that a missing premise stands for and that prevents what a run shows, as
/// the simulator judges it; `None`: there is none, for it's about the wire or the programs, or takes more.
#[must_use]
pub fn prevented(
    scenario: &Scenario,
    verdict: Verdict,
    without: &[Premise],
    defences: &[Defence],
) -> Option<Difference> {
    let [side, _] = setting(Play::AskerAgain, &[], defences, 0).sides;
    let switches = without.iter().filter_map(|premise| premise.switch());
    let changes = switches.flat_map(|switch| HostId::BOTH.map(|host| (switch, host)));
    changes.into_iter().find_map(|(switch, host)| {
        let value = side.profile.get(switch);
        let is_other = scenario.hosts[host.index()].profile.get(switch) != value;
        let other = Difference::with_switch(host, switch, &value).filter(|_| is_other)?;
        let trace = simulate(&other.apply(scenario));
        verdicts(&trace).iter().all(|one| one.verdict != verdict).then_some(other)
    })
}

/// What the programs do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Play {
    /// A sends an octet and closes, then B; A connects again.
    AskerAgain,
    /// A closes, B sends an octet and closes; A connects again.
    AnswerAgain,
    /// A closes, then B; B connects again.
    PeerAgain,
    /// From the first SYN on: B closes first, then A; A connects again.
    FromTheStart,
    /// A sends an octet and aborts; A connects again.
    Abort,
}

impl Play {
    /// All of them.
    pub const ALL: [Play; 5] =
        [Play::AskerAgain, Play::AnswerAgain, Play::PeerAgain, Play::FromTheStart, Play::Abort];

    /// Its word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Play::AskerAgain => "asker-again",
            Play::AnswerAgain => "answer-again",
            Play::PeerAgain => "peer-again",
            Play::FromTheStart => "from-the-start",
            Play::Abort => "abort",
        }
    }
}

/// SND.NXT of A and B when the search begins.
const A_NEXT: u32 = 101;
const B_NEXT: u32 = 301;

/// How many connections a host opens at most that differ in their ISS, where a clock gives it: more
/// than the searches of this file come to.
const MOST_OPENED: u32 = 12;

fn line(guard: Guard, pace: Pace, call: Call) -> Line {
    Line { guard, pace, call }
}

fn listen(port: u16) -> Line {
    line(Guard::Always, Pace::AtOnce, Call::Listen { port, reuse_address: true, receive_buffer: 0 })
}

fn connect(id: HostId) -> Line {
    let (local_port, remote_port) = match id {
        HostId::A => (A_PORT, B_PORT),
        HostId::B => (B_PORT, A_PORT),
    };
    let call = Call::Connect { local_port, remote_port, reuse_address: true };
    line(Guard::Free, Pace::AnyTime, call)
}

fn send(guard: Guard) -> Line {
    line(guard, Pace::AtOnce, Call::Send { data: b"!".to_vec(), more: false })
}

fn close(guard: Guard) -> Line {
    line(guard, Pace::AtOnce, Call::Close)
}

fn programs(play: Play) -> [Vec<Line>; 2] {
    match play {
        Play::AskerAgain => [
            vec![send(Guard::Open), close(Guard::Open), connect(HostId::A), send(Guard::Open)],
            vec![listen(B_PORT), close(Guard::EndOfFile)],
        ],
        Play::AnswerAgain => [
            vec![close(Guard::Open), connect(HostId::A), send(Guard::Open)],
            vec![listen(B_PORT), send(Guard::EndOfFile), close(Guard::EndOfFile)],
        ],
        Play::PeerAgain => [
            vec![listen(A_PORT), send(Guard::Open), close(Guard::Open)],
            vec![close(Guard::EndOfFile), connect(HostId::B), send(Guard::Open)],
        ],
        Play::FromTheStart => [
            vec![
                connect(HostId::A),
                close(Guard::EndOfFile),
                connect(HostId::A),
                send(Guard::Open),
            ],
            vec![listen(B_PORT), close(Guard::Open)],
        ],
        Play::Abort => [
            vec![
                send(Guard::Open),
                line(Guard::Open, Pace::AtOnce, Call::Abort),
                connect(HostId::A),
                send(Guard::Open),
            ],
            vec![listen(B_PORT), close(Guard::EndOfFile)],
        ],
    }
}

/// The premises of PROTOCOL §8.6 in a stack: 2MSL, restarted by every answer, RST ignored.
fn guarded(tick: Span) -> Profile {
    Profile {
        time_wait: Some(tick.times(2 * u64::from(MSL))),
        time_wait_restart: TimeWaitRestart::Answered,
        time_wait_rst: TimeWaitRst::Ignored,
        time_wait_syn: TimeWaitSyn::Greater,
        time_wait_return: false,
        reopen_iss: ReopenIss::Step,
        fin_wait_2: None,
        close_unread: Answer::Simplex,
        data_after_close: Answer::Simplex,
        rto: RtoRule::Fixed,
        rto_initial: tick.times(RTO[0]),
        rto_max: tick.times(RTO[1]),
        syn_retries: None,
        syn_ack_retries: None,
        retries: None,
        orphan_retries: None,
        window: 1_000,
        ..Profile::new(Base::Rfc9293)
    }
}

/// The search of a play without some of the premises, with these of the defences.
#[must_use]
pub fn setting(play: Play, without: &[Premise], defences: &[Defence], budget: u8) -> Setting {
    let lacks = |premise| without.contains(&premise);
    let has = |defence| defences.contains(&defence);
    let tick = if has(Defence::Timestamps) { STAMPED_TICK } else { TICK };
    let mut profile = guarded(tick);
    if lacks(Premise::Length) {
        profile.time_wait = Some(tick.times(u64::from(MSL)));
    }
    if lacks(Premise::TimeWait) {
        profile.time_wait = None;
    }
    if lacks(Premise::Restart) {
        profile.time_wait_restart = TimeWaitRestart::Fin;
    }
    if lacks(Premise::IgnoresRst) {
        profile.time_wait_rst = TimeWaitRst::Exact;
    }
    if lacks(Premise::NumberRule) {
        profile.reopen_iss = ReopenIss::Generator;
    }
    let lifetime = if lacks(Premise::Lifetime) { 3 * MSL } else { MSL - 1 };
    profile.timestamps = has(Defence::Timestamps);
    if !has(Defence::Rfc5961) {
        // TIME-WAIT stays as the premises have it.
        let old = Profile::new(Base::Rfc793);
        profile.syn_in_connection = old.syn_in_connection;
        profile.rst_acceptance = old.rst_acceptance;
        profile.rst_challenge = old.rst_challenge;
        profile.ack_acceptance = old.ack_acceptance;
    }
    let start = match play {
        Play::FromTheStart => Start::Closed,
        Play::AskerAgain | Play::AnswerAgain | Play::PeerAgain | Play::Abort => {
            Start::Established { a_next: Seq(A_NEXT), b_next: Seq(B_NEXT) }
        }
    };
    let [a, b] = programs(play);
    let application = Application { reads: true, accepts: Accepts::Established, closes: false };
    let clock = has(Defence::IsnClock);
    let side = |id: HostId, program: Vec<Line>| Side {
        profile: profile.clone(),
        application,
        iss: numbers(play, id, lacks(Premise::NewIss), clock),
        program,
    };
    Setting {
        sides: [side(HostId::A, a), side(HostId::B, b)],
        start,
        tick,
        travel: 1,
        lifetime,
        budget,
        orderly: !lacks(Premise::Orderly),
        most_octets: MOST_OCTETS,
    }
}

/// The ISS values that are tried: those that bring the old numbers to where the new connection
/// expects its first ones, and one beyond them. Who connects takes none that it had. With a clock,
/// whoever opens takes one beyond all that it had: a connection has at most a SYN, an octet and a
/// FIN, so it's the fourth.
fn numbers(play: Play, id: HostId, same: bool, clock: bool) -> Vec<Vec<Seq>> {
    let (first, connects) = match id {
        HostId::A => (A_NEXT - 1, !matches!(play, Play::PeerAgain)),
        HostId::B => (B_NEXT - 1, matches!(play, Play::PeerAgain)),
    };
    let again = match (connects, same) {
        (_, _) if clock => (1..=MOST_OPENED).map(|n| vec![Seq(first + 4 * n)]).collect(),
        (true, true) => vec![vec![Seq(first)]],
        (true, false) => vec![vec![Seq(first - 1), Seq(first + 1), Seq(first + 4)]],
        (false, _) => vec![vec![Seq(first), Seq(first + 1)]],
    };
    match play {
        Play::FromTheStart => [vec![vec![Seq(first)]], again].concat(),
        Play::AskerAgain | Play::AnswerAgain | Play::PeerAgain | Play::Abort => again,
    }
}

/// What the searches without some premises gave, or with all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The premises that are missing.
    pub without: Vec<Premise>,
    /// The defences that are there.
    pub defences: Vec<Defence>,
    /// How many acts the network had.
    pub budget: u8,
    /// What was tried, over all plays.
    pub tried: Tried,
    /// The shortest run to each of [`NEVER`] that can come, and in which play.
    pub found: Vec<(Play, Counterexample)>,
    /// Whether everything within the budget was tried.
    pub whole: bool,
}

impl Row {
    /// The shortest run of all.
    #[must_use]
    pub fn shortest(&self) -> Option<&(Play, Counterexample)> {
        self.found.iter().min_by_key(|(_, one)| one.cost)
    }
}

/// Searches every play without some premises, with so many acts of the network: a [`Hunt`] to its
/// end.
///
/// # Errors
/// Never: the settings of this file are fit, and a test holds that.
pub fn row(without: &[Premise], defences: &[Defence], budget: u8) -> Result<Row, Unfit> {
    let mut hunt = Hunt::row(without, defences, budget, MOST_OCTETS)?;
    while !hunt.go_on(1 << 16) {}
    Ok(hunt.as_row())
}

/// The same, but only up to the first run that is found, which is the shortest of all: a [`Hunt`] that
/// ends there. The row is whole where nothing was found.
///
/// # Errors
/// Never, as [`row`].
pub fn first(without: &[Premise], defences: &[Defence], budget: u8) -> Result<Row, Unfit> {
    let mut hunt = Hunt::row(without, defences, budget, MOST_OCTETS)?;
    while hunt.found().is_empty() && !hunt.go_on(1_000) {}
    Ok(hunt.as_row())
}

/// The theorem: with all premises and `budget` acts; then without each of them, with as few acts as
/// show something, `budget` at most.
///
/// # Errors
/// Never, as [`row`].
pub fn theorem(budget: u8) -> Result<Vec<Row>, Unfit> {
    let mut rows = vec![row(&[], &Defence::USUAL, budget)?];
    for premise in Premise::ALL {
        let mut acts = 0;
        let mut found = row(&[premise], &Defence::USUAL, acts)?;
        while found.found.is_empty() && acts < budget {
            acts += 1;
            found = row(&[premise], &Defence::USUAL, acts)?;
        }
        rows.push(found);
    }
    Ok(rows)
}

impl fmt::Display for Row {
    /// A paragraph: the premise, what was tried, what was found, and the shortest run's scenario.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tried { states, steps, runs, left, cut, anew, .. } = self.tried;
        let names: Vec<&str> = self.without.iter().map(|premise| premise.name()).collect();
        match names.as_slice() {
            [] => writeln!(f, "with all premises")?,
            names => writeln!(f, "without {}", names.join(", "))?,
        }
        let whole = if self.whole { "all of it" } else { "not all of it" };
        writeln!(
            f,
            "  {} acts, {whole}: {states} states, {steps} steps, {runs} runs",
            self.budget
        )?;
        writeln!(f, "  {left} left the premises, {cut} cut off, {anew} begun anew")?;
        for verdict in NEVER {
            match self.found.iter().find(|(_, one)| one.verdict == verdict) {
                Some((play, one)) => {
                    let (name, play, cost) = (verdict.name(), play.name(), one.cost);
                    writeln!(f, "  {name}: {} acts, {} steps, {play}", cost.acts, cost.steps)?;
                }
                None if self.whole && self.tried.unreal == 0 => {
                    writeln!(f, "  {}: never", verdict.name())?;
                }
                None => writeln!(f, "  {}: not found", verdict.name())?,
            }
        }
        if let Some((_, one)) = self.shortest() {
            for line in one.scenario.to_string().lines() {
                writeln!(f, "    {line}")?;
            }
        }
        Ok(())
    }
}
