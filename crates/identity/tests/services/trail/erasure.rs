//! Erasure: nobody opens any more what the trail says of the person, and no hash changes.

use std::collections::{BTreeMap, BTreeSet};

use audit::{Event, EventId, Hash};
use identity::{Name, Role, Roles, api_key::NewApiKey, invitation::InvitationRef, permission::MEMBERS_READ};
use kernel::{Clock as _, Ctx, Outcome, Secret};
use uuid::Uuid;

use crate::world::{OTHER_PASSWORD, PASSWORD, Person, World, email, from_address, nobody, token_of};

fn at(address: &str, person: &Person) -> Ctx {
    Ctx { address: Some(address.parse().unwrap()), ..person.ctx.clone() }
}

impl World {
    /// The events whose sealed parts still open, and those that have any.
    async fn open_and_sealed(&self, events: &[&Event]) -> (usize, usize) {
        let (mut open, mut sealed) = (0, 0);
        for event in events {
            sealed += usize::from(event.personal.is_some()) + usize::from(event.address.is_some());
            open += self.opened(event).await.iter().flatten().count();
        }
        (open, sealed)
    }

    async fn leaves(&self) -> BTreeMap<EventId, Hash> {
        self.events().await.iter().map(|event| (event.id, event.leaf().unwrap())).collect()
    }
}

/// Ann does whatever leaves something personal; returns what they are signed in with.
async fn a_life(world: &World, ben: &Person) -> Person {
    // Someone registered their address before them, and they did so again when they had an account.
    world.register("ann@first.example", OTHER_PASSWORD).await.unwrap();
    world.person("ann@first.example").await;
    world.register("ann@first.example", OTHER_PASSWORD).await.unwrap();
    let login = |password: &str| identity::session::Login {
        email: email("ann@first.example"),
        password: Secret::new(password),
        proof: None,
        device_token: None,
    };
    let sign_in = &world.identity.sign_in;
    sign_in.login(&from_address("198.51.100.66"), login(OTHER_PASSWORD)).await.unwrap_err();
    let tokens = sign_in.login(&from_address("192.0.2.1"), login(PASSWORD)).await.unwrap();
    let ctx = world.ctx_of(&tokens).await.unwrap();
    let ann = Person { email: email("ann@first.example"), ctx, tokens };

    let accounts = &world.identity.accounts;
    accounts.request_email_change(&at("192.0.2.2", &ann), email("ann@example.org")).await.unwrap();
    let letters = world.post().await;
    let link = token_of(letters.iter().rfind(|letter| letter.link.is_some()).unwrap());
    accounts.confirm_email_change(&from_address("192.0.2.3"), &link).await.unwrap();
    world.register("ann@example.org", OTHER_PASSWORD).await.unwrap();
    let ann = world.sign_in("ann@example.org").await;
    let version = accounts.own(&ann.ctx).await.unwrap().version();
    let rename = |profile: &mut identity::Profile| profile.full_name = Name::new("Annabel Leigh").ok();
    accounts.edit(&at("192.0.2.4", &ann), version, rename).await.unwrap();

    let invitations = &world.identity.invitations;
    let mut homes = Vec::new();
    for name in ["North Wind", "South Wind", "East Wind"] {
        let home = world.found(ben, name).await.organization.id;
        let roles = Roles::only(Role::Admin);
        homes.push((home, invitations.invite(&ben.ctx, home, ann.email.clone(), roles).await.unwrap()));
    }
    invitations.accept(&at("192.0.2.5", &ann), InvitationRef::Id(homes[0].1.id)).await.unwrap();
    invitations.decline(&at("192.0.2.5", &ann), InvitationRef::Id(homes[1].1.id)).await.unwrap();
    world.post().await;
    let new = NewApiKey {
        name: Name::new("Payroll").unwrap(),
        scopes: [MEMBERS_READ].into_iter().collect(),
        expires_at: world.clock.now().plus(std::time::Duration::from_secs(3600)),
    };
    world.identity.api_keys.create(&at("192.0.2.6", &ann), homes[0].0, new).await.unwrap();
    world.identity.organizations.edit(&at("192.0.2.6", &ann), homes[0].0, 1, |_| {}).await.unwrap();
    let settings = identity::Preferences::new(serde_json::json!({ "theme": "annabel" })).unwrap();
    accounts.put_admin_settings(&at("192.0.2.7", &ann), None, settings).await.unwrap();
    world.enrol(&ann).await;
    let tokens = world.identity.sign_in.refresh(&nobody(), &ann.tokens.refresh_token).await.unwrap();
    let ctx = world.ctx_of(&tokens).await.unwrap();
    Person { ctx, tokens, ..ann }
}

