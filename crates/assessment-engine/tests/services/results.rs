//! Results: whole for those who may see persons, summed up for those who may not, and disclosed to whose they are.

use assessment_engine::{
    DeliverySettings, Refused,
    results::{ExportOptions, Format},
};
use assessment_format::session::Stage;
use kernel::{
    Ctx, Kind, Limit, PageRequest, Refusal as _, Scope,
    task::{Task, TaskReader as _, TaskService, TaskStatus},
};
use serde_json::{Value, json};
use std::sync::Arc;

use super::{
    session_fixture::{PLAIN, SampleAssessment, stage},
    world::{TestOrganization, World},
};

#[tokio::test]
async fn a_person_sees_what_the_assessment_discloses_and_not_more() {
    for (disclosure, seen) in [
        ("full", json!(["category", "dimensions", "disclosure", "explanation", "overallScore"])),
        ("teaser", json!(["category", "disclosure"])),
        ("none", json!(["disclosure"])),
    ] {
        let world = World::new();
        let org = world.org("North Wind").await;
        let assessment = world.published(&org, SampleAssessment { disclosure, ..PLAIN }).await;
        let campaign =
            world.campaign(&org, &org.owner, assessment, DeliverySettings::default(), (None, None)).await;
        let (guest, _) = world.taken(&org, &campaign, "ann@elsewhere.test", [5, 1]).await;
        let session = world.begun(&org, &campaign, &org.member).await;
        assert_eq!(stage(&world.fill(&org.member.ctx, session, [5, 1]).await), Stage::Released);
        let results = &world.assessments.results;
        for ctx in [&guest, &org.member.ctx] {
            let mine = results.mine(ctx, &PageRequest::default()).await.unwrap().items;
            assert_eq!(mine.len(), 1);
            let whole = results.my_one(ctx, mine[0].id).await.unwrap();
            let keys: Vec<&String> = whole.disclosed.as_object().unwrap().keys().collect();
            assert_eq!(json!(keys), seen, "{disclosure}");
            if disclosure == "teaser" {
                assert_eq!(
                    whole.disclosed["category"],
                    json!({ "name": "Ready", "description": "Go ahead." })
                );
            }
        }
        let of_guest = results.mine(&guest, &PageRequest::default()).await.unwrap().items[0].id;
        for stranger in [&org.member.ctx, &org.owner.ctx, &org.candidate.ctx] {
            assert_eq!(results.my_one(stranger, of_guest).await.unwrap_err().kind(), Kind::Missing);
        }
    }
}

#[tokio::test]
async fn who_runs_it_sees_results_managers_and_strangers_do_not() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let other = world.org("South Wind").await;
    let assessment = world.published(&org, PLAIN).await;
    let campaign =
        world.campaign(&org, &org.recruiter, assessment, DeliverySettings::default(), (None, None)).await;
    world.taken(&org, &campaign, "ann@elsewhere.test", [5, 1]).await;
    let results = &world.assessments.results;
    let list = async |ctx: &Ctx| results.list(ctx, org.id, assessment, None, &PageRequest::default()).await;
    for person in [&org.owner, &org.admin, &org.recruiter] {
        let items = list(&person.ctx).await.unwrap().items;
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].subject.email.as_ref().unwrap().to_string(), "ann@elsewhere.test");
        let whole = results.one(&person.ctx, org.id, assessment, items[0].result.id).await.unwrap();
        assert_eq!(whole.result.run.dimension_scores, json!({ "Focus": 5, "Reach": 5 }));
        assert_eq!(whole.result.run.matched_category_data.as_ref().unwrap()["name"], json!("Ready"));
        assert_eq!(whole.published.definition.settings.version.to_string(), "1.0");
        assert!(whole.explanation.is_some() && whole.older_runs.is_empty());
    }
    let id = list(&org.owner.ctx).await.unwrap().items[0].result.id;
    for person in [&org.manager, &org.practitioner] {
        assert!(list(&person.ctx).await.unwrap().items.is_empty());
        let refused = results.one(&person.ctx, org.id, assessment, id).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Missing);
        let refused =
            results.list(&person.ctx, org.id, assessment, Some(campaign.id), &PageRequest::default()).await;
        assert_eq!(refused.unwrap_err().kind(), Kind::Missing);
    }
    for person in [&org.interviewer, &org.member, &org.candidate] {
        assert_eq!(list(&person.ctx).await.unwrap_err().kind(), Kind::Forbidden);
    }
    assert_eq!(list(&other.owner.ctx).await.unwrap_err().kind(), Kind::Missing);
    let elsewhere = results.one(&other.owner.ctx, other.id, assessment, id).await.unwrap_err();
    assert_eq!(elsewhere.kind(), Kind::Missing);
}

