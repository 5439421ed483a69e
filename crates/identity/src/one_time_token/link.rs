//! A mailed link that is opened: its one-time token works once, and one that does not work leaves its event.

use kernel::{AuditedAttempt, Secret, StoreError, Timestamp};
use uuid::Uuid;

use crate::{Account, Digest, OneTimeToken, Purpose, Refused, Spent, Unit};

/// The token of a link, and what it turned out to be for.
#[derive(Debug)]
pub(crate) struct Link<'a> {
    purpose: Purpose,
    token: &'a Secret,
    subject: Option<Uuid>,
}

impl<'a> Link<'a> {
    /// Somebody opened a link for this.
    pub(crate) const fn new(purpose: Purpose, token: &'a Secret) -> Self {
        Self { purpose, token, subject: None }
    }

    /// The token, used or not.
    pub(crate) async fn find(&mut self, unit: &mut Unit) -> Result<OneTimeToken, Refused> {
        let digest = Digest::of(self.token.expose().as_bytes());
        let token = unit.one_time_token(self.purpose, &digest).await?;
        let token = token.ok_or(Refused::InvalidOneTimeToken)?;
        self.subject = Some(token.subject);
        Ok(token)
    }

    /// Uses the token up and returns it.
    pub(crate) async fn use_up(&mut self, unit: &mut Unit, now: Timestamp) -> Result<OneTimeToken, Refused> {
        let mut token = self.find(unit).await?;
        token.use_up(now).map_err(|spent| self.spent(spent))?;
        unit.save_one_time_token(&mut token).await.map_err(already_used(self.purpose))?;
        Ok(token)
    }

    /// The token is authentic, and opens nothing any more.
    pub(crate) const fn spent(&self, spent: Spent) -> Refused {
        Refused::SpentLink(spent, self.purpose)
    }

    /// What it would have led to, on whatever it is for as far as that is known.
    pub(crate) fn attempt(&self, action: &'static str, kind: &'static str) -> AuditedAttempt {
        let audited = AuditedAttempt::new(action, kind);
        self.subject.map_or(audited, |subject| audited.on(subject))
    }

    /// The same for a link to an account, whose owner shall see it.
    pub(crate) fn account_attempt(&self, action: &'static str) -> AuditedAttempt {
        let audited = Account::attempt(action);
        self.subject.map_or(audited, |account| audited.on(account).about(account))
    }
}

/// Someone else used the token, or took the address, in the same moment.
pub(crate) fn already_used(purpose: Purpose) -> impl Fn(StoreError) -> Refused {
    move |error| match error {
        StoreError::Duplicate(crate::unit::ACCOUNT_EMAIL) if purpose != Purpose::VerifyEmail => {
            Refused::SpentLink(Spent::Expired, purpose)
        }
        StoreError::Stale | StoreError::Duplicate(crate::unit::ACCOUNT_EMAIL) => {
            Refused::SpentLink(Spent::Used, purpose)
        }
        other => other.into(),
    }
}
