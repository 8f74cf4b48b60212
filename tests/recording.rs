//! The recording that the page opens with is the run that the engine makes, to the last value; and
//! octets that are no recording are none.

#![allow(clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use time_wait_lab::packed::{pack, unpack};
use time_wait_lab::picture::{Picture, Recording};
use time_wait_lab::tcp::call::Errno;
use time_wait_lab::tcp::event::{Gate, HostId, TimerKind};
use time_wait_lab::tcp::rule::Rule;
use time_wait_lab::tcp::state::State;
use time_wait_lab::world::scenes::{SCENES, opening};
use time_wait_lab::world::{Verdict, parse_scenario, simulate};

fn recorded() -> Vec<u8> {
    pack(&Recording::of(&opening()))
}

#[test]
fn recording_of_the_opening_is_what_the_engine_says_at_every_moment() {
    let read: Recording = unpack(&recorded()).expect("a recording");
    let picture = Picture::alone(&opening());
    assert_eq!(read.picture, picture);
    let [run] = read.picture.runs.as_slice() else { panic!("one world") };
    assert_eq!(run.trace, simulate(&opening()));
    assert_eq!(read.nows.len(), picture.moments.len() + 1);
    assert_eq!(read.nows[0], picture.now(None));
    for (at, moment) in picture.moments.iter().enumerate() {
        let [now] = read.nows[at + 1].as_slice() else { panic!("one world") };
        assert_eq!(now.cards, run.cards(moment.time), "{}", moment.time);
        assert_eq!(now.story, run.story(moment.time), "{}", moment.time);
        assert!(!now.story.is_empty(), "{}", moment.time);
    }
    // The last ACK is lost, so the peer's FIN comes again and draws a RST.
    let last = &read.nows.last().expect("a moment")[0];
    assert!(last.verdicts.iter().any(|one| one.host == HostId::B && one.verdict != Verdict::Open));
}

#[test]
fn recording_of_any_scene_comes_back_whole() {
    for scene in SCENES {
        let recording = Recording::of(&parse_scenario(scene.text).expect("a scene"));
        assert_eq!(unpack(&pack(&recording)), Some(recording), "{}", scene.name);
    }
}

#[test]
fn recording_that_is_cut_or_longer_is_none() {
    let octets = recorded();
    for length in (0..octets.len()).step_by(7) {
        assert_eq!(unpack::<Recording>(&octets[..length]), None, "{length} octets");
    }
    assert_eq!(unpack::<Recording>(&[octets.as_slice(), &[0]].concat()), None);
}

#[test]
fn recording_with_any_octet_wrong_is_read_without_harm() {
    let octets = recorded();
    for place in 0..octets.len() {
        for wrong in [0, 0x7F, 0xFF, octets[place] ^ 1] {
            let mut octets = octets.clone();
            octets[place] = wrong;
            // None, or another recording: what counts is that it ends.
            drop(unpack::<Recording>(&octets));
        }
    }
}

#[test]
fn recording_finds_each_choice_at_its_place() {
    fn places<T: Copy>(all: &[T], place: fn(T) -> usize) {
        let places: Vec<usize> = all.iter().map(|one| place(*one)).collect();
        assert_eq!(places, (0..all.len()).collect::<Vec<_>>());
    }
    places(Rule::ALL, |one| one as usize);
    places(&State::ALL, |one| one as usize);
    places(&Errno::ALL, |one| one as usize);
    places(&Gate::ALL, |one| one as usize);
    places(&TimerKind::ALL, |one| one as usize);
    places(&Verdict::ALL, |one| one as usize);
    assert!(Rule::ALL.len() <= 256);
}

#[test]
fn recording_names_the_rules_that_it_tells() {
    let rules = Recording::of(&opening()).rules();
    assert!(rules.contains(&Rule::TimeWaitNone) && rules.contains(&Rule::ClosedReset));
    assert!(!rules.contains(&Rule::PortInUse));
    assert_eq!(rules.iter().collect::<BTreeSet<_>>().len(), rules.len());
}
