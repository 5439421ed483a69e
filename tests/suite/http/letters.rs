//! Letters and their links, as people who get them and people who send them see them: a link is checked against what is
//! true when it is opened, a newer letter takes the place of an earlier one only once it was delivered, and whoever
//! holds a good link is told why it opens nothing any more.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{
    assessment::sessions::{campaign, file, send},
    world::{PASSWORD, Person, Server, seen, token_of},
};

const INVITATION: &str = "assessment/campaign-invitation";

async fn both() -> [Arc<Server>; 2] {
    Server::on_both_as(|_| {}).await.map(Arc::new)
}

async fn open(server: &Server, token: &str) -> (u16, Value) {
    seen(server.post("/v1/assignments/open", json!({ "token": token })).await).await
}

async fn ask(server: &Server, who: &Person, campaign: &str, person: Value) -> (u16, Value) {
    let people = json!({ "people": [person] });
    send(server, who.token(), "POST", &format!("{campaign}/assignments"), people).await
}

async fn link(server: &Server, address: &str, template: &str) -> String {
    token_of(&server.letter(address, template).await).expose().to_owned()
}

fn in_seconds(server: &Server, seconds: u64) -> Value {
    json!(server.platform.clock.now().plus(Duration::from_secs(seconds)))
}

async fn version(server: &Server, who: &Person, place: &str) -> String {
    let found = send(server, who.token(), "GET", place, Value::Null).await.1;
    format!("\"{}\"", found["version"])
}

async fn patch(server: &Server, who: &Person, place: &str, body: Value) -> (u16, Value) {
    let version = version(server, who, place).await;
    let call = server.call("PATCH", place).bearer_auth(who.token()).header("If-Match", version);
    seen(call.json(&body).send().await.unwrap()).await
}

/// The end of a campaign is moved after the letter went out: the link works until the new end, and then says that it is
/// over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_holds_no_end() {
    let run = async |server: &Server| {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (_, campaign) = campaign(server, &ann, north, file("1.0", "full", false)).await;
        let (status, body) =
            patch(server, &ann, &campaign, json!({ "closes_at": in_seconds(server, 2) })).await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(ask(server, &ann, &campaign, json!({ "email": "cleo@example.net" })).await.0, 201);
        let token = link(server, "cleo@example.net", INVITATION).await;
        let (status, body) =
            patch(server, &ann, &campaign, json!({ "closes_at": in_seconds(server, 4) })).await;
        assert_eq!(status, 200, "{body}");
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        let (status, opened) = open(server, &token).await;
        assert_eq!(status, 200, "{opened}");
        tokio::time::sleep(Duration::from_millis(2_000)).await;
        let (status, closed) = open(server, &token).await;
        assert_eq!((status, &closed["code"]), (409, &json!("assessment.closed")));
        let last = if token.ends_with('A') { "Q" } else { "A" };
        let forged = format!("{}{last}", &token[..token.len() - 1]);
        let (status, forged) = open(server, &forged).await;
        assert_eq!((status, &forged["code"]), (404, &json!("request.not_found")), "others learn nothing");
    };
    let [memory, postgres] = both().await;
    tokio::join!(run(&memory), run(&postgres));
}

/// A reminder leaves the first link good; taking the invitation back ends both, and says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_earlier_link_outlives_the_reminder_and_not_the_withdrawal() {
    for server in both().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        let (_, asked) = ask(&server, &ann, &campaign, json!({ "email": "cleo@example.net" })).await;
        assert_eq!(asked["items"][0]["delivery"]["status"], "queued");
        let first = link(&server, "cleo@example.net", INVITATION).await;
        let (status, body) =
            send(&server, ann.token(), "POST", &format!("{campaign}/remind"), Value::Null).await;
        assert_eq!(status, 202, "{body}");
        let second = link(&server, "cleo@example.net", "assessment/campaign-reminder").await;
        for token in [&first, &second] {
            assert_eq!(open(&server, token).await.0, 200);
        }
        let place = format!("{campaign}/assignments/{}", asked["items"][0]["id"].as_str().unwrap());
        let delivery = send(&server, ann.token(), "GET", &place, Value::Null).await.1["delivery"].clone();
        assert_eq!((&delivery["status"], &delivery["code"]), (&json!("sent"), &Value::Null));
        let version = version(&server, &ann, &place).await;
        let withdraw = server.call("DELETE", &format!("{place}?reason=the+wrong+Cleo"));
        let withdrawn = withdraw.bearer_auth(ann.token()).header("If-Match", version).send().await.unwrap();
        assert_eq!(withdrawn.status(), 204);
        for token in [&first, &second] {
            let (status, refused) = open(&server, token).await;
            assert_eq!((status, &refused["code"]), (409, &json!("assessment.withdrawn")));
        }
    }
}

