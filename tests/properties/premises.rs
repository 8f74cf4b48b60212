//! What becomes of the safety theorem (P11) when one of its premises is taken away: each has a run
//! that shows it, and the adversary that finds nothing with all of them finds it without.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use time_wait_lab::world::scenes::Scene;
use time_wait_lab::world::{parse_scenario, simulate};

use crate::safety::{adversary, outside_the_premises, violation};

/// The end of a run of a scenario in the eyes of the theorem.
fn verdict(text: &str) -> Option<String> {
    violation(&simulate(&parse_scenario(text).unwrap()).events)
}

fn scene(name: &str) -> &'static str {
    Scene::find(name).unwrap().text
}

#[test]
fn p11_needs_time_wait() {
    assert!(verdict(scene("stray-segment")).is_some());
    assert_eq!(verdict(scene("stray-segment-time-wait")), None);
}

#[test]
fn p11_needs_a_restart_by_whatever_is_answered() {
    let text = scene("why-2msl");
    assert!(verdict(text).is_some());
    // The RFC's rule restarts on a FIN, or on text in the window: the hole is the same.
    assert!(verdict(&text.replace("restart=fin ", "restart=fin-or-text ")).is_some());
    assert_eq!(verdict(&text.replace("restart=fin ", "restart=answered ")), None);
    assert_eq!(verdict(&text.replace("restart=fin ", "restart=any-ack ")), None);
}

/// C79a from a handshake: an old ACK draws a RST that kills TIME-WAIT, then as `stray-segment`.
const ASSASSINATED: &str = r#"time-wait-lab 1
A rfc9293 time-wait=60s window=1000 iss=100,96
B rfc9293 window=1000 closes=on iss=300,900
wire A 50ms B 50ms lifetime 30s
0s B listen 80
10ms A connect 80 from 40000
200ms A send "OLD!"
duplicate A3 at 2s
duplicate B2 at 1s
400ms A close
1200ms A connect 80 from 40000
1400ms A send "aaaa"
1960ms A send "new!"
until 3s
"#;

#[test]
fn p11_needs_a_rst_to_be_ignored_in_time_wait() {
    assert!(verdict(ASSASSINATED).is_some());
    let ignored = ASSASSINATED.replace("time-wait=60s", "time-wait=60s time-wait-rst=ignored");
    assert_eq!(verdict(&ignored), None);
}

#[test]
fn p11_needs_segments_to_die_in_half_of_time_wait() {
    let short = scene("stray-segment-time-wait")
        .replace("window=1000 iss=100", "time-wait=1s window=1000 iss=100");
    let late =
        short.replace("700ms A connect", "1600ms A connect").replace("1s A send", "1800ms A send");
    assert!(verdict(&late).is_some());
    assert_eq!(verdict(&late.replace("lifetime 120s", "lifetime 490ms")), None);
}

#[test]
fn p11_needs_a_new_iss() {
    let same = scene("same-iss");
    assert!(verdict(same).is_some());
    assert_eq!(verdict(&same.replace("iss=94,94", "iss=94,95")), None);
    let ghost = scene("ghost");
    assert!(verdict(ghost).is_some());
    assert_eq!(verdict(&ghost.replace("iss=96,96", "iss=96,97")), None);
}

#[test]
fn p11_the_adversary_finds_the_disaster_without_time_wait() {
    let mut runner = TestRunner::deterministic();
    let without = adversary(|profile| profile.time_wait = None);
    let mut runs = (0..2_000).map(|_| without.new_tree(&mut runner).unwrap().current());
    let found = runs.any(|scenario| {
        let events = simulate(&scenario).events;
        !outside_the_premises(&events) && violation(&events).is_some()
    });
    assert!(found);
}

#[test]
fn p11_the_adversary_mostly_stays_within_the_premises() {
    let mut runner = TestRunner::deterministic();
    let with = adversary(|_| {});
    let runs = (0..500).map(|_| simulate(&with.new_tree(&mut runner).unwrap().current()).events);
    let outside = runs.filter(|events| outside_the_premises(events)).count();
    assert!(outside < 100, "{outside} of 500");
}
