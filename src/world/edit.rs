//! What a person changes in a scene: every act of a hand, a form or a lesson is one of these edits.
//!
//! The page names the edit; what becomes of the scenario is decided here. A moment in an edit is one
//! at which nothing else happens: see [`moment_for_act`](super::moment_for_act).

use serde::{Deserialize, Serialize};

use crate::tcp::call::{Application, Call};
use crate::tcp::event::{HostId, SegmentName};
use crate::tcp::profile::{Base, Profile, Switch};
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::seq::Seq;
use crate::tcp::time::{Span, Time};

use super::scenario::{Act, During, Fate, Scenario, Target, When, Wire};
use super::twin::Difference;

/// After an act the run goes on for at least so long, that its consequences may be seen: longer
/// than the longest TIME-WAIT (240 s, RFC 9293 §3.4.2).
pub const AFTERMATH: Span = Span::from_millis(300_000);

/// What is played: a scenario, alone or beside the same one with another rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scene {
    /// What decides the run.
    pub scenario: Scenario,
    /// The rule that differs in the other world; `None`: there is one world.
    pub other: Option<Difference>,
}

/// A segment as the person saw it who does something to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its name.
    pub name: SegmentName,
    /// Its flags. After an earlier edit another segment may have its name: then nothing is done.
    pub flags: Flags,
    /// Its SEG.SEQ, for the same reason.
    pub seq: Seq,
    /// When its way ends, as the run is now.
    pub ends: Time,
}

/// One change of a scene.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edit {
    /// The network does something to a segment. A later word on loss or delay takes the place of an
    /// earlier one, and a delay adds to the delay that is there.
    Fate(Seen, Fate),
    /// A segment that was to be lost arrives after all.
    LetThrough(Seen),
    /// The line is dead for a while: whatever these hosts send then is lost.
    LoseAll {
        /// From when on.
        from: Time,
        /// Who sends.
        senders: Vec<HostId>,
        /// For how long. None at all changes nothing.
        length: Span,
    },
    /// A kept copy goes on its way.
    Release {
        /// When.
        at: Time,
        /// The segment.
        name: SegmentName,
    },
    /// A forged segment is sent: it arrives after the wire's delay.
    Forge {
        /// When it would have been sent.
        at: Time,
        /// Where it arrives.
        to: HostId,
        /// The segment.
        segment: Segment,
    },
    /// A program calls, on the newest descriptor that fits.
    Call {
        /// When.
        at: Time,
        /// On which host.
        host: HostId,
        /// The call.
        call: Call,
    },
    /// A switch of a host, in the text form of its value. What isn't one changes nothing.
    Switch(HostId, Switch, String),
    /// Another stack, with every switch as that stack has it. The window stays: how large a
    /// program's buffer is isn't a matter of the stack.
    Base(HostId, Base),
    /// Every switch of a host back as its stack has it.
    UsualSwitches(HostId),
    /// What a host's program does by itself.
    Application(HostId, Application),
    /// The ISS values that a host's next connections take.
    Iss(HostId, Vec<Seq>),
    /// How long segments travel, and live.
    Wire(Wire),
    /// HOST1's TIME-WAIT: away where it keeps one, else as long as its stack keeps it.
    TimeWaitOnOff,
    /// One world, or two that differ in a rule.
    Other(Option<Difference>),
    /// Two worlds in the place of one, or one in the place of two.
    OneOrTwoWorlds,
}

impl Scene {
    /// Does what an edit says.
    pub fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::Fate(seen, fate) => self.scenario.set_fate(seen, *fate),
            Edit::LetThrough(seen) => {
                self.scenario.acts.retain(|act| fate_of(act, seen) != Some(Fate::Drop));
            }
            Edit::LoseAll { from, senders, length } => {
                let Some(during) = During::new(*from, *from + *length) else { return };
                for sender in senders {
                    let target = Target::all(*sender, during);
                    self.scenario.add(*from + *length, Act::Fate { target, fate: Fate::Drop });
                }
            }
            Edit::Release { at, name } => {
                self.scenario.add(*at, Act::Release { at: *at, name: *name });
            }
            Edit::Forge { at, to, segment } => {
                let arrives = self.scenario.forged_arrives(*at, *to);
                let act = Act::Forge { at: arrives, to: *to, segment: segment.clone() };
                self.scenario.add(*at, act);
            }
            Edit::Call { at, host, call } => {
                let act = Act::Call { at: *at, host: *host, fd: None, call: call.clone() };
                self.scenario.add(*at, act);
            }
            Edit::Switch(host, switch, value) => {
                // A value that isn't one changes nothing.
                let _ = self.scenario.setup_mut(*host).profile.set(*switch, value);
            }
            Edit::Base(host, base) => {
                let setup = self.scenario.setup_mut(*host);
                let window = setup.profile.window;
                setup.profile = Profile { window, ..Profile::new(*base) };
            }
            Edit::UsualSwitches(host) => {
                let setup = self.scenario.setup_mut(*host);
                setup.profile = Profile::new(setup.profile.base);
            }
            Edit::Application(host, application) => {
                self.scenario.setup_mut(*host).application = *application;
            }
            Edit::Iss(host, iss) => self.scenario.setup_mut(*host).iss.clone_from(iss),
            Edit::Wire(wire) => self.scenario.wire = *wire,
            Edit::TimeWaitOnOff => {
                let profile = &mut self.scenario.setup_mut(HostId::A).profile;
                profile.time_wait = match profile.time_wait {
                    Some(_) => None,
                    None => usual_time_wait(profile.base),
                };
            }
            Edit::Other(other) => self.other.clone_from(other),
            Edit::OneOrTwoWorlds => {
                self.other = match self.other {
                    Some(_) => None,
                    None => Some(Difference::usual(&self.scenario)),
                };
            }
        }
    }
}

