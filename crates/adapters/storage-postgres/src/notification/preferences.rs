//! How people want to be told.

use std::collections::BTreeMap;

use async_trait::async_trait;
use kernel::{AccountId, NoticeKind, StoreError};
use notification::{
    Channels, Digest, DigestInterval, NotificationPreferences, NotificationPreferencesState, QuietHours,
    ports::PreferenceStore,
};
use sea_orm::entity::prelude::*;
use time::Time;

use crate::{
    col::{Col, Doc, Word},
    driver::{Query, query},
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "notification", table_name = "preferences")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Col<AccountId>,
    pub channels: Doc<BTreeMap<NoticeKind, Channels>>,
    pub digest_interval: Word<DigestInterval>,
    pub digest_hour: Col<u8>,
    pub quiet_from: Option<i16>,
    pub quiet_until: Option<i16>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

const OF_EACH: &str = "SELECT * FROM notification.preferences WHERE account_id = ANY($1)";

/// The minutes after midnight.
fn minutes(time: Time) -> i16 {
    i16::from(time.hour()) * 60 + i16::from(time.minute())
}

fn time_at(minutes: i16) -> Result<Time, StoreError> {
    let (hour, minute) = (minutes / 60, minutes % 60);
    let time = u8::try_from(hour).ok().zip(u8::try_from(minute).ok());
    let time = time.and_then(|(hour, minute)| Time::from_hms(hour, minute, 0).ok());
    time.ok_or_else(|| StoreError::Fault(format!("{minutes} minutes after midnight are no time of day")))
}

impl AggregateRow for NotificationPreferences {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::AccountId;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let NotificationPreferencesState { account, channels, digest, quiet_hours } = self.state().clone();
        Model {
            account_id: Col::of(account),
            channels: Col::of(channels),
            digest_interval: Col::of(digest.interval),
            digest_hour: Col::of(digest.hour),
            quiet_from: quiet_hours.map(|quiet| minutes(quiet.from)),
            quiet_until: quiet_hours.map(|quiet| minutes(quiet.until)),
            version,
        }
    }
}

impl FromRow<Model> for NotificationPreferences {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let quiet = row.quiet_from.zip(row.quiet_until);
        let quiet = quiet.map(|(from, until)| {
            Ok::<_, StoreError>(QuietHours { from: time_at(from)?, until: time_at(until)? })
        });
        let state = NotificationPreferencesState {
            account: row.account_id.0,
            channels: row.channels.0,
            digest: Digest { interval: row.digest_interval.0, hour: row.digest_hour.0 },
            quiet_hours: quiet.transpose()?,
        };
        Ok(Self::restore(state, row.version))
    }
}

#[async_trait]
impl PreferenceStore for PostgresUnit {
    async fn notification_preferences(
        &mut self,
        account: AccountId,
    ) -> Result<Option<NotificationPreferences>, StoreError> {
        self.tx.find_one(Entity::find_by_id(account)).await
    }

    async fn notification_preferences_of(
        &mut self,
        accounts: &[AccountId],
    ) -> Result<Vec<NotificationPreferences>, StoreError> {
        let ids: Vec<Uuid> = accounts.iter().map(|account| account.uuid()).collect();
        let rows: Vec<Model> = self.tx.find_rows(query(OF_EACH).bind(ids)).await?;
        rows.into_iter().map(FromRow::from_row).collect()
    }

    async fn save_notification_preferences(
        &mut self,
        preferences: &mut NotificationPreferences,
    ) -> Result<(), StoreError> {
        self.save(preferences).await
    }

    async fn forget_notification_preferences(&mut self, account: AccountId) -> Result<(), StoreError> {
        self.ensure_personal::<Entity>(account)?;
        self.tx.execute(Query::of(&Entity::delete_by_id(account))).await.map(drop)
    }
}
