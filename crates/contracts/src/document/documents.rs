//! Rules of documents. What holds for every aggregate stands in [`crate::unit`].

use document::{ActiveContent, Document, DocumentFilter, FileKind};
use kernel::{
    OrganizationId, Scope, StoreError,
    document::{DocumentCategory, DocumentStatus, ExtractionStatus, Related},
};

use crate::{
    StorageUnderTest,
    accounts::round_trip,
    aggregate::Aggregate as _,
    isolation::{others, reaches},
    pages::{refuses, walk},
    world::{World, ctx, whole},
};

/// A document reads back as it was saved, whatever it is and however far it has come, until its content is gone.
pub async fn document_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let plain = || world.new_document(people.north, people.ann);
    let made = world.becomes(&plain(), |state| state.uploaded_by = None);
    round_trip(&world, made, |kept| world.without_content(kept, DocumentStatus::Rejected)).await;
    let filled = world.document_sample(&people);
    round_trip(&world, filled, |kept| world.without_content(kept, DocumentStatus::Shredded)).await;
    for kind in FileKind::ALL {
        for (category, extraction) in
            DocumentCategory::ALL.into_iter().zip(ExtractionStatus::ALL.into_iter().cycle())
        {
            let kept = world.becomes(&plain(), |state| (state.kind, state.category) = (kind, category));
            round_trip(&world, kept, |kept| {
                world.becomes(kept, |state| {
                    (state.extraction, state.status) = (extraction, DocumentStatus::Quarantined);
                    state.active_content = ActiveContent::ALL.into_iter().rev().take(2).collect();
                })
            })
            .await;
        }
    }
}

/// Lists are newest first and paged, whatever became of a document, and hold what their filter shows.
pub async fn documents_are_listed_newest_first(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let scope = Scope::Tenant(people.north);
    let thing = Related::from(&world.thing("candidate"));
    let namesake = Related { kind: "job".to_owned(), ..thing.clone() };
    let (mut kept, start) = (Vec::new(), world.now());
    for number in 0..24 {
        let uploaded_by = if number % 2 == 0 { people.ann } else { people.bob };
        let mut document = world.becomes(&world.new_document(people.north, uploaded_by), |state| {
            state.created_at = if number < 8 { start } else { state.created_at };
            state.category = if number % 3 == 0 { DocumentCategory::Jd } else { DocumentCategory::Cv };
            state.related = [None, Some(&thing), Some(&namesake)][number / 4 % 3].cloned();
        });
        if number % 5 == 0 {
            document = world.without_content(&document, DocumentStatus::Shredded);
        }
        kept.insert(0, world.keep(document).await);
        world.keep(world.new_document(people.south, uploaded_by)).await;
    }
    let fetch =
        async |filter: &DocumentFilter, page| world.document_unit(scope).await.documents(filter, &page).await;
    let every = DocumentFilter::default();
    let all = async || fetch(&every, whole()).await.expect("a list").items;
    assert_eq!(all().await, kept);

    let (category, unattached_of) = (Some(DocumentCategory::Cv), Some(people.bob));
    let filters = [
        every.clone(),
        DocumentFilter { category, ..every.clone() },
        DocumentFilter { related: Some(thing.clone()), ..every.clone() },
        DocumentFilter { unattached_of, ..every.clone() },
        DocumentFilter { category, related: Some(thing.clone()), unattached_of: None },
        DocumentFilter { category, related: None, unattached_of },
    ];
    for filter in &filters {
        let expected: Vec<_> = all().await.iter().filter(|of| filter.shows(of)).map(|of| of.id).collect();
        let list = format!("documents of {filter:?}");
        let shown = async |page| fetch(filter, page).await;
        walk(
            &list,
            shown,
            |of| of.id,
            &expected,
            async || {
                let new = world.new_document(people.north, people.bob);
                world.keep(world.becomes(&new, |state| state.related.clone_from(&filter.related))).await;
            },
        )
        .await;
        for foreign in filters.iter().filter(|foreign| *foreign != filter) {
            refuses(&list, shown, async |page| fetch(foreign, page).await).await;
        }
    }
}

async fn bytes(world: &World, scope: Scope, of: OrganizationId) -> u64 {
    world.document_unit(scope).await.document_bytes(of).await.expect("they can be summed")
}

