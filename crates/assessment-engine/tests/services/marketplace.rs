//! Templates, and what one organisation takes from another.

use std::sync::Arc;

use assessment_engine::{
    AssessmentStatus, CustomAssessment, CustomAssessmentId, MarketplaceStatus, PriceTier, Refused,
    SourceType, TemplateName,
    authoring::Input,
    marketplace::{Decision, Import, Verdict},
};
use assessment_format::Slug;
use kernel::{Kind, PageRequest, Refusal as _, SingleLine};

use super::world::{Person, TestOrganization, World};

fn page() -> PageRequest {
    PageRequest::default()
}

fn verdict(decision: Decision, version: &str, note: Option<&str>) -> Verdict {
    Verdict {
        decision,
        version: version.parse().unwrap(),
        note: note.map(|note| SingleLine::new(note).unwrap()),
    }
}

/// An active assessment of the organisation, published as 1.0.
async fn active(world: &World, org: &TestOrganization) -> CustomAssessment {
    let authoring = &world.assessments.authoring;
    let file = include_str!("../../../../docs/assessments/remote-work-fit.md").to_owned();
    let draft = authoring.write(&org.owner.ctx, org.id, Input::Markdown(file), None).await.unwrap();
    authoring.publish(&org.owner.ctx, org.id, draft.id).await.unwrap();
    authoring.activate(&org.owner.ctx, org.id, draft.id).await.unwrap()
}

async fn shown(world: &World, to: &Person) -> Vec<CustomAssessmentId> {
    let listings = world.assessments.marketplace.listings(&to.ctx, &page()).await.unwrap();
    listings.items.iter().map(|listing| listing.assessment).collect()
}

#[tokio::test]
async fn each_template_is_copied_once() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let marketplace = &world.assessments.marketplace;
    let templates = marketplace.templates(&org.member.ctx).await.unwrap();
    assert_eq!(templates.iter().map(|template| template.name).collect::<Vec<_>>(), TemplateName::ALL);
    for name in TemplateName::ALL {
        let template = marketplace.template(&org.member.ctx, name).await.unwrap();
        let import = Import::Template(name);
        let first = marketplace.import(&org.manager.ctx, org.id, import, None).await.unwrap();
        assert!(first.is_new);
        let copy = &first.assessment;
        assert_eq!((copy.template, copy.source_type), (Some(name), SourceType::Imported));
        assert_eq!((copy.status, copy.latest), (AssessmentStatus::Draft, None));
        assert_eq!(copy.draft.source.as_deref(), Some(template.source));
        assert!(template.definition.notes.iter().any(|note| note.heading == "Sources"));
        let second = marketplace.import(&org.owner.ctx, org.id, import, None).await.unwrap();
        assert_eq!((second.is_new, second.assessment.id), (false, copy.id));
    }
    let refused = marketplace
        .import(&org.member.ctx, org.id, Import::Template(TemplateName::Archetype), None)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), Kind::Forbidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_of_a_template_at_once_make_one_copy() {
    let world = Arc::new(World::new());
    let org = world.org("North Wind").await;
    let imports = (0..4).map(|_| {
        let (world, ctx, id) = (world.clone(), org.owner.ctx.clone(), org.id);
        let import = Import::Template(TemplateName::Archetype);
        tokio::spawn(
            async move { world.assessments.marketplace.import(&ctx, id, import, None).await.unwrap() },
        )
    });
    let mut made = Vec::new();
    for import in imports.collect::<Vec<_>>() {
        made.push(import.await.unwrap());
    }
    assert_eq!(made.iter().filter(|imported| imported.is_new).count(), 1);
    assert!(made.iter().all(|imported| imported.assessment.id == made[0].assessment.id));
}

#[tokio::test]
async fn a_template_takes_a_free_slug_and_a_given_one_must_be_free() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let marketplace = &world.assessments.marketplace;
    let first = marketplace.import(&org.owner.ctx, org.id, Import::Template(TemplateName::Archetype), None);
    assert_eq!(first.await.unwrap().assessment.slug.as_str(), "team-roles");
    let import = Import::Template(TemplateName::Education);
    let taken = Some(Slug::new("team-roles").unwrap());
    let refused = marketplace.import(&org.owner.ctx, org.id, import, taken).await;
    assert!(matches!(refused, Err(Refused::SlugTaken(_))), "{refused:?}");
}