#[tokio::test]
async fn a_summary_comes_from_five_results_up_and_moves_in_fives() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, PLAIN).await;
    let campaign =
        world.campaign(&org, &org.recruiter, assessment, DeliverySettings::default(), (None, None)).await;
    let results = &world.assessments.results;
    let summary = async |ctx: &Ctx| results.summary(ctx, org.id, assessment, None, None).await;
    for n in 0..4 {
        world.taken(&org, &campaign, &format!("p{n}@elsewhere.test"), [5, 1]).await;
    }
    assert!(matches!(summary(&org.manager.ctx).await, Err(Refused::TooFewResults)));
    world.taken(&org, &campaign, "p4@elsewhere.test", [5, 1]).await;
    let five = summary(&org.manager.ctx).await.unwrap();
    assert_eq!((five.major, &five.summary["results"]), (1, &json!(5)));
    assert_eq!(five.summary["overall"]["mean"], json!(5));
    for n in 5..9 {
        world.taken(&org, &campaign, &format!("p{n}@elsewhere.test"), [1, 5]).await;
        assert_eq!(summary(&org.manager.ctx).await.unwrap().summary, five.summary, "one more tells nothing");
    }
    world.taken(&org, &campaign, "p9@elsewhere.test", [1, 5]).await;
    let ten = summary(&org.manager.ctx).await.unwrap().summary;
    assert_eq!((&ten["results"], &ten["overall"]["mean"]), (&json!(10), &json!(3)));
    assert_eq!(summary(&org.recruiter.ctx).await.unwrap().summary["results"], json!(10));
    assert!(matches!(summary(&org.practitioner.ctx).await, Err(Refused::TooFewResults)));
    assert_eq!(summary(&org.interviewer.ctx).await.unwrap_err().kind(), Kind::Forbidden);
    let none = results.summary(&org.owner.ctx, org.id, assessment, None, Some(2)).await;
    assert!(matches!(none, Err(Refused::TooFewResults)));
}

fn task_service(world: &World) -> TaskService {
    TaskService::new(world.identity.gate(), Arc::new(world.storage.clone()), world.clock.clone())
}

