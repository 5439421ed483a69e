//! Uploading files.

use actix_multipart::Multipart;
use actix_web::{HttpRequest, post};
use document::{Document, Upload, file_name};
use http_shell::{Caller, Checker, HandlerResult, Idempotent, PathParams, Problem, created, named};
use kernel::{
    Id, OrganizationId, SavedTarget,
    document::{DocumentCategory, Related},
    encoding,
};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{Service, form, problem, schemas, views::DocumentView};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(upload);
}

/// A file, and what it is for. The fields may come in any order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = document::Upload, example = json!({ "file": "Zoe Lee, welder in Bremen.", "category": "cv" }))]
#[expect(dead_code, reason = "it is read as a form, and described by this")]
struct UploadForm {
    /// The file, with its name; without one it is called `document`. Its kind is told by its content; a name that says
    /// otherwise is refused.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What it is for.
    #[schema(value_type = schemas::Category)]
    category: String,
    /// The kind of thing it belongs to, with `related_id`. Without, something has to attach it within a day.
    #[schema(value_type = Option<schemas::RelatedType>, nullable = false)]
    related_type: Option<String>,
    /// Which one.
    #[schema(value_type = Option<Uuid>, nullable = false)]
    related_id: Option<Uuid>,
}

/// Uploads a file.
///
/// For every member, and API keys with `documents.write`; for something, those whom its domain lets. The content is
/// looked into before it is kept: bombs, two kinds in one, and names that lie are refused, and what a picture tells of
/// its place is taken out. It is kept encrypted, and scanned where the installation has a scanner. Of an image, PDF or
/// document at most 10 MiB are taken unless the installation says otherwise.
#[utoipa::path(
    operation_id = "document.upload_document", tag = "documents", params(Idempotent),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 201, description = "Kept; `quarantined` while it waits to be scanned", body = DocumentView),
        (status = 403, description = "`document.not_attachable`"),
        (status = 409, description = "`quota.reached`"),
        (status = 422, description = "`document.not_taken`"))
)]
#[post("/v1/organizations/{organization_id}/documents")]
async fn upload(
    req: HttpRequest,
    ctx: Caller,
    id: PathParams<OrganizationId>,
    idempotent: Idempotent,
    form: Multipart,
    service: Service,
) -> HandlerResult {
    let documents = &service.documents;
    let known = ["category", "related_type", "related_id"];
    let uploader = documents.uploader(&ctx, *id).await?;
    let form = form::take(&req, form, &known, &uploader).await?;
    let field =
        |name: &str| form.fields.iter().find(|(given, _)| given == name).map(|(_, text)| text.as_str());
    let mut check = Checker::new();
    let name = form.file_name.as_deref().filter(|name| !name.is_empty()).unwrap_or("document");
    let name = check.take("/file", file_name(name).map_err(|error| format!("is a file whose name {error}")));
    let category = field("category").ok_or("is missing; say what the file is for".to_owned());
    let category = check.take("/category", category.and_then(named::<DocumentCategory>));
    let kind = check.optional("/related_type", field("related_type").map(schemas::RelatedKind::read));
    let thing = field("related_id").map(|id| id.parse::<Uuid>().map_err(|_| "must be a UUID"));
    let thing = check.optional("/related_id", thing);
    let together = field("related_type").is_some() == field("related_id").is_some();
    check.require(together, "/related_id", "goes with related_type; send both or none");
    check.require(form.file.is_some(), "/file", "is missing; send the file in this field");
    let (checked, received) = match (check.finish((name, category, kind, thing)), form.file) {
        (Err(problem), Some(received)) => {
            uploader.discard(received).await;
            return Err(problem);
        }
        (checked, received) => (checked?, received),
    };
    let (name, category, kind, thing) = checked;
    let related = kind.zip(thing).map(|(kind, id)| Related { kind, id });
    let received = received.ok_or_else(|| Problem::fault(&"a form without a file passed"))?;
    let fingerprint = format!("{category:?} {related:?} {name} {}", encoding::hex(&received.sha256().0));
    let (upload, mut left) = (Upload { name, category, related }, Some(received));
    let respond = |document: Document| {
        let location = format!("/v1/organizations/{}/documents/{}", *id, document.id);
        created(location, document.version(), &DocumentView::of(&document, documents))
    };
    let keep = async |ctx: &_| {
        let received = left.take().ok_or_else(|| Problem::fault(&"a file is kept twice"))?;
        Ok(respond(uploader.keep(ctx, received, upload).await.map_err(problem)?))
    };
    let again = async |ctx: &_, saved: Option<SavedTarget>| {
        let saved = saved.ok_or_else(Problem::not_found)?;
        Ok(respond(documents.get(ctx, *id, Id::from_uuid(saved.id)).await?))
    };
    let answer = idempotent.run(&ctx, fingerprint.as_bytes(), keep, again).await;
    // A request that was answered before needs no second file.
    if let Some(received) = left {
        uploader.discard(received).await;
    }
    answer
}