#[tokio::test]
async fn a_free_listing_goes_from_one_organisation_to_another() {
    let world = World::new();
    let (north, south) = (world.org("North Wind").await, world.org("South Wind").await);
    let root = world.super_admin().await;
    let marketplace = &world.assessments.marketplace;
    let assessment = active(&world, &north).await;
    let id = assessment.id;

    let offered = marketplace.offer(&north.owner.ctx, north.id, id, PriceTier::Free).await.unwrap();
    assert_eq!(offered.marketplace_status, MarketplaceStatus::PendingReview);
    let twice = marketplace.offer(&north.owner.ctx, north.id, id, PriceTier::Free).await.unwrap_err();
    assert_eq!(twice.code(), "assessment.already_offered");
    world.work_off_twice().await;
    assert!(shown(&world, &south.owner).await.is_empty());
    assert_eq!(marketplace.listing(&south.owner.ctx, id).await.unwrap_err().kind(), Kind::Missing);
    let import = Import::Listing(id);
    let early = marketplace.import(&south.owner.ctx, south.id, import, None).await.unwrap_err();
    assert_eq!(early.kind(), Kind::Missing);

    assert_eq!(marketplace.offers(&north.owner.ctx, &page()).await.unwrap_err().kind(), Kind::Forbidden);
    let waiting = marketplace.offers(&root.ctx, &page()).await.unwrap();
    assert_eq!(waiting.items.len(), 1);
    assert_eq!((waiting.items[0].publisher.as_str(), waiting.items[0].assessment), ("North Wind", id));
    assert!(marketplace.listing(&root.ctx, id).await.unwrap().is_open());
    let publish = verdict(Decision::Publish, "1.0", None);
    let stranger = marketplace.review(&north.owner.ctx, id, publish.clone()).await.unwrap_err();
    assert_eq!(stranger.kind(), Kind::Forbidden);
    let reviewed = marketplace.review(&root.ctx, id, publish.clone()).await.unwrap();
    assert_eq!(reviewed.marketplace_status, MarketplaceStatus::Published);
    let again = marketplace.review(&root.ctx, id, publish).await.unwrap_err();
    assert_eq!(again.code(), "assessment.not_offered");
    world.work_off_twice().await;
    assert_eq!(shown(&world, &south.member).await, [id]);
    assert!(marketplace.offers(&root.ctx, &page()).await.unwrap().items.is_empty());

    let copy = marketplace.import(&south.recruiter.ctx, south.id, import, None).await.unwrap().assessment;
    assert_eq!((copy.organization, copy.source_type), (south.id, SourceType::Imported));
    assert_eq!((copy.created_by, copy.template), (south.recruiter.account, None));
    assert_eq!(copy.draft, assessment.draft);
    let second = marketplace.import(&south.recruiter.ctx, south.id, import, None).await.unwrap().assessment;
    assert_ne!((second.id, &second.slug), (copy.id, &copy.slug));

    let now = world.assessments.authoring.get(&north.owner.ctx, north.id, id).await.unwrap();
    marketplace.withdraw(&north.owner.ctx, north.id, id, now.version()).await.unwrap();
    world.work_off_twice().await;
    assert!(shown(&world, &south.owner).await.is_empty());
    assert!(world.assessments.authoring.get(&south.owner.ctx, south.id, copy.id).await.is_ok());
}

