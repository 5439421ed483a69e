//! How refresh tokens, device tokens and API keys are written and checked. None of them is ever stored.

use kernel::{Random, Sealing, Secret, SessionId};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{Account, ApiKeyId, Digest, encoding};

const REFRESH: &str = "refresh-token";
const DEVICE: &str = "device-token";

/// A refresh token: session, counter, and a MAC under a key derived from the key-encryption key.
pub(crate) fn refresh_token(sealing: &dyn Sealing, session: SessionId, counter: i64) -> Secret {
    let mut bytes = session.uuid().as_bytes().to_vec();
    bytes.extend(counter.to_be_bytes());
    let mac = sealing.mac(REFRESH, &bytes);
    bytes.extend(mac);
    Secret::new(encoding::base64url(&bytes))
}

/// What an authentic refresh token says; `None` for any other text.
pub(crate) fn read_refresh_token(sealing: &dyn Sealing, token: &Secret) -> Option<(SessionId, i64)> {
    let bytes = encoding::from_base64url(token.expose())?;
    let (message, mac) = bytes.split_at_checked(24)?;
    if !sealing.verify_mac(REFRESH, message, mac) {
        return None;
    }
    let (session, counter) = message.split_at(16);
    let session = SessionId::from_uuid(Uuid::from_slice(session).ok()?);
    Some((session, i64::from_be_bytes(counter.try_into().ok()?)))
}

/// A new device token: sixteen random octets and a MAC that binds them to the account and its password.
pub(crate) fn device_token(
    sealing: &dyn Sealing,
    random: &dyn Random,
    account: &Account,
) -> (Secret, Digest) {
    let device = random.bytes::<16>();
    let mac = sealing.mac(DEVICE, &device_message(&device, account));
    let token = encoding::base64url(&[&device[..], &mac[..]].concat());
    (Secret::new(token), Digest::of(&device))
}

/// The device an authentic device token of this account names.
pub(crate) fn read_device_token(sealing: &dyn Sealing, token: &Secret, account: &Account) -> Option<Digest> {
    let bytes = encoding::from_base64url(token.expose())?;
    let (device, mac) = bytes.split_at_checked(16)?;
    sealing.verify_mac(DEVICE, &device_message(device, account), mac).then(|| Digest::of(device))
}

fn device_message(device: &[u8], account: &Account) -> Vec<u8> {
    [device, account.id.uuid().as_bytes(), account.password_changed_at.to_string().as_bytes()].concat()
}

/// What every API key begins with, so that people and scanners recognise one.
pub(crate) const API_KEY_PREFIX: &str = "tsk_";

/// A new API key, `tsk_<id>_<secret><checksum>`, and the digest that is kept of its secret.
pub(crate) fn api_key(random: &dyn Random, id: ApiKeyId) -> (Secret, Digest) {
    let secret = encoding::base64url(&random.bytes::<32>());
    let checksum = checksum(id, &secret);
    let digest = Digest::of(secret.as_bytes());
    (Secret::new(format!("{API_KEY_PREFIX}{}_{secret}{checksum}", id.uuid().simple())), digest)
}

/// The id and the digest of a well-formed API key; a mistyped one fails its checksum.
pub(crate) fn read_api_key(key: &str) -> Option<(ApiKeyId, Digest)> {
    let (id, rest) = key.strip_prefix(API_KEY_PREFIX)?.split_once('_')?;
    let id = ApiKeyId::from_uuid(Uuid::try_parse(id).ok()?);
    let (secret, found) = rest.split_at_checked(rest.len().checked_sub(CHECKSUM)?)?;
    (checksum(id, secret) == found).then(|| (id, Digest::of(secret.as_bytes())))
}

const CHECKSUM: usize = 6;

fn checksum(id: ApiKeyId, secret: &str) -> String {
    let digest = Sha256::new().chain_update(id.uuid().as_bytes()).chain_update(secret).finalize();
    encoding::hex(&digest[..CHECKSUM / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sevens;
    impl Random for Sevens {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn an_api_key_reads_back_and_a_typo_does_not() {
        let id = ApiKeyId::from_uuid(Uuid::from_u128(42));
        let (key, digest) = api_key(&Sevens, id);
        assert_eq!(read_api_key(key.expose()), Some((id, digest)));
        let typo = key.expose().replace("BwcH", "BwcG");
        assert_eq!(read_api_key(&typo), None);
        for bad in ["", "tsk_", "tsk__", "tsk_00_ab", "tsk_x_yyyyyyyyyy"] {
            assert_eq!(read_api_key(bad), None, "{bad}");
        }
    }
}
