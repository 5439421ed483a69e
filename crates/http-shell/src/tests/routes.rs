//! Routes that only the tests have: each shows one thing a handler can do.

use std::{future::pending, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, get, patch, post, put,
    web::{self, ServiceConfig},
};
use kernel::{Limit, OrganizationId, Page, PageRequest, StoreError};
use serde::Deserialize;
use serde_json::json;

use super::super::{
    Anonymous, Caller, Checker, Field, HandlerResult, Idempotent, IfMatch, Json, ListQuery, PageQuery, Paged,
    PathParams, Problem, Query, Text, created, ok, proved, tagged, versioned,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    name: String,
    #[serde(default)]
    inner: Option<Inner>,
    #[serde(default)]
    list: Vec<u8>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Inner {
    #[serde(default)]
    known: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    #[serde(default)]
    name: Field<String>,
    #[serde(default)]
    nick: Field<String>,
}

#[derive(Debug, Deserialize)]
struct Filter {
    #[serde(default)]
    size: u8,
}

#[post("/t/json")]
async fn json_body(body: Json<Body>) -> HandlerResult {
    let known = body.inner.as_ref().is_some_and(|inner| inner.known);
    Ok(ok(&json!({ "name": body.name, "known": known, "list": body.list })))
}

#[patch("/t/json")]
async fn json_patch(body: Json<Change>) -> HandlerResult {
    let Change { name, nick } = body.into_inner();
    let mut check = Checker::new();
    let short = |text: String| if text.len() < 5 { Ok(text) } else { Err("is too long") };
    let name = check.replace("/name", name, short);
    let nick = check.patch("/nick", nick, short);
    let (name, nick) = check.finish((name, nick))?;
    Ok(ok(&json!({ "name": name, "nick": format!("{nick:?}") })))
}

#[post("/t/text")]
async fn text_body(body: Text<1>) -> HandlerResult {
    Ok(ok(&json!({ "text": body.text, "octets": body.raw.len() })))
}

#[get("/t/whoami")]
async fn whoami(ctx: Caller) -> HandlerResult {
    Ok(ok(&json!({ "id": ctx.actor.id(), "address": ctx.address, "agent": ctx.user_agent })))
}

#[get("/t/anyone")]
async fn anyone(ctx: Anonymous) -> HandlerResult {
    Ok(ok(&json!({ "request": ctx.request.unwrap().to_string(), "route": ctx.route.as_deref(),
            "address": ctx.address, "agent": ctx.user_agent })))
}

#[get("/t/things/{id}")]
async fn thing(req: HttpRequest, PathParams(id): PathParams<OrganizationId>) -> HandlerResult {
    if id.uuid().as_u128() == 1 {
        return Ok(tagged(&req, 3, &json!({ "id": id })));
    }
    Err(Problem::not_found())
}

#[put("/t/things/{id}")]
async fn replace(PathParams(id): PathParams<OrganizationId>, IfMatch(version): IfMatch) -> HandlerResult {
    if version != 3 {
        return Err(StoreError::Stale.into());
    }
    Ok(versioned(4, &json!({ "id": id })))
}

#[get("/t/list")]
async fn numbers(PageQuery(page): PageQuery) -> HandlerResult {
    let after = page.key::<u32>(&"numbers").map_err(Problem::from)?.unwrap_or(0);
    let rows: Vec<u32> = (after + 1..=250).take(usize::try_from(page.limit.get()).unwrap() + 1).collect();
    Ok(ok(&Paged::of(Page::cut(rows, &page, &"numbers", |n| *n), |n| n)))
}

#[get("/t/filtered")]
async fn filtered(list: ListQuery<Filter>) -> HandlerResult {
    let PageRequest { limit, .. } = list.page;
    Ok(ok(&json!({ "limit": limit.get(), "default": Limit::default().get(), "size": list.filter.size })))
}

#[get("/t/query")]
async fn queried(query: Query<Filter>) -> HandlerResult {
    Ok(ok(&json!({ "size": query.size })))
}

#[get("/t/foreign-query")]
async fn foreign_query(query: web::Query<Filter>) -> HandlerResult {
    Ok(ok(&json!({ "size": query.size })))
}

#[post("/t/foreign-json")]
async fn foreign_json(body: web::Json<Body>) -> HandlerResult {
    Ok(ok(&json!({ "name": body.name })))
}

#[post("/t/foreign-form")]
async fn foreign_form(body: web::Form<Body>) -> HandlerResult {
    Ok(ok(&json!({ "name": body.name })))
}

#[get("/t/foreign-path/{n}")]
async fn foreign_path(n: web::Path<u8>) -> HandlerResult {
    Ok(ok(&json!({ "n": *n })))
}

#[get("/t/no-data")]
async fn no_data(_: web::Data<String>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

#[get("/t/panic")]
async fn panicking() -> HttpResponse {
    tokio::task::yield_now().await;
    panic!("canary");
}

#[get("/t/slow")]
async fn slow() -> HttpResponse {
    pending().await
}

#[get("/t/pause")]
async fn pause() -> HttpResponse {
    tokio::time::sleep(Duration::from_millis(300)).await;
    HttpResponse::Ok().body("rested")
}

/// Proves that `ann` sent it; whoever else says so does not.
#[post("/t/prove")]
async fn prove(req: HttpRequest, name: String) -> HandlerResult {
    if name != "ann" {
        return Err(Problem::unauthenticated());
    }
    proved(&req, uuid::Uuid::from_u128(7));
    Ok(ok(&json!({})))
}

#[get("/t/page")]
async fn static_page() -> HttpResponse {
    HttpResponse::Ok().body("read me")
}

#[get("/t/fault")]
async fn fault() -> HandlerResult {
    Err(StoreError::Fault("canary: select * from secrets".to_owned()).into())
}

#[get("/t/unavailable")]
async fn unavailable() -> HandlerResult {
    Err(StoreError::Unavailable("canary: connection refused".to_owned()).into())
}

#[post("/t/once")]
async fn do_once(ctx: Caller, idempotent: Idempotent, body: Json<Body>) -> HandlerResult {
    let make = |id: uuid::Uuid| created(format!("/t/things/{id}"), 1, &json!({ "id": id, "name": "n" }));
    idempotent
        .run(
            &ctx,
            &body.raw(),
            async |ctx| {
                assert!(ctx.idempotency.is_some() || body.name == "keyless");
                match body.name.as_str() {
                    "refuse" => Err(Problem::invalid(vec![("/name".to_owned(), "is refused".to_owned())])),
                    "forever" => pending().await,
                    _ => Ok(make(ctx.request.unwrap().0)),
                }
            },
            async |_, saved| match body.name.as_str() {
                "hidden" => Err(Problem::not_found()),
                _ => Ok(make(saved.unwrap().id)),
            },
        )
        .await
}

#[post("/t/pay")]
async fn pay(ctx: Caller, idempotent: Idempotent) -> HandlerResult {
    let answer = async |_: &kernel::Ctx| Ok(ok(&json!({})));
    idempotent.required()?.run(&ctx, b"", answer, async |_, _| Ok(ok(&json!({})))).await
}

pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(json_body).service(json_patch).service(text_body).service(whoami).service(anyone);
    cfg.service(thing).service(replace).service(numbers).service(filtered).service(queried);
    cfg.service(foreign_query).service(foreign_json).service(foreign_form).service(foreign_path);
    cfg.service(no_data).service(panicking).service(slow).service(pause).service(fault);
    cfg.service(unavailable).service(do_once).service(pay).service(prove).service(static_page);
}
