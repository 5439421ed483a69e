//! Aggregates of this domain with every field filled, and what each may become: round trips compare them field by
//! field.

use assessment_engine::{
    AssessmentResult, AssessmentResultState, AssessmentStatus, AssessmentType, Assignment, AssignmentState,
    Campaign, CampaignState, CampaignStatus, CoachingSession, CoachingSessionState, CoachingStatus,
    CustomAssessment, CustomAssessmentState, DeliverySettings, Draft, ExtraTime, InterviewSession,
    InterviewSessionState, Listing, MarketplaceStatus, Origin, PriceTier, PublishedVersion, Release,
    SourceType, TemplateName,
    campaigns::campaign::Plan,
    coaching::{coaching_session::Arrangement, meeting::MeetingMinutes},
};
use assessment_format::{
    definition::Style,
    rating::Required,
    session::{Grant, Minutes, OnDeadline, Pauses, Progress, Reason, Rules, Status},
};
use kernel::{Timestamp, invitation::Invitee};
use serde_json::json;

use super::assessment_fixture::{AssessmentFixture, chosen, definition, draft, item, outcome, run};
use crate::{
    aggregate::Aggregate as _,
    samples::{PROSE, email, name},
    world::{TestPeople, World, hours, minutes},
};

pub(crate) fn reason(text: &str) -> Reason {
    Reason::new(text).expect("a sound reason")
}

pub(crate) fn extra(minutes: u16) -> ExtraTime {
    ExtraTime { minutes: granted(minutes), reason: reason("Train\nwas late – «sorry»") }
}

fn granted(minutes: u16) -> Minutes {
    Minutes::new(minutes).expect("a sound number of minutes")
}

fn style(style: u8) -> Style {
    Style::new(style).expect("a sound style")
}

fn delivery(now: Timestamp) -> DeliverySettings {
    DeliverySettings {
        style: Some(style(5)),
        minutes: Some(10_080),
        pauses: Some(Pauses { most: 3, minutes: 45 }),
        on_deadline: OnDeadline::Abandon,
        release: Release::At { at: now.plus(hours(99)) },
        raters: Required::Anyone,
    }
}

/// Every status a session can have, each with what belongs to it.
pub(crate) fn progresses(now: Timestamp) -> Vec<Progress> {
    let at = now.plus(minutes(7));
    let statuses = [
        Status::NotStarted,
        Status::InProgress,
        Status::Paused { since: at },
        Status::Submitted { at, expired: true },
        Status::Submitted { at, expired: false },
        Status::Abandoned { at },
        Status::NeedsRating,
        Status::Scored,
        Status::Released { at },
        Status::Voided { at, reason: reason(PROSE.replace(['\r', '\t'], " ").trim()) },
    ];
    let grant = |minutes| Grant { at, minutes: granted(minutes), reason: reason("A fire alarm") };
    let filled = |status| Progress {
        status,
        granted_minutes: 75,
        started_at: Some(now),
        deadline: Some(now.plus(hours(3))),
        pauses: 2,
        paused_seconds: 61,
        grants: vec![grant(1), grant(10_080)],
    };
    statuses.into_iter().map(filled).collect()
}

impl World {
    /// An assessment with every field filled but its newest version, which has to be there first.
    pub(crate) fn assessment_sample(&self, people: &TestPeople) -> CustomAssessment {
        let now = self.tick();
        let state = CustomAssessmentState {
            id: self.id(),
            organization: people.north,
            created_by: people.ann,
            slug: self.new_slug(),
            draft: Draft { source: Some(PROSE.to_owned()), ..draft("Führung & “Wirkung”", "1.0") },
            source_type: SourceType::Imported,
            status: AssessmentStatus::Active,
            template: Some(TemplateName::Archetype),
            latest: None,
            marketplace_status: MarketplaceStatus::PendingReview,
            price_tier: Some(PriceTier::Starter),
            review_note: Some(PROSE.to_owned()),
            created_at: now,
            published_at: Some(now.plus(minutes(1))),
        };
        CustomAssessment::restore(state, 0).mark(now)
    }

