//! What only a person can do, tried by a program: each attempt is on record.

use identity::{
    Name, Refused, Role, Roles, account::AccountChange, invitation::InvitationRef, membership::MemberChange,
    permission::MEMBERS_READ,
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
    let new = new_key(world.identity.api_keys.scopes().cloned(), world.clock.now());
    let (_, secret) = world.identity.api_keys.create(&olga.ctx, east, new).await.unwrap();
    let key = world.identity.authentication.authenticate(&nobody(), secret.expose()).await.unwrap();
    watch.news().await;
    one_self(watch, &key, east).await;
    in_organizations(watch, &key, east, account_of(&olga)).await;
}

async fn one_self(watch: &mut Watch<'_>, key: &Ctx, east: OrganizationId) {
    let world = watch.world;
    let (identity, page) = (&world.identity, PageRequest::default());
    let (accounts, factors) = (&identity.accounts, &identity.second_factors);
    let expected = |action| denied(action, "account").by(key).of(east);
    let on_session = |action| denied(action, "session").by(key).of(east);
    macro_rules! refused {
        ($command:literal, $call:expr, $expected:expr) => {
            let refused = $call.await;
            let refused = watch.refused($command, refused, $expected).await;
            assert!(matches!(refused, Refused::PersonNeeded), "{}: {refused:?}", $command);
        };
    }
    refused!("AccountService::own", accounts.own(key), expected("account.view"));
    refused!("AccountService::edit", accounts.edit(key, 1, |_| {}), expected("account.edit_profile"));
    let to = email("z@example.org");
    refused!(
        "AccountService::request_email_change",
        accounts.request_email_change(key, to),
        expected("account.request_email_change")
    );
    refused!("AccountService::sessions", accounts.sessions(key, &page), expected("session.view"));
    let session = SessionId::from_uuid(Uuid::nil());
    refused!("AccountService::end_session", accounts.end_session(key, session), expected("session.end"));
    refused!(
        "AccountService::end_other_sessions",
        accounts.end_other_sessions(key),
        on_session("session.end")
    );
    refused!("AccountService::admin_settings", accounts.admin_settings(key), expected("admin_settings.view"));
    let settings = identity::Preferences::default();
    refused!(
        "AccountService::put_admin_settings",
        accounts.put_admin_settings(key, None, settings),
        expected("admin_settings.replace")
    );
    refused!("AccountService::export", accounts.export(key), expected("account.export"));
    refused!("AccountService::erase", accounts.erase(key, 1), expected("account.erase"));
    refused!("SecondFactorService::enrol", factors.enrol(key), expected("second_factor.enrol"));
    let code = Secret::new("123456");
    refused!("SecondFactorService::confirm", factors.confirm(key, &code), expected("second_factor.confirm"));
    refused!("SecondFactorService::remove", factors.remove(key), expected("second_factor.remove"));
    refused!(
        "SecondFactorService::renew_recovery_codes",
        factors.renew_recovery_codes(key),
        expected("second_factor.renew_recovery_codes")
    );
    let sign_in = &identity.sign_in;
    refused!("SignInService::step_up", sign_in.step_up(key, &right(), None), on_session("session.step_up"));
    let passwords = &identity.passwords;
    refused!(
        "PasswordService::change",
        passwords.change(key, &right(), &wrong()),
        expected("account.change_password")
    );
    let barred = identity.gate().permit_own(key).await.unwrap_err();
    assert_eq!(barred.code(), "identity.person_needed");
    watch.left("Gate::permit_own", &[expected("account.act").because(barred.code())]).await;
}

async fn in_organizations(watch: &mut Watch<'_>, key: &Ctx, east: OrganizationId, olga: AccountId) {
    let world = watch.world;
    let (identity, page) = (&world.identity, PageRequest::default());
    let expected = |action, kind| denied(action, kind).by(key).of(east);
    let on = |action| expected(action, "organization").on(east.uuid());
    macro_rules! refused {
        ($command:literal, $call:expr, $expected:expr) => {
            let refused = $call.await;
            let refused = watch.refused($command, refused, $expected).await;
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
        "OrganizationService::found",
        organizations.found(key, profile),
        expected("organization.found", "organization")
    );
    refused!(
        "OrganizationService::list",
        organizations.list(key, &page),
        expected("organization.view", "organization")
    );
    refused!(
        "OrganizationService::leave",
        organizations.leave(key, east),
        expected("membership.leave", "organization")
    );
    refused!("OrganizationService::edit", organizations.edit(key, east, 1, |_| {}), on("organization.edit"));
    refused!(
        "OrganizationService::transfer",
        organizations.transfer(key, east, olga),
        on("organization.transfer")
    );
    refused!("OrganizationService::close", organizations.close(key, east), on("organization.close"));
    let change = MemberChange { roles: Some(Roles::only(Role::Member)), ..MemberChange::default() };
    let members = &identity.members;
    refused!("MemberService::update", members.update(key, east, olga, 1, change), on("membership.grant"));
    refused!("MemberService::remove", members.remove(key, east, olga, 1), on("membership.remove"));
    let invitations = &identity.invitations;
    let (to, admin) = (email("z@example.org"), Roles::only(Role::Admin));
    refused!("InvitationService::invite", invitations.invite(key, east, to, admin), on("invitation.send"));
    refused!(
        "InvitationService::list_received",
        invitations.list_received(key, &page),
        expected("invitation.view", "invitation")
    );
    let answer = || InvitationRef::Id(Id::from_uuid(Uuid::nil()));
    refused!(
        "InvitationService::accept",
        invitations.accept(key, answer()),
        expected("invitation.accept", "invitation")
    );
    refused!(
        "InvitationService::decline",
        invitations.decline(key, answer()),
        expected("invitation.decline", "invitation")
    );
    let new = new_key([MEMBERS_READ], world.clock.now());
    refused!("ApiKeyService::create", identity.api_keys.create(key, east, new), on("api_key.create"));
    let administration = &identity.administration;
    refused!(
        "AdministrationService::update",
        administration.update(key, olga, 1, AccountChange::default()),
        expected("account.administrate", "platform")
    );
}
