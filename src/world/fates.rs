//! Which acts of a scenario are for which segment, found without a look at every act.

use std::collections::BTreeMap;

use crate::tcp::event::{HostId, SegmentName};

use super::scenario::{Act, Target};

/// The places of the acts of the network among a scenario's acts, by what they are for.
#[derive(Clone, Debug, Default)]
pub(super) struct Fates {
    named: BTreeMap<SegmentName, Vec<usize>>,
    every: [Vec<usize>; 2],
}

impl Fates {
    pub(super) fn of(acts: &[Act]) -> Fates {
        let mut fates = Fates::default();
        for (place, act) in acts.iter().enumerate() {
            let Act::Fate { target, .. } = act else { continue };
            match target {
                Target::Named { name, .. } => fates.named.entry(*name).or_default().push(place),
                Target::Every { sender, .. } => {
                    let [a, b] = &mut fates.every;
                    let list = if *sender == HostId::A { a } else { b };
                    list.push(place);
                }
            }
        }
        fates
    }

    /// The first act, from the place `from` on, that may be for a segment of that name.
    pub(super) fn next(&self, name: SegmentName, from: usize) -> Option<usize> {
        let [a, b] = &self.every;
        let every = if name.sender == HostId::A { a } else { b };
        let first = |list: &Vec<usize>| list.get(list.partition_point(|at| *at < from)).copied();
        let named = self.named.get(&name).and_then(first);
        named.into_iter().chain(first(every)).min()
    }
}