impl Scenario {
    /// When a segment that is forged at a moment arrives at a host: after the wire's delay.
    #[must_use]
    pub fn forged_arrives(&self, at: Time, to: HostId) -> Time {
        let [from_a, from_b] = self.wire.delay;
        at + match to {
            HostId::A => from_b,
            HostId::B => from_a,
        }
    }

    /// Whether an act drops just this segment. A scene can also lose all of a kind.
    #[must_use]
    pub fn drops(&self, seen: &Seen) -> bool {
        self.acts.iter().any(|act| fate_of(act, seen) == Some(Fate::Drop))
    }

    /// The segments of which the network keeps a copy, in the order of the acts.
    pub fn kept(&self) -> impl Iterator<Item = SegmentName> + '_ {
        self.acts.iter().filter_map(|act| match act {
            Act::Fate { target: Target::Named { name, .. }, fate: Fate::Keep } => Some(*name),
            Act::Fate { .. } | Act::Call { .. } | Act::Forge { .. } | Act::Release { .. } => None,
        })
    }

    fn set_fate(&mut self, seen: &Seen, fate: Fate) {
        let fate = match fate {
            Fate::Delay(When::After(more)) => Fate::Delay(When::After(self.delay_of(seen) + more)),
            Fate::Drop | Fate::Delay(When::At(_)) | Fate::Duplicate(_) | Fate::Keep => fate,
        };
        let replaces = matches!(fate, Fate::Drop | Fate::Delay(_));
        self.acts.retain(|act| match fate_of(act, seen) {
            Some(Fate::Drop | Fate::Delay(_)) => !replaces,
            Some(Fate::Keep) => fate != Fate::Keep,
            Some(Fate::Duplicate(_)) | None => true,
        });
        let target = Target::Named { name: seen.name, expected: Some((seen.flags, seen.seq)) };
        self.add(seen.ends, Act::Fate { target, fate });
    }

    /// One more act; the run goes on long enough to see what comes of it.
    fn add(&mut self, at: Time, act: Act) {
        self.acts.push(act);
        self.until = self.until.max(at + AFTERMATH);
    }

    fn delay_of(&self, seen: &Seen) -> Span {
        let mut delays = self.acts.iter().filter_map(|act| match fate_of(act, seen) {
            Some(Fate::Delay(When::After(span))) => Some(span),
            Some(Fate::Delay(When::At(_)) | Fate::Drop | Fate::Duplicate(_) | Fate::Keep)
            | None => None,
        });
        delays.next_back().unwrap_or(Span::ZERO)
    }
}

/// What an act does to a segment. In the world beside there may be another one of that name.
fn fate_of(act: &Act, seen: &Seen) -> Option<Fate> {
    let is_it = |expected: Option<(Flags, Seq)>| {
        expected.is_none_or(|meant| meant == (seen.flags, seen.seq))
    };
    match act {
        Act::Fate { target: Target::Named { name, expected }, fate }
            if *name == seen.name && is_it(*expected) =>
        {
            Some(*fate)
        }
        Act::Fate { .. } | Act::Call { .. } | Act::Forge { .. } | Act::Release { .. } => None,
    }
}

fn usual_time_wait(base: Base) -> Option<Span> {
    let base = if base == Base::NoTimeWait { Base::Rfc9293 } else { base };
    Profile::new(base).time_wait
}

#[cfg(test)]
mod tests {
    use super::{AFTERMATH, Edit, Scene, Seen};
    use crate::tcp::call::{Accepts, Application, Call};
    use crate::tcp::event::{EventKind, HostId, SegmentName};
    use crate::tcp::profile::{Base, Profile, Switch};
    use crate::tcp::segment::{Flags, Segment};
    use crate::tcp::seq::Seq;
    use crate::tcp::time::{Span, Time};
    use crate::world::{Difference, Fate, When, Wire, parse_scenario, simulate};

