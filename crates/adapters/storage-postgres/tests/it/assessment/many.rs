//! Many rows: each list is read by an index that has its order, and batches as well.

use std::collections::BTreeSet;

use assessment_engine::{
    Assessments, CampaignStatus,
    authoring::assessment::AssessmentStatus,
    reading::{AssessmentFilter, CampaignFilter, ResultFilter, TallyFilter},
};
use assessment_format::{
    session::{Event, Reason},
    summary::Tally,
};
use kernel::{Limit, PageRequest, Scope, StoreError, task::TaskReader};
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _};

use super::{World, run};
use crate::support::{ctx, gone, id, noon, superuser};

/// So many rows of each kind, beside those the world made.
async fn crowd(world: &World, count: u32) -> PgConnection {
    let mut admin = superuser(&world.database).await;
    let script = include_str!("crowd.sql").replace("$count", &count.to_string());
    // One by one: VACUUM takes no other statement beside it.
    for statement in script.split(";\n").filter(|statement| !statement.trim().is_empty()) {
        admin.execute(AssertSqlSafe(statement.to_owned())).await.expect("a crowd");
    }
    admin
}

/// What was scanned since the statistics began: tables whole, indexes at all.
async fn scans(admin: &mut PgConnection) -> (BTreeSet<String>, BTreeSet<String>) {
    let read = async |admin: &mut PgConnection, sql| {
        let rows = sqlx::query(sql).fetch_all(admin).await.expect("statistics");
        rows.iter().map(|row| row.get("name")).collect()
    };
    let schemas = "schemaname IN ('assessment', 'platform')";
    let whole =
        format!("SELECT relname::text AS name FROM pg_stat_all_tables WHERE {schemas} AND seq_scan > 0");
    let indexes = format!(
        "SELECT indexrelname::text AS name FROM pg_stat_all_indexes WHERE {schemas} AND idx_scan > 0"
    );
    (read(admin, AssertSqlSafe(whole)).await, read(admin, AssertSqlSafe(indexes)).await)
}

/// Reads the first page and the one after it.
async fn two_pages<T>(read: impl AsyncFn(PageRequest) -> Result<kernel::Page<T>, StoreError>) {
    let limit = Limit::new(5).expect("a limit");
    let first = read(PageRequest { limit, after: None }).await.expect("a page");
    assert_eq!(first.items.len(), 5);
    let second = read(PageRequest { limit, after: first.next }).await.expect("a page");
    assert!(!second.items.is_empty());
}

