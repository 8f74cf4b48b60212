//! The map of the eleven states, where a host is on it and the way it came: small for a card, large
//! for a panel. It is drawn once, for one moment; who shows it draws it anew.

use super::draw::{El, svg};
use super::labels;
use crate::picture::map::{self, Edge, Road, Standing, Way};
use crate::tcp::state::State;

/// A place in the drawing.
type At = (f64, f64);

/// What stands for a state.
#[derive(Clone, Copy)]
enum Shape {
    /// A dot of a radius.
    Dot(f64),
    /// Its name in a pill: half of its width, half of its height.
    Pill(f64, f64),
}

/// How large things are drawn. One unit is a pixel where the text is 14 pixels high.
struct Size {
    name: &'static str,
    view: At,
    /// What the outermost states need around them.
    margin: At,
    /// How round a line turns.
    corner: f64,
    /// An arrowhead: its length, and half of its width.
    point: At,
    /// The cross where a connection was cut off: how far at most from the state, half of its width.
    cut: At,
    /// How far the ring around the present state is from it.
    ring: f64,
    /// How far a line stays away from a state that it touches.
    gap: f64,
    shape: fn(State, Standing) -> Shape,
}

const SMALL: Size = Size {
    name: "small",
    view: (150.0, 96.0),
    margin: (2.5, 9.0),
    corner: 5.0,
    point: (4.8, 2.6),
    cut: (10.0, 2.3),
    ring: 2.7,
    gap: 1.2,
    shape: dot,
};

const LARGE: Size = Size {
    name: "large",
    view: (360.0, 230.0),
    margin: (3.0, 17.0),
    corner: 11.0,
    point: (7.5, 3.6),
    cut: (14.0, 4.0),
    ring: 3.0,
    gap: 1.5,
    shape: pill,
};

/// The map without words, for a card that says the state itself.
pub(super) fn small(way: Way<'_>, said: &str) -> El {
    draw(&SMALL, way, said)
}

/// The map with the names of all states.
pub(super) fn large(way: Way<'_>, said: &str) -> El {
    draw(&LARGE, way, said)
}

/// The way with the present state at its end, as one says it: `SYN_SENT, ESTABLISHED`.
pub(super) fn states(way: Way<'_>) -> String {
    let names: Vec<String> =
        way.before.iter().copied().chain([way.state]).map(labels::state).collect();
    names.join(", ")
}

fn draw(size: &Size, way: Way<'_>, said: &str) -> El {
    let taken = map::taken(way);
    let standing = |of: State| map::standing(of, way.state, &taken);
    let line = |edge: &Edge| corners(size, edge, |of| (size.shape)(of, standing(of)));
    let open: String = map::lines().map(|edge| path(size, &line(edge))).collect();
    let gone = taken.iter().map(|edge| leg(size, edge, line(edge)));
    let spots = State::ALL.into_iter().map(|of| spot(size, of, standing(of)));
    let (width, height) = size.view;
    svg("svg", "map")
        .set("data-size", size.name)
        .set("viewBox", &format!("0 0 {} {}", tenths(width), tenths(height)))
        .set("role", "img")
        .set("aria-label", said)
        .add(svg("path", "open").set("d", &open))
        .adds(gone)
        .adds(spots)
}

fn dot(state: State, standing: Standing) -> Shape {
    Shape::Dot(match standing {
        Standing::Present => 4.6,
        Standing::Passed => 2.8,
        Standing::Open if state == State::TimeWait => 2.6,
        Standing::Open => 2.0,
    })
}

/// As wide as the name needs it, in the face and the size that `style/map.css` gives it.
fn pill(state: State, standing: Standing) -> Shape {
    let half = |letter: f64| state.name().chars().map(|_| letter / 2.0).sum::<f64>();
    match standing {
        Standing::Present => Shape::Pill(half(7.55) + 8.0, 12.0),
        Standing::Passed | Standing::Open => Shape::Pill(half(6.95) + 6.5, 9.0),
    }
}

fn spot(size: &Size, state: State, standing: Standing) -> El {
    let name = match standing {
        Standing::Present => "present",
        Standing::Passed => "passed",
        Standing::Open => "open",
    };
    let at = place(size, map::place(state));
    let shape = (size.shape)(state, standing);
    let around = |size: &Size| outline("ring", at, grown(shape, size.ring));
    let ring = (standing == Standing::Present).then(|| around(size));
    let words = match shape {
        Shape::Dot(_) => None,
        Shape::Pill(..) => Some(
            svg("text", "")
                .set("x", &tenths(at.0))
                .set("y", &tenths(at.1))
                .set("dy", "0.36em")
                .text(&labels::state(state)),
        ),
    };
    svg("g", "spot")
        .set("data-state", state.name())
        .set("data-standing", name)
        .adds(ring)
        .add(outline("body", at, shape))
        .adds(words)
}

fn grown(shape: Shape, by: f64) -> Shape {
    match shape {
        Shape::Dot(radius) => Shape::Dot(radius + by),
        Shape::Pill(width, height) => Shape::Pill(width + by, height + by),
    }
}

