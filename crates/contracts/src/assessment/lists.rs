//! Rules of lists.

use assessment_engine::{
    AssessmentStatus, Campaign, CustomAssessment, Listing, MarketplaceStatus, Participation,
    PublishedVersion,
    reading::{AssessmentFilter, AssessmentSummary, CampaignFilter, ResultFilter, VersionSummary},
};
use kernel::{PageRequest, Scope};

use super::{assessment_fixture::outcome, commit};
use crate::{
    StorageUnderTest,
    aggregate::Aggregate as _,
    pages::walk,
    world::{World, ctx, whole},
};

/// What one row of a list of assessments tells is what stands in the assessment.
pub async fn assessments_are_listed_as_they_stand(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let first = world.keep(world.assessment_sample(&people)).await;
    let mut state = world.written(people.north, people.bob).state().clone();
    state.status = AssessmentStatus::Archived;
    let mut second = world.keep(CustomAssessment::restore(state, 0).mark(world.now())).await;
    let published = world.publish(&mut second).await;
    world.keep(world.written(people.south, people.ann)).await;
    let summary = |of: &CustomAssessment| {
        let settings = &of.draft.definition.settings;
        AssessmentSummary {
            id: of.id,
            created_by: of.created_by,
            name: settings.name.clone(),
            slug: of.slug.clone(),
            description: settings.description.clone(),
            version: settings.version,
            kind: settings.kind,
            style: settings.interview.style,
            allow_override: settings.interview.allow_override,
            disclosure: settings.disclosure,
            source_type: of.source_type,
            status: of.status,
            template: of.template,
            latest: of.latest.map(|(_, version)| version),
            marketplace_status: of.marketplace_status,
            price_tier: of.price_tier,
            created_at: of.created_at,
            published_at: of.published_at,
            revision: of.version(),
        }
    };
    let tenant = ctx(Scope::Tenant(people.north));
    let list = async |status| {
        let page = storage.assessments.assessments(&tenant, &AssessmentFilter { status }, &whole()).await;
        page.expect("a list").items
    };
    assert_eq!(list(None).await, [summary(&second), summary(&first)], "newest first");
    assert_eq!(list(Some(AssessmentStatus::Active)).await, [summary(&first)]);
    assert_eq!(list(Some(AssessmentStatus::Archived)).await, [summary(&second)]);
    assert!(list(Some(AssessmentStatus::Draft)).await.is_empty());

    let versions = storage.assessments.versions(&tenant, second.id, &whole()).await.expect("a list");
    let PublishedVersion { id, version, checksum, published_by, published_at, .. } = published;
    assert_eq!(versions.items, [VersionSummary { id, version, checksum, published_by, published_at }]);
}

/// Campaigns and coaching sessions are found by what is asked of them, alone or together, and come whole.
pub async fn lists_hold_what_was_asked_for(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let people = world.people().await;
    let (fixture, other) = (
        world.assessment_fixture(people.north, people.ann).await,
        world.assessment_fixture(people.north, people.bob).await,
    );
    world.assessment_fixture(people.south, people.ann).await;
    let tenant = ctx(Scope::Tenant(people.north));
    let mut campaigns = vec![fixture.campaign.clone(), other.campaign.clone()];
    campaigns.push(world.keep(world.campaign_sample(&fixture)).await);
    let mut active = world.prepared(&fixture.published, people.bob);
    active.activate(world.tick());
    campaigns.push(world.keep(active).await);
    campaigns.reverse();
    let statuses = [None, Some(campaigns[0].status), Some(campaigns[1].status), Some(campaigns[2].status)];
    for status in statuses {
        for assessment in [None, Some(fixture.assessment.id), Some(other.assessment.id), Some(world.id())] {
            for created_by in [None, Some(people.ann), Some(people.bob)] {
                let filter = CampaignFilter { status, assessment, created_by };
                let asked = |campaign: &&Campaign| {
                    status.is_none_or(|status| status == campaign.status)
                        && assessment.is_none_or(|of| of == campaign.plan.chosen.assessment)
                        && created_by.is_none_or(|by| by == campaign.created_by)
                };
                let expected: Vec<&Campaign> = campaigns.iter().filter(asked).collect();
                let page = storage.assessments.campaigns(&tenant, &filter, &whole()).await.expect("a list");
                assert_eq!(page.items.iter().collect::<Vec<_>>(), expected, "{filter:?}");
            }
        }
    }
    let of_ann = world.keep(world.coaching_sample(&fixture, &people)).await;
    let of_bob = world.coached(&other, world.somebody()).await;
    for (coach, expected) in [
        (None, vec![of_bob.clone(), of_ann.clone()]),
        (Some(people.ann), vec![of_ann]),
        (Some(people.bob), vec![of_bob]),
        (Some(world.id()), Vec::new()),
    ] {
        let page = storage.assessments.coaching_sessions(&tenant, coach, &whole()).await.expect("a list");
        assert_eq!(page.items, expected, "{coach:?}");
    }
}

