//! Whose it is: found when an address is proved, and forgotten when a person has their data erased.

use assessment_engine::{
    Assignment, DeliverySettings, ExtraTime, Participation, Unit,
    campaigns::NewAssignee,
    coaching::{NewCoachingSession, meeting::MeetingMinutes},
    invitations::AssessmentChoice,
    reading::{AssessmentFilter, CampaignFilter, ResultFilter},
    sessions::interview_session::Origin,
};
use assessment_format::session::{Minutes, Reason, Stage};
use audit::ports::EventLog as _;
use kernel::{Actor, Ctx, Refusal as _, Scope, Store, invitation::Invitee};
use serde_json::json;

use super::{
    campaign_fixture::{address, all, email, member, name, of, receivers, stranger, token_of},
    world::{Person, TestOrganization, World},
};

const CANARY: &str = "canary-what-cleo-said";

fn system(scope: Scope) -> Ctx {
    Ctx::new(Actor::System, scope)
}

async fn unit(world: &World, scope: Scope) -> Box<Unit> {
    world.storage.begin(&system(scope)).await.unwrap()
}

async fn participations(world: &World, person: &Person) -> Vec<Participation> {
    unit(world, Scope::Account(person.account)).await.participations(person.account).await.unwrap()
}

async fn asked_addresses(world: &World, address: &str) -> usize {
    unit(world, Scope::Worker)
        .await
        .pending_email_invitations(&email(address), &Origin::KINDS)
        .await
        .unwrap()
        .len()
}

async fn erase(world: &World, person: &Person) {
    let version = world.identity.accounts.own(&person.ctx).await.unwrap().version();
    world.identity.accounts.erase(&person.ctx, version).await.unwrap();
}

async fn coached(
    world: &World,
    org: &TestOrganization,
    coachee: Invitee,
) -> kernel::Id<assessment_engine::CoachingSession> {
    let assessment = world.assessment(org).await;
    let new = NewCoachingSession {
        coachee,
        title: name("Finding a role"),
        message: String::new(),
        choice: AssessmentChoice::Own { assessment, version: None },
        delivery: DeliverySettings::default(),
        scheduled_at: None,
        duration: MeetingMinutes::default(),
        time_zone: None,
        closes_at: None,
        extra: None,
    };
    world.assessments.coaching.arrange(&org.practitioner.ctx, org.id, new).await.unwrap().id
}

fn origin_of(assignment: &Assignment) -> Origin {
    Origin::Campaign { campaign: assignment.campaign, assignment: assignment.id }
}

#[tokio::test]
async fn who_registers_finds_what_he_took_as_a_guest() {
    let world = World::new();
    let (north, south) = (world.org("North Wind").await, world.org("South Wind").await);
    let assessment = world.assessment(&north).await;
    let campaign = world.open_campaign(&north, of(assessment)).await;
    let asked = world.ask_all(&north, campaign.id, vec![address("Cleo@Example.net")]).await.remove(0);
    let coaching = coached(&world, &south, Invitee::address(email("cleo@example.net"), None)).await;
    let letters = world.work_off().await;
    let invited = letters.iter().find(|mail| mail.template == "assessment/campaign-invitation").unwrap();
    let guest = world.opens(invited).await;
    let session = world.takes(&guest, asked.id.uuid(), CANARY).await;
    world.work_off().await;
    assert_eq!(asked_addresses(&world, "cleo@example.net").await, 2);

    let cleo = world.person("cleo@example.net").await;
    world.work_off_twice().await;
    assert_eq!(world.assignment(&north, &asked).await.invitee.account, Some(cleo.account));
    let mut mine: Vec<_> = participations(&world, &cleo).await.iter().map(|one| one.origin).collect();
    mine.sort();
    let mut expected = [asked.id.uuid(), coaching.uuid()];
    expected.sort();
    assert_eq!(mine, expected);
    assert_eq!(asked_addresses(&world, "cleo@example.net").await, 0, "nobody keeps the address");
    let mut unit = unit(&world, Scope::Tenant(north.id)).await;
    assert_eq!(unit.interview_session(session).await.unwrap().unwrap().account, Some(cleo.account));
    assert_eq!(unit.result_of(session).await.unwrap().unwrap().account, Some(cleo.account));
    drop(unit);

    let listed = world.assessments.sessions.mine(&cleo.ctx, &all()).await.unwrap().items;
    assert_eq!(listed.len(), 2);
    let refused = world.assessments.sessions.view(&guest, session).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.sign_in_needed", "the pass is worth nothing any more");
    let refused = world.assessments.sessions.open(&stranger(), &token_of(invited)).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.sign_in_needed");
    assert!(world.assessments.sessions.view(&cleo.ctx, session).await.is_ok());
}

