//! Every command of every service, and the events it leaves.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use identity::{
    ACTIONS, Name, Preferences, Role, Unit, account::AccountChange, directory::AccountFilter,
    registration::Register, second_factor::SecondFactorProof,
};
use kernel::{Actor, Assurance, Clock as _, Ctx, PageRequest, PlatformRole, Scope, Secret, Store};
use serde_json::json;
use time::macros::date;

use super::{OutdatedHasher, Watch, done, ended, id_of, source, tenants};
use crate::world::{
    OTHER_PASSWORD, PASSWORD, Person, TEMPORARY_PASSWORD, World, code_at, email, from_address, nobody,
};

/// What only reads, and leaves nothing.
const READS: [&str; 16] = [
    "AdministrationService::accounts",
    "AdministrationService::by_email",
    "ApiKeyService::list",
    "AuthenticationService::authenticate",
    "InvitationService::get",
    "InvitationService::list",
    "InvitationService::list_received",
    "AccountService::own",
    "AccountService::admin_settings",
    "AccountService::sessions",
    "MemberService::list",
    "OrganizationLimitService::find",
    "OrganizationService::get",
    "OrganizationService::list",
    // It is nobody's doing: a mail server said so.
    "BounceService::bounced",
    // It renews what is on record; see its documentation.
    "SignInService::refresh",
];

/// What stands in the trail only when it came to nothing; `denials` shows each.
pub(super) const DENIED_ALONE: [&str; 10] = [
    "account.act",
    "account.administrate",
    "account.view",
    "admin_settings.view",
    "api_key.view",
    "invitation.view",
    "membership.view",
    "organization.view",
    "session.refresh",
    "session.view",
];

#[tokio::test]
async fn every_command_leaves_its_events_and_no_secret() {
    let outdated = Arc::new(AtomicBool::new(false));
    let world = World::with(|ports| {
        ports.hasher = Arc::new(OutdatedHasher { hasher: ports.hasher.clone(), outdated: outdated.clone() });
    });
    let mut watch = Watch::over(&world).await;
    watch.secret("a password", &Secret::new(PASSWORD));
    watch.secret("another password", &Secret::new(OTHER_PASSWORD));
    watch.secret("a hash", &Secret::new("$argon2"));

    let ann = registrations(&mut watch).await;
    let ann = sign_in(&mut watch, ann, &outdated).await;
    let ann = passwords(&mut watch, ann).await;
    let ann = one_self(&mut watch, ann).await;
    let ann = second_factors(&mut watch, ann).await;
    let north = tenants::organizations(&mut watch, &ann).await;
    tenants::invitations(&mut watch, &ann, north).await;
    tenants::api_keys(&mut watch, &ann, north).await;
    administration(&mut watch).await;
    quizzes(&mut watch, &ann).await;
    tenants::closing(&mut watch, &ann, north).await;
    erasure(&mut watch).await;

    let known: BTreeSet<&str> = ACTIONS.iter().map(|note| note.action).collect();
    let seen: BTreeSet<&str> = watch.actions.iter().map(String::as_str).chain(DENIED_ALONE).collect();
    assert_eq!(seen, known, "ACTIONS lists what happens");
    let beside = ["Account::finished_quiz", "ApiKeyExpiry::handle", "IdentityMails::handle"];
    let run: BTreeSet<String> = watch.commands.iter().map(ToString::to_string).collect();
    let there = source::commands().into_iter().chain(beside.map(str::to_owned)).collect();
    assert_eq!(run, there, "every command was run");
    assert_eq!(watch.silent, BTreeSet::from(READS), "what leaves nothing only reads");

    for event in world.events().await {
        let canonical = String::from_utf8(event.canonical().unwrap()).unwrap();
        let texts = world.opened(&event).await.into_iter().flatten().chain([canonical]);
        for text in texts {
            for (what, secret) in &watch.secrets {
                assert!(!text.contains(secret.as_str()), "{} tells {what}: {text}", event.action);
            }
        }
    }
}

async fn registrations(watch: &mut Watch<'_>) -> Person {
    let (world, from) = (watch.world, from_address("192.0.2.9"));
    let service = &world.identity.registrations;
    let register = Register {
        email: email("ann@example.org"),
        password: Secret::new(PASSWORD),
        full_name: Some(Name::new("Ann Lee").unwrap()),
        timezone: None,
    };
    service.register(&from, register).await.unwrap();
    let opened = watch.left("RegistrationService::register", &[done("registration.open")]).await;
    let registration = opened[0].target.id.unwrap();
    assert_eq!(opened[0].subject, Some(registration));
    watch.link_to(registration).await;

    service.resend(&from, &email("ann@example.org")).await.unwrap();
    let resent = done("registration.resend").on(registration).about_nobody();
    watch.left("RegistrationService::resend", &[resent]).await;
    let link = watch.link_to(registration).await;

    let account = service.verify(&from, &link).await.unwrap().uuid();
    let expected = [
        done("one_time_token.use").about(registration),
        done("registration.complete").own(registration),
        done("account.open").own(account),
    ];
    watch.left("RegistrationService::verify", &expected).await;

    let ann = world.sign_in("ann@example.org").await;
    let expected = [
        done("account.log_in").own(account),
        done("session.begin").on(ann.tokens.session.uuid()).about(account),
    ];
    watch.left("SignInService::login", &expected).await;
    watch.secrets_of(&ann);
    ann
}

