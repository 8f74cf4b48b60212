//! The map of the eleven states: where they lie, which lines join them, and which of those a
//! connection has gone along.
//!
//! It is Figure 5 of RFC 9293, laid out for its two sides. A connection opens above, its program's
//! connect() at the left and listen() at the right, and is ESTABLISHED in the middle. From there
//! who closes first goes down the left, to TIME-WAIT, and the other down the right. Both come back
//! to CLOSED around the outside.

use crate::tcp::state::State;

/// A place on the map: across and down, 0..1.
pub type Place = (f64, f64);

/// Whether the figure knows a change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Road {
    /// It is a line of the figure.
    Figure,
    /// The connection was cut off: reset, aborted, given up, or forgotten before its time.
    Off,
}

/// A change from one state to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// The state before.
    pub from: State,
    /// The state after.
    pub to: State,
    /// Where its line turns between the two.
    pub bends: &'static [Place],
    /// Whether the figure knows it.
    pub road: Road,
}

/// What a state is to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is in it.
    Present,
    /// It has been in it.
    Passed,
    /// It has not been in it.
    Open,
}

/// Across, where lines turn: around the outside, and to each side of ESTABLISHED.
const LEFT: f64 = 0.0;
const INNER_LEFT: f64 = 0.36;
const INNER_RIGHT: f64 = 0.64;
const RIGHT: f64 = 1.0;

/// Down, where lines turn: CLOSED, SYN-RECEIVED, the first FIN, what follows it, TIME-WAIT.
const TOP: f64 = 0.0;
const ANSWERED: f64 = 0.31;
const FIRST: f64 = 0.62;
const SECOND: f64 = 0.81;
const BOTTOM: f64 = 1.0;

/// Where a state lies.
#[must_use]
pub fn place(state: State) -> Place {
    match state {
        State::Closed => (0.5, TOP),
        State::Listen => (0.79, 0.11),
        State::SynSent => (0.21, 0.21),
        State::SynReceived => (0.79, ANSWERED),
        State::Established => (0.5, 0.46),
        State::FinWait1 => (0.3, FIRST),
        State::FinWait2 => (0.155, SECOND),
        State::Closing => (0.445, SECOND),
        State::TimeWait => (0.3, BOTTOM),
        State::CloseWait => (0.79, FIRST),
        State::LastAck => (0.79, SECOND),
    }
}

const fn line(from: State, to: State) -> Edge {
    Edge { from, to, bends: &[], road: Road::Figure }
}

/// The figure. FIN-WAIT-1 to TIME-WAIT is its note 2, SYN-RECEIVED to LISTEN its note 1.
pub const FIGURE: [Edge; 21] = [
    line(State::Closed, State::Listen),
    line(State::Closed, State::SynSent),
    line(State::Listen, State::Closed),
    line(State::Listen, State::SynReceived),
    line(State::Listen, State::SynSent),
    line(State::SynSent, State::Closed),
    line(State::SynSent, State::SynReceived),
    line(State::SynSent, State::Established),
    line(State::SynReceived, State::Listen),
    line(State::SynReceived, State::Established),
    Edge { bends: &[(INNER_LEFT, ANSWERED)], ..line(State::SynReceived, State::FinWait1) },
    line(State::Established, State::FinWait1),
    line(State::Established, State::CloseWait),
    line(State::FinWait1, State::FinWait2),
    line(State::FinWait1, State::Closing),
    line(State::FinWait1, State::TimeWait),
    line(State::FinWait2, State::TimeWait),
    line(State::Closing, State::TimeWait),
    line(State::CloseWait, State::LastAck),
    Edge { bends: &[(RIGHT, SECOND), (RIGHT, TOP)], ..line(State::LastAck, State::Closed) },
    Edge { bends: &[(LEFT, BOTTOM), (LEFT, TOP)], ..line(State::TimeWait, State::Closed) },
];

/// The lines of the figure, each once: the way back lies on the same line as the way there.
pub fn lines() -> impl Iterator<Item = &'static Edge> {
    let is_way_back = |place: usize, edge: &Edge| {
        FIGURE.iter().take(place).any(|other| (other.to, other.from) == (edge.from, edge.to))
    };
    FIGURE
        .iter()
        .enumerate()
        .filter(move |(place, edge)| !is_way_back(*place, edge))
        .map(|(_, e)| e)
}

/// A connection's way so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way<'a> {
    /// The states before the present one, oldest first.
    pub before: &'a [State],
    /// The present state.
    pub state: State,
    /// Whether it came there by being cut off: by a RST, by giving up, by its own program.
    pub is_cut: bool,
}

