//! What most rules stand on: a published assessment, a campaign with it, people who are asked, and their sessions and
//! results. Everything is made as the domain makes it.

use std::sync::Arc;

use assessment_engine::{
    AssessmentRef, AssessmentResult, AssessmentResultId, AssessmentResultState, AssessmentType, Assignment,
    Campaign, CoachingSession, CustomAssessment, DeliverySettings, Draft, InterviewSession,
    InterviewSessionId, InterviewSessionState, Origin, PublishedVersion, Release, Run, SourceType,
    authoring::assessment::NewAssessment,
    campaigns::campaign::Plan,
    coaching::{coaching_session::Arrangement, meeting::MeetingMinutes},
};
use assessment_format::{
    Definition, Slug, Version, parse,
    scoring::Outcome,
    session::{Event, Progress},
    template,
};
use kernel::{AccountId, OrganizationId, Scope, Timestamp, invitation::Invitee};
use serde_json::{Value, json};

use super::commit;
use crate::{
    aggregate::Aggregate,
    samples::{email, name},
    world::World,
};

/// An assessment of an organisation that was published, and a campaign with it.
#[derive(Clone)]
pub(crate) struct AssessmentFixture {
    pub(crate) organization: OrganizationId,
    /// Who wrote it and runs the campaign.
    pub(crate) by: AccountId,
    pub(crate) assessment: CustomAssessment,
    pub(crate) published: PublishedVersion,
    pub(crate) campaign: Campaign,
}

/// A definition that keeps every rule, and the file it was read from.
pub(crate) fn definition(name: &str, version: &str) -> (Arc<Definition>, String) {
    let file = template(name).replace("version: \"1.0\"", &format!("version: \"{version}\""));
    let definition = parse(&file).definition.expect("the template keeps every rule");
    assert_eq!(definition.settings.version.to_string(), version, "the template names its version");
    (Arc::new(definition), file)
}

pub(crate) fn draft(name: &str, version: &str) -> Draft {
    let (definition, source) = definition(name, version);
    Draft { definition, source: Some(source) }
}

pub(crate) fn item(text: &str) -> Slug {
    Slug::new(text).expect("a sound slug")
}

/// Scores, in hundredths.
pub(crate) fn outcome(
    dimensions: [Option<i32>; 2],
    overall: Option<i32>,
    category: Option<usize>,
) -> Outcome {
    let score = |hundredths: Option<i32>| -> Option<assessment_format::Score> {
        let number = hundredths.map(|of| f64::from(of) / 100.0);
        serde_json::from_value(json!(number)).expect("a sound score")
    };
    Outcome { dimensions: dimensions.map(score).into(), overall: score(overall), category }
}

/// A run with these scores.
pub(crate) fn run(number: u32, published: &PublishedVersion, outcome: Outcome, now: Timestamp) -> Run {
    let category = outcome.category.map(|place| published.definition.categories[place].clone());
    let names = published.definition.dimensions.iter().map(|dimension| dimension.name.clone());
    let scores = outcome.dimensions.iter().map(|score| json!(score));
    Run {
        number,
        published: published.id,
        version: published.version,
        scorer_version: 1,
        dimension_scores: Value::Object(names.zip(scores).collect()),
        matched_category: category.as_ref().map(|category| category.name.clone()),
        matched_category_data: category.map(|category| json!(category)),
        outcome,
        scored_at: now,
    }
}

/// A campaign that is always open.
pub(crate) fn plan(published: &PublishedVersion) -> Plan {
    Plan {
        name: name("Spring"),
        message: String::new(),
        chosen: chosen(published),
        delivery: DeliverySettings::default(),
        opens_at: None,
        closes_at: None,
        remind_hours: None,
    }
}

/// A coaching session without a date.
pub(crate) fn arrangement(published: &PublishedVersion) -> Arrangement {
    Arrangement {
        title: name("A talk"),
        message: String::new(),
        chosen: chosen(published),
        delivery: DeliverySettings::default(),
        scheduled_at: None,
        duration: MeetingMinutes::default(),
        time_zone: None,
        closes_at: None,
        extra: None,
    }
}

/// A guest's session that nobody opened yet.
pub(crate) fn session_state(
    published: &PublishedVersion,
    id: InterviewSessionId,
    origin: Origin,
    run_by: AccountId,
    now: Timestamp,
) -> InterviewSessionState {
    let delivery = DeliverySettings::default();
    InterviewSessionState {
        id,
        organization: published.organization,
        origin,
        run_by,
        assessment: published.assessment,
        published: published.id,
        version: published.version,
        account: None,
        style: None,
        rules: delivery.rules(&published.definition, None),
        release: Release::Scored,
        raters: delivery.raters,
        progress: Progress::new(0),
        created_at: now,
    }
}

/// The first result of a session.
pub(crate) fn scored(
    published: &PublishedVersion,
    id: AssessmentResultId,
    session: &InterviewSession,
    outcome: Outcome,
    now: Timestamp,
) -> AssessmentResult {
    let state = AssessmentResultState {
        id,
        organization: session.organization,
        assessment: published.assessment,
        session: session.id,
        origin: session.origin,
        run_by: session.run_by,
        account: session.account,
        run: run(1, published, outcome, now),
        ai_insights: None,
        completed_at: now,
        created_at: now,
        released_at: None,
    };
    AssessmentResult::score(state, now)
}

