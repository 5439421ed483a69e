//! Summaries: what may be shown of many results to those who may not see a single one.

use std::sync::Arc;

use assessment_format::{
    Version,
    summary::{FEWEST, Tally},
};
use kernel::{Ctx, Limit, OrganizationId, PageRequest, Permit};
use serde_json::Value;

use crate::{
    authoring::{
        assessment::CustomAssessmentId,
        published::{PublishedVersion, PublishedVersionId},
    },
    campaigns::campaign::CampaignId,
    reading::{ResultFilter, TallyFilter},
    refusal::Refused,
    results::ResultService,
    rule::Action,
};

/// A summary as it may be shown.
#[derive(Debug, Clone)]
pub struct DisclosedSummary {
    /// Of results of versions with this major number, which all score alike.
    pub major: u16,
    /// The newest of these: names and words of dimensions and categories are its.
    pub published: Arc<PublishedVersion>,
    /// What may be shown: [`Summary`](assessment_format::summary::Summary) as JSON.
    pub summary: Value,
}

impl ResultService {
    /// The summary of an assessment, or of one campaign of it; of one major version, the newest that has results where
    /// none is said. It changes only once at least [`FEWEST`] results came or went.
    pub async fn summary(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        assessment: CustomAssessmentId,
        campaign: Option<CampaignId>,
        major: Option<u16>,
    ) -> Result<DisclosedSummary, Refused> {
        let of = (assessment, campaign);
        let (permit, results) = self.within(ctx, organization, of, Action::ViewSummaries).await?;
        for (version, id) in self.majors(&permit, assessment).await? {
            if major.is_some_and(|major| major != version.major()) {
                continue;
            }
            let published = self.ports.published(&permit.ctx, organization, id).await?;
            let filter = TallyFilter { results, major: version.major() };
            if let Some(summary) = self.disclosed(&permit, &published, &filter, major.is_some()).await? {
                return Ok(DisclosedSummary { major: version.major(), published, summary });
            }
        }
        Err(Refused::TooFewResults)
    }

    /// The newest version of each major number, newest first.
    async fn majors(
        &self,
        permit: &Permit,
        assessment: CustomAssessmentId,
    ) -> Result<Vec<(Version, PublishedVersionId)>, Refused> {
        let mut page = PageRequest { limit: Limit::MOST, after: None };
        let mut majors: Vec<(Version, PublishedVersionId)> = Vec::new();
        loop {
            let versions = self.ports.reading.versions(&permit.ctx, assessment, &page).await?;
            for version in versions.items {
                match majors.iter_mut().find(|(known, _)| known.major() == version.version.major()) {
                    Some(known) if known.0 < version.version => *known = (version.version, version.id),
                    Some(_) => {}
                    None => majors.push((version.version, version.id)),
                }
            }
            match versions.next {
                Some(next) => page.after = Some(next),
                None => break,
            }
        }
        majors.sort_unstable_by_key(|(version, _)| std::cmp::Reverse(*version));
        Ok(majors)
    }

    /// What is shown of the results of a major version; `None` where there are none, unless these were asked for.
    async fn disclosed(
        &self,
        permit: &Permit,
        published: &PublishedVersion,
        filter: &TallyFilter,
        wanted: bool,
    ) -> Result<Option<Value>, Refused> {
        let mut tally = Tally::new(&published.definition);
        self.ports.reading.tally(&permit.ctx, filter, &mut tally).await?;
        if tally.results() == 0 && !wanted {
            return Ok(None);
        }
        let mut unit = self.ports.store.begin(&permit.ctx).await?;
        match unit.disclosed_summary(filter).await? {
            Some((results, summary)) if results.abs_diff(tally.results()) < FEWEST => Ok(Some(summary)),
            _ => {
                let summary = tally.summary().ok_or(Refused::TooFewResults)?;
                let summary =
                    serde_json::to_value(summary).map_err(|error| Refused::Fault(error.to_string()))?;
                unit.save_disclosed_summary(filter, tally.results(), &summary).await?;
                unit.commit().await?;
                Ok(Some(summary))
            }
        }
    }
}

impl ResultFilter {
    /// The results of an assessment, or of one campaign of it, whoever runs it.
    pub(crate) const fn of(assessment: CustomAssessmentId, campaign: Option<CampaignId>) -> Self {
        Self { assessment, campaign, run_by: None }
    }
}
