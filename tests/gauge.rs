//! The port gauge: PROTOCOL §13 and §22 N01 to N09, S03 to S05 and S20, by hosts of the engine
//! that really connect; beside them the arithmetic, and a count by brute force that knows
//! neither.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use time_wait_lab::gauge::{Closer, Fleet, Load, Remedy, SYSTEMS, Sample, System, Why, Word};
use time_wait_lab::tcp::profile::Ports;
use time_wait_lab::tcp::state::State;
use time_wait_lab::tcp::time::{Span, Time};

const END: Time = Time(u64::MAX);

fn load(line: &str) -> Load {
    Load::parse(line).unwrap_or_else(|unfit| panic!("{line}: {unfit:?}"))
}

/// A load run to its end.
fn run(load: &Load) -> Fleet {
    let mut fleet = Fleet::new(load);
    fleet.go_on(END);
    assert!(fleet.is_over());
    fleet
}

fn last(fleet: &Fleet) -> Sample {
    *fleet.samples().last().unwrap()
}

/// When a load of that many a second first finds no port.
fn fails_at(load: &Load, rate: u32) -> Option<Time> {
    run(&Load { rate, ..load.clone() }).first_failure()
}

/// What connect() and a timer come to, counted without any TCP: a port is taken at each request
/// and free again when it has been held for long enough. The moments of the failures.
fn failures_by_hand(load: &Load, held: Span) -> Vec<Time> {
    let (mut free_at, mut failures) = (vec![None::<Time>; ports(load.small())], Vec::new());
    for number in 0.. {
        let at = load.moment(number);
        if at >= Time::START + load.length {
            return failures;
        }
        // A timer of the same instant fires after the call.
        match free_at.iter().position(|until| until.is_none_or(|until| until < at)) {
            Some(port) => free_at[port] = Some(at + held),
            None => failures.push(at),
        }
    }
    failures
}

fn ports(ports: Ports) -> usize {
    usize::from(ports.last - ports.first) + 1
}

// What a connection that the client closes first takes before TIME-WAIT: SYN, SYN,ACK, request,
// answer, FIN, FIN.
fn life(load: &Load) -> Span {
    load.travel.times(6)
}

#[test]
fn n01_linux_at_full_size_470_a_second_go_on_and_471_do_not() {
    let linux = load("scale=1");
    let formula = linux.formula();
    assert_eq!(formula.tuples, 28_232);
    assert_eq!(formula.most().unwrap().decimal(2), "470.53");

    let fleet = run(&Load { rate: 470, ..linux.clone() });
    let end = last(&fleet);
    assert_eq!((fleet.first_failure(), end.failed), (None, 0));
    assert_eq!((end.asked, end.made, end.answered), (84_600, 84_600, 84_600));
    assert_eq!(end.errors, 0);

    let fleet = run(&Load { rate: 471, ..linux.clone() });
    // 28232 / 471 s = 59.940552 s, before the first TIME-WAIT ends at 60.0015 s.
    assert_eq!(fleet.first_failure(), Some(Time(59_940_552)));
    assert_eq!(fleet.first_failure(), fleet.load().formula().full_at());
    assert_eq!(last(&fleet).in_use(), 28_232);
}

#[test]
fn every_row_of_the_table_holds_at_its_rate_and_fails_one_above_it() {
    let rows = [
        ("linux", 28_232, "470.5"),
        ("linux-widened", 64_512, "1075.2"),
        ("freebsd", 55_536, "925.6"),
        ("macos", 16_384, "546.1"),
        ("windows-120", 16_384, "136.5"),
        ("windows-240", 16_384, "68.3"),
        ("windows-30", 16_384, "546.1"),
        ("windows-2000", 3_976, "16.6"),
        ("rfc", 28_232, "117.6"),
    ];
    assert_eq!(rows.len(), SYSTEMS.len());
    for ((name, ports, most), system) in rows.into_iter().zip(SYSTEMS) {
        let load = Load { length: system.time_wait.times(2), ..system.of(&Load::default()) };
        // All of these ranges can be divided by eight, so the scale changes no moment.
        assert_eq!((name, load.scale, ports % 8), (system.name, 8, 0));
        let formula = load.formula();
        assert_eq!((formula.tuples, formula.most().unwrap().decimal(1).as_str()), (ports, most));
        let highest = u32::try_from(ports * 1_000_000 / system.time_wait.0).unwrap();
        assert_eq!(fails_at(&load, highest), None, "{name} at {highest}/s");
        let above = highest + 1;
        let full = Time(ports * 1_000_000 / u64::from(above));
        assert_eq!(fails_at(&load, above), Some(full), "{name} at {above}/s");
        let formula = Load { rate: above, ..load.clone() }.formula();
        assert_eq!(formula.full_at(), Some(full), "{name}");
        // The smaller ones at full size too.
        if matches!(name, "macos" | "windows-2000") {
            let whole = Load { scale: 1, ..load };
            assert_eq!((fails_at(&whole, highest), fails_at(&whole, above)), (None, Some(full)));
        }
    }
}

