//! Signals and memos whose values Leptos doesn't see.
//!
//! Leptos brings its code for every type that a signal or a memo holds, and there are two dozen. Here
//! it holds a number only, which changes when the value does: who is told, and when, is Leptos's
//! affair; the values lie in cells of this module. They stay for as long as the page, so a signal
//! belongs to the page, and a memo to a part that is seldom drawn anew.

use std::any::Any;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

use leptos::prelude::{Memo as Number, RwSignal, Track, Update, WithUntracked};

thread_local! {
    static CELLS: RefCell<Vec<Rc<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// Where a value lies.
struct Cell<T>(usize, PhantomData<fn() -> T>);

impl<T> Clone for Cell<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Cell<T> {}

impl<T: 'static> Cell<T> {
    fn new(value: T) -> Cell<T> {
        Cell(keep(Rc::new(RefCell::new(Rc::new(value)))), PhantomData)
    }

    fn find(self) -> Rc<RefCell<Rc<T>>> {
        // A cell is made with its value and stays.
        #[allow(clippy::expect_used)]
        found(self.0).and_then(|cell| cell.downcast().ok()).expect("a cell of that type")
    }

    fn read(self) -> Rc<T> {
        Rc::clone(&self.find().borrow())
    }

    fn write(self, value: Rc<T>) {
        // What was there is dropped when nobody holds the cell any more.
        drop(self.find().replace(value));
    }
}

fn keep(cell: Rc<dyn Any>) -> usize {
    CELLS.with_borrow_mut(|cells| {
        cells.push(cell);
        cells.len() - 1
    })
}

fn found(place: usize) -> Option<Rc<dyn Any>> {
    CELLS.with_borrow(|cells| cells.get(place).cloned())
}

/// A value that tells who reads it when it changes.
pub(super) struct Signal<T> {
    cell: Cell<T>,
    changes: RwSignal<u32>,
}

impl<T> Clone for Signal<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Signal<T> {}

impl<T: Clone + 'static> Signal<T> {
    pub(super) fn new(value: T) -> Signal<T> {
        Signal { cell: Cell::new(value), changes: RwSignal::new(0) }
    }

    /// Whoever runs now runs again when the value changes.
    pub(super) fn track(self) {
        self.changes.track();
    }

    pub(super) fn read(self) -> Rc<T> {
        self.track();
        self.cell.read()
    }

    pub(super) fn read_untracked(self) -> Rc<T> {
        self.cell.read()
    }

    pub(super) fn with<R>(self, read: impl FnOnce(&T) -> R) -> R {
        read(&self.read())
    }

    pub(super) fn with_untracked<R>(self, read: impl FnOnce(&T) -> R) -> R {
        read(&self.read_untracked())
    }

    pub(super) fn get(self) -> T {
        (*self.read()).clone()
    }

    pub(super) fn get_untracked(self) -> T {
        (*self.read_untracked()).clone()
    }

    pub(super) fn set(self, value: T) {
        self.cell.write(Rc::new(value));
        tell(self.changes);
    }

    pub(super) fn update(self, change: impl FnOnce(&mut T)) {
        let mut value = self.get_untracked();
        change(&mut value);
        self.set(value);
    }
}

fn tell(changes: RwSignal<u32>) {
    changes.update(|changes| *changes = changes.wrapping_add(1));
}

/// A value that follows signals, made anew when it is asked for after a change.
pub(super) struct Memo<T> {
    cell: Cell<Option<T>>,
    changes: Number<u32>,
}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Memo<T> {}

type Make = Box<dyn Fn(u32) -> u32 + Send + Sync>;

impl<T: Clone + 'static> Memo<T> {
    /// A memo that tells of a change where the new value is another one.
    pub(super) fn new(make: impl Fn() -> T + Send + Sync + 'static) -> Memo<T>
    where
        T: PartialEq,
    {
        Memo::with_compare(make, |old, new| old == new)
    }

    /// A memo whose every new value counts as another one.
    pub(super) fn always(make: impl Fn() -> T + Send + Sync + 'static) -> Memo<T> {
        Memo::with_compare(make, |_, _| false)
    }

    /// A memo that tells of a change where the new value isn't the same as the old one.
    pub(super) fn with_compare(
        make: impl Fn() -> T + Send + Sync + 'static,
        is_same: fn(&T, &T) -> bool,
    ) -> Memo<T> {
        let cell = Cell::new(None);
        let make: Make = Box::new(move |changes| {
            let value = make();
            if cell.read().as_ref().as_ref().is_some_and(|old| is_same(old, &value)) {
                return changes;
            }
            cell.write(Rc::new(Some(value)));
            changes.wrapping_add(1)
        });
        Memo { cell, changes: number(make) }
    }

    pub(super) fn get(self) -> T {
        self.changes.track();
        self.get_untracked()
    }

    pub(super) fn get_untracked(self) -> T {
        self.changes.with_untracked(|_| ());
        // It has a value as soon as its number was asked for.
        #[allow(clippy::expect_used)]
        (*self.cell.read()).clone().expect("a value")
    }
}

/// The one kind of memo that Leptos sees.
#[inline(never)]
fn number(make: Make) -> Number<u32> {
    Number::new(move |changes: Option<&u32>| make(changes.copied().unwrap_or(0)))
}
