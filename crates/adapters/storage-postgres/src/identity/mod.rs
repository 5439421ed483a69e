//! The identity domain's ports: a file for each aggregate, with its row and what the row means.
#![expect(unreachable_pub, reason = "SeaORM's macros make rows and their relations pub")]

mod accounts;
mod admin_settings;
mod api_keys;
mod data_keys;
mod directory;
mod formats;
mod housekeeping;
mod invitations;
mod known_devices;
mod memberships;
mod one_time_tokens;
mod organization_limits;
mod organizations;
mod recent_memberships;
mod recovery_codes;
mod registrations;
mod rotation;
mod second_factors;
mod session_status;
mod sessions;
mod signing_keys;
mod tables;
mod throttle;
mod unsubscriptions;

use async_trait::async_trait;
use identity::Unit;
use kernel::{Ctx, Store, StoreError};

pub(crate) use self::{recent_memberships::RecentMemberships, tables::TABLES};
use crate::{PostgresStorage, unit::PostgresUnit};

#[async_trait]
impl Store<Unit> for PostgresStorage {
    async fn begin(&self, ctx: &Ctx) -> Result<Box<Unit>, StoreError> {
        Ok(Box::new(PostgresUnit::begin_asking_last(self, ctx).await?))
    }
}
