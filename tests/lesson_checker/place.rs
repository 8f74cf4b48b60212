//! Where something stands in a lesson file.

use toml::de::{DeTable, DeValue};

/// The way to a value: keys, and places in arrays.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place(Vec<Step>);

#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Nth(usize),
}

impl Place {
    /// The whole file.
    pub(crate) fn new() -> Place {
        Place::default()
    }

    /// An element of the array that stands here.
    pub(crate) fn nth(mut self, number: usize) -> Place {
        self.0.push(Step::Nth(number));
        self
    }

    /// The line on which it stands; of what isn't there, the line of what should hold it.
    pub(crate) fn line(&self, text: &str) -> usize {
        let Ok(table) = DeTable::parse(text) else { return 1 };
        let mut start = 0;
        let mut value: Option<&DeValue<'_>> = None;
        for step in &self.0 {
            let table = match value {
                None => Some(table.get_ref()),
                Some(DeValue::Table(table)) => Some(table),
                Some(_) => None,
            };
            let next = match (step, value) {
                (Step::Nth(number), Some(DeValue::Array(array))) => array.get(*number),
                (Step::Nth(_), _) => None,
                (Step::Key(key), _) => table.and_then(|table| {
                    let found = table.iter().find(|(name, _)| name.get_ref() == key);
                    found.map(|(_, value)| value)
                }),
            };
            let Some(next) = next else { break };
            start = next.span().start;
            value = Some(next.get_ref());
        }
        line_of(text, start)
    }
}

/// A value under a key of the table that stands there.
pub(crate) fn step(place: &Place, key: &str) -> Place {
    let mut place = place.clone();
    place.0.push(Step::Key(key.to_owned()));
    place
}

/// The line of an octet of a text, from 1.
pub(crate) fn line_of(text: &str, octet: usize) -> usize {
    text.bytes().take(octet).filter(|octet| *octet == b'\n').count() + 1
}
