//! Writing assessments.

mod versions;

use std::convert::Infallible;

use actix_web::{
    HttpRequest, HttpResponse, delete, get,
    http::header::{CONTENT_TYPE, ETAG},
    patch, post, put,
};
use assessment_engine::{
    AssessmentStatus, CustomAssessment, CustomAssessmentId,
    authoring::{AssessmentChange, Input},
    reading::AssessmentFilter,
};
use assessment_format::{
    Checked, Slug,
    definition::{Disclosure, Style},
};
use http_shell::{
    Caller, Checker, Document, Field, HandlerResult, Idempotent, IfMatch, Json, ListQuery, Object, PageQuery,
    Paged, PathParams, Problem, Query, created, has, no_content, not_modified, ok, tagged, versioned,
};
use kernel::{Id, OrganizationId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    Service, schemas,
    views::{AssessmentView, DiagnosticView, SummaryView, problem},
};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(write)
        .service(lint)
        .service(list)
        .service(get_one)
        .service(edit)
        .service(delete_one)
        .service(replace_source)
        .service(source);
    versions::routes(cfg);
}

/// What a builder put together.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::Definition, example = json!({ "definition": { "metadata": { "name": "Leadership Readiness", "version": "1.0", "type": "single-outcome", "scale": { "min": 1, "max": 5 } }, "dimensions": [{ "name": "Strategic Thinking", "weight": 1, "description": "Sees beyond the quarter." }], "resultCategories": [{ "name": "Ready", "when": "overall >= 4" }, { "name": "Growing", "default": true }], "items": [{ "id": "s1", "text": "I review long-term goals every month.", "measures": [{ "dimension": "strategic-thinking" }], "answer": "agree-5" }] } }))]
struct DefinitionBody {
    /// `dimensions` and `resultCategories` are required, and a `name` in `metadata`; everything else has a default.
    definition: Object,
}

/// A file, or what a builder put together.
type Sent = Document<DefinitionBody, 256>;

fn input(sent: Sent) -> Input {
    match sent {
        Sent::Text(file) => Input::Markdown(file.text),
        Sent::Json { value, .. } => Input::Definition(value.definition),
    }
}

/// How a new assessment is to be called.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Called {
    /// How it is called in addresses. Without it the one in the file is taken, else one is made of the name.
    #[param(required = false, inline, value_type = Option<schemas::Slug>, example = "leadership-readiness")]
    slug: Option<String>,
}

/// The place of an assessment.
pub(super) fn place(assessment: &CustomAssessment) -> String {
    format!("/v1/organizations/{}/custom-assessments/{}", assessment.organization, assessment.id)
}

pub(super) fn written(assessment: &CustomAssessment) -> HttpResponse {
    created(place(assessment), assessment.version(), &AssessmentView::from(assessment))
}

pub(super) fn now(assessment: &CustomAssessment) -> HttpResponse {
    versioned(assessment.version(), &AssessmentView::from(assessment))
}

/// Writes an assessment: a file, or what a builder put together. For owners, admins, managers, recruiters and
/// practitioners, and API keys with `assessments.write`.
///
/// It is a draft. A slug in the query or in the file must be free; one that is made of the name is numbered until
/// it is. Every fault is told at once, in `diagnostics`, with its line and column or JSON Pointer, why it is one
/// and how to mend it.
#[utoipa::path(
    operation_id = "assessment.write_assessment", tag = "custom assessments", params(Idempotent, Called),
    request_body(content((DefinitionBody = "application/json"), (String = "text/markdown"))),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 201, description = "The draft", body = AssessmentView),
        (status = 409, description = "`assessment.slug_taken` or `quota.reached`"),
        (status = 422, description = "`assessment.faulty`: `diagnostics` tells every fault"))
)]
#[post("/v1/organizations/{organization_id}/custom-assessments")]
async fn write(
    ctx: Caller,
    id: PathParams<OrganizationId>,
    called: Query<Called>,
    idempotent: Idempotent,
    body: Sent,
    assessments: Service,
) -> HandlerResult {
    let mut check = Checker::new();
    let slug = check.optional("/slug", called.0.slug.map(Slug::new));
    let slug = check.finish(slug)?;
    let raw = body.raw();
    idempotent
        .run(
            &ctx,
            &raw,
            async |ctx| {
                let assessment =
                    assessments.authoring.write(ctx, *id, input(body), slug).await.map_err(problem)?;
                Ok(written(&assessment))
            },
            async |ctx, saved| {
                let saved = saved.ok_or_else(Problem::not_found)?;
                Ok(written(&assessments.authoring.get(ctx, *id, Id::from_uuid(saved.id)).await?))
            },
        )
        .await
}

