//! What comes of uploads: what is taken, and what is left of what is not.

use std::{ops::Range, sync::Arc, time::Duration};

use async_trait::async_trait;
use document::{
    ObjectKey, ObjectPart, StoredObject,
    ports::{ObjectWriter, Objects},
};
use kernel::{
    Timestamp,
    document::{Chunks, ContentError},
};
use mail::MemoryMailer;
use objects::MemoryObjects;
use platform::{Options, Platform};
use serde_json::json;
use tokio::time::sleep;

use super::forms::{BOUNDARY, Fields, documents, form, post, upload};
use crate::http::{
    notifications::{both, get},
    world::{Server, seen},
};

/// How many contents lie in the object store.
async fn contents(server: &Server) -> usize {
    let objects = server.platform.documents.objects.list(None, 100).await.unwrap();
    objects.iter().filter(|object| object.key.part == ObjectPart::Content).count()
}

/// Fields, the name of a file and its content; status, code and place of the answer.
type Case<'a> = (Fields<'a>, &'a str, Vec<u8>, u16, &'a str, &'a str);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_taken_is_refused_with_what_is_wrong_and_where() {
    let [server, _] = Server::on_both_as(|options| {
        options.documents.limits.usual = 1000;
        options.documents.limits.of = vec![(kernel::document::DocumentCategory::Cv, 100)];
        options.documents.quotas.document_bytes = 2500;
    })
    .await;
    let ann = server.person("ann@example.org").await;
    let north = server.organization(&ann, "North Wind").await;
    let other: &[(&str, &str)] = &[("category", "other"), ("file", "")];
    let cv: &[(&str, &str)] = &[("file", ""), ("category", "cv")];
    let cases: [Case<'_>; 17] = [
        (other, "a.pdf", b"plain".to_vec(), 422, "document.not_taken", "/file"),
        (other, "a.txt", Vec::new(), 422, "document.not_taken", "/file"),
        (other, "a", vec![0, 1, 2, 3], 422, "document.not_taken", "/file"),
        (
            &[("category", "documentation_image"), ("file", "")],
            "a.txt",
            b"plain".to_vec(),
            422,
            "document.not_taken",
            "/file",
        ),
        (other, "a.txt", vec![b'x'; 1001], 413, "request.body_too_large", ""),
        (other, "comes-in-many-pieces.txt", vec![b'x'; 400_000], 413, "request.body_too_large", ""),
        (cv, "a.txt", vec![b'x'; 101], 413, "request.body_too_large", ""),
        (other, "..", b"plain".to_vec(), 422, "request.invalid", "/file"),
        (&[("file", "")], "a.txt", b"plain".to_vec(), 422, "request.invalid", "/category"),
        (
            &[("category", "letter"), ("file", "")],
            "a.txt",
            b"plain".to_vec(),
            422,
            "request.invalid",
            "/category",
        ),
        (&[("category", "cv")], "", Vec::new(), 422, "request.invalid", "/file"),
        (&[("category", "cv"), ("kind", "x")], "", Vec::new(), 422, "request.invalid", "/kind"),
        (&[("category", "cv"), ("category", "cv")], "", Vec::new(), 422, "request.invalid", "/category"),
        (&[("file", ""), ("kind", "x")], "a.txt", b"plain".to_vec(), 422, "request.invalid", "/kind"),
        (
            &[("category", "other"), ("file", ""), ("category", "other")],
            "a.txt",
            b"plain".to_vec(),
            422,
            "request.invalid",
            "/category",
        ),
        (&[("file", ""), ("file", "")], "a.txt", b"plain".to_vec(), 422, "request.invalid", "/file"),
        (
            &[("category", "cv"), ("related_type", "goal"), ("file", "")],
            "a.txt",
            b"plain".to_vec(),
            422,
            "request.invalid",
            "/related_id",
        ),
    ];
    for (fields, name, content, status, code, pointer) in cases {
        let (found, body) = post(&server, ann.token(), north, form(fields, name, &content)).await;
        assert_eq!((found, &body["code"]), (status, &json!(code)), "{name} {fields:?}: {body}");
        let pointers: Vec<_> = body["errors"].as_array().into_iter().flatten().collect();
        assert!(pointer.is_empty() || pointers.iter().any(|error| error["pointer"] == pointer), "{body}");
    }
    assert_eq!(
        upload(&server, ann.token(), north, "a.txt", &[b'x'; 1000]).await.0,
        201,
        "as large as may be"
    );
    assert_eq!(post(&server, ann.token(), north, form(cv, "a.txt", &[b'x'; 100])).await.0, 201);
    assert_eq!(upload(&server, ann.token(), north, "a.txt", &[b'x'; 1000]).await.0, 201);
    let (status, body) = upload(&server, ann.token(), north, "a.txt", &[b'x'; 1000]).await;
    assert_eq!((status, &body["code"]), (409, &json!("quota.reached")), "{body}");
    let call = server.call("POST", &documents(north)).bearer_auth(ann.token());
    let (status, body) = seen(call.json(&json!({})).send().await.unwrap()).await;
    assert_eq!((status, &body["code"]), (415, &json!("request.unsupported_media_type")), "{body}");
    let call = server.call("POST", &documents(north)).bearer_auth(ann.token());
    let call = call.header("Content-Type", format!("multipart/form-data; boundary={BOUNDARY}"));
    let cut = form(other, "a.txt", b"plain");
    let (status, body) = seen(call.body(cut[..cut.len() - 12].to_vec()).send().await.unwrap()).await;
    assert_eq!((status, &body["code"]), (400, &json!("request.malformed")), "a form without its end: {body}");
    let list = get(&server, &ann, &documents(north)).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 3, "nothing that was refused is kept");
    assert_eq!(contents(&server).await, 3, "nor its bytes");
}

