//! What was not allowed: each attempt is on record.

use identity::{
    Refused, Role, Roles, account::AccountChange, directory::AccountFilter, membership::MemberChange,
    permission::MEMBERS_READ,
};
use kernel::{AccountId, Clock as _, Id, OrganizationId, PageRequest};
use uuid::Uuid;

use super::{ExpectedEvent, Watch, account_of, denied, id_of, new_key};
use crate::world::{Person, email};

/// What a member's role, or nobody's, does not allow.
pub(super) async fn leave(watch: &mut Watch<'_>) {
    let world = watch.world;
    let page = PageRequest::default();
    let olga = world.sign_in("olga@example.org").await;
    let mia = world.person("mia@example.org").await;
    let eve = world.person("eve@example.org").await;
    let founded = world.found(&olga, "South Wind").await;
    let (south, version) = (founded.organization.id, founded.organization.version());
    world.join(south, &olga, &mia, Role::Member).await;
    let organizations = &world.identity.organizations;
    watch.news().await;

    for denied_call in [true, false] {
        let who = if denied_call { &mia } else { &eve };
        let expected = |action| {
            let expected = denied(action, "organization").on(south.uuid()).by(&who.ctx);
            if denied_call { expected.of(south) } else { expected }
        };
        forbidden(watch, who, south, account_of(&olga), expected).await;
    }
    let refused = organizations.get(&eve.ctx, south).await;
    let expected = denied("organization.view", "organization").on(south.uuid()).by(&eve.ctx);
    watch.refused("OrganizationService::get", refused, expected).await;
    let refused = organizations.leave(&eve.ctx, south).await;
    let expected = denied("membership.leave", "organization").on(south.uuid()).by(&eve.ctx);
    watch.refused("OrganizationService::leave", refused, expected).await;
    let refused = world.identity.members.list(&eve.ctx, south, &page).await;
    let expected = denied("membership.view", "organization").on(south.uuid()).by(&eve.ctx);
    watch.refused("MemberService::list", refused, expected).await;

    let demand = |profile: &mut identity::OrganizationProfile| profile.requires_second_factor = true;
    organizations.edit(&olga.ctx, south, version, demand).await.unwrap();
    watch.news().await;
    let refused = organizations.get(&mia.ctx, south).await;
    let expected = denied("organization.view", "organization").on(south.uuid()).of(south).by(&mia.ctx);
    let refused = watch.refused("OrganizationService::get", refused, expected).await;
    assert!(matches!(refused, Refused::SecondFactorNeeded));
}

