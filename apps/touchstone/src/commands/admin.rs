//! `touchstone admin create`, and `remove-factor`.

use std::io::Read as _;

use identity::{EmailAddress, Name};
use kernel::Secret;

use super::attach::{Attached, refused, system};
use crate::{
    config::Settings,
    exit::{Exit, Failure},
    output,
};

/// Without letters and digits that look alike.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
const LONGEST_PASSWORD: u64 = 4096;

/// `touchstone admin create`.
pub(super) async fn create(
    settings: &Settings,
    email: &str,
    name: Option<&str>,
    password_stdin: bool,
) -> Result<(), Failure> {
    let email = EmailAddress::new(email).map_err(|error| wrong("the address", &error))?;
    let name = name.map(Name::new).transpose().map_err(|error| wrong("the name", &error))?;
    let given = if password_stdin { Some(read_password()?) } else { None };
    let attached = Attached::open(settings).await?;
    let outcome = make(&attached, email, name, given).await;
    attached.close(outcome).await
}

async fn make(
    attached: &Attached,
    email: EmailAddress,
    name: Option<Name>,
    given: Option<Secret>,
) -> Result<(), Failure> {
    let administration = &attached.platform.identity.administration;
    let made = given.is_none();
    let password = given.unwrap_or_else(|| pronounceable(&attached.platform.random.bytes()));
    let ctx = system("admin create");
    let admin = administration.create_admin(&ctx, email.clone(), name, &password).await.map_err(refused)?;
    output::line(format_args!("{} is an administrator now.", email.as_str()));
    match admin.account.password_expires_at {
        Some(until) => {
            if !admin.is_new {
                output::line("The account was there already, and its temporary password is replaced.");
            }
            if made {
                output::line(format_args!("Password: {}  (shown only this once)", password.expose()));
            }
            output::line(format_args!(
                "It is temporary: until {until} it opens one thing, changing it with POST /v1/auth/change-password."
            ));
        }
        None => output::line("The account was there already; its password stays as it is."),
    }
    output::line(
        "Then add a second factor with POST /v1/me/second-factors/totp: nothing of the platform opens without one.",
    );
    Ok(())
}

/// `touchstone admin remove-factor`.
pub(super) async fn remove_factor(settings: &Settings, email: &str) -> Result<(), Failure> {
    let email = EmailAddress::new(email).map_err(|error| wrong("the address", &error))?;
    let attached = Attached::open(settings).await?;
    let administration = &attached.platform.identity.administration;
    let removed = administration.remove_second_factor(&system("admin remove-factor"), &email).await;
    attached.close(removed.map_err(refused)).await?;
    output::line(format_args!("The second factor of {} is removed, and all sessions ended.", email.as_str()));
    output::line("A letter tells the owner. They sign in with their password, and set up another one.");
    Ok(())
}

fn wrong(what: &str, error: &identity::TextError) -> Failure {
    Failure::new(Exit::Refused, format!("{what} {error}"))
}

fn read_password() -> Result<Secret, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().take(LONGEST_PASSWORD).read_to_string(&mut text);
    read.map_err(|error| Failure::new(Exit::Refused, format!("no password on standard input: {error}")))?;
    let password = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Secret::new(password.strip_suffix('\r').unwrap_or(password)))
}

/// A password of 120 bits that can be read aloud: `xxxxxx-xxxxxx-xxxxxx-xxxxxx`.
pub(super) fn pronounceable(bytes: &[u8; 24]) -> Secret {
    let groups: Vec<String> = bytes
        .chunks(6)
        .map(|chunk| chunk.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
        .collect();
    Secret::new(groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_passwords_keep_all_their_bits() {
        let bytes = std::array::from_fn(|i| u8::try_from(i * 11 % 256).unwrap());
        let password = pronounceable(&bytes);
        assert_eq!(password.expose().len(), 27);
        assert_eq!(ALPHABET.iter().collect::<std::collections::BTreeSet<_>>().len(), 32);
    }
}
