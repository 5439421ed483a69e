//! A person's own results, across organisations, as far as each assessment discloses them.

use std::collections::{HashMap, HashSet};

use assessment_format::{Scorer, Version, definition::Disclosure, disclosure::disclosed, session::Stage};
use kernel::{Ctx, OrganizationId, Page, PageRequest, Scope, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    authoring::published::PublishedVersionId,
    invitations::InvitationSource,
    participants::participation::Participation,
    refusal::Refused,
    results::{
        ResultService, explained,
        result::{AssessmentResult, AssessmentResultId},
        session_of,
    },
    sessions::{Participant, completion::Collected, interview_session::OriginKind},
    unit::Unit,
};

/// A result of one's own in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnResult {
    /// The result.
    pub id: AssessmentResultId,
    /// Which kind of thing it belongs to.
    pub kind: OriginKind,
    /// The assignment or coaching session.
    pub origin: Uuid,
    /// Who asked.
    pub organization: OrganizationId,
    /// What that is called.
    pub organization_name: String,
    /// The name of the campaign, or the title of the coaching session.
    pub title: String,
    /// What was taken.
    pub assessment_name: String,
    /// Which version of it.
    pub assessment_version: Version,
    /// How much of it may be seen.
    pub disclosure: Disclosure,
    /// When it was submitted.
    pub completed_at: Timestamp,
    /// Since when it may be seen.
    pub released_at: Timestamp,
}

/// A result of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnResultDetails {
    /// What stands in the list.
    pub result: OwnResult,
    /// What may be seen: [`Disclosed`](assessment_format::disclosure::Disclosed) as JSON. What the assessment hides
    /// is not in it.
    pub disclosed: Value,
}

/// What is found of a result before it is described.
struct Found {
    result: AssessmentResult,
    title: String,
    /// The version that was taken: what it discloses holds, whichever version it is scored by.
    taken: PublishedVersionId,
}

impl ResultService {
    /// The caller's own results that were released, newest first by when they were asked; for a guest, that of what
    /// their pass serves.
    pub async fn mine(&self, ctx: &Ctx, page: &PageRequest) -> Result<Page<OwnResult>, Refused> {
        match Participant::of(&self.ports, ctx).await? {
            Participant::Account(account) => {
                let own = ctx.within(Scope::Account(account));
                let page = self.ports.reading.participations(&own, account, page).await?;
                let mut found = self.found_in(ctx, &page.items).await?;
                let mut items = Vec::with_capacity(found.len());
                for of in &page.items {
                    if let Some(found) = found.remove(&of.origin) {
                        items.extend(self.described(ctx, &found).await?);
                    }
                }
                Ok(Page { items, next: page.next })
            }
            Participant::Guest { origin, organization } => {
                let mut unit = self.ports.store.begin_in(ctx, Scope::Tenant(organization)).await?;
                let found = released(&mut *unit, origin, None, is_a_guests);
                let found = found.await?;
                drop(unit);
                let item = match found {
                    Some(found) => self.described(ctx, &found).await?,
                    None => None,
                };
                Ok(Page { items: item.into_iter().collect(), next: None })
            }
        }
    }

    /// One result of the caller's own, as far as the assessment discloses it.
    pub async fn my_one(&self, ctx: &Ctx, id: AssessmentResultId) -> Result<OwnResultDetails, Refused> {
        let participant = Participant::of(&self.ports, ctx).await?;
        let organizations: HashSet<OrganizationId> = match participant {
            Participant::Guest { organization, .. } => HashSet::from([organization]),
            Participant::Account(account) => {
                let mut unit = self.ports.store.begin_in(ctx, Scope::Account(account)).await?;
                let mine = unit.participations(account).await?;
                mine.iter().map(|of| of.organization).collect()
            }
        };
        for organization in organizations {
            let mut unit = self.ports.store.begin_in(ctx, Scope::Tenant(organization)).await?;
            let own = |result: &AssessmentResult| match participant {
                Participant::Account(account) => result.account == Some(account),
                Participant::Guest { origin, .. } => result.account.is_none() && result.origin.id() == origin,
            };
            let Some(result) = unit.result(id).await?.filter(own) else { continue };
            let (origin, kind) = (result.origin.id(), Some(result.origin.kind()));
            let Some(found) = released(&mut *unit, origin, kind, |source| {
                !matches!(participant, Participant::Guest { .. }) || is_a_guests(source)
            })
            .await?
            else {
                break;
            };
            let collected = Collected::of(&mut *unit, found.result.session).await?;
            drop(unit);
            let Some(described) = self.described(ctx, &found).await? else { break };
            let disclosed = self.shown_to_person(ctx, &found, &collected).await?;
            return Ok(OwnResultDetails { result: described, disclosed });
        }
        let attempt = AssessmentResult::attempt("assessment_result.view").on(id.uuid());
        Err(self.ports.denied(ctx, attempt, Refused::Missing("result")).await)
    }

