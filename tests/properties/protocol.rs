//! P03 to P05 and P07 to P10: what a host does with a segment, on every step of random runs.

use std::collections::BTreeMap;

use proptest::prelude::*;

use time_wait_lab::tcp::event::{ConnectionId, EventKind, Gate, HostId};
use time_wait_lab::tcp::profile::{
    AckAcceptance, OpenRequests, RstAcceptance, SequenceCheck, Switch, TwRecycle,
};
use time_wait_lab::tcp::rule::Rule;
use time_wait_lab::tcp::segment::Segment;
use time_wait_lab::tcp::seq::Seq;
use time_wait_lab::tcp::state::State;
use time_wait_lab::world::Scenario;

use crate::cases;
use crate::generate::{ALL, Menu, scenario};
use crate::watch::{Step, live, watch};

/// The answer to a segment for which there's no connection (P07).
fn answer_without_connection(step: &Step<'_>) -> Result<(), String> {
    let Some((arrival, host, segment)) = step.arrival() else { return Ok(()) };
    if step.addressee(host, segment).is_some() {
        return Ok(());
    }
    let port = segment.destination_port;
    let listens = step.before[host.index()].listeners.iter().any(|l| l.port == port);
    let answers: Vec<&Segment> = step.answers(arrival).map(|(_, answer)| answer).collect();
    let profile = &step.before[host.index()].profile;
    let syncache = profile.open_requests == OpenRequests::Syncache;
    let reset = match segment.ack {
        // FreeBSD's listener drops a SYN,ACK.
        Some(_) if listens && segment.syn && syncache => None,
        Some(ack) => Some((ack, None)),
        None if listens => None,
        None => Some((Seq(0), Some(segment.seq + segment.len()))),
    };
    let wanted = reset.filter(|_| !segment.rst);
    let resets: Vec<_> = answers.iter().filter(|a| a.rst).map(|a| (a.seq, a.ack)).collect();
    if resets != Vec::from_iter(wanted) {
        return Err(format!("{resets:?} where {wanted:?} was due for {segment:?}"));
    }
    let opens = listens && segment.syn && segment.ack.is_none() && !segment.rst;
    let replies = answers.iter().filter(|a| !a.rst).count();
    // tcp_tw_recycle may drop a SYN without a word (PROTOCOL §24).
    let dropped = opens && replies == 0 && profile.tw_recycle != TwRecycle::Off;
    if replies != usize::from(opens) && !dropped {
        return Err(format!("{answers:?} for {segment:?}"));
    }
    Ok(())
}

/// A RST from CLOSED lies exactly at the peer's RCV.NXT, unless the segment was stale (P08).
fn reset_is_exact(step: &Step<'_>) -> Result<(), String> {
    let Some((arrival, host, segment)) = step.arrival() else { return Ok(()) };
    let EventKind::Arrived { name, .. } = &step.events()[0].kind else { return Ok(()) };
    if name.forged {
        return Ok(());
    }
    let ports = (segment.source_port, segment.destination_port);
    let peer = live(&step.before[host.other().index()], ports)
        .filter(|peer| peer.incarnation == segment.origin && peer.state.is_synchronised());
    let (Some(peer), Some(ack)) = (peer, segment.ack) else { return Ok(()) };
    for (event, answer) in step.answers(arrival) {
        let closed = event.rule == Rule::ClosedReset || event.rule == Rule::ListenAck;
        let exact = answer.seq == peer.rcv_nxt || ack.before(peer.rcv_nxt);
        if closed && !exact {
            return Err(format!("{answer:?} for a peer at {}", peer.rcv_nxt));
        }
    }
    Ok(())
}

