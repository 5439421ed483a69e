//! Custom assessments on PostgreSQL: what the database itself refuses, who waits for whom, and which indexes serve.

mod frozen;
mod many;
mod own;
mod planted;
mod races;
mod rules;
mod tenants;

use std::sync::Arc;

use assessment_engine::{
    AssessmentRef, AssessmentResult, AssessmentResultState, Assignment, Campaign, CampaignId,
    CustomAssessment, CustomAssessmentId, DeliverySettings, Draft, InterviewSession, InterviewSessionId,
    InterviewSessionState, Origin, PublishedVersion, Run, SourceType, Unit,
    authoring::assessment::NewAssessment, campaigns::campaign::Plan, invitations::delivery::AssessmentType,
};
use assessment_format::{
    Definition, Reply, Score, Version,
    rating::Required,
    scoring::Outcome,
    session::{Event, Progress, StoredAnswer},
};
use kernel::{AccountId, Name, OrganizationId, Scope, Store, invitation::Invitee};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use storage_postgres::{
    PostgresStorage,
    testing::{TestDatabase, fresh_database},
};

use crate::support::{ctx, founded, id, noon, storage};

const FILE: &str = "---
schema: assessment/1
name: Leadership
version: \"1.0\"
---
# Leadership

## Dimensions
### Strategic Thinking
- id: strategic
- weight: 0.6
Sees beyond the quarter.

### Empathy
- weight: 0.4
Reads people.

## Result categories
### Visionary
- when: overall >= 4
Leads by picture.
### Emerging
- default: true
Growing.

## Items
1. I review goals.
   - id: s1
   - measures: strategic
   - answer: agree-5
2. I listen.
   - id: e1
   - measures: empathy
   - answer: agree-5
";

fn definition() -> Arc<Definition> {
    let checked = assessment_format::parse(FILE);
    Arc::new(checked.definition.unwrap_or_else(|| panic!("the file is sound: {:?}", checked.diagnostics)))
}

/// Two organisations. In the north people 1 and 2 belong, in the south person 3.
struct World {
    database: TestDatabase,
    storage: PostgresStorage,
    north: OrganizationId,
    south: OrganizationId,
}

/// A published assessment with a campaign that asks.
struct CampaignFixture {
    organization: OrganizationId,
    by: AccountId,
    published: PublishedVersion,
    campaign: CampaignId,
}

impl World {
    async fn new() -> Self {
        let database = fresh_database().await;
        let storage = storage(&database, 8).await;
        let north = founded(&storage, 7, &[1, 2]).await;
        let south = founded(&storage, 8, &[3]).await;
        Self { database, storage, north, south }
    }

    async fn begin(&self, scope: Scope) -> Box<Unit> {
        self.storage.begin(&ctx(scope)).await.expect("a unit")
    }

    /// A published assessment, its ids counted from `number`.
    async fn publish(&self, organization: OrganizationId, by: u128, number: u128) -> PublishedVersion {
        let new = NewAssessment {
            id: id(number),
            organization,
            created_by: id(by),
            slug: format!("leadership-{number}").parse().expect("a slug"),
            draft: Draft { definition: definition(), source: Some(FILE.to_owned()) },
            source_type: SourceType::Upload,
            template: None,
        };
        let mut assessment = CustomAssessment::write(new, noon());
        let mut unit = self.begin(Scope::Tenant(organization)).await;
        unit.save_custom_assessment(&mut assessment).await.expect("saved");
        let published = assessment.publish(id(number + 1), id(by), noon());
        unit.put_published_version(&published).await.expect("kept");
        unit.save_custom_assessment(&mut assessment).await.expect("saved");
        unit.commit().await.expect("committed");
        published
    }

    /// A campaign of it, its ids counted from `number`.
    async fn ask(&self, organization: OrganizationId, by: u128, number: u128) -> CampaignFixture {
        let published = self.publish(organization, by, number).await;
        let plan = Plan {
            name: Name::new("Spring").expect("a name"),
            message: String::new(),
            chosen: chosen(&published),
            delivery: DeliverySettings::default(),
            opens_at: None,
            closes_at: None,
            remind_hours: None,
        };
        let mut campaign = Campaign::prepare(id(number + 2), organization, id(by), plan, noon());
        let mut unit = self.begin(Scope::Tenant(organization)).await;
        unit.save_campaign(&mut campaign).await.expect("saved");
        unit.commit().await.expect("committed");
        CampaignFixture { organization, by: id(by), published, campaign: campaign.id }
    }

