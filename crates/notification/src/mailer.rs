//! The mailer that asks people's preferences before a letter is written beside a notice.

use std::fmt;

use async_trait::async_trait;
use kernel::{
    AccountId, Actor, Ctx, EmailAddress, LetterWish, Mail, MailError, Mailer, NoticeKind, NoticeText,
    NoticeTextError, OrganizationId, Scope, StoreError,
};
use serde_json::Value;

use crate::{MailChoice, Ports, telling::offsets};

/// Hands letters on to another mailer, and knows who wants which.
pub struct PreferenceMailer {
    ports: Ports,
}

impl PreferenceMailer {
    /// Over that of the ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }
}

impl fmt::Debug for PreferenceMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PreferenceMailer")
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn unread(error: StoreError) -> MailError {
    MailError::Transient(error.to_string())
}

#[async_trait]
impl Mailer for PreferenceMailer {
    fn notice(&self, template: &str, values: &Value) -> Result<NoticeText, NoticeTextError> {
        self.ports.mailer.notice(template, values)
    }

    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.ports.mailer.send(mail).await
    }

    /// What belongs into a digest is in it by its notice.
    async fn wanted_by(&self, account: AccountId, kind: NoticeKind) -> Result<LetterWish, MailError> {
        let ctx = Ctx::new(Actor::System, Scope::Account(account));
        let preferences = self.ports.preferences(&ctx, account).await.map_err(unread)?;
        if preferences.channels(kind).email != MailChoice::Instant {
            return Ok(LetterWish::Unwanted);
        }
        if preferences.quiet_hours.is_none() {
            return Ok(LetterWish::Now);
        }
        let now = self.ports.clock.now();
        let offsets = offsets(&self.ports, account, None, now).await.map_err(unread)?;
        let until = preferences.after_quiet_hours(now, &offsets);
        Ok(if until > now { LetterWish::After(until) } else { LetterWish::Now })
    }

    async fn admit(&self, organization: OrganizationId, to: Option<&EmailAddress>) -> Result<(), MailError> {
        self.ports.mailer.admit(organization, to).await
    }
}
