//! An assessment as its organisation edits it.

use std::sync::Arc;

use assessment_format::{Definition, Slug, Version};
use kernel::{AccountId, Change, Id, OrganizationId, Owner, Target, Timestamp};
use serde_json::{Value, json};

use crate::authoring::published::{PublishedVersion, PublishedVersionId};

/// Identifies an assessment of an organisation.
pub type CustomAssessmentId = Id<CustomAssessment>;

kernel::named! {
    /// How far an assessment has come.
    pub enum AssessmentStatus {
        /// It is being written; nobody can be asked to take it.
        Draft = "draft",
        /// People can be asked to take its published versions.
        Active = "active",
        /// Nobody new is asked; what was begun goes on, and history stays.
        Archived = "archived",
    }
}

kernel::named! {
    /// Where a draft comes from.
    pub enum SourceType {
        /// A markdown file.
        Upload = "upload",
        /// A definition a builder put together.
        Builder = "builder",
        /// A template or a listing of the marketplace.
        Imported = "imported",
    }
}

kernel::named! {
    /// How an assessment stands in the marketplace.
    pub enum MarketplaceStatus {
        /// It is not offered.
        Private = "private",
        /// It was offered and waits for a decision.
        PendingReview = "pending_review",
        /// Everyone sees it.
        Published = "published",
        /// The platform refused it.
        Rejected = "rejected",
    }
}

kernel::named! {
    /// What a listing costs.
    pub enum PriceTier {
        /// Nothing.
        Free = "free",
        /// The lowest price.
        Starter = "starter",
        /// The middle one.
        Professional = "professional",
        /// The highest.
        Enterprise = "enterprise",
    }
}

kernel::named! {
    /// The built-in types of assessments, each a template that first use copies into the organisation.
    pub enum TemplateName {
        /// How far a company has come on the way to industry 4.0.
        Industry4 = "industry4",
        /// Which role a person likes to take in a team.
        Archetype = "archetype",
        /// How ready a person is to learn something new.
        Education = "education",
    }
}

/// What is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What it says; kept every rule.
    pub definition: Arc<Definition>,
    /// The markdown it was read from, byte for byte; `None` where a builder put it together.
    pub source: Option<String>,
}

/// All an assessment consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomAssessmentState {
    /// Identifies it.
    pub id: CustomAssessmentId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Who wrote it first.
    pub created_by: AccountId,
    /// How it is called in addresses: unique in the organisation.
    pub slug: Slug,
    /// What the next version will say.
    pub draft: Draft,
    /// Where the draft comes from.
    pub source_type: SourceType,
    /// How far it has come.
    pub status: AssessmentStatus,
    /// The built-in type it is the organisation's copy of.
    pub template: Option<TemplateName>,
    /// The newest published version.
    pub latest: Option<(PublishedVersionId, Version)>,
    /// How it stands in the marketplace.
    pub marketplace_status: MarketplaceStatus,
    /// What its listing costs; `None` until it was offered.
    pub price_tier: Option<PriceTier>,
    /// Why the platform refused it.
    pub review_note: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its first version was published.
    pub published_at: Option<Timestamp>,
}

kernel::aggregate! {
    /// An assessment as its organisation edits it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub CustomAssessment(CustomAssessmentState) as "custom_assessment" of |assessment| Owner::Organization(assessment.organization)
}

/// A new assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAssessment {
    /// Identifies it.
    pub id: CustomAssessmentId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Who wrote it.
    pub created_by: AccountId,
    /// How it is called in addresses.
    pub slug: Slug,
    /// What it says.
    pub draft: Draft,
    /// Where the draft comes from.
    pub source_type: SourceType,
    /// The built-in type it is a copy of.
    pub template: Option<TemplateName>,
}

impl CustomAssessment {
    /// Begins one.
    pub fn write(new: NewAssessment, now: Timestamp) -> Self {
        let NewAssessment { id, organization, created_by, slug, draft, source_type, template } = new;
        let state = CustomAssessmentState {
            id,
            organization,
            created_by,
            slug,
            draft,
            source_type,
            status: AssessmentStatus::Draft,
            template,
            latest: None,
            marketplace_status: MarketplaceStatus::Private,
            price_tier: None,
            review_note: None,
            created_at: now,
            published_at: None,
        };
        let mut assessment = Self::restore(state, 0);
        let of = &assessment.state;
        let change = assessment
            .change("custom_assessment.write", now)
            .plain("slug", &Value::Null, &of.slug)
            .plain("name", &Value::Null, &of.draft.definition.settings.name)
            .plain("source_type", &Value::Null, &of.source_type)
            .plain("status", &Value::Null, &of.status)
            .plain("checksum", &Value::Null, &of.draft.checksum());
        assessment.record(change);
        assessment
    }

