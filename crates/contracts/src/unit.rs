//! Rules of the unit of work, for every aggregate.

use std::{collections::BTreeMap, time::Duration};

use identity::{Role, directory::AccountFilter, unit::ACCOUNT_EMAIL};
use kernel::{Change, Quota, Scope, StoreError, Target, UnitOfWork as _};
use serde_json::json;

use crate::{
    StorageUnderTest,
    aggregate::Aggregate,
    each_aggregate,
    outbox::take,
    samples::email,
    world::{World, ctx, hours, whole},
};

/// A unit that is dropped, not committed, leaves nothing: no aggregate and no change record.
pub async fn dropped_unit_leaves_nothing(storage: &StorageUnderTest) {
    async fn check<A: Aggregate>(world: &World, mut sample: A) {
        let mut unit = world.unit_of::<A>(sample.scope()).await;
        sample.save(&mut *unit).await.expect("it can be saved");
        drop(unit);
        assert_eq!(world.read(sample.scope(), &sample).await, None, "a dropped {} is there", sample.kind());
    }
    let world = World::of(storage);
    each_aggregate!(world, check);
    let told = take(storage, world.now().plus(hours(1)), 1000).await;
    let dropped: Vec<_> = told.iter().filter(|delivery| delivery.topic == "contract.change").collect();
    assert!(dropped.is_empty(), "a dropped unit told {dropped:?}");
}

/// What a unit saved, it reads; others do so once it is committed.
pub async fn a_unit_reads_what_it_saved(storage: &StorageUnderTest) {
    async fn check<A: Aggregate>(world: &World, mut sample: A) {
        let mut unit = world.unit_of::<A>(sample.scope()).await;
        sample.save(&mut *unit).await.expect("it can be saved");
        let own = sample.read(&mut *unit).await.expect("it can be read");
        assert_eq!(own.as_ref(), Some(&sample), "the unit reads its own {}", sample.kind());
        assert_eq!(world.read(sample.scope(), &sample).await, None, "others do not see an open unit");
        unit.commit().await.expect("it can be committed");
        assert_eq!(world.read(sample.scope(), &sample).await, Some(sample), "all see it once committed");
    }
    let world = World::of(storage);
    each_aggregate!(world, check);
}

/// Each save raises the version by one, in the aggregate and in storage.
pub async fn versions_count_saves(storage: &StorageUnderTest) {
    async fn check<A: Aggregate>(world: &World, sample: A) {
        let mut kept = world.keep(sample).await;
        assert_eq!(kept.version(), 1, "a first {} has version 1", kept.kind());
        kept.touch(world.tick());
        let mut unit = world.unit_of::<A>(kept.scope()).await;
        kept.save(&mut *unit).await.expect("it can be saved");
        kept = kept.mark(world.tick());
        kept.save(&mut *unit).await.expect("it can be saved twice in one unit");
        unit.commit().await.expect("it can be committed");
        let read = world.read(kept.scope(), &kept).await.expect("it is there");
        assert_eq!((kept.version(), read.version()), (3, 3), "versions of a {}", kept.kind());
    }
    let world = World::of(storage);
    each_aggregate!(world, check);
}

/// Of two who read the same version, the second to save gets `Stale` and the first one's work stays.
pub async fn lost_update_is_stale(storage: &StorageUnderTest) {
    async fn check<A: Aggregate>(world: &World, sample: A) {
        let mut second = world.keep(sample).await;
        let mut first = world.read(second.scope(), &second).await.expect("it is there");
        first.touch(world.tick());
        let first = world.keep(first).await;
        second.touch(world.tick());
        let late = world.try_keep(second.scope(), &mut second).await;
        assert!(matches!(late, Err(StoreError::Stale)), "a late {} gets {late:?}", first.kind());
        let left = world.read(first.scope(), &first).await.expect("it is there");
        assert_eq!(left.shown(), first.shown(), "the first one's work stays");
    }
    let world = World::of(storage);
    each_aggregate!(world, check);
}

