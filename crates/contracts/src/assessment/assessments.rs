//! Rules of assessments and their published versions.

use assessment_engine::{
    AssessmentStatus, CustomAssessment, CustomAssessmentState, MarketplaceStatus, PublishedVersion,
    SourceType, TemplateName,
    unit::{SLUG, TEMPLATE, VERSION},
};
use assessment_format::Slug;
use kernel::{OrganizationId, StoreError};

use super::{
    assessment_fixture::{draft, item, version},
    commit,
};
use crate::{StorageUnderTest, accounts::round_trip, aggregate::Aggregate as _, unit::overlap, world::World};

/// An assessment reads back as it was saved, as everything about it changed, and with nothing in it that may be
/// missing.
pub async fn custom_assessment_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let first = world.keep(world.assessment_sample(&people)).await;
    assert_eq!(world.again(&first).await.shown(), first.shown(), "what was saved is what is read");
    let latest = world.version_sample(&first, "3.4");
    let mut unit = world.within(people.north).await;
    unit.put_published_version(&latest).await.expect("a version can be kept");
    commit(unit).await;
    let kept = world.again(&first).await;
    let second = world.keep(world.changed_assessment(&kept, &latest)).await;
    let read = world.again(&second).await;
    assert_eq!(read.shown(), second.shown(), "what was changed is what is read");
    let now = world.tick();
    let bare = CustomAssessmentState {
        draft: draft("Führung & “Wirkung”", "1.0"),
        source_type: SourceType::Upload,
        status: AssessmentStatus::Draft,
        template: None,
        latest: None,
        marketplace_status: MarketplaceStatus::Private,
        price_tier: None,
        review_note: None,
        published_at: None,
        ..read.state().clone()
    };
    let third = world.keep(CustomAssessment::restore(bare, read.version()).mark(now)).await;
    assert_eq!(world.again(&third).await.shown(), third.shown(), "what may be missing may be");
    round_trip(&world, world.written(people.south, people.ann), |written| {
        let mut rejected = written.clone();
        rejected.offer(MarketplaceStatus::Rejected, None, None, world.tick());
        rejected
    })
    .await;
}

/// A slug and the copy of a template are there once in an organisation, whoever comes second; other organisations have
/// their own.
pub async fn slugs_and_templates_are_unique(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let with = |organization: OrganizationId, slug: &str, template: Option<TemplateName>| {
        let mut state = world.written(organization, people.ann).state().clone();
        (state.slug, state.template) = (item(slug), template);
        CustomAssessment::restore(state, 0).mark(world.now())
    };
    let taken = world.keep(with(people.north, "leadership", Some(TemplateName::Education))).await;
    let keep =
        async |mut assessment: CustomAssessment| world.try_keep(assessment.scope(), &mut assessment).await;
    let slug = keep(with(people.north, "leadership", None)).await;
    assert!(matches!(slug, Err(StoreError::Duplicate(SLUG))), "a second slug gets {slug:?}");
    let template = keep(with(people.north, "learning", Some(TemplateName::Education))).await;
    assert!(matches!(template, Err(StoreError::Duplicate(TEMPLATE))), "a second copy gets {template:?}");
    keep(with(people.north, "learning", Some(TemplateName::Archetype))).await.expect("another template");
    keep(with(people.south, "leadership", Some(TemplateName::Education)))
        .await
        .expect("another organisation");

    let mut other = world.keep(with(people.north, "other", None)).await;
    other.edit(other.draft.clone(), item("leadership"), world.tick());
    let edited = keep(other.clone()).await;
    assert!(matches!(edited, Err(StoreError::Duplicate(SLUG))), "one that takes the slug gets {edited:?}");
    let mut moved = taken;
    moved.edit(moved.draft.clone(), item("moved"), world.tick());
    world.keep(moved).await;
    keep(other).await.expect("a slug that was given up is free");
}

