//! Every command of every service, and the events it leaves.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use identity::{
    ACTIONS, Name, Preferences, Role, Unit, administration::AccountChange, directory::AccountFilter,
    factor::Proof, registering::Register,
};
use kernel::{Actor, Assurance, Clock as _, Ctx, PageRequest, PlatformRole, Scope, Secret, Store};
use serde_json::json;
use time::macros::date;

use super::{Aging, Watch, done, ended, id_of, source, tenants};
use crate::world::{OTHER_PASSWORD, PASSWORD, Person, World, code_at, email, from_address, nobody};

/// What only reads, and leaves nothing.
const READS: [&str; 14] = [
    "Administration::accounts",
    "Administration::by_email",
    "ApiKeys::list",
    "Authentication::authenticate",
    "Invitations::get",
    "Invitations::list",
    "Invitations::mine",
    "Me::account",
    "Me::admin_settings",
    "Me::sessions",
    "Members::list",
    "Organizations::get",
    "Organizations::mine",
    // It renews what is on record; see its documentation.
    "SigningIn::refresh",
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
        ports.hasher = Arc::new(Aging { hasher: ports.hasher.clone(), outdated: outdated.clone() });
    });
    let mut watch = Watch::over(&world).await;
    watch.secret("a password", &Secret::new(PASSWORD));
    watch.secret("another password", &Secret::new(OTHER_PASSWORD));
    watch.secret("a hash", &Secret::new("$argon2"));

    let ann = registering(&mut watch).await;
    let ann = signing_in(&mut watch, ann, &outdated).await;
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
    let beside = ["Account::finished_quiz", "Correspondence::react"];
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

async fn registering(watch: &mut Watch<'_>) -> Person {
    let (world, from) = (watch.world, from_address("192.0.2.9"));
    let service = &world.identity.registering;
    let register = Register {
        email: email("ann@example.org"),
        password: Secret::new(PASSWORD),
        full_name: Some(Name::new("Ann Lee").unwrap()),
        timezone: None,
    };
    service.register(&from, register).await.unwrap();
    let opened = watch.left("Registering::register", &[done("registration.open")]).await;
    let registration = opened[0].target.id.unwrap();
    assert_eq!(opened[0].subject, Some(registration));
    watch.link_to(registration).await;

    service.resend(&from, &email("ann@example.org")).await.unwrap();
    let resent = done("registration.resend").on(registration).about_nobody();
    watch.left("Registering::resend", &[resent]).await;
    let link = watch.link_to(registration).await;

    let account = service.verify(&from, &link).await.unwrap().uuid();
    let told = [
        done("one_time_token.use").about(registration),
        done("registration.complete").own(registration),
        done("account.open").own(account),
    ];
    watch.left("Registering::verify", &told).await;

    let ann = world.sign_in("ann@example.org").await;
    let told = [
        done("account.log_in").own(account),
        done("session.begin").on(ann.tokens.session.uuid()).about(account),
    ];
    watch.left("SigningIn::login", &told).await;
    watch.secrets_of(&ann);
    ann
}

async fn signing_in(watch: &mut Watch<'_>, ann: Person, outdated: &AtomicBool) -> Person {
    let (world, account) = (watch.world, id_of(&ann));
    let service = &world.identity.signing_in;
    world.pass(60);
    service.step_up(&ann.ctx, &Secret::new(PASSWORD), None).await.unwrap();
    let session = ann.tokens.session.uuid();
    let told = done("session.step_up").by(&ann.ctx).on(session).about(account);
    watch.left("SigningIn::step_up", &[told]).await;

    let renewed = world.renewed(&ann).await;
    watch.left("SigningIn::refresh", &[]).await;
    watch.secrets_of(&renewed);
    watch.left("Authentication::authenticate", &[]).await;

    service.logout(&nobody(), &renewed.tokens.refresh_token).await.unwrap();
    watch.left("SigningIn::logout", &[ended(&ann, &nobody())]).await;

    outdated.store(true, Ordering::SeqCst);
    let ann = world.sign_in("ann@example.org").await;
    outdated.store(false, Ordering::SeqCst);
    let told = [
        done("account.log_in").own(account),
        done("account.rehash_password").own(account),
        done("session.begin").about(account),
    ];
    watch.left("SigningIn::login", &told).await;
    watch.secrets_of(&ann);
    ann
}

