//! What the folder and S3 have in common: writing, reading and deleting by `object_store`.

use std::{
    error::Error,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use document::{ObjectKey, ports::ObjectWriter};
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{BoxStream, try_unfold},
};
use kernel::document::{Chunks, ContentError};
use object_store::{
    GetOptions, GetRange, GetResult, GetResultPayload, ObjectStore, ObjectStoreExt,
    buffered::BufWriter,
    client::{HttpError, HttpErrorKind},
    path::Path,
};
use tokio::{io::AsyncWriteExt, runtime::Handle, task::spawn_blocking, time::timeout};

/// How long one step may take, with all that it tries again.
const LIMIT: Duration = Duration::from_mins(1);

/// How much of a file is read at once.
const PIECE: u64 = 256 * 1024;

/// What is to be done where a server of S3 says this. `object_store` keeps status and code in its sentence alone.
const MENDS: [(&str, &str); 3] = [
    ("NoSuchBucket", "there is no such bucket; create it, or mend its name"),
    ("status code: 401", "it refuses; check the keys"),
    ("status code: 403", "it refuses; check the keys, and what they may do with the bucket"),
];

/// Where objects are.
#[derive(Debug, Clone)]
pub(crate) struct Backend {
    pub(crate) store: Arc<dyn ObjectStore>,
    /// Objects that are smaller are sent at once, others in parts of so many bytes.
    pub(crate) part: usize,
    /// How many parts of an object are in memory: on their way, or gathered.
    pub(crate) parts_at_once: usize,
}

impl Backend {
    pub(crate) fn write(&self, key: &ObjectKey) -> Box<dyn ObjectWriter> {
        let writer = BufWriter::with_capacity(Arc::clone(&self.store), path(key), self.part);
        Box::new(Writer { writer: Some(writer.with_max_concurrency(self.parts_at_once)), is_whole: true })
    }

    pub(crate) async fn read(
        &self,
        key: &ObjectKey,
        range: Option<Range<u64>>,
    ) -> Result<Box<dyn Chunks>, ContentError> {
        // Servers refuse what is no whole number of 63 bits.
        let range = range.map(|range| range.start..range.end.min(i64::MAX as u64));
        let options = GetOptions { range: range.clone().map(GetRange::Bounded), ..GetOptions::default() };
        match (bounded(self.store.get_opts(&path(key), options)).await, range) {
            (Ok(found), _) => {
                let left = found.range.end - found.range.start;
                Ok(Box::new(Reader { pieces: Some(pieces(found)), left }))
            }
            // Stores refuse a range without a byte in it.
            (Err(refused @ ContentError::Fault(_)), Some(range)) => {
                let size = bounded(self.store.head(&path(key))).await?.size;
                let is_empty = range.start >= range.end.min(size);
                if is_empty { Ok(Box::new(Reader { pieces: None, left: 0 })) } else { Err(refused) }
            }
            (Err(error), _) => Err(error),
        }
    }

    pub(crate) async fn delete(&self, key: &ObjectKey) -> Result<(), ContentError> {
        match bounded(self.store.delete(&path(key))).await {
            Err(ContentError::Missing) => Ok(()),
            done => done,
        }
    }
}

pub(crate) fn path(key: &ObjectKey) -> Path {
    Path::from(key.path())
}

/// One step, which does not take for ever.
pub(crate) async fn bounded<T>(
    step: impl Future<Output = object_store::Result<T>>,
) -> Result<T, ContentError> {
    timeout(LIMIT, step).await.map_or_else(
        |_| Err(ContentError::Unavailable("it did not answer within a minute".to_owned())),
        |done| done.map_err(|error| meaning(&error)),
    )
}