async fn sign_in(watch: &mut Watch<'_>, ann: Person, outdated: &AtomicBool) -> Person {
    let (world, account) = (watch.world, id_of(&ann));
    let service = &world.identity.sign_in;
    world.pass(60);
    service.step_up(&ann.ctx, &Secret::new(PASSWORD), None).await.unwrap();
    let session = ann.tokens.session.uuid();
    let expected = done("session.step_up").by(&ann.ctx).on(session).about(account);
    watch.left("SignInService::step_up", &[expected]).await;

    let renewed = world.renewed(&ann).await;
    watch.left("SignInService::refresh", &[]).await;
    watch.secrets_of(&renewed);
    watch.left("AuthenticationService::authenticate", &[]).await;

    service.logout(&nobody(), &renewed.tokens.refresh_token).await.unwrap();
    watch.left("SignInService::logout", &[ended(&ann, &nobody())]).await;
    let once_more = world.sign_in("ann@example.org").await;
    watch.news().await;
    service.sign_out(&once_more.ctx).await.unwrap();
    watch.left("SignInService::sign_out", &[ended(&once_more, &once_more.ctx)]).await;
    world.identity.bounces.bounced(account, "550 5.1.1").await.unwrap();
    watch.left("BounceService::bounced", &[]).await;

    world.pass(60);
    outdated.store(true, Ordering::SeqCst);
    let ann = world.sign_in("ann@example.org").await;
    outdated.store(false, Ordering::SeqCst);
    let expected = [
        done("account.log_in").own(account),
        done("account.rehash_password").own(account),
        done("session.begin").about(account),
    ];
    watch.left("SignInService::login", &expected).await;
    watch.secrets_of(&ann);
    ann
}

async fn passwords(watch: &mut Watch<'_>, ann: Person) -> Person {
    let (world, account) = (watch.world, id_of(&ann));
    let service = &world.identity.passwords;
    world.post().await;
    service.forgot(&nobody(), &ann.email).await.unwrap();
    let expected = done("account.forget_password").on(account).about_nobody();
    watch.left("PasswordService::forgot", &[expected]).await;
    let link = watch.link_to(account).await;

    service.reset(&nobody(), &link, &Secret::new(OTHER_PASSWORD)).await.unwrap();
    let expected = [
        done("one_time_token.use").about(account),
        done("account.change_password").own(account),
        ended(&ann, &nobody()),
    ];
    watch.left("PasswordService::reset", &expected).await;

    let ann = world.begun(&ann, OTHER_PASSWORD, None).await;
    let phone = world.begun(&ann, OTHER_PASSWORD, None).await;
    watch.news().await;
    service.change(&ann.ctx, &Secret::new(OTHER_PASSWORD), &Secret::new(PASSWORD)).await.unwrap();
    let changed = done("account.change_password").by(&ann.ctx).own(account);
    watch.left("PasswordService::change", &[changed, ended(&phone, &ann.ctx)]).await;
    world.renewed(&ann).await
}

