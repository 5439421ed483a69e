//! The mails of notifications: one whose time has come goes alone, several go together.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use kernel::{
    Actor, Ctx, Delivery, EventHandler, EventHandlerError, Id, Mail, MailError, NoticeKind, OrganizationId,
    Person, Scope, Secret, SentFor, StoreError, Timestamp,
};
use serde_json::json;

use crate::{
    MailChoice, Notification, NotificationId, NotificationPreferences, Ports, Settings,
    mail_links::MailKind,
    ports::{MAIL_DUE, MailOutcome},
};

/// For so long nobody else mails what was taken: as long as a handler may take.
const TAKEN: Duration = Duration::from_secs(55);
/// The most that go together. What is beyond is mailed by the next delivery.
const MOST: u32 = 500;
/// How many of them a letter names; it counts the others.
const LINES: usize = 50;

/// Mails notifications when their time has come, unless they were read since.
#[derive(Debug, Clone)]
pub struct MailDelivery {
    ports: Ports,
    settings: Arc<Settings>,
}

impl MailDelivery {
    /// Mails over these ports.
    pub const fn new(ports: Ports, settings: Arc<Settings>) -> Self {
        Self { ports, settings }
    }

    /// What waits because letters of its organisation do, and until when; and the rest.
    async fn admitted(
        &self,
        due: Vec<Notification>,
    ) -> Result<(Vec<Notification>, BTreeMap<Timestamp, Vec<NotificationId>>), EventHandlerError> {
        let mut of: BTreeMap<Option<OrganizationId>, Vec<Notification>> = BTreeMap::new();
        for told in due {
            of.entry(told.organization).or_default().push(told);
        }
        let (mut admitted, mut waiting) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
        for (organization, told) in of {
            let admits = match organization {
                Some(organization) => self.ports.mailer.admit(organization).await,
                None => Ok(()),
            };
            match admits {
                Ok(()) => admitted.extend(told),
                Err(MailError::Later { until, .. }) => {
                    waiting.entry(until).or_default().extend(told.iter().map(|told| told.id));
                }
                Err(error) => return Err(error.into()),
            }
        }
        admitted.sort_by_key(|told| told.number);
        Ok((admitted, waiting))
    }

    fn letter(
        &self,
        told: &[Notification],
        person: &Person,
        preferences: &NotificationPreferences,
        delivery: &Delivery,
    ) -> Mail {
        let url = &self.settings.public_url;
        let kinds: Vec<NoticeKind> = told.iter().map(|told| told.kind).collect();
        let (template, values, link, sent_for) = if let [told] = told {
            let values = json!({ "name": person.name, "title": told.title, "message": told.message });
            let sent_for = told.organization.map(|organization| SentFor { organization, asks: false });
            let link = told.action.as_ref().map(|path| Secret::new(format!("{url}{path}")));
            ("notification/notice", values, link, sent_for)
        } else {
            let mut lines: BTreeMap<NoticeKind, Vec<&str>> = BTreeMap::new();
            for told in told.iter().take(LINES) {
                lines.entry(told.kind).or_default().push(&told.title);
            }
            let sections: Vec<_> =
                lines.iter().map(|(kind, titles)| json!({ "kind": kind.name(), "titles": titles })).collect();
            let more = told.len().saturating_sub(LINES);
            let values = json!({
                "name": person.name,
                "count": told.len(),
                "sections": sections,
                "more": (more > 0).then_some(more),
            });
            ("notification/digest", values, None, None)
        };
        let choice = kinds.first().map_or(MailChoice::Instant, |kind| preferences.channels(*kind).email);
        let token = MailKind::new(person.account, &kinds, choice).token(&*self.ports.sealing);
        let unsubscribe = Secret::new(format!("{url}/v1/notifications/unsubscribe?token={token}"));
        let mail = Mail::new(person.email.for_delivery(), template, values, delivery.id);
        Mail { link, unsubscribe: Some(unsubscribe), sent_for, ..mail }
    }

    async fn settle(
        &self,
        ctx: &Ctx,
        ids: &[NotificationId],
        outcome: MailOutcome,
    ) -> Result<(), StoreError> {
        if ids.is_empty() { Ok(()) } else { self.ports.inboxes.settle_mail(ctx, ids, outcome).await }
    }
}

#[async_trait]
impl EventHandler for MailDelivery {
    fn topics(&self) -> &'static [&'static str] {
        &[MAIL_DUE]
    }

    async fn handle(&self, delivery: &Delivery) -> Result<(), EventHandlerError> {
        let account = Id::from_uuid(delivery.target_id);
        let (ctx, now) = (Ctx::new(Actor::System, Scope::Account(account)), self.ports.clock.now());
        let due = self.ports.inboxes.take_due_mail(&ctx, now, now.plus(TAKEN), MOST).await?;
        if due.is_empty() {
            return Ok(());
        }
        let ids = |told: &[Notification]| told.iter().map(|told| told.id).collect::<Vec<_>>();
        let Some(person) = self.ports.people.person(account).await? else {
            return Ok(self.settle(&ctx, &ids(&due), MailOutcome::Dropped).await?);
        };
        let (admitted, waiting) = self.admitted(due).await?;
        for (until, ids) in &waiting {
            self.settle(&ctx, ids, MailOutcome::DueAt(*until)).await?;
        }
        if !admitted.is_empty() {
            let preferences = self.ports.preferences(&ctx, account).await?;
            let letter = self.letter(&admitted, &person, &preferences, delivery);
            let sent = self.ports.mailer.send(&letter).await;
            let outcome = match &sent {
                Ok(()) => MailOutcome::Mailed(self.ports.clock.now()),
                Err(MailError::Refused(_) | MailError::Permanent(_)) => MailOutcome::Dropped,
                Err(MailError::Transient(_)) => MailOutcome::DueAt(now),
                Err(MailError::Later { until, .. }) => MailOutcome::DueAt(*until),
            };
            self.settle(&ctx, &ids(&admitted), outcome).await?;
            // Whom a mail server refuses, or who wants no letters of the organisation, finds it in the product.
            MailError::refusal(sent)?;
        }
        match waiting.into_keys().next() {
            Some(until) => {
                Err(EventHandlerError::TooEarly { until, why: "letters of the organisation are paused" })
            }
            None => Ok(()),
        }
    }
}
