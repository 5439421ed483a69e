//! What this domain keeps of a person, given out to them and forgotten.

use async_trait::async_trait;
use kernel::{
    AccountId, Actor, Ctx, EmailAddress, EventHandlerError, Limit, PageRequest, PersonalData, Scope,
    StoreError,
};
use serde_json::{Value, json};

use crate::{DOMAIN, Notification, NotificationFilter, Ports, clock_time};

/// A person's inbox and preferences.
#[derive(Debug, Clone)]
pub struct PersonalNotifications {
    ports: Ports,
}

impl PersonalNotifications {
    /// Over these ports.
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }
}

fn exported(of: &Notification) -> Value {
    json!({
        "id": of.id,
        "notification_type": of.kind,
        "priority": of.priority,
        "title": of.title,
        "message": of.message,
        "organization_id": of.organization,
        "related_entity_type": of.related.kind,
        "related_entity_id": of.related.id,
        "created_at": of.created_at,
        "read_at": of.read_at,
        "is_archived": of.is_archived,
        "mailed_at": of.mailed_at,
    })
}

#[async_trait]
impl PersonalData for PersonalNotifications {
    fn domain(&self) -> &'static str {
        DOMAIN.name
    }

    async fn export(&self, account: AccountId) -> Result<Value, StoreError> {
        let ctx = Ctx::new(Actor::System, Scope::Account(account));
        let mut notifications = Vec::new();
        for is_archived in [false, true] {
            let filter = NotificationFilter { is_archived, ..NotificationFilter::default() };
            let mut page = PageRequest { limit: Limit::MOST, after: None };
            loop {
                let found = self.ports.inboxes.list(&ctx, &filter, &page).await?;
                notifications.extend(found.items.iter().map(exported));
                page.after = Some(match found.next {
                    Some(next) => next,
                    None => break,
                });
            }
        }
        let chosen = self.ports.preferences(&ctx, account).await?;
        Ok(json!({
            "notifications": notifications,
            "preferences": {
                "channels": chosen.channels,
                "digest_interval": chosen.digest.interval,
                "digest_hour": chosen.digest.hour,
                "quiet_hours": chosen.quiet_hours.map(|quiet| [quiet.from, quiet.until].map(clock_time)),
            },
        }))
    }

    async fn erase(&self, account: AccountId, _: Option<&EmailAddress>) -> Result<(), EventHandlerError> {
        let ctx = Ctx::new(Actor::System, Scope::Account(account));
        let mut unit = self.ports.store.begin(&ctx).await?;
        unit.forget_notification_preferences(account).await?;
        unit.commit().await?;
        Ok(self.ports.inboxes.forget(&ctx).await?)
    }
}
