use std::{
    ops::Range,
    sync::{Arc, atomic::Ordering},
};

use async_trait::async_trait;
use kernel::{
    Clock as _, Timestamp,
    document::{Chunks, ContentError},
};

use super::{World, pieces};
use crate::{
    ObjectKey, StoredObject,
    ports::{ObjectWriter, Objects},
};

/// The objects of the world, which are given out in pieces that are no chunks.
pub(super) struct Shelf(pub(super) Arc<World>);

#[async_trait]
impl Objects for Shelf {
    async fn write(&self, key: &ObjectKey) -> Result<Box<dyn ObjectWriter>, ContentError> {
        Ok(Box::new(Writing { world: self.0.clone(), key: *key, bytes: Vec::new() }))
    }
    async fn read(
        &self,
        key: &ObjectKey,
        range: Option<Range<u64>>,
    ) -> Result<Box<dyn Chunks>, ContentError> {
        let objects = self.0.objects.lock().unwrap();
        let (bytes, _) = objects.get(key).ok_or(ContentError::Missing)?;
        let whole = bytes.len() as u64;
        let range = range.map_or(0..whole, |range| range.start.min(whole)..range.end.min(whole));
        self.0.read.fetch_add(range.end - range.start, Ordering::Relaxed);
        let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
        Ok(Box::new(pieces(&bytes[range], 10_007)))
    }
    async fn delete(&self, key: &ObjectKey) -> Result<(), ContentError> {
        self.0.objects.lock().unwrap().remove(key);
        Ok(())
    }
    async fn list(&self, after: Option<&ObjectKey>, most: usize) -> Result<Vec<StoredObject>, ContentError> {
        let objects = self.0.objects.lock().unwrap();
        let later = objects.iter().filter(|(key, _)| after.is_none_or(|after| *key > after));
        let stored = |(key, (bytes, at)): (&ObjectKey, &(Vec<u8>, Timestamp))| StoredObject {
            key: *key,
            size: bytes.len() as u64,
            written_at: *at,
        };
        Ok(later.take(most).map(stored).collect())
    }
    async fn clear_unfinished(&self, _: Timestamp) -> Result<(), ContentError> {
        Ok(())
    }
}

/// An object that is there once it is finished.
struct Writing {
    world: Arc<World>,
    key: ObjectKey,
    bytes: Vec<u8>,
}

#[async_trait]
impl ObjectWriter for Writing {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), ContentError> {
        self.bytes.extend(bytes);
        Ok(())
    }
    async fn finish(self: Box<Self>) -> Result<(), ContentError> {
        let object = (self.bytes, self.world.now());
        self.world.objects.lock().unwrap().insert(self.key, object);
        Ok(())
    }
}