async fn passwords(watch: &mut Watch<'_>, ann: Person) -> Person {
    let (world, account) = (watch.world, id_of(&ann));
    let service = &world.identity.passwords;
    world.post().await;
    service.forgot(&nobody(), &ann.email).await.unwrap();
    let told = done("account.forget_password").on(account).about_nobody();
    watch.left("Passwords::forgot", &[told]).await;
    let link = watch.link_to(account).await;

    service.reset(&nobody(), &link, &Secret::new(OTHER_PASSWORD)).await.unwrap();
    let told = [
        done("one_time_token.use").about(account),
        done("account.change_password").own(account),
        ended(&ann, &nobody()),
    ];
    watch.left("Passwords::reset", &told).await;

    let ann = world.begun(&ann, OTHER_PASSWORD, None).await;
    let phone = world.begun(&ann, OTHER_PASSWORD, None).await;
    watch.news().await;
    service.change(&ann.ctx, &Secret::new(OTHER_PASSWORD), &Secret::new(PASSWORD)).await.unwrap();
    let changed = done("account.change_password").by(&ann.ctx).own(account);
    watch.left("Passwords::change", &[changed, ended(&phone, &ann.ctx)]).await;
    world.renewed(&ann).await
}

async fn one_self(watch: &mut Watch<'_>, ann: Person) -> Person {
    let (world, account, page) = (watch.world, id_of(&ann), PageRequest::default());
    let me = &world.identity.me;
    let version = me.account(&ann.ctx).await.unwrap().version();
    watch.left("Me::account", &[]).await;
    me.edit(&ann.ctx, version, |profile| profile.full_name = Name::new("Ann B. Lee").ok()).await.unwrap();
    watch.left("Me::edit", &[done("account.edit_profile").by(&ann.ctx).own(account)]).await;

    let settings = |theme| Preferences::new(json!({ "theme": theme })).unwrap();
    let first = me.put_admin_settings(&ann.ctx, None, settings("dark")).await.unwrap();
    me.put_admin_settings(&ann.ctx, Some(first.version()), settings("light")).await.unwrap();
    let replaced = done("admin_settings.replace").by(&ann.ctx).own(account);
    watch.left("Me::put_admin_settings", &[replaced.clone(), replaced]).await;
    me.admin_settings(&ann.ctx).await.unwrap();
    watch.left("Me::admin_settings", &[]).await;
    me.export(&ann.ctx).await.unwrap();
    watch.left("Me::export", &[done("account.export").by(&ann.ctx).own(account)]).await;

    let [phone, tablet] = [world.begun(&ann, PASSWORD, None).await, world.begun(&ann, PASSWORD, None).await];
    watch.news().await;
    me.sessions(&ann.ctx, &page).await.unwrap();
    watch.left("Me::sessions", &[]).await;
    me.end_session(&ann.ctx, phone.tokens.session).await.unwrap();
    watch.left("Me::end_session", &[ended(&phone, &ann.ctx)]).await;
    me.end_other_sessions(&ann.ctx).await.unwrap();
    watch.left("Me::end_other_sessions", &[ended(&tablet, &ann.ctx)]).await;

    world.post().await;
    me.request_email_change(&ann.ctx, email("ann@new.example")).await.unwrap();
    let asked = done("account.request_email_change").by(&ann.ctx).own(account);
    watch.left("Me::request_email_change", &[asked]).await;
    let link = watch.link_to(account).await;
    me.confirm_email_change(&ann.ctx, &link).await.unwrap();
    let told = [
        done("one_time_token.use").by(&ann.ctx).about(account),
        done("account.change_email").by(&ann.ctx).own(account),
    ];
    watch.left("Me::confirm_email_change", &told).await;
    let ann = world.renewed(&ann).await;
    Person { email: email("ann@new.example"), ..ann }
}

async fn second_factors(watch: &mut Watch<'_>, ann: Person) -> Person {
    let (world, account) = (watch.world, id_of(&ann));
    let service = &world.identity.second_factors;
    let phone = world.begun(&ann, PASSWORD, None).await;
    watch.news().await;
    let enrolment = service.enrol(&ann.ctx).await.unwrap();
    watch.left("SecondFactors::enrol", &[done("second_factor.enrol").by(&ann.ctx).about(account)]).await;
    watch.secret("the secret of the second factor", &enrolment.secret);
    let code = code_at(&enrolment.secret, world.clock.now());
    watch.secret("a code", &Secret::new(format!("\"{}\"", code.expose())));
    let codes = service.confirm(&ann.ctx, &code).await.unwrap();
    let told = [
        done("second_factor.confirm").by(&ann.ctx).about(account),
        done("session.step_up").by(&ann.ctx).about(account),
        done("account.raise_epoch").by(&ann.ctx).own(account),
        ended(&phone, &ann.ctx),
    ];
    watch.left("SecondFactors::confirm", &told).await;

    let begun = || [done("account.log_in").own(account), done("session.begin").about(account)];
    world.pass(30);
    let code = code_at(&enrolment.secret, world.clock.now());
    let ann = world.begun(&ann, PASSWORD, Some(Proof::Totp(code))).await;
    let mut told = vec![done("second_factor.use").about(account)];
    told.extend(begun());
    watch.left("SigningIn::login", &told).await;
    let other = world.begun(&ann, PASSWORD, Some(Proof::Recovery(codes[0].clone()))).await;
    told[0] = done("second_factor.use_recovery_code").about(account);
    watch.left("SigningIn::login", &told).await;
    world.identity.me.end_other_sessions(&ann.ctx).await.unwrap();
    watch.news().await;
    drop(other);

    let renewed = service.renew_recovery_codes(&ann.ctx).await.unwrap();
    let told = done("second_factor.renew_recovery_codes").by(&ann.ctx).about(account);
    watch.left("SecondFactors::renew_recovery_codes", &[told]).await;
    for code in codes.iter().chain(&renewed) {
        watch.secret("a recovery code", code);
    }
    service.remove(&ann.ctx).await.unwrap();
    let told = [
        done("second_factor.remove").by(&ann.ctx).about(account),
        done("session.lose_second_factor").by(&ann.ctx).about(account),
        done("account.raise_epoch").by(&ann.ctx).own(account),
    ];
    watch.left("SecondFactors::remove", &told).await;
    world.renewed(&ann).await
}

