//! The audit trail, put together.

use std::{fmt, path::PathBuf, sync::Arc};

use audit::{
    checkpoint_signer::CheckpointSigner,
    ports::{Checkpoints, EventLog, Ledger, Witness},
    prover::Prover,
    sequencer::Sequencer,
    trail::{Ports, Trail},
};
use credentials::KeyVault;
use kernel::{Gate, Random, Store, UnitOfWork};

use crate::witness::FileWitness;

/// The services of the audit domain, and the ports they work on.
#[derive(Clone)]
pub struct Audit {
    /// Reads and exports.
    pub trail: Trail,
    /// Proves.
    pub prover: Prover,
    /// Numbers events.
    pub sequencer: Sequencer,
    /// Signs checkpoints.
    pub checkpoint_signer: CheckpointSigner,
    /// Where the trail is kept, for whoever verifies it.
    pub ports: Ports,
}

storage! {
    /// What the trail asks of storage.
    pub(super) TrailStorage: EventLog, Ledger, Checkpoints, Store<dyn UnitOfWork>
}

/// What else it is made of.
pub(super) struct Parts {
    pub(super) gate: Arc<dyn Gate>,
    pub(super) vault: Arc<KeyVault>,
    pub(super) clock: Arc<dyn kernel::Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) checkpoint_file: Option<PathBuf>,
}

impl Audit {
    pub(super) fn on<S: TrailStorage>(storage: &Arc<S>, parts: Parts) -> Self {
        let Parts { gate, vault, clock, random, checkpoint_file } = parts;
        let ports = Ports {
            log: storage.clone(),
            ledger: storage.clone(),
            checkpoints: storage.clone(),
            records: storage.clone(),
            gate,
            sealer: vault.clone(),
            clock,
        };
        let witness = checkpoint_file.map(|path| FileWitness::new(path, storage.clone()));
        let witness = witness.map(|witness| Arc::new(witness) as Arc<dyn Witness>);
        Self {
            trail: Trail::new(ports.clone()),
            prover: Prover::new(ports.clone()),
            sequencer: Sequencer::new(storage.clone()),
            checkpoint_signer: CheckpointSigner::new(
                storage.clone(),
                storage.clone(),
                vault,
                witness,
                random,
            ),
            ports,
        }
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Audit")
    }
}