/// The bytes of an organisation are those of its documents whose content is there, also for the unit that changes
/// them.
pub async fn content_that_is_gone_counts_no_more(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let [north, south] = [people.north, people.south];
    let scope = Scope::Tenant(north);
    assert_eq!(bytes(&world, scope, north).await, 0, "there are none");
    let mut kept = Vec::new();
    for (of, size) in [(north, 1 << 40), (north, 20), (north, 0), (south, 300)] {
        let document = world.new_document(of, people.ann);
        kept.push(world.keep(world.becomes(&document, |state| state.size = size)).await);
    }
    let quarantined = world.becomes(&kept[1], |state| state.status = DocumentStatus::Quarantined);
    world.keep(quarantined.clone()).await;
    for (scope, of, expected) in [(north, north, (1 << 40) + 20), (south, south, 300), (north, south, 0)] {
        assert_eq!(bytes(&world, Scope::Tenant(scope), of).await, expected, "seen by {scope:?} of {of:?}");
    }
    let mut unit = world.document_unit(scope).await;
    let mut shredded = world.without_content(&kept[0], DocumentStatus::Shredded);
    unit.save_document(&mut shredded).await.expect("it can be saved");
    assert_eq!(unit.document_bytes(north).await.expect("they can be summed"), 20);
    assert_eq!(bytes(&world, scope, north).await, (1 << 40) + 20, "for others it is there still");
    unit.commit().await.expect("it can be committed");
    assert_eq!(bytes(&world, scope, north).await, 20);
    let second = world.read(scope, &quarantined).await.expect("it is there");
    world.keep(world.without_content(&second, DocumentStatus::Rejected)).await;
    assert_eq!(bytes(&world, scope, north).await, 0);
}

/// Documents are seen and changed within their organisation alone, and listed, summed and attached there.
pub async fn documents_are_their_organizations(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let own = [Scope::Tenant(people.north)];
    reaches(&world, &people, world.document_sample(&people), &own).await;
    let attached = world.keep(world.document_sample(&people)).await;
    let loose =
        world.keep(world.becomes(&world.new_document(people.north, people.ann), |of| of.size = 1)).await;
    for scope in others(&world, &people, &own) {
        let mut unit = world.document_unit(scope).await;
        let listed = unit.documents(&DocumentFilter::default(), &whole()).await.expect("nothing is found");
        assert_eq!(listed.items, [], "{scope:?}");
        assert_eq!(bytes(&world, scope, people.north).await, 0, "{scope:?}");
        let (to, now) = (world.thing("thing"), world.tick());
        assert!(!unit.attach(loose.id, &to, now).await.expect("nothing is found"), "{scope:?}");
        unit.detach(attached.id, now).await.expect("nothing is found");
        unit.commit().await.expect("there is nothing to do");
    }
    for kept in [attached, loose] {
        assert_eq!(world.read(own[0], &kept).await, Some(kept), "it is as it was");
    }
}

/// A unit that failed takes no more work through any port.
pub async fn a_failed_unit_of_documents_takes_no_more_work(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let kept = world.keep(world.document_sample(&people)).await;
    for scope in [Scope::Tenant(people.north), Scope::Worker] {
        let mut unit = world.document_unit(scope).await;
        let silent = unit.save_document(&mut kept.clone()).await;
        assert!(matches!(silent, Err(StoreError::Unrecorded(_))), "it gets {silent:?}");
        let (to, now) = (world.thing("thing"), world.tick());
        let answers = [
            unit.document(kept.id).await.map(drop),
            unit.documents(&DocumentFilter::default(), &whole()).await.map(drop),
            unit.document_bytes(people.north).await.map(drop),
            unit.save_document(&mut kept.clone().mark(now)).await,
            unit.attach(kept.id, &to, now).await.map(drop),
            unit.detach(kept.id, now).await,
            unit.commit().await,
        ];
        for (port, answer) in answers.iter().enumerate() {
            assert!(matches!(answer, Err(StoreError::Failed)), "port {port} in {scope:?} gets {answer:?}");
        }
    }
    assert_eq!(world.read(kept.scope(), &kept).await, Some(kept), "nothing of it is left");
}

/// A key that was sealed anew takes the place of the other, over the version that was read, and nothing tells of it.
/// Who read an older version keeps nothing, nor does another organisation.
pub async fn a_key_is_sealed_anew_without_a_record(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let kept = world.keep(world.document_sample(&people)).await;
    crate::outbox::take(storage, world.now(), 1000).await;
    let mut state = kept.state().clone();
    state.key.as_mut().expect("it has content").reverse();
    let resealed = Document::restore(state.clone(), kept.version());
    let reseal = async |scope| {
        let mut unit = storage.document_store.begin(&ctx(scope)).await?;
        unit.save_resealed_document(&resealed).await?;
        unit.commit().await
    };
    for scope in others(&world, &people, &[Scope::Tenant(people.north)]) {
        let refused = reseal(scope).await;
        assert!(matches!(refused, Err(StoreError::OutOfScope | StoreError::Stale)), "{scope:?}: {refused:?}");
    }
    let scope = Scope::Tenant(people.north);
    reseal(scope).await.expect("it can be kept");
    assert_eq!(world.read(scope, &kept).await, Some(Document::restore(state, kept.version() + 1)));
    assert!(crate::outbox::take(storage, world.now(), 1000).await.is_empty(), "no event tells of it");
    let late = reseal(scope).await;
    assert!(matches!(late, Err(StoreError::Stale)), "who comes late gets {late:?}");
}
