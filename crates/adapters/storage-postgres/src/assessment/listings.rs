//! What the marketplace shows, and the port of what no organisation's scope reads.

use std::sync::Arc;

use assessment_engine::{
    CustomAssessmentId, Listing, MarketplaceStatus, PriceTier, PublishedVersionId, unit::Marketplace,
};
use assessment_format::{Definition, Slug, Version};
use async_trait::async_trait;
use kernel::{OrganizationId, StoreError, Timestamp};
use sea_orm::{Iterable as _, entity::prelude::*};

use super::formats::Text;
use crate::{
    col::{Col, Word},
    driver::Query,
    read::FromRow,
    unit::PostgresUnit,
    upsert::replace,
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "marketplace_listings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub assessment_id: Col<CustomAssessmentId>,
    pub organization_id: Col<OrganizationId>,
    pub publisher: String,
    pub slug: Text<Slug>,
    pub version_id: Col<PublishedVersionId>,
    pub assessment_version: Text<Version>,
    pub definition: Col<Arc<Definition>>,
    pub source_markdown: Option<String>,
    pub status: Word<MarketplaceStatus>,
    pub price_tier: Word<PriceTier>,
    pub offered_at: Col<Timestamp>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

fn row(listing: &Listing) -> Model {
    let Listing {
        assessment,
        organization,
        publisher,
        slug,
        published,
        version,
        definition,
        source,
        status,
        price_tier,
        offered_at,
    } = listing.clone();
    Model {
        assessment_id: Col::of(assessment),
        organization_id: Col::of(organization),
        publisher,
        slug: Col::of(slug),
        version_id: Col::of(published),
        assessment_version: Col::of(version),
        definition: Col::of(definition),
        source_markdown: source,
        status: Col::of(status),
        price_tier: Col::of(price_tier),
        offered_at: Col::of(offered_at),
        version: 1,
    }
}

impl FromRow<Model> for Listing {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            assessment: row.assessment_id.0,
            organization: row.organization_id.0,
            publisher: row.publisher,
            slug: row.slug.0,
            published: row.version_id.0,
            version: row.assessment_version.0,
            definition: row.definition.0,
            source: row.source_markdown,
            status: row.status.0,
            price_tier: row.price_tier.0,
            offered_at: row.offered_at.0,
        })
    }
}

#[async_trait]
impl Marketplace for PostgresUnit {
    async fn put_listing(&mut self, listing: &Listing) -> Result<(), StoreError> {
        let said = Column::iter().filter(|column| !matches!(column, Column::AssessmentId | Column::Version));
        self.tx.put(row(listing), replace([Column::AssessmentId], said, Column::Version)).await.map(drop)
    }

    async fn remove_listing(&mut self, assessment: CustomAssessmentId) -> Result<(), StoreError> {
        self.tx.execute(Query::of(&Entity::delete_by_id(assessment))).await.map(drop)
    }
}
