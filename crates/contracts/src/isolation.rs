//! Rules of scope: what lies outside is not there to read, and saving it is refused.
//!
//! An insert outside the scope MUST be `OutOfScope`. An update may be `Stale` as well: a row that cannot be seen
//! has no current version.

use identity::{Invitation, Membership, Session, Slug, directory::AccountFilter};
use kernel::{AccountId, Change, OrganizationId, Role, Roles, Scope, StoreError, Target};

use crate::{
    StorageUnderTest,
    aggregate::Aggregate,
    outbox::take,
    samples::email,
    world::{TestPeople, World, ctx, whole},
};

/// Every scope but those that reach the row.
pub(crate) fn others(world: &World, people: &TestPeople, reached: &[Scope]) -> Vec<Scope> {
    let stranger: (AccountId, OrganizationId) = (world.id(), world.id());
    let all = [
        Scope::Identity,
        Scope::Platform,
        Scope::Worker,
        Scope::Tenant(people.north),
        Scope::Tenant(people.south),
        Scope::Tenant(stranger.1),
        Scope::Account(people.ann),
        Scope::Account(people.bob),
        Scope::Account(stranger.0),
        Scope::Buyer(people.north),
        Scope::Public,
        Scope::Ballot,
        Scope::Tally,
    ];
    all.into_iter().filter(|scope| !reached.contains(scope)).collect()
}

/// Shows that a row is seen in the scopes that reach it and in no other, and can be changed in no other.
pub(crate) async fn reaches<A: Aggregate>(world: &World, people: &TestPeople, fresh: A, reached: &[Scope]) {
    let kind = fresh.kind();
    for scope in others(world, people, reached) {
        let insert = world.try_keep(scope, &mut fresh.clone()).await;
        assert!(matches!(insert, Err(StoreError::OutOfScope)), "a new {kind} in {scope:?} gets {insert:?}");
    }
    let kept = world.keep(fresh).await;
    for scope in reached {
        assert_eq!(world.read(*scope, &kept).await.as_ref(), Some(&kept), "{kind} is seen in {scope:?}");
    }
    for scope in others(world, people, reached) {
        assert_eq!(world.read(scope, &kept).await, None, "{kind} is not seen in {scope:?}");
        let mut changed = kept.clone();
        changed.touch(world.tick());
        let update = world.try_keep(scope, &mut changed).await;
        let refused = matches!(update, Err(StoreError::OutOfScope | StoreError::Stale));
        assert!(refused, "a changed {kind} in {scope:?} gets {update:?}");
    }
    assert_eq!(world.read(kept.scope(), &kept).await, Some(kept), "it is as it was");
}

/// What belongs to a person is seen by that person, and by the platform where it supervises.
pub async fn another_account_sees_nothing(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let own = [Scope::Identity, Scope::Account(people.ann)];
    let supervised = [Scope::Identity, Scope::Account(people.ann), Scope::Platform];
    reaches(&world, &people, world.settings_sample(&people), &own).await;
    reaches(&world, &people, world.factor_sample(&people), &own).await;
    reaches(&world, &people, world.session_sample(&people), &supervised).await;
    let sample = world.account_sample("carl@example.org");
    let supervised = [Scope::Identity, Scope::Account(sample.id), Scope::Platform];
    reaches(&world, &people, sample, &supervised).await;
}

/// What belongs to an organisation is seen within that organisation.
pub async fn another_tenant_sees_nothing(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let tenant = [Scope::Identity, Scope::Tenant(people.north)];
    reaches(&world, &people, world.invitation_sample(&people), &tenant).await;
    reaches(&world, &people, world.key_sample(&people), &tenant).await;
    let both = [Scope::Identity, Scope::Tenant(people.north), Scope::Account(people.bob), Scope::Platform];
    reaches(&world, &people, world.membership_sample(&people), &both).await;
    let sample = world.organization_sample("north-wind");
    let both = [Scope::Identity, Scope::Tenant(sample.id), Scope::Platform];
    reaches(&world, &people, sample, &both).await;
}