/// The changes that a connection has gone through, in their order.
#[must_use]
pub fn taken(way: Way<'_>) -> Vec<Edge> {
    let first = way.before.first().copied().unwrap_or(way.state);
    let begin = before(first).iter();
    let states: Vec<State> = begin.chain(way.before).copied().chain([way.state]).collect();
    let steps = states.iter().zip(states.iter().skip(1)).filter(|(from, to)| from != to);
    let mut taken: Vec<Edge> = steps.map(|(from, to)| edge(*from, *to)).collect();
    if let Some(last) = taken.last_mut().filter(|_| way.is_cut) {
        last.road = Road::Off;
    }
    taken
}

/// What a state is to a connection that is in the present state and has taken these changes.
#[must_use]
pub fn standing(state: State, present: State, taken: &[Edge]) -> Standing {
    if state == present {
        Standing::Present
    } else if taken.iter().any(|edge| edge.from == state) {
        Standing::Passed
    } else {
        Standing::Open
    }
}

/// What a connection was before its first state. That of a listener was made for a SYN, and the
/// figure tells it as the listener's own; one that was there from the start came from nowhere.
fn before(first: State) -> &'static [State] {
    match first {
        State::Listen | State::SynSent => &[State::Closed],
        State::SynReceived => &[State::Closed, State::Listen],
        State::Closed
        | State::Established
        | State::FinWait1
        | State::FinWait2
        | State::CloseWait
        | State::Closing
        | State::LastAck
        | State::TimeWait => &[],
    }
}

fn edge(from: State, to: State) -> Edge {
    let known = FIGURE.iter().find(|edge| (edge.from, edge.to) == (from, to));
    let bends = if to == State::Closed { cut_off(from) } else { &[] };
    known.copied().unwrap_or(Edge { from, to, bends, road: Road::Off })
}

