//! Ways in that were tried and must stay closed.

use identity::{Name, Refused, Role, Roles, Spent, account::AccountChange, api_key::NewApiKey};
use kernel::{Assurance, Clock as _, Secret};

use crate::world::{OTHER_PASSWORD, PASSWORD, World, email, nobody, token_of};

fn with_link<'a>(letters: &'a [kernel::Mail], to: &str) -> &'a kernel::Mail {
    letters.iter().find(|mail| mail.to == to && mail.link.is_some()).expect("a letter with a link")
}

#[tokio::test]
async fn a_link_sent_to_one_address_proves_no_other() {
    let world = World::new();
    let eve = world.person("eve@example.org").await;
    let accounts = &world.identity.accounts;
    accounts.request_email_change(&eve.ctx, email("eve@own.example")).await.unwrap();
    let letters = world.post().await;
    let token = token_of(with_link(&letters, "eve@own.example"));
    accounts.request_email_change(&eve.ctx, email("victim@example.org")).await.unwrap();
    let refused = accounts.confirm_email_change(&nobody(), &token).await.unwrap_err();
    assert!(matches!(refused, Refused::SpentLink(Spent::Expired, _)));
    assert_eq!(accounts.own(&eve.ctx).await.unwrap().email, Some(email("eve@example.org")));
}

#[tokio::test]
async fn a_reset_ends_what_a_hijacker_began() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    world.identity.accounts.request_email_change(&ann.ctx, email("evil@example.org")).await.unwrap();
    let letters = world.post().await;
    let evil = token_of(with_link(&letters, "evil@example.org"));
    let passwords = &world.identity.passwords;
    passwords.forgot(&nobody(), &ann.email).await.unwrap();
    let letters = world.post().await;
    let reset = token_of(with_link(&letters, "ann@example.org"));
    passwords.reset(&nobody(), &reset, &Secret::new(OTHER_PASSWORD)).await.unwrap();
    let refused = world.identity.accounts.confirm_email_change(&nobody(), &evil).await.unwrap_err();
    assert!(matches!(refused, Refused::SpentLink(Spent::Expired, _)));
}

#[tokio::test]
async fn a_reset_link_dies_with_the_password_it_was_for() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let passwords = &world.identity.passwords;
    passwords.forgot(&nobody(), &ann.email).await.unwrap();
    let letters = world.post().await;
    let token = token_of(with_link(&letters, "ann@example.org"));
    let (old, new) = (Secret::new(PASSWORD), Secret::new(OTHER_PASSWORD));
    passwords.change(&ann.ctx, &old, &new).await.unwrap();
    let refused = passwords.reset(&nobody(), &token, &old).await.unwrap_err();
    assert!(matches!(refused, Refused::SpentLink(Spent::Expired, _)));
}

#[tokio::test]
async fn the_key_of_a_suspended_maker_opens_nothing_and_no_key_makes_an_owner() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    let new = NewApiKey {
        name: Name::new("Payroll").unwrap(),
        scopes: world.identity.api_keys.scopes().cloned().collect(),
        expires_at: world.clock.now().plus(std::time::Duration::from_secs(3600)),
    };
    let (_, secret) = world.identity.api_keys.create(&ann.ctx, id, new).await.unwrap();
    let key = world.identity.authentication.authenticate(&nobody(), secret.expose()).await.unwrap();
    let invitations = &world.identity.invitations;
    for role in [Role::Owner, Role::Admin] {
        let invited = invitations.invite(&key, id, email("x@example.org"), Roles::only(role)).await;
        assert!(matches!(invited, Err(Refused::PersonNeeded)), "{role:?}");
    }
    invitations.invite(&key, id, email("x@example.org"), Roles::only(Role::Manager)).await.unwrap();

    let administration = &world.identity.administration;
    world.administrator("root@example.org").await;
    let root = world.with_second_factor("root@example.org").await;
    let account = world.identity.accounts.own(&ann.ctx).await.unwrap();
    let suspend = AccountChange { suspended: Some(true), ..AccountChange::default() };
    administration.update(&root.ctx, account.id, account.version(), suspend).await.unwrap();
    let page = kernel::PageRequest::default();
    let listed = world.identity.members.list(&key, id, &page).await;
    assert!(matches!(listed, Err(Refused::InvalidToken)));
}