#[test]
fn n02_to_n06_figures_of_the_ranges() {
    let figure = |name: &str, digits| {
        let find = |system: &&System| system.name == name;
        let system = SYSTEMS.iter().find(find).expect(name);
        let formula = system.of(&Load::default()).formula();
        (formula.tuples, formula.most().unwrap().decimal(digits))
    };
    assert_eq!(figure("linux-widened", 1), (64_512, "1075.2".to_owned()));
    assert_eq!(figure("windows-120", 2), (16_384, "136.53".to_owned()));
    assert_eq!(figure("windows-240", 2), (16_384, "68.27".to_owned()));
    assert_eq!(figure("macos", 2), (16_384, "546.13".to_owned()));
    assert_eq!(figure("freebsd", 1), (55_536, "925.6".to_owned()));
    assert_eq!(figure("windows-2000", 2), (3_976, "16.57".to_owned()));
}

#[test]
fn n07_three_destinations_or_three_addresses_take_three_times_as_many() {
    for line in ["destinations=3", "sources=3"] {
        let load = load(line);
        assert_eq!(load.formula().most().unwrap().decimal(1), "1411.6");
        assert_eq!(fails_at(&load, 1_411), None, "{line}");
        // 84696 / 1412 s.
        assert_eq!(fails_at(&load, 1_412), Some(Time(59_983_002)), "{line}");
    }
}

#[test]
fn n08_tw_reuse_takes_a_port_again_after_its_delay() {
    // A way of 1 µs, for a port is held while its connection is open too.
    let load = load("reuse=on travel=1us for=4s");
    assert_eq!(load.formula().most().unwrap().decimal(0), "28232");
    assert_eq!(fails_at(&load, 28_231), None);
    assert_eq!(fails_at(&load, 28_232), Some(Time(1_000_000)));
    // tcp_tw_reuse_delay, of which half is half.
    let sooner = Load { reuse_delay: Span::from_millis(500), ..load.clone() };
    assert_eq!(fails_at(&sooner, 56_463), None);
    // S05: without timestamps nothing is taken over.
    let blind = Load { timestamps: false, ..load };
    assert_eq!(fails_at(&blind, 28_000), Some(Time(28_232 * 1_000 / 28)));
}

#[test]
fn n09_a_server_that_closes_first_collects_time_waits_and_no_failures() {
    // 600000 at once, one for 64: 9375.
    let line = "rate=10000 first=server destinations=22 for=90s scale=64";
    let busy = load(line);
    assert_eq!(busy.formula().waiting(), 600_000);
    assert_eq!((busy.formula().most(), busy.formula().full_at()), (None, None));
    let end = last(&run(&busy));
    assert_eq!((end.server_waiting, end.waiting, end.failed, end.errors), (9_375, 0, 0, 0));
    assert!(end.in_use() < 10, "{end:?}: its ports are free again at once");

    // With one destination a port comes again before its TIME-WAIT ends, and the SYN that comes
    // with it opens a new connection in its place (PROTOCOL §8.3).
    let one = load("rate=2000 first=server for=90s");
    assert_eq!(one.formula().waiting(), 28_232);
    let end = last(&run(&one));
    assert_eq!((end.server_waiting, end.failed, end.errors), (3_529, 0, 0));

    // S20: beyond tcp_max_tw_buckets, 131072, TIME-WAIT is skipped.
    let end = last(&run(&load(&format!("{line} max-time-wait=131072"))));
    assert_eq!((end.server_waiting, end.failed, end.errors), (2_048, 0, 0));
}