/// Of two that copy one template at once one does, and the other is told which rule; the copy is found by its template.
pub async fn parallel_copies_leave_one(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let copy = || {
        let mut state = world.written(people.north, people.ann).state().clone();
        state.template = Some(TemplateName::Industry4);
        CustomAssessment::restore(state, 0).mark(world.now())
    };
    let results = overlap(&world, copy(), copy()).await;
    let one = matches!(
        results,
        [Ok(()), Err(StoreError::Duplicate(TEMPLATE))] | [Err(StoreError::Duplicate(TEMPLATE)), Ok(())]
    );
    assert!(one, "one copies it: {results:?}");
    let mut unit = world.within(people.north).await;
    let copy = unit.copy_of_template(people.north, TemplateName::Industry4).await.expect("it can be read");
    assert!(copy.is_some(), "it is found by its template");
    let other = unit.copy_of_template(people.north, TemplateName::Archetype).await.expect("it can be read");
    assert_eq!(other, None);
    let elsewhere =
        unit.copy_of_template(people.south, TemplateName::Industry4).await.expect("it can be read");
    assert_eq!(elsewhere, None, "each organisation has its own copy");
}

/// Slugs are found that are the one or begin with it and a hyphen, and no others, whatever the unit itself saved.
pub async fn slugs_that_begin_alike_are_found(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let with = |organization: OrganizationId, slug: &str| {
        let mut state = world.written(organization, people.ann).state().clone();
        state.slug = item(slug);
        CustomAssessment::restore(state, 0).mark(world.now())
    };
    for slug in ["lead", "lead-2", "lead-in-team", "leader", "lea", "a-lead", "lea-d"] {
        world.keep(with(people.north, slug)).await;
    }
    world.keep(with(people.south, "lead-3")).await;
    let mut unit = world.within(people.north).await;
    unit.save_custom_assessment(&mut with(people.north, "lead-9")).await.expect("it can be saved");
    let mut like = async |stem: &str| {
        let found = unit.slugs_like(people.north, &item(stem)).await.expect("they can be read");
        let mut found: Vec<String> = found.iter().map(Slug::to_string).collect();
        found.sort();
        found
    };
    assert_eq!(like("lead").await, ["lead", "lead-2", "lead-9", "lead-in-team"]);
    assert_eq!(like("lea").await, ["lea", "lea-d"]);
    assert_eq!(like("lead-in").await, ["lead-in-team"]);
    assert!(like("le").await.is_empty());
}

/// A draft can be deleted: it is gone, its slug is free, and its last change is on record.
pub async fn a_draft_can_be_deleted(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut draft = world.keep(world.written(people.north, people.ann)).await;
    let mut late = draft.clone();
    draft.edit(draft.draft.clone(), draft.slug.clone(), world.tick());
    draft.archive(world.tick());
    let mut draft = world.keep(draft).await;
    late.delete(world.tick());
    let mut unit = world.within(people.north).await;
    let stale = match unit.delete_custom_assessment(&mut late).await {
        Ok(()) => unit.commit().await,
        refused => refused,
    };
    assert!(matches!(stale, Err(StoreError::Stale)), "who read it before gets {stale:?}");
    let mut unit = world.within(people.north).await;
    let silent = unit.delete_custom_assessment(&mut draft).await;
    assert!(matches!(silent, Err(StoreError::Unrecorded(_))), "who does not say so gets {silent:?}");
    drop(unit);

    let before = world.events().await.len();
    draft.delete(world.tick());
    let mut unit = world.within(people.north).await;
    unit.delete_custom_assessment(&mut draft.clone()).await.expect("it can be deleted");
    drop(unit);
    assert!(world.read(draft.scope(), &draft).await.is_some(), "a dropped unit deletes nothing");
    let mut unit = world.within(people.north).await;
    unit.delete_custom_assessment(&mut draft).await.expect("it can be deleted");
    assert_eq!(unit.custom_assessment(draft.id).await.expect("it can be read"), None);
    commit(unit).await;
    assert_eq!(world.read(draft.scope(), &draft).await, None, "it is gone");
    let left = world.events().await.split_off(before);
    let told: Vec<_> = left.iter().map(|event| (event.action.as_str(), event.target.id)).collect();
    assert_eq!(told, [("custom_assessment.delete", Some(draft.id.uuid()))]);
    assert_eq!(left[0].target.version, Some(draft.version()));
    let mut state = world.written(people.north, people.ann).state().clone();
    state.slug = draft.slug.clone();
    world.keep(CustomAssessment::restore(state, 0).mark(world.now())).await;
}