async fn text(world: &World, org: &TestOrganization, ctx: &Ctx, task: &Task) -> String {
    let task_service = task_service(world);
    let (ctx, task) = task_service.output(ctx, org.id, task.id).await.unwrap();
    let mut bytes = Vec::new();
    for part in 1..=task.output.as_ref().unwrap().parts {
        bytes.extend(task_service.part(&ctx, task.id, part).await.unwrap());
    }
    assert_eq!(bytes.len() as u64, task.output.as_ref().unwrap().size_bytes);
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn an_export_holds_what_its_orderer_sees_and_no_formula() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, PLAIN).await;
    let own =
        world.campaign(&org, &org.recruiter, assessment, DeliverySettings::default(), (None, None)).await;
    let of_owner =
        world.campaign(&org, &org.owner, assessment, DeliverySettings::default(), (None, None)).await;
    world.taken(&org, &own, "+ann@elsewhere.test", [5, 1]).await;
    world.taken(&org, &of_owner, "ben@elsewhere.test", [1, 1]).await;
    let results = &world.assessments.results;
    let order = async |ctx: &Ctx, format| {
        results.export(ctx, org.id, assessment, ExportOptions::of(format)).await.unwrap()
    };

    let task = order(&org.recruiter.ctx, Format::Csv).await;
    assert_eq!((task.status, task.total), (TaskStatus::Queued, Some(1)));
    let early = task_service(&world).output(&org.recruiter.ctx, org.id, task.id).await.unwrap_err();
    assert_eq!(early.code(), "task.no_output");
    world.work_off_twice().await;
    let csv = text(&world, &org, &org.recruiter.ctx, &task).await;
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert!(lines[0].ends_with("overall_score,matched_category,Focus,Reach"), "{csv}");
    assert!(
        lines[1].contains(",'+ann@elsewhere.test,") && lines[1].ends_with(",5.00,Ready,5.00,5.00"),
        "{csv}"
    );
    assert_eq!((lines.len(), lines[2]), (3, ""));

    let task = order(&org.owner.ctx, Format::Ndjson).await;
    world.work_off_twice().await;
    let lines = text(&world, &org, &org.owner.ctx, &task).await;
    let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["dimension_scores"], json!({ "focus": 1, "reach": 5 }));
    let done = task_service(&world).task(&org.owner.ctx, org.id, task.id).await.unwrap();
    assert_eq!((done.status, done.done, &done.result), (TaskStatus::Succeeded, 2, &json!({ "results": 2 })));

    for (stranger, code) in [(&org.recruiter, "task.not_found"), (&org.member, "identity.forbidden")] {
        let refused = task_service(&world).task(&stranger.ctx, org.id, task.id).await.unwrap_err();
        assert_eq!(refused.code(), code);
    }
    let all = task_service(&world).tasks(&org.admin.ctx, org.id, &PageRequest::default()).await.unwrap();
    assert_eq!(all.items.len(), 2);
    world.pass(8 * 24 * 3600);
    let gone = task_service(&world).output(&org.owner.ctx, org.id, task.id).await.unwrap_err();
    assert_eq!(gone.code(), "task.no_output");
    let worker = Ctx::new(kernel::Actor::System, Scope::Worker);
    let before = world.now().minus(Task::OUTPUT_LIFE);
    assert_eq!(world.storage.forget_output(&worker, before).await.unwrap(), 2);
}

#[tokio::test]
async fn a_long_export_goes_on_part_by_part_and_none_twice() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, PLAIN).await;
    let campaign =
        world.campaign(&org, &org.owner, assessment, DeliverySettings::default(), (None, None)).await;
    for n in 0..1_003 {
        world.taken(&org, &campaign, &format!("p{n}@elsewhere.test"), [5, 1]).await;
    }
    let task = world
        .assessments
        .results
        .export(&org.owner.ctx, org.id, assessment, ExportOptions::of(Format::Csv))
        .await
        .unwrap();
    world.work_off_twice().await;
    let csv = text(&world, &org, &org.owner.ctx, &task).await;
    let mut people: Vec<&str> = csv.lines().skip(1).map(|line| line.split(',').nth(5).unwrap()).collect();
    people.sort_unstable();
    people.dedup();
    assert_eq!((csv.lines().count(), people.len()), (1_004, 1_003));
    let done = task_service(&world).task(&org.owner.ctx, org.id, task.id).await.unwrap();
    assert_eq!((done.done, done.output.as_ref().unwrap().parts), (1_003, 2));
}

#[tokio::test]
async fn results_come_in_pages() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.published(&org, PLAIN).await;
    let campaign =
        world.campaign(&org, &org.owner, assessment, DeliverySettings::default(), (None, None)).await;
    for n in 0..5 {
        world.taken(&org, &campaign, &format!("p{n}@elsewhere.test"), [5, 1]).await;
        world.pass(1);
    }
    let (results, ctx) = (&world.assessments.results, &org.owner.ctx);
    let mut page = PageRequest { limit: Limit::new(2).unwrap(), after: None };
    let mut seen = Vec::new();
    loop {
        let found = results.list(ctx, org.id, assessment, Some(campaign.id), &page).await.unwrap();
        seen.extend(found.items.into_iter().map(|listed| listed.result.created_at));
        match found.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first");
}
