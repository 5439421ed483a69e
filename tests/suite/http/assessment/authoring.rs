//! Writing, checking and publishing assessments over HTTP.

use std::time::{Duration, Instant};

use assessment_engine::rule::ASSESSMENTS_WRITE;
use reqwest::Response;
use serde_json::{Value, json};

use super::{
    super::{
        openapi::{document, operations},
        world::{Person, Server, seen},
    },
    place, servers, text,
};

const FILE: &str = include_str!("../../../../docs/assessments/leadership-readiness.md");

async fn markdown(
    server: &Server,
    who: &Person,
    method: &str,
    path: &str,
    tag: Option<&str>,
    file: impl Into<reqwest::Body>,
) -> Response {
    let call = server.call(method, path).bearer_auth(who.token()).header("Content-Type", "text/markdown");
    let call = match tag {
        Some(tag) => call.header("If-Match", tag),
        None => call,
    };
    call.body(file).send().await.unwrap()
}

async fn get(server: &Server, who: &Person, path: &str) -> Response {
    server.call("GET", path).bearer_auth(who.token()).send().await.unwrap()
}

async fn act(server: &Server, who: &Person, path: &str) -> (u16, Value) {
    seen(server.call("POST", path).bearer_auth(who.token()).send().await.unwrap()).await
}

