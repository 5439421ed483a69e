//! Peppers: secrets mixed into password hashes that are not in the database.

use std::fmt;

use zeroize::Zeroizing;

/// A secret that password hashes need besides the password, and the name they remember it by. `Debug` shows the
/// name alone.
#[derive(Clone)]
pub struct Pepper {
    id: String,
    secret: Zeroizing<Vec<u8>>,
}

/// A pepper that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PepperError {
    /// The name does not fit into a hash.
    #[error("a pepper's id is 1 to 8 of A-Z, a-z, 0-9, - and _")]
    Id,
    /// The secret could be guessed.
    #[error("a pepper has at least 32 bytes")]
    TooShort,
}

impl Pepper {
    /// Checks name and length.
    pub fn new(id: &str, secret: Vec<u8>) -> Result<Self, PepperError> {
        let secret = Zeroizing::new(secret);
        if !is_id(id) {
            Err(PepperError::Id)
        } else if secret.len() < 32 {
            Err(PepperError::TooShort)
        } else {
            Ok(Self { id: id.to_owned(), secret })
        }
    }

    /// Of a key under the key's checked name.
    pub(crate) fn of_key(id: &str, key: &[u8; 32]) -> Self {
        Self { id: id.to_owned(), secret: Zeroizing::new(key.to_vec()) }
    }

    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn secret(&self) -> &[u8] {
        &self.secret
    }
}

/// What `keyid` of an Argon2 hash holds at most is eight bytes; nothing in it needs escaping.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=8).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pepper({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pepper_has_a_short_name_and_a_long_secret() {
        assert!(Pepper::new("2026-a", vec![1; 32]).is_ok());
        assert_eq!(Pepper::new("2026-a", vec![1; 31]).unwrap_err(), PepperError::TooShort);
        for id in ["", "123456789", "a,b", "a$b", "ä"] {
            assert_eq!(Pepper::new(id, vec![1; 32]).unwrap_err(), PepperError::Id, "{id}");
        }
    }

    #[test]
    fn debug_hides_the_secret() {
        assert_eq!(format!("{:?}", Pepper::new("a", vec![1; 32]).unwrap()), "Pepper(a)");
    }
}
