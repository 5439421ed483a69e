//! The keys notes are signed and checked with: Ed25519 with a name, as C2SP signed-note writes them.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

/// Ed25519, among the signature types of the specification.
const ED25519: u8 = 0x01;

/// The name of a key, by convention an address without its scheme: not empty, without white space, `+` and control
/// characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(String);

impl KeyName {
    /// Checks the characters.
    pub fn new(name: impl Into<String>) -> Result<Self, KeyError> {
        let name = name.into();
        let foreign = |c: char| c.is_whitespace() || c == '+' || c < ' ';
        if name.is_empty() || name.contains(foreign) { Err(KeyError::Name) } else { Ok(Self(name)) }
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Tells keys of one name apart: the first four bytes of SHA-256(name || "\n" || 0x01 || public key), written as eight
/// hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 4]);

impl KeyId {
    fn of(name: &KeyName, key: &VerifyingKey) -> Self {
        let hash = Sha256::new()
            .chain_update(name.as_str())
            .chain_update([b'\n', ED25519])
            .chain_update(key.as_bytes())
            .finalize();
        Self([hash[0], hash[1], hash[2], hash[3]])
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// The public half of a key: what checks notes. Written as `name+id+base64(0x01 || public key)`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VerifierKey {
    name: KeyName,
    id: KeyId,
    key: VerifyingKey,
}

impl VerifierKey {
    fn new(name: KeyName, key: VerifyingKey) -> Self {
        Self { id: KeyId::of(&name, &key), name, key }
    }

    /// The key's name.
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// Which key of that name it is.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Whether this key made the signature, by the strict rules: no weak key, no second spelling of a signature.
    pub(crate) fn accepts(&self, text: &str, signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .and_then(|signature| self.key.verify_strict(text.as_bytes(), &signature))
            .is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519];
        key.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, self.id, STANDARD.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, rest) = text.split_once('+').ok_or(KeyError::Form)?;
        let (id, key) = rest.split_once('+').ok_or(KeyError::Form)?;
        let name = KeyName::new(name)?;
        let bytes = STANDARD.decode(key).map_err(|_| KeyError::Form)?;
        let (kind, bytes) = bytes.split_first().ok_or(KeyError::Form)?;
        if *kind != ED25519 {
            return Err(KeyError::Kind(*kind));
        }
        let bytes = bytes.try_into().map_err(|_| KeyError::Form)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::Point)?;
        if key.is_weak() {
            return Err(KeyError::Point);
        }
        let key = Self::new(name, key);
        if key.id.to_string() == id { Ok(key) } else { Err(KeyError::Id { computed: key.id }) }
    }
}

/// The private half of a key: what signs notes. It is wiped when dropped, and `Debug` does not show it.
pub struct SignerKey {
    name: KeyName,
    id: KeyId,
    key: SigningKey,
}

impl SignerKey {
    /// The longest name of a key that signs, in bytes: so it fits into every note.
    pub const MAX_NAME_LENGTH: usize = 255;

    /// The key that grows from 32 random bytes (RFC 8032 section 5.1.5). Callers wipe their own copy.
    pub fn from_seed(name: impl Into<String>, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let name = KeyName::new(name)?;
        if name.as_str().len() > Self::MAX_NAME_LENGTH {
            return Err(KeyError::LongName);
        }
        let key = SigningKey::from_bytes(seed);
        Ok(Self { id: KeyId::of(&name, &key.verifying_key()), name, key })
    }

    /// The public half.
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey::new(self.name.clone(), self.key.verifying_key())
    }

    /// The key's name.
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// Which key of that name it is.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    pub(crate) fn sign(&self, text: &str) -> [u8; 64] {
        self.key.sign(text.as_bytes()).to_bytes()
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({}+{})", self.name, self.id)
    }
}

/// It is not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The name is empty or has characters it may not have.
    #[error("the name of a key is not empty and has no white space, control characters or plus signs")]
    Name,
    /// A key that signs has a longer name than [`SignerKey::MAX_NAME_LENGTH`].
    #[error("the name of a key that signs has at most 255 bytes")]
    LongName,
    /// It is not put together like a key.
    #[error("a verifier key is name+id+key: eight hexadecimal digits, and 33 bytes in base64")]
    Form,
    /// It is of another kind.
    #[error("only Ed25519 keys (type 1) are understood; this one is of type {0}")]
    Kind(u8),
    /// The bytes are no key, or one that accepts nearly any signature.
    #[error("the bytes of the key are not a usable Ed25519 key")]
    Point,
    /// The id belongs to another name or key.
    #[error("the id does not fit the key and its name, which have {computed}")]
    Id {
        /// The id that fits.
        computed: KeyId,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signer_is_shown_without_its_secret() {
        let signer = SignerKey::from_seed("example.org/log", &[7; 32]).unwrap();
        let shown = format!("{signer:?}");
        assert_eq!(shown, format!("SignerKey(example.org/log+{})", signer.id()));
    }

    #[test]
    fn a_key_that_accepts_nearly_any_signature_is_refused() {
        // The neutral element, of order 1.
        let mut point = [0; 32];
        point[0] = 1;
        let name = KeyName::new("weak").unwrap();
        let weak = VerifierKey::new(name, VerifyingKey::from_bytes(&point).unwrap());
        assert_eq!(weak.to_string().parse::<VerifierKey>(), Err(KeyError::Point));
    }

    #[test]
    fn names_have_no_white_space_of_any_script_and_no_plus() {
        for name in ["", "a b", "a+b", "a\u{a0}b", "a\u{3000}b", "a\u{85}b", "a\nb", "a\u{0}b"] {
            assert_eq!(KeyName::new(name), Err(KeyError::Name), "{name:?}");
        }
        assert!(KeyName::new("prüfung.example/α").is_ok());
    }
}
