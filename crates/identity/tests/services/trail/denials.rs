//! What came to nothing: each attempt is on record, with its reason, for whoever it concerns.

use std::collections::BTreeSet;

use identity::{
    ACTIONS, Account, REASONS, Refused, Role, Roles, account::AccountChange, directory::AccountFilter,
    invitation::InvitationRef, second_factor::SecondFactorProof,
};
use kernel::{Clock as _, PageRequest, Secret};

use super::{
    ExpectedEvent, Watch, account_of, commands::DENIED_ALONE, denied, done, failed, id_of, leave, programs,
    right, work::one_connection_at_a_time, wrong,
};
use crate::world::{
    OTHER_PASSWORD, PASSWORD, Person, TEMPORARY_PASSWORD, World, code_at, email, from_address, nobody,
    token_of,
};

#[tokio::test]
async fn whatever_comes_to_nothing_is_on_record_and_no_unit_is_open_meanwhile() {
    let world = one_connection_at_a_time();
    let mut watch = Watch::over(&world).await;
    sign_in(&mut watch).await;
    proofs(&mut watch).await;
    links(&mut watch).await;
    reuse(&mut watch).await;
    leave::leave(&mut watch).await;
    leave::beyond(&mut watch).await;
    leave::platform(&mut watch).await;
    programs::everything(&mut watch).await;

    let known: BTreeSet<&str> = ACTIONS.iter().map(|note| note.action).collect();
    let seen: BTreeSet<&str> = watch.actions.iter().map(String::as_str).collect();
    assert!(seen.is_subset(&known), "{:?}", seen.difference(&known));
    let alone = BTreeSet::from(DENIED_ALONE);
    assert!(alone.is_subset(&seen), "{:?}", alone.difference(&seen));
    let given: BTreeSet<&str> = watch.reasons.iter().map(String::as_str).collect();
    let own: BTreeSet<&str> = REASONS.iter().map(|note| note.reason).collect();
    let expected =
        Refused::CODES.iter().map(|note| note.code).chain(["request.not_found"]).chain(own.iter().copied());
    assert!(own.is_subset(&given), "{:?}", own.difference(&given));
    assert!(given.is_subset(&expected.collect()), "{given:?}");
}

async fn sign_in(watch: &mut Watch<'_>) {
    const LOGIN: &str = "SignInService::login";
    let world = watch.world;
    let ann = world.person("ann@example.org").await;
    watch.news().await;
    let begin = failed("session.begin", "account");
    let own = || begin.clone().own(id_of(&ann));
    let refused = world.login("ann@example.org", OTHER_PASSWORD, None).await;
    let known = watch.refused(LOGIN, refused, own()).await;
    let refused = world.login("nobody@example.org", OTHER_PASSWORD, None).await;
    let unknown = watch.refused(LOGIN, refused, begin.clone()).await;
    assert_eq!(known.to_string(), unknown.to_string());
    for _ in 0..5 {
        let refused = world.login("ann@example.org", OTHER_PASSWORD, None).await;
        watch.refused(LOGIN, refused, own()).await;
    }
    let refused = world.login("ann@example.org", PASSWORD, None).await;
    let locked = watch.refused(LOGIN, refused, own().because("identity.locked")).await;
    assert_eq!(known.to_string(), locked.to_string());

    let dan = world.person("dan@example.org").await;
    let (secret, recovery) = world.enrol(&dan).await;
    watch.news().await;
    let refused = world.login("dan@example.org", PASSWORD, None).await;
    assert!(matches!(refused, Err(Refused::SecondFactorRequired)));
    watch.left("a password without a code", &[]).await;
    let begin = || failed("session.begin", "account").own(id_of(&dan));
    let proof = Some(SecondFactorProof::Totp(Secret::new("12345")));
    let refused = world.login("dan@example.org", PASSWORD, proof).await;
    let refused = watch.refused(LOGIN, refused, begin().because("identity.wrong_code")).await;
    assert_eq!(
        known.to_string(),
        refused.to_string(),
        "the client does not learn that the password is right"
    );
    let proof = Some(SecondFactorProof::Recovery(recovery[0].clone()));
    world.login("dan@example.org", PASSWORD, proof.clone()).await.unwrap();
    watch.news().await;
    let refused = world.login("dan@example.org", PASSWORD, proof).await;
    watch.refused(LOGIN, refused, begin().because("identity.wrong_code")).await;

    let administration = &world.identity.administration;
    world.administrator("root@example.org").await;
    let root = world.with_second_factor("root@example.org").await;
    let suspend = AccountChange { suspended: Some(true), ..AccountChange::default() };
    let filter = AccountFilter { email_prefix: Some("dan@".to_owned()), status: None };
    let found = administration.accounts(&root.ctx, &filter, &PageRequest::default()).await.unwrap();
    let version = found.items[0].version();
    administration.update(&root.ctx, account_of(&dan), version, suspend).await.unwrap();
    watch.news().await;
    let proof = Some(SecondFactorProof::Totp(code_at(&secret, world.clock.now())));
    let refused = world.login("dan@example.org", PASSWORD, proof).await;
    let refused = watch.refused(LOGIN, refused, begin().because("identity.suspended")).await;
    assert_eq!(known.to_string(), refused.to_string());

    let temporary = Secret::new(TEMPORARY_PASSWORD);
    let tim =
        administration.create_admin(&nobody(), email("tim@example.org"), None, &temporary).await.unwrap();
    world.pass(Account::TEMPORARY_PASSWORD_LIFE.as_secs());
    watch.news().await;
    let refused = world.login("tim@example.org", TEMPORARY_PASSWORD, None).await;
    let expected = failed("session.begin", "account").own(tim.account.id.uuid());
    let refused = watch.refused(LOGIN, refused, expected.because("identity.password_expired")).await;
    assert_eq!(known.to_string(), refused.to_string());
}

