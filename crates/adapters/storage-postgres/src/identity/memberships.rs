//! Memberships.

use async_trait::async_trait;
use identity::{Membership, MembershipId, MembershipState, MembershipStatus, Role, unit::Memberships};
use kernel::{AccountId, OrganizationId, StoreError, Timestamp};
use sea_orm::{
    QueryOrder as _, QuerySelect as _, Select, Set,
    entity::prelude::*,
    sea_query::{Expr, extension::postgres::PgExpr as _},
};

use super::value::{instant, name, named, optional, role_names, roles};
use crate::unit::{AggregateRow, Owner, PostgresUnit};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "memberships")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organization_id: Uuid,
    pub account_id: Uuid,
    pub roles: Vec<String>,
    pub job_title: Option<String>,
    pub department: Option<String>,
    pub status: String,
    pub created_at: TimeDateTimeWithTimeZone,
    pub version: i64,
    #[sea_orm(belongs_to, from = "organization_id", to = "id")]
    pub organization: BelongsTo<super::organizations::Entity>,
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::accounts::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for Membership {
    type Entity = Entity;
    type Row = ActiveModel;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn owner(&self) -> Owner {
        Owner { organization: Some(self.organization), account: Some(self.account), supervised: false }
    }

    fn row(&self, version: i64) -> ActiveModel {
        let MembershipState { id, organization, account, roles, job_title, department, status, created_at } =
            self.state();
        ActiveModel {
            id: Set(id.uuid()),
            organization_id: Set(organization.uuid()),
            account_id: Set(account.uuid()),
            roles: Set(role_names(roles)),
            job_title: Set(job_title.as_ref().map(ToString::to_string)),
            department: Set(department.as_ref().map(ToString::to_string)),
            status: Set(status.name().to_owned()),
            created_at: Set(instant(*created_at)),
            version: Set(version),
        }
    }
}

pub(super) fn restore(row: Model) -> Result<Membership, StoreError> {
    let Model {
        id,
        organization_id,
        account_id,
        roles: names,
        job_title,
        department,
        status,
        created_at,
        version,
    } = row;
    let state = MembershipState {
        id: MembershipId::from_uuid(id),
        organization: OrganizationId::from_uuid(organization_id),
        account: AccountId::from_uuid(account_id),
        roles: roles("roles", &names)?,
        job_title: optional("job_title", job_title.as_ref(), name)?,
        department: optional("department", department.as_ref(), name)?,
        status: named("status", &status, MembershipStatus::ALL, MembershipStatus::name)?,
        created_at: Timestamp::new(created_at),
    };
    Ok(Membership::restore(state, version))
}

pub(super) fn active() -> Select<Entity> {
    Entity::find().filter(Column::Status.eq(MembershipStatus::Active.name()))
}

pub(super) fn by_member(organization: OrganizationId, account: AccountId) -> Select<Entity> {
    Entity::find()
        .filter(Column::OrganizationId.eq(organization.uuid()))
        .filter(Column::AccountId.eq(account.uuid()))
}

#[async_trait]
impl Memberships for PostgresUnit {
    async fn membership(
        &mut self,
        organization: OrganizationId,
        account: AccountId,
    ) -> Result<Option<Membership>, StoreError> {
        self.tx.find_one(by_member(organization, account), restore).await
    }

    async fn active_memberships(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<Membership>, StoreError> {
        let of = active().filter(Column::OrganizationId.eq(organization.uuid()));
        self.tx.find_all(of, restore).await
    }

    async fn owners_for_update(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<Membership>, StoreError> {
        let owner = vec![Role::Owner.name().to_owned()];
        let owners = active()
            .filter(Column::OrganizationId.eq(organization.uuid()))
            .filter(Expr::col((Entity, Column::Roles)).contains(owner))
            .order_by_asc(Column::Id)
            .lock_exclusive();
        self.tx.find_all(owners, restore).await
    }

    async fn memberships_of(&mut self, account: AccountId) -> Result<Vec<Membership>, StoreError> {
        let of = active().filter(Column::AccountId.eq(account.uuid()));
        self.tx.find_all(of, restore).await
    }

    async fn save_membership(&mut self, membership: &mut Membership) -> Result<(), StoreError> {
        self.save(membership).await
    }
}
