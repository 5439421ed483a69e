//! Rules of endpoints. What holds for every aggregate stands in [`crate::unit`].

use kernel::{OrganizationId, Scope, StoreError};
use webhook::{DisabledReason, Endpoint, EndpointState, Unit};

use crate::{
    StorageUnderTest,
    accounts::round_trip,
    aggregate::Aggregate as _,
    isolation::{others, reaches},
    pages::{refuses, walk},
    world::{World, ctx, whole},
};

async fn begin(world: &World, scope: Scope) -> Box<Unit> {
    world.storage.webhook_store.begin(&ctx(scope)).await.expect("a unit can be begun")
}

async fn count(world: &World, scope: Scope, of: OrganizationId) -> u64 {
    let mut unit = begin(world, scope).await;
    unit.count_webhook_endpoints(of).await.expect("they can be counted")
}

/// An endpoint reads back as it was saved, with either scheme, with one secret or two, whatever its status and why.
pub async fn endpoint_round_trip(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let becomes = |kept: &Endpoint, other: &EndpointState| {
        let EndpointState { id, organization, created_by, created_at, .. } = kept.state().clone();
        let state = EndpointState { id, organization, created_by, created_at, ..other.clone() };
        Endpoint::restore(state, kept.version()).mark(world.tick())
    };
    let plain = || world.new_endpoint(people.north, people.ann);
    round_trip(&world, plain(), |kept| becomes(kept, world.endpoint_sample(&people).state())).await;
    round_trip(&world, world.endpoint_sample(&people), |kept| becomes(kept, plain().state())).await;
    for disabled in [None].into_iter().chain(DisabledReason::ALL.map(Some)) {
        for is_paused in [false, true] {
            let state = EndpointState { disabled, is_paused, ..plain().state().clone() };
            round_trip(&world, plain(), |kept| becomes(kept, &state)).await;
        }
    }
}

/// Events are sent to all endpoints of the organisation but those that are disabled: who is paused may be sent them
/// by a recovery.
pub async fn disabled_ones_do_not_listen(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut endpoints = Vec::new();
    for of in [people.north, people.north, people.north, people.south] {
        endpoints.push(world.keep(world.new_endpoint(of, people.ann)).await);
    }
    let listening = async || {
        let mut unit = begin(&world, Scope::Tenant(people.north)).await;
        let mut found = unit.listening_webhook_endpoints().await.expect("they can be read");
        found.sort_by_key(|of| of.id);
        found
    };
    assert_eq!(listening().await, endpoints[..3]);
    endpoints[1].pause(world.tick());
    endpoints[2].disable(DisabledReason::Gone, world.tick());
    for changed in &mut endpoints[1..3] {
        let scope = changed.scope();
        world.try_keep(scope, changed).await.expect("it can be saved");
    }
    assert_eq!(listening().await, endpoints[..2], "a paused one listens, a disabled one does not");
    endpoints[2].pause(world.tick());
    endpoints[2].enable(world.tick());
    let enabled = world.keep(endpoints.remove(2)).await;
    assert_eq!(listening().await, [endpoints[0].clone(), endpoints[1].clone(), enabled]);
}

/// Lists are oldest first and paged; whatever the status of an endpoint is, it is listed and counted.
pub async fn endpoints_are_listed_and_counted(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let [north, south] = [people.north, people.south];
    let mut expected = Vec::new();
    for of in 0..5 {
        let mut endpoint = world.new_endpoint(north, people.ann);
        match of {
            1 => endpoint.pause(world.tick()),
            3 => endpoint.disable(DisabledReason::Operator, world.tick()),
            _ => {}
        }
        expected.push(world.keep(endpoint).await);
        if of < 2 {
            world.keep(world.new_endpoint(south, people.ann)).await;
        }
    }
    for (scope, of, expected) in [(north, north, 5), (south, south, 2), (north, south, 0)] {
        assert_eq!(count(&world, Scope::Tenant(scope), of).await, expected, "seen by {scope:?} of {of:?}");
    }
    let fetch = async |of, page| begin(&world, Scope::Tenant(of)).await.webhook_endpoints(&page).await;
    refuses(
        "webhook endpoints",
        async |page| fetch(north, page).await,
        async |page| fetch(south, page).await,
    )
    .await;
    walk(
        "webhook endpoints",
        async |page| fetch(north, page).await,
        |of| of,
        &expected,
        async || {
            world.keep(world.new_endpoint(north, people.ann)).await;
        },
    )
    .await;
}