/// What happens before anyone is known is seen in the scope of identity alone.
pub async fn registrations_and_tokens_are_seen_by_identity_alone(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    reaches(&world, &people, world.registration_sample("dora@example.org"), &[Scope::Identity]).await;
    reaches(&world, &people, world.token_sample(&people), &[Scope::Identity]).await;
    for scope in others(&world, &people, &[Scope::Identity]) {
        let mut unit = world.begin(scope).await;
        let open =
            unit.open_registration(&email("dora@example.org"), world.now()).await.expect("nothing is found");
        assert_eq!(open, None, "{scope:?}");
    }
}

/// A data key is its owner's to read; only the scope of identity makes and destroys it.
pub async fn data_keys_are_their_owners(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut unit = world.begin(Scope::Identity).await;
    unit.put_data_key(people.ann, b"ann's").await.expect("a key can be kept");
    unit.commit().await.expect("it can be committed");
    for scope in others(&world, &people, &[Scope::Identity, Scope::Account(people.ann)]) {
        let mut unit = world.begin(scope).await;
        assert_eq!(unit.data_key(people.ann).await.expect("nothing is found"), None, "{scope:?}");
    }
    for scope in others(&world, &people, &[Scope::Identity]) {
        let mut unit = world.begin(scope).await;
        let put = unit.put_data_key(people.ann, b"stolen").await;
        assert!(matches!(put, Err(StoreError::OutOfScope)), "{scope:?} gets {put:?}");
        // Destroying what cannot be seen is refused or does nothing.
        let mut unit = world.begin(scope).await;
        if unit.destroy_data_key(people.ann).await.is_ok() {
            unit.commit().await.expect("doing nothing can be committed");
        }
    }
    let mut unit = world.begin(Scope::Account(people.ann)).await;
    let key = unit.data_key(people.ann).await.expect("it can be read");
    assert_eq!(key.as_deref(), Some(&b"ann's"[..]), "it is as it was");
}

/// Known devices are their owner's, who can have them forgotten; nobody else adds or forgets any.
pub async fn devices_are_their_owners(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let (laptop, other) = (world.digest(), world.digest());
    let mut unit = world.begin(Scope::Identity).await;
    unit.remember_device(people.ann, &laptop, world.now()).await.expect("a device can be remembered");
    unit.commit().await.expect("it can be committed");
    for scope in others(&world, &people, &[Scope::Identity, Scope::Account(people.ann)]) {
        let mut unit = world.begin(scope).await;
        let remember = unit.remember_device(people.ann, &other, world.now()).await;
        assert!(matches!(remember, Err(StoreError::OutOfScope)), "{scope:?} gets {remember:?}");
        let mut unit = world.begin(scope).await;
        if unit.forget_devices(people.ann).await.is_ok() {
            unit.commit().await.expect("doing nothing can be committed");
        }
    }
    let knows = async |device| {
        let mut unit = world.begin(Scope::Account(people.ann)).await;
        unit.knows_device(people.ann, device).await.expect("it can be read")
    };
    assert!(knows(&laptop).await, "the device is still known");
    assert!(!knows(&other).await, "and none besides");
    let mut unit = world.begin(Scope::Account(people.ann)).await;
    unit.forget_devices(people.ann).await.expect("a person who changes the password forgets the devices");
    unit.commit().await.expect("it can be committed");
    assert!(knows(&other).await, "who has none any more begins anew");
}

