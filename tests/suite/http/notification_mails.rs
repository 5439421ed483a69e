//! Mails about notifications: when they come, whom they leave in peace, and the link that ends them.

use std::{sync::Arc, time::Duration};

use contracts::fixture::FixedClock;
use identity::{OrganizationLimits, Role};
use serde_json::{Value, json};

use super::{
    assessment::sessions::{campaign, file, send},
    notifications::{PREFERENCES, assign, both, get, inbox, owner_and_member, prefer},
    world::{Server, nobody, seen},
};

/// A mail about a notification carries a link that ends such mails without signing in, and begins them again; what
/// happens still shows in the product.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_end_by_the_link_in_them() {
    for server in both().await {
        let (ann, _, north) = owner_and_member(&server).await;
        let mail = server.letter("ann@example.org", "notification/notice").await;
        let link = mail.unsubscribe.as_ref().unwrap().expose().to_owned();
        let path = link.split_once("/v1/").map(|(_, path)| format!("/v1/{path}")).unwrap();
        let page = server.call("GET", &path).send().await.unwrap();
        assert_eq!(page.status(), 303, "who looks at every link unsubscribes nobody");
        assert!(page.headers()["location"].to_str().unwrap().contains("/unsubscribe#notifications="));
        let system = async || get(&server, &ann, PREFERENCES).await["channels"]["system"]["email"].clone();
        assert_eq!(system().await, "instant");
        for _ in 0..2 {
            let (status, ended) = seen(server.call("POST", &path).send().await.unwrap()).await;
            assert_eq!((status, &ended["notification_types"]), (200, &json!(["system"])));
        }
        assert_eq!(system().await, "off");
        let forged = path.replace("token=", "token=A");
        let (status, refused) = seen(server.call("POST", &forged).send().await.unwrap()).await;
        assert_eq!((status, &refused["code"]), (422, &json!("notification.invalid_link")));

        let cleo = server.person("cleo@example.org").await;
        server.join(north, &ann, &cleo, Role::Member).await;
        let told = inbox(&server, &ann, 2).await;
        assert_eq!(told[0]["mailed_at"], Value::Null);
        assert_eq!(seen(server.call("DELETE", &path).send().await.unwrap()).await.0, 200);
        assert_eq!(system().await, "instant");
        let dora = server.person("dora@example.org").await;
        server.join(north, &ann, &dora, Role::Member).await;
        inbox(&server, &ann, 3).await;
        let mails = |server: &Server| {
            let sent = server.mailer.sent();
            sent.iter().filter(|mail| mail.template == "notification/notice").count()
        };
        for _ in 0..100 {
            if mails(&server) == 2 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(mails(&server), 2);
    }
}

/// Preferences hold for letters beside notices too; digests and quiet hours keep the person's clock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_come_when_the_person_wants_them() {
    let clock = Arc::new(FixedClock::default());
    for server in Server::on_both_as(|options| options.clock = clock.clone()).await {
        let (ann, bob, north) = owner_and_member(&server).await;
        let night = json!({ "from": "00:00", "until": "23:59" });
        let digest = json!({ "assessment": { "in_app": true, "email": "digest" } });
        let (status, chosen) = prefer(
            &server,
            &bob,
            json!({ "channels": digest, "digest": { "interval": "daily", "hour": 18 } }),
        )
        .await;
        assert_eq!((status, &chosen["version"]), (200, &json!(1)));
        assert_eq!(chosen["channels"]["task"], json!({ "in_app": true, "email": "off" }), "the usual holds");
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        assign(&server, &ann, &campaign, &bob).await;
        let second = server.person("cleo@example.org").await;
        server.join(north, &ann, &second, Role::Member).await;
        assert_eq!(prefer(&server, &second, json!({ "channels": {}, "quiet_hours": night })).await.0, 200);
        assign(&server, &ann, &campaign, &second).await;
        inbox(&server, &bob, 1).await;
        inbox(&server, &second, 1).await;
        let to = |address: &str| {
            let sent = server.mailer.sent();
            let templates = sent.iter().filter(|mail| mail.to == address).map(|mail| mail.template);
            templates.filter(|template| !template.starts_with("identity/")).collect::<Vec<_>>()
        };
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!((to("bob@example.org"), to("cleo@example.org")), (vec![], vec![]), "not yet");
        // It was noon; at six in the evening the digest goes, a minute before midnight the night ends.
        clock.advance(Duration::from_secs(6 * 3600));
        let letter = server.letter("bob@example.org", "notification/notice").await;
        assert_eq!(letter.values["title"], "You are asked to take an assessment: Spring", "one goes alone");
        assert_eq!(to("cleo@example.org"), Vec::<&str>::new());
        clock.advance(Duration::from_secs(6 * 3600 - 60));
        server.letter("cleo@example.org", "assessment/campaign-invitation").await;
        assert_eq!(to("bob@example.org"), ["notification/notice"], "the letter gave way to the digest");
        let bob = server.sign_in("bob@example.org").await;
        let found = &inbox(&server, &bob, 1).await[0];
        assert!(found["mailed_at"].is_string(), "{found}");
        clock.advance(Duration::from_secs(12 * 3600 + 60));
    }
}

