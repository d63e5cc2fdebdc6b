//! A least-recently-used cache with a budget in bytes; pinned values are never evicted.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// A cache of values by key, each with its size in bytes.
#[derive(Debug)]
pub struct Cache<K, V> {
    budget: u64,
    bytes: u64,
    now: u64,
    entries: HashMap<K, Entry<V>>,
    pinned: HashSet<K>,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    bytes: u64,
    used: u64,
}

impl<K: Copy + Ord + Hash, V> Cache<K, V> {
    /// An empty cache of at most `budget` bytes; pinned values may exceed it.
    pub fn new(budget: u64) -> Self {
        Self { budget, bytes: 0, now: 0, entries: HashMap::new(), pinned: HashSet::new() }
    }

    /// The value of a key; counts as a use.
    pub fn get(&mut self, key: K) -> Option<&V> {
        self.now += 1;
        let entry = self.entries.get_mut(&key)?;
        entry.used = self.now;
        Some(&entry.value)
    }

    /// The value of a key; does not count as a use.
    pub fn peek(&self, key: K) -> Option<&V> {
        self.entries.get(&key).map(|entry| &entry.value)
    }

    /// Replaces the set of keys that are never evicted.
    pub fn pin(&mut self, keys: impl IntoIterator<Item = K>) {
        self.pinned = keys.into_iter().collect();
    }

    /// Adds a value of `bytes` bytes and returns the evicted keys: the least recently used first, never a pinned one nor `key`.
    pub fn insert(&mut self, key: K, value: V, bytes: u64) -> Vec<K> {
        self.now += 1;
        self.remove(key);
        self.entries.insert(key, Entry { value, bytes, used: self.now });
        self.bytes += bytes;
        self.evict(Some(key))
    }

    /// The budget in bytes.
    pub fn budget(&self) -> u64 {
        self.budget
    }

    /// Sets the budget in bytes; returns the evicted keys.
    pub fn set_budget(&mut self, bytes: u64) -> Vec<K> {
        self.budget = bytes;
        self.evict(None)
    }

    fn evict(&mut self, newest: Option<K>) -> Vec<K> {
        let mut gone = Vec::new();
        while self.bytes > self.budget {
            let oldest = self
                .entries
                .iter()
                .filter(|(key, _)| Some(**key) != newest && !self.pinned.contains(key))
                .min_by_key(|(_, entry)| entry.used)
                .map(|(key, _)| *key);
            let Some(oldest) = oldest else { break };
            self.remove(oldest);
            gone.push(oldest);
        }
        gone
    }

    fn remove(&mut self, key: K) {
        if let Some(entry) = self.entries.remove(&key) {
            self.bytes -= entry.bytes;
        }
    }

    /// Removes every value.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }

    /// Bytes of all values.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The keys of all values, ascending.
    pub fn keys(&self) -> Vec<K> {
        let mut keys: Vec<K> = self.entries.keys().copied().collect();
        keys.sort_unstable();
        keys
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_longest_unused_goes_first_and_pins_stay() {
        let mut cache = Cache::new(30);
        for key in 0..3 {
            assert_eq!(cache.insert(key, (), 10), [0; 0]);
        }
        cache.get(0);
        assert_eq!(cache.insert(3, (), 10), [1]);
        cache.pin([2]);
        assert_eq!(cache.insert(4, (), 10), [0]);
        assert_eq!(cache.keys(), [2, 3, 4]);
    }

    proptest! {
        #[test]
        fn the_budget_holds_but_for_pins_and_the_newest(
            steps in prop::collection::vec((0..20_u32, 1..40_u64, 0..20_u32), 1..200)
        ) {
            let mut cache = Cache::new(100);
            for (key, bytes, pinned) in steps {
                cache.pin([pinned]);
                let held_pin = cache.peek(pinned).is_some();
                cache.insert(key, (), bytes);
                prop_assert!(!held_pin || cache.peek(pinned).is_some(), "a pinned value was evicted");
                prop_assert!(cache.peek(key).is_some());
                prop_assert!(cache.bytes() <= 100 + 39, "more than one value over the budget");
                prop_assert_eq!(cache.bytes(), cache.entries.values().map(|e| e.bytes).sum::<u64>());
            }
        }
    }
}
