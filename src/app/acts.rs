//! What a person does: every act changes the scene, and the one before stays one step back. All of it
//! waits for the code that makes a run of what was changed: see later.rs.

use std::rc::Rc;

use leptos::prelude::*;

use super::address;
use super::lab::{Lab, Scene};
use crate::picture::Arrow;
use crate::tcp::call::{Application, Call, Returned};
use crate::tcp::event::{HostId, SegmentName};
use crate::tcp::profile::{Base, Profile, Switch};
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::seq::Seq;
use crate::tcp::time::{Span, Time};
use crate::world::{
    Act, Difference, During, Fate, HostSetup, Scenario, Target, Trace, When, Wire, moment_for_act,
    parting,
};

/// After an act the run goes on for at least so long, that its consequences may be seen: longer
/// than the longest TIME-WAIT.
const AFTERMATH: Span = Span::from_millis(300_000);

impl Lab {
    /// Changes the scene. The one before stays in the browser's history.
    pub(super) fn edit(self, change: impl FnOnce(&mut Scene)) {
        let mut scene = (*self.scene.get_untracked()).clone();
        change(&mut scene);
        self.change_to(Rc::new(scene));
    }

    /// The same, with the scenario only.
    fn edit_scenario(self, change: impl FnOnce(&mut Scenario)) {
        self.edit(|scene| change(&mut scene.scenario));
    }

    /// Another scene in the place of this one.
    pub(super) fn change_to(self, scene: Rc<Scene>) {
        self.menu.set(None);
        self.is_held.set(false);
        if self.scene.with_untracked(|before| *before == scene) {
            return;
        }
        address::before_change(self);
        self.scene.set(scene);
        self.keep_within();
        address::after_change(self);
    }

    /// Whether there is something to undo.
    pub(super) fn can_undo(self) -> bool {
        self.changes.get().0 > 0
    }

    /// Whether there is something to do again.
    pub(super) fn can_redo(self) -> bool {
        self.changes.get().1 > 0
    }

    /// The scene before the last change.
    pub(super) fn undo(self) {
        if untrack(|| self.can_undo()) {
            address::back();
        }
    }

    /// The scene that was left by the last undo.
    pub(super) fn redo(self) {
        if untrack(|| self.can_redo()) {
            address::forward();
        }
    }

    /// Whether the scene isn't as it was opened.
    pub(super) fn is_changed(self) -> bool {
        self.scene.with(|scene| self.opened.with(|opened| scene != opened))
    }

    /// The scene as it was opened.
    pub(super) fn reset(self) {
        self.change_to(self.opened.get_untracked());
    }

    // The network.

    /// The network does something to a segment. A later word on loss or delay replaces an earlier.
    pub(super) fn set_fate(self, arrow: &Arrow, fate: Fate) {
        let expected = Some((arrow.segment.flags(), arrow.segment.seq));
        let target = Target::Named { name: arrow.name, expected };
        self.edit_scenario(|scenario| {
            let fate = match fate {
                Fate::Delay(When::After(more)) => {
                    Fate::Delay(When::After(delay_of(scenario, arrow) + more))
                }
                Fate::Drop | Fate::Delay(When::At(_)) | Fate::Duplicate(_) | Fate::Keep => fate,
            };
            let replaces = matches!(fate, Fate::Drop | Fate::Delay(_));
            scenario.acts.retain(|act| match fate_of(act, arrow) {
                Some(Fate::Drop | Fate::Delay(_)) => !replaces,
                Some(Fate::Keep) => fate != Fate::Keep,
                Some(Fate::Duplicate(_)) | None => true,
            });
            scenario.acts.push(Act::Fate { target, fate });
            let horizon = arrow.ends + AFTERMATH;
            scenario.until = scenario.until.max(horizon);
        });
    }

    /// Whether an act drops just this segment. A scene can also lose all of a kind.
    pub(super) fn is_dropped(self, arrow: &Arrow) -> bool {
        let drops = |act: &Act| fate_of(act, arrow) == Some(Fate::Drop);
        self.scene.with(|scene| scene.scenario.acts.iter().any(drops))
    }

