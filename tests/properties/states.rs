//! That the random runs go everywhere: in every pair of states that two ends of a connection can be
//! in, whichever of them is A, a program closes, and one opens again.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use time_wait_lab::tcp::call::Call;
use time_wait_lab::tcp::state::State;
use time_wait_lab::world::{Act, Choice, Network, Scenario};

use crate::cases;
use crate::generate::{ALL, closing, scenario};

/// The pairs in which the two ends of one connection never are: in the second state of each a host
/// has got, or has had acknowledged, what the other hasn't sent, or hasn't heard, in the first. A
/// connection and one before it, after a crash, can be in some of them: that's rare, and not asked for.
const APART: [(State, State); 23] = [
    (State::SynSent, State::Closing),
    (State::SynReceived, State::FinWait2),
    (State::SynReceived, State::CloseWait),
    (State::SynReceived, State::Closing),
    (State::SynReceived, State::LastAck),
    (State::SynReceived, State::TimeWait),
    (State::Established, State::FinWait2),
    (State::Established, State::CloseWait),
    (State::Established, State::Closing),
    (State::Established, State::LastAck),
    (State::Established, State::TimeWait),
    (State::FinWait1, State::FinWait2),
    (State::FinWait1, State::TimeWait),
    (State::FinWait2, State::FinWait2),
    (State::FinWait2, State::TimeWait),
    (State::CloseWait, State::CloseWait),
    (State::CloseWait, State::Closing),
    (State::CloseWait, State::LastAck),
    (State::CloseWait, State::TimeWait),
    (State::Closing, State::LastAck),
    (State::LastAck, State::LastAck),
    (State::Listen, State::Listen),
    (State::Listen, State::Closing),
];

/// The pairs of states between ports 40000 and 80, A's and B's by their places among all, in which a
/// program closes (`false`) or connects (`true`).
fn visits(scenario: &Scenario, into: &mut BTreeSet<(usize, usize, bool)>) {
    let number = |state| State::ALL.iter().position(|one| *one == state).unwrap();
    let mut network = Network::new(scenario);
    while network.log.events.len() < 5_000 {
        let Some((due, choice)) = network.next() else { break };
        if due.at > scenario.until {
            break;
        }
        if let Choice::Act(place) = choice
            && let Act::Call { call, .. } = &scenario.acts[place]
        {
            let opens = matches!(call, Call::Connect { .. });
            if opens || matches!(call, Call::Close | Call::ShutdownWrite) {
                let [a, b] = &network.hosts;
                let pair = (a.state((40_000, 80)), b.state((80, 40_000)));
                into.insert((number(pair.0), number(pair.1), opens));
            }
        }
        network.apply(choice, due.at);
    }
}

#[test]
fn every_pair_of_states_is_visited() {
    let config = cases(24_000);
    let count = config.cases;
    let mut runner = TestRunner::new(config);
    let mut visited = BTreeSet::new();
    let scenarios = prop_oneof![scenario(ALL), closing(), closing(), closing()];
    for _ in 0..count {
        visits(&scenarios.new_tree(&mut runner).unwrap().current(), &mut visited);
    }
    let missing: Vec<String> = (0..State::ALL.len())
        .flat_map(|a| (0..=a).flat_map(move |b| [(a, b, false), (a, b, true)]))
        .filter(|(a, b, opens)| {
            !visited.contains(&(*a, *b, *opens)) && !visited.contains(&(*b, *a, *opens))
        })
        .map(|(a, b, opens)| (State::ALL[a], State::ALL[b], opens))
        .filter(|(a, b, _)| !APART.contains(&(*a, *b)) && !APART.contains(&(*b, *a)))
        .map(|(a, b, opens)| format!("{a} {b} {}", if opens { "opens" } else { "closes" }))
        .collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