#[test]
fn s03_to_s05_one_port() {
    // One request a second, at 0 s, 1 s, 2 s…; TIME-WAIT is entered at 1.5 ms.
    let made = |words: &str| {
        let load = load(&format!("rate=1 ports=40000-40000 scale=1 for=63s {words}"));
        let fleet = run(&load);
        let at = |second: usize| {
            let until = Time::from_millis(u64::try_from(second).unwrap() * 1_000);
            fleet.samples().iter().rfind(|sample| sample.at <= until).unwrap().made
        };
        (fleet.first_failure(), at(3), at(60), last(&fleet).made)
    };
    let second = Some(Time(1_000_000));
    assert_eq!(made(""), (second, 1, 1, 2), "S03: free after 60.0015 s");
    // More than 1 s after the entry: at 2 s, 4 s, …
    assert_eq!(made("reuse=on"), (second, 2, 30, 32), "S04");
    assert_eq!(made("reuse=on timestamps=off"), (second, 1, 1, 2), "S05");
}

#[test]
fn counted_by_hand_the_failures_are_the_same_to_the_microsecond() {
    for line in [
        "rate=500",
        "rate=471",
        "rate=470",
        "rate=2000 for=130s",
        "rate=37 ports=50000-50099 time-wait=5s scale=1 for=40s",
        "rate=21 ports=50000-50099 time-wait=5s scale=1 for=40s",
        "rate=19 ports=50000-50099 time-wait=5s travel=40ms scale=1 for=40s",
        "rate=400 stack=freebsd ports=50000-51023 time-wait=3s for=20s",
        "rate=117 stack=rfc9293 time-wait=240s for=500s",
        "rate=900 reuse=on ports=50000-50799 for=20s",
    ] {
        let load = load(line);
        let held = if load.reuse { load.reuse_delay } else { load.time_wait };
        let by_hand = failures_by_hand(&load, held + life(&load));
        let fleet = run(&load);
        assert_eq!(fleet.first_failure(), by_hand.first().copied(), "{line}");
        for sample in fleet.samples() {
            let failed = by_hand.iter().filter(|at| **at <= sample.at).count();
            assert_eq!(usize::try_from(sample.failed).unwrap(), failed, "{line} {:?}", sample.at);
        }
    }
}

#[test]
fn what_is_counted_is_what_the_hosts_have() {
    for line in [
        "rate=500 for=70s",
        "rate=700 first=server for=70s",
        "rate=300 linger-zero=on for=10s",
        "rate=3000 requests=7 sources=2 destinations=2 travel=20ms for=20s",
        "rate=90 ports=50000-50049 time-wait=1s scale=1 travel=300ms for=10s",
    ] {
        let load = load(line);
        let mut fleet = Fleet::new(&load);
        while !fleet.is_over() {
            fleet.go_on(fleet.now() + Span(1_234_567));
            let mut counted = [[0, 0]; 2];
            for (host, count) in fleet.hosts().flat_map(|pair| pair.iter().zip([0, 1])) {
                for connection in host.connections.iter().filter(|c| c.is_live()) {
                    counted[count][usize::from(connection.state == State::TimeWait)] += 1;
                }
            }
            let now = fleet.sample();
            let of_fleet = [[now.open, now.waiting], [now.server_open, now.server_waiting]];
            assert_eq!(of_fleet, counted, "{line} {:?}", fleet.now());
        }
        let end = fleet.sample();
        let on_the_way = end.asked - end.answered - end.failed;
        assert!(end.made > 50 && on_the_way < 200, "{line} {end:?}");
    }
}

#[test]
fn the_formula_runs_beside_the_fleet_and_knows_no_open_connections() {
    for line in ["rate=500", "rate=300", "rate=900 ports=1024-65535", "rate=4000 first=server"] {
        let load = load(line);
        let (formula, fleet) = (load.formula_of_fleet(), run(&load));
        assert_eq!(formula, load.formula(), "{line}: the scale leaves nothing out");
        let until = fleet.first_failure().unwrap_or(END);
        for sample in fleet.samples().iter().filter(|sample| sample.at < until) {
            let engine = u64::from(sample.in_use()) * 8;
            // Rounded to the scale, and what is asked within a connection's life comes on top.
            let open = u64::from(load.rate) * life(&load).0 / 1_000_000 + 16;
            let formula = formula.in_use(sample.at);
            assert!(formula.abs_diff(engine) <= open, "{line} {sample:?} {formula}");
        }
    }
    // What the formula doesn't say: over a way of 20 ms, 470 a second are too many.
    let far = load("travel=20ms");
    assert_eq!(far.formula().most().unwrap().decimal(1), "470.5");
    assert_eq!(fails_at(&far, 470), Some(Time(60_068_085)));
    // 28232 / 60.12 s.
    assert_eq!(fails_at(&far, 469), None);
    let measured = run(&Load { rate: 490, ..far.clone() });
    assert_eq!(measured.rate(360).decimal(1), "469.6");
}

