//! What happens at a moment changes many parts of the screen: cards, reasons, verdicts. While time
//! moves they follow one a frame, for together they'd cost more than a frame has; nobody sees by how
//! little they differ. When it stands still they all follow at once.

use std::collections::VecDeque;
use std::rc::Rc;

use leptos::prelude::*;

use super::lab::Lab;
use super::signal::Signal;

/// Brings a value up to date. Whether it changed.
type Refresh = Rc<dyn Fn() -> bool>;

/// The parts that follow, and those whose turn is still to come.
#[derive(Default)]
pub(super) struct Parts {
    all: Vec<(u32, Refresh)>,
    waiting: VecDeque<u32>,
    last: u32,
    /// Whether frames come, in which they can follow one by one.
    has_frames: bool,
}

impl Parts {
    /// The next one whose turn it is.
    fn take(&mut self) -> Option<Refresh> {
        let next = self.waiting.pop_front()?;
        // One that is gone meanwhile has nothing to do.
        let found = self.all.iter().find(|(id, _)| *id == next);
        Some(found.map_or_else(|| Rc::new(|| false) as Refresh, |(_, refresh)| Rc::clone(refresh)))
    }
}

impl Lab {
    /// A value that is read from what there is to say of the moment, and follows it in its turn. It
    /// ends with the part that it was made in.
    pub(super) fn paced<T: PartialEq + Clone + 'static>(
        self,
        read: impl Fn() -> T + 'static,
    ) -> Signal<T> {
        let value = Signal::new(untrack(&read));
        let refresh = move || {
            let new = untrack(&read);
            let changed = value.with_untracked(|old| *old != new);
            if changed {
                value.set(new);
            }
            changed
        };
        self.join(Rc::new(refresh));
        value
    }

    #[inline(never)]
    fn join(self, refresh: Refresh) {
        let id = self.parts.try_update_value(|parts| {
            parts.last += 1;
            parts.all.push((parts.last, refresh));
            parts.last
        });
        on_cleanup(move || {
            self.parts.try_update_value(|parts| parts.all.retain(|(one, _)| Some(*one) != id));
        });
    }

    /// Says whether frames come while time moves.
    pub(super) fn has_frames(self, has_frames: bool) {
        self.parts.try_update_value(|parts| parts.has_frames = has_frames);
    }

    /// A frame has come: the next part that differs follows. Whether there was one.
    pub(super) fn follow_next(self) -> bool {
        while let Some(Some(refresh)) = self.parts.try_update_value(Parts::take) {
            if refresh() {
                return true;
            }
        }
        false
    }
}

/// Tells the parts when there is something else to say, or time stands still.
pub(super) fn follow(lab: Lab) {
    Effect::new(move |_| {
        lab.track_now();
        let is_moving = lab.is_moving();
        let has_frames = lab.parts.try_update_value(|parts| {
            let Parts { all, waiting, has_frames, .. } = parts;
            let others = all.iter().map(|(id, _)| *id).filter(|id| !waiting.contains(id));
            let others: Vec<u32> = others.collect();
            waiting.extend(others);
            *has_frames
        });
        let waits = is_moving && has_frames == Some(true);
        // The first one at once.
        while lab.follow_next() && !waits {}
    });
}