#[tokio::test]
async fn an_address_that_has_an_account_is_found_at_once() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let cleo = world.person("cleo@example.net").await;
    let assessment = world.assessment(&org).await;
    let campaign = world.open_campaign(&org, of(assessment)).await;
    let asked = world.ask_all(&org, campaign.id, vec![address("CLEO@example.net")]).await.remove(0);
    assert_eq!(asked.invitee.account, None, "the answer does not tell");
    let coaching = coached(&world, &org, Invitee::address(email("cleo@example.net"), None)).await;
    let letters = world.work_off_twice().await;
    assert!(letters.iter().all(|mail| mail.to.eq_ignore_ascii_case("cleo@example.net")));
    assert_eq!(participations(&world, &cleo).await.len(), 2);
    assert_eq!(asked_addresses(&world, "cleo@example.net").await, 0);
    for origin in [asked.id.uuid(), coaching.uuid()] {
        assert!(world.assessments.sessions.start(&cleo.ctx, origin).await.is_ok());
    }
}

#[tokio::test]
async fn a_new_address_brings_what_it_was_asked_for() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let cleo = world.person("cleo@example.net").await;
    let assessment = world.assessment(&org).await;
    let campaign = world.open_campaign(&org, of(assessment)).await;
    world.ask_all(&org, campaign.id, vec![address("cleo@new.example")]).await;
    world.work_off().await;
    assert!(participations(&world, &cleo).await.is_empty());
    let accounts = &world.identity.accounts;
    accounts.request_email_change(&cleo.ctx, email("cleo@new.example")).await.unwrap();
    let letters = world.work_off().await;
    let letter = letters.iter().find(|mail| mail.to == "cleo@new.example").unwrap();
    let link = letter.link.as_ref().unwrap().expose();
    let token = kernel::Secret::new(link.rsplit_once("token=").unwrap().1);
    accounts.confirm_email_change(&stranger(), &token).await.unwrap();
    world.work_off_twice().await;
    assert_eq!(participations(&world, &cleo).await.len(), 1);
}

/// A member has two keys, their account and its address, and is asked by one of them once.
#[tokio::test]
async fn whoever_is_known_by_two_keys_is_asked_once() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let campaigns = &world.assessments.campaigns;
    let ask = async |campaign, people| campaigns.assign(&org.owner.ctx, org.id, campaign, people).await;
    for (first, second) in [
        (member(&org.member), address("Member@North-Wind.test")),
        (address("member@north-wind.test"), member(&org.member)),
    ] {
        let campaign = world.open_campaign(&org, of(assessment)).await;
        let both = ask(campaign.id, vec![first.clone(), second.clone()]).await.unwrap_err();
        assert_eq!(both.errors()[0].0, "/people/1");
        ask(campaign.id, vec![first]).await.unwrap();
        let again = ask(campaign.id, vec![second]).await.unwrap_err();
        assert_eq!(again.code(), "assessment.already_assigned");
        assert_eq!(world.work_off().await.len(), 1, "one letter");
    }
    // Who has an address is nothing the organisation learns of those who are no members.
    let campaign = world.open_campaign(&org, of(assessment)).await;
    world.org("South Wind").await;
    ask(campaign.id, vec![address("member@south-wind.test"), member(&org.member)]).await.unwrap();
}

/// Neither what is read nor the trail holds any of these words, and no key opens what was sealed.
async fn nothing_is_left_of(world: &World, org: &TestOrganization, words: &[&str]) {
    let (tenant, reading) = (system(Scope::Tenant(org.id)), &world.ports.reading);
    let mut left = Vec::new();
    let assessments = reading.assessments(&tenant, &AssessmentFilter::default(), &all()).await.unwrap().items;
    for assessment in assessments.iter().map(|assessment| assessment.id) {
        let filter = ResultFilter { assessment, campaign: None, run_by: None };
        left.push(format!("{:?}", reading.scoring_inputs(&tenant, &filter, None, 100).await.unwrap()));
        left.push(format!("{:?}", reading.results(&tenant, &filter, &all()).await.unwrap().items));
    }
    let mut unit = unit(world, Scope::Tenant(org.id)).await;
    for campaign in reading.campaigns(&tenant, &CampaignFilter::default(), &all()).await.unwrap().items {
        for found in reading.assignments(&tenant, campaign.id, &all()).await.unwrap().items {
            if let Some(session) = found.assignment.session {
                left.push(format!("{:?}", unit.answers(session).await.unwrap()));
                left.push(format!("{:?}", unit.transcript(session).await.unwrap()));
                left.push(format!("{:?}", unit.ratings(session).await.unwrap()));
                left.push(format!("{:?}", unit.interview_session(session).await.unwrap()));
            }
            left.push(format!("{found:?}"));
        }
    }
    left.push(format!("{:?}", reading.coaching_sessions(&tenant, None, &all()).await.unwrap().items));
    for event in world.trail().await {
        left.push(String::from_utf8(event.canonical().unwrap()).unwrap());
    }
    let left = left.join("\n");
    for word in words {
        assert!(!left.contains(word), "{word} is left in {left}");
    }
}