    /// The same assessment with everything else in it.
    pub(crate) fn changed_assessment(
        &self,
        of: &CustomAssessment,
        latest: &PublishedVersion,
    ) -> CustomAssessment {
        let now = self.tick();
        let state = CustomAssessmentState {
            slug: self.new_slug(),
            draft: Draft { source: None, ..draft("Something else", "7.12") },
            source_type: SourceType::Builder,
            status: AssessmentStatus::Archived,
            template: Some(TemplateName::Industry4),
            latest: Some((latest.id, latest.version)),
            marketplace_status: MarketplaceStatus::Published,
            price_tier: Some(PriceTier::Enterprise),
            review_note: Some("Well done".to_owned()),
            published_at: Some(now),
            ..of.state().clone()
        };
        CustomAssessment::restore(state, of.version()).mark(now)
    }

    /// A published version of an assessment, with this number.
    pub(crate) fn version_sample(&self, of: &CustomAssessment, number: &str) -> PublishedVersion {
        let (definition, _) = definition("Führung & “Wirkung”", number);
        PublishedVersion {
            id: self.id(),
            organization: of.organization,
            assessment: of.id,
            version: definition.settings.version,
            checksum: definition.checksum(),
            definition,
            source: Some(PROSE.to_owned()),
            published_by: of.created_by,
            published_at: self.tick(),
        }
    }

    /// A campaign with every field filled.
    pub(crate) fn campaign_sample(&self, fixture: &AssessmentFixture) -> Campaign {
        let now = self.tick();
        let plan = Plan {
            name: name("Frühling 🦀"),
            message: PROSE.to_owned(),
            chosen: chosen(&fixture.published),
            delivery: delivery(now),
            opens_at: Some(now.plus(hours(1))),
            closes_at: Some(now.plus(hours(100))),
            remind_hours: Some(720),
        };
        let state = CampaignState {
            id: self.id(),
            organization: fixture.organization,
            created_by: fixture.by,
            plan,
            status: CampaignStatus::Closed,
            created_at: now,
            activated_at: Some(now.plus(minutes(1))),
            closed_at: Some(now.plus(minutes(2))),
        };
        Campaign::restore(state, 0).mark(now)
    }

    /// An assignment with every field filled but its session, which has to be there first.
    pub(crate) fn assignment_sample(&self, fixture: &AssessmentFixture, people: &TestPeople) -> Assignment {
        let now = self.tick();
        let state = AssignmentState {
            id: self.id(),
            organization: fixture.organization,
            campaign: fixture.campaign.id,
            invitee: invitee_sample(people, now),
            extra: Some(extra(10_080)),
            session: None,
            created_at: now,
            withdrawn_at: None,
        };
        Assignment::restore(state, 0).mark(now)
    }

    /// A coaching session with every field filled but its session, which has to be there first.
    pub(crate) fn coaching_sample(
        &self,
        fixture: &AssessmentFixture,
        people: &TestPeople,
    ) -> CoachingSession {
        let now = self.tick();
        let arrangement = Arrangement {
            title: name("Ein Gespräch"),
            message: PROSE.to_owned(),
            chosen: chosen(&fixture.published),
            delivery: delivery(now),
            scheduled_at: Some(now.plus(hours(24))),
            duration: MeetingMinutes::new(45).expect("a meeting"),
            time_zone: Some("Europe/Berlin".to_owned()),
            closes_at: Some(now.plus(hours(48))),
            extra: Some(extra(1)),
        };
        let state = CoachingSessionState {
            id: self.id(),
            organization: fixture.organization,
            coach: fixture.by,
            coachee: invitee_sample(people, now),
            arrangement,
            status: CoachingStatus::Closed,
            session: None,
            created_at: now,
            closed_at: Some(now.plus(hours(1))),
        };
        CoachingSession::restore(state, 0).mark(now)
    }

