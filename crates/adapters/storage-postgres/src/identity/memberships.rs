//! Memberships.

use async_trait::async_trait;
use identity::{
    Membership, MembershipId, MembershipState, MembershipStatus, Role, Roles, text::Name, unit::Memberships,
};
use kernel::{AccountId, OrganizationId, StoreError, Timestamp};
use sea_orm::{
    QueryOrder as _, QuerySelect as _, Select,
    entity::prelude::*,
    sea_query::{
        Expr, ExprTrait as _, SimpleExpr,
        extension::postgres::{PgBinOper, PgExpr as _},
    },
};

use crate::{
    col::{Col, Word},
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "identity", table_name = "memberships")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<MembershipId>,
    pub organization_id: Col<OrganizationId>,
    pub account_id: Col<AccountId>,
    pub roles: Col<Roles>,
    pub job_title: Option<Col<Name>>,
    pub department: Option<Col<Name>>,
    pub status: Word<MembershipStatus>,
    pub created_at: Col<Timestamp>,
    pub version: i64,
    #[sea_orm(belongs_to, from = "organization_id", to = "id")]
    pub organization: BelongsTo<super::organizations::Entity>,
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::accounts::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for Membership {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Version;
    const SETTLED: &[Column] = &[Column::AccountId];

    fn row(&self, version: i64) -> Model {
        let MembershipState { id, organization, account, roles, job_title, department, status, created_at } =
            self.state().clone();
        Model {
            id: Col::of(id),
            organization_id: Col::of(organization),
            account_id: Col::of(account),
            roles: Col::of(roles),
            job_title: job_title.map(Col::of),
            department: department.map(Col::of),
            status: Col::of(status),
            created_at: Col::of(created_at),
            version,
        }
    }
}

impl FromRow<Model> for Membership {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let state = MembershipState {
            id: row.id.0,
            organization: row.organization_id.0,
            account: row.account_id.0,
            roles: row.roles.0,
            job_title: row.job_title.map(Col::into_inner),
            department: row.department.map(Col::into_inner),
            status: row.status.0,
            created_at: row.created_at.0,
        };
        Ok(Self::restore(state, row.version))
    }
}

pub(super) fn active() -> Select<Entity> {
    Entity::find().filter(Column::Status.eq(MembershipStatus::Active.name()))
}

pub(super) fn by_member(organization: OrganizationId, account: AccountId) -> Select<Entity> {
    Entity::find()
        .filter(Column::OrganizationId.eq(organization.uuid()))
        .filter(Column::AccountId.eq(account.uuid()))
}

/// Which members hold at least one of these roles.
pub(super) fn holds_one_of(roles: &[Role]) -> SimpleExpr {
    let names: Vec<_> = roles.iter().map(|role| role.name().to_owned()).collect();
    Expr::col((Entity, Column::Roles)).binary(PgBinOper::Overlap, Expr::val(names))
}

#[async_trait]
impl Memberships for PostgresUnit {
    async fn membership(
        &mut self,
        organization: OrganizationId,
        account: AccountId,
    ) -> Result<Option<Membership>, StoreError> {
        self.tx.find_one(by_member(organization, account)).await
    }

    async fn active_memberships(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<Membership>, StoreError> {
        let of = active().filter(Column::OrganizationId.eq(organization.uuid()));
        self.tx.find_all(of).await
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
        self.tx.find_all(owners).await
    }

    async fn memberships_of(&mut self, account: AccountId) -> Result<Vec<Membership>, StoreError> {
        let of = active().filter(Column::AccountId.eq(account.uuid()));
        self.tx.find_all(of).await
    }

    async fn save_membership(&mut self, membership: &mut Membership) -> Result<(), StoreError> {
        self.save(membership).await
    }
}
