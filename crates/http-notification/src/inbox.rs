//! The inbox: listing, counting, marking.

use actix_web::{get, patch, post};
use http_shell::{
    Caller, Checker, Field, HandlerResult, Json, ListQuery, PageQuery, Paged, PathParams, no_content, ok,
};
use kernel::NoticeKind;
use notification::{Marks, NotificationFilter, NotificationId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    Service,
    views::{KindSchema, NotificationView, UnreadView},
};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(unread_count).service(mark).service(read_all);
}

/// Which notifications.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NotificationQuery {
    /// Of this type.
    #[serde(rename = "type")]
    #[param(rename = "type", required = false, inline, value_type = Option<KindSchema>)]
    kind: Option<NoticeKind>,
    /// `true`: those that are unread; `false`: those that are read.
    #[param(required = false)]
    unread: Option<bool>,
    /// `true`: those put aside, and no others.
    #[param(required = false)]
    archived: Option<bool>,
}

/// What one was told, newest first.
#[utoipa::path(
    operation_id = "notification.list_notifications", tag = "notifications", params(PageQuery, NotificationQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Paged<NotificationView>))
)]
#[get("/v1/me/notifications")]
async fn list(ctx: Caller, listing: ListQuery<NotificationQuery>, service: Service) -> HandlerResult {
    let NotificationQuery { kind, unread, archived } = listing.filter;
    let filter = NotificationFilter { kind, is_unread: unread, is_archived: archived.unwrap_or_default() };
    let page = service.notifications.list(&ctx, &filter, &listing.page).await?;
    let url = &service.settings.public_url;
    Ok(ok(&Paged::of(page, |told| NotificationView::of(told, url))))
}

/// How many notifications are neither read nor put aside. However many there are, it takes no longer.
#[utoipa::path(
    operation_id = "notification.count_unread", tag = "notifications", security(("bearer" = [])),
    responses((status = 200, description = "So many", body = UnreadView))
)]
#[get("/v1/me/notifications/unread-count")]
async fn unread_count(ctx: Caller, service: Service) -> HandlerResult {
    Ok(ok(&UnreadView::from(service.notifications.unread(&ctx).await?)))
}

/// What becomes of a notification (JSON Merge Patch): a mark left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = notification::NotificationPatch, example = json!({ "is_read": true }))]
struct MarksPatch {
    #[serde(default)]
    #[schema(value_type = Option<bool>, nullable = false)]
    is_read: Field<bool>,
    /// Put aside, or back. What is put aside counts as read, unless `is_read` says otherwise.
    #[serde(default)]
    #[schema(value_type = Option<bool>, nullable = false)]
    is_archived: Field<bool>,
}

/// Marks a notification as read or puts it aside. It takes no `If-Match`: the last word wins.
#[utoipa::path(
    operation_id = "notification.mark_notification", tag = "notifications", security(("bearer" = [])),
    request_body(content = MarksPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The notification as it is now", body = NotificationView),
        (status = 404, description = "It is not in one's inbox"))
)]
#[patch("/v1/me/notifications/{notification_id}")]
async fn mark(
    ctx: Caller,
    id: PathParams<NotificationId>,
    body: Json<MarksPatch>,
    service: Service,
) -> HandlerResult {
    let body = body.into_inner();
    let mut check = Checker::new();
    let is_read = check.replace("/is_read", body.is_read, Ok::<_, std::convert::Infallible>);
    let is_archived = check.replace("/is_archived", body.is_archived, Ok::<_, std::convert::Infallible>);
    let (is_read, is_archived) = check.finish((is_read, is_archived))?;
    let marked = service.notifications.mark(&ctx, *id, Marks { is_read, is_archived }).await?;
    Ok(ok(&NotificationView::of(marked, &service.settings.public_url)))
}

/// How far one has read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = notification::ReadAll, example = json!({ "up_to": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6" }))]
struct ReadAllBody {
    /// The newest one that was seen: what came later stays unread.
    #[schema(value_type = uuid::Uuid)]
    up_to: NotificationId,
}

/// Marks a notification and all before it as read, but for those put aside. Twice does no harm.
#[utoipa::path(
    operation_id = "notification.mark_all_read", tag = "notifications", request_body = ReadAllBody,
    security(("bearer" = [])),
    responses((status = 204, description = "They are read"),
        (status = 404, description = "It is not in one's inbox"))
)]
#[post("/v1/me/notifications/read-all")]
async fn read_all(ctx: Caller, body: Json<ReadAllBody>, service: Service) -> HandlerResult {
    service.notifications.mark_read(&ctx, body.up_to).await?;
    Ok(no_content())
}
