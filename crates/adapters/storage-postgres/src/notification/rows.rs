//! The row of a notification, and of an inbox.

use kernel::{AccountId, NoticeKind, NoticePriority, OrganizationId, StoreError, Timestamp};
use notification::{NewNotification, Notification, NotificationId};
use sea_orm::entity::prelude::*;

use crate::{
    col::{Col, Word},
    read::FromRow,
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "notification", table_name = "notifications")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<NotificationId>,
    pub account_id: Col<AccountId>,
    pub number: i64,
    pub organization_id: Option<Col<OrganizationId>>,
    pub notification_type: Word<NoticeKind>,
    pub priority: Word<NoticePriority>,
    pub title: String,
    pub message: String,
    pub related_entity_type: String,
    pub related_entity_id: Uuid,
    pub action_url: Option<String>,
    pub dedupe_key: String,
    pub read_at: Option<Col<Timestamp>>,
    pub is_archived: bool,
    pub mail_due_at: Option<Col<Timestamp>>,
    pub mailed_at: Option<Col<Timestamp>>,
    pub created_at: Col<Timestamp>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl FromRow<Model> for Notification {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            told: NewNotification {
                id: row.id.0,
                account: row.account_id.0,
                organization: row.organization_id.map(Col::into_inner),
                kind: row.notification_type.0,
                priority: row.priority.0,
                title: row.title,
                message: row.message,
                related: ::notification::Related { kind: row.related_entity_type, id: row.related_entity_id },
                action: row.action_url,
                dedupe: row.dedupe_key,
                is_archived: row.is_archived,
                mail_due_at: row.mail_due_at.map(Col::into_inner),
                created_at: row.created_at.0,
            },
            number: row.number,
            read_at: row.read_at.map(Col::into_inner),
            mailed_at: row.mailed_at.map(Col::into_inner),
        })
    }
}
