use std::{collections::BTreeSet, time::Duration};

use identity::{
    Identity, KeyScope, Name, Refused, Role, Roles, Spent,
    api_key::NewApiKey,
    invitation::InvitationRef,
    membership::MemberChange,
    permission::{INVITATIONS_WRITE, MEMBERS_READ, ORGANIZATION_READ},
};
use kernel::{Clock as _, PageRequest};

use crate::world::{Person, World, email, nobody, token_of};

async fn version_of(
    world: &World,
    organization: kernel::OrganizationId,
    reader: &Person,
    who: &Person,
) -> i64 {
    let page = PageRequest::default();
    let members = world.identity.members.list(&reader.ctx, organization, &page).await.unwrap();
    let id = who.ctx.actor.account().unwrap();
    members.items.iter().find(|member| member.account.id == id).unwrap().membership.version()
}

#[tokio::test]
async fn strangers_do_not_learn_that_an_organisation_exists() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let eve = world.person("eve@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    assert!(world.identity.organizations.get(&ann.ctx, id).await.is_ok());
    let seen = world.identity.organizations.get(&eve.ctx, id).await.unwrap_err();
    let unknown = kernel::Id::from_uuid(ann.tokens.session.uuid());
    let not_there = world.identity.organizations.get(&ann.ctx, unknown).await.unwrap_err();
    assert_eq!(seen.to_string(), not_there.to_string());
}

#[tokio::test]
async fn an_invitation_is_bound_to_its_address_and_works_once() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let ben = world.person("ben@example.org").await;
    let eve = world.person("eve@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    world.post().await;
    let invitations = &world.identity.invitations;
    let roles = Roles::only(Role::Member);
    invitations.invite(&ann.ctx, id, ben.email.clone(), roles.clone()).await.unwrap();
    let again = invitations.invite(&ann.ctx, id, email("BEN@example.org"), roles.clone()).await;
    assert!(matches!(again, Err(Refused::AlreadyInvited)));
    let letters = world.post().await;
    assert_eq!((letters[0].template, letters[0].to.as_str()), ("identity/invitation", "ben@example.org"));
    let token = || InvitationRef::Token(token_of(&letters[0]));
    assert!(matches!(invitations.accept(&eve.ctx, token()).await, Err(Refused::InvitationOfAnother)));
    assert_eq!(invitations.list_received(&ben.ctx, &PageRequest::default()).await.unwrap().items.len(), 1);
    invitations.accept(&ben.ctx, token()).await.unwrap();
    assert!(matches!(invitations.accept(&ben.ctx, token()).await, Err(Refused::SpentLink(Spent::Used, _))));
    let again = invitations.invite(&ann.ctx, id, ben.email.clone(), roles).await;
    assert!(matches!(again, Err(Refused::AlreadyMember)));
}

#[tokio::test]
async fn nobody_invites_beyond_his_roles_and_a_removed_inviters_invitations_end() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let rex = world.person("rex@example.org").await;
    let ben = world.person("ben@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    world.join(id, &ann, &rex, Role::Recruiter).await;
    let invitations = &world.identity.invitations;
    let admin = invitations.invite(&rex.ctx, id, ben.email.clone(), Roles::only(Role::Admin)).await;
    assert!(matches!(admin, Err(Refused::BeyondOwnRoles)));
    let candidate = Roles::only(Role::Candidate);
    let invitation = invitations.invite(&rex.ctx, id, ben.email.clone(), candidate).await.unwrap();
    let version = version_of(&world, id, &ann, &rex).await;
    let rex_id = rex.ctx.actor.account().unwrap();
    world.identity.members.remove(&ann.ctx, id, rex_id, version).await.unwrap();
    let late = invitations.accept(&ben.ctx, InvitationRef::Id(invitation.id)).await;
    assert!(matches!(late, Err(Refused::SpentLink(Spent::Withdrawn, _))));
}

