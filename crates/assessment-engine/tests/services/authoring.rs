//! Writing assessments, and publishing versions that never change.

use std::sync::Arc;

use assessment_engine::{
    AssessmentStatus, CustomAssessment, Refused, SourceType, Unit,
    authoring::{AssessmentChange, Input, assessment::Draft},
    reading::AssessmentFilter,
};
use assessment_format::{
    Slug, Version,
    comparison::Level,
    definition::{Disclosure, Style},
};
use kernel::{Clock as _, Kind, Limit, PageRequest, Refusal as _, Scope, Store as _};
use serde_json::{Value, json};

use super::world::{Person, TestOrganization, World};

/// A small file of this name and version, with a dimension of this weight.
fn file(name: &str, version: &str, weight: &str) -> String {
    format!(
        "---\n\
         schema: assessment/1\n\
         name: {name}  # as on the poster\n\
         version: \"{version}\"\n\
         type: single-outcome\n\
         scale: {{ min: 1, max: 5 }}\n\
         ---\n\
         # {name}\n\
         \n\
         ## Dimensions\n\
         ### Focus\n\
         - id: focus\n\
         - weight: {weight}\n\
         Stays with a thing.\n\
         \n\
         ## Result categories\n\
         ### Ready\n\
         - when: overall >= 4\n\
         ### Growing\n\
         - default: true\n\
         \n\
         ## Items\n\
         1. I finish what I begin.\n\
         \x20  - id: i1\n\
         \x20  - measures: focus\n\
         \x20  - answer: agree-5\n"
    )
}

fn sound(name: &str) -> Input {
    Input::Markdown(file(name, "1.0", "1.0"))
}

fn definition() -> Value {
    json!({
        "metadata": { "name": "Built", "version": "1.0", "type": "single-outcome", "scale": { "min": 1, "max": 5 } },
        "dimensions": [{ "name": "Focus", "weight": 1, "description": "Stays with a thing." }],
        "resultCategories": [{ "name": "Ready", "when": "overall >= 4" }, { "name": "Growing", "default": true }],
        "items": [{ "id": "i1", "text": "I finish.", "measures": [{ "dimension": "focus" }], "answer": "agree-5" }],
    })
}

async fn written(world: &World, org: &TestOrganization, by: &Person, input: Input) -> CustomAssessment {
    world.assessments.authoring.write(&by.ctx, org.id, input, None).await.unwrap()
}

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

#[tokio::test]
async fn a_file_becomes_a_draft_and_comes_back_byte_for_byte() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let sent = format!("\u{feff}{}", file("Führung", "1.0", "100%").replace('\n', "\r\n"));
    let draft = written(&world, &org, &org.manager, Input::Markdown(sent.clone())).await;
    assert_eq!(draft.slug.as_str(), "fuhrung");
    assert_eq!((draft.status, draft.source_type), (AssessmentStatus::Draft, SourceType::Upload));
    assert_eq!(draft.created_by, org.manager.account);
    let read = world.assessments.authoring.get(&org.interviewer.ctx, org.id, draft.id).await.unwrap();
    assert_eq!(read, draft);
    assert_eq!(read.draft.markdown(), sent);
}

#[tokio::test]
async fn what_a_builder_put_together_has_a_printed_file() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let draft = written(&world, &org, &org.owner, Input::Definition(definition())).await;
    assert_eq!((draft.source_type, &draft.draft.source), (SourceType::Builder, &None));
    let printed = draft.draft.markdown();
    let read = assessment_format::parse(&printed).definition.unwrap();
    assert_eq!(read, *draft.draft.definition);
}

#[tokio::test]
async fn a_faulty_file_is_refused_with_every_fault_and_a_check_keeps_nothing() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let authoring = &world.assessments.authoring;
    let faulty = Input::Markdown(file("Focus", "1.0", "0.9").replace("overall >= 4", "overal >= 4"));
    let checked = authoring.lint(&org.owner.ctx, org.id, &faulty).await.unwrap();
    let refused = authoring.write(&org.owner.ctx, org.id, faulty, None).await.unwrap_err();
    let Refused::Faulty(diagnostics) = refused else { panic!("{refused}") };
    assert_eq!(diagnostics, checked.diagnostics);
    assert!(checked.definition.is_none());
    let told: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
    assert!(told.len() >= 2, "{told:?}");
    assert!(told.iter().all(|fault| fault.contains(':')), "{told:?}");

    let mut built = definition();
    built.as_object_mut().unwrap().remove("dimensions");
    let refused = authoring.write(&org.owner.ctx, org.id, Input::Definition(built), None).await;
    let Err(Refused::Faulty(diagnostics)) = refused else { panic!("{refused:?}") };
    assert!(
        diagnostics.iter().any(|fault| fault.to_string().starts_with("/dimensions: ")),
        "{diagnostics:?}"
    );

    let sound = authoring.lint(&org.owner.ctx, org.id, &sound("Focus")).await.unwrap();
    assert_eq!(sound.definition.unwrap().settings.name, "Focus");
    let filter = AssessmentFilter::default();
    let all = authoring.list(&org.owner.ctx, org.id, &filter, &PageRequest::default()).await.unwrap();
    assert!(all.items.is_empty());
}

