//! Whose it is: found when an address is proved, and forgotten when a person has his data erased.

use assessment_engine::{
    custom::{
        Assignment, Extra, Invitee, Participation, Terms, Unit,
        campaigns::{Asked, Choice},
        coaching_sessions::NewCoachingSession,
        interview_session::Origin,
        reading::{AssessmentFilter, CampaignFilter, ResultFilter},
    },
    session::{Minutes, Reason, Stage},
};
use audit::ports::EventLog as _;
use kernel::{Actor, Ctx, Delivery, Refusal as _, Scope, Store};
use serde_json::json;

use super::{
    asked::{address, all, email, member, name, of, receivers, stranger, token_of},
    world::{Office, Person, World},
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
    unit(world, Scope::Worker).await.asked_address(&email(address)).await.unwrap().len()
}

async fn erase(world: &World, person: &Person) {
    let version = world.identity.me.account(&person.ctx).await.unwrap().version();
    world.identity.me.erase(&person.ctx, version).await.unwrap();
}

async fn coached(
    world: &World,
    office: &Office,
    coachee: Invitee,
) -> kernel::Id<assessment_engine::custom::CoachingSession> {
    let assessment = world.assessment(office).await;
    let new = NewCoachingSession {
        coachee,
        title: name("Finding a role"),
        message: String::new(),
        choice: Choice::Own { assessment, version: None },
        terms: Terms::default(),
        scheduled_at: None,
        closes_at: None,
        extra: None,
    };
    world.assessing.coaching_sessions.arrange(&office.practitioner.ctx, office.id, new).await.unwrap().id
}

fn origin_of(assignment: &Assignment) -> Origin {
    Origin::Campaign { campaign: assignment.campaign, assignment: assignment.id }
}

#[tokio::test]
async fn who_registers_finds_what_he_took_as_a_guest() {
    let world = World::new();
    let (north, south) = (world.office("North Wind").await, world.office("South Wind").await);
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

    let listed = world.assessing.taking.mine(&cleo.ctx, &all()).await.unwrap().items;
    assert_eq!(listed.len(), 2);
    let refused = world.assessing.taking.view(&guest, session).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.sign_in_needed", "the pass is worth nothing any more");
    let refused = world.assessing.taking.open(&stranger(), &token_of(invited)).await.unwrap_err();
    assert_eq!(refused.code(), "assessment.sign_in_needed");
    assert!(world.assessing.taking.view(&cleo.ctx, session).await.is_ok());
}

#[tokio::test]
async fn an_address_that_has_an_account_is_found_at_once() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let cleo = world.person("cleo@example.net").await;
    let assessment = world.assessment(&office).await;
    let campaign = world.open_campaign(&office, of(assessment)).await;
    let asked = world.ask_all(&office, campaign.id, vec![address("CLEO@example.net")]).await.remove(0);
    assert_eq!(asked.invitee.account, None, "the answer does not tell");
    let coaching = coached(&world, &office, Invitee::address(email("cleo@example.net"), None)).await;
    let letters = world.work_off_twice().await;
    assert!(letters.iter().all(|mail| mail.to.eq_ignore_ascii_case("cleo@example.net")));
    assert_eq!(participations(&world, &cleo).await.len(), 2);
    assert_eq!(asked_addresses(&world, "cleo@example.net").await, 0);
    for origin in [asked.id.uuid(), coaching.uuid()] {
        assert!(world.assessing.taking.start(&cleo.ctx, origin).await.is_ok());
    }
}

#[tokio::test]
async fn a_new_address_brings_what_it_was_asked_for() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let cleo = world.person("cleo@example.net").await;
    let assessment = world.assessment(&office).await;
    let campaign = world.open_campaign(&office, of(assessment)).await;
    world.ask_all(&office, campaign.id, vec![address("cleo@new.example")]).await;
    world.work_off().await;
    assert!(participations(&world, &cleo).await.is_empty());
    let me = &world.identity.me;
    me.request_email_change(&cleo.ctx, email("cleo@new.example")).await.unwrap();
    let letters = world.work_off().await;
    let letter = letters.iter().find(|mail| mail.to == "cleo@new.example").unwrap();
    let link = letter.link.as_ref().unwrap().expose();
    let token = kernel::Secret::new(link.rsplit_once("token=").unwrap().1);
    me.confirm_email_change(&stranger(), &token).await.unwrap();
    world.work_off_twice().await;
    assert_eq!(participations(&world, &cleo).await.len(), 1);
}

#[tokio::test]
async fn who_is_asked_twice_in_a_campaign_keeps_both() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let assessment = world.assessment(&office).await;
    let campaign = world.open_campaign(&office, of(assessment)).await;
    let asked = world
        .ask_all(&office, campaign.id, vec![member(&office.member), address("member@north-wind.test")])
        .await;
    let letters = world.work_off_twice().await;
    assert_eq!(letters.len(), 4, "one each, delivered twice");
    assert_eq!(participations(&world, &office.member).await.len(), 1);
    assert_eq!(world.assignment(&office, &asked[1]).await.invitee.account, None);
    let as_guest = letters.iter().rfind(|mail| {
        let link = assessment_engine::custom::link::InvitationLink::read(token_of(mail).expose()).unwrap();
        link.origin == origin_of(&asked[1])
    });
    let guest = world.opens(as_guest.unwrap()).await;
    world.takes(&guest, asked[1].id.uuid(), CANARY).await;

    erase(&world, &office.member).await;
    world.work_off_twice().await;
    for one in &asked {
        let invitee = world.assignment(&office, one).await.invitee.clone();
        assert_eq!((invitee.account, invitee.email), (None, None));
    }
    nothing_is_left_of(&world, &office, &["member@north-wind", CANARY]).await;
}