    /// What the next version will say, and how it is called, are other than before.
    pub fn edit(&mut self, draft: Draft, slug: Slug, now: Timestamp) {
        let old_draft = std::mem::replace(&mut self.state.draft, draft);
        let old_slug = std::mem::replace(&mut self.state.slug, slug);
        let (old, new) = (&old_draft.definition.settings, &self.state.draft.definition.settings);
        let change = self
            .change("custom_assessment.edit", now)
            .plain("slug", &old_slug, &self.state.slug)
            .plain("name", &old.name, &new.name)
            .plain("result_disclosure", &old.disclosure, &new.disclosure)
            .plain("checksum", &old_draft.checksum(), &self.state.draft.checksum());
        self.record(change);
    }

    /// The draft is published as the version it names. Comparing it with the last one is for the service.
    pub fn publish(&mut self, id: PublishedVersionId, by: AccountId, now: Timestamp) -> PublishedVersion {
        let draft = &self.state.draft;
        let published = PublishedVersion {
            id,
            organization: self.state.organization,
            assessment: self.state.id,
            version: draft.definition.settings.version,
            definition: draft.definition.clone(),
            source: draft.source.clone(),
            checksum: draft.definition.checksum(),
            published_by: by,
            published_at: now,
        };
        let before = self.state.latest.replace((id, published.version)).map(|(_, version)| version);
        self.state.published_at.get_or_insert(now);
        let change = self
            .change("custom_assessment.publish", now)
            .plain("version", &before, &Some(published.version))
            .plain("checksum", &Value::Null, &kernel::encoding::hex(&published.checksum));
        self.record(change);
        published
    }

    /// People can be asked to take it.
    pub fn activate(&mut self, now: Timestamp) {
        self.turn(AssessmentStatus::Active, "custom_assessment.activate", now);
    }

    /// Nobody new is asked to take it.
    pub fn archive(&mut self, now: Timestamp) {
        self.turn(AssessmentStatus::Archived, "custom_assessment.archive", now);
    }

    /// It is deleted.
    pub fn delete(&mut self, now: Timestamp) {
        let change =
            self.change("custom_assessment.delete", now).plain("status", &self.state.status, &Value::Null);
        self.record(change);
    }

    /// It is offered in the marketplace, or taken back ([`MarketplaceStatus::Private`]), or decided upon.
    pub fn offer(
        &mut self,
        status: MarketplaceStatus,
        price_tier: Option<PriceTier>,
        note: Option<String>,
        now: Timestamp,
    ) {
        let action = match status {
            MarketplaceStatus::PendingReview => "custom_assessment.offer",
            MarketplaceStatus::Private => "custom_assessment.withdraw",
            MarketplaceStatus::Published => "custom_assessment.list",
            MarketplaceStatus::Rejected => "custom_assessment.reject",
        };
        let before = std::mem::replace(&mut self.state.marketplace_status, status);
        let tier = std::mem::replace(&mut self.state.price_tier, price_tier);
        self.state.review_note = note;
        let change = self.change(action, now).plain("marketplace_status", &before, &status).plain(
            "marketplace_price_tier",
            &tier,
            &self.state.price_tier,
        );
        self.record(change);
    }

    fn turn(&mut self, status: AssessmentStatus, action: &'static str, now: Timestamp) {
        let before = std::mem::replace(&mut self.state.status, status);
        let change = self.change(action, now).plain("status", &before, &status);
        self.record(change);
    }

    fn change(&self, action: &'static str, now: Timestamp) -> Change {
        Change::new(action, Target::new(Self::KIND, self.state.id), now)
            .of(self.state.organization)
            .with(json!({ "organization": self.state.organization }))
    }
}

impl Draft {
    /// The SHA-256 of the canonical definition, in hex.
    fn checksum(&self) -> String {
        kernel::encoding::hex(&self.definition.checksum())
    }
}