/// What the mail server refuses is shown and does not count; the address is corrected, and then only the letter to the
/// right one opens anything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_letter_is_told_corrected_and_sent_again() {
    for server in both().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (_, campaign) = campaign(&server, &ann, north, file("1.0", "full", false)).await;
        server.mailer.refuse("cleo@exampel.net", "550 5.1.1");
        let (_, asked) =
            ask(&server, &ann, &campaign, json!({ "email": "cleo@exampel.net", "name": "Cleo" })).await;
        let place = format!("{campaign}/assignments/{}", asked["items"][0]["id"].as_str().unwrap());
        let refused = json!({ "status": "refused", "code": "550 5.1.1" });
        let delivery = async || {
            let mut found =
                send(&server, ann.token(), "GET", &place, Value::Null).await.1["delivery"].clone();
            found.as_object_mut().unwrap().remove("at");
            found
        };
        for _ in 0..100 {
            if delivery().await == refused {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(delivery().await, refused);
        let progress =
            send(&server, ann.token(), "GET", &format!("{campaign}/progress"), Value::Null).await.1;
        assert_eq!((&progress["invited"], &progress["undelivered"]), (&json!(0), &json!(1)));
        let listed =
            send(&server, ann.token(), "GET", &format!("{campaign}/assignments"), Value::Null).await.1;
        assert_eq!(listed["items"][0]["delivery"]["status"], "refused");
        server.mailer.accept("cleo@exampel.net");
        let again = send(&server, ann.token(), "POST", &format!("{place}/send"), Value::Null).await;
        assert_eq!(again.0, 200, "at once where it did not arrive: {}", again.1);
        let wrong = link(&server, "cleo@exampel.net", INVITATION).await;
        let (status, corrected) = patch(&server, &ann, &place, json!({ "email": "cleo@example.net" })).await;
        assert_eq!((status, &corrected["email"]), (200, &json!("cleo@example.net")), "{corrected}");
        let right = link(&server, "cleo@example.net", INVITATION).await;
        let (status, replaced) = open(&server, &wrong).await;
        assert_eq!((status, &replaced["code"]), (409, &json!("assessment.link_replaced")));
        assert_eq!(open(&server, &right).await.0, 200);
        let late = send(&server, ann.token(), "POST", &format!("{place}/send"), Value::Null).await;
        assert_eq!((late.0, &late.1["code"]), (409, &json!("assessment.closed")), "once an hour");
    }
}

/// The second click on the link of a registration says that all is done, and asking for another link brings a letter
/// that says so; an invitation that was taken back says that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spent_link_says_why() {
    for server in both().await {
        let register = json!({ "email": "cleo@example.net", "password": PASSWORD });
        assert_eq!(server.post("/v1/auth/register", register).await.status(), 202);
        let token = json!({ "token": link(&server, "cleo@example.net", "identity/verify-email").await });
        assert_eq!(server.post("/v1/auth/verify-email", token.clone()).await.status(), 204);
        let (status, used) = seen(server.post("/v1/auth/verify-email", token).await).await;
        assert_eq!((status, &used["code"]), (409, &json!("identity.link_used")));
        assert_eq!(used["detail"], "this address is verified already; sign in");
        let unknown = json!({ "token": "A".repeat(43) });
        let (status, unknown) = seen(server.post("/v1/auth/verify-email", unknown).await).await;
        assert_eq!((status, &unknown["code"]), (422, &json!("identity.invalid_one_time_token")));
        let again = json!({ "email": "cleo@example.net" });
        assert_eq!(server.post("/v1/auth/resend-verification", again).await.status(), 202);
        server.letter("cleo@example.net", "identity/account-exists").await;

        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let place = format!("/v1/organizations/{north}/invitations");
        let invite = json!({ "email": "cleo@example.net", "roles": ["member"] });
        let (status, invited) = send(&server, ann.token(), "POST", &place, invite).await;
        assert_eq!((status, &invited["delivery"]["status"]), (201, &json!("queued")), "{invited}");
        let token = json!({ "token": link(&server, "cleo@example.net", "identity/invitation").await });
        let one = format!("{place}/{}", invited["id"].as_str().unwrap());
        let revoke = server.call("DELETE", &one).bearer_auth(ann.token());
        let version = format!("\"{}\"", invited["version"]);
        assert_eq!(revoke.header("If-Match", version).send().await.unwrap().status(), 204);
        let cleo = server.sign_in("cleo@example.net").await;
        let (status, gone) = send(&server, cleo.token(), "POST", "/v1/invitations/accept", token).await;
        assert_eq!((status, &gone["code"]), (409, &json!("identity.link_withdrawn")));
    }
}

/// A domain spelt as it reads and in the letters of the DNS is one address.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_spellings_of_a_domain_are_one_account() {
    for server in both().await {
        let register = |email: &str| json!({ "email": email, "password": PASSWORD });
        let ascii = "x@xn--mller-x-n2a.example";
        assert_eq!(server.post("/v1/auth/register", register("x@müller-x.example")).await.status(), 202);
        let token = json!({ "token": link(&server, ascii, "identity/verify-email").await });
        assert_eq!(server.post("/v1/auth/verify-email", token).await.status(), 204);
        assert_eq!(server.post("/v1/auth/register", register(ascii)).await.status(), 202);
        server.letter(ascii, "identity/account-exists").await;
        let login = json!({ "email": "X@MÜLLER-X.example", "password": PASSWORD });
        let (status, tokens) = seen(server.post("/v1/auth/login", login).await).await;
        assert_eq!(status, 200, "{tokens}");
        let me =
            send(&server, tokens["access_token"].as_str().unwrap(), "GET", "/v1/me", Value::Null).await.1;
        assert_eq!(me["email"], "x@müller-x.example", "it is shown as it was typed");
    }
}

/// Signing out needs no body: the access token names its session.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_needs_no_body() {
    for server in both().await {
        let ann = server.person("ann@example.org").await;
        let out = server.call("POST", "/v1/auth/logout").bearer_auth(ann.token()).send().await.unwrap();
        assert_eq!(out.status(), 204);
        assert_eq!(send(&server, ann.token(), "GET", "/v1/me", Value::Null).await.0, 401);
        assert_eq!(server.call("POST", "/v1/auth/logout").send().await.unwrap().status(), 401);
        let refresh = json!({ "refresh_token": ann.tokens.refresh_token.expose() });
        assert_eq!(server.post("/v1/auth/logout", refresh).await.status(), 204, "with one it is no error");
        let wrong = server.call("POST", "/v1/auth/logout").header("Content-Type", "text/plain").body("x");
        assert_eq!(wrong.send().await.unwrap().status(), 415);
    }
}
