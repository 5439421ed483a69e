//! Assessments and their published versions.

use assessment_engine::{
    AssessmentStatus, CustomAssessment, CustomAssessmentId, PublishedVersion, PublishedVersionId,
    TemplateName, unit::CustomAssessments,
};
use assessment_format::{Slug, Version};
use async_trait::async_trait;
use kernel::{OrganizationId, StoreError};

use super::rows;
use crate::{
    key::{Key, RowId},
    unit::MemoryUnit,
};

#[async_trait]
impl CustomAssessments for MemoryUnit {
    async fn custom_assessment(
        &mut self,
        id: CustomAssessmentId,
    ) -> Result<Option<CustomAssessment>, StoreError> {
        self.get(RowId::of(id))
    }

    async fn copy_of_template(
        &mut self,
        organization: OrganizationId,
        template: TemplateName,
    ) -> Result<Option<CustomAssessment>, StoreError> {
        self.get_unique(&rows::template_copy(organization, template))
    }

    async fn unarchived_assessments(&mut self, organization: OrganizationId) -> Result<u64, StoreError> {
        let unarchived = |of: &CustomAssessment| of.status != AssessmentStatus::Archived;
        self.count(&Key::organization(organization), unarchived)
    }

    async fn slugs_like(
        &mut self,
        organization: OrganizationId,
        stem: &Slug,
    ) -> Result<Vec<Slug>, StoreError> {
        let begins = |slug: &Slug| {
            let rest = slug.as_str().strip_prefix(stem.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let key = Key::organization(organization);
        let like = self.list(&key, |assessment: &CustomAssessment| begins(&assessment.slug))?;
        Ok(like.into_iter().map(|assessment| assessment.slug.clone()).collect())
    }

    async fn save_custom_assessment(&mut self, assessment: &mut CustomAssessment) -> Result<(), StoreError> {
        self.save(assessment)
    }

    async fn delete_custom_assessment(
        &mut self,
        assessment: &mut CustomAssessment,
    ) -> Result<(), StoreError> {
        let versions = Key::parent(assessment.id);
        let published = !self.list(&versions, |_: &PublishedVersion| true)?.is_empty();
        self.run(|unit| {
            if published {
                return Err(StoreError::Stale);
            }
            unit.check_at_commit(move |tables| tables.under::<PublishedVersion>(&versions).next().is_none());
            Ok(())
        })?;
        self.save_removed(assessment)
    }

    async fn published_version(
        &mut self,
        id: PublishedVersionId,
    ) -> Result<Option<PublishedVersion>, StoreError> {
        self.get(RowId::of(id))
    }

    async fn version_of(
        &mut self,
        assessment: CustomAssessmentId,
        version: Version,
    ) -> Result<Option<PublishedVersion>, StoreError> {
        self.get_unique(&rows::version(assessment, version))
    }

    async fn put_published_version(&mut self, published: &PublishedVersion) -> Result<(), StoreError> {
        self.add(published.clone())
    }
}