    /// What the person may see of the result of this, where it was released and still counts.
    pub(crate) async fn released_in(
        &self,
        ctx: &Ctx,
        source: &InvitationSource,
    ) -> Result<Option<Value>, Refused> {
        let mut unit = self.ports.store.begin(ctx).await?;
        let (origin, kind) = (source.origin().id(), Some(source.origin().kind()));
        let Some(found) = released(&mut *unit, origin, kind, |_| true).await? else { return Ok(None) };
        let collected = Collected::of(&mut *unit, found.result.session).await?;
        drop(unit);
        self.shown_to_person(ctx, &found, &collected).await.map(Some)
    }

    async fn shown_to_person(
        &self,
        ctx: &Ctx,
        found: &Found,
        collected: &Collected,
    ) -> Result<Value, Refused> {
        let (result, run) = (&found.result, &found.result.run);
        let published = self.ports.published(ctx, result.organization, run.published).await?;
        let scorer = Scorer::new(&published.definition);
        let report = scorer.report(run.outcome.clone());
        let (_, anew) = scorer.explain(&collected.answers, &collected.ratings);
        let taken = self.ports.published(ctx, result.organization, found.taken).await?;
        let level = taken.definition.settings.disclosure;
        let disclosed = disclosed(&report, &anew, level, Stage::Released);
        let mut shown = serde_json::to_value(disclosed).map_err(|error| Refused::Fault(error.to_string()))?;
        let holds = explained(&published.definition, run, collected).is_some();
        if let Some(explanation) = shown.get_mut("explanation").filter(|_| !holds) {
            *explanation = Value::Null;
        }
        Ok(shown)
    }

    /// One read in each organisation.
    async fn found_in(&self, ctx: &Ctx, all: &[Participation]) -> Result<HashMap<Uuid, Found>, Refused> {
        let mut by_organization: HashMap<OrganizationId, Vec<&Participation>> = HashMap::new();
        for of in all {
            by_organization.entry(of.organization).or_default().push(of);
        }
        let mut found = HashMap::with_capacity(all.len());
        for (organization, of) in by_organization {
            let mut unit = self.ports.store.begin_in(ctx, Scope::Tenant(organization)).await?;
            for of in of {
                let own = |source: &InvitationSource| source.invitee().account == Some(of.account);
                if let Some(one) = released(&mut *unit, of.origin, Some(of.kind), own).await? {
                    found.insert(of.origin, one);
                }
            }
        }
        Ok(found)
    }

    /// `None` where the organisation was closed.
    async fn described(&self, ctx: &Ctx, found: &Found) -> Result<Option<OwnResult>, Refused> {
        let result = &found.result;
        let name = self.ports.people.organization_name(result.organization).await?;
        let (Some(organization_name), Some(released_at)) = (name, result.released_at) else {
            return Ok(None);
        };
        let taken = self.ports.published(ctx, result.organization, found.taken).await?;
        let settings = &taken.definition.settings;
        Ok(Some(OwnResult {
            id: result.id,
            kind: result.origin.kind(),
            origin: result.origin.id(),
            organization: result.organization,
            organization_name,
            title: found.title.clone(),
            assessment_name: settings.name.clone(),
            assessment_version: settings.version,
            disclosure: settings.disclosure,
            completed_at: result.completed_at,
            released_at,
        }))
    }
}

/// Whether nobody with an account is asked, and nobody who had their data erased.
fn is_a_guests(source: &InvitationSource) -> bool {
    source.invitee().account.is_none() && source.invitee().email.is_some()
}

/// The result of what a person was asked in, where it was released and still counts.
async fn released(
    unit: &mut Unit,
    origin: Uuid,
    kind: Option<OriginKind>,
    own: impl Fn(&InvitationSource) -> bool + Send,
) -> Result<Option<Found>, Refused> {
    let Some(source) = InvitationSource::of(unit, origin, kind).await?.filter(own) else { return Ok(None) };
    let Some(session) = unit.session_of(source.origin()).await? else { return Ok(None) };
    let Some(result) = unit.result_of(session.id).await? else { return Ok(None) };
    if result.released_at.is_none() || session_of(unit, &result).await?.is_none() {
        return Ok(None);
    }
    Ok(Some(Found { result, title: source.title().to_owned(), taken: session.published }))
}
