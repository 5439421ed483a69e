//! What the domain of documents asks of a file that is kept: its text.

use std::sync::Arc;

use async_trait::async_trait;
use document::{
    DocumentText, FileKind,
    ports::{TextError, TextReader},
};
use kernel::document::{Chunks, ContentError};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{ExtractError, Extractor, read, turns::turn};

/// How many files are read at a time.
pub(crate) const READINGS: usize = 2;

#[async_trait]
impl TextReader for Extractor {
    async fn read(&self, kind: FileKind, content: &mut dyn Chunks) -> Result<DocumentText, TextError> {
        let _turn = turn(&self.turns).await;
        let content = content.collect().await?;
        Ok(self.extract(kind, &content).await?.into())
    }
}

impl From<ExtractError> for TextError {
    fn from(error: ExtractError) -> Self {
        match error {
            ExtractError::Start(_) => ContentError::Unavailable(error.to_string()).into(),
            _ => Self::Unreadable(error.to_string()),
        }
    }
}

/// Reads files in the process that asks, two at a time: for tests, and for programs that keep only files they trust.
///
/// **A file from a stranger can take the whole program down.** Here is no process to kill: a PDF that was made to can
/// exhaust the stack or the memory, or be read for hours. [`Extractor`] is for such files.
#[derive(Debug, Clone)]
pub struct InProcessReader {
    turns: Arc<Semaphore>,
}

impl Default for InProcessReader {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(READINGS)) }
    }
}

#[async_trait]
impl TextReader for InProcessReader {
    async fn read(&self, kind: FileKind, content: &mut dyn Chunks) -> Result<DocumentText, TextError> {
        let turn = turn(&self.turns).await;
        let content = content.collect().await?;
        let reading = spawn_blocking(move || {
            let _turn = turn;
            read(&content, kind)
        });
        // A panic comes again with the same file, however often one tries.
        let extracted = reading.await.map_err(|error| TextError::Unreadable(error.to_string()))?;
        extracted.map(DocumentText::from).map_err(|error| TextError::Unreadable(error.to_string()))
    }
}
