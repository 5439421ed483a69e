//! The commands in organisations, and the events they leave.

use std::collections::BTreeSet;

use identity::{
    Invitation, InvitationId, Name, Organization, Preferences, Role, Roles, api_key::NewApiKey,
    invitation::InvitationRef, membership::MemberChange,
};
use kernel::{Clock as _, Ctx, Delivery, EventHandler as _, Lane, OrganizationId, PageRequest};
use serde_json::json;
use uuid::Uuid;

use super::{Watch, account_of, done, id_of};
use crate::world::{PASSWORD, Person, email, nobody};

pub(super) async fn organizations(watch: &mut Watch<'_>, ann: &Person) -> OrganizationId {
    let (world, page) = (watch.world, PageRequest::default());
    let service = &world.identity.organizations;
    let founded = world.found(ann, "North Wind").await;
    let north = founded.organization.id;
    let join = done("membership.join").by(&ann.ctx).of(north);
    let expected = [
        done("organization.found").by(&ann.ctx).own(north.uuid()).of(north),
        join.on(founded.membership.id.uuid()).about(id_of(ann)),
    ];
    watch.left("OrganizationService::found", &expected).await;
    let rename = |profile: &mut identity::OrganizationProfile| {
        profile.settings = Preferences::new(json!({ "ratio": 0.5 })).unwrap();
    };
    service.edit(&ann.ctx, north, founded.organization.version(), rename).await.unwrap();
    let expected = done("organization.edit").by(&ann.ctx).own(north.uuid()).of(north);
    watch.left("OrganizationService::edit", &[expected]).await;
    service.get(&ann.ctx, north).await.unwrap();
    watch.left("OrganizationService::get", &[]).await;
    service.list(&ann.ctx, &page).await.unwrap();
    watch.left("OrganizationService::list", &[]).await;
    limits_and_letters(watch, north).await;

    let ben = watch.newcomer("ben@example.org").await;
    world.join(north, ann, &ben, Role::Member).await;
    watch.news().await;
    members(watch, ann, &ben, north).await;

    for (from, to) in [(ann, &ben), (&ben, ann)] {
        service.transfer(&from.ctx, north, account_of(to)).await.unwrap();
        let granted = |to: &Person| done("membership.grant").by(&from.ctx).about(id_of(to)).of(north);
        let expected = done("organization.transfer").by(&from.ctx).on(north.uuid()).about_nobody().of(north);
        watch.left("OrganizationService::transfer", &[granted(to), granted(from), expected]).await;
    }
    service.leave(&ben.ctx, north).await.unwrap();
    let expected = done("membership.leave").by(&ben.ctx).about(id_of(&ben)).of(north);
    watch.left("OrganizationService::leave", &[expected]).await;
    north
}

async fn limits_and_letters(watch: &mut Watch<'_>, north: OrganizationId) {
    let world = watch.world;
    let done = |action| done(action).on(north.uuid()).about_nobody().of(north);
    let service = &world.identity.organization_limits;
    service.find(&nobody(), &north.to_string()).await.unwrap();
    watch.left("OrganizationLimitService::find", &[]).await;
    for _ in 0..2 {
        service.decide(&nobody(), north, |limits, _| limits.asked_per_day = Some(5)).await.unwrap();
    }
    watch.left("OrganizationLimitService::decide", &[done("organization.limit")]).await;
    let token = world.unsubscribe_token(north, "cleo@example.net").await;
    let service = &world.identity.unsubscribing;
    for _ in 0..2 {
        service.unsubscribe(&nobody(), &token).await.unwrap();
    }
    watch.left("UnsubscribingService::unsubscribe", &[done("organization.unsubscribe")]).await;
    for _ in 0..2 {
        service.subscribe(&nobody(), &token).await.unwrap();
    }
    watch.left("UnsubscribingService::subscribe", &[done("organization.subscribe")]).await;
}

async fn members(watch: &mut Watch<'_>, ann: &Person, ben: &Person, north: OrganizationId) {
    let (world, page) = (watch.world, PageRequest::default());
    let service = &world.identity.members;
    let listed = service.list(&ann.ctx, north, &page).await.unwrap();
    watch.left("MemberService::list", &[]).await;
    let found = listed.items.into_iter().find(|member| member.account.id == account_of(ben)).unwrap();
    let change = MemberChange {
        job_title: Some(Name::new("Weaver").ok()),
        department: None,
        roles: Some(Roles::only(Role::Manager)),
    };
    let version = found.membership.version();
    let changed = service.update(&ann.ctx, north, account_of(ben), version, change).await.unwrap();
    let expected =
        |action| done(action).by(&ann.ctx).on(found.membership.id.uuid()).about(id_of(ben)).of(north);
    watch
        .left("MemberService::update", &[expected("membership.grant"), expected("membership.describe")])
        .await;
    service.remove(&ann.ctx, north, account_of(ben), changed.membership.version()).await.unwrap();
    watch.left("MemberService::remove", &[expected("membership.remove")]).await;
    world.join(north, ann, ben, Role::Member).await;
    let again = watch.news().await.pop().expect("they joined again");
    assert_eq!((again.action.as_str(), again.subject), ("membership.join", Some(id_of(ben))));
    assert!(again.difference.as_str().contains("\"ended\""), "{again:?}");
}

