//! Rules of reading without a unit.

use std::collections::HashSet;

use identity::{
    AccountStatus, EndReason, Invitation, Role, Slug,
    directory::{AccountFilter, SessionStatus},
};
use kernel::{AccountId, Cursor, PageRefusal, PageRequest, PlatformRole, Scope, StoreError};

use crate::{
    StorageUnderTest,
    aggregate::Aggregate as _,
    pages::walk,
    samples::email,
    world::{World, ctx, next_page, whole},
};

/// Every list is complete, in its order, and stable when rows are added between two pages.
pub async fn pages_are_complete_and_stable(storage: &StorageUnderTest) {
    let world = &World::of(storage);
    let directory = &storage.directory;
    let people = world.people().await;

    let mut newest_first = Vec::new();
    for _ in 0..5 {
        newest_first.insert(0, world.session(people.bob).await.id);
    }
    let (identity, own) = (&ctx(Scope::Identity), &ctx(Scope::Account(people.bob)));
    for scope in [identity, own] {
        let fetch = async |page: PageRequest| directory.sessions(scope, people.bob, world.now(), &page).await;
        let add = async || drop(world.session(people.ann).await);
        walk("sessions", fetch, |session| session.id, &newest_first, add).await;
    }
    let fetch = async |page: PageRequest| directory.sessions(identity, people.bob, world.now(), &page).await;
    let add = async || drop(world.session(people.bob).await);
    walk("growing sessions", fetch, |session| session.id, &newest_first, add).await;

    let mut oldest_first = Vec::new();
    for _ in 0..5 {
        let organization = world.organization(None).await.id;
        oldest_first.push(world.member(organization, people.bob, Role::Member).await.organization);
    }
    let fetch = async |page: PageRequest| directory.organizations_of(identity, people.bob, &page).await;
    let add = async || {
        let organization = world.organization(None).await.id;
        world.member(organization, people.bob, Role::Member).await;
    };
    walk("organisations", fetch, |own| own.organization.id, &oldest_first, add).await;

    let tenant = &ctx(Scope::Tenant(people.north));
    let mut members = vec![people.ann];
    for n in 0..4 {
        let account = world.account(&format!("member-{n}@example.org")).await.id;
        members.push(world.member(people.north, account, Role::Member).await.account);
    }
    let fetch = async |page: PageRequest| directory.members(tenant, None, &page).await;
    let add = async || {
        let account = world.account(&format!("new-{}@example.org", world.now().unix_seconds())).await.id;
        world.member(people.north, account, Role::Member).await;
    };
    walk("members", fetch, |view| view.account.id, &members, add).await;

    let (mut invitations, mut received) = (Vec::new(), Vec::new());
    for n in 0..5 {
        let invitation = world.invitation_to(people.north, &people, &format!("guest-{n}@example.org"));
        invitations.insert(0, world.keep(invitation).await.id);
        let organization = world.organization(None).await.id;
        let invitation = world.invitation_to(organization, &people, "Carl@example.org");
        received.insert(0, world.keep(invitation).await.id);
    }
    let fetch = async |page: PageRequest| directory.invitations(tenant, None, &page).await;
    let add = async || {
        let to = format!("guest-{}@example.org", world.now().unix_seconds());
        world.keep(world.invitation_to(people.north, &people, &to)).await;
    };
    walk("invitations", fetch, |invitation| invitation.id, &invitations, add).await;
    let carl = email("carl@example.org");
    let fetch =
        async |page: PageRequest| directory.invitations_for(identity, &carl, world.now(), &page).await;
    let add = async || {
        let organization = world.organization(None).await.id;
        world.keep(world.invitation_to(organization, &people, "carl@example.org")).await;
    };
    walk("received invitations", fetch, |received| received.invitation.id, &received, add).await;

    let mut keys = Vec::new();
    for _ in 0..5 {
        keys.insert(0, world.keep(world.key_sample(&people)).await.id);
    }
    let fetch = async |page: PageRequest| directory.api_keys(tenant, &page).await;
    let add = async || drop(world.keep(world.key_sample(&people)).await);
    walk("API keys", fetch, |key| key.id, &keys, add).await;

    let mut accounts = Vec::new();
    for n in 0..5 {
        accounts.insert(0, world.account(&format!("Listed-{n}@example.org")).await.id);
    }
    let platform = &ctx(Scope::Platform);
    let filter = &AccountFilter { email_prefix: Some("listed-".to_owned()), status: Some("active") };
    let fetch = async |page: PageRequest| directory.accounts(platform, filter, &page).await;
    let add =
        async || drop(world.account(&format!("listed-x{}@example.org", world.now().unix_seconds())).await);
    walk("accounts", fetch, |account| account.id, &accounts, add).await;
}

