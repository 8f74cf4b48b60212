//! What everything on the screen is made of: elements whose attributes, words and children follow
//! the signals they read.
//!
//! Leptos has a macro for this, `view!`. It makes a type of every element, so every element brings
//! its own code for building and rebuilding, and the first screen weighed 173 kB instead of the 150
//! that it may. Here an element is an element of the browser, and one effect of one type keeps a
//! value up to date. Signals, memos, effects, owners and the mount are Leptos's.

use std::cell::RefCell;

use leptos::prelude::*;

use super::signal::Memo;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, Node, Text};

use crate::tcp::event::SegmentName;

const SVG: &str = "http://www.w3.org/2000/svg";

/// An element that is being put together.
pub(super) struct El(Element);

type Write = Box<dyn Fn() -> String>;

/// Where a value is kept up to date.
enum Place {
    Attribute(&'static str),
    Style(&'static str),
    Words(Text),
    Value,
}

impl Place {
    fn set(&self, element: &Element, value: &str) {
        match self {
            Place::Attribute(name) => {
                let _ = element.set_attribute(name, value);
            }
            Place::Style(name) => {
                if let Some(element) = element.dyn_ref::<HtmlElement>() {
                    let _ = element.style().set_property(name, value);
                }
            }
            Place::Words(text) => text.set_data(value),
            Place::Value => {
                if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
                    input.set_value(value);
                }
            }
        }
    }
}

/// An element of HTML with a class.
pub(super) fn html(tag: &str, class: &str) -> El {
    made(document().create_element(tag).ok(), class)
}

/// An element of SVG with a class.
pub(super) fn svg(tag: &str, class: &str) -> El {
    made(document().create_element_ns(Some(SVG), tag).ok(), class)
}

/// A button that does something, without words so far.
pub(super) fn button(class: &str, act: impl Fn() + 'static) -> El {
    pressed(class, Box::new(act))
}

fn pressed(class: &str, act: Box<dyn Fn()>) -> El {
    html("button", class).set("type", "button").on("click", move |_| act())
}

fn made(element: Option<Element>, class: &str) -> El {
    // The names of elements are ours, and all of them are right: a browser refuses none.
    #[allow(clippy::expect_used)]
    let element = El(element.expect("an element of that name"));
    if class.is_empty() { element } else { element.set("class", class) }
}

impl El {
    /// An attribute. The name is ours, so that no browser refuses it.
    pub(super) fn set(self, name: &str, value: &str) -> El {
        let _ = self.0.set_attribute(name, value);
        self
    }

    /// An attribute that follows signals.
    pub(super) fn follow(self, name: &'static str, write: impl Fn() -> String + 'static) -> El {
        self.keep(Place::Attribute(name), Box::new(write))
    }

    /// A property of its style that follows signals. The page's policy forbids the attribute.
    pub(super) fn style(self, name: &'static str, write: impl Fn() -> String + 'static) -> El {
        self.keep(Place::Style(name), Box::new(write))
    }

    /// The value of a control, which follows signals.
    pub(super) fn value(self, write: impl Fn() -> String + 'static) -> El {
        self.keep(Place::Value, Box::new(write))
    }

    /// Words that follow signals.
    pub(super) fn words(self, write: impl Fn() -> String + 'static) -> El {
        let text = document().create_text_node("");
        self.put(&text);
        self.keep(Place::Words(text), Box::new(write))
    }

    /// Words.
    pub(super) fn text(self, words: &str) -> El {
        self.put(&document().create_text_node(words));
        self
    }

    /// A child.
    pub(super) fn add(self, child: El) -> El {
        self.put(&child.0);
        self
    }

    /// Children.
    pub(super) fn adds(self, children: impl IntoIterator<Item = El>) -> El {
        for child in children {
            self.put(&child.0);
        }
        self
    }

    /// Children that are drawn anew when a signal changes that `draw` reads. They are all that the
    /// element holds.
    pub(super) fn part(self, draw: impl Fn() -> Vec<El> + 'static) -> El {
        part(self.0.clone(), Box::new(draw));
        self
    }

