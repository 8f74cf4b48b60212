//! P01, P02, P12, P13: what a run depends on, and what it doesn't.

use proptest::prelude::*;

use time_wait_lab::tcp::event::{Event, EventKind, Gate};
use time_wait_lab::tcp::rule::Rule;
use time_wait_lab::tcp::seq::Seq;
use time_wait_lab::tcp::state::State;
use time_wait_lab::tcp::time::Time;
use time_wait_lab::world::{Act, Scenario, simulate};

use crate::cases;
use crate::change::{Shift, event_with_octets, mirror, mirrored, with_octets, zeros};
use crate::generate::{ALL, Menu, act, scenario};

/// The first place where two runs differ, as a message.
fn differ(scenario: &Scenario, left: &[Event], right: &[Event]) -> Result<(), TestCaseError> {
    let place = left.iter().zip(right).position(|(a, b)| a != b);
    if let Some(at) = place {
        let message = format!("{scenario}\n{at}: {:#?}\n{:#?}", left[at], right[at]);
        return Err(TestCaseError::fail(message));
    }
    prop_assert_eq!(left.len(), right.len(), "{}", scenario);
    Ok(())
}

/// Whether a RST with a literal zero as its SEQ was compared with a window: then an absolute
/// number decides, which the property excepts. smoltcp's RST from SYN-SENT, by close() or by an
/// abort, has a literal zero as its ACK, for there's no RCV.NXT.
fn zero_decides(events: &[Event]) -> bool {
    let zeros = zeros(events);
    let compared = |cause| {
        events.iter().any(|event: &Event| {
            let gate = matches!(&event.kind, EventKind::Gate { gate: Gate::Sequence, .. });
            gate && event.cause == Some(cause)
        })
    };
    events.iter().enumerate().any(|(at, event)| match &event.kind {
        EventKind::Arrived { name, .. } => {
            zeros.iter().any(|zero| (zero.sender, zero.number) == (name.sender, name.number))
                && compared(time_wait_lab::tcp::event::EventId(at as u32))
        }
        EventKind::Sent { connection: Some(id), segment, .. } => {
            segment.rst
                && events[at..].iter().any(|later| {
                    (later.host, later.rule, later.cause) == (event.host, event.rule, event.cause)
                        && matches!(later.kind, EventKind::State { connection, from, .. }
                            if connection == *id && from == State::SynSent)
                })
        }
        _ => false,
    })
}

/// A scenario whose connections never ask the generator for a number.
fn with_fixed_numbers() -> impl Strategy<Value = Scenario> {
    let numbers = || proptest::collection::vec(crate::generate::number(), 40);
    (scenario(ALL), numbers(), numbers()).prop_map(|(mut scenario, a, b)| {
        scenario.hosts[0].iss = a;
        scenario.hosts[1].iss = b;
        scenario
    })
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn p01_adding_constants_to_the_numbers_changes_nothing_else(
        scenario in with_fixed_numbers(),
        by in any::<[u32; 2]>(),
    ) {
        let shift = Shift(by);
        let plain = simulate(&scenario).events;
        let other = simulate(&shift.scenario(&scenario)).events;
        let literal = zeros(&plain);
        let zero = |name| literal.contains(&name);
        if !zero_decides(&plain) && !zero_decides(&other) {
            let shifted: Vec<Event> = plain.into_iter().map(|e| shift.event(e, &zero)).collect();
            differ(&scenario, &shifted, &other)?;
        }
    }

    #[test]
    fn p02_exchanging_the_hosts_mirrors_the_trace(
        scenario in scenario(Menu { established: false, ..ALL }),
    ) {
        let plain: Vec<Event> = simulate(&scenario).events.into_iter().map(mirrored).collect();
        differ(&scenario, &plain, &simulate(&mirror(&scenario)).events)?;
    }

    #[test]
    fn p12_the_same_scenario_has_the_same_trace(scenario in scenario(ALL)) {
        let trace = simulate(&scenario);
        prop_assert_eq!(&trace, &simulate(&scenario.clone()));
        prop_assert!(trace.last() <= scenario.until);
        let back = trace.events.windows(2).find(|pair| pair[1].time < pair[0].time);
        prop_assert!(back.is_none(), "time goes back: {:?}\n{}", back, scenario);
    }

    #[test]
    fn p12_an_act_leaves_what_was_before_it_as_it_was(
        scenario in scenario(ALL),
        more in act(Menu { weather: false, ..ALL }),
    ) {
        let from = match &more {
            Act::Call { at, .. } | Act::Release { at, .. } => *at,
            // It's put on the wire so much earlier.
            Act::Forge { at, to, .. } => *at - scenario.wire.delay[to.other().index()],
            Act::Fate { .. } => Time::START,
        };
        let mut longer = scenario.clone();
        longer.acts.push(more);
        let before = |scenario: &Scenario| -> Vec<Event> {
            let events = simulate(scenario).events;
            // What never had a counterpart is said at the end of a run, whenever that is.
            let told = |e: &Event| e.rule == Rule::ActNoCounterpart && e.cause.is_none();
            events.into_iter().filter(|e| e.time < from && !told(e)).collect()
        };
        differ(&longer, &before(&scenario), &before(&longer))?;
    }

    #[test]
    fn p13_octets_decide_nothing(scenario in scenario(ALL), mask in any::<u8>()) {
        let change = |octets: &mut [u8]| octets.iter_mut().for_each(|octet| *octet ^= mask);
        let plain = simulate(&scenario).events;
        // The octet of smoltcp's keep-alive is the host's own: no program gave it.
        prop_assume!(!plain.iter().any(|e| {
            e.rule == Rule::KeepAliveProbe
                && matches!(&e.kind, EventKind::Sent { segment, .. } if !segment.data.is_empty())
        }));
        let changed: Vec<Event> =
            plain.into_iter().map(|e| event_with_octets(e, &change)).collect();
        differ(&scenario, &changed, &simulate(&with_octets(&scenario, &change)).events)?;
    }
}

#[test]
fn p01_shifts_across_the_wrap() {
    // One number, to be sure that the property isn't vacuous.
    let shift = Shift([u32::MAX, 5]);
    let mut scenario = Scenario::new(time_wait_lab::tcp::profile::Base::Linux);
    scenario.hosts[0].iss = vec![Seq(0)];
    assert_eq!(shift.scenario(&scenario).hosts[0].iss, vec![Seq(u32::MAX)]);
}
