//! Rules of invitations that wait for the owner of an address to register.

use std::time::Duration;

use kernel::{EmailAddress, Scope, invitation::Invited};

use crate::{StorageUnderTest, assessment::commit, samples::email, world::World};

/// What an address was asked for is found once for each, by its kind, oldest first, however the address is written;
/// asked again is no change, and each kind can be forgotten.
pub async fn addresses_are_kept_until_forgotten(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let invited = |kind, organization| {
        let parent = (kind == 7).then(|| world.id::<()>().uuid());
        Invited { kind, organization, parent, id: world.id::<()>().uuid() }
    };
    let [first, second] = [invited(6, people.north), invited(6, people.north)];
    let [third, other] = [invited(7, people.south), invited(8, people.north)];
    let now = world.now();
    let later = |seconds| now.plus(Duration::from_secs(seconds));
    let ask = async |to: &EmailAddress, invited: Invited, at| {
        let mut unit = world.within(invited.organization).await;
        unit.put_pending_email_invitations(&[(to.clone(), invited)], at).await.expect("it can be noted");
        commit(unit).await;
    };
    let asked = async |to: &EmailAddress, kinds: &[u8]| {
        let mut unit = world.assess(Scope::Worker).await;
        unit.pending_email_invitations(to, kinds).await.expect("it can be read")
    };
    let forget = async |to: &EmailAddress, kinds: &[u8]| {
        let mut unit = world.assess(Scope::Worker).await;
        unit.delete_pending_email_invitations(to, kinds).await.expect("it can be forgotten");
        unit
    };
    let (carl, dora) = (email("Carl@example.org"), email("dora@example.org"));
    ask(&carl, second, later(2)).await;
    ask(&carl, third, later(3)).await;
    ask(&carl, first, later(1)).await;
    ask(&carl, other, later(1)).await;
    ask(&dora, first, later(1)).await;
    ask(&email("CARL@example.org"), first, later(9)).await;
    assert_eq!(asked(&email("carl@EXAMPLE.org"), &[6, 7]).await, [first, second, third]);
    assert_eq!(asked(&carl, &[7]).await, [third], "of one kind");
    assert_eq!(asked(&carl, &[]).await, [], "of no kind");
    drop(forget(&carl, &[6, 7]).await);
    assert_eq!(asked(&carl, &[6, 7]).await.len(), 3, "a dropped unit forgets nothing");
    commit(forget(&email("cArl@example.org"), &[6, 7]).await).await;
    assert_eq!(asked(&carl, &[6, 7, 8]).await, [other], "another kind stays");
    assert_eq!(asked(&dora, &[6]).await, [first], "another address keeps its own");
}
