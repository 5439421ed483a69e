//! Letters of organisations, from the call that asks to the mail server: few ask one address, those of a paused
//! organisation wait, who unsubscribed gets none, and a new organisation asks few people.

use std::time::Duration;

use identity::OrganizationLimits;
use kernel::{Allotment, DeliveryState, OrganizationId, PageRequest};
use serde_json::{Value, json};

use super::{
    assessment::sessions::{campaign, file, send},
    world::{Person, Server, nobody, seen},
};

const INVITATION: &str = "assessment/campaign-invitation";
const CLEO: &str = "cleo@example.net";

async fn ask(server: &Server, who: &Person, campaign: &str, addresses: &[&str]) -> (u16, Value) {
    let people: Vec<_> = addresses.iter().map(|email| json!({ "email": email })).collect();
    send(server, who.token(), "POST", &format!("{campaign}/assignments"), json!({ "people": people })).await
}

async fn decide(server: &Server, of: OrganizationId, decide: impl FnOnce(&mut OrganizationLimits)) {
    let service = &server.platform.identity.organization_limits;
    service.decide(&nobody(), of, |limits, _| decide(limits)).await.unwrap();
}

/// What the first delivery that waits says it waits for.
async fn waits_for(server: &Server) -> String {
    for _ in 0..100 {
        let waiting =
            server.platform.outbox.list(DeliveryState::Waiting, &PageRequest::default()).await.unwrap();
        if let Some(why) = waiting.items.into_iter().find_map(|entry| entry.last_error) {
            return why;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing waits");
}

async fn call(server: &Server, method: &str, path: &str) -> (u16, Value) {
    seen(server.call(method, path).send().await.unwrap()).await
}

/// Unsubscribing by the header of the letter, as mail clients do; whoever asked the person sees why no letter goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_unsubscribed_gets_nothing_more_and_the_sender_sees_it() {
    for server in Server::on_both_as(|_| {}).await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        let (_, asked) = ask(&server, &ann, &campaign, &[CLEO]).await;
        let link = server.letter(CLEO, INVITATION).await.unsubscribe.unwrap();
        let place = link.expose().split_once("/v1/").map(|(_, rest)| format!("/v1/{rest}")).unwrap();

        let followed = server.call("GET", &place).send().await.unwrap();
        let page = followed.headers()["location"].to_str().unwrap().to_owned();
        assert_eq!(followed.status(), 303);
        assert!(page.contains("/unsubscribe#token=") && page.ends_with(place.split_once('=').unwrap().1));

        // As RFC 8058 has it; looking at the link did nothing before.
        let one_click =
            server.call("POST", &place).header("Content-Type", "application/x-www-form-urlencoded");
        let done = seen(one_click.body("List-Unsubscribe=One-Click").send().await.unwrap()).await;
        assert_eq!(done, (200, json!({ "organization": "North Wind" })));
        assert_eq!(call(&server, "POST", &place).await.0, 200, "twice does no harm");

        let assignment = format!("{campaign}/assignments/{}", asked["items"][0]["id"].as_str().unwrap());
        let post = async |path: &str| send(&server, ann.token(), "POST", path, Value::Null).await.0;
        assert_eq!(post(&format!("{campaign}/remind")).await, 202);
        let mut delivery = Value::Null;
        for _ in 0..100 {
            delivery =
                send(&server, ann.token(), "GET", &assignment, Value::Null).await.1["delivery"].clone();
            if delivery["status"] == "refused" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!((&delivery["status"], &delivery["code"]), (&json!("refused"), &json!("unsubscribed")));
        let letters = || server.mailer.sent().into_iter().filter(|mail| mail.to == CLEO).count();
        assert_eq!(letters(), 1);

        assert_eq!(call(&server, "DELETE", &place).await, (200, json!({ "organization": "North Wind" })));
        assert_eq!(post(&format!("{assignment}/send")).await, 200);
        let second = async || {
            while letters() < 2 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), second()).await.expect("it gets letters again");
        for wrong in ["AAAA", "none&x=1", ""] {
            let (status, refused) = call(&server, "POST", &format!("/v1/unsubscribe?token={wrong}")).await;
            assert!(status == 422 || status == 400, "{status} {refused}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letters_of_a_paused_organisation_wait_and_count_no_attempt() {
    for server in Server::on_both_as(|_| {}).await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        decide(&server, north, |limits| limits.mail_paused_at = Some(server.platform.clock.now())).await;
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        let (_, asked) = ask(&server, &ann, &campaign, &[CLEO]).await;
        assert_eq!(asked["items"][0]["delivery"]["status"], "queued");
        assert_eq!(waits_for(&server).await, "letters of the organisation are paused");
        let waiting =
            server.platform.outbox.list(DeliveryState::Waiting, &PageRequest::default()).await.unwrap();
        assert!(waiting.items.iter().all(|entry| entry.delivery.attempts == 0));
        assert!(server.mailer.sent().iter().all(|mail| mail.to != CLEO));
        // Its people are told what Touchstone itself has to tell, and another organisation's letters go.
        let ben = server.person("ben@example.org").await;
        let south = server.organization(&ben, "South Wind").await;
        let (_, other) = self::campaign(&server, &ben, south, file("1.0", "full", false)).await;
        ask(&server, &ben, &other, &[CLEO]).await;
        server.letter(CLEO, INVITATION).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_is_asked_once_an_hour_by_one_organisation() {
    for server in Server::on_both_as(|options| options.identity.letters_per_hour = 1).await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        ask(&server, &ann, &campaign, &[CLEO]).await;
        server.letter(CLEO, INVITATION).await;
        let invite = json!({ "email": CLEO, "roles": ["candidate"] });
        let invited = server.call("POST", &format!("/v1/organizations/{north}/invitations"));
        let invited = invited.bearer_auth(ann.token()).json(&invite).send().await.unwrap();
        assert_eq!(invited.status(), 201, "asking is no mistake, the letter waits");
        assert_eq!(waits_for(&server).await, "the organisation asked this address within the hour");
    }
}

/// A new organisation asks few people, until it is some days old or its operators trust it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_organisation_asks_few_people_unless_it_is_allowed_more() {
    let new_for = Duration::from_secs(7 * 24 * 3600);
    let adjust = |options: &mut platform::Options| {
        options.quotas.asked_per_day = Allotment { usual: 100, at_first: 2, new_for };
        options.identity.quotas.open_invitations = Allotment { usual: 100, at_first: 0, new_for };
    };
    for server in Server::on_both_as(adjust).await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        let four = ["a@example.net", "b@example.net", "c@example.net", "d@example.net"];
        let (status, refused) = ask(&server, &ann, &campaign, &four).await;
        assert_eq!((status, &refused["code"]), (409, &json!("quota.reached")));
        assert!(refused["detail"].as_str().unwrap().contains("2 at most"), "{refused}");
        assert_eq!(ask(&server, &ann, &campaign, &four[..2]).await.0, 201);
        assert_eq!(ask(&server, &ann, &campaign, &four[2..]).await.0, 409);
        let invite = json!({ "email": CLEO, "roles": ["candidate"] });
        let place = format!("/v1/organizations/{north}/invitations");
        assert_eq!(send(&server, ann.token(), "POST", &place, invite.clone()).await.0, 409);
        decide(&server, north, |limits| {
            (limits.asked_per_day, limits.open_invitations) = (Some(4), Some(1));
        })
        .await;
        assert_eq!(ask(&server, &ann, &campaign, &four[2..]).await.0, 201);
        assert_eq!(send(&server, ann.token(), "POST", &place, invite).await.0, 201);
    }
}
