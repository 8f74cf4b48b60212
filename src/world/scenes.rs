//! The scenes that ship with the lab: scenarios as text, one file each in `content/scenes`.

/// A scenario with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scene {
    /// Its name: that of its file, in an address, and in the lessons.
    pub name: &'static str,
    /// Its scenario as text, with comments that say what it shows.
    pub text: &'static str,
}

macro_rules! scenes {
    ($($name:literal),+ $(,)?) => {
        /// Every scene, in the order of the lessons.
        pub const SCENES: &[Scene] = &[$(Scene {
            name: $name,
            text: include_str!(concat!("../../content/scenes/", $name, ".scene")),
        }),+];
    };
}

scenes! {
    "close",
    "three-segment-close",
    "lost-last-ack",
    "lost-last-ack-time-wait",
    "stray-harmless",
    "stray-segment",
    "stray-segment-time-wait",
    "stray-fin",
    "why-2msl",
    "same-iss",
    "ghost",
    "assassination",
    "simultaneous-close",
    "half-close",
    "close-wait",
    "linger-zero",
    "unread-data",
    "port-busy",
    "tw-reuse",
    "simultaneous-open",
    "give-up",
}

impl Scene {
    /// The scene of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Scene> {
        SCENES.iter().find(|scene| scene.name == name)
    }
}