    /// A child for each of some segments, which stays as it is while its segment is among them.
    /// They are all that the element holds.
    pub(super) fn each(
        self,
        names: Memo<Vec<SegmentName>>,
        row: impl Fn(SegmentName) -> El + 'static,
    ) -> El {
        each(self.0.clone(), names, Box::new(row));
        self
    }

    /// What is to be done on an event. It ends with the part that the element belongs to.
    pub(super) fn on(self, event: &str, act: impl FnMut(Event) + 'static) -> El {
        listen(&self.0, event, Box::new(act));
        self
    }

    /// The element itself.
    pub(super) fn element(&self) -> &Element {
        &self.0
    }

    /// Puts it at the end of the page.
    pub(super) fn mount(self) {
        if let Some(body) = document().body() {
            let _ = body.append_child(&self.0);
        }
    }

    /// Keeps a value up to date: writes it now and when a signal changes, and sets it where it
    /// differs.
    #[inline(never)]
    fn keep(self, place: Place, write: Write) -> El {
        let element = self.0.clone();
        let effect = RenderEffect::new(move |before: Option<String>| {
            let value = write();
            if before.as_ref() != Some(&value) {
                place.set(&element, &value);
            }
            value
        });
        // It lives as long as the part that it was made in.
        StoredValue::new_local(effect);
        self
    }

    fn put(&self, node: &Node) {
        let _ = self.0.append_child(node);
    }
}

fn part(element: Element, draw: Box<dyn Fn() -> Vec<El>>) {
    let effect = RenderEffect::new(move |_: Option<()>| fill(&element, draw()));
    StoredValue::new_local(effect);
}

/// Gives an element other children.
fn fill(element: &Element, children: Vec<El>) {
    element.set_text_content(None);
    for child in children {
        let _ = element.append_child(&child.0);
    }
}

/// A child of [`El::each`], with the owner of all that it keeps up to date.
struct Row {
    name: SegmentName,
    element: Element,
    owner: Owner,
}

fn each(element: Element, names: Memo<Vec<SegmentName>>, row: Box<dyn Fn(SegmentName) -> El>) {
    let parent = Owner::current().unwrap_or_default();
    let rows: RefCell<Vec<Row>> = RefCell::default();
    let effect = RenderEffect::new(move |_: Option<()>| {
        let mut rows = rows.borrow_mut();
        let names = names.get();
        rows.retain(|row| {
            let stays = names.contains(&row.name);
            if !stays {
                row.owner.cleanup();
                row.element.remove();
            }
            stays
        });
        for name in names {
            if rows.iter().all(|row| row.name != name) {
                let owner = parent.child();
                let child = owner.with(|| untrack(|| row(name))).0;
                let _ = element.append_child(&child);
                rows.push(Row { name, element: child, owner });
            }
        }
    });
    StoredValue::new_local(effect);
}

/// Does something now and when a signal changes that it reads, with what it returned before. It ends
/// with the part that it was made in.
pub(super) fn keep(work: Box<dyn Fn(Option<usize>) -> usize>) {
    StoredValue::new_local(RenderEffect::new(work));
}

fn listen(element: &Element, event: &str, act: Box<dyn FnMut(Event)>) {
    let closure = Closure::wrap(act);
    let _ = element.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    StoredValue::new_local(closure);
}

/// What is to be done on an event anywhere on the page.
pub(super) fn on_page(event: &str, act: impl FnMut(Event) + 'static) {
    if let Some(body) = document().body() {
        listen(&body, event, Box::new(act));
    }
}

/// What a person wrote into a field.
pub(super) fn input_value(field: &Element) -> String {
    field.dyn_ref::<HtmlInputElement>().map(HtmlInputElement::value).unwrap_or_default()
}

/// The value of a true-or-false attribute.
pub(super) fn truth(value: bool) -> String {
    if value { "true".to_owned() } else { "false".to_owned() }
}
