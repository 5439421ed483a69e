//! What the domain of documents asks of a file before it is kept.

use std::{num::NonZero, sync::Arc, thread::available_parallelism};

use async_trait::async_trait;
use document::{
    Inspected,
    ports::{InspectError, Inspector},
};
use kernel::document::{Chunks, ContentError, FileName};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{Rejection, check_extension, sniff, turns::turn, without_metadata};

/// Looks into files, as many at a time as the machine has processors, and two at least. A file is in memory for as long
/// as it is looked into; a picture, which is cleaned, twice.
#[derive(Debug, Clone)]
pub struct FileInspector {
    turns: Arc<Semaphore>,
}

impl Default for FileInspector {
    fn default() -> Self {
        let processors = available_parallelism().map_or(1, NonZero::get);
        Self { turns: Arc::new(Semaphore::new(processors.max(2))) }
    }
}

#[async_trait]
impl Inspector for FileInspector {
    async fn inspect(&self, name: &FileName, content: &mut dyn Chunks) -> Result<Inspected, InspectError> {
        let turn = turn(&self.turns).await;
        let (name, content) = (name.clone(), content.collect().await?);
        let looked = spawn_blocking(move || {
            let _turn = turn;
            look(name.as_str(), &content)
        });
        let looked = looked.await.map_err(|error| ContentError::Fault(error.to_string()))?;
        looked.map_err(|rejection| InspectError::Refused(rejection.to_string()))
    }
}

fn look(name: &str, content: &[u8]) -> Result<Inspected, Rejection> {
    let sniffed = sniff(content)?;
    check_extension(name, sniffed.kind)?;
    let cleaned = if sniffed.kind.is_image() { Some(without_metadata(content, sniffed.kind)?) } else { None };
    let cleaned = cleaned.filter(|cleaned| cleaned != content);
    Ok(Inspected { kind: sniffed.kind, active_content: sniffed.active_content, cleaned })
}