/// A deleted endpoint is gone once the unit is committed, and its last change is told. Who read an older version
/// deletes nothing.
pub async fn deleted_endpoints_are_gone(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let scope = Scope::Tenant(people.north);
    let mut outdated = world.keep(world.endpoint_sample(&people)).await;
    let other = world.keep(world.endpoint_sample(&people)).await;
    let mut endpoint = outdated.clone();
    endpoint.enable(world.tick());
    let mut endpoint = world.keep(endpoint).await;

    outdated.delete(world.tick());
    let mut unit = begin(&world, scope).await;
    let late = match unit.delete_webhook_endpoint(&mut outdated).await {
        Ok(()) => unit.commit().await,
        refused => refused,
    };
    assert!(matches!(late, Err(StoreError::Stale)), "who comes late gets {late:?}");
    assert_eq!(world.read(scope, &endpoint).await.as_ref(), Some(&endpoint));

    let told = crate::outbox::take(storage, world.now(), 1000).await;
    let kept = endpoint.clone();
    endpoint.delete(world.tick());
    let mut unit = begin(&world, scope).await;
    unit.delete_webhook_endpoint(&mut endpoint).await.expect("it can be deleted");
    assert_eq!(
        unit.webhook_endpoint(kept.id).await.expect("it can be read"),
        None,
        "its own unit sees it gone"
    );
    assert_eq!(world.read(scope, &kept).await.as_ref(), Some(&kept), "others see it still");
    unit.commit().await.expect("it can be committed");
    assert_eq!(world.read(scope, &kept).await, None);
    assert_eq!(world.read(scope, &other).await, Some(other), "no other is deleted");
    assert_eq!(count(&world, scope, people.north).await, 1);
    let deleted = crate::outbox::take(storage, world.now(), 1000).await;
    assert!(!told.is_empty() && deleted.len() == 1, "{deleted:?}");
    assert_eq!(deleted[0].target_id, kept.id.uuid());
}

/// Endpoints are seen and changed within their organisation alone, and listed and counted there.
pub async fn endpoints_are_their_organizations(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let own = [Scope::Tenant(people.north)];
    reaches(&world, &people, world.endpoint_sample(&people), &own).await;
    let mut kept = world.keep(world.new_endpoint(people.north, people.ann)).await;
    for scope in others(&world, &people, &own) {
        let mut unit = begin(&world, scope).await;
        let listed = unit.webhook_endpoints(&whole()).await.expect("nothing is found");
        assert_eq!(listed.items, [], "{scope:?}");
        let listening = unit.listening_webhook_endpoints().await.expect("nothing is found");
        assert_eq!(listening, [], "{scope:?}");
        assert_eq!(count(&world, scope, people.north).await, 0, "{scope:?}");
        let mut deleted = kept.clone();
        deleted.delete(world.tick());
        let refused = match unit.delete_webhook_endpoint(&mut deleted).await {
            Ok(()) => unit.commit().await,
            refused => refused,
        };
        assert!(matches!(refused, Err(StoreError::OutOfScope | StoreError::Stale)), "{scope:?}: {refused:?}");
    }
    assert_eq!(world.read(own[0], &kept).await.as_ref(), Some(&kept));
    kept.delete(world.tick());
    let mut unit = begin(&world, own[0]).await;
    unit.delete_webhook_endpoint(&mut kept).await.expect("its own organisation deletes it");
    unit.commit().await.expect("it can be committed");
}

/// Keys that were sealed anew take the place of the others, over the version that was read, and nothing tells of it.
/// Who read an older version keeps nothing, nor does another organisation.
pub async fn keys_are_sealed_anew_without_a_record(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let kept = world.keep(world.endpoint_sample(&people)).await;
    crate::outbox::take(storage, world.now(), 1000).await;
    let mut state = kept.state().clone();
    for secret in &mut state.secrets {
        secret.sealed.reverse();
    }
    let resealed = Endpoint::restore(state.clone(), kept.version());
    let reseal = async |scope| {
        let mut unit = begin(&world, scope).await;
        unit.save_resealed_webhook_endpoint(&resealed).await?;
        unit.commit().await
    };
    for scope in others(&world, &people, &[Scope::Tenant(people.north)]) {
        let refused = reseal(scope).await;
        assert!(matches!(refused, Err(StoreError::OutOfScope | StoreError::Stale)), "{scope:?}: {refused:?}");
    }
    let scope = Scope::Tenant(people.north);
    reseal(scope).await.expect("it can be kept");
    let expected = Endpoint::restore(state, kept.version() + 1);
    assert_eq!(world.read(scope, &kept).await, Some(expected));
    assert!(crate::outbox::take(storage, world.now(), 1000).await.is_empty(), "no event tells of it");
    let late = reseal(scope).await;
    assert!(matches!(late, Err(StoreError::Stale)), "who comes late gets {late:?}");
}

/// All endpoints come in the order of organisations and then of endpoints, page by page, whatever their status.
pub async fn endpoints_come_in_order(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut expected = Vec::new();
    for number in 0..7 {
        let of = if number % 3 == 0 { people.north } else { people.south };
        let mut endpoint = world.new_endpoint(of, people.ann);
        if number % 2 == 0 {
            endpoint.disable(DisabledReason::Gone, world.tick());
        }
        let kept = world.keep(endpoint).await;
        expected.push((kept.organization, kept.id));
    }
    expected.sort_unstable();
    let (mut seen, mut last) = (Vec::new(), None);
    loop {
        let page = storage.deliveries.endpoints_after(last, 3).await.expect("they can be looked for");
        assert!(page.len() <= 3);
        let Some(end) = page.last() else { break };
        last = Some(*end);
        seen.extend(page);
    }
    assert_eq!(seen, expected);
}
