//! Campaigns: what can be set, by whom, and when.

use assessment_engine::{
    AssessmentType, CampaignStatus, DeliverySettings, Refused, TemplateName, campaigns::NewCampaign,
    invitations::AssessmentChoice, reading::AssessmentFilter,
};
use assessment_format::{definition::Style, session::Pauses};
use kernel::{Kind, Refusal as _};

use super::{
    campaign_fixture::{DAY, HOUR, address, all, name, of},
    world::World,
};

fn pointer(refused: &Refused) -> &str {
    match refused {
        Refused::Invalid { pointer, .. } => pointer,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_campaign_takes_the_newest_published_version_unless_told() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let (campaigns, ctx) = (&world.assessments.campaigns, &org.owner.ctx);
    let campaign = campaigns.prepare(ctx, org.id, of(assessment)).await.unwrap();
    assert_eq!(campaign.status, CampaignStatus::Draft);
    assert_eq!(campaign.plan.chosen.version.to_string(), "1.0");
    assert_eq!(campaign.plan.chosen.kind, AssessmentType::Custom);

    let choice =
        |version: &str| AssessmentChoice::Own { assessment, version: Some(version.parse().unwrap()) };
    let named = NewCampaign { choice: choice("1.0"), ..of(assessment) };
    assert!(campaigns.prepare(ctx, org.id, named).await.is_ok());
    let unknown = NewCampaign { choice: choice("2.0"), ..of(assessment) };
    let refused = campaigns.prepare(ctx, org.id, unknown).await.unwrap_err();
    assert_eq!(pointer(&refused), "/assessment_version");

    world.assessments.authoring.archive(ctx, org.id, assessment).await.unwrap();
    let refused = campaigns.prepare(ctx, org.id, of(assessment)).await.unwrap_err();
    assert!(matches!(refused, Refused::Status { .. }), "{refused:?}");
    let refused = campaigns.activate(ctx, org.id, campaign.id).await.unwrap_err();
    assert!(matches!(refused, Refused::Status { .. }), "nobody new is asked to take it: {refused:?}");
    let foreign =
        AssessmentChoice::Own { assessment: kernel::Id::from_uuid(uuid::Uuid::nil()), version: None };
    let refused = campaigns.prepare(ctx, org.id, NewCampaign { choice: foreign, ..of(assessment) }).await;
    assert_eq!(pointer(&refused.unwrap_err()), "/custom_assessment_id");
}

#[tokio::test]
async fn first_use_of_a_built_in_type_copies_it_once() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let (campaigns, ctx) = (&world.assessments.campaigns, &org.recruiter.ctx);
    let mut copies = Vec::new();
    for template in [TemplateName::Industry4, TemplateName::Education, TemplateName::Industry4] {
        let new = NewCampaign {
            choice: AssessmentChoice::BuiltIn(template),
            ..of(kernel::Id::from_uuid(uuid::Uuid::nil()))
        };
        let campaign = campaigns.prepare(ctx, org.id, new).await.unwrap();
        assert_eq!(campaign.plan.chosen.kind.template(), Some(template));
        copies.push(campaign.plan.chosen.assessment);
    }
    assert_eq!(copies[0], copies[2]);
    assert_ne!(copies[0], copies[1]);
    let listed = world.assessments.authoring.list(ctx, org.id, &AssessmentFilter::default(), &all()).await;
    assert_eq!(listed.unwrap().items.len(), 2);

    // Both make the copy at once: one is kept, and both campaigns take it.
    let other = world.org("South Wind").await;
    let new = || NewCampaign {
        choice: AssessmentChoice::BuiltIn(TemplateName::Archetype),
        ..of(kernel::Id::from_uuid(uuid::Uuid::nil()))
    };
    let (one, two) = tokio::join!(
        campaigns.prepare(&other.owner.ctx, other.id, new()),
        campaigns.prepare(&other.admin.ctx, other.id, new())
    );
    assert_eq!(one.unwrap().plan.chosen.assessment, two.unwrap().plan.chosen.assessment);
}

