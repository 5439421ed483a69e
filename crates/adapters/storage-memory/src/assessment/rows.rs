//! What is kept of assessments, campaigns and results: by which keys rows are found, which are unique, and which scope
//! reaches them.
//!
//! Access is that of the policies and grants on PostgreSQL.

use assessment_engine::{
    AssessmentResult, AssessmentResultId, Assignment, Campaign, CampaignId, CoachingSession,
    CustomAssessment, CustomAssessmentId, InterviewSession, Listing, MarketplaceStatus, Participation,
    PublishedVersion, Run, TemplateName,
    reading::TallyFilter,
    unit::{ASSIGNED_ACCOUNT, ASSIGNED_EMAIL, RESULT, SESSION, SLUG, TEMPLATE, VERSION},
};
use assessment_format::Version;
use kernel::{AccountId, OrganizationId, Scope, Timestamp, invitation::Invitee};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    key::{Key, RowId},
    row::{Access, AnyRow, Indexed, OnConflict, Row, if_allowed},
};

/// A scoring run that another one took the place of.
#[derive(Clone)]
pub(super) struct OlderRun {
    pub(super) result: AssessmentResultId,
    pub(super) organization: OrganizationId,
    pub(super) run: Run,
}

/// The summary of some results that was shown last.
#[derive(Clone)]
pub(super) struct DisclosedSummary {
    pub(super) organization: OrganizationId,
    pub(super) of: TallyFilter,
    pub(super) results: u64,
    pub(super) summary: Value,
}

/// What an organisation has to itself.
pub(super) fn tenant_only(scope: Scope, organization: OrganizationId) -> Access {
    if_allowed(scope == Scope::Tenant(organization), Access::Full)
}

/// An organisation has one copy of a template.
pub(super) fn template_copy(organization: OrganizationId, template: TemplateName) -> Key {
    Key::unique(TEMPLATE).id(organization).text(template.name())
}

/// An assessment is published under a version once.
pub(super) fn version(assessment: CustomAssessmentId, version: Version) -> Key {
    Key::unique(VERSION).id(assessment).text(&version.to_string())
}

/// A campaign asks an account once, and an address.
pub(super) fn asked(campaign: CampaignId, invitee: &Invitee) -> Vec<Key> {
    let account = invitee.account.map(|account| Key::unique(ASSIGNED_ACCOUNT).id(campaign).id(account));
    let email = invitee.email.as_ref();
    let email = email.map(|email| Key::unique(ASSIGNED_EMAIL).id(campaign).email_address(email));
    account.into_iter().chain(email).collect()
}

/// An assignment or a coaching session leads to one session.
pub(super) fn session_of(origin: Uuid) -> Key {
    Key::unique(SESSION).uuid(origin)
}

/// What stands at a point of the marketplace.
pub(super) fn listed(status: MarketplaceStatus) -> Key {
    Key::new("status").text(status.name())
}

/// The summaries of an assessment's results.
pub(super) fn summaries(organization: OrganizationId, assessment: CustomAssessmentId) -> Key {
    Key::new("summaries").id(organization).id(assessment)
}

/// What a person takes part in.
pub(super) fn participation(account: AccountId, origin: Uuid) -> RowId {
    RowId::pair(account.uuid(), origin)
}

impl Indexed for CustomAssessment {
    fn uniques(&self) -> Vec<Key> {
        let slug = Key::unique(SLUG).id(self.organization).text(self.slug.as_str());
        let template = self.template.map(|template| template_copy(self.organization, template));
        [slug].into_iter().chain(template).collect()
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::organization(self.organization)]
    }
}

impl Row for PublishedVersion {
    fn row_id(&self) -> RowId {
        RowId::of(self.id)
    }
    fn revision(&self) -> i64 {
        1
    }
    fn made_at(&self) -> Timestamp {
        self.published_at
    }
    fn uniques(&self) -> Vec<Key> {
        vec![version(self.assessment, self.version)]
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::parent(self.assessment)]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
}

impl Indexed for Campaign {
    fn keys(&self) -> Vec<Key> {
        vec![Key::organization(self.organization)]
    }
}

impl Indexed for Assignment {
    fn uniques(&self) -> Vec<Key> {
        if self.withdrawn_at.is_some() {
            return Vec::new();
        }
        asked(self.campaign, &self.invitee)
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::parent(self.campaign)]
    }
}

impl Indexed for CoachingSession {
    fn keys(&self) -> Vec<Key> {
        vec![Key::organization(self.organization)]
    }
}

impl Indexed for InterviewSession {
    fn uniques(&self) -> Vec<Key> {
        vec![session_of(self.origin.id())]
    }
    fn access(&self, scope: Scope) -> Access {
        let own = self.account.is_some_and(|account| scope == Scope::Account(account));
        tenant_only(scope, self.organization).max(if_allowed(own, Access::Read))
    }
}

/// An organisation adds it, and only the person reads it.
impl Row for Participation {
    fn row_id(&self) -> RowId {
        participation(self.account, self.origin)
    }
    fn made_at(&self) -> Timestamp {
        self.created_at
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::account(self.account)]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
    fn visible(&self, scope: Scope) -> bool {
        scope == Scope::Account(self.account)
    }
    fn on_conflict(&self, _found: &AnyRow) -> OnConflict {
        OnConflict::KeepExisting
    }
}

impl Indexed for AssessmentResult {
    fn uniques(&self) -> Vec<Key> {
        vec![Key::unique(RESULT).uuid(self.origin.id())]
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::parent(self.assessment), Key::parent(self.session)]
    }
}

impl Row for OlderRun {
    fn row_id(&self) -> RowId {
        RowId::numbered(self.result, self.run.number)
    }
    fn revision(&self) -> i64 {
        1
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::parent(self.result)]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
}

impl DisclosedSummary {
    pub(super) fn id_of(organization: OrganizationId, of: &TallyFilter) -> RowId {
        RowId::named(organization.uuid(), format!("{of:?}").as_bytes())
    }
}

impl Row for DisclosedSummary {
    fn row_id(&self) -> RowId {
        Self::id_of(self.organization, &self.of)
    }
    fn keys(&self) -> Vec<Key> {
        vec![summaries(self.organization, self.of.results.assessment)]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
}

/// The worker keeps the marketplace; everyone sees what was published in it, and the platform what waits too.
impl Row for Listing {
    fn row_id(&self) -> RowId {
        RowId::of(self.assessment)
    }
    fn made_at(&self) -> Timestamp {
        self.offered_at
    }
    fn keys(&self) -> Vec<Key> {
        vec![listed(self.status)]
    }
    fn access(&self, scope: Scope) -> Access {
        let published = self.status == MarketplaceStatus::Published;
        match scope {
            Scope::Worker => Access::Full,
            Scope::Platform => Access::Read,
            Scope::Tenant(_) | Scope::Account(_) | Scope::Public => if_allowed(published, Access::Read),
            _ => Access::Nothing,
        }
    }
}
