//! The witness: a file of signed checkpoints outside the database, out of reach of whoever runs that.
//!
//! Beside it lies the key that verifies them, `<file>.key`: both together are all an auditor needs to keep.

mod file;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use audit::ports::{Checkpoints, Witness};
use kernel::StoreError;

pub use self::file::key_path;
use self::file::{NoteFile, NoteFileError};

/// A file of checkpoints. Several processes may share it.
pub struct FileWitness {
    file: Arc<NoteFile>,
    checkpoints: Arc<dyn Checkpoints>,
}

impl FileWitness {
    /// The file at this path, made with the first checkpoint. It belongs to the log of these checkpoints: where the key
    /// beside it is another's, nothing is read and nothing added.
    pub fn new(path: PathBuf, checkpoints: Arc<dyn Checkpoints>) -> Self {
        Self { file: Arc::new(NoteFile::new(path)), checkpoints }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    async fn with_file<T: Send + 'static>(
        &self,
        work: impl FnOnce(&NoteFile, Option<&str>) -> Result<T, NoteFileError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let key = self.checkpoints.signer().await?.map(|signer| signer.verifier);
        let file = self.file.clone();
        let done = tokio::task::spawn_blocking(move || work(&file, key.as_deref())).await;
        Ok(done.map_err(|error| StoreError::Fault(error.to_string()))??)
    }
}

#[async_trait]
impl Witness for FileWitness {
    async fn last(&self) -> Result<Option<String>, StoreError> {
        self.with_file(NoteFile::last).await
    }

    async fn append(&self, note: &str) -> Result<(), StoreError> {
        let note = note.to_owned();
        self.with_file(move |file, key| file.append(&note, key)).await
    }
}

impl fmt::Debug for FileWitness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileWitness").field(&self.path()).finish()
    }
}

#[cfg(test)]
mod tests;
