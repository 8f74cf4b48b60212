//! The verdict at the top right: how the connections ended, in words with a sign.

use super::draw::{El, html};
use super::lab::{Lab, World};
use super::labels;
use super::language::{Text, host_name};
use crate::tcp::segment::Incarnation;
use crate::world::{Judgement, Verdict, by_connection};

pub(super) fn verdicts(world: World) -> El {
    let lab = world.lab;
    // It's read aloud when it changes, so it must change only then.
    let shown = lab.paced(move || world.now(|now| by_connection(&now.verdicts)));
    html("ul", "verdicts")
        .set("aria-live", "polite")
        .follow("aria-label", move || lab.say(Text::Verdicts))
        .part(move || {
            let shown = shown.get();
            let has_many = shown.len() > 1;
            shown.into_iter().map(|one| pill(lab, one, has_many)).collect()
        })
}

fn pill(lab: Lab, shown: Judgement, has_many: bool) -> El {
    let Judgement { incarnation, host, verdict, .. } = shown;
    let (kind, sign) = kind(verdict);
    // A connect() that was refused made no connection, and so has no number.
    let has_number = has_many && incarnation != Incarnation::FORGED;
    let number = if has_number { labels::sign(incarnation) } else { "" };
    let names = [("host", host_name(host)), ("peer", host_name(host.other()))];
    html("li", &format!("verdict {kind}"))
        .add(html("span", "").set("aria-hidden", "true").text(sign))
        .add(html("b", labels::hue(incarnation)).text(number))
        .add(html("span", "").text(&lab.fill(text_of(verdict), &names)))
}

fn kind(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::ForeignOctets
        | Verdict::ForeignFin
        | Verdict::OldRst
        | Verdict::SpuriousRst
        | Verdict::TimeWaitCutShort
        | Verdict::Stuck => ("bad", "✕"),
        Verdict::Aborted | Verdict::AbortedByPeer | Verdict::Refused | Verdict::GivenUp => {
            ("mixed", "!")
        }
        Verdict::ClosedInOrder => ("good", "✓"),
        Verdict::Open => ("open", "…"),
    }
}

fn text_of(verdict: Verdict) -> Text {
    match verdict {
        Verdict::ForeignOctets => Text::VerdictForeignOctets,
        Verdict::ForeignFin => Text::VerdictForeignFin,
        Verdict::OldRst => Text::VerdictOldRst,
        Verdict::SpuriousRst => Text::VerdictSpuriousRst,
        Verdict::TimeWaitCutShort => Text::VerdictTimeWaitCutShort,
        Verdict::Aborted => Text::VerdictAborted,
        Verdict::AbortedByPeer => Text::VerdictAbortedByPeer,
        Verdict::Refused => Text::VerdictRefused,
        Verdict::GivenUp => Text::VerdictGivenUp,
        Verdict::Stuck => Text::VerdictStuck,
        Verdict::ClosedInOrder => Text::VerdictClosedInOrder,
        Verdict::Open => Text::VerdictOpen,
    }
}