async fn one_self(watch: &mut Watch<'_>, ann: Person) -> Person {
    let (world, account, page) = (watch.world, id_of(&ann), PageRequest::default());
    let accounts = &world.identity.accounts;
    let version = accounts.own(&ann.ctx).await.unwrap().version();
    watch.left("AccountService::own", &[]).await;
    accounts
        .edit(&ann.ctx, version, |profile| profile.full_name = Name::new("Ann B. Lee").ok())
        .await
        .unwrap();
    watch.left("AccountService::edit", &[done("account.edit_profile").by(&ann.ctx).own(account)]).await;

    let settings = |theme| Preferences::new(json!({ "theme": theme })).unwrap();
    let first = accounts.put_admin_settings(&ann.ctx, None, settings("dark")).await.unwrap();
    accounts.put_admin_settings(&ann.ctx, Some(first.version()), settings("light")).await.unwrap();
    let replaced = done("admin_settings.replace").by(&ann.ctx).own(account);
    watch.left("AccountService::put_admin_settings", &[replaced.clone(), replaced]).await;
    accounts.admin_settings(&ann.ctx).await.unwrap();
    watch.left("AccountService::admin_settings", &[]).await;
    accounts.export(&ann.ctx).await.unwrap();
    watch.left("AccountService::export", &[done("account.export").by(&ann.ctx).own(account)]).await;

    let [phone, tablet] = [world.begun(&ann, PASSWORD, None).await, world.begun(&ann, PASSWORD, None).await];
    watch.news().await;
    accounts.sessions(&ann.ctx, &page).await.unwrap();
    watch.left("AccountService::sessions", &[]).await;
    accounts.end_session(&ann.ctx, phone.tokens.session).await.unwrap();
    watch.left("AccountService::end_session", &[ended(&phone, &ann.ctx)]).await;
    accounts.end_other_sessions(&ann.ctx).await.unwrap();
    watch.left("AccountService::end_other_sessions", &[ended(&tablet, &ann.ctx)]).await;

    world.post().await;
    accounts.request_email_change(&ann.ctx, email("ann@new.example")).await.unwrap();
    let asked = done("account.request_email_change").by(&ann.ctx).own(account);
    watch.left("AccountService::request_email_change", &[asked]).await;
    let link = watch.link_to(account).await;
    accounts.confirm_email_change(&ann.ctx, &link).await.unwrap();
    let expected = [
        done("one_time_token.use").by(&ann.ctx).about(account),
        done("account.change_email").by(&ann.ctx).own(account),
    ];
    watch.left("AccountService::confirm_email_change", &expected).await;
    let ann = world.renewed(&ann).await;
    Person { email: email("ann@new.example"), ..ann }
}

async fn second_factors(watch: &mut Watch<'_>, ann: Person) -> Person {
    let (world, account) = (watch.world, id_of(&ann));
    let service = &world.identity.second_factors;
    let phone = world.begun(&ann, PASSWORD, None).await;
    watch.news().await;
    let enrolment = service.enrol(&ann.ctx).await.unwrap();
    watch
        .left("SecondFactorService::enrol", &[done("second_factor.enrol").by(&ann.ctx).about(account)])
        .await;
    watch.secret("the secret of the second factor", &enrolment.secret);
    let code = code_at(&enrolment.secret, world.clock.now());
    watch.secret("a code", &Secret::new(format!("\"{}\"", code.expose())));
    let codes = service.confirm(&ann.ctx, &code).await.unwrap();
    let expected = [
        done("second_factor.confirm").by(&ann.ctx).about(account),
        done("session.step_up").by(&ann.ctx).about(account),
        done("account.raise_epoch").by(&ann.ctx).own(account),
        ended(&phone, &ann.ctx),
    ];
    watch.left("SecondFactorService::confirm", &expected).await;

    let begun = || [done("account.log_in").own(account), done("session.begin").about(account)];
    world.pass(30);
    let code = code_at(&enrolment.secret, world.clock.now());
    let ann = world.begun(&ann, PASSWORD, Some(SecondFactorProof::Totp(code))).await;
    let mut expected = vec![done("second_factor.use").about(account)];
    expected.extend(begun());
    watch.left("SignInService::login", &expected).await;
    let other = world.begun(&ann, PASSWORD, Some(SecondFactorProof::Recovery(codes[0].clone()))).await;
    expected[0] = done("second_factor.use_recovery_code").about(account);
    watch.left("SignInService::login", &expected).await;
    world.identity.accounts.end_other_sessions(&ann.ctx).await.unwrap();
    watch.news().await;
    drop(other);

    let renewed = service.renew_recovery_codes(&ann.ctx).await.unwrap();
    let expected = done("second_factor.renew_recovery_codes").by(&ann.ctx).about(account);
    watch.left("SecondFactorService::renew_recovery_codes", &[expected]).await;
    for code in codes.iter().chain(&renewed) {
        watch.secret("a recovery code", code);
    }
    service.remove(&ann.ctx).await.unwrap();
    let expected = [
        done("second_factor.remove").by(&ann.ctx).about(account),
        done("session.lose_second_factor").by(&ann.ctx).about(account),
        done("account.raise_epoch").by(&ann.ctx).own(account),
    ];
    watch.left("SecondFactorService::remove", &expected).await;
    world.renewed(&ann).await
}

