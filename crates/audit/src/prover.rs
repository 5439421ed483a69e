//! Proofs for anyone: the signed checkpoint, that an event is in the log, that the log only grew.

use kernel::StoreError;

use crate::{
    event::EventId,
    hash::Hash,
    ports::KeptCheckpoint,
    proof::{ConsistencyProof, InclusionProof, prove_consistency, prove_inclusion},
    refusal::Refused,
    trail::Ports,
};

/// The newest checkpoint with the key that verifies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// The checkpoint: a C2SP signed note.
    pub checkpoint: KeptCheckpoint,
    /// The verifier key, as C2SP signed notes write it.
    pub key: String,
}

/// That an event is in the log a checkpoint vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inclusion {
    /// The event.
    pub event: EventId,
    /// Its leaf hash.
    pub leaf: Hash,
    /// The path from the leaf to the checkpoint's root.
    pub proof: InclusionProof,
    /// The checkpoint.
    pub vouched: Vouched,
}

/// The service that proves. It tells hashes and numbers alone, and so it asks nobody who they are.
#[derive(Debug, Clone)]
pub struct Prover {
    ports: Ports,
}

impl Prover {
    /// A service over these ports.
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// The newest checkpoint.
    pub async fn checkpoint(&self) -> Result<Vouched, Refused> {
        let checkpoint = self.ports.checkpoints.latest_checkpoint().await?.ok_or(Refused::NoCheckpoint)?;
        let signer = self.ports.checkpoints.signer().await?.ok_or(Refused::NoCheckpoint)?;
        Ok(Vouched { checkpoint, key: signer.verifier })
    }

    /// That the log of `to` leaves begins with the log of `from` leaves.
    pub async fn consistency(&self, from: u64, to: u64) -> Result<ConsistencyProof, Refused> {
        let size = self.ports.ledger.size().await?;
        if from == 0 {
            return Err(Refused::SizeOutOfRange(
                "from must be at least 1: every log is consistent with the empty one".to_owned(),
            ));
        }
        if from > to {
            return Err(Refused::SizeOutOfRange(format!(
                "from is {from} and to is {to}; from must not be the larger"
            )));
        }
        if to > size {
            return Err(Refused::SizeOutOfRange(format!("to is {to}, and the log has {size} events")));
        }
        Ok(prove_consistency(&*self.ports.ledger, from, to).await?)
    }

    /// That an event is in the log the newest checkpoint vouches for.
    pub async fn inclusion(&self, event: EventId) -> Result<Inclusion, Refused> {
        let leaf = self.ports.ledger.leaf_of(event).await?.ok_or(Refused::UnknownEvent)?;
        let vouched = match self.checkpoint().await {
            Err(Refused::NoCheckpoint) => return Err(Refused::NotCovered),
            vouched => vouched?,
        };
        if leaf.index >= vouched.checkpoint.size {
            return Err(Refused::NotCovered);
        }
        let proof = prove_inclusion(&*self.ports.ledger, leaf.index, vouched.checkpoint.size).await?;
        Ok(Inclusion { event, leaf: leaf.hash, proof, vouched })
    }

    /// How long the oldest event has waited for its number.
    pub async fn lag(&self) -> Result<std::time::Duration, StoreError> {
        self.ports.ledger.sequencing_lag(self.ports.clock.now()).await
    }
}
