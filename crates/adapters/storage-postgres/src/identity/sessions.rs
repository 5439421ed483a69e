//! Sessions.

use std::net::IpAddr;

use async_trait::async_trait;
use identity::{EndReason, Session, SessionState, unit::Sessions};
use kernel::{AccountId, Assurance, SessionId, StoreError, Timestamp};
use sea_orm::{QueryOrder as _, entity::prelude::*};

use crate::{
    col::{Col, Word},
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<SessionId>,
    pub account_id: Col<AccountId>,
    pub counter: i64,
    pub rotated_at: Col<Timestamp>,
    pub authenticated_at: Col<Timestamp>,
    pub assurance: Word<Assurance>,
    pub expires_at: Col<Timestamp>,
    pub idle_expires_at: Col<Timestamp>,
    pub idle_seconds: i64,
    pub user_agent: Option<String>,
    pub ip_address: Option<Col<IpAddr>>,
    pub revoked_at: Option<Col<Timestamp>>,
    pub revoked_reason: Option<Word<EndReason>>,
    pub created_at: Col<Timestamp>,
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
        } = self.state().clone();
        Model {
            id: Col::of(id),
            account_id: Col::of(account),
            counter,
            rotated_at: Col::of(rotated_at),
            authenticated_at: Col::of(authenticated_at),
            assurance: Col::of(assurance),
            expires_at: Col::of(expires_at),
            idle_expires_at: Col::of(idle_expires_at),
            idle_seconds,
            user_agent,
            ip_address: address.map(Col::of),
            revoked_at: ended.map(|(at, _)| Col::of(at)),
            revoked_reason: ended.map(|(_, reason)| Col::of(reason)),
            created_at: Col::of(created_at),
            version,
        }
    }
}

impl FromRow<Model> for Session {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let state = SessionState {
            id: row.id.0,
            account: row.account_id.0,
            counter: row.counter,
            rotated_at: row.rotated_at.0,
            authenticated_at: row.authenticated_at.0,
            assurance: row.assurance.0,
            created_at: row.created_at.0,
            expires_at: row.expires_at.0,
            idle_expires_at: row.idle_expires_at.0,
            idle_seconds: row.idle_seconds,
            user_agent: row.user_agent,
            address: row.ip_address.map(Col::into_inner),
            ended: row.revoked_at.map(Col::into_inner).zip(row.revoked_reason.map(Col::into_inner)),
        };
        Ok(Self::restore(state, row.version))
    }
}

/// Neither the session nor its time has ended.
pub(super) fn live(now: Timestamp) -> sea_orm::Condition {
    let at = now.to_offset_date_time();
    sea_orm::Condition::all()
        .add(Column::RevokedAt.is_null())
        .add(Column::ExpiresAt.gt(at))
        .add(Column::IdleExpiresAt.gt(at))
}

#[async_trait]
impl Sessions for PostgresUnit {
    async fn session(&mut self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id)).await
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
