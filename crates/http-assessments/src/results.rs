//! Results, summaries and exports.

mod views;

use actix_web::{HttpResponse, get, http::header::LOCATION, post};
use assessment_engine::{
    AssessmentResultId, CampaignId, CustomAssessmentId,
    results::{Content, ExportOptions, Format, Separator, rescoring::Rescore},
};
use assessment_format::Version;
use http_shell::{
    Caller, HandlerResult, Idempotent, Json, ListQuery, PageQuery, Paged, PathParams, Problem, Query, ok,
    tasks::TaskView,
};
use kernel::{OrganizationId, task::Task};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use self::views::{
    OwnResultDetailsView, OwnResultView, PreviewView, ResultDetailsView, ResultView, SummaryResultView,
};
use super::{Service, schemas};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_own)
        .service(my_one)
        .service(list)
        .service(summary)
        .service(one)
        .service(export)
        .service(rescore);
}

/// My results that were released, newest first by when I was asked, in every organisation; with a pass, that of
/// what it serves. A page may hold fewer than `limit`. For whoever took something.
#[utoipa::path(
    operation_id = "assessment.list_my_results", tag = "results", params(PageQuery), security(("bearer" = []), ("pass" = [])),
    responses((status = 200, description = "A page of my results", body = Paged<OwnResultView>))
)]
#[get("/v1/me/results")]
async fn list_own(ctx: Caller, page: PageQuery, assessments: Service) -> HandlerResult {
    let results = assessments.results.mine(&ctx, &page).await?;
    Ok(ok(&Paged::of(results, |result| OwnResultView::from(&result))))
}

/// One of my results, as far as the assessment discloses it: `full`, `teaser` (the category and its prose) or
/// `none` (that it is done). For whoever took it.
#[utoipa::path(
    operation_id = "assessment.get_my_result", tag = "results", security(("bearer" = []), ("pass" = [])),
    responses((status = 200, description = "What may be seen of it", body = OwnResultDetailsView))
)]
#[get("/v1/me/results/{result_id}")]
async fn my_one(ctx: Caller, id: PathParams<AssessmentResultId>, assessments: Service) -> HandlerResult {
    Ok(ok(&OwnResultDetailsView::from(&assessments.results.my_one(&ctx, *id).await?)))
}

/// Which results.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ResultQuery {
    /// Only of this campaign.
    #[param(required = false, value_type = Option<uuid::Uuid>)]
    campaign_id: Option<CampaignId>,
}

/// The results of an assessment, newest first. For owners and admins; for managers, recruiters and practitioners of
/// what they run; and API keys with `results.read`.
#[utoipa::path(
    operation_id = "assessment.list_results", tag = "results", params(PageQuery, ResultQuery),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "A page of results", body = Paged<ResultView>))
)]
#[get("/v1/organizations/{organization_id}/custom-assessments/{assessment_id}/results")]
async fn list(
    ctx: Caller,
    path: PathParams<(OrganizationId, CustomAssessmentId)>,
    listing: ListQuery<ResultQuery>,
    assessments: Service,
) -> HandlerResult {
    let (organization, assessment) = *path;
    let ListQuery { page, filter, .. } = listing;
    let campaign = filter.campaign_id;
    let results = assessments.results.list(&ctx, organization, assessment, campaign, &page).await?;
    Ok(ok(&Paged::of(results, |listed| ResultView::from(&listed))))
}

/// One result, whole: scores, category and its snapshot, the definition it was scored by, how each number came
/// about, what was answered and said, and the runs before. For those who see it in the list; an API key sees nothing
/// of what was answered and said.
#[utoipa::path(
    operation_id = "assessment.get_result", tag = "results", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The result", body = ResultDetailsView))
)]
#[get("/v1/organizations/{organization_id}/custom-assessments/{assessment_id}/results/{result_id}")]
async fn one(
    ctx: Caller,
    path: PathParams<(OrganizationId, CustomAssessmentId, AssessmentResultId)>,
    assessments: Service,
) -> HandlerResult {
    let (organization, assessment, id) = *path;
    Ok(ok(&ResultDetailsView::from(&assessments.results.one(&ctx, organization, assessment, id).await?)))
}

/// Of what a summary is.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Summarized {
    /// Only of this campaign.
    #[param(required = false, value_type = Option<uuid::Uuid>)]
    campaign_id: Option<CampaignId>,
    /// Of versions with this major number; the newest that has results without.
    #[param(required = false)]
    major: Option<u16>,
}

/// How the results of an assessment, or of one campaign of it, are distributed: by dimension and category, from
/// five results up. It changes only when at least five came or went, so that nobody's can be told from it. For
/// owners, admins and managers; for recruiters and practitioners of what they run; and API keys with
/// `results.read`.
#[utoipa::path(
    operation_id = "assessment.summarize_results", tag = "results", params(Summarized),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The summary", body = SummaryResultView),
        (status = 409, description = "`assessment.too_few_results`"))
)]
#[get("/v1/organizations/{organization_id}/custom-assessments/{assessment_id}/results/summary")]
async fn summary(
    ctx: Caller,
    path: PathParams<(OrganizationId, CustomAssessmentId)>,
    query: Query<Summarized>,
    assessments: Service,
) -> HandlerResult {
    let (organization, assessment) = *path;
    let Query(Summarized { campaign_id, major }) = query;
    let summary = assessments.results.summary(&ctx, organization, assessment, campaign_id, major).await?;
    Ok(ok(&SummaryResultView::from(&summary)))
}

