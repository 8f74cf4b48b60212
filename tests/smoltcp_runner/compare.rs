//! What differs between two runs of a script, line by line.

use time_wait_lab::tcp::event::HostId;

use super::{Sent, Side};

/// The differences, each with its moment, in the order of time; none if the runs agree completely.
pub fn differences(smoltcp: &[Side; 2], ours: &[Side; 2]) -> Vec<(u64, String)> {
    let isns = [&smoltcp[0].isns[..], &smoltcp[1].isns[..]];
    let mut found: Vec<(u64, String)> = Vec::new();
    for host in HostId::BOTH {
        let (theirs, mine) = (&smoltcp[host.index()], &ours[host.index()]);
        for place in 0..theirs.sent.len().max(mine.sent.len()) {
            let (a, b) = (theirs.sent.get(place), mine.sent.get(place));
            if a != b {
                let at = [a, b].into_iter().flatten().map(|s| s.at).min().unwrap();
                let line = |s| print(s, host, isns);
                found.push((
                    at,
                    format!("{host}{}: smoltcp {}, here {}", place + 1, line(a), line(b)),
                ));
            }
        }
        for place in 0..theirs.states.len().max(mine.states.len()) {
            let (a, b) = (theirs.states.get(place), mine.states.get(place));
            if a != b {
                let at = [a, b].into_iter().flatten().map(|s| s.0).min().unwrap();
                found.push((at, format!("{host} state: smoltcp {}, here {}", name(a), name(b))));
            }
        }
        if theirs.octets != mine.octets {
            let count = |s: &Side| s.octets.iter().map(|(_, o)| o.len()).collect::<Vec<_>>();
            let (a, b) = (count(theirs), count(mine));
            found.push((u64::MAX, format!("{host} received: smoltcp {a:?}, here {b:?}")));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found
}

fn name(state: Option<&(u64, u32, time_wait_lab::tcp::state::State)>) -> String {
    state.map_or("nothing".to_owned(), |(at, connection, state)| {
        format!("{}: {connection} {state}", millis(*at))
    })
}

fn millis(at: u64) -> String {
    if at.is_multiple_of(1_000) { format!("{}ms", at / 1_000) } else { format!("{at}us") }
}

/// A segment with its numbers relative to the initial ones of its sender and receiver.
fn print(sent: Option<&Sent>, host: HostId, isns: [&[u32]; 2]) -> String {
    let Some(sent) = sent else { return "nothing".to_owned() };
    let relative = |number: u32, host: HostId| {
        let isns = isns[host.index()].iter();
        isns.map(|isn| number.wrapping_sub(*isn)).min().unwrap_or(number)
    };
    let ack = sent.ack.map_or(String::new(), |ack| format!(" ack {}", relative(ack, host.other())));
    format!(
        "{} {} seq {}{ack} len {} wnd {}",
        millis(sent.at),
        sent.flags,
        relative(sent.seq, host),
        sent.len,
        sent.window
    )
}