/// Neither what is read nor the trail holds any of these words, and no key opens what was sealed.
async fn nothing_is_left_of(world: &World, office: &Office, words: &[&str]) {
    let (tenant, reading) = (system(Scope::Tenant(office.id)), &world.ports.reading);
    let mut left = Vec::new();
    let assessments = reading.assessments(&tenant, &AssessmentFilter::default(), &all()).await.unwrap().items;
    for assessment in assessments.iter().map(|assessment| assessment.id) {
        let filter = ResultFilter { assessment, campaign: None, run_by: None };
        left.push(format!("{:?}", reading.stored(&tenant, &filter, None, 100).await.unwrap()));
        left.push(format!("{:?}", reading.results(&tenant, &filter, &all()).await.unwrap().items));
    }
    let mut unit = unit(world, Scope::Tenant(office.id)).await;
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
    let office = world.office("North Wind").await;
    let assessment = world.assessment(&office).await;
    let campaign = world.open_campaign(&office, of(assessment)).await;
    let other = world.open_campaign(&office, of(assessment)).await;
    let reason = Reason::new("canary-health").unwrap();
    let extra = Some(Extra { minutes: Minutes::new(5).unwrap(), reason });
    let people = || {
        let cleo = Asked { extra: extra.clone(), ..address("cleo@example.net") };
        vec![cleo, member(&office.member)]
    };
    let done = world.ask_all(&office, campaign.id, people()).await;
    let begun = world.ask_all(&office, other.id, people()).await;
    let coaching =
        coached(&world, &office, Invitee::address(email("cleo@example.net"), Some(name("Canary Cleo"))))
            .await;
    world.work_off().await;
    let cleo = world.person("cleo@example.net").await;
    world.work_off().await;
    let session = world.takes(&cleo.ctx, done[0].id.uuid(), CANARY).await;
    world.takes(&office.member.ctx, done[1].id.uuid(), "what the member said").await;
    let running = world.assessing.taking.start(&cleo.ctx, begun[0].id.uuid()).await.unwrap().session.id;
    let item = assessment_engine::Slug::new("i2").unwrap();
    world
        .assessing
        .taking
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

    nothing_is_left_of(&world, &office, &["cleo@example", "Canary Cleo", "canary-health", CANARY]).await;
    assert!(world.storage.subject_keys(&sealed).await.unwrap().is_empty(), "nobody opens what was sealed");
    assert!(participations(&world, &cleo).await.is_empty());
    let mut unit = unit(&world, Scope::Tenant(office.id)).await;
    let scored = unit.interview_session(session).await.unwrap().unwrap();
    let result = unit.result_of(session).await.unwrap().unwrap();
    assert_eq!((scored.account, result.account), (None, None));
    assert_eq!(result.run.matched_category.as_deref(), Some("Ready"), "the scores stay");
    let voided = unit.interview_session(running).await.unwrap().unwrap();
    assert_eq!(voided.progress.status.stage(), Stage::Voided);
    drop(unit);

    // The member's is whole.
    let kept = world.assignment(&office, &done[1]).await;
    assert_eq!(kept.invitee.account, Some(office.member.account));
    assert!(world.assessing.taking.view(&office.member.ctx, kept.session.unwrap()).await.is_ok());
}

#[tokio::test]
async fn an_erasure_that_broke_off_goes_on() {
    let world = World::new();
    let office = world.office("North Wind").await;
    let assessment = world.assessment(&office).await;
    let campaign = world.open_campaign(&office, of(assessment)).await;
    let asked = world.ask_all(&office, campaign.id, vec![member(&office.member)]).await.remove(0);
    world.work_off().await;
    world.takes(&office.member.ctx, asked.id.uuid(), CANARY).await;
    world.work_off().await;
    // The first attempt forgot what was said, and its process died before the participation went.
    let delivery = Delivery {
        id: uuid::Uuid::nil(),
        topic: "account.erase".to_owned(),
        target_kind: "account".to_owned(),
        target_id: office.member.account.uuid(),
        organization: None,
        data: json!(null),
        occurred_at: world.now(),
        attempts: 1,
    };
    let belonging = assessment_engine::custom::belonging::Belonging::new(world.ports.clone());
    let react = || kernel::Reaction::react(&belonging, &delivery);
    react().await.unwrap();
    let mut unit = unit(&world, Scope::Tenant(office.id)).await;
    let lost = Participation::of(office.member.account, office.id, origin_of(&asked), world.now());
    unit.put_participation(&lost).await.unwrap();
    unit.commit().await.unwrap();
    react().await.unwrap();
    assert!(participations(&world, &office.member).await.is_empty());
    nothing_is_left_of(&world, &office, &[CANARY]).await;
}
