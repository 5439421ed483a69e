//! The way of letters that organisations have sent: they wait while they are paused, few ask one address within an
//! hour, from one organisation and from all, and who unsubscribed gets none.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use kernel::{
    AccountId, Actor, Ctx, EmailAddress, LetterWish, Mail, MailError, Mailer, NoticeKind, NoticeText,
    NoticeTextError, OrganizationId, Scope, Secret, StoreError,
};
use serde_json::Value;

use super::unsubscribing;
use crate::{
    Unit,
    ports::{Ports, Settings},
    throttle::{Step, ThrottleRule, Verdict},
};

/// For so long a letter waits before it is looked at again whether letters of its organisation are paused still.
const PAUSE: Duration = Duration::from_secs(15 * 60);

/// Hands letters on to another mailer, those of an organisation with a link to unsubscribe. What waits is told by
/// [`MailError::Later`], what the person does not want by [`MailError::Refused`] with [`MailError::UNSUBSCRIBED`].
pub struct OrganizationMailer {
    ports: Ports,
    settings: Arc<Settings>,
    mailer: Arc<dyn Mailer>,
}

impl fmt::Debug for OrganizationMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OrganizationMailer")
    }
}

impl OrganizationMailer {
    pub(crate) fn new(ports: Ports, settings: Arc<Settings>, mailer: Arc<dyn Mailer>) -> Self {
        Self { ports, settings, mailer }
    }

    async fn begin(&self) -> Result<Box<Unit>, MailError> {
        self.ports.store.begin(&Ctx::new(Actor::System, Scope::Identity)).await.map_err(unread)
    }

    async fn ensure_sent(&self, unit: &mut Unit, organization: OrganizationId) -> Result<(), MailError> {
        let limits = unit.organization_limits(organization).await.map_err(unread)?;
        if limits.mail_paused_at.is_none() {
            return Ok(());
        }
        let until = self.ports.clock.now().plus(PAUSE);
        Err(MailError::Later { until, why: "letters of the organisation are paused" })
    }

    /// The organisation's turn to ask the address, and one of those that all organisations have together.
    async fn take_turn(&self, key: &str, to: &EmailAddress) -> Result<(), MailError> {
        let Settings { letters_per_hour, letters_to_address, .. } = *self.settings;
        self.count(key, letters_per_hour, "the organisation asked this address within the hour").await?;
        let all = format!("letter:{}", to.fingerprint());
        let turn =
            self.count(&all, letters_to_address, "organisations asked this address often within the hour");
        let turn = turn.await;
        if turn.is_err() {
            self.give_back(key).await?;
        }
        turn
    }

    async fn count(&self, key: &str, most: u32, why: &'static str) -> Result<(), MailError> {
        let step = Step::Reserve(ThrottleRule::Letter { most });
        match self.ports.throttle.step(key, &step, self.ports.clock.now()).await.map_err(unread)? {
            Verdict::Locked { until } => Err(MailError::Later { until, why }),
            Verdict::Free | Verdict::Busy => Ok(()),
        }
    }

    /// The letter did not go out: the next try must not wait for it.
    async fn give_back(&self, key: &str) -> Result<(), MailError> {
        self.ports.throttle.lift(key).await.map(drop).map_err(unread)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn unread(error: StoreError) -> MailError {
    MailError::Transient(error.to_string())
}

#[async_trait]
impl Mailer for OrganizationMailer {
    fn notice(&self, template: &str, values: &Value) -> Result<NoticeText, NoticeTextError> {
        self.mailer.notice(template, values)
    }

    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let Some(sent_for) = mail.sent_for else { return self.mailer.send(mail).await };
        let to = EmailAddress::new(&mail.to).map_err(|error| MailError::Permanent(error.to_string()))?;
        self.admit(sent_for.organization, Some(&to)).await?;
        let key = format!("letter:{}:{}", sent_for.organization, to.fingerprint());
        if sent_for.asks {
            self.take_turn(&key, &to).await?;
        }
        let token = unsubscribing::token(&*self.ports.vault, sent_for.organization, &to);
        let link = format!("{}/v1/unsubscribe?token={token}", self.settings.public_url);
        let unsubscribe = mail.unsubscribe.clone().or_else(|| Some(Secret::new(link)));
        let sent = self.mailer.send(&Mail { unsubscribe, ..mail.clone() }).await;
        if sent_for.asks && matches!(sent, Err(MailError::Transient(_))) {
            self.give_back(&key).await?;
        }
        sent
    }

    async fn wanted_by(&self, account: AccountId, kind: NoticeKind) -> Result<LetterWish, MailError> {
        self.mailer.wanted_by(account, kind).await
    }

    async fn admit(&self, organization: OrganizationId, to: Option<&EmailAddress>) -> Result<(), MailError> {
        let mut unit = self.begin().await?;
        self.ensure_sent(&mut *unit, organization).await?;
        if let Some(to) = to
            && unit.is_unsubscribed(organization, &to.fingerprint()).await.map_err(unread)?
        {
            return Err(MailError::Refused(MailError::UNSUBSCRIBED.to_owned()));
        }
        Ok(())
    }
}
