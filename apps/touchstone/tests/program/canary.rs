//! Canaries: secrets that are easy to recognise go through every call that takes or gives one, and then are looked
//! for where they must never be: in logs, in problems, and in any row that ever was in the database.

mod canaries;

use std::{fs, net::SocketAddr, process::Command, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use embedded_postgres::{Access, Installation};
use kernel::Clock as _;
use rustix::process::Signal;
use serde_json::{Value, json};
use system::SystemClock;
use time::format_description::well_known::Rfc3339;

use self::canaries::{Canaries, hexadecimal, nothing_tells};
use crate::{
    client::{Connection, Recorded, access, bearer, letter, link_token, sign, sign_up, sql, totp},
    run::Place,
};

const EMAIL: &str = "ann@example.org";
const FIRST: &str = "canary-first-plinth-orbit-walnut-sieve";
const SECOND: &str = "canary-second-gravel-teapot-mosaic-wren";
const THIRD: &str = "canary-third-lantern-zither-copse-auger";
const UNKNOWN_LINK: &str = "canary-link-of-nobody-plinth-orbit-walnut-0";

/// Every row that is ever written is kept, also what is deleted a moment later.
const REMEMBER: &str = "
CREATE TABLE public.history (source text, was jsonb);
CREATE FUNCTION public.remember() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO public.history VALUES (TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, to_jsonb(NEW));
  RETURN NULL;
END $$;
DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('identity', 'platform', 'audit')
  LOOP
    EXECUTE 'CREATE TRIGGER remember AFTER INSERT OR UPDATE ON ' || name
      || ' FOR EACH ROW EXECUTE FUNCTION public.remember()';
  END LOOP;
END $$;";

/// Ann, who uses everything there is to use.
struct Ann {
    address: SocketAddr,
    canaries: Canaries,
    /// The body of every refusal.
    problems: Vec<String>,
}

impl Ann {
    fn new(server: &Recorded) -> Self {
        Self { address: server.address, canaries: Canaries::default(), problems: Vec::new() }
    }

    #[track_caller]
    fn raw(&mut self, operation: &str, headers: &[String], body: &str, status: u16) -> Value {
        let answer = Connection::open(self.address).unwrap().call(operation, headers, body).unwrap();
        assert_eq!(answer.status, status, "{operation}: {}", answer.text);
        if status >= 400 {
            self.problems.push(answer.text.clone());
        }
        serde_json::from_str(&answer.text).unwrap_or_default()
    }

    #[track_caller]
    fn post(&mut self, path: &str, token: &str, body: &Value, status: u16) -> Value {
        let headers: Vec<String> = if token.is_empty() { Vec::new() } else { vec![bearer(token)] };
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.raw(&format!("POST {path}"), &headers, &body, status)
    }

    /// Adds the secret that stands in this field of an answer, and returns it.
    #[track_caller]
    fn canary(&mut self, answer: &Value, field: &str) -> String {
        let secret = answer[field].as_str().unwrap_or_else(|| panic!("{field} is missing from {answer}"));
        self.canaries.add(field, secret);
        secret.to_owned()
    }

    /// Adds both tokens of an answer, and returns the access and the refresh token.
    #[track_caller]
    fn tokens(&mut self, answer: &Value) -> (String, String) {
        if answer["device_token"].is_string() {
            self.canary(answer, "device_token");
        }
        (self.canary(answer, "access_token"), self.canary(answer, "refresh_token"))
    }

    #[track_caller]
    fn login(&mut self, password: &str, more: &Value, status: u16) -> Value {
        let mut body = json!({ "email": EMAIL, "password": password });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.post("/v1/auth/login", "", &body, status)
    }

    /// A code of the authenticator app, `ahead` steps of 30 seconds from now; another one is wrong.
    fn code(&mut self, secret: &[u8], ahead: u64) -> String {
        let now = u64::try_from(SystemClock.now().unix_seconds()).unwrap();
        let code = totp(secret, now + 30 * ahead);
        self.canaries.add("code of the app", &code);
        code
    }
}

fn start(place: &Place, store: &str) -> Recorded {
    let settings = [
        ("TOUCHSTONE_STORE", store),
        ("TOUCHSTONE_LOG__FILTER", "trace"),
        ("TOUCHSTONE_LOG__FORMAT", "json"),
    ];
    Recorded::start(place, &settings)
}

#[test]
fn no_secret_reaches_logs_problems_or_the_database() {
    let place = Place::new();
    let mut server = start(&place, "postgres");
    let superuser = access(&place.data());
    sql(&superuser, REMEMBER);
    let mut ann = Ann::new(&server);
    the_first_password(&place, &mut ann);
    let (access_token, refresh_token) = another_password(&mut ann);
    let code = a_second_factor(&mut ann, &access_token, &refresh_token);
    a_reset(&place, &mut ann, &code);

    let mails = all_letters(&place.data().join("mail"));
    sign(&superuser);
    let database = dump(&superuser);
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(0));
    let exported = place.say(&["audit", "export"]);
    assert!(exported.contains("account.change_password"), "it tells everything");
    let Ann { canaries, problems, .. } = ann;
    let in_mails = canaries.found_in(&mails);
    assert_eq!(in_mails, ["link of the registration", "link of the reset"], "where links belong");
    let log = server.log();
    assert!(log.lines().count() > 200 && log.contains("\"level\":\"TRACE\""), "it told everything");
    assert!(problems.len() > 15, "{problems:#?}");
    for known in ["platform.outbox\t", "identity.sessions\t", "audit.events\t", "account.forget_password"] {
        assert!(database.contains(known), "{known} is missing from the dump");
    }
    nothing_tells(
        &canaries,
        &[
            ("standard output", server.said()),
            ("the log", log),
            (
                "the log of PostgreSQL",
                fs::read_to_string(place.data().join("postgres/postgres.log")).unwrap(),
            ),
            ("the database", database),
            ("an export of the audit trail", exported),
            ("a problem", problems.join("\n")),
        ],
    );
}

