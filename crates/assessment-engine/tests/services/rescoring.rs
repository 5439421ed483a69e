//! Scoring stored results anew.

use assessment_engine::{
    Scorer,
    custom::{
        AssessmentResult, Refused, Run, Terms,
        reading::{Assessments as _, ResultFilter},
        rescoring::{Rescore, rescored},
    },
};
use kernel::{
    Ctx, Kind, PageRequest, Refusal as _, Scope,
    task::{Desk, TaskStatus},
};
use serde_json::json;
use std::sync::Arc;

use super::{
    sitting::{PLAIN, WHOLE},
    world::{Office, World},
};

async fn all(
    world: &World,
    office: &Office,
    paper: assessment_engine::custom::CustomAssessmentId,
) -> Vec<AssessmentResult> {
    let (ctx, page) = (&office.owner.ctx, PageRequest::default());
    let list = world.assessing.results.list(ctx, office.id, paper, None, &page).await.unwrap();
    list.items.into_iter().map(|listed| listed.result).collect()
}

#[tokio::test]
async fn scoring_again_from_what_is_stored_gives_the_same_bytes() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let paper = world.paper(&office, PLAIN).await;
    let campaign = world.campaign(&office, &office.owner, paper, Terms::default(), (None, None)).await;
    for (n, steps) in [[5, 1], [3, 3], [1, 2], [4, 5]].into_iter().enumerate() {
        world.taken(&office, &campaign, &format!("p{n}@elsewhere.test"), steps).await;
    }
    let tenant = office.owner.ctx.within(Scope::Tenant(office.id));
    let filter = ResultFilter { assessment: paper, campaign: None, run_by: None };
    let stored = world.storage.stored(&tenant, &filter, None, 100).await.unwrap();
    let results = all(&world, &office, paper).await;
    assert_eq!(stored.len(), 4);
    for one in &stored {
        let published = world.storage.published_version(&tenant, one.published).await.unwrap().unwrap();
        // From the snapshot alone: the definition as JSON, read back.
        let snapshot = published.definition.to_json();
        let definition = assessment_engine::parse_json(snapshot.to_string()).definition.unwrap();
        let scorer = Scorer::new(&definition);
        let report = scorer.report(scorer.score(&one.answers, &one.ratings));
        let result = results.iter().find(|result| result.id == one.id).unwrap();
        let bytes = |run: &Run| scorer.report(run.outcome.clone()).to_canonical_json();
        assert_eq!(report.to_canonical_json(), bytes(&result.run));
        assert!(Run::of(1, &published, &report, world.now()).agrees(&result.run));
        assert_eq!(rescored(one, &published, &Scorer::new(&published.definition), world.now()), None);
    }
    let of = Rescore { assessment: paper, campaign: None, version: None };
    let preview = world.assessing.rescoring.preview(&office.owner.ctx, office.id, of).await.unwrap();
    assert_eq!((preview.results, preview.changed, preview.first.len()), (4, 0, 0));
}

#[tokio::test]
async fn a_preview_stores_nothing_and_applying_puts_new_runs_before_the_old() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let paper = world.paper(&office, PLAIN).await;
    let campaign = world.campaign(&office, &office.owner, paper, Terms::default(), (None, None)).await;
    for (n, steps) in [[5, 1], [4, 3], [4, 3], [1, 5], [1, 5]].into_iter().enumerate() {
        world.taken(&office, &campaign, &format!("p{n}@elsewhere.test"), steps).await;
    }
    let summary =
        world.assessing.results.summary(&office.manager.ctx, office.id, paper, None, None).await.unwrap();
    world.edition(&office, paper, PLAIN.file("2.0", "3")).await;
    let version = Some("2.0".parse().unwrap());
    let of = Rescore { assessment: paper, campaign: None, version };
    let (rescoring, ctx) = (&world.assessing.rescoring, &office.owner.ctx);

    let before = all(&world, &office, paper).await;
    let preview = rescoring.preview(ctx, office.id, of).await.unwrap();
    assert_eq!((preview.results, preview.changed, preview.version), (5, 2, version));
    let moved = json!(preview.categories);
    assert_eq!(moved, json!([{ "from": "Growing", "to": "Ready", "results": 2 }]));
    assert_eq!(preview.first[0].overall_before, preview.first[0].overall_after);
    assert_eq!(all(&world, &office, paper).await, before);

    let task = rescoring.apply(ctx, office.id, of).await.unwrap();
    world.work_off_twice().await;
    let desk = Desk::new(world.identity.gate(), Arc::new(world.storage.clone()), world.clock.clone());
    let task = desk.task(ctx, office.id, task.id).await.unwrap();
    assert_eq!((task.status, &task.result), (TaskStatus::Succeeded, &json!({ "results": 5, "replaced": 5 })));
    let after = all(&world, &office, paper).await;
    for (old, new) in before.iter().zip(&after) {
        assert_eq!((old.id, old.run.outcome.overall), (new.id, new.run.outcome.overall));
        assert_eq!((new.run.number, new.run.version.to_string()), (2, "2.0".to_owned()));
        let whole = world.assessing.results.one(ctx, office.id, paper, new.id).await.unwrap();
        assert_eq!(whole.older_runs, std::slice::from_ref(&old.run), "the old run stays");
        assert_eq!(whole.published.version.to_string(), "2.0");
    }
    let ready = after.iter().filter(|result| result.run.matched_category.as_deref() == Some("Ready")).count();
    assert_eq!(ready, 3);
    let fresh =
        world.assessing.results.summary(&office.manager.ctx, office.id, paper, None, None).await.unwrap();
    assert_eq!((summary.major, fresh.major), (1, 2));

    let again = rescoring.apply(ctx, office.id, of).await.unwrap();
    world.work_off_twice().await;
    let again = desk.task(ctx, office.id, again.id).await.unwrap();
    assert_eq!(again.result, json!({ "results": 5, "replaced": 0 }), "what is as it would be stays");
    let operator = Ctx::new(kernel::Actor::System, Scope::Tenant(office.id));
    let back = Rescore { version: Some("1.0".parse().unwrap()), ..of };
    let mut seen = 0;
    let applied = rescoring.apply_all(&operator, office.id, back, |count| seen += count).await.unwrap();
    assert_eq!((applied.results, applied.replaced, seen), (5, 5, 5));
}

#[tokio::test]
async fn only_owners_and_admins_score_anew_and_only_by_what_was_published() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let paper = world.paper(&office, WHOLE).await;
    let of = Rescore { assessment: paper, campaign: None, version: None };
    let rescoring = &world.assessing.rescoring;
    for person in
        [&office.manager, &office.recruiter, &office.interviewer, &office.practitioner, &office.member]
    {
        let refused = rescoring.preview(&person.ctx, office.id, of).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Forbidden);
        assert_eq!(rescoring.apply(&person.ctx, office.id, of).await.unwrap_err().kind(), Kind::Forbidden);
    }
    let none = Rescore { version: Some("9.0".parse().unwrap()), ..of };
    let refused = rescoring.preview(&office.admin.ctx, office.id, none).await;
    assert!(matches!(refused, Err(Refused::Missing("version"))));
    let empty = rescoring.preview(&office.admin.ctx, office.id, of).await.unwrap();
    assert_eq!((empty.results, empty.changed), (0, 0));
}