/// The same file with the same fields is one document under one key, and another file is another request.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_is_repeated_under_a_key_is_one_document() {
    for server in both().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let fields = [("category", "other"), ("file", "")];
        let send = async |content: &[u8]| {
            let call = server.call("POST", &documents(north)).bearer_auth(ann.token());
            let call = call.header("Content-Type", format!("multipart/form-data; boundary={BOUNDARY}"));
            let call = call.header("Idempotency-Key", "one").body(form(&fields, "a.txt", content));
            seen(call.send().await.unwrap()).await
        };
        let (first, again) = (send(b"one").await, send(b"one").await);
        assert_eq!((first.0, &first), (201, &again), "{first:?}");
        assert_eq!(send(b"two").await.1["code"], "request.idempotency_key_reused");
        let list = get(&server, &ann, &documents(north)).await;
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        assert_eq!(contents(&server).await, 1, "nothing is left of what was sent again");
    }
}

/// A store that takes longer for each object than requests usually have.
struct Slow(MemoryObjects);

const USUAL: Duration = Duration::from_secs(1);

#[async_trait]
impl Objects for Slow {
    async fn write(&self, key: &ObjectKey) -> Result<Box<dyn ObjectWriter>, ContentError> {
        Ok(Box::new(SlowWriter(self.0.write(key).await?)))
    }
    async fn read(
        &self,
        key: &ObjectKey,
        range: Option<Range<u64>>,
    ) -> Result<Box<dyn Chunks>, ContentError> {
        self.0.read(key, range).await
    }
    async fn delete(&self, key: &ObjectKey) -> Result<(), ContentError> {
        self.0.delete(key).await
    }
    async fn list(&self, after: Option<&ObjectKey>, most: usize) -> Result<Vec<StoredObject>, ContentError> {
        self.0.list(after, most).await
    }
    async fn clear_unfinished(&self, before: Timestamp) -> Result<(), ContentError> {
        self.0.clear_unfinished(before).await
    }
}

struct SlowWriter(Box<dyn ObjectWriter>);

#[async_trait]
impl ObjectWriter for SlowWriter {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), ContentError> {
        self.0.write(bytes).await
    }
    async fn finish(self: Box<Self>) -> Result<(), ContentError> {
        sleep(USUAL * 2).await;
        self.0.finish().await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_to_a_slow_store_is_waited_for() {
    let mailer = Arc::new(MemoryMailer::new());
    let mut options = Options::for_tests(mailer.clone());
    options.documents.objects = Some(Arc::new(Slow(MemoryObjects::new(options.clock.clone()))));
    let platform = Platform::in_memory(options).await.unwrap();
    let settings = http_shell::Settings { answer_within: USUAL, rates: None, ..Default::default() };
    let server = Server::serve(platform, mailer, None, settings);
    let ann = server.person("ann@example.org").await;
    let north = server.organization(&ann, "North Wind").await;
    let (status, made) = upload(&server, ann.token(), north, "a.txt", b"plain").await;
    assert_eq!(status, 201, "{made}");
}
