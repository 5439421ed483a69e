//! How a request proves who sent it, as Standard Webhooks 1.0.0 says: a signature over id, time and body.

use std::{fmt, time::Duration};

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use ed25519_dalek::{KEYPAIR_LENGTH, Signature, Signer as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::{Random, Secret, Timestamp};
use sha2::Sha256;

/// The header with the event's id, the same whenever it is sent: by it a receiver knows what came already.
pub const ID_HEADER: &str = "webhook-id";
/// The header with the time of the attempt, in seconds since the Unix epoch.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// The header with the signatures, one for each key that is live, with a space between.
pub const SIGNATURE_HEADER: &str = "webhook-signature";
/// A request is good for so long before and after the receiver's own time: it cannot be sent again much later.
pub const TOLERANCE: Duration = Duration::from_secs(5 * 60);

const SECRET_PREFIX: &str = "whsec_";
const PRIVATE_PREFIX: &str = "whsk_";
const PUBLIC_PREFIX: &str = "whpk_";
/// How many octets a secret has, and those that are made here.
const SECRET_LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;
const NEW_SECRET_LENGTH: usize = 32;

/// Standard base64, written with padding and read with or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

kernel::named! {
    /// How requests are signed.
    pub enum SignatureScheme {
        /// HMAC-SHA256: sender and receiver share a secret.
        HmacSha256 = "v1",
        /// Ed25519: the receiver has the public key, with which nothing can be forged.
        Ed25519 = "v1a",
    }
}

/// A text that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the key cannot be read: a secret is whsec_ and 24 to 64 octets in base64, a public key whpk_ and 32"
)]
pub struct InvalidKey;

/// What requests are signed with. `Debug` shows the scheme alone.
#[derive(Clone)]
pub enum SigningKey {
    /// A shared secret.
    HmacSha256(Vec<u8>),
    /// A key pair.
    Ed25519(Box<ed25519_dalek::SigningKey>),
}

/// What signatures are verified by. `Debug` shows the scheme alone.
#[derive(Clone)]
pub enum VerifyingKey {
    /// A shared secret.
    HmacSha256(Vec<u8>),
    /// A public key.
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
}

/// What is signed.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The event's id; no dot is in it.
    pub id: &'a str,
    /// When the attempt is made, in seconds since the Unix epoch.
    pub timestamp: i64,
    /// The exact body.
    pub body: &'a [u8],
}

impl Message<'_> {
    fn content(&self) -> Vec<u8> {
        [format!("{}.{}.", self.id, self.timestamp).as_bytes(), self.body].concat()
    }

    /// The headers that go with the body, signed with these keys, of which the newest stands first.
    pub fn headers(&self, keys: &[SigningKey]) -> Vec<(String, String)> {
        let content = self.content();
        let signatures: Vec<String> = keys.iter().map(|key| key.signature(&content)).collect();
        let headers = [
            (ID_HEADER, self.id.to_owned()),
            (TIMESTAMP_HEADER, self.timestamp.to_string()),
            (SIGNATURE_HEADER, signatures.join(" ")),
        ];
        headers.map(|(name, value)| (name.to_owned(), value)).into()
    }
}

fn decoded(text: &str, prefix: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.strip_prefix(prefix)?).ok()
}

fn hmac(secret: &[u8], content: &[u8]) -> Hmac<Sha256> {
    let mut hmac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    hmac.update(content);
    hmac
}

impl SigningKey {
    /// A new one.
    pub fn generate(scheme: SignatureScheme, random: &dyn Random) -> Self {
        let bytes = random.bytes::<NEW_SECRET_LENGTH>();
        match scheme {
            SignatureScheme::HmacSha256 => Self::HmacSha256(bytes.into()),
            SignatureScheme::Ed25519 => {
                Self::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(&bytes)))
            }
        }
    }

    /// Reads `whsec_…`, or `whsk_…` with the seed alone or the public key behind it.
    pub fn read(text: &str) -> Result<Self, InvalidKey> {
        if let Some(secret) = decoded(text, SECRET_PREFIX) {
            let is_sound = SECRET_LENGTHS.contains(&secret.len());
            return if is_sound { Ok(Self::HmacSha256(secret)) } else { Err(InvalidKey) };
        }
        let key = decoded(text, PRIVATE_PREFIX).ok_or(InvalidKey)?;
        let key = if let Ok(seed) = <[u8; 32]>::try_from(&*key) {
            ed25519_dalek::SigningKey::from_bytes(&seed)
        } else {
            let pair = <[u8; KEYPAIR_LENGTH]>::try_from(&*key).map_err(|_| InvalidKey)?;
            ed25519_dalek::SigningKey::from_keypair_bytes(&pair).map_err(|_| InvalidKey)?
        };
        Ok(Self::Ed25519(Box::new(key)))
    }

    /// The key as [`read`](Self::read) takes it.
    pub fn text(&self) -> Secret {
        let (prefix, text) = match self {
            Self::HmacSha256(secret) => (SECRET_PREFIX, BASE64.encode(secret)),
            Self::Ed25519(key) => (PRIVATE_PREFIX, BASE64.encode(key.to_keypair_bytes())),
        };
        Secret::new(format!("{prefix}{text}"))
    }

    /// How it signs.
    pub const fn scheme(&self) -> SignatureScheme {
        match self {
            Self::HmacSha256(_) => SignatureScheme::HmacSha256,
            Self::Ed25519(_) => SignatureScheme::Ed25519,
        }
    }

    /// What its signatures are verified by.
    pub fn verifying_key(&self) -> VerifyingKey {
        match self {
            Self::HmacSha256(secret) => VerifyingKey::HmacSha256(secret.clone()),
            Self::Ed25519(key) => VerifyingKey::Ed25519(Box::new(key.verifying_key())),
        }
    }

    fn signature(&self, content: &[u8]) -> String {
        let signature = match self {
            Self::HmacSha256(secret) => BASE64.encode(hmac(secret, content).finalize().into_bytes()),
            Self::Ed25519(key) => BASE64.encode(key.sign(content).to_bytes()),
        };
        format!("{},{signature}", self.scheme().name())
    }
}