    const CLOSE: &str = "time-wait-lab 1\nA linux window=1000 iss=100\nB linux iss=300\n\
                         wire A 50ms B 20ms\n0s B listen 80\n10ms A connect 80 from 40000\n\
                         200ms A shutdown\n400ms B shutdown\nuntil 1s\n";

    fn scene() -> Scene {
        let scenario = parse_scenario(CLOSE);
        assert!(scenario.is_ok(), "{scenario:?}");
        let usual = crate::world::Scenario::new(Base::Rfc9293);
        Scene { scenario: scenario.unwrap_or(usual), other: None }
    }

    /// The scene after these edits, as text, without the lines that it had before.
    fn added(edits: &[Edit]) -> Vec<String> {
        let before = scene().scenario.to_string();
        let mut scene = scene();
        edits.iter().for_each(|edit| scene.apply(edit));
        let after = scene.scenario.to_string();
        after
            .lines()
            .filter(|line| !before.lines().any(|b| b == *line))
            .map(str::to_owned)
            .collect()
    }

    fn a_fin() -> Seen {
        let trace = simulate(&scene().scenario);
        let sent = trace.events.iter().find_map(|event| {
            if let EventKind::Sent { name, segment, .. } = &event.kind
                && (segment.fin && name.sender == HostId::A)
            {
                Some((*name, segment.flags(), segment.seq))
            } else {
                None
            }
        });
        assert!(sent.is_some());
        let nobody = SegmentName { sender: HostId::A, forged: false, number: 0, copy: 1 };
        let (name, flags, seq) = sent.unwrap_or((nobody, Flags::default(), Seq(0)));
        Seen { name, flags, seq, ends: Time::from_millis(250) }
    }

    fn later(millis: u64) -> Fate {
        Fate::Delay(When::After(Span::from_millis(millis)))
    }

    #[test]
    fn a_fate_names_the_segment_that_was_seen() {
        let drop = added(&[Edit::Fate(a_fin(), Fate::Drop)]);
        assert_eq!(drop, ["drop A3 FIN,ACK 101", "until 300250ms"]);
    }

    #[test]
    fn of_loss_and_delay_the_last_word_counts_and_delays_add_up() {
        let fate = |fate| Edit::Fate(a_fin(), fate);
        let until = "until 300250ms";
        assert_eq!(added(&[fate(later(300)), fate(Fate::Drop)]), ["drop A3 FIN,ACK 101", until]);
        let twice = added(&[fate(later(300)), fate(later(2_000))]);
        assert_eq!(twice, ["delay A3 FIN,ACK 101 2300ms", until]);
        assert_eq!(
            added(&[fate(Fate::Drop), fate(later(300))]),
            ["delay A3 FIN,ACK 101 300ms", until]
        );
        let copies = added(&[
            fate(Fate::Keep),
            fate(Fate::Keep),
            fate(Fate::Duplicate(When::After(Span(9)))),
        ]);
        assert_eq!(copies, ["keep A3 FIN,ACK 101", "duplicate A3 FIN,ACK 101 9us", until]);
    }

    #[test]
    fn another_segment_of_that_name_is_left_alone() {
        let other = Seen { seq: Seq(7), ..a_fin() };
        let lines = added(&[Edit::Fate(a_fin(), Fate::Drop), Edit::LetThrough(other)]);
        assert_eq!(lines, ["drop A3 FIN,ACK 101", "until 300250ms"]);
        let lines = added(&[Edit::Fate(a_fin(), Fate::Drop), Edit::LetThrough(a_fin())]);
        assert_eq!(lines, ["until 300250ms"]);
        let mut scene = scene();
        scene.apply(&Edit::Fate(a_fin(), Fate::Drop));
        assert!(scene.scenario.drops(&a_fin()) && !scene.scenario.drops(&other));
    }

    #[test]
    fn a_kept_copy_is_known_and_released() {
        let at = Time::from_millis(500);
        let name = a_fin().name;
        let lines = added(&[Edit::Fate(a_fin(), Fate::Keep), Edit::Release { at, name }]);
        assert_eq!(lines, ["keep A3 FIN,ACK 101", "500ms release A3", "until 300500ms"]);
        let mut scene = scene();
        scene.apply(&Edit::Fate(a_fin(), Fate::Keep));
        assert_eq!(scene.scenario.kept().collect::<Vec<_>>(), [name]);
    }

