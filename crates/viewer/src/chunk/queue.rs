//! Which requests to start and which to abort, decided anew whenever the list of chunks to load changes.

use replayscope_session::ChunkId;
use replayscope_zarr::argsort::argsort;

/// Requests in flight at once. Browsers open six connections to a host over HTTP/1.1.
pub const IN_FLIGHT: usize = 6;

/// Why a chunk is requested; the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Needed for the requested picture, or requested by name.
    Visible,
    /// Next in the direction of playback.
    Ahead,
    /// Beside the requested frame, where the next scrub may go.
    Neighbour,
    /// Sampled for the colour range, or of the coarsest level.
    Background,
}

impl Priority {
    /// Most requests of this priority in flight, so that a seek finds a free connection at once.
    fn cap(self) -> usize {
        match self {
            Self::Visible => IN_FLIGHT,
            Self::Ahead => 4,
            Self::Neighbour | Self::Background => 2,
        }
    }
}

/// A chunk to load and its priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkRequest {
    /// The chunk.
    pub id: ChunkId,
    /// The reason for the request.
    pub priority: Priority,
}

/// The requests to abort and to start.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct QueueChanges {
    /// Requests to abort; they no longer count as in flight.
    pub abort: Vec<ChunkId>,
    /// Requests to start, the most urgent first; they count as in flight.
    pub start: Vec<ChunkId>,
}

/// The requests in flight.
#[derive(Debug, Default)]
pub struct Queue {
    in_flight: Vec<ChunkRequest>,
}

impl Queue {
    /// Replaces the list of requests; of equal priority, the earlier in the list is started first. A request in flight that is no longer
    /// listed is aborted; when [`IN_FLIGHT`] requests are in flight, a visible chunk replaces the least urgent of them.
    ///
    /// No other request is started while a visible chunk is in flight: it would share the bandwidth of a slow network (measured: a
    /// visible chunk took three times as long with one neighbour on each side).
    pub fn update(&mut self, requests: &[ChunkRequest]) -> QueueChanges {
        let mut changes = QueueChanges::default();
        let mut sorted: Vec<ChunkRequest> = Vec::with_capacity(requests.len());
        for request in requests {
            match sorted.iter_mut().find(|other| other.id == request.id) {
                Some(other) => other.priority = other.priority.min(request.priority),
                None => sorted.push(*request),
            }
        }
        let order = argsort(sorted.len(), &mut |a, b| sorted[a].priority.cmp(&sorted[b].priority));
        let sorted: Vec<ChunkRequest> = order.into_iter().map(|at| sorted[at]).collect();

        self.in_flight.retain_mut(|flying| {
            let wanted = sorted.iter().find(|request| request.id == flying.id);
            match wanted {
                Some(request) => flying.priority = request.priority,
                None => changes.abort.push(flying.id),
            }
            wanted.is_some()
        });
        for request in sorted {
            if self.in_flight.iter().any(|flying| flying.id == request.id) {
                continue;
            }
            if self.in_flight.len() >= IN_FLIGHT && request.priority == Priority::Visible {
                let least = (0..self.in_flight.len()).rev().max_by_key(|i| self.in_flight[*i].priority);
                if let Some(least) = least.filter(|i| self.in_flight[*i].priority > Priority::Visible) {
                    changes.abort.push(self.in_flight.remove(least).id);
                }
            }
            let held_back = request.priority > Priority::Visible
                && self.in_flight.iter().any(|flying| flying.priority == Priority::Visible);
            let same = self.in_flight.iter().filter(|flying| flying.priority == request.priority).count();
            if !held_back && self.in_flight.len() < IN_FLIGHT && same < request.priority.cap() {
                self.in_flight.push(request);
                changes.start.push(request.id);
            }
        }
        changes
    }

    /// Reports that a request ended, with success or not.
    pub fn finished(&mut self, id: ChunkId) {
        self.in_flight.retain(|flying| flying.id != id);
    }

    /// The number of requests in flight.
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(index: u64, priority: Priority) -> ChunkRequest {
        ChunkRequest { id: ChunkId { array: 0, index }, priority }
    }

    fn indices(ids: &[ChunkId]) -> Vec<u64> {
        ids.iter().map(|id| id.index).collect()
    }

    #[test]
    fn visible_goes_first_and_alone_whatever_the_order() {
        let mut queue = Queue::default();
        let requests = [
            request(3, Priority::Background),
            request(2, Priority::Neighbour),
            request(1, Priority::Ahead),
            request(0, Priority::Visible),
            request(4, Priority::Visible),
        ];
        assert_eq!(indices(&queue.update(&requests).start), [0, 4]);
        queue.finished(request(0, Priority::Visible).id);
        assert_eq!(indices(&queue.update(&[&requests[..3], &requests[4..]].concat()).start), [0; 0]);
        queue.finished(request(4, Priority::Visible).id);
        assert_eq!(indices(&queue.update(&requests[..3]).start), [1, 2, 3]);
    }

    #[test]
    fn a_new_seek_supersedes_the_old_one() {
        let mut queue = Queue::default();
        queue.update(&[request(1, Priority::Neighbour)]);
        queue.update(&[request(0, Priority::Visible), request(1, Priority::Neighbour)]);
        let changes = queue.update(&[request(9, Priority::Visible), request(1, Priority::Neighbour)]);
        assert_eq!((indices(&changes.abort), indices(&changes.start)), (vec![0], vec![9]));
    }

    #[test]
    fn a_full_queue_makes_room_for_what_is_visible() {
        let mut queue = Queue::default();
        let mut requests: Vec<ChunkRequest> = (1..=4).map(|i| request(i, Priority::Ahead)).collect();
        requests.extend([request(5, Priority::Neighbour), request(6, Priority::Background)]);
        assert_eq!(queue.update(&requests).start.len(), IN_FLIGHT);
        requests.insert(0, request(0, Priority::Visible));
        let changes = queue.update(&requests);
        assert_eq!((indices(&changes.abort), indices(&changes.start)), (vec![6], vec![0]));
    }

    fn any_requests() -> impl Strategy<Value = Vec<ChunkRequest>> {
        let priority = prop_oneof![
            Just(Priority::Visible),
            Just(Priority::Ahead),
            Just(Priority::Neighbour),
            Just(Priority::Background)
        ];
        prop::collection::vec((0..12_u64, priority).prop_map(|(i, p)| request(i, p)), 0..16)
    }

    proptest! {
        #[test]
        fn every_update_keeps_the_rules(steps in prop::collection::vec((any_requests(), any::<bool>()), 1..20)) {
            let mut queue = Queue::default();
            for (requests, finish) in steps {
                let before: Vec<ChunkId> = queue.in_flight.iter().map(|request| request.id).collect();
                let changes = queue.update(&requests);
                prop_assert!(queue.in_flight() <= IN_FLIGHT);
                for flying in &queue.in_flight {
                    prop_assert!(requests.iter().any(|request| request.id == flying.id), "in flight, not wanted");
                    prop_assert!(before.contains(&flying.id) != changes.start.contains(&flying.id));
                }
                let idle = requests.iter().any(|request| request.priority == Priority::Visible
                    && !queue.in_flight.iter().any(|flying| flying.id == request.id));
                prop_assert!(!idle || queue.in_flight.iter().all(|flying| flying.priority == Priority::Visible));
                for id in &changes.abort {
                    prop_assert!(before.contains(id) && !changes.start.contains(id));
                }
                if finish && let Some(first) = queue.in_flight.first().map(|request| request.id) {
                    queue.finished(first);
                }
            }
        }
    }
}
