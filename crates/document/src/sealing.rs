//! How content is sealed: in chunks, so that it streams and opens from anywhere, with a key for each file.
//!
//! # The format, `chacha20poly1305-stream/v1`
//!
//! An object is a salt of 16 random bytes and then the content in chunks of 64 KiB, the last shorter, each sealed with
//! ChaCha20-Poly1305 (RFC 8439) and followed by its tag of 16 bytes. The key of the object is
//! HKDF-SHA-256 (RFC 5869) of the file's key and the salt, with `touchstone document v1`, the ids of organisation and
//! document in 16 bytes each and the name of the part as its info: so an object opens in its own place alone. The nonce
//! of a chunk is its number from 0 in 11 bytes, the highest first, and then 1 for the last chunk and 0 for any other:
//! the construction STREAM (Hoang, Reyhanitabar, Rogaway and Vizár, *Online Authenticated-Encryption and its
//! Nonce-Reuse Misuse-Resistance*, CRYPTO 2015), by which chunks that are missing, doubled or in another order do not
//! open. Each time an object is written it has a new salt, and so another key: no nonce is used twice under one key.
//!
//! The file's key, 32 random bytes, is kept in the row of the document, sealed with a key that the database does not
//! hold. Whoever forgets it has shredded the file and all copies of it.

use std::ops::{Range, RangeInclusive};

use aws_lc_rs::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
};
use kernel::{Random, Sealing, Unsealable, document::ContentError};
use zeroize::Zeroizing;

use crate::ObjectKey;

/// What the format is called, as documents are shown with it.
pub const METHOD: &str = "chacha20poly1305-stream/v1";

/// How many bytes of content a chunk holds.
pub const CHUNK: usize = 64 * 1024;

/// How many bytes the salt before the chunks has.
pub const SALT: usize = 16;

/// How many bytes longer a chunk is once it is sealed.
pub const TAG: usize = 16;

const INFO: &[u8] = b"touchstone document v1";
const PURPOSE: &str = "document.file_key";

/// The key of one file.
#[derive(Clone)]
pub struct FileKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKey")
    }
}

impl FileKey {
    /// A new key.
    pub fn generate(random: &dyn Random) -> Self {
        Self(Zeroizing::new(random.bytes()))
    }

    /// The key as the row of this document keeps it.
    pub fn wrap(&self, place: &ObjectKey, sealing: &dyn Sealing) -> Vec<u8> {
        let plain = Zeroizing::new([&owner(place)[..], &*self.0].concat());
        sealing.seal(PURPOSE, &plain)
    }

    /// What the row keeps, sealed anew under the current key-encryption key; `None` where it is so already.
    pub fn rewrap(wrapped: &[u8], sealing: &dyn Sealing) -> Result<Option<Vec<u8>>, Unsealable> {
        sealing.reseal(PURPOSE, wrapped)
    }

    /// The key that the row of this document keeps; [`ContentError::Altered`] where it is another document's.
    pub fn unwrap(wrapped: &[u8], place: &ObjectKey, sealing: &dyn Sealing) -> Result<Self, ContentError> {
        let plain = sealing.open(PURPOSE, wrapped).map_err(|_| ContentError::Altered)?;
        let plain = Zeroizing::new(plain);
        let key = plain.strip_prefix(&owner(place)[..]).and_then(|key| key.try_into().ok());
        key.map(|key| Self(Zeroizing::new(key))).ok_or(ContentError::Altered)
    }

    /// Seals something of at most a chunk that is kept elsewhere than in the object store, as the object would be.
    pub fn seal_short(&self, place: &ObjectKey, mut plain: Vec<u8>, random: &dyn Random) -> Vec<u8> {
        let salt = random.bytes();
        self.of_object(place, salt).seal(0, true, &mut plain);
        [&salt[..], &plain].concat()
    }