/// Every list is complete, in its order, and stable when rows are added between two pages.
pub async fn lists_of_assessments_are_complete_and_stable(storage: &StorageUnderTest) {
    let world = &World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let reading = &storage.assessments;
    let tenant = &ctx(Scope::Tenant(people.north));

    let mut ids = vec![fixture.assessment.id];
    for _ in 0..4 {
        ids.insert(0, world.keep(world.written(people.north, people.ann)).await.id);
    }
    let fetch =
        async |page: PageRequest| reading.assessments(tenant, &AssessmentFilter::default(), &page).await;
    let add = async || drop(world.keep(world.written(people.north, people.ann)).await);
    walk("assessments", fetch, |of| of.id, &ids, add).await;
    let drafts = AssessmentFilter { status: Some(AssessmentStatus::Draft) };
    let mut all = reading.assessments(tenant, &drafts, &whole()).await.expect("a list").items;
    let all: Vec<_> = all.drain(..).map(|of| of.id).collect();
    let fetch = async |page: PageRequest| reading.assessments(tenant, &drafts, &page).await;
    walk("drafts", fetch, |of| of.id, &all, add).await;

    let assessment = &world.keep(world.written(people.north, people.ann)).await;
    let publish = async |number: String| {
        let version = world.version_sample(assessment, &number);
        let mut unit = world.within(people.north).await;
        unit.put_published_version(&version).await.expect("a version can be kept");
        commit(unit).await;
        version.id
    };
    let mut ids = Vec::new();
    for minor in 0..5 {
        ids.insert(0, publish(format!("1.{minor}")).await);
    }
    let fetch = async |page: PageRequest| reading.versions(tenant, assessment.id, &page).await;
    let major = std::cell::Cell::new(1);
    let add = async || {
        major.set(major.get() + 1);
        publish(format!("{}.0", major.get())).await;
    };
    walk("versions", fetch, |of| of.id, &ids, add).await;

    let mut ids = vec![fixture.campaign.id];
    for _ in 0..4 {
        ids.insert(0, world.keep(world.prepared(&fixture.published, people.ann)).await.id);
    }
    let fetch = async |page: PageRequest| reading.campaigns(tenant, &CampaignFilter::default(), &page).await;
    let add = async || drop(world.keep(world.prepared(&fixture.published, people.ann)).await);
    walk("campaigns", fetch, |of| of.id, &ids, add).await;
    let other = &world.keep(world.written(people.north, people.ann)).await;
    let filters = [
        CampaignFilter { created_by: Some(people.ann), ..CampaignFilter::default() },
        CampaignFilter { assessment: Some(fixture.assessment.id), ..CampaignFilter::default() },
        CampaignFilter {
            status: Some(fixture.campaign.status),
            assessment: None,
            created_by: Some(people.ann),
        },
    ];
    for filter in &filters {
        let all = reading.campaigns(tenant, filter, &whole()).await.expect("a list").items;
        let all: Vec<_> = all.into_iter().map(|of| of.id).collect();
        let fetch = async |page: PageRequest| reading.campaigns(tenant, filter, &page).await;
        walk("campaigns that were asked for", fetch, |of| of.id, &all, add).await;
    }
    let none = CampaignFilter { assessment: Some(other.id), ..CampaignFilter::default() };
    assert!(reading.campaigns(tenant, &none, &whole()).await.expect("a list").items.is_empty());

    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(world.assigned(&fixture, world.somebody()).await.id);
    }
    let fetch = async |page: PageRequest| reading.assignments(tenant, fixture.campaign.id, &page).await;
    let add = async || drop(world.assigned(&fixture, world.somebody()).await);
    walk("assignments", fetch, |of| of.assignment.id, &ids, add).await;

    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.insert(0, world.coached(&fixture, world.somebody()).await.id);
    }
    let add = async || drop(world.coached(&fixture, world.somebody()).await);
    let fetch = async |page: PageRequest| reading.coaching_sessions(tenant, None, &page).await;
    walk("coaching sessions", fetch, |of| of.id, &ids, add).await;
    let all = reading.coaching_sessions(tenant, Some(people.ann), &whole()).await.expect("a list").items;
    let ids: Vec<_> = all.into_iter().map(|of| of.id).collect();
    let fetch = async |page: PageRequest| reading.coaching_sessions(tenant, Some(people.ann), &page).await;
    walk("coaching sessions of one", fetch, |of| of.id, &ids, add).await;
}