/// A second insert of one id is `Stale`. (A one-time token is left out: a new one deletes unused ones first.)
pub async fn second_insert_is_stale(storage: &StorageUnderTest) {
    async fn check<A: Aggregate>(world: &World, mut sample: A) {
        if sample.kind() == identity::OneTimeToken::KIND {
            return;
        }
        world.keep(sample.clone()).await;
        let again = world.try_keep(sample.scope(), &mut sample).await;
        assert!(matches!(again, Err(StoreError::Stale)), "a second {} gets {again:?}", sample.kind());
    }
    let world = World::of(storage);
    each_aggregate!(world, check);
}

/// Saving what says nothing of itself fails, so that nothing changes without a record.
pub async fn save_without_a_record_fails(storage: &StorageUnderTest) {
    async fn check<A: Aggregate>(world: &World, mut sample: A) {
        sample.changes().drain();
        let kind = sample.kind();
        let mut unit = world.unit_of::<A>(sample.scope()).await;
        let silent = sample.save(&mut *unit).await;
        assert!(matches!(silent, Err(StoreError::Unrecorded(of)) if of == kind), "{kind} gets {silent:?}");
        let failed = unit.commit().await;
        assert!(matches!(failed, Err(StoreError::Failed)), "the unit of a silent {kind} gets {failed:?}");
    }
    let world = World::of(storage);
    each_aggregate!(world, check);
}

/// After an error every call is refused with `Failed`, and nothing of the unit is left.
pub async fn failed_unit_refuses_further_work(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let taken = world.account("taken@example.org").await;
    let mut unit = world.begin(Scope::Identity).await;
    let mut good = world.account_sample("good@example.org");
    unit.save_account(&mut good).await.expect("it can be saved");
    let mut bad = world.account_sample("Taken@example.org");
    let duplicate = unit.save_account(&mut bad).await;
    assert!(
        matches!(duplicate, Err(StoreError::Duplicate(ACCOUNT_EMAIL))),
        "it is a duplicate: {duplicate:?}"
    );

    let mut next = world.account_sample("next@example.org");
    let save = unit.save_account(&mut next).await;
    assert!(matches!(save, Err(StoreError::Failed)), "a save gets {save:?}");
    let read = unit.account(taken.id).await;
    assert!(matches!(read, Err(StoreError::Failed)), "a read gets {read:?}");
    let list = unit.memberships_of(taken.id).await;
    assert!(matches!(list, Err(StoreError::Failed)), "a list gets {list:?}");
    let key = unit.put_data_key(taken.id, b"key").await;
    assert!(matches!(key, Err(StoreError::Failed)), "a key gets {key:?}");
    let forget = unit.forget_devices(taken.id).await;
    assert!(matches!(forget, Err(StoreError::Failed)), "forgetting gets {forget:?}");
    let commit = unit.commit().await;
    assert!(matches!(commit, Err(StoreError::Failed)), "the commit gets {commit:?}");
    assert_eq!(world.read(Scope::Identity, &good).await, None, "what was saved before the error is undone");
}

/// A commit that comes too late undoes all of its unit, also what nobody else touched.
pub async fn a_late_commit_leaves_nothing(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let ann = world.account("ann@example.org").await;
    let mut late = ann.clone();
    let mut early = ann;
    early.touch(world.tick());
    world.keep(early).await;

    let mut unit = world.begin(Scope::Identity).await;
    let mut untouched = world.account_sample("bob@example.org");
    unit.save_account(&mut untouched).await.expect("it can be saved");
    late.touch(world.tick());
    let saved = unit.save_account(&mut late).await;
    let result = if saved.is_ok() { unit.commit().await } else { saved };
    assert!(matches!(result, Err(StoreError::Stale)), "the late one gets {result:?}");
    assert_eq!(world.read(Scope::Identity, &untouched).await, None, "nothing of the late unit is left");
}

