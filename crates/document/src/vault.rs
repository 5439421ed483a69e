//! Content on its way into the object store and out of it: sealed there, plain here, never whole in memory.

use std::ops::Range;

use async_trait::async_trait;
use aws_lc_rs::digest::{Context, SHA256};
use kernel::{
    Digest, Random,
    document::{Chunks, ContentError},
};

use crate::{
    ObjectKey,
    ports::{ObjectWriter, Objects},
    sealing::{CHUNK, ChunkKey, FileKey, SALT, Span, TAG},
};

/// What was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sealed {
    /// How many bytes of content.
    pub(crate) size: u64,
    /// Their SHA-256.
    pub(crate) sha256: Digest,
}

/// Seals content into an object. `None`, and there is no object, if it has more than `most` bytes.
pub(crate) async fn seal(
    objects: &dyn Objects,
    random: &dyn Random,
    key: &FileKey,
    place: &ObjectKey,
    content: &mut dyn Chunks,
    most: u64,
) -> Result<Option<Sealed>, ContentError> {
    let salt: [u8; SALT] = random.bytes();
    let mut writer = objects.write(place).await?;
    writer.write(salt.to_vec()).await?;
    let mut sink = Sink { writer, key: key.of_object(place, salt), number: 0, chunk: empty() };
    let (mut size, mut digest) = (0, Context::new(&SHA256));
    while let Some(piece) = content.next().await? {
        size += piece.len() as u64;
        if size > most {
            return Ok(None);
        }
        digest.update(&piece);
        sink.take(&piece).await?;
    }
    sink.finish().await?;
    let sha256 = digest.finish().as_ref().try_into().map(Digest);
    Ok(Some(Sealed { size, sha256: sha256.expect("SHA-256 gives 32 bytes") }))
}

fn empty() -> Vec<u8> {
    Vec::with_capacity(CHUNK + TAG)
}

struct Sink {
    writer: Box<dyn ObjectWriter>,
    key: ChunkKey,
    number: u64,
    chunk: Vec<u8>,
}

impl Sink {
    /// A full chunk waits until more comes: only then it is known not to be the last.
    async fn take(&mut self, mut piece: &[u8]) -> Result<(), ContentError> {
        while !piece.is_empty() {
            if self.chunk.len() == CHUNK {
                let mut full = std::mem::replace(&mut self.chunk, empty());
                self.key.seal(self.number, false, &mut full);
                self.number += 1;
                self.writer.write(full).await?;
            }
            let (now, later) = piece.split_at(piece.len().min(CHUNK - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            piece = later;
        }
        Ok(())
    }

    async fn finish(mut self) -> Result<(), ContentError> {
        self.key.seal(self.number, true, &mut self.chunk);
        self.writer.write(self.chunk).await?;
        self.writer.finish().await
    }
}

/// Opens a whole object whose length nobody knows.
pub(crate) async fn open(
    objects: &dyn Objects,
    key: &FileKey,
    place: &ObjectKey,
) -> Result<Box<dyn Chunks>, ContentError> {
    let mut source = Source::new(objects.read(place, None).await?);
    let key = key.of_object(place, source.salt().await?);
    Ok(Box::new(Opened { source, key, number: 0, span: None, left: u64::MAX, is_over: false }))
}

/// Opens a range of an object that holds a content of `size` bytes. With the last chunk one byte more is asked for,
/// which is there only if something was put behind the content.
pub(crate) async fn open_range(
    objects: &dyn Objects,
    key: &FileKey,
    place: &ObjectKey,
    range: &Range<u64>,
    size: u64,
) -> Result<Box<dyn Chunks>, ContentError> {
    let span = Span::of(range, size);
    let head = SALT as u64;
    let end = span.object.end + u64::from(*span.chunks.end() == span.last);
    let (salt, source) = if span.object.start == head {
        let mut source = Source::new(objects.read(place, Some(0..end)).await?);
        (source.salt().await?, source)
    } else {
        let salt = Source::new(objects.read(place, Some(0..head)).await?).salt().await?;
        (salt, Source::new(objects.read(place, Some(span.object.start..end)).await?))
    };
    let (key, number, left) = (key.of_object(place, salt), *span.chunks.start(), span.length);
    Ok(Box::new(Opened { source, key, number, span: Some(span), left, is_over: false }))
}

/// Pieces of any length, taken in lengths of one's own.
struct Source {
    pieces: Box<dyn Chunks>,
    held: Vec<u8>,
    taken: usize,
    is_over: bool,
}

impl Source {
    fn new(pieces: Box<dyn Chunks>) -> Self {
        Self { pieces, held: Vec::new(), taken: 0, is_over: false }
    }

    /// Up to `length` bytes: fewer at the end alone.
    async fn take(&mut self, length: usize) -> Result<Vec<u8>, ContentError> {
        self.fill(length).await?;
        let end = self.held.len().min(self.taken + length);
        let mut bytes = Vec::with_capacity(length);
        bytes.extend_from_slice(&self.held[self.taken..end]);
        self.taken = end;
        Ok(bytes)
    }

    async fn fill(&mut self, length: usize) -> Result<(), ContentError> {
        while self.held.len() - self.taken < length && !self.is_over {
            match self.pieces.next().await? {
                Some(piece) => {
                    self.held.drain(..std::mem::take(&mut self.taken));
                    if self.held.is_empty() {
                        self.held = piece;
                    } else {
                        self.held.extend_from_slice(&piece);
                    }
                }
                None => self.is_over = true,
            }
        }
        Ok(())
    }

    async fn is_empty(&mut self) -> Result<bool, ContentError> {
        self.fill(1).await?;
        Ok(self.held.len() == self.taken)
    }

    async fn salt(&mut self) -> Result<[u8; SALT], ContentError> {
        self.take(SALT).await?.try_into().map_err(|_| ContentError::Altered)
    }
}

/// Chunks as they are opened. It is over at the last one, and after an error.
struct Opened {
    source: Source,
    key: ChunkKey,
    number: u64,
    span: Option<Span>,
    left: u64,
    is_over: bool,
}

#[async_trait]
impl Chunks for Opened {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, ContentError> {
        if std::mem::replace(&mut self.is_over, true) {
            return Ok(None);
        }
        let length = self.span.as_ref().map_or(CHUNK + TAG, |span| span.sealed_length(self.number));
        let mut chunk = self.source.take(length).await?;
        // A last chunk behind which something comes does not open.
        let may_be_last = self.span.as_ref().is_none_or(|span| self.number == span.last);
        let is_last = may_be_last && self.source.is_empty().await?;
        self.key.open(self.number, is_last, &mut chunk)?;
        self.is_over = is_last;
        if let Some(span) = &self.span {
            if self.number == *span.chunks.start() {
                chunk.drain(..span.skip.min(chunk.len()));
            }
            chunk.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
            self.left -= chunk.len() as u64;
            self.is_over = self.number == *span.chunks.end();
            if self.is_over && self.left > 0 {
                return Err(ContentError::Altered);
            }
        }
        self.number += 1;
        Ok(Some(chunk).filter(|chunk| !chunk.is_empty()))
    }
}

#[cfg(test)]
mod tests;
