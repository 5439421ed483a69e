//! Ending mails about notifications, by the link each of them carries.

use actix_web::{delete, get, post};
use http_shell::{Anonymous, HandlerResult, Query, UnsubscribeToken, ok};
use kernel::NoticeKind;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Service, views::KindSchema};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(follow).service(unsubscribe).service(subscribe);
}

/// What it is about.
#[derive(Serialize, ToSchema)]
#[schema(as = notification::Unsubscribed, example = json!({ "notification_types": ["assessment"] }))]
struct UnsubscribedView {
    /// The types of what the mail told.
    #[schema(value_type = Vec<KindSchema>)]
    notification_types: Vec<NoticeKind>,
}

/// Leads whoever follows the link in a mail to the page that asks whether they mean it: programs that look at every
/// link of a mail unsubscribe nobody.
#[utoipa::path(
    operation_id = "notification.follow_unsubscribe_link", tag = "notifications", params(UnsubscribeToken),
    responses((status = 303, description = "To the page, with the token in the fragment",
        headers(("Location" = String, description = "The page"))))
)]
#[get("/v1/notifications/unsubscribe")]
async fn follow(query: Query<UnsubscribeToken>, service: Service) -> HandlerResult {
    Ok(query.0.to_page(&service.settings.public_url, "notifications"))
}

/// Notifications like those of the mail are mailed no more; they still come in the product. Mail clients call this by
/// themselves when their button is pressed (RFC 8058), whatever the body. Twice does no harm.
#[utoipa::path(
    operation_id = "notification.unsubscribe", tag = "notifications", params(UnsubscribeToken),
    responses((status = 200, description = "Unsubscribed", body = UnsubscribedView),
        (status = 422, description = "`notification.invalid_link`"))
)]
#[post("/v1/notifications/unsubscribe")]
async fn unsubscribe(ctx: Anonymous, query: Query<UnsubscribeToken>, service: Service) -> HandlerResult {
    let notification_types = service.mail_links.end_mails(&ctx, &query.0.token).await?;
    Ok(ok(&UnsubscribedView { notification_types }))
}

/// They are mailed again, as they were when the mail was written.
#[utoipa::path(
    operation_id = "notification.subscribe_again", tag = "notifications", params(UnsubscribeToken),
    responses((status = 200, description = "Subscribed", body = UnsubscribedView),
        (status = 422, description = "`notification.invalid_link`"))
)]
#[delete("/v1/notifications/unsubscribe")]
async fn subscribe(ctx: Anonymous, query: Query<UnsubscribeToken>, service: Service) -> HandlerResult {
    let notification_types = service.mail_links.resume_mails(&ctx, &query.0.token).await?;
    Ok(ok(&UnsubscribedView { notification_types }))
}