    #[test]
    fn a_dead_line_is_one_act_in_each_direction() {
        let lose = |senders: &[HostId], length| Edit::LoseAll {
            from: Time::from_millis(500),
            senders: senders.to_vec(),
            length,
        };
        let lines = added(&[lose(&HostId::BOTH, Span::from_secs(10))]);
        let [a, b] = ["drop every A from 500ms to 10500ms", "drop every B from 500ms to 10500ms"];
        assert_eq!(lines, [a, b, "until 310500ms"]);
        assert_eq!(added(&[lose(&[HostId::B], Span::from_secs(10))]), [b, "until 310500ms"]);
        assert_eq!(added(&[lose(&HostId::BOTH, Span::ZERO)]), Vec::<String>::new());
    }

    #[test]
    fn what_is_forged_arrives_after_the_wires_delay() {
        let (at, segment) = (Time::from_millis(500), Segment { rst: true, ..Segment::default() });
        for (to, arrives) in
            [(HostId::A, "520ms forge A RST 0"), (HostId::B, "550ms forge B RST 0")]
        {
            let lines = added(&[Edit::Forge { at, to, segment: segment.clone() }]);
            assert!(lines[0].starts_with(arrives), "{lines:?}");
            assert_eq!(lines[1], "until 300500ms");
        }
    }

    #[test]
    fn every_call_is_a_line_and_the_run_goes_on_long_enough() {
        let at = Time::from_millis(700);
        let line = |call| added(&[Edit::Call { at, host: HostId::B, call }]);
        assert_eq!(line(Call::Close), ["700ms B close", "until 300700ms"]);
        let send = Call::Send { data: b"hi".to_vec(), more: false };
        assert_eq!(line(send), ["700ms B send \"hi\"", "until 300700ms"]);
        // A horizon that is far enough stays.
        let mut scene = scene();
        scene.scenario.until = Time::from_millis(700) + AFTERMATH + Span(1);
        let until = scene.scenario.until;
        scene.apply(&Edit::Call { at, host: HostId::A, call: Call::Close });
        assert_eq!(scene.scenario.until, until);
    }

    #[test]
    fn time_wait_goes_and_comes_as_the_stack_has_it() {
        let mut scene = scene();
        scene.apply(&Edit::TimeWaitOnOff);
        assert_eq!(scene.scenario.setup(HostId::A).profile.time_wait, None);
        scene.apply(&Edit::TimeWaitOnOff);
        assert_eq!(scene.scenario.setup(HostId::A).profile.time_wait, Some(Span::from_secs(60)));
        // A host without any gets the RFC's.
        scene.apply(&Edit::Base(HostId::A, Base::NoTimeWait));
        scene.apply(&Edit::TimeWaitOnOff);
        assert_eq!(scene.scenario.setup(HostId::A).profile.time_wait, Some(Span::from_secs(240)));
        assert_eq!(scene.scenario.setup(HostId::B).profile, Profile::new(Base::Linux));
    }

    #[test]
    fn rules_change_one_host_and_a_word_that_is_none_nothing() {
        let set = |value: &str| Edit::Switch(HostId::B, Switch::time_wait, value.to_owned());
        assert_eq!(added(&[set("5s")]), ["B linux time-wait=5s iss=300"]);
        assert_eq!(added(&[set("soon")]), Vec::<String>::new());
        let back = [set("5s"), Edit::UsualSwitches(HostId::B)];
        assert_eq!(added(&back), Vec::<String>::new());
        // The window is the program's, not the stack's.
        let base = added(&[Edit::Base(HostId::A, Base::Rfc9293)]);
        assert_eq!(base, ["A rfc9293 window=1000 iss=100"]);
        let application = Application { reads: false, accepts: Accepts::ByCall, closes: true };
        let lines = added(&[Edit::Application(HostId::A, application)]);
        assert_eq!(lines, ["A linux window=1000 reads=off accepts=call closes=on iss=100"]);
        let lines = added(&[Edit::Iss(HostId::A, vec![Seq(5), Seq(6)])]);
        assert_eq!(lines, ["A linux window=1000 iss=5,6"]);
        let wire = Wire { delay: [Span::from_millis(1); 2], lifetime: Some(Span::from_secs(2)) };
        assert_eq!(added(&[Edit::Wire(wire)]), ["wire A 1ms B 1ms lifetime 2s"]);
    }

    #[test]
    fn another_world_is_one_difference() {
        let mut scene = scene();
        scene.apply(&Edit::OneOrTwoWorlds);
        assert_eq!(scene.other, Some(Difference::usual(&scene.scenario)));
        scene.apply(&Edit::OneOrTwoWorlds);
        assert_eq!(scene.other, None);
        let other = Difference::with_switch(HostId::A, Switch::time_wait, "1s");
        scene.apply(&Edit::Other(other.clone()));
        assert_eq!(scene.other, other);
    }
}
