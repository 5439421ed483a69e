//! Aggregates of this domain with every field filled, and what each may become: round trips compare them field by
//! field.

use assessment_engine::{
    custom::{
        AssessmentResult, AssessmentResultState, AssessmentStatus, AssessmentType, Assignment,
        AssignmentState, Campaign, CampaignState, CampaignStatus, CoachingSession, CoachingSessionState,
        CoachingStatus, CustomAssessment, CustomAssessmentState, Draft, Extra, InterviewSession,
        InterviewSessionState, Invitee, Listing, MarketplaceStatus, Origin, PriceTier, PublishedVersion,
        Release, SourceType, TemplateName, Terms, Token, campaign::Plan, coaching::Arrangement,
    },
    definition::Style,
    rating::Required,
    session::{Grant, Lapse, Minutes, Pauses, Progress, Reason, Rules, Status},
};
use kernel::{
    OrganizationId, Timestamp,
    task::{Order, Output, Task, TaskState, TaskStatus},
};
use serde_json::{Value, json};

use super::ground::{Ground, chosen, definition, draft, item, outcome, run};
use crate::{
    aggregate::Aggregate as _,
    samples::{email, name},
    world::{Cast, World, hours, minutes},
};

/// Texts as people write them: quotes, other scripts, line breaks of both kinds, and no end of the last line.
pub(crate) const PROSE: &str = "“Größe” \\ 'x' %_\r\n\tÅ 漢字 🦀 \u{200f}עברית\n\nend ";

pub(crate) fn reason(text: &str) -> Reason {
    Reason::new(text).expect("a sound reason")
}

pub(crate) fn extra(minutes: u16) -> Extra {
    Extra { minutes: granted(minutes), reason: reason("Train\nwas late – «sorry»") }
}

fn granted(minutes: u16) -> Minutes {
    Minutes::new(minutes).expect("a sound number of minutes")
}

fn style(style: u8) -> Style {
    Style::new(style).expect("a sound style")
}