/// The line from a state to CLOSED that the figure hasn't got: around the outside, or clear of what
/// lies between.
fn cut_off(from: State) -> &'static [Place] {
    match from {
        State::FinWait1 => &[(LEFT, FIRST), (LEFT, TOP)],
        State::FinWait2 => &[(LEFT, SECOND), (LEFT, TOP)],
        State::Closing => &[(INNER_RIGHT, FIRST), (INNER_RIGHT, 0.1)],
        State::CloseWait => &[(RIGHT, FIRST), (RIGHT, TOP)],
        State::SynReceived => &[(RIGHT, ANSWERED), (RIGHT, TOP)],
        State::Closed
        | State::Listen
        | State::SynSent
        | State::Established
        | State::LastAck
        | State::TimeWait => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::{Edge, FIGURE, Place, Road, Standing, Way, edge, lines, place, standing, taken};
    use crate::tcp::event::EventKind;
    use crate::tcp::profile::{Base, Profile};
    use crate::tcp::state::State;
    use crate::world::scenes::SCENES;
    use crate::world::{Scenario, parse_scenario, simulate};

    fn to(before: &[State], state: State) -> Way<'_> {
        Way { before, state, is_cut: false }
    }

    #[test]
    fn a_connection_that_is_cut_off_leaves_the_figure_where_it_was() {
        let before = [State::Established, State::CloseWait, State::LastAck];
        let orderly = to(&before, State::Closed);
        let roads = |way| taken(way).last().map(|edge| (edge.from, edge.road));
        assert_eq!(roads(orderly), Some((State::LastAck, Road::Figure)));
        let cut = Way { is_cut: true, ..orderly };
        assert_eq!(roads(cut), Some((State::LastAck, Road::Off)));
    }

    /// What the word of a state takes of the map to each side of its middle.
    fn half(state: State) -> Place {
        (state.name().chars().map(|_| 0.01).sum::<f64>() + 0.012, 0.05)
    }

    fn covers(state: State, (x, y): Place) -> bool {
        let ((across, down), (width, height)) = (place(state), half(state));
        (x - across).abs() < width && (y - down).abs() < height
    }

    /// Places along a line, close to each other.
    fn along(edge: &Edge) -> Vec<Place> {
        let corners: Vec<Place> = core::iter::once(place(edge.from))
            .chain(edge.bends.iter().copied())
            .chain([place(edge.to)])
            .collect();
        let pieces = corners.iter().zip(corners.iter().skip(1));
        let at = |((x1, y1), (x2, y2)): (&Place, &Place), share: f64| {
            (x1 + share * (x2 - x1), y1 + share * (y2 - y1))
        };
        pieces.flat_map(|ends| (0..=200).map(move |n| at(ends, f64::from(n) / 200.0))).collect()
    }

    #[test]
    fn the_figure_has_every_state_once() {
        for state in State::ALL {
            assert!(FIGURE.iter().any(|edge| edge.to == state), "nothing leads to {state}");
            assert!(FIGURE.iter().any(|edge| edge.from == state), "nothing leads from {state}");
        }
        for (n, one) in FIGURE.iter().enumerate() {
            let again = |other: &&Edge| (other.from, other.to) == (one.from, one.to);
            assert_eq!(FIGURE.iter().position(|other| again(&other)), Some(n));
        }
    }

    #[test]
    fn no_two_states_overlap_and_all_lie_on_the_map() {
        for (n, one) in State::ALL.into_iter().enumerate() {
            let (x, y) = place(one);
            assert!((0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y), "{one} is off the map");
            for other in State::ALL.into_iter().skip(n + 1) {
                let ((across, down), (width, height)) = (place(other), half(other));
                let is_clear = (x - across).abs() > half(one).0 + width
                    || (y - down).abs() > half(one).1 + height;
                assert!(is_clear, "{one} and {other} overlap");
            }
        }
    }

    #[test]
    fn no_line_goes_through_a_state_that_is_not_its_own() {
        let resets = State::ALL.into_iter().filter(|from| *from != State::Closed);
        let resets = resets.map(|from| edge(from, State::Closed));
        for edge in lines().copied().chain(resets) {
            for state in State::ALL.into_iter().filter(|s| *s != edge.from && *s != edge.to) {
                let through = along(&edge).into_iter().any(|at| covers(state, at));
                assert!(!through, "{} to {} goes through {state}", edge.from, edge.to);
            }
        }
    }

    #[test]
    fn who_closes_first_goes_down_the_left_and_the_other_down_the_right() {
        let (middle, level) = place(State::Established);
        for state in [State::FinWait1, State::FinWait2, State::Closing, State::TimeWait] {
            assert!(place(state).0 < middle && place(state).1 > level, "{state}");
        }
        for state in [State::CloseWait, State::LastAck] {
            assert!(place(state).0 > middle && place(state).1 > level, "{state}");
        }
    }

    #[test]
    fn the_way_of_a_client_begins_in_closed_and_goes_on_in_order() {
        let way = [State::SynSent, State::Established, State::FinWait1, State::FinWait2];
        let taken = taken(to(&way, State::TimeWait));
        let steps: Vec<State> = taken.iter().map(|edge| edge.from).collect();
        assert_eq!(steps.first(), Some(&State::Closed));
        assert_eq!(steps.get(1..), Some(way.as_slice()));
        assert!(taken.iter().all(|edge| edge.road == Road::Figure));
        let standing = |state| standing(state, State::TimeWait, &taken);
        assert_eq!(standing(State::TimeWait), Standing::Present);
        assert_eq!(standing(State::FinWait2), Standing::Passed);
        assert_eq!(standing(State::Closing), Standing::Open);
    }

    #[test]
    fn the_way_of_a_server_leads_through_its_listener() {
        let taken = taken(to(&[], State::SynReceived));
        let steps: Vec<(State, State)> = taken.iter().map(|edge| (edge.from, edge.to)).collect();
        let listened = (State::Closed, State::Listen);
        assert_eq!(steps, [listened, (State::Listen, State::SynReceived)]);
    }

    #[test]
    fn nothing_is_taken_where_nothing_has_happened() {
        assert_eq!(taken(to(&[], State::Closed)), []);
        assert_eq!(taken(to(&[], State::Established)), []);
        assert_eq!(standing(State::Closed, State::Closed, &[]), Standing::Present);
    }

    #[test]
    fn a_reset_is_a_line_of_its_own() {
        let taken = taken(to(&[State::SynSent, State::Established], State::Closed));
        let last = taken.last().map(|edge| (edge.from, edge.to, edge.road));
        assert_eq!(last, Some((State::Established, State::Closed, Road::Off)));
    }

    /// Every scene as it ships, and with both hosts on each stack in turn.
    fn runs() -> impl Iterator<Item = Scenario> {
        let shipped = SCENES.iter().map(|scene| {
            let scenario = parse_scenario(scene.text);
            assert!(scenario.is_ok(), "the scene {} can't be read", scene.name);
            scenario.unwrap_or_else(|_| Scenario::new(Base::Rfc9293))
        });
        shipped.flat_map(|scenario| {
            let on = |base: &Base| {
                let mut scenario = scenario.clone();
                for host in &mut scenario.hosts {
                    host.profile = Profile::new(*base);
                }
                scenario
            };
            let others: Vec<Scenario> = Base::ALL.iter().map(on).collect();
            core::iter::once(scenario).chain(others)
        })
    }

    #[test]
    fn the_engine_leaves_the_figure_only_for_closed() {
        for scenario in runs() {
            for event in simulate(&scenario).events {
                let EventKind::State { from, to, .. } = event.kind else { continue };
                // A listener stays: the connection that it makes for a SYN begins with nothing.
                let is_made = (from, to) == (State::Closed, State::SynReceived);
                let is_known = edge(from, to).road == Road::Figure;
                assert!(is_known || is_made || to == State::Closed, "{from} to {to}");
            }
        }
    }
}