/// Rows of one moment come once each: the order among them is whatever storage says, but it is an order.
pub async fn rows_of_one_moment_are_paged_too(storage: &StorageUnderTest) {
    let world = &World::of(storage);
    let people = world.people().await;
    let now = world.now();
    for _ in 0..5 {
        let mut state = world.session_sample(&people).state().clone();
        state.created_at = now;
        world.keep(identity::Session::restore(state, 0).mark(now)).await;
    }
    let identity = &ctx(Scope::Identity);
    let fetch = async |page: PageRequest| storage.directory.sessions(identity, people.ann, now, &page).await;
    let all = fetch(whole()).await.expect("a list can be read");
    let expected: Vec<_> = all.items.into_iter().map(|session| session.id).collect();
    assert_eq!(expected.len(), 5);
    walk("sessions of one moment", fetch, |session| session.id, &expected, async || ()).await;
}

/// A cursor works under its own filter alone, and one that nobody made is refused.
pub async fn foreign_cursors_are_refused(storage: &StorageUnderTest) {
    let world = World::of(storage);
    for n in 0..3 {
        world.account(&format!("ann-{n}@example.org")).await;
    }
    let platform = ctx(Scope::Platform);
    let list = async |filter: &AccountFilter, page: &PageRequest| {
        storage.directory.accounts(&platform, filter, page).await
    };
    let all = AccountFilter::default();
    let first = list(&all, &next_page::<()>(1, None)).await.expect("a page");
    let active = AccountFilter { status: Some("active"), ..AccountFilter::default() };
    let foreign = list(&active, &next_page(1, Some(&first))).await;
    assert!(
        matches!(foreign, Err(StoreError::Page(PageRefusal::OtherFilter))),
        "another filter gets {foreign:?}"
    );
    let forged = PageRequest { after: Some(Cursor::from_client("AAAA")), ..PageRequest::default() };
    let forged = list(&all, &forged).await;
    assert!(
        matches!(forged, Err(StoreError::Page(PageRefusal::UnknownCursor))),
        "a forged one gets {forged:?}"
    );
}

/// Accounts are found by the beginning of the address, taken literally and without regard to case, and by status.
pub async fn account_filters_are_literal(storage: &StorageUnderTest) {
    let world = World::of(storage);
    for address in ["ann_l@example.org", "annal@example.org", "an%@example.org", "Bob@example.org"] {
        world.account(address).await;
    }
    let mut bob = {
        let mut unit = world.begin(Scope::Identity).await;
        unit.account_by_email(&email("bob@example.org")).await.expect("it can be read").expect("it is there")
    };
    bob.suspend(world.tick());
    world.keep(bob).await;
    let list = async |prefix: Option<&str>, status| {
        let filter = AccountFilter { email_prefix: prefix.map(str::to_owned), status };
        let page =
            storage.directory.accounts(&ctx(Scope::Platform), &filter, &whole()).await.expect("a list");
        let address = |account: identity::Account| account.email.as_ref().map(ToString::to_string);
        page.items.into_iter().filter_map(address).collect::<Vec<_>>()
    };
    assert_eq!(list(Some("ann_"), None).await, ["ann_l@example.org"], "an underscore is an underscore");
    assert_eq!(list(Some("an%"), None).await, ["an%@example.org"], "a percent sign is a percent sign");
    assert_eq!(list(Some("\\"), None).await, Vec::<String>::new(), "a backslash is a backslash");
    assert_eq!(
        list(Some("ANN"), None).await,
        ["annal@example.org", "ann_l@example.org"],
        "case does not count"
    );
    assert_eq!(list(None, Some("suspended")).await, ["Bob@example.org"]);
    assert_eq!(list(Some("ann"), Some("suspended")).await, Vec::<String>::new());
    assert_eq!(list(None, None).await.len(), 4);
}

