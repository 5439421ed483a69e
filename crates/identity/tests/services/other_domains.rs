//! What identity serves other domains: who people are, who belongs to an organisation, and people's data keys.

use std::sync::Arc;

use credentials::{KeyEncryptionKeys, KeyVault};
use identity::{Name, Role, Roles, Slug, membership::MemberChange, personal_keys::IdentityPersonalKeys};
use kernel::{
    AccountId, Member, OrganizationCard, PageRequest, Person as Known, PersonalKeys, Place, StoreError,
};
use serde_json::json;
use system::SystemRandom;
use uuid::Uuid;

use crate::world::{Person, World, email};

fn id(person: &Person) -> AccountId {
    person.ctx.actor.account().unwrap()
}

fn preferences(value: serde_json::Value) -> identity::Preferences {
    identity::Preferences::new(value).unwrap()
}

#[tokio::test]
async fn a_person_comes_with_their_time_zone_and_language() {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let people = world.identity.people();
    let told = async || people.person(id(&ann)).await.unwrap().unwrap();
    let known = Known {
        account: id(&ann),
        email: email("ann@example.org"),
        name: Some("Ann Lee".to_owned()),
        time_zone: "UTC".to_owned(),
        language: None,
    };
    assert_eq!(told().await, known);
    let accounts = &world.identity.accounts;
    let version = accounts.own(&ann.ctx).await.unwrap().version();
    let edited = accounts.edit(&ann.ctx, version, |profile| {
        profile.timezone = "Europe/Vienna".to_owned();
        profile.preferences = preferences(json!({ "language": "de-AT", "theme": "dark" }));
    });
    edited.await.unwrap();
    let (time_zone, language) = ("Europe/Vienna".to_owned(), Some("de-AT".to_owned()));
    assert_eq!(told().await, Known { time_zone, language, ..known });
}

#[tokio::test]
async fn an_organisation_and_its_members_are_told_until_it_is_closed() {
    let world = World::new();
    let (ann, ben) = (world.person("ann@example.org").await, world.person("ben@example.org").await);
    let north = world.found(&ann, "North Wind").await.organization;
    world.join(north.id, &ann, &ben, Role::Recruiter).await;
    let (slug, settings) = (Slug::new("north-wind").unwrap(), json!({ "brand": { "colour": "#0a7" } }));
    let edited = world.identity.organizations.edit(&ann.ctx, north.id, north.version(), |profile| {
        profile.slug = Some(slug.clone());
        profile.settings = preferences(settings.clone());
    });
    edited.await.unwrap();
    let change = MemberChange {
        job_title: Some(Some(Name::new("Head of hiring").unwrap())),
        department: Some(Some(Name::new("People / Hiring").unwrap())),
        roles: None,
    };
    world.identity.members.update(&ann.ctx, north.id, id(&ben), 1, change).await.unwrap();

    let (people, members) = (world.identity.people(), world.identity.member_lists());
    let card = OrganizationCard {
        id: north.id,
        name: Name::new("North Wind").unwrap(),
        slug: Some(slug.clone()),
        settings,
    };
    assert_eq!(people.organization(north.id).await.unwrap().as_ref(), Some(&card));
    assert_eq!(people.organization_by_slug(&slug).await.unwrap(), Some(card));
    assert_eq!(people.organization_name(north.id).await.unwrap().as_deref(), Some("North Wind"));
    let hiring = Member {
        account: id(&ben),
        department: Some(Name::new("People / Hiring").unwrap()),
        job_title: Some(Name::new("Head of hiring").unwrap()),
        roles: Roles::only(Role::Recruiter),
    };
    let page = PageRequest::default();
    let holders = async |roles: &[Role]| members.page(north.id, roles, &page).await.unwrap().items;
    assert_eq!(holders(&[Role::Recruiter, Role::Practitioner]).await, [hiring]);
    assert_eq!(holders(&[]).await.len(), 2);

    world.identity.organizations.close(&ann.ctx, north.id).await.unwrap();
    assert_eq!(people.organization(north.id).await.unwrap(), None);
    assert_eq!(people.organization_by_slug(&slug).await.unwrap(), None);
    assert_eq!(people.organization_name(north.id).await.unwrap(), None);
    assert_eq!(holders(&[]).await, []);
}

#[tokio::test]
async fn what_a_persons_key_sealed_outlives_its_wrapping_and_not_their_account() {
    const OLD: &str = "old:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n";
    const NEW: &str = "new:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=\n";
    let vault =
        |file: &str| Arc::new(KeyVault::new(KeyEncryptionKeys::parse(file).unwrap(), Arc::new(SystemRandom)));
    let world = World::with(|ports| ports.vault = vault(OLD));
    let (ann, ben) = (world.person("ann@example.org").await, world.person("ben@example.org").await);
    let keys = world.identity.personal_keys();
    let place = Place::row("wellbeing.journals", Uuid::from_u128(1));
    let key = keys.key(id(&ann)).await.unwrap().unwrap();
    let sealed = key.seal(place, b"a long day");
    assert!(key.open(Place::row("wellbeing.journals", Uuid::from_u128(2)), &sealed).is_err());
    assert!(keys.key(id(&ben)).await.unwrap().unwrap().open(place, &sealed).is_err());

    let under = |file: &str| IdentityPersonalKeys::new(Arc::new(world.storage.clone()), vault(file));
    let rotated = under(&[NEW, OLD].concat()).key(id(&ann)).await.unwrap().unwrap();
    assert_eq!(rotated.open(place, &sealed).as_deref(), Ok(&b"a long day"[..]));
    assert!(matches!(under(NEW).key(id(&ann)).await, Err(StoreError::Fault(_))), "the old key was lost");

    let version = world.identity.accounts.own(&ann.ctx).await.unwrap().version();
    world.identity.accounts.erase(&ann.ctx, version).await.unwrap();
    assert!(keys.key(id(&ann)).await.unwrap().is_none());
    assert!(keys.key(id(&ben)).await.unwrap().is_some());
}
