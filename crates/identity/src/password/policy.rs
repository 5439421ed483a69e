//! The password a person chooses: what is taken, after NIST SP 800-63B-4, section 3.1.1.

use kernel::Secret;
use unicode_normalization::UnicodeNormalization as _;

use crate::{
    account::PasswordHash,
    credentials::Weakness,
    ports::{Ports, Settings},
    refusal::{PasswordRefused, Refused},
};

const PRODUCT: &str = "touchstone";
const MOST_CHARACTERS: usize = 128;
const MOST_BYTES: usize = 512;

/// A password in the one form that is hashed: NFC, otherwise exactly as typed.
pub(crate) fn normalized(password: &Secret) -> Secret {
    Secret::new(password.expose().nfc().collect::<String>())
}

/// Whether it is worth hashing at all; a longer one can never have been set.
pub(crate) fn is_plausible(password: &Secret) -> bool {
    password.expose().len() <= 4 * MOST_BYTES
}

/// Checks a new password and hashes it. `words` stand near the account: names, the address, the organisation.
pub(crate) async fn hash_new(
    ports: &Ports,
    settings: &Settings,
    password: &Secret,
    words: &[&str],
) -> Result<PasswordHash, Refused> {
    if !is_plausible(password) {
        return Err(PasswordRefused::TooLong.into());
    }
    let password = normalized(password);
    let text = password.expose();
    let (found, least) = (text.chars().count(), settings.least_password_characters.max(8));
    if found < least {
        return Err(PasswordRefused::TooShort { found, least }.into());
    }
    if found > MOST_CHARACTERS || text.len() > MOST_BYTES {
        return Err(PasswordRefused::TooLong.into());
    }
    let words: Vec<&str> = words.iter().copied().chain([PRODUCT]).collect();
    match ports.strength.weakness(text, &words).await {
        Some(Weakness::Common) => Err(PasswordRefused::Common.into()),
        Some(Weakness::Predictable) => Err(PasswordRefused::Predictable.into()),
        Some(Weakness::Guessable) => Err(PasswordRefused::Guessable.into()),
        None => Ok(ports.hasher.hash(&password).await?),
    }
}
