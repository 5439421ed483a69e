//! Published versions, whose rows never change.

use std::sync::Arc;

use assessment_engine::{CustomAssessmentId, PublishedVersion, PublishedVersionId, reading::VersionSummary};
use assessment_format::{Definition, Version};
use kernel::{AccountId, Digest, OrganizationId, StoreError, Timestamp};
use sea_orm::{DerivePartialModel, Select, entity::prelude::*};

use super::formats::{SmallInt, unreadable};
use crate::{col::Col, read::FromRow, tx::Tx};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "custom_assessment_versions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<PublishedVersionId>,
    pub organization_id: Col<OrganizationId>,
    pub assessment_id: Col<CustomAssessmentId>,
    pub major: SmallInt<u16>,
    pub minor: SmallInt<u16>,
    pub definition: Col<Arc<Definition>>,
    pub source_markdown: Option<String>,
    pub checksum: Col<Digest>,
    pub published_by: Col<AccountId>,
    pub published_at: Col<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(super) fn row(published: &PublishedVersion) -> Model {
    let PublishedVersion {
        id,
        organization,
        assessment,
        version,
        definition,
        source,
        checksum,
        published_by,
        published_at,
    } = published.clone();
    Model {
        id: Col::of(id),
        organization_id: Col::of(organization),
        assessment_id: Col::of(assessment),
        major: Col::of(version.major()),
        minor: Col::of(version.minor()),
        definition: Col::of(definition),
        source_markdown: source,
        checksum: Col::of(Digest(checksum)),
        published_by: Col::of(published_by),
        published_at: Col::of(published_at),
    }
}

impl FromRow<Model> for PublishedVersion {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.0,
            organization: row.organization_id.0,
            assessment: row.assessment_id.0,
            version: number(&row.major, &row.minor)?,
            definition: row.definition.0,
            source: row.source_markdown,
            checksum: row.checksum.0.0,
            published_by: row.published_by.0,
            published_at: row.published_at.0,
        })
    }
}

/// A row of a list, which leaves out the definition and its markdown.
#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub(super) struct Listed {
    id: Col<PublishedVersionId>,
    major: SmallInt<u16>,
    minor: SmallInt<u16>,
    checksum: Col<Digest>,
    published_by: Col<AccountId>,
    published_at: Col<Timestamp>,
}

impl FromRow<Listed> for VersionSummary {
    fn from_row(row: Listed) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.0,
            version: number(&row.major, &row.minor)?,
            checksum: row.checksum.0.0,
            published_by: row.published_by.0,
            published_at: row.published_at.0,
        })
    }
}

fn number(major: &SmallInt<u16>, minor: &SmallInt<u16>) -> Result<Version, StoreError> {
    Version::new(major.0, minor.0).map_err(|error| unreadable("major", error))
}

/// The version of an assessment with this number.
pub(super) fn numbered(assessment: CustomAssessmentId, version: Version) -> Select<Entity> {
    Entity::find()
        .filter(Column::AssessmentId.eq(assessment.uuid()))
        .filter(Column::Major.eq(SmallInt::of(version.major())))
        .filter(Column::Minor.eq(SmallInt::of(version.minor())))
}

/// Whether a version of the assessment was published.
pub(super) async fn exist(tx: &Tx, assessment: CustomAssessmentId) -> Result<bool, StoreError> {
    tx.exists(Entity::find().filter(Column::AssessmentId.eq(assessment.uuid()))).await
}
