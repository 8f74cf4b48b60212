//! The browser's frames. A loop asks for the next frame only while its work wants one.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::window;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

type Callback = Closure<dyn FnMut(f64)>;

/// Calls `work` with the time of a frame in milliseconds of the document's timeline, frame after
/// frame, until it returns false.
pub(super) fn run(mut work: impl FnMut(f64) -> bool + 'static) {
    let holder: Rc<RefCell<Option<Callback>>> = Rc::default();
    let own = Rc::clone(&holder);
    let callback = Closure::new(move |now: f64| {
        if work(now) {
            request(own.borrow().as_ref());
        } else {
            own.borrow_mut().take();
        }
    });
    *holder.borrow_mut() = Some(callback);
    request(holder.borrow().as_ref());
}

fn request(callback: Option<&Callback>) {
    if let Some(callback) = callback {
        // Without frames the picture stands still and every other control works.
        let _ = window().request_animation_frame(callback.as_ref().unchecked_ref());
    }
}
