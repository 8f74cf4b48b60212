//! The browser's frames. A loop asks for the next frame only when its work wants one.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use leptos::prelude::window;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

type Callback = Closure<dyn FnMut(f64)>;

/// What is to follow a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// The next frame.
    Frame,
    /// The next frame after so many milliseconds.
    Wait(u32),
    /// None.
    Stop,
}

/// Calls `work` with the time of a frame in milliseconds of the document's timeline, now and as long
/// as it wants another one.
pub(super) fn run(mut work: impl FnMut(f64) -> Then + 'static) {
    let holder: Rc<RefCell<Option<Callback>>> = Rc::default();
    let own = Rc::clone(&holder);
    let callback = Closure::new(move |now: f64| match work(now) {
        Then::Frame => request(&own),
        Then::Wait(time) => {
            let own = Rc::clone(&own);
            Timeout::new(time, move || request(&own)).forget();
        }
        Then::Stop => drop(own.borrow_mut().take()),
    });
    *holder.borrow_mut() = Some(callback);
    request(&holder);
}

fn request(callback: &RefCell<Option<Callback>>) {
    if let Some(callback) = callback.borrow().as_ref() {
        // Without frames the picture stands still and every other control works.
        let _ = window().request_animation_frame(callback.as_ref().unchecked_ref());
    }
}