#[tokio::test]
async fn a_slug_made_of_the_name_is_numbered_and_a_given_one_must_be_free() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let authoring = &world.assessments.authoring;
    for expected in ["focus", "focus-2", "focus-3"] {
        assert_eq!(written(&world, &org, &org.owner, sound("Focus")).await.slug.as_str(), expected);
    }
    let given = authoring.write(&org.owner.ctx, org.id, sound("Focus"), Some(slug("focus-2"))).await;
    assert!(matches!(given, Err(Refused::SlugTaken(taken)) if taken.as_str() == "focus-2"));
    let in_file = file("Focus", "1.0", "1").replace("type:", "slug: focus\ntype:");
    let named = authoring.write(&org.owner.ctx, org.id, Input::Markdown(in_file), None).await;
    assert!(matches!(named, Err(Refused::SlugTaken(_))), "{named:?}");

    let other = world.org("South Wind").await;
    assert_eq!(written(&world, &other, &other.owner, sound("Focus")).await.slug.as_str(), "focus");
    let long = "Words ".repeat(19);
    let first = written(&world, &org, &org.owner, sound(long.trim())).await;
    let second = written(&world, &org, &org.owner, sound(long.trim())).await;
    let third = written(&world, &org, &org.owner, sound(long.trim())).await;
    assert!(first.slug != second.slug && second.slug != third.slug && first.slug != third.slug);
    assert!(second.slug.as_str().ends_with("-2") && third.slug.as_str().ends_with("-3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn authors_who_write_at_once_get_a_slug_each() {
    let world = Arc::new(World::new());
    let org = world.org("North Wind").await;
    let writing = (0..4).map(|_| {
        let (world, ctx, id) = (world.clone(), org.owner.ctx.clone(), org.id);
        tokio::spawn(async move { world.assessments.authoring.write(&ctx, id, sound("Focus"), None).await })
    });
    let mut slugs = Vec::new();
    for written in writing.collect::<Vec<_>>() {
        slugs.push(written.await.unwrap().unwrap().slug.to_string());
    }
    slugs.sort();
    assert_eq!(slugs, ["focus", "focus-2", "focus-3", "focus-4"]);
}

#[tokio::test]
async fn who_may_write_his_own_alone_reaches_nobody_elses() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let authoring = &world.assessments.authoring;
    for person in [&org.interviewer, &org.member, &org.candidate] {
        let refused = authoring.write(&person.ctx, org.id, sound("Focus"), None).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Forbidden);
    }
    let of_owner = written(&world, &org, &org.owner, sound("Focus")).await;
    let other = world.org("South Wind").await;
    for person in [&org.manager, &org.recruiter, &org.practitioner] {
        let own = written(&world, &org, person, sound("Own")).await;
        authoring.delete(&person.ctx, org.id, own.id, own.version()).await.unwrap();
        let seen = authoring.get(&person.ctx, org.id, of_owner.id).await.unwrap();
        let delete = authoring.delete(&person.ctx, org.id, seen.id, seen.version()).await.unwrap_err();
        let publish = authoring.publish(&person.ctx, org.id, seen.id).await.unwrap_err();
        assert_eq!((delete.kind(), publish.kind()), (Kind::Missing, Kind::Missing));
    }
    for person in [&org.member, &org.candidate] {
        let refused = authoring.get(&person.ctx, org.id, of_owner.id).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Forbidden);
    }
    let outside = authoring.get(&other.owner.ctx, org.id, of_owner.id).await.unwrap_err();
    let through_own = authoring.get(&other.owner.ctx, other.id, of_owner.id).await.unwrap_err();
    assert_eq!((outside.kind(), through_own.kind()), (Kind::Missing, Kind::Missing));
}

