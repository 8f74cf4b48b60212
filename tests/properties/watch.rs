//! A run step by step, with both hosts as they were before each step.

use proptest::test_runner::TestCaseError;

use time_wait_lab::tcp::connection::Connection;
use time_wait_lab::tcp::event::{ConnectionId, Event, EventId, EventKind, HostId};
use time_wait_lab::tcp::host::Host;
use time_wait_lab::tcp::segment::Segment;
use time_wait_lab::world::{Network, Scenario};

/// One step of a run: something that happened, and all that it caused.
pub(crate) struct Step<'a> {
    /// A and B before.
    pub(crate) before: &'a [Host; 2],
    /// Everything after.
    pub(crate) after: &'a Network<'a>,
    /// The place of its first event.
    pub(crate) first: usize,
}

impl<'a> Step<'a> {
    /// Its events.
    pub(crate) fn events(&self) -> &'a [Event] {
        &self.after.log.events[self.first..]
    }

    /// The segment that arrived in it, with the arrival's place and host.
    pub(crate) fn arrival(&self) -> Option<(EventId, HostId, &'a Segment)> {
        let event = self.events().first()?;
        match &event.kind {
            EventKind::Arrived { segment, .. } => {
                Some((EventId(self.first as u32), event.host?, segment))
            }
            _ => None,
        }
    }

    /// The live connection that a segment was for, as it was before.
    pub(crate) fn addressee(&self, host: HostId, segment: &Segment) -> Option<&'a Connection> {
        live(&self.before[host.index()], (segment.destination_port, segment.source_port))
    }

    /// That connection as it is now.
    pub(crate) fn now(&self, host: HostId, id: ConnectionId) -> Option<&'a Connection> {
        self.after.hosts[host.index()].connections.with_id(id)
    }

    /// What was sent because of that event.
    pub(crate) fn answers(&self, cause: EventId) -> impl Iterator<Item = (&'a Event, &'a Segment)> {
        self.events().iter().filter_map(move |event| match &event.kind {
            EventKind::Sent { segment, .. } if event.cause == Some(cause) => Some((event, segment)),
            _ => None,
        })
    }
}

/// The live connection of a host between two ports (local, remote).
pub(crate) fn live(host: &Host, ports: (u16, u16)) -> Option<&Connection> {
    host.connections.iter().find(|c| c.is_live() && (c.local_port, c.remote_port) == ports)
}

/// Runs a scenario as `simulate` does and shows every step.
pub(crate) fn watch(
    scenario: &Scenario,
    mut see: impl FnMut(&Step<'_>) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let mut network = Network::new(scenario);
    while network.log.events.len() < 20_000 {
        let Some((due, choice)) = network.pending().min_by_key(|(due, _)| *due) else { break };
        if due.at > scenario.until {
            break;
        }
        let before = network.hosts.clone();
        let first = network.log.events.len();
        network.apply(choice, due.at);
        see(&Step { before: &before, after: &network, first })?;
    }
    Ok(())
}
