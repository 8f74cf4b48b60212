//! The look: light, dark or for a projector, as the person chose it or else as the browser prefers.

use leptos::prelude::*;

use super::language::Text;
use super::signal::Signal;
use super::storage;

/// The looks, by their names in the style sheets; the first is the system's choice.
pub(super) const LOOKS: [(&str, Text); 4] = [
    ("system", Text::LookSystem),
    ("light", Text::LookLight),
    ("dark", Text::LookDark),
    ("projector", Text::LookProjector),
];

/// The look that the person chose.
#[derive(Clone, Copy)]
pub(super) struct Look(Signal<&'static str>);

impl Look {
    /// The stored look; the document follows it from now on.
    pub(super) fn follow() -> Look {
        let stored = storage::read("look");
        let chosen = Signal::new(known(stored.as_deref().unwrap_or("")));
        Effect::new(move |_| {
            if let Some(root) = document().document_element() {
                // A refusal leaves the browser's own look.
                let _ = root.set_attribute("data-look", chosen.get());
            }
        });
        Look(chosen)
    }

    /// The look that is chosen.
    pub(super) fn get(self) -> &'static str {
        self.0.get()
    }

    /// Another look, remembered.
    pub(super) fn choose(self, name: &str) {
        let name = known(name);
        storage::write("look", name);
        self.0.set(name);
    }
}

fn known(wanted: &str) -> &'static str {
    let [(system, _), ..] = LOOKS;
    LOOKS.iter().map(|(name, _)| *name).find(|name| *name == wanted).unwrap_or(system)
}
