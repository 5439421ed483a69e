//! No key reaches another organisation, and nobody sees what is not theirs.

use assessment_engine::{
    Assessments as _, CoachingSession, DeliverySettings, InterviewSession, InterviewSessionState, Listing,
    MarketplaceStatus, Origin, Participation, PriceTier,
    coaching::{coaching_session::Arrangement, meeting::MeetingMinutes},
    reading::{ResultFilter, TallyFilter},
};
use assessment_format::{
    Rater, Rating, Slug,
    interview::{Speaker, Turn},
    rating::Target,
};
use kernel::{
    Name, OrganizationId, PageRequest, Scope, StoreError,
    invitation::Invitee,
    task::{Task, TaskRequest},
};
use sqlx::{AssertSqlSafe, Executor as _, Row as _};

use super::{World, chosen, kept, run, session, try_sql, within};
use crate::support::{ctx, id, noon, superuser};

/// A row of each table an organisation has, the ids counted from `number`.
pub(super) async fn furnish(world: &World, organization: OrganizationId, who: u128, number: u128) {
    let fixture = world.ask(organization, who, number).await;
    let session = world.take(&fixture, who, number + 10).await;
    let result = world.score(&session, number + 20, [300, 320]).await;
    let arrangement = Arrangement {
        title: Name::new("Talk").expect("a name"),
        message: String::new(),
        chosen: chosen(&fixture.published),
        delivery: DeliverySettings::default(),
        scheduled_at: None,
        duration: MeetingMinutes::default(),
        time_zone: None,
        closes_at: None,
        extra: None,
    };
    let coachee = Invitee::member(id(who));
    let mut coaching =
        CoachingSession::arrange(id(number + 30), organization, id(who), coachee, arrangement, noon());
    let state = InterviewSessionState {
        id: id(number + 31),
        origin: Origin::Coaching(coaching.id),
        ..session.state().clone()
    };
    let mut coached = InterviewSession::open(state, noon());
    coaching.open(coached.id, noon());
    let request = TaskRequest {
        name: "test.write".to_owned(),
        related_type: "test".to_owned(),
        related_id: id::<()>(number).uuid(),
        parameters: serde_json::Value::Null,
    };
    let output = Some(("text/csv", "a.csv".to_owned()));
    let mut task = Task::queue(id(number + 40), organization, request, None, output, None, noon());
    let turn = Turn { number: 1, by: Speaker::Person, text: "So.".to_owned(), at: noon() };
    let dimension = Slug::new("empathy").expect("a dimension");
    let rating = Rating { score: None, evidence: Vec::new() };
    let of = ResultFilter { assessment: fixture.published.assessment, campaign: None, run_by: None };
    let mut unit = world.begin(Scope::Tenant(organization)).await;
    // Either may come first: what they say of each other is checked at the commit.
    unit.save_coaching_session(&mut coaching).await.expect("saved");
    unit.save_interview_session(&mut coached).await.expect("saved");
    let item = Slug::new("s1").expect("an item");
    assert_eq!(unit.save_answer(&session, &item, &kept(1, 3)).await.expect("kept"), None);
    unit.put_turn(&session, &turn).await.expect("kept");
    let (target, rater) = (Target { dimension, item: None }, Rater::Person(id(who)));
    unit.save_rating(&session, &target, &rater, &rating, noon()).await.expect("kept");
    assert_eq!(unit.replace_runs(&[(result.id, run(&session, 2, [1, 2]))]).await.expect("replaced"), 1);
    let of = TallyFilter { results: of, major: 1 };
    unit.save_disclosed_summary(&of, 5, &serde_json::json!({})).await.expect("kept");
    unit.save_task(&mut task).await.expect("saved");
    unit.put_output(&task, 1, b"a").await.expect("kept");
    let asked = Participation::of(id(who), organization, session.origin, noon());
    unit.put_participations(&[asked]).await.expect("kept");
    unit.commit().await.expect("committed");
}

/// Each foreign key between rows of organisations, tried with a row of the other organisation.
#[tokio::test]
async fn a_row_never_points_into_another_organization() {
    const KEYS: &str = "
SELECT DISTINCT k.conrelid::regclass::text AS source, k.confrelid::regclass::text AS target, a.attname::text AS from,
  b.attname::text AS to,
  EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = k.conrelid AND t.tgname = 'frozen') AS frozen
FROM pg_constraint k CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS pair (source, target)
  JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.source
  JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = pair.target
WHERE k.contype = 'f' AND cardinality(k.conkey) > 1 AND a.attname NOT IN ('organization_id', 'id')
  AND a.attgenerated = '' AND k.connamespace IN ('assessment'::regnamespace, 'platform'::regnamespace)";
    let world = World::new().await;
    furnish(&world, world.north, 1, 100).await;
    furnish(&world, world.south, 3, 500).await;
    let mut admin = superuser(&world.database).await;
    let keys = sqlx::query(KEYS).fetch_all(&mut admin).await.expect("keys");
    assert!(keys.len() >= 20, "{} keys", keys.len());
    for key in &keys {
        let [source, target, from, to] =
            ["source", "target", "from", "to"].map(|column| key.get::<&str, _>(column));
        let steal = format!(
            "UPDATE {source} SET {from} = (
               SELECT {to} FROM {target} WHERE organization_id = '{}' AND {to} IS NOT NULL LIMIT 1)
             WHERE organization_id = '{}' AND {from} IS NOT NULL",
            world.north, world.south
        );
        admin.execute("BEGIN; SET CONSTRAINTS ALL IMMEDIATE").await.expect("begun");
        if key.get("frozen") {
            let thaw = format!("ALTER TABLE {source} DISABLE TRIGGER frozen");
            admin.execute(AssertSqlSafe(thaw)).await.expect("thawed");
        }
        let refused = try_sql(&mut admin, &steal).await;
        admin.execute("ROLLBACK").await.expect("undone");
        assert!(refused.as_ref().is_err_and(|error| error.starts_with("23503")), "{steal}: {refused:?}");
    }
}

