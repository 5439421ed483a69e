//! Rules of what the worker finds across organisations.

use std::collections::HashSet;

use document::Document;
use kernel::{
    AccountId, OrganizationId,
    document::{DocumentId, DocumentStatus},
};

use crate::{
    StorageUnderTest,
    world::{TestPeople, World},
};

type OwnedId = (OrganizationId, DocumentId);

fn owned(of: &Document) -> OwnedId {
    (of.organization, of.id)
}

/// Documents of two organisations, one in four rejected and one in four shredded: those with content in the order of
/// organisations and then of documents, and those without.
async fn documents(world: &World, people: &TestPeople, by: AccountId) -> [Vec<OwnedId>; 2] {
    let [mut with, mut without] = [Vec::new(), Vec::new()];
    for number in 0..16 {
        let of = if number % 3 == 0 { people.north } else { people.south };
        let kept = world.keep(world.new_document(of, by)).await;
        let gone = match number % 4 {
            0 => Some(DocumentStatus::Rejected),
            1 => Some(DocumentStatus::Shredded),
            _ => None,
        };
        let Some(status) = gone else {
            with.push(owned(&kept));
            continue;
        };
        without.push(owned(&world.keep(world.without_content(&kept, status)).await));
    }
    with.sort_unstable();
    [with, without]
}

/// Of those that are asked for, the ones are found that have content, of whichever organisation.
pub async fn documents_with_content_are_told_apart(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let [with, without] = documents(&world, &people, people.ann).await;
    let find = async |among: &[OwnedId]| {
        storage.document_index.with_content(among).await.expect("they can be looked for")
    };
    let ids = |of: &[OwnedId]| of.iter().map(|(_, id)| *id).collect::<HashSet<_>>();
    assert_eq!(find(&[]).await, HashSet::new());
    assert_eq!(find(&[with.clone(), without].concat()).await, ids(&with));
    assert_eq!(find(&with[1..3]).await, ids(&with[1..3]), "none that was not asked for");
    let unknown = (people.north, world.id());
    let elsewhere = with.iter().map(|(_, id)| (world.id(), *id));
    assert_eq!(find(&elsewhere.chain([unknown]).collect::<Vec<_>>()).await, HashSet::new());
}

/// All with content come in the order of organisations and then of documents, page by page, while others are added.
pub async fn documents_with_content_come_in_order(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let after = async |last, most| {
        storage.document_index.with_content_after(last, most).await.expect("they can be looked for")
    };
    assert_eq!(after(None, 10).await, []);
    let [with, without] = documents(&world, &people, people.ann).await;
    assert_eq!(after(None, 100).await, with);
    let (mut seen, mut last) = (Vec::new(), None);
    loop {
        let page = after(last, 3).await;
        assert!(page.len() <= 3);
        let Some(end) = page.last() else { break };
        last = Some(*end);
        seen.extend(page);
        if seen.len() == 3 {
            world.keep(world.new_document(people.north, people.ann)).await;
        }
    }
    let new: Vec<_> = seen.iter().filter(|id| !with.contains(id)).copied().collect();
    assert!(seen.is_sorted() && new.len() == 1, "{seen:?}");
    seen.retain(|id| *id != new[0]);
    assert_eq!(seen, with);
    let behind =
        without.iter().map(|id| (*id, with.iter().filter(|other| *other > id).copied().collect::<Vec<_>>()));
    for (gone, expected) in behind {
        let found = after(Some(gone), 100).await;
        assert_eq!(
            found.into_iter().filter(|id| *id != new[0]).collect::<Vec<_>>(),
            expected,
            "after {gone:?}"
        );
    }
}

/// What a person uploaded is found in all organisations, as long as its content is there.
pub async fn documents_are_found_by_uploader(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let [of_ann, _] = documents(&world, &people, people.ann).await;
    let [of_bob, _] = documents(&world, &people, people.bob).await;
    let made = world.becomes(&world.new_document(people.north, people.ann), |state| state.uploaded_by = None);
    world.keep(made).await;
    for (account, expected) in [(people.ann, of_ann), (people.bob, of_bob), (world.id(), Vec::new())] {
        let found = storage.document_index.uploaded_by(account).await.expect("they can be looked for");
        assert_eq!(found, expected);
    }
}