impl World {
    /// A slug nobody else has.
    pub(crate) fn new_slug(&self) -> Slug {
        item(&format!("a-{}", self.id::<()>()))
    }

    /// An assessment nobody saved yet.
    pub(crate) fn written(&self, organization: OrganizationId, by: AccountId) -> CustomAssessment {
        let (now, slug) = (self.tick(), self.new_slug());
        let (draft, source_type) = (draft("Leadership", "1.0"), SourceType::Upload);
        let id = self.id();
        let new =
            NewAssessment { id, organization, created_by: by, slug, draft, source_type, template: None };
        CustomAssessment::write(new, now)
    }

    /// Publishes the draft of a saved assessment.
    pub(crate) async fn publish(&self, assessment: &mut CustomAssessment) -> PublishedVersion {
        let published = assessment.publish(self.id(), assessment.created_by, self.tick());
        let mut unit = self.within(assessment.organization).await;
        unit.put_published_version(&published).await.expect("a version can be kept");
        unit.save_custom_assessment(assessment).await.expect("it can be saved");
        commit(unit).await;
        published
    }

    pub(crate) async fn assessment_fixture(
        &self,
        organization: OrganizationId,
        by: AccountId,
    ) -> AssessmentFixture {
        let mut assessment = self.keep(self.written(organization, by)).await;
        let published = self.publish(&mut assessment).await;
        let campaign = self.keep(self.prepared(&published, by)).await;
        AssessmentFixture { organization, by, assessment, published, campaign }
    }

    /// The same with another campaign.
    pub(crate) async fn other_campaign(&self, fixture: &AssessmentFixture) -> AssessmentFixture {
        let campaign = self.keep(self.prepared(&fixture.published, fixture.by)).await;
        AssessmentFixture { campaign, ..fixture.clone() }
    }

    /// A campaign nobody saved yet.
    pub(crate) fn prepared(&self, published: &PublishedVersion, by: AccountId) -> Campaign {
        Campaign::prepare(self.id(), published.organization, by, plan(published), self.tick())
    }

    /// Somebody who has an address nobody else has.
    pub(crate) fn somebody(&self) -> Invitee {
        Invitee::address(email(&format!("{}@example.org", self.id::<()>())), None)
    }

    pub(crate) async fn assigned(&self, fixture: &AssessmentFixture, invitee: Invitee) -> Assignment {
        let (id, campaign) = (self.id(), fixture.campaign.id);
        let now = self.tick();
        self.keep(Assignment::assign(id, fixture.organization, campaign, invitee, None, now)).await
    }

    pub(crate) async fn coached(&self, fixture: &AssessmentFixture, coachee: Invitee) -> CoachingSession {
        let (now, arrangement) = (self.tick(), arrangement(&fixture.published));
        let (id, organization) = (self.id(), fixture.organization);
        self.keep(CoachingSession::arrange(id, organization, fixture.by, coachee, arrangement, now)).await
    }

    /// A session nobody opened yet.
    pub(crate) fn session_state(
        &self,
        fixture: &AssessmentFixture,
        origin: Origin,
        account: Option<AccountId>,
    ) -> InterviewSessionState {
        let state = session_state(&fixture.published, self.id(), origin, fixture.by, self.tick());
        InterviewSessionState { account, ..state }
    }

    /// A session that somebody began, in an assignment of its own.
    pub(crate) async fn begun(
        &self,
        fixture: &AssessmentFixture,
        account: Option<AccountId>,
    ) -> InterviewSession {
        let assignment = self.assigned(fixture, self.somebody()).await;
        self.begun_in(fixture, &assignment, account).await
    }

    pub(crate) async fn begun_in(
        &self,
        fixture: &AssessmentFixture,
        assignment: &Assignment,
        account: Option<AccountId>,
    ) -> InterviewSession {
        let origin = Origin::Campaign { campaign: assignment.campaign, assignment: assignment.id };
        let now = self.now();
        let mut session = InterviewSession::open(self.session_state(fixture, origin, account), now);
        session.happen(&Event::Start, Vec::new(), now).expect("it can be begun");
        self.keep(session).await
    }

    /// The result of a session, which nobody saved yet.
    pub(crate) fn scored(
        &self,
        fixture: &AssessmentFixture,
        session: &InterviewSession,
        outcome: Outcome,
    ) -> AssessmentResult {
        scored(&fixture.published, self.id(), session, outcome, self.tick())
    }

    /// The result of a session of its own, with this overall score in hundredths.
    pub(crate) async fn result(&self, fixture: &AssessmentFixture, overall: i32) -> AssessmentResult {
        let session = self.begun(fixture, None).await;
        let outcome = outcome([Some(overall), None], Some(overall), Some(0));
        self.keep(self.scored(fixture, &session, outcome)).await
    }

    /// Reads an aggregate again, which is there.
    pub(crate) async fn again<A: Aggregate>(&self, aggregate: &A) -> A {
        self.read(aggregate.scope(), aggregate).await.expect("it is there")
    }
}

pub(crate) fn chosen(published: &PublishedVersion) -> AssessmentRef {
    AssessmentRef {
        kind: AssessmentType::Custom,
        assessment: published.assessment,
        published: published.id,
        version: published.version,
    }
}

pub(crate) fn version(text: &str) -> Version {
    text.parse().expect("a sound version")
}

pub(crate) fn tenant(fixture: &AssessmentFixture) -> Scope {
    Scope::Tenant(fixture.organization)
}
