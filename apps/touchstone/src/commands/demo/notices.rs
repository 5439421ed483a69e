//! What people were told: the outbox tells them, and the owner has read some of it.

use std::collections::BTreeMap;

use kernel::NoticeKind;
use notification::{
    Channels, Digest, DigestInterval, MailChoice, NotificationFilter, NotificationPreferencesState,
    QuietHours, Refused,
};
use platform::Platform;
use time::macros::time;

use super::{DemoOrganization, first_page};

/// How the owner wants to be told, unless they chose already: assessments once a day, and nothing at night.
pub(super) async fn choose(platform: &Platform, demo: &DemoOrganization) -> Result<(), Refused> {
    let notifications = &platform.notifications.service;
    let owner = &demo.owner;
    if notifications.preferences(owner).await?.version() > 0 {
        return Ok(());
    }
    let choose = |account| NotificationPreferencesState {
        account,
        channels: BTreeMap::from([(
            NoticeKind::Assessment,
            Channels { in_app: true, email: MailChoice::Digest },
        )]),
        digest: Digest { interval: DigestInterval::Daily, hour: 18 },
        quiet_hours: Some(QuietHours { from: time!(22:00), until: time!(7:00) }),
    };
    notifications.choose(owner, 0, choose).await.map(drop)
}

/// Whether the owner was told that everybody joined, now or before they read of it.
pub(super) async fn have_come(platform: &Platform, demo: &DemoOrganization) -> Result<bool, Refused> {
    let owner = &demo.owner;
    let told = platform.notifications.service.list(owner, &of(NoticeKind::System), &first_page()).await?;
    let is_read = told.items.iter().any(|one| one.read_at.is_some());
    Ok(is_read || told.items.len() + 1 >= demo.people.len())
}

/// The owner reads what came, up to the third of the newest, unless they have read something before.
pub(super) async fn read(platform: &Platform, demo: &DemoOrganization) -> Result<(), Refused> {
    let notifications = &platform.notifications.service;
    let owner = &demo.owner;
    let told = notifications.list(owner, &NotificationFilter::default(), &first_page()).await?.items;
    match told.get(2) {
        Some(third) if told.iter().all(|one| one.read_at.is_none()) => {
            notifications.mark_read(owner, third.told.id).await
        }
        _ => Ok(()),
    }
}

fn of(kind: NoticeKind) -> NotificationFilter {
    NotificationFilter { kind: Some(kind), ..NotificationFilter::default() }
}
