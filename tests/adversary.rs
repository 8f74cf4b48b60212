//! The adversary: what it finds is found by the simulator too, and nothing within its bounds is
//! missed. `BLESS=1 cargo test --test adversary` writes the theorem's table anew.

#![allow(clippy::unwrap_used, clippy::panic, clippy::wildcard_enum_match_arm)]

#[path = "adversary/brute.rs"]
mod brute;
#[path = "adversary/plain.rs"]
mod plain;

use std::path::PathBuf;

use time_wait_lab::adversary::chart::{LENGTHS, at_length, lost_acks};
use time_wait_lab::adversary::theorem::{
    Defence, MOST_OCTETS, MSL, NEVER, Play, Premise, first, prevented, row, setting, theorem,
};
use time_wait_lab::adversary::{Counterexample, Found, Hunt, Search, Setting, Unfit, search};
use time_wait_lab::tcp::profile::{Base, Profile, TimeWaitRestart};
use time_wait_lab::tcp::seq::Seq;
use time_wait_lab::tcp::time::Span;
use time_wait_lab::world::{Verdict, parse_scenario, simulate, verdicts};

use plain::{Plain, check};

/// A counterexample is an ordinary scenario: its text reads back, and its run shows the verdict.
fn holds(one: &Counterexample) {
    let text = one.scenario.to_string();
    let scenario = parse_scenario(&text).unwrap();
    assert_eq!(scenario, one.scenario, "{text}");
    let judged = verdicts(&simulate(&scenario));
    let shown = judged.iter().any(|j| (j.verdict, j.host) == (one.verdict, one.host));
    assert!(shown, "{:?} isn't shown by\n{text}{judged:?}", one.verdict);
}

/// Compares a text with the one that is kept; with BLESS=1 it is kept from now on.
fn as_it_was(name: &str, now: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/adversary").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, now).unwrap();
    }
    let was = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(was == now, "BLESS=1 takes this over:\n{now}");
}

#[test]
fn the_theorem_is_as_it_was() {
    let rows = theorem(3).unwrap();
    let now: Vec<String> = rows.iter().map(ToString::to_string).collect();
    as_it_was("theorem.txt", &now.join("\n"));
    for row in &rows {
        assert_eq!(row.found.is_empty(), row.without.is_empty(), "{row}");
        row.found.iter().for_each(|(_, one)| holds(one));
    }
    // Every "never" and every "shortest" is exact: everything was tried, and no run was rejected.
    assert!(rows.iter().all(|row| row.whole && row.tried.unreal == 0));
}

/// PROTOCOL §8.6: what is retransmitted is the text, never the FIN, so nothing restarts TIME-WAIT;
/// the last copy of the text comes into the next connection. Five acts, found by the search alone.
#[test]
fn restart_on_fins_only_lets_old_octets_in() {
    let mut setting = setting(Play::AnswerAgain, &[Premise::Restart], &Defence::USUAL, 5);
    for (side, iss) in setting.sides.iter_mut().zip([101, 300]) {
        side.iss = vec![vec![Seq(iss)]];
    }
    // In real order it's the same run, after 27 million states: too many for a test.
    let search = Search::new(&setting, &[Verdict::ForeignOctets], true).unwrap();
    let found = search.in_any_order().run();
    let one = found.of(Verdict::ForeignOctets).unwrap();
    assert_eq!(one.cost.acts, 5, "{}", one.scenario);
    holds(one);
    // The same run where every answer restarts it.
    let mut mended = one.scenario.clone();
    for host in &mut mended.hosts {
        host.profile.time_wait_restart = TimeWaitRestart::Answered;
    }
    let judged = verdicts(&simulate(&mended));
    assert!(judged.iter().all(|one| one.verdict != Verdict::ForeignOctets), "{mended}");
}

/// A search can be looked at while it runs, and keeps to its memory.
#[test]
fn a_search_goes_on_step_by_step_and_keeps_to_its_memory() {
    let setting = setting(Play::PeerAgain, &[], &Defence::USUAL, 2);
    let whole = search(&setting, &NEVER).unwrap();
    let mut slow = Search::new(&setting, &NEVER, false).unwrap();
    let mut before = 0;
    while !slow.go_on(1_000) {
        assert!(slow.tried().states > before && !slow.found().whole);
        before = slow.tried().states;
    }
    assert_eq!(slow.found().tried.states, whole.tried.states);
    assert!(whole.tried.hosts * 20 < whole.tried.states, "{:?}", whole.tried);
    let small = Setting { most_octets: 500_000, ..setting };
    let mut search = Search::new(&small, &NEVER, false).unwrap();
    while !search.go_on(1_000) {}
    let cut = search.found();
    assert!(!cut.whole && cut.tried.cut > 0 && cut.tried.octets < 1_500_000, "{:?}", cut.tried);
}

/// A run that exists only where two calls come in one instant, between others that don't.
#[test]
fn two_calls_in_one_instant_are_found() {
    let setting = setting(Play::AnswerAgain, &[Premise::Orderly], &[], 3);
    let found = Search::new(&setting, &[Verdict::OldRst], true).unwrap().run();
    assert_eq!(found.tried.unreal, 0);
    holds(found.of(Verdict::OldRst).unwrap());
}