async fn administration(watch: &mut Watch<'_>) {
    let (world, page) = (watch.world, PageRequest::default());
    let service = &world.identity.administration;
    let system = Ctx::new(Actor::System, Scope::Identity);
    let password = Secret::new(PASSWORD);
    let dan = service.open_account(&system, email("dan@example.org"), None, &password).await.unwrap();
    watch.left("AdministrationService::open_account", &[done("account.open").own(dan.uuid())]).await;
    let temporary = Secret::new(TEMPORARY_PASSWORD);
    let mut make = async |name| {
        let made = service.create_admin(&system, email("eve@example.org"), None, &temporary).await.unwrap();
        let own = |action| done(action).own(made.account.id.uuid());
        let of_new = ["account.open", "account.issue_temporary_password"];
        let of_known = ["account.change_password", "account.issue_temporary_password"];
        let expected = if made.is_new { of_new } else { of_known };
        watch.left(name, &expected.map(own)).await;
    };
    make("AdministrationService::create_admin").await;
    make("AdministrationService::create_admin").await;
    service.create_admin(&system, email("dan@example.org"), None, &password).await.unwrap();
    let raised = done("account.set_platform_role").own(dan.uuid());
    watch.left("AdministrationService::create_admin", &[raised]).await;

    service.by_email(&system, &email("dan@example.org")).await.unwrap();
    watch.left("AdministrationService::by_email", &[]).await;
    let newcomer = world.login("eve@example.org", TEMPORARY_PASSWORD, None).await.unwrap();
    let newcomer = world.ctx_of(&newcomer).await.unwrap();
    world.identity.passwords.change(&newcomer, &temporary, &password).await.unwrap();
    let eve = world.with_second_factor("eve@example.org").await;
    let at_work = world.sign_in("dan@example.org").await;
    watch.news().await;
    let accounts = service.accounts(&eve.ctx, &AccountFilter::default(), &page).await.unwrap();
    watch.left("AdministrationService::accounts", &[]).await;
    let mut version = accounts.items.iter().find(|account| account.id == dan).unwrap().version();
    let expected = |action| done(action).by(&eve.ctx).own(dan.uuid());
    let nothing = AccountChange::default;
    let cases = [
        (
            AccountChange { suspended: Some(true), ..nothing() },
            vec![expected("account.suspend"), ended(&at_work, &eve.ctx)],
        ),
        (
            AccountChange {
                suspended: Some(false),
                platform_role: Some(PlatformRole::User),
                start_password_reset: true,
            },
            vec![
                expected("account.reinstate"),
                expected("account.set_platform_role"),
                expected("account.start_password_reset"),
            ],
        ),
    ];
    for (change, expected) in cases {
        version = service.update(&eve.ctx, dan, version, change).await.unwrap().version();
        watch.left("AdministrationService::update", &expected).await;
    }
    watch.link_to(dan.uuid()).await;

    service.remove_second_factor(&system, &eve.email).await.unwrap();
    let about = |action| done(action).about(id_of(&eve));
    let expected = [
        about("second_factor.remove"),
        done("account.raise_epoch").own(id_of(&eve)),
        about("session.end"),
        about("session.end"),
    ];
    watch.left("AdministrationService::remove_second_factor", &expected).await;
}

/// For the domain of quizzes, which has no service here.
async fn quizzes(watch: &mut Watch<'_>, ann: &Person) {
    let world = watch.world;
    let store: &dyn Store<Unit> = &world.storage;
    let mut unit = store.begin(&ann.ctx.within(Scope::Identity)).await.unwrap();
    let mut account = unit.account(ann.ctx.actor.account().unwrap()).await.unwrap().unwrap();
    account.finished_quiz(date!(2030 - 03 - 01), world.clock.now());
    unit.save_account(&mut account).await.unwrap();
    unit.commit().await.unwrap();
    let expected = done("account.extend_quiz_streak").by(&ann.ctx).own(id_of(ann));
    watch.left("Account::finished_quiz", &[expected]).await;
}

async fn erasure(watch: &mut Watch<'_>) {
    let world = watch.world;
    let owner = watch.newcomer("olga@example.org").await;
    let south = world.found(&owner, "South Wind").await.organization.id;
    watch.newcomer("fay@example.org").await;
    let fay = world.with_second_factor("fay@example.org").await;
    assert!(matches!(fay.ctx.actor, Actor::Account { assurance: Assurance::Aal2, .. }));
    world.join(south, &owner, &fay, Role::Member).await;
    world.identity.accounts.end_other_sessions(&fay.ctx).await.unwrap();
    watch.news().await;
    world.identity.accounts.erase(&fay.ctx, world.account_version(&fay).await).await.unwrap();
    let expected = |action| done(action).by(&fay.ctx);
    let expected = [
        expected("membership.leave").about(id_of(&fay)).of(south),
        expected("invitation.forget_address").of(south),
        expected("session.end").about(id_of(&fay)),
        expected("second_factor.remove").about(id_of(&fay)),
        expected("account.erase").own(id_of(&fay)),
    ];
    let news = watch.left("AccountService::erase", &expected).await;
    assert_eq!(news[4].secrets, ["/email", "/password_hash", "/profile"]);
}