/// Whoever has the address that was asked is told in the product, too, and gets the letter whatever they prefer: the
/// organisation learns nothing of their account.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_asked_by_their_address_is_told_as_well() {
    for server in both().await {
        let ann = server.person("ann@example.org").await;
        let dora = server.person("dora@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let night = json!({ "channels": {}, "quiet_hours": { "from": "00:00", "until": "23:59" } });
        assert_eq!(prefer(&server, &dora, night).await.0, 200);
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        let people = json!({ "people": [{ "email": "dora@example.org" }] });
        let assignments = format!("{campaign}/assignments");
        assert_eq!(send(&server, ann.token(), "POST", &assignments, people).await.0, 201);
        server.letter("dora@example.org", "assessment/campaign-invitation").await;
        let told = &inbox(&server, &dora, 1).await[0];
        assert_eq!(told["title"], "You are asked to take an assessment: Spring");
        let link = told["action_url"].as_str().unwrap();
        assert!(link.contains("/assessment#assignment="), "{link}");
        let listed = get(&server, &ann, &assignments).await;
        assert_eq!(listed["items"][0]["delivery"]["status"], "sent");
    }
}

/// A mail that waits for its organisation comes later, and one that nobody wants any more does not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_mailed_and_what_is_not_wanted_is_not() {
    let clock = Arc::new(FixedClock::default());
    for server in Server::on_both_as(|options| options.clock = clock.clone()).await {
        let (ann, bob, north) = owner_and_member(&server).await;
        let cleo = server.person("cleo@example.org").await;
        server.join(north, &ann, &cleo, Role::Member).await;
        let digest = json!({ "channels": { "assessment": { "in_app": true, "email": "digest" } },
            "digest": { "interval": "daily", "hour": 18 } });
        for who in [&bob, &cleo] {
            assert_eq!(prefer(&server, who, digest.clone()).await.0, 200);
        }
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        for who in [&bob, &cleo] {
            assign(&server, &ann, &campaign, who).await;
            inbox(&server, who, 1).await;
        }
        let off = json!({ "channels": { "assessment": { "in_app": true, "email": "off" } } });
        assert_eq!(prefer(&server, &cleo, off).await.0, 200);
        let limits = &server.platform.identity.organization_limits;
        limits.decide(&nobody(), north, OrganizationLimits::pause_mail).await.unwrap();
        clock.advance(Duration::from_secs(6 * 3600));
        tokio::time::sleep(Duration::from_millis(700)).await;
        let mails = || {
            let sent = server.mailer.sent();
            let told =
                sent.iter().filter(|mail| mail.template == "notification/notice" && mail.to != ann.email);
            told.map(|mail| mail.to.clone()).collect::<Vec<_>>()
        };
        assert_eq!(mails(), Vec::<String>::new(), "letters of the organisation are paused");
        limits.decide(&nobody(), north, |limits, _| limits.mail_paused_at = None).await.unwrap();
        clock.advance(Duration::from_secs(16 * 60));
        server.letter("bob@example.org", "notification/notice").await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(mails(), ["bob@example.org"], "the other one wanted none any more");
        clock.advance(Duration::from_secs(18 * 3600 - 16 * 60));
    }
}