/// What was published is not deleted, nor is what is published at the same time.
pub async fn a_published_assessment_stays(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut published = world.keep(world.written(people.north, people.ann)).await;
    world.publish(&mut published).await;
    let mut deleted = published.clone();
    deleted.delete(world.tick());
    let mut unit = world.within(people.north).await;
    let refused = unit.delete_custom_assessment(&mut deleted).await;
    let refused = if refused.is_ok() { unit.commit().await } else { refused };
    assert!(matches!(refused, Err(StoreError::Stale)), "it gets {refused:?}");
    assert_eq!(world.again(&published).await, published, "it is as it was");

    let draft = world.keep(world.written(people.north, people.ann)).await;
    let mut deleted = draft.clone();
    deleted.delete(world.tick());
    let mut unit = world.within(people.north).await;
    unit.delete_custom_assessment(&mut deleted).await.expect("nothing was published yet");
    let (other, mut assessment) = (storage.clone(), draft.clone());
    let version = assessment.publish(world.id(), people.ann, world.tick());
    let put = version.clone();
    let publishing = tokio::spawn(async move {
        let mut unit = World::of(&other).within(assessment.organization).await;
        unit.put_published_version(&put).await?;
        unit.save_custom_assessment(&mut assessment).await?;
        unit.commit().await
    });
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let deleting = unit.commit().await;
    let publishing = publishing.await.expect("publishing does not panic");
    assert!(deleting.is_err() || publishing.is_err(), "one of both: {deleting:?}, {publishing:?}");
    let mut unit = world.within(people.north).await;
    let there = unit.custom_assessment(draft.id).await.expect("it can be read").is_some();
    let version = unit.published_version(version.id).await.expect("it can be read").is_some();
    assert_eq!(
        (there, version),
        (deleting.is_err(), publishing.is_ok()),
        "no version without its assessment"
    );
    assert!(there || !version, "no version without its assessment");
}

/// A published version reads back bit for bit, wherever it is read. A second one of its number is refused, as is
/// another under its id, and it stays as it was.
pub async fn published_versions_never_change(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let assessment = world.keep(world.written(people.north, people.ann)).await;
    let other = world.keep(world.written(people.north, people.bob)).await;
    let first = world.version_sample(&assessment, "1.0");
    let second = PublishedVersion { source: None, ..world.version_sample(&assessment, "1.1") };
    let elsewhere = world.version_sample(&other, "1.0");
    let mut unit = world.within(people.north).await;
    for version in [&first, &second, &elsewhere] {
        unit.put_published_version(version).await.expect("a version can be kept");
        let own = unit.published_version(version.id).await.expect("it can be read");
        assert_eq!(own.as_ref(), Some(version), "the unit reads its own");
    }
    commit(unit).await;

    let again = PublishedVersion { id: world.id(), ..world.version_sample(&assessment, "1.0") };
    let mut unit = world.within(people.north).await;
    let duplicate = unit.put_published_version(&again).await;
    assert!(matches!(duplicate, Err(StoreError::Duplicate(VERSION))), "a second 1.0 gets {duplicate:?}");
    drop(unit);
    let other_number = PublishedVersion { id: first.id, ..world.version_sample(&assessment, "1.2") };
    let mut unit = world.within(people.north).await;
    let stale = unit.put_published_version(&other_number).await;
    assert!(matches!(stale, Err(StoreError::Stale)), "another under its id gets {stale:?}");
    drop(unit);

    let mut unit = world.within(people.north).await;
    for version in [first, second, elsewhere] {
        let read = unit.published_version(version.id).await.expect("it can be read").expect("it is there");
        assert_eq!(read, version);
        assert_eq!(read.definition.to_canonical_json(), version.definition.to_canonical_json());
        assert_eq!((read.definition.checksum(), read.checksum), (version.checksum, version.checksum));
        let found = unit.version_of(version.assessment, version.version).await.expect("it can be read");
        assert_eq!(found.as_ref(), Some(&version), "it is found by its number");
        let scope = crate::world::ctx(assessment.scope());
        let alone = storage.assessments.published_version(&scope, version.id).await.expect("it can be read");
        assert_eq!(alone, Some(version), "without a unit too");
    }
    let missing = unit.version_of(assessment.id, version("1.2")).await.expect("it can be read");
    assert_eq!(missing, None);
}
