//! The links that `tests/links/made.txt` is made of. What is there stays there, even if it's taken
//! out here.

use std::fmt::Write as _;

use time_wait_lab::tcp::profile::Base;
use time_wait_lab::tcp::time::Time;
use time_wait_lab::world::scenes::{SCENES, Scene};
use time_wait_lab::world::{Scenario, parse_scenario, simulate};

/// A scenario from its text.
pub(crate) fn scenario(text: &str) -> Scenario {
    parse_scenario(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The scenes that ship, with their names.
pub(crate) fn scenes() -> Vec<(&'static str, Scenario)> {
    SCENES.iter().map(|scene| (scene.name, scenario(scene.text))).collect()
}

/// A link as the first version of the page wrote it: a copy of its code of 2026-11-22, not to be
/// changed.
pub(crate) fn first_version(time: Time, language: &str, scenario: &Scenario) -> String {
    let mut coded = String::new();
    for octet in scenario.to_string().trim_end().bytes() {
        match octet {
            b' ' => coded.push('+'),
            b'\n' => coded.push(';'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => coded.push(char::from(octet)),
            b'-' | b'_' | b'.' | b',' | b'=' | b':' | b'!' | b'*' | b'/' => {
                coded.push(char::from(octet));
            }
            other => write!(coded, "%{other:02x}").unwrap(),
        }
    }
    format!("t={time}&lang={language}&s={coded}")
}

/// `#t=…&lang=…&w=…&s=…`, written here without the help of the code that is tested.
fn link(time: Time, language: &str, other: &str, scenario: &Scenario) -> String {
    let link = first_version(time, language, scenario);
    let (head, scene) = link.split_once("&s=").unwrap();
    let other =
        if other.is_empty() { String::new() } else { format!("&w={}", other.replace(' ', "+")) };
    format!("#{head}{other}&s={scene}")
}

fn of_scene(name: &str) -> Scenario {
    scenario(Scene::find(name).unwrap_or_else(|| panic!("{name}")).text)
}

/// A scene with more acts.
fn edited(name: &str, acts: &str) -> Scenario {
    let text = of_scene(name).to_string();
    let (rest, until) = text.split_once("until ").unwrap();
    scenario(&format!("{rest}{acts}\nuntil {until}"))
}

/// Scenes to which something was done: name, scene, acts.
const EDITS: &[(&str, &str, &str)] = &[
    ("drop", "lost-last-ack", "drop A7 RST 1007"),
    ("drop without a counterpart", "close", "drop A3 FIN,ACK 9"),
    ("delay", "close", "delay B2 ACK 301 1500ms"),
    ("delay to a moment", "stray-segment", "delay A4 FIN,ACK 105 at 1234567us"),
    ("duplicate", "half-close", "duplicate B1 SYN,ACK 300 7us"),
    ("keep and release", "close", "keep A3 ACK 101\n1s release A3\n2s release A3"),
    ("drop every", "close", "drop every B seq 306 ack on rst off"),
    ("dead line", "dead-line", "drop every A fin from 11s to 20s"),
    ("delay every in a stretch", "close", "delay every B data off seq 306 ack on from 1us 300ms"),
    ("copy of a copy", "stray-harmless", "drop A3.2"),
    (
        "forge",
        "close",
        "300ms forge B ACK 106 ack 306 window 65535 timestamps 7 9 mss 536 sack-permitted sack 9-12 \
         4294967290-3 data \"EVIL\" from 40000 to 80\ndrop >B1",
    ),
    ("forge and spoil", "assassination", "500ms forge A RST 301 from 1\n501ms forge A none 0 of 1"),
    ("odd octets", "close", r#"300ms A send "a+b&c=d;e%f#\"\\\n\x00\xff ~'<>[]{}|^`?@$()" more"#),
    ("abort", "close", "500ms B abort"),
    ("crash", "close-wait", "300ms A reboot\n10s B send \"hello?\""),
    ("exit", "close", "500ms B exit\n700ms A poll\n700ms A so-error fd 1"),
    (
        "connect again",
        "lost-last-ack-time-wait",
        "3s A connect 80 from 40000 reuse\n3s A recv fd 2",
    ),
    ("shutdown", "close-wait", "1s B shutdown-read\n2s B shutdown-both\n3s B accept"),
    ("listen", "port-busy", "63s A listen 81 reuse buffer 4096\n63s A linger-zero"),
    (
        "silent peer",
        "close-wait",
        "1s B keep-alive 10s 5s 3\n2s B user-timeout 3s\n3s B linger2 none\n4s B keep-alive off\n\
         5s B keep-alive 1s 1s none fd 2\n6s B user-timeout none\n7s B linger2 0s",
    ),
];

/// Two worlds: name, scene, what differs.
const WORLDS: &[(&str, &str, &str)] = &[
    ("TIME-WAIT", "lost-last-ack", "A time-wait=60s"),
    ("no TIME-WAIT", "lost-last-ack-time-wait", "A time-wait=none"),
    ("no TIME-WAIT and a stray segment", "stray-segment-time-wait", "A time-wait=none"),
    ("a shorter TIME-WAIT", "why-2msl", "A time-wait=1s"),
    ("RFC 1337", "assassination", "A time-wait-rst=ignored"),
    ("timestamps", "tw-reuse", "B timestamps=off"),
    ("another stack", "close", "A linux"),
    ("the RFC's stack", "unread-data", "A rfc9293"),
    ("another ISS", "stray-segment", "A iss=100,50000"),
    ("a full table", "close", "A max-time-wait=0"),
    ("RFC 5961", "stray-fin", "B ack-acceptance=rfc793"),
    ("what doesn't matter", "close", "B syn-retries=3"),
];

/// Links that nobody would write so and that are valid.
const ODD: &[(&str, &str)] = &[
    (
        "of the README",
        "#s=time-wait-lab+1;A+linux+time-wait=none;B+linux;0s+B+listen+80;\
         10ms+A+connect+80+from+40000;600ms+A+shutdown;900ms+B+shutdown;drop+A4;until+70s",
    ),
    ("empty", "#s=time-wait-lab+1"),
    ("without a scene", "#lang=zh"),
    (
        "with another order and unknown keys",
        "#speed=2&s=time-wait-lab+1;0s+A+connect+80&lang=zh-CN&t=10ms&later=",
    ),
    (
        "coded by somebody else",
        "#t=1s&s=time-wait-lab%201%0D%0AA%20linux%0aB+linux%0D%0A0s+B+listen+80%0A",
    ),
    ("not coded", "#t=1s&s=time-wait-lab 1;A linux;0s A connect 80;1s A send \"a>b é\""),
    (
        "with comments and blanks",
        "#s=%23+first;;++time-wait-lab+1++;%23+é;;%09until+5s+;A++freebsd;%0d;0s+A+close;",
    ),
    ("twice the same key", "#t=1s&t=2s&s=what&s=time-wait-lab+1;0s+A+connect+80"),
    ("without a horizon", "#s=time-wait-lab+1;start+established+1+4294967295;0s+A+close"),
    ("all in microseconds", "#t=1000us&s=time-wait-lab+1;wire+A+1000us+B+1us;1us+A+connect+80"),
];

/// All of them, each with a name of its own.
pub(crate) fn made() -> Vec<(String, String)> {
    let mut made = Vec::new();
    for (place, (name, scenario)) in scenes().into_iter().enumerate() {
        let language = if place % 2 == 0 { "en" } else { "zh" };
        let time = Time(simulate(&scenario).last().0 / 3);
        made.push((format!("scene {name}"), link(time, language, "", &scenario)));
    }
    for (name, scene, acts) in EDITS {
        let scenario = edited(scene, acts);
        made.push((format!("edit {name}"), link(Time::from_millis(999), "zh", "", &scenario)));
    }
    for (name, scene, other) in WORLDS {
        let link = link(Time::from_millis(950), "en", other, &of_scene(scene));
        made.push((format!("two worlds {name}"), link));
    }
    for base in Base::ALL {
        let text = of_scene("close").to_string().replace("rfc9293", &base.to_string());
        made.push((format!("stack {base}"), link(Time::START, "en", "", &scenario(&text))));
    }
    made.extend(ODD.iter().map(|(name, link)| (format!("odd {name}"), (*link).to_owned())));
    made
}