#[tokio::test]
async fn an_erasure_leaves_scores_that_are_nobodys_and_no_words() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let campaign = world.open_campaign(&org, of(assessment)).await;
    let other = world.open_campaign(&org, of(assessment)).await;
    let reason = Reason::new("canary-health").unwrap();
    let extra = Some(ExtraTime { minutes: Minutes::new(5).unwrap(), reason });
    let people = || {
        let cleo = NewAssignee { extra: extra.clone(), ..address("cleo@example.net") };
        vec![cleo, member(&org.member)]
    };
    let done = world.ask_all(&org, campaign.id, people()).await;
    let begun = world.ask_all(&org, other.id, people()).await;
    let coaching =
        coached(&world, &org, Invitee::address(email("cleo@example.net"), Some(name("Canary Cleo")))).await;
    world.work_off().await;
    let cleo = world.person("cleo@example.net").await;
    world.work_off().await;
    let session = world.takes(&cleo.ctx, done[0].id.uuid(), CANARY).await;
    world.takes(&org.member.ctx, done[1].id.uuid(), "what the member said").await;
    let running = world.assessments.sessions.start(&cleo.ctx, begun[0].id.uuid()).await.unwrap().session.id;
    let item = assessment_format::Slug::new("i2").unwrap();
    world
        .assessments
        .sessions
        .answer(&cleo.ctx, running, &item, 1, Some(&json!({ "text": CANARY })))
        .await
        .unwrap();
    world.work_off().await;
    let sealed: Vec<_> = world
        .trail()
        .await
        .into_iter()
        .filter(|event| {
            [done[0].id.uuid(), begun[0].id.uuid(), coaching.uuid()]
                .contains(&event.subject.unwrap_or_default())
        })
        .filter_map(|event| event.personal.map(|sealed| sealed.key))
        .collect();
    assert!(sealed.len() >= 3 && !world.storage.subject_keys(&sealed).await.unwrap().is_empty());
    assert_eq!(participations(&world, &cleo).await.len(), 3);

    erase(&world, &cleo).await;
    let letters = world.work_off_twice().await;
    assert_eq!(receivers(&letters, "identity/account-erased"), ["cleo@example.net"; 2]);

    nothing_is_left_of(&world, &org, &["cleo@example", "Canary Cleo", "canary-health", CANARY]).await;
    assert!(world.storage.subject_keys(&sealed).await.unwrap().is_empty(), "nobody opens what was sealed");
    assert!(participations(&world, &cleo).await.is_empty());
    let mut unit = unit(&world, Scope::Tenant(org.id)).await;
    let scored = unit.interview_session(session).await.unwrap().unwrap();
    let result = unit.result_of(session).await.unwrap().unwrap();
    assert_eq!((scored.account, result.account), (None, None));
    assert_eq!(result.run.matched_category.as_deref(), Some("Ready"), "the scores stay");
    let voided = unit.interview_session(running).await.unwrap().unwrap();
    assert_eq!(voided.progress.status.stage(), Stage::Voided);
    drop(unit);

    // The member's is whole.
    let kept = world.assignment(&org, &done[1]).await;
    assert_eq!(kept.invitee.account, Some(org.member.account));
    assert!(world.assessments.sessions.view(&org.member.ctx, kept.session.unwrap()).await.is_ok());
}

#[tokio::test]
async fn an_erasure_that_broke_off_goes_on() {
    let world = World::new();
    let org = world.org("North Wind").await;
    let assessment = world.assessment(&org).await;
    let campaign = world.open_campaign(&org, of(assessment)).await;
    let asked = world.ask_all(&org, campaign.id, vec![member(&org.member)]).await.remove(0);
    world.work_off().await;
    world.takes(&org.member.ctx, asked.id.uuid(), CANARY).await;
    world.work_off().await;
    // The first attempt forgot what was said, and its process died before the participation went.
    let erase = || kernel::PersonalData::erase(&world.assessments.personal_data, org.member.account, None);
    erase().await.unwrap();
    let mut unit = unit(&world, Scope::Tenant(org.id)).await;
    let lost = Participation::of(org.member.account, org.id, origin_of(&asked), world.now());
    unit.put_participations(&[lost]).await.unwrap();
    unit.commit().await.unwrap();
    erase().await.unwrap();
    assert!(participations(&world, &org.member).await.is_empty());
    nothing_is_left_of(&world, &org, &[CANARY]).await;
}