/// What is written to a file.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::Export, example = json!({ "format": "csv", "campaign_id": null }))]
struct ExportBody {
    #[schema(value_type = schemas::ExportFormat)]
    format: Format,
    /// Only of this campaign.
    #[schema(value_type = Option<uuid::Uuid>)]
    campaign_id: Option<CampaignId>,
}

/// What of each result, and how a file of separated values is written.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// `scores` unless told; `answers`: what was answered, a column for each item, and what was said in the
    /// interview, in the words of the version that was answered; `both`.
    #[param(required = false, inline, value_type = Option<schemas::ExportContent>)]
    content: Option<Content>,
    /// What stands between the values of `csv`: `comma` unless told; with `tab` the file is a `.tsv`.
    #[param(required = false, inline, value_type = Option<schemas::Separator>)]
    separator: Option<Separator>,
    /// 1: `csv` begins with a byte order mark, by which spreadsheets know UTF-8.
    #[param(required = false, minimum = 0, maximum = 1, default = 0)]
    bom: Option<u8>,
}

/// Orders results as a file. A task writes it; its output is the file. A column of an item is headed with its id, a
/// colon and its newest wording. For those who see the results in the list; no API key does.
#[utoipa::path(
    operation_id = "assessment.export_results", tag = "results", params(Idempotent, ExportQuery),
    request_body = ExportBody,
    security(("bearer" = [])),
    responses((status = 202, description = "Ordered: a task, at `Location`", body = TaskView),
        (status = 403, description = "`identity.forbidden` or `identity.second_factor_needed`; `identity.scope_missing` or `assessment.person_needed` with an API key"),
        (status = 422, description = "`assessment.invalid`: `separator` and `bom` are for `csv`"))
)]
#[post("/v1/organizations/{organization_id}/custom-assessments/{assessment_id}/results/exports")]
async fn export(
    ctx: Caller,
    path: PathParams<(OrganizationId, CustomAssessmentId)>,
    query: Query<ExportQuery>,
    idempotent: Idempotent,
    body: Json<ExportBody>,
    assessments: Service,
    task_service: actix_web::web::Data<kernel::task::TaskService>,
) -> HandlerResult {
    let (organization, assessment) = *path;
    let results = &assessments.results;
    let Query(ExportQuery { content, separator, bom }) = query;
    if bom.is_some_and(|bom| bom > 1) {
        return Err(Problem::invalid(vec![("/bom".to_owned(), "must be 0 or 1".to_owned())]));
    }
    let options = ExportOptions {
        campaign: body.campaign_id,
        format: body.format,
        content: content.unwrap_or(Content::Scores),
        separator,
        bom: bom == Some(1),
    };
    idempotent
        .run(
            &ctx,
            &body.raw(),
            async |ctx| Ok(accepted_task(&results.export(ctx, organization, assessment, options).await?)),
            async |ctx, saved| {
                let saved = saved.ok_or_else(Problem::not_found)?;
                Ok(accepted_task(
                    &task_service.task(ctx, organization, kernel::Id::from_uuid(saved.id)).await?,
                ))
            },
        )
        .await
}

/// Which results are scored anew, and by which rules.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::Rescore, example = json!({ "preview": true, "version": null, "campaign_id": null }))]
struct RescoreBody {
    /// Whether to tell only who would come out otherwise; `false` puts new runs in place.
    preview: bool,
    /// By the rules of this published version; each by its own without.
    #[schema(value_type = Option<schemas::Version>)]
    version: Option<Version>,
    /// Only of this campaign.
    #[schema(value_type = Option<uuid::Uuid>)]
    campaign_id: Option<CampaignId>,
}

/// Scores stored results anew: as a preview that stores nothing, or as a task that puts new runs in place; the old
/// ones stay. For owners and admins.
#[utoipa::path(
    operation_id = "assessment.rescore_results", tag = "results", params(Idempotent), request_body = RescoreBody,
    security(("bearer" = [])),
    responses((status = 200, description = "The preview: who would come out otherwise", body = PreviewView),
        (status = 202, description = "Ordered: a task, at `Location`", body = TaskView),
        (status = 409, description = "`assessment.too_many_results`: a preview takes at most 100,000"))
)]
#[post("/v1/organizations/{organization_id}/custom-assessments/{assessment_id}/results/rescore")]
async fn rescore(
    ctx: Caller,
    path: PathParams<(OrganizationId, CustomAssessmentId)>,
    idempotent: Idempotent,
    body: Json<RescoreBody>,
    assessments: Service,
    task_service: actix_web::web::Data<kernel::task::TaskService>,
) -> HandlerResult {
    let (organization, assessment) = *path;
    let of = Rescore { assessment, campaign: body.campaign_id, version: body.version };
    if body.preview {
        return Ok(ok(&PreviewView::from(assessments.rescoring.preview(&ctx, organization, of).await?)));
    }
    idempotent
        .run(
            &ctx,
            &body.raw(),
            async |ctx| Ok(accepted_task(&assessments.rescoring.apply(ctx, organization, of).await?)),
            async |ctx, saved| {
                let saved = saved.ok_or_else(Problem::not_found)?;
                Ok(accepted_task(
                    &task_service.task(ctx, organization, kernel::Id::from_uuid(saved.id)).await?,
                ))
            },
        )
        .await
}

/// 202 with the task, and where it is.
fn accepted_task(task: &Task) -> HttpResponse {
    let place = format!("/v1/organizations/{}/tasks/{}", task.organization, task.id);
    HttpResponse::Accepted().insert_header((LOCATION, place)).json(TaskView::from(task))
}
