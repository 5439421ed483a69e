//! Versions of an assessment: what an edit asks for, publishing, and what was published.

use actix_web::{get, post};
use assessment_engine::{
    CustomAssessment, CustomAssessmentId, PublishedVersion, authoring::Changes, reading::VersionSummary,
};
use assessment_format::{
    Version,
    comparison::{Edit, Level},
};
use http_shell::{Caller, HandlerResult, Idempotent, Object, PageQuery, Paged, PathParams, Problem, ok};
use kernel::{Ctx, OrganizationId, Timestamp};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{
    super::{Service, schemas, views::AssessmentView},
    now,
};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(changes).service(publish).service(activate).service(archive).service(list).service(get_one);
}

/// What the draft changes against the newest published version.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::Changes, example = json!({ "published_version": "1.0", "proposed_version": "1.0", "level": "wording", "least_version": "1.1", "is_high_enough": false, "refused": "version 1.0 is too low: after 1.0 a change of wording asks for 1.1 or higher", "edits": [{ "level": "wording", "place": "items/s1/text", "what": "the text changed", "old": "I review goals.", "new": "I review long-term goals." }] }))]
struct ChangesView {
    /// The newest published version; `null` where nothing was published: then any version will do.
    published_version: Option<String>,
    /// The version the draft names.
    proposed_version: String,
    /// How far the furthest change goes; `null` where nothing changed.
    #[schema(value_type = Option<schemas::Level>)]
    level: Option<Level>,
    /// The lowest version the draft may be published as.
    least_version: Option<String>,
    /// Whether the draft may be published as the version it names.
    is_high_enough: bool,
    /// Why it may not.
    refused: Option<String>,
    /// Each change, in the order of the document.
    edits: Vec<EditView>,
}

/// One change.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::Edit)]
struct EditView {
    #[schema(value_type = schemas::Level)]
    level: Level,
    /// Where, by ids.
    #[schema(example = "dimensions/strategic/weight")]
    place: String,
    /// What changed.
    what: String,
    /// What stood there: any JSON; `null` where nothing did.
    #[schema(value_type = Value)]
    old: Option<Value>,
    /// What stands there now.
    #[schema(value_type = Value)]
    new: Option<Value>,
}

impl From<Edit> for EditView {
    fn from(Edit { level, place, what, old, new }: Edit) -> Self {
        Self { level, place, what, old, new }
    }
}

impl From<Changes> for ChangesView {
    fn from(of: Changes) -> Self {
        Self {
            published_version: of.published.map(|version| version.to_string()),
            proposed_version: of.proposed.to_string(),
            level: of.level,
            least_version: of.least.map(|version| version.to_string()),
            is_high_enough: of.refused.is_none(),
            refused: of.refused.map(|refused| refused.to_string()),
            edits: of.edits.into_iter().map(EditView::from).collect(),
        }
    }
}

/// What the draft changes against the newest published version: wording or scoring, and the version it asks for.
/// For whoever may read it.
#[utoipa::path(
    operation_id = "assessment.get_changes", tag = "custom assessments",
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The changes", body = ChangesView))
)]
#[get("/v1/organizations/{organization_id}/custom-assessments/{assessment_id}/changes")]
async fn changes(
    ctx: Caller,
    path: PathParams<(OrganizationId, CustomAssessmentId)>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let changes = assessments.authoring.changes(&ctx, organization, id).await?;
    Ok(ok(&ChangesView::from(changes)))
}

/// Does it once; a lost answer is given again from how the assessment stands now.
async fn run_idempotent(
    idempotent: Idempotent,
    ctx: &Caller,
    (organization, id): (OrganizationId, CustomAssessmentId),
    assessments: &Service,
    work: impl AsyncFnOnce(&Ctx) -> Result<CustomAssessment, Problem>,
) -> HandlerResult {
    idempotent
        .run(
            ctx,
            b"",
            async |ctx| Ok(now(&work(ctx).await?)),
            async |ctx, _| Ok(now(&assessments.authoring.get(ctx, organization, id).await?)),
        )
        .await
}

/// Publishes the draft as the version it names, which never changes from then on. For owners and admins, and for
/// managers, recruiters and practitioners what they wrote, and API keys with `assessments.write`.
///
/// The first version may have any number; after that a change of wording asks for the next minor or higher, a
/// change of scoring for the next major.
#[utoipa::path(
    operation_id = "assessment.publish_assessment", tag = "custom assessments", params(Idempotent),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "Published", body = AssessmentView),
        (status = 409, description = "`assessment.version_refused`: the detail names the least; `assessment.wrong_status` once it is archived"),
        (status = 422, description = "`assessment.faulty`: the draft was saved before a rule it breaks; `errors` says where and how to mend it"))
)]
#[post("/v1/organizations/{organization_id}/custom-assessments/{assessment_id}/publish")]
async fn publish(
    ctx: Caller,
    path: PathParams<(OrganizationId, CustomAssessmentId)>,
    idempotent: Idempotent,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    run_idempotent(idempotent, &ctx, *path, &assessments, async |ctx| {
        Ok(assessments.authoring.publish(ctx, organization, id).await?)
    })
    .await
}

