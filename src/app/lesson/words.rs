//! Answers and citations in words.

use super::super::draw::{El, html};
use super::super::lab::Lab;
use super::super::labels;
use super::super::language::Text;
use crate::lesson::{Answer, Got, Sending};
use crate::world::Verdict;

/// An answer as the screen says it.
pub(super) fn answer(lab: Lab, answer: Answer) -> String {
    match answer {
        Answer::Nothing => lab.say(Text::AnswerNothing),
        Answer::Sends(Sending::Data) => lab.say(Text::AnswerData),
        Answer::Sends(sending) => sending.name().to_owned(),
        Answer::State(state) => labels::state(state),
        Answer::Returns(got) => gotten(lab, got),
        Answer::Verdict(verdict) => lab.say(ending(verdict)),
    }
}

fn gotten(lab: Lab, got: Got) -> String {
    let text = match got {
        Got::Done => Text::AnswerDone,
        Got::Taken => Text::AnswerTaken,
        Got::Descriptor => Text::AnswerDescriptor,
        Got::Ready => Text::AnswerReady,
        Got::Octets => Text::AnswerOctets,
        Got::EndOfFile => Text::AnswerEndOfFile,
        Got::Failed(errno) => return errno.to_string(),
    };
    lab.say(text)
}

fn ending(verdict: Verdict) -> Text {
    match verdict {
        Verdict::ForeignOctets => Text::EndsForeignOctets,
        Verdict::ForeignFin => Text::EndsForeignFin,
        Verdict::OldRst => Text::EndsOldRst,
        Verdict::SpuriousRst => Text::EndsSpuriousRst,
        Verdict::TimeWaitCutShort => Text::EndsTimeWaitCutShort,
        Verdict::Aborted => Text::EndsAborted,
        Verdict::AbortedByPeer => Text::EndsAbortedByPeer,
        Verdict::Refused => Text::EndsRefused,
        Verdict::GivenUp => Text::EndsGivenUp,
        Verdict::Stuck => Text::EndsStuck,
        Verdict::ClosedInOrder => Text::VerdictClosedInOrder,
        Verdict::Open => Text::EndsOpen,
    }
}

/// Citations, each with a link to the document where the document is an RFC.
pub(super) fn cites<'a>(lab: Lab, cites: impl IntoIterator<Item = &'a String>) -> El {
    let each = cites.into_iter().map(|cite| html("li", "").add(self::cite(lab, cite)));
    html("ul", "cites").adds(each)
}

/// A citation: `RFC 9293 §3.6.1`, or a point of the article.
pub(super) fn cite(lab: Lab, cite: &str) -> El {
    if let Some(point) = cite.strip_prefix("article ") {
        return html("span", "").text(&lab.fill(Text::ArticlePoint, &[("point", point)]));
    }
    let Some(rest) = cite.strip_prefix("RFC ") else { return html("span", "").text(cite) };
    let (number, section) = rest.split_once(" §").unwrap_or((rest, ""));
    let anchor = if section.is_empty() { String::new() } else { format!("#section-{section}") };
    html("a", "")
        .set("href", &format!("https://www.rfc-editor.org/rfc/rfc{number}{anchor}"))
        .set("target", "_blank")
        .set("rel", "noreferrer")
        .text(cite)
}
