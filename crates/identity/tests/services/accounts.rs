use identity::{AccountStatus, Name, Preferences, Refused, Role, Spent};
use kernel::PageRequest;
use serde_json::json;

use crate::world::{OTHER_PASSWORD, PASSWORD, World, email, nobody, token_of};

#[tokio::test]
async fn a_profile_changes_only_from_the_version_that_was_read() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let accounts = &world.identity.accounts;
    let read = accounts.own(&ann.ctx).await.unwrap().version();
    let rename =
        |name: &'static str| move |profile: &mut identity::Profile| profile.full_name = Name::new(name).ok();
    let edited = accounts.edit(&ann.ctx, read, rename("Ann B. Lee")).await.unwrap();
    assert_eq!(edited.version(), read + 1);
    assert!(matches!(accounts.edit(&ann.ctx, read, rename("Other")).await, Err(Refused::Stale)));
    let unknown =
        accounts.edit(&ann.ctx, read + 1, |profile| profile.timezone = "Mars/Olympus".to_owned()).await;
    assert!(matches!(unknown, Err(Refused::Invalid { pointer: "/timezone", .. })));
}

#[tokio::test]
async fn the_login_streak_follows_the_persons_own_calendar() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let accounts = &world.identity.accounts;
    let version = accounts.own(&ann.ctx).await.unwrap().version();
    accounts
        .edit(&ann.ctx, version, |profile| profile.timezone = "Pacific/Auckland".to_owned())
        .await
        .unwrap();
    // Noon UTC is one in the morning in Auckland; twenty-two hours later it is the same UTC-next-day twice there.
    world.pass(11 * 3600);
    world.sign_in("ann@example.org").await;
    let ann = world.sign_in("ann@example.org").await;
    assert_eq!(accounts.own(&ann.ctx).await.unwrap().login_streak.current, 2);
    world.pass(3 * 24 * 3600);
    let ann = world.sign_in("ann@example.org").await;
    let streak = accounts.own(&ann.ctx).await.unwrap().login_streak;
    assert_eq!((streak.current, streak.max), (1, 2));
}

#[tokio::test]
async fn an_address_changes_when_the_new_one_is_proved_and_both_are_told() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let accounts = &world.identity.accounts;
    accounts.request_email_change(&ann.ctx, email("ann@new.example")).await.unwrap();
    let letters = world.post().await;
    let to: Vec<_> = letters.iter().map(|mail| (mail.template, mail.to.as_str())).collect();
    assert!(to.contains(&("identity/email-change-confirm", "ann@new.example")));
    assert!(to.contains(&("identity/email-change-requested", "ann@example.org")));
    let token = token_of(letters.iter().find(|mail| mail.link.is_some()).unwrap());
    assert!(world.login("ann@new.example", PASSWORD, None).await.is_err());
    accounts.confirm_email_change(&nobody(), &token).await.unwrap();
    assert!(world.login("ann@new.example", PASSWORD, None).await.is_ok());
    let told: Vec<_> = world
        .post()
        .await
        .iter()
        .filter(|m| m.template == "identity/email-changed")
        .map(|m| m.to.clone())
        .collect();
    assert_eq!(told, ["ann@example.org", "ann@new.example"]);
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_cannot_be_confirmed() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    world.identity.accounts.request_email_change(&ann.ctx, email("ben@example.org")).await.unwrap();
    let letters = world.post().await;
    let token = token_of(letters.iter().find(|mail| mail.link.is_some()).unwrap());
    world.person("ben@example.org").await;
    let refused = world.identity.accounts.confirm_email_change(&nobody(), &token).await.unwrap_err();
    assert!(matches!(refused, Refused::SpentLink(Spent::Expired, _)));
}

