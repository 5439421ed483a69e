//! Published versions, whose rows never change.

use std::sync::Arc;

use assessment_engine::{CustomAssessmentId, PublishedVersion, PublishedVersionId};
use assessment_format::Version;
use kernel::{AccountId, OrganizationId, StoreError, Timestamp};
use sea_orm::{Select, Set, entity::prelude::*};

use super::value::{fitting, instant, json, of_json, small, unreadable};
use crate::read::FromRow;
use crate::tx::Tx;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "custom_assessment_versions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organization_id: Uuid,
    pub assessment_id: Uuid,
    pub major: i16,
    pub minor: i16,
    pub definition: Json,
    pub source_markdown: Option<String>,
    pub checksum: Vec<u8>,
    pub published_by: Uuid,
    pub published_at: TimeDateTimeWithTimeZone,
}

impl ActiveModelBehavior for ActiveModel {}

pub(super) fn row(published: &PublishedVersion) -> ActiveModel {
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
    } = published;
    ActiveModel {
        id: Set(id.uuid()),
        organization_id: Set(organization.uuid()),
        assessment_id: Set(assessment.uuid()),
        major: Set(small(version.major())),
        minor: Set(small(version.minor())),
        definition: Set(json(definition.as_ref())),
        source_markdown: Set(source.clone()),
        checksum: Set(checksum.to_vec()),
        published_by: Set(published_by.uuid()),
        published_at: Set(instant(*published_at)),
    }
}

impl FromRow<Model> for PublishedVersion {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model {
            id,
            organization_id,
            assessment_id,
            major,
            minor,
            definition,
            source_markdown,
            checksum: octets,
            published_by,
            published_at,
        } = row;
        Ok(PublishedVersion {
            id: PublishedVersionId::from_uuid(id),
            organization: OrganizationId::from_uuid(organization_id),
            assessment: CustomAssessmentId::from_uuid(assessment_id),
            version: number(major, minor)?,
            definition: Arc::new(of_json("definition", definition)?),
            source: source_markdown,
            checksum: checksum(&octets)?,
            published_by: AccountId::from_uuid(published_by),
            published_at: Timestamp::new(published_at),
        })
    }
}

pub(super) fn number(major: i16, minor: i16) -> Result<Version, StoreError> {
    let number = Version::new(fitting("major", major)?, fitting("minor", minor)?);
    number.map_err(|error| unreadable("major", error))
}

pub(super) fn checksum(octets: &[u8]) -> Result<[u8; 32], StoreError> {
    octets.try_into().map_err(|error| unreadable("checksum", error))
}

/// The version of an assessment with this number.
pub(super) fn numbered(assessment: CustomAssessmentId, version: Version) -> Select<Entity> {
    Entity::find()
        .filter(Column::AssessmentId.eq(assessment.uuid()))
        .filter(Column::Major.eq(small(version.major())))
        .filter(Column::Minor.eq(small(version.minor())))
}

/// Whether a version of the assessment was published.
pub(super) async fn exist(tx: &Tx, assessment: CustomAssessmentId) -> Result<bool, StoreError> {
    const ANY: &str = "SELECT FROM assessment.custom_assessment_versions WHERE assessment_id = $1 LIMIT 1";
    if !tx.can_read_table("custom_assessment_versions")? {
        return Ok(false);
    }
    Ok(tx.fetch_optional(sqlx::query(ANY).bind(assessment.uuid())).await?.is_some())
}
