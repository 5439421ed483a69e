//! JSON and text bodies are read strictly.

use actix_web::test::TestRequest;
use serde_json::json;

use super::{Fixture, Got};

async fn post(body: impl Into<Vec<u8>>) -> Got {
    let body: Vec<u8> = body.into();
    let json = ("content-type", "application/json");
    Fixture::default().send(TestRequest::post().uri("/t/json").insert_header(json).set_payload(body)).await
}

#[actix_web::test]
async fn a_sound_body_is_taken() {
    let got = post(r#"{"name":"Ann","inner":{"known":true},"list":[1,2]}"#).await;
    assert_eq!(got.json(), json!({ "name": "Ann", "known": true, "list": [1, 2] }));
}

#[actix_web::test]
async fn syntax_errors_name_line_and_column() {
    for bad in [
        "",
        "{",
        "{\n\"name\": }",
        "nul",
        "{\"name\":\"x\"} trailing",
        "[\"x\"] trailing",
        "\u{feff}{}",
        "{\"name\":\"\\ud800\"}",
    ] {
        let got = post(bad).await;
        assert_eq!(got.problem(400), "request.malformed_json", "{bad}");
        assert!(got.text.contains("line "), "{got:?}");
    }
    assert!(post("{\n\"name\": }").await.text.contains("line 2, column 9"));
    post(b"{\"name\":\"\xff\"}".to_vec()).await.problem(400);
}

#[actix_web::test]
async fn what_does_not_fit_is_told_by_its_pointer() {
    for (body, pointer) in [
        (r#"{"name":1}"#, "/name"),
        (r#"{"name":"x","list":[1,2,300]}"#, "/list/2"),
        (r#"{"name":"x","inner":{"known":7}}"#, "/inner/known"),
        (r#"{"name":"x","nmae":1}"#, "/nmae"),
        (r#"{"name":"x","inner":{"a/b~c":1}}"#, "/inner/a~1b~0c"),
        (r#"{"name":"x","name":"y"}"#, "/name"),
        (r"{}", "/name"),
        (r"[]", ""),
    ] {
        let got = post(body).await;
        assert_eq!(got.problem(422), "request.invalid", "{body}");
        assert_eq!(got.pointers(), [pointer], "{body}: {}", got.text);
        assert!(!got.text.contains(" at line "), "{}", got.text);
    }
}

#[actix_web::test]
async fn what_a_field_takes_is_said_in_words() {
    for (body, detail) in [
        (r#"{"name":1}"#, "must be a string"),
        (r#"{"name":"x","list":[1,300]}"#, "must be a whole number from 0 to 255"),
        (r#"{"name":"x","list":[-1]}"#, "must be a whole number from 0 to 255"),
        (r#"{"name":"x","list":7}"#, "must be a list"),
        (r#"{"name":"x","inner":7}"#, "must be an object"),
        (r#"["x",{"known":true},[1]]"#, "must be an object"),
        (r#"{"name":"x","inner":{"known":7}}"#, "must be true or false"),
        (r#"{"name":"x","nmae":1}"#, "is no field of this call"),
    ] {
        assert_eq!(post(body).await.json()["errors"][0]["detail"], detail, "{body}");
    }
}

#[actix_web::test]
async fn a_depth_bomb_is_refused_before_it_is_read() {
    let got = post("[".repeat(60_000)).await;
    assert_eq!(got.problem(400), "request.malformed_json");
    assert!(got.text.contains("deeper than 32"));
}

#[actix_web::test]
async fn a_body_has_64_kib() {
    let of = |size: usize| format!("{{\"name\":\"{}\"}}", "x".repeat(size - 11));
    assert_eq!(post(of(64 * 1024)).await.status, 200);
    assert_eq!(post(of(64 * 1024 + 1)).await.problem(413), "request.body_too_large");
    post(of(65 * 1024)).await.problem(413);
}

#[actix_web::test]
async fn only_json_in_utf_8_said_once_is_taken() {
    let send = async |types: &[&str]| {
        let request = TestRequest::post().uri("/t/json").set_payload(r#"{"name":"x"}"#);
        let request =
            types.iter().fold(request, |request, media| request.append_header(("content-type", *media)));
        Fixture::default().send(request).await
    };
    for good in ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON;charset=UTF-8"] {
        assert_eq!(send(&[good]).await.status, 200, "{good}");
    }
    for bad in [
        &["text/plain"][..],
        &[],
        &["application/json", "text/plain"],
        &["application/json", "application/json"],
        &["application/json; charset=utf-16"],
        &["application/merge-patch+json"],
        &["nonsense"],
    ] {
        assert_eq!(send(bad).await.problem(415), "request.unsupported_media_type", "{bad:?}");
    }
    let zipped = TestRequest::post()
        .uri("/t/json")
        .insert_header(("content-type", "application/json"))
        .insert_header(("content-encoding", "gzip"))
        .set_payload(r#"{"name":"x"}"#);
    Fixture::default().send(zipped).await.problem(415);
}

#[actix_web::test]
async fn a_patch_tells_absent_from_null() {
    let patch = async |body: &'static str| {
        let media = ("content-type", "application/merge-patch+json");
        let request = TestRequest::patch().uri("/t/json").insert_header(media).set_payload(body);
        Fixture::default().send(request).await
    };
    assert_eq!(patch("{}").await.json(), json!({ "name": null, "nick": "Absent" }));
    assert_eq!(patch(r#"{"nick":null}"#).await.json()["nick"], "Null");
    assert_eq!(patch(r#"{"name":"Ann","nick":"A"}"#).await.json()["nick"], "Value(\"A\")");
    let got = patch(r#"{"name":null,"nick":"too long"}"#).await;
    got.problem(422);
    assert_eq!(got.pointers(), ["/name", "/nick"]);
}

#[actix_web::test]
async fn text_has_its_own_limit() {
    let send = async |body: Vec<u8>| {
        let media = ("content-type", "text/markdown");
        Fixture::default()
            .send(TestRequest::post().uri("/t/text").insert_header(media).set_payload(body))
            .await
    };
    assert_eq!(send("# ä".into()).await.json(), json!({ "text": "# ä", "octets": 4 }));
    send(vec![b'x'; 1025]).await.problem(413);
    send(vec![0xff]).await.problem(400);
}