/// Lists and look-ups of a unit are cut to its scope.
pub async fn lists_of_a_unit_stay_in_scope(storage: &StorageUnderTest) {
    fn organizations(memberships: &[Membership]) -> Vec<OrganizationId> {
        let mut ids: Vec<_> = memberships.iter().map(|membership| membership.organization).collect();
        ids.sort();
        ids
    }
    let world = World::of(storage);
    let people = world.people().await;
    let session = world.session(people.ann).await;
    world.keep(world.invitation_to(people.south, &people, "carl@example.org")).await;
    let carl = email("carl@example.org");

    let mut north = world.begin(Scope::Tenant(people.north)).await;
    let of_ann = north.memberships_of(people.ann).await.expect("they can be read");
    assert_eq!(organizations(&of_ann), [people.north], "a tenant sees its own memberships of a person");
    assert!(north.active_memberships(people.south).await.expect("nothing is found").is_empty());
    assert!(north.owners_for_update(people.south).await.expect("nothing is found").is_empty());
    let none: Option<Invitation> =
        north.pending_invitation(people.south, &carl).await.expect("nothing is found");
    assert_eq!(none, None);
    assert!(north.invitations_of(&carl).await.expect("nothing is found").is_empty());
    assert!(north.live_sessions(people.ann, world.now()).await.expect("nothing is found").is_empty());
    assert_eq!(north.account_by_email(&email("ann@example.org")).await.expect("nothing is found"), None);

    let mut ann = world.begin(Scope::Account(people.ann)).await;
    let of_ann = ann.memberships_of(people.ann).await.expect("they can be read");
    assert_eq!(organizations(&of_ann), [people.north, people.south], "a person sees all their memberships");
    let live: Vec<Session> = ann.live_sessions(people.ann, world.now()).await.expect("they can be read");
    assert_eq!(live, [session]);
    let mut bob = world.begin(Scope::Account(people.bob)).await;
    assert!(bob.memberships_of(people.ann).await.expect("nothing is found").is_empty());
    assert!(bob.live_sessions(people.ann, world.now()).await.expect("nothing is found").is_empty());
    assert_eq!(bob.account_by_email(&email("ann@example.org")).await.expect("nothing is found"), None);
}

/// The directory sees nothing outside the scope of its reader.
pub async fn the_directory_stays_in_scope(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let directory = &storage.directory;
    let people = world.people().await;
    let session = world.session(people.ann).await;
    let key = world.keep(world.key_sample(&people)).await;
    world.keep(world.invitation_to(people.north, &people, "carl@example.org")).await;
    let slug = Slug::new("east-wind").expect("a slug");
    world.organization(Some(slug.clone())).await;
    let (page, now) = (&whole(), world.now());

    for scope in others(&world, &people, &[Scope::Identity, Scope::Platform, Scope::Account(people.ann)]) {
        let reader = &ctx(scope);
        assert_eq!(directory.account(reader, people.ann).await.expect("nothing is found"), None, "{scope:?}");
        let session_status =
            directory.session_status(reader, session.id, now).await.expect("nothing is found");
        assert_eq!(session_status, None, "{scope:?}");
        let sessions = directory.sessions(reader, people.ann, now, page).await.expect("nothing is found");
        assert!(sessions.items.is_empty(), "{scope:?}");
        let filter = AccountFilter { email_prefix: Some("ann@".to_owned()), status: None };
        let accounts = directory.accounts(reader, &filter, page).await.expect("nothing is found");
        assert!(accounts.items.is_empty(), "{scope:?}");
    }
    for scope in others(&world, &people, &[Scope::Identity, Scope::Tenant(people.north)]) {
        let reader = &ctx(scope);
        assert_eq!(directory.api_key(reader, key.id).await.expect("nothing is found"), None, "{scope:?}");
        assert!(
            directory.api_keys(reader, page).await.expect("nothing is found").items.is_empty(),
            "{scope:?}"
        );
        let invitations = directory.invitations(reader, None, page).await.expect("nothing is found");
        assert!(invitations.items.is_empty(), "{scope:?}");
        let carl = email("carl@example.org");
        let received = directory.invitations_for(reader, &carl, now, page).await.expect("nothing is found");
        assert!(received.items.is_empty(), "{scope:?}");
    }
    for scope in others(&world, &people, &[Scope::Identity, Scope::Platform, Scope::Tenant(people.north)]) {
        let reader = &ctx(scope);
        let organization = directory.organization(reader, people.north).await.expect("nothing is found");
        assert_eq!(organization, None, "{scope:?}");
        let found = directory.organization_by_slug(reader, &slug).await.expect("nothing is found");
        assert_eq!(found, None, "{scope:?}");
        let membership =
            directory.membership_of(reader, people.north, people.ann).await.expect("nothing is found");
        assert_eq!(membership, None, "{scope:?}");
    }
    for scope in others(&world, &people, &[Scope::Tenant(people.north), Scope::Tenant(people.south)]) {
        let members = directory.members(&ctx(scope), Some(people.ann), page).await.expect("nothing is found");
        assert!(members.items.is_empty(), "{scope:?}");
        let holders = directory.holders(&ctx(scope), &[], page).await.expect("nothing is found");
        assert!(holders.items.is_empty(), "{scope:?}");
    }
    let mut members =
        directory.members(&ctx(Scope::Tenant(people.north)), None, page).await.expect("a list").items;
    assert_eq!(members.len(), 1);
    let member = members.remove(0);
    assert_eq!((member.membership.organization, member.account.id), (people.north, people.ann));
}