async fn proofs(watch: &mut Watch<'_>) {
    let world = watch.world;
    let ben = world.person("ben@example.org").await;
    watch.news().await;
    let own = |action| failed(action, "account").own(id_of(&ben)).by(&ben.ctx);
    let refused = world.identity.sign_in.step_up(&ben.ctx, &wrong(), None).await;
    watch.refused("SignInService::step_up", refused, own("session.step_up")).await;
    let refused = world.identity.passwords.change(&ben.ctx, &wrong(), &wrong()).await;
    watch.refused("PasswordService::change", refused, own("account.change_password")).await;
    let factors = &world.identity.second_factors;
    factors.enrol(&ben.ctx).await.unwrap();
    watch.news().await;
    let refused = factors.confirm(&ben.ctx, &Secret::new("12345")).await;
    watch.refused("SecondFactorService::confirm", refused, own("second_factor.confirm")).await;
    world.enrol(&ben).await;
    let renewed = world.identity.sign_in.refresh(&nobody(), &ben.tokens.refresh_token).await.unwrap();
    let ben = Person { ctx: world.ctx_of(&renewed).await.unwrap(), ..ben };
    watch.news().await;
    let proof = Some(SecondFactorProof::Totp(Secret::new("12345")));
    let refused = world.identity.sign_in.step_up(&ben.ctx, &right(), proof).await;
    let expected = failed("session.step_up", "account").own(id_of(&ben)).by(&ben.ctx);
    watch.refused("SignInService::step_up", refused, expected.because("identity.wrong_code")).await;
}

async fn links(watch: &mut Watch<'_>) {
    let world = watch.world;
    let (registrations, passwords, accounts) =
        (&world.identity.registrations, &world.identity.passwords, &world.identity.accounts);
    let unknown = Secret::new("canary-unknown-link");

    world.register("cat@example.org", PASSWORD).await.unwrap();
    let registration = watch.news().await.pop().unwrap().target.id.unwrap();
    let link = token_of(world.post().await.iter().rfind(|letter| letter.link.is_some()).unwrap());
    registrations.verify(&nobody(), &link).await.unwrap();
    watch.news().await;
    let complete = failed("registration.complete", "registration");
    let refused = registrations.verify(&nobody(), &unknown).await;
    watch.refused("RegistrationService::verify", refused, complete.clone()).await;
    let refused = registrations.verify(&nobody(), &link).await;
    watch.refused("RegistrationService::verify", refused, complete.on(registration)).await;

    let cat = world.sign_in("cat@example.org").await;
    passwords.forgot(&nobody(), &cat.email).await.unwrap();
    let link = token_of(world.post().await.iter().rfind(|letter| letter.link.is_some()).unwrap());
    watch.news().await;
    let change = failed("account.change_password", "account");
    let refused = passwords.reset(&nobody(), &unknown, &wrong()).await;
    watch.refused("PasswordService::reset", refused, change.clone()).await;
    assert!(matches!(
        passwords.reset(&nobody(), &link, &Secret::new("weak")).await,
        Err(Refused::Password(_))
    ));
    watch.left("a weak password", &[]).await;
    world.pass(15 * 60);
    let refused = passwords.reset(&nobody(), &link, &wrong()).await;
    watch.refused("PasswordService::reset", refused, change.own(id_of(&cat))).await;

    let cat = world.sign_in("cat@example.org").await;
    accounts.request_email_change(&cat.ctx, email("cat@new.example")).await.unwrap();
    let link = token_of(world.post().await.iter().find(|letter| letter.link.is_some()).unwrap());
    world.pass(3600);
    watch.news().await;
    let change = failed("account.change_email", "account");
    let refused = accounts.confirm_email_change(&nobody(), &unknown).await;
    watch.refused("AccountService::confirm_email_change", refused, change.clone()).await;
    let refused = accounts.confirm_email_change(&nobody(), &link).await;
    watch.refused("AccountService::confirm_email_change", refused, change.own(id_of(&cat))).await;
    invitations(watch, &cat).await;
}