    /// A segment that would be lost arrives after all.
    pub(super) fn let_through(self, arrow: &Arrow) {
        self.edit_scenario(|scenario| {
            scenario.acts.retain(|act| fate_of(act, arrow) != Some(Fate::Drop));
        });
    }

    /// The line is dead from now on for so long: whatever these hosts send is lost.
    pub(super) fn lose_all(self, senders: &[HostId], length: Span) {
        let from = self.time_for_act();
        let Some(during) = During::new(from, from + length) else { return };
        self.edit_scenario(|scenario| {
            scenario.acts.extend(senders.iter().map(|sender| Act::Fate {
                target: Target::all(*sender, during),
                fate: Fate::Drop,
            }));
            scenario.until = scenario.until.max(from + length + AFTERMATH);
        });
        self.playhead.set(from);
    }

    /// A kept copy goes on its way now.
    pub(super) fn release(self, name: SegmentName) {
        self.act(|at| Act::Release { at, name });
    }

    /// The segments of which a copy is kept and that have been sent by now.
    pub(super) fn kept(self) -> Vec<SegmentName> {
        let picture = self.picture.get();
        let now = self.playhead.get();
        let sent = |name: &SegmentName| {
            let arrows = picture.runs.iter().filter_map(|run| run.arrow(*name));
            arrows.into_iter().any(|arrow| arrow.left <= now)
        };
        self.scene.with(|scene| {
            let mut kept: Vec<SegmentName> =
                scene.scenario.acts.iter().filter_map(kept_name).collect();
            kept.retain(|name| sent(name));
            kept
        })
    }

    /// A forged segment arrives at a host after the wire's delay.
    pub(super) fn forge(self, to: HostId, segment: Segment) {
        let delay = self.delay_to(to);
        self.act(|at| Act::Forge { at: at + delay, to, segment });
    }

    /// When it would arrive.
    pub(super) fn forged_arrives(self, to: HostId) -> Time {
        self.time_for_act() + self.delay_to(to)
    }

    /// How long a segment travels to a host.
    fn delay_to(self, to: HostId) -> Span {
        let [from_a, from_b] = self.scene.with_untracked(|scene| scene.scenario.wire.delay);
        if to == HostId::A { from_b } else { from_a }
    }

    // The programs.

    /// A program calls, now.
    pub(super) fn call(self, host: HostId, call: Call) {
        self.act(|at| Act::Call { at, host, fd: None, call });
    }

    /// What a call would return now in a world; `None` where nothing can be said.
    pub(super) fn would(self, which: usize, host: HostId, call: &Call) -> Option<Returned> {
        let at = self.time_for_act();
        let picture = self.picture.get_untracked();
        picture.runs.get(which)?.trace.would(at, host, call)
    }

    /// Something is done now: in the instant after all that has happened, which is then shown.
    fn act(self, act: impl FnOnce(Time) -> Act) {
        let at = self.time_for_act();
        self.edit_scenario(|scenario| {
            scenario.acts.push(act(at));
            scenario.until = scenario.until.max(at + AFTERMATH);
        });
        self.playhead.set(at);
    }

    /// The first instant from now on at which nothing happens in any world.
    fn time_for_act(self) -> Time {
        let picture = self.picture.get_untracked();
        let traces: Vec<&Trace> = picture.runs.iter().map(|run| &run.trace).collect();
        moment_for_act(&traces, self.playhead.get_untracked())
    }

    // The rules.

    /// Sets a switch of a host, in the text form of its value.
    pub(super) fn set_switch(self, host: HostId, switch: Switch, value: &str) {
        self.edit_scenario(|scenario| {
            // A value that isn't one changes nothing.
            let _ = setup_mut(&mut scenario.hosts, host).profile.set(switch, value);
        });
    }

    /// Gives a host another stack, with every switch as that stack has it.
    pub(super) fn set_base(self, host: HostId, base: Base) {
        self.edit_scenario(|scenario| {
            let setup = setup_mut(&mut scenario.hosts, host);
            // How large a program's buffer is isn't a matter of the stack.
            let window = setup.profile.window;
            setup.profile = Profile { window, ..Profile::new(base) };
        });
    }

