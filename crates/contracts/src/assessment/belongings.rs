//! Rules of what tells a person what is his.

use std::time::Duration;

use assessment_engine::custom::{Origin, Participation};
use kernel::{AccountId, OrganizationId, Scope};

use super::commit;
use crate::{Subject, world::World};

impl World {
    pub(super) async fn partake(&self, participation: Participation) {
        let mut unit = self.within(participation.organization).await;
        unit.put_participation(&participation).await.expect("it can be told");
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

/// A person finds everything he was asked for, in any organisation, oldest first. Told again is no change.
pub async fn participations_are_a_persons_own(subject: &Subject) {
    let world = World::of(subject);
    let cast = world.cast().await;
    let origin = Origin::Campaign { campaign: world.id(), assignment: world.id() };
    let last = Participation::of(cast.bob, cast.south, origin, world.now().plus(Duration::from_secs(99)));
    let (first, second) = (world.partaking(cast.bob, cast.north), world.partaking(cast.bob, cast.south));
    let of_ann = Participation { account: cast.ann, ..first };
    for participation in [last, second, first, of_ann] {
        world.partake(participation).await;
    }
    assert_eq!(participations(&world, cast.bob).await, [first, second, last]);
    assert_eq!(participations(&world, cast.ann).await, [of_ann]);
    let again = Participation { created_at: world.tick(), ..first };
    world.partake(again).await;
    let mut unit = world.within(cast.north).await;
    for _ in 0..2 {
        unit.put_participation(&again).await.expect("it can be told");
    }
    commit(unit).await;
    assert_eq!(participations(&world, cast.bob).await, [first, second, last], "told again is no change");
}

/// A person has one forgotten, and the others stay, as do those of others.
pub async fn participations_can_be_forgotten(subject: &Subject) {
    let world = World::of(subject);
    let cast = world.cast().await;
    let (first, second) = (world.partaking(cast.bob, cast.north), world.partaking(cast.bob, cast.south));
    let of_ann = Participation { account: cast.ann, ..first };
    for participation in [first, second, of_ann] {
        world.partake(participation).await;
    }
    let mut unit = world.assess(Scope::Account(cast.bob)).await;
    unit.forget_participation(cast.bob, first.origin).await.expect("it can be forgotten");
    assert_eq!(unit.participations(cast.bob).await.expect("they can be read"), [second]);
    drop(unit);
    assert_eq!(participations(&world, cast.bob).await.len(), 2, "a dropped unit forgets nothing");
    for origin in [first.origin, first.origin, world.id::<()>().uuid()] {
        let mut unit = world.assess(Scope::Account(cast.bob)).await;
        unit.forget_participation(cast.bob, origin).await.expect("what is not there is forgotten");
        commit(unit).await;
    }
    assert_eq!(participations(&world, cast.bob).await, [second]);
    assert_eq!(participations(&world, cast.ann).await, [of_ann]);
}
