//! Versions: what an edit asks for, and publishing what never changes.

use assessment_format::{
    Diagnostic, Version,
    comparison::{Edit, Level, VersionDiff, VersionRefused, compare},
};
use kernel::{Ctx, OrganizationId, Page, PageRequest, StoreError};

use crate::{
    authoring::{
        AuthoringService,
        assessment::{CustomAssessment, CustomAssessmentId},
        not_archived,
        published::PublishedVersion,
    },
    opened::Opened,
    reading::VersionSummary,
    refusal::Refused,
    rule::Action,
    unit::VERSION,
};

/// What the draft changes against the newest published version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The newest published version; `None` where nothing was published: then any version will do.
    pub published: Option<Version>,
    /// The version the draft names.
    pub proposed: Version,
    /// How far the furthest change goes; `None` where nothing changed.
    pub level: Option<Level>,
    /// The lowest version the draft may be published as.
    pub least: Option<Version>,
    /// Each change, in the order of the document.
    pub edits: Vec<Edit>,
    /// Why the draft cannot be published as the version it names.
    pub refused: Option<VersionRefused>,
}

impl AuthoringService {
    /// What the draft changes against the newest published version, and which version that asks for.
    pub async fn changes(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CustomAssessmentId,
    ) -> Result<Changes, Refused> {
        let mut opened = self.open(ctx, organization, id, Action::ViewAssessments).await?;
        let proposed = opened.found.draft.definition.settings.version;
        Ok(match opened.diff().await? {
            None => Changes {
                published: None,
                proposed,
                level: None,
                least: None,
                edits: Vec::new(),
                refused: None,
            },
            Some((published, diff)) => Changes {
                published: Some(published),
                proposed,
                level: diff.level(),
                least: diff.least(published).ok(),
                refused: diff.check(published, proposed).err(),
                edits: diff.edits,
            },
        })
    }

    /// The draft becomes a version that never changes. The first may have any number; those after it one that is high
    /// enough for what changed.
    pub async fn publish(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CustomAssessmentId,
    ) -> Result<CustomAssessment, Refused> {
        let mut opened = self.open(ctx, organization, id, Action::WriteAssessments).await?;
        not_archived(&opened.found)?;
        // A draft may be older than a rule.
        let faults = opened.found.draft.diagnostics();
        if faults.iter().any(Diagnostic::is_error) {
            return Err(Refused::Faulty(faults));
        }
        if let Some((published, diff)) = opened.diff().await? {
            diff.check(published, opened.found.draft.definition.settings.version)?;
        }
        let (by, now) = (opened.permit.account, self.ports.clock.now());
        let published = opened.found.publish(self.ports.ids.next(), by, now);
        opened.unit.put_published_version(&published).await.map_err(outrun)?;
        opened.save().await.map_err(|refused| match refused {
            Refused::Store(error) => outrun(error),
            refused => refused,
        })
    }

    /// The published versions, newest first.
    pub async fn versions(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CustomAssessmentId,
        page: &PageRequest,
    ) -> Result<Page<VersionSummary>, Refused> {
        let Opened { permit, unit, .. } = self.open(ctx, organization, id, Action::ViewAssessments).await?;
        drop(unit);
        Ok(self.ports.reading.versions(&permit.ctx, id, page).await?)
    }

    /// A published version, whole.
    pub async fn version(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        id: CustomAssessmentId,
        version: Version,
    ) -> Result<PublishedVersion, Refused> {
        let mut opened = self.open(ctx, organization, id, Action::ViewAssessments).await?;
        let found = opened.unit.version_of(id, version).await?;
        found.ok_or(Refused::Missing("version"))
    }
}

impl Opened<CustomAssessment> {
    /// What the draft changes against the newest published version, if there is one.
    async fn diff(&mut self) -> Result<Option<(Version, VersionDiff)>, Refused> {
        let Some((latest, version)) = self.found.latest else { return Ok(None) };
        let published = self.unit.published_version(latest).await?;
        let published = published.ok_or_else(|| Refused::Fault(format!("version {latest} is gone")))?;
        Ok(Some((version, compare(&published.definition, &self.found.draft.definition))))
    }
}

/// Another published it since this unit looked.
fn outrun(error: StoreError) -> Refused {
    match error {
        StoreError::Duplicate(VERSION) => Refused::Stale,
        error => error.into(),
    }
}
