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
    NORMAL_CLOSE "normal-close",
    CLOSE "close",
    THREE_SEGMENT_CLOSE "three-segment-close",
    DELAYED_ACK_CLOSE "delayed-ack-close",
    SERVER_CLOSES_FIRST "server-closes-first",
    CLOSE_NO_TIME_WAIT "close-no-time-wait",
    LOST_LAST_ACK "lost-last-ack",
    LOST_LAST_ACK_TIME_WAIT "lost-last-ack-time-wait",
    STRAY_HARMLESS "stray-harmless",
    STRAY_SEGMENT "stray-segment",
    STRAY_SEGMENT_TIME_WAIT "stray-segment-time-wait",
    STRAY_STOPPED "stray-stopped",
    STRAY_PAWS "stray-paws",
    AGAIN_WITHOUT_TIME_WAIT "again-without-time-wait",
    RST_AND_AGAIN "rst-and-again",
    STRAY_FIN "stray-fin",
    STRAY_FIN_ENDLESS "stray-fin-endless",
    TWO_LIFETIMES "two-lifetimes",
    WHY_2MSL "why-2msl",
    SAME_ISS "same-iss",
    GHOST "ghost",
    ASSASSINATION "assassination",
    ASSASSINATED_CORRUPTED "assassinated-corrupted",
    SIMULTANEOUS_CLOSE "simultaneous-close",
    CROSSING_FINS "crossing-fins",
    SHORTER_TIME_WAIT "shorter-time-wait",
    HALF_CLOSE "half-close",
    LAST_WORDS "last-words",
    DATA_AFTER_CLOSE "data-after-close",
    ORPHAN "orphan",
    CLOSE_WAIT "close-wait",
    CLOSE_WAIT_LATE "close-wait-late",
    LINGER_ZERO "linger-zero",
    LINGER_ZERO_PLAIN "linger-zero-plain",
    UNREAD_DATA "unread-data",
    CLOSE_UNREAD "close-unread",
    RST_THEN_STRAY "rst-then-stray",
    PORT_BUSY "port-busy",
    PORT_EXHAUSTED "port-exhausted",
    SERVER_RESTART "server-restart",
    SERVER_RESTART_REUSE "server-restart-reuse",
    SERVER_RESTART_PLAIN "server-restart-plain",
    SYN_INTO_TIME_WAIT "syn-into-time-wait",
    TW_REUSE "tw-reuse",
    PORT_TAKEN_OVER "port-taken-over",
    FIN_TIMEOUT "fin-timeout",
    TABLE_FULL "table-full",
    RST_IN_TIME_WAIT "rst-in-time-wait",
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
