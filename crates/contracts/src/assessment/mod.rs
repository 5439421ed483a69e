//! Rules of assessments: what an organisation writes, publishes and asks people to take, what they answer, and what
//! comes of it. What holds for every aggregate stands in [`crate::unit`].

mod aggregate;
mod answers;
pub(crate) mod assessment_fixture;
mod assessments;
mod assigning;
mod campaigns;
mod cursors;
mod figures;
mod isolation;
mod lists;
mod marketplace;
mod participations;
mod racing;
mod results;
pub(crate) mod samples;
mod sessions;
mod suite;
mod units;

use assessment_engine::Unit;
use kernel::{OrganizationId, Scope};

pub(crate) use self::aggregate::each_aggregate;
pub use self::{
    answers::*, assessments::*, assigning::*, campaigns::*, cursors::*, figures::*, isolation::*, lists::*,
    marketplace::*, participations::*, racing::*, results::*, sessions::*, units::*,
};
use crate::world::{World, ctx};

impl World {
    /// A unit of assessments.
    pub(crate) async fn assess(&self, scope: Scope) -> Box<Unit> {
        self.storage.assessment_store.begin(&ctx(scope)).await.expect("a unit can be begun")
    }

    /// A unit of assessments of an organisation.
    pub(crate) async fn within(&self, organization: OrganizationId) -> Box<Unit> {
        self.assess(Scope::Tenant(organization)).await
    }
}

pub(crate) async fn commit(unit: Box<Unit>) {
    unit.commit().await.expect("it can be committed");
}