/// A bare ACK that is acceptable and brings nothing new draws nothing (P04).
fn bare_ack_is_not_answered(step: &Step<'_>) -> Result<(), String> {
    let Some((arrival, host, segment)) = step.arrival() else { return Ok(()) };
    let Some(c) = step.addressee(host, segment) else { return Ok(()) };
    let profile = &step.before[host.index()].profile;
    let passed = |gate| {
        step.events().iter().any(|event| match &event.kind {
            EventKind::Gate { gate: g, passed, .. } => *g == gate && *passed,
            _ => false,
        })
    };
    let plain = !segment.syn && !segment.fin && !segment.rst && segment.data.is_empty();
    let old = segment.ack.is_some_and(|ack| ack.at_or_before(c.snd_una));
    let nothing_new = plain
        && old
        && segment.seq == c.rcv_nxt
        && segment.sack.is_empty()
        && segment.window == c.snd_wnd
        && c.state.is_synchronised();
    let acceptable = passed(Gate::Sequence) && passed(Gate::Ack);
    // D23: smoltcp answers it in LAST-ACK.
    let excepted = profile.last_ack_answers && c.state == State::LastAck;
    if nothing_new && acceptable && !excepted {
        // What waited for the clock may leave now, and a program that closes by itself may abort; an
        // ACK for its own sake may not.
        let own = |rule| matches!(rule, Rule::Abort | Rule::CloseUnread);
        let mut answers = step.answers(arrival).filter(|(event, _)| !own(event.rule));
        if let Some((event, answer)) = answers.find(|(_, a)| a.is_empty()) {
            return Err(format!("{:?} {answer:?} for {segment:?} in {:?}", event.rule, c.state));
        }
    }
    Ok(())
}

/// A challenge ACK is <SEQ=SND.NXT><ACK=RCV.NXT> and changes no state (P09).
fn challenge_changes_nothing(step: &Step<'_>) -> Result<(), String> {
    let Some((arrival, host, segment)) = step.arrival() else { return Ok(()) };
    let Some(c) = step.addressee(host, segment) else { return Ok(()) };
    let profile = &step.before[host.index()].profile;
    for (event, answer) in step.answers(arrival) {
        let challenge = match event.rule {
            Rule::RstChallenge | Rule::SynChallenge | Rule::AckChallenge | Rule::PawsAck => true,
            Rule::TimeWaitSynRefused | Rule::TimeWaitOld | Rule::TimeWaitFinAgain => true,
            // RFC 9293 A.2 and MUST-66: the ACK of an unacceptable segment may be used. Linux uses
            // that of one which ends at RCV.NXT (PROTOCOL D12), such as a FIN that comes again.
            Rule::UnacceptableAck => {
                let uses = match profile.sequence_check {
                    SequenceCheck::TableUseAck | SequenceCheck::Bsd => true,
                    SequenceCheck::Linux => segment.end() == c.rcv_nxt,
                    SequenceCheck::Table | SequenceCheck::Smoltcp => false,
                };
                !uses && c.rcv_wnd() > 0
            }
            _ => false,
        };
        if !challenge {
            continue;
        }
        let now = step.now(host, c.id).map(|now| (now.state, now.snd_una, now.rcv_nxt));
        // smoltcp's go-back-N that hasn't caught up says where it is, not SND.NXT.
        let seq = c.resend_from.map_or(c.snd_nxt, |from| from.later(c.snd_una));
        let numbers = (answer.seq, answer.ack) == (seq, Some(c.rcv_nxt));
        let bare = answer.is_empty() && !answer.rst;
        if !numbers || !bare || now != Some((c.state, c.snd_una, c.rcv_nxt)) {
            return Err(format!("{:?} {answer:?} {:?} then {now:?}", event.rule, c.state));
        }
    }
    Ok(())
}

/// A segment outside the window moves nothing (P10), where the profile is strict.
fn outside_moves_nothing(step: &Step<'_>) -> Result<(), String> {
    let Some((_, host, segment)) = step.arrival() else { return Ok(()) };
    let Some(c) = step.addressee(host, segment) else { return Ok(()) };
    let outside = step.events().iter().any(|event| {
        matches!(&event.kind, EventKind::Gate { gate: Gate::Sequence, passed: false, .. })
    });
    // Linux tcp_reset_check: after the peer's FIN a RST with the FIN's own number is believed.
    let after_fin = matches!(c.state, State::CloseWait | State::LastAck | State::Closing);
    let profile = &step.before[host.index()].profile;
    let before_fin = profile.rst_acceptance == RstAcceptance::Linux
        && after_fin
        && segment.rst
        && segment.seq == c.rcv_nxt - 1;
    // MUST-66: with a zero window a valid ACK at RCV.NXT is used.
    if !outside || c.rcv_wnd() == 0 || before_fin {
        return Ok(());
    }
    let received = step.events().iter().any(|event| {
        let kind = &event.kind;
        matches!(kind, EventKind::Received { .. } | EventKind::EndOfFile { .. })
    });
    let now = step.now(host, c.id).map(|now| (now.snd_una, now.rcv_nxt));
    if received || now != Some((c.snd_una, c.rcv_nxt)) {
        return Err(format!("{segment:?} {:?} then {now:?}", (c.snd_una, c.rcv_nxt)));
    }
    Ok(())
}