#[tokio::test]
async fn a_session_of_another_organizations_assignment_is_refused() {
    let world = World::new().await;
    let north = world.ask(world.north, 1, 100).await;
    world.take(&north, 2, 200).await;
    let south = world.ask(world.south, 3, 500).await;
    let mut stolen = session(&south, id(900), 200, Some(id(3)));
    let mut unit = world.begin(Scope::Tenant(world.south)).await;
    let refused = unit.save_interview_session(&mut stolen).await;
    assert!(matches!(refused, Err(StoreError::Fault(_))), "{refused:?}");
}

#[tokio::test]
async fn every_table_of_an_organization_is_empty_to_another_and_cannot_be_written_for_it() {
    let world = World::new().await;
    let north = world.ask(world.north, 1, 100).await;
    let session = world.take(&north, 2, 200).await;
    world.score(&session, 300, [300, 320]).await;
    for table in [
        "custom_assessments",
        "custom_assessment_versions",
        "campaigns",
        "campaign_assignments",
        "interview_sessions",
        "custom_assessment_results",
    ] {
        let mut own = within(&world.database, "tenant", &world.north.to_string(), "").await;
        let mut other = within(&world.database, "tenant", &world.south.to_string(), "").await;
        let count = || AssertSqlSafe(format!("SELECT count(*) FROM assessment.{table}"));
        let there: i64 = sqlx::query_scalar(count()).fetch_one(&mut own).await.expect("counted");
        let here: i64 = sqlx::query_scalar(count()).fetch_one(&mut other).await.expect("counted");
        assert_eq!((there, here), (1, 0), "{table}");
    }
    let mut other = within(&world.database, "tenant", &world.south.to_string(), "").await;
    let forge = format!(
        "INSERT INTO assessment.participations (account_id, origin_id, session_type, organization_id)
         VALUES ('{}', gen_random_uuid(), 'campaign', '{}')",
        id::<()>(3),
        world.north
    );
    assert_eq!(try_sql(&mut other, &forge).await, Err("42501".to_owned()));
}

fn listing(number: u128, world: &World, status: MarketplaceStatus) -> Listing {
    Listing {
        assessment: id(number),
        organization: world.north,
        publisher: "North".to_owned(),
        slug: Slug::new("leadership").expect("a slug"),
        published: id(number + 1),
        version: super::version("1.0"),
        definition: super::definition(),
        source: None,
        status,
        price_tier: PriceTier::Free,
        offered_at: noon(),
    }
}

#[tokio::test]
async fn listings_that_wait_are_invisible_to_all_but_the_platform() {
    let world = World::new().await;
    let waiting = listing(100, &world, MarketplaceStatus::PendingReview);
    let shown = listing(200, &world, MarketplaceStatus::Published);
    let mut unit = world.begin(Scope::Worker).await;
    unit.put_listing(&waiting).await.expect("kept");
    unit.put_listing(&shown).await.expect("kept");
    unit.commit().await.expect("committed");
    let page = PageRequest::default();
    for scope in [Scope::Tenant(world.north), Scope::Tenant(world.south), Scope::Account(id(1))] {
        let listings = world.storage.listings(&ctx(scope), &page).await.expect("read").items;
        assert_eq!(listings, std::slice::from_ref(&shown), "{scope:?}");
        assert_eq!(world.storage.offers(&ctx(scope), &page).await.expect("read").items, []);
        assert_eq!(world.storage.listing(&ctx(scope), waiting.assessment).await.expect("read"), None);
        let mut unit = world.begin(scope).await;
        let refused = unit.put_listing(&shown).await;
        assert!(matches!(refused, Err(StoreError::OutOfScope)), "{refused:?}");
    }
    let platform = ctx(Scope::Platform);
    let offers = world.storage.offers(&platform, &page).await.expect("read").items;
    assert_eq!(offers, std::slice::from_ref(&waiting));
    assert_eq!(world.storage.listings(&platform, &page).await.expect("read").items, [shown]);
    assert_eq!(world.storage.listing(&platform, waiting.assessment).await.expect("read"), Some(waiting));
}

#[tokio::test]
async fn an_organization_adds_to_what_is_a_persons_and_reads_nothing_of_it() {
    let world = World::new().await;
    let origin = Origin::Coaching(id(70));
    let participation = Participation::of(id(2), world.north, origin, noon());
    for _ in 0..2 {
        let mut unit = world.begin(Scope::Tenant(world.north)).await;
        unit.put_participations(&[participation]).await.expect("again is no change");
        assert_eq!(unit.participations(id(2)).await.expect("read"), [], "not the organisation's to read");
        unit.commit().await.expect("committed");
    }
    let mut unit = world.begin(Scope::Account(id(3))).await;
    assert_eq!(unit.participations(id(2)).await.expect("read"), []);
    let mut unit = world.begin(Scope::Account(id(2))).await;
    assert_eq!(unit.participations(id(2)).await.expect("read"), [participation]);
    unit.delete_participation(id(2), origin.id()).await.expect("forgotten");
    assert_eq!(unit.participations(id(2)).await.expect("read"), []);
}