#[tokio::test]
async fn what_makes_no_sense_is_pointed_at() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let (hour, day) = (world.in_seconds(HOUR), world.in_seconds(DAY));
    let past = world.now();
    world.pass(1);
    let delivery = |delivery: DeliverySettings| NewCampaign { delivery, ..of(assessment) };
    let faults = [
        ("/closes_at", NewCampaign { closes_at: Some(past), ..of(assessment) }),
        ("/closes_at", NewCampaign { opens_at: Some(day), closes_at: Some(hour), ..of(assessment) }),
        ("/closes_at", NewCampaign { opens_at: Some(day), closes_at: Some(day), ..of(assessment) }),
        ("/remind_hours", NewCampaign { remind_hours: Some(24), ..of(assessment) }),
        ("/remind_hours", NewCampaign { closes_at: Some(day), remind_hours: Some(0), ..of(assessment) }),
        ("/remind_hours", NewCampaign { closes_at: Some(day), remind_hours: Some(721), ..of(assessment) }),
        ("/message", NewCampaign { message: "x".repeat(2_001), ..of(assessment) }),
        ("/message", NewCampaign { message: "a\0b".to_owned(), ..of(assessment) }),
        (
            "/terms/time_limit_minutes",
            delivery(DeliverySettings { minutes: Some(0), ..DeliverySettings::default() }),
        ),
        (
            "/terms/time_limit_minutes",
            delivery(DeliverySettings { minutes: Some(10_081), ..DeliverySettings::default() }),
        ),
        (
            "/terms/pauses/most",
            delivery(DeliverySettings {
                pauses: Some(Pauses { most: 0, minutes: 5 }),
                ..DeliverySettings::default()
            }),
        ),
        (
            "/terms/pauses/minutes",
            delivery(DeliverySettings {
                pauses: Some(Pauses { most: 1, minutes: 0 }),
                ..DeliverySettings::default()
            }),
        ),
    ];
    for (place, new) in faults {
        let refused = world.assessments.campaigns.prepare(&org.owner.ctx, org.id, new).await.unwrap_err();
        assert_eq!(pointer(&refused), place, "{refused}");
    }
    let new = NewCampaign {
        message: "Dear all,\n\ntake your time.".to_owned(),
        opens_at: Some(hour),
        closes_at: Some(day),
        remind_hours: Some(720),
        ..of(assessment)
    };
    assert!(world.assessments.campaigns.prepare(&org.owner.ctx, org.id, new).await.is_ok());
}

#[tokio::test]
async fn a_style_is_overridden_only_where_the_assessment_allows_it() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let (campaigns, ctx) = (&world.assessments.campaigns, &org.owner.ctx);
    let led = |style| DeliverySettings { style: Style::new(style).ok(), ..DeliverySettings::default() };
    let refused = campaigns.prepare(ctx, org.id, NewCampaign { delivery: led(5), ..of(assessment) }).await;
    assert!(matches!(refused.unwrap_err(), Refused::Style(_)));
    let same =
        campaigns.prepare(ctx, org.id, NewCampaign { delivery: led(2), ..of(assessment) }).await.unwrap();
    let refused = campaigns.edit(ctx, org.id, same.id, 1, None, |plan| plan.delivery = led(5)).await;
    assert!(matches!(refused.unwrap_err(), Refused::Style(_)));
    // The built-in ones allow it.
    let choice = AssessmentChoice::BuiltIn(TemplateName::Archetype);
    let edited =
        campaigns.edit(ctx, org.id, same.id, 1, Some(choice), |plan| plan.delivery = led(5)).await.unwrap();
    assert_eq!(edited.plan.delivery, led(5));
}

#[tokio::test]
async fn managers_and_recruiters_run_their_own_campaigns_alone() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let campaigns = &world.assessments.campaigns;
    let own = campaigns.prepare(&org.recruiter.ctx, org.id, of(assessment)).await.unwrap();
    let other = campaigns.prepare(&org.manager.ctx, org.id, of(assessment)).await.unwrap();

    let listed = async |person: &super::world::Person| {
        let page = campaigns.list(&person.ctx, org.id, None, None, &all()).await.unwrap();
        page.items.into_iter().map(|campaign| campaign.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(&org.recruiter).await, [own.id]);
    assert_eq!(listed(&org.admin).await, [other.id, own.id], "newest first");
    assert!(campaigns.get(&org.owner.ctx, org.id, own.id).await.is_ok());

    let denials = world.denials().await;
    let ctx = &org.recruiter.ctx;
    let refusals = [
        campaigns.get(ctx, org.id, other.id).await.map(drop),
        campaigns.edit(ctx, org.id, other.id, 1, None, |_| {}).await.map(drop),
        campaigns.activate(ctx, org.id, other.id).await.map(drop),
        campaigns.close(ctx, org.id, other.id).await.map(drop),
        campaigns.remind(ctx, org.id, other.id).await,
        campaigns.figures(ctx, org.id, other.id).await.map(drop),
        campaigns.assign(ctx, org.id, other.id, vec![address("ann@example.org")]).await.map(drop),
        campaigns.assignments(ctx, org.id, other.id, &all()).await.map(drop),
    ];
    for refused in refusals {
        assert_eq!(refused.unwrap_err().code(), "assessment.not_found");
    }
    assert_eq!(world.denials().await - denials, 8, "each attempt is on record");

    for person in [&org.interviewer, &org.practitioner, &org.member, &org.candidate] {
        let refused = campaigns.prepare(&person.ctx, org.id, of(assessment)).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Forbidden);
    }
    let stranger = world.org("South Wind").await;
    let refused = campaigns.get(&stranger.owner.ctx, org.id, own.id).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Missing);
    let refused = campaigns.get(&stranger.owner.ctx, stranger.id, own.id).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Missing);
}

