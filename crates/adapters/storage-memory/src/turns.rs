//! Turns at quotas: one unit of an owner after the other.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use uuid::Uuid;

type Turn = tokio::sync::Mutex<()>;

/// The turns that somebody has or waits for.
#[derive(Default)]
pub(crate) struct Turns(Mutex<HashMap<(&'static str, Uuid), Weak<Turn>>>);

impl Turns {
    /// The turn at what has this name, for this owner.
    pub(crate) fn of(&self, key: (&'static str, Uuid)) -> Arc<Turn> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        let there = turns.get(&key).and_then(Weak::upgrade);
        there.unwrap_or_else(|| {
            let turn = Arc::default();
            turns.insert(key, Arc::downgrade(&turn));
            turn
        })
    }
}
