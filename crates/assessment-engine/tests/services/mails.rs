//! Letters and timers: who is written to, when, once, and what the links open.

use assessment_engine::{
    CampaignStatus, DeliverySettings, Release,
    campaigns::{
        NewAssignee, NewCampaign,
        campaign::{CLOSE_DUE, OPEN_DUE, REMIND_DUE},
        timers::CampaignTimers,
    },
};
use kernel::{Delivery, EventHandler as _, Lane, Mail, Refusal as _};
use serde_json::json;
use uuid::Uuid;

use super::{
    campaign_fixture::{DAY, HOUR, address, member, of, receivers, stranger, token_of},
    world::World,
};

const INVITATION: &str = "assessment/campaign-invitation";
const REMINDER: &str = "assessment/campaign-reminder";

fn to<'a>(letters: &'a [Mail], address: &str) -> &'a Mail {
    letters.iter().find(|mail| mail.to == address).unwrap()
}

#[tokio::test]
async fn a_letter_tells_what_is_asked_and_its_link_opens_that_alone() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let closes_at = world.in_seconds(3 * DAY);
    let new = NewCampaign {
        message: "Dear all,\n\ntake your time.".to_owned(),
        closes_at: Some(closes_at),
        ..of(assessment)
    };
    let campaign = world.open_campaign(&org, new).await;
    let people = vec![address("cleo@example.net"), address("dora@example.net")];
    let asked = world.ask_all(&org, campaign.id, people).await;
    let letters = world.work_off().await;
    assert_eq!(receivers(&letters, INVITATION), ["cleo@example.net", "dora@example.net"]);
    let letter = to(&letters, "cleo@example.net");
    let rendered = mail::render(letter).unwrap();
    for told in ["North Wind", "Focus", "Spring", "> take your time.", "30 minutes", "/assessment#token="] {
        assert!(rendered.text.contains(told), "{told} in {}", rendered.text);
    }
    assert_eq!(letter.values["closes_at"], json!(closes_at));
    assert_eq!(letter.values["inviter"], "owner");

    let opened = world.assessments.sessions.open(&stranger(), &token_of(letter)).await.unwrap();
    assert_eq!(opened.assignment.id, asked[0].id.uuid());
    assert!(
        world.assessments.sessions.open(&stranger(), &token_of(letter)).await.is_ok(),
        "as often as needed"
    );
    let kept = world.assignment(&org, &asked[0]).await.invitee.token.unwrap();
    assert_eq!(kept.expires_at, closes_at, "the window ends before the link would");
    let cleo = world.opens(letter).await;
    let refused = world.assessments.sessions.start(&cleo, asked[1].id.uuid()).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.not_found", "the pass serves one invitation");

    world.pass(3 * DAY);
    world.work_off().await;
    let refused = world.assessments.sessions.open(&stranger(), &token_of(letter)).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.invalid_invitation");
}

#[tokio::test]
async fn a_reminder_replaces_the_link_and_comes_once_a_day() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let campaign = world.open_campaign(&org, of(assessment)).await;
    let people = vec![address("cleo@example.net"), address("dora@example.net"), member(&org.member)];
    let asked = world.ask_all(&org, campaign.id, people).await;
    let first = world.work_off().await;
    let dora = world.opens(to(&first, "dora@example.net")).await;
    world.takes(&dora, asked[1].id.uuid(), "done").await;
    world.work_off().await;

    let remind = || world.assessments.campaigns.remind(&org.owner.ctx, org.id, campaign.id);
    remind().await.unwrap();
    let letters = world.work_off().await;
    assert_eq!(receivers(&letters, REMINDER), ["cleo@example.net", "member@north-wind.test"], "Dora is done");
    let refused =
        world.assessments.sessions.open(&stranger(), &token_of(to(&first, "cleo@example.net"))).await;
    assert_eq!(refused.unwrap_err().code(), "assessment.invalid_invitation", "a newer letter replaced it");
    world.opens(to(&letters, "cleo@example.net")).await;

    world.pass(DAY);
    remind().await.unwrap();
    assert!(world.work_off().await.is_empty(), "not within a day");
    world.pass(1);
    remind().await.unwrap();
    assert_eq!(world.work_off().await.len(), 2);
    world.assessments.campaigns.close(&org.owner.ctx, org.id, campaign.id).await.unwrap();
    assert_eq!(remind().await.unwrap_err().code(), "assessment.closed");
}

