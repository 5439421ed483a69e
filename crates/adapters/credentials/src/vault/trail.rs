//! Sealing for the audit trail: keys of its own kind, each bound to its id, and the seed of the signer.

use audit::sealing::Sealer;
use kernel::{Sealing, Unsealable};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{KeyVault, Sealed, hand_over, seal_under};
use crate::derive::derive;

const KEY: &[u8] = b"touchstone audit key";
const SEALED: &[u8] = b"touchstone audit";
const SIGNER: &str = "audit signer";

impl Sealer for KeyVault {
    fn new_key(&self, key: Uuid) -> Vec<u8> {
        self.new_wrapped(&[KEY, key.as_bytes()])
    }

    fn seal(&self, key: Uuid, wrapped: &[u8], context: &str, plain: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let trail_key = self.unwrapped(&[KEY, key.as_bytes()], wrapped)?;
        let context: [&[u8]; 3] = [SEALED, key.as_bytes(), context.as_bytes()];
        Ok(seal_under(&*self.random, &derive(&trail_key, &context), "", &context, plain))
    }

    fn open(&self, key: Uuid, wrapped: &[u8], context: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let trail_key = self.unwrapped(&[KEY, key.as_bytes()], wrapped)?;
        let context: [&[u8]; 3] = [SEALED, key.as_bytes(), context.as_bytes()];
        Sealed::parse(sealed)?.open(&derive(&trail_key, &context), &context).map(hand_over)
    }

    fn seal_seed(&self, seed: &[u8; 32]) -> Vec<u8> {
        Sealing::seal(self, SIGNER, seed)
    }

    fn open_seed(&self, sealed: &[u8]) -> Result<[u8; 32], Unsealable> {
        Sealing::open(self, SIGNER, sealed).map(Zeroizing::new)?.as_slice().try_into().map_err(|_| Unsealable)
    }
}
