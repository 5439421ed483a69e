//! What the rules need to know of the aggregates of this domain.

use kernel::{AccountId, NoticeKind};
use notification::{
    Channels, Digest, DigestInterval, MailChoice, NotificationPreferences, NotificationPreferencesState,
    QuietHours, Unit,
};
use time::macros::time;

use crate::{
    aggregate::{Aggregate, aggregate},
    world::World,
};

aggregate!(
    NotificationPreferences in notification_store: Unit,
    save_notification_preferences,
    |a| notification_preferences(a.account),
    |a, now| {
        let minute = u8::try_from(now.unix_seconds() % 60).expect("a minute");
        let quiet = QuietHours { from: time::Time::from_hms(21, minute, 0).expect("a time"), until: time!(6:30) };
        a.choose(NotificationPreferencesState { quiet_hours: Some(quiet), ..a.state().clone() }, now);
    }
);

impl World {
    /// Preferences with every field filled.
    pub(crate) fn preferences_sample(&self, account: AccountId) -> NotificationPreferences {
        let state = NotificationPreferencesState {
            account,
            channels: [
                (NoticeKind::Task, Channels { in_app: false, email: MailChoice::Instant }),
                (NoticeKind::Assessment, Channels { in_app: true, email: MailChoice::Digest }),
            ]
            .into(),
            digest: Digest { interval: DigestInterval::Weekly, hour: 23 },
            quiet_hours: Some(QuietHours { from: time!(23:59), until: time!(0:00) }),
        };
        NotificationPreferences::restore(state, 0).mark(self.tick())
    }
}

/// Runs a check with a sample of every aggregate of notifications.
macro_rules! each_aggregate {
    ($world:ident, $people:ident, $check:ident) => {
        $check(&$world, $world.preferences_sample($people.bob)).await;
    };
}

pub(crate) use each_aggregate;