/// Each committed change record is delivered once, with what it says; those of failed units never.
pub async fn changes_reach_the_outbox_once(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let owner = world.account("ann@example.org").await;
    let north = world.organization(None).await;
    let membership = world.member(north.id, owner.id, Role::Owner).await;
    let mut stale = owner.clone();
    let mut twice = owner.clone();
    twice.raise_epoch("first", world.tick());
    twice.raise_epoch("second", world.tick());
    world.keep(twice).await;
    stale.raise_epoch("never", world.tick());
    assert!(world.try_keep(Scope::Identity, &mut stale).await.is_err(), "the version is outdated");

    let told = take(storage, world.now(), 100).await;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for delivery in &told {
        *counts.entry(format!("{} {}", delivery.topic, delivery.data)).or_default() += 1;
    }
    let expected = [
        ("account.open null".to_owned(), 1),
        ("account.raise_epoch {\"reason\":\"first\"}".to_owned(), 1),
        ("account.raise_epoch {\"reason\":\"second\"}".to_owned(), 1),
        (format!("membership.join {{\"account\":\"{}\"}}", owner.id), 1),
        ("organization.found null".to_owned(), 1),
    ];
    assert_eq!(counts, BTreeMap::from(expected), "each change is told once");

    let joined = told.iter().find(|delivery| delivery.topic == "membership.join").expect("it was told");
    assert_eq!(joined.target_kind, "membership");
    assert_eq!(joined.target_id, membership.id.uuid());
    assert_eq!(joined.organization, Some(north.id));
    assert_eq!(joined.occurred_at, membership.created_at);
    assert_eq!(joined.attempts, 0);
    let opened = told.iter().find(|delivery| delivery.topic == "account.open").expect("it was told");
    assert_eq!((opened.organization, opened.target_id), (None, owner.id.uuid()));
}

/// A change that is recorded without an aggregate reaches the outbox with the commit, and only with it.
pub async fn a_bare_record_is_committed(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let target = Target::new::<()>("account", world.id());
    let change =
        |action| Change::new(action, target.clone(), world.now()).with(json!({ "to": "ann@example.org" }));
    let mut dropped = world.begin(Scope::Identity).await;
    dropped.record(change("registration.dropped"));
    drop(dropped);
    let mut unit = world.begin(Scope::Identity).await;
    unit.record(change("registration.known_address"));
    unit.commit().await.expect("it can be committed");
    let told = take(storage, world.now(), 100).await;
    let topics: Vec<_> = told.iter().map(|d| (d.topic.as_str(), d.data.clone())).collect();
    assert_eq!(topics, [("registration.known_address", json!({ "to": "ann@example.org" }))]);
}

/// Saves the second while a unit that saved the first is open, then commits that unit. An adapter may let the
/// second wait for the first.
pub(crate) async fn overlap<A: Aggregate>(
    world: &World,
    mut first: A,
    mut second: A,
) -> [Result<(), StoreError>; 2] {
    let mut unit = world.unit_of::<A>(first.scope()).await;
    first.save(&mut *unit).await.expect("the first can be saved");
    let storage = world.storage.clone();
    let mut other =
        tokio::spawn(async move { World::of(&storage).try_keep(second.scope(), &mut second).await });
    let waited = tokio::time::timeout(Duration::from_millis(200), &mut other).await;
    let first = unit.commit().await;
    let second = match waited {
        Ok(second) => second,
        Err(_) => other.await,
    };
    [first, second.expect("saving does not panic")]
}

/// Of two units that save the same version while both are open one wins; the other is `Stale`.
pub async fn overlapping_saves_have_one_winner(storage: &StorageUnderTest) {
    async fn check<A: Aggregate>(world: &World, sample: A) {
        let kept = world.keep(sample).await;
        let [mut first, mut second] = [kept.clone(), kept];
        first.touch(world.tick());
        second.touch(world.tick());
        let results = overlap(world, first.clone(), second.clone()).await;
        let mut winner = match results {
            [Ok(()), Err(StoreError::Stale)] => first,
            [Err(StoreError::Stale), Ok(())] => second,
            other => panic!("one {} wins, the other is stale: {other:?}", first.kind()),
        };
        let left = world.read(winner.scope(), &winner).await.expect("it is there");
        winner.changes().drain();
        winner.set_version(2);
        assert_eq!(left.shown(), winner.shown(), "the winner's work stays");
    }
    let world = World::of(storage);
    each_aggregate!(world, check);
}

