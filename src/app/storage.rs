//! What the browser remembers for the person: language and look. It may remember nothing.

/// What is remembered under a name; `None` too where storage is forbidden.
#[must_use]
pub(super) fn read(name: &str) -> Option<String> {
    leptos::prelude::window().local_storage().ok()??.get_item(name).ok()?
}

/// Remembers a value, if the browser lets us.
pub(super) fn write(name: &str, value: &str) {
    if let Ok(Some(storage)) = leptos::prelude::window().local_storage() {
        // Full or forbidden: the page works the same, it only forgets.
        let _ = storage.set_item(name, value);
    }
}
