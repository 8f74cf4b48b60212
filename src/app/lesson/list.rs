//! All lessons, each with how far somebody came.

use super::super::draw::{El, button, html};
use super::super::lab::{Going, Lab};
use super::super::language::Text;
use super::super::sheet::Sheet;
use super::files::{self, File};
use super::{Progress, of};
use crate::lesson::Listed;

/// What is beside the stage: its words in an address, its name, and what it's for.
const INSTRUMENTS: [(&str, Text, Text); 2] =
    [("theorem", Text::Adversary, Text::AdversaryWhat), ("ports", Text::Ports, Text::PortsWhat)];

/// The lessons, to be begun, gone on with, or read; and what else there is beside the stage.
pub(in super::super) fn list(lab: Lab) -> El {
    files::ask_for_list();
    let lessons = html("div", "").part(move || match files::list() {
        File::Coming => vec![html("p", "").text("…")],
        File::Lost => vec![html("p", "").text(lab.text(Text::LessonLost))],
        File::Here(list) => {
            vec![html("ol", "lessons-list").adds(list.iter().map(|one| row(lab, one)))]
        }
    });
    let instruments = INSTRUMENTS.map(|(words, name, what)| {
        let open = move || lab.sheet.set(Some(Sheet::Shown(words.to_owned())));
        html("li", "")
            .add(html("p", "").text(lab.text(what)))
            .add(button("", open).text(lab.text(name)))
    });
    html("div", "").add(html("ul", "instruments").adds(instruments)).add(lessons)
}

fn row(lab: Lab, listed: &Listed) -> El {
    let language = lab.language.get();
    let progress = Progress::read(&listed.name);
    let minutes = lab.fill(Text::Minutes, &[("minutes", &listed.minutes.to_string())]);
    let begin = |stop: usize, key: Text| {
        let name = listed.name.clone();
        button("", move || lab.lesson.set(Some(Going::to(&name, stop)))).text(lab.text(key))
    };
    let is_under_way = progress.stop > 0 && progress.stop + 1 < progress.stops;
    let ways = html("div", "choices")
        .adds(is_under_way.then(|| begin(progress.stop, Text::GoOn)))
        .add(begin(0, if progress.stops > 0 { Text::FromStart } else { Text::Begin }));
    let name = listed.name.clone();
    let read = button("quiet", move || lab.sheet.set(Some(Sheet::Page(name.clone()))));
    html("li", "")
        .set("data-lesson", &listed.name)
        .add(html("h3", "").text(of(language, &listed.title)))
        .add(html("p", "facts").text(&minutes).adds(far(lab, &progress)))
        .add(html("p", "").text(of(language, &listed.summary)))
        .add(ways.add(read.text(lab.text(Text::ReadAsPage))))
}

/// How far somebody came, in words and a sign.
fn far(lab: Lab, progress: &Progress) -> Option<El> {
    if progress.stops == 0 {
        return None;
    }
    let (stop, stops) = ((progress.farthest + 1).to_string(), progress.stops.to_string());
    let words = if progress.is_done() {
        format!("✓ {}", lab.text(Text::Finished))
    } else {
        lab.fill(Text::StopOf, &[("number", &stop), ("all", &stops)])
    };
    let solved = progress.solved.len().to_string();
    let solved = (!progress.solved.is_empty())
        .then(|| format!(" · {}", lab.fill(Text::PuzzlesSolved, &[("number", &solved)])));
    Some(html("span", "").text(" · ").text(&words).text(&solved.unwrap_or_default()))
}
