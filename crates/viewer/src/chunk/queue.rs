//! Which requests to start and which to abort, decided from scratch whenever what is wanted changes.

use replayscope_session::ChunkId;
use replayscope_zarr::argsort::argsort;

/// Requests in flight at once. Browsers open six connections to a host over HTTP/1.1.
pub const IN_FLIGHT: usize = 6;

/// Why a chunk is wanted; the sooner first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// On screen, or asked for by name.
    Visible,
    /// Next in play direction.
    Ahead,
    /// Beside what is shown: where the next scrub may go.
    Neighbour,
    /// Sampled for the colour range.
    Background,
}

impl Priority {
    /// Most requests of this priority in flight, so that a seek finds a free place at once.
    fn cap(self) -> usize {
        match self {
            Self::Visible => IN_FLIGHT,
            Self::Ahead => 4,
            Self::Neighbour | Self::Background => 2,
        }
    }
}

/// A chunk and why it is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Want {
    /// The chunk.
    pub id: ChunkId,
    /// Why.
    pub priority: Priority,
}

/// What to do to the network now.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Requests to drop; they are no longer in flight.
    pub abort: Vec<ChunkId>,
    /// Requests to start, the most wanted first; they are now in flight.
    pub start: Vec<ChunkId>,
}

/// The requests in flight.
#[derive(Debug, Default)]
pub struct Queue {
    in_flight: Vec<Want>,
}

impl Queue {
    /// Replaces what is wanted: of equal priority, the earlier in the list goes first. What is in flight and no
    /// longer wanted is aborted; when every place is taken, a visible chunk takes that of the least wanted other.
    ///
    /// Nothing else is started while a visible chunk is on its way: on a slow network it would take its share of the line
    /// (measured: three times as long with a chunk beside it at each side).
    pub fn plan(&mut self, wants: &[Want]) -> Plan {
        let mut plan = Plan::default();
        let mut sorted: Vec<Want> = Vec::with_capacity(wants.len());
        for want in wants {
            match sorted.iter_mut().find(|other| other.id == want.id) {
                Some(other) => other.priority = other.priority.min(want.priority),
                None => sorted.push(*want),
            }
        }
        let order = argsort(sorted.len(), &mut |a, b| sorted[a].priority.cmp(&sorted[b].priority));
        let sorted: Vec<Want> = order.into_iter().map(|at| sorted[at]).collect();

        self.in_flight.retain_mut(|flying| {
            let wanted = sorted.iter().find(|want| want.id == flying.id);
            match wanted {
                Some(want) => flying.priority = want.priority,
                None => plan.abort.push(flying.id),
            }
            wanted.is_some()
        });
        for want in sorted {
            if self.in_flight.iter().any(|flying| flying.id == want.id) {
                continue;
            }
            if self.in_flight.len() >= IN_FLIGHT && want.priority == Priority::Visible {
                let least = (0..self.in_flight.len()).rev().max_by_key(|i| self.in_flight[*i].priority);
                if let Some(least) = least.filter(|i| self.in_flight[*i].priority > Priority::Visible) {
                    plan.abort.push(self.in_flight.remove(least).id);
                }
            }
            let held_back = want.priority > Priority::Visible
                && self.in_flight.iter().any(|flying| flying.priority == Priority::Visible);
            let same = self.in_flight.iter().filter(|flying| flying.priority == want.priority).count();
            if !held_back && self.in_flight.len() < IN_FLIGHT && same < want.priority.cap() {
                self.in_flight.push(want);
                plan.start.push(want.id);
            }
        }
        plan
    }

    /// A request ended, well or not.
    pub fn finished(&mut self, id: ChunkId) {
        self.in_flight.retain(|flying| flying.id != id);
    }

    /// Requests in flight now.
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn want(index: u64, priority: Priority) -> Want {
        Want { id: ChunkId { array: 0, index }, priority }
    }

    fn indices(ids: &[ChunkId]) -> Vec<u64> {
        ids.iter().map(|id| id.index).collect()
    }

    #[test]
    fn visible_goes_first_and_alone_whatever_the_order() {
        let mut queue = Queue::default();
        let wants = [
            want(3, Priority::Background),
            want(2, Priority::Neighbour),
            want(1, Priority::Ahead),
            want(0, Priority::Visible),
            want(4, Priority::Visible),
        ];
        assert_eq!(indices(&queue.plan(&wants).start), [0, 4]);
        queue.finished(want(0, Priority::Visible).id);
        assert_eq!(indices(&queue.plan(&[&wants[..3], &wants[4..]].concat()).start), [0; 0]);
        queue.finished(want(4, Priority::Visible).id);
        assert_eq!(indices(&queue.plan(&wants[..3]).start), [1, 2, 3]);
    }

    #[test]
    fn a_new_seek_supersedes_the_old_one() {
        let mut queue = Queue::default();
        queue.plan(&[want(1, Priority::Neighbour)]);
        queue.plan(&[want(0, Priority::Visible), want(1, Priority::Neighbour)]);
        let plan = queue.plan(&[want(9, Priority::Visible), want(1, Priority::Neighbour)]);
        assert_eq!((indices(&plan.abort), indices(&plan.start)), (vec![0], vec![9]));
    }

    #[test]
    fn a_full_queue_makes_room_for_what_is_visible() {
        let mut queue = Queue::default();
        let mut wants: Vec<Want> = (1..=4).map(|i| want(i, Priority::Ahead)).collect();
        wants.extend([want(5, Priority::Neighbour), want(6, Priority::Background)]);
        assert_eq!(queue.plan(&wants).start.len(), IN_FLIGHT);
        wants.insert(0, want(0, Priority::Visible));
        let plan = queue.plan(&wants);
        assert_eq!((indices(&plan.abort), indices(&plan.start)), (vec![6], vec![0]));
    }

    fn any_wants() -> impl Strategy<Value = Vec<Want>> {
        let priority = prop_oneof![
            Just(Priority::Visible),
            Just(Priority::Ahead),
            Just(Priority::Neighbour),
            Just(Priority::Background)
        ];
        prop::collection::vec((0..12_u64, priority).prop_map(|(i, p)| want(i, p)), 0..16)
    }

    proptest! {
        #[test]
        fn every_plan_keeps_the_rules(steps in prop::collection::vec((any_wants(), any::<bool>()), 1..20)) {
            let mut queue = Queue::default();
            for (wants, finish) in steps {
                let before: Vec<ChunkId> = queue.in_flight.iter().map(|want| want.id).collect();
                let plan = queue.plan(&wants);
                prop_assert!(queue.in_flight() <= IN_FLIGHT);
                for flying in &queue.in_flight {
                    prop_assert!(wants.iter().any(|want| want.id == flying.id), "in flight, not wanted");
                    prop_assert!(before.contains(&flying.id) != plan.start.contains(&flying.id));
                }
                let idle = wants.iter().any(|want| want.priority == Priority::Visible
                    && !queue.in_flight.iter().any(|flying| flying.id == want.id));
                prop_assert!(!idle || queue.in_flight.iter().all(|flying| flying.priority == Priority::Visible));
                for id in &plan.abort {
                    prop_assert!(before.contains(id) && !plan.start.contains(id));
                }
                if finish && let Some(first) = queue.in_flight.first().map(|want| want.id) {
                    queue.finished(first);
                }
            }
        }
    }
}