#[test]
fn a_secret_in_the_wrong_place_is_told_to_nobody() {
    let place = Place::new();
    let mut server = start(&place, "memory");
    let mut ann = Ann::new(&server);
    mistakes(&mut ann);
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(0));
    let Ann { canaries, problems, .. } = ann;
    let log = server.log();
    assert!(log.contains("\"level\":\"TRACE\""), "it told everything");
    nothing_tells(
        &canaries,
        &[("standard output", server.said()), ("the log", log), ("a problem", problems.join("\n"))],
    );
}

fn the_first_password(place: &Place, ann: &mut Ann) {
    for (what, password) in [
        ("first password", FIRST),
        ("second password", SECOND),
        ("third password", THIRD),
        ("wrong password", "canary-wrong-password-of-ann"),
        ("short password", "canary-short"),
        ("unknown link", UNKNOWN_LINK),
    ] {
        ann.canaries.add(what, password);
    }
    let register = json!({ "email": EMAIL, "password": "canary-short" });
    ann.post("/v1/auth/register", "", &register, 422);
    sign_up(place, ann.address, EMAIL, FIRST);
    let link = link_token(&letter(place, "verify-email", EMAIL));
    ann.canaries.add("link of the registration", &link);
    ann.post("/v1/auth/verify-email", "", &json!({ "token": link }), 409);
    ann.post("/v1/auth/verify-email", "", &json!({ "token": UNKNOWN_LINK }), 422);
    ann.login("canary-wrong-password-of-ann", &Value::Null, 401);
}

/// Signs in, refreshes, changes the password; ends with a session of the new one.
fn another_password(ann: &mut Ann) -> (String, String) {
    let signed_in = ann.login(FIRST, &Value::Null, 200);
    let (_, first) = ann.tokens(&signed_in);
    let refreshed = ann.post("/v1/auth/refresh", "", &json!({ "refresh_token": first }), 200);
    let (_, second) = ann.tokens(&refreshed);
    let refreshed = ann.post("/v1/auth/refresh", "", &json!({ "refresh_token": second }), 200);
    let (access, third) = ann.tokens(&refreshed);
    let change = json!({ "current_password": "canary-wrong-password-of-ann", "new_password": SECOND });
    ann.post("/v1/auth/change-password", &access, &change, 401);
    let change = json!({ "current_password": FIRST, "new_password": "canary-short" });
    ann.post("/v1/auth/change-password", &access, &change, 422);
    let change = json!({ "current_password": FIRST, "new_password": SECOND });
    ann.post("/v1/auth/change-password", &access, &change, 204);
    ann.raw("GET /v1/me", &[bearer(&access)], "", 401);
    // The oldest token, which was used twice: its session ends.
    ann.post("/v1/auth/refresh", "", &json!({ "refresh_token": first }), 401);
    ann.post("/v1/auth/refresh", "", &json!({ "refresh_token": third }), 401);
    let signed_in = ann.login(SECOND, &Value::Null, 200);
    ann.tokens(&signed_in)
}

