//! Commands, beside a running server and without one.

use std::{
    fs,
    io::Write as _,
    process::{Output, Stdio},
};

use serde_json::{Value, json};

use crate::{
    client::{PASSWORD, Recorded, access, bearer, call, sign_in, sign_up, sql},
    run::{Place, last_words, stderr},
};

fn admin(place: &Place, email: &str, password: &str) -> Output {
    let mut command = place.command(&["admin", "create", "--email", email, "--password-stdin"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{password}").unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn administrators_are_made_beside_a_server_and_without_one() {
    let place = Place::new();
    let said = place.say(&["admin", "create", "--email", "ann@example.org", "--name", "Ann"]);
    assert!(said.contains("ann@example.org") && said.contains("Password: "), "{said}");
    let _server = place.serve();
    let again = place.say(&["admin", "create", "--email", "ann@example.org"]);
    assert!(again.contains("temporary password is replaced") && again.contains("Password: "), "{again}");
    let given = admin(&place, "bea@example.org", "a long enough mauve tortoise");
    assert!(given.status.success(), "{}", stderr(&given));
    assert!(!String::from_utf8_lossy(&given.stdout).contains("tortoise"));
    let weak = admin(&place, "cid@example.org", "password");
    assert_eq!(weak.status.code(), Some(14));
    assert!(!last_words(&weak).is_empty());
}

#[test]
fn the_demo_fills_three_organisations_and_prints_the_same_logins_again() {
    let place = Place::new();
    let _server = place.serve();
    let first = place.say(&["demo"]);
    assert_eq!(first.matches(".example ").count(), 24, "{first}");
    assert_eq!(place.say(&["demo"]), first);
}

#[test]
fn what_the_demo_says_there_is_to_look_at_is_there() {
    let place = Place::new();
    let said = place.say(&["demo"]);
    let server = place.serve();
    let sign_in = |email: &str| {
        let login = said.lines().find_map(|line| line.split_once(email)).expect("a login");
        let login = json!({ "email": email, "password": login.1.trim() });
        let tokens = call(server.address, "POST /v1/auth/login", &[], &login, 200).json();
        bearer(tokens["access_token"].as_str().unwrap())
    };
    let owner = sign_in("ada.berg@north-wind.example");
    let ask = |operation: &str| {
        call(server.address, operation, std::slice::from_ref(&owner), &Value::Null, 200).json()
    };
    let calls: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    let [inbox, preferences, documents, endpoints, deliveries, release] = calls[..] else { panic!("{said}") };
    let every = |of: &Value, what: &str| -> Vec<Value> {
        of["items"].as_array().unwrap().iter().map(|item| item[what].clone()).collect()
    };

    let inbox = ask(inbox);
    let titles = every(&inbox, "title");
    assert!(titles.contains(&json!("Hugo Iden joined North Wind Trading")), "{inbox}");
    let read = every(&inbox, "is_read");
    assert_eq!((&read[..2], read.last()), (&[json!(false), json!(false)][..], Some(&json!(true))), "{inbox}");
    let preferences = ask(preferences);
    assert_eq!(preferences["channels"]["assessment"]["email"], "digest");
    assert_eq!(preferences["quiet_hours"], json!({ "from": "22:00", "until": "07:00" }));

    let kept = ask(documents);
    assert_eq!(every(&kept, "file_type"), ["text", "text", "pdf"], "{kept}");
    assert_eq!(every(&kept, "legal_hold"), [true, false, false], "{kept}");
    let pdf = kept["items"][2]["id"].as_str().unwrap();
    let text = ask(&format!("{documents}/{pdf}/text"));
    assert!(text["text"].as_str().unwrap().starts_with("Zoe Lee, welder in Bremen"), "{text}");

    assert_eq!(every(&ask(endpoints), "status"), ["paused"]);
    let sent = ask(deliveries);
    assert_eq!(every(&sent, "status"), ["dropped", "succeeded", "succeeded"], "{sent}");
    assert_eq!(every(&sent, "attempts"), [1, 2, 1], "{sent}");

    let manager = sign_in("cleo.dunn@north-wind.example");
    assert_eq!(every(&ask("GET /v1/me/results"), "id"), [json!(null); 0]);
    call(server.address, release, &[manager], &Value::Null, 200);
    assert_eq!(every(&ask("GET /v1/me/results"), "organization_name"), ["North Wind Trading"]);
}

#[test]
fn a_backup_brings_everything_back() {
    let place = Place::new();
    place.say(&["admin", "create", "--email", "ann@example.org"]);
    let file = place.path("all.dump");
    let file = file.to_str().unwrap();
    {
        let _server = place.serve();
        place.say(&["backup", file]);
        place.say(&["admin", "create", "--email", "bea@example.org"]);
        let again = place.run(&["backup", file]);
        assert_eq!(again.status.code(), Some(14), "an earlier backup is never overwritten");
    }
    let before = place.serve().get("/.well-known/jwks.json").1;
    // A folder lost but for its keys, which were kept apart.
    fs::rename(place.data().join("postgres"), place.path("lost")).unwrap();
    place.say(&["restore", file]);
    let said = place.say(&["admin", "create", "--email", "ann@example.org"]);
    assert!(said.contains("there already"), "{said}");
    let said = place.say(&["admin", "create", "--email", "bea@example.org"]);
    assert!(!said.contains("there already"), "what came after the backup is gone: {said}");
    assert_eq!(place.serve().get("/.well-known/jwks.json").1, before);
}

#[test]
fn keys_rotate_beside_a_server_and_what_was_given_up_can_be_listed() {
    let place = Place::new();
    let said = place.say(&["keys", "rotate"]);
    assert!(said.contains("signs from"), "{said}");
    let server = place.serve();
    let (_, keys) = server.get("/.well-known/jwks.json");
    assert_eq!(keys.matches("\"kid\"").count(), 2, "{keys}");
    assert_eq!(place.say(&["outbox", "list"]), "Nothing was given up.\n");
    assert_eq!(place.say(&["outbox", "retry"]), "0 back in the queue.\n");
    let unknown = place.run(&["outbox", "retry", "--id", "00000000-0000-0000-0000-000000000001"]);
    assert_eq!(unknown.status.code(), Some(14));
}

#[test]
fn what_an_older_key_sealed_is_sealed_anew_beside_a_server() {
    let place = Place::new();
    let server = Recorded::start(&place, &[]);
    sign_up(&place, server.address, "ann@example.org", PASSWORD);
    let headers = [bearer(&sign_in(server.address, "ann@example.org"))];
    let post = |path: &str, body: &Value, id: &str| {
        let made = call(server.address, &format!("POST {path}"), &headers, body, 201).json();
        made.pointer(id).and_then(Value::as_str).unwrap().to_owned()
    };
    let organization = post("/v1/organizations", &json!({ "name": "Works" }), "/id");
    let hooks = format!("/v1/organizations/{organization}/webhook-endpoints");
    let endpoint = json!({ "url": "https://hooks.example.org/", "events": ["membership.*"] });
    let endpoints = [(); 2].map(|()| post(&hooks, &endpoint, "/endpoint/id"));
    let said = place.say(&["keys", "reseal"]);
    assert!(said.starts_with("Of the webhook endpoints, 0 were sealed anew and 2 are"), "{said}");

    let keys = place.data().join("keys");
    let old = fs::read_to_string(&keys).unwrap();
    fs::write(&keys, format!("k2:{}\n{old}", "A".repeat(43))).unwrap();
    let said = place.say(&["keys", "reseal"]);
    assert!(said.starts_with("Of the webhook endpoints, 2 were sealed anew and 0 are"), "{said}");
    assert!(said.contains("\nOf the documents, 0 were sealed anew"), "{said}");
    let said = place.say(&["keys", "reseal"]);
    assert!(said.starts_with("Of the webhook endpoints, 0 were sealed anew and 2 are"), "{said}");

    let superuser = access(&place.data());
    let break_one =
        format!("UPDATE webhook.endpoints SET secret = 'x' WHERE id = '{}' RETURNING 1", endpoints[0]);
    sql(&superuser, &break_one);
    let output = place.run(&["keys", "reseal"]);
    assert_eq!(output.status.code(), Some(13), "{}", last_words(&output));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let left =
        format!("webhook endpoints {organization}/{}: no key of the key file opens it\n", endpoints[0]);
    assert!(said.starts_with(&left) && said.contains("and 1 are under the first key"), "{said}");
}

#[test]
fn bans_are_listed_and_lifted_beside_a_server_and_on_a_database_of_ones_own() {
    let [place, other] = [Place::new(), Place::new()];
    let server = place.serve();
    let login = |email: &str, status: u16| {
        let wrong = json!({ "email": email, "password": "not the right password" });
        call(server.address, "POST /v1/auth/login", &[], &wrong, status)
    };
    assert_eq!(place.say(&["throttle", "list"]), "Nothing is locked.\n");
    for n in 0..15 {
        login(&format!("p{n}@example.org"), 401);
    }
    assert_eq!(login("ann@example.org", 429).json()["code"], "identity.address_banned");
    let listed = place.say(&["throttle", "list"]);
    assert!(listed.starts_with("address:127.0.0.1  since ") && listed.contains("  until "), "{listed}");
    assert!(listed.ends_with("  15 accounts, ban 1\n") && !listed.contains("example.org"), "{listed}");

    let url = access(&place.data()).url("touchstone_app", "touchstone");
    let external = |arguments: &[&str]| {
        let mut command = other.command(arguments);
        command.env("DATABASE_URL", &url).env("TOUCHSTONE_KEY_FILE", place.data().join("keys"));
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned(), last_words(&output))
    };
    assert_eq!(external(&["throttle", "list"]).1, listed);
    let (code, said, complaint) = external(&["throttle", "lift", "address:127.0.0.1", "account:nobody"]);
    assert_eq!((code, said.as_str()), (Some(14), "address:127.0.0.1 is lifted.\n"));
    assert!(complaint.contains("nothing is counted under account:nobody"), "{complaint}");
    login("ann@example.org", 401);
    assert_eq!(place.say(&["throttle", "list"]), "Nothing is locked.\n");
}

#[test]
fn migrate_makes_the_schema_and_says_so() {
    let place = Place::new();
    assert!(place.say(&["migrate"]).contains("up to date"));
    assert!(place.say(&["migrate"]).contains("up to date"));
}
