//! The scenes' runs, octet for octet. `BLESS=1 cargo test --test golden` writes them anew; the
//! difference is then for a person to read.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::PathBuf;

use time_wait_lab::world::scenes::{SCENES, Scene};
use time_wait_lab::world::{Scenario, Trace, parse_scenario, parse_trace, simulate};

fn run(scene: &Scene) -> Trace {
    match parse_scenario(scene.text) {
        Ok(scenario) => simulate(&scenario),
        Err(error) => panic!("content/scenes/{}.scene: {error}", scene.name),
    }
}

fn golden(scene: &Scene) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    folder.join(format!("{}.trace", scene.name))
}

/// The first line in which two texts differ, for a message that fits a screen.
fn first_difference(old: &str, new: &str) -> Option<String> {
    let mut lines = old.lines().zip(new.lines()).enumerate();
    let found = lines.find(|(_, (old, new))| old != new);
    match found {
        Some((at, (old, new))) => Some(format!("line {}\n  was {old}\n  is  {new}", at + 1)),
        None if old != new => Some("one has more lines than the other".to_owned()),
        None => None,
    }
}

#[test]
fn golden_traces_are_as_they_were() {
    let mut changed = Vec::new();
    for scene in SCENES {
        let path = golden(scene);
        let now = run(scene).to_string();
        if std::env::var_os("BLESS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &now).unwrap();
        }
        let was = std::fs::read_to_string(&path).unwrap_or_default();
        changed.extend(first_difference(&was, &now).map(|at| format!("{}: {at}", scene.name)));
    }
    assert!(changed.is_empty(), "BLESS=1 takes these over:\n{}", changed.join("\n"));
}

#[test]
fn golden_files_are_those_of_the_scenes_and_no_others() {
    let names: Vec<String> = SCENES.iter().map(|s| format!("{}.trace", s.name)).collect();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(names.contains(&name), "tests/golden/{name} belongs to no scene");
    }
}

#[test]
fn golden_scene_texts_are_short_canonical_and_fit_an_address() {
    for scene in SCENES {
        assert!(scene.text.len() < 2_000, "{}: {} octets", scene.name, scene.text.len());
        let said: Vec<&str> = scene.text.lines().filter(|line| !line.starts_with('#')).collect();
        let printed = parse_scenario(scene.text).map(|scenario| scenario.to_string()).unwrap();
        assert_eq!(printed.lines().collect::<Vec<_>>(), said, "{}", scene.name);
    }
}

#[test]
fn golden_traces_read_back_as_they_were_printed() {
    for scene in SCENES {
        let trace = run(scene);
        assert_eq!(parse_trace(&trace.to_string()), Ok(trace), "{}", scene.name);
    }
}

#[test]
fn golden_scenarios_and_traces_survive_json() {
    for scene in SCENES {
        let trace = run(scene);
        let scenario = serde_json::to_string(&trace.scenario).unwrap();
        assert_eq!(serde_json::from_str::<Scenario>(&scenario).unwrap(), trace.scenario);
        let json = serde_json::to_string(&trace).unwrap();
        assert_eq!(serde_json::from_str::<Trace>(&json).unwrap(), trace, "{}", scene.name);
    }
}

#[test]
fn golden_acts_of_the_network_meet_their_segments() {
    for scene in SCENES {
        let text = run(scene).to_string();
        assert!(!text.contains("no-counterpart"), "{}", scene.name);
    }
}

/// The lessons' files, one behind the other.
fn lessons() -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("content/lessons");
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
}

