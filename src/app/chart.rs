//! A chart: lines over an axis, each with a mark of its own, a point of which can be chosen.
//!
//! Places are shares of the plot, 0..1, from the left and from the bottom; what they mean is its
//! caller's. Lines differ by colour, by dashes and by marks, and the legend is the caller's too.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, MouseEvent};

use super::draw::{El, html, svg};
use super::labels::{percent, whole};

/// The plot's own units for its lines, across and up.
const SCALE: f64 = 10_000.0;

/// A line.
pub(super) struct Series {
    /// Its name in style sheets: `data-series`, which colour and dashes follow.
    pub(super) name: &'static str,
    /// Its mark.
    pub(super) mark: Mark,
    /// Its points.
    pub(super) points: Vec<Point>,
    /// What stands in the plot at a place of its own.
    pub(super) label: Option<(f64, f64, String)>,
}

/// A point of a line.
#[derive(Clone, Copy)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
    /// Whether its mark is drawn hollow: its value isn't certain.
    pub(super) is_hollow: bool,
}

/// The sign of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Circle,
    Square,
    Triangle,
    Diamond,
    Cross,
}

impl Mark {
    /// Its outline around the origin, in pixels.
    fn outline(self) -> &'static str {
        match self {
            Mark::Circle => "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z",
            Mark::Square => "M-3.5 -3.5H3.5V3.5H-3.5Z",
            Mark::Triangle => "M0 -4.5L4.5 3.5H-4.5Z",
            Mark::Diamond => "M0 -5L5 0L0 5L-5 0Z",
            Mark::Cross => "M-4 -4L4 4M4 -4L-4 4",
        }
    }
}

/// An axis: marks at places, each with words or none.
pub(super) struct Axis {
    pub(super) title: String,
    pub(super) ticks: Vec<(f64, String)>,
}

/// The frame of a chart with its axes. `label` is what it is called; `pick` hears where in the plot
/// somebody clicked.
pub(super) fn frame(
    label: &str,
    across: &Axis,
    up: &Axis,
    pick: impl Fn(f64, f64) + 'static,
    plot: El,
) -> El {
    let grid = svg("g", "grid")
        .adds(across.ticks.iter().map(|(x, _)| line((*x, 0.0), (*x, 1.0))))
        .adds(up.ticks.iter().map(|(y, _)| line((0.0, *y), (1.0, *y))));
    let across_words = across.ticks.iter().map(|(x, words)| {
        svg("text", "across").set("x", &percent(*x)).set("y", "100%").set("dy", "18").text(words)
    });
    let up_words = up.ticks.iter().map(|(y, words)| {
        svg("text", "up").set("x", "0").set("dx", "-8").set("y", &down(*y)).text(words)
    });
    let drawing = svg("svg", "chart-drawing")
        .set("role", "img")
        .set("aria-label", label)
        .add(grid)
        .adds(across_words)
        .adds(up_words)
        .add(plot)
        .on("click", move |event| {
            if let Some((x, y)) = place_of(&event) {
                pick(x, y);
            }
        });
    html("div", "chart")
        .add(html("p", "axis-title").text(&up.title))
        .add(drawing)
        .add(html("p", "axis-title across").text(&across.title))
}

/// The lines with their marks.
pub(super) fn lines(series: &[Series]) -> Vec<El> {
    let strokes = series.iter().map(|one| {
        let points: Vec<String> = one
            .points
            .iter()
            .map(|point| format!("{},{}", whole(point.x * SCALE), whole((1.0 - point.y) * SCALE)))
            .collect();
        svg("polyline", "line").set("data-series", one.name).set("points", &points.join(" "))
    });
    // It's stretched as the plot is, and its lines aren't: their width is in pixels.
    let strokes = svg("svg", "")
        .set("viewBox", "0 0 10000 10000")
        .set("preserveAspectRatio", "none")
        .adds(strokes);
    let marks = series.iter().flat_map(|one| one.points.iter().map(|point| mark(one, *point)));
    let labels = series.iter().filter_map(|one| {
        let (x, y, words) = one.label.as_ref()?;
        // At the top there is room above the line, to its left.
        let (aside, anchor) = if *y > 0.99 { ("-8", "end") } else { ("8", "start") };
        let text = svg("text", "").set("x", aside).set("y", "-8").set("text-anchor", anchor);
        let text = text.text(words);
        Some(spot(*x, *y).set("class", "label").set("data-series", one.name).add(text))
    });
    [strokes].into_iter().chain(marks).chain(labels).collect()
}

fn mark(series: &Series, point: Point) -> El {
    let class = if point.is_hollow { "mark hollow" } else { "mark" };
    let outline = svg("path", "").set("d", series.mark.outline());
    spot(point.x, point.y).set("class", class).set("data-series", series.name).add(outline)
}

/// The mark of a line, for a legend.
pub(super) fn sample(name: &str, mark: Mark) -> El {
    let line = svg("path", "line").set("d", "M-16 0H16");
    let outline = svg("path", "").set("d", mark.outline());
    svg("svg", "sample")
        .set("viewBox", "-17 -7 34 14")
        .set("aria-hidden", "true")
        .set("data-series", name)
        .add(line)
        .add(svg("g", "mark").add(outline))
}

/// The point that is chosen: a line across the plot, and a ring.
pub(super) fn chosen(x: f64, y: Option<f64>) -> Vec<El> {
    let ring = y.map(|y| spot(x, y).add(svg("circle", "").set("r", "9")));
    [line((x, 0.0), (x, 1.0)).set("class", "at")].into_iter().chain(ring).collect()
}

/// A place in the plot, with its own origin: what is drawn there is drawn in pixels.
fn spot(x: f64, y: f64) -> El {
    svg("svg", "").set("x", &percent(x)).set("y", &down(y)).set("overflow", "visible")
}

fn line(from: (f64, f64), to: (f64, f64)) -> El {
    svg("line", "")
        .set("x1", &percent(from.0))
        .set("y1", &down(from.1))
        .set("x2", &percent(to.0))
        .set("y2", &down(to.1))
}

fn down(y: f64) -> String {
    percent(1.0 - y)
}

/// Where in the plot a click was.
fn place_of(event: &Event) -> Option<(f64, f64)> {
    let click = event.dyn_ref::<MouseEvent>()?;
    let shape = event.current_target()?.dyn_into::<Element>().ok()?.get_bounding_client_rect();
    let x = (f64::from(click.client_x()) - shape.left()) / shape.width().max(1.0);
    let y = (f64::from(click.client_y()) - shape.top()) / shape.height().max(1.0);
    Some((x, 1.0 - y))
}
