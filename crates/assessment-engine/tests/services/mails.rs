//! Letters and timers: who is written to, when, once, and what the links open.

use assessment_engine::{
    Assignment, CampaignStatus, DeliverySettings, Release,
    campaigns::{
        AssignmentEdit, NewAssignee, NewCampaign,
        campaign::{CLOSE_DUE, OPEN_DUE, Plan, REMIND_DUE},
        timers::CampaignTimers,
    },
};
use assessment_format::session::{Minutes, OnDeadline, Reason, Stage};
use kernel::{Delivery, EventHandler as _, Lane, Mail, PageRequest, Refusal as _, letters::LetterStatus};
use serde_json::json;
use uuid::Uuid;

use super::{
    campaign_fixture::{DAY, HOUR, address, email, member, of, receivers, stranger, token_of},
    coaching::by_address,
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
    let cleo = world.opens(letter).await;
    let refused = world.assessments.sessions.start(&cleo, asked[1].id.uuid()).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.not_found", "the pass serves one invitation");

    world.pass(3 * DAY);
    world.work_off().await;
    let refused = world.assessments.sessions.open(&stranger(), &token_of(letter)).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.closed");
}

#[tokio::test]
async fn a_reminder_comes_once_a_day_and_its_link_takes_the_place_of_the_one_before_a_day_later() {
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
    world.pass(1);
    remind().await.unwrap();
    let letters = world.work_off().await;
    assert_eq!(receivers(&letters, REMINDER), ["cleo@example.net", "member@north-wind.test"], "Dora is done");
    world.opens(to(&first, "cleo@example.net")).await;
    world.opens(to(&letters, "cleo@example.net")).await;

    world.pass(DAY);
    let refused =
        world.assessments.sessions.open(&stranger(), &token_of(to(&first, "cleo@example.net"))).await;
    assert_eq!(refused.unwrap_err().code(), "assessment.link_replaced");
    world.opens(to(&letters, "cleo@example.net")).await;
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
            target_version: None,
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
            target_version: None,
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
    let letter = to(&letters, "member@north-wind.test");
    let link = letter.link.as_ref().unwrap().expose();
    assert!(link.contains("/assessment#result="), "{link}");
    assert!(mail::render(letter).unwrap().text.contains("Focus"));

    // A guest signs in nowhere: the link shows the result.
    let letter = to(&letters, "cleo@example.net");
    assert!(mail::render(letter).unwrap().text.contains("90 days"));
    world.assessments.campaigns.close(&org.owner.ctx, org.id, campaign.id).await.unwrap();
    let cleo = world.opens(letter).await;
    let page = world.assessments.results.mine(&cleo, &PageRequest::default()).await.unwrap();
    assert_eq!(page.items.len(), 1);
    assert!(world.assessments.results.my_one(&cleo, page.items[0].id).await.is_ok());
    world.pass(90 * DAY);
    let refused = world.assessments.sessions.open(&stranger(), &token_of(letter)).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.link_expired");
}

#[tokio::test]
async fn a_link_asks_what_is_true_when_it_is_opened() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let (campaigns, ctx) = (&world.assessments.campaigns, &org.owner.ctx);
    let new = NewCampaign { closes_at: Some(world.in_seconds(5)), ..of(assessment) };
    let campaign = world.open_campaign(&org, new).await;
    world.ask_all(&org, campaign.id, vec![address("cleo@example.net")]).await;
    let letter = world.work_off().await.remove(0);
    let later = world.in_seconds(HOUR);
    let version = campaigns.get(ctx, org.id, campaign.id).await.unwrap().version();
    let edit = |plan: &mut Plan| plan.closes_at = Some(later);
    campaigns.edit(ctx, org.id, campaign.id, version, None, edit).await.unwrap();
    world.pass(6);
    world.work_off().await;
    let opened = world.assessments.sessions.open(&stranger(), &token_of(&letter)).await.unwrap();
    assert_eq!(opened.assignment.closes_at, Some(later), "the end was moved");
    let version = campaigns.get(ctx, org.id, campaign.id).await.unwrap().version();
    campaigns.edit(ctx, org.id, campaign.id, version, None, |plan| plan.closes_at = None).await.unwrap();
    world.pass(60 * DAY);
    world.work_off().await;
    world.opens(&letter).await;
    campaigns.close(ctx, org.id, campaign.id).await.unwrap();
    let refused = world.assessments.sessions.open(&stranger(), &token_of(&letter)).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.closed", "nobody begins any more");
}

