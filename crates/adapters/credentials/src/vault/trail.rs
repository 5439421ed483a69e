//! Sealing for the audit trail: keys of its own kind, each bound to its id, and the seed of the signer.

use audit::sealing::{Sealer, Unsealable};
use identity::credentials::Vault as _;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{KeyVault, Sealed, hand_over};
use crate::derive::{Key, derive};

const KEY: &[u8] = b"touchstone audit key";
const SEALED: &[u8] = b"touchstone audit";
const SIGNER: &str = "audit signer";

impl KeyVault {
    fn trail_key(&self, key: Uuid, wrapped: &[u8]) -> Result<Key, Unsealable> {
        let opened = self.open_by_name(&[KEY, key.as_bytes()], wrapped).map_err(|_| Unsealable)?;
        <[u8; 32]>::try_from(opened.as_slice()).map(Key::new).map_err(|_| Unsealable)
    }
}

impl Sealer for KeyVault {
    fn new_key(&self, key: Uuid) -> Vec<u8> {
        let mut fresh = Key::default();
        self.random.fill(fresh.as_mut());
        self.seal_under_current(&[KEY, key.as_bytes()], fresh.as_ref())
    }

    fn seal(&self, key: Uuid, wrapped: &[u8], context: &str, plain: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let trail_key = self.trail_key(key, wrapped)?;
        let context: [&[u8]; 3] = [SEALED, key.as_bytes(), context.as_bytes()];
        Ok(self.seal_under(&derive(&trail_key, &context), "", &context, plain))
    }

    fn open(&self, key: Uuid, wrapped: &[u8], context: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let trail_key = self.trail_key(key, wrapped)?;
        let context: [&[u8]; 3] = [SEALED, key.as_bytes(), context.as_bytes()];
        let opened =
            Sealed::parse(sealed).and_then(|sealed| sealed.open(&derive(&trail_key, &context), &context));
        opened.map(hand_over).map_err(|_| Unsealable)
    }

    fn seal_seed(&self, seed: &[u8; 32]) -> Vec<u8> {
        self.seal_global(SIGNER, seed)
    }

    fn open_seed(&self, sealed: &[u8]) -> Result<[u8; 32], Unsealable> {
        let opened = self.open_global(SIGNER, sealed).map(Zeroizing::new).map_err(|_| Unsealable)?;
        opened.as_slice().try_into().map_err(|_| Unsealable)
    }
}