#[tokio::test]
async fn a_field_is_changed_in_the_definition_and_in_the_file() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let authoring = &world.assessments.authoring;
    let draft = written(&world, &org, &org.owner, sound("Focus")).await;
    let change = AssessmentChange {
        slug: Some(slug("attention")),
        name: Some("Attention: *now*".to_owned()),
        description: Some("What holds it.".to_owned()),
        disclosure: Some(Disclosure::Teaser),
        style: Some(Style::new(1).unwrap()),
        allow_override: Some(false),
    };
    let (ctx, id) = (&org.owner.ctx, draft.id);
    let edited = authoring.edit(ctx, org.id, id, draft.version(), change.clone()).await.unwrap();
    assert_eq!(edited.slug.as_str(), "attention");
    let file = edited.draft.source.clone().unwrap();
    assert!(file.contains("# as on the poster") && file.contains("result_disclosure: teaser"), "{file}");
    assert_eq!(assessment_format::parse(&file).definition.unwrap(), *edited.draft.definition);

    let stale = authoring.edit(ctx, org.id, id, draft.version(), change.clone()).await.unwrap_err();
    assert_eq!(stale.kind(), Kind::Stale);
    let same = authoring.edit(ctx, org.id, id, edited.version(), change).await.unwrap();
    assert_eq!(same.version(), edited.version(), "nothing changed, so that nothing was saved");
    let nameless = AssessmentChange { name: Some(String::new()), ..AssessmentChange::default() };
    let refused = authoring.edit(ctx, org.id, id, edited.version(), nameless).await;
    let Err(Refused::Faulty(faults)) = refused else { panic!("{refused:?}") };
    assert!(faults[0].to_string().starts_with("/metadata/name: "), "{faults:?}");

    let other = written(&world, &org, &org.owner, sound("Focus")).await;
    let taken = AssessmentChange { slug: Some(slug("attention")), ..AssessmentChange::default() };
    let refused = authoring.edit(ctx, org.id, other.id, other.version(), taken).await;
    assert!(matches!(refused, Err(Refused::SlugTaken(_))), "{refused:?}");
}

#[tokio::test]
async fn a_draft_that_is_older_than_a_rule_is_kept_and_not_published() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let draft = written(&world, &org, &org.owner, Input::Definition(definition())).await;
    let mut old = definition();
    old["items"] = json!([]);
    let tenant = org.owner.ctx.within(Scope::Tenant(org.id));
    let mut unit: Box<Unit> = world.storage.begin(&tenant).await.unwrap();
    let mut kept = unit.custom_assessment(draft.id).await.unwrap().unwrap();
    let asks_nothing = Draft { definition: Arc::new(serde_json::from_value(old).unwrap()), source: None };
    let slug = kept.slug.clone();
    kept.edit(asks_nothing, slug, world.clock.now());
    unit.save_custom_assessment(&mut kept).await.unwrap();
    unit.commit().await.unwrap();

    let authoring = &world.assessments.authoring;
    assert!(authoring.get(&org.owner.ctx, org.id, draft.id).await.unwrap().draft.definition.items.is_empty());
    let refused = authoring.publish(&org.owner.ctx, org.id, draft.id).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.faulty");
}