/// A session's status tells whose it is, whether it is live, and what became of the account.
pub async fn session_status_follows_session_and_account(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let identity = ctx(Scope::Identity);
    let mut session = world.session(people.ann).await;
    let id = session.id;
    let session_status =
        async || storage.directory.session_status(&identity, id, world.now()).await.expect("it can be read");
    let (account_status, platform_role) = (AccountStatus::Active, PlatformRole::User);
    let authenticated_at = session.authenticated_at;
    let fresh = SessionStatus {
        account: people.ann,
        live: true,
        authenticated_at,
        epoch: 0,
        account_status,
        platform_role,
        temporary_password: false,
    };
    assert_eq!(session_status().await, Some(fresh));
    let authenticated_at = world.tick();
    session.stepped_up(kernel::Assurance::Aal1, authenticated_at);
    session = world.keep(session).await;
    let fresh = SessionStatus { authenticated_at, ..fresh };
    assert_eq!(session_status().await, Some(fresh), "proved again");
    let mut ann = {
        let mut unit = world.begin(Scope::Identity).await;
        unit.account(people.ann).await.expect("it can be read").expect("it is there")
    };
    ann.issue_temporary_password(world.tick());
    let mut ann = world.keep(ann).await;
    let fresh = SessionStatus { epoch: 1, temporary_password: true, ..fresh };
    assert_eq!(session_status().await, Some(fresh), "a temporary password");
    ann.suspend(world.tick());
    world.keep(ann).await;
    let suspended = SessionStatus { epoch: 2, account_status: AccountStatus::Suspended, ..fresh };
    assert_eq!(session_status().await, Some(suspended));
    session.end(EndReason::Suspended, world.tick());
    world.keep(session).await;
    assert_eq!(session_status().await, Some(SessionStatus { live: false, ..suspended }));
    let unknown =
        storage.directory.session_status(&identity, world.id(), world.now()).await.expect("it can be read");
    assert_eq!(unknown, None);
}

/// Of the people asked for, those who are active members are told, while the organisation is open.
pub async fn members_among_the_asked(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let mut bob = world.member(people.north, people.bob, Role::Member).await;
    let asked = [people.ann, people.bob, world.id()];
    let among = async |scope, asked: &[AccountId]| {
        let found = storage.directory.members_among(&ctx(scope), people.north, asked).await;
        found.expect("it can be read")
    };

    assert_eq!(among(Scope::Identity, &asked).await, HashSet::from([people.ann, people.bob]));
    assert_eq!(among(Scope::Identity, &[people.bob]).await, HashSet::from([people.bob]));
    assert_eq!(among(Scope::Identity, &[]).await, HashSet::new());
    assert_eq!(among(Scope::Tenant(people.south), &asked).await, HashSet::new());
    bob.end(true, world.tick());
    world.keep(bob).await;
    assert_eq!(among(Scope::Identity, &asked).await, HashSet::from([people.ann]), "an ended membership");
    let north = storage.directory.organization(&ctx(Scope::Identity), people.north).await;
    let mut north = north.expect("it can be read").expect("it is there");
    north.close(world.tick());
    world.keep(north).await;
    assert_eq!(among(Scope::Identity, &asked).await, HashSet::new(), "a closed organisation");
}

/// A membership is found whatever became of it; lists hold what counts.
pub async fn memberships_and_lists_of_members(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let directory = &storage.directory;
    let people = world.people().await;
    let (identity, tenant) = (ctx(Scope::Identity), ctx(Scope::Tenant(people.north)));
    let mut bob = world.member(people.north, people.bob, Role::Member).await;
    world.member(people.south, people.bob, Role::Member).await;

    let members = async |only| {
        let page = directory.members(&tenant, only, &whole()).await.expect("a list");
        page.items.into_iter().map(|view| (view.membership.account, view.account.id)).collect::<Vec<_>>()
    };
    assert_eq!(members(None).await, [(people.ann, people.ann), (people.bob, people.bob)], "oldest first");
    assert_eq!(members(Some(people.bob)).await, [(people.bob, people.bob)]);
    bob.end(true, world.tick());
    let bob = world.keep(bob).await;
    assert_eq!(members(None).await, [(people.ann, people.ann)], "an ended membership is not listed");
    assert!(members(Some(people.bob)).await.is_empty());
    let membership =
        directory.membership_of(&identity, people.north, people.bob).await.expect("it can be read");
    assert_eq!(membership.map(|own| (own.organization.id, own.membership)), Some((people.north, bob)));
    let missing = directory.membership_of(&identity, people.north, world.id()).await.expect("it can be read");
    assert_eq!(missing, None);

    let organizations = async |account| {
        let page = directory.organizations_of(&identity, account, &whole()).await.expect("a list");
        page.items.into_iter().map(|own| own.organization.id).collect::<Vec<_>>()
    };
    assert_eq!(organizations(people.ann).await, [people.north, people.south]);
    assert_eq!(organizations(people.bob).await, [people.south], "an ended membership is not listed");
    let mut south =
        directory.organization(&identity, people.south).await.expect("it can be read").expect("it is there");
    south.close(world.tick());
    world.keep(south).await;
    assert_eq!(organizations(people.ann).await, [people.north], "a closed organisation is not listed");
}

