//! Assessments as organisations edit them.

use std::sync::Arc;

use assessment_engine::{
    AssessmentStatus, CustomAssessment, CustomAssessmentId, CustomAssessmentState, Draft, MarketplaceStatus,
    PriceTier, PublishedVersion, PublishedVersionId, SourceType, TemplateName, unit::CustomAssessments,
};
use assessment_format::{Slug, Version};
use async_trait::async_trait;
use kernel::{AccountId, OrganizationId, StoreError, Timestamp};
use sea_orm::entity::prelude::*;

use super::{
    value::{enum_name, instant, json, named, of_json, slug, version as parsed_version},
    versions,
};
use crate::{
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

/// How saves are counted here: `version` is the draft's number, as the requirement names it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "custom_assessments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organization_id: Uuid,
    pub created_by: Uuid,
    pub name: String,
    pub slug: String,
    pub version: String,
    pub description: Option<String>,
    pub definition: Json,
    pub source_markdown: Option<String>,
    pub source_type: String,
    pub assessment_type: String,
    pub interview_style_default: i32,
    pub interview_style_allow_override: bool,
    pub result_disclosure: String,
    pub status: String,
    pub template: Option<String>,
    pub latest_version_id: Option<Uuid>,
    pub latest_version: Option<String>,
    pub marketplace_status: String,
    pub marketplace_price_tier: Option<String>,
    pub review_note: Option<String>,
    pub created_at: TimeDateTimeWithTimeZone,
    pub published_at: Option<TimeDateTimeWithTimeZone>,
    pub revision: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl AggregateRow for CustomAssessment {
    type Entity = Entity;
    type Row = Model;

    const ID: Column = Column::Id;
    const VERSION: Column = Column::Revision;

    fn row(&self, revision: i64) -> Model {
        let CustomAssessmentState {
            id,
            organization,
            created_by,
            slug,
            draft: Draft { definition, source },
            source_type,
            status,
            template,
            latest,
            marketplace_status,
            price_tier,
            review_note,
            created_at,
            published_at,
        } = self.state();
        let settings = &definition.settings;
        let description = Some(&settings.description).filter(|text| !text.is_empty());
        Model {
            id: id.uuid(),
            organization_id: organization.uuid(),
            created_by: created_by.uuid(),
            name: settings.name.clone(),
            slug: slug.to_string(),
            version: settings.version.to_string(),
            description: description.cloned(),
            definition: json(definition.as_ref()),
            source_markdown: source.clone(),
            source_type: source_type.name().to_owned(),
            assessment_type: enum_name(settings.kind),
            interview_style_default: settings.interview.style.get().into(),
            interview_style_allow_override: settings.interview.allow_override,
            result_disclosure: enum_name(settings.disclosure),
            status: status.name().to_owned(),
            template: template.map(|template| template.name().to_owned()),
            latest_version_id: latest.map(|(id, _)| id.uuid()),
            latest_version: latest.map(|(_, version)| version.to_string()),
            marketplace_status: marketplace_status.name().to_owned(),
            marketplace_price_tier: price_tier.map(|tier| tier.name().to_owned()),
            review_note: review_note.clone(),
            created_at: instant(*created_at),
            published_at: published_at.map(instant),
            revision: revision,
        }
    }
}

/// The definition says what the columns beside it repeat for lists.
impl FromRow<Model> for CustomAssessment {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let Model {
            id,
            organization_id,
            created_by,
            name: _,
            slug: called,
            version: _,
            description: _,
            definition,
            source_markdown,
            source_type,
            assessment_type: _,
            interview_style_default: _,
            interview_style_allow_override: _,
            result_disclosure: _,
            status,
            template,
            latest_version_id,
            latest_version,
            marketplace_status,
            marketplace_price_tier,
            review_note,
            created_at,
            published_at,
            revision,
        } = row;
        let latest = match (latest_version_id, latest_version) {
            (Some(id), Some(text)) => {
                Some((PublishedVersionId::from_uuid(id), parsed_version("latest_version", &text)?))
            }
            _ => None,
        };
        let state = CustomAssessmentState {
            id: CustomAssessmentId::from_uuid(id),
            organization: OrganizationId::from_uuid(organization_id),
            created_by: AccountId::from_uuid(created_by),
            slug: slug("slug", &called)?,
            draft: Draft {
                definition: Arc::new(of_json("definition", definition)?),
                source: source_markdown,
            },
            source_type: read_source_type(&source_type)?,
            status: read_status(&status)?,
            template: template.as_deref().map(read_template).transpose()?,
            latest,
            marketplace_status: read_marketplace_status(&marketplace_status)?,
            price_tier: marketplace_price_tier.as_deref().map(read_price_tier).transpose()?,
            review_note,
            created_at: Timestamp::new(created_at),
            published_at: published_at.map(Timestamp::new),
        };
        Ok(CustomAssessment::restore(state, revision))
    }
}

