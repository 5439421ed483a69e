//! Sessions.

use std::net::IpAddr;

use async_trait::async_trait;
use identity::{EndReason, Session, SessionState, unit::Sessions};
use kernel::{AccountId, Assurance, SessionId, StoreError, Timestamp};
use sea_orm::{QueryOrder as _, entity::prelude::*};

use super::value::{instant, named, unreadable};
use crate::{
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    pub counter: i64,
    pub rotated_at: TimeDateTimeWithTimeZone,
    pub authenticated_at: TimeDateTimeWithTimeZone,
    pub assurance: String,
    pub expires_at: TimeDateTimeWithTimeZone,
    pub idle_expires_at: TimeDateTimeWithTimeZone,
    pub idle_seconds: i64,
    pub user_agent: Option<String>,
    pub ip_address: Option<String>,
    pub revoked_at: Option<TimeDateTimeWithTimeZone>,
    pub revoked_reason: Option<String>,
    pub created_at: TimeDateTimeWithTimeZone,
    pub version: i64,
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::accounts::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for Session {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn row(&self, version: i64) -> Model {
        let SessionState {
            id,
            account,
            counter,
            rotated_at,
            authenticated_at,
            assurance,
            created_at,
            expires_at,
            idle_expires_at,
            idle_seconds,
            user_agent,
            address,
            ended,
        } = self.state();
        Model {
            id: id.uuid(),
            account_id: account.uuid(),
            counter: *counter,
            rotated_at: instant(*rotated_at),
            authenticated_at: instant(*authenticated_at),
            assurance: assurance_name(*assurance).to_owned(),
            expires_at: instant(*expires_at),
            idle_expires_at: instant(*idle_expires_at),
            idle_seconds: *idle_seconds,
            user_agent: user_agent.clone(),
            ip_address: address.map(|address| address.to_string()),
            revoked_at: ended.map(|(at, _)| instant(at)),
            revoked_reason: ended.map(|(_, reason)| reason.name().to_owned()),
            created_at: instant(*created_at),
            version: version,
        }
    }
}

impl FromRow<Model> for Session {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model {
            id,
            account_id,
            counter,
            rotated_at,
            authenticated_at,
            assurance,
            expires_at,
            idle_expires_at,
            idle_seconds,
            user_agent,
            ip_address,
            revoked_at,
            revoked_reason,
            created_at,
            version,
        } = row;
        let address = ip_address.map(|text| text.parse::<IpAddr>()).transpose();
        let reason =
            revoked_reason.map(|text| named("revoked_reason", &text, EndReason::ALL, EndReason::name));
        let assurances = [Assurance::Aal1, Assurance::Aal2];
        let state = SessionState {
            id: SessionId::from_uuid(id),
            account: AccountId::from_uuid(account_id),
            counter,
            rotated_at: Timestamp::new(rotated_at),
            authenticated_at: Timestamp::new(authenticated_at),
            assurance: named("assurance", &assurance, assurances, assurance_name)?,
            created_at: Timestamp::new(created_at),
            expires_at: Timestamp::new(expires_at),
            idle_expires_at: Timestamp::new(idle_expires_at),
            idle_seconds,
            user_agent,
            address: address.map_err(|error| unreadable("ip_address", error))?,
            ended: revoked_at.map(Timestamp::new).zip(reason.transpose()?),
        };
        Ok(Session::restore(state, version))
    }
}

const fn assurance_name(assurance: Assurance) -> &'static str {
    match assurance {
        Assurance::Aal1 => "aal1",
        Assurance::Aal2 => "aal2",
    }
}

/// Neither the session nor its time has ended.
pub(super) fn live(now: Timestamp) -> sea_orm::Condition {
    sea_orm::Condition::all()
        .add(Column::RevokedAt.is_null())
        .add(Column::ExpiresAt.gt(instant(now)))
        .add(Column::IdleExpiresAt.gt(instant(now)))
}

#[async_trait]
impl Sessions for PostgresUnit {
    async fn session(&mut self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id.uuid())).await
    }

    async fn live_sessions(
        &mut self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let oldest_first = Entity::find()
            .filter(Column::AccountId.eq(account.uuid()))
            .filter(live(now))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id);
        self.tx.find_all(oldest_first).await
    }

    async fn save_session(&mut self, session: &mut Session) -> Result<(), StoreError> {
        self.save(session).await
    }
}
