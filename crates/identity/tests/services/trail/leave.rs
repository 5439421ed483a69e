//! What was not allowed: each attempt is on record.

use identity::{
    KeyScope, Refused, Role, Roles, administration::AccountChange, directory::AccountFilter,
    members::MemberChange,
};
use kernel::{AccountId, Clock as _, Id, OrganizationId, PageRequest};
use uuid::Uuid;

use super::{Told, Watch, account_of, denied, id_of, new_key, right};
use crate::world::{Person, email, nobody};

/// What a member's role, or nobody's, does not allow.
pub(super) async fn leave(watch: &mut Watch<'_>) {
    let world = watch.world;
    let page = PageRequest::default();
    let olga = world.sign_in("olga@example.org").await;
    let mia = world.person("mia@example.org").await;
    let eve = world.person("eve@example.org").await;
    let place = world.found(&olga, "South Wind").await;
    let (south, version) = (place.organization.id, place.organization.version());
    world.join(south, &olga, &mia, Role::Member).await;
    let organizations = &world.identity.organizations;
    watch.news().await;

    for denied_call in [true, false] {
        let who = if denied_call { &mia } else { &eve };
        let told = |action| {
            let told = denied(action, "organization").on(south.uuid()).by(&who.ctx);
            if denied_call { told.of(south) } else { told }
        };
        forbidden(watch, who, south, account_of(&olga), told).await;
    }
    let refused = organizations.get(&eve.ctx, south).await;
    let told = denied("organization.view", "organization").on(south.uuid()).by(&eve.ctx);
    watch.refused("Organizations::get", refused, told).await;
    let refused = organizations.leave(&eve.ctx, south).await;
    let told = denied("membership.leave", "organization").on(south.uuid()).by(&eve.ctx);
    watch.refused("Organizations::leave", refused, told).await;
    let refused = world.identity.members.list(&eve.ctx, south, &page).await;
    let told = denied("membership.view", "organization").on(south.uuid()).by(&eve.ctx);
    watch.refused("Members::list", refused, told).await;

    let demand = |profile: &mut identity::OrganizationProfile| profile.requires_second_factor = true;
    organizations.edit(&olga.ctx, south, version, demand).await.unwrap();
    watch.news().await;
    let refused = organizations.get(&mia.ctx, south).await;
    let told = denied("organization.view", "organization").on(south.uuid()).of(south).by(&mia.ctx);
    let refused = watch.refused("Organizations::get", refused, told).await;
    assert!(matches!(refused, Refused::SecondFactorNeeded));
}