pub(super) async fn invitations(watch: &mut Watch<'_>, ann: &Person, north: OrganizationId) {
    let (world, page) = (watch.world, PageRequest::default());
    let service = &world.identity.invitations;
    let cat = watch.newcomer("cat@example.org").await;
    let invite = || service.invite(&ann.ctx, north, email("cat@example.org"), Roles::only(Role::Member));
    let expected =
        |action, invitation: InvitationId, by: &Ctx| done(action).by(by).own(invitation.uuid()).of(north);
    let sent = |invitation: &Invitation| expected("invitation.send", invitation.id, &ann.ctx);

    let first = invite().await.unwrap();
    watch.left("InvitationService::invite", &[sent(&first)]).await;
    watch.link_to(first.id.uuid()).await;
    world.pass(1);
    let resent = service.resend(&ann.ctx, north, first.id).await.unwrap();
    watch.left("InvitationService::resend", &[sent(&first)]).await;
    watch.link_to(first.id.uuid()).await;
    service.list(&ann.ctx, north, &page).await.unwrap();
    watch.left("InvitationService::list", &[]).await;
    service.get(&ann.ctx, north, first.id).await.unwrap();
    watch.left("InvitationService::get", &[]).await;
    service.list_received(&cat.ctx, &page).await.unwrap();
    watch.left("InvitationService::list_received", &[]).await;
    service.revoke(&ann.ctx, north, first.id, resent.version()).await.unwrap();
    watch.left("InvitationService::revoke", &[expected("invitation.revoke", first.id, &ann.ctx)]).await;

    let second = invite().await.unwrap();
    watch.news().await;
    service.decline(&cat.ctx, InvitationRef::Id(second.id)).await.unwrap();
    watch.left("InvitationService::decline", &[expected("invitation.decline", second.id, &cat.ctx)]).await;

    world.pass(3600);
    let third = invite().await.unwrap();
    watch.news().await;
    watch.link_to(third.id.uuid()).await;
    let (ann, cat) = (world.sign_in("ann@new.example").await, world.sign_in("cat@example.org").await);
    let third = service.resend(&ann.ctx, north, third.id).await.unwrap();
    watch.news().await;
    let link = watch.link_to(third.id.uuid()).await;
    service.accept(&cat.ctx, InvitationRef::Token(link)).await.unwrap();
    let expected = [
        done("one_time_token.use").by(&cat.ctx).about(third.id.uuid()),
        expected("invitation.accept", third.id, &cat.ctx),
        done("membership.join").by(&cat.ctx).about(id_of(&cat)).of(north),
    ];
    watch.left("InvitationService::accept", &expected).await;
}

pub(super) async fn api_keys(watch: &mut Watch<'_>, ann: &Person, north: OrganizationId) {
    let world = watch.world;
    let service = &world.identity.api_keys;
    let ann = world.begun(ann, PASSWORD, None).await;
    watch.news().await;
    let new = NewApiKey {
        name: Name::new("Payroll").unwrap(),
        scopes: service.scopes().cloned().collect(),
        expires_at: world.clock.now().plus(std::time::Duration::from_secs(3600)),
    };
    let (key, secret) = service.create(&ann.ctx, north, new).await.unwrap();
    watch.secret("an API key", &secret);
    let expected = |action| done(action).by(&ann.ctx).on(key.id.uuid()).about(id_of(&ann)).of(north);
    watch.left("ApiKeyService::create", &[expected("api_key.create")]).await;
    let due = Delivery {
        id: Uuid::nil(),
        topic: "api_key.expires_soon".to_owned(),
        lane: Lane::Soon,
        target_kind: "api_key".to_owned(),
        target_id: key.id.uuid(),
        target_version: None,
        organization: Some(north),
        data: serde_json::Value::Null,
        occurred_at: world.clock.now(),
        attempts: 0,
    };
    world.identity.timers().handle(&due).await.unwrap();
    let warned = done("api_key.warn").on(key.id.uuid()).about(id_of(&ann)).of(north);
    watch.left("ApiKeyExpiry::handle", &[warned]).await;
    service.list(&ann.ctx, north, &PageRequest::default()).await.unwrap();
    watch.left("ApiKeyService::list", &[]).await;
    service.revoke(&ann.ctx, north, key.id).await.unwrap();
    watch.left("ApiKeyService::revoke", &[expected("api_key.revoke")]).await;
}

pub(super) async fn closing(watch: &mut Watch<'_>, ann: &Person, north: OrganizationId) {
    let world = watch.world;
    let ann = world.begun(ann, PASSWORD, None).await;
    watch.news().await;
    world.identity.organizations.close(&ann.ctx, north).await.unwrap();
    let suspended = done("membership.suspend").by(&ann.ctx).of(north);
    let closed = done("organization.close").by(&ann.ctx).own(north.uuid()).of(north);
    let expected = [closed, suspended.clone(), suspended];
    let news = watch.left("OrganizationService::close", &expected).await;
    let people: BTreeSet<_> = news[1..].iter().map(|event| event.subject).collect();
    assert!(people.contains(&Some(id_of(&ann))) && people.len() == 2, "each member's own");
    assert!(news.iter().all(|event| event.target.kind != Organization::KIND || event.subject.is_some()));
}
