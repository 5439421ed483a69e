//! Tokens of people without an account: what they say, and a MAC under a key derived from the key-encryption key.

use kernel::{
    Sealing as _, Secret, encoding,
    invitation::{GuestToken, GuestTokens, InvitationLink},
};

use crate::KeyVault;

const PASS: &str = "guest-pass";
const LINK: &str = "invitation-link";
const MAC: usize = 32;

impl KeyVault {
    fn authentic(&self, purpose: &str, mut message: Vec<u8>) -> String {
        message.extend(self.mac(purpose, &message));
        encoding::base64url(&message)
    }

    /// What was made authentic for this purpose, of so many bytes.
    fn verified(&self, purpose: &str, text: &str, length: usize) -> Option<Vec<u8>> {
        let mut bytes = encoding::from_base64url(text)?;
        let (message, mac) = bytes.split_at_checked(length).filter(|(_, mac)| mac.len() == MAC)?;
        if !self.verify_mac(purpose, message, mac) {
            return None;
        }
        bytes.truncate(length);
        Some(bytes)
    }
}

impl GuestTokens for KeyVault {
    fn link(&self, link: &InvitationLink) -> Secret {
        Secret::new(self.authentic(LINK, link.to_bytes()))
    }

    fn read_link(&self, token: &str) -> Option<InvitationLink> {
        InvitationLink::from_bytes(&self.verified(LINK, token, InvitationLink::LENGTH)?)
    }

    fn issue(&self, guest: &GuestToken) -> Secret {
        Secret::new(format!("{}{}", GuestToken::PREFIX, self.authentic(PASS, guest.to_bytes())))
    }

    fn read(&self, token: &str) -> Option<GuestToken> {
        let text = token.strip_prefix(GuestToken::PREFIX)?;
        GuestToken::from_bytes(&self.verified(PASS, text, GuestToken::LENGTH)?)
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

    #[test]
    fn a_link_reads_back_and_is_no_pass() {
        let vault = || KeyVault::new(KeyEncryptionKeys::generate(&SystemRandom), Arc::new(SystemRandom));
        let (ours, theirs) = (vault(), vault());
        for GuestToken { invited, expires_at: issued_at } in guests() {
            let (link, guest) =
                (InvitationLink { invited, issued_at }, GuestToken { invited, expires_at: issued_at });
            let token = ours.link(&link);
            assert_eq!(ours.read_link(token.expose()), Some(link));
            assert_eq!(theirs.read_link(token.expose()), None);
            assert_eq!(ours.read(&format!("{}{}", GuestToken::PREFIX, token.expose())), None);
            let pass = ours.issue(&guest);
            assert_eq!(ours.read_link(&pass.expose()[GuestToken::PREFIX.len()..]), None);
            assert_eq!(ours.read_link(&token.expose()[1..]), None);
        }
        assert_eq!(ours.read_link("no link"), None);
    }
}
