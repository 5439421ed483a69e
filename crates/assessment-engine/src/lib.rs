//! Assessments in the life of an organisation: it writes and publishes them, sends them to people in campaigns and
//! coaching sessions, and sees what came of it. How one is written, taken and scored is `assessment-format`,
//! without storage.
//!
//! # The words
//!
//! A [`CustomAssessment`] is what an organisation edits; a [`PublishedVersion`] of it is write-once, and everything
//! that happens names one. A [`Campaign`] asks many people, each by an [`Assignment`]; a [`CoachingSession`] asks
//! one coachee. Whoever is asked takes it in an [`InterviewSession`], whose [`AssessmentResult`] keeps every
//! scoring run. A [`Participation`] tells a person what is theirs, across organisations. A [`Listing`] is what the
//! marketplace shows.
//!
//! # The rooms
//!
//! A module is a subject and holds what its name says, each in a file of one role: an aggregate in the singular
//! (`campaigns::campaign`), the service of the subject in the module itself (`campaigns`), its rules over several
//! files named by what is done, and what time does in `timers`. [`invitations`] is what campaigns and coaching
//! sessions share, [`sessions`] the taking, [`results`] scoring with exports and rescoring. What the whole crate has
//! once stands beside them: [`ports`], [`mod@unit`], [`reading`], [`rule`], [`refusal`], [`actions`], [`services`],
//! and in `opened` the way every command in an organisation goes.
//!
//! # What always holds
//!
//! - A published version never changes, and what names it stays.
//! - An answer that was accepted is in the final set; after submission nothing changes one; no deadline moves earlier.
//! - Each change of these things leaves its event in its transaction, except for answers while they are given: what
//!   was answered is bound by its SHA-256 when it is submitted.
//! - A person sees their own result as far as its disclosure allows, once it is released; an organisation sees only
//!   its own.
#![deny(missing_docs)]

pub mod actions;
pub mod authoring;
pub mod campaigns;
pub mod coaching;
mod domain;
mod events;
pub mod invitations;
pub mod marketplace;
mod notices;
mod opened;
pub mod participants;
pub mod ports;
pub mod quotas;
pub mod ratings;
pub mod reading;
pub mod refusal;
pub mod results;
pub mod rule;
pub mod services;
pub mod sessions;
pub mod unit;

pub use self::{
    authoring::{
        assessment::{
            AssessmentStatus, CustomAssessment, CustomAssessmentId, CustomAssessmentState, Draft,
            MarketplaceStatus, PriceTier, SourceType, TemplateName,
        },
        published::{PublishedVersion, PublishedVersionId},
    },
    campaigns::{
        assignment::{Assignment, AssignmentId, AssignmentState},
        campaign::{Campaign, CampaignId, CampaignState, CampaignStatus},
    },
    coaching::coaching_session::{CoachingSession, CoachingSessionId, CoachingSessionState, CoachingStatus},
    domain::DOMAIN,
    invitations::{
        ExtraTime,
        delivery::{AssessmentRef, AssessmentType, DeliverySettings, Release},
    },
    marketplace::listing::Listing,
    participants::participation::Participation,
    ports::{Cache, Ports, SessionCache, Settings, VersionCache},
    quotas::Quotas,
    reading::Assessments,
    refusal::Refused,
    results::result::{AssessmentResult, AssessmentResultId, AssessmentResultState, Run},
    rule::Action,
    services::AssessmentServices,
    sessions::interview_session::{
        InterviewSession, InterviewSessionId, InterviewSessionState, Origin, OriginKind,
    },
    unit::{AssessmentUnit, Unit},
};