#[tokio::test]
async fn each_list_is_read_by_the_index_that_has_its_order() {
    let mut world = World::new().await;
    let fixture = world.ask(world.north, 1, 100).await;
    let session = world.take(&fixture, 2, 200).await;
    world.score(&session, 300, [300, 320]).await;
    let mut admin = crowd(&world, 3_000).await;
    gone(&world.storage, &mut admin).await;
    admin.execute("SELECT pg_stat_force_next_flush()").await.expect("told");
    admin.execute("SELECT pg_stat_reset()").await.expect("from nothing");
    world.storage = crate::support::storage(&world.database, 2).await;

    let storage = &world.storage;
    let (tenant, account) = (ctx(Scope::Tenant(world.north)), ctx(Scope::Account(id(2))));
    let assessment = super::assessment_of(&fixture);
    let (all, active) =
        (AssessmentFilter::default(), AssessmentFilter { status: Some(AssessmentStatus::Active) });
    two_pages(async |page| storage.assessments(&tenant, &all, &page).await).await;
    two_pages(async |page| storage.assessments(&tenant, &active, &page).await).await;
    two_pages(async |page| storage.versions(&tenant, assessment, &page).await).await;
    for filter in [
        CampaignFilter::default(),
        CampaignFilter { status: Some(CampaignStatus::Active), ..CampaignFilter::default() },
        CampaignFilter { assessment: Some(assessment), ..CampaignFilter::default() },
        CampaignFilter { created_by: Some(id(1)), ..CampaignFilter::default() },
    ] {
        two_pages(async |page| storage.campaigns(&tenant, &filter, &page).await).await;
    }
    two_pages(async |page| storage.assignments(&tenant, fixture.campaign, &page).await).await;
    for coach in [None, Some(id(1))] {
        two_pages(async |page| storage.coaching_sessions(&tenant, coach, &page).await).await;
    }
    two_pages(async |page| Assessments::participations(storage, &account, id(2), &page).await).await;
    let results = ResultFilter { assessment, campaign: None, run_by: None };
    for filter in [
        results,
        ResultFilter { campaign: Some(fixture.campaign), ..results },
        ResultFilter { run_by: Some(id(1)), ..results },
    ] {
        two_pages(async |page| storage.results(&tenant, &filter, &page).await).await;
    }
    two_pages(async |page| storage.listings(&account, &page).await).await;
    two_pages(async |page| storage.offers(&ctx(Scope::Platform), &page).await).await;
    for only in [None, Some(id(2))] {
        two_pages(async |page| storage.tasks(&tenant, only, &page).await).await;
    }
    let figures = storage.figures(&tenant, fixture.campaign).await.expect("figures");
    assert_eq!((figures.assigned, figures.invited), (301, 150));
    let batch = storage.scoring_inputs(&tenant, &results, None, 50).await.expect("a batch");
    storage.scoring_inputs(&tenant, &results, Some(batch[49].id), 50).await.expect("the next");
    let mut unit = world.begin(Scope::Tenant(world.north)).await;
    assert_eq!(unit.assignments_to_invite(fixture.campaign, 7).await.expect("read").len(), 7);
    assert_eq!(unit.assignments_to_remind(fixture.campaign, noon(), 7).await.expect("read").len(), 7);
    unit.result_of(session.id).await.expect("read").expect("it is there");
    unit.session_of(session.origin).await.expect("read").expect("it is there");
    unit.slugs_like(world.north, &"a-1".parse().expect("a slug")).await.expect("read");
    unit.answers(batch[0].session).await.expect("read");
    let runs: Vec<_> = batch.iter().map(|of| (of.id, run(&session, 2, [100, 110]))).collect();
    assert_eq!(unit.replace_runs(&runs).await.expect("replaced"), 50);
    unit.commit().await.expect("committed");

    gone(storage, &mut admin).await;
    let expected = [
        "campaign_assignments_list",
        "campaign_assignments_to_invite",
        "campaigns_created_by",
        "campaigns_custom_assessment",
        "campaigns_list",
        "campaigns_status",
        "coaching_sessions_coach",
        "coaching_sessions_list",
        "custom_assessment_results_campaign",
        "custom_assessment_results_interview",
        "custom_assessment_results_list",
        "custom_assessment_results_run_by",
        "custom_assessment_versions_list",
        "custom_assessments_list",
        "custom_assessments_organization_id_slug_key",
        "custom_assessments_status",
        "interview_sessions_origin_key",
        "marketplace_listings_list",
        "participations_list",
        "session_answers_pkey",
        "tasks_list",
        "tasks_user",
    ];
    let (whole, used) = scans(&mut admin).await;
    assert_eq!(whole, BTreeSet::new(), "read whole");
    let missing: Vec<_> = expected.into_iter().filter(|index| !used.contains(*index)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[tokio::test]
async fn a_batch_holds_what_each_result_was_computed_from_and_a_tally_counts_them_all() {
    let world = World::new().await;
    let fixture = world.ask(world.north, 1, 100).await;
    let mut session = world.take(&fixture, 2, 200).await;
    let reason = Reason::new("A mistake").expect("a reason");
    world.score(&session, 300, [300, 320]).await;
    crowd(&world, 100).await;
    let tenant = ctx(Scope::Tenant(world.north));
    let results = ResultFilter { assessment: super::assessment_of(&fixture), campaign: None, run_by: None };
    let all = world.storage.scoring_inputs(&tenant, &results, None, 1_000).await.expect("a batch");
    assert_eq!(all.len(), 11);
    assert!(all.is_sorted_by_key(|of| of.id));
    assert_eq!(all[0].answers.iter().count(), 0);
    assert!(all[1..].iter().all(|of| of.answers.iter().count() == 4 && of.outcome.dimensions.len() == 2));
    let rest = world.storage.scoring_inputs(&tenant, &results, Some(all[4].id), 3).await.expect("a batch");
    assert_eq!(rest, all[5..8]);
    assert_eq!(world.storage.count_results(&tenant, &results).await.expect("counted"), 11);

    // All other campaigns have one result each, which a summary of all of them must not tell.
    let own = ResultFilter { campaign: Some(fixture.campaign), ..results };
    let mut expected = Tally::new(&fixture.published.definition);
    for of in world.storage.scoring_inputs(&tenant, &own, None, 1_000).await.expect("a batch") {
        expected.add(&of.outcome);
    }
    assert_eq!(expected.results(), 6);
    for results in [own, results] {
        let mut tally = Tally::new(&fixture.published.definition);
        world.storage.tally(&tenant, &TallyFilter { results, major: 1 }, &mut tally).await.expect("counted");
        assert_eq!(tally, expected);
        let other = TallyFilter { results, major: 2 };
        world.storage.tally(&tenant, &other, &mut tally).await.expect("counted");
        assert_eq!(tally, expected, "another major version scores otherwise");
    }

    session.happen(&Event::Void { reason }, Vec::new(), noon()).expect("it can be voided");
    let mut unit = world.begin(Scope::Tenant(world.north)).await;
    unit.save_interview_session(&mut session).await.expect("saved");
    unit.commit().await.expect("committed");
    let counting = world.storage.scoring_inputs(&tenant, &results, None, 1_000).await.expect("a batch");
    assert_eq!(counting, all[1..]);
}