#[tokio::test]
async fn the_marketplace_shows_the_version_that_was_decided_upon() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let root = world.super_admin().await;
    let (authoring, marketplace) = (&world.assessments.authoring, &world.assessments.marketplace);
    let assessment = active(&world, &org).await;
    let (ctx, id) = (&org.owner.ctx, assessment.id);
    let publish = async |number: &str| {
        let now = authoring.get(ctx, org.id, id).await.unwrap();
        let source = now.draft.markdown();
        let version = format!("version: \"{}\"", now.draft.definition.settings.version);
        let source = source.replace(&version, &format!("version: \"{number}\""));
        let source = source.replace("\n## Dimensions", &format!("\nEdition {number}.\n\n## Dimensions"));
        authoring.replace_source(ctx, org.id, id, now.version(), Input::Markdown(source)).await.unwrap();
        authoring.publish(ctx, org.id, id).await.unwrap();
    };
    marketplace.offer(ctx, org.id, id, PriceTier::Starter).await.unwrap();
    world.work_off().await;
    publish("1.1").await;
    world.work_off().await;
    let waiting = marketplace.listing(&root.ctx, id).await.unwrap();
    assert_eq!(waiting.version.to_string(), "1.1");
    let unseen =
        marketplace.review(&root.ctx, id, verdict(Decision::Publish, "1.0", None)).await.unwrap_err();
    assert_eq!(unseen.code(), "assessment.not_offered");
    marketplace.review(&root.ctx, id, verdict(Decision::Publish, "1.1", None)).await.unwrap();
    publish("1.2").await;
    world.work_off_twice().await;
    let listing = marketplace.listing(&org.member.ctx, id).await.unwrap();
    assert_eq!(listing.version.to_string(), "1.1");
    assert!(!listing.is_open());

    let other = world.org("South Wind").await;
    let refused =
        marketplace.import(&other.owner.ctx, other.id, Import::Listing(id), None).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (Kind::Forbidden, "assessment.purchase_required"));

    authoring.archive(ctx, org.id, id).await.unwrap();
    world.work_off_twice().await;
    assert!(shown(&world, &other.owner).await.is_empty());
    let archived = authoring.get(ctx, org.id, id).await.unwrap();
    assert_eq!(archived.marketplace_status, MarketplaceStatus::Private);
}

#[tokio::test]
async fn a_refusal_says_why_and_can_be_mended() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let root = world.super_admin().await;
    let marketplace = &world.assessments.marketplace;
    let id = active(&world, &org).await.id;
    marketplace.offer(&org.owner.ctx, org.id, id, PriceTier::Free).await.unwrap();
    world.work_off().await;
    let mute = marketplace.review(&root.ctx, id, verdict(Decision::Reject, "1.0", None)).await.unwrap_err();
    assert_eq!(mute.errors()[0].0, "/note");
    let reject = verdict(Decision::Reject, "1.0", Some("Two questions ask for health data."));
    let rejected = marketplace.review(&root.ctx, id, reject).await.unwrap();
    assert_eq!(rejected.review_note.as_deref(), Some("Two questions ask for health data."));
    world.work_off_twice().await;
    assert_eq!(marketplace.listing(&root.ctx, id).await.unwrap_err().kind(), Kind::Missing);
    let again = marketplace.offer(&org.owner.ctx, org.id, id, PriceTier::Free).await.unwrap();
    assert_eq!(
        (again.marketplace_status, again.review_note.clone()),
        (MarketplaceStatus::PendingReview, None)
    );
    world.work_off().await;
    assert_eq!(marketplace.offers(&root.ctx, &page()).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn only_what_is_active_is_offered_by_whoever_may() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let (authoring, marketplace) = (&world.assessments.authoring, &world.assessments.marketplace);
    let copy = marketplace
        .import(&org.owner.ctx, org.id, Import::Template(TemplateName::Education), None)
        .await
        .unwrap();
    let id = copy.assessment.id;
    let offer =
        async |by: &Person| marketplace.offer(&by.ctx, org.id, id, PriceTier::Free).await.unwrap_err();
    assert_eq!(offer(&org.owner).await.code(), "assessment.unpublished");
    authoring.publish(&org.owner.ctx, org.id, id).await.unwrap();
    assert_eq!(offer(&org.owner).await.code(), "assessment.wrong_status");
    authoring.activate(&org.owner.ctx, org.id, id).await.unwrap();
    assert_eq!(offer(&org.manager).await.kind(), Kind::Missing);
    assert_eq!(offer(&org.member).await.kind(), Kind::Forbidden);
}
