//! Forms with files, and what comes of them.

use std::time::Duration;

use kernel::OrganizationId;
use reqwest::Response;
use serde_json::Value;

use crate::http::{
    notifications::get,
    world::{Person, Server, seen},
};

pub(super) const TEXT: &str = "Zoe Lee, welder in Bremen.\nCertified for pipelines since 2019.\n";
pub(super) const BOUNDARY: &str = "b0undary";

pub(super) fn documents(of: OrganizationId) -> String {
    format!("/v1/organizations/{of}/documents")
}

/// Names and values of a form.
pub(super) type Fields<'a> = &'a [(&'a str, &'a str)];

/// A form with these fields, the file where its name stands.
pub(super) fn form(fields: Fields<'_>, name: &str, content: &[u8]) -> Vec<u8> {
    let mut form = Vec::new();
    for (field, value) in fields {
        form.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"").bytes());
        if *field == "file" {
            form.extend(format!("; filename=\"{name}\"\r\nContent-Type: text/html\r\n\r\n").bytes());
            form.extend(content);
        } else {
            form.extend(format!("\r\n\r\n{value}").bytes());
        }
        form.extend(b"\r\n");
    }
    form.extend(format!("--{BOUNDARY}--\r\n").bytes());
    form
}

pub(super) async fn post(server: &Server, bearer: &str, of: OrganizationId, form: Vec<u8>) -> (u16, Value) {
    let call = server.call("POST", &documents(of)).bearer_auth(bearer);
    let call = call.header("Content-Type", format!("multipart/form-data; boundary={BOUNDARY}"));
    seen(call.body(form).send().await.unwrap()).await
}

pub(super) async fn upload(
    server: &Server,
    bearer: &str,
    of: OrganizationId,
    name: &str,
    content: &[u8],
) -> (u16, Value) {
    post(server, bearer, of, form(&[("category", "other"), ("file", "")], name, content)).await
}

pub(super) async fn uploaded(server: &Server, who: &Person, of: OrganizationId) -> (String, Value) {
    let (status, document) = upload(server, who.token(), of, "zoe.txt", TEXT.as_bytes()).await;
    assert_eq!(status, 201, "{document}");
    (format!("{}/{}", documents(of), document["id"].as_str().unwrap()), document)
}

/// The document, once it is so.
pub(super) async fn until(
    server: &Server,
    who: &Person,
    place: &str,
    is_so: impl Fn(&Value) -> bool,
) -> Value {
    let mut document = Value::Null;
    for _ in 0..200 {
        document = get(server, who, place).await;
        if is_so(&document) {
            return document;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the document stays {document}");
}

pub(super) async fn fetch(server: &Server, who: &Person, path: &str, headers: &[(&str, &str)]) -> Response {
    let call = server.call("GET", path).bearer_auth(who.token());
    headers.iter().fold(call, |call, (name, value)| call.header(name, value)).send().await.unwrap()
}

pub(super) fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}
