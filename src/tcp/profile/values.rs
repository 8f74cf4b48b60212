//! The text forms of the plain values of switches.

use super::Value;
use crate::tcp::time::Span;

impl Value for bool {
    fn read(text: &str) -> Option<bool> {
        match text {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        }
    }
    fn text(&self) -> String {
        if *self { "on" } else { "off" }.to_owned()
    }
    fn expected() -> String {
        "on, off".to_owned()
    }
}

impl Value for u32 {
    fn read(text: &str) -> Option<u32> {
        text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
    }
    fn text(&self) -> String {
        self.to_string()
    }
    fn expected() -> String {
        "0..4294967295".to_owned()
    }
}

impl Value for Span {
    fn read(text: &str) -> Option<Span> {
        Span::parse(text)
    }
    fn text(&self) -> String {
        self.to_string()
    }
    fn expected() -> String {
        "60s, 300ms, 5us".to_owned()
    }
}

impl<T: Value> Value for Option<T> {
    fn read(text: &str) -> Option<Option<T>> {
        if text == "none" { Some(None) } else { T::read(text).map(Some) }
    }
    fn text(&self) -> String {
        self.as_ref().map_or_else(|| "none".to_owned(), Value::text)
    }
    fn expected() -> String {
        format!("none, {}", T::expected())
    }
}
