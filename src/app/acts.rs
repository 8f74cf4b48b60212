//! What a person does: every act changes the scene, and the one before stays one step back. All of it
//! waits for the code that makes a run of what was changed: see later.rs. What an act does to a scenario
//! is decided in `world/edit.rs`.

use std::rc::Rc;

use leptos::prelude::*;

use super::address;
use super::lab::Lab;
use crate::picture::Arrow;
use crate::tcp::call::{Call, Returned};
use crate::tcp::event::{HostId, SegmentName};
use crate::tcp::segment::Segment;
use crate::tcp::time::{Span, Time};
use crate::world::{Edit, Fate, Scene, Seen, Trace, moment_for_act, parting};

/// A segment as the person sees it.
fn seen(arrow: &Arrow) -> Seen {
    Seen {
        name: arrow.name,
        flags: arrow.segment.flags(),
        seq: arrow.segment.seq,
        ends: arrow.ends,
    }
}

impl Lab {
    /// Changes the scene. The one before stays in the browser's history.
    pub(super) fn edit(self, edit: &Edit) {
        let mut scene = (*self.scene.get_untracked()).clone();
        scene.apply(edit);
        self.change_to(Rc::new(scene));
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

    /// The network does something to a segment.
    pub(super) fn set_fate(self, arrow: &Arrow, fate: Fate) {
        self.edit(&Edit::Fate(seen(arrow), fate));
    }

    /// Whether an act drops just this segment. A scene can also lose all of a kind.
    pub(super) fn is_dropped(self, arrow: &Arrow) -> bool {
        self.scene.with(|scene| scene.scenario.drops(&seen(arrow)))
    }

    /// A segment that would be lost arrives after all.
    pub(super) fn let_through(self, arrow: &Arrow) {
        self.edit(&Edit::LetThrough(seen(arrow)));
    }

    /// The line is dead from now on for so long: whatever these hosts send is lost.
    pub(super) fn lose_all(self, senders: &[HostId], length: Span) {
        self.act(|from| Edit::LoseAll { from, senders: senders.to_vec(), length });
    }

    /// A kept copy goes on its way now.
    pub(super) fn release(self, name: SegmentName) {
        self.act(|at| Edit::Release { at, name });
    }

    /// The segments of which a copy is kept and that have been sent by now.
    pub(super) fn kept(self) -> Vec<SegmentName> {
        let picture = self.picture.get();
        let now = self.playhead.get();
        let sent = |name: &SegmentName| {
            let arrows = picture.runs.iter().filter_map(|run| run.arrow(*name));
            arrows.into_iter().any(|arrow| arrow.left <= now)
        };
        self.scene.with(|scene| scene.scenario.kept().filter(sent).collect())
    }

    /// A forged segment arrives at a host after the wire's delay.
    pub(super) fn forge(self, to: HostId, segment: Segment) {
        self.act(|at| Edit::Forge { at, to, segment });
    }

    /// When it would arrive.
    pub(super) fn forged_arrives(self, to: HostId) -> Time {
        let at = self.time_for_act();
        self.scene.with_untracked(|scene| scene.scenario.forged_arrives(at, to))
    }

    // The programs.

    /// A program calls, now.
    pub(super) fn call(self, host: HostId, call: Call) {
        self.act(|at| Edit::Call { at, host, call });
    }

    /// What a call would return now in a world; `None` where nothing can be said.
    pub(super) fn would(self, which: usize, host: HostId, call: &Call) -> Option<Returned> {
        let at = self.time_for_act();
        let picture = self.picture.get_untracked();
        picture.runs.get(which)?.trace.would(at, host, call)
    }

    /// Something is done now: in the instant after all that has happened, which is then shown.
    fn act(self, edit: impl FnOnce(Time) -> Edit) {
        let at = self.time_for_act();
        self.edit(&edit(at));
        self.playhead.set(at);
    }

    /// The first instant from now on at which nothing happens in any world.
    fn time_for_act(self) -> Time {
        let picture = self.picture.get_untracked();
        let traces: Vec<&Trace> = picture.runs.iter().map(|run| &run.trace).collect();
        moment_for_act(&traces, self.playhead.get_untracked())
    }

    /// Gives HOST1 its TIME-WAIT or takes it away, and plays from where the two runs part.
    pub(super) fn switch_time_wait(self) {
        let before = self.picture.get_untracked();
        self.edit(&Edit::TimeWaitOnOff);
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

    /// Two worlds in the place of one, or one in the place of two.
    pub(super) fn switch_worlds(self) {
        self.edit(&Edit::OneOrTwoWorlds);
    }
}
