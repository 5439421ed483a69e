use std::sync::{Arc, atomic::Ordering};

use super::*;
use crate::{
    ObjectPart,
    sealing::sealed_size,
    testing::{ELSEWHERE, HERE, World, bytes, id, pieces, run},
};

const FULL: usize = CHUNK + TAG;

const PLACE: ObjectKey = ObjectKey { organization: HERE, document: id(5), part: ObjectPart::Content };

/// An object store with one object, and its key.
struct Vault {
    world: Arc<World>,
    key: FileKey,
    size: u64,
}

impl Vault {
    fn of(content: &[u8]) -> Self {
        let world = World::new();
        let vault = Self { key: FileKey::generate(&*world), world, size: content.len() as u64 };
        let sealed = vault.seal(&PLACE, content, u64::MAX).unwrap();
        assert_eq!(sealed, Sealed { size: vault.size, sha256: Digest::of(content) });
        vault
    }

    fn seal(&self, place: &ObjectKey, content: &[u8], most: u64) -> Option<Sealed> {
        let (objects, mut content) = (self.world.ports().objects, pieces(content, 10_000));
        run(seal(&*objects, &*self.world, &self.key, place, &mut content, most)).unwrap()
    }

    fn object(&self) -> Vec<u8> {
        self.world.objects.lock().unwrap()[&PLACE].0.clone()
    }

    fn put(&self, place: ObjectKey, object: Vec<u8>) {
        self.world.objects.lock().unwrap().insert(place, (object, kernel::Timestamp::EPOCH));
    }

    fn open(&self, place: &ObjectKey) -> Result<Vec<u8>, ContentError> {
        run(async { open(&*self.world.ports().objects, &self.key, place).await?.collect().await })
    }

    fn range(&self, place: &ObjectKey, range: &Range<u64>) -> Result<Vec<u8>, ContentError> {
        let objects = self.world.ports().objects;
        run(async { open_range(&*objects, &self.key, place, range, self.size).await?.collect().await })
    }

    /// Neither way opens the object in this place.
    fn assert_shut(&self, place: &ObjectKey, why: &str) {
        assert_eq!(self.open(place).unwrap_err(), ContentError::Altered, "{why}");
        assert_eq!(self.range(place, &(0..self.size)).unwrap_err(), ContentError::Altered, "{why}");
    }
}

/// The object, taken apart: its salt and its chunks.
fn parts(object: &[u8]) -> (&[u8], Vec<&[u8]>) {
    let (salt, chunks) = object.split_at(SALT);
    (salt, chunks.chunks(FULL).collect())
}

#[test]
fn content_of_any_size_seals_and_opens_and_its_length_is_known() {
    for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK] {
        let content = bytes(size);
        let vault = Vault::of(&content);
        assert_eq!(vault.object().len() as u64, sealed_size(vault.size), "{size}");
        assert!(vault.open(&PLACE).unwrap() == content, "{size}");
        assert!(vault.range(&PLACE, &(0..vault.size)).unwrap() == content, "{size}");
    }
}

#[test]
fn each_range_is_what_lies_there_and_no_chunk_is_read_that_it_does_not_need() {
    let chunk = CHUNK as u64;
    for size in [0, 1, 100, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 2] {
        let content = bytes(size);
        let vault = Vault::of(&content);
        let borders = [0, 1, 2, 3].map(|number| number * CHUNK);
        let around = borders.iter().flat_map(|border| [border.saturating_sub(1), *border, border + 1]);
        let positions: Vec<usize> = around.chain([50, size]).filter(|position| *position <= size).collect();
        for start in &positions {
            for end in positions.iter().filter(|end| *end >= start) {
                let range = *start as u64..*end as u64;
                vault.world.read.store(0, Ordering::Relaxed);
                assert!(vault.range(&PLACE, &range).unwrap() == content[*start..*end], "{range:?} of {size}");
                let needed = range.start / chunk * chunk..range.end.div_ceil(chunk) * chunk;
                let needed = needed.end.min(vault.size).saturating_sub(needed.start);
                let expected = sealed_size(needed);
                if !range.is_empty() {
                    assert_eq!(vault.world.read.load(Ordering::Relaxed), expected, "{range:?} of {size}");
                }
            }
        }
    }
}

#[test]
fn no_object_opens_with_a_byte_changed_wherever_it_stands() {
    let vault = Vault::of(&bytes(CHUNK + 20));
    let object = vault.object();
    let first_tag = SALT + CHUNK..SALT + FULL;
    let last = SALT + FULL..object.len();
    for at in (0..SALT + 4).chain([40_000]).chain(first_tag).chain(last) {
        let mut flipped = object.clone();
        flipped[at] ^= 0x40;
        vault.put(PLACE, flipped);
        vault.assert_shut(&PLACE, &format!("byte {at}"));
    }
}

#[test]
fn an_empty_file_too_opens_as_it_was_stored_alone() {
    let vault = Vault::of(b"");
    let object = vault.object();
    for at in 0..object.len() {
        let mut flipped = object.clone();
        flipped[at] ^= 1;
        vault.put(PLACE, flipped);
        vault.assert_shut(&PLACE, &format!("byte {at}"));
    }
}

#[test]
fn no_object_opens_whose_chunks_are_missing_doubled_or_in_another_order() {
    for size in [4 * CHUNK, 3 * CHUNK + 9] {
        let vault = Vault::of(&bytes(size));
        let object = vault.object();
        let (salt, chunks) = parts(&object);
        let orders: [&[usize]; 9] = [
            &[1, 0, 2, 3],
            &[0, 2, 1, 3],
            &[0, 1, 3, 2],
            &[0, 0, 1, 2, 3],
            &[0, 1, 1, 3],
            &[0, 1, 2],
            &[0, 1, 3],
            &[1, 2, 3],
            &[],
        ];
        for order in orders {
            let changed = order.iter().map(|number| chunks[*number]);
            vault.put(PLACE, [&[salt][..], &changed.collect::<Vec<_>>()].concat().concat());
            vault.assert_shut(&PLACE, &format!("{order:?} of {size}"));
        }
    }
}