/// Sets up the app, makes an API key, signs in with a recovery code; ends with an unused recovery code.
fn a_second_factor(ann: &mut Ann, access: &str, refresh: &str) -> String {
    let factor = "/v1/me/second-factors/totp";
    let enrolment = ann.post(factor, access, &Value::Null, 200);
    let shown = ann.canary(&enrolment, "secret");
    let secret = totp_rs::Secret::try_from_base32(&shown).unwrap().to_vec();
    ann.canaries.add("secret of the app, in hexadecimal", &hexadecimal(&secret));
    ann.canaries.add("secret of the app, in Base64", STANDARD.encode(&secret).trim_end_matches('='));
    let wrong = ann.code(&secret, 1000);
    ann.post(&format!("{factor}/confirm"), access, &json!({ "code": wrong }), 422);
    let code = ann.code(&secret, 0);
    let confirmed = ann.post(&format!("{factor}/confirm"), access, &json!({ "code": code }), 200);
    let codes = recovery_codes(ann, &confirmed);
    let refreshed = ann.post("/v1/auth/refresh", "", &json!({ "refresh_token": refresh }), 200);
    let (access, refresh) = ann.tokens(&refreshed);

    ann.login(SECOND, &Value::Null, 401);
    ann.login(SECOND, &json!({ "totp_code": wrong }), 401);
    let code = ann.code(&secret, 1);
    let signed_in = ann.login(SECOND, &json!({ "totp_code": code }), 200);
    ann.tokens(&signed_in);
    let signed_in = ann.login(SECOND, &json!({ "recovery_code": codes[0] }), 200);
    let (_, other) = ann.tokens(&signed_in);
    ann.login(SECOND, &json!({ "recovery_code": codes[0] }), 401);
    ann.post("/v1/auth/logout", "", &json!({ "refresh_token": other }), 204);
    let step_up = json!({ "password": SECOND, "recovery_code": codes[1] });
    let stepped_up = ann.post("/v1/auth/step-up", &access, &step_up, 200);
    let (access, _) = ann.tokens(&stepped_up);
    an_api_key(ann, &access);
    let renewed = ann.post("/v1/me/recovery-codes", &access, &Value::Null, 200);
    let codes = recovery_codes(ann, &renewed);
    ann.post("/v1/auth/logout", "", &json!({ "refresh_token": refresh }), 204);
    codes[0].clone()
}

fn recovery_codes(ann: &mut Ann, answer: &Value) -> Vec<String> {
    let codes: Vec<String> = serde_json::from_value(answer["recovery_codes"].clone()).unwrap();
    for code in &codes {
        ann.canaries.add("recovery code", code);
    }
    codes
}

