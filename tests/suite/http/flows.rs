//! The longer ways through identity over HTTP, on both kinds of storage: credentials, second factors, the life of an
//! organisation, administration.

use reqwest::Response;
use serde_json::{Value, json};

use super::world::{PASSWORD, Person, Server, seen, token_of};

const NEW_PASSWORD: &str = "gravel-teapot-mosaic-wren";

async fn servers() -> [Server; 2] {
    [Server::on_memory().await, Server::on_postgres().await]
}

async fn send(
    server: &Server,
    who: &str,
    method: &str,
    path: &str,
    tag: Option<&str>,
    body: Value,
) -> Response {
    let mut call = server.call(method, path).bearer_auth(who);
    if let Some(tag) = tag {
        call = call.header("If-Match", tag);
    }
    if !body.is_null() {
        call = call.json(&body);
    }
    call.send().await.unwrap()
}

async fn login(server: &Server, email: &str, password: &str, more: Value) -> (u16, Value) {
    let mut body = json!({ "email": email, "password": password });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    seen(server.post("/v1/auth/login", body).await).await
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

#[tokio::test]
async fn a_password_is_changed_and_reset() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let change = json!({ "current_password": PASSWORD, "new_password": NEW_PASSWORD });
        let changed = send(&server, ann.token(), "POST", "/v1/auth/change-password", None, change).await;
        assert_eq!(changed.status(), 204);
        let stale = send(&server, ann.token(), "GET", "/v1/me", None, Value::Null).await;
        assert_eq!(stale.status(), 401, "access tokens of before end");
        let refresh = json!({ "refresh_token": ann.tokens.refresh_token.expose() });
        let renewed: Value = server.post("/v1/auth/refresh", refresh).await.json().await.unwrap();
        let me = send(&server, &text(&renewed["access_token"]), "GET", "/v1/me", None, Value::Null).await;
        assert_eq!(me.status(), 200);
        server.letter("ann@example.org", "identity/password-changed").await;
        assert_eq!(login(&server, "ann@example.org", PASSWORD, Value::Null).await.0, 401);
        assert_eq!(login(&server, "ann@example.org", NEW_PASSWORD, Value::Null).await.0, 200);

        let forgot = server.post("/v1/auth/forgot-password", json!({ "email": "ann@example.org" })).await;
        assert_eq!(forgot.status(), 202);
        let token = token_of(&server.letter("ann@example.org", "identity/reset-password").await);
        let reset = |password: &str| json!({ "token": token.expose(), "new_password": password });
        let weak = seen(server.post("/v1/auth/reset-password", reset("short")).await).await;
        assert_eq!(weak.1["code"], "identity.password_too_short");
        assert_eq!(server.post("/v1/auth/reset-password", reset(PASSWORD)).await.status(), 204);
        assert_eq!(server.post("/v1/auth/reset-password", reset(PASSWORD)).await.status(), 409);
        let over = json!({ "refresh_token": renewed["refresh_token"] });
        assert_eq!(server.post("/v1/auth/refresh", over).await.status(), 401);
        assert_eq!(login(&server, "ann@example.org", PASSWORD, Value::Null).await.0, 200);
    }
}

#[tokio::test]
async fn an_address_is_changed_by_the_link_alone() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let change = json!({ "new_email": "ann@new.example" });
        let asked = send(&server, ann.token(), "POST", "/v1/me/email-change", None, change).await;
        assert_eq!(asked.status(), 202);
        server.letter("ann@example.org", "identity/email-change-requested").await;
        let token = token_of(&server.letter("ann@new.example", "identity/email-change-confirm").await);
        let confirm = json!({ "token": token.expose() });
        assert_eq!(server.post("/v1/me/email-change/confirm", confirm).await.status(), 204);
        assert_eq!(login(&server, "ann@new.example", PASSWORD, Value::Null).await.0, 200);
        assert_eq!(login(&server, "ann@example.org", PASSWORD, Value::Null).await.0, 401);
        server.letter("ann@example.org", "identity/email-changed").await;
    }
}

