//! Objects in memory.

use std::{
    collections::BTreeMap,
    fmt,
    ops::{Bound, Range},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use document::{
    ObjectKey, StoredObject,
    ports::{ObjectWriter, Objects},
};
use kernel::{
    Clock, Timestamp,
    document::{Chunks, ContentError},
};

/// Objects in memory, which are gone when the process ends. All clones have the same.
#[derive(Clone)]
pub struct MemoryObjects {
    clock: Arc<dyn Clock>,
    kept: Arc<Mutex<BTreeMap<ObjectKey, Kept>>>,
}

struct Kept {
    written_at: Timestamp,
    bytes: Vec<u8>,
}

impl MemoryObjects {
    /// None yet. The clock tells when each is written.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, kept: Arc::default() }
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<ObjectKey, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryObjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryObjects")
    }
}

#[async_trait]
impl Objects for MemoryObjects {
    async fn write(&self, key: &ObjectKey) -> Result<Box<dyn ObjectWriter>, ContentError> {
        Ok(Box::new(Writer { objects: self.clone(), key: *key, bytes: Vec::new() }))
    }

    async fn read(
        &self,
        key: &ObjectKey,
        range: Option<Range<u64>>,
    ) -> Result<Box<dyn Chunks>, ContentError> {
        let kept = self.kept();
        let bytes = &kept.get(key).ok_or(ContentError::Missing)?.bytes;
        let place = |at: u64| usize::try_from(at).map_or(bytes.len(), |at| at.min(bytes.len()));
        let range = range.map_or(0..bytes.len(), |range| place(range.start)..place(range.end));
        Ok(Box::new(Once(bytes.get(range).unwrap_or_default().to_vec())))
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), ContentError> {
        self.kept().remove(key);
        Ok(())
    }

    async fn list(&self, after: Option<&ObjectKey>, most: usize) -> Result<Vec<StoredObject>, ContentError> {
        let after = after.map_or(Bound::Unbounded, |after| Bound::Excluded(*after));
        let kept = self.kept();
        let stored = kept.range((after, Bound::Unbounded)).take(most).map(|(key, kept)| StoredObject {
            key: *key,
            size: kept.bytes.len() as u64,
            written_at: kept.written_at,
        });
        Ok(stored.collect())
    }

    async fn clear_unfinished(&self, _before: Timestamp) -> Result<(), ContentError> {
        Ok(())
    }
}

struct Writer {
    objects: MemoryObjects,
    key: ObjectKey,
    bytes: Vec<u8>,
}

#[async_trait]
impl ObjectWriter for Writer {
    async fn write(&mut self, mut bytes: Vec<u8>) -> Result<(), ContentError> {
        self.bytes.append(&mut bytes);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), ContentError> {
        let Self { objects, key, bytes } = *self;
        let written_at = objects.clock.now();
        objects.kept().insert(key, Kept { written_at, bytes });
        Ok(())
    }
}

/// All of it in one piece.
struct Once(Vec<u8>);

#[async_trait]
impl Chunks for Once {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, ContentError> {
        Ok(Some(std::mem::take(&mut self.0)).filter(|bytes| !bytes.is_empty()))
    }
}