/// Of two units that save the same unique key while both are open one wins; the other is told which rule.
pub async fn overlapping_duplicates_have_one_winner(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let first = world.account_sample("ann@example.org");
    let second = world.account_sample("Ann@example.org");
    let results = overlap(&world, first, second).await;
    let one = matches!(
        results,
        [Ok(()), Err(StoreError::Duplicate(ACCOUNT_EMAIL))]
            | [Err(StoreError::Duplicate(ACCOUNT_EMAIL)), Ok(())]
    );
    assert!(one, "one gets the address: {results:?}");
}

/// A uniqueness rule that two open units would break together is kept: one of them fails.
pub async fn parallel_duplicates_leave_one(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (storage, mut account) = (storage.clone(), world.account_sample("ann@example.org"));
        tasks.spawn(async move { World::of(&storage).try_keep(Scope::Identity, &mut account).await });
    }
    let results = tasks.join_all().await;
    let won = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!(won, 1, "one of eight gets the address: {results:?}");
    let lost = |result: &Result<(), StoreError>| {
        matches!(result, Ok(()) | Err(StoreError::Duplicate(ACCOUNT_EMAIL)))
    };
    assert!(results.iter().all(lost), "the others are told which rule: {results:?}");
    let mut unit = world.begin(Scope::Identity).await;
    let found = unit.account_by_email(&email("ann@example.org")).await.expect("it can be read");
    assert!(found.is_some(), "the one that won is there");
    let (platform, filter) = (ctx(Scope::Platform), AccountFilter::default());
    let all = storage.directory.accounts(&platform, &filter, &whole()).await.expect("a list");
    assert_eq!(all.items.len(), 1, "there is one account");
}

/// What a unit records in a scope that keeps no record is not lost in silence: it fails. One without a record does not.
pub async fn scopes_without_a_record_take_none(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    for scope in [Scope::Buyer(people.north), Scope::Public, Scope::Ballot, Scope::Tally] {
        world.begin(scope).await.commit().await.expect("nothing was recorded");
        let mut unit = world.begin(scope).await;
        unit.record(Change::new("contract.change", Target::new("account", people.ann), world.tick()));
        let commit = unit.commit().await;
        assert!(matches!(commit, Err(StoreError::OutOfScope)), "a record in {scope:?} gets {commit:?}");
    }
}

/// Of units that take turns at one quota of one owner each goes on once the one before has ended, however it ended, and
/// counts what that one added. Other owners and other quotas wait for nobody.
pub async fn turns_are_taken_one_after_the_other(storage: &StorageUnderTest) {
    const KEYS: Quota = Quota { setting: "keys", of: "keys", mend: "revoke one" };
    const OTHERS: Quota = Quota { setting: "others", ..KEYS };
    let world = World::of(storage);
    let people = world.people().await;
    let (north, scope) = (people.north.uuid(), Scope::Tenant(people.north));
    let mut first = world.begin(scope).await;
    first.take_turn(&KEYS, north).await.expect("nobody has it");
    for (quota, owner) in [(KEYS, people.south.uuid()), (OTHERS, north)] {
        world.begin(scope).await.take_turn(&quota, owner).await.expect("another turn is free");
    }
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (storage, mut key) = (storage.clone(), world.key_sample(&people));
        waiting.spawn(async move {
            let world = World::of(&storage);
            let mut unit = world.begin(scope).await;
            unit.take_turn(&KEYS, north).await.expect("it can be waited for");
            let there = unit.live_api_keys(people.north, world.now()).await.expect("they can be counted");
            unit.save_api_key(&mut key).await.expect("it can be saved");
            unit.commit().await.expect("it can be committed");
            there
        });
    }
    first.save_api_key(&mut world.key_sample(&people)).await.expect("it can be saved");
    tokio::task::yield_now().await;
    first.commit().await.expect("it can be committed");
    let mut counted = waiting.join_all().await;
    counted.sort_unstable();
    assert_eq!(counted, [1, 2, 3, 4], "each counts those before");
}