/// What a check found.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::Checked)]
struct CheckedView {
    /// Whether it keeps every rule: only then it can be written.
    is_sound: bool,
    /// What it is called; `null` unless it is sound.
    name: Option<String>,
    /// The version it names; `null` unless it is sound.
    #[schema(example = "1.0")]
    version: Option<String>,
    /// Everything that is wrong or worth knowing, in the order of the file.
    diagnostics: Vec<DiagnosticView>,
}

impl From<Checked> for CheckedView {
    fn from(Checked { definition, diagnostics }: Checked) -> Self {
        let settings = definition.as_ref().map(|definition| &definition.settings);
        Self {
            is_sound: definition.is_some(),
            name: settings.map(|settings| settings.name.clone()),
            version: settings.map(|settings| settings.version.to_string()),
            diagnostics: diagnostics.into_iter().map(DiagnosticView::from).collect(),
        }
    }
}

/// Checks an assessment and keeps nothing. For whoever may write one, and API keys with `assessments.write`.
#[utoipa::path(
    operation_id = "assessment.lint_assessment", tag = "custom assessments",
    request_body(content((DefinitionBody = "application/json"), (String = "text/markdown"))),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "What was found, faults too", body = CheckedView))
)]
#[post("/v1/organizations/{organization_id}/custom-assessments/lint")]
async fn lint(
    ctx: Caller,
    id: PathParams<OrganizationId>,
    body: Sent,
    assessments: Service,
) -> HandlerResult {
    let checked = assessments.authoring.lint(&ctx, *id, &input(body)).await?;
    Ok(ok(&CheckedView::from(checked)))
}

/// Which assessments.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AssessmentQuery {
    /// With this status.
    #[param(required = false, inline, value_type = Option<schemas::AssessmentStatus>)]
    status: Option<AssessmentStatus>,
}

/// The assessments of an organisation, newest first. For all its members but plain ones and candidates, and API
/// keys with `assessments.read`.
#[utoipa::path(
    operation_id = "assessment.list_assessments", tag = "custom assessments", params(PageQuery, AssessmentQuery),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "A page of assessments", body = Paged<SummaryView>))
)]
#[get("/v1/organizations/{organization_id}/custom-assessments")]
async fn list(
    ctx: Caller,
    id: PathParams<OrganizationId>,
    listing: ListQuery<AssessmentQuery>,
    assessments: Service,
) -> HandlerResult {
    let filter = AssessmentFilter { status: listing.filter.status };
    let page = assessments.authoring.list(&ctx, *id, &filter, &listing.page).await?;
    Ok(ok(&Paged::of(page, |summary| SummaryView::from(&summary))))
}

/// An assessment with its draft. For all members but plain ones and candidates, and API keys with `assessments.read`.
#[utoipa::path(
    operation_id = "assessment.get_assessment", tag = "custom assessments",
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The assessment", body = AssessmentView),
        (status = 304, description = "It is still what `If-None-Match` says"))
)]
#[get("/v1/organizations/{organization_id}/custom-assessments/{assessment_id}")]
async fn get_one(
    req: HttpRequest,
    ctx: Caller,
    path: PathParams<(OrganizationId, CustomAssessmentId)>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let assessment = assessments.authoring.get(&ctx, organization, id).await?;
    Ok(tagged(&req, assessment.version(), &AssessmentView::from(&assessment)))
}

/// What changes about an assessment (JSON Merge Patch). What else it says is changed in its source.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::CustomAssessmentPatch, example = json!({ "name": "Ready to lead", "result_disclosure": "teaser" }))]
struct AssessmentPatch {
    #[serde(default)]
    #[schema(value_type = Option<schemas::Slug>, nullable = false)]
    slug: Field<String>,
    /// 1 to 120 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, nullable = false)]
    name: Field<String>,
    /// Markdown; `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    description: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<schemas::Disclosure>, nullable = false)]
    result_disclosure: Field<Disclosure>,
    /// 1 to 5.
    #[serde(default)]
    #[schema(value_type = Option<u8>, nullable = false, minimum = 1, maximum = 5)]
    interview_style_default: Field<u8>,
    /// Whether a campaign may ask for another style.
    #[serde(default)]
    #[schema(value_type = Option<bool>, nullable = false)]
    interview_style_allow_override: Field<bool>,
}

