//! What happens at a moment changes many parts of the screen: cards, reasons, verdicts. While time
//! moves they follow one a frame, for together they'd cost more than a frame has; nobody sees by how
//! little they differ. What is long comes in pieces, of which a frame brings one. When it stands still
//! they all follow at once.

use std::collections::VecDeque;
use std::rc::Rc;

use leptos::prelude::*;
use web_sys::Element;

use super::draw::{El, keep};
use super::lab::Lab;
use super::signal::Signal;

/// Brings a value up to date. Whether it changed.
type Refresh = Rc<dyn Fn() -> bool>;

/// Children of an element, which are drawn when it's their turn.
pub(super) struct Piece {
    /// Where they are put.
    pub(super) into: Element,
    pub(super) draw: Draw,
}

/// What draws a piece.
pub(super) type Draw = Box<dyn FnOnce() -> Vec<El>>;

type Divide = Box<dyn Fn(&Element) -> Vec<Piece>>;

/// A piece that waits, with the owner of what it keeps up to date.
struct Waiting {
    owner: Owner,
    piece: Piece,
}

impl Waiting {
    fn put(self) {
        let Waiting { owner, piece: Piece { into, draw } } = self;
        for child in owner.with(|| untrack(draw)) {
            let _ = into.append_child(child.element());
        }
    }
}

/// The parts that follow, and those whose turn is still to come.
#[derive(Default)]
pub(super) struct Parts {
    all: Vec<(u32, Refresh)>,
    waiting: VecDeque<u32>,
    /// The pieces of what has begun to follow, each with its part's number.
    pieces: VecDeque<(u32, Waiting)>,
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

    fn number(&mut self) -> u32 {
        self.last += 1;
        self.last
    }

    /// Forgets the pieces of a part.
    fn drop_pieces(&mut self, of: u32) {
        self.pieces.retain(|(one, _)| *one != of);
    }
}

impl El {
    /// Children that are drawn anew, piece by piece, when a signal changes that `divide` reads. They are
    /// all that the element holds.
    pub(super) fn pieces(self, lab: Lab, divide: impl Fn(&Element) -> Vec<Piece> + 'static) -> El {
        piecewise(self.element().clone(), lab, Box::new(divide));
        self
    }
}

fn piecewise(element: Element, lab: Lab, divide: Divide) {
    let id = lab.parts.try_update_value(Parts::number).unwrap_or_default();
    on_cleanup(move || {
        lab.parts.try_update_value(|parts| parts.drop_pieces(id));
    });
    keep(Box::new(move |_| {
        let pieces = divide(&element);
        let owner = Owner::current().unwrap_or_default();
        element.set_text_content(None);
        lab.parts.try_update_value(|parts| {
            parts.drop_pieces(id);
            let waiting = |piece| (id, Waiting { owner: owner.clone(), piece });
            parts.pieces.extend(pieces.into_iter().map(waiting));
        });
        let waits = lab.waits();
        while lab.put_next() && !waits {}
        0
    }));
}

impl Lab {
    /// A value that is read from what there is to say of the moment, and follows it in its turn. It
    /// ends with the part that it was made in.
    pub(super) fn paced<T: PartialEq + Clone + 'static>(
        self,
        read: impl Fn() -> T + 'static,
    ) -> Signal<T> {
        self.follows(Box::new(read))
    }

    #[inline(never)]
    fn follows<T: PartialEq + Clone + 'static>(self, read: Box<dyn Fn() -> T>) -> Signal<T> {
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
            let id = parts.number();
            parts.all.push((id, refresh));
            id
        });
        on_cleanup(move || {
            self.parts.try_update_value(|parts| parts.all.retain(|(one, _)| Some(*one) != id));
        });
    }

    /// Says whether frames come while time moves.
    pub(super) fn has_frames(self, has_frames: bool) {
        self.parts.try_update_value(|parts| parts.has_frames = has_frames);
    }

    /// Whether something waits for its turn.
    pub(super) fn has_more(self) -> bool {
        let more = |parts: &mut Parts| !parts.pieces.is_empty() || !parts.waiting.is_empty();
        self.parts.try_update_value(more) == Some(true)
    }

    /// Whether what there is to do waits for frames.
    fn waits(self) -> bool {
        let has_frames = self.parts.try_update_value(|parts| parts.has_frames);
        untrack(|| self.is_moving()) && has_frames == Some(true)
    }

    /// Puts the next piece in its place. Whether there was one.
    fn put_next(self) -> bool {
        let next = self.parts.try_update_value(|parts| parts.pieces.pop_front()).flatten();
        next.map(|(_, waiting)| waiting.put()).is_some()
    }

    /// A frame has come: the next piece, or the next part that differs, follows. Whether there was
    /// one.
    pub(super) fn follow_next(self) -> bool {
        if self.put_next() {
            return true;
        }
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
        let _ = lab.is_moving();
        lab.parts.try_update_value(|Parts { all, waiting, .. }| {
            let others = all.iter().map(|(id, _)| *id).filter(|id| !waiting.contains(id));
            let others: Vec<u32> = others.collect();
            waiting.extend(others);
        });
        let waits = lab.waits();
        // The first one at once.
        while lab.follow_next() && !waits {}
    });
}
