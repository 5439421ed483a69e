//! Ports to what proves and protects: hashing, tokens, sealing, one-time codes.

use async_trait::async_trait;
use kernel::{AccountId, Assurance, PersonalKey, Sealing, Secret, SessionId, Timestamp, Unsealable};
use serde_json::Value;

use crate::account::PasswordHash;

/// Why hashing did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashingError {
    /// Too many wait; try again.
    #[error("too many sign-ins at once")]
    Busy {
        /// In how many seconds.
        retry_after: u64,
    },
    /// The stored hash is broken or beyond the allowed cost.
    #[error("password hashing failed: {0}")]
    Fault(String),
}

/// What a verification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Whether the password is right.
    pub matches: bool,
    /// Whether the hash was made with older or weaker parameters and should be rewritten.
    pub outdated: bool,
}

/// Slow hashing of passwords, off the event loop, at most so many at a time.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a password with today's parameters and a salt of its own.
    async fn hash(&self, password: &Secret) -> Result<PasswordHash, HashingError>;

    /// Compares a password with a stored hash. Without a hash it MUST cost the same and not match, so that
    /// time does not tell whether an account exists.
    async fn verify(&self, password: &Secret, hash: Option<&PasswordHash>) -> Result<Verified, HashingError>;
}

/// Why a password is too easy to guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Weakness {
    /// It is in a list of common or leaked passwords.
    Common,
    /// It consists of words that stand near the account: the product, a name, the address.
    Predictable,
    /// It is guessed quickly (zxcvbn score below 3, Wheeler 2016).
    Guessable,
}

/// Judges how hard a password is to guess, off the event loop: an estimate may take milliseconds.
#[async_trait]
pub trait PasswordStrength: Send + Sync {
    /// `None` when it is hard enough. `words` stand near the account.
    async fn weakness(&self, password: &str, words: &[&str]) -> Option<Weakness>;
}

/// What an access token says (RFC 9068). No personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// Whose it is: `sub`.
    pub account: AccountId,
    /// The session it belongs to: `sid`.
    pub session: SessionId,
    /// When its person last proved who they are: `auth_time`.
    pub authenticated_at: Timestamp,
    /// How surely: `aal`, and `amr`.
    pub assurance: Assurance,
    /// The account's epoch.
    pub epoch: i64,
    /// `iat`.
    pub issued_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
}

/// Issues and checks access tokens.
pub trait AccessTokens: Send + Sync {
    /// Signs the claims.
    fn issue(&self, claims: &AccessClaims) -> Secret;

    /// The claims, if the signature, type, issuer, audience and times hold; MUST refuse every other algorithm
    /// and key.
    fn verify(&self, token: &str, now: Timestamp) -> Option<AccessClaims>;

    /// The public keys as a JSON Web Key Set (RFC 7517).
    fn jwks(&self) -> Value;
}

/// Seals with keys that never leave it but wrapped: the installation's, and those of accounts.
pub trait Vault: Sealing {
    /// A new data key for an account, wrapped by the key-encryption key.
    fn new_data_key(&self, account: AccountId) -> Vec<u8>;

    /// Unwraps the data key of this account, under the current key-encryption key or one before it.
    fn personal_key(&self, account: AccountId, wrapped: &[u8]) -> Result<Box<dyn PersonalKey>, Unsealable>;
}

/// Time-based one-time passwords (RFC 6238): SHA-1, 6 digits, 30 s, as authenticator apps expect.
pub trait OneTimeCodes: Send + Sync {
    /// The `otpauth://` address an authenticator app reads.
    fn enrolment_uri(&self, secret: &[u8], account_name: &str) -> String;

    /// The secret in Base32, for typing.
    fn base32(&self, secret: &[u8]) -> String;

    /// The time step within one of now's whose code this is, if any.
    fn matching_step(&self, secret: &[u8], code: &str, now: Timestamp) -> Option<i64>;
}

/// A signing key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKeyRecord {
    /// The key's id: `kid`.
    pub kid: String,
    /// The private key (PKCS #8), sealed.
    pub sealed_private_key: Vec<u8>,
    /// The public key, a JWK.
    pub public_jwk: Value,
    /// From when it signs; it is published from its creation on.
    pub signs_from: Timestamp,
    /// Until when its tokens are taken; `None` while it is not being replaced.
    pub verifies_until: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Where signing keys are kept.
#[async_trait]
pub trait SigningKeys: Send + Sync {
    /// All keys whose tokens may still be taken, oldest first.
    async fn signing_keys(&self, now: Timestamp) -> Result<Vec<SigningKeyRecord>, kernel::StoreError>;

    /// Adds a key; the ones that verify without end so far verify until `others_until`. Keys past their end are
    /// deleted. MUST be atomic; when `only_if_none` and there is a live key already, nothing happens.
    async fn add_signing_key(
        &self,
        key: &SigningKeyRecord,
        others_until: Timestamp,
        only_if_none: bool,
    ) -> Result<(), kernel::StoreError>;
}