#[test]
fn measured_over_a_time_wait_the_rate_is_the_formulas() {
    // Once full, in each 60.0015 s every port is used once, from whenever they are counted.
    let fleet = run(&load("rate=600 scale=1 for=150s"));
    assert_eq!(fleet.window(), Span(60_001_500));
    let full = fleet.first_failure().unwrap() + fleet.window();
    let rates = (0..=360).filter(|place| fleet.samples()[*place].at > full);
    let rates: Vec<String> = rates.map(|place| fleet.rate(place).decimal(1)).collect();
    assert!(rates.len() > 90 && rates.iter().all(|rate| rate == "470.5"), "{rates:?}");
    assert_eq!(fleet.load().formula().most().unwrap().decimal(1), "470.5");
    // Before that, as many as are asked for.
    assert_eq!(fleet.rate(90).decimal(1), "600.0");
}

#[test]
fn over_a_long_way_time_wait_is_assassinated_by_what_was_sent_twice() {
    // A round trip of 2 s is longer than the first timeout of 1 s: what is sent twice comes to a
    // server that is done, which answers RST. Linux then ends TIME-WAIT (RFC 1337, PROTOCOL §20.5),
    // FreeBSD doesn't.
    let far = load("rate=100 travel=1s for=40s timestamps=off");
    let end = last(&run(&far));
    assert!(end.cut_short > 300 && end.waiting < 100, "{end:?}");
    // With timestamps Linux measures the round trip although the SYN went twice (RFC 7323 §4.1; looked
    // up on 6.18.44), and sends nothing twice after it.
    let end = last(&run(&load("rate=100 travel=1s for=40s")));
    assert!(end.cut_short == 0 && end.waiting > 350, "{end:?}");
    let end = last(&run(&load("rate=100 travel=1s for=40s stack=freebsd")));
    assert!(end.cut_short == 0 && end.waiting > 350, "{end:?}");
    let end = last(&run(&load("rate=100 travel=20ms for=40s")));
    assert_eq!((end.cut_short, end.waiting), (0, 499));
}

#[test]
fn the_scale_moves_no_moment_and_divides_every_count() {
    let full = run(&load("rate=500 for=125s scale=1"));
    for scale in [2_u32, 4, 8] {
        let small = run(&load(&format!("rate=500 for=125s scale={scale}")));
        assert_eq!(small.first_failure(), full.first_failure());
        assert_eq!(small.samples().len(), full.samples().len());
        for (small, full) in small.samples().iter().zip(full.samples()) {
            assert_eq!(small.at, full.at);
            // Of `scale` requests the small fleet makes the first.
            let near = |small: u64, full: u64| (small * u64::from(scale)).abs_diff(full) < 16;
            assert!(near(small.in_use().into(), full.in_use().into()), "{small:?} {full:?}");
            assert!(near(small.made, full.made), "{small:?} {full:?}");
            assert!(near(small.failed, full.failed), "{small:?} {full:?}");
        }
    }
}

#[test]
fn in_steps_or_at_once_it_is_the_same_run() {
    let load = load("rate=700 requests=2 sources=2 ports=50000-50999 time-wait=2s for=9s");
    let whole = run(&load);
    let mut steps = Fleet::new(&load);
    while !steps.is_over() {
        steps.go_on(steps.now() + Span(7_919));
    }
    assert!(whole.first_failure().is_none() && whole.samples().len() >= 361);
    assert_eq!(steps.samples(), whole.samples());
    assert_eq!(steps.sample(), whole.sample());
}