    /// The same with everything else in it.
    pub(crate) fn changed_coaching(
        &self,
        of: &CoachingSession,
        session: &InterviewSession,
    ) -> CoachingSession {
        let now = self.tick();
        let chosen = of.arrangement.chosen;
        let arrangement = Arrangement {
            title: name("Another talk"),
            message: String::new(),
            chosen: assessment_engine::AssessmentRef { kind: AssessmentType::Archetype, ..chosen },
            delivery: DeliverySettings::default(),
            scheduled_at: None,
            duration: MeetingMinutes::default(),
            time_zone: None,
            closes_at: None,
            extra: None,
        };
        let mut coachee = of.coachee.clone();
        coachee.forget();
        let state = CoachingSessionState {
            coachee,
            arrangement,
            status: CoachingStatus::Open,
            session: Some(session.id),
            closed_at: None,
            ..of.state().clone()
        };
        CoachingSession::restore(state, of.version()).mark(now)
    }

    /// A session with every field filled, in an assignment of its own.
    pub(crate) async fn interview_sample(
        &self,
        fixture: &AssessmentFixture,
        people: &TestPeople,
    ) -> InterviewSession {
        let assignment = self.assigned(fixture, self.somebody()).await;
        let origin = Origin::Campaign { campaign: assignment.campaign, assignment: assignment.id };
        let now = self.tick();
        let delivery = delivery(now);
        let rules = Rules {
            minutes: Some(45),
            closes_at: Some(now.plus(hours(200))),
            pauses: delivery.pauses,
            on_deadline: delivery.on_deadline,
        };
        let progress = progresses(now).swap_remove(2);
        let (release, raters) = (delivery.release, delivery.raters);
        let state = InterviewSessionState {
            style: Some(style(1)),
            rules,
            release,
            raters,
            progress,
            ..self.session_state(fixture, origin, Some(people.bob))
        };
        InterviewSession::restore(state, 0).mark(now)
    }

    /// A result with every field filled, of a session of its own.
    pub(crate) async fn result_sample(
        &self,
        fixture: &AssessmentFixture,
        people: &TestPeople,
    ) -> AssessmentResult {
        let session = self.begun(fixture, Some(people.bob)).await;
        let now = self.tick();
        let outcome = outcome([Some(425), Some(-9_999)], Some(10_000), Some(1));
        let scored = self.scored(fixture, &session, outcome.clone());
        let state = AssessmentResultState {
            run: run(1, &fixture.published, outcome, now),
            ai_insights: Some(json!({ "said": PROSE, "deep": [1, true, null] })),
            completed_at: now.plus(minutes(1)),
            released_at: Some(now.plus(minutes(2))),
            ..scored.state().clone()
        };
        AssessmentResult::restore(state, 0).mark(now)
    }

    /// An offer with every field filled.
    pub(crate) fn listing_sample(&self, fixture: &AssessmentFixture, status: MarketplaceStatus) -> Listing {
        Listing {
            assessment: fixture.assessment.id,
            organization: fixture.organization,
            publisher: "Nordwind AB 🦀".to_owned(),
            slug: item("leadership-2"),
            published: fixture.published.id,
            version: fixture.published.version,
            definition: fixture.published.definition.clone(),
            source: Some(PROSE.to_owned()),
            status,
            price_tier: PriceTier::Professional,
            offered_at: self.tick(),
        }
    }
}

fn invitee_sample(people: &TestPeople, now: Timestamp) -> Invitee {
    Invitee {
        account: Some(people.bob),
        email: Some(email("Carl.Larsson@Example.org")),
        name: Some(name("Carl Ångström")),
        invited_at: Some(now.plus(minutes(1))),
        reminded_at: Some(now.plus(minutes(2))),
    }
}