fn tag_of(answer: &Response) -> String {
    answer.headers()["etag"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_mistake_is_told_with_its_place_and_the_mended_file_becomes_a_version() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let collection = place(north);
        let faulty = FILE.replacen("- weight: ", "- wieght: ", 1);
        let line = 1 + faulty.lines().position(|line| line.starts_with("- wieght")).unwrap();
        let (status, refused) =
            seen(markdown(&server, &ann, "POST", &collection, None, faulty.clone()).await).await;
        assert_eq!((status, &refused["code"]), (422, &json!("assessment.faulty")), "{refused}");
        let fault = &refused["diagnostics"][0];
        assert_eq!((&fault["severity"], &fault["line"]), (&json!("error"), &json!(line)), "{refused}");
        for member in ["code", "message", "why", "hint"] {
            assert!(fault[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {fault}");
        }
        assert!(fault["column"].is_u64() && text(&fault["hint"]).contains("weight"), "{fault}");
        let lint = format!("{collection}/lint");
        let (status, checked) = seen(markdown(&server, &ann, "POST", &lint, None, faulty).await).await;
        assert_eq!((status, &checked["is_sound"]), (200, &json!(false)));
        assert_eq!(checked["diagnostics"], refused["diagnostics"]);
        let none = seen(get(&server, &ann, &collection).await).await.1;
        assert_eq!(none["items"], json!([]));

        let written = markdown(&server, &ann, "POST", &collection, None, FILE).await;
        assert_eq!((written.status().as_u16(), tag_of(&written)), (201, "\"1\"".to_owned()));
        let one = written.headers()["location"].to_str().unwrap().to_owned();
        let draft = seen(written).await.1;
        assert_eq!((&draft["slug"], &draft["status"]), (&json!("leadership-readiness"), &json!("draft")));
        assert_eq!(seen(get(&server, &ann, &one).await).await, (200, draft.clone()));
        assert_eq!(one, format!("{collection}/{}", text(&draft["id"])));

        let source = format!("{one}/source");
        let file = get(&server, &ann, &source).await;
        assert_eq!(file.headers()["content-type"], "text/markdown; charset=utf-8");
        let tag = tag_of(&file);
        assert_eq!(file.bytes().await.unwrap(), FILE.as_bytes());
        let again = server.call("GET", &source).bearer_auth(ann.token()).header("If-None-Match", &tag);
        assert_eq!(again.send().await.unwrap().status(), 304);

        publishing(&server, &ann, &one).await;
    }
}

/// Publishes 1.0, is refused 1.0 again for other words, publishes 1.1; what was published stays.
async fn publishing(server: &Server, ann: &Person, one: &str) {
    let (source, publish) = (format!("{one}/source"), format!("{one}/publish"));
    let (status, published) = act(server, ann, &publish).await;
    assert_eq!((status, &published["published_version"]), (200, &json!("1.0")), "{published}");
    let first = seen(get(server, ann, &format!("{one}/versions/1.0")).await).await;
    assert_eq!((first.0, &first.1["source_markdown"]), (200, &json!(FILE)));

    let worded = FILE.replacen("## Dimensions", "Another sentence.\n\n## Dimensions", 1);
    let tag = tag_of(&get(server, ann, one).await);
    let put = markdown(server, ann, "PUT", &source, Some(&tag), worded.clone()).await;
    let next = tag_of(&put);
    assert_eq!(put.status(), 200);
    let stale = markdown(server, ann, "PUT", &source, Some(&tag), FILE).await;
    assert_eq!(stale.status(), 412);
    let changes = seen(get(server, ann, &format!("{one}/changes")).await).await.1;
    assert_eq!((&changes["level"], &changes["least_version"]), (&json!("wording"), &json!("1.1")));
    assert_eq!(
        (&changes["is_high_enough"], &changes["edits"][0]["place"]),
        (&json!(false), &json!("settings/description"))
    );
    let (status, refused) = act(server, ann, &publish).await;
    assert_eq!((status, &refused["code"]), (409, &json!("assessment.version_refused")));
    assert!(text(&refused["detail"]).contains("asks for 1.1 or higher"), "{refused}");

    let raised = worded.replacen("version: \"1.0\"", "version: \"1.1\"", 1);
    assert_eq!(markdown(server, ann, "PUT", &source, Some(&next), raised).await.status(), 200);
    let (status, published) = act(server, ann, &publish).await;
    assert_eq!((status, &published["published_version"]), (200, &json!("1.1")));
    assert_eq!(seen(get(server, ann, &format!("{one}/versions/1.0")).await).await, first);
    let versions = seen(get(server, ann, &format!("{one}/versions")).await).await.1;
    let numbers: Vec<&Value> =
        versions["items"].as_array().unwrap().iter().map(|one| &one["version"]).collect();
    assert_eq!(numbers, ["1.1", "1.0"]);
    assert_eq!(seen(get(server, ann, &format!("{one}/versions/1.2")).await).await.0, 404);
    assert_eq!(seen(get(server, ann, &format!("{one}/versions/newest")).await).await.0, 404);

    assert_eq!(act(server, ann, &format!("{one}/activate")).await.1["status"], "active");
    let tag = tag_of(&get(server, ann, one).await);
    let delete = server.call("DELETE", one).bearer_auth(ann.token()).header("If-Match", &tag);
    let (status, kept) = seen(delete.send().await.unwrap()).await;
    assert_eq!((status, &kept["code"]), (409, &json!("assessment.in_use")));
    assert_eq!(act(server, ann, &format!("{one}/archive")).await.1["status"], "archived");
    let archived =
        seen(get(server, ann, &format!("{}?status=archived", &one[..one.rfind('/').unwrap()])).await).await;
    assert_eq!(archived.1["items"][0]["status"], "archived");
}

#[tokio::test]
async fn a_builder_is_told_where_by_json_pointers_and_its_definition_is_printed() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let collection = place(server.organization(&ann, "North Wind").await);
        let send = async |body: &Value| {
            let call = server.call("POST", &collection).bearer_auth(ann.token()).json(body);
            seen(call.send().await.unwrap()).await
        };
        let mut body = example();
        body["definition"].as_object_mut().unwrap().remove("dimensions");
        let (status, refused) = send(&body).await;
        assert_eq!((status, &refused["code"]), (422, &json!("assessment.faulty")), "{refused}");
        let pointers: Vec<&Value> =
            refused["errors"].as_array().unwrap().iter().map(|one| &one["pointer"]).collect();
        assert!(pointers.contains(&&json!("/definition/dimensions")), "{refused}");
        assert_eq!(refused["diagnostics"][0]["pointer"], json!("/definition/dimensions"));
        let (status, unknown) = send(&json!({ "definitoin": {} })).await;
        assert_eq!((status, &unknown["code"]), (422, &json!("request.invalid")));

        let (status, draft) = send(&example()).await;
        assert_eq!((status, &draft["source_type"]), (201, &json!("builder")), "{draft}");
        let one = format!("{collection}/{}", text(&draft["id"]));
        let printed = get(&server, &ann, &format!("{one}/source")).await.text().await.unwrap();
        assert!(printed.starts_with("---\nschema: assessment/1\n"), "{printed}");
        let patch = json!({ "name": "Other", "result_disclosure": "none", "interview_style_default": 5 });
        let call = server.call("PATCH", &one).bearer_auth(ann.token()).header("If-Match", "\"1\"");
        let (status, edited) = seen(call.json(&patch).send().await.unwrap()).await;
        assert_eq!((status, &edited["definition"]["metadata"]["name"]), (200, &json!("Other")));
        assert_eq!(
            (&edited["result_disclosure"], &edited["interview_style_default"]),
            (&json!("none"), &json!(5))
        );
        let call = server.call("PATCH", &one).bearer_auth(ann.token()).header("If-Match", "\"2\"");
        let odd = json!({ "name": "", "interview_style_default": 6, "slug": null });
        let (status, refused) = seen(call.json(&odd).send().await.unwrap()).await;
        assert_eq!((status, refused["errors"].as_array().unwrap().len()), (422, 2), "{refused}");
    }
}

/// The example in the description of the API.
fn example() -> Value {
    let document = document();
    let all = operations(&document);
    let id = |operation: &Value| operation["operationId"] == "assessment.write_assessment";
    let (_, _, write) = all.iter().find(|(_, _, operation)| id(operation)).unwrap();
    let schema = text(&write["requestBody"]["content"]["application/json"]["schema"]["$ref"]);
    document.pointer(schema.trim_start_matches('#')).unwrap()["example"].clone()
}

