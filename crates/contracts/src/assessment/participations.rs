//! Rules of what tells a person what is theirs.

use std::time::Duration;

use assessment_engine::{Origin, Participation};
use kernel::{AccountId, OrganizationId, Scope};

use super::commit;
use crate::{StorageUnderTest, world::World};

impl World {
    pub(super) async fn partake(&self, participation: Participation) {
        let mut unit = self.within(participation.organization).await;
        unit.put_participations(&[participation]).await.expect("it can be told");
        commit(unit).await;
    }

    /// A person is asked in something new.
    pub(super) fn partaking(&self, account: AccountId, organization: OrganizationId) -> Participation {
        Participation::of(account, organization, Origin::Coaching(self.id()), self.tick())
    }
}

async fn participations(world: &World, account: AccountId) -> Vec<Participation> {
    let mut unit = world.assess(Scope::Account(account)).await;
    unit.participations(account).await.expect("they can be read")
}

/// A person finds everything they were asked for, in any organisation, oldest first. Told again is no change.
pub async fn participations_are_a_persons_own(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let origin = Origin::Campaign { campaign: world.id(), assignment: world.id() };
    let last = Participation::of(people.bob, people.south, origin, world.now().plus(Duration::from_secs(99)));
    let (first, second) =
        (world.partaking(people.bob, people.north), world.partaking(people.bob, people.south));
    let of_ann = Participation { account: people.ann, ..first };
    for participation in [last, second, first, of_ann] {
        world.partake(participation).await;
    }
    assert_eq!(participations(&world, people.bob).await, [first, second, last]);
    assert_eq!(participations(&world, people.ann).await, [of_ann]);
    let again = Participation { created_at: world.tick(), ..first };
    world.partake(again).await;
    let mut unit = world.within(people.north).await;
    for _ in 0..2 {
        unit.put_participations(&[again]).await.expect("it can be told");
    }
    commit(unit).await;
    assert_eq!(participations(&world, people.bob).await, [first, second, last], "told again is no change");
}

/// A person has one forgotten, and the others stay, as do those of others.
pub async fn participations_can_be_forgotten(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let (first, second) =
        (world.partaking(people.bob, people.north), world.partaking(people.bob, people.south));
    let of_ann = Participation { account: people.ann, ..first };
    for participation in [first, second, of_ann] {
        world.partake(participation).await;
    }
    let mut unit = world.assess(Scope::Account(people.bob)).await;
    unit.delete_participation(people.bob, first.origin).await.expect("it can be forgotten");
    assert_eq!(unit.participations(people.bob).await.expect("they can be read"), [second]);
    drop(unit);
    assert_eq!(participations(&world, people.bob).await.len(), 2, "a dropped unit forgets nothing");
    for origin in [first.origin, first.origin, world.id::<()>().uuid()] {
        let mut unit = world.assess(Scope::Account(people.bob)).await;
        unit.delete_participation(people.bob, origin).await.expect("what is not there is forgotten");
        commit(unit).await;
    }
    assert_eq!(participations(&world, people.bob).await, [second]);
    assert_eq!(participations(&world, people.ann).await, [of_ann]);
}
