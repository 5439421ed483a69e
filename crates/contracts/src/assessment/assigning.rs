//! Rules of asking many people at once in a campaign that others change meanwhile.

use std::time::Duration;

use assessment_engine::{Assignment, Campaign, Unit};
use kernel::{StoreError, invitation::Invitee};

use super::{assessment_fixture::AssessmentFixture, commit};
use crate::{
    StorageUnderTest,
    aggregate::Aggregate as _,
    samples::email,
    world::{World, ctx},
};

/// How long an adapter may let somebody wait for somebody else before a rule goes on.
const A_MOMENT: Duration = Duration::from_millis(200);

fn asked(world: &World, fixture: &AssessmentFixture, invitee: Invitee) -> Assignment {
    let (id, campaign, now) = (world.id(), fixture.campaign.id, world.tick());
    Assignment::assign(id, fixture.organization, campaign, invitee, None, now)
}

async fn among(unit: &mut Unit, of: &Campaign, people: &[&Invitee]) -> Vec<Assignment> {
    unit.assignments_among(of.id, people).await.expect("they can be read")
}

/// Many are asked at once, each of them or nobody.
pub async fn many_are_asked_or_nobody(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let mut unit = world.within(people.north).await;
    unit.save_assignments(&mut []).await.expect("nobody can be asked");
    let invitees = [Invitee::member(people.bob), world.somebody(), Invitee::member(people.ann)];
    let mut all = invitees.map(|invitee| asked(&world, &fixture, invitee));
    unit.save_assignments(&mut all).await.expect("they can be asked");
    commit(unit).await;
    for one in &all {
        assert_eq!(world.again(one).await, *one);
    }
    let mut unit = world.within(people.north).await;
    let stranger = asked(&world, &fixture, world.somebody());
    let mut twice = [stranger.clone(), asked(&world, &fixture, Invitee::member(people.bob))];
    let failed = match unit.save_assignments(&mut twice).await {
        Ok(()) => unit.commit().await,
        failed => failed,
    };
    assert!(matches!(failed, Err(StoreError::Duplicate(_))), "one of them is asked already: {failed:?}");
    assert_eq!(world.read(stranger.scope(), &stranger).await, None, "nobody is asked");
}

/// Those a campaign asks already are found by their account, or by their address however it is written; neither those
/// who were withdrawn nor those another campaign asks.
pub async fn those_who_are_asked_already_are_found(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let elsewhere = world.other_campaign(&fixture).await;
    let (bob, carl) = (Invitee::member(people.bob), Invitee::address(email("Carl@example.org"), None));
    let by_account = world.assigned(&fixture, bob.clone()).await;
    let mut by_address = world.assigned(&fixture, carl).await;
    world.assigned(&fixture, world.somebody()).await;
    let carl = Invitee::address(email("carl@EXAMPLE.org"), None);
    let mut unit = world.within(people.north).await;
    let everybody = [&bob, &carl, &Invitee::member(people.ann), &world.somebody()];
    assert_eq!(
        among(&mut *unit, &fixture.campaign, &everybody).await,
        [by_account.clone(), by_address.clone()],
        "oldest first"
    );
    assert_eq!(among(&mut *unit, &fixture.campaign, &[&carl]).await, [by_address.clone()]);
    assert!(among(&mut *unit, &fixture.campaign, &[]).await.is_empty());
    assert!(among(&mut *unit, &elsewhere.campaign, &everybody).await.is_empty(), "it asks nobody");
    by_address.link(people.ann, None, world.tick());
    unit.save_assignment(&mut by_address).await.expect("it can be saved");
    let ann = Invitee::member(people.ann);
    assert_eq!(among(&mut *unit, &fixture.campaign, &[&ann]).await, [by_address], "whoever has the address");
    let mut back = by_account;
    back.withdraw(world.tick());
    unit.save_assignment(&mut back).await.expect("it can be saved");
    assert!(among(&mut *unit, &fixture.campaign, &[&bob]).await.is_empty(), "they were withdrawn");
}

/// Whoever asks people holds the campaign: it is changed before or after, and of two who ask neither waits.
pub async fn a_campaign_is_asked_in_as_it_was_read(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let mut unit = world.within(people.north).await;
    let mut other = world.within(people.north).await;
    let held = unit.campaign_for_share(fixture.campaign.id).await.expect("it can be read");
    assert_eq!(held.as_ref(), Some(&fixture.campaign));
    let second = tokio::time::timeout(A_MOMENT, other.campaign_for_share(fixture.campaign.id)).await;
    assert!(matches!(second, Ok(Ok(Some(_)))), "it does not wait: {second:?}");
    drop(other);
    let mut assignment = asked(&world, &fixture, world.somebody());
    unit.save_assignment(&mut assignment).await.expect("they can be asked");
    let (store, mut campaign, now) =
        (storage.assessment_store.clone(), fixture.campaign.clone(), world.tick());
    let tenant = ctx(assignment.scope());
    let mut closing = tokio::spawn(async move {
        let mut unit = store.begin(&tenant).await?;
        campaign.close(now);
        unit.save_campaign(&mut campaign).await?;
        unit.commit().await
    });
    let waited = tokio::time::timeout(A_MOMENT, &mut closing).await;
    let was_closed = waited.is_ok();
    let committed = unit.commit().await;
    let closed = match waited {
        Ok(closed) => closed,
        Err(_) => closing.await,
    };
    closed.expect("closing does not panic").expect("it is closed, before or after");
    match (was_closed, committed) {
        (false, Ok(())) => assert_eq!(world.again(&assignment).await, assignment, "they were asked before"),
        (true, Err(StoreError::Stale)) => {
            assert_eq!(world.read(assignment.scope(), &assignment).await, None, "nobody is asked after");
        }
        both => panic!("nobody is asked in a campaign that is closed: {both:?}"),
    }
}
