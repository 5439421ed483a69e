//! Ending mails about notifications by the link that each of them carries, without signing in (RFC 8058).

use std::collections::BTreeMap;

use kernel::{AccountId, Ctx, Id, NoticeKind, Scope, Sealing, encoding};
use uuid::Uuid;

use crate::{MailChoice, NotificationPreferences, Ports, Refused};

/// What its MACs are made for. The name never changes, or links in mails of long ago open nothing.
const PURPOSE: &str = "notification-unsubscribe";
const ACCOUNT: usize = 16;
const MESSAGE: usize = ACCOUNT + 8;
/// How many bits a choice takes, and which they are: none where the mail told nothing of the kind.
const BITS: usize = 2;

/// What a mail was about: whose it was, of which kinds its notifications were, and how the person had each mailed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailKinds {
    /// Whose mail it was.
    pub account: AccountId,
    /// The kinds of what it told, with how they were mailed.
    pub choices: BTreeMap<NoticeKind, MailChoice>,
}

impl MailKinds {
    /// What the link in the mail says, with a MAC: a choice for each kind by its place among all, which it keeps.
    pub(crate) fn token(&self, sealing: &dyn Sealing) -> String {
        let choice = |kind: NoticeKind| match self.choices.get(&kind) {
            None => 0_u64,
            Some(MailChoice::Off) => 1,
            Some(MailChoice::Instant) => 2,
            Some(MailChoice::Digest) => 3,
        };
        let bits = NoticeKind::ALL.into_iter().rev().fold(0, |bits, kind| bits << BITS | choice(kind));
        let mut message = self.account.uuid().as_bytes().to_vec();
        message.extend(bits.to_be_bytes());
        message.extend(sealing.mac(PURPOSE, &message));
        encoding::base64url(&message)
    }

    fn read(sealing: &dyn Sealing, token: &str) -> Option<Self> {
        let bytes = encoding::from_base64url(token)?;
        let (message, mac) = bytes.split_at_checked(MESSAGE)?;
        if !sealing.verify_mac(PURPOSE, message, mac) {
            return None;
        }
        let (account, bits) = message.split_at(ACCOUNT);
        let mut bits = u64::from_be_bytes(bits.try_into().ok()?);
        let mut choices = BTreeMap::new();
        for kind in NoticeKind::ALL {
            match bits & 3 {
                1 => drop(choices.insert(kind, MailChoice::Off)),
                2 => drop(choices.insert(kind, MailChoice::Instant)),
                3 => drop(choices.insert(kind, MailChoice::Digest)),
                _ => {}
            }
            bits >>= BITS;
        }
        Some(Self { account: Id::from_uuid(Uuid::from_slice(account).ok()?), choices })
    }
}

/// Follows the links in mails about notifications.
#[derive(Debug, Clone)]
pub struct MailLinkService {
    ports: Ports,
}

impl MailLinkService {
    /// A service over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Notifications like those of the mail are mailed no more; tells of which kinds they were. Twice does no harm.
    pub async fn end_mails(&self, ctx: &Ctx, token: &str) -> Result<Vec<NoticeKind>, Refused> {
        self.choose(ctx, token, false).await
    }

    /// They are mailed again, as they were then.
    pub async fn resume_mails(&self, ctx: &Ctx, token: &str) -> Result<Vec<NoticeKind>, Refused> {
        self.choose(ctx, token, true).await
    }

    async fn choose(&self, ctx: &Ctx, token: &str, is_wanted: bool) -> Result<Vec<NoticeKind>, Refused> {
        let mail = MailKinds::read(&*self.ports.sealing, token).ok_or(Refused::InvalidLink)?;
        let MailKinds { account, mut choices } = mail;
        // Of an erased account nothing is kept.
        self.ports.people.person(account).await?.ok_or(Refused::InvalidLink)?;
        let mut unit = self.ports.store.begin_in(ctx, Scope::Account(account)).await?;
        let found = unit.notification_preferences(account).await?;
        let mut preferences = found.unwrap_or_else(|| NotificationPreferences::usual(account));
        if !is_wanted {
            for choice in choices.values_mut() {
                *choice = MailChoice::Off;
            }
        }
        preferences.choose_mail(&choices, is_wanted, self.ports.clock.now());
        if preferences.has_changed() {
            unit.save_notification_preferences(&mut preferences).await?;
            unit.commit().await?;
        }
        Ok(choices.into_keys().collect())
    }
}

#[cfg(test)]
mod tests {
    use kernel::Unsealable;

    use super::*;

    struct Plain;
    impl Sealing for Plain {
        fn seal(&self, _: &str, plain: &[u8]) -> Vec<u8> {
            plain.to_vec()
        }
        fn open(&self, _: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
            Ok(sealed.to_vec())
        }
        fn reseal(&self, _: &str, _: &[u8]) -> Result<Option<Vec<u8>>, Unsealable> {
            unreachable!("nothing is kept for long")
        }
        fn mac(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
            let sum =
                message.iter().fold(purpose.len() % 256, |sum, octet| (sum * 31 + usize::from(*octet)) % 251);
            [u8::try_from(sum).unwrap(); 32]
        }
        fn verify_mac(&self, purpose: &str, message: &[u8], mac: &[u8]) -> bool {
            self.mac(purpose, message) == mac
        }
    }

    #[test]
    fn a_token_says_what_the_mail_was_about_and_no_other_does() {
        let account = Id::from_uuid(Uuid::from_u128(7));
        let choices = [(NoticeKind::Task, MailChoice::Off), (NoticeKind::System, MailChoice::Digest)];
        let mail = MailKinds { account, choices: choices.into() };
        let token = mail.token(&Plain);
        assert_eq!(MailKinds::read(&Plain, &token), Some(mail));
        let mut forged = encoding::from_base64url(&token).unwrap();
        forged[23] ^= 2;
        for bad in [encoding::base64url(&forged), String::new(), "%".to_owned(), token[..20].to_owned()] {
            assert_eq!(MailKinds::read(&Plain, &bad), None, "{bad}");
        }
    }

    #[test]
    fn kinds_keep_their_places() {
        let names = NoticeKind::ALL.map(NoticeKind::name).join(" ");
        let kinds = "system assessment interview application proctoring consultation practice wellbeing billing \
                     mention task";
        assert_eq!(names, kinds, "new kinds come last: links in mails count them");
    }
}