#[test]
fn every_remedy_does_what_is_said_of_it() {
    let bare = Load::default();
    assert_eq!(fails_at(&bare, 500), Some(Time(56_464_000)));
    for remedy in Remedy::ALL {
        assert!(!remedy.is_on(&bare), "{remedy:?}");
        let load = remedy.switched(&bare, true);
        assert!(remedy.is_on(&load) && remedy.switched(&load, false) == bare, "{remedy:?}");
        let fleet = run(&load);
        assert_eq!(fleet.first_failure(), None, "{remedy:?}");
        let end = last(&fleet);
        let connections = if remedy == Remedy::KeepAlive { 113 } else { 11_250 };
        assert_eq!(end.made, connections, "{remedy:?}");
        // Who closes first waits; after a RST nobody does, and every server's program is told.
        let waits = end.waiting + end.server_waiting > 30;
        assert_eq!(waits, remedy != Remedy::LingerZero, "{remedy:?} {end:?}");
        let told = if remedy == Remedy::LingerZero { end.made - 1 } else { 0 };
        assert!(end.errors.abs_diff(told) <= 1, "{remedy:?} {end:?}");
        assert_eq!(remedy == Remedy::ServerFirst, end.server_waiting > 0, "{remedy:?}");
    }
    // At 2,000 a second more tuples only move the moment; the others still do.
    let moved = |remedy: Remedy| fails_at(&remedy.switched(&bare, true), 2_000);
    assert_eq!(fails_at(&bare, 2_000), Some(Time(14_116_000)));
    assert_eq!(moved(Remedy::KeepAlive), None);
    assert_eq!(moved(Remedy::ServerFirst), None);
    assert_eq!(moved(Remedy::Destinations), Some(Time(42_348_000)));
    assert_eq!(moved(Remedy::Sources), Some(Time(42_348_000)));
    assert_eq!(moved(Remedy::WiderRange), Some(Time(32_256_000)));
    assert_eq!(moved(Remedy::Reuse), None);
    assert_eq!(moved(Remedy::LingerZero), None);
}

#[test]
fn a_load_reads_back_as_it_was_printed() {
    assert_eq!(Load::default().to_string(), "");
    for line in [
        "rate=7",
        "rate=2000 requests=10 first=server",
        "destinations=3 sources=2 ports=1024-65535 reuse=on reuse-delay=500ms",
        "timestamps=off linger-zero=on time-wait=240s max-time-wait=131072 stack=freebsd",
        "travel=20ms for=300s scale=4",
    ] {
        assert_eq!(load(line).to_string(), line);
    }
    for word in Word::ALL {
        let mut copy = load("rate=7");
        copy.set(*word, &Load::default().get(*word)).unwrap();
        assert_eq!(copy.get(*word), Load::default().get(*word), "{}", word.name());
    }
    assert_eq!(load(" first=client  rate=500 "), Load::default());
}

#[test]
fn what_makes_no_sense_is_refused_with_what_would() {
    let why = |line: &str| {
        let unfit = Load::parse(line).unwrap_err();
        (unfit.word, unfit.why)
    };
    let range = |low: &str, high: &str| Why::OutOfRange(low.to_owned(), high.to_owned());
    let value = |expected: &str| Why::NoSuchValue(expected.to_owned());
    assert_eq!(why("rate=0"), ("rate=0".to_owned(), range("1", "100000")));
    assert_eq!(why("rate=500 time-wait=601s").1, range("1ms", "600s"));
    assert_eq!(why("first=nobody").1, value("client, server"));
    assert_eq!(why("rate=fast").1, value("0..4294967295"));
    assert_eq!(why("ports=60999-32768").1, value("32768-60999"));
    assert_eq!(why("rate=1 rate=2"), ("rate=2".to_owned(), Why::Twice));
    assert!(matches!(why("speed=1"), (word, Why::NoSuchWord(_)) if word == "speed=1"));
    assert_eq!(why("ports=40000-40099"), ("scale=8".to_owned(), Why::ScaleTooLarge(6)));
    assert_eq!(why("ports=40000-40000").1, Why::ScaleTooLarge(1));
    // 6,200,000 at once.
    let many = "rate=100000 sources=100 first=server time-wait=600s";
    assert_eq!(why(many).1, Why::ScaleTooSmall(15));
    assert_eq!(load(&format!("{many} scale=15")).first, Closer::Server);
    // A scale can be fitted to the rest.
    let ports = Ports { first: 40_000, last: 40_099 };
    assert_eq!(Load { ports, ..Load::default() }.fitted().scale, 6);
    let fitted = Load { scale: 1, ..load(&format!("{many} scale=15")) }.fitted();
    assert_eq!((fitted.scale, fitted.check()), (15, None));
}
