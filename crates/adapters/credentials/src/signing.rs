//! The keys access tokens are signed with: made, sealed, opened, and which of them counts when.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use identity::credentials::SigningKeyRecord;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, crypto};
use kernel::{Sealing, Timestamp};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::jwk::Point;

const SEALED_FOR: &str = "signing-key";

/// The media type of access tokens (RFC 9068, section 2.1).
pub(crate) const TYPE: &str = "at+jwt";

/// A P-256 key pair for ES256, named by its thumbprint (RFC 7638).
pub struct SigningKeyPair {
    pub(crate) header: Header,
    pub(crate) private: EncodingKey,
    public: PublicKey,
    kid: String,
    jwk: Value,
}

/// What checks signatures.
pub(crate) struct PublicKey(DecodingKey);

impl SigningKeyPair {
    /// A new pair as it is kept: the private key sealed by the vault, the public one a JWK. It is published at
    /// once and signs from `signs_from` on.
    pub fn generate(sealing: &dyn Sealing, signs_from: Timestamp, now: Timestamp) -> SigningKeyRecord {
        // Both fail only when the machine has no memory or no randomness left.
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("P-256 keys can be made");
        let private = pair.to_pkcs8v1().expect("P-256 keys can be written");
        let point = point(&pair);
        SigningKeyRecord {
            kid: point.thumbprint(),
            sealed_private_key: sealing.seal(SEALED_FOR, private.as_ref()),
            public_jwk: point.to_jwk(),
            signs_from,
            verifies_until: None,
            created_at: now,
        }
    }

    /// Opens a kept pair. The public key is computed from the private one: who can write to the database but does
    /// not have the vault cannot slip in a key of their own.
    fn open(record: &SigningKeyRecord, sealing: &dyn Sealing) -> Result<Self, KeySetError> {
        let kid = record.kid.clone();
        let sealed = sealing.open(SEALED_FOR, &record.sealed_private_key);
        let private = sealed.map(Zeroizing::new).map_err(|_| KeySetError::Sealed { kid: kid.clone() })?;
        let malformed = || KeySetError::Malformed { kid: kid.clone() };
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &private).map_err(|_| malformed())?;
        let point = point(&pair);
        let jwk = point.to_jwk();
        if jwk != record.public_jwk || point.thumbprint() != kid {
            return Err(malformed());
        }
        let [x, y] = point.encoded();
        let header =
            Header { typ: Some(TYPE.to_owned()), kid: Some(kid.clone()), ..Header::new(Algorithm::ES256) };
        let public = PublicKey::new(&x, &y).ok_or_else(malformed)?;
        Ok(Self { header, private: EncodingKey::from_ec_der(&private), public, kid, jwk })
    }
}

fn point(pair: &EcdsaKeyPair) -> Point<'_> {
    Point::from_uncompressed(pair.public_key().as_ref()).expect("aws-lc gives points of P-256 uncompressed")
}

impl PublicKey {
    /// From the members of a JWK.
    fn new(x: &str, y: &str) -> Option<Self> {
        DecodingKey::from_ec_components(x, y).ok().map(Self)
    }

    /// Whether the signature, in Base64url, is this key's over the message.
    pub(crate) fn signed(&self, message: &str, signature: &str) -> bool {
        crypto::verify(signature, message.as_bytes(), &self.0, Algorithm::ES256).unwrap_or(false)
    }
}

/// The keys in use: one signs, all verify.
pub struct KeySet {
    /// By `signs_from`; never empty.
    keys: Vec<LiveKey>,
}

struct LiveKey {
    pair: SigningKeyPair,
    signs_from: Timestamp,
    verifies_until: Option<Timestamp>,
}

/// Keys that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// The vault does not open it: another key-encryption key, or altered.
    #[error("signing key {kid} does not open; was it sealed under another key-encryption key?")]
    Sealed {
        /// The key.
        kid: String,
    },
    /// It is no P-256 key, or its public key or name are not its own.
    #[error("signing key {kid} is not what it says it is")]
    Malformed {
        /// The key.
        kid: String,
    },
    /// No key signs yet.
    #[error("there is no key to sign with")]
    NothingSigns,
}

impl KeySet {
    /// Opens the keys whose tokens may still be taken. One of them must sign already.
    pub fn load(
        records: &[SigningKeyRecord],
        sealing: &dyn Sealing,
        now: Timestamp,
    ) -> Result<Self, KeySetError> {
        let live = records.iter().filter(|record| record.verifies_until.is_none_or(|until| now < until));
        let open = |record: &SigningKeyRecord| {
            SigningKeyPair::open(record, sealing).map(|pair| LiveKey {
                pair,
                signs_from: record.signs_from,
                verifies_until: record.verifies_until,
            })
        };
        let mut keys: Vec<_> = live.map(open).collect::<Result<_, _>>()?;
        keys.sort_by_key(|key| key.signs_from);
        match keys.first() {
            Some(first) if first.signs_from <= now => Ok(Self { keys }),
            _ => Err(KeySetError::NothingSigns),
        }
    }

    /// The newest key that signs at that time. (The first, should a clock have been set back.)
    pub(crate) fn signing(&self, at: Timestamp) -> &SigningKeyPair {
        let signs = self.keys.iter().rev().find(|key| key.signs_from <= at);
        &signs.unwrap_or(&self.keys[0]).pair
    }

    /// The key of that name, if its tokens are taken at that time.
    pub(crate) fn verifying(&self, kid: &str, at: Timestamp) -> Option<&PublicKey> {
        let key = self.keys.iter().find(|key| key.pair.kid == kid)?;
        key.verifies_until.is_none_or(|until| at < until).then_some(&key.pair.public)
    }

    /// The public keys as a set (RFC 7517, section 5), those that do not sign yet among them.
    pub fn jwks(&self) -> Value {
        json!({ "keys": self.keys.iter().map(|key| &key.pair.jwk).collect::<Vec<_>>() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn es256_of_rfc_7515_appendix_a_3() {
        let key = PublicKey::new(
            "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        )
        .unwrap();
        let message = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
                       cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature =
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        assert!(key.signed(message, signature));
        assert!(!key.signed(&message.replace("eyJhbGci", "eyJhbGcj"), signature));
        assert!(!key.signed(&message[1..], signature));
        assert!(!key.signed(message, &signature.replace("DtE", "DtF")));
        assert!(!key.signed(message, ""));
    }
}
