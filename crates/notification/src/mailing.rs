//! The mails of notifications: one whose time has come goes alone, several go together.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use kernel::{
    Actor, Ctx, Delivery, EventHandler, EventHandlerError, Id, Mail, MailError, NoticeKind, NoticePriority,
    OrganizationId, Person, Scope, Secret, SentFor,
};
use serde_json::json;

use crate::{
    MailChoice, Notification, NotificationId, NotificationPreferences, Ports, Settings,
    mail_links::MailKinds,
    ports::{DueMail, MAIL_DUE, MailOutcome},
    telling::offsets,
};

/// For so long nobody else mails what was taken: as long as a handler may take.
const TAKEN: Duration = Duration::from_secs(55);
/// The most that go together. What is beyond is mailed by the next delivery.
const MOST: u32 = 500;
/// How many of them a letter names; it counts the others.
const LINES: usize = 50;

/// What nothing stands against is given back, should it come to nothing.
const READY: MailOutcome = MailOutcome::GivenBack;

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

    /// What is to be mailed now. What waits is due again then, and what nobody wants any more is dropped: preferences
    /// may have changed since it was put, quiet hours begun, an organisation been paused or unsubscribed from.
    async fn ready(
        &self,
        ctx: &Ctx,
        due: Vec<Notification>,
        person: &Person,
        preferences: &NotificationPreferences,
    ) -> Result<Vec<Notification>, EventHandlerError> {
        let now = self.ports.clock.now();
        let mut answers: BTreeMap<OrganizationId, MailOutcome> = BTreeMap::new();
        for organization in due.iter().filter_map(|told| told.organization) {
            if let Entry::Vacant(place) = answers.entry(organization) {
                place.insert(match self.ports.mailer.admit(organization, Some(&person.email)).await {
                    Ok(()) => READY,
                    Err(MailError::Later { until, .. }) => MailOutcome::DueAt(until),
                    Err(MailError::Refused(_) | MailError::Permanent(_)) => MailOutcome::Dropped,
                    Err(error @ MailError::Transient(_)) => return Err(error.into()),
                });
            }
        }
        let offsets = offsets(&self.ports, person.account, Some(person), now).await?;
        let awake_at = preferences.after_quiet_hours(now, &offsets);
        let (mut ready, mut others) = (Vec::new(), Vec::<(MailOutcome, Vec<NotificationId>)>::new());
        for told in due {
            let answer = told.organization.and_then(|organization| answers.get(&organization)).copied();
            let is_urgent = told.priority == NoticePriority::Urgent;
            let outcome = match answer.unwrap_or(READY) {
                _ if preferences.channels(told.kind).email == MailChoice::Off => MailOutcome::Dropped,
                READY if awake_at > now && !is_urgent => MailOutcome::DueAt(awake_at),
                answer => answer,
            };
            match others.iter_mut().find(|(known, _)| *known == outcome) {
                _ if outcome == READY => ready.push(told),
                Some((_, ids)) => ids.push(told.id),
                None => others.push((outcome, vec![told.id])),
            }
        }
        for (outcome, ids) in others {
            self.ports.inboxes.settle_mail(ctx, &ids, outcome).await?;
        }
        Ok(ready)
    }

    fn letter(
        &self,
        told: &[Notification],
        person: &Person,
        preferences: &NotificationPreferences,
        delivery: &Delivery,
    ) -> Mail {
        let url = &self.settings.public_url;
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
        let choices = told.iter().map(|told| (told.kind, preferences.channels(told.kind).email)).collect();
        let token = MailKinds { account: person.account, choices }.token(&*self.ports.sealing);
        let unsubscribe = Secret::new(format!("{url}/v1/notifications/unsubscribe?token={token}"));
        let mail = Mail::new(person.email.for_delivery(), template, values, delivery.id);
        Mail { link, unsubscribe: Some(unsubscribe), sent_for, ..mail }
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
        let (inboxes, mailer) = (&self.ports.inboxes, &self.ports.mailer);
        let due = match inboxes.take_due_mail(&ctx, now, now.plus(TAKEN), MOST).await? {
            DueMail::Taken(due) if due.is_empty() => return Ok(()),
            DueMail::Taken(due) => due,
            DueMail::InOtherHands(until) => {
                return Err(EventHandlerError::TooEarly { until, why: "another delivery mails it" });
            }
        };
        let Some(person) = self.ports.people.person(account).await? else {
            return Ok(inboxes.settle_mail(&ctx, &ids(&due), MailOutcome::Dropped).await?);
        };
        let preferences = self.ports.preferences(&ctx, account).await?;
        let ready = self.ready(&ctx, due, &person, &preferences).await?;
        if ready.is_empty() {
            return Ok(());
        }
        let sent = mailer.send(&self.letter(&ready, &person, &preferences, delivery)).await;
        let outcome = match &sent {
            Ok(()) => MailOutcome::Mailed(self.ports.clock.now()),
            Err(MailError::Refused(_) | MailError::Permanent(_)) => MailOutcome::Dropped,
            Err(MailError::Transient(_)) => READY,
            Err(MailError::Later { until, .. }) => MailOutcome::DueAt(*until),
        };
        inboxes.settle_mail(&ctx, &ids(&ready), outcome).await?;
        match sent {
            // A timer of their own tells when they are due.
            Err(MailError::Later { .. }) => Ok(()),
            // Whom a mail server refuses finds it in the product.
            sent => Ok(MailError::refusal(sent).map(drop)?),
        }
    }
}

fn ids(told: &[Notification]) -> Vec<NotificationId> {
    told.iter().map(|told| told.id).collect()
}