/// What each defence leaves of each counterexample: the shortest of all that comes in spite of it.
#[test]
fn the_defences_are_as_they_were() {
    let old = Defence::Rfc5961;
    let sets: [&[Defence]; 4] =
        [&[], &[old], &[old, Defence::Timestamps], &[old, Defence::IsnClock]];
    let mut now = String::new();
    for premise in Premise::ALL {
        for defences in sets {
            // Three acts of segments that live three times as long are millions of states.
            let budget = if premise == Premise::Lifetime { 2 } else { 3 };
            let row = first(&[premise], defences, budget).unwrap();
            let names: Vec<&str> = defences.iter().map(|defence| defence.name()).collect();
            let names = if names.is_empty() { "rfc-793".to_owned() } else { names.join(" + ") };
            now += &format!("{:12} {names:22} ", premise.name());
            now += &match row.shortest() {
                Some((play, one)) => {
                    holds(one);
                    let (name, cost, play) = (one.verdict.name(), one.cost, play.name());
                    format!("{name}: {} acts, {} steps, {play}\n", cost.acts, cost.steps)
                }
                None => {
                    assert!(row.whole && row.tried.unreal == 0, "{row}");
                    format!("never, {budget} acts\n")
                }
            };
            assert_eq!(row.tried.unreal, 0, "{premise:?} {names}");
            // Whose numbers lie above all old ones takes nothing for its own.
            let clock = defences.contains(&Defence::IsnClock);
            assert!(!clock || row.found.is_empty(), "{row}");
        }
    }
    as_it_was("defences.txt", &now);
}

/// What a hunt finds first is the shortest of all plays; it can be looked at on the way, and gives
/// what each play's own search gives.
#[test]
fn a_hunt_finds_the_shortest_first() {
    for premise in [Premise::TimeWait, Premise::Lifetime] {
        let mut hunt = Hunt::row(&[premise], &Defence::USUAL, 2, MOST_OCTETS).unwrap();
        let mut before = hunt.tried();
        while hunt.found().is_empty() {
            assert!(!hunt.go_on(100), "{premise:?}: {:?}", hunt.tried());
            assert!(hunt.tried().states >= before.states && !hunt.as_row().whole);
            before = hunt.tried();
        }
        let (play, first) = hunt.found().swap_remove(0);
        assert!(hunt.cost().acts <= first.cost.acts, "{:?}", hunt.cost());
        while !hunt.go_on(1 << 16) {}
        let row = hunt.as_row();
        let least = row.shortest().unwrap();
        assert_eq!((least.1.cost, row.whole), (first.cost, true), "{play:?} {row}");
        let alone = Play::ALL.map(|play| {
            let setting = setting(play, &[premise], &Defence::USUAL, 2);
            search(&setting, &NEVER).unwrap()
        });
        let states: u64 = alone.iter().map(|found| found.tried.states).sum();
        assert_eq!(row.tried.states, states);
        for (_, one) in &row.found {
            let of = |found: &Found| found.of(one.verdict).map(|one| one.cost);
            assert_eq!(alone.iter().filter_map(of).min(), Some(one.cost));
        }
    }
}

/// All plays of a hunt share one bound of memory.
#[test]
fn a_hunt_keeps_to_its_memory() {
    let mut hunt = Hunt::row(&[], &Defence::USUAL, 3, 3_000_000).unwrap();
    while !hunt.go_on(1_000) {}
    let row = hunt.as_row();
    assert!(!row.whole && row.tried.cut > 0 && row.tried.octets < 6_000_000, "{row}");
    assert!(row.to_string().contains("not found"), "{row}");
}

#[test]
fn the_chart_of_lengths_is_as_it_was() {
    let mut now = String::new();
    for length in LENGTHS {
        for point in at_length(length, 2).unwrap() {
            now += &format!("{point}\n");
            point.shortest.iter().for_each(|(_, one)| holds(one));
            // 2MSL is enough: twice the age that a segment may have, which is less than MSL.
            assert!(point.whole && point.unreal == 0, "{point}");
            let theorem = NEVER.contains(&point.verdict);
            if theorem && length >= 2 * (MSL - 1) {
                assert!(point.shortest.is_none() && point.whole, "{point}");
            }
            if point.verdict == Verdict::OldRst && length < 2 * (MSL - 1) {
                assert!(point.shortest.is_some(), "{point}");
            }
        }
    }
    as_it_was("lengths.txt", &now);
}

