//! Listing documents, having their text read out, holding and deleting them.

use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use document::{Document, DocumentFilter};
use http_shell::{
    Caller, Checker, HandlerResult, Idempotent, ListQuery, PageQuery, Paged, PathParams, Problem, named,
    no_content, ok, tagged, versioned,
};
use kernel::{
    OrganizationId,
    document::{DocumentCategory, DocumentId, Related},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{
    Service, Services, schemas,
    views::{DocumentView, TextView},
};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(get_one).service(delete).service(text).service(extract);
    cfg.service(hold).service(release_hold);
}

/// Which documents.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Those for this.
    #[param(value_type = Option<schemas::Category>, required = false)]
    category: Option<String>,
    /// Those that belong to this kind of thing, with `related_id`.
    #[param(value_type = Option<schemas::RelatedType>, required = false)]
    related_type: Option<String>,
    /// Those that belong to this thing.
    #[param(value_type = Option<Uuid>, required = false)]
    related_id: Option<String>,
}

impl Filter {
    fn check(self) -> Result<DocumentFilter, Problem> {
        let mut check = Checker::new();
        let category =
            check.optional("/category", self.category.map(|name| named::<DocumentCategory>(&name)));
        check.require(
            self.related_type.is_some() == self.related_id.is_some(),
            "/related_id",
            "goes with related_type; send both or none",
        );
        let id = self.related_id.map(|id| id.parse::<Uuid>().map_err(|_| "must be a UUID"));
        let id = check.optional("/related_id", id);
        let kind = self.related_type.as_deref().map(schemas::RelatedKind::read);
        let kind = check.optional("/related_type", kind);
        let (category, id, kind) = check.finish((category, id, kind))?;
        let related = kind.zip(id).map(|(kind, id)| Related { kind, id });
        Ok(DocumentFilter { category, related, unattached_of: None })
    }
}

/// Documents, newest first.
///
/// For every member, and API keys with `documents.read`: owners and admins see all that no domain keeps from them,
/// others their own until something attaches them. Those of one thing are shown to whom its domain shows them. A page
/// may hold fewer than were asked for, and another follow.
#[utoipa::path(
    operation_id = "document.list_documents", tag = "documents", params(PageQuery, Filter),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "A page of documents", body = Paged<DocumentView>))
)]
#[get("/v1/organizations/{organization_id}/documents")]
async fn list(
    ctx: Caller,
    id: PathParams<OrganizationId>,
    query: ListQuery<Filter>,
    service: Service,
) -> HandlerResult {
    let ListQuery { page, filter, .. } = query;
    let found = service.documents.list(&ctx, *id, filter.check()?, &page).await?;
    Ok(ok(&Paged::of(found, |document| DocumentView::of(&document, &service.documents))))
}

/// One document. For whoever may read it, and API keys with `documents.read`.
#[utoipa::path(
    operation_id = "document.get_document", tag = "documents", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The document", body = DocumentView),
        (status = 304, description = "It is still what `If-None-Match` says"))
)]
#[get("/v1/organizations/{organization_id}/documents/{document_id}")]
async fn get_one(
    req: HttpRequest,
    ctx: Caller,
    path: PathParams<(OrganizationId, DocumentId)>,
    service: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let found = service.documents.get(&ctx, organization, id).await?;
    Ok(tagged(&req, found.version(), &DocumentView::of(&found, &service.documents)))
}

/// Deletes a document: nobody can read its content any more, not from backups either.
///
/// What is known of it stays, without its name. For whoever may delete it, and API keys with `documents.write`.
#[utoipa::path(
    operation_id = "document.delete_document", tag = "documents",
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 204, description = "Its content is gone"),
        (status = 409, description = "`document.on_hold`"))
)]
#[delete("/v1/organizations/{organization_id}/documents/{document_id}")]
async fn delete(
    ctx: Caller,
    path: PathParams<(OrganizationId, DocumentId)>,
    service: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    service.documents.delete(&ctx, organization, id).await?;
    Ok(no_content())
}

/// The text of a document. For whoever may read it, and API keys with `documents.read`.
#[utoipa::path(
    operation_id = "document.get_text", tag = "documents", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The text", body = TextView),
        (status = 409, description = "`document.text_not_ready` or `document.no_text`; `document.quarantined`, \
            `document.rejected` or `document.shredded` where the content cannot be read"))
)]
#[get("/v1/organizations/{organization_id}/documents/{document_id}/text")]
async fn text(
    ctx: Caller,
    path: PathParams<(OrganizationId, DocumentId)>,
    service: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    Ok(ok(&TextView::from(service.documents.text(&ctx, organization, id).await?)))
}

/// Has the text of a document read out once more, soon.
///
/// `extraction_status` tells how far that has come. For whoever may read it, and API keys with `documents.write`.
#[utoipa::path(
    operation_id = "document.extract_text", tag = "documents", params(Idempotent),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 202, description = "It is being read out"),
        (status = 409, description = "`document.no_text`; `document.quarantined`, `document.rejected` or \
            `document.shredded` where the content cannot be read"))
)]
#[post("/v1/organizations/{organization_id}/documents/{document_id}/extract")]
async fn extract(
    ctx: Caller,
    path: PathParams<(OrganizationId, DocumentId)>,
    idempotent: Idempotent,
    service: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let work = async |ctx: &_| service.documents.extract(ctx, organization, id).await.map(drop);
    idempotent.accept(&ctx, b"", work).await
}

/// Puts a document under a legal hold.
///
/// Nobody deletes it, and no time ends it, until it is released. For owners and admins.
#[utoipa::path(
    operation_id = "document.hold_document", tag = "documents", security(("bearer" = [])),
    responses((status = 200, description = "The document as it is now", body = DocumentView),
        (status = 409, description = "`document.quarantined`, `document.rejected` or `document.shredded` where there \
            is nothing to keep"))
)]
#[post("/v1/organizations/{organization_id}/documents/{document_id}/legal-hold")]
async fn hold(
    ctx: Caller,
    path: PathParams<(OrganizationId, DocumentId)>,
    service: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    Ok(changed(&service, &service.documents.hold(&ctx, organization, id).await?))
}

/// Releases a document from a legal hold. For owners and admins.
///
/// If its time is over meanwhile, it is shredded soon.
#[utoipa::path(
    operation_id = "document.release_document", tag = "documents", security(("bearer" = [])),
    responses((status = 200, description = "The document as it is now", body = DocumentView))
)]
#[delete("/v1/organizations/{organization_id}/documents/{document_id}/legal-hold")]
async fn release_hold(
    ctx: Caller,
    path: PathParams<(OrganizationId, DocumentId)>,
    service: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    Ok(changed(&service, &service.documents.release_hold(&ctx, organization, id).await?))
}

fn changed(service: &Services, document: &Document) -> HttpResponse {
    versioned(document.version(), &DocumentView::of(document, &service.documents))
}
