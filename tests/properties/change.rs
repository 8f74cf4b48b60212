//! A scenario and its trace seen in a mirror, with other numbers, or with other octets.

use time_wait_lab::tcp::call::{Call, Returned};
use time_wait_lab::tcp::event::{Event, EventKind, Gate, HostId, SegmentName};
use time_wait_lab::tcp::rule::Rule;
use time_wait_lab::tcp::segment::{Chunk, Segment};
use time_wait_lab::tcp::seq::Seq;
use time_wait_lab::world::{Act, Scenario, Start, Target};

/// The scenario with A and B exchanged.
pub(crate) fn mirror(scenario: &Scenario) -> Scenario {
    let mut other = scenario.clone();
    other.hosts.reverse();
    other.wire.delay.reverse();
    if let Start::Established { a_next, b_next } = scenario.start {
        other.start = Start::Established { a_next: b_next, b_next: a_next };
    }
    for act in &mut other.acts {
        match act {
            Act::Call { host, .. } => *host = host.other(),
            Act::Forge { to, .. } => *to = to.other(),
            Act::Release { name, .. } => name.sender = name.sender.other(),
            Act::Fate { target: Target::Named { name, .. }, .. } => {
                name.sender = name.sender.other();
            }
            Act::Fate { target: Target::Every { sender, .. }, .. } => *sender = sender.other(),
        }
    }
    other
}

/// An event with A and B exchanged.
pub(crate) fn mirrored(mut event: Event) -> Event {
    event.host = event.host.map(HostId::other);
    let flip = |name: &mut SegmentName| name.sender = name.sender.other();
    match &mut event.kind {
        EventKind::Sent { name, again, .. } => {
            flip(name);
            again.iter_mut().for_each(flip);
        }
        EventKind::Injected { name, .. }
        | EventKind::Lost { name }
        | EventKind::Died { name }
        | EventKind::Arrived { name, .. } => flip(name),
        _ => {}
    }
    event
}

/// Two constants: what is added to A's numbers and to B's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shift(pub(crate) [u32; 2]);

impl Shift {
    fn of(self, host: HostId) -> u32 {
        self.0[host.index()]
    }

    fn segment(self, sender: HostId, segment: &mut Segment, zero: bool) {
        if !zero {
            segment.seq += self.of(sender);
        }
        let peer = self.of(sender.other());
        segment.ack = segment.ack.map(|ack| ack + peer);
        for (start, end) in &mut segment.sack {
            (*start, *end) = (*start + peer, *end + peer);
        }
    }

    /// The scenario with the constants added to every number in it.
    pub(crate) fn scenario(self, scenario: &Scenario) -> Scenario {
        let mut other = scenario.clone();
        for id in HostId::BOTH {
            for iss in &mut other.hosts[id.index()].iss {
                *iss += self.of(id);
            }
        }
        if let Start::Established { a_next, b_next } = &mut other.start {
            *a_next += self.of(HostId::A);
            *b_next += self.of(HostId::B);
        }
        for act in &mut other.acts {
            if let Act::Forge { to, segment, .. } = act {
                self.segment(to.other(), segment, false);
            }
        }
        other
    }

    /// An event with the constants added to every number in it. `zero` says which segments have a
    /// literal zero as their SEQ.
    pub(crate) fn event(self, mut event: Event, zero: &dyn Fn(SegmentName) -> bool) -> Event {
        let host = event.host;
        match &mut event.kind {
            EventKind::Sent { name, segment, .. }
            | EventKind::Injected { name, segment }
            | EventKind::Arrived { name, segment } => {
                self.segment(name.sender, segment, zero(SegmentName { copy: 1, ..*name }));
            }
            EventKind::Opened { iss, .. } => {
                *iss += host.map_or(0, |host| self.of(host));
            }
            EventKind::Queued { seq, .. } => {
                *seq += host.map_or(0, |host| self.of(host.other()));
            }
            EventKind::Gate { gate, value, low, high, .. } => {
                let by = match (gate, host) {
                    (Gate::FourTuple | Gate::Paws, _) | (_, None) => 0,
                    (Gate::Sequence | Gate::Rst | Gate::Syn, Some(host)) => self.of(host.other()),
                    (Gate::Ack, Some(host)) => self.of(host),
                };
                for number in [value, low, high] {
                    *number = (Seq(*number) + by).0;
                }
            }
            _ => {}
        }
        event
    }
}

/// The segments that have a literal zero as their SEQ: the RSTs that answer a segment without ACK.
pub(crate) fn zeros(events: &[Event]) -> Vec<SegmentName> {
    events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Sent { name, segment, .. } => {
                let own = [Rule::Abort, Rule::CloseUnread, Rule::CloseListener];
                let literal = segment.rst && segment.ack.is_some() && segment.seq == Seq(0);
                (literal && !own.contains(&event.rule)).then_some(*name)
            }
            _ => None,
        })
        .collect()
}

fn chunks(chunks: &mut [Chunk], change: &dyn Fn(&mut [u8])) {
    chunks.iter_mut().for_each(|chunk| change(&mut chunk.octets));
}

/// The scenario with other octets of the same lengths.
pub(crate) fn with_octets(scenario: &Scenario, change: &dyn Fn(&mut [u8])) -> Scenario {
    let mut other = scenario.clone();
    for act in &mut other.acts {
        match act {
            Act::Call { call: Call::Send { data, .. }, .. } => change(data),
            Act::Forge { segment, .. } => change(&mut segment.data),
            _ => {}
        }
    }
    other
}

/// An event with other octets of the same lengths.
pub(crate) fn event_with_octets(mut event: Event, change: &dyn Fn(&mut [u8])) -> Event {
    match &mut event.kind {
        EventKind::Call { call: Call::Send { data, .. }, .. } => change(data),
        EventKind::Sent { segment, .. }
        | EventKind::Injected { segment, .. }
        | EventKind::Arrived { segment, .. } => change(&mut segment.data),
        EventKind::Received { chunks: all, .. }
        | EventKind::Return { returned: Returned::Octets(all), .. } => chunks(all, change),
        _ => {}
    }
    event
}