#[tokio::test]
async fn a_second_factor_is_set_up_used_and_removed() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let enrolled =
            send(&server, ann.token(), "POST", "/v1/me/second-factors/totp", None, Value::Null).await;
        let enrolment: Value = enrolled.json().await.unwrap();
        let code = |steps: u64| {
            let secret = totp_rs::Secret::try_from_base32(text(&enrolment["secret"])).unwrap();
            let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
            let now = u64::try_from(server.platform.clock.now().unix_seconds()).unwrap();
            totp.generate(now + 30 * steps).to_string()
        };
        let confirm = "/v1/me/second-factors/totp/confirm";
        let wrong = send(&server, ann.token(), "POST", confirm, None, json!({ "code": "12345x" })).await;
        assert_eq!(wrong.status(), 422);
        let confirmed = send(&server, ann.token(), "POST", confirm, None, json!({ "code": code(0) })).await;
        assert_eq!(confirmed.status(), 200);
        let codes: Value = confirmed.json().await.unwrap();
        let codes: Vec<String> = codes["recovery_codes"].as_array().unwrap().iter().map(text).collect();
        assert_eq!(codes.len(), 10);
        server.letter("ann@example.org", "identity/second-factor-added").await;

        let (status, body) = login(&server, "ann@example.org", PASSWORD, Value::Null).await;
        assert_eq!((status, &body["code"]), (401, &json!("identity.second_factor_required")));
        let next = json!({ "totp_code": code(1) });
        let (status, tokens) = login(&server, "ann@example.org", PASSWORD, next.clone()).await;
        assert_eq!(status, 200, "{tokens}");
        assert_eq!(login(&server, "ann@example.org", PASSWORD, next).await.0, 401, "a code works once");
        let recovery = json!({ "recovery_code": codes[0] });
        assert_eq!(login(&server, "ann@example.org", PASSWORD, recovery.clone()).await.0, 200);
        assert_eq!(login(&server, "ann@example.org", PASSWORD, recovery).await.0, 401);
        server.letter("ann@example.org", "identity/recovery-code-used").await;

        let access = text(&tokens["access_token"]);
        let renewed = send(&server, &access, "POST", "/v1/me/recovery-codes", None, Value::Null).await;
        assert_eq!(renewed.status(), 200);
        let removed = send(&server, &access, "DELETE", "/v1/me/second-factors/totp", None, Value::Null).await;
        assert_eq!(removed.status(), 204);
        assert_eq!(login(&server, "ann@example.org", PASSWORD, Value::Null).await.0, 200);
    }
}

#[tokio::test]
async fn sessions_are_listed_ended_and_stepped_up() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let phone = server.sign_in("ann@example.org").await;
        let list = send(&server, ann.token(), "GET", "/v1/me/sessions", None, Value::Null).await;
        let list: Value = list.json().await.unwrap();
        let current: Vec<bool> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["is_current"].as_bool().unwrap())
            .collect();
        assert_eq!(current, [false, true], "newest first");
        let path = format!("/v1/me/sessions/{}", phone.tokens.session);
        assert_eq!(send(&server, ann.token(), "DELETE", &path, None, Value::Null).await.status(), 204);
        assert_eq!(send(&server, phone.token(), "GET", "/v1/me", None, Value::Null).await.status(), 401);
        assert_eq!(send(&server, ann.token(), "DELETE", &path, None, Value::Null).await.status(), 404);
        server.sign_in("ann@example.org").await;
        let ended =
            send(&server, ann.token(), "POST", "/v1/me/sessions/revoke-others", None, Value::Null).await;
        assert_eq!(seen(ended).await.1, json!({ "ended": 1 }));
        let proof = json!({ "password": PASSWORD });
        let stepped = send(&server, ann.token(), "POST", "/v1/auth/step-up", None, proof).await;
        let stepped: Value = stepped.json().await.unwrap();
        let again = send(&server, &text(&stepped["access_token"]), "GET", "/v1/me", None, Value::Null).await;
        assert_eq!(again.status(), 200);
        let logout = json!({ "refresh_token": ann.tokens.refresh_token.expose() });
        assert_eq!(server.post("/v1/auth/logout", logout).await.status(), 204);
        assert_eq!(send(&server, ann.token(), "GET", "/v1/me", None, Value::Null).await.status(), 401);
    }
}

async fn member_tag(server: &Server, reader: &Person, organization: &str, email: &str) -> (String, String) {
    let path = format!("/v1/organizations/{organization}/members");
    let list: Value =
        send(server, reader.token(), "GET", &path, None, Value::Null).await.json().await.unwrap();
    let member = list["items"].as_array().unwrap().iter().find(|one| one["email"] == email).unwrap().clone();
    (format!("{path}/{}", text(&member["account_id"])), format!("\"{}\"", member["version"]))
}

#[tokio::test]
async fn an_organisation_is_run_handed_on_and_closed() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let ben = server.person("ben@example.org").await;
        let organization = server.organization(&ann, "North Wind").await;
        server.join(organization, &ann, &ben, identity::Role::Member).await;
        let id = organization.to_string();
        let place = format!("/v1/organizations/{id}");

        let edit = json!({ "slug": "north-wind", "settings": { "colour": "blue" } });
        let edited = send(&server, ann.token(), "PATCH", &place, Some("\"1\""), edit.clone()).await;
        assert_eq!(edited.status(), 200);
        let other = server.organization(&ben, "South Wind").await;
        let taken = format!("/v1/organizations/{other}");
        let taken = send(&server, ben.token(), "PATCH", &taken, Some("\"1\""), edit).await;
        assert_eq!(seen(taken).await.1["code"], "identity.slug_taken");

        let (path, tag) = member_tag(&server, &ann, &id, "ben@example.org").await;
        let change = json!({ "job_title": "Recruiter", "roles": ["recruiter", "member"] });
        let changed = send(&server, ann.token(), "PATCH", &path, Some(&tag), change).await;
        assert_eq!(changed.status(), 200);
        assert_eq!(seen(changed).await.1["roles"], json!(["recruiter", "member"]));

        let heir = json!({ "account_id": ben.ctx.actor.account().unwrap() });
        let handed =
            send(&server, ann.token(), "POST", &format!("{place}/transfer-ownership"), None, heir).await;
        assert_eq!(handed.status(), 204);
        let (path, tag) = member_tag(&server, &ben, &id, "ann@example.org").await;
        assert_eq!(send(&server, ben.token(), "DELETE", &path, Some(&tag), Value::Null).await.status(), 204);
        assert_eq!(send(&server, ann.token(), "GET", &place, None, Value::Null).await.status(), 404);
        server.letter("ann@example.org", "identity/membership-removed").await;
        let close = format!("{place}/close");
        assert_eq!(send(&server, ben.token(), "POST", &close, None, Value::Null).await.status(), 204);
        assert_eq!(send(&server, ben.token(), "GET", &place, None, Value::Null).await.status(), 404);
    }
}

