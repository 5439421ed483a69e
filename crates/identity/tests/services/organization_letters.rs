//! Letters that organisations have sent: paused, few to one address, and none to who unsubscribed.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use identity::{OrganizationLimits, Refused};
use kernel::{
    Clock as _, Mail, MailError, Mailer, NoticeText, NoticeTextError, OrganizationId, Refusal as _, Secret,
    SentFor,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::{World, nobody};

const TO: &str = "cleo@example.net";

impl World {
    /// What the link says by which this address unsubscribes.
    pub(crate) async fn unsubscribe_token(&self, organization: OrganizationId, to: &str) -> String {
        self.identity.mailer(self.mailer.clone()).send(&letter(organization, to, false)).await.unwrap();
        let link = self.mailer.sent().pop().unwrap().unsubscribe.unwrap();
        link.expose().split_once("/v1/unsubscribe?token=").unwrap().1.to_owned()
    }
}

fn letter(organization: OrganizationId, to: &str, asks: bool) -> Mail {
    let values = json!({ "organization": "North Wind", "inviter": "Ann", "roles": ["member"] });
    let mut mail = Mail::new(to, "identity/invitation", values, Uuid::nil());
    mail.link = Some(Secret::new("https://touchstone.example/invitation#token=x"));
    mail.sent_for = Some(SentFor { organization, asks });
    mail
}

/// Two organisations, and what sends their letters.
async fn scene() -> (World, [OrganizationId; 2], Arc<dyn Mailer>) {
    let world = World::new();
    let ann = world.person("ann@example.org").await;
    let north = world.found(&ann, "North Wind").await.organization.id;
    let south = world.found(&ann, "South Wind").await.organization.id;
    let mailer = world.identity.mailer(world.mailer.clone());
    (world, [north, south], mailer)
}

fn waits(world: &World, sent: Result<(), MailError>) -> Duration {
    match sent {
        Err(MailError::Later { until, .. }) => until.since(world.clock.now()),
        other => panic!("it waits: {other:?}"),
    }
}

#[tokio::test]
async fn one_organisation_asks_one_address_once_an_hour() {
    let (world, [north, south], mailer) = scene().await;
    mailer.send(&letter(north, TO, true)).await.unwrap();
    world.pass(600);
    let again = mailer.send(&letter(north, "CLEO@example.net", true)).await;
    assert_eq!(waits(&world, again), Duration::from_secs(3000), "however the address is written");
    mailer.send(&letter(north, TO, false)).await.expect("what answers the person does not wait");
    mailer.send(&letter(north, "dora@example.net", true)).await.expect("nor does another address");
    mailer.send(&letter(south, TO, true)).await.expect("nor another organisation");
    world.pass(3000);
    mailer.send(&letter(north, TO, true)).await.expect("an hour is over");
    let own = Mail { sent_for: None, ..letter(north, TO, true) };
    mailer.send(&own).await.expect("what is sent for no organisation has no limits");
    assert!(world.mailer.sent().pop().unwrap().unsubscribe.is_none());
}

/// Ten organisations, or one person's, ask an address ten times an hour together; whose letter waits for that is asked
/// about no less often by its own organisation later.
#[tokio::test]
async fn all_organisations_together_ask_one_address_ten_times_an_hour() {
    let (world, _, mailer) = scene().await;
    let organization = |number: u128| OrganizationId::from_uuid(Uuid::from_u128(number));
    for number in 1..=10 {
        mailer.send(&letter(organization(number), TO, true)).await.unwrap();
    }
    world.pass(60);
    for _ in 0..2 {
        let eleventh = mailer.send(&letter(organization(11), TO, true)).await;
        assert_eq!(waits(&world, eleventh), Duration::from_secs(3540));
    }
    mailer.send(&letter(organization(11), "dora@example.net", true)).await.expect("another address");
    world.pass(3540);
    mailer.send(&letter(organization(11), TO, true)).await.expect("an hour is over");
}

/// A mail server that cannot be reached.
struct Down;

#[async_trait]
impl Mailer for Down {
    fn notice(&self, template: &str, values: &Value) -> Result<NoticeText, NoticeTextError> {
        mail::render_notice(template, values)
    }

    async fn send(&self, _: &Mail) -> Result<(), MailError> {
        Err(MailError::Transient("no connection".to_owned()))
    }
}

/// A letter that could not be handed over is no letter: the next try does not wait for the hour.
#[tokio::test]
async fn a_letter_that_did_not_go_out_counts_for_nothing() {
    let (world, [north, _], _) = scene().await;
    let down = world.identity.mailer(Arc::new(Down));
    assert!(matches!(down.send(&letter(north, TO, true)).await, Err(MailError::Transient(_))));
    world.identity.mailer(world.mailer.clone()).send(&letter(north, TO, true)).await.unwrap();
}

#[tokio::test]
async fn letters_of_a_paused_organisation_wait_until_they_go_again() {
    let (world, [north, south], mailer) = scene().await;
    let service = &world.identity.organization_limits;
    let (found, limits) = service.find(&nobody(), &north.to_string()).await.unwrap();
    assert_eq!((found.id, limits), (north, OrganizationLimits::none(north)));
    let paused = service.decide(&nobody(), north, OrganizationLimits::pause_mail).await.unwrap();
    let since = paused.mail_paused_at.unwrap();
    world.pass(60);
    let paused = service.decide(&nobody(), north, OrganizationLimits::pause_mail).await.unwrap();
    assert_eq!(paused.mail_paused_at, Some(since), "it is paused since the first time");
    assert!(matches!(mailer.admit(north, None).await, Err(MailError::Later { .. })));
    mailer.admit(south, None).await.expect("of another organisation one may be written");
    for asks in [true, false] {
        assert!(waits(&world, mailer.send(&letter(north, TO, asks)).await) <= Duration::from_secs(900));
    }
    mailer.send(&letter(south, TO, true)).await.expect("another organisation's go");
    service.decide(&nobody(), north, |limits, _| limits.mail_paused_at = None).await.unwrap();
    mailer.send(&letter(north, TO, true)).await.expect("and its own again");
    for unknown in ["01a22dc2-a886-7746-9ced-743c574a194f", "no-such-place", "no place at all"] {
        let refused = service.find(&nobody(), unknown).await;
        assert!(matches!(refused, Err(Refused::Missing(_))), "{unknown}");
    }
}

#[tokio::test]
async fn who_unsubscribed_gets_no_letter_of_the_organisation() {
    let (world, [north, south], mailer) = scene().await;
    let token = world.unsubscribe_token(north, TO).await;
    let service = &world.identity.unsubscribing;
    assert_eq!(service.unsubscribe(&nobody(), &token).await.unwrap().as_str(), "North Wind");
    for asks in [true, false] {
        let refused = mailer.send(&letter(north, TO, asks)).await;
        assert!(matches!(refused, Err(MailError::Refused(why)) if why == MailError::UNSUBSCRIBED));
    }
    mailer.send(&letter(south, TO, true)).await.expect("another organisation's letters go");
    mailer.send(&letter(north, "dora@example.net", true)).await.expect("and those to others");
    assert_eq!(service.subscribe(&nobody(), &token).await.unwrap().as_str(), "North Wind");
    mailer.send(&letter(north, TO, true)).await.expect("it gets them again");
    for wrong in ["", "AAAA", &token[1..], &format!("{}A", &token[..token.len() - 2])] {
        let refused = service.unsubscribe(&nobody(), wrong).await.unwrap_err();
        assert_eq!(refused.code(), "identity.invalid_one_time_token", "{wrong}");
    }
}