#[test]
fn no_object_opens_that_was_cut() {
    for size in [2 * CHUNK, 2 * CHUNK + 9] {
        let vault = Vault::of(&bytes(size));
        let object = vault.object();
        for length in
            [0, SALT - 1, SALT, SALT + 1, SALT + CHUNK, SALT + FULL, object.len() - TAG, object.len() - 1]
        {
            vault.put(PLACE, object[..length].to_vec());
            vault.assert_shut(&PLACE, &format!("{length} of {size}"));
        }
    }
}

#[test]
fn no_object_opens_as_long_as_it_is_not_as_long_as_its_row_says() {
    for size in [20, CHUNK, 2 * CHUNK, 2 * CHUNK + 9] {
        let vault = Vault::of(&bytes(size));
        for said in [vault.size - 1, vault.size + 1, vault.size + 2 * CHUNK as u64] {
            let other = Vault { size: said, world: vault.world.clone(), key: vault.key.clone() };
            assert_eq!(
                other.range(&PLACE, &(0..said)).unwrap_err(),
                ContentError::Altered,
                "{said} of {size}"
            );
        }
    }
}

#[test]
fn no_object_opens_behind_whose_content_something_was_put() {
    for size in [0, 20, CHUNK, 2 * CHUNK + 9] {
        for more in [1, TAG, FULL] {
            let vault = Vault::of(&bytes(size));
            vault.put(PLACE, [vault.object(), vec![7; more]].concat());
            vault.assert_shut(&PLACE, &format!("{more} behind {size}"));
            let end = vault.size.saturating_sub(1)..vault.size;
            assert_eq!(vault.range(&PLACE, &end).unwrap_err(), ContentError::Altered, "{more} behind {size}");
        }
    }
}

#[test]
fn no_object_opens_in_another_place() {
    let vault = Vault::of(b"What Zoe did.");
    let others = [
        ObjectKey { document: id(6), ..PLACE },
        ObjectKey { organization: ELSEWHERE, ..PLACE },
        ObjectKey { part: ObjectPart::Text, ..PLACE },
        ObjectKey { organization: id(5), document: id(1), ..PLACE },
    ];
    for other in others {
        vault.put(other, vault.object());
        vault.assert_shut(&other, &other.path());
    }
}

#[test]
fn no_chunk_of_another_object_of_the_same_file_takes_the_place_of_one() {
    let vault = Vault::of(&bytes(2 * CHUNK));
    let before = vault.object();
    vault.seal(&PLACE, &bytes(2 * CHUNK), u64::MAX).unwrap();
    let after = vault.object();
    vault.put(PLACE, [&after[..SALT + FULL], &before[SALT + FULL..]].concat());
    vault.assert_shut(&PLACE, "a chunk of the object that was there before");
}

#[test]
fn after_an_error_nothing_more_comes() {
    let vault = Vault::of(&bytes(3 * CHUNK));
    let object = vault.object();
    let (salt, chunks) = parts(&object);
    vault.put(PLACE, [salt, chunks[0], chunks[0], chunks[1], chunks[2]].concat());
    let (objects, whole) = (vault.world.ports().objects, 0..vault.size);
    for mut content in [
        run(open(&*objects, &vault.key, &PLACE)).unwrap(),
        run(open_range(&*objects, &vault.key, &PLACE, &whole, vault.size)).unwrap(),
    ] {
        assert!(run(content.next()).unwrap().is_some(), "the first chunk stands in its place");
        assert_eq!(run(content.next()).unwrap_err(), ContentError::Altered);
        assert_eq!(run(content.next()), Ok(None), "though the second chunk would come in its turn");
    }
}

#[test]
fn no_two_objects_hold_the_same_bytes_though_their_content_is_the_same() {
    let content = bytes(CHUNK + 1_000);
    let vault = Vault::of(&content);
    let before = vault.object();
    vault.seal(&PLACE, &content, u64::MAX).unwrap();
    let after = vault.object();
    let pairs = before.chunks_exact(16).zip(after.chunks_exact(16));
    assert_eq!(pairs.filter(|(before, after)| before == after).count(), 0);
}

#[test]
fn what_has_more_bytes_than_may_be_leaves_no_object_and_the_one_before_in_its_place() {
    let vault = Vault::of(b"before");
    assert_eq!(vault.seal(&PLACE, &bytes(20_001), 20_000), None);
    assert_eq!(vault.open(&PLACE).unwrap(), b"before");
    assert_eq!(vault.seal(&PLACE, &bytes(20_000), 20_000).unwrap().size, 20_000);
}

#[test]
fn what_does_not_come_whole_leaves_no_object() {
    struct Broken(u32);
    #[async_trait]
    impl Chunks for Broken {
        async fn next(&mut self) -> Result<Option<Vec<u8>>, ContentError> {
            self.0 += 1;
            if self.0 < 3 {
                Ok(Some(bytes(CHUNK)))
            } else {
                Err(ContentError::Interrupted("gone".to_owned()))
            }
        }
    }
    let world = World::new();
    let (objects, key) = (world.ports().objects, FileKey::generate(&*world));
    let sealed = run(seal(&*objects, &*world, &key, &PLACE, &mut Broken(0), u64::MAX));
    assert_eq!(sealed.unwrap_err(), ContentError::Interrupted("gone".to_owned()));
    assert!(world.object_keys().is_empty());
}