#[tokio::test]
async fn an_api_key_is_made_used_and_revoked() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let organization = server.organization(&ann, "North Wind").await;
        let path = format!("/v1/organizations/{organization}/api-keys");
        let expires_at = server.platform.clock.now().plus(std::time::Duration::from_secs(3600));
        let new = json!({ "name": "Payroll", "scopes": ["members.read"], "expires_at": expires_at });
        let made = send(&server, ann.token(), "POST", &path, None, new).await;
        assert_eq!(made.status(), 201);
        let made: Value = made.json().await.unwrap();
        let key = text(&made["key"]);
        assert!(key.starts_with("tsk_"));
        let members = format!("/v1/organizations/{organization}/members");
        assert_eq!(send(&server, &key, "GET", &members, None, Value::Null).await.status(), 200);
        let me = send(&server, &key, "GET", "/v1/me", None, Value::Null).await;
        assert_eq!(seen(me).await.1["code"], "identity.person_needed");
        server.letter("ann@example.org", "identity/api-key-created").await;
        let list: Value =
            send(&server, ann.token(), "GET", &path, None, Value::Null).await.json().await.unwrap();
        assert!(!list.to_string().contains(&key));
        let one = format!("{path}/{}", text(&made["api_key"]["id"]));
        assert_eq!(send(&server, ann.token(), "DELETE", &one, None, Value::Null).await.status(), 204);
        assert_eq!(send(&server, &key, "GET", &members, None, Value::Null).await.status(), 401);
    }
}

#[tokio::test]
async fn an_administrator_finds_and_suspends_an_account() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let root = server.administrator("root@example.org").await;
        let path = "/v1/admin/accounts?email_prefix=ANN";
        let list: Value =
            send(&server, root.token(), "GET", path, None, Value::Null).await.json().await.unwrap();
        let found = &list["items"][0];
        assert_eq!(
            (list["items"].as_array().unwrap().len(), &found["email"]),
            (1, &json!("ann@example.org"))
        );
        let one = format!("/v1/admin/accounts/{}", text(&found["id"]));
        let tag = format!("\"{}\"", found["version"]);
        let suspend = json!({ "status": "suspended" });
        let suspended = send(&server, root.token(), "PATCH", &one, Some(&tag), suspend).await;
        assert_eq!(suspended.status(), 200);
        assert_eq!(send(&server, ann.token(), "GET", "/v1/me", None, Value::Null).await.status(), 401);
        assert_eq!(login(&server, "ann@example.org", PASSWORD, Value::Null).await.0, 401);
        server.letter("ann@example.org", "identity/account-suspended").await;
        let tag = suspended.headers()["etag"].to_str().unwrap().to_owned();
        let back = json!({ "status": "active", "start_password_reset": true });
        assert_eq!(send(&server, root.token(), "PATCH", &one, Some(&tag), back).await.status(), 200);
        assert_eq!(login(&server, "ann@example.org", PASSWORD, Value::Null).await.0, 200);
        server.letter("ann@example.org", "identity/password-reset-started-by-admin").await;
    }
}

#[tokio::test]
async fn whatever_preferences_were_taken_can_be_read_again() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let patch = async |body: String| {
            let call = server.call("PATCH", "/v1/me").bearer_auth(ann.token()).header("If-Match", "\"2\"");
            let call = call.header("Content-Type", "application/merge-patch+json");
            call.body(body).send().await.unwrap().status().as_u16()
        };
        // PostgreSQL writes each of these out in three hundred digits.
        let wide = vec!["30e292"; 2300].join(",");
        assert_eq!(patch(format!("{{\"preferences\":{{\"a\":[{wide}]}}}}")).await, 200);
        let me = send(&server, ann.token(), "GET", "/v1/me", None, Value::Null).await;
        assert_eq!(me.status(), 200);
        assert_eq!(login(&server, "ann@example.org", PASSWORD, Value::Null).await.0, 200);
        assert_eq!(patch("{\"preferences\":{\"a\":\"nul \\u0000\"}}".to_owned()).await, 422);
    }
}