#[tokio::test]
async fn hostile_bodies_are_answered_with_a_clear_error_in_bounded_time() {
    let server = Server::on_memory().await;
    let ann = server.person("ann@example.org").await;
    let collection = place(server.organization(&ann, "North Wind").await);
    let within = Duration::from_secs(5);
    let front = |yaml: &str| format!("---\nschema: assessment/1\nname: N\n{yaml}\n---\n# N\n").into_bytes();
    let aliases = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b]";
    let bodies: [(&str, Vec<u8>, u16); 9] = [
        ("10 MB", vec![b'#'; 10 * 1024 * 1024], 413),
        ("one octet too many", vec![b'#'; 256 * 1024 + 1], 413),
        ("no UTF-8", b"---\nname: \xff\xfe\n---\n".to_vec(), 400),
        ("deep YAML", front(&format!("x: {}", "[".repeat(100_000))), 422),
        (
            "deep YAML in blocks",
            front(&(0..700).fold(String::new(), |yaml, n| yaml + &" ".repeat(n / 4) + "- \n")),
            422,
        ),
        ("YAML aliases", front(aliases), 422),
        ("zero bytes", vec![0; 100_000], 422),
        ("a million signs", "## \n".repeat(60_000).into_bytes(), 422),
        ("deep quotes", front(&"> ".repeat(100_000)), 422),
    ];
    for (what, body, wanted) in bodies {
        let begun = Instant::now();
        let (status, told) = seen(markdown(&server, &ann, "POST", &collection, None, body).await).await;
        assert_eq!(status, wanted, "{what}: {told}");
        assert!(begun.elapsed() < within, "{what} took {:?}", begun.elapsed());
        let told = told["diagnostics"].as_array().map_or(0, Vec::len);
        assert!(told <= 1_001, "{what}: {told} diagnostics");
    }
    let json = |body: String| {
        let call = server.call("POST", &collection).bearer_auth(ann.token());
        call.header("Content-Type", "application/json").body(body).send()
    };
    let deep = format!("{{\"definition\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    assert_eq!(json(deep).await.unwrap().status(), 400);
    let wide = format!("{{\"definition\":[{}1]}}", "1,".repeat(120_000));
    assert_eq!(json(wide).await.unwrap().status(), 422);
    assert_eq!(json(format!("{{\"definition\":\"{}\"}}", "x".repeat(300_000))).await.unwrap().status(), 413);
    let call = server.call("POST", &collection).bearer_auth(ann.token()).header("Content-Type", "text/html");
    let (status, told) = seen(call.body("<p>").send().await.unwrap()).await;
    assert_eq!((status, &told["code"]), (415, &json!("request.unsupported_media_type")));
    assert!(text(&told["detail"]).contains("text/markdown"), "{told}");
    let odd = markdown(&server, &ann, "POST", &format!("{collection}?slug=Not+a+slug"), None, FILE).await;
    assert_eq!(seen(odd).await.1["errors"][0]["pointer"], "/slug");
}

#[tokio::test]
async fn another_organisation_is_told_nothing_not_even_that_it_is_there() {
    for server in servers().await {
        let (ann, bob) = (server.person("ann@example.org").await, server.person("bob@example.org").await);
        let north = place(server.organization(&ann, "North Wind").await);
        let south = place(server.organization(&bob, "South Wind").await);
        let draft = seen(markdown(&server, &ann, "POST", &north, None, FILE).await).await.1;
        let id = text(&draft["id"]);
        let unknown = "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6";
        for rest in ["", "/source", "/changes", "/versions", "/versions/1.0"] {
            let of = async |collection: &str, id: &str| {
                seen(get(&server, &bob, &format!("{collection}/{id}{rest}")).await).await
            };
            let none = of(&south, unknown).await;
            assert_eq!(none.0, 404);
            assert_eq!((of(&south, &id).await, of(&north, &id).await), (none.clone(), none), "{rest}");
        }
        for action in ["publish", "activate", "archive"] {
            assert_eq!(act(&server, &bob, &format!("{south}/{id}/{action}")).await.0, 404);
        }
    }
}

#[tokio::test]
async fn a_repeated_request_writes_one_draft_and_a_program_may_write_too() {
    for server in servers().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let collection = place(north);
        let key = super::super::audit::key(&server, &ann, north, &[ASSESSMENTS_WRITE]).await;
        let write = async |key: &str, once: &str| {
            let call = server.call("POST", &collection).bearer_auth(key).header("Idempotency-Key", once);
            seen(call.header("Content-Type", "text/markdown").body(FILE).send().await.unwrap()).await
        };
        let first = write(&key, "one").await;
        assert_eq!((first.0, &first.1["slug"]), (201, &json!("leadership-readiness")), "{}", first.1);
        assert_eq!(write(&key, "one").await, first);
        assert_eq!(write(ann.token(), "one").await.1["slug"], "leadership-readiness-2");
        assert_eq!(write(&key, "two").await.1["slug"], "leadership-readiness-3");
        assert_eq!(
            seen(server.call("GET", &collection).bearer_auth(&key).send().await.unwrap()).await.0,
            403
        );
    }
}
