//! The way of the first administrator, from the command line into the platform, and back after a lost phone.

use std::net::SocketAddr;

use kernel::Clock as _;
use serde_json::{Value, json};
use system::SystemClock;

use crate::{
    client::{Answer, PASSWORD, bearer, call, totp},
    run::{Place, last_words},
};

const EMAIL: &str = "ann@example.org";

fn login(address: SocketAddr, password: &str, code: Option<&str>) -> Value {
    let mut login = json!({ "email": EMAIL, "password": password });
    if let Some(code) = code {
        login["totp_code"] = json!(code);
    }
    call(address, "POST /v1/auth/login", &[], &login, 200).json()
}

fn refresh(address: SocketAddr, tokens: &Value) -> Value {
    let body = json!({ "refresh_token": tokens["refresh_token"] });
    call(address, "POST /v1/auth/refresh", &[], &body, 200).json()
}

fn with(address: SocketAddr, tokens: &Value, operation: &str, body: &Value, status: u16) -> Answer {
    call(address, operation, &[bearer(tokens["access_token"].as_str().unwrap())], body, status)
}

#[track_caller]
fn refused(address: SocketAddr, tokens: &Value, operation: &str, code: &str) {
    let answer = with(address, tokens, operation, &Value::Null, 403).json();
    assert_eq!(answer["code"], code, "{answer}");
}

#[test]
fn an_administrator_changes_the_password_adds_a_factor_and_gets_in_and_may_lose_the_factor() {
    let place = Place::new();
    let server = place.serve();
    let address = server.address;
    let said = place.say(&["admin", "create", "--email", EMAIL, "--name", "Ann"]);
    for told in ["/v1/auth/change-password", "/v1/me/second-factors/totp", "until 20"] {
        assert!(said.contains(told), "{told} is missing from {said}");
    }
    let temporary = said.lines().find_map(|line| line.strip_prefix("Password: ")).unwrap();
    let temporary = temporary.split_whitespace().next().unwrap();

    let tokens = login(address, temporary, None);
    let expires = &with(address, &tokens, "GET /v1/me", &Value::Null, 200).json()["password_expires_at"];
    assert!(said.contains(expires.as_str().unwrap()), "{expires}: {said}");
    for closed in ["GET /v1/admin/accounts", "GET /v1/organizations", "POST /v1/me/second-factors/totp"] {
        refused(address, &tokens, closed, "identity.password_change_needed");
    }
    let same = json!({ "current_password": temporary, "new_password": temporary });
    let answer = with(address, &tokens, "POST /v1/auth/change-password", &same, 422).json();
    assert_eq!(answer["code"], "identity.password_temporary", "{answer}");
    let own = json!({ "current_password": temporary, "new_password": PASSWORD });
    with(address, &tokens, "POST /v1/auth/change-password", &own, 204);

    let tokens = refresh(address, &tokens);
    for closed in ["GET /v1/admin/accounts", "GET /v1/admin/audit/events", "GET /v1/admin/marketplace"] {
        refused(address, &tokens, closed, "identity.second_factor_needed");
    }
    let enrolment = with(address, &tokens, "POST /v1/me/second-factors/totp", &Value::Null, 200).json();
    let secret = totp_rs::Secret::try_from_base32(enrolment["secret"].as_str().unwrap()).unwrap().to_vec();
    let now = u64::try_from(SystemClock.now().unix_seconds()).unwrap();
    let code = json!({ "code": totp(&secret, now) });
    with(address, &tokens, "POST /v1/me/second-factors/totp/confirm", &code, 200);
    let tokens = refresh(address, &tokens);
    let accounts = with(address, &tokens, "GET /v1/admin/accounts", &Value::Null, 200).json();
    assert_eq!(accounts["items"][0]["email"], EMAIL);

    let said = place.say(&["admin", "remove-factor", "--email", EMAIL]);
    assert!(said.contains("all sessions ended"), "{said}");
    let tokens = login(address, PASSWORD, None);
    refused(address, &tokens, "GET /v1/admin/accounts", "identity.second_factor_needed");
    let none = place.run(&["admin", "remove-factor", "--email", EMAIL]);
    assert_eq!((none.status.code(), last_words(&none).contains("no second factor")), (Some(14), true));
}