async fn invitations(watch: &mut Watch<'_>, cat: &Person) {
    let world = watch.world;
    let service = &world.identity.invitations;
    let olga = world.person("olga@example.org").await;
    let dora = world.person("dora@example.org").await;
    let north = world.found(&olga, "North Wind").await.organization.id;
    let roles = Roles::only(Role::Member);
    let invitation = service.invite(&olga.ctx, north, dora.email.clone(), roles).await.unwrap();
    let link = token_of(world.post().await.iter().find(|letter| letter.link.is_some()).unwrap());
    watch.news().await;
    let [unknown, link] = [Secret::new("unknown"), link].map(InvitationRef::Token);
    let (accept, decline) = ("InvitationService::accept", "InvitationService::decline");
    let by = |expected: ExpectedEvent| expected.by(&cat.ctx);
    let refused = service.accept(&cat.ctx, unknown.clone()).await;
    watch.refused(accept, refused, by(failed("invitation.accept", "invitation"))).await;
    let refused = service.decline(&cat.ctx, unknown).await;
    watch.refused(decline, refused, by(failed("invitation.decline", "invitation"))).await;
    let of_another = |action| by(denied(action, "invitation").on(invitation.id.uuid()));
    let refused = service.accept(&cat.ctx, link.clone()).await;
    let refused = watch.refused(accept, refused, of_another("invitation.accept")).await;
    assert!(matches!(refused, Refused::InvitationOfAnother));
    let refused = service.decline(&cat.ctx, InvitationRef::Id(invitation.id)).await;
    watch.refused(decline, refused, of_another("invitation.decline")).await;
    service.accept(&dora.ctx, link.clone()).await.unwrap();
    watch.news().await;
    let refused = service.accept(&dora.ctx, link).await;
    let expected = failed("invitation.accept", "invitation").on(invitation.id.uuid()).by(&dora.ctx);
    watch.refused(accept, refused, expected).await;
}

async fn reuse(watch: &mut Watch<'_>) {
    let world = watch.world;
    let fay = world.person("fay@example.org").await;
    let refresh = async || world.identity.sign_in.refresh(&nobody(), &fay.tokens.refresh_token).await;
    refresh().await.unwrap();
    world.pass(11);
    watch.news().await;
    assert!(matches!(refresh().await, Err(Refused::InvalidToken)));
    let session = fay.tokens.session.uuid();
    let expected = [
        done("session.end").on(session).about(id_of(&fay)),
        done("account.raise_epoch").own(id_of(&fay)),
        failed("session.refresh", "session")
            .on(session)
            .about(id_of(&fay))
            .because("identity.refresh_token_reused"),
    ];
    let news = watch.left("SignInService::refresh", &expected).await;
    assert!(news[0].difference.as_str().contains("\"reuse\""), "{:?}", news[0]);
    assert!(refresh().await.is_err());
    watch.left("once more, of a session that is over", &[]).await;
}

#[tokio::test]
async fn the_address_of_an_attempt_is_kept_and_sealed() {
    let world = World::new();
    world.person("ann@example.org").await;
    let mut watch = Watch::over(&world).await;
    let login = identity::session::Login {
        email: email("ann@example.org"),
        password: wrong(),
        proof: None,
        device_token: None,
    };
    world.identity.sign_in.login(&from_address("192.0.2.77"), login).await.unwrap_err();
    let event = watch.news().await.pop().unwrap();
    assert!(!String::from_utf8(event.canonical().unwrap()).unwrap().contains("192.0.2.77"));
    assert_eq!(world.opened(&event).await, [None, Some("192.0.2.77".to_owned())]);
}
