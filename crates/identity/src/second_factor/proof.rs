//! Checking a second factor within a unit that does more.

use kernel::{AccountId, Assurance, PersonalKey, Place, Secret, Timestamp};

use crate::{Digest, Refused, SecondFactor, Unit, ports::Ports};

/// What the shared secret is sealed for: an account has one.
pub(crate) const SECRET: Place = Place { table: "totp-secret", row: None };

/// What proves the second factor.
#[derive(Debug, Clone)]
pub enum SecondFactorProof {
    /// The six digits of an authenticator app.
    Totp(Secret),
    /// A recovery code.
    Recovery(Secret),
}

/// Checks the second factor if there is one, marks it as used in the unit, and says how surely the person is
/// known now. A wrong code is [`Refused::WrongCode`], which the guard of the attempt makes one with a wrong password.
pub(crate) async fn check(
    ports: &Ports,
    unit: &mut Unit,
    account: AccountId,
    proof: Option<&SecondFactorProof>,
    now: Timestamp,
) -> Result<Assurance, Refused> {
    let factor = unit.second_factor(account).await?;
    let Some(mut factor) = factor.filter(SecondFactor::is_confirmed) else { return Ok(Assurance::Aal1) };
    let accepted = match proof {
        None => return Err(Refused::SecondFactorRequired),
        Some(SecondFactorProof::Totp(code)) => match matching_step(ports, unit, &factor, code, now).await? {
            Some(step) => factor.take_step(step, now),
            None => false,
        },
        Some(SecondFactorProof::Recovery(code)) => factor.take_recovery_code(&recovery_digest(code), now),
    };
    if !accepted {
        return Err(Refused::WrongCode);
    }
    unit.save_second_factor(&mut factor).await?;
    Ok(Assurance::Aal2)
}

/// The time step whose code this is.
pub(crate) async fn matching_step(
    ports: &Ports,
    unit: &mut Unit,
    factor: &SecondFactor,
    code: &Secret,
    now: Timestamp,
) -> Result<Option<i64>, Refused> {
    let key = data_key(ports, unit, factor.account).await?;
    let secret = key.open(SECRET, &factor.sealed_secret)?;
    Ok(ports.codes.matching_step(&secret, code.expose().trim(), now))
}

/// The account's data key; whoever can sign in has one.
pub(crate) async fn data_key(
    ports: &Ports,
    unit: &mut Unit,
    account: AccountId,
) -> Result<Box<dyn PersonalKey>, Refused> {
    let wrapped = unit.data_key(account).await?;
    let wrapped = wrapped.ok_or_else(|| Refused::Fault(format!("account {account} has no data key")))?;
    Ok(ports.vault.personal_key(account, &wrapped)?)
}

/// Ten new recovery codes, and their digests. They are shown in six groups of four. With 120 random bits each a digest
/// tells as little as that of a password under a slow hash; below 112 it would not (OWASP ASVS 5.0, 6.5.2).
pub(crate) fn new_recovery_codes(ports: &Ports) -> (Vec<Secret>, Vec<Digest>) {
    let code = || {
        let text = crockford(&ports.random.bytes::<15>());
        let groups: Vec<&str> = (0..6).map(|i| &text[4 * i..4 * i + 4]).collect();
        Secret::new(groups.join("-"))
    };
    let codes: Vec<Secret> = std::iter::repeat_with(code).take(SecondFactor::RECOVERY_CODES).collect();
    let digests = codes.iter().map(recovery_digest).collect();
    (codes, digests)
}

/// Reads a code as people type it: without regard to case, spaces and hyphens; O is 0, I and L are 1.
fn recovery_digest(code: &Secret) -> Digest {
    let plain: String = code
        .expose()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .collect();
    Digest::of(plain.as_bytes())
}

/// Crockford's Base32 of ten octets: sixteen characters without i, l, o and u.
fn crockford(octets: &[u8; 15]) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let bits = octets.iter().fold(0_u128, |bits, octet| bits << 8 | u128::from(*octet));
    (0..24).rev().map(|i| char::from(ALPHABET[usize::try_from(bits >> (5 * i) & 31).unwrap_or(0)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_is_read_as_people_type_it() {
        let digest = recovery_digest(&Secret::new("0a1b-cdef-1234-5678"));
        assert_eq!(recovery_digest(&Secret::new(" OAIB cdef 1234 5678")), digest);
        assert_ne!(recovery_digest(&Secret::new("0a1b-cdef-1234-5679")), digest);
    }

    #[test]
    fn codes_have_no_letters_that_are_mistaken() {
        assert_eq!(crockford(&[0xff; 15]), "z".repeat(24));
        assert_eq!(crockford(&[0; 15]), "0".repeat(24));
    }
}