async fn forbidden(
    watch: &mut Watch<'_>,
    who: &Person,
    organization: OrganizationId,
    other: AccountId,
    told: impl Fn(&'static str) -> Told,
) {
    let world = watch.world;
    let (ctx, page, id) = (&who.ctx, PageRequest::default(), Uuid::nil());
    let identity = &world.identity;
    let refused = identity.organizations.edit(ctx, organization, 1, |_| {}).await;
    watch.refused("Organizations::edit", refused, told("organization.edit")).await;
    let refused = identity.organizations.close(ctx, organization).await;
    watch.refused("Organizations::close", refused, told("organization.close")).await;
    let refused = identity.organizations.transfer(ctx, organization, other).await;
    watch.refused("Organizations::transfer", refused, told("organization.transfer")).await;
    let change = MemberChange { job_title: Some(None), ..MemberChange::default() };
    let refused = identity.members.update(ctx, organization, other, 1, change).await;
    watch.refused("Members::update", refused, told("membership.describe")).await;
    let change = MemberChange { roles: Some(Roles::only(Role::Member)), ..MemberChange::default() };
    let refused = identity.members.update(ctx, organization, other, 1, change).await;
    watch.refused("Members::update", refused, told("membership.grant")).await;
    let refused = identity.members.remove(ctx, organization, other, 1).await;
    watch.refused("Members::remove", refused, told("membership.remove")).await;
    let invitations = &identity.invitations;
    let to = email("x@example.org");
    let refused = invitations.invite(ctx, organization, to, Roles::only(Role::Candidate)).await;
    watch.refused("Invitations::invite", refused, told("invitation.send")).await;
    let refused = invitations.list(ctx, organization, &page).await;
    watch.refused("Invitations::list", refused, told("invitation.view")).await;
    let refused = invitations.get(ctx, organization, Id::from_uuid(id)).await;
    watch.refused("Invitations::get", refused, told("invitation.view")).await;
    let refused = invitations.resend(ctx, organization, Id::from_uuid(id)).await;
    watch.refused("Invitations::resend", refused, told("invitation.send")).await;
    let refused = invitations.revoke(ctx, organization, Id::from_uuid(id), 1).await;
    watch.refused("Invitations::revoke", refused, told("invitation.revoke")).await;
    let new = new_key([KeyScope::MembersRead], world.clock.now());
    let refused = identity.api_keys.create(ctx, organization, new).await;
    watch.refused("ApiKeys::create", refused, told("api_key.create")).await;
    let refused = identity.api_keys.list(ctx, organization, &page).await;
    watch.refused("ApiKeys::list", refused, told("api_key.view")).await;
    let refused = identity.api_keys.revoke(ctx, organization, Id::from_uuid(id)).await;
    watch.refused("ApiKeys::revoke", refused, told("api_key.revoke")).await;
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
    let told = |action, kind, target: Uuid| denied(action, kind).on(target).of(west);
    let is_beyond = |refused: Refused| assert!(matches!(refused, Refused::BeyondOwnRoles), "{refused:?}");

    let refused = invitations.invite(&adi.ctx, west, email("y@example.org"), owner()).await;
    let on = told("invitation.send", "organization", west.uuid()).by(&adi.ctx);
    is_beyond(watch.refused("Invitations::invite", refused, on).await);
    let refused = invitations.resend(&adi.ctx, west, pending.id).await;
    let on = told("invitation.send", "invitation", pending.id.uuid()).by(&adi.ctx);
    is_beyond(watch.refused("Invitations::resend", refused, on).await);
    let members = &world.identity.members;
    let page = PageRequest::default();
    let listed = members.list(&adi.ctx, west, &page).await.unwrap().items;
    let version = listed.iter().find(|m| m.account.id == account_of(&olga)).unwrap().membership.version();
    let change = MemberChange { roles: Some(Roles::only(Role::Member)), ..MemberChange::default() };
    let refused = members.update(&adi.ctx, west, account_of(&olga), version, change).await;
    let on = told("membership.grant", "account", id_of(&olga)).by(&adi.ctx);
    is_beyond(watch.refused("Members::update", refused, on).await);
    let refused = members.remove(&adi.ctx, west, account_of(&olga), version).await;
    let on = told("membership.remove", "account", id_of(&olga)).by(&adi.ctx);
    is_beyond(watch.refused("Members::remove", refused, on).await);

    let refused = invitations.get(&rex.ctx, west, pending.id).await;
    let on = |action| told(action, "invitation", pending.id.uuid()).by(&rex.ctx);
    watch.refused("Invitations::get", refused, on("invitation.view")).await;
    let refused = invitations.revoke(&rex.ctx, west, pending.id, pending.version()).await;
    watch.refused("Invitations::revoke", refused, on("invitation.revoke")).await;
    let refused = world.identity.api_keys.revoke(&adi.ctx, west, Id::from_uuid(Uuid::nil())).await;
    let on = told("api_key.revoke", "api_key", Uuid::nil()).by(&adi.ctx);
    watch.refused("ApiKeys::revoke", refused, on).await;
    let refused = world.identity.me.end_session(&adi.ctx, rex.tokens.session).await;
    let on = denied("session.end", "session").on(rex.tokens.session.uuid()).by(&adi.ctx);
    watch.refused("Me::end_session", refused, on).await;
}

pub(super) async fn platform(watch: &mut Watch<'_>) {
    let world = watch.world;
    let service = &world.identity.administration;
    let (filter, page, change) = (AccountFilter::default(), PageRequest::default(), AccountChange::default());
    let adi = world.sign_in("adi@example.org").await;
    service.create_admin(&nobody(), email("sue@example.org"), None, &right()).await.unwrap();
    let sue = world.sign_in("sue@example.org").await;
    watch.news().await;
    let refused = service.accounts(&adi.ctx, &filter, &page).await;
    let told = |action, by: &Person| denied(action, "platform").by(&by.ctx);
    watch.refused("Administration::accounts", refused, told("account.view", &adi)).await;
    for who in [&adi, &sue] {
        let refused = service.update(&who.ctx, account_of(&adi), 1, change).await;
        watch.refused("Administration::update", refused, told("account.administrate", who)).await;
    }
    let sue = world.with_second_factor("sue@example.org").await;
    watch.news().await;
    for account in [account_of(&sue), AccountId::from_uuid(Uuid::nil())] {
        let refused = service.update(&sue.ctx, account, 1, change).await;
        let told = denied("account.administrate", "account").on(account.uuid()).by(&sue.ctx);
        watch.refused("Administration::update", refused, told).await;
    }
}