#[test]
fn so_many_lost_acks_draw_the_rst_after_all() {
    let count = |base: Base, wait: u64, longest: u64| {
        let mut profile = Profile::new(base);
        profile.time_wait = (wait > 0).then(|| Span::from_secs(wait));
        profile.rto_max = Span::from_secs(longest);
        let lost = lost_acks([profile.clone(), profile], Span::from_millis(50), 30);
        let spurious = verdicts(&simulate(&lost.scenario))
            .iter()
            .any(|judgement| judgement.verdict == Verdict::SpuriousRst);
        assert_eq!(spurious, lost.count.is_some(), "{}", lost.scenario);
        lost.count
    };
    // Without TIME-WAIT one is enough.
    assert_eq!(count(Base::NoTimeWait, 0, 60), Some(1));
    assert_eq!(count(Base::Rfc9293, 1, 60), Some(2));
    // PROTOCOL §10, N17 to N19: seven, and only where timeouts grow beyond TIME-WAIT.
    assert_eq!(count(Base::Rfc9293, 60, 120), Some(7));
    assert_eq!(count(Base::Rfc9293, 60, 60), None);
    assert_eq!(count(Base::Rfc9293, 240, 60), None);
    // Linux gives an orphan up 102 s after its first retransmission, before its timeouts grow beyond
    // 60 s. Looked up on 6.18.44 with an RTO of 1 s: FIN at 0, 1, 3, 7, 15, 32, 65 s, gone at 131 s.
    assert_eq!(count(Base::Linux, 60, 120), None);
    assert_eq!(count(Base::Linux, 30, 120), Some(7));
}

#[test]
fn with_all_premises_nothing_is_lost_sight_of() {
    let all = row(&[], &Defence::USUAL, 2).unwrap();
    assert!(all.whole && all.found.is_empty() && all.tried.cut == 0, "{all}");
}

#[test]
fn a_hasty_search_finds_the_same_runs_sooner() {
    let setting = setting(Play::AnswerAgain, &[Premise::TimeWait], &Defence::USUAL, 2);
    let patient = search(&setting, &NEVER).unwrap();
    let hasty = Search::new(&setting, &NEVER, true).unwrap().run();
    assert_eq!(patient.counterexamples, hasty.counterexamples);
    assert!(!hasty.whole && hasty.tried.states < patient.tried.states);
}

#[test]
fn what_cannot_be_searched_soundly_is_refused() {
    let mut odd = setting(Play::AskerAgain, &[], &Defence::USUAL, 1);
    odd.tick = Span::from_millis(70);
    assert_eq!(search(&odd, &NEVER).unwrap_err(), Unfit::Tick);
    let mut clock = setting(Play::AskerAgain, &[], &Defence::USUAL, 1);
    clock.sides[0].profile.timestamps = true;
    assert_eq!(search(&clock, &NEVER).unwrap_err(), Unfit::Clock);
    let mut none = setting(Play::AskerAgain, &[], &Defence::USUAL, 1);
    none.sides[1].iss.clear();
    assert_eq!(search(&none, &NEVER).unwrap_err(), Unfit::Numbers);
    let mut life = setting(Play::AskerAgain, &[], &Defence::USUAL, 1);
    life.lifetime = 0;
    assert_eq!(search(&life, &NEVER).unwrap_err(), Unfit::Lifetime);
}

/// The same model in stateright: as many states, and the same verdicts.
#[test]
fn stateright_counts_the_same_states_and_sees_the_same_verdicts() {
    let without =
        [None, Some(Premise::TimeWait), Some(Premise::IgnoresRst), Some(Premise::Orderly)];
    let wanted: Vec<Verdict> = NEVER.into_iter().chain([Verdict::SpuriousRst]).collect();
    for without in without {
        for play in Play::ALL {
            let setting = setting(play, without.as_slice(), &Defence::USUAL, 1);
            let ours =
                Search::new(&setting, &wanted, false).unwrap().separately().in_any_order().run();
            let plain = Plain { setting, wanted: wanted.clone(), ends_count: false };
            let (states, _) = check(plain.clone());
            let context = (without.map(Premise::name), play.name());
            assert_eq!(ours.tried.states, states as u64, "{context:?} {:?}", ours.tried);
            let (_, shown) = check(Plain { ends_count: true, ..plain });
            let found: Vec<&str> =
                wanted.iter().filter(|v| ours.of(**v).is_some()).map(|v| v.name()).collect();
            let mut found = found;
            found.sort_unstable();
            assert_eq!(found, shown, "{context:?}");
        }
    }
}

#[test]
fn a_rule_of_one_host_prevents_what_a_premise_is_for_where_it_stands_for_one() {
    let other = |premise: Premise, budget: u8| {
        let row = row(&[premise], &Defence::USUAL, budget).unwrap();
        let (_, run) = row.shortest().unwrap();
        let here = verdicts(&simulate(&run.scenario));
        assert!(here.iter().any(|one| one.verdict == run.verdict));
        let other = prevented(&run.scenario, run.verdict, &[premise], &Defence::USUAL)?;
        let there = verdicts(&simulate(&other.apply(&run.scenario)));
        assert!(there.iter().all(|one| one.verdict != run.verdict));
        Some(other.to_string())
    };
    assert_eq!(other(Premise::TimeWait, 1).as_deref(), Some("A time-wait=1600ms"));
    assert_eq!(other(Premise::Length, 2).as_deref(), Some("A time-wait=1600ms"));
    assert_eq!(other(Premise::Lifetime, 1), None);
}
