//! From a notice to the inbox of everyone it is for.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use kernel::{
    AccountId, Actor, Ctx, Delivery, EventHandler, EventHandlerError, Limit, Notice, NoticeText, Offsets,
    OrganizationId, PageRequest, Person, Recipients, Role, Scope, StoreError, Timestamp,
};

use serde_json::Value;

use crate::{
    Channels, MailChoice, NewNotification, NotificationPreferences, Ports, Related,
    schedule::{DAYS_AHEAD, MailTime},
};

/// How many holders of a role are told at a time.
const AT_A_TIME: usize = 8;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Delivers notices: puts a notification into the inbox of each recipient, in a unit each. Called again, it tells
/// whoever was not told.
#[derive(Debug, Clone)]
pub struct NoticeDelivery {
    ports: Ports,
}

/// A notice as it is told to each recipient.
struct Told<'a> {
    notice: &'a Notice,
    text: NoticeText,
    delivery: &'a Delivery,
}

impl NoticeDelivery {
    /// Delivery over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Tells all it can, and fails in the end where it could not tell somebody.
    async fn tell_holders(
        &self,
        told: &Told<'_>,
        organization: OrganizationId,
        roles: &[Role],
    ) -> Result<(), StoreError> {
        let mut outcome = Ok(());
        let mut page = PageRequest { limit: Limit::MOST, after: None };
        loop {
            let found = self.ports.members.page(organization, roles, &page).await?;
            let others = found.items.into_iter().map(|member| member.account);
            let others: Vec<_> = others.filter(|account| Some(*account) != told.notice.except()).collect();
            let preferences = self.ports.preferences_of(&others).await?;
            let telling = stream::iter(preferences).map(|preferences| self.tell(told, preferences, None));
            let all = telling.buffer_unordered(AT_A_TIME).collect::<Vec<_>>().await;
            outcome = all.into_iter().fold(outcome, Result::and);
            page.after = Some(match found.next {
                Some(next) => next,
                None => return outcome,
            });
        }
    }

    /// Tells one person, of whom the zone is looked up if it matters.
    async fn tell(
        &self,
        told: &Told<'_>,
        preferences: NotificationPreferences,
        person: Option<&Person>,
    ) -> Result<(), StoreError> {
        let (Told { notice, text, delivery }, now) = (told, self.ports.clock.now());
        let account = preferences.account;
        let ctx = Ctx::new(Actor::System, Scope::Account(account));
        let Channels { in_app, .. } = preferences.channels(notice.kind);
        let mail_due_at = self.mail_due(notice, &preferences, person, now).await?;
        if !in_app && mail_due_at.is_none() {
            return Ok(());
        }
        let new = NewNotification {
            id: self.ports.ids.next(),
            account,
            organization: delivery.organization,
            kind: notice.kind,
            priority: notice.priority,
            title: text.title.clone(),
            message: text.message.clone(),
            related: Related { kind: delivery.target_kind.clone(), id: delivery.target_id },
            action: notice.action.as_deref().map(str::to_owned),
            dedupe: notice.dedupe.clone().unwrap_or_else(|| delivery.id.to_string()),
            is_archived: !in_app,
            mail_due_at,
            created_at: now,
        };
        if self.ports.inboxes.put(&ctx, &new).await? && in_app {
            self.ports.announcements.announce(account);
        }
        Ok(())
    }

    /// What the text shows: what the domain said, and what the organisation is called that it comes from.
    async fn values(&self, notice: &Notice, delivery: &Delivery) -> Result<Value, StoreError> {
        let mut values = notice.values.as_object().cloned().unwrap_or_default();
        if let Some(organization) = delivery.organization {
            let name = self.ports.people.organization_name(organization).await?;
            values.entry("organization").or_insert_with(|| name.into());
        }
        Ok(Value::Object(values))
    }

    async fn mail_due(
        &self,
        notice: &Notice,
        preferences: &NotificationPreferences,
        person: Option<&Person>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let kind = notice.kind;
        match preferences.mail_time(kind, notice.priority) {
            // The letter goes at once, the notice into the digest.
            _ if notice.has_letter && preferences.channels(kind).email == MailChoice::Instant => Ok(None),
            MailTime::Never => Ok(None),
            MailTime::Now => Ok(Some(now)),
            MailTime::Scheduled => {
                let offsets = offsets(&self.ports, preferences.account, person, now).await?;
                Ok(Some(preferences.scheduled(kind, now, &offsets)))
            }
        }
    }
}

/// The offsets of a person's zone around now; who they are is looked up where it is not known.
pub(crate) async fn offsets(
    ports: &Ports,
    account: AccountId,
    person: Option<&Person>,
    now: Timestamp,
) -> Result<Offsets, StoreError> {
    let zone = match person {
        Some(person) => Some(person.time_zone.clone()),
        None => ports.people.person(account).await?.map(|person| person.time_zone),
    };
    let ahead = DAY * u32::try_from(DAYS_AHEAD).unwrap_or_default();
    let offsets = zone.and_then(|zone| ports.zones.offsets(&zone, now.minus(DAY), now.plus(ahead)));
    Ok(offsets.unwrap_or_else(|| Offsets::new(time::UtcOffset::UTC, Vec::new())))
}

#[async_trait]
impl EventHandler for NoticeDelivery {
    fn topics(&self) -> &'static [&'static str] {
        &[Notice::TOPIC]
    }

    async fn handle(&self, delivery: &Delivery) -> Result<(), EventHandlerError> {
        let notice = Notice::of(delivery)?;
        let values = self.values(&notice, delivery).await?;
        let text = self.ports.mailer.notice(&notice.template, &values);
        let text = text.map_err(|error| EventHandlerError::GiveUp(error.to_string()))?;
        let told = Told { notice: &notice, text, delivery };
        let people = &self.ports.people;
        let account = match &notice.to {
            Recipients::Holders(organization, roles) => {
                return Ok(self.tell_holders(&told, *organization, roles).await?);
            }
            Recipients::Member(organization, account)
                if !people.is_member(*organization, *account).await? =>
            {
                return Ok(());
            }
            Recipients::Account(account) | Recipients::Member(_, account) => *account,
        };
        // Whose account is gone is told nothing.
        if let Some(person) = people.person(account).await? {
            let ctx = Ctx::new(Actor::System, Scope::Account(account));
            let preferences = self.ports.preferences(&ctx, account).await?;
            self.tell(&told, preferences, Some(&person)).await?;
        }
        Ok(())
    }
}
