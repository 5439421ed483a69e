//! How a person wants to be told: of what, where, and when.

use std::collections::BTreeMap;

use kernel::{AccountId, Change, Keyed, NoticeKind, Owner, Target, Timestamp};
use serde::{Deserialize, Serialize};
use time::Time;
use uuid::Uuid;

use crate::actions;

kernel::named! {
    /// Whether notifications of a kind are mailed.
    pub enum MailChoice {
        /// Never.
        Off = "off",
        /// At once, outside quiet hours.
        Instant = "instant",
        /// Together with others, once a day or a week.
        Digest = "digest",
    }
}

kernel::named! {
    /// How often a digest is mailed.
    pub enum DigestInterval {
        /// Every day.
        Daily = "daily",
        /// On Mondays.
        Weekly = "weekly",
    }
}

/// Where a person is told of one kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channels {
    /// In the product.
    pub in_app: bool,
    /// By mail.
    pub email: MailChoice,
}

impl Channels {
    /// What holds until the person chooses: in the product and, but for tasks, which whoever began them looks after, by
    /// mail at once.
    pub const fn usual(kind: NoticeKind) -> Self {
        let email = match kind {
            NoticeKind::Task => MailChoice::Off,
            _ => MailChoice::Instant,
        };
        Self { in_app: true, email }
    }
}

/// When digests are mailed, by the clock of the person's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    /// How often.
    pub interval: DigestInterval,
    /// At which full hour, 0 to 23.
    pub hour: u8,
}

impl Default for Digest {
    fn default() -> Self {
        Self { interval: DigestInterval::Daily, hour: 8 }
    }
}

/// When nothing is mailed that is not urgent, by the clock of the person's time zone. They may go over midnight; from
/// and until the same time they are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// From this time of day on, by whole minutes.
    pub from: Time,
    /// Until this one.
    pub until: Time,
}

/// A preference that cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPreference {
    /// What the account is told must be seen somewhere.
    #[error("cannot be off: it tells of the account itself; mail can be")]
    SystemHidden,
    /// There is no such hour.
    #[error("must be an hour from 0 to 23")]
    Hour,
}

/// All that a person chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationPreferencesState {
    /// Whose they are.
    pub account: AccountId,
    /// What they chose for which kind; of others the usual holds.
    pub channels: BTreeMap<NoticeKind, Channels>,
    /// When digests are mailed.
    pub digest: Digest,
    /// When nothing is.
    pub quiet_hours: Option<QuietHours>,
}

impl NotificationPreferencesState {
    /// What holds until the person chooses.
    pub fn usual(account: AccountId) -> Self {
        Self { account, channels: BTreeMap::new(), digest: Digest::default(), quiet_hours: None }
    }

    /// Where the person is told of this kind of thing.
    pub fn channels(&self, kind: NoticeKind) -> Channels {
        self.channels.get(&kind).copied().unwrap_or_else(|| Channels::usual(kind))
    }

    /// What is wrong with them, each with its place as a JSON Pointer.
    pub fn faults(&self) -> Vec<(&'static str, InvalidPreference)> {
        let hidden = !self.channels(NoticeKind::System).in_app;
        let faults = [
            (hidden, "/channels/system/in_app", InvalidPreference::SystemHidden),
            (self.digest.hour > 23, "/digest/hour", InvalidPreference::Hour),
        ];
        faults.into_iter().filter(|(wrong, ..)| *wrong).map(|(_, at, fault)| (at, fault)).collect()
    }
}

kernel::aggregate! {
    /// One person's preferences.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub NotificationPreferences(NotificationPreferencesState) as "notification_preferences"
}

impl Keyed for NotificationPreferences {
    fn id(&self) -> Uuid {
        self.state.account.uuid()
    }

    fn owner(&self) -> Owner {
        Owner::Account(self.state.account)
    }

    fn created_at(&self) -> Timestamp {
        Timestamp::EPOCH
    }
}

impl NotificationPreferences {
    /// What holds until the person chooses; at version 0.
    pub fn usual(account: AccountId) -> Self {
        Self::restore(NotificationPreferencesState::usual(account), 0)
    }

    /// The person chose these; nothing happens when they are the same.
    pub fn choose(&mut self, chosen: NotificationPreferencesState, now: Timestamp) {
        self.replace(chosen, actions::CHANGE, now);
    }

    /// By the link in a mail, notifications of these kinds are mailed like this, or not at all.
    pub(crate) fn choose_mail(
        &mut self,
        choices: &BTreeMap<NoticeKind, MailChoice>,
        is_wanted: bool,
        now: Timestamp,
    ) {
        let mut chosen = self.state.clone();
        for (kind, email) in choices {
            chosen.channels.insert(*kind, Channels { email: *email, ..chosen.channels(*kind) });
        }
        let action = if is_wanted { actions::SUBSCRIBE } else { actions::UNSUBSCRIBE };
        self.replace(chosen, action, now);
    }

    fn replace(&mut self, chosen: NotificationPreferencesState, action: &'static str, now: Timestamp) {
        let before = std::mem::replace(&mut self.state, chosen);
        let after = &self.state;
        let clock = |quiet: Option<QuietHours>| quiet.map(|quiet| [quiet.from, quiet.until].map(clock_time));
        let change = Change::new(action, Target::new(Self::KIND, after.account), now)
            .about(after.account.uuid())
            .plain("channels", &before.channels, &after.channels)
            .plain("digest_interval", &before.digest.interval, &after.digest.interval)
            .plain("digest_hour", &before.digest.hour, &after.digest.hour)
            .plain("quiet_hours", &clock(before.quiet_hours), &clock(after.quiet_hours));
        if !change.fields.is_empty() {
            self.record(change);
        }
    }
}

/// A time of day as people write it, such as `22:30`.
pub fn clock_time(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use kernel::Id;

    use super::*;

    fn usual() -> NotificationPreferencesState {
        NotificationPreferencesState::usual(Id::from_uuid(Uuid::nil()))
    }

    #[test]
    fn faults_are_found_where_they_are() {
        assert_eq!(usual().faults(), []);
        let mut chosen = usual();
        chosen.channels.insert(NoticeKind::System, Channels { in_app: false, email: MailChoice::Digest });
        chosen.digest.hour = 24;
        let places: Vec<_> = chosen.faults().into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, ["/channels/system/in_app", "/digest/hour"]);
        chosen.digest.hour = 23;
        chosen.channels.insert(NoticeKind::System, Channels { in_app: true, email: MailChoice::Off });
        assert_eq!(chosen.faults(), []);
    }

    #[test]
    fn what_stays_the_same_leaves_no_change() {
        let mut preferences = NotificationPreferences::usual(Id::from_uuid(Uuid::nil()));
        preferences.choose(usual(), Timestamp::EPOCH);
        assert!(!preferences.has_changed());
        for email in [MailChoice::Off, MailChoice::Digest] {
            let choices = BTreeMap::from([(NoticeKind::Mention, email)]);
            preferences.choose_mail(&choices, true, Timestamp::EPOCH);
            assert!(preferences.has_changed());
            assert_eq!(preferences.channels(NoticeKind::Mention), Channels { in_app: true, email });
        }
    }
}