#[tokio::test]
async fn whose_session_is_opened_again_gets_a_letter() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let delivery = DeliverySettings { on_deadline: OnDeadline::Abandon, ..DeliverySettings::default() };
    let campaign = world.open_campaign(&org, NewCampaign { delivery, ..of(assessment) }).await;
    let asked = world.ask_all(&org, campaign.id, vec![address("cleo@example.net")]).await;
    let letter = world.work_off().await.remove(0);
    let cleo = world.opens(&letter).await;
    let session = world.assessments.sessions.start(&cleo, asked[0].id.uuid()).await.unwrap().session.id;
    world.pass(HOUR);
    world.work_off().await;
    world.assessments.campaigns.close(&org.owner.ctx, org.id, campaign.id).await.unwrap();
    let minutes = Minutes::new(20).unwrap();
    let reason = Reason::new("the network failed").unwrap();
    world.assessments.ratings.reopen(&org.owner.ctx, org.id, session, minutes, reason).await.unwrap();
    let letters = world.work_off().await;
    assert_eq!(receivers(&letters, "assessment/session-reopened"), ["cleo@example.net"]);
    assert!(mail::render(&letters[0]).unwrap().text.contains("You have until"));
    for link in [&letter, &letters[0]] {
        let opened = world.assessments.sessions.open(&stranger(), &token_of(link)).await.unwrap();
        assert_eq!(opened.assignment.stage, Stage::InProgress);
    }
}

#[tokio::test]
async fn what_a_mail_server_refuses_is_told_corrected_and_sent_again() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let (campaigns, ctx) = (&world.assessments.campaigns, &org.owner.ctx);
    let campaign = world.open_campaign(&org, of(assessment)).await;
    let people = vec![address("cleo@exampel.net"), address("dora@example.net")];
    let asked = world.ask_all(&org, campaign.id, people).await;
    let view = async |of: &Assignment| campaigns.assignment(ctx, org.id, campaign.id, of.id).await.unwrap();
    let status = async |of: &Assignment| view(of).await.delivery.map(|of| (of.status, of.code)).unwrap();
    assert_eq!(status(&asked[0]).await, (LetterStatus::Queued, None));
    world.mailer.refuse("cleo@exampel.net", "550 5.1.1");
    assert_eq!(receivers(&world.work_off().await, INVITATION), ["dora@example.net"]);
    assert_eq!(status(&asked[0]).await, (LetterStatus::Refused, Some("550 5.1.1".to_owned())));
    assert_eq!(status(&asked[1]).await, (LetterStatus::Sent, None));
    let figures = async || campaigns.figures(ctx, org.id, campaign.id).await.unwrap();
    assert_eq!((figures().await.invited, figures().await.undelivered), (1, 1));
    world.pass(1);
    campaigns.remind(ctx, org.id, campaign.id).await.unwrap();
    assert_eq!(receivers(&world.work_off().await, REMINDER), ["dora@example.net"]);

    let send = async |of: &Assignment| campaigns.send_again(ctx, org.id, campaign.id, of.id).await;
    assert_eq!(send(&asked[1]).await.unwrap_err().code(), "assessment.closed", "not within the hour");
    send(&asked[0]).await.unwrap();
    world.work_off().await;
    let version = view(&asked[0]).await.assignment.version();
    let correct = async |to: &str| {
        let edit = AssignmentEdit { extra: None, address: Some((email(to), None)) };
        campaigns.edit_assignment(ctx, org.id, campaign.id, (asked[0].id, version), edit).await
    };
    assert_eq!(correct("dora@example.net").await.unwrap_err().code(), "assessment.already_assigned");
    world.pass(1);
    let corrected = correct("cleo@example.net").await.unwrap();
    assert_eq!(corrected.delivery.map(|of| of.status), Some(LetterStatus::Queued));
    let letters = world.work_off().await;
    assert_eq!(receivers(&letters, INVITATION), ["cleo@example.net"]);
    world.opens(&letters[0]).await;
    assert_eq!((figures().await.invited, figures().await.undelivered), (2, 0));
    let version = view(&asked[0]).await.assignment.version();
    let edit = AssignmentEdit { extra: None, address: Some((email("carla@example.net"), None)) };
    let late = campaigns.edit_assignment(ctx, org.id, campaign.id, (asked[0].id, version), edit).await;
    assert_eq!(late.unwrap_err().code(), "assessment.closed", "somebody has opened it");
}

#[tokio::test]
async fn a_letter_to_a_wrong_address_opens_nothing_once_that_is_corrected() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let coach = &org.practitioner;
    let new = by_address("stranger@example.net");
    let session = world.assessments.coaching.arrange(&coach.ctx, org.id, new).await.unwrap();
    let letter = world.work_off().await.remove(0);
    world.pass(1);
    let address = Some((email("cleo@example.net"), None));
    let service = &world.assessments.coaching;
    let edited =
        service.edit(&coach.ctx, org.id, (session.id, session.version()), None, address, |_| {}).await;
    assert_eq!(edited.unwrap().delivery.map(|of| of.status), Some(LetterStatus::Queued));
    let refused = world.assessments.sessions.open(&stranger(), &token_of(&letter)).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.link_replaced");
    world.pass(1);
    let letters = world.work_off().await;
    assert_eq!(receivers(&letters, "assessment/coaching-invitation"), ["cleo@example.net"]);
    world.opens(&letters[0]).await;
}
