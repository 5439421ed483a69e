//! Tokens of people without an account: what they say, and a MAC under a key derived from the key-encryption key.

use kernel::{
    Sealing as _, Secret, encoding,
    invitation::{GuestToken, GuestTokens},
};

use crate::KeyVault;

const PURPOSE: &str = "guest-pass";
const MAC: usize = 32;

impl GuestTokens for KeyVault {
    fn issue(&self, guest: &GuestToken) -> Secret {
        let mut bytes = guest.to_bytes();
        bytes.extend(self.mac(PURPOSE, &bytes));
        Secret::new(format!("{}{}", GuestToken::PREFIX, encoding::base64url(&bytes)))
    }

    fn read(&self, token: &str) -> Option<GuestToken> {
        let bytes = encoding::from_base64url(token.strip_prefix(GuestToken::PREFIX)?)?;
        let (message, mac) =
            bytes.split_at_checked(GuestToken::LENGTH).filter(|(_, mac)| mac.len() == MAC)?;
        if !self.verify_mac(PURPOSE, message, mac) {
            return None;
        }
        GuestToken::from_bytes(message)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kernel::{Id, Timestamp, invitation::Invited};
    use system::SystemRandom;
    use uuid::Uuid;

    use super::*;
    use crate::KeyEncryptionKeys;

    fn guests() -> [GuestToken; 2] {
        let id = Uuid::from_u128;
        let expires_at = Timestamp::from_unix_seconds(1_800_000_000).unwrap();
        let assignment =
            Invited { kind: 1, organization: Id::from_uuid(id(1)), parent: Some(id(2)), id: id(3) };
        let coaching = Invited { kind: 2, parent: None, id: id(4), ..assignment };
        [assignment, coaching].map(|invited| GuestToken { invited, expires_at })
    }

    #[test]
    fn a_token_reads_back_and_a_forged_one_does_not() {
        let vault = || KeyVault::new(KeyEncryptionKeys::generate(&SystemRandom), Arc::new(SystemRandom));
        let (ours, theirs) = (vault(), vault());
        for guest in guests() {
            let token = ours.issue(&guest);
            assert_eq!(ours.read(token.expose()), Some(guest));
            assert_eq!(theirs.read(token.expose()), None);
            for at in GuestToken::PREFIX.len()..token.expose().len() {
                let mut forged = token.expose().as_bytes().to_vec();
                forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
                let forged = String::from_utf8(forged).unwrap();
                assert!(
                    ours.read(&forged).is_none_or(|read| read == guest && at + 1 == forged.len()),
                    "{at}"
                );
            }
        }
        for bad in ["", "tsg_", "tsg_AAAA", "tsk_AAAA"] {
            assert_eq!(ours.read(bad), None, "{bad}");
        }
    }
}