    /// The session of a member who began, its ids counted from `number`.
    async fn take(&self, fixture: &CampaignFixture, who: u128, number: u128) -> InterviewSession {
        let who: AccountId = id(who);
        let mut assignment = Assignment::assign(
            id(number),
            fixture.organization,
            fixture.campaign,
            Invitee::member(who),
            None,
            noon(),
        );
        let mut session = session(fixture, id(number + 1), assignment.id.uuid().as_u128(), Some(who));
        session.happen(&Event::Start, Vec::new(), noon()).expect("it begins");
        assignment.open(session.id, noon());
        let mut unit = self.begin(Scope::Tenant(fixture.organization)).await;
        unit.save_assignment(&mut assignment).await.expect("saved");
        unit.save_interview_session(&mut session).await.expect("saved");
        unit.commit().await.expect("committed");
        session
    }

    /// The result of a session.
    async fn score(&self, session: &InterviewSession, number: u128, scores: [i64; 2]) -> AssessmentResult {
        let mut result = result(session, number, scores);
        let mut unit = self.begin(Scope::Tenant(session.organization)).await;
        unit.save_result(&mut result).await.expect("saved");
        unit.commit().await.expect("committed");
        result
    }
}

fn chosen(published: &PublishedVersion) -> AssessmentRef {
    AssessmentRef {
        kind: AssessmentType::Custom,
        assessment: published.assessment,
        published: published.id,
        version: published.version,
    }
}

fn session(
    fixture: &CampaignFixture,
    at: InterviewSessionId,
    assignment: u128,
    account: Option<AccountId>,
) -> InterviewSession {
    let delivery = DeliverySettings::default();
    let state = InterviewSessionState {
        id: at,
        organization: fixture.organization,
        origin: Origin::Campaign { campaign: fixture.campaign, assignment: id(assignment) },
        run_by: fixture.by,
        assessment: fixture.published.assessment,
        published: fixture.published.id,
        version: fixture.published.version,
        account,
        style: None,
        rules: delivery.rules(&fixture.published.definition, None),
        release: delivery.release,
        raters: Required::Person,
        progress: Progress::new(0),
        created_at: noon(),
    };
    InterviewSession::open(state, noon())
}

fn run(session: &InterviewSession, number: u32, scores: [i64; 2]) -> Run {
    let score = |hundredths: i64| Score::of_hundredths(hundredths.into()).expect("a score");
    let [strategic, overall] = scores;
    Run {
        number,
        published: session.published,
        version: session.version,
        scorer_version: 1,
        outcome: Outcome {
            dimensions: vec![Some(score(strategic)), None],
            overall: Some(score(overall)),
            category: Some(1),
        },
        dimension_scores: serde_json::json!({ "Strategic Thinking": strategic, "Empathy": null }),
        matched_category: Some("Emerging".to_owned()),
        matched_category_data: Some(serde_json::json!({ "id": "emerging" })),
        scored_at: noon(),
    }
}

fn result(session: &InterviewSession, number: u128, scores: [i64; 2]) -> AssessmentResult {
    let state = AssessmentResultState {
        id: id(number),
        organization: session.organization,
        assessment: session.assessment,
        session: session.id,
        origin: session.origin,
        run_by: session.run_by,
        account: session.account,
        run: run(session, 1, scores),
        ai_insights: None,
        completed_at: noon(),
        created_at: noon(),
        released_at: None,
    };
    AssessmentResult::score(state, noon())
}

fn kept(sequence: u64, step: u8) -> StoredAnswer {
    StoredAnswer { sequence, reply: Some(Reply::Step(step)), at: noon() }
}

fn version(text: &str) -> Version {
    text.parse().expect("a version")
}

fn assessment_of(fixture: &CampaignFixture) -> CustomAssessmentId {
    fixture.published.assessment
}

/// A connection of the program, in a transaction of this role.
async fn within(database: &TestDatabase, role: &str, tenant: &str, account: &str) -> PgConnection {
    let mut app = PgConnection::connect(&database.app_url).await.expect("connected");
    let enter = format!(
        "BEGIN; SET LOCAL ROLE touchstone_{role}; SET LOCAL app.tenant_id = '{tenant}';
         SET LOCAL app.account_id = '{account}'"
    );
    app.execute(AssertSqlSafe(enter)).await.expect("in the role");
    app
}

/// How many rows a statement touches, or what the database says: its code and constraint.
async fn try_sql(connection: &mut PgConnection, sql: &str) -> Result<u64, String> {
    let done = connection.execute(AssertSqlSafe(sql.to_owned())).await;
    done.map(|done| done.rows_affected()).map_err(|error| {
        let database = error.as_database_error().expect("the database says no");
        let constraint = database.constraint().unwrap_or_default();
        format!("{} {constraint}", database.code().unwrap_or_default()).trim_end().to_owned()
    })
}