/// Why a request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// A header is not there, or cannot be read.
    #[error("the header {0} is missing or malformed")]
    Header(&'static str),
    /// The request is too old, or from the future.
    #[error("the request is more than five minutes older or newer than the time here; compare the clocks")]
    Time,
    /// None of the signatures is one of this key.
    #[error(
        "no signature is one of this key over this very body; check the key, and that the body is verified as it came"
    )]
    Signature,
}

impl VerifyingKey {
    /// Reads `whsec_…` or `whpk_…`.
    pub fn read(text: &str) -> Result<Self, InvalidKey> {
        if let Some(key) = decoded(text, PUBLIC_PREFIX) {
            let key = <[u8; 32]>::try_from(&*key).map_err(|_| InvalidKey)?;
            let key = ed25519_dalek::VerifyingKey::from_bytes(&key).map_err(|_| InvalidKey)?;
            return Ok(Self::Ed25519(Box::new(key)));
        }
        match SigningKey::read(text)? {
            SigningKey::HmacSha256(secret) => Ok(Self::HmacSha256(secret)),
            SigningKey::Ed25519(_) => Err(InvalidKey),
        }
    }

    /// The key as [`read`](Self::read) takes it: a secret, or a public key that anybody may know.
    pub fn text(&self) -> Secret {
        let (prefix, text) = match self {
            Self::HmacSha256(secret) => (SECRET_PREFIX, BASE64.encode(secret)),
            Self::Ed25519(key) => (PUBLIC_PREFIX, BASE64.encode(key.as_bytes())),
        };
        Secret::new(format!("{prefix}{text}"))
    }

    /// Believes a request, by its headers and the very bytes that came, if one of its signatures is one of this key.
    /// Secrets are compared in constant time.
    pub fn verify<'a>(
        &self,
        header: impl Fn(&str) -> Option<&'a str>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), NotVerified> {
        let read = |name| header(name).ok_or(NotVerified::Header(name));
        let (id, signatures) = (read(ID_HEADER)?, read(SIGNATURE_HEADER)?);
        let timestamp = read(TIMESTAMP_HEADER)?.parse().map_err(|_| NotVerified::Header(TIMESTAMP_HEADER))?;
        if now.unix_seconds().abs_diff(timestamp) > TOLERANCE.as_secs() {
            return Err(NotVerified::Time);
        }
        let content = Message { id, timestamp, body }.content();
        let is_known = signatures.split(' ').any(|signature| self.knows(signature, &content));
        if is_known { Ok(()) } else { Err(NotVerified::Signature) }
    }

    fn knows(&self, signature: &str, content: &[u8]) -> bool {
        let of = |scheme: SignatureScheme| {
            let text = signature.strip_prefix(scheme.name())?.strip_prefix(',')?;
            BASE64.decode(text).ok()
        };
        match self {
            Self::HmacSha256(secret) => of(SignatureScheme::HmacSha256)
                .is_some_and(|signature| hmac(secret, content).verify_slice(&signature).is_ok()),
            Self::Ed25519(key) => of(SignatureScheme::Ed25519)
                .and_then(|signature| Signature::from_slice(&signature).ok())
                .is_some_and(|signature| key.verify_strict(content, &signature).is_ok()),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.scheme().name())
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self {
            Self::HmacSha256(_) => SignatureScheme::HmacSha256,
            Self::Ed25519(_) => SignatureScheme::Ed25519,
        };
        write!(f, "VerifyingKey({})", scheme.name())
    }
}

#[cfg(test)]
mod tests;
