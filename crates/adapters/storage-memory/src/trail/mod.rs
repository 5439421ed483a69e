//! The audit trail: events in the order they were committed, which is the order they are numbered in.
//!
//! The n-th event becomes the n-th leaf. Nothing can be committed before what is there, so that whatever has no number
//! yet can get one, and none is ever passed over.

pub(crate) mod event_index;

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use audit::{
    Hash, Tile, TileId,
    event::{Event, EventId},
    ports::{KeptCheckpoint, KeptSigner},
    recorder::Record,
    sealing::SubjectKey,
};
use kernel::{Ctx, Denial, Denials, StoreError};
use uuid::Uuid;

use self::event_index::{EventIndex, IndexKey};
use crate::MemoryStorage;

#[derive(Default)]
pub(crate) struct Trail {
    pub(crate) events: Vec<Event>,
    pub(crate) positions: HashMap<EventId, usize>,
    pub(crate) indexes: HashMap<IndexKey, EventIndex>,
    pub(crate) keys: HashMap<Uuid, SubjectKey>,
    /// Of the first events, in their order.
    pub(crate) leaves: Vec<Hash>,
    /// Each with its root.
    pub(crate) full: BTreeMap<TileId, (Tile, Hash)>,
    pub(crate) signer: Option<KeptSigner>,
    pub(crate) checkpoints: BTreeMap<u64, KeptCheckpoint>,
}

impl Trail {
    /// Destroys the keys of these subjects.
    pub(crate) fn forget(&mut self, subjects: &[Uuid]) {
        if !subjects.is_empty() {
            self.keys.retain(|_, key| key.subject.is_none_or(|subject| !subjects.contains(&subject)));
        }
    }

    /// Writes down what a transaction did, after it destroyed the keys of those it forgot.
    pub(crate) fn write(&mut self, events: Vec<Event>, keys: &[SubjectKey], forgotten: &[Uuid]) {
        self.forget(forgotten);
        self.keys.extend(keys.iter().map(|key| (key.id, key.clone())));
        for event in events {
            let position = self.events.len();
            self.positions.insert(event.id, position);
            for key in IndexKey::of(&event) {
                self.indexes.entry(key).or_default().put(&event, position);
            }
            self.events.push(event);
        }
    }
}

#[async_trait]
impl Denials for MemoryStorage {
    async fn record_denial(&self, ctx: &Ctx, denial: Denial) -> Result<(), StoreError> {
        let recorder = &self.shared.recorder;
        let Record { events, keys } = recorder.denial(ctx, &denial)?;
        self.shared.write().trail.write(events, &keys, &[]);
        recorder.committed(keys);
        Ok(())
    }
}