fn an_api_key(ann: &mut Ann, access: &str) {
    let headers = [bearer(access), "Idempotency-Key: canary-test-1".to_owned()];
    let organization = ann.raw("POST /v1/organizations", &headers, r#"{"name":"North Wind"}"#, 201);
    let path = format!("/v1/organizations/{}", organization["id"].as_str().unwrap());
    let in_a_month = SystemClock.now().plus(Duration::from_secs(30 * 24 * 3600)).to_offset_date_time();
    let new = json!({
        "name": "Payroll", "scopes": ["organization.read"], "expires_at": in_a_month.format(&Rfc3339).unwrap()
    });
    let made = ann.post(&format!("{path}/api-keys"), access, &new, 201);
    let key = ann.canary(&made, "key");
    ann.raw(&format!("GET {path}"), &[bearer(&key)], "", 200);
    ann.raw(&format!("GET {path}/members"), &[bearer(&key)], "", 403);
    let wrong = format!("{}canary-key", &key[..key.len() - 10]);
    ann.canaries.add("wrong API key", &wrong);
    ann.raw(&format!("GET {path}"), &[bearer(&wrong)], "", 401);
}

fn a_reset(place: &Place, ann: &mut Ann, recovery_code: &str) {
    ann.post("/v1/auth/forgot-password", "", &json!({ "email": EMAIL }), 202);
    let link = link_token(&letter(place, "reset-password", EMAIL));
    ann.canaries.add("link of the reset", &link);
    let reset = |link: &str, password: &str| json!({ "token": link, "new_password": password });
    ann.post("/v1/auth/reset-password", "", &reset(UNKNOWN_LINK, THIRD), 422);
    ann.post("/v1/auth/reset-password", "", &reset(&link, "canary-short"), 422);
    ann.post("/v1/auth/reset-password", "", &reset(&link, THIRD), 204);
    ann.post("/v1/auth/reset-password", "", &reset(&link, THIRD), 409);
    ann.login(SECOND, &json!({ "recovery_code": recovery_code }), 401);
    let signed_in = ann.login(THIRD, &json!({ "recovery_code": recovery_code }), 200);
    ann.tokens(&signed_in);
}

/// Secrets where clients put them by mistake.
fn mistakes(ann: &mut Ann) {
    let canaries = &mut ann.canaries;
    let mut canary = |what: &str, secret: &'static str| {
        canaries.add(what, secret);
        secret
    };
    let password = canary("password", FIRST);
    let number = canary("code as a number", "73194628");
    let long = canary("password as a number", "8315926535897932");
    let listed = canary("password in a list", "canary-listed-password-of-ann");
    let misnamed = canary("password in an unknown field", "canary-misnamed-password-of-ann");
    let cut = canary("password in a broken body", "canary-broken-password-of-ann");
    let address = canary("password as an address", "canary-password-as-an-address");
    let queried = canary("token in a query", "canary-token-in-a-query-of-ann");
    let basic = canary("token of another scheme", "canary-token-of-another-scheme");
    let garbled = canary("garbled bearer token", "canary.garbled.bearer-token-of-ann");
    let login = "POST /v1/auth/login";
    for body in [
        format!(r#"{{"email":"{EMAIL}","password":{long}}}"#),
        format!(r#"{{"email":"{EMAIL}","password":"{password}","totp_code":{number}}}"#),
        format!(r#"{{"email":"{EMAIL}","password":["{listed}"]}}"#),
        format!(r#"{{"email":"{EMAIL}","pasword":"{misnamed}"}}"#),
        format!(r#"{{"email":"{address}","password":"{password}"}}"#),
    ] {
        ann.raw(login, &[], &body, 422);
    }
    ann.raw(login, &[], &format!(r#"{{"email":"{EMAIL}","password":"{cut}"#), 400);
    ann.raw(login, &[], &format!(r#"{{"email":"{EMAIL}","password":"{cut}\q"}}"#), 400);
    ann.raw("POST /v1/auth/refresh", &[], &format!(r#"{{"refresh_token":{long}}}"#), 422);
    ann.raw(
        "POST /v1/auth/reset-password",
        &[],
        &format!(r#"{{"token":{long},"new_password":["{listed}"]}}"#),
        422,
    );
    ann.raw(&format!("GET /v1/me?access_token={queried}"), &[], "", 401);
    ann.raw(&format!("GET /v1/nowhere/{queried}?token={queried}"), &[], "", 404);
    ann.raw("GET /v1/me", &[bearer(garbled)], "", 401);
    ann.raw("GET /v1/me", &[format!("Authorization: Basic {}", STANDARD.encode(basic))], "", 401);
}

/// The whole database as text, the history of all rows with it.
fn dump(access: &Access) -> String {
    let program = Installation::find_named().unwrap().bin().join("pg_dump");
    let host = access.socket_dir();
    let port = fs::read_dir(host).unwrap().find_map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        Some(name.strip_prefix(".s.PGSQL.")?.split('.').next().unwrap().to_owned())
    });
    let output = Command::new(program)
        .args(["--username=postgres", "--no-password", "--dbname=touchstone", "--port", &port.unwrap()])
        .arg("--host")
        .arg(host)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The letters in a folder; one that is being written has a name that begins with a dot.
fn all_letters(folder: &std::path::Path) -> String {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let letters = files.filter(|file| !file.file_name().as_encoded_bytes().starts_with(b"."));
    letters.map(|letter| fs::read_to_string(letter.path()).unwrap()).collect()
}
