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
    ($($constant:ident $name:literal),+ $(,)?) => {
        $(
            #[doc = concat!("`content/scenes/", $name, ".scene`")]
            pub const $constant: Scene = Scene {
                name: $name,
                text: include_str!(concat!("../../content/scenes/", $name, ".scene")),
            };
        )+

        /// Every scene, in the order of the lessons. A page that names single ones ships only those.
        pub const SCENES: &[Scene] = &[$($constant),+];
    };
}

scenes! {
    CLOSE "close",
    THREE_SEGMENT_CLOSE "three-segment-close",
    LOST_LAST_ACK "lost-last-ack",
    LOST_LAST_ACK_TIME_WAIT "lost-last-ack-time-wait",
    STRAY_HARMLESS "stray-harmless",
    STRAY_SEGMENT "stray-segment",
    STRAY_SEGMENT_TIME_WAIT "stray-segment-time-wait",
    STRAY_FIN "stray-fin",
    WHY_2MSL "why-2msl",
    SAME_ISS "same-iss",
    GHOST "ghost",
    ASSASSINATION "assassination",
    SIMULTANEOUS_CLOSE "simultaneous-close",
    HALF_CLOSE "half-close",
    CLOSE_WAIT "close-wait",
    LINGER_ZERO "linger-zero",
    UNREAD_DATA "unread-data",
    PORT_BUSY "port-busy",
    TW_REUSE "tw-reuse",
    SIMULTANEOUS_OPEN "simultaneous-open",
    GIVE_UP "give-up",
}

impl Scene {
    /// The scene of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Scene> {
        SCENES.iter().find(|scene| scene.name == name)
    }
}