#[tokio::test]
async fn timers_invite_remind_and_close() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let new = NewCampaign {
        opens_at: Some(world.in_seconds(DAY)),
        closes_at: Some(world.in_seconds(10 * DAY)),
        remind_hours: Some(48),
        ..of(assessment)
    };
    let campaign = world.open_campaign(&org, new).await;
    world.ask_all(&org, campaign.id, vec![address("cleo@example.net")]).await;
    assert!(world.work_off_twice().await.is_empty(), "the window is not open");
    world.pass(DAY - 1);
    assert!(world.work_off_twice().await.is_empty());
    world.pass(1);
    let letters = world.work_off_twice().await;
    // Each letter was delivered twice; each person was invited once.
    assert_eq!(receivers(&letters, INVITATION), ["cleo@example.net"; 2]);
    world.pass(7 * DAY);
    assert_eq!(receivers(&world.work_off_twice().await, REMINDER), ["cleo@example.net"; 2]);
    world.pass(2 * DAY - 1);
    assert!(world.work_off_twice().await.is_empty());
    let get = || world.assessments.campaigns.get(&org.owner.ctx, org.id, campaign.id);
    assert_eq!(get().await.unwrap().status, CampaignStatus::Active);
    world.pass(1);
    assert!(world.work_off_twice().await.is_empty());
    let closed = get().await.unwrap();
    assert_eq!((closed.status, closed.closed_at), (CampaignStatus::Closed, Some(world.now())));
}

#[tokio::test]
async fn a_timer_that_comes_early_or_late_does_what_holds_by_then() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let new = NewCampaign {
        opens_at: Some(world.in_seconds(DAY)),
        closes_at: Some(world.in_seconds(4 * DAY)),
        remind_hours: Some(24),
        ..of(assessment)
    };
    let campaign = world.open_campaign(&org, new).await;
    let asked = world.ask_all(&org, campaign.id, vec![address("cleo@example.net")]).await.remove(0);
    let deadlines = CampaignTimers::new(world.ports.clone());
    let tell = async |topic: &str| {
        let delivery = Delivery {
            id: Uuid::nil(),
            topic: topic.to_owned(),
            lane: Lane::Soon,
            target_kind: "campaign".to_owned(),
            target_id: campaign.id.uuid(),
            organization: Some(org.id),
            data: json!(null),
            occurred_at: world.now(),
            attempts: 0,
        };
        deadlines.handle(&delivery).await.unwrap();
    };
    for topic in [OPEN_DUE, REMIND_DUE, CLOSE_DUE] {
        tell(topic).await;
    }
    assert_eq!(world.assignment(&org, &asked).await.version(), 1, "early: nothing happened");
    world.pass(DAY);
    world.work_off().await;
    // The end is moved: what was told of the old one finds nothing to do, and what was told of the new one does.
    let later = world.in_seconds(20 * DAY);
    let (campaigns, ctx) = (&world.assessments.campaigns, &org.owner.ctx);
    let version = campaigns.get(ctx, org.id, campaign.id).await.unwrap().version();
    campaigns
        .edit(ctx, org.id, campaign.id, version, None, |plan| plan.closes_at = Some(later))
        .await
        .unwrap();
    world.pass(3 * DAY);
    assert!(world.work_off().await.is_empty());
    assert_eq!(campaigns.get(ctx, org.id, campaign.id).await.unwrap().status, CampaignStatus::Active);
    world.pass(16 * DAY + HOUR);
    assert_eq!(receivers(&world.work_off().await, REMINDER), ["cleo@example.net"]);
    tell(REMIND_DUE).await;
    assert!(world.work_off().await.is_empty(), "late and again: reminded once");
    world.pass(DAY);
    world.work_off().await;
    tell(CLOSE_DUE).await;
    assert_eq!(campaigns.get(ctx, org.id, campaign.id).await.unwrap().status, CampaignStatus::Closed);
}

