//! How high things are on the screen, told when that changes: a frame that only moves something must
//! not have to ask.

use leptos::prelude::{LocalStorage, StoredValue};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};

use super::signal::Signal;

/// An observer, which ends with the part that it was made in.
struct Watch {
    observer: ResizeObserver,
    _told: Closure<dyn FnMut()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// The heights of a frame and of what moves behind it, in pixels.
pub(super) fn heights(frame: &Element, inside: &Element) -> Signal<(i32, i32)> {
    let heights = Signal::new((0, 0));
    let elements = (frame.clone(), inside.clone());
    let told = Closure::<dyn FnMut()>::new(move || {
        let (frame, inside) = &elements;
        heights.set((frame.client_height(), inside.client_height()));
    });
    // A browser without it shows the beginning of the run.
    if let Ok(observer) = ResizeObserver::new(told.as_ref().unchecked_ref()) {
        observer.observe(frame);
        observer.observe(inside);
        StoredValue::<Watch, LocalStorage>::new_local(Watch { observer, _told: told });
    }
    heights
}
