//! Assessments in the life of an organisation: it writes and publishes them, sends them to people in campaigns and
//! coaching sessions, and sees what came of it. How one is written, taken and scored is `assessment-format`, without storage.
//!
//! # The words
//!
//! A [`CustomAssessment`] is what an organisation edits; a [`PublishedVersion`] of it is write-once, and everything
//! that happens names one. A [`Campaign`] asks many people, each by an [`Assignment`]; a [`CoachingSession`] asks one
//! coachee. Whoever is asked takes it in an [`InterviewSession`], whose [`AssessmentResult`] keeps every scoring run.
//! A [`Participation`] tells a person what is theirs, across organisations. A [`Listing`] is what the marketplace shows.
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
pub mod assessment;
pub mod assignment;
pub mod authoring;
pub mod campaign;
pub mod campaign_timers;
pub mod campaigns;
pub mod coaching;
pub mod coaching_sessions;
mod completion;
pub mod delivery;
mod domain;
pub mod exports;
pub mod interview_session;
pub mod invitee;
pub mod link;
pub mod listing;
pub mod mails;
pub mod marketplace;
pub mod participants;
pub mod participation;
pub mod ports;
pub mod projection;
pub mod published;
pub mod ratings;
pub mod reading;
pub mod refusal;
pub mod rescoring;
pub mod result;
pub mod results;
pub mod rule;
pub mod services;
pub mod session_timers;
pub mod sessions;
pub mod templates;
pub mod unit;

pub use self::{
    assessment::{
        AssessmentStatus, CustomAssessment, CustomAssessmentId, CustomAssessmentState, Draft,
        MarketplaceStatus, PriceTier, SourceType, TemplateName,
    },
    assignment::{Assignment, AssignmentId, AssignmentState},
    campaign::{Campaign, CampaignId, CampaignState, CampaignStatus},
    coaching::{CoachingSession, CoachingSessionId, CoachingSessionState, CoachingStatus},
    delivery::{AssessmentRef, AssessmentType, DeliverySettings, Release},
    domain::DOMAIN,
    interview_session::{InterviewSession, InterviewSessionId, InterviewSessionState, Origin, OriginKind},
    invitee::{ExtraTime, Invitee, Token},
    listing::Listing,
    participation::Participation,
    ports::{GuestToken, GuestTokens, Ports, Settings, VersionCache},
    published::{PublishedVersion, PublishedVersionId},
    reading::Assessments,
    refusal::Refused,
    result::{AssessmentResult, AssessmentResultId, AssessmentResultState, Run},
    rule::Action,
    services::AssessmentServices,
    unit::{AssessmentUnit, Unit},
};
