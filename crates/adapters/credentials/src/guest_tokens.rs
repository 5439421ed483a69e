//! Tokens of people without an account: what they say, and a MAC under a key derived from the key-encryption key.

use assessment_engine::{GuestToken, GuestTokens, Origin, ports::GUEST_TOKEN_PREFIX};
use identity::credentials::Vault as _;
use kernel::{Id, Secret, Timestamp, encoding};
use uuid::Uuid;

use crate::KeyVault;

const PURPOSE: &str = "guest-pass";
const CAMPAIGN: u8 = 1;
const COACHING: u8 = 2;
const MAC: usize = 32;
/// Kind, organisation, campaign (or zeros), assignment or coaching session, seconds of expiry.
const MESSAGE: usize = 1 + 3 * 16 + 8;

impl GuestTokens for KeyVault {
    fn issue(&self, guest: &GuestToken) -> Secret {
        let (kind, campaign) = match guest.origin {
            Origin::Campaign { campaign, .. } => (CAMPAIGN, campaign.uuid()),
            Origin::Coaching(_) => (COACHING, Uuid::nil()),
        };
        let mut bytes = Vec::with_capacity(MESSAGE + MAC);
        bytes.push(kind);
        for id in [guest.organization.uuid(), campaign, guest.origin.id()] {
            bytes.extend(id.as_bytes());
        }
        bytes.extend(guest.expires_at.unix_seconds().to_be_bytes());
        bytes.extend(self.mac(PURPOSE, &bytes));
        Secret::new(format!("{GUEST_TOKEN_PREFIX}{}", encoding::base64url(&bytes)))
    }

    fn read(&self, token: &str) -> Option<GuestToken> {
        let bytes = encoding::from_base64url(token.strip_prefix(GUEST_TOKEN_PREFIX)?)?;
        let (message, mac) = bytes.split_at_checked(MESSAGE).filter(|(_, mac)| mac.len() == MAC)?;
        if !self.verify_mac(PURPOSE, message, mac) {
            return None;
        }
        let id = |place: usize| Uuid::from_slice(message.get(1 + 16 * place..17 + 16 * place)?).ok();
        let origin = match *message.first()? {
            CAMPAIGN => {
                Origin::Campaign { campaign: Id::from_uuid(id(1)?), assignment: Id::from_uuid(id(2)?) }
            }
            COACHING => Origin::Coaching(Id::from_uuid(id(2)?)),
            _ => return None,
        };
        let seconds = message.get(49..)?.try_into().ok().map(i64::from_be_bytes)?;
        let expires_at = Timestamp::from_unix_seconds(seconds)?;
        Some(GuestToken { organization: Id::from_uuid(id(0)?), origin, expires_at })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use system::SystemRandom;

    use super::*;
    use crate::KeyEncryptionKeys;

    fn guests() -> [GuestToken; 2] {
        let id = |n| Uuid::from_u128(n);
        let expires_at = Timestamp::from_unix_seconds(1_800_000_000).unwrap();
        let campaign = Origin::Campaign { campaign: Id::from_uuid(id(2)), assignment: Id::from_uuid(id(3)) };
        let coaching = Origin::Coaching(Id::from_uuid(id(4)));
        [campaign, coaching].map(|origin| GuestToken {
            organization: Id::from_uuid(id(1)),
            origin,
            expires_at,
        })
    }

    #[test]
    fn a_token_reads_back_and_a_forged_one_does_not() {
        let vault = || KeyVault::new(KeyEncryptionKeys::generate(&SystemRandom), Arc::new(SystemRandom));
        let (ours, theirs) = (vault(), vault());
        for guest in guests() {
            let token = ours.issue(&guest);
            assert_eq!(ours.read(token.expose()), Some(guest));
            assert_eq!(theirs.read(token.expose()), None);
            for at in GUEST_TOKEN_PREFIX.len()..token.expose().len() {
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