#[tokio::test]
async fn campaigns_are_found_by_status_and_assessment() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let campaigns = &world.assessments.campaigns;
    let ctx = &org.owner.ctx;
    let draft = campaigns.prepare(ctx, org.id, of(assessment)).await.unwrap();
    let active = world.open_campaign(&org, of(assessment)).await;
    let choice = AssessmentChoice::BuiltIn(TemplateName::Archetype);
    let other = campaigns.prepare(ctx, org.id, NewCampaign { choice, ..of(assessment) }).await.unwrap();
    let found = async |status, assessment| {
        let page = campaigns.list(ctx, org.id, status, assessment, &all()).await.unwrap();
        page.items.into_iter().map(|campaign| campaign.id).collect::<Vec<_>>()
    };
    assert_eq!(found(Some(CampaignStatus::Active), None).await, [active.id]);
    assert_eq!(found(Some(CampaignStatus::Draft), Some(assessment)).await, [draft.id]);
    assert_eq!(found(None, Some(other.plan.chosen.assessment)).await, [other.id]);
    assert!(found(Some(CampaignStatus::Closed), None).await.is_empty());
}

#[tokio::test]
async fn of_an_active_campaign_only_some_things_change() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let (campaigns, ctx) = (&world.assessments.campaigns, &org.owner.ctx);
    let day = world.in_seconds(DAY);
    let new = NewCampaign { closes_at: Some(world.in_seconds(7 * DAY)), ..of(assessment) };
    let draft = campaigns.prepare(ctx, org.id, new).await.unwrap();
    let edited = campaigns
        .edit(ctx, org.id, draft.id, 1, None, |plan| {
            plan.opens_at = Some(day);
            plan.delivery.minutes = Some(45);
        })
        .await
        .unwrap();
    assert_eq!((edited.plan.opens_at, edited.plan.delivery.minutes), (Some(day), Some(45)));
    let stale = campaigns.edit(ctx, org.id, draft.id, 1, None, |plan| plan.remind_hours = Some(1)).await;
    assert!(matches!(stale.unwrap_err(), Refused::Stale));
    let unchanged = campaigns.edit(ctx, org.id, draft.id, 2, None, |_| {}).await.unwrap();
    assert_eq!(unchanged.version(), 2, "no change leaves no version");

    let active = campaigns.activate(ctx, org.id, draft.id).await.unwrap();
    let again = campaigns.activate(ctx, org.id, draft.id).await.unwrap_err();
    assert_eq!(again.code(), "assessment.closed");
    let version = active.version();
    for change in
        [(|plan| plan.opens_at = None) as fn(&mut assessment_engine::campaigns::campaign::Plan), |plan| {
            plan.delivery.minutes = Some(60);
        }]
    {
        let refused = campaigns.edit(ctx, org.id, draft.id, version, None, change).await.unwrap_err();
        assert_eq!(refused.code(), "assessment.closed");
    }
    let choice = AssessmentChoice::Own { assessment, version: None };
    let refused = campaigns.edit(ctx, org.id, draft.id, version, Some(choice), |_| {}).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.closed");
    let sooner = world.in_seconds(2 * DAY);
    let edited = campaigns
        .edit(ctx, org.id, draft.id, version, None, |plan| {
            plan.name = name("Summer");
            plan.message = "Soon!".to_owned();
            plan.closes_at = Some(sooner);
            plan.remind_hours = Some(12);
        })
        .await
        .unwrap();
    assert_eq!(edited.plan.closes_at, Some(sooner), "an earlier end is allowed while it lies ahead");
    let past = world.now();
    world.pass(1);
    let refused = campaigns
        .edit(ctx, org.id, draft.id, edited.version(), None, |plan| plan.closes_at = Some(past))
        .await;
    assert_eq!(pointer(&refused.unwrap_err()), "/closes_at");

    let closed = campaigns.close(ctx, org.id, draft.id).await.unwrap();
    assert_eq!(closed.closed_at, Some(world.now()));
    let version = closed.version();
    let refused = campaigns.edit(ctx, org.id, draft.id, version, None, |plan| plan.name = name("X")).await;
    assert_eq!(refused.unwrap_err().code(), "assessment.closed");
    let refused =
        campaigns.assign(ctx, org.id, draft.id, vec![address("ann@example.org")]).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.closed");
    assert_eq!(campaigns.close(ctx, org.id, draft.id).await.unwrap_err().code(), "assessment.closed");
    assert_eq!(campaigns.activate(ctx, org.id, draft.id).await.unwrap_err().code(), "assessment.closed");
}

#[tokio::test]
async fn a_draft_whose_window_has_ended_is_not_activated() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let (campaigns, ctx) = (&world.assessments.campaigns, &org.owner.ctx);
    let new = NewCampaign { closes_at: Some(world.in_seconds(HOUR)), ..of(assessment) };
    let draft = campaigns.prepare(ctx, org.id, new).await.unwrap();
    world.pass(HOUR);
    assert_eq!(campaigns.activate(ctx, org.id, draft.id).await.unwrap_err().code(), "assessment.closed");
    let later = world.in_seconds(HOUR);
    campaigns.edit(ctx, org.id, draft.id, 1, None, |plan| plan.closes_at = Some(later)).await.unwrap();
    assert!(campaigns.activate(ctx, org.id, draft.id).await.is_ok());
}