#[tokio::test]
async fn the_last_owner_stays() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let ben = world.person("ben@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    let organizations = &world.identity.organizations;
    assert!(matches!(organizations.leave(&ann.ctx, id).await, Err(Refused::LastOwner)));
    let ann_id = ann.ctx.actor.account().unwrap();
    let version = version_of(&world, id, &ann, &ann).await;
    let demotion = MemberChange { roles: Some(Roles::only(Role::Admin)), ..MemberChange::default() };
    let refused = world.identity.members.update(&ann.ctx, id, ann_id, version, demotion).await;
    assert!(matches!(refused, Err(Refused::LastOwner)));
    world.join(id, &ann, &ben, Role::Member).await;
    organizations.transfer(&ann.ctx, id, ben.ctx.actor.account().unwrap()).await.unwrap();
    organizations.leave(&ann.ctx, id).await.unwrap();
    assert!(matches!(organizations.get(&ann.ctx, id).await, Err(Refused::Missing(_))));
    assert!(organizations.get(&ben.ctx, id).await.unwrap().membership.roles.contains(Role::Owner));
}

#[tokio::test]
async fn of_two_owners_leaving_at_once_one_stays() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let ben = world.person("ben@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    world.join(id, &ann, &ben, Role::Owner).await;
    let organizations = &world.identity.organizations;
    let (first, second) = tokio::join!(organizations.leave(&ann.ctx, id), organizations.leave(&ben.ctx, id));
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
}

#[tokio::test]
async fn an_admin_cannot_touch_an_owner() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let adi = world.person("adi@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    world.join(id, &ann, &adi, Role::Admin).await;
    let ann_id = ann.ctx.actor.account().unwrap();
    let version = version_of(&world, id, &adi, &ann).await;
    let refused = world.identity.members.remove(&adi.ctx, id, ann_id, version).await;
    assert!(matches!(refused, Err(Refused::BeyondOwnRoles)));
    let promotion = MemberChange { roles: Some(Roles::only(Role::Owner)), ..MemberChange::default() };
    let adi_id = adi.ctx.actor.account().unwrap();
    let version = version_of(&world, id, &adi, &adi).await;
    let refused = world.identity.members.update(&adi.ctx, id, adi_id, version, promotion).await;
    assert!(matches!(refused, Err(Refused::BeyondOwnRoles)));
}

#[tokio::test]
async fn a_candidate_sees_himself_alone_and_a_recruiter_his_own_invitations() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let rex = world.person("rex@example.org").await;
    let cat = world.person("cat@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    world.join(id, &ann, &rex, Role::Recruiter).await;
    world.join(id, &ann, &cat, Role::Candidate).await;
    let page = PageRequest::default();
    let members = &world.identity.members;
    assert_eq!(members.list(&cat.ctx, id, &page).await.unwrap().items.len(), 1);
    assert_eq!(members.list(&rex.ctx, id, &page).await.unwrap().items.len(), 3);
    let invitations = &world.identity.invitations;
    let of = |who: &Person, to: &str, role| {
        let (ctx, to) = (who.ctx.clone(), email(to));
        async move { invitations.invite(&ctx, id, to, Roles::only(role)).await.unwrap() }
    };
    let anns = of(&ann, "x@example.org", Role::Manager).await;
    of(&rex, "y@example.org", Role::Candidate).await;
    assert_eq!(invitations.list(&rex.ctx, id, &page).await.unwrap().items.len(), 1);
    assert_eq!(invitations.list(&ann.ctx, id, &page).await.unwrap().items.len(), 2);
    assert!(matches!(invitations.list(&cat.ctx, id, &page).await, Err(Refused::Forbidden)));
    let revoked = invitations.revoke(&rex.ctx, id, anns.id, anns.version()).await;
    assert!(matches!(revoked, Err(Refused::Missing(_))));
}

#[tokio::test]
async fn an_organisation_may_demand_a_second_factor() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let founded = world.found(&ann, "North Wind").await;
    let (id, version) = (founded.organization.id, founded.organization.version());
    let organizations = &world.identity.organizations;
    let demand = |profile: &mut identity::OrganizationProfile| profile.requires_second_factor = true;
    organizations.edit(&ann.ctx, id, version, demand).await.unwrap();
    assert!(matches!(organizations.get(&ann.ctx, id).await, Err(Refused::SecondFactorNeeded)));
    let ann = world.with_second_factor("ann@example.org").await;
    assert!(organizations.get(&ann.ctx, id).await.is_ok());
    let removal = world.identity.second_factors.remove(&ann.ctx).await;
    assert!(matches!(removal, Err(Refused::SecondFactorDemanded)));
}