async fn administration(watch: &mut Watch<'_>) {
    let (world, page) = (watch.world, PageRequest::default());
    let service = &world.identity.administration;
    let system = Ctx::new(Actor::System, Scope::Identity);
    let password = Secret::new(PASSWORD);
    let dan = service.open_account(&system, email("dan@example.org"), None, &password).await.unwrap();
    watch.left("Administration::open_account", &[done("account.open").own(dan.uuid())]).await;
    let eve = service.create_admin(&system, email("eve@example.org"), None, &password).await.unwrap();
    watch.left("Administration::create_admin", &[done("account.open").own(eve.uuid())]).await;
    service.create_admin(&system, email("dan@example.org"), None, &password).await.unwrap();
    let raised = done("account.set_platform_role").own(dan.uuid());
    watch.left("Administration::create_admin", &[raised]).await;
    service.by_email(&system, &email("dan@example.org")).await.unwrap();
    watch.left("Administration::by_email", &[]).await;

    let eve = world.with_second_factor("eve@example.org").await;
    let at_work = world.sign_in("dan@example.org").await;
    watch.news().await;
    let accounts = service.accounts(&eve.ctx, &AccountFilter::default(), &page).await.unwrap();
    watch.left("Administration::accounts", &[]).await;
    let mut version = accounts.items.iter().find(|account| account.id == dan).unwrap().version();
    let told = |action| done(action).by(&eve.ctx).own(dan.uuid());
    let nothing = AccountChange::default;
    let cases = [
        (
            AccountChange { suspended: Some(true), ..nothing() },
            vec![told("account.suspend"), ended(&at_work, &eve.ctx)],
        ),
        (
            AccountChange {
                suspended: Some(false),
                platform_role: Some(PlatformRole::User),
                start_password_reset: true,
            },
            vec![
                told("account.reinstate"),
                told("account.set_platform_role"),
                told("account.start_password_reset"),
            ],
        ),
    ];
    for (change, told) in cases {
        version = service.update(&eve.ctx, dan, version, change).await.unwrap().version();
        watch.left("Administration::update", &told).await;
    }
    watch.link_to(dan.uuid()).await;
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
    let told = done("account.extend_quiz_streak").by(&ann.ctx).own(id_of(ann));
    watch.left("Account::finished_quiz", &[told]).await;
}

async fn erasure(watch: &mut Watch<'_>) {
    let world = watch.world;
    let owner = watch.newcomer("olga@example.org").await;
    let south = world.found(&owner, "South Wind").await.organization.id;
    watch.newcomer("fay@example.org").await;
    let fay = world.with_second_factor("fay@example.org").await;
    assert!(matches!(fay.ctx.actor, Actor::Account { assurance: Assurance::Aal2, .. }));
    world.join(south, &owner, &fay, Role::Member).await;
    world.identity.me.end_other_sessions(&fay.ctx).await.unwrap();
    watch.news().await;
    world.identity.me.erase(&fay.ctx, world.account_version(&fay).await).await.unwrap();
    let told = |action| done(action).by(&fay.ctx);
    let told = [
        told("membership.leave").about(id_of(&fay)).of(south),
        told("invitation.forget_address").of(south),
        told("session.end").about(id_of(&fay)),
        told("second_factor.remove").about(id_of(&fay)),
        told("account.erase").own(id_of(&fay)),
    ];
    let news = watch.left("Me::erase", &told).await;
    assert_eq!(news[4].secrets, ["/email", "/password_hash", "/profile"]);
}
