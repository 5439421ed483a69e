//! Templates and the marketplace.

use actix_web::{delete, get, post};
use assessment_engine::{
    CustomAssessment, CustomAssessmentId, Listing, PriceTier, TemplateName,
    authoring::templates::Template,
    marketplace::{Decision, Import, Imported, Verdict},
};
use assessment_format::{Slug, Version};
use http_shell::{
    Caller, Checker, HandlerResult, Idempotent, IfMatch, Json, Object, PageQuery, Paged, PathParams, Problem,
    no_content, ok,
};
use kernel::{Id, OrganizationId, SingleLine, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{
    Service, authoring, schemas,
    views::{AssessmentView, OutlineView},
};

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(templates)
        .service(template)
        .service(import)
        .service(offer)
        .service(withdraw)
        .service(listings)
        .service(listing)
        .service(offers)
        .service(review);
}

/// A built-in assessment, in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::TemplateSummary)]
struct TemplateSummaryView {
    /// What a campaign calls its type, too.
    #[schema(value_type = schemas::TemplateName)]
    template: &'static str,
    #[serde(flatten)]
    outline: OutlineView,
}

impl From<&Template> for TemplateSummaryView {
    fn from(of: &Template) -> Self {
        Self { template: of.name.name(), outline: OutlineView::from(&*of.definition) }
    }
}

/// A built-in assessment.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::Template)]
struct TemplateView {
    #[serde(flatten)]
    summary: TemplateSummaryView,
    /// What it says.
    definition: Object,
    /// The file.
    source_markdown: &'static str,
}

/// The built-in assessments. For whoever is signed in, and API keys with `assessments.read`.
#[utoipa::path(
    operation_id = "assessment.list_templates", tag = "marketplace", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "All of them, on one page", body = Paged<TemplateSummaryView>))
)]
#[get("/v1/templates")]
async fn templates(ctx: Caller, assessments: Service) -> HandlerResult {
    let items =
        assessments.marketplace.templates(&ctx).await?.iter().map(TemplateSummaryView::from).collect();
    Ok(ok(&Paged { items, next: None }))
}

/// A built-in assessment, whole: `industry4`, `archetype` or `education`. For whoever is signed in, and API keys with
/// `assessments.read`.
#[utoipa::path(
    operation_id = "assessment.get_template", tag = "marketplace", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The template", body = TemplateView))
)]
#[get("/v1/templates/{template}")]
async fn template(ctx: Caller, name: PathParams<TemplateName>, assessments: Service) -> HandlerResult {
    let template = assessments.marketplace.template(&ctx, *name).await?;
    let definition = template.definition.to_json();
    Ok(ok(&TemplateView { summary: template.into(), definition, source_markdown: template.source }))
}

/// What is imported: one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::Import, example = json!({ "template": "archetype" }))]
struct ImportBody {
    #[schema(value_type = Option<schemas::TemplateName>)]
    template: Option<TemplateName>,
    /// From the marketplace.
    #[schema(extensions(("x-one-of" = json!([
        { "template": true, "listing_id": false }, { "template": false, "listing_id": true }
    ]))))]
    listing_id: Option<Uuid>,
    /// How the copy is called in addresses. Without it one is made.
    #[schema(value_type = Option<schemas::Slug>)]
    slug: Option<String>,
}

impl ImportBody {
    fn check(self) -> Result<(Import, Option<Slug>), Problem> {
        let mut check = Checker::new();
        let what = check.take(
            "",
            match (self.template, self.listing_id) {
                (Some(name), None) => Ok(Import::Template(name)),
                (None, Some(id)) => Ok(Import::Listing(Id::from_uuid(id))),
                _ => Err("send either template or listing_id"),
            },
        );
        let slug = check.optional("/slug", self.slug.map(Slug::new));
        check.finish((what, slug))
    }
}

