//! Rules of the cursors of lists.

use assessment_engine::{
    AssessmentStatus, Listing, MarketplaceStatus,
    reading::{AssessmentFilter, CampaignFilter, ResultFilter},
};
use kernel::{PageRequest, Scope, invitation::Invitee};

use super::{assessment_fixture::AssessmentFixture, commit};
use crate::{
    StorageUnderTest,
    pages::refuses,
    world::{TestPeople, World, ctx},
};

async fn two_of_each(world: &World, people: &TestPeople) -> AssessmentFixture {
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    world.assessment_fixture(people.north, people.ann).await;
    for number in ["1.1", "1.2"] {
        let version = world.version_sample(&fixture.assessment, number);
        let mut unit = world.within(people.north).await;
        unit.put_published_version(&version).await.expect("a version can be kept");
        commit(unit).await;
        world.coached(&fixture, Invitee::member(people.bob)).await;
        world.result(&fixture, 100).await;
        world.partake(world.partaking(people.bob, people.north)).await;
        for status in [MarketplaceStatus::Published, MarketplaceStatus::PendingReview] {
            world.offer(&Listing { assessment: world.id(), ..world.listing_sample(&fixture, status) }).await;
        }
    }
    fixture
}

/// A cursor works in its own list under its own filter alone.
pub async fn foreign_cursors_of_assessments_are_refused(storage: &StorageUnderTest) {
    let world = &World::of(storage);
    let people = world.people().await;
    let fixture = two_of_each(world, &people).await;
    let reading = &storage.assessments;
    let tenant = &ctx(Scope::Tenant(people.north));
    let (bob, platform) = (&ctx(Scope::Account(people.bob)), &ctx(Scope::Platform));
    let assessments = |status| {
        async move |page: PageRequest| reading.assessments(tenant, &AssessmentFilter { status }, &page).await
    };
    refuses("assessments", assessments(None), assessments(Some(AssessmentStatus::Draft))).await;
    let versions = |of| async move |page: PageRequest| reading.versions(tenant, of, &page).await;
    refuses("versions", versions(fixture.assessment.id), versions(world.id())).await;
    let campaigns = |created_by| {
        async move |page: PageRequest| {
            let filter = CampaignFilter { created_by, ..CampaignFilter::default() };
            reading.campaigns(tenant, &filter, &page).await
        }
    };
    refuses("campaigns", campaigns(Some(people.ann)), campaigns(None)).await;
    let assignments = |of| async move |page: PageRequest| reading.assignments(tenant, of, &page).await;
    refuses("assignments", assignments(fixture.campaign.id), assignments(world.id())).await;
    let coaching = |by| async move |page: PageRequest| reading.coaching_sessions(tenant, by, &page).await;
    refuses("coaching sessions", coaching(None), coaching(Some(people.ann))).await;
    let of = fixture.assessment.id;
    let results = |run_by| {
        async move |page: PageRequest| {
            let filter = ResultFilter { assessment: of, campaign: None, run_by };
            reading.results(tenant, &filter, &page).await
        }
    };
    refuses("results", results(None), results(Some(people.ann))).await;
    let listings = async |page: PageRequest| reading.listings(platform, &page).await;
    let offers = async |page: PageRequest| reading.offers(platform, &page).await;
    refuses("listings", listings, offers).await;
    refuses("offers", offers, listings).await;
    let participations = async |page: PageRequest| reading.participations(bob, people.bob, &page).await;
    let others = async |page: PageRequest| reading.participations(bob, people.ann, &page).await;
    refuses("participations", participations, others).await;
}
