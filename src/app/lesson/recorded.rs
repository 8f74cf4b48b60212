//! A recording beside the scene: what a kernel sent, and what the engine sends.

use super::super::draw::{El, html};
use super::super::lab::Lab;
use super::super::labels;
use super::super::language::{Text, host_name};
use super::files::{self, File};
use super::runs;
use crate::lesson::{Exchanged, Likeness, Part, Published, Recording, exchange, from_first_fin};

/// What is known of a part from elsewhere: where the same was seen. It is asked of the run as it
/// stands, so it isn't said of a scene that was changed.
pub(super) fn known(lab: Lab, published: &Published, part: &Part) -> Option<String> {
    let recorded = published.recorded(part)?;
    let likeness = runs(lab).first().and_then(|run| recorded.likeness(run));
    let key = match (&recorded.name, likeness) {
        (Recording::Kernel(_), Some(Likeness::Whole)) => Text::KernelSame,
        (Recording::Kernel(_), Some(Likeness::Close)) => Text::KernelSameClose,
        (Recording::Kernel(_), None) => Text::KernelOther,
        (Recording::Case(_), Some(Likeness::Whole)) => Text::CaseSame,
        (Recording::Case(_), Some(Likeness::Close)) => Text::CaseSameClose,
        (Recording::Case(_), None) => Text::CaseOther,
    };
    Some(lab.fill(key, &[("case", name(&recorded.name))]))
}

fn name(recording: &Recording) -> &str {
    match recording {
        Recording::Kernel(name) | Recording::Case(name) => name,
    }
}

/// Both exchanges, side by side.
pub(in super::super) fn recorded(lab: Lab, part: usize) -> El {
    let lesson = lab.lesson.get_untracked();
    let file = lesson.map_or(File::Lost, |going| files::lesson(&going.name));
    let drawn = match &file {
        File::Here(published) => both(lab, published, part),
        File::Coming | File::Lost => None,
    };
    drawn.unwrap_or_else(|| html("p", "").text(lab.text(Text::LessonLost)))
}

fn both(lab: Lab, published: &Published, part: usize) -> Option<El> {
    let part = published.lesson.parts.get(part)?;
    let recorded = published.recorded(part)?;
    let runs = runs(lab);
    let run = runs.first()?;
    let (mut theirs, mut ours) = (recorded.segments.clone(), exchange(run));
    if recorded.likeness(run) == Some(Likeness::Close) {
        (theirs, ours) = (from_first_fin(&theirs), from_first_fin(&ours));
    }
    let title = match &recorded.name {
        Recording::Kernel(name) => lab.fill(Text::RecordedKernel, &[("name", name)]),
        Recording::Case(name) => lab.fill(Text::RecordedCase, &[("name", name)]),
    };
    let said = known(lab, published, part).unwrap_or_default();
    let tables = html("div", "recorded").add(table(lab, &title, &theirs)).add(table(
        lab,
        lab.text(Text::Simulated),
        &ours,
    ));
    Some(
        html("div", "")
            .add(html("p", "").text(&said))
            .add(tables)
            .add(html("p", "facts").text(lab.text(Text::RecordedWhy))),
    )
}

fn table(lab: Lab, title: &str, segments: &[Exchanged]) -> El {
    let heads = [Text::RecordedTime, Text::RecordedFrom, Text::RecordedSegment];
    let heads = heads.map(|key| html("th", "").set("scope", "col").text(lab.text(key)));
    html("table", "")
        .add(html("caption", "").text(title))
        .add(html("thead", "").add(html("tr", "").adds(heads)))
        .add(html("tbody", "").adds(segments.iter().map(|one| row(lab, one))))
}

fn row(lab: Lab, one: &Exchanged) -> El {
    let ack = one.ack.map(|ack| format!(" ACK {ack}")).unwrap_or_default();
    let octets = match one.octets {
        0 => String::new(),
        octets => lab.fill(Text::RecordedOctets, &[("octets", &octets.to_string())]),
    };
    let lost =
        if one.lost { format!(" ✕ {}", lab.text(Text::RecordedLost)) } else { String::new() };
    let segment = format!("{} SEQ {}{ack} {octets}{lost}", one.flags, one.seq);
    html("tr", if one.lost { "lost" } else { "" })
        .add(html("td", "").text(&labels::moment(one.at)))
        .add(html("td", "").text(host_name(one.sender)))
        .add(html("td", "").text(segment.trim()))
}
