//! Documents as people and programs of an organisation meet them.

mod forms;
mod uploads;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use document::{Verdict, ports::Scanner};
use identity::{Name, Role, api_key::NewApiKey};
use kernel::{
    KeyScope, Permit, StoreError,
    document::{Chunks, ContentError, Deed, DocumentGuard, Related},
};
use serde_json::{Value, json};

use self::forms::{TEXT, documents, fetch, form, header, post, until, upload, uploaded};
use super::{
    assessment::sessions::send,
    notifications::{both, get, inbox},
    world::{Person, Server},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_uploaded_read_out_given_out_and_deleted_for_good() {
    for server in both().await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let fields = [("file", ""), ("category", "cv")];
        let (status, made) =
            post(&server, ann.token(), north, form(&fields, "cvs/Zoe.txt", TEXT.as_bytes())).await;
        assert_eq!((status, &made["original_filename"]), (201, &json!("Zoe.txt")), "{made}");
        assert_eq!((&made["file_type"], &made["mime_type"]), (&json!("text"), &json!("text/plain")));
        assert_eq!((&made["file_size"], &made["document_category"]), (&json!(TEXT.len()), &json!("cv")));
        assert_eq!((&made["status"], &made["is_encrypted"]), (&json!("available"), &json!(true)));
        let place = format!("{}/{}", documents(north), made["id"].as_str().unwrap());
        let read = until(&server, &ann, &place, |document| document["extraction_status"] == "done").await;
        assert_eq!(read["extraction_preview"], TEXT.trim_end());
        let text = get(&server, &ann, &format!("{place}/text")).await;
        assert_eq!((&text["text"], &text["is_cut"]), (&json!(TEXT.trim_end()), &json!(false)));
        assert_eq!(text["pages"], json!([{ "number": 1, "offset": 0, "length": TEXT.len() - 1 }]));

        let content = format!("{place}/content");
        let whole = fetch(&server, &ann, &content, &[("Accept-Encoding", "gzip, br")]).await;
        assert_eq!((whole.status().as_u16(), header(&whole, "content-type")), (200, "text/plain"));
        assert!(header(&whole, "content-disposition").starts_with("attachment; filename=\"Zoe.txt\""));
        assert!(header(&whole, "content-security-policy").starts_with("sandbox"));
        assert_eq!(header(&whole, "x-content-type-options"), "nosniff");
        let tag = header(&whole, "etag").to_owned();
        assert_eq!(tag, format!("\"{}\"", made["sha256"].as_str().unwrap()));
        assert_eq!(whole.text().await.unwrap(), TEXT);
        let part = fetch(&server, &ann, &content, &[("Range", "bytes=4-6"), ("If-Range", &tag)]).await;
        assert_eq!(part.status(), 206);
        assert_eq!(header(&part, "content-range"), format!("bytes 4-6/{}", TEXT.len()));
        assert_eq!(part.text().await.unwrap(), "Lee");
        let beyond = fetch(&server, &ann, &content, &[("Range", "bytes=999-")]).await;
        let size = format!("bytes */{}", TEXT.len());
        assert_eq!((beyond.status().as_u16(), header(&beyond, "content-range")), (416, &*size));
        assert_eq!(header(&beyond, "content-type"), "application/problem+json");
        assert_eq!(fetch(&server, &ann, &content, &[("If-None-Match", &tag)]).await.status(), 304);

        let (status, link) = send(&server, ann.token(), "POST", &format!("{place}/links"), Value::Null).await;
        assert_eq!(status, 200, "{link}");
        let (_, path) = link["url"].as_str().unwrap().split_once("/v1/").unwrap();
        let path = format!("/v1/{path}");
        let given = server.call("GET", &path).send().await.unwrap();
        assert_eq!((given.status().as_u16(), given.text().await.unwrap()), (200, TEXT.to_owned()));
        let forged = path.replace("link=A", "link=B");
        assert_eq!(server.call("GET", &forged).send().await.unwrap().status(), 404);
        assert_ne!(forged, path);

        let hold = format!("{place}/legal-hold");
        let call =
            async |method: &str, path: &str| send(&server, ann.token(), method, path, Value::Null).await;
        assert_eq!(call("POST", &hold).await.1["legal_hold"], true);
        assert_eq!(call("DELETE", &place).await.1["code"], "document.on_hold");
        assert_eq!(call("DELETE", &hold).await.1["legal_hold"], false);
        assert_eq!(call("DELETE", &place).await.0, 204);
        assert_eq!(call("DELETE", &place).await.0, 204, "deleted already");
        let gone = get(&server, &ann, &place).await;
        assert_eq!((&gone["status"], &gone["status_reason"]), (&json!("shredded"), &json!("deleted")));
        for field in ["original_filename", "extraction_preview", "encryption_method"] {
            assert_eq!(gone[field], Value::Null, "{field}");
        }
        assert_eq!(call("GET", &content).await.1["code"], "document.shredded");
        assert_eq!(call("GET", &format!("{place}/text")).await.1["code"], "document.shredded");
        assert_eq!(server.call("GET", &path).send().await.unwrap().status(), 404);
        let mut objects = 1;
        for _ in 0..100 {
            objects = server.platform.documents.objects.list(None, 10).await.unwrap().len();
            if objects == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(objects, 0, "the objects follow");
        let trail = get(&server, &ann, &format!("/v1/organizations/{north}/audit/events?limit=100")).await;
        for action in ["upload", "link", "open_link", "hold", "release_hold", "delete", "shred"] {
            let action = format!("\"document.{action}\"");
            assert!(trail.to_string().contains(&action), "{action}: {trail}");
        }
    }
}

/// Answers for goals: everybody may attach and delete, and whose id begins with `a` is nobody's to read.
struct Goals;

#[async_trait]
impl DocumentGuard for Goals {
    fn kinds(&self) -> &'static [&'static str] {
        &["goal"]
    }

    async fn may(&self, _: &Permit, related: &Related, deed: Deed) -> Result<bool, StoreError> {
        Ok(deed != Deed::Read || !related.id.to_string().starts_with('a'))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_a_document_what_it_belongs_to_says() {
    let open = "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6";
    let closed = "a192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6";
    for server in Server::on_both_as(|options| options.documents.guards = vec![Arc::new(Goals)]).await {
        let ann = server.person("ann@example.org").await;
        let (ben, cleo) = (server.person("ben@example.org").await, server.person("cleo@example.org").await);
        let eve = server.person("eve@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let south = server.organization(&eve, "South Wind").await;
        server.join(north, &ann, &ben, Role::Member).await;
        server.join(north, &ann, &cleo, Role::Manager).await;
        let status = async |who: &Person, path: &str| fetch(&server, who, path, &[]).await.status().as_u16();
        let about = async |kind: &str, id: &str| {
            let fields = [("category", "other"), ("related_type", kind), ("related_id", id), ("file", "")];
            post(&server, ben.token(), north, form(&fields, "a.txt", b"plain")).await
        };
        let at = |made: &Value| format!("{}/{}", documents(north), made["id"].as_str().unwrap());

        let (own, _) = uploaded(&server, &ben, north).await;
        let (_, shared) = about("goal", open).await;
        let (_, hidden) = about("goal", closed).await;
        assert_eq!(about("planet", open).await.1["code"], "document.not_attachable", "nobody answers for it");
        assert_eq!((&shared["related_type"], &shared["retain_until"]), (&json!("goal"), &Value::Null));
        let (shared, hidden) = (at(&shared), at(&hidden));
        for (who, expected) in [(&ann, [200, 200, 404]), (&ben, [200, 200, 404]), (&cleo, [404, 200, 404])] {
            let mut found = [0; 3];
            for (found, place) in found.iter_mut().zip([&own, &shared, &hidden]) {
                *found = status(who, place).await;
                assert_eq!(status(who, &format!("{place}/content")).await, *found);
            }
            assert_eq!(found, expected, "{}", who.email);
        }
        let names = async |who: &Person, query: &str| {
            let list = get(&server, who, &format!("{}{query}", documents(north))).await;
            list["items"].as_array().unwrap().len()
        };
        let of = |id: &str| format!("?related_type=goal&related_id={id}");
        assert_eq!([names(&ann, "").await, names(&ben, "").await, names(&cleo, "").await], [2, 1, 0]);
        assert_eq!([names(&cleo, &of(open)).await, names(&ann, &of(closed)).await], [1, 0]);
        assert_eq!([names(&ann, "?category=other").await, names(&ann, "?category=cv").await], [2, 0]);

        assert_eq!(status(&eve, &own).await, 404);
        let elsewhere = own.replace(&north.to_string(), &south.to_string());
        assert_eq!(status(&eve, &elsewhere).await, 404, "the id of another's document is an unknown id");
        let delete = async |who: &Person, place: &str| {
            send(&server, who.token(), "DELETE", place, Value::Null).await.0
        };
        assert_eq!(delete(&cleo, &own).await, 404);
        let (_, refused) =
            send(&server, ben.token(), "POST", &format!("{own}/legal-hold"), Value::Null).await;
        assert_eq!(refused["code"], "identity.forbidden");
        assert_eq!([delete(&cleo, &hidden).await, delete(&ben, &own).await], [204, 204]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_in_another_encoding_is_not_called_utf_8() {
    let server = Server::on_memory().await;
    let ann = server.person("ann@example.org").await;
    let north = server.organization(&ann, "North Wind").await;
    let (status, made) = upload(&server, ann.token(), north, "a.txt", b"Zo\xeb Lee").await;
    assert_eq!(status, 201, "{made}");
    let content = format!("{}/{}/content", documents(north), made["id"].as_str().unwrap());
    let given = fetch(&server, &ann, &content, &[]).await;
    assert_eq!(header(&given, "content-type"), "text/plain");
    assert_eq!(&*given.bytes().await.unwrap(), b"Zo\xeb Lee");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_reads_and_writes_by_its_scopes() {
    let server = Server::on_memory().await;
    let ann = server.person("ann@example.org").await;
    let north = server.organization(&ann, "North Wind").await;
    let key = async |scope: &'static str| {
        let expires_at = server.platform.clock.now().plus(Duration::from_secs(3600));
        let scopes = [KeyScope::new(scope)].into();
        let new = NewApiKey { name: Name::new(scope).unwrap(), scopes, expires_at };
        let keys = &server.platform.identity.api_keys;
        keys.create(&ann.ctx, north, new).await.unwrap().1.expose().to_owned()
    };
    let (reader, writer) = (key("documents.read").await, key("documents.write").await);
    assert_eq!(upload(&server, &reader, north, "a.txt", b"plain").await.0, 403);
    let (status, made) = upload(&server, &writer, north, "a.txt", b"plain").await;
    assert_eq!((status, &made["uploaded_by"]), (201, &json!(ann.ctx.actor.account().unwrap())), "{made}");
    let place = format!("{}/{}", documents(north), made["id"].as_str().unwrap());
    let call = async |bearer: &str, method: &str, path: &str| {
        server.call(method, path).bearer_auth(bearer).send().await.unwrap().status().as_u16()
    };
    assert_eq!([call(&reader, "GET", &place).await, call(&writer, "GET", &place).await], [200, 403]);
    assert_eq!(call(&writer, "POST", &format!("{place}/legal-hold")).await, 403);
    assert_eq!([call(&reader, "DELETE", &place).await, call(&writer, "DELETE", &place).await], [403, 204]);
}

/// Finds the letters of a file that antivirus programs are tried with.
struct Finds;

#[async_trait]
impl Scanner for Finds {
    async fn scan(&self, content: &mut dyn Chunks) -> Result<Verdict, ContentError> {
        let content = content.collect().await?;
        let is_found = content.windows(5).any(|window| window == b"EICAR");
        Ok(if is_found { Verdict::Harmful("Eicar-Test".to_owned()) } else { Verdict::Clean })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scanner_releases_what_is_clean_and_destroys_what_is_not() {
    for server in Server::on_both_as(|options| options.documents.scanner = Some(Arc::new(Finds))).await {
        let ann = server.person("ann@example.org").await;
        let north = server.organization(&ann, "North Wind").await;
        let (clean, made) = uploaded(&server, &ann, north).await;
        assert_eq!(made["status"], "quarantined");
        until(&server, &ann, &clean, |document| document["extraction_status"] == "done").await;
        let (_, made) = upload(&server, ann.token(), north, "b.txt", b"it is EICAR").await;
        let harmful = format!("{}/{}", documents(north), made["id"].as_str().unwrap());
        let rejected = until(&server, &ann, &harmful, |document| document["status"] == "rejected").await;
        assert_eq!(rejected["status_reason"], "Eicar-Test");
        let (_, refused) =
            send(&server, ann.token(), "GET", &format!("{harmful}/content"), Value::Null).await;
        assert_eq!(refused["code"], "document.rejected");
        let told = inbox(&server, &ann, 1).await;
        assert_eq!(told[0]["title"], "A file you uploaded to North Wind was rejected", "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_exports_what_they_uploaded_and_takes_with_them_what_belongs_to_nothing() {
    for server in both().await {
        let (ann, ben) = (server.person("ann@example.org").await, server.person("ben@example.org").await);
        let north = server.organization(&ann, "North Wind").await;
        server.join(north, &ann, &ben, Role::Member).await;
        let (place, made) = uploaded(&server, &ben, north).await;
        let export = get(&server, &ben, "/v1/me/export").await;
        assert_eq!(export["domains"]["document"]["uploaded"][0]["id"], made["id"], "{export}");
        until(&server, &ann, &place, |document| document["extraction_status"] == "done").await;
        let account = ben.ctx.actor.account().unwrap();
        for of in &server.platform.personal_data {
            of.erase(account, None).await.unwrap();
        }
        let gone = get(&server, &ann, &place).await;
        assert_eq!((&gone["status"], &gone["status_reason"]), (&json!("shredded"), &json!("erased")));
    }
}
