//! What only a person can do, tried by a program: each attempt is on record.

use identity::{
    KeyScope, Name, Refused, Role, Roles, administration::AccountChange, invitations::Answering,
    members::MemberChange,
};
use kernel::{AccountId, Clock as _, Ctx, Id, OrganizationId, PageRequest, Refusal as _, Secret, SessionId};
use uuid::Uuid;

use super::{Watch, account_of, denied, new_key, right, wrong};
use crate::world::{email, nobody};

/// An API key with every scope tries what only a person can do.
pub(super) async fn everything(watch: &mut Watch<'_>) {
    let world = watch.world;
    let olga = world.sign_in("olga@example.org").await;
    let east = world.found(&olga, "East Wind").await.organization.id;
    let new = new_key(KeyScope::ALL, world.clock.now());
    let (_, secret) = world.identity.api_keys.create(&olga.ctx, east, new).await.unwrap();
    let key = world.identity.authentication.authenticate(&nobody(), secret.expose()).await.unwrap();
    watch.news().await;
    one_self(watch, &key, east).await;
    in_organizations(watch, &key, east, account_of(&olga)).await;
}

async fn one_self(watch: &mut Watch<'_>, key: &Ctx, east: OrganizationId) {
    let world = watch.world;
    let (identity, page) = (&world.identity, PageRequest::default());
    let (me, factors) = (&identity.me, &identity.second_factors);
    let told = |action| denied(action, "account").by(key).of(east);
    let on_session = |action| denied(action, "session").by(key).of(east);
    macro_rules! refused {
        ($command:literal, $call:expr, $told:expr) => {
            let refused = $call.await;
            let refused = watch.refused($command, refused, $told).await;
            assert!(matches!(refused, Refused::PersonNeeded), "{}: {refused:?}", $command);
        };
    }
    refused!("Me::account", me.account(key), told("account.view"));
    refused!("Me::edit", me.edit(key, 1, |_| {}), told("account.edit_profile"));
    let to = email("z@example.org");
    refused!(
        "Me::request_email_change",
        me.request_email_change(key, to),
        told("account.request_email_change")
    );
    refused!("Me::sessions", me.sessions(key, &page), told("session.view"));
    let session = SessionId::from_uuid(Uuid::nil());
    refused!("Me::end_session", me.end_session(key, session), told("session.end"));
    refused!("Me::end_other_sessions", me.end_other_sessions(key), on_session("session.end"));
    refused!("Me::admin_settings", me.admin_settings(key), told("admin_settings.view"));
    let settings = identity::Preferences::default();
    refused!(
        "Me::put_admin_settings",
        me.put_admin_settings(key, None, settings),
        told("admin_settings.replace")
    );
    refused!("Me::export", me.export(key), told("account.export"));
    refused!("Me::erase", me.erase(key, 1), told("account.erase"));
    refused!("SecondFactors::enrol", factors.enrol(key), told("second_factor.enrol"));
    let code = Secret::new("123456");
    refused!("SecondFactors::confirm", factors.confirm(key, &code), told("second_factor.confirm"));
    refused!("SecondFactors::remove", factors.remove(key), told("second_factor.remove"));
    refused!(
        "SecondFactors::renew_recovery_codes",
        factors.renew_recovery_codes(key),
        told("second_factor.renew_recovery_codes")
    );
    let signing_in = &identity.signing_in;
    refused!("SigningIn::step_up", signing_in.step_up(key, &right(), None), on_session("session.step_up"));
    let passwords = &identity.passwords;
    refused!("Passwords::change", passwords.change(key, &right(), &wrong()), told("account.change_password"));
    let barred = identity.gate().permit_own(key).await.unwrap_err();
    assert_eq!(barred.code(), "identity.person_needed");
    watch.left("Gate::permit_own", &[told("account.act").because(barred.code())]).await;
}

async fn in_organizations(watch: &mut Watch<'_>, key: &Ctx, east: OrganizationId, olga: AccountId) {
    let world = watch.world;
    let (identity, page) = (&world.identity, PageRequest::default());
    let told = |action, kind| denied(action, kind).by(key).of(east);
    let on = |action| told(action, "organization").on(east.uuid());
    macro_rules! refused {
        ($command:literal, $call:expr, $told:expr) => {
            let refused = $call.await;
            let refused = watch.refused($command, refused, $told).await;
            assert!(matches!(refused, Refused::PersonNeeded), "{}: {refused:?}", $command);
        };
    }
    let organizations = &identity.organizations;
    let profile = identity::OrganizationProfile {
        name: Name::new("No Wind").unwrap(),
        slug: None,
        requires_second_factor: false,
        settings: identity::Preferences::default(),
    };
    refused!(
        "Organizations::found",
        organizations.found(key, profile),
        told("organization.found", "organization")
    );
    refused!(
        "Organizations::mine",
        organizations.mine(key, &page),
        told("organization.view", "organization")
    );
    refused!(
        "Organizations::leave",
        organizations.leave(key, east),
        told("membership.leave", "organization")
    );
    refused!("Organizations::edit", organizations.edit(key, east, 1, |_| {}), on("organization.edit"));
    refused!("Organizations::transfer", organizations.transfer(key, east, olga), on("organization.transfer"));
    refused!("Organizations::close", organizations.close(key, east), on("organization.close"));
    let change = MemberChange { roles: Some(Roles::only(Role::Member)), ..MemberChange::default() };
    let members = &identity.members;
    refused!("Members::update", members.update(key, east, olga, 1, change), on("membership.grant"));
    refused!("Members::remove", members.remove(key, east, olga, 1), on("membership.remove"));
    let invitations = &identity.invitations;
    let (to, admin) = (email("z@example.org"), Roles::only(Role::Admin));
    refused!("Invitations::invite", invitations.invite(key, east, to, admin), on("invitation.send"));
    refused!("Invitations::mine", invitations.mine(key, &page), told("invitation.view", "invitation"));
    let answer = || Answering::Id(Id::from_uuid(Uuid::nil()));
    refused!(
        "Invitations::accept",
        invitations.accept(key, answer()),
        told("invitation.accept", "invitation")
    );
    refused!(
        "Invitations::decline",
        invitations.decline(key, answer()),
        told("invitation.decline", "invitation")
    );
    let new = new_key([KeyScope::MembersRead], world.clock.now());
    refused!("ApiKeys::create", identity.api_keys.create(key, east, new), on("api_key.create"));
    let administration = &identity.administration;
    refused!(
        "Administration::update",
        administration.update(key, olga, 1, AccountChange::default()),
        told("account.administrate", "platform")
    );
}
