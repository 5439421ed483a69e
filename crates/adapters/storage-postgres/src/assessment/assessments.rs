//! Assessments as organisations edit them.

use std::sync::Arc;

use assessment_engine::{
    AssessmentStatus, CustomAssessment, CustomAssessmentId, CustomAssessmentState, Draft, MarketplaceStatus,
    PriceTier, PublishedVersion, PublishedVersionId, SourceType, TemplateName, reading::AssessmentSummary,
    unit::CustomAssessments,
};
use assessment_format::{
    Definition, Slug, Version,
    definition::{Disclosure, Kind, Style},
};
use async_trait::async_trait;
use kernel::{AccountId, OrganizationId, StoreError, Timestamp};
use sea_orm::{DerivePartialModel, entity::prelude::*, sea_query::Expr};

use super::{
    formats::{Integer, Text},
    versions,
};
use crate::{
    col::{Col, Word},
    read::FromRow,
    unit::{AggregateRow, PostgresUnit},
};

/// How saves are counted here: `version` is the draft's number, as the requirement names it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "assessment", table_name = "custom_assessments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Col<CustomAssessmentId>,
    pub organization_id: Col<OrganizationId>,
    pub created_by: Col<AccountId>,
    pub name: String,
    pub slug: Text<Slug>,
    pub version: Text<Version>,
    pub description: Option<String>,
    pub definition: Col<Arc<Definition>>,
    pub source_markdown: Option<String>,
    pub source_type: Word<SourceType>,
    pub assessment_type: Text<Kind>,
    pub interview_style_default: Integer<Style>,
    pub interview_style_allow_override: bool,
    pub result_disclosure: Text<Disclosure>,
    pub status: Word<AssessmentStatus>,
    pub template: Option<Word<TemplateName>>,
    pub latest_version_id: Option<Col<PublishedVersionId>>,
    pub latest_version: Option<Text<Version>>,
    pub marketplace_status: Word<MarketplaceStatus>,
    pub marketplace_price_tier: Option<Word<PriceTier>>,
    pub review_note: Option<String>,
    pub created_at: Col<Timestamp>,
    pub published_at: Option<Col<Timestamp>>,
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
        } = self.state().clone();
        let settings = &definition.settings;
        let (latest_version_id, latest_version) =
            latest.map(|(id, version)| (Col::of(id), Col::of(version))).unzip();
        Model {
            id: Col::of(id),
            organization_id: Col::of(organization),
            created_by: Col::of(created_by),
            name: settings.name.clone(),
            slug: Col::of(slug),
            version: Col::of(settings.version),
            description: Some(settings.description.clone()).filter(|text| !text.is_empty()),
            source_markdown: source,
            source_type: Col::of(source_type),
            assessment_type: Col::of(settings.kind),
            interview_style_default: Col::of(settings.interview.style),
            interview_style_allow_override: settings.interview.allow_override,
            result_disclosure: Col::of(settings.disclosure),
            definition: Col::of(definition),
            status: Col::of(status),
            template: template.map(Col::of),
            latest_version_id,
            latest_version,
            marketplace_status: Col::of(marketplace_status),
            marketplace_price_tier: price_tier.map(Col::of),
            review_note,
            created_at: Col::of(created_at),
            published_at: published_at.map(Col::of),
            revision,
        }
    }
}

/// The definition says what the columns beside it repeat for lists.
impl FromRow<Model> for CustomAssessment {
    fn from_row(row: Model) -> Result<Self, StoreError> {
        let state = CustomAssessmentState {
            id: row.id.0,
            organization: row.organization_id.0,
            created_by: row.created_by.0,
            slug: row.slug.0,
            draft: Draft { definition: row.definition.0, source: row.source_markdown },
            source_type: row.source_type.0,
            status: row.status.0,
            template: row.template.map(Col::into_inner),
            latest: row.latest_version_id.zip(row.latest_version).map(|(id, version)| (id.0, version.0)),
            marketplace_status: row.marketplace_status.0,
            price_tier: row.marketplace_price_tier.map(Col::into_inner),
            review_note: row.review_note,
            created_at: row.created_at.0,
            published_at: row.published_at.map(Col::into_inner),
        };
        Ok(Self::restore(state, row.revision))
    }
}

