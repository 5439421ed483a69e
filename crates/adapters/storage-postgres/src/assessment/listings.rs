//! What the marketplace shows.

use std::sync::Arc;

use assessment_engine::{CustomAssessmentId, Listing, PublishedVersionId};
use kernel::{OrganizationId, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use super::{
    assessments::{read_marketplace_status, read_price_tier},
    value::{instant, json, of_json, slug, version},
};
use crate::read::FromRow;
use crate::tx::Tx;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "marketplace_listings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub assessment_id: Uuid,
    pub organization_id: Uuid,
    pub publisher: String,
    pub slug: String,
    pub version_id: Uuid,
    pub assessment_version: String,
    pub definition: Json,
    pub source_markdown: Option<String>,
    pub status: String,
    pub price_tier: String,
    pub offered_at: TimeDateTimeWithTimeZone,
}

impl ActiveModelBehavior for ActiveModel {}

impl FromRow<Model> for Listing {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model {
            assessment_id,
            organization_id,
            publisher,
            slug: called,
            version_id,
            assessment_version,
            definition,
            source_markdown,
            status,
            price_tier,
            offered_at,
        } = row;
        Ok(Listing {
            assessment: CustomAssessmentId::from_uuid(assessment_id),
            organization: OrganizationId::from_uuid(organization_id),
            publisher,
            slug: slug("slug", &called)?,
            published: PublishedVersionId::from_uuid(version_id),
            version: version("assessment_version", &assessment_version)?,
            definition: Arc::new(of_json("definition", definition)?),
            source: source_markdown,
            status: read_marketplace_status(&status)?,
            price_tier: read_price_tier(&price_tier)?,
            offered_at: Timestamp::new(offered_at),
        })
    }
}

const PUT: &str = "
INSERT INTO assessment.marketplace_listings AS held (assessment_id, organization_id, publisher, slug, version_id,
  assessment_version, definition, source_markdown, status, price_tier, offered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (assessment_id) DO UPDATE SET organization_id = excluded.organization_id, publisher = excluded.publisher,
  slug = excluded.slug, version_id = excluded.version_id, assessment_version = excluded.assessment_version,
  definition = excluded.definition, source_markdown = excluded.source_markdown, status = excluded.status,
  price_tier = excluded.price_tier, offered_at = excluded.offered_at, version = held.version + 1";

/// Keeps a listing in place of the one before.
pub(super) async fn put(tx: &Tx, listing: &Listing) -> Result<(), StoreError> {
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
    } = listing;
    let query = sqlx::query(PUT)
        .bind(assessment.uuid())
        .bind(organization.uuid())
        .bind(publisher)
        .bind(slug.as_str())
        .bind(published.uuid())
        .bind(version.to_string())
        .bind(json(definition.as_ref()))
        .bind(source)
        .bind(status.name())
        .bind(price_tier.name())
        .bind(instant(*offered_at));
    tx.execute(query).await.map(drop)
}