    /// Opens what [`FileKey::seal_short`] made.
    pub fn open_short(&self, place: &ObjectKey, sealed: &[u8]) -> Result<Vec<u8>, ContentError> {
        let (salt, chunk) = sealed.split_first_chunk().ok_or(ContentError::Altered)?;
        let mut chunk = chunk.to_vec();
        self.of_object(place, *salt).open(0, true, &mut chunk)?;
        Ok(chunk)
    }

    /// The key of an object with this salt in this place.
    pub fn of_object(&self, place: &ObjectKey, salt: [u8; SALT]) -> ChunkKey {
        let info = [INFO, &owner(place)[..], place.part.name().as_bytes()];
        let secret = Salt::new(HKDF_SHA256, &salt).extract(&*self.0);
        let expanded = secret.expand(&info, &CHACHA20_POLY1305);
        let key = expanded.map(UnboundKey::from).map(LessSafeKey::new);
        ChunkKey(key.expect("HKDF-SHA-256 gives 32 bytes"))
    }
}

fn owner(place: &ObjectKey) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(place.organization.uuid().as_bytes());
    bytes[16..].copy_from_slice(place.document.uuid().as_bytes());
    bytes
}

/// The key of one object, which seals and opens its chunks.
#[derive(Debug)]
pub struct ChunkKey(LessSafeKey);

impl ChunkKey {
    /// Seals the chunk of this number in its place, and puts the tag behind it.
    pub fn seal(&self, number: u64, is_last: bool, chunk: &mut Vec<u8>) {
        let sealed = self.0.seal_in_place_append_tag(nonce(number, is_last), Aad::empty(), chunk);
        sealed.expect("a chunk is far shorter than what the cipher seals");
    }

    /// Opens the chunk of this number in its place. [`ContentError::Altered`] where it is another chunk.
    pub fn open(&self, number: u64, is_last: bool, chunk: &mut Vec<u8>) -> Result<(), ContentError> {
        let opened = self.0.open_in_place(nonce(number, is_last), Aad::empty(), chunk);
        let length = opened.map_err(|_| ContentError::Altered)?.len();
        chunk.truncate(length);
        Ok(())
    }
}

fn nonce(number: u64, is_last: bool) -> Nonce {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&number.to_be_bytes());
    nonce[11] = is_last.into();
    Nonce::assume_unique_for_key(nonce)
}

/// Where a range of the content lies in the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The numbers of the chunks that hold it.
    pub chunks: RangeInclusive<u64>,
    /// The number of the object's last chunk.
    pub last: u64,
    /// The bytes of the object that hold these chunks.
    pub object: Range<u64>,
    /// How many bytes of the first chunk come before the range.
    pub skip: usize,
    /// How many bytes the range has.
    pub length: u64,
}

impl Span {
    /// Of this range of a content of `size` bytes, in which it lies. One chunk is opened for an empty range too: that
    /// it opens shows that the object is there, and whose it is.
    pub fn of(range: &Range<u64>, size: u64) -> Self {
        let chunk = CHUNK as u64;
        let last = size.saturating_sub(1) / chunk;
        let first = (range.start / chunk).min(last);
        let chunks = first..=(range.end.saturating_sub(1) / chunk).max(first);
        let start_of = |number: u64| SALT as u64 + number * (chunk + TAG as u64);
        let end = if *chunks.end() == last { sealed_size(size) } else { start_of(chunks.end() + 1) };
        Self {
            object: start_of(*chunks.start())..end,
            last,
            skip: usize::try_from(range.start - first * chunk).expect("a chunk fits into memory"),
            length: range.end - range.start,
            chunks,
        }
    }

    /// How many bytes of the object hold one of these chunks.
    pub fn sealed_length(&self, number: u64) -> usize {
        let full = CHUNK + TAG;
        let left = self.object.end - SALT as u64 - number * full as u64;
        usize::try_from(left).map_or(full, |left| left.min(full))
    }
}

/// How many bytes an object has that holds a content of `size` bytes.
pub fn sealed_size(size: u64) -> u64 {
    SALT as u64 + size + TAG as u64 * size.div_ceil(CHUNK as u64).max(1)
}

#[cfg(test)]
mod tests;
