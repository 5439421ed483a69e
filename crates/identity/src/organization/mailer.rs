//! The way of letters that organisations have sent: they wait while they are paused, few ask one address within an
//! hour, and who unsubscribed gets none.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use kernel::{Actor, Ctx, EmailAddress, Mail, MailError, Mailer, Scope, Secret, SentFor, StoreError};

use super::unsubscribing;
use crate::{
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

    async fn is_wanted(&self, sent_for: SentFor, to: &EmailAddress) -> Result<(), MailError> {
        let SentFor { organization, .. } = sent_for;
        let ctx = Ctx::new(Actor::System, Scope::Identity);
        let mut unit = self.ports.store.begin(&ctx).await.map_err(unread)?;
        let limits = unit.organization_limits(organization).await.map_err(unread)?;
        if limits.mail_paused_at.is_some() {
            let until = self.ports.clock.now().plus(PAUSE);
            return Err(MailError::Later { until, why: "letters of the organisation are paused" });
        }
        if unit.is_unsubscribed(organization, &to.fingerprint()).await.map_err(unread)? {
            return Err(MailError::Refused(MailError::UNSUBSCRIBED.to_owned()));
        }
        Ok(())
    }

    async fn take_turn(&self, key: &str) -> Result<(), MailError> {
        let step = Step::Reserve(ThrottleRule::Letter { most: self.settings.letters_per_hour });
        match self.ports.throttle.step(key, &step, self.ports.clock.now()).await.map_err(unread)? {
            Verdict::Locked { until } => {
                Err(MailError::Later { until, why: "the organisation asked this address within the hour" })
            }
            Verdict::Free | Verdict::Busy => Ok(()),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn unread(error: StoreError) -> MailError {
    MailError::Transient(error.to_string())
}

#[async_trait]
impl Mailer for OrganizationMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let Some(sent_for) = mail.sent_for else { return self.mailer.send(mail).await };
        let to = EmailAddress::new(&mail.to).map_err(|error| MailError::Permanent(error.to_string()))?;
        self.is_wanted(sent_for, &to).await?;
        let key = format!("letter:{}:{}", sent_for.organization, to.fingerprint());
        if sent_for.asks {
            self.take_turn(&key).await?;
        }
        let token = unsubscribing::token(&*self.ports.vault, sent_for.organization, &to);
        let link = format!("{}/v1/unsubscribe?token={token}", self.settings.public_url);
        let sent = self.mailer.send(&Mail { unsubscribe: Some(Secret::new(link)), ..mail.clone() }).await;
        if sent_for.asks && matches!(sent, Err(MailError::Transient(_))) {
            // It did not go out: the next try must not wait for it.
            self.ports.throttle.lift(&key).await.map_err(unread)?;
        }
        sent
    }
}