/// What an error of `object_store` means. Only those of the connection, which hide among its causes, may pass by
/// themselves.
pub(crate) fn meaning(error: &object_store::Error) -> ContentError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error_within) = cause {
        if let Some(http) = error_within.downcast_ref::<HttpError>()
            && !matches!(http.kind(), HttpErrorKind::Decode | HttpErrorKind::Unknown)
        {
            return ContentError::Unavailable(error.to_string());
        }
        cause = error_within.source();
    }
    let said = error.to_string();
    match MENDS.iter().find(|(mark, _)| said.contains(mark)) {
        Some((_, mend)) => ContentError::Fault(format!("{mend} ({said})")),
        None if matches!(error, object_store::Error::NotFound { .. }) => ContentError::Missing,
        None => ContentError::Fault(said),
    }
}

/// What was found, piece by piece. `object_store` reads files by 8 KiB, which takes longer than to open what is sealed.
fn pieces(found: GetResult) -> BoxStream<'static, object_store::Result<Vec<u8>>> {
    match found.payload {
        GetResultPayload::File(file, _) => {
            let next = |(file, range)| async move { spawn_blocking(move || piece(file, range)).await? };
            try_unfold((file, found.range), next).boxed()
        }
        GetResultPayload::Stream(stream) => stream.map_ok(Vec::from).boxed(),
    }
}

/// A file, and which of its bytes were not read yet.
type Unread = (File, Range<u64>);

/// The first piece of the range of a file, and what is left of both; `None` where there is no more.
fn piece(mut file: File, range: Range<u64>) -> object_store::Result<Option<(Vec<u8>, Unread)>> {
    let length = PIECE.min(range.end - range.start);
    let mut piece = Vec::with_capacity(usize::try_from(length).expect("a piece is short"));
    let read = file.seek(SeekFrom::Start(range.start));
    let read = read.and_then(|_| (&mut file).take(length).read_to_end(&mut piece));
    let read = read.map_err(|error| object_store::Error::Generic { store: "file", source: error.into() })?;
    Ok((read > 0).then(|| (piece, (file, range.start + read as u64..range.end))))
}

struct Writer {
    /// `None` once it is finished.
    writer: Option<BufWriter>,
    /// Whether all that was given was taken, so that no object with a gap is finished.
    is_whole: bool,
}

#[async_trait]
impl ObjectWriter for Writer {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), ContentError> {
        if let Some(writer) = self.writer.as_mut().filter(|_| self.is_whole) {
            self.is_whole = false;
            bounded(writer.put(bytes.into())).await?;
            self.is_whole = true;
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<(), ContentError> {
        if !self.is_whole {
            return Err(ContentError::Fault("a write to it failed before".to_owned()));
        }
        let Some(mut writer) = self.writer.take() else { return Ok(()) };
        bounded(async {
            writer.shutdown().await.map_err(|error| {
                error.downcast().unwrap_or_else(|error: io::Error| object_store::Error::Generic {
                    store: "writer",
                    source: Box::new(error),
                })
            })
        })
        .await
    }
}

impl Drop for Writer {
    /// The parts that were sent are deleted, as far as the store can be reached.
    fn drop(&mut self) {
        if let Some((mut writer, runtime)) = self.writer.take().zip(Handle::try_current().ok()) {
            runtime.spawn(async move { bounded(writer.abort()).await });
        }
    }
}

struct Reader {
    /// `None` once nothing more comes.
    pieces: Option<BoxStream<'static, object_store::Result<Vec<u8>>>>,
    /// How many bytes are still to come.
    left: u64,
}

#[async_trait]
impl Chunks for Reader {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, ContentError> {
        let Some(pieces) = &mut self.pieces else { return Ok(None) };
        let end = match bounded(pieces.try_next()).await {
            Ok(Some(piece)) if !piece.is_empty() => {
                self.left = self.left.saturating_sub(piece.len() as u64);
                return Ok(Some(piece));
            }
            Ok(_) if self.left > 0 => Err(ContentError::Altered),
            Ok(_) => Ok(None),
            Err(error) => Err(error),
        };
        self.pieces = None;
        end
    }
}
