//! Rules of notices on their way: they are told if, and only if, their change is.

use kernel::{
    Actor, Assurance, Change, Ctx, Notice, NoticeKind, NoticePriority, PlatformRole, Recipients, Role, Scope,
    Target,
};
use serde_json::json;

use crate::{StorageUnderTest, outbox::take, world::World};

/// What is told in the outbox.
async fn told(world: &World) -> Vec<(Notice, Target)> {
    let taken = take(&world.storage, world.now(), 100).await;
    let ids: Vec<_> = taken.iter().map(|delivery| delivery.id).collect();
    world.storage.outbox.done(&ids).await.expect("it can be done");
    let notices = taken.iter().filter(|delivery| delivery.topic == Notice::TOPIC);
    let read = |delivery| Notice::of(delivery).expect("it can be read");
    notices.map(|of| (read(of), Target { kind: "thing", id: of.target_id })).collect()
}

/// A notice is delivered with its change, by nobody's further doing and without an event of its own, once; of an undone
/// unit there is none. Its delivery names what it is about.
pub async fn notices_go_with_their_change(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    told(&world).await;
    let before = world.events().await.len();
    let thing = Target::new::<()>("thing", world.id());
    let other = Target { kind: "thing", id: world.id::<()>().uuid() };
    let notice = Notice::new(Recipients::Account(people.bob), NoticeKind::Assessment, "x/y")
        .with(json!({ "title": "Spring" }))
        .priority(NoticePriority::High)
        .action("/somewhere")
        .dedupe("once")
        .beside_a_letter();
    let holders = Recipients::Holders(people.north, vec![Role::Owner, Role::Admin]);
    let to_holders = Notice::new(holders, NoticeKind::System, "x/z");
    for is_kept in [false, true] {
        let mut unit = world.begin(Scope::Tenant(people.north)).await;
        let change = Change::new("thing.make", thing.clone(), world.tick()).of(people.north);
        unit.record(change.notify(notice.clone()).notify(to_holders.clone().about(other.clone())));
        if is_kept {
            unit.commit().await.expect("it can be committed");
        } else {
            drop(unit);
            assert_eq!(told(&world).await, [], "what did not happen is not told");
        }
    }
    assert_eq!(told(&world).await, [(notice, thing), (to_holders, other)]);
    assert_eq!(world.events().await.len(), before + 1, "the change alone is on record");
}

/// Nobody is told of what they did themselves. Of an unattributed change nothing that waits names who did it.
pub async fn nobody_is_told_of_what_they_did(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    told(&world).await;
    let actor = Actor::Account {
        id: people.ann,
        session: world.id(),
        platform_role: PlatformRole::User,
        assurance: Assurance::Aal1,
        authenticated_at: world.now(),
    };
    let notice = |to| Notice::new(to, NoticeKind::System, "x/y");
    let holders = Recipients::Holders(people.north, vec![Role::Owner]);
    for is_attributed in [true, false] {
        let scope = Ctx::new(actor.clone(), Scope::Tenant(people.north));
        let mut unit = storage.store.begin(&scope).await.expect("a unit can be begun");
        let mut change = Change::new("thing.make", Target::new::<()>("thing", world.id()), world.tick())
            .notify(notice(Recipients::Account(people.ann)))
            .notify(notice(Recipients::Account(people.bob)))
            .notify(notice(holders.clone()));
        change.unattributed = !is_attributed;
        unit.record(change);
        unit.commit().await.expect("it can be committed");
        let waiting = take(storage, world.now(), 100).await;
        let names_ann = |text: String| text.contains(&people.ann.to_string());
        let named = waiting.iter().any(|delivery| names_ann(delivery.data.to_string()));
        assert_eq!(named, is_attributed);
        let notices: Vec<Notice> = waiting
            .iter()
            .filter(|delivery| delivery.topic == Notice::TOPIC)
            .map(|delivery| Notice::of(delivery).expect("it can be read"))
            .collect();
        let recipients: Vec<_> = notices.iter().map(|notice| notice.to.clone()).collect();
        assert_eq!(recipients, [Recipients::Account(people.bob), holders.clone()]);
        assert_eq!(notices[1].except(), is_attributed.then_some(people.ann));
    }
}