/// What a scope reads it may not always change, and what it changes it may not always make.
pub async fn reading_is_not_changing(storage: &StorageUnderTest) {
    async fn refused(world: &World, scope: Scope, mut aggregate: impl Aggregate) {
        let kept = world.try_keep(scope, &mut aggregate).await;
        let kind = aggregate.kind();
        assert!(matches!(kept, Err(StoreError::OutOfScope)), "a {kind} in {scope:?} gets {kept:?}");
    }
    let world = World::of(storage);
    let people = world.people().await;
    let membership = world.keep(world.membership_sample(&people)).await;
    let organization = world.keep(world.organization_sample("north-wind")).await;
    let session = world.keep(world.session_sample(&people)).await;
    for scope in [Scope::Platform, Scope::Account(people.bob)] {
        refused(&world, scope, world.changed_membership(&membership)).await;
    }
    refused(&world, Scope::Platform, world.changed_organization(&organization)).await;
    for scope in [Scope::Platform, Scope::Account(people.ann)] {
        refused(&world, scope, world.session_sample(&people)).await;
    }
    let account = world.account_sample("carl@example.org");
    for scope in [Scope::Platform, Scope::Account(account.id)] {
        refused(&world, scope, account.clone()).await;
    }
    // Who belongs to an organisation is decided by accepting its invitation, in the scope of identity.
    let joined =
        Membership::join(world.id(), people.south, people.ann, Roles::only(Role::Owner), world.tick());
    refused(&world, Scope::Tenant(people.south), joined).await;
    let founded = world.organization_sample("south-wind");
    refused(&world, Scope::Tenant(founded.id), founded).await;

    let mut ended = world.changed_session(&session);
    world.try_keep(Scope::Account(people.ann), &mut ended).await.expect("a person ends an own session");
    let mut edited = world.changed_organization(&organization);
    world.try_keep(Scope::Tenant(organization.id), &mut edited).await.expect("a tenant edits itself");
}

/// Changes reach the queue from every scope that can commit; what happens in a tenant's unit belongs to the tenant.
pub async fn every_scope_can_tell(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut sample = world.settings_sample(&people);
    world.try_keep(Scope::Account(people.ann), &mut sample).await.expect("an own document can be kept");
    let mut key = world.key_sample(&people);
    world.try_keep(Scope::Tenant(people.north), &mut key).await.expect("an own key can be kept");
    let mut unit = world.begin(Scope::Tenant(people.south)).await;
    let target = Target::new::<()>("report", world.id());
    unit.record(Change::new("report.ask", target.clone(), world.tick()));
    unit.commit().await.expect("it can be committed");
    let mut unit = world.begin(Scope::Platform).await;
    let mut bob = unit.account(people.bob).await.expect("it can be read").expect("it is there");
    bob.suspend(world.tick());
    unit.save_account(&mut bob).await.expect("the platform can suspend");
    unit.commit().await.expect("it can be committed");
    let told = take(storage, world.now(), 100).await;
    let told: Vec<_> = told.iter().map(|delivery| (delivery.target_id, delivery.organization)).collect();
    let expected = [
        (people.ann.uuid(), None),
        (key.id.uuid(), Some(people.north)),
        (target.id, Some(people.south)),
        (people.bob.uuid(), None),
    ];
    for expected in expected {
        assert!(told.contains(&expected), "{expected:?} was told");
    }
}