/// Copies a template or a free listing into the organisation, as a draft of its own. For whoever may write
/// assessments, and API keys with `assessments.write`.
///
/// An organisation has one copy of a template: a second import answers 200 with the one that is there.
#[utoipa::path(
    operation_id = "assessment.import_assessment", tag = "marketplace", params(Idempotent), request_body = ImportBody,
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The copy of the template that was there", body = AssessmentView),
        (status = 201, description = "The copy", body = AssessmentView),
        (status = 403, description = "`assessment.purchase_required`"),
        (status = 409, description = "`assessment.slug_taken` or `quota.reached`"))
)]
#[post("/v1/organizations/{organization_id}/custom-assessments/import")]
async fn import(
    ctx: Caller,
    id: PathParams<OrganizationId>,
    idempotent: Idempotent,
    body: Json<ImportBody>,
    assessments: Service,
) -> HandlerResult {
    let raw = body.raw();
    let (what, slug) = body.into_inner().check()?;
    idempotent
        .run(
            &ctx,
            &raw,
            async |ctx| {
                let Imported { assessment, is_new } =
                    assessments.marketplace.import(ctx, *id, what, slug).await?;
                Ok(if is_new { authoring::written(&assessment) } else { authoring::now(&assessment) })
            },
            async |ctx, saved| {
                let saved = saved.ok_or_else(Problem::not_found)?;
                Ok(authoring::written(&assessments.authoring.get(ctx, *id, Id::from_uuid(saved.id)).await?))
            },
        )
        .await
}

/// What it shall cost.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::Offer, example = json!({ "price_tier": "free" }))]
struct OfferBody {
    #[schema(value_type = schemas::PriceTier)]
    price_tier: PriceTier,
}

/// Offers an active assessment to the marketplace: its newest version waits for a decision of the platform. For
/// whoever may change it, and API keys with `assessments.write`.
#[utoipa::path(
    operation_id = "assessment.offer_assessment", tag = "marketplace", params(Idempotent), request_body = OfferBody,
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "It waits", body = AssessmentView),
        (status = 409, description = "`assessment.already_offered`, `assessment.unpublished` or `assessment.wrong_status`"))
)]
#[post("/v1/organizations/{organization_id}/custom-assessments/{assessment_id}/marketplace")]
async fn offer(
    ctx: Caller,
    path: PathParams<(OrganizationId, CustomAssessmentId)>,
    idempotent: Idempotent,
    body: Json<OfferBody>,
    assessments: Service,
) -> HandlerResult {
    let ((organization, id), tier) = (*path, body.price_tier);
    idempotent
        .run(
            &ctx,
            &body.raw(),
            async |ctx| {
                Ok(authoring::now(&assessments.marketplace.offer(ctx, organization, id, tier).await?))
            },
            async |ctx, _| Ok(authoring::now(&assessments.authoring.get(ctx, organization, id).await?)),
        )
        .await
}

/// Takes an assessment out of the marketplace, or back before there was a decision; copies that were made stay. For
/// whoever may change it, and API keys with `assessments.write`.
#[utoipa::path(
    operation_id = "assessment.withdraw_assessment", tag = "marketplace", params(IfMatch),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 204, description = "Withdrawn"))
)]
#[delete("/v1/organizations/{organization_id}/custom-assessments/{assessment_id}/marketplace")]
async fn withdraw(
    ctx: Caller,
    path: PathParams<(OrganizationId, CustomAssessmentId)>,
    version: IfMatch,
    assessments: Service,
) -> HandlerResult {
    let (organization, id) = *path;
    assessments.marketplace.withdraw(&ctx, organization, id, version.0).await?;
    Ok(no_content())
}

/// What the marketplace shows of an assessment.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::ListingSummary)]
struct ListingSummaryView {
    /// Identifies the listing.
    id: Uuid,
    /// The organisation that offers it.
    #[schema(example = "North Wind")]
    publisher: String,
    #[schema(example = "leadership-readiness")]
    slug: String,
    #[serde(flatten)]
    outline: OutlineView,
    #[schema(value_type = schemas::PriceTier)]
    price_tier: &'static str,
    /// `published`; `pending_review` for the platform alone.
    #[schema(value_type = schemas::MarketplaceStatus)]
    status: &'static str,
    offered_at: Timestamp,
}

impl From<&Listing> for ListingSummaryView {
    fn from(of: &Listing) -> Self {
        Self {
            id: of.assessment.uuid(),
            publisher: of.publisher.clone(),
            slug: of.slug.to_string(),
            outline: OutlineView::from(&*of.definition),
            price_tier: of.price_tier.name(),
            status: of.status.name(),
            offered_at: of.offered_at,
        }
    }
}

/// What the marketplace shows of an assessment, with what it says.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::Listing)]
struct ListingView {
    #[serde(flatten)]
    summary: ListingSummaryView,
    /// What it says; `null` where that costs something.
    definition: Option<Object>,
}

impl From<&Listing> for ListingView {
    fn from(of: &Listing) -> Self {
        Self { summary: of.into(), definition: of.is_open().then(|| of.definition.to_json()) }
    }
}

