//! Scoring stored results anew.

use assessment_engine::{
    AssessmentResult, DeliverySettings, Refused, Run,
    reading::{Assessments as _, ResultFilter},
    results::rescoring::{Rescore, rescored},
};
use assessment_format::Scorer;
use kernel::{
    Ctx, Kind, PageRequest, Refusal as _, Scope,
    task::{TaskService, TaskStatus},
};
use serde_json::json;
use std::sync::Arc;

use super::{
    session_fixture::{PLAIN, WHOLE},
    world::{TestOrganization, World},
};

async fn all(
    world: &World,
    org: &TestOrganization,
    assessment: assessment_engine::CustomAssessmentId,
) -> Vec<AssessmentResult> {
    let (ctx, page) = (&org.owner.ctx, PageRequest::default());
    let list = world.assessments.results.list(ctx, org.id, assessment, None, &page).await.unwrap();
    list.items.into_iter().map(|listed| listed.result).collect()
}

#[tokio::test]
async fn scoring_again_from_what_is_stored_gives_the_same_bytes() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, PLAIN).await;
    let campaign =
        world.campaign(&org, &org.owner, assessment, DeliverySettings::default(), (None, None)).await;
    for (n, steps) in [[5, 1], [3, 3], [1, 2], [4, 5]].into_iter().enumerate() {
        world.taken(&org, &campaign, &format!("p{n}@elsewhere.test"), steps).await;
    }
    let tenant = org.owner.ctx.within(Scope::Tenant(org.id));
    let filter = ResultFilter { assessment, campaign: None, run_by: None };
    let stored = world.storage.scoring_inputs(&tenant, &filter, None, 100).await.unwrap();
    let results = all(&world, &org, assessment).await;
    assert_eq!(stored.len(), 4);
    for one in &stored {
        let published = world.storage.published_version(&tenant, one.published).await.unwrap().unwrap();
        // From the snapshot alone: the definition as JSON, read back.
        let snapshot = published.definition.to_json();
        let definition = assessment_format::parse_json(snapshot.to_string()).definition.unwrap();
        let scorer = Scorer::new(&definition);
        let report = scorer.report(scorer.score(&one.answers, &one.ratings));
        let result = results.iter().find(|result| result.id == one.id).unwrap();
        let bytes = |run: &Run| scorer.report(run.outcome.clone()).to_canonical_json();
        assert_eq!(report.to_canonical_json(), bytes(&result.run));
        assert!(Run::of(1, &published, &report, world.now()).agrees(&result.run));
        assert_eq!(rescored(one, &published, &Scorer::new(&published.definition), world.now()), None);
    }
    let of = Rescore { assessment, campaign: None, version: None };
    let preview = world.assessments.rescoring.preview(&org.owner.ctx, org.id, of).await.unwrap();
    assert_eq!((preview.results, preview.changed, preview.first.len()), (4, 0, 0));
}

#[tokio::test]
async fn a_preview_stores_nothing_and_applying_puts_new_runs_before_the_old() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, PLAIN).await;
    let campaign =
        world.campaign(&org, &org.owner, assessment, DeliverySettings::default(), (None, None)).await;
    for (n, steps) in [[5, 1], [4, 3], [4, 3], [1, 5], [1, 5]].into_iter().enumerate() {
        world.taken(&org, &campaign, &format!("p{n}@elsewhere.test"), steps).await;
    }
    let summary =
        world.assessments.results.summary(&org.manager.ctx, org.id, assessment, None, None).await.unwrap();
    world.publish_version(&org, assessment, PLAIN.file("2.0", "3")).await;
    let version = Some("2.0".parse().unwrap());
    let of = Rescore { assessment, campaign: None, version };
    let (rescoring, ctx) = (&world.assessments.rescoring, &org.owner.ctx);

    let before = all(&world, &org, assessment).await;
    let preview = rescoring.preview(ctx, org.id, of).await.unwrap();
    assert_eq!((preview.results, preview.changed, preview.version), (5, 2, version));
    let moved = json!(preview.categories);
    assert_eq!(moved, json!([{ "from": "Growing", "to": "Ready", "results": 2 }]));
    assert_eq!(preview.first[0].overall_before, preview.first[0].overall_after);
    assert_eq!(all(&world, &org, assessment).await, before);

    let task = rescoring.apply(ctx, org.id, of).await.unwrap();
    world.work_off_twice().await;
    let task_service =
        TaskService::new(world.identity.gate(), Arc::new(world.storage.clone()), world.clock.clone());
    let task = task_service.task(ctx, org.id, task.id).await.unwrap();
    assert_eq!((task.status, &task.result), (TaskStatus::Succeeded, &json!({ "results": 5, "replaced": 5 })));
    let after = all(&world, &org, assessment).await;
    for (old, new) in before.iter().zip(&after) {
        assert_eq!((old.id, old.run.outcome.overall), (new.id, new.run.outcome.overall));
        assert_eq!((new.run.number, new.run.version.to_string()), (2, "2.0".to_owned()));
        let whole = world.assessments.results.one(ctx, org.id, assessment, new.id).await.unwrap();
        assert_eq!(whole.older_runs, std::slice::from_ref(&old.run), "the old run stays");
        assert_eq!(whole.published.version.to_string(), "2.0");
    }
    let ready = after.iter().filter(|result| result.run.matched_category.as_deref() == Some("Ready")).count();
    assert_eq!(ready, 3);
    let fresh =
        world.assessments.results.summary(&org.manager.ctx, org.id, assessment, None, None).await.unwrap();
    assert_eq!((summary.major, fresh.major), (1, 2));

    let again = rescoring.apply(ctx, org.id, of).await.unwrap();
    world.work_off_twice().await;
    let again = task_service.task(ctx, org.id, again.id).await.unwrap();
    assert_eq!(again.result, json!({ "results": 5, "replaced": 0 }), "what is as it would be stays");
    let operator = Ctx::new(kernel::Actor::System, Scope::Tenant(org.id));
    let back = Rescore { version: Some("1.0".parse().unwrap()), ..of };
    let mut seen = 0;
    let applied = rescoring.apply_all(&operator, org.id, back, |count| seen += count).await.unwrap();
    assert_eq!((applied.results, applied.replaced, seen), (5, 5, 5));
}

#[tokio::test]
async fn only_owners_and_admins_score_anew_and_only_by_what_was_published() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, WHOLE).await;
    let of = Rescore { assessment, campaign: None, version: None };
    let rescoring = &world.assessments.rescoring;
    for person in [&org.manager, &org.recruiter, &org.interviewer, &org.practitioner, &org.member] {
        let refused = rescoring.preview(&person.ctx, org.id, of).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Forbidden);
        assert_eq!(rescoring.apply(&person.ctx, org.id, of).await.unwrap_err().kind(), Kind::Forbidden);
    }
    let none = Rescore { version: Some("9.0".parse().unwrap()), ..of };
    let refused = rescoring.preview(&org.admin.ctx, org.id, none).await;
    assert!(matches!(refused, Err(Refused::Missing("version"))));
    let empty = rescoring.preview(&org.admin.ctx, org.id, of).await.unwrap();
    assert_eq!((empty.results, empty.changed), (0, 0));
}
