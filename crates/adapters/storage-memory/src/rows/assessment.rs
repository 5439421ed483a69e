//! Assessments, campaigns, results and tasks as rows.

use assessment_engine::{
    AssessmentResult, Assignment, Campaign, CoachingSession, CustomAssessment, Listing, MarketplaceStatus,
    Origin, Participation, PublishedVersion, Run,
    reading::{ResultFilter, TallyFilter},
    unit::{ASSIGNED_ACCOUNT, ASSIGNED_EMAIL, RESULT, SLUG, TEMPLATE, VERSION},
};
use kernel::{
    Digest, EmailAddress, Id, OrganizationId, Scope, Timestamp, Unique,
    task::{Task, TaskId},
};
use serde_json::Value;
use uuid::Uuid;

use super::if_allowed;
use crate::table::{Access, Key, OnConflict, Row};

/// An address was asked before its owner registered.
#[derive(Clone)]
pub(crate) struct PendingEmailInvitation {
    pub(crate) email: EmailAddress,
    pub(crate) organization: OrganizationId,
    pub(crate) origin: Origin,
    pub(crate) asked_at: Timestamp,
}

/// A scoring run that another one took the place of.
#[derive(Clone)]
pub(crate) struct OlderRun {
    pub(crate) result: Uuid,
    pub(crate) organization: OrganizationId,
    pub(crate) run: Run,
}

/// The summary of some results that was shown last.
#[derive(Clone)]
pub(crate) struct DisclosedSummary {
    pub(crate) organization: OrganizationId,
    pub(crate) of: TallyFilter,
    pub(crate) results: u64,
    pub(crate) summary: Value,
}

/// A part of what a task wrote.
#[derive(Clone)]
pub(crate) struct OutputPart {
    pub(crate) task: TaskId,
    pub(crate) organization: OrganizationId,
    pub(crate) part: u32,
    pub(crate) bytes: Vec<u8>,
}

/// What an organisation has to itself.
pub(super) fn tenant_only(scope: Scope, organization: OrganizationId) -> Access {
    if_allowed(scope == Scope::Tenant(organization), Access::Full)
}

impl Row for CustomAssessment {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }
    fn revision(&self) -> i64 {
        self.version()
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn uniques(&self) -> Vec<(Unique, Key)> {
        let organization = self.organization.uuid();
        let template = self.template.map(|template| (TEMPLATE, Key::Template(organization, template)));
        [(SLUG, Key::SlugIn(organization, self.slug.clone()))].into_iter().chain(template).collect()
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Organization(self.organization.uuid())]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
}

impl Row for PublishedVersion {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }
    fn revision(&self) -> i64 {
        1
    }
    fn created_at(&self) -> Timestamp {
        self.published_at
    }
    fn uniques(&self) -> Vec<(Unique, Key)> {
        vec![(VERSION, Key::Version(self.assessment.uuid(), self.version))]
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Parent(self.assessment.uuid())]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
}

impl Row for Campaign {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }
    fn revision(&self) -> i64 {
        self.version()
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Organization(self.organization.uuid())]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
}

impl Row for Assignment {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }
    fn revision(&self) -> i64 {
        self.version()
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn uniques(&self) -> Vec<(Unique, Key)> {
        if self.withdrawn_at.is_some() {
            return Vec::new();
        }
        let campaign = self.campaign.uuid();
        let account = self.invitee.account.map(|account| Key::AccountIn(campaign, account.uuid()));
        let email = self.invitee.email.as_ref().map(|email| Key::EmailIn(campaign, email.normalized()));
        let account = account.map(|key| (ASSIGNED_ACCOUNT, key));
        account.into_iter().chain(email.map(|key| (ASSIGNED_EMAIL, key))).collect()
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Parent(self.campaign.uuid())]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
}

impl Row for CoachingSession {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }
    fn revision(&self) -> i64 {
        self.version()
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Organization(self.organization.uuid())]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
}

/// An organisation adds it, and only the person reads it.
impl Row for Participation {
    type Id = (Uuid, Uuid);

    fn id(&self) -> Self::Id {
        (self.account.uuid(), self.origin)
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Account(self.account.uuid())]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
    fn visible(&self, scope: Scope) -> bool {
        scope == Scope::Account(self.account)
    }
    fn on_conflict(&self, _found: &Self) -> OnConflict {
        OnConflict::KeepExisting
    }
}

/// An organisation adds it, and only the worker reads it.
impl Row for PendingEmailInvitation {
    type Id = (Digest, Uuid);

    fn id(&self) -> Self::Id {
        (Digest::of(self.email.normalized().as_bytes()), self.origin.id())
    }
    fn created_at(&self) -> Timestamp {
        self.asked_at
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Email(self.email.normalized())]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
    fn visible(&self, scope: Scope) -> bool {
        scope == Scope::Worker
    }
    fn on_conflict(&self, _found: &Self) -> OnConflict {
        OnConflict::KeepExisting
    }
}

impl Row for AssessmentResult {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }
    fn revision(&self) -> i64 {
        self.version()
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn uniques(&self) -> Vec<(Unique, Key)> {
        vec![(RESULT, Key::Origin(self.origin.id()))]
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Parent(self.assessment.uuid()), Key::Parent(self.session.uuid())]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
}

impl Row for OlderRun {
    type Id = (Uuid, u32);

    fn id(&self) -> Self::Id {
        (self.result, self.run.number)
    }
    fn revision(&self) -> i64 {
        1
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Parent(self.result)]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
}

impl Row for DisclosedSummary {
    /// The organisation, assessment, campaign, who runs it, and the major version.
    type Id = (Uuid, Uuid, Option<Uuid>, Option<Uuid>, u16);

    fn id(&self) -> Self::Id {
        Self::id_of(self.organization, &self.of)
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::DisclosedSummaries(self.organization.uuid(), self.of.results.assessment.uuid())]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
}

impl DisclosedSummary {
    pub(crate) fn id_of(organization: OrganizationId, of: &TallyFilter) -> <Self as Row>::Id {
        let ResultFilter { assessment, campaign, run_by } = of.results;
        let (campaign, run_by) = (campaign.map(Id::uuid), run_by.map(Id::uuid));
        (organization.uuid(), assessment.uuid(), campaign, run_by, of.major)
    }
}

/// The worker keeps the marketplace; everyone sees what was published in it, and the platform what waits too.
impl Row for Listing {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.assessment.uuid()
    }
    fn created_at(&self) -> Timestamp {
        self.offered_at
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Listed(self.status)]
    }
    fn access(&self, scope: Scope) -> Access {
        let published = self.status == MarketplaceStatus::Published;
        match scope {
            Scope::Worker => Access::Full,
            Scope::Platform => Access::Read,
            Scope::Tenant(_) | Scope::Account(_) => if_allowed(published, Access::Read),
            Scope::Identity => Access::Nothing,
        }
    }
}

impl Row for Task {
    type Id = Uuid;

    fn id(&self) -> Uuid {
        self.id.uuid()
    }
    fn revision(&self) -> i64 {
        self.version()
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Organization(self.organization.uuid())]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
}

impl Row for OutputPart {
    type Id = (Uuid, u32);

    fn id(&self) -> Self::Id {
        (self.task.uuid(), self.part)
    }
    fn revision(&self) -> i64 {
        1
    }
    fn keys(&self) -> Vec<Key> {
        vec![Key::Parent(self.task.uuid())]
    }
    fn access(&self, scope: Scope) -> Access {
        tenant_only(scope, self.organization)
    }
}