/// What a scene is there to show: parts of lines that its trace has, in this order. What a scene of a
/// lesson shows may be left to the lesson's beats, whose moments tests/lessons.rs looks for.
const CLAIMS: &[(&str, &[&str])] = &[
    (
        "close",
        &["state 1 FIN-WAIT-2 to TIME-WAIT", "state 1 LAST-ACK to CLOSED", "[time-wait-over]"],
    ),
    ("three-segment-close", &["sent B4 by 1 FIN,ACK", "to TIME-WAIT", "LAST-ACK to CLOSED"]),
    (
        "lost-last-ack",
        &[
            "FIN-WAIT-2 to CLOSED [time-wait-none]",
            "lost A6",
            "sent B6 by 1 again B5 FIN,ACK",
            "sent A7 RST",
            "error 1 ECONNRESET noticed",
            "return fd 2 ready input output read-hangup hangup error",
            "return fd 2 failed ECONNRESET",
        ],
    ),
    (
        "lost-last-ack-time-wait",
        &[
            "to TIME-WAIT",
            "lost A6",
            "[time-wait-fin-again]",
            "[time-wait-restart]",
            "LAST-ACK to CLOSED [last-ack-done]",
            "return fd 2 done",
        ],
    ),
    ("stray-harmless", &["arrived A3.2", "sent B4 RST 301", "ignored [closed-rst]"]),
    (
        "stray-segment",
        &["received 2 of 2 \"aaaa\"", "received 2 of 1 \"OLD!\"", "[unacceptable-ack]"],
    ),
    (
        "stray-segment-time-wait",
        &["failed EADDRINUSE", "arrived A3.2", "RST 1301", "ignored [rst-outside-window]"],
    ),
    (
        "stray-fin",
        &["end-of-file 2 of 1", "gate ack failed 106", "data \"lost\"", "ignored [text-after-fin]"],
    ),
    (
        "why-2msl",
        &[
            " 2130ms B",
            "state 1 LAST-ACK to CLOSED",
            " 2160ms A",
            "state 1 TIME-WAIT to CLOSED",
            " 3s A",
            "received 2 of 1 \"OLD!\"",
        ],
    ),
    ("same-iss", &["to TIME-WAIT", "opened 2 of 2", "end-of-file 2 of 1"]),
    ("ghost", &["opened 2 of 1", "opened 2 of 2", "received 2 of 2 \"new\""]),
    (
        "assassination",
        &["[time-wait-old]", "RST 301", "TIME-WAIT to CLOSED [time-wait-assassinated]"],
    ),
    (
        "simultaneous-close",
        &[
            "FIN-WAIT-1 to CLOSING",
            "FIN-WAIT-1 to CLOSING",
            "CLOSING to TIME-WAIT",
            "CLOSING to TIME-WAIT",
        ],
    ),
    ("half-close", &["to FIN-WAIT-2", "received 1 of 1 \"answer, \"", "to TIME-WAIT"]),
    ("close-wait", &["to CLOSE-WAIT", "FIN-WAIT-2 to CLOSED [fin-wait-2-over]"]),
    ("linger-zero", &["[abort]", "[rst-challenge]", "sent A6 RST", "error 1 ECONNRESET noticed"]),
    ("unread-data", &["lost A4", "[close-unread]", "failed ECONNRESET"]),
    (
        "port-busy",
        &[
            "EADDRNOTAVAIL",
            "EADDRINUSE",
            "EADDRNOTAVAIL",
            "EADDRINUSE",
            "descriptor 6",
            "EINPROGRESS",
        ],
    ),
    ("tw-reuse", &["EADDRNOTAVAIL", "[time-wait-taken-over]", "received 2 of 2 \"again\""]),
    (
        "tw-recycle",
        &[
            "timer 1 time-wait started 1550ms [time-wait-recycled]",
            "ignored [peer-timestamp-old]",
            "arrived A6 SYN",
            "ignored [peer-timestamp-old]",
            "arrived A7 SYN",
            "sent B4 by 2 SYN,ACK",
            "received 2 of 1 \"at last\"",
        ],
    ),
    ("simultaneous-open", &["[simultaneous-open]", "[simultaneous-open]", "to ESTABLISHED"]),
    (
        "keep-alive",
        &[
            "10400ms A",
            "sent A4 by 1 ACK 105",
            "[keep-alive-probe]",
            "20400ms A",
            "sent A6 by 1 ACK 105",
            "25400ms A",
            "sent A7 by 1 RST,ACK 106",
            "error 1 ETIMEDOUT noticed [keep-alive-over]",
            "failed ETIMEDOUT",
        ],
    ),
    (
        "keep-alive-close-wait",
        &[
            "state 1 FIN-WAIT-2 to CLOSED [fin-wait-2-over]",
            "sent B4 by 1 ACK 300",
            "[keep-alive-probe]",
            "[closed-reset]",
            "error 1 EPIPE noticed [reset]",
            "state 1 CLOSE-WAIT to CLOSED",
        ],
    ),
    (
        "linger2",
        &[
            "5540ms A",
            "[fin-wait-2-over]",
            "sent B4 by 1 FIN,ACK 301",
            "[closed-reset]",
            "ECONNRESET",
        ],
    ),
    (
        "user-timeout",
        &["[tail-loss-probe]", "[rto-expired]", "error 1 ETIMEDOUT noticed [user-timeout]"],
    ),
    ("give-up", &["[rto-back-off]", "error 1 ETIMEDOUT unnoticed [give-up]"]),
    (
        "dead-line",
        &["state 1 ESTABLISHED to FIN-WAIT-1", "lost A4", "to TIME-WAIT", "[time-wait-over]"],
    ),
];

#[test]
fn golden_scenes_show_what_they_claim() {
    let lessons = lessons();
    for scene in SCENES {
        let claimed = CLAIMS.iter().any(|(name, _)| *name == scene.name);
        let told = lessons.contains(&format!("scene = \"{}\"", scene.name));
        assert!(claimed || told, "{} claims nothing and is in no lesson", scene.name);
    }
    for (name, claims) in CLAIMS {
        let trace = run(Scene::find(name).unwrap()).to_string();
        let events = trace.split_once("\ntrace ").unwrap().1;
        let mut rest = events;
        for claim in *claims {
            let at = rest.find(claim).unwrap_or_else(|| panic!("{name}: no {claim:?} in\n{rest}"));
            rest = &rest[at + claim.len()..];
        }
    }
}

#[test]
fn golden_close_wait_never_ends_by_itself() {
    let trace = run(Scene::find("close-wait").unwrap()).to_string();
    assert!(!trace.contains("state 1 CLOSE-WAIT to"));
}

/// PROTOCOL T04: an active OPEN beside the passive one, which Linux's bind() refuses.
#[test]
fn golden_an_active_open_beside_a_listener_depends_on_the_stack() {
    let run = |base: &str| {
        let text = format!(
            "time-wait-lab 1\nA rfc9293\nB {base}\n0s A listen 40000\n0s B listen 80 reuse\n\
             1s B connect 40000 from 80 reuse\nuntil 3s\n"
        );
        simulate(&parse_scenario(&text).unwrap()).to_string()
    };
    assert!(run("rfc9293").contains("state 1 SYN-SENT to ESTABLISHED"));
    assert!(run("linux").contains("failed EADDRINUSE"));
}