/// A row of a list, which leaves out the definition and its markdown.
#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub(super) struct Listed {
    id: Col<CustomAssessmentId>,
    created_by: Col<AccountId>,
    name: String,
    slug: Text<Slug>,
    version: Text<Version>,
    description: Option<String>,
    source_type: Word<SourceType>,
    assessment_type: Text<Kind>,
    interview_style_default: Integer<Style>,
    interview_style_allow_override: bool,
    result_disclosure: Text<Disclosure>,
    status: Word<AssessmentStatus>,
    template: Option<Word<TemplateName>>,
    latest_version: Option<Text<Version>>,
    marketplace_status: Word<MarketplaceStatus>,
    marketplace_price_tier: Option<Word<PriceTier>>,
    created_at: Col<Timestamp>,
    published_at: Option<Col<Timestamp>>,
    revision: i64,
}

impl FromRow<Listed> for AssessmentSummary {
    fn from_row(row: Listed) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.0,
            created_by: row.created_by.0,
            name: row.name,
            slug: row.slug.0,
            description: row.description.unwrap_or_default(),
            version: row.version.0,
            kind: row.assessment_type.0,
            style: row.interview_style_default.0,
            allow_override: row.interview_style_allow_override,
            disclosure: row.result_disclosure.0,
            source_type: row.source_type.0,
            status: row.status.0,
            template: row.template.map(Col::into_inner),
            latest: row.latest_version.map(Col::into_inner),
            marketplace_status: row.marketplace_status.0,
            price_tier: row.marketplace_price_tier.map(Col::into_inner),
            created_at: row.created_at.0,
            published_at: row.published_at.map(Col::into_inner),
            revision: row.revision,
        })
    }
}

#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
struct Called {
    slug: Text<Slug>,
}

#[async_trait]
impl CustomAssessments for PostgresUnit {
    async fn custom_assessment(
        &mut self,
        id: CustomAssessmentId,
    ) -> Result<Option<CustomAssessment>, StoreError> {
        self.tx.find_one(Entity::find_by_id(id)).await
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

    async fn unarchived_assessments(&mut self, organization: OrganizationId) -> Result<u64, StoreError> {
        let unarchived = Entity::find()
            .filter(Column::OrganizationId.eq(organization.uuid()))
            .filter(Column::Status.ne(AssessmentStatus::Archived.name()));
        self.tx.count(unarchived).await
    }

    async fn slugs_like(
        &mut self,
        organization: OrganizationId,
        stem: &Slug,
    ) -> Result<Vec<Slug>, StoreError> {
        // Under the column's C collation `.` follows `-`; unlike LIKE a range may use the index in spite of policies.
        const LIKE: &str = "(slug = $1 OR slug >= $1 || '-' AND slug < $1 || '.')";
        let like = Entity::find()
            .filter(Column::OrganizationId.eq(organization.uuid()))
            .filter(Expr::cust_with_values(LIKE, [stem.as_str()]));
        let found = self.tx.find_partial::<_, Called, Called>(like).await?;
        Ok(found.into_iter().map(|called| called.slug.0).collect())
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
        self.tx.find_one(versions::Entity::find_by_id(id)).await
    }

    async fn version_of(
        &mut self,
        assessment: CustomAssessmentId,
        version: Version,
    ) -> Result<Option<PublishedVersion>, StoreError> {
        self.tx.find_one(versions::numbered(assessment, version)).await
    }

    async fn put_published_version(&mut self, published: &PublishedVersion) -> Result<(), StoreError> {
        self.tx.insert(versions::row(published)).await
    }
}
