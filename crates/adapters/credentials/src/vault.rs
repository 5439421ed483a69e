//! Sealing: XChaCha20-Poly1305 under keys that are derived, wrapped, and never leave.
//!
//! Sealed bytes are `version 1 | length of key id | key id | nonce (24) | ciphertext and tag`. The key id names a
//! key-encryption key; under an account's data key there is none, so that a data key can be wrapped anew while
//! what it sealed stays as it is. All before the nonce is authenticated, with what the bytes are for.

mod trail;

use std::sync::Arc;

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use hmac::Mac as _;
use identity::credentials::Vault;
use kernel::{AccountId, PersonalKey, Place, Random, Sealing, Unsealable};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    derive::{Key, derive, encode, hmac},
    keys::KeyEncryptionKeys,
};

const VERSION: u8 = 1;
const NONCE: usize = 24;

/// What sealed bytes are: separates the kinds of keys and is bound to what they seal.
mod kind {
    pub(super) const DATA_KEY: &[u8] = b"touchstone data key";
    pub(super) const ACCOUNT: &[u8] = b"touchstone account";
    pub(super) const GLOBAL: &[u8] = b"touchstone global";
    pub(super) const MAC: &[u8] = b"touchstone mac";
}

/// The vault over key-encryption keys in memory.
pub struct KeyVault {
    keys: KeyEncryptionKeys,
    random: Arc<dyn Random>,
}

impl KeyVault {
    /// A vault that seals with the first of the keys and opens with all.
    pub fn new(keys: KeyEncryptionKeys, random: Arc<dyn Random>) -> Self {
        Self { keys, random }
    }

    /// Seals under a key derived from the current key-encryption key.
    fn seal_under_current(&self, context: &[&[u8]], plain: &[u8]) -> Vec<u8> {
        let key = self.keys.current();
        seal_under(&*self.random, &key.derive(context), key.id(), context, plain)
    }

    /// Opens with the key-encryption key that is named.
    fn open_by_name(&self, context: &[&[u8]], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let sealed = Sealed::parse(sealed)?;
        let key = self.keys.find(sealed.key_id).ok_or(Unsealable)?;
        sealed.open(&key.derive(context), context)
    }

    /// A new key, wrapped by the current key-encryption key.
    fn new_wrapped(&self, context: &[&[u8]]) -> Vec<u8> {
        let mut key = Key::default();
        self.random.fill(key.as_mut());
        self.seal_under_current(context, key.as_ref())
    }

    /// The key that `new_wrapped` made.
    fn unwrapped(&self, context: &[&[u8]], wrapped: &[u8]) -> Result<Key, Unsealable> {
        let opened = self.open_by_name(context, wrapped)?;
        <[u8; 32]>::try_from(opened.as_slice()).map(Key::new).map_err(|_| Unsealable)
    }
}

impl Sealing for KeyVault {
    fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8> {
        self.seal_under_current(&[kind::GLOBAL, purpose.as_bytes()], plain)
    }

    fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        self.open_by_name(&[kind::GLOBAL, purpose.as_bytes()], sealed).map(hand_over)
    }

    fn reseal(&self, purpose: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, Unsealable> {
        let is_current = Sealed::parse(sealed)?.key_id == self.keys.current().id().as_bytes();
        let plain = self.open_by_name(&[kind::GLOBAL, purpose.as_bytes()], sealed)?;
        Ok((!is_current).then(|| self.seal(purpose, &plain)))
    }

    fn mac(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        let key = self.keys.current().derive(&[kind::MAC, purpose.as_bytes()]);
        hmac(key.as_ref(), message).finalize().into_bytes().into()
    }

    fn verify_mac(&self, purpose: &str, message: &[u8], mac: &[u8]) -> bool {
        self.keys.iter().any(|key| {
            let key = key.derive(&[kind::MAC, purpose.as_bytes()]);
            hmac(key.as_ref(), message).verify_slice(mac).is_ok()
        })
    }
}

impl Vault for KeyVault {
    fn new_data_key(&self, account: AccountId) -> Vec<u8> {
        self.new_wrapped(&[kind::DATA_KEY, account.uuid().as_bytes()])
    }

    fn personal_key(&self, account: AccountId, wrapped: &[u8]) -> Result<Box<dyn PersonalKey>, Unsealable> {
        let account = account.uuid();
        let key = self.unwrapped(&[kind::DATA_KEY, account.as_bytes()], wrapped)?;
        Ok(Box::new(DataKey { account, key, random: self.random.clone() }))
    }
}

/// An account's data key, unwrapped, until it is dropped and wiped.
struct DataKey {
    account: Uuid,
    key: Key,
    random: Arc<dyn Random>,
}

impl DataKey {
    /// A place without a row has one field less: what is sealed for it opens for no row.
    fn context<'a>(&'a self, place: &'a Place) -> Vec<&'a [u8]> {
        let row = place.row.as_ref().map(|row| &row.as_bytes()[..]);
        [kind::ACCOUNT, self.account.as_bytes(), place.table.as_bytes()].into_iter().chain(row).collect()
    }
}

impl PersonalKey for DataKey {
    fn seal(&self, place: Place, plain: &[u8]) -> Vec<u8> {
        let context = self.context(&place);
        seal_under(&*self.random, &derive(&self.key, &context), "", &context, plain)
    }

    fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let context = self.context(&place);
        Sealed::parse(sealed)?.open(&derive(&self.key, &context), &context).map(hand_over)
    }
}

fn seal_under(random: &dyn Random, key: &Key, key_id: &str, context: &[&[u8]], plain: &[u8]) -> Vec<u8> {
    let nonce = random.bytes::<NONCE>();
    let id_length = u8::try_from(key_id.len()).expect("key ids have at most eight bytes");
    let mut sealed = vec![VERSION, id_length];
    sealed.extend(key_id.as_bytes());
    let payload = Payload { msg: plain, aad: &associated(&sealed, context) };
    let ciphertext = cipher(key).encrypt(&XNonce::from(nonce), payload).expect("nobody seals 256 GiB");
    sealed.extend(nonce);
    sealed.extend(ciphertext);
    sealed
}

/// Sealed bytes, taken apart.
struct Sealed<'a> {
    header: &'a [u8],
    key_id: &'a [u8],
    nonce: [u8; NONCE],
    ciphertext: &'a [u8],
}

impl<'a> Sealed<'a> {
    fn parse(sealed: &'a [u8]) -> Result<Self, Unsealable> {
        let (&[version, id_length], _) = sealed.split_first_chunk().ok_or(Unsealable)?;
        let (header, rest) = sealed.split_at_checked(2 + usize::from(id_length)).ok_or(Unsealable)?;
        let (&nonce, ciphertext) = rest.split_first_chunk().ok_or(Unsealable)?;
        if version == VERSION {
            Ok(Self { header, key_id: &header[2..], nonce, ciphertext })
        } else {
            Err(Unsealable)
        }
    }

    fn open(&self, key: &Key, context: &[&[u8]]) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let payload = Payload { msg: self.ciphertext, aad: &associated(self.header, context) };
        cipher(key).decrypt(&XNonce::from(self.nonce), payload).map(Zeroizing::new).map_err(|_| Unsealable)
    }
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&**key).into())
}

fn associated(header: &[u8], context: &[&[u8]]) -> Vec<u8> {
    encode(&[&[header], context].concat())
}

/// Leaves the wiping to whom the port hands the bytes.
fn hand_over(mut opened: Zeroizing<Vec<u8>>) -> Vec<u8> {
    std::mem::take(&mut *opened)
}