/// The lists of what comes of assessments, of a person's own, and of the marketplace are complete and stable.
pub async fn lists_of_what_comes_of_them_are_complete_and_stable(storage: &StorageUnderTest) {
    let world = &World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let reading = &storage.assessments;
    let tenant = &ctx(Scope::Tenant(people.north));

    let mut ids = Vec::new();
    for overall in 0..5 {
        ids.insert(0, world.result(&fixture, overall).await.id);
    }
    let all = ResultFilter { assessment: fixture.assessment.id, campaign: None, run_by: None };
    let filters = [
        ResultFilter { campaign: Some(fixture.campaign.id), run_by: Some(people.ann), ..all },
        ResultFilter { run_by: Some(people.ann), ..all },
        ResultFilter { campaign: Some(fixture.campaign.id), ..all },
        all,
    ];
    for filter in &filters {
        let page = reading.results(tenant, filter, &whole()).await.expect("a list");
        let listed: Vec<_> = page.items.into_iter().map(|of| of.id).collect();
        assert!(listed.ends_with(&ids), "newest first: {filter:?}");
        let fetch = async |page: PageRequest| reading.results(tenant, filter, &page).await;
        let add = async || drop(world.result(&fixture, 100).await);
        walk("results", fetch, |of| of.id, &listed, add).await;
    }

    let partake = async || {
        let participation = world.partaking(people.bob, people.south);
        world.partake(participation).await;
        participation
    };
    let mut own: Vec<Participation> = Vec::new();
    for _ in 0..5 {
        own.insert(0, partake().await);
    }
    let bob = &ctx(Scope::Account(people.bob));
    let fetch = async |page: PageRequest| reading.participations(bob, people.bob, &page).await;
    walk(
        "participations",
        fetch,
        |of| of,
        &own,
        async || {
            partake().await;
        },
    )
    .await;

    let offer = async |status| {
        let listing = Listing { assessment: world.id(), ..world.listing_sample(&fixture, status) };
        world.offer(&listing).await;
        listing.assessment
    };
    let (mut listed, mut offered) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        listed.insert(0, offer(MarketplaceStatus::Published).await);
        offered.push(offer(MarketplaceStatus::PendingReview).await);
        offer(MarketplaceStatus::Rejected).await;
    }
    for scope in [Scope::Tenant(people.south), Scope::Account(people.bob), Scope::Platform] {
        let reader = &ctx(scope);
        let page = reading.listings(reader, &whole()).await.expect("a list");
        let all: Vec<_> = page.items.into_iter().map(|of| of.assessment).collect();
        assert!(all.ends_with(&listed), "newest first, in {scope:?}");
        let fetch = async |page: PageRequest| reading.listings(reader, &page).await;
        let add = async || {
            offer(MarketplaceStatus::Published).await;
        };
        walk("listings", fetch, |of| of.assessment, &all, add).await;
    }
    let platform = &ctx(Scope::Platform);
    let fetch = async |page: PageRequest| reading.offers(platform, &page).await;
    let add = async || {
        offer(MarketplaceStatus::PendingReview).await;
    };
    walk("offers", fetch, |of| of.assessment, &offered, add).await;
}

/// Rows of one moment come once each, in some order that is an order.
pub async fn lists_of_one_moment_are_paged_too(storage: &StorageUnderTest) {
    let world = &World::of(storage);
    let people = world.people().await;
    let fixture = world.assessment_fixture(people.north, people.ann).await;
    let now = world.tick();
    for _ in 0..7 {
        let mut campaign = world.prepared(&fixture.published, people.bob).state().clone();
        campaign.created_at = now;
        world.keep(Campaign::restore(campaign, 0).mark(now)).await;
        let session = world.begun(&fixture, None).await;
        let scored = world.scored(&fixture, &session, outcome([None, None], None, None));
        let mut state = scored.state().clone();
        state.created_at = now;
        world.keep(assessment_engine::AssessmentResult::restore(state, 0).mark(now)).await;
        world.partake(Participation { created_at: now, ..world.partaking(people.bob, people.north) }).await;
    }
    let tenant = &ctx(Scope::Tenant(people.north));
    let bobs = &CampaignFilter { created_by: Some(people.bob), ..CampaignFilter::default() };
    let fetch = async |page: PageRequest| storage.assessments.campaigns(tenant, bobs, &page).await;
    let expected: Vec<_> = fetch(whole()).await.expect("a list").items.into_iter().map(|of| of.id).collect();
    assert_eq!(expected.len(), 7);
    walk("campaigns of one moment", fetch, |of| of.id, &expected, async || ()).await;
    let results = &ResultFilter { assessment: fixture.assessment.id, campaign: None, run_by: None };
    let fetch = async |page: PageRequest| storage.assessments.results(tenant, results, &page).await;
    let expected: Vec<_> = fetch(whole()).await.expect("a list").items.into_iter().map(|of| of.id).collect();
    assert_eq!(expected.len(), 7);
    walk("results of one moment", fetch, |of| of.id, &expected, async || ()).await;
    let bob = &ctx(Scope::Account(people.bob));
    let fetch = async |page: PageRequest| storage.assessments.participations(bob, people.bob, &page).await;
    let expected: Vec<_> =
        fetch(whole()).await.expect("a list").items.into_iter().map(|of| of.origin).collect();
    assert_eq!(expected.len(), 7);
    walk("participations of one moment", fetch, |of| of.origin, &expected, async || ()).await;
}