fn terms(now: Timestamp) -> Terms {
    Terms {
        style: Some(style(5)),
        minutes: Some(10_080),
        pauses: Some(Pauses { most: 3, minutes: 45 }),
        lapse: Lapse::Abandon,
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
        Status::Submitted { at, lapsed: true },
        Status::Submitted { at, lapsed: false },
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
    pub(crate) fn assessment_sample(&self, cast: &Cast) -> CustomAssessment {
        let now = self.tick();
        let state = CustomAssessmentState {
            id: self.id(),
            organization: cast.north,
            created_by: cast.ann,
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
    pub(crate) fn campaign_sample(&self, ground: &Ground) -> Campaign {
        let now = self.tick();
        let plan = Plan {
            name: name("Frühling 🦀"),
            message: PROSE.to_owned(),
            chosen: chosen(&ground.published),
            terms: terms(now),
            opens_at: Some(now.plus(hours(1))),
            closes_at: Some(now.plus(hours(100))),
            remind_hours: Some(720),
        };
        let state = CampaignState {
            id: self.id(),
            organization: ground.organization,
            created_by: ground.by,
            plan,
            status: CampaignStatus::Closed,
            created_at: now,
            activated_at: Some(now.plus(minutes(1))),
            closed_at: Some(now.plus(minutes(2))),
        };
        Campaign::restore(state, 0).mark(now)
    }

    /// An assignment with every field filled but its session, which has to be there first.
    pub(crate) fn assignment_sample(&self, ground: &Ground, cast: &Cast) -> Assignment {
        let now = self.tick();
        let state = AssignmentState {
            id: self.id(),
            organization: ground.organization,
            campaign: ground.campaign.id,
            invitee: self.invitee_sample(cast, now),
            extra: Some(extra(10_080)),
            session: None,
            created_at: now,
            withdrawn_at: None,
        };
        Assignment::restore(state, 0).mark(now)
    }

    fn invitee_sample(&self, cast: &Cast, now: Timestamp) -> Invitee {
        Invitee {
            account: Some(cast.bob),
            email: Some(email("Carl.Larsson@Example.org")),
            name: Some(name("Carl Ångström")),
            token: Some(Token { digest: self.digest(), expires_at: now.plus(hours(720)) }),
            invited_at: Some(now.plus(minutes(1))),
            reminded_at: Some(now.plus(minutes(2))),
        }
    }

    /// A coaching session with every field filled but its session, which has to be there first.
    pub(crate) fn coaching_sample(&self, ground: &Ground, cast: &Cast) -> CoachingSession {
        let now = self.tick();
        let arrangement = Arrangement {
            title: name("Ein Gespräch"),
            message: PROSE.to_owned(),
            chosen: chosen(&ground.published),
            terms: terms(now),
            scheduled_at: Some(now.plus(hours(24))),
            closes_at: Some(now.plus(hours(48))),
            extra: Some(extra(1)),
        };
        let state = CoachingSessionState {
            id: self.id(),
            organization: ground.organization,
            coach: ground.by,
            coachee: self.invitee_sample(cast, now),
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
            chosen: assessment_engine::custom::Chosen { kind: AssessmentType::Archetype, ..chosen },
            terms: Terms::default(),
            scheduled_at: None,
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
    pub(crate) async fn interview_sample(&self, ground: &Ground, cast: &Cast) -> InterviewSession {
        let assignment = self.assigned(ground, self.somebody()).await;
        let origin = Origin::Campaign { campaign: assignment.campaign, assignment: assignment.id };
        let now = self.tick();
        let terms = terms(now);
        let rules = Rules {
            minutes: Some(45),
            closes_at: Some(now.plus(hours(200))),
            pauses: terms.pauses,
            lapse: terms.lapse,
        };
        let progress = progresses(now).swap_remove(2);
        let (release, raters) = (terms.release, terms.raters);
        let state = InterviewSessionState {
            style: Some(style(1)),
            rules,
            release,
            raters,
            progress,
            ..self.taking(ground, origin, Some(cast.bob))
        };
        InterviewSession::restore(state, 0).mark(now)
    }

    /// A result with every field filled, of a session of its own.
    pub(crate) async fn result_sample(&self, ground: &Ground, cast: &Cast) -> AssessmentResult {
        let session = self.begun(ground, Some(cast.bob)).await;
        let now = self.tick();
        let outcome = outcome([Some(425), Some(-9_999)], Some(10_000), Some(1));
        let scored = self.scored(ground, &session, outcome.clone());
        let state = AssessmentResultState {
            run: run(1, &ground.published, outcome, now),
            ai_insights: Some(json!({ "said": PROSE, "deep": [1, true, null] })),
            completed_at: now.plus(minutes(1)),
            released_at: Some(now.plus(minutes(2))),
            ..scored.state().clone()
        };
        AssessmentResult::restore(state, 0).mark(now)
    }

    /// A task with every field filled.
    pub(crate) fn task_sample(&self, cast: &Cast) -> Task {
        let now = self.tick();
        let state = TaskState {
            id: self.id(),
            organization: cast.north,
            order: Order {
                name: "assessment.export_results".to_owned(),
                related_type: "custom_assessment".to_owned(),
                related_id: self.id::<()>().uuid(),
                parameters: json!({ "format": "csv", "campaign": null, "said": PROSE }),
            },
            status: TaskStatus::Running,
            done: 7,
            total: Some(1 << 40),
            cursor: json!({ "after": 3 }),
            result: json!({ "rows": 7 }),
            error: Some(PROSE.to_owned()),
            output: Some(Output {
                media_type: "text/csv".to_owned(),
                file_name: "Führung “1”.csv".to_owned(),
                parts: 3,
                octets: 1 << 40,
            }),
            requested_by: Some(cast.bob),
            created_at: now,
            started_at: Some(now.plus(minutes(1))),
            finished_at: Some(now.plus(minutes(2))),
        };
        Task::restore(state, 0).mark(now)
    }

    /// A task with nothing in it that may be missing.
    pub(crate) fn bare_task(&self, organization: OrganizationId) -> Task {
        let now = self.tick();
        let order = Order {
            name: "assessment.rescore".to_owned(),
            related_type: "custom_assessment".to_owned(),
            related_id: self.id::<()>().uuid(),
            parameters: Value::Null,
        };
        Task::queue(self.id(), organization, order, None, None, None, now)
    }

    /// An offer with every field filled.
    pub(crate) fn listing_sample(&self, ground: &Ground, status: MarketplaceStatus) -> Listing {
        Listing {
            assessment: ground.assessment.id,
            organization: ground.organization,
            publisher: "Nordwind AB 🦀".to_owned(),
            slug: item("leadership-2"),
            published: ground.published.id,
            version: ground.published.version,
            definition: ground.published.definition.clone(),
            source: Some(PROSE.to_owned()),
            status,
            price_tier: PriceTier::Professional,
            offered_at: self.tick(),
        }
    }
}
