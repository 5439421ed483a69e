//! Rules of attaching documents in the unit of whoever attaches them.

use document::Document;
use kernel::{
    Change, Scope, StoreError, Target,
    document::{DocumentStatus, Related},
};

use crate::{
    StorageUnderTest,
    aggregate::Aggregate as _,
    outbox::take,
    world::{TestPeople, World, hours},
};

async fn uploaded(world: &World, people: &TestPeople) -> Document {
    world
        .keep(world.becomes(&world.new_document(people.north, people.ann), |state| {
            state.retain_until = Some(world.now().plus(Document::UNATTACHED_FOR));
        }))
        .await
}

async fn try_attach(world: &World, document: &Document, to: &Target) -> Result<bool, StoreError> {
    let mut unit = world.document_unit(document.scope()).await;
    let attached = unit.attach(document.id, to, world.tick()).await?;
    unit.commit().await.map(|()| attached)
}

async fn attach(world: &World, document: &Document, to: &Target) -> bool {
    try_attach(world, document, to).await.expect("it can be told")
}

async fn detach(world: &World, document: &Document) {
    let mut unit = world.document_unit(document.scope()).await;
    unit.detach(document.id, world.tick()).await.expect("it can be told");
    unit.commit().await.expect("it can be committed");
}

async fn again(world: &World, document: &Document) -> Document {
    world.read(document.scope(), document).await.expect("it is there")
}

/// What is told of the document up to now, and was not before.
async fn told(world: &World, document: &Document) -> Vec<String> {
    let told = take(&world.storage, world.now(), 1000).await;
    let ids: Vec<_> = told.iter().map(|delivery| delivery.id).collect();
    world.storage.outbox.done(&ids).await.expect("they can be done");
    let of = told.into_iter().filter(|delivery| delivery.target_id == document.id.uuid());
    of.map(|delivery| delivery.topic).collect()
}

/// A document is attached if the unit that does it is committed, and with what else that did; else not at all. From
/// then on it stays as long as its thing wants it.
pub async fn a_document_is_attached_with_the_rest_of_its_unit(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let document = uploaded(&world, &people).await;
    assert_eq!(told(&world, &document).await, ["contract.change"]);
    let to = world.thing("candidate");
    let other = world.thing("candidate");
    for is_committed in [false, true] {
        let mut unit = world.document_unit(Scope::Tenant(people.north)).await;
        unit.record(Change::new("candidate.apply", other.clone(), world.tick()).of(people.north));
        assert!(unit.attach(document.id, &to, world.tick()).await.expect("it can be attached"));
        let own = unit.document(document.id).await.expect("it can be read").expect("it is there");
        assert_eq!(own.related, Some(Related::from(&to)), "its own unit sees it");
        assert_eq!(again(&world, &document).await, document, "others do not yet");
        if is_committed {
            unit.commit().await.expect("it can be committed");
        } else {
            drop(unit);
        }
    }
    let expected = world.becomes(&document, |state| {
        (state.related, state.retain_until) = (Some(Related::from(&to)), None);
    });
    let attached = again(&world, &document).await;
    assert_eq!((attached.state(), attached.version()), (expected.state(), document.version() + 1));
    assert_eq!(told(&world, &document).await, ["document.attach"], "once, and no time ends it");

    assert!(attach(&world, &document, &to).await, "it belongs to it already");
    assert_eq!(again(&world, &document).await, attached);
    assert!(told(&world, &document).await.is_empty());
}

/// A document that belongs to a thing is not attached to another, and a document nobody knows to none.
pub async fn a_document_belongs_to_one_thing(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let document = uploaded(&world, &people).await;
    let to = world.thing("candidate");
    assert!(attach(&world, &document, &to).await);
    let attached = again(&world, &document).await;
    for other in [world.thing("candidate"), Target { kind: "job", ..to.clone() }] {
        assert!(!attach(&world, &document, &other).await, "{other:?}");
    }
    assert_eq!(again(&world, &document).await, attached);
    let unknown = world.new_document(people.north, people.ann);
    assert!(!attach(&world, &unknown, &to).await);
    detach(&world, &unknown).await;
    assert_eq!(world.read(unknown.scope(), &unknown).await, None);
}

/// A document whose content is gone is not attached.
pub async fn what_is_gone_is_not_attached(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let to = world.thing("candidate");
    for status in [DocumentStatus::Rejected, DocumentStatus::Shredded] {
        let document = uploaded(&world, &people).await;
        let gone = world.keep(world.without_content(&document, status)).await;
        assert!(!attach(&world, &gone, &to).await, "{status:?}");
        assert_eq!(again(&world, &gone).await, gone);
    }
}

/// What is detached belongs to nothing and lives for a day more, of which a timer tells the end. Again, that changes
/// nothing.
pub async fn what_is_detached_goes_in_a_day(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let document = uploaded(&world, &people).await;
    let to = world.thing("candidate");
    assert!(attach(&world, &document, &to).await);
    told(&world, &document).await;
    detach(&world, &document).await;
    let until = world.now().plus(Document::UNATTACHED_FOR);
    let detached = again(&world, &document).await;
    assert_eq!((&detached.related, detached.retain_until), (&None, Some(until)));
    assert_eq!(told(&world, &document).await, ["document.detach"]);
    detach(&world, &document).await;
    assert_eq!(again(&world, &document).await, detached);
    world.pass(hours(23));
    assert!(told(&world, &document).await.is_empty(), "its time is not over");
    world.pass(hours(1));
    assert_eq!(told(&world, &document).await, ["document.lapse_due"]);
    assert!(attach(&world, &document, &world.thing("job")).await, "nobody shredded it yet");
}

/// Of two that attach a document at once, the second to commit comes too late; so does whoever attaches what is
/// shredded meanwhile.
pub async fn two_that_attach_at_once_do_not_both(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    for is_shredded in [false, true] {
        let document = uploaded(&world, &people).await;
        let mut late = world.document_unit(document.scope()).await;
        assert!(
            late.attach(document.id, &world.thing("job"), world.tick()).await.expect("it can be attached")
        );
        if is_shredded {
            world.keep(world.without_content(&document, DocumentStatus::Shredded)).await;
        } else {
            assert!(attach(&world, &document, &world.thing("candidate")).await);
        }
        let first = again(&world, &document).await;
        let commit = late.commit().await;
        assert!(matches!(commit, Err(StoreError::Stale)), "who comes late gets {commit:?}");
        assert_eq!(again(&world, &document).await, first);
    }
}
