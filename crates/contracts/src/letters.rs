//! Rules of what is kept of letters.

use kernel::{
    Scope, StoreError,
    invitation::Invited,
    letters::{LetterHistory, LetterStatus, letters_about},
};

use crate::{StorageUnderTest, assessment::commit, world::World};

/// What became of letters is kept by what they are about, in place of what was kept before, for the organisation; the
/// worker finds it by the newest letter, identity too sees it, other organisations see nothing.
pub async fn letters_are_kept_by_what_they_are_about(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let id = || world.id::<()>().uuid();
    let about = Invited { kind: 1, organization: people.north, parent: Some(id()), id: id() };
    let other = Invited { kind: 3, parent: None, id: id(), ..about };
    let [first, second] = [id(), id()];
    let mut history = LetterHistory::new(about);
    history.settle(first, world.tick(), None, world.tick());
    let mut unit = world.within(people.north).await;
    unit.put_letters(&history).await.expect("it can be kept");
    drop(unit);
    let read = async |organization| {
        let mut unit = world.within(organization).await;
        unit.letters(organization, &[about.id, other.id]).await.expect("they can be read")
    };
    assert_eq!(read(people.north).await, [], "a dropped unit keeps nothing");
    for refusal in [None, Some("550 5.1.1".to_owned())] {
        history.settle(second, world.tick(), refusal, world.tick());
        let mut unit = world.within(people.north).await;
        unit.put_letters(&history).await.expect("it can be kept");
        commit(unit).await;
        assert_eq!(read(people.north).await, [history.clone()]);
    }
    let mut corrected = LetterHistory::new(other);
    corrected.links.revoke(world.tick());
    let mut unit = world.within(people.north).await;
    unit.put_letters(&corrected).await.expect("it can be kept without an outcome");
    assert_eq!(
        letters_about(&mut *unit, other).await.expect("it can be read"),
        corrected,
        "seen in its unit"
    );
    commit(unit).await;

    let mut worker = world.assess(Scope::Worker).await;
    assert_eq!(worker.letters_with(first).await.expect("it can be read"), None, "not the newest any more");
    let mut found = worker.letters_with(second).await.expect("it can be read").expect("it is the newest");
    assert_eq!(found, history);
    found.newest.as_mut().expect("there is one").status = LetterStatus::Bounced;
    worker.put_letters(&found).await.expect("it can be kept");
    commit(worker).await;
    assert_eq!(read(people.north).await.iter().find(|of| of.about == about), Some(&found));

    let mut identity = world.begin(Scope::Identity).await;
    assert_eq!(identity.letters(people.north, &[about.id]).await.expect("they can be read"), [found.clone()]);
    drop(identity);
    let mut south = world.within(people.south).await;
    assert_eq!(south.letters(people.north, &[about.id]).await.expect("nothing is found"), []);
    assert_eq!(south.letters_with(second).await.expect("nothing is found"), None);
    let kept = match south.put_letters(&found).await {
        Ok(()) => south.commit().await,
        refused => refused,
    };
    assert!(
        kept.is_err_and(|error| !matches!(error, StoreError::Stale)),
        "another organisation keeps nothing"
    );
    assert_eq!(read(people.south).await, []);
}