pub(super) fn read_source_type(text: &str) -> Result<SourceType, StoreError> {
    named("source_type", text, SourceType::ALL.iter().copied(), SourceType::name)
}

pub(super) fn read_status(text: &str) -> Result<AssessmentStatus, StoreError> {
    named("status", text, AssessmentStatus::ALL.iter().copied(), AssessmentStatus::name)
}

pub(super) fn read_template(text: &str) -> Result<TemplateName, StoreError> {
    named("template", text, TemplateName::ALL.iter().copied(), TemplateName::name)
}

pub(super) fn read_marketplace_status(text: &str) -> Result<MarketplaceStatus, StoreError> {
    named("marketplace_status", text, MarketplaceStatus::ALL.iter().copied(), MarketplaceStatus::name)
}

pub(super) fn read_price_tier(text: &str) -> Result<PriceTier, StoreError> {
    named("price_tier", text, PriceTier::ALL.iter().copied(), PriceTier::name)
}

#[async_trait]
impl CustomAssessments for PostgresUnit {
    async fn custom_assessment(
        &mut self,
        id: CustomAssessmentId,
    ) -> Result<Option<CustomAssessment>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id.uuid())).await
    }

    async fn copy_of_template(
        &mut self,
        organization: OrganizationId,
        template: TemplateName,
    ) -> Result<Option<CustomAssessment>, StoreError> {
        let copy = Entity::find()
            .filter(Column::OrganizationId.eq(organization.uuid()))
            .filter(Column::Template.eq(template.name()));
        self.tx.find_one(copy).await
    }

    async fn slugs_like(
        &mut self,
        organization: OrganizationId,
        stem: &Slug,
    ) -> Result<Vec<Slug>, StoreError> {
        // Under the column's C collation `.` follows `-`; unlike LIKE a range may use the index in spite of policies.
        const LIKE: &str = "
SELECT slug FROM assessment.custom_assessments
WHERE organization_id = $1 AND (slug = $2 OR slug >= $2 || '-' AND slug < $2 || '.')";
        if !self.tx.can_read_table("custom_assessments")? {
            return Ok(Vec::new());
        }
        let query = sqlx::query(LIKE).bind(organization.uuid()).bind(stem.as_str());
        let rows = self.tx.fetch_all(query).await?;
        rows.iter().map(|row| slug("slug", self.tx.get(row, "slug")?)).collect()
    }

    async fn save_custom_assessment(&mut self, assessment: &mut CustomAssessment) -> Result<(), StoreError> {
        self.save(assessment).await
    }

    async fn delete_custom_assessment(
        &mut self,
        assessment: &mut CustomAssessment,
    ) -> Result<(), StoreError> {
        // Who publishes after this look saves the assessment too, and the deletion finds another revision.
        if versions::exist(&self.tx, assessment.id).await? {
            return Err(self.tx.fail(StoreError::Stale));
        }
        self.save_removed(assessment).await
    }

    async fn published_version(
        &mut self,
        id: PublishedVersionId,
    ) -> Result<Option<PublishedVersion>, StoreError> {
        self.tx.find_one(versions::Entity::find_by_id(id.uuid())).await
    }

    async fn version_of(
        &mut self,
        assessment: CustomAssessmentId,
        version: Version,
    ) -> Result<Option<PublishedVersion>, StoreError> {
        self.tx.find_one(versions::numbered(assessment, version)).await
    }

    async fn put_published_version(&mut self, published: &PublishedVersion) -> Result<(), StoreError> {
        let inserted = versions::Entity::insert(versions::row(published));
        self.tx.ensure_open()?;
        self.tx.checked(inserted.exec_without_returning(&self.tx).await).map(drop)
    }
}