#[tokio::test]
async fn a_version_is_published_only_as_high_as_its_changes_ask_for_and_never_changes() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let authoring = &world.assessments.authoring;
    let ctx = &org.owner.ctx;
    let first = file("Focus", "0.7", "1");
    let draft = written(&world, &org, &org.owner, Input::Markdown(first.clone())).await;
    let unpublished = authoring.changes(ctx, org.id, draft.id).await.unwrap();
    assert_eq!((unpublished.published, unpublished.least, &unpublished.refused), (None, None, &None));
    assert!(matches!(authoring.activate(ctx, org.id, draft.id).await, Err(Refused::Unpublished)));

    let published = authoring.publish(ctx, org.id, draft.id).await.unwrap();
    assert_eq!(published.latest.map(|(_, version)| version), Some(version("0.7")));
    let before = authoring.version(ctx, org.id, draft.id, version("0.7")).await.unwrap();
    assert_eq!(before.source.as_deref(), Some(&*first));
    assert_eq!(before.checksum, draft.draft.definition.checksum());
    let again = authoring.publish(ctx, org.id, draft.id).await.unwrap_err();
    assert_eq!(again.to_string(), "nothing changed since version 0.7; there is nothing to publish");

    let replace = async |file: String| {
        let now = authoring.get(ctx, org.id, draft.id).await.unwrap();
        let input = Input::Markdown(file);
        authoring.replace_source(ctx, org.id, draft.id, now.version(), input).await.unwrap()
    };
    replace(first.replace("I finish what I begin", "I finish things")).await;
    let changes = authoring.changes(ctx, org.id, draft.id).await.unwrap();
    assert_eq!((changes.level, changes.least), (Some(Level::Wording), Some(version("0.8"))));
    let low = authoring.publish(ctx, org.id, draft.id).await.unwrap_err();
    assert_eq!((low.kind(), low.code()), (Kind::Conflict, "assessment.version_refused"));
    assert!(low.to_string().contains("a change of wording asks for 0.8 or higher"), "{low}");

    let scoring = first.replace("\"0.7\"", "\"0.8\"").replace("overall >= 4", "overall >= 3");
    replace(scoring.clone()).await;
    let low = authoring.publish(ctx, org.id, draft.id).await.unwrap_err();
    assert!(low.to_string().contains("a change of scoring asks for 1.0 or higher"), "{low}");
    replace(scoring.replace("\"0.8\"", "\"1.0\"")).await;
    let published = authoring.publish(ctx, org.id, draft.id).await.unwrap();
    assert_eq!(published.published_at, draft.published_at.or(Some(world.now())));

    let one = PageRequest { limit: Limit::new(1).unwrap(), after: None };
    let newest = authoring.versions(&org.practitioner.ctx, org.id, draft.id, &one).await.unwrap();
    assert_eq!(newest.items[0].version, version("1.0"));
    assert!(newest.next.is_some());
    assert_eq!(authoring.version(ctx, org.id, draft.id, version("0.7")).await.unwrap(), before);
    let none = authoring.version(ctx, org.id, draft.id, version("0.9")).await.unwrap_err();
    assert_eq!(none.kind(), Kind::Missing);
}

#[tokio::test]
async fn what_was_published_is_archived_and_never_deleted() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let authoring = &world.assessments.authoring;
    let ctx = &org.admin.ctx;
    let draft = written(&world, &org, &org.owner, sound("Focus")).await;
    let early = authoring.archive(ctx, org.id, draft.id).await.unwrap_err();
    assert_eq!((early.code(), early.kind()), ("assessment.wrong_status", Kind::Conflict));
    authoring.publish(ctx, org.id, draft.id).await.unwrap();
    let active = authoring.activate(ctx, org.id, draft.id).await.unwrap();
    assert_eq!(active.status, AssessmentStatus::Active);
    let again = authoring.activate(ctx, org.id, draft.id).await.unwrap();
    assert_eq!(again.version(), active.version());
    let refused = authoring.delete(ctx, org.id, draft.id, active.version()).await;
    assert!(matches!(refused, Err(Refused::InUse)), "{refused:?}");

    let archived = authoring.archive(ctx, org.id, draft.id).await.unwrap();
    assert_eq!(archived.status, AssessmentStatus::Archived);
    let edit = AssessmentChange { name: Some("Other".to_owned()), ..AssessmentChange::default() };
    let edited = authoring.edit(ctx, org.id, draft.id, archived.version(), edit).await.unwrap_err();
    let published = authoring.publish(ctx, org.id, draft.id).await.unwrap_err();
    assert_eq!((edited.code(), published.code()), ("assessment.wrong_status", "assessment.wrong_status"));
    assert!(authoring.version(ctx, org.id, draft.id, version("1.0")).await.is_ok());
    let back = authoring.activate(ctx, org.id, draft.id).await.unwrap();
    assert_eq!(back.status, AssessmentStatus::Active);

    let other = written(&world, &org, &org.owner, sound("Focus")).await;
    let stale = authoring.delete(ctx, org.id, other.id, other.version() + 1).await.unwrap_err();
    assert_eq!(stale.kind(), Kind::Stale);
    authoring.delete(ctx, org.id, other.id, other.version()).await.unwrap();
    assert_eq!(authoring.get(ctx, org.id, other.id).await.unwrap_err().kind(), Kind::Missing);
    let status = AssessmentFilter { status: Some(AssessmentStatus::Active) };
    let active = authoring.list(ctx, org.id, &status, &PageRequest::default()).await.unwrap();
    assert_eq!(active.items.iter().map(|one| one.id).collect::<Vec<_>>(), [draft.id]);
}