/// What is remembered of every connection for P05.
#[derive(Default)]
struct Numbers {
    next: BTreeMap<(HostId, ConnectionId), (Seq, Option<Seq>)>,
    fin: BTreeMap<(HostId, ConnectionId), Seq>,
}

impl Numbers {
    /// SND.NXT and RCV.NXT never go back, and a FIN keeps its number (P05).
    fn never_go_back(&mut self, step: &Step<'_>) -> Result<(), String> {
        for host in &step.after.hosts {
            for c in host.connections.iter() {
                let begun = !matches!(c.state, State::SynSent | State::Closed);
                let now = (c.snd_nxt, begun.then_some(c.rcv_nxt));
                let key = (host.id, c.id);
                if let Some((sent, received)) = self.next.insert(key, now) {
                    let back = now.0.before(sent)
                        || matches!((received, now.1), (Some(was), Some(is)) if is.before(was));
                    if back {
                        return Err(format!("{key:?} {:?} then {now:?}", (sent, received)));
                    }
                }
            }
        }
        for event in step.events() {
            if let (EventKind::Sent { connection: Some(id), segment, .. }, Some(host)) =
                (&event.kind, event.host)
                && segment.fin
            {
                let number = segment.end() - 1;
                let first = *self.fin.entry((host, *id)).or_insert(number);
                if first != number {
                    return Err(format!("FIN of {id:?} at {first} and at {number}"));
                }
            }
        }
        Ok(())
    }
}

/// Checks every step of a run.
fn every_step(
    scenario: &Scenario,
    mut check: impl FnMut(&Step<'_>) -> Result<(), String>,
) -> Result<(), TestCaseError> {
    watch(scenario, |step| {
        let told = |error| format!("{error}\nat {} in\n{scenario}", step.events()[0].time);
        check(step).map_err(|error| TestCaseError::fail(told(error)))
    })
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn p03_no_rst_answers_a_rst(scenario in scenario(ALL)) {
        every_step(&scenario, |step| {
            let Some((arrival, _, segment)) = step.arrival() else { return Ok(()) };
            let rst = step.answers(arrival).any(|(_, answer)| answer.rst);
            if segment.rst && rst { Err(format!("{segment:?}")) } else { Ok(()) }
        })?;
    }

    #[test]
    fn p04_a_bare_ack_with_nothing_new_is_not_answered(scenario in scenario(ALL)) {
        every_step(&scenario, bare_ack_is_not_answered)?;
    }

    #[test]
    fn p05_numbers_never_go_back(scenario in scenario(ALL)) {
        let mut numbers = Numbers::default();
        every_step(&scenario, |step| numbers.never_go_back(step))?;
    }

    #[test]
    fn p07_without_a_connection_the_answer_is_one_rst(scenario in scenario(ALL)) {
        every_step(&scenario, answer_without_connection)?;
    }

    #[test]
    fn p08_a_rst_from_closed_is_exact(scenario in scenario(Menu { forged: false, ..ALL })) {
        every_step(&scenario, reset_is_exact)?;
    }

    #[test]
    fn p09_a_challenge_ack_changes_nothing(scenario in scenario(ALL)) {
        every_step(&scenario, challenge_changes_nothing)?;
    }

    #[test]
    fn p10_segments_outside_the_window_move_nothing(mut scenario in scenario(ALL)) {
        for host in &mut scenario.hosts {
            let strict = host.profile.set(Switch::sequence_check, "table");
            prop_assert!(strict);
            if host.profile.ack_acceptance == AckAcceptance::Smoltcp {
                host.profile.ack_acceptance = AckAcceptance::Rfc5961;
            }
        }
        every_step(&scenario, outside_moves_nothing)?;
    }
}