/// Invitations are listed while they are pending: to the organisation expired ones too, to the invited only open ones.
pub async fn invitation_lists_hold_what_waits(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let directory = &storage.directory;
    let people = world.people().await;
    let (identity, tenant) = (ctx(Scope::Identity), ctx(Scope::Tenant(people.north)));
    let sent = async |by| {
        let page = directory.invitations(&tenant, by, &whole()).await.expect("a list");
        page.items.into_iter().map(|invitation| invitation.id).collect::<Vec<_>>()
    };
    let received = async || {
        let carl = email("CARL@example.org");
        let page = directory.invitations_for(&identity, &carl, world.now(), &whole()).await.expect("a list");
        page.items.into_iter().map(|r| (r.invitation.id, r.organization_name)).collect::<Vec<_>>()
    };
    let mut carl = world.keep(world.invitation_to(people.north, &people, "Carl@example.org")).await;
    let mut state = world.invitation_to(people.north, &people, "dora@example.org").state().clone();
    state.invited_by = people.bob;
    let dora = world.keep(Invitation::restore(state, 0).mark(world.now())).await;
    world.keep(world.invitation_to(people.south, &people, "eve@example.org")).await;
    assert_eq!(sent(None).await, [dora.id, carl.id]);
    assert_eq!(sent(Some(people.bob)).await, [dora.id]);
    assert_eq!(received().await, [(carl.id, "Some AB".to_owned())]);
    world.pass(Invitation::LIFE);
    assert_eq!(sent(None).await, [dora.id, carl.id], "expired ones wait for whoever sent them");
    assert!(received().await.is_empty(), "an expired one cannot be answered");
    carl.resend(world.tick());
    let mut carl = world.keep(carl).await;
    assert_eq!(received().await.len(), 1, "sent again, it can");
    carl.accept(people.bob, None, world.tick());
    world.keep(carl).await;
    assert_eq!(sent(None).await, [dora.id], "an accepted one is not listed");
    assert!(received().await.is_empty());
}

/// API keys are listed until they are revoked, expired ones too, and are found by id in any state.
pub async fn api_key_lists_hold_what_was_not_revoked(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let directory = &storage.directory;
    let people = world.people().await;
    let first = world.keep(world.key_sample(&people)).await;
    let mut second = world.keep(world.key_sample(&people)).await;
    let list = async || {
        let page = directory.api_keys(&ctx(Scope::Tenant(people.north)), &whole()).await.expect("a list");
        page.items.into_iter().map(|key| key.id).collect::<Vec<_>>()
    };
    world.pass(identity::ApiKey::LONGEST_LIFE);
    assert_eq!(list().await, [second.id, first.id]);
    second.revoke(world.tick());
    let second = world.keep(second).await;
    assert_eq!(list().await, [first.id]);
    let found = directory.api_key(&ctx(Scope::Identity), second.id).await.expect("it can be read");
    assert_eq!(found, Some(second));
}

/// What the directory reads of one aggregate is what a unit reads.
pub async fn single_reads_agree_with_units(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let directory = &storage.directory;
    let ann = world.keep(world.account_sample("Ann@example.org")).await;
    let north = world.keep(world.organization_sample("north-wind")).await;
    let identity = ctx(Scope::Identity);
    let account = directory.account(&identity, ann.id).await.expect("it can be read").expect("it is there");
    assert_eq!(account.shown(), ann.shown());
    let organization = directory.organization(&identity, north.id).await.expect("it can be read");
    assert_eq!(organization.expect("it is there").shown(), north.shown());
    let slug = async |text| {
        let slug = Slug::new(text).expect("a slug");
        directory.organization_by_slug(&identity, &slug).await.expect("it can be read")
    };
    assert_eq!(slug("north-wind").await.expect("it is there").shown(), north.shown());
    assert_eq!(slug("south-wind").await, None);
    assert_eq!(directory.account(&identity, world.id()).await.expect("it can be read"), None);
    assert_eq!(directory.organization(&identity, world.id()).await.expect("it can be read"), None);
}