    /// Gives a host every switch back as its stack has it.
    pub(super) fn reset_switches(self, host: HostId) {
        self.edit_scenario(|scenario| {
            let setup = setup_mut(&mut scenario.hosts, host);
            setup.profile = Profile::new(setup.profile.base);
        });
    }

    /// Sets what a host's program does by itself.
    pub(super) fn set_application(self, host: HostId, application: Application) {
        self.edit_scenario(|scenario| {
            setup_mut(&mut scenario.hosts, host).application = application;
        });
    }

    /// Sets the ISS values that a host's next connections take.
    pub(super) fn set_iss(self, host: HostId, iss: Vec<Seq>) {
        self.edit_scenario(|scenario| setup_mut(&mut scenario.hosts, host).iss = iss);
    }

    /// Sets how long segments travel, and live.
    pub(super) fn set_wire(self, wire: Wire) {
        self.edit_scenario(|scenario| scenario.wire = wire);
    }

    /// Gives HOST1 its TIME-WAIT or takes it away, and plays from where the two runs part.
    pub(super) fn switch_time_wait(self) {
        let before = self.picture.get_untracked();
        self.edit_scenario(|scenario| {
            let [a, _] = &mut scenario.hosts;
            a.profile.time_wait = match a.profile.time_wait {
                Some(_) => None,
                None => usual_time_wait(a.profile.base),
            };
        });
        let after = self.picture.get_untracked();
        if let ([before, ..], [after_run, ..]) = (before.runs.as_slice(), after.runs.as_slice())
            && let Some(parting) = parting(&before.trace, &after_run.trace)
        {
            let from = after.previous(parting.time).map_or(Time::START, |moment| moment.time);
            if from < self.playhead.get_untracked() {
                self.playhead.set(from);
                self.is_playing.set(true);
            }
        }
    }

    // The worlds.

    /// Two worlds in the place of one, or one in the place of two.
    pub(super) fn switch_worlds(self) {
        self.edit(|scene| {
            scene.other = match scene.other {
                Some(_) => None,
                None => Some(Difference::usual(&scene.scenario)),
            };
        });
    }

    /// One world, or two that differ in a rule.
    pub(super) fn set_other(self, other: Option<Difference>) {
        self.edit(|scene| scene.other = other);
    }
}

/// A host's part of a scenario.
pub(super) fn setup(hosts: &[HostSetup; 2], id: HostId) -> &HostSetup {
    let [a, b] = hosts;
    if id == HostId::A { a } else { b }
}

fn setup_mut(hosts: &mut [HostSetup; 2], id: HostId) -> &mut HostSetup {
    let [a, b] = hosts;
    if id == HostId::A { a } else { b }
}

fn usual_time_wait(base: Base) -> Option<Span> {
    let base = if base == Base::NoTimeWait { Base::Rfc9293 } else { base };
    Profile::new(base).time_wait
}

/// What an act does to a segment. In the world beside there may be another one of that name.
fn fate_of(act: &Act, arrow: &Arrow) -> Option<Fate> {
    let is_it = |expected: Option<(Flags, Seq)>| {
        expected.is_none_or(|meant| meant == (arrow.segment.flags(), arrow.segment.seq))
    };
    match act {
        Act::Fate { target: Target::Named { name, expected }, fate }
            if *name == arrow.name && is_it(*expected) =>
        {
            Some(*fate)
        }
        Act::Fate { .. } | Act::Call { .. } | Act::Forge { .. } | Act::Release { .. } => None,
    }
}

fn kept_name(act: &Act) -> Option<SegmentName> {
    match act {
        Act::Fate { target: Target::Named { name, .. }, fate: Fate::Keep } => Some(*name),
        Act::Fate { .. } | Act::Call { .. } | Act::Forge { .. } | Act::Release { .. } => None,
    }
}

fn delay_of(scenario: &Scenario, arrow: &Arrow) -> Span {
    let mut delays = scenario.acts.iter().filter_map(|act| match fate_of(act, arrow) {
        Some(Fate::Delay(When::After(span))) => Some(span),
        Some(Fate::Delay(When::At(_)) | Fate::Drop | Fate::Duplicate(_) | Fate::Keep) | None => {
            None
        }
    });
    delays.next_back().unwrap_or(Span::ZERO)
}
