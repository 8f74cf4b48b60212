//! What moves evenly while it plays: the line of the moment, the segments, the scrub bar. The browser
//! moves it by itself, apart from the program, so that it moves smoothly however much there is to
//! draw; the program says from where to where. At rest its place is a style.

use std::cell::RefCell;

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Animation, Element, FillMode, HtmlElement, KeyframeEffect, KeyframeEffectOptions};

use super::draw::{El, keep};
use super::lab::Lab;

/// The playhead's even way along the axis, from a frame on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Course {
    /// When it would have been at the axis's beginning, in milliseconds of the document's timeline.
    pub(super) zero: f64,
    /// How long it takes for the whole axis, milliseconds.
    pub(super) whole: f64,
    /// Where it ends, 0..1.
    pub(super) end: f64,
}

impl Course {
    /// Where the playhead is in a frame, at most at the end.
    pub(super) fn place(self, now: f64) -> f64 {
        ((now - self.zero) / self.whole).min(self.end)
    }
}

impl El {
    /// A transform that follows the playhead: what it is at a place of the axis, and at which places
    /// it turns. In between it's even.
    pub(super) fn moves(
        self,
        lab: Lab,
        turns: impl Fn() -> Vec<f64> + 'static,
        at: impl Fn(f64) -> String + 'static,
    ) -> El {
        follow(self.element().clone(), lab, Box::new(turns), Box::new(at));
        self
    }
}

fn follow(
    element: Element,
    lab: Lab,
    turns: Box<dyn Fn() -> Vec<f64>>,
    at: Box<dyn Fn(f64) -> String>,
) {
    let running: RefCell<Option<Running>> = RefCell::default();
    keep(Box::new(move |_| {
        let course = lab.course.get();
        let place = match course {
            None => lab.place.get(),
            Some(_) => lab.place.get_untracked(),
        };
        if let Some(element) = element.dyn_ref::<HtmlElement>() {
            let _ = element.style().set_property("transform", &at(place));
        }
        let next = course.and_then(|course| set_out(&element, course, &turns(), &at));
        // It's on its way before the one before ends.
        drop(running.replace(next.map(Running)));
        0
    }));
}

/// Ends with who follows it: of an element that is gone it would keep the browser busy in every frame.
struct Running(Animation);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Sets an element on its way. A browser that can't shows it where it was until time stands still.
fn set_out(
    element: &Element,
    course: Course,
    turns: &[f64],
    at: &dyn Fn(f64) -> String,
) -> Option<Animation> {
    let (transforms, offsets) = (Array::new(), Array::new());
    let stops = turns.iter().copied().filter(|turn| (0.0..course.end).contains(turn));
    for offset in core::iter::once(0.0).chain(stops).chain([course.end, 1.0]) {
        transforms.push(&at(offset.min(course.end)).into());
        offsets.push(&offset.into());
    }
    if transforms.iter().all(|one| one == transforms.get(0)) {
        return None;
    }
    let frames = Object::new();
    let put = |name: &str, value: &JsValue| Reflect::set(&frames, &name.into(), value);
    put("transform", &transforms).ok()?;
    put("offset", &offsets).ok()?;
    let options = KeyframeEffectOptions::new();
    options.set_duration_f64(course.whole);
    options.set_fill(FillMode::Both);
    let effect = KeyframeEffect::new_with_opt_element_and_keyframes_and_keyframe_effect_options(
        Some(element),
        Some(&frames),
        &options,
    );
    let animation = Animation::new_with_effect(Some(&effect.ok()?.into())).ok()?;
    animation.set_start_time(Some(course.zero));
    Some(animation)
}
