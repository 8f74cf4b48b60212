//! What makes a run end and everything in it findable: P14, an id names one connection, a timer
//! doesn't fire twice in one instant, and what is due first is found; P15, a window that can't be
//! is the greatest that can.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use time_wait_lab::tcp::event::{EventKind, TimerChange};
use time_wait_lab::world::trace::MOST_EVENTS;
use time_wait_lab::world::{Act, Network, Scenario, simulate, verdicts};

use crate::cases;
use crate::generate::{ALL, closing, crowd, scenario, takeover};

/// Runs a scenario as `simulate` does; after each step every id of a host is another one, and the
/// connections stand in the order of their ids.
fn has_one_connection_an_id(scenario: &Scenario) -> Result<(), TestCaseError> {
    let mut network = Network::new(scenario);
    while network.log.events.len() < MOST_EVENTS {
        let next = network.next();
        prop_assert_eq!(next, network.pending().min_by_key(|(due, _)| *due), "{}", scenario);
        let Some((due, choice)) = next.filter(|(due, _)| due.at <= scenario.until) else { break };
        network.apply(choice, due.at);
        for host in &network.hosts {
            let ids: Vec<u32> = host.connections.iter().map(|c| c.id.0).collect();
            let rising = ids.windows(2).all(|pair| pair[0] < pair[1]);
            prop_assert!(rising, "{:?} at {}\n{}", ids, due.at, scenario);
        }
    }
    let events = &network.log.events;
    let mut opened = BTreeSet::new();
    let mut fired = BTreeMap::new();
    for event in events {
        if let EventKind::Opened { connection, .. } = event.kind {
            prop_assert!(opened.insert((event.host, connection)), "{event:?}\n{}", scenario);
        }
        if let EventKind::Timer { connection, timer, change: TimerChange::Fired } = event.kind {
            let before = fired.insert((event.host, connection, timer), event.time);
            prop_assert!(before != Some(event.time), "{event:?} twice\n{}", scenario);
        }
    }
    Ok(())
}

/// The scenario with another window in the place of the greatest one.
fn with_window(scenario: &Scenario, window: u32) -> Scenario {
    let mut other = scenario.clone();
    for host in &mut other.hosts {
        host.profile.window = window;
    }
    for act in &mut other.acts {
        if let Act::Forge { segment, .. } = act {
            segment.window = window;
        }
    }
    other
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn p14_an_id_names_one_connection(scenario in scenario(ALL)) {
        has_one_connection_an_id(&scenario)?;
    }

    #[test]
    fn p14_an_id_names_one_connection_of_those_that_close(scenario in closing()) {
        has_one_connection_an_id(&scenario)?;
    }

    #[test]
    fn p14_an_id_names_one_connection_after_takeovers(scenario in takeover()) {
        has_one_connection_an_id(&scenario)?;
    }

    #[test]
    fn p15_a_greater_window_is_the_greatest(
        scenario in scenario(ALL),
        window in 1u32 << 31..=u32::MAX,
    ) {
        let greatest = simulate(&with_window(&scenario, (1 << 31) - 1)).events;
        prop_assert!(greatest == simulate(&with_window(&scenario, window)).events, "{}", scenario);
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn p14_an_id_names_one_connection_of_hundreds(scenario in crowd()) {
        has_one_connection_an_id(&scenario)?;
        let trace = simulate(&scenario);
        let opened = |event: &&_| matches!(**event, EventKind::Opened { .. });
        let sides = trace.events.iter().map(|event| &event.kind).filter(opened).count();
        let judged = verdicts(&trace);
        let of_connections = judged.iter().filter(|one| one.connection.is_some()).count();
        prop_assert_eq!(of_connections, sides, "{}", scenario);
    }
}
