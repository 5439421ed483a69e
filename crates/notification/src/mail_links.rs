//! Ending mails about notifications by the link that each of them carries, without signing in (RFC 8058).

use kernel::{AccountId, Ctx, Id, NoticeKind, Scope, Sealing, encoding};
use uuid::Uuid;

use crate::{MailChoice, NotificationPreferences, Ports, Refused};

/// What its MACs are made for. The name never changes, or links in mails of long ago open nothing.
const PURPOSE: &str = "notification-unsubscribe";
const ACCOUNT: usize = 16;
const MESSAGE: usize = ACCOUNT + 4 + 1;

/// What a mail was about: whose it was, of which kinds its notifications were, and how the person had them mailed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailKind {
    /// Whose mail it was.
    pub account: AccountId,
    /// The kinds of what it told, in the order of their declaration.
    pub kinds: Vec<NoticeKind>,
    /// How they were mailed.
    pub choice: MailChoice,
}

impl MailKind {
    /// A mail about notifications of these kinds, each named once or more often.
    pub fn new(account: AccountId, kinds: &[NoticeKind], choice: MailChoice) -> Self {
        let kinds = NoticeKind::ALL.into_iter().filter(|kind| kinds.contains(kind)).collect();
        Self { account, kinds, choice }
    }

    /// What the link in the mail says, with a MAC: a bit for each kind by its place among all, which it keeps for good.
    pub(crate) fn token(&self, sealing: &dyn Sealing) -> String {
        let place = |kind: &NoticeKind| NoticeKind::ALL.iter().position(|known| known == kind).unwrap_or(31);
        let bits = self.kinds.iter().fold(0_u32, |bits, kind| bits | 1 << place(kind));
        let choice = MailChoice::ALL.iter().position(|known| *known == self.choice);
        let mut message = self.account.uuid().as_bytes().to_vec();
        message.extend(bits.to_be_bytes());
        message.push(choice.and_then(|place| u8::try_from(place).ok()).unwrap_or_default());
        message.extend(sealing.mac(PURPOSE, &message));
        encoding::base64url(&message)
    }

    fn read(sealing: &dyn Sealing, token: &str) -> Option<Self> {
        let bytes = encoding::from_base64url(token)?;
        let (message, mac) = bytes.split_at_checked(MESSAGE)?;
        if !sealing.verify_mac(PURPOSE, message, mac) {
            return None;
        }
        let (account, rest) = message.split_at(ACCOUNT);
        let (bits, choice) = rest.split_at(4);
        let bits = u32::from_be_bytes(bits.try_into().ok()?);
        let kinds = NoticeKind::ALL.into_iter().enumerate();
        let kinds = kinds.filter(|(place, _)| bits >> place & 1 == 1).map(|(_, kind)| kind).collect();
        let choice = *MailChoice::ALL.get(usize::from(*choice.first()?))?;
        Some(Self { account: Id::from_uuid(Uuid::from_slice(account).ok()?), kinds, choice })
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
        let mail = MailKind::read(&*self.ports.sealing, token).ok_or(Refused::InvalidLink)?;
        let MailKind { account, kinds, choice } = mail;
        // Of an erased account nothing is kept.
        self.ports.people.person(account).await?.ok_or(Refused::InvalidLink)?;
        let mut unit = self.ports.store.begin_in(ctx, Scope::Account(account)).await?;
        let found = unit.notification_preferences(account).await?;
        let mut preferences = found.unwrap_or_else(|| NotificationPreferences::usual(account));
        let email = if is_wanted { choice } else { MailChoice::Off };
        preferences.choose_mail(&kinds, email, self.ports.clock.now());
        if preferences.has_changed() {
            unit.save_notification_preferences(&mut preferences).await?;
            unit.commit().await?;
        }
        Ok(kinds)
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
        let kinds = [NoticeKind::Task, NoticeKind::System, NoticeKind::Task];
        let mail = MailKind::new(account, &kinds, MailChoice::Digest);
        assert_eq!(mail.kinds, [NoticeKind::System, NoticeKind::Task]);
        let token = mail.token(&Plain);
        assert_eq!(MailKind::read(&Plain, &token), Some(mail));
        let mut forged = encoding::from_base64url(&token).unwrap();
        forged[19] ^= 2;
        for bad in [encoding::base64url(&forged), String::new(), "%".to_owned(), token[..20].to_owned()] {
            assert_eq!(MailKind::read(&Plain, &bad), None, "{bad}");
        }
    }

    #[test]
    fn kinds_and_choices_keep_their_places() {
        let names = NoticeKind::ALL.map(NoticeKind::name).join(" ");
        let kinds = "system assessment interview application proctoring consultation practice wellbeing billing \
                     mention task";
        assert_eq!(names, kinds, "new kinds come last: links in mails count them");
        assert_eq!(MailChoice::ALL.map(MailChoice::name), ["off", "instant", "digest"]);
    }
}
