//! The look: light or dark, as the person chose it or else as the browser prefers.

use leptos::prelude::*;

use super::storage;

/// The look that the person chose; `None`: the browser's.
#[derive(Clone, Copy)]
pub(super) struct Look(RwSignal<Option<bool>>);

impl Look {
    /// The stored look; the document follows it from now on.
    pub(super) fn follow() -> Look {
        let stored = storage::read("look").and_then(|name| match name.as_str() {
            "dark" => Some(true),
            "light" => Some(false),
            _ => None,
        });
        let chosen = RwSignal::new(stored);
        Effect::new(move |_| {
            if let Some(dark) = chosen.get()
                && let Some(root) = document().document_element()
            {
                // A refusal leaves the browser's own look.
                let _ = root.set_attribute("data-look", name(dark));
            }
        });
        Look(chosen)
    }

    /// Whether it's dark now.
    pub(super) fn is_dark(self) -> bool {
        self.0.get().unwrap_or_else(|| {
            let query = window().match_media("(prefers-color-scheme: dark)");
            query.ok().flatten().is_some_and(|query| query.matches())
        })
    }

    /// The other look, remembered.
    pub(super) fn switch(self) {
        let dark = !untrack(|| self.is_dark());
        storage::write("look", name(dark));
        self.0.set(Some(dark));
    }
}

fn name(dark: bool) -> &'static str {
    if dark { "dark" } else { "light" }
}