#[tokio::test]
async fn closing_suspends_everybody() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let ben = world.person("ben@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    world.join(id, &ann, &ben, Role::Admin).await;
    let organizations = &world.identity.organizations;
    assert!(matches!(organizations.close(&ben.ctx, id).await, Err(Refused::Forbidden)));
    organizations.close(&ann.ctx, id).await.unwrap();
    assert!(matches!(organizations.get(&ann.ctx, id).await, Err(Refused::Missing(_))));
    assert!(organizations.list(&ben.ctx, &PageRequest::default()).await.unwrap().items.is_empty());
}

async fn key(
    world: &World,
    maker: &Person,
    id: kernel::OrganizationId,
    scopes: &[KeyScope],
) -> Result<(identity::ApiKey, kernel::Ctx), Refused> {
    let new = NewApiKey {
        name: Name::new("Payroll").unwrap(),
        scopes: scopes.iter().cloned().collect::<BTreeSet<_>>(),
        expires_at: world.clock.now().plus(Duration::from_secs(24 * 3600)),
    };
    let (key, secret) = world.identity.api_keys.create(&maker.ctx, id, new).await?;
    let ctx = world.identity.authentication.authenticate(&nobody(), secret.expose()).await?;
    Ok((key, ctx))
}

#[tokio::test]
async fn an_api_key_does_what_its_scopes_say_and_never_more_than_its_maker_may_now() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let adi = world.person("adi@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    let elsewhere = world.found(&ann, "South Wind").await.organization.id;
    world.join(id, &ann, &adi, Role::Admin).await;
    let (_, ctx) = key(&world, &adi, id, &[MEMBERS_READ, INVITATIONS_WRITE]).await.unwrap();
    let page = PageRequest::default();
    let Identity { members, invitations, organizations, accounts, .. } = &world.identity;
    assert_eq!(members.list(&ctx, id, &page).await.unwrap().items.len(), 2);
    assert!(matches!(members.list(&ctx, elsewhere, &page).await, Err(Refused::Missing(_))));
    let lacks = invitations.list(&ctx, id, &page).await.unwrap_err();
    assert!(lacks.to_string().contains("`invitations.read`"), "{lacks}");
    assert!(matches!(lacks, Refused::ScopeMissing(_)));
    assert!(matches!(organizations.close(&ctx, id).await, Err(Refused::PersonNeeded)));
    assert!(matches!(accounts.own(&ctx).await, Err(Refused::PersonNeeded)));
    let version = version_of(&world, id, &ann, &adi).await;
    let demotion = MemberChange { roles: Some(Roles::only(Role::Candidate)), ..MemberChange::default() };
    let adi_id = adi.ctx.actor.account().unwrap();
    members.update(&ann.ctx, id, adi_id, version, demotion).await.unwrap();
    assert_eq!(
        members.list(&ctx, id, &page).await.unwrap().items.len(),
        1,
        "their maker sees themselves alone now"
    );
    let invited = invitations.invite(&ctx, id, email("x@example.org"), Roles::only(Role::Candidate)).await;
    assert!(matches!(invited, Err(Refused::Forbidden)));
    let listed = invitations.list(&ctx, id, &page).await;
    assert!(matches!(listed, Err(Refused::Forbidden)), "neither the key nor its maker: {listed:?}");
}

#[tokio::test]
async fn a_revoked_or_expired_key_opens_nothing() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let id = world.found(&ann, "North Wind").await.organization.id;
    let scopes = BTreeSet::from([ORGANIZATION_READ]);
    let name = Name::new("Payroll").unwrap();
    let expires_at = world.clock.now().plus(Duration::from_secs(60));
    let api_keys = &world.identity.api_keys;
    let new = || NewApiKey { name: name.clone(), scopes: scopes.clone(), expires_at };
    let (first, secret) = api_keys.create(&ann.ctx, id, new()).await.unwrap();
    let (_, other) = api_keys.create(&ann.ctx, id, new()).await.unwrap();
    let opens = async |secret: &kernel::Secret| {
        world.identity.authentication.authenticate(&nobody(), secret.expose()).await.is_ok()
    };
    assert!(opens(&secret).await);
    api_keys.revoke(&ann.ctx, id, first.id).await.unwrap();
    assert!(!opens(&secret).await);
    assert!(opens(&other).await);
    world.pass(60);
    assert!(!opens(&other).await);
    let too_long =
        NewApiKey { expires_at: world.clock.now().plus(Duration::from_secs(366 * 24 * 3600)), ..new() };
    assert!(matches!(api_keys.create(&ann.ctx, id, too_long).await, Err(Refused::Invalid { .. })));
}