/// What the marketplace shows, newest first. For whoever is signed in, and API keys with `assessments.read`.
#[utoipa::path(
    operation_id = "assessment.list_listings", tag = "marketplace", params(PageQuery),
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "A page of listings", body = Paged<ListingSummaryView>))
)]
#[get("/v1/marketplace")]
async fn listings(ctx: Caller, page: PageQuery, assessments: Service) -> HandlerResult {
    let listings = assessments.marketplace.listings(&ctx, &page.0).await?;
    Ok(ok(&Paged::of(listings, |offered| ListingSummaryView::from(&offered))))
}

/// A listing; what it says too, where it is free. For whoever is signed in, and API keys with `assessments.read`;
/// platform administrators with a second factor see those that wait, whole.
#[utoipa::path(
    operation_id = "assessment.get_listing", tag = "marketplace", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The listing", body = ListingView))
)]
#[get("/v1/marketplace/{listing_id}")]
async fn listing(ctx: Caller, id: PathParams<CustomAssessmentId>, assessments: Service) -> HandlerResult {
    Ok(ok(&ListingView::from(&assessments.marketplace.listing(&ctx, *id).await?)))
}

/// What waits for a decision, oldest first. For platform administrators with a second factor.
#[utoipa::path(
    operation_id = "assessment.list_offers", tag = "marketplace", params(PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page of listings", body = Paged<ListingSummaryView>))
)]
#[get("/v1/admin/marketplace")]
async fn offers(ctx: Caller, page: PageQuery, assessments: Service) -> HandlerResult {
    let offers = assessments.marketplace.offers(&ctx, &page.0).await?;
    Ok(ok(&Paged::of(offers, |offered| ListingSummaryView::from(&offered))))
}

/// A decision about what waits.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = assessment::Review, example = json!({ "decision": "reject", "version": "1.0", "note": "Two questions ask for health data." }))]
struct ReviewBody {
    #[schema(value_type = schemas::Decision)]
    decision: Decision,
    /// The version that was looked at: another that came meanwhile is not decided upon.
    #[schema(value_type = schemas::Version)]
    version: String,
    /// Why, in one line: told to those who offer it. A refusal needs one.
    #[schema(value_type = Option<schemas::Note>)]
    note: Option<String>,
}

/// How it stands now.
#[derive(Serialize, ToSchema)]
#[schema(as = assessment::Reviewed, example = json!({ "id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "marketplace_status": "rejected", "marketplace_price_tier": "free", "review_note": "Two questions ask for health data." }))]
struct ReviewedView {
    id: Uuid,
    #[schema(value_type = schemas::MarketplaceStatus)]
    marketplace_status: &'static str,
    #[schema(value_type = Option<schemas::PriceTier>)]
    marketplace_price_tier: Option<&'static str>,
    review_note: Option<String>,
}

impl From<&CustomAssessment> for ReviewedView {
    fn from(of: &CustomAssessment) -> Self {
        Self {
            id: of.id.uuid(),
            marketplace_status: of.marketplace_status.name(),
            marketplace_price_tier: of.price_tier.map(PriceTier::name),
            review_note: of.review_note.clone(),
        }
    }
}

/// Decides about what waits: `publish` or `reject`. For platform administrators with a second factor; the decision
/// stands in the trail of the organisation that offers.
#[utoipa::path(
    operation_id = "assessment.review_offer", tag = "marketplace", request_body = ReviewBody, security(("bearer" = [])),
    responses((status = 200, description = "Decided", body = ReviewedView),
        (status = 409, description = "`assessment.not_offered`: this version is not waiting"),
        (status = 422, description = "`assessment.invalid` where a refusal has no `note`"))
)]
#[post("/v1/admin/marketplace/{listing_id}/review")]
async fn review(
    ctx: Caller,
    id: PathParams<CustomAssessmentId>,
    body: Json<ReviewBody>,
    assessments: Service,
) -> HandlerResult {
    let body = body.into_inner();
    let mut check = Checker::new();
    let version = check.take("/version", body.version.parse::<Version>());
    let note = check.optional("/note", body.note.as_deref().map(SingleLine::new));
    let (version, note) = check.finish((version, note))?;
    let verdict = Verdict { decision: body.decision, version, note };
    let reviewed = assessments.marketplace.review(&ctx, *id, verdict).await?;
    Ok(ok(&ReviewedView::from(&reviewed)))
}
