//! The sequencer: gives committed events their numbers and grows the tree over them.

use std::sync::Arc;

use kernel::StoreError;

use crate::{
    ports::{Leaf, Ledger},
    proof::Tiles,
    tree_appender::TreeAppender,
};

/// How many events get their number in one transaction.
const BATCH: u32 = 2_000;

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Another process is at work.
    Busy,
    /// So many events got a number; a full batch means that more may wait.
    Numbered {
        /// How many.
        events: u64,
        /// Whether more may wait.
        more: bool,
    },
}

/// Numbers events outside the transactions that wrote them, so that no writer waits for another.
///
/// Any number of processes may run one; one works at a time.
#[derive(Clone)]
pub struct Sequencer {
    ledger: Arc<dyn Ledger>,
}

impl std::fmt::Debug for Sequencer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sequencer")
    }
}

impl Sequencer {
    /// A sequencer over this ledger.
    pub fn new(ledger: Arc<dyn Ledger>) -> Self {
        Self { ledger }
    }

    /// Numbers one batch, whole or not at all.
    pub async fn step(&self) -> Result<Step, StoreError> {
        let Some(mut sequencing) = self.ledger.sequence().await? else { return Ok(Step::Busy) };
        let waiting = sequencing.waiting(BATCH).await?;
        if waiting.is_empty() {
            return Ok(Step::Numbered { events: 0, more: false });
        }
        let mut appender = grown(sequencing.tiles(), sequencing.size()).await?;
        let mut leaves = Vec::with_capacity(waiting.len());
        for event in &waiting {
            let hash = event.leaf().map_err(|error| {
                StoreError::Fault(format!("event {} of the audit trail cannot be read: {error}", event.id))
            })?;
            leaves.push(Leaf { index: appender.size(), event: event.id, hash });
            appender.push(hash);
        }
        sequencing.append(&leaves, &appender.take_full()).await?;
        sequencing.commit().await?;
        let events = leaves.len() as u64;
        Ok(Step::Numbered { events, more: events >= u64::from(BATCH) })
    }

    /// Numbers everything that waits, and tells how much it was. Ends early while another process is at work.
    pub async fn catch_up(&self) -> Result<u64, StoreError> {
        let mut numbered = 0;
        while let Step::Numbered { events, more } = self.step().await? {
            numbered += events;
            if !more {
                break;
            }
        }
        Ok(numbered)
    }
}

/// The tree so far, from its right edge.
async fn grown(tiles: &dyn Tiles, size: u64) -> Result<TreeAppender, StoreError> {
    let mut edge = Vec::new();
    for (id, width) in TreeAppender::needs(size) {
        edge.push(tiles.tile(id, width).await?);
    }
    TreeAppender::restore(size, edge)
        .map_err(|error| StoreError::Fault(format!("the tree of the audit trail is broken: {error}")))
}