/// Lets people be asked to take it. Something must have been published. For whoever may change it.
#[utoipa::path(
    operation_id = "assessment.activate_assessment", tag = "custom assessments", params(Idempotent),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "Active", body = AssessmentView),
        (status = 409, description = "`assessment.unpublished`"))
)]
#[post("/v1/organizations/{organization_id}/custom-assessments/{assessment_id}/activate")]
async fn activate(
    ctx: Caller,
    path: PathParams<(OrganizationId, CustomAssessmentId)>,
    idempotent: Idempotent,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    run_idempotent(idempotent, &ctx, *path, &assessments, async |ctx| {
        Ok(assessments.authoring.activate(ctx, organization, id).await?)
    })
    .await
}

/// Lets nobody new be asked to take it, and takes it out of the marketplace; history stays. For whoever may change it.
#[utoipa::path(
    operation_id = "assessment.archive_assessment", tag = "custom assessments", params(Idempotent),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "Archived", body = AssessmentView),
        (status = 409, description = "`assessment.wrong_status`: nothing was published, delete it instead"))
)]
#[post("/v1/organizations/{organization_id}/custom-assessments/{assessment_id}/archive")]
async fn archive(
    ctx: Caller,
    path: PathParams<(OrganizationId, CustomAssessmentId)>,
    idempotent: Idempotent,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    run_idempotent(idempotent, &ctx, *path, &assessments, async |ctx| {
        Ok(assessments.authoring.archive(ctx, organization, id).await?)
    })
    .await
}

/// A published version, without what it says.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::VersionSummary, example = json!({ "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "version": "1.0", "checksum": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "published_by": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f7", "published_at": "2026-11-20T12:00:00Z" }))]
struct VersionSummaryView {
    id: Uuid,
    #[schema(example = "1.0")]
    version: String,
    /// The SHA-256 of the canonical JSON (RFC 8785) of the definition, in hex.
    checksum: String,
    /// The account of whoever published it.
    published_by: Uuid,
    published_at: Timestamp,
}

impl From<VersionSummary> for VersionSummaryView {
    fn from(of: VersionSummary) -> Self {
        Self {
            id: of.id.uuid(),
            version: of.version.to_string(),
            checksum: kernel::encoding::hex(&of.checksum),
            published_by: of.published_by.uuid(),
            published_at: of.published_at,
        }
    }
}

/// A published version, whole. Nothing in it ever changes.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::PublishedVersion)]
struct VersionView {
    id: Uuid,
    custom_assessment_id: Uuid,
    #[schema(example = "1.0")]
    version: String,
    /// The SHA-256 of the canonical JSON (RFC 8785) of the definition, in hex.
    checksum: String,
    /// The account of whoever published it.
    published_by: Uuid,
    published_at: Timestamp,
    /// What it says.
    definition: Object,
    /// The file it was read from, byte for byte; `null` where a builder put it together.
    source_markdown: Option<String>,
}

impl From<PublishedVersion> for VersionView {
    fn from(of: PublishedVersion) -> Self {
        Self {
            id: of.id.uuid(),
            custom_assessment_id: of.assessment.uuid(),
            version: of.version.to_string(),
            checksum: kernel::encoding::hex(&of.checksum),
            published_by: of.published_by.uuid(),
            published_at: of.published_at,
            definition: of.definition.to_json(),
            source_markdown: of.source,
        }
    }
}

/// The published versions, newest first. For whoever may read the assessment.
#[utoipa::path(
    operation_id = "assessment.list_versions", tag = "custom assessments", params(PageQuery),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "A page of versions", body = Paged<VersionSummaryView>))
)]
#[get("/v1/organizations/{organization_id}/custom-assessments/{assessment_id}/versions")]
async fn list(
    ctx: Caller,
    path: PathParams<(OrganizationId, CustomAssessmentId)>,
    page: PageQuery,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let versions = assessments.authoring.versions(&ctx, organization, id, &page.0).await?;
    Ok(ok(&Paged::of(versions, VersionSummaryView::from)))
}

/// A published version, whole: `major.minor` in the path. For whoever may read the assessment.
#[utoipa::path(
    operation_id = "assessment.get_version", tag = "custom assessments",
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The version", body = VersionView))
)]
#[get("/v1/organizations/{organization_id}/custom-assessments/{assessment_id}/versions/{version}")]
async fn get_one(
    ctx: Caller,
    path: PathParams<(OrganizationId, CustomAssessmentId, Version)>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id, version) = *path;
    let published = assessments.authoring.version(&ctx, organization, id, version).await?;
    Ok(ok(&VersionView::from(published)))
}