fn outline(class: &str, (x, y): At, shape: Shape) -> El {
    match shape {
        Shape::Dot(radius) => svg("circle", class)
            .set("cx", &tenths(x))
            .set("cy", &tenths(y))
            .set("r", &tenths(radius)),
        Shape::Pill(width, height) => svg("rect", class)
            .set("x", &tenths(x - width))
            .set("y", &tenths(y - height))
            .set("width", &tenths(2.0 * width))
            .set("height", &tenths(2.0 * height))
            .set("rx", &tenths(height)),
    }
}

/// A line that the connection went along, with its direction; where it was cut off, with a cross.
fn leg(size: &Size, edge: &Edge, mut line: Vec<At>) -> El {
    let cut = match (edge.road, line.as_slice()) {
        (Road::Off, [from, to, ..]) => Some(cross(size, *from, *to)),
        (Road::Off | Road::Figure, _) => None,
    };
    let mut head = None;
    if let [.., before, end] = line.as_mut_slice() {
        head = Some(point(size, *before, *end));
        // The shaft ends in the head, not at its tip, which is narrower than the shaft.
        *end = toward(*end, *before, 0.8 * size.point.0);
    }
    svg("g", "leg")
        .set("data-road", if edge.road == Road::Off { "off" } else { "figure" })
        .add(svg("path", "shaft").set("d", &path(size, &line)))
        .adds(head)
        .adds(cut)
}

fn point(size: &Size, before: At, end: At) -> El {
    let (length, half) = size.point;
    let base = toward(end, before, length);
    let far = apart(end, base).max(0.1);
    let (across, down) = ((end.0 - base.0) / far * half, (end.1 - base.1) / far * half);
    let (left, right) = ((base.0 - down, base.1 + across), (base.0 + down, base.1 - across));
    svg("path", "point").set("d", &format!("M{} L{} L{} z", pair(end), pair(left), pair(right)))
}

fn cross(size: &Size, from: At, to: At) -> El {
    let (most, half) = size.cut;
    let at = toward(from, to, most.min(apart(from, to) / 2.0));
    let corner = |x: f64, y: f64| pair((at.0 + x * half, at.1 + y * half));
    let [one, two] =
        [(corner(-1.0, -1.0), corner(1.0, 1.0)), (corner(-1.0, 1.0), corner(1.0, -1.0))];
    let shape = format!("M{} L{} M{} L{}", one.0, one.1, two.0, two.1);
    svg("path", "cut").set("d", &shape)
}

/// Where a line begins, turns and ends. It touches its states and doesn't enter them.
fn corners(size: &Size, edge: &Edge, shape: impl Fn(State) -> Shape) -> Vec<At> {
    let ends = [map::place(edge.from), map::place(edge.to)];
    let [from, to] = ends.map(|end| place(size, end));
    let bends: Vec<At> = edge.bends.iter().map(|bend| place(size, *bend)).collect();
    let first = leave(size, shape(edge.from), from, bends.first().copied().unwrap_or(to));
    let last = leave(size, shape(edge.to), to, bends.last().copied().unwrap_or(from));
    core::iter::once(first).chain(bends).chain([last]).collect()
}

/// Where a line leaves a shape at a place.
fn leave(size: &Size, shape: Shape, at: At, to: At) -> At {
    let far = apart(at, to).max(0.1);
    let out = match grown(shape, size.gap) {
        Shape::Dot(radius) => radius,
        Shape::Pill(width, height) => {
            let share = |half: f64, way: f64| half / (way.abs() / far).max(0.001);
            share(width, to.0 - at.0).min(share(height, to.1 - at.1))
        }
    };
    toward(at, to, out)
}

/// A line with round turns.
fn path(size: &Size, line: &[At]) -> String {
    let mut shape = String::new();
    for (n, at) in line.iter().enumerate() {
        let before = n.checked_sub(1).and_then(|n| line.get(n));
        match (before, line.get(n + 1)) {
            (None, _) => shape.push('M'),
            (Some(before), Some(after)) => {
                let [from, to] = [before, after].map(|one| turn(size, *at, *one));
                shape.push_str(&format!(" L{} Q{} {}", pair(from), pair(*at), pair(to)));
                continue;
            }
            (Some(_), None) => shape.push_str(" L"),
        }
        shape.push_str(&pair(*at));
    }
    shape
}

/// Where a line begins, or ceases, to turn around a corner.
fn turn(size: &Size, corner: At, to: At) -> At {
    toward(corner, to, size.corner.min(apart(corner, to) / 2.0))
}

fn place(size: &Size, (x, y): map::Place) -> At {
    let ((width, height), (side, top)) = (size.view, size.margin);
    (side + x * (width - 2.0 * side), top + y * (height - 2.0 * top))
}

/// From one place so far on the way to another, and not beyond it.
fn toward(from: At, to: At, far: f64) -> At {
    let share = (far / apart(from, to).max(0.1)).min(1.0);
    (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1))
}

fn apart(one: At, other: At) -> f64 {
    let (x, y) = (other.0 - one.0, other.1 - one.1);
    (x * x + y * y).sqrt()
}

fn pair((x, y): At) -> String {
    format!("{} {}", tenths(x), tenths(y))
}

/// A number with one decimal, without the cost of printing floats. Nothing in a drawing is negative.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn tenths(number: f64) -> String {
    let parts = (number * 10.0).round() as u32;
    format!("{}.{}", parts / 10, parts % 10)
}