#[tokio::test]
async fn where_a_second_factor_is_demanded_a_key_needs_a_maker_who_has_one() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let founded = world.found(&ann, "North Wind").await;
    let (id, version) = (founded.organization.id, founded.organization.version());
    let new = NewApiKey {
        name: Name::new("Payroll").unwrap(),
        scopes: world.identity.api_keys.scopes().cloned().collect(),
        expires_at: world.clock.now().plus(std::time::Duration::from_secs(3600)),
    };
    let (_, secret) = world.identity.api_keys.create(&ann.ctx, id, new).await.unwrap();
    let demand = |profile: &mut identity::OrganizationProfile| profile.requires_second_factor = true;
    world.identity.organizations.edit(&ann.ctx, id, version, demand).await.unwrap();
    let key = world.identity.authentication.authenticate(&nobody(), secret.expose()).await.unwrap();
    let page = kernel::PageRequest::default();
    let listed = world.identity.members.list(&key, id, &page).await;
    assert!(matches!(listed, Err(Refused::SecondFactorNeeded)));
    world.with_second_factor("ann@example.org").await;
    assert!(world.identity.members.list(&key, id, &page).await.is_ok());
}

#[tokio::test]
async fn without_the_factor_a_session_has_one_factor_again() {
    let world = World::new();
    world.person("ann@example.org").await;
    let ann = world.with_second_factor("ann@example.org").await;
    world.identity.second_factors.remove(&ann.ctx).await.unwrap();
    let renewed = world.identity.sign_in.refresh(&nobody(), &ann.tokens.refresh_token).await.unwrap();
    let ctx = world.ctx_of(&renewed).await.unwrap();
    assert!(matches!(ctx.actor, kernel::Actor::Account { assurance: Assurance::Aal1, .. }));
}

#[tokio::test]
async fn a_strangers_mailbox_gets_three_letters_an_hour_of_each_kind() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    world.post().await;
    let invitations = &world.identity.invitations;
    let to = email("stranger@example.org");
    let invitation = invitations.invite(&ann.ctx, id, to.clone(), Roles::only(Role::Member)).await.unwrap();
    for number in 0..6 {
        let sent = invitations.resend(&ann.ctx, id, invitation.id).await;
        match sent {
            Ok(_) => assert!(number < 2),
            Err(Refused::MailedOften { seconds }) => {
                assert!(number >= 2 && (3_000..=3_601).contains(&seconds));
            }
            Err(other) => panic!("{other}"),
        }
        world.identity.accounts.request_email_change(&ann.ctx, to.clone()).await.unwrap();
    }
    let letters = world.post().await;
    let of =
        |template: &str| letters.iter().filter(|m| m.template == template && m.to == to.as_str()).count();
    assert_eq!(of("identity/invitation"), 3);
    assert!(of("identity/email-change-confirm") <= 3, "{}", of("identity/email-change-confirm"));
    for _ in 0..4 {
        world.register("ann@example.org", PASSWORD).await.unwrap();
    }
    world.post().await;
    world.identity.passwords.forgot(&nobody(), &ann.email).await.unwrap();
    assert_eq!(
        world.post().await.len(),
        1,
        "registering in someone's name does not keep them from recovering"
    );
}

#[tokio::test]
async fn an_old_proof_invites_no_owner() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    world.pass(301);
    let invitations = &world.identity.invitations;
    let invited = invitations.invite(&ann.ctx, id, email("x@example.org"), Roles::only(Role::Owner)).await;
    assert!(matches!(invited, Err(Refused::StepUpRequired)));
    invitations.invite(&ann.ctx, id, email("x@example.org"), Roles::only(Role::Member)).await.unwrap();
}

#[tokio::test]
async fn an_erased_person_leaves_no_trace_in_sessions_and_memberships() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let ben = world.person("ben@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    world.join(id, &ann, &ben, Role::Member).await;
    let account = world.identity.accounts.own(&ben.ctx).await.unwrap();
    world.identity.accounts.erase(&ben.ctx, account.version()).await.unwrap();
    let store: &dyn kernel::Store<identity::Unit> = &world.storage;
    let mut unit = store.begin(&nobody()).await.unwrap();
    let session = unit.session(ben.tokens.session).await.unwrap().unwrap();
    assert_eq!((session.user_agent.clone(), session.address), (None, None));
    let membership = unit.membership(id, account.id).await.unwrap().unwrap();
    assert_eq!((membership.job_title.clone(), membership.department.clone()), (None, None));
}