#[tokio::test]
async fn a_thousand_people_are_invited_and_reminded_in_parts() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let campaigns = &world.assessments.campaigns;
    let ctx = &org.owner.ctx;
    let campaign = campaigns.prepare(ctx, org.id, of(assessment)).await.unwrap();
    for half in [0..500, 500..1_000] {
        let people: Vec<NewAssignee> =
            half.map(|number| address(&format!("p{number}@example.net"))).collect();
        world.ask_all(&org, campaign.id, people).await;
    }
    assert!(world.work_off().await.is_empty(), "a draft asks nobody");
    campaigns.activate(ctx, org.id, campaign.id).await.unwrap();
    let invited = world.work_off().await;
    let mut to = receivers(&invited, INVITATION);
    to.dedup();
    assert_eq!((invited.len(), to.len()), (1_000, 1_000));
    let parts = world.trail().await.iter().filter(|event| event.action == "campaign.invite").count();
    assert_eq!(parts, 5, "five full parts, and a look whether more are left");
    assert_eq!(campaigns.figures(ctx, org.id, campaign.id).await.unwrap().invited, 1_000);

    world.pass(DAY);
    campaigns.remind(ctx, org.id, campaign.id).await.unwrap();
    let reminded = world.work_off().await;
    let mut to = receivers(&reminded, REMINDER);
    to.dedup();
    assert_eq!((reminded.len(), to.len()), (1_000, 1_000));
}

#[tokio::test]
async fn who_is_assigned_while_the_campaign_opens_is_not_forgotten() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let (campaigns, ctx) = (&world.assessments.campaigns, &org.owner.ctx);
    let campaign = campaigns.prepare(ctx, org.id, of(assessment)).await.unwrap();
    let asked = world.ask_all(&org, campaign.id, vec![address("cleo@example.net")]).await.remove(0);
    // The campaign was activated, and its timer told, before the assignment was committed.
    let told = async |topic: &str, kind: &str, target: Uuid| {
        let delivery = Delivery {
            id: Uuid::nil(),
            topic: topic.to_owned(),
            lane: Lane::Soon,
            target_kind: kind.to_owned(),
            target_id: target,
            organization: Some(org.id),
            data: json!(null),
            occurred_at: world.now(),
            attempts: 0,
        };
        CampaignTimers::new(world.ports.clone()).handle(&delivery).await.unwrap();
    };
    campaigns.activate(ctx, org.id, campaign.id).await.unwrap();
    for _ in 0..2 {
        told("campaign_assignment.assign", "campaign_assignment", asked.id.uuid()).await;
    }
    assert_eq!(world.assignment(&org, &asked).await.version(), 2, "invited once");
    assert_eq!(receivers(&world.work_off().await, INVITATION), ["cleo@example.net"]);
}

#[tokio::test]
async fn word_goes_out_when_a_result_may_be_seen() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let delivery = DeliverySettings {
        release: Release::At { at: world.in_seconds(DAY) },
        ..DeliverySettings::default()
    };
    let campaign = world.open_campaign(&org, NewCampaign { delivery, ..of(assessment) }).await;
    let asked =
        world.ask_all(&org, campaign.id, vec![address("cleo@example.net"), member(&org.member)]).await;
    let letters = world.work_off().await;
    let cleo = world.opens(to(&letters, "cleo@example.net")).await;
    world.takes(&cleo, asked[0].id.uuid(), "words").await;
    world.takes(&org.member.ctx, asked[1].id.uuid(), "words").await;
    assert!(world.work_off().await.is_empty(), "nothing may be seen yet");
    world.pass(DAY);
    let letters = world.work_off().await;
    let released = receivers(&letters, "assessment/result-released");
    assert_eq!(released, ["cleo@example.net", "member@north-wind.test"]);
    let link = letters[0].link.as_ref().unwrap().expose();
    assert!(link.contains("/assessment#result="), "{link}");
    assert!(mail::render(&letters[0]).unwrap().text.contains("Focus"));
}