impl AssessmentPatch {
    fn check(self) -> Result<AssessmentChange, Problem> {
        let mut check = Checker::new();
        let slug = check.replace("/slug", self.slug, Slug::new);
        let name = check.replace("/name", self.name, Ok::<_, Infallible>);
        let disclosure = check.replace("/result_disclosure", self.result_disclosure, Ok::<_, Infallible>);
        let style = check.replace("/interview_style_default", self.interview_style_default, Style::new);
        let may_differ = check.replace(
            "/interview_style_allow_override",
            self.interview_style_allow_override,
            Ok::<_, Infallible>,
        );
        let description = match self.description {
            Field::Absent => None,
            given => Some(given.over(None).unwrap_or_default()),
        };
        let (slug, name, disclosure, style, allow_override) =
            check.finish((slug, name, disclosure, style, may_differ))?;
        Ok(AssessmentChange { slug, name, description, disclosure, style, allow_override })
    }
}

/// Changes what stands in a field of its own; the source is printed anew. For owners and admins, and for managers,
/// recruiters and practitioners what they wrote, and API keys with `assessments.write`.
#[utoipa::path(
    operation_id = "assessment.edit_assessment", tag = "custom assessments", params(IfMatch),
    request_body(content = AssessmentPatch, content_type = "application/merge-patch+json"),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The assessment as it is now", body = AssessmentView),
        (status = 409, description = "`assessment.slug_taken`; `assessment.wrong_status` once it is archived"),
        (status = 422, description = "`assessment.faulty`: with the change it would break a rule"))
)]
#[patch("/v1/organizations/{organization_id}/custom-assessments/{assessment_id}")]
async fn edit(
    ctx: Caller,
    path: PathParams<(OrganizationId, CustomAssessmentId)>,
    version: IfMatch,
    body: Json<AssessmentPatch>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let change = body.into_inner().check()?;
    let edited = assessments.authoring.edit(&ctx, organization, id, version.0, change).await;
    Ok(now(&edited.map_err(problem)?))
}

/// Deletes a draft of which nothing was ever published. For whoever may change it.
#[utoipa::path(
    operation_id = "assessment.delete_assessment", tag = "custom assessments", params(IfMatch),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 204, description = "Deleted"),
        (status = 409, description = "`assessment.in_use`: archive it instead"))
)]
#[delete("/v1/organizations/{organization_id}/custom-assessments/{assessment_id}")]
async fn delete_one(
    ctx: Caller,
    path: PathParams<(OrganizationId, CustomAssessmentId)>,
    version: IfMatch,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    assessments.authoring.delete(&ctx, organization, id, version.0).await?;
    Ok(no_content())
}

/// Puts another file or definition in the draft's place; published versions stay. For whoever may change it.
///
/// A slug that is new in it becomes the assessment's.
#[utoipa::path(
    operation_id = "assessment.replace_source", tag = "custom assessments", params(IfMatch),
    request_body(content((DefinitionBody = "application/json"), (String = "text/markdown"))),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The assessment as it is now", body = AssessmentView),
        (status = 409, description = "`assessment.slug_taken`; `assessment.wrong_status` once it is archived"),
        (status = 422, description = "`assessment.faulty`: `diagnostics` tells every fault"))
)]
#[put("/v1/organizations/{organization_id}/custom-assessments/{assessment_id}/source")]
async fn replace_source(
    ctx: Caller,
    path: PathParams<(OrganizationId, CustomAssessmentId)>,
    version: IfMatch,
    body: Sent,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let input = input(body);
    let replaced = assessments.authoring.replace_source(&ctx, organization, id, version.0, input).await;
    Ok(now(&replaced.map_err(problem)?))
}

/// The draft as a file, byte for byte as it was sent; printed where a builder put it together. For whoever may read it.
#[utoipa::path(
    operation_id = "assessment.get_source", tag = "custom assessments",
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The file", body = String, content_type = "text/markdown"),
        (status = 304, description = "It is still what `If-None-Match` says"))
)]
#[get("/v1/organizations/{organization_id}/custom-assessments/{assessment_id}/source")]
async fn source(
    req: HttpRequest,
    ctx: Caller,
    path: PathParams<(OrganizationId, CustomAssessmentId)>,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    let assessment = assessments.authoring.get(&ctx, organization, id).await?;
    let tag = format!("\"{}\"", assessment.version());
    if has(&req, &tag) {
        return Ok(not_modified(&tag));
    }
    let file = HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/markdown; charset=utf-8"))
        .insert_header((ETAG, tag))
        .body(assessment.draft.markdown());
    Ok(file)
}