#[tokio::test]
async fn after_an_erasure_nothing_of_the_person_opens_and_no_hash_changes() {
    let world = World::new();
    let ben = world.person("ben@example.org").await;
    let ann = a_life(&world, &ben).await;
    let account = ann.ctx.actor.id().unwrap();

    let before = world.events().await;
    // Whatever stands for them: their account, the invitations they were sent, the registrations of their addresses.
    let registrations = before.iter().filter(|event| event.target.kind == "registration");
    let of_ben = registrations.clone().find(|event| event.target.id.is_some()).unwrap().target.id;
    let invited = before.iter().filter(|event| event.target.kind == "invitation");
    let stand_ins = registrations.filter(|event| event.target.id != of_ben).chain(invited);
    let theirs: BTreeSet<Uuid> = stand_ins.filter_map(|event| event.target.id).chain([account]).collect();
    assert_eq!(theirs.len(), 1 + 4 + 3, "an account, four registrations, three invitations");
    // The address of whoever failed to sign in as them is a stranger's.
    let is_hers = |event: &&Event| {
        let about_her = event.subject.is_some_and(|subject| theirs.contains(&subject));
        about_her && event.outcome == Outcome::Success || event.actor.id == Some(account)
    };
    let of_her: Vec<&Event> = before.iter().filter(is_hers).collect();
    let (open, sealed) = world.open_and_sealed(&of_her).await;
    assert!(open > 20, "{open} of {sealed}");
    let others: Vec<&Event> = before.iter().filter(|event| !is_hers(event)).collect();
    let kept = world.open_and_sealed(&others).await;
    assert!(kept.0 > 3, "{kept:?}");
    let leaves = world.leaves().await;

    let version = world.identity.accounts.own(&ann.ctx).await.unwrap().version();
    world.identity.accounts.erase(&at("192.0.2.8", &ann), version).await.unwrap();

    let after = world.events().await;
    assert!(after.len() > before.len());
    let of_her: Vec<&Event> = after.iter().filter(is_hers).collect();
    let (open, sealed) = world.open_and_sealed(&of_her).await;
    assert_eq!(open, 0, "of {sealed}");
    assert_eq!(world.open_and_sealed(&others).await, kept, "what is of others stays open");
    let now = world.leaves().await;
    assert!(leaves.iter().all(|(event, leaf)| now.get(event) == Some(leaf)));

    for event in &after {
        let canonical = String::from_utf8(event.canonical().unwrap()).unwrap();
        for canary in ["ann@", "Ann Lee", "Annabel", "annabel", "192.0.2.", "198.51.100."] {
            assert!(!canonical.contains(canary), "{} tells {canary}: {canonical}", event.action);
        }
    }
}

#[tokio::test]
async fn who_has_an_account_stands_in_the_trail_under_it_alone() {
    let world = World::new();
    world.register("ann@example.org", OTHER_PASSWORD).await.unwrap();
    world.person("ann@example.org").await;
    for event in world.events().await {
        let [personal, _] = world.opened(&event).await;
        match event.action.as_str() {
            "registration.open" => assert_eq!(personal, None, "the registration is over"),
            "account.open" => assert!(personal.unwrap().contains("ann@example.org")),
            _ => {}
        }
    }
}