#[tokio::test]
async fn erasure_leaves_the_id_and_nothing_personal_and_frees_the_address() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    world.enrol(&ann).await;
    let renewed = world.identity.sign_in.refresh(&nobody(), &ann.tokens.refresh_token).await.unwrap();
    let ctx = world.ctx_of(&renewed).await.unwrap();
    let accounts = &world.identity.accounts;
    let settings = Preferences::new(json!({ "canary": "ann" })).unwrap();
    accounts.put_admin_settings(&ctx, None, settings).await.unwrap();
    let account = accounts.own(&ctx).await.unwrap();
    assert!(matches!(accounts.erase(&ctx, account.version() - 1).await, Err(Refused::Stale)));
    accounts.erase(&ctx, account.version()).await.unwrap();
    assert!(world.ctx_of(&renewed).await.is_err());
    let farewell = world.post().await;
    assert!(farewell.iter().any(|m| m.template == "identity/account-erased" && m.to == "ann@example.org"));
    let admin = &world.identity.administration;
    assert_eq!(admin.by_email(&nobody(), &email("ann@example.org")).await.unwrap(), None);
    let scope = kernel::Scope::Account(account.id);
    let directory: &dyn identity::Directory = &world.storage;
    let left = directory.account(&nobody().within(scope), account.id).await.unwrap().unwrap();
    assert_eq!(
        (left.status, left.email.clone(), left.password_hash.clone()),
        (AccountStatus::Erased, None, None)
    );
    world.person("ann@example.org").await;
}

#[tokio::test]
async fn the_last_owner_cannot_be_erased() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let ben = world.person("ben@example.org").await;
    let founded = world.found(&ann, "North Wind").await;
    let accounts = &world.identity.accounts;
    let version = accounts.own(&ann.ctx).await.unwrap().version();
    assert!(matches!(accounts.erase(&ann.ctx, version).await, Err(Refused::LastOwner)));
    world.join(founded.organization.id, &ann, &ben, Role::Owner).await;
    accounts.erase(&ann.ctx, version).await.unwrap();
}

#[tokio::test]
async fn an_export_holds_everything_of_the_person_and_no_secret() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    world.found(&ann, "North Wind").await;
    let export = world.identity.accounts.export(&ann.ctx).await.unwrap();
    assert_eq!(export.account.email, Some(ann.email.clone()));
    assert_eq!((export.sessions.len(), export.organizations.len()), (1, 1));
    assert!(!format!("{export:?}").contains("$argon2"));
}

#[tokio::test]
async fn ones_sessions_can_be_seen_and_ended_and_anothers_cannot() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let phone = world.sign_in("ann@example.org").await;
    let ben = world.person("ben@example.org").await;
    let accounts = &world.identity.accounts;
    assert_eq!(accounts.sessions(&ann.ctx, &PageRequest::default()).await.unwrap().items.len(), 2);
    assert!(matches!(accounts.end_session(&ben.ctx, phone.tokens.session).await, Err(Refused::Missing(_))));
    accounts.end_session(&ann.ctx, phone.tokens.session).await.unwrap();
    assert!(world.ctx_of(&phone.tokens).await.is_err());
    world.sign_in("ann@example.org").await;
    assert_eq!(accounts.end_other_sessions(&ann.ctx).await.unwrap(), 1);
    assert!(world.ctx_of(&ann.tokens).await.is_ok());
    let tablet = world.sign_in("ann@example.org").await;
    world.pass(301);
    for ended in [
        accounts.end_session(&ann.ctx, tablet.tokens.session).await,
        accounts.end_other_sessions(&ann.ctx).await.map(drop),
    ] {
        assert!(matches!(ended, Err(Refused::StepUpRequired)), "another's proof is too old: {ended:?}");
    }
    accounts.end_session(&ann.ctx, ann.tokens.session).await.expect("one's own ends at any time");
}

#[tokio::test]
async fn a_session_cannot_be_used_to_guess_the_password() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let wrong = kernel::Secret::new(OTHER_PASSWORD);
    for _ in 0..7 {
        let _ = world.identity.passwords.change(&ann.ctx, &wrong, &wrong).await;
    }
    let right = kernel::Secret::new(PASSWORD);
    let refused = world.identity.passwords.change(&ann.ctx, &right, &wrong).await;
    assert!(matches!(refused, Err(Refused::WrongCredentials)));
    assert!(world.login("ann@example.org", PASSWORD, None).await.is_ok(), "signing in is not locked by it");
}
