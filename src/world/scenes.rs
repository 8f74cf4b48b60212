//! The scenes that ship with the lab: scenarios as text, one file each in `content/scenes`.

use crate::tcp::call::Call;
use crate::tcp::event::{HostId, SegmentName};
use crate::tcp::profile::Base;
use crate::tcp::seq::Seq;
use crate::tcp::time::{Span, Time};
use crate::world::scenario::{A_PORT, Act, B_PORT, Fate, Scenario, Target};

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
    LINGER2 "linger2",
    KEEP_ALIVE "keep-alive",
    KEEP_ALIVE_CLOSE_WAIT "keep-alive-close-wait",
    USER_TIMEOUT "user-timeout",
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
    TW_RECYCLE "tw-recycle",
    FIN_TIMEOUT "fin-timeout",
    TABLE_FULL "table-full",
    RST_IN_TIME_WAIT "rst-in-time-wait",
    SIMULTANEOUS_OPEN "simultaneous-open",
    GIVE_UP "give-up",
    DEAD_LINE "dead-line",
}

/// [`LOST_LAST_ACK`] as values, which nobody has to read first: what the page opens with.
#[must_use]
pub fn opening() -> Scenario {
    let call = |millis: u64, host: HostId, call: Call| Act::Call {
        at: Time::from_millis(millis),
        host,
        fd: None,
        call,
    };
    let send = |words: &str| Call::Send { data: words.as_bytes().to_vec(), more: false };
    let listen = Call::Listen { port: B_PORT, reuse_address: false, receive_buffer: 0 };
    let connect = Call::Connect { local_port: A_PORT, remote_port: B_PORT, reuse_address: false };
    let last_ack = SegmentName { sender: HostId::A, forged: false, number: 6, copy: 1 };
    let target = Target::Named { name: last_ack, expected: None };
    let mut scenario = Scenario::new(Base::Linux);
    for (host, iss) in scenario.hosts.iter_mut().zip([1000, 3000]) {
        (host.profile.window, host.iss) = (1000, vec![Seq(iss)]);
    }
    let [a, _] = &mut scenario.hosts;
    a.profile.time_wait = None;
    scenario.wire.lifetime = Some(Span::from_secs(60));
    scenario.acts = vec![
        call(0, HostId::B, listen),
        call(10, HostId::A, connect),
        call(200, HostId::A, send("hello")),
        call(400, HostId::B, send("world")),
        call(600, HostId::A, Call::ShutdownWrite),
        call(900, HostId::B, Call::ShutdownWrite),
        Act::Fate { target, fate: Fate::Drop },
        call(2000, HostId::A, Call::Close),
        call(2000, HostId::B, Call::Poll),
        call(2100, HostId::B, Call::SoError),
    ];
    scenario.until = Time::from_millis(70_000);
    scenario
}

impl Scene {
    /// The scene of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Scene> {
        SCENES.iter().find(|scene| scene.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::{LOST_LAST_ACK, opening};
    use crate::world::parse_scenario;

    #[test]
    fn the_opening_scene_is_the_one_that_its_text_says() {
        assert_eq!(parse_scenario(LOST_LAST_ACK.text), Ok(opening()));
    }
}