async fn forbidden(
    watch: &mut Watch<'_>,
    who: &Person,
    organization: OrganizationId,
    other: AccountId,
    expected: impl Fn(&'static str) -> ExpectedEvent,
) {
    let world = watch.world;
    let (ctx, page, id) = (&who.ctx, PageRequest::default(), Uuid::nil());
    let identity = &world.identity;
    let refused = identity.organizations.edit(ctx, organization, 1, |_| {}).await;
    watch.refused("OrganizationService::edit", refused, expected("organization.edit")).await;
    let refused = identity.organizations.close(ctx, organization).await;
    watch.refused("OrganizationService::close", refused, expected("organization.close")).await;
    let refused = identity.organizations.transfer(ctx, organization, other).await;
    watch.refused("OrganizationService::transfer", refused, expected("organization.transfer")).await;
    let change = MemberChange { job_title: Some(None), ..MemberChange::default() };
    let refused = identity.members.update(ctx, organization, other, 1, change).await;
    watch.refused("MemberService::update", refused, expected("membership.describe")).await;
    let change = MemberChange { roles: Some(Roles::only(Role::Member)), ..MemberChange::default() };
    let refused = identity.members.update(ctx, organization, other, 1, change).await;
    watch.refused("MemberService::update", refused, expected("membership.grant")).await;
    let refused = identity.members.remove(ctx, organization, other, 1).await;
    watch.refused("MemberService::remove", refused, expected("membership.remove")).await;
    let invitations = &identity.invitations;
    let to = email("x@example.org");
    let refused = invitations.invite(ctx, organization, to, Roles::only(Role::Candidate)).await;
    watch.refused("InvitationService::invite", refused, expected("invitation.send")).await;
    let refused = invitations.list(ctx, organization, &page).await;
    watch.refused("InvitationService::list", refused, expected("invitation.view")).await;
    let refused = invitations.get(ctx, organization, Id::from_uuid(id)).await;
    watch.refused("InvitationService::get", refused, expected("invitation.view")).await;
    let refused = invitations.resend(ctx, organization, Id::from_uuid(id)).await;
    watch.refused("InvitationService::resend", refused, expected("invitation.send")).await;
    let refused = invitations.revoke(ctx, organization, Id::from_uuid(id), 1).await;
    watch.refused("InvitationService::revoke", refused, expected("invitation.revoke")).await;
    let new = new_key([MEMBERS_READ], world.clock.now());
    let refused = identity.api_keys.create(ctx, organization, new).await;
    watch.refused("ApiKeyService::create", refused, expected("api_key.create")).await;
    let refused = identity.api_keys.list(ctx, organization, &page).await;
    watch.refused("ApiKeyService::list", refused, expected("api_key.view")).await;
    let refused = identity.api_keys.revoke(ctx, organization, Id::from_uuid(id)).await;
    watch.refused("ApiKeyService::revoke", refused, expected("api_key.revoke")).await;
}

/// What goes beyond a permission one has.
pub(super) async fn beyond(watch: &mut Watch<'_>) {
    let world = watch.world;
    let olga = world.sign_in("olga@example.org").await;
    let west = world.found(&olga, "West Wind").await.organization.id;
    let adi = world.person("adi@example.org").await;
    let rex = world.person("rex@example.org").await;
    world.join(west, &olga, &adi, Role::Admin).await;
    world.join(west, &olga, &rex, Role::Recruiter).await;
    let invitations = &world.identity.invitations;
    let owner = || Roles::only(Role::Owner);
    let pending = invitations.invite(&olga.ctx, west, email("x@example.org"), owner()).await.unwrap();
    watch.news().await;
    let expected = |action, kind, target: Uuid| denied(action, kind).on(target).of(west);
    let is_beyond = |refused: Refused| assert!(matches!(refused, Refused::BeyondOwnRoles), "{refused:?}");

    let refused = invitations.invite(&adi.ctx, west, email("y@example.org"), owner()).await;
    let on = expected("invitation.send", "organization", west.uuid()).by(&adi.ctx);
    is_beyond(watch.refused("InvitationService::invite", refused, on).await);
    let refused = invitations.resend(&adi.ctx, west, pending.id).await;
    let on = expected("invitation.send", "invitation", pending.id.uuid()).by(&adi.ctx);
    is_beyond(watch.refused("InvitationService::resend", refused, on).await);
    let members = &world.identity.members;
    let page = PageRequest::default();
    let listed = members.list(&adi.ctx, west, &page).await.unwrap().items;
    let version = listed.iter().find(|m| m.account.id == account_of(&olga)).unwrap().membership.version();
    let change = MemberChange { roles: Some(Roles::only(Role::Member)), ..MemberChange::default() };
    let refused = members.update(&adi.ctx, west, account_of(&olga), version, change).await;
    let on = expected("membership.grant", "account", id_of(&olga)).by(&adi.ctx);
    is_beyond(watch.refused("MemberService::update", refused, on).await);
    let refused = members.remove(&adi.ctx, west, account_of(&olga), version).await;
    let on = expected("membership.remove", "account", id_of(&olga)).by(&adi.ctx);
    is_beyond(watch.refused("MemberService::remove", refused, on).await);

    let refused = invitations.get(&rex.ctx, west, pending.id).await;
    let on = |action| expected(action, "invitation", pending.id.uuid()).by(&rex.ctx);
    watch.refused("InvitationService::get", refused, on("invitation.view")).await;
    let refused = invitations.revoke(&rex.ctx, west, pending.id, pending.version()).await;
    watch.refused("InvitationService::revoke", refused, on("invitation.revoke")).await;
    let refused = world.identity.api_keys.revoke(&adi.ctx, west, Id::from_uuid(Uuid::nil())).await;
    let on = expected("api_key.revoke", "api_key", Uuid::nil()).by(&adi.ctx);
    watch.refused("ApiKeyService::revoke", refused, on).await;
    let refused = world.identity.accounts.end_session(&adi.ctx, rex.tokens.session).await;
    let on = denied("session.end", "session").on(rex.tokens.session.uuid()).by(&adi.ctx);
    watch.refused("AccountService::end_session", refused, on).await;
}

pub(super) async fn platform(watch: &mut Watch<'_>) {
    let world = watch.world;
    let service = &world.identity.administration;
    let (filter, page, change) = (AccountFilter::default(), PageRequest::default(), AccountChange::default());
    let adi = world.sign_in("adi@example.org").await;
    let sue = world.administrator("sue@example.org").await;
    watch.news().await;
    let expected = |action, by: &Person| denied(action, "platform").by(&by.ctx);
    for who in [&adi, &sue] {
        let refused = service.accounts(&who.ctx, &filter, &page).await;
        watch.refused("AdministrationService::accounts", refused, expected("account.view", who)).await;
        let refused = service.update(&who.ctx, account_of(&adi), 1, change).await;
        watch.refused("AdministrationService::update", refused, expected("account.administrate", who)).await;
    }
    let sue = world.with_second_factor("sue@example.org").await;
    watch.news().await;
    for account in [account_of(&sue), AccountId::from_uuid(Uuid::nil())] {
        let refused = service.update(&sue.ctx, account, 1, change).await;
        let expected = denied("account.administrate", "account").on(account.uuid()).by(&sue.ctx);
        watch.refused("AdministrationService::update", refused, expected).await;
    }
}
