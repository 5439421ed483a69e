//! The checkpoint signer: signs checkpoints of the log, never before it has checked that nothing they vouched for
//! has changed.

use std::{sync::Arc, time::Duration};

use kernel::{Random, StoreError, Timestamp};

use crate::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    key::{SignerKey, VerifierKey},
    ports::{Checkpoints, KeptCheckpoint, KeptSigner, Ledger, Witness},
    proof::root_at,
    refusal::EVERY,
    sealing::Sealer,
};

/// How many checkpoints are handed to the witness at a time.
const PAGE: u32 = 500;

/// Why no checkpoint was signed.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointSignerError {
    /// The log is not what a checkpoint vouched for.
    #[error("the audit trail was altered: {0}; nothing more is signed, see `touchstone audit verify`")]
    Altered(String),
    /// The key that signs is not to be had.
    #[error("the key that signs checkpoints cannot be used: {0}")]
    Key(String),
    /// Storage, or the file of checkpoints.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Signs checkpoints and hands them to a witness outside the database.
#[derive(Clone)]
pub struct CheckpointSigner {
    ledger: Arc<dyn Ledger>,
    checkpoints: Arc<dyn Checkpoints>,
    sealer: Arc<dyn Sealer>,
    witness: Option<Arc<dyn Witness>>,
    random: Arc<dyn Random>,
}

impl std::fmt::Debug for CheckpointSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CheckpointSigner")
    }
}

impl CheckpointSigner {
    /// A checkpoint signer over these ports; without a witness checkpoints stay in the database alone.
    pub fn new(
        ledger: Arc<dyn Ledger>,
        checkpoints: Arc<dyn Checkpoints>,
        sealer: Arc<dyn Sealer>,
        witness: Option<Arc<dyn Witness>>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self { ledger, checkpoints, sealer, witness, random }
    }

    /// Signs a checkpoint if the log grew and the last is 10 seconds old, and brings the witness up to date. Returns
    /// the size of the checkpoint it signed.
    pub async fn step(&self, now: Timestamp) -> Result<Option<u64>, CheckpointSignerError> {
        let signer = self.signer().await?;
        let verifier = signer.verifier();
        let signed = self.sign_if_due(&signer, &verifier, now).await?;
        if let Some(witness) = &self.witness {
            self.inform(&**witness, &verifier).await?;
        }
        Ok(signed)
    }

    /// The public key that verifies the log's checkpoints.
    pub async fn verifier(&self) -> Result<VerifierKey, CheckpointSignerError> {
        Ok(self.signer().await?.verifier())
    }

    async fn sign_if_due(
        &self,
        signer: &SignerKey,
        verifier: &VerifierKey,
        now: Timestamp,
    ) -> Result<Option<u64>, CheckpointSignerError> {
        let size = self.ledger.size().await?;
        let latest = self.checkpoints.latest_checkpoint().await?;
        if let Some(latest) = &latest {
            let soon = now >= latest.signed_at && now.since(latest.signed_at) < Duration::from_secs(EVERY);
            if latest.size == size || soon {
                return Ok(None);
            }
            self.check(&latest.note, verifier, size).await?;
        }
        if size == 0 {
            return Ok(None);
        }
        if let Some(witness) = &self.witness
            && let Some(note) = witness.last().await?
        {
            self.check(&note, verifier, size).await?;
        }
        let root = root_at(&*self.ledger, size).await?;
        let note = SignedCheckpoint::sign(size, root, signer).to_string();
        self.checkpoints.keep_checkpoint(&KeptCheckpoint { size, note, signed_at: now }).await?;
        Ok(Some(size))
    }

    /// Hands the witness every checkpoint it has not seen, each checked once more.
    async fn inform(
        &self,
        witness: &dyn Witness,
        verifier: &VerifierKey,
    ) -> Result<(), CheckpointSignerError> {
        let last = witness.last().await?;
        let latest = self.checkpoints.latest_checkpoint().await?;
        if last.as_ref() == latest.as_ref().map(|latest| &latest.note) {
            return Ok(());
        }
        let size = self.ledger.size().await?;
        let mut seen = match last {
            Some(note) => self.check(&note, verifier, size).await?,
            None => 0,
        };
        loop {
            let news = self.checkpoints.checkpoints(seen, PAGE).await?;
            let Some(newest) = news.last().map(|kept| kept.size) else { return Ok(()) };
            for kept in &news {
                self.check(&kept.note, verifier, size).await?;
                witness.append(&kept.note).await?;
            }
            seen = newest;
        }
    }

    /// The size a checkpoint vouches for, when the log still agrees with it.
    async fn check(
        &self,
        note: &str,
        verifier: &VerifierKey,
        size: u64,
    ) -> Result<u64, CheckpointSignerError> {
        let altered = CheckpointSignerError::Altered;
        let Checkpoint { size: vouched, root, .. } =
            Checkpoint::open(note, std::slice::from_ref(verifier))
                .map_err(|error| altered(format!("a checkpoint is not what was signed ({error})")))?;
        if vouched > size {
            return Err(altered(format!("it has {size} events, and a checkpoint vouches for {vouched}")));
        }
        if root_at(&*self.ledger, vouched).await? != root {
            return Err(altered(format!(
                "its first {vouched} events are not those a checkpoint vouches for"
            )));
        }
        Ok(vouched)
    }

    async fn signer(&self) -> Result<SignerKey, CheckpointSignerError> {
        let origin = format!("touchstone/audit/{}", self.checkpoints.log_id().await?);
        if let Some(kept) = self.checkpoints.signer().await? {
            return self.unseal(&origin, &kept);
        }
        let seed = self.random.bytes::<32>();
        let signer = SignerKey::from_seed(&origin, &seed)
            .map_err(|error| CheckpointSignerError::Key(error.to_string()))?;
        let kept =
            KeptSigner { verifier: signer.verifier().to_string(), sealed_seed: self.sealer.seal_seed(&seed) };
        self.checkpoints.put_signer(&kept).await?;
        let kept = self.checkpoints.signer().await?.unwrap_or(kept);
        self.unseal(&origin, &kept)
    }

    fn unseal(&self, origin: &str, kept: &KeptSigner) -> Result<SignerKey, CheckpointSignerError> {
        let key = CheckpointSignerError::Key;
        let seed = self.sealer.open_seed(&kept.sealed_seed).map_err(|error| key(error.to_string()))?;
        let signer = SignerKey::from_seed(origin, &seed).map_err(|error| key(error.to_string()))?;
        if signer.verifier().to_string() == kept.verifier {
            Ok(signer)
        } else {
            Err(key("the public key in the database is another's".to_owned()))
        }
    }
}
